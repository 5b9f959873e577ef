"""How much every command logs, what a terminal shows and what a pipe."""

import json
import os
import re
import subprocess
import sys

import pytest

from costcheck import cli
from costcheck.claims.loading import example
from costcheck.cli.options import COMMANDS

pty = pytest.importorskip("pty", reason="pseudo-terminals need a POSIX system")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_quiet_and_verbose_and_has_an_example(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--verbose", *name.split(), "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(part in text for part in ("--quiet", "--verbose", "Example: "))


@pytest.mark.parametrize("words", [["--quiet", "sensitivity"], ["sensitivity", "--quiet"], ["sensitivity"]])
def test_quiet_may_stand_anywhere_and_a_pipe_shows_no_progress(words, tmp_path, capsys):
    plot = tmp_path / "z51.svg"
    assert cli.main([*words, "Z51", "--format", "csv", "--plot", str(plot)]) == cli.DONE
    assert capsys.readouterr().err == ("" if "--quiet" in words else f"costcheck: drawn: {plot}\n")


def test_verbose_logs_what_is_read_and_how_long_it_took_and_changes_no_result(capsys):
    arguments = ["check", str(example("deepseek_v3")), "--format", "csv"]
    assert cli.main(arguments) == cli.DONE
    usual = capsys.readouterr()
    assert cli.main([*arguments, "--verbose"]) == cli.DONE
    verbose = capsys.readouterr()
    assert (usual.err, usual.out) == ("", verbose.out)
    assert re.search(r"^costcheck: reads .*deepseek_v3\.yaml$", verbose.err, re.MULTILINE)
    assert re.search(r"^costcheck: check: \d+\.\d\d s$", verbose.err, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--jbos", "3"], cli.WRONG_INPUT), (["7", "--out", "/dev/null/x"], cli.NOT_EXECUTED)],
)
def test_what_ends_a_run_is_an_object_too_where_a_machine_reads(arguments, status, capsys):
    assert cli.main(["run", "--log-json", *arguments]) == status
    *_, last = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (last["event"], last["status"], bool(last["error"])) == ("error", status, True)


def on_a_terminal(arguments, folder, **environment):
    """Run a command on a terminal: its status and what was shown."""
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm", "COLUMNS": "100", "COSTCHECK_CACHE": str(folder / "cache")} | environment
    with subprocess.Popen(
        [sys.executable, "-m", "costcheck", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=os.environ | environment,
    ) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # nobody has the other end open any more
                break
            shown += piece
        status = running.wait()
    os.close(ours)
    return status, shown.decode()


@pytest.mark.slow
def test_on_a_terminal_a_run_shows_a_bar_and_no_command_obeys_the_name_of_a_file(tmp_path):
    folder = tmp_path / "\x1b]0;title\x07\x9b31m\u202ered\r"
    folder.mkdir()
    out, mine, cache = (str(folder / name) for name in ("out", "mine.yaml", "cache"))
    status, text = on_a_terminal(["run", "7", "--out", out], tmp_path)
    assert re.search(r"running: .*07_\w+", text)
    assert "1/1" in text
    assert "\x1b[?25h" in text  # the cursor is back
    results = [(status, text)]
    for arguments in (["new", mine], ["check", f"{mine}x"], ["cache", "prune"]):
        results.append(on_a_terminal(arguments, tmp_path, COSTCHECK_CACHE=cache))
    assert [status for status, _ in results] == [0, 0, 2, 0]
    for _, text in results:
        assert "title\x07" not in text
        assert not set(text) & {"\x9b", "\u202e"}
        assert r"\x1b]0;title\x07\x9b31m\u202ered\r" in text.replace("\r\n", "")
