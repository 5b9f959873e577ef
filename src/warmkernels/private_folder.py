"""A folder that only its owner may enter, for the sockets and connection files of a process's kernels."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path

PREFIX = "warmkernels-"
LONGEST = 107
"""The path of a Unix socket [byte]."""
INSIDE = len(f"/{PREFIX}12345678/tmp12345678/k-65535")

_making = threading.Lock()
_made: dict[int, Path] = {}


def folder() -> Path:
    """Return this process's folder, made when it is first needed and removed when the process ends.

    Of a process that was killed the folder is removed by the server of its kernels.
    """
    with _making:  # threads that start kernels at once share it; a forked process makes its own
        made = _made.get(os.getpid())
        if made is None or not made.is_dir():
            place = tempfile.gettempdir()
            if len(os.fsencode(place)) > LONGEST - INSIDE:
                place = "/tmp"  # noqa: S108  # a folder made in it is its owner's alone
            made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
            _made.clear()
            _made[os.getpid()] = made
        return made


def new() -> Path:
    """Make a folder in it for the files of one kernel."""
    return Path(tempfile.mkdtemp(dir=folder()))


def forget() -> None:
    """Remove this process's folder."""
    if made := _made.pop(os.getpid(), None):
        shutil.rmtree(made, ignore_errors=True)


atexit.register(forget)
