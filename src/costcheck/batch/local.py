"""Execute jobs here, in threads, each with a kernel of its own; and what every executor offers."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, Self

from costcheck.batch.execution import ENGINE, TIME_LIMIT, Executed, execute
from costcheck.batch.jobs import Job
from costcheck.batch.kernels import prepare
from warmkernels import client as kernels

STOP_SECONDS = 0.5
"""How long notebooks that were stopped may take to tidy up."""
MOST_OPEN_FILES = 65_536


class Executor(Protocol):
    """Takes jobs; a context manager that, left by an exception, stops those that run."""

    @property
    def workers(self) -> int:
        """How many jobs it executes at once."""

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed; ``began`` is called, in any thread, when that starts."""

    def lost(self) -> str | None:
        """Return why no job can end any more, or ``None``."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...


class Local:
    """Threads of this process, by default one more than `cores`: as a kernel starts, the others compute."""

    def __init__(
        self, workers: int | None = None, time_limit: float = TIME_LIMIT, engine: str = ENGINE
    ) -> None:
        self._time_limit, self._engine = time_limit, engine
        self.workers = workers or cores() + 1
        _allow_open_files()
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="costcheck")
        self._running: set[Future[Executed]] = set()

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed."""

        def run() -> Executed:
            began()
            return execute(job, self._time_limit, self._engine)

        if not self._running and self._engine == ENGINE:
            prepare()
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
        until = time.monotonic() + STOP_SECONDS
        # threads cannot be stopped, but each ends as soon as its kernel has
        if self._running:
            from warmkernels.processes import kill_tree

            kernels.none_more()
            while self._running and time.monotonic() < until:
                kill_tree(os.getpid(), itself=False)
                time.sleep(0.05)


def _allow_open_files() -> None:
    """Raise the limit of open files as far as is allowed: the usual 1,024 suffice for some 24 jobs."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has none, macOS one beyond it
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        enough = MOST_OPEN_FILES if most == resource.RLIM_INFINITY else min(most, MOST_OPEN_FILES)
        if now != resource.RLIM_INFINITY and now < enough:
            resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


def cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use: its affinity, and the quota of its container."""
    # macOS and Windows have no affinity
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = (root / "sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(allowed, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no control group, or "max"
        return allowed
