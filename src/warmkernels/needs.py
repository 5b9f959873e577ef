"""What a kernel needs of what this process may take: files, memory and threads, as ulimit bounds them."""

from __future__ import annotations

import os
import threading

from costcheck.errors import RunError

OF_A_KERNEL = 96
"""What a kernel has open: sockets and pipes, three quarters of this, and what a notebook opens."""
OF_A_JOB = 32
"""What whoever executes a notebook has open for it."""
BESIDES = 24
"""What it has open whatever it executes."""
GIB = 2**30
ADDRESSES, DATA = 1.5 * GIB, 0.75 * GIB
"""What a kernel reserves of addresses and of memory; of that it uses a fifth of a GiB [byte]."""
TASKS_OF_A_JOB, TASKS_BESIDES = 22, 8
"""Threads and processes that an executed notebook takes, in its kernel (and one for each core besides) and in
whoever executes it; and those there are however many notebooks are executed."""
STACK = 64 * 1024
"""Of a thread that only waits [byte]."""
PLENTY = 4096
"""More is not asked for without need: some programs go through all numbers there may be."""


def allowed(wanted: int = PLENTY) -> int:
    """Return how many files this process may have open, once it has raised that as far as it may and must.

    Args:
        wanted: How many are enough, if they are more than usual.

    >>> allowed() > 0
    True
    """
    wanted = max(wanted, PLENTY)
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    enough = wanted if most == unlimited else min(most, wanted)
    if now != unlimited and now < enough:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))
        except (OSError, ValueError):  # macOS has a limit beyond the limit
            return now
        return enough
    return wanted if now == unlimited else now


def hold() -> None:
    """Fail if not even one kernel may have what it needs.

    Raises:
        RunError: The limit, and how to raise it.
    """
    limit = allowed()
    if limit < OF_A_KERNEL:
        raise RunError(
            f"to execute a notebook takes up to {OF_A_KERNEL} open files a process, and {limit} are allowed "
            "here; raise the limit (ulimit -n 1024)"
        )
    try:
        import resource
    except ImportError:
        return
    for number, least, what, option in (
        (resource.RLIMIT_AS, ADDRESSES, "GiB of addresses", "-v"),
        (resource.RLIMIT_DATA, DATA, "GiB of memory to reserve", "-d"),
    ):
        limit, _ = resource.getrlimit(number)
        if limit != resource.RLIM_INFINITY and limit < least:
            raise RunError(
                f"to execute a notebook takes {least / GIB:g} {what} a process, and {limit / GIB:.2g} are "
                f"allowed here; raise the limit (ulimit {option} {least / 1024:.0f})"
            )
    limit, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    wanted = TASKS_BESIDES + _tasks_of_a_job()
    if (room := _room(wanted)) < wanted:
        raise RunError(
            f"to execute a notebook takes up to {wanted} processes and threads, and {room} more are allowed "
            f"here; raise the limit (ulimit -u {limit - room + wanted})"
        )


def most_jobs(wanted: int = 1) -> int:
    """Return how many notebooks at once the open files and threads suffice for that this process may have.

    Args:
        wanted: More are not asked for.

    Returns:
        At least one.

    >>> most_jobs()
    1
    """
    by_files = (allowed(BESIDES + OF_A_JOB * wanted) - BESIDES) // OF_A_JOB
    each = _tasks_of_a_job()
    by_tasks = (_room(TASKS_BESIDES + each * wanted) - TASKS_BESIDES) // each
    return max(1, min(wanted, by_files, by_tasks))


def _tasks_of_a_job() -> int:
    return TASKS_OF_A_JOB + (os.cpu_count() or 1)


def _room(most: int) -> int:
    """Return how many threads this user may start yet, counted up to so many.

    The limit counts what the user runs on the whole machine, and does not hold for all: so it is tried.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return most
    limit, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if limit == resource.RLIM_INFINITY or limit >= PLENTY:
        return most
    done, started = threading.Event(), []
    before = threading.stack_size(STACK)
    try:
        for _ in range(most):
            one = threading.Thread(target=done.wait, daemon=True)
            one.start()
            started.append(one)
    except RuntimeError:  # there is no other name for it
        pass
    finally:
        threading.stack_size(before)
        done.set()
        for one in started:
            one.join()
    return len(started)
