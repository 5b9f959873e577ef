"""What is logged beside results."""

import json

import pytest

from costcheck.text import log


@pytest.fixture(autouse=True)
def _as_before():
    yield
    log.ask()


@pytest.mark.parametrize(
    ("level", "logged"),
    [
        (log.QUIET, ["costcheck: warning: w", "costcheck: e"]),
        (log.USUAL, ["costcheck: n", "costcheck: warning: w", "costcheck: e"]),
        (log.VERBOSE, ["costcheck: n", "costcheck: d", "costcheck: warning: w", "costcheck: e"]),
    ],
)
def test_as_much_is_logged_as_was_asked_for_and_errors_and_warnings_always(level, logged, capsys):
    log.ask(level)
    log.note("n")
    log.detail("d")
    log.warning("w")
    log.error("e", 2)
    assert capsys.readouterr().err.splitlines() == logged


def test_for_a_machine_everything_is_an_object_a_line(capsys):
    log.ask(log.VERBOSE, as_json=True)
    log.note("n")
    log.detail("d")
    log.warning("w")
    log.error("é", 2)
    assert [json.loads(line) for line in capsys.readouterr().err.splitlines()] == [
        {"event": "note", "text": "n"},
        {"event": "detail", "text": "d"},
        {"event": "warning", "error": "w"},
        {"event": "error", "error": "é", "status": 2},
    ]
