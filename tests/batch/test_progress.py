"""What a run says while it goes on."""

import io
import json
import re
from pathlib import Path

from costcheck.batch.events import Event, Failed, Outcome
from costcheck.batch.execution import Failure
from costcheck.batch.progress import Bar, Json, Lines, Plain, progress
from costcheck.text import log

FAILURE = Failure("03_model_size", "4", "KeyError: 'h100'")
EVENTS = [
    Event("started", "02_entry_ticket", "cheap"),
    Event("done", "02_entry_ticket", "cheap", 0.61, first=True),
    Event("reused", "07_timeline", "cheap"),
    Event("started", "03_model_size", "cheap"),
    Event("failed", "03_model_size", "cheap", 1.0, FAILURE, first=True),
]
OUTCOME = Outcome(True, executed=2, reused=1, failed=[Failed("cheap", FAILURE, None)])


def test_in_a_pipe_there_is_one_line_a_job(capsys):
    with progress(8, 20) as told:
        assert isinstance(told, Lines)
        for event in EVENTS:
            told.tell(event)
        told.end(OUTCOME, 2.0)
    assert capsys.readouterr().err.splitlines() == [
        "1/160 cheap: 02_entry_ticket 0.6 s",
        "2/160 cheap: 07_timeline reused",
        "3/160 cheap: 03_model_size 1.0 s FAILED",
        "costcheck: not executed to its end: cheap: 03_model_size, cell 4: KeyError: 'h100'",
    ]


def test_a_single_run_has_no_name_before_its_notebooks(capsys):
    lines = Lines(8)
    lines.tell(EVENTS[0])
    lines.tell(EVENTS[1])
    assert capsys.readouterr().err == "1/8 02_entry_ticket 0.6 s\n"


def test_for_machines_there_is_one_object_a_line_and_nothing_else(capsys):
    with progress(8, 20, log_json=True) as told:
        assert isinstance(told, Json)
        for event in EVENTS:
            told.tell(event)
        told.warn("no room")
        told.end(OUTCOME, 2.0)
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["event"] for one in said] == [
        "started",
        "done",
        "reused",
        "started",
        "failed",
        "warning",
        "summary",
    ]
    assert said[1] == {"event": "done", "notebook": "02_entry_ticket", "scenario": "cheap", "seconds": 0.61}
    assert (said[4]["cell"], said[4]["error"]) == ("4", "KeyError: 'h100'")
    assert said[-1] == {"event": "summary", "executed": 2, "reused": 1, "failed": 1, "seconds": 2.0}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal(monkeypatch):
    """Make standard error a terminal, and return what it is sent."""
    written = Terminal()
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", written)
    return written


def test_on_a_terminal_a_bar_counts_and_says_what_is_running_how_fast_and_how_long_yet(monkeypatch):
    shown = terminal(monkeypatch)
    with progress(8, 20) as told:
        assert isinstance(told, Bar)
        for event in [*EVENTS, Event("started", "04_context_and_data", "cheap")]:
            told.tell(event)
        told.warn("no room in \x1b[31m\nred")
        told._since -= 9
        told.tell(Event("done", "04_context_and_data", "cheap", 1.0, first=True))
        told.tell(Event("started", "05_benchmarks", "dear [red]"))
    said = shown.getvalue()
    assert "4/160" in said
    # three of 160 took nine seconds, one came from the cache
    assert re.search(r"0\.3/s  5:[0-9]{2} left|0\.3/s  [67]:[0-9]{2} left", said)
    assert "1 reused" in said
    assert "1 failed" in said
    assert "running: dear [red]: 05_benchmarks" in said
    assert r"costcheck: warning: no room in \x1b[31m\nred" in said


def test_who_asked_for_quiet_sees_no_progress_but_what_failed(monkeypatch):
    shown = terminal(monkeypatch)
    monkeypatch.setattr(log._asked, "level", log.QUIET)
    with progress(8, 20) as told:
        assert type(told) is Plain
        for event in EVENTS:
            told.tell(event)
        assert shown.getvalue() == ""
        told.end(OUTCOME, 2.0)
    assert "03_model_size, cell 4: KeyError: 'h100'" in shown.getvalue()


def test_who_asked_for_details_sees_lines_also_of_what_begins(monkeypatch):
    shown = terminal(monkeypatch)
    monkeypatch.setattr(log._asked, "level", log.VERBOSE)
    with progress(8, 20) as told:
        assert isinstance(told, Lines)
        told.tell(EVENTS[0])
    assert shown.getvalue() == "costcheck: started cheap: 02_entry_ticket\n"


def test_a_run_that_is_stopped_says_what_is_kept_and_how_to_go_on():
    told = Plain(8)
    assert told.stopped(Path("out"), fresh=False) == "no notebook was finished"
    for event in EVENTS:
        told.tell(event)
    assert told.stopped(Path("out"), fresh=False) == (
        "2 of 8 notebooks are finished and kept, in out; "
        "the same command goes on from there and executes none of them again"
    )
    assert "; the same command without --fresh goes on" in told.stopped(Path("out"), fresh=True)


def test_a_stopped_batch_names_the_scenarios_that_are_complete():
    told = Plain(1, 20)
    assert "scenarios" not in told.stopped(Path("out"), fresh=False)
    for name in "abcdefg":
        told.tell(Event("reused", "01_training_time", name))
    assert (
        "7 of 20 notebooks are finished and kept, in out; scenarios complete: a, b, c, d, e and 2 more;"
        in (told.stopped(Path("out"), fresh=False))
    )
    half = Plain(2, 2)
    half.tell(Event("reused", "01_training_time", "a"))
    assert "scenarios complete: none" in half.stopped(Path("out"), fresh=False)


def test_nothing_is_promised_of_the_next_run_where_nothing_could_be_kept(capsys):
    told = Plain(8)
    told.tell(EVENTS[2])
    told.warn("nothing can be kept")
    assert told.stopped(Path("out"), fresh=False) == "1 of 8 notebooks is finished and kept, in out"
    of_ones_own = progress(1, kept=False)
    of_ones_own.tell(EVENTS[2])
    assert of_ones_own.stopped(Path("out"), fresh=False) == "1 of 1 notebooks is finished and kept, in out"
