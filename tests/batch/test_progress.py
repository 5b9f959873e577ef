"""What a run shows while it goes on."""

import io
import json
from pathlib import Path

import pytest

from costcheck.batch.events import Event, Failed, Outcome
from costcheck.batch.execution import Failure
from costcheck.batch.progress import Bar, Json, Lines, Plain, progress
from costcheck.text import log

FAILURE = Failure("03_model_size", "4", "KeyError: 'h100'")
EVENTS = [
    Event("started", "02_entry_ticket", "cheap"),
    Event("done", "02_entry_ticket", "cheap", 0.61),
    Event("reused", "07_timeline", "cheap"),
    Event("started", "03_model_size", "cheap"),
    Event("failed", "03_model_size", "cheap", 1.0, FAILURE),
]
OUTCOME = Outcome(True, executed=2, reused=1, failed=[Failed("cheap", FAILURE, None)])
FAILED = "costcheck: not executed to its end: cheap: 03_model_size, cell 4: KeyError: 'h100'"


def shown(kind, given=()):
    """Tell what has happened in a run of 8 notebooks in 20 scenarios."""
    with progress(8, 20, **dict(given)) as running:
        assert type(running) is kind
        for event in EVENTS:
            running.tell(event)
        running.warn("no room in \x1b[31m\nred")
        running.end(OUTCOME, 2.0)
    return running


@pytest.fixture
def level(monkeypatch):
    return lambda level: monkeypatch.setattr(log._asked, "level", level)


def terminal(monkeypatch):
    """Make standard error a terminal, and return what it is sent."""
    written = io.StringIO()
    written.isatty = lambda: True
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", written)
    return written


def test_in_a_pipe_there_is_a_line_for_each_notebook_that_is_done(capsys):
    shown(Lines)
    assert capsys.readouterr().err.splitlines() == [
        "1/160 cheap: 02_entry_ticket 0.6 s",
        "2/160 cheap: 07_timeline reused",
        "3/160 cheap: 03_model_size 1.0 s FAILED",
        r"costcheck: warning: no room in \x1b[31m\nred",
        FAILED,
    ]


def test_a_single_run_has_no_name_before_its_notebooks(capsys):
    lines = Lines(8)
    for event in EVENTS[:2]:
        lines.tell(event)
    assert capsys.readouterr().err == "1/8 02_entry_ticket 0.6 s\n"


def test_for_machines_there_is_one_object_a_line_and_nothing_else(capsys, monkeypatch):
    monkeypatch.setattr(log._asked, "as_json", True)
    shown(Json, {"log_json": True})
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    kinds = ["started", "done", "reused", "started", "failed", "warning", "summary"]
    assert [event["event"] for event in events] == kinds
    assert events[1] == {"event": "done", "notebook": "02_entry_ticket", "scenario": "cheap", "seconds": 0.61}
    assert (events[4]["cell"], events[4]["error"]) == ("4", "KeyError: 'h100'")
    assert events[-1] == {"event": "summary", "executed": 2, "reused": 1, "failed": 1, "seconds": 2.0}


def test_on_a_terminal_a_bar_counts_and_shows_what_is_running(monkeypatch):
    written = terminal(monkeypatch)
    running = shown(Bar)
    with running:
        running.tell(Event("started", "05_benchmarks", "dear [red]"))
    for words in ("3/160", "1 reused", "1 failed", "running: dear [red]: 05_benchmarks", FAILED):
        assert words in written.getvalue()
    assert r"costcheck: warning: no room in \x1b[31m\nred" in written.getvalue()


def test_who_asked_for_quiet_sees_no_progress_but_what_failed(monkeypatch, level):
    written = terminal(monkeypatch)
    level(log.QUIET)
    shown(Plain)
    assert written.getvalue().endswith(f"red\n{FAILED}\n")
    assert written.getvalue().count("\n") == 2


def test_who_asked_for_details_sees_lines_also_of_what_begins(monkeypatch, level):
    written = terminal(monkeypatch)
    level(log.VERBOSE)
    shown(Lines)
    assert written.getvalue().startswith("costcheck: started cheap: 02_entry_ticket\n")


def test_a_run_that_is_stopped_tells_what_is_kept_and_how_to_go_on():
    plain = Plain(8)
    assert plain.stopped(Path("out"), fresh=False) == "no notebook was finished"
    for event in EVENTS:
        plain.tell(event)
    assert plain.stopped(Path("out"), fresh=False) == (
        "2 of 8 notebooks are finished and kept, in out; "
        "the same command goes on from there and executes none of them again"
    )
    assert "; the same command without --fresh goes on" in plain.stopped(Path("out"), fresh=True)


def test_a_run_of_scenarios_that_is_stopped_names_the_first_that_are_complete():
    plain = Plain(2, 10)
    plain.tell(Event("reused", "01_training_time", "half"))
    assert "1 of 20 notebooks is finished and kept, in out; scenarios complete: none;" in (
        plain.stopped(Path("out"), fresh=False)
    )
    for name in "abcdefg":
        for notebook in ("01_training_time", "07_timeline"):
            plain.tell(Event("reused", notebook, name))
    assert "scenarios complete: a, b, c, d, e and 2 more;" in plain.stopped(Path("out"), fresh=False)


def test_nothing_is_promised_of_the_next_run_where_nothing_could_be_kept(capsys):
    warned, of_ones_own = Plain(8), progress(8, kept=False)
    warned.warn("nothing can be kept")
    for plain in (warned, of_ones_own):
        plain.tell(EVENTS[2])
        assert plain.stopped(Path("out"), fresh=False) == "1 of 8 notebooks is finished and kept, in out"
