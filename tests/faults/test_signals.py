"""Whatever signal ends a command, and whoever stops reading it: a clean end, and what is finished is kept."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow
COSTCHECK = [sys.executable, "-m", "costcheck"]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PATIENCE = 120
"""Nothing here takes that long, on however busy a machine [second]."""
WHOLE = {
    "report.html",
    "results.csv",
    "prices.csv",
    "results.parquet",
    "results.xlsx",
    "notebooks",
    "figures",
}


class Place:
    """A folder of a command's own: its output, its cache, its temporary files."""

    def __init__(self, folder: Path, marked) -> None:
        self.folder, self.out, self._marked = folder, folder / "out", marked
        self._temporary, self._cache = folder / "temporary", folder / "cache"
        for made in (self._temporary, self._cache):
            made.mkdir(exist_ok=True)
        self.environment = {
            **marked.environment,
            "TMPDIR": str(self._temporary),
            "COSTCHECK_CACHE": str(self._cache),
        }

    def keep(self, cache: Path) -> None:
        """Use a cache that others have filled: nothing is executed that it has."""
        self.environment["COSTCHECK_CACHE"] = str(cache)

    def start(self, *arguments, ignored=(), **options) -> subprocess.Popen[str]:
        def as_from_a_shell():
            # who runs the tests may ignore signals, and their children would too
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        return subprocess.Popen(
            [*COSTCHECK, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            preexec_fn=as_from_a_shell,
            **options,
        )

    def run(self, *arguments, **options) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def left(self) -> list[Path]:
        """Whatever a command should not have left: temporary files, and files that are not whole."""
        found = [*self._temporary.rglob("*"), *self.folder.rglob(".costcheck-*")]
        for path in self.folder.rglob("*"):
            if path.suffix in (".ipynb", ".json") and path.is_file():
                try:
                    json.loads(path.read_bytes())
                except ValueError:
                    found.append(path)
            elif path.suffix in (".svg", ".html") and path.is_file():
                text = path.read_text("utf-8").rstrip()
                if not text.endswith(("</svg>", "-->")):
                    found.append(path)
        return found

    def hold(self) -> None:
        """Fail if a process or a file is left over."""
        assert self._marked.gone()
        assert self.left() == []


@pytest.fixture
def place(tmp_path, marked):
    return Place(tmp_path, marked)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run's folder, for commands that read one, and beside it the cache that it filled."""
    folder = tmp_path_factory.mktemp("ran")
    env = {**os.environ, "COSTCHECK_CACHE": str(folder / "cache")}
    subprocess.run(
        [*COSTCHECK, "run", "7", "--out", folder / "out"], check=True, capture_output=True, env=env
    )
    return folder / "out"


def grid(folder: Path, count: int = 60) -> Path:
    """So many scenarios that a run cannot be through before it is stopped, however busy the machine is."""
    path = folder / "grid.yaml"
    path.write_text(f"grid:\n  days_in_month: {[28 + nth / count for nth in range(count)]}\n")
    return path


def long_run(place: Place) -> list[object]:
    chosen = ["run", "1", "7", "--jobs", "2", "--log-json", "--scenarios", grid(place.folder)]
    return [*chosen, "--out", place.out]


def until(process: subprocess.Popen[str], event: str) -> None:
    """Read what a run says until something happens."""
    for line in process.stderr:
        if json.loads(line)["event"] == event:
            return
    raise AssertionError(f"it ended before anything was {event}")


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP during a run")
@pytest.mark.parametrize(
    ("number", "event", "group"),
    [
        pytest.param(signal.SIGINT, "started", False, id="Ctrl-C while a kernel starts"),
        pytest.param(signal.SIGINT, "done", True, id="Ctrl-C to the whole group"),
        pytest.param(signal.SIGTERM, "done", False, id="SIGTERM"),
        pytest.param(signal.SIGHUP, "done", True, id="SIGHUP to the whole group"),
    ],
)
def test_a_signal_ends_a_run_with_its_status_and_keeps_what_is_finished(number, event, group, place):
    with place.start(*long_run(place), start_new_session=group) as process:
        until(process, event)
        os.killpg(process.pid, number) if group else process.send_signal(number)
        _, error = process.communicate(timeout=PATIENCE)
    said = [json.loads(line) for line in error.splitlines()]
    assert process.returncode == 128 + number
    assert (said[-1]["event"], said[-1]["status"]) == ("error", 128 + number)
    by = "" if number == signal.SIGINT else rf" \({number.name}\)"
    finished = r"\d+ of \d+ notebooks (is|are) finished and kept" if event == "done" else ".*finished"
    assert re.match(rf"stopped{by}; {finished}", said[-1]["error"])
    assert [one["event"] for one in said].count("error") == 1
    place.hold()


@pytest.mark.fault("a signal twice in a row")
@pytest.mark.parametrize("pause", [0, 0.1])
def test_a_second_signal_at_once_changes_nothing(pause, place):
    with place.start(*long_run(place)) as process:
        until(process, "done")
        process.send_signal(signal.SIGINT)
        time.sleep(pause)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=PATIENCE)
    said = [json.loads(line) for line in error.splitlines()]
    assert process.returncode in (
        130,
        143,
    )  # where both came before Python looked, it sees the one or the other
    assert "Traceback" not in error
    assert "finished and kept" in said[-1]["error"]
    place.hold()


