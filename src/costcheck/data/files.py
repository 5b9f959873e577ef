"""Files written whole or not at all, and what killed processes left of them."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

TEMPORARY = re.compile(r"\.costcheck-(?P<host>.*)~(?P<process>\d{1,10})~\w+\.tmp")
HOST = re.sub(r"[^\w.-]", "", socket.gethostname())
ABANDONED_SECONDS = 86_400
"""No file takes a day to write: an older temporary file is swept, whichever machine made it."""


@contextlib.contextmanager
def replacing(
    path: Path, *, beside: Path | None = None, new: bool = False, lasting: bool = False
) -> Iterator[BinaryIO]:
    """Open a temporary file that takes a path's place once all is written, and is gone if anything fails.

    Args:
        path: The file to replace or make; an OSError names it.
        beside: Folder for the temporary file, on the same file system; that of ``path`` by default.
        new: Refuse to replace.
        lasting: Wait for the disk, so that the file outlasts a loss of power; what can be computed again
            need not.
    """
    temporary = os.path.join(
        beside or path.parent, f".costcheck-{HOST}~{os.getpid()}~{os.urandom(8).hex()}.tmp"
    )
    try:
        with open(temporary, "xb") as file:
            yield file
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if new and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.filename in (None, temporary):
            error.filename, error.filename2 = str(path), None
        raise


def write(path: Path, content: bytes, *, lasting: bool = False) -> None:
    """Make a file's content this, as `replacing`; a file that has it already is not touched."""
    # reading a pipe would wait for a writer
    with contextlib.suppress(OSError):  # writing gives the better error
        if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
            return
    with replacing(path, lasting=lasting) as file:
        file.write(content)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove the temporary files in a folder whose process is gone."""
    import psutil

    for name in os.listdir(folder):
        if match := TEMPORARY.fullmatch(name):
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                old = time.time() - os.lstat(path).st_mtime > ABANDONED_SECONDS
                if old or (match["host"] == HOST and not psutil.pid_exists(int(match["process"]))):
                    os.unlink(path)
