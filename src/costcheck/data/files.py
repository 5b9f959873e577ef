"""Files written whole or not at all, by one process at a time, and what a killed one left of them."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

from costcheck.errors import RunError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TEMPORARY = re.compile(r"\.costcheck-(?P<host>[^~]*)~(?P<process>\d+)~\w+\.tmp")
ABANDONED_SECONDS = 86_400
"""No file takes a day to write: after that it does not matter whether its process still lives."""
LOCK = ".costcheck.lock"
"""The file that is held while a folder is written to; for a file, it has that file's name before it."""
HOLDER = re.compile(r"(?P<process>\d{1,10}) (?P<host>[\w.-]{0,255})\n")
BESIDE = 1 << 30
"""Where Windows locks a file: what is locked there cannot be read, and nothing is written so far behind."""


@contextlib.contextmanager
def replacing(
    path: Path,
    *,
    beside: Path | None = None,
    mode: int = 0o666,
    new: bool = False,
    lasting: bool = False,
) -> Iterator[BinaryIO]:
    """Open a temporary file that takes a path's place once all is written, and is gone if anything fails.

    Args:
        path: The file to replace or make.
        beside: Folder for the temporary file, on the same file system; that of ``path`` by default.
        mode: What the file may allow; the process's umask takes away from it.
        new: Whether there may be nothing of that name yet: of two processes at once, one makes it.
        lasting: Whether it has to outlast a loss of power too. What can be computed again need not: the next
            run compares what it finds, byte for byte, and waiting for a disk takes longer than the writing.

    Raises:
        FileExistsError: ``new``, and there is something of that name.
        OSError: It cannot be written; the error names ``path``.
    """
    held = None
    made: list[str] = []  # a signal may come just as there is a file
    try:
        with _named(path):
            descriptor, name = _temporary(beside or path.parent, made)
        with _named(path), open(descriptor, "wb") as file:
            if sys.platform != "win32":
                # Held until the file has its name, by a second descriptor: the first is closed before,
                # because some file systems say only then that they could not write.
                held = os.dup(descriptor)
            yield file
            if lasting:
                file.flush()
                os.fsync(descriptor)
        with _named(path):
            with contextlib.suppress(
                OSError
            ):  # some file systems, such as those over a network, have no modes
                os.chmod(name, mode & ~umask())
            if new:
                _rename_new(name, path)
            else:
                os.replace(name, path)
    except BaseException:
        for left in made:
            with contextlib.suppress(OSError):
                os.unlink(left)
        raise
    finally:
        if held is not None:
            os.close(held)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error name the file that is to be written: nobody knows the temporary one."""
    try:
        yield
    except OSError as error:
        if error.filename is None or TEMPORARY.fullmatch(os.path.basename(error.filename)):
            error.filename, error.filename2 = str(path), None
        raise


def _rename_new(name: str, path: Path) -> None:
    try:
        os.link(name, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without second names, where this is the best there is
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(name, path)
    else:
        os.unlink(name)


def _temporary(folder: Path, made: list[str]) -> tuple[int, str]:
    """Make a temporary file that `sweep` finds, and that it leaves alone as long as this process lives.

    Args:
        folder: Where.
        made: Gets the name of every file before there is that file.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    while True:
        name = os.path.join(folder, f".costcheck-{_host()}~{os.getpid()}~{os.urandom(8).hex()}.tmp")
        made.append(name)
        descriptor = os.open(name, flags, 0o600)
        # there are file systems without locks; where there are, it may be swept before it is held
        if sys.platform == "win32" or (_locked(descriptor) is not False and os.fstat(descriptor).st_nlink):
            return descriptor, name
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(name)


def write(path: Path, content: bytes, *, lasting: bool = False) -> None:
    """Make a file's content this; a file that has it already is left alone.

    Args:
        path: The file.
        content: All of it.
        lasting: As for `replacing`.

    Raises:
        OSError: It cannot be written.
    """
    try:
        known = path.stat()
        if (
            stat.S_ISREG(known.st_mode)  # whoever reads a pipe waits for a writer
            and known.st_size == len(content)
            and path.read_bytes() == content
        ):
            return
    except OSError:
        pass  # it is not there, or writing says better what is wrong
    with replacing(path, lasting=lasting) as file:
        file.write(content)


def read_own(path: Path, largest: int) -> bytes:
    """Read a file that nobody but this user, or the machine's, can have written.

    Nothing but a plain file is opened for long: not a link, nor a pipe, on which a reader would wait.

    Args:
        path: The file.
        largest: What is larger is not read [byte].

    Raises:
        PermissionError: It is another user's, or others may write to it.
        ValueError: It is no plain file, or too large.
        OSError: It cannot be read.
    """

    def opened(name: str, flags: int) -> int:
        for more in ("O_NOFOLLOW", "O_NONBLOCK"):
            flags |= getattr(os, more, 0)
        return os.open(name, flags)

    if path.is_symlink():
        raise ValueError("a link")
    with open(path, "rb", opener=opened) as file:
        known = os.fstat(file.fileno())
        if not stat.S_ISREG(known.st_mode) or known.st_size > largest:
            raise ValueError("no plain file of that size")
        if sys.platform != "win32" and (
            known.st_uid not in (os.geteuid(), 0) or known.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        ):
            raise PermissionError(errno.EPERM, "another user can have written it", str(path))
        return file.read()


