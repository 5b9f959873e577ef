"""What a run says while it goes on."""

import io
import json

from costcheck.batch.execution import Failure
from costcheck.batch.progress import Bar, Json, Lines, progress
from costcheck.run import Event, Failed, Outcome

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
    with progress(160, several=True, log_json=False) as told:
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
    Lines(8, several=False).tell(EVENTS[1])
    assert capsys.readouterr().err == "1/8 02_entry_ticket 0.6 s\n"


def test_for_machines_there_is_one_object_a_line_and_nothing_else(capsys):
    with progress(160, several=True, log_json=True) as told:
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


def test_on_a_terminal_a_bar_counts_what_is_done_reused_failed_and_running(monkeypatch):
    written = Terminal()
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", written)
    with progress(160, several=True, log_json=False) as told:
        assert isinstance(told, Bar)
        for event in [*EVENTS, Event("started", "04_context_and_data", "cheap")]:
            told.tell(event)
        told.warn("no room")
    said = written.getvalue()
    assert "1 done, 1 reused, 1 failed, 1 running" in said
    assert "jobs/s" in said
    assert "3/160" in said
    assert "costcheck: warning: no room" in said
