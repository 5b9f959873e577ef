"""Files written whole or not at all, and sweeping up what a killed process left of them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

TEMPORARY = re.compile(r"\.costcheck-(?P<host>[^~]*)~(?P<process>\d+)~\w+\.tmp")
ABANDONED_SECONDS = 86_400
"""No file takes a day to write: after that it does not matter whether its process still lives."""


@contextlib.contextmanager
def replacing(path: Path, *, beside: Path | None = None) -> Iterator[BinaryIO]:
    """Open a temporary file that takes a path's place once all is written, and is gone if anything fails.

    Args:
        path: The file to replace or make.
        beside: Folder for the temporary file, on the same file system; that of ``path`` by default.

    Raises:
        OSError: It cannot be written.
    """
    descriptor, name = tempfile.mkstemp(
        dir=beside or path.parent, prefix=f".costcheck-{_host()}~{os.getpid()}~", suffix=".tmp"
    )
    try:
        with open(descriptor, "wb") as file:
            yield file
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def write(path: Path, content: bytes) -> None:
    """Make a file's content this; a file that has it already is left alone.

    Raises:
        OSError: It cannot be written.
    """
    try:
        if path.stat().st_size == len(content) and path.read_bytes() == content:
            return
    except OSError:
        pass  # it is not there, or writing says better what is wrong
    with replacing(path) as file:
        file.write(content)


def leads_out(path: Path, folder: Path) -> bool:
    """Say whether a path in a folder is, or lies behind, a link to somewhere outside of that folder.

    >>> leads_out(Path("out/figures"), Path("out")), leads_out(Path("out/../other"), Path("out"))
    (False, True)
    """
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def sweep(folder: Path) -> None:
    """Remove the temporary files in a folder whose process was killed.

    Raises:
        OSError: The folder cannot be read.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            named = TEMPORARY.fullmatch(entry.name)
            if named and _abandoned(entry, named["host"], int(named["process"])):
                with contextlib.suppress(OSError):
                    os.unlink(entry)


def _abandoned(entry: os.DirEntry[str], host: str, process: int) -> bool:
    import psutil

    try:
        if time.time() - entry.stat().st_mtime > ABANDONED_SECONDS:
            return True
    except OSError:
        return False
    # a process sweeps before it writes: one of its own number was another, before it
    return host == _host() and (process == os.getpid() or not psutil.pid_exists(process))


@cache
def _host() -> str:
    return re.sub(r"[^\w.-]", "", socket.gethostname())


@cache
def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
