"""The cache: executed notebooks under the keys of their jobs, for every run of this user."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from costcheck.data import files

LOCATION = "COSTCHECK_CACHE"
"""The environment variable that names another folder."""
ENVIRONMENT, ENTRY = re.compile(r"[0-9a-f]{16}"), re.compile(r"[0-9a-f]{64}")
UNUSED_DAYS = 30.0
"""Entries unused for that long are pruned by default."""
SECONDS_A_DAY = 86_400


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
    if given := os.environ.get(LOCATION):
        return Path(os.path.expanduser(given)).absolute()  # a file of variables knows no ~
    import platformdirs

    return platformdirs.user_cache_path("costcheck")


class Cache:
    """Executed notebooks of one environment, at ``<environment>/<notebook>/<key>``.

    An entry is written to a temporary name and renamed, and begins with a checksum: one that is not whole
    counts as missing. Any number of processes can use the same folder at once. If nothing can be kept,
    ``warn`` is called once.
    """

    def __init__(self, folder: Path, environment: str, warn: Callable[[str], object]) -> None:
        self._folder, self._warn = folder, warn
        self._entries = folder / environment[:16]
        self._writable = True
        with self._writing(), contextlib.suppress(FileNotFoundError):
            files.sweep(folder)

    def get(self, notebook: str, key: str) -> bytes | None:
        """Return the executed notebook under a key; ``None`` if there is none, or it is damaged."""
        path = self._entries / notebook / key
        try:
            checksum, _, content = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if checksum != _checksum(key, content):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return content

    def put(self, notebook: str, key: str, content: bytes) -> None:
        """Keep an executed notebook; where that fails, warn once and go on."""
        path = self._entries / notebook / key
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.replacing(path, beside=self._folder) as file:
                file.write(_checksum(key, content) + b"\n" + content)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if self._writable:
                self._warn(
                    f"{self._folder}: nothing can be kept for the next run ({error.strerror}); "
                    f"set {LOCATION} to a folder that can be written to"
                )
            self._writable = False


def _checksum(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + content).hexdigest().encode()


def entries(folder: Path) -> Iterator[Entry]:
    """List the entries of a cache, of all versions that wrote to it."""
    names = os.listdir(folder) if folder.exists() else []
    for environment in filter(ENVIRONMENT.fullmatch, sorted(names)):
        for path in sorted((folder / environment).glob("*/*")):
            with contextlib.suppress(OSError):  # another process may have removed it by now
                if ENTRY.fullmatch(path.name):
                    status = path.lstat()
                    yield Entry(path, path.parent.name, environment, status.st_size, status.st_mtime)


def prune(folder: Path, environment: str | None, days: float) -> tuple[int, int]:
    """Remove entries unused for so many days, and those of all environments but one if one is given.

    Returns:
        How many entries were removed, and their size [byte].
    """
    oldest = time.time() - days * SECONDS_A_DAY
    count = size = 0
    for entry in list(entries(folder)):
        of_another = environment is not None and entry.environment != environment[:16]
        if of_another or entry.used <= oldest:
            with contextlib.suppress(OSError):
                files.remove(entry.path)
                count, size = count + 1, size + entry.size
            for emptied in (entry.path.parent, entry.path.parent.parent):
                with contextlib.suppress(OSError):  # only empty folders are removed
                    emptied.rmdir()
    with contextlib.suppress(OSError):
        files.sweep(folder)
    return count, size
