"""What a run shows while it goes on."""

import io
import json
from pathlib import Path

from costcheck.batch.events import Event, Failure, Outcome
from costcheck.batch.progress import Progress
from costcheck.text import log

FAILURE = Failure("03_model_size", "4", "KeyError: 'h100'", "cheap")
EVENTS = [
    Event("started", "02_entry_ticket", "cheap"),
    Event("done", "02_entry_ticket", "cheap", 0.61),
    Event("reused", "07_timeline", "cheap"),
    Event("started", "03_model_size", "cheap"),
    Event("failed", "03_model_size", "cheap", 1.0, FAILURE),
]
FAILED = "costcheck: not executed to its end: cheap: 03_model_size, cell 4: KeyError: 'h100'"
WARNED = r"costcheck: warning: no room in \x1b[31m\nred"


def show(**options):
    """Report what happens in a run of 8 notebooks in 20 scenarios."""
    with Progress(8, 20, **options) as progress:
        for event in EVENTS:
            progress.tell(event)
        progress.warn("no room in \x1b[31m\nred")
        progress.end(Outcome(True, executed=2, reused=1, failed=[FAILURE]), 2.0)
    return progress


def terminal(monkeypatch):
    """Make standard error a terminal, and return what it is sent."""
    written = io.StringIO()
    written.isatty = lambda: True
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", written)
    return written


LINES = ["1/160 cheap: 02_entry_ticket 0.6 s", "2/160 cheap: 07_timeline reused"]
LINES += ["3/160 cheap: 03_model_size 1.0 s FAILED", WARNED, FAILED]


def test_in_a_pipe_there_is_a_line_for_each_notebook_that_is_done(capsys):
    show()
    assert capsys.readouterr().err.splitlines() == LINES
    Progress(8).tell(EVENTS[1])  # a single run has no name
    assert capsys.readouterr().err == "1/8 02_entry_ticket 0.6 s\n"


def test_for_machines_there_is_one_object_a_line_and_nothing_else(capsys, monkeypatch):
    monkeypatch.setattr(log._asked, "as_json", True)
    show(log_json=True)
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    kinds = ["started", "done", "reused", "started", "failed", "warning", "summary"]
    assert [event["event"] for event in events] == kinds
    assert events[1] == {"event": "done", "notebook": "02_entry_ticket", "scenario": "cheap", "seconds": 0.61}
    assert (events[4]["cell"], events[4]["error"]) == ("4", "KeyError: 'h100'")
    assert events[-1] == {"event": "summary", "executed": 2, "reused": 1, "failed": 1, "seconds": 2.0}


def test_on_a_terminal_a_bar_counts_and_shows_what_is_running(monkeypatch):
    written = terminal(monkeypatch)
    with show() as progress:
        progress.tell(Event("started", "05_benchmarks", "dear [red]"))
    for words in ("3/160", "1 reused", "1 failed", "running: dear [red]: 05_benchmarks", FAILED, WARNED):
        assert words in written.getvalue()


def test_who_asked_for_quiet_sees_warnings_and_failures_only(monkeypatch):
    written = terminal(monkeypatch)
    monkeypatch.setattr(log._asked, "level", log.QUIET)
    show()
    assert written.getvalue().splitlines() == LINES[3:]


def test_a_run_that_is_stopped_tells_what_is_kept_and_how_to_go_on():
    progress, of_ones_own = Progress(8), Progress(8, kept=False)
    assert progress.stopped(Path("out"), fresh=False) == "no notebook was finished"
    for event in EVENTS:
        progress.tell(event)
        of_ones_own.tell(event)
    kept = "2 of 8 notebooks are finished and kept, in out"
    assert progress.stopped(Path("out"), fresh=False) == f"{kept}; the same command goes on from there"
    assert progress.stopped(Path("out"), fresh=True) == (
        f"{kept}; the same command without --fresh goes on from there"
    )
    assert of_ones_own.stopped(Path("out"), fresh=False) == kept