def remove(path: Path) -> None:
    """Remove whatever has a name: a file, a link, a pipe, or a folder with all that is in it.

    Raises:
        OSError: It cannot be removed.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
            if named := TEMPORARY.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    _sweep(entry.path, named["host"], int(named["process"]))


def _sweep(path: str, host: str, process: int) -> None:
    """Remove a temporary file if its writer is gone.

    Raises:
        OSError: It has a writer, is gone already, or cannot be removed.
    """
    if sys.platform == "win32":
        import psutil

        # a process sweeps before it writes: one of its own number was another, before it
        here = host == _host() and (process == os.getpid() or not psutil.pid_exists(process))
        if here or _is_old(path):
            os.unlink(path)
        return
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        locked = _locked(descriptor)
        # what another machine holds is seen only where file systems take locks along
        if (locked and host == _host()) or (locked is not False and _is_old(path)):
            os.unlink(path)
    finally:
        os.close(descriptor)


def _is_old(path: str) -> bool:
    return time.time() - os.stat(path).st_mtime > ABANDONED_SECONDS


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process that writes to a folder or a file, as far as others ask for that too.

    It is held by a hidden file, in the folder or beside the file, which names the process. It ends with the
    process however that ends, and is gone afterwards; what a killed process left of it is taken over, and of
    its other files swept. Where it cannot be had, as on file systems without locks or that cannot be written
    to, nothing is held. Among machines it holds where the file system takes locks along, as NFS usually does.

    Args:
        path: A folder that exists, or a file, which need not. The thread that holds it may ask again.

    Raises:
        RunError: Another process or thread writes there, with its number.
    """
    target = path / LOCK if path.is_dir() else path.with_name(f".{path.name}{LOCK}")
    # by its folder's one name; a link in its own place is a stranger's, and what it leads to is not emptied
    target = Path(os.path.realpath(target.parent)) / target.name
    if _held.get(target) == threading.get_ident():
        yield
        return
    descriptor = _hold(target, path)
    if descriptor is None:
        yield
        return
    _held[target] = threading.get_ident()
    try:
        with contextlib.suppress(OSError):  # whose it is helps, and holds nothing
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()} {_host()}\n".encode())
            sweep(target.parent)
        yield
    finally:
        del _held[target]
        if sys.platform == "win32":
            os.close(descriptor)  # what is open there cannot be removed
        with contextlib.suppress(OSError):
            if sys.platform == "win32" or _is_of(descriptor, target):
                target.unlink()
        if sys.platform != "win32":
            os.close(descriptor)


_held: dict[Path, int] = {}
"""By the file that holds it, which thread of this process does."""


def _hold(target: Path, path: Path) -> int | None:
    """Open and lock a file; ``None`` where that cannot be.

    Raises:
        RunError: It is locked.
    """
    while True:
        for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):  # another user's can be locked without writing
            try:
                descriptor = os.open(
                    target, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666
                )
                break
            except OSError:
                continue
        else:
            return None
        locked = _locked(descriptor)
        if locked and _is_of(descriptor, target):
            return descriptor
        holder = b""
        if locked is False:
            with contextlib.suppress(OSError):
                holder = os.read(descriptor, 300)
        os.close(descriptor)
        if locked is None:
            return None
        if locked is False:
            named = HOLDER.fullmatch(holder.decode(errors="replace"))
            who = f"process {named['process']}" if named else "another process"
            where = f" on {named['host']}" if named and named["host"] != _host() else ""
            raise RunError(
                f"{path}: {who}{where} is writing there; wait until it has ended, or write elsewhere"
            )


def _locked(descriptor: int) -> bool | None:
    """Lock an open file until it is closed; ``False`` if it is locked, ``None`` where there are no locks."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, BESIDE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _is_of(descriptor: int, path: Path) -> bool:
    """Say whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except OSError:
        return False


@cache
def _host() -> str:
    return re.sub(r"[^\w.-]", "", socket.gethostname())


def umask() -> int:
    """Return what this process's files may not allow.

    >>> umask() <= 0o777
    True
    """
    # to ask by os.umask means to change it: two threads that did would leave it changed
    with contextlib.suppress(OSError), open("/proc/self/status", errors="replace") as file:
        for line in file:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    mask = os.umask(0)
    os.umask(mask)
    return mask
