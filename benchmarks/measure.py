"""Run a command and measure it with all its descendants: time, CPU time, memory, and what it leaves behind.

Linux only: memory is read from ``/proc``, and orphans are adopted so that their CPU time counts as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PR_SET_CHILD_SUBREAPER = 36
MARK = "COSTCHECK_BENCHMARK"
"""A variable that every process of a measured command inherits, wherever it goes."""
SAMPLE_SECONDS = 0.1
ORPHAN_SECONDS = 5.0
"""How long what a command left behind may take to end by itself."""
MIB = 2**20
SHOWN = 3000
"""Characters of a failed command's output to show."""


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    wall: float
    """[second]"""
    cpu: float
    """User and system time of all its processes [second]."""
    peak: float | None
    """Largest sum of proportional set sizes of all its processes [MiB], if it was sampled."""
    peak_root: float | None
    """The same of its first process alone."""
    orphans: int
    """Processes that outlived it."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Make the environment of a measured command: temporary files, caches and histories in a folder.

    Compiled bytecode is used and written, as for anybody, whatever this process was told.
    """
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "JUPYTER_DEFAULT_PROVISIONER_NAME")
    }
    places = {
        "TMPDIR": "tmp",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "COSTCHECK_CACHE": "cache",
    }
    for name, place in places.items():
        env[name] = str(folder / place)
        (folder / place).mkdir(mode=0o700, parents=True, exist_ok=True)
    return env | more


def adopt_orphans() -> None:
    """Become the parent of whatever a measured command leaves behind."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("the benchmark needs Linux: it adopts orphans and reads /proc")


@contextlib.contextmanager
def on_cores(cores: Collection[int]) -> Iterator[None]:
    """Start processes that may use certain cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def measure(
    command: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    *,
    cwd: Path | None = None,
    peak: bool = False,
    peak_root: bool = False,
    watch: Callable[[Family, str], object] | None = None,
) -> Cost:
    """Run a command to its end.

    Args:
        command: A program and its arguments.
        env: As `environment` gives it.
        log: Where its output goes.
        cwd: Where it runs.
        peak: Whether to sample the memory of all its processes, which slows it down.
        peak_root: Whether to sample the memory of its first process, which hardly does.
        watch: Told each line of its standard error, which then does not go to the log.

    Raises:
        SystemExit: It failed; its output is shown.
    """
    mark = uuid.uuid4().hex
    before = set(_children())
    with log.open("wb") as output:
        since = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            env={**env, MARK: mark},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE if watch else subprocess.STDOUT,
        )
        family = Family(process.pid, mark)
        with _sampling(family, peak, peak_root) as peaks:
            if watch and process.stderr:
                for line in process.stderr:
                    watch(family, line.decode())
                process.stderr.close()
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - since
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu, orphans = _adopted(before, family)
    if process.returncode:
        sys.exit(f"{' '.join(command)[:300]}: exit {process.returncode}\n{log.read_text()[-SHOWN:]}")
    return Cost(wall, used.ru_utime + used.ru_stime + cpu, peaks[0], peaks[1], orphans)


class Family:
    """A measured command's processes."""

    def __init__(self, root: int, mark: str) -> None:
        self.root = root
        self._mark = f"{MARK}={mark}".encode()

    def pids(self) -> set[int]:
        """Find them by descent and by their mark: a kernel leads a session of its own."""
        found = {self.root}
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {child.pid for child in psutil.Process(self.root).children(recursive=True)}
        for pid in psutil.pids():
            with contextlib.suppress(OSError):
                if self._mark in Path(f"/proc/{pid}/environ").read_bytes():
                    found.add(pid)
        return found

    def pss(self) -> float:
        """Return the proportional set size of all of them [MiB]."""
        return sum(map(pss, self.pids()))


def pss(pid: int) -> float:
    """Return a process's proportional set size, in which shared memory counts once in all [MiB]."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / MIB
    return 0.0


def rss(pid: int) -> float:
    """Return a process's resident set size, which does not shrink when a fork shares it [MiB]."""
    return float(psutil.Process(pid).memory_info().rss) / MIB


@contextlib.contextmanager
def _sampling(family: Family, whole: bool, root: bool) -> Iterator[list[float | None]]:
    """Look at memory from a thread; the list is complete once the block is left."""
    found: list[float | None] = [None, None]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            for nth, (wanted, value) in enumerate(((whole, family.pss), (root, lambda: pss(family.root)))):
                if wanted:
                    found[nth] = max(found[nth] or 0.0, value())

    thread = threading.Thread(target=look)
    if whole or root:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
        if whole or root:
            thread.join()


def _children() -> list[int]:
    return [child.pid for child in psutil.Process().children()]


def _adopted(before: Collection[int], family: Family) -> tuple[float, int]:
    """Wait for what a command left behind; return its CPU time [second] and the number of processes."""
    cpu, count, until = 0.0, 0, time.monotonic() + ORPHAN_SECONDS
    while orphans := [pid for pid in _children() if pid not in before]:
        for pid in orphans:
            if time.monotonic() > until:
                for left in family.pids():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(left, 9)
            ended, _, used = os.wait4(pid, os.WNOHANG)
            if ended:
                cpu, count = cpu + used.ru_utime + used.ru_stime, count + 1
        time.sleep(0.01)
    return cpu, count


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write a Markdown table; floats with three digits that count, missing values as a dash."""
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
