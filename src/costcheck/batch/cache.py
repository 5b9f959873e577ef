"""The cache: executed notebooks under the keys of their jobs, for every run of this user."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from costcheck.data import files
from costcheck.results.executed import Found

LOCATION = "COSTCHECK_CACHE"
"""The environment variable that names another folder."""
ENVIRONMENT = re.compile(r"[0-9a-f]{16}")
ENTRY = re.compile(r"[0-9a-f]{64}")
SECONDS = "seconds.json"
UNUSED_DAYS = 30.0
"""What was not used for so long is pruned."""
SECONDS_A_DAY = 86_400
LARGEST = 2**29
"""An entry that is larger is not kept, and was not written by us [byte]."""
READABLE = 0o644
"""An entry can be read by others, as a user's files can, and written by its owner alone."""
LARGEST_SECONDS = 2**20
"""The file that says how long notebooks took has a line a notebook [byte]."""
TRIES = 10
"""Another process may take a folder away while an entry is put into it; not so often as this."""


@dataclass(frozen=True)
class Kept:
    """An executed notebook, and what was found in it."""

    notebook: bytes
    found: Found


class Entry(NamedTuple):
    """What is known of an entry without reading it."""

    path: Path
    notebook: str
    environment: str
    size: int
    """[byte]"""
    used: float
    """When it was last used [second since 1970]."""


def location() -> Path:
    """Return the folder of the cache: that of ``COSTCHECK_CACHE``, or else the platform's for caches."""
    given = os.environ.get(LOCATION)
    if given:
        return Path(os.path.expanduser(given)).absolute()  # in files of variables no shell does it
    import platformdirs

    return platformdirs.user_cache_path("costcheck")


class Cache:
    """Executed notebooks of one environment.

    An entry lies at ``<environment>/<notebook>/<key>``, so that what other versions made is known by its
    folder. It is written to a temporary name and renamed, and has a checksum: an entry that is not whole is
    as good as none. Any number of processes can use the same folder at once.

    A checksum is no signature: whoever can write into the folder can make one. So an entry counts only if it
    is a plain file of this user or of the machine's (root) to which nobody else may write. Windows' own
    permissions are not looked at.

    Args:
        folder: As `location` gives it.
        environment: As `costcheck.batch.jobs.environment` gives it.
        warn: Told once, in one sentence, if nothing can be kept, and if an entry is not to be trusted.
    """

    def __init__(self, folder: Path, environment: str, warn: Callable[[str], object]) -> None:
        self._folder, self._warn = folder, warn
        self._entries = folder / environment[:16]
        self._writable = True
        self._distrusted = False
        with self._writing(), contextlib.suppress(FileNotFoundError):
            files.sweep(folder)

    def get(self, notebook: str, key: str) -> Kept | None:
        """Return what is kept under a key, or ``None``; what is there but no whole entry is removed."""
        path = self._entries / notebook / key
        try:
            kept = _unpacked(key, files.read_own(path, LARGEST))
        except (ValueError, KeyError, TypeError, AttributeError, IsADirectoryError):
            with contextlib.suppress(OSError):
                files.remove(path)
            return None
        except OSError as error:
            if error.errno == errno.EPERM and not self._distrusted:
                self._distrusted = True
                self._warn(
                    f"{path}: not used, because {error.strerror}; its notebook is executed again. To have a "
                    f"cache that is yours alone, set {LOCATION} to a folder of yours"
                )
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return kept

    def put(self, notebook: str, key: str, kept: Kept) -> None:
        """Keep an executed notebook; where that cannot be, say so once and go on."""
        if not self._writable:
            return
        packed = _packed(key, kept)
        if len(packed) > LARGEST:
            return
        path = self._entries / notebook / key
        with self._writing():
            for left in reversed(range(TRIES)):
                try:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    with files.replacing(path, beside=self._folder, mode=READABLE) as file:
                        file.write(packed)
                        path.parent.mkdir(parents=True, exist_ok=True)
                    return
                except FileNotFoundError:
                    # another process prunes: the folder was empty until now, so it is made last
                    if not left:
                        raise
                except (IsADirectoryError, NotADirectoryError, FileExistsError):
                    # a folder in an entry's place, or a file in a folder's
                    if not left:
                        raise
                    self._clear(path)

    def _clear(self, path: Path) -> None:
        """Remove what is in the way, as far as that can be and another process has not made it right yet."""
        for folder in (self._entries, path.parent):
            if not folder.is_dir():
                with contextlib.suppress(OSError):
                    folder.unlink()
        if path.is_dir():
            with contextlib.suppress(OSError):
                files.remove(path)

    def seconds(self) -> dict[str, float]:
        """Return how long each notebook took in the last run that executed it [second]."""
        try:
            known = json.loads(files.read_own(self._folder / SECONDS, LARGEST_SECONDS))
            found = {str(name): float(seconds) for name, seconds in known.items()}
        except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return {}
        return {name: seconds for name, seconds in found.items() if 0 <= seconds < float("inf")}

    def put_seconds(self, seconds: Mapping[str, float]) -> None:
        """Remember how long notebooks took [second]."""
        if self._writable and seconds:
            with self._writing():
                self._folder.mkdir(parents=True, exist_ok=True)
                told = json.dumps(self.seconds() | dict(seconds)).encode()
                try:
                    with files.replacing(self._folder / SECONDS, mode=READABLE) as file:
                        file.write(told)
                except IsADirectoryError:
                    pass  # it only says in which order notebooks are executed

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._writable = False
            self._warn(
                f"{self._folder}: nothing can be kept for the next run ({error.strerror}); "
                f"set {LOCATION} to a folder that can be written to"
            )