SWALLOWED = """
import os, signal, sys, time
from costcheck.cli import process
class Late:
    def __del__(self, sleep=time.sleep):
        sleep(0.3)  # Python has given up its handlers of signals by then
late = Late()
class Swallowing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
def command(arguments):
    Swallowing()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)  # as compiled code does besides
    return 0
sys.exit(process.run(command))
"""


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP at a random moment")
def test_a_signal_that_was_swallowed_as_a_command_came_to_its_end_does_no_more():
    done = subprocess.run([sys.executable, "-c", SWALLOWED], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")


OTHERS = {
    "check": ["check"],
    "run": ["run", "7", "--fresh", "--out", "{out}"],
    "run from the cache": ["run", "7", "--out", "{out}"],
    "report": ["report", "{ran}", "--out", "page.html"],
    "compare": ["compare", "{ran}", "{ran}", "--plot", "compared.svg"],
    "sensitivity": ["sensitivity", "Z51", "--plot", "tornado.svg"],
    "new": ["new", "mine.yaml"],
}


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP at a random moment")
@pytest.mark.parametrize("command", OTHERS)
def test_a_signal_at_any_moment_ends_a_command_without_a_traceback(command, place, ran, tries):
    arguments = [word.format(out=place.out, ran=ran) for word in OTHERS[command]]
    if "--fresh" not in arguments:
        place.keep(ran.with_name("cache"))
    since = time.monotonic()
    assert place.run(*arguments).returncode == 0
    took = time.monotonic() - since
    for path in place.folder.iterdir():
        if path.is_file():
            path.unlink()
    for number in SIGNALS:
        with place.start(*arguments) as process:
            time.sleep(random.uniform(0, took))
            process.send_signal(number)
            _, error = process.communicate(timeout=PATIENCE)
        told = (process.returncode, error)
        # until it has handed over to the command, Python ends as it does: nothing of ours has begun then
        pythons_own = process.returncode in (-number, 1) and "costcheck/cli" not in error
        assert process.returncode in (0, 128 + number) or pythons_own, told
        assert "Traceback" not in error or pythons_own, told
        place.hold()
        for path in place.folder.glob("mine.yaml"):
            path.unlink()
    tries(len(SIGNALS))


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP while an address does not answer")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_an_import_from_an_address_that_does_not_answer(number, place):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/rates.csv"
        with place.start("prices", "import", "ecb", address, "--book", "mine.csv", "--yes") as process:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                process.send_signal(number)
                _, error = process.communicate(timeout=PATIENCE)
    named = "" if number == signal.SIGINT else f" ({number.name})"
    assert (process.returncode, error) == (128 + number, f"costcheck: stopped{named}\n")
    assert not (place.folder / "mine.csv").exists()
    place.hold()


@pytest.mark.fault("SIGTERM, SIGHUP to the calculator and the lab")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["app", "lab"])
def test_a_signal_ends_a_server_and_leaves_nothing(command, number, place, free_port):
    with place.start(command, "--no-browser", "--port", free_port()) as process:
        assert any("http:" in line for line in process.stdout)
        process.send_signal(number)
        _, error = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in error
    # to be told to stop is how a server ends; a terminal that hangs up is another matter
    assert process.returncode in (0, 128 + number)
    place.hold()


