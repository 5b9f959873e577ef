"""What tests of faults share: commands in folders of their own, and the processes they leave."""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import filelock
import nbformat
import psutil
import pytest

PATIENCE = 300
"""Nothing here takes that long, on however busy a machine [second]."""
MARK = "COSTCHECK_TESTED_BY"
"""A variable that all processes of a test inherit, however far they are from it."""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
COSTCHECK = Path(sys.executable).with_name("costcheck")
RUN = ("run", "2", "--png", "--xlsx", "--parquet", "--set", "h100_usd=25000")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "fault(name): the fault that a test tries, as README.md's table names it"
    )


class Waiting:
    """A notebook that waits in its only cell until the test lets it go on."""

    def __init__(self, place: Place) -> None:
        pipes = [place.folder / name for name in ("arrivals", "permits")]
        for pipe in pipes:
            os.mkfifo(pipe)
        arrivals, permits = map(str, pipes)
        # open for both, so that neither end waits for the other
        self._arrivals, self._permits = (os.open(pipe, os.O_RDWR) for pipe in pipes)
        self.path = place.notebook(
            "waits",
            f"import os\nwith open({arrivals!r}, 'w') as pipe:\n    pipe.write(str(os.getpid()))\n"
            f"with open({permits!r}, 'rb', buffering=0) as pipe:\n    pipe.read(1)",
        )

    def kernel(self) -> int:
        """Return the process id of the next kernel to arrive in the cell."""
        assert select.select([self._arrivals], [], [], PATIENCE)[0], "no kernel has arrived in the cell"
        return int(os.read(self._arrivals, 100))

    def go_on(self) -> None:
        os.write(self._permits, b"x")


class Place:
    """A folder of a command's own: its output, its cache, its temporary files, its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.temporary, self.cache = folder / "temporary", folder / "cache"
        for made in (self.temporary, self.cache):
            made.mkdir()
        self.environment = {
            **os.environ,
            MARK: secrets.token_hex(8),
            "TMPDIR": str(self.temporary),
            "COSTCHECK_CACHE": str(self.cache),
        }

    def notebook(self, name: str, code: str) -> str:
        """Write a notebook of the user's own, which is executed in no time, and always anew."""
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata=kernel)
        nbformat.write(made, self.folder / f"{name}.ipynb")
        return f"./{name}.ipynb"

    def scenarios(self, count: int, *more: str) -> list[str]:
        """Return what runs notebook 1 at that many prices; 7, which takes none, and more once."""
        days = [28 + nth / count for nth in range(count)]
        (self.folder / "grid.yaml").write_text(f"grid:\n  days_in_month: {days}\n")
        return ["run", "1", "7", *more, "--scenarios", "grid.yaml", "--log-json"]

    def start(self, *arguments, prefix=(), ignored=(), **options) -> subprocess.Popen[str]:
        def as_from_a_shell():
            # who runs the tests may ignore signals, and their children would too
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        given = {"cwd": self.folder, "env": self.environment, "preexec_fn": as_from_a_shell}
        command = [*prefix, COSTCHECK, *map(str, arguments)]
        return subprocess.Popen(command, **{**pipes, **given, **options}, text=True, errors="replace")

    def run(self, *arguments, **options) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def until(self, process, event: str) -> None:
        """Read what ``--log-json`` writes up to an event."""
        assert any(json.loads(line)["event"] == event for line in process.stderr), f"nothing was {event}"

    def rest(self, process) -> list[dict]:
        """Wait for a command's end; return the events up to it, which are all that it writes."""
        with process:
            events = [json.loads(line) for line in process.stderr]
            process.communicate(timeout=PATIENCE)
        return events

    def processes(self) -> list[psutil.Process]:
        """All that live, children of whomever; those that have ended and were not waited for do not count."""
        alive = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get(MARK) == self.environment[MARK]
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return alive

    def all_ended(self) -> bool:
        """Wait until no process is left."""
        until = time.monotonic() + PATIENCE
        while left := self.processes():
            if time.monotonic() > until:
                print(*(f"left: {process}" for process in left), sep="\n")
                return False
            time.sleep(0.05)
        return True

    def leaves_nothing(self) -> bool:
        """Whether no process, no temporary file and no half-written file is left over."""
        for path in self.folder.rglob("*"):
            if path.suffix == ".ipynb":
                json.loads(path.read_bytes())
            elif path.suffix in (".svg", ".html"):
                assert path.read_text("utf-8").rstrip().endswith(("</svg>", "</html>", "-->")), path
        assert [*self.temporary.rglob("*"), *self.folder.rglob(".costcheck*")] == []
        return self.all_ended()


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    for process in made.processes():
        process.kill()


@pytest.fixture
def waiting(place) -> Waiting:
    return Waiting(place)


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """The folder of an undisturbed run of notebook 2, and beside it ``cache``, which it filled."""
    in_parallel = "PYTEST_XDIST_WORKER" in os.environ
    session = tmp_path_factory.getbasetemp().parent if in_parallel else tmp_path_factory.mktemp("session")
    folder = session / "ran"
    with filelock.FileLock(session / "ran.lock"):
        if not folder.exists():
            folder.mkdir()
            made = Place(folder)
            done = made.run(*RUN, "--out", made.out)
            assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture
def reused(place, ran) -> Place:
    """A folder for commands, with a cache that has notebook 2."""
    place.environment["COSTCHECK_CACHE"] = str(ran.with_name("cache"))
    return place
