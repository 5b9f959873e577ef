"""A folder that its owner alone may enter, for the sockets and connection files of a process's kernels.

Whoever can connect to a kernel's sockets reads its outputs; who reads its connection file can have it execute
code. So neither has a port, nor a name that others can look up: both lie in this folder.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path

from costcheck.errors import RunError

PREFIX = "costcheck-kernels-"
LONGEST = 107
"""A Unix socket's path [byte]; macOS allows 103."""
NAME = 32
"""The most that is put behind the folder's own path [byte]."""
YOUNG_SECONDS = 60
"""A folder may be so old before its owner has locked it."""

_making = threading.Lock()
_made: dict[int, tuple[Path, int]] = {}
"""By the process that made it, the folder and the descriptor that holds its lock."""


def folder() -> Path:
    """Return this process's folder; it is made when it is first asked for.

    It is locked as long as this process lives: by that a folder is known that was left by a process that was
    killed, also one in another container, and sweepers of temporary files leave it alone.

    Raises:
        RunError: There is nowhere to make it.
    """
    with _making:  # threads that start kernels at once have one folder
        made = _made.get(os.getpid())
        if made and made[0].is_dir():
            return made[0]
        _made.clear()  # a process that was forked has a folder of its own
        places = _places()
        for place in places:
            sweep(place)
            with contextlib.suppress(OSError):
                path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))  # that nobody else may enter
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                _lock(descriptor)
                _made[os.getpid()] = path, descriptor
                return path
    raise RunError(
        "there is no folder for the sockets of kernels; set TMPDIR to one that can be written to "
        f"(tried: {', '.join(map(str, places)) or 'none that exists'})"
    )


def new() -> str:
    """Return a path for a kernel's files, which begin with it.

    Raises:
        RunError: As `folder`.
    """
    return str(folder() / secrets.token_hex(4))


def unconfigured(name: str) -> list[str]:
    """Make a folder of IPython's with no settings in it, for one kernel.

    The user's own may change what a notebook gives: by files that are executed as a kernel starts, by how
    figures and tables are shown.

    Args:
        name: As `new` gave it; `clean` removes the folder too.

    Returns:
        Options for the kernel, by which it takes that folder in the place of the user's.
    """
    path = f"{name}-ipython"
    os.makedirs(path, mode=0o700, exist_ok=True)
    return [f"--ipython-dir={path}", "--IPKernelApp.exec_PYTHONSTARTUP=False"]


def clean(name: str) -> None:
    """Remove a kernel's files.

    Args:
        name: As `new` gave it; anything else is left alone.
    """
    path = Path(name)
    if not path.parent.name.startswith(PREFIX):
        return
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if entry.name.startswith(path.name):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry, ignore_errors=True)
                    continue
                with contextlib.suppress(OSError):
                    os.unlink(entry)


def remove(path: Path) -> None:
    """Remove a folder whose owner is gone; one that is still locked stays."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _lock(descriptor)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)


def sweep(place: Path) -> None:
    """Remove the folders that killed processes of this user have left in a folder of temporary files."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if not entry.name.startswith(PREFIX):
                continue
            with contextlib.suppress(OSError):
                known = entry.stat(follow_symlinks=False)
                ours = known.st_uid == os.getuid() and entry.is_dir(follow_symlinks=False)
                if ours and abs(time.time() - known.st_ctime) > YOUNG_SECONDS:
                    remove(Path(entry.path))


def _places() -> list[Path]:
    """Return where temporary files go, but for folders whose names leave no room for a socket's."""
    given = []
    with contextlib.suppress(OSError):  # there is none
        given.append(tempfile.gettempdir())
    given += [os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/dev/shm", "/var/tmp"]  # noqa: S108
    room = LONGEST - len(f"/{PREFIX}12345678/") - NAME
    fitting = [Path(each).absolute() for each in dict.fromkeys(given) if each]
    return [each for each in fitting if len(os.fsencode(each)) <= room and each.is_dir()]


def _lock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def forget() -> None:
    """Remove this process's folder, at its end."""
    made = _made.pop(os.getpid(), None)
    if made:
        shutil.rmtree(made[0], ignore_errors=True)
        os.close(made[1])


atexit.register(forget)