@pytest.mark.fault("nohup")
def test_a_hangup_that_is_to_be_ignored_is(place):
    with place.start("run", "7", "--log-json", "--out", place.out, ignored=[signal.SIGHUP]) as process:
        until(process, "started")
        process.send_signal(signal.SIGHUP)
        _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, error
    assert {path.name for path in place.out.iterdir()} == WHOLE
    place.hold()


@pytest.mark.fault("Ctrl-Z, and going on")
def test_a_run_that_was_suspended_goes_on(place):
    with place.start("run", "7", "--log-json", "--out", place.out, start_new_session=True) as process:
        until(process, "started")
        os.kill(process.pid, signal.SIGSTOP)  # SIGTSTP does nothing to a group without a shell
        psutil_wait(process.pid, psutil.STATUS_STOPPED)
        os.kill(process.pid, signal.SIGCONT)
        _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, error
    assert {path.name for path in place.out.iterdir()} == WHOLE
    place.hold()


def psutil_wait(pid: int, status: str) -> None:
    end = time.monotonic() + PATIENCE
    while psutil.Process(pid).status() != status:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.fault("a closed pipe (head -1)")
@pytest.mark.parametrize("closed", ["stdout", "both"])
@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        pytest.param(["check"], set(), id="check"),
        pytest.param(["run", "7", "--log-json", "--out", "out"], {"out"}, id="run"),
        pytest.param(["sensitivity", "Z51", "--plot"], {"tornado.svg"}, id="sensitivity"),
        pytest.param(["compare", "{ran}", "{ran}", "--plot"], {"compared.svg"}, id="compare"),
        pytest.param(["prices", "h100_usd", "--plot"], {"h100_usd.svg"}, id="prices"),
        pytest.param(["new", "mine.yaml"], {"mine.yaml"}, id="new"),
        pytest.param(["report", "{ran}", "--out", "page.html"], {"page.html"}, id="report"),
    ],
)
def test_without_a_reader_a_command_does_what_else_it_was_asked_for(arguments, written, closed, place, ran):
    place.keep(ran.with_name("cache"))
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "wb") as nobody:
        streams = {"stdout": nobody, **({"stderr": subprocess.STDOUT} if closed == "both" else {})}
        ended = place.run(*(word.format(ran=ran) for word in arguments), **streams)
    assert ended.returncode == 0
    if closed == "stdout":
        assert not re.search("Traceback|rror", ended.stderr)
    assert {path.name for path in place.folder.iterdir()} - {"temporary", "cache"} == written
    if place.out.exists():
        assert {path.name for path in place.out.iterdir()} == WHOLE
    place.hold()


@pytest.mark.fault("a closed pipe (head -1)")
def test_the_first_line_is_all_that_head_needs(place):
    line = f"{' '.join(COSTCHECK)} check --format csv | head -1; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", line], env=place.environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr, ended.stdout.count("\n")) == (0, "", 1)


