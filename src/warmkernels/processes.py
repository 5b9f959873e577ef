"""The processes that a kernel has started, and the memory they take together."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys

PR_SET_CHILD_SUBREAPER = 36
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def children(pid: int) -> list[int]:
    """Return the processes that a process is the parent of.

    >>> os.getpid() in children(os.getppid())
    True
    """
    if sys.platform != "linux":
        import psutil

        with contextlib.suppress(psutil.Error):
            return [child.pid for child in psutil.Process(pid).children()]
        return []
    found: list[int] = []
    with contextlib.suppress(OSError):  # it has ended
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children") as file:
                found += map(int, file.read().split())
    return found


def tree(pid: int) -> dict[int, object]:
    """Return a process and all that it and its children have started, with what tells each from a later one.

    What has left for another parent is not among them, unless the process takes its orphans in
    (`warmkernels.child`).

    Returns:
        By process id, when that process began.
    """
    found: dict[int, object] = {}
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        began = _began(one)
        if began is not None and one not in found:
            found[one] = began
            waiting += children(one)
    return found


def memory(pids: dict[int, object], most: int) -> int:
    """Return how much memory processes take together [byte].

    Args:
        pids: As `tree` gives them.
        most: Above it, pages that several of them share are counted once, which takes longer to find out.
    """
    taken = sum(map(_resident, pids))
    if taken <= most:
        return taken
    return sum(map(_proportional, pids))


def kill(pids: dict[int, object]) -> None:
    """End those of some processes that still live.

    Args:
        pids: As `tree` gives them.
    """
    for pid, began in pids.items():
        if _began(pid) == began:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def adopt() -> None:
    """Have what this process's children leave behind become this process's children; on Linux alone."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _began(pid: int) -> object:
    """Return when a process began, or `None` if it has ended; its id may be another's by then."""
    if sys.platform != "linux":
        import psutil

        with contextlib.suppress(psutil.Error):
            return psutil.Process(pid).create_time()
        return None
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # the name in parentheses may hold anything
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else fields[19]


def _resident(pid: int) -> int:
    if sys.platform != "linux":
        import psutil

        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(pid).memory_info().rss)
        return 0
    with contextlib.suppress(OSError), open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * PAGE
    return 0


def _proportional(pid: int) -> int:
    """Return a process's memory, of what it shares with others its share."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup") as file:
        found = re.search(r"^Pss:\s+(\d+) kB", file.read(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return _resident(pid)


def allow_data(pid: int, size: int) -> None:
    """Refuse a process more than so much memory beyond what it has, where the platform can.

    Args:
        pid: A process of this user; what it starts is bound by the same.
        size: [byte]
    """
    if sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        with open(f"/proc/{pid}/status") as file:
            found = re.search(r"^VmData:\s+(\d+) kB", file.read(), re.MULTILINE)
        if found:
            _, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
            most = int(found[1]) * 1024 + size
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, resource.RLIMIT_DATA, (most, hard))
