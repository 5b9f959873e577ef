"""Where jobs are executed: in threads here, each with a kernel of its own, or on a Dask cluster."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, Self

from costcheck.batch.execution import Executed, execute
from costcheck.batch.jobs import Job
from costcheck.kernels import client as kernels

STOP_SECONDS = 5.0
"""How long notebooks that were stopped may take to tidy up."""


class Executor(Protocol):
    """Takes jobs; a context manager that, left by an exception, stops those that run."""

    workers: int
    """How many jobs it executes at once."""

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed; ``began`` is called, in any thread, when that starts."""

    def lost(self) -> str | None:
        """Say why no job can end any more, or ``None``."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...


class Local:
    """Threads of this process.

    Args:
        workers: How many jobs at once; by default as many as `cores`.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="costcheck")
        self._running: set[Future[Executed]] = set()

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed."""

        def run() -> Executed:
            began()
            return execute(job.name, job.source, dict(job.parameters))

        if not self._running:
            kernels.prepare()
        future = self._threads.submit(run)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def lost(self) -> None:
        """Return ``None``: threads stay."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._threads.shutdown(wait=raised[0] is None, cancel_futures=True)
        since = time.monotonic()
        # Threads cannot be stopped, but each ends as soon as its kernel has.
        while self._running and time.monotonic() - since < STOP_SECONDS:
            _kill_children()
            time.sleep(0.05)


def _kill_children() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


def cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use: at least one.

    That is the smaller of its affinity and the quota of its control group, as containers and clusters set
    it, rounded up.

    Args:
        root: Where ``proc`` and ``sys`` are.
    """
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have none
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *_quotas(root)]))


def _quotas(root: Path) -> list[int]:
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in groups:
        _, controllers, path = line.split(":", 2)
        mounts = {"": ("", "unified"), "cpu": ("cpu",), "cpu,cpuacct": ("cpu,cpuacct",)}.get(controllers, ())
        for mount in mounts:
            # a container may see its own group as the root
            inside = Path(path.lstrip("/"))
            for group in (inside, *inside.parents):
                found += _quota(root / "sys/fs/cgroup" / mount / group)
    return found


def _quota(group: Path) -> list[int]:
    """Read version 2 or version 1 of a control group's limit; ``max`` and -1 mean that there is none."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota, period = " ".join((group / name).read_text() for name in names).split()
        except (OSError, ValueError):
            continue
        if quota not in ("max", "-1"):
            return [math.ceil(int(quota) / int(period))]
    return []