@pytest.mark.fault("standard streams closed from the start")
@pytest.mark.parametrize(
    ("closing", "status", "said"),
    [
        (">&-", 1, "costcheck: standard output: Bad file descriptor\n"),
        ("2>&-", 0, ""),
        ("<&-", 0, ""),
        ("<&- >&- 2>&-", 1, ""),
    ],
)
def test_a_stream_that_is_closed_costs_no_file(closing, status, said, place, ran):
    if "2" not in closing:  # with all of them closed a kernel is started too
        place.keep(ran.with_name("cache"))
    line = f"{' '.join(COSTCHECK)} run 7 --quiet --out out {closing}"
    ended = subprocess.run(["bash", "-c", line], env=place.environment, cwd=place.folder, capture_output=True)
    assert (ended.returncode, ended.stderr.decode()) == (status, said)
    assert {path.name for path in place.out.iterdir()} == WHOLE
    for path in place.out.rglob("*"):  # what is printed has not gone into a file that took a stream's number
        assert path.is_dir() or b"recomputed  " not in path.read_bytes()
    place.hold()


@pytest.mark.fault("a standard output that does not wait for its reader")
def test_a_pipe_that_does_not_block_loses_nothing(place):
    expected = place.run("check", "--format", "json").stdout
    reads, writes = os.pipe()
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writes, False)
    with place.start("check", "--format", "json", stdout=writes) as process:
        os.close(writes)
        psutil_wait(process.pid, psutil.STATUS_SLEEPING)
        with open(reads, encoding="utf-8") as slow:
            found = slow.read()
        _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (0, "")
    assert found == expected


class Terminal:
    """A terminal of a command's own, in a session of its own."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self.shown = b""

    def begin(self) -> None:
        """Make it the terminal of the process that calls this."""
        os.setsid()
        import termios

        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    def read(self, pattern: bytes | None = None) -> None:
        """Read until something is shown, or nobody has the terminal open any more."""
        while pattern is None or not re.search(pattern, self.shown):
            try:
                piece = os.read(self.ours, 65536)
            except OSError:  # the other end was closed
                piece = b""
            if not piece:
                assert pattern is None, self.shown
                return
            self.shown += piece


def on_a_terminal(command, place: Place, terminal: Terminal) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command,
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        cwd=place.folder,
        env={**place.environment, "TERM": "xterm", "COLUMNS": "100"},
        preexec_fn=terminal.begin,
    )
    os.close(terminal.theirs)
    return process


@pytest.mark.fault("a terminal that vanishes")
@pytest.mark.parametrize("nohup", [False, True], ids=["", "under nohup"])
def test_a_terminal_that_vanishes_ends_a_run_unless_it_is_to_be_ignored(nohup, place):
    terminal = Terminal()
    command = [*COSTCHECK, "run", "7", "--out", "out"]
    # Python, not a shell: that would hang up on its jobs itself
    ignore = "import os, signal as s, sys; s.signal(s.SIGHUP, s.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    with on_a_terminal([sys.executable, "-c", ignore, *command] if nohup else command, place, terminal) as it:
        terminal.read(b"running: ")
        os.close(terminal.ours)
        assert it.wait(PATIENCE) == (0 if nohup else 129)
    if nohup:
        assert {path.name for path in place.out.iterdir()} == WHOLE
    place.hold()


@pytest.mark.fault("a run in the background that writes to a terminal")
def test_a_run_in_the_background_of_a_terminal_comes_to_its_end(place, ran):
    place.keep(ran.with_name("cache"))
    terminal = Terminal()
    line = f"set -m; {' '.join(COSTCHECK)} run 7 --out out & wait $!; echo status $?"
    with on_a_terminal(["bash", "-c", line], place, terminal) as it:
        terminal.read(rb"status \d+")
        terminal.read()
        it.wait(PATIENCE)
    os.close(terminal.ours)
    assert b"status 0" in terminal.shown
    assert b"Traceback" not in terminal.shown
    assert {path.name for path in place.out.iterdir()} == WHOLE
    place.hold()
