"""What tests of faults share: commands in folders of their own, and the processes they leave."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

PATIENCE = 300
"""Nothing here takes that long, on however busy a machine [second]."""
MARK = "COSTCHECK_TESTED_BY"
"""A variable that all processes of a test inherit, however far they are from it."""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers", "fault(name): the fault that a test tries, as README.md's table names it"
    )


@dataclass(frozen=True)
class Marked:
    """An environment by which all processes are found that were started with it."""

    value: str

    @property
    def environment(self) -> dict[str, str]:
        """This process's, and the mark."""
        return {**os.environ, MARK: self.value}

    def processes(self) -> list[psutil.Process]:
        """All that live, children of whomever; those that have ended and were not waited for do not count."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == self.value:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def gone(self, patience: float = PATIENCE) -> bool:
        """Wait until none of them lives."""
        until = time.monotonic() + patience
        while left := self.processes():
            if time.monotonic() > until:
                print(*(f"left: {process.pid} {process.cmdline()}" for process in left), sep="\n")
                return False
            time.sleep(0.05)
        return True


@pytest.fixture
def marked() -> Iterator[Marked]:
    """Give an environment for a test's processes; whatever of them is left at the end is killed."""
    made = Marked(secrets.token_hex(8))
    yield made
    for process in made.processes():
        process.kill()


class Place:
    """A folder of a command's own: its output, its cache, its temporary files."""

    def __init__(self, folder: Path, marked: Marked) -> None:
        self.folder, self.out, self.marked = folder, folder / "out", marked
        self.temporary, self.cache = folder / "temporary", folder / "cache"
        for made in (self.temporary, self.cache):
            made.mkdir(exist_ok=True)
        self.environment = {
            **marked.environment,
            "TMPDIR": str(self.temporary),
            "COSTCHECK_CACHE": str(self.cache),
        }

    def grid(self, count: int) -> Path:
        """Write a file of scenarios for notebook 1; notebook 7 takes no price and is executed once."""
        path = self.folder / "grid.yaml"
        path.write_text(f"grid:\n  days_in_month: {[28 + nth / count for nth in range(count)]}\n")
        return path

    def start(self, *arguments: object, prefix=(), ignored=(), **options) -> subprocess.Popen[str]:
        def as_from_a_shell():
            # who runs the tests may ignore signals, and their children would too
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "costcheck", *map(str, arguments)],
            **{
                "cwd": self.folder,
                "env": self.environment,
                "preexec_fn": as_from_a_shell,
                **pipes,
                **options,
            },
            text=True,
        )

    def run(self, *arguments: object, **options) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def leaves_nothing(self) -> bool:
        """Whether no process, no temporary file and no half-written file is left over."""
        found = [*self.temporary.rglob("*"), *self.folder.rglob(".costcheck*")]
        for path in self.folder.rglob("*"):
            if path.suffix == ".ipynb":
                json.loads(path.read_bytes())
            elif path.suffix in (".svg", ".html"):
                assert path.read_text("utf-8").rstrip().endswith(("</svg>", "</html>", "-->")), path
        assert found == []
        return self.marked.gone()


@pytest.fixture
def place(tmp_path, marked) -> Place:
    """A folder for commands."""
    return Place(tmp_path, marked)


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """The folder of a run of notebook 7, and beside it ``cache``, which it filled."""
    folder = tmp_path_factory.mktemp("ran")
    made = Place(folder, Marked("undisturbed"))
    done = made.run("run", "7", "--png", "--out", made.out)
    assert done.returncode == 0, done.stderr
    return made.out


@pytest.fixture
def files_of():
    """Read all files of a folder: ``files_of(folder)``."""

    def read(folder: Path) -> dict[str, bytes]:
        found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    return read


@pytest.fixture
def until():
    """Read what ``--log-json`` says up to an event: ``until(process, "done")``."""

    def read(process: subprocess.Popen[str], event: str) -> None:
        for line in process.stderr:
            if json.loads(line)["event"] == event:
                return
        raise AssertionError(f"it ended before anything was {event}")

    return read
