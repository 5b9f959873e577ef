"""Run a command and measure it with all its descendants: time, CPU time, memory, and what it leaves behind.

Linux only: memory is read from ``/proc``, and orphans are adopted so that their CPU time counts as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PR_SET_CHILD_SUBREAPER = 36
MARK = "COSTCHECK_BENCHMARK"
"""A variable that every process of a measured command inherits, wherever it goes."""
SAMPLE_SECONDS = 0.25
ORPHAN_SECONDS = 5.0
"""How long what a command left behind may take to end by itself."""
MIB = 2**20
SHOWN = 3000
"""Characters of a failed command's output to show."""


class BenchmarkError(Exception):
    """A measured command failed, or its results are wrong."""


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


def progress(text: str) -> None:
    """Report on standard error."""
    print(text, file=sys.stderr, flush=True)


def interleaved(rounds: int, runs: Mapping[str, Callable[[bool], Cost]]) -> dict[str, list[Cost]]:
    """Measure each once a round, in an order that moves on by one, so that other load meets all alike.

    Round 0 warms the file cache and compiles bytecode: it is the first of each list.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            cost = runs[name](number == 0)
            costs[name].append(cost)
            progress(f"  round {number} of {rounds}: {name}: {cost.wall:.2f} s")
    return costs


def alternating(rounds: int, ways: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Time each way once a round [second], after a round that warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            since = time.perf_counter()
            way()
            if number:
                seconds[name].append(time.perf_counter() - since)
    return seconds


def median(costs: Iterable[Cost], attribute: str) -> float:
    """Return the median of an attribute."""
    return statistics.median(float(getattr(cost, attribute)) for cost in costs)


def ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """Return how many times as long these took as those: the median of each round's ratio."""
    return statistics.median(this / that for this, that in zip(these, those, strict=True))


def walls(costs: Iterable[Cost]) -> list[float]:
    """Return the wall times [second]."""
    return [cost.wall for cost in costs]


def goal(
    what: str, measured: float, *, at_least: float | None = None, at_most: float | None = None
) -> dict[str, object]:
    """Make a row of a table of goals; one bound is given."""
    bound = at_least if at_least is not None else at_most
    met = measured >= bound if at_least is not None else measured <= bound
    return {
        "goal": what,
        "bound": f"{'≥' if at_least is not None else '≤'} {bound:g}",
        "measured": measured,
        "met": "yes" if met else "no",
    }


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
        sys.exit("the benchmarks need Linux: they adopt orphans and read /proc")


def measure(
    command: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    *,
    cwd: Path | None = None,
    peak: bool = False,
    peak_root: bool = False,
    watch: Callable[[Family, str], object] | None = None,
    limit: float | None = None,
) -> Cost:
    """Run a command to its end.

    Args:
        command: A program and its arguments.
        env: As `environment` gives it.
        log: Where its output goes.
        cwd: Where it runs.
        peak: Whether to sample the memory of all its processes, which slows it down.
        peak_root: Whether to sample the memory of its first process, which hardly does.
        watch: Given each line of its standard error, which then does not go to the log.
        limit: How long it may take [second].

    Raises:
        BenchmarkError: It failed, or was ended at its limit; the message has its output.
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
        late = threading.Timer(limit or threading.TIMEOUT_MAX, family.kill)
        late.daemon = True
        late.start()
        try:
            with _sampling(family, peak, peak_root) as peaks:
                if watch and process.stderr:
                    for line in process.stderr:
                        watch(family, line.decode())
                    process.stderr.close()
                _, status, used = os.wait4(process.pid, 0)
                wall = time.perf_counter() - since
        except BaseException:
            family.kill()
            raise
        finally:
            late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu, orphans = _adopted(before, family)
    if process.returncode:
        raise BenchmarkError(
            f"{' '.join(command)[:300]}: exit {process.returncode}\n{log.read_text()[-SHOWN:]}"
        )
    return Cost(wall, used.ru_utime + used.ru_stime + cpu, peaks[0], peaks[1], orphans)


class Family:
    """A measured command's processes."""

    def __init__(self, root: int, mark: str) -> None:
        self.root = root
        self._mark = f"{MARK}={mark}".encode()

    def pids(self) -> set[int]:
        """Find them by descent and by their mark: a kernel leads a session of its own."""
        pids = {self.root}
        with contextlib.suppress(psutil.NoSuchProcess):
            pids |= {child.pid for child in psutil.Process(self.root).children(recursive=True)}
        for pid in psutil.pids():
            with contextlib.suppress(OSError):
                if self._mark in Path(f"/proc/{pid}/environ").read_bytes():
                    pids.add(pid)
        return pids

    def pss(self) -> float:
        """Return the proportional set size of all of them [MiB]."""
        return sum(map(pss, self.pids()))

    def kill(self) -> None:
        """End all of them."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)


def pss(pid: int) -> float:
    """Return a process's proportional set size, in which shared memory counts once in all [MiB]."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / MIB
    return 0.0


@contextlib.contextmanager
def _sampling(family: Family, whole: bool, root: bool) -> Iterator[list[float | None]]:
    """Look at memory from a thread; the list is complete once the block is left."""
    peaks: list[float | None] = [None, None]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            for nth, (wanted, value) in enumerate(((whole, family.pss), (root, lambda: pss(family.root)))):
                if wanted:
                    peaks[nth] = max(peaks[nth] or 0.0, value())

    thread = threading.Thread(target=look)
    if whole or root:
        thread.start()
    try:
        yield peaks
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
                family.kill()
            ended, _, used = os.wait4(pid, os.WNOHANG)
            if ended:
                cpu, count = cpu + used.ru_utime + used.ru_stime, count + 1
        time.sleep(0.01)
    return cpu, count
