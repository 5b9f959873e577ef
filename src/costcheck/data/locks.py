"""One process at a time writes to a folder, or to a file that several commands change."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from costcheck.data import files
from costcheck.errors import RunError

LOCK = ".costcheck.lock"
"""The locked file in a folder; beside a file, it has that file's name before it."""


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process that writes to a folder or a file, as far as others ask for that too.

    The lock of a folder that exists, or of a file, ends with the process, however that ends; leftovers of
    killed processes are swept. Where a lock cannot be had, as in a folder that cannot be written to, there is
    none. The thread that has it may ask again; another, or another process, gets a RunError with its number.
    """
    import filelock  # takes longer to import than most commands run

    target = path / LOCK if path.is_dir() else path.with_name(f".{path.name}{LOCK}")
    target = Path(os.path.realpath(target.parent)) / target.name
    lock = filelock.FileLock(target, timeout=0, is_singleton=True)
    first = not lock.is_locked
    try:
        lock.acquire()
    except filelock.Timeout:
        other = "another process"
        with contextlib.suppress(OSError, ValueError):
            other = f"process {int(target.read_text()[:20])}"
        advice = "wait until it has ended, or write elsewhere"
        raise RunError(f"{path}: {other} is writing there; {advice}") from None
    except (OSError, NotImplementedError):
        yield
        return
    mine = f"{os.getpid()}\n"
    try:
        with contextlib.suppress(OSError):
            if first:
                target.write_text(mine)
                files.sweep(target.parent)
        yield
    finally:
        # a folder that was removed and made again meanwhile may have somebody else's lock
        with contextlib.suppress(OSError, ValueError):
            if first and target.read_text() in (mine, ""):  # a full disk has no room for the number
                target.unlink()
        lock.release()
