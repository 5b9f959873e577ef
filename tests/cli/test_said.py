"""How much every command says beside its results, what a terminal shows and what a pipe."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from costcheck import cli
from costcheck.batch import runner
from costcheck.claims.loading import example
from costcheck.cli import process
from costcheck.cli import run as cli_run

pty = pytest.importorskip("pty", reason="pseudo-terminals need a POSIX system")

EXAMPLE = example("deepseek_v3")
SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios" / "by_year.csv"
NAMES = sorted(cli._parser()[1])
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_takes_quiet_and_verbose(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*name.split(), "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "--quiet" in said
    assert "--verbose" in said
    assert "Example: " in said


@pytest.mark.parametrize("arguments", [["--quiet", "check"], ["check", "--quiet"]])
def test_they_may_stand_before_the_command_or_behind_it(arguments, capsys):
    assert cli.main([*arguments, "--as-of", "2024-07-31", "--format", "csv"]) == cli.DONE
    out, err = capsys.readouterr()
    assert out.startswith("scenario,id")
    assert err == ""


def test_they_may_stand_before_a_command_of_two_words(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--verbose", "prices", "import", "--help"])
    assert "FILE_OR_ADDRESS" in capsys.readouterr().out


def test_without_quiet_the_quotes_used_are_noted(capsys):
    assert cli.main(["check", "--as-of", "2024-07-31", "--format", "csv"]) == cli.DONE
    assert "costcheck: h100_usd=36017.75 USD/GPU" in capsys.readouterr().err


def test_verbose_says_what_is_read_and_how_long_it_took_and_changes_no_result(capsys):
    arguments = ["check", str(EXAMPLE), "--format", "csv"]
    assert cli.main(arguments) == cli.DONE
    usual = capsys.readouterr()
    assert cli.main([*arguments, "--verbose"]) == cli.DONE
    verbose = capsys.readouterr()
    assert usual.err == ""
    assert usual.out == verbose.out
    assert re.search(r"^costcheck: reads .*deepseek_v3\.yaml$", verbose.err, re.MULTILINE)
    assert re.search(r"^costcheck: check: \d+\.\d\d s$", verbose.err, re.MULTILINE)


@pytest.mark.parametrize("other", ["--verbose", "--log-json"])
def test_quiet_contradicts_what_says_more(other, capsys):
    assert cli.main(["run", "--quiet", other]) == cli.WRONG_INPUT
    assert f"--quiet and {other} do not go together" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["run", "--log-json", "nonesuch"], cli.WRONG_INPUT),
        (["run", "--log-json", "--jbos", "3"], cli.WRONG_INPUT),
        (["run", "--log-json", "7", "--out", "/dev/null/x"], cli.NOT_EXECUTED),
    ],
)
def test_what_ends_a_run_is_an_object_too_where_a_machine_reads(arguments, status, capsys):
    assert cli.main(arguments) == status
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (told[-1]["event"], told[-1]["status"]) == ("error", status)
    assert told[-1]["error"]


def test_an_error_is_said_in_quiet_too(capsys):
    assert cli.main(["check", "--quiet", "--set", "nonesuch=1"]) == cli.WRONG_INPUT
    assert "unknown price 'nonesuch'" in capsys.readouterr().err


def on_a_terminal(arguments, tmp_path, *, until=None, both=False, **more):
    """Run a command whose standard error is a terminal; interrupt it from there once something is shown.

    Args:
        both: Whether its standard output is the terminal too.
        more: Of its environment.

    Returns:
        Its status, what the terminal was sent, and how long it went on after the interrupt.
    """
    ours, theirs = pty.openpty()
    # the cache of its own, so that it has something to do
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "COSTCHECK_CACHE": str(tmp_path / "cache")}
    environment |= more
    with subprocess.Popen(
        [sys.executable, "-m", "costcheck", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs if both else subprocess.DEVNULL,
        stderr=theirs,
        cwd=tmp_path,
        env=environment,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as running:
        os.close(theirs)
        shown, since = b"", None
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # nobody has the other end open any more
                break
            if not piece:
                break
            shown += piece
            if until and since is None and re.search(until, shown):
                since = time.monotonic()
                running.send_signal(signal.SIGINT)
        status = running.wait()
    os.close(ours)
    return status, shown.decode(), time.monotonic() - since if since else None


@pytest.mark.slow
def test_on_a_terminal_a_run_shows_a_bar_with_what_is_running(tmp_path):
    status, shown, _ = on_a_terminal(["run", "1", "7"], tmp_path)
    assert status == cli.DONE
    assert "\x1b[" in shown
    assert re.search(r"running: .*0[17]_\w+", shown)
    assert "2/2" in shown
    assert "left" in shown
    assert shown.rstrip().endswith("\x1b[2K") or "\x1b[?25h" in shown  # the cursor is back


@pytest.mark.slow
def test_on_a_terminal_no_command_obeys_the_name_of_a_file(tmp_path):
    folder = tmp_path / "\x1b]0;title\x07\x9b31m\u202ered\r"
    folder.mkdir()
    out, mine, cache = (str(folder / name) for name in ("out", "mine.yaml", "cache"))
    status, shown, _ = on_a_terminal(["run", "7", "--out", out], tmp_path, both=True)
    said = [(status, shown)]
    for arguments in (
        *(["report", out], ["new", mine], ["check", f"{mine}x"], ["cache"], ["cache", "prune", "--all"]),
        ["prices", "h100_usd", "--plot", f"{folder}/h100.svg"],
    ):
        status, shown, _ = on_a_terminal(arguments, tmp_path, both=True, COSTCHECK_CACHE=cache)
        said.append((status, shown))
    assert [status for status, _ in said] == [0, 0, 0, 2, 0, 0, 0]
    for _, shown in said:
        assert "title\x07" not in shown
        assert not set(shown) & {"\x9b", "\u202e"}
        assert r"\x1b]0;title\x07\x9b31m\u202ered\r" in shown.replace("\r\n", "")


@pytest.mark.slow
def test_in_a_pipe_there_is_no_control_character(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "costcheck", "run", "7", "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ended.stderr.startswith("1/1 07_timeline")
    assert not CONTROL.search(ended.stderr)
    assert not CONTROL.search(ended.stdout)


@pytest.mark.slow
def test_an_interrupt_while_kernels_start_ends_a_run_at_once_and_gives_the_terminal_back(tmp_path):
    status, shown, seconds = on_a_terminal(["run", "--fresh"], tmp_path, until=rb"running: ")
    assert status == cli.INTERRUPTED
    assert seconds < 4  # half a second where the machine is not busy
    assert "costcheck: stopped; no notebook was finished" in shown
    assert "\x1b[?25h" in shown
    assert "Traceback" not in shown


def test_a_console_of_windows_is_left_to_python_which_writes_what_it_shows(monkeypatch):
    class Console(io.StringIO):
        errors_are = None

        def isatty(self):
            return True

        def reconfigure(self, errors):
            self.errors_are = errors

    out, err = Console(), Console()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        patched.setattr(os, "name", "nt")
        made, left = process._open_streams(), (sys.stdout, sys.stderr)
    assert (made, left) == ({}, (out, err))
    assert out.errors_are == err.errors_are == "backslashreplace"


def test_in_a_pipe_a_sweep_says_nothing_of_how_far_it_is(capsys):
    assert cli.main(["sensitivity", "Z51", "--samples", "1000"]) == cli.DONE
    assert capsys.readouterr().err == ""


def test_a_file_that_is_begun_is_not_spoken_of_in_quiet(tmp_path, capsys):
    assert cli.main(["new", str(tmp_path / "mine.yaml"), "--quiet"]) == cli.DONE
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "mine.yaml").exists()


def test_what_kernels_warn_of_is_an_object_too_where_a_machine_reads(tmp_path, capsys, monkeypatch):
    def warn(*given, **named):
        logging.getLogger("costcheck").warning("costcheck: ordinary kernels are used: %s", "why")
        return runner.Outcome(several=True)

    monkeypatch.setattr(runner, "run", warn)
    arguments = ["run", "--log-json", "--scenarios", str(SCENARIOS), "--out", str(tmp_path)]
    monkeypatch.setattr(cli_run, "_print_several", lambda *given: None)
    monkeypatch.setattr(cli_run, "_report", lambda *given: True)
    assert cli.main(arguments) == cli.DONE
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert told[0] == {"event": "warning", "error": "ordinary kernels are used: why"}


@pytest.mark.slow
def test_a_long_sweep_shows_how_far_it_is(tmp_path):
    arguments = ["sensitivity", "Z51", "--samples", "60000000"]
    status, shown, _ = on_a_terminal(arguments, tmp_path, until=rb"of 60,000,000 scenarios, ")
    assert (status, "costcheck: stopped" in shown) == (cli.INTERRUPTED, True)
    assert "Traceback" not in shown