def _packed(key: str, kept: Kept) -> bytes:
    svgs = {name: svg.encode() for name, svg in kept.found.figures.items()}
    # Figures and rows stand beside the notebook they are from: finding them in it takes ten times as long
    # as reading it.
    head = {
        "notebook": len(kept.notebook),
        "figures": {name: len(svg) for name, svg in svgs.items()},
        "rows": kept.found.rows,
    }
    body = b"".join([json.dumps(head).encode(), b"\n", kept.notebook, *svgs.values()])
    return _checksum(key, body) + b"\n" + body


def _unpacked(key: str, content: bytes) -> Kept:
    start = content.index(b"\n") + 1
    if content[: start - 1] != _checksum(key, memoryview(content)[start:]):
        raise ValueError("not whole")
    at = content.index(b"\n", start) + 1
    head = json.loads(content[start:at])
    notebook = content[at : (at := at + head["notebook"])]
    found = Found(rows=head["rows"])
    for name, size in head["figures"].items():
        found.figures[name] = content[at : (at := at + size)].decode()
    return Kept(notebook, found)


def _checksum(key: str, body: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(key.encode())
    digest.update(body)
    return digest.hexdigest().encode()


def entries(folder: Path) -> Iterator[Entry]:
    """Go through the entries of a cache, of all versions that wrote to it.

    Raises:
        OSError: The folder is there and cannot be read.
    """
    for environment in _environments(folder):
        for notebook in _folders(environment):
            for path in _inside(notebook):
                with contextlib.suppress(OSError):  # another process may have removed it by now
                    if ENTRY.fullmatch(path.name):
                        known = path.lstat()
                        yield Entry(path, notebook.name, environment.name, known.st_size, known.st_mtime)


def _environments(folder: Path) -> list[Path]:
    try:
        os.listdir(folder)
    except FileNotFoundError:
        return []
    return [path for path in _folders(folder) if ENVIRONMENT.fullmatch(path.name)]


def _folders(folder: Path) -> list[Path]:
    return [path for path in _inside(folder) if path.is_dir() and not path.is_symlink()]


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def prune(folder: Path, environment: str | None, days: float) -> tuple[int, int]:
    """Remove entries that were not used for some days, and all that other versions made.

    Runs that go on meanwhile execute again what they miss.

    Args:
        folder: As `location` gives it.
        environment: Of the version whose entries stay; ``None`` if those of every version may.
        days: How long an entry may be unused [day].

    Returns:
        How many entries were removed, and what they took [byte].

    Raises:
        OSError: The folder is there and cannot be read.
    """
    oldest = time.time() - days * SECONDS_A_DAY
    count = size = 0
    for entry in entries(folder):
        other = environment is not None and entry.environment != environment[:16]
        if other or entry.used <= oldest:
            with contextlib.suppress(OSError):
                files.remove(entry.path)
                count, size = count + 1, size + entry.size
    for of_version in _environments(folder):
        for emptied in (*_folders(of_version), of_version):
            with contextlib.suppress(OSError):  # only empty folders are removed
                emptied.rmdir()
    with contextlib.suppress(OSError):
        files.sweep(folder)
    return count, size
