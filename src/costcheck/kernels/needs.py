"""What a kernel needs of what this process may take: open files and memory, as ulimit bounds them."""

from __future__ import annotations

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


def jobs(wanted: int) -> int:
    """Return how many notebooks at once, of those that are wanted, the open files suffice for: at least one.

    >>> jobs(1)
    1
    """
    return min(wanted, max(1, (allowed(BESIDES + OF_A_JOB * wanted) - BESIDES) // OF_A_JOB))
