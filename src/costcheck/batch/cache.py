"""The cache: executed notebooks under the keys of their jobs, for every run of this user."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from costcheck import files
from costcheck.outputs import Found

LOCATION = "COSTCHECK_CACHE"
"""The environment variable that names another folder."""
ENVIRONMENT = re.compile(r"[0-9a-f]{16}")
ENTRY = re.compile(r"[0-9a-f]{64}")
SECONDS = "seconds.json"
UNUSED_DAYS = 30.0
"""What was not used for so long is pruned."""
SECONDS_A_DAY = 86_400


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
        return Path(given).absolute()
    import platformdirs

    return platformdirs.user_cache_path("costcheck")


class Cache:
    """Executed notebooks of one environment.

    An entry lies at ``<environment>/<notebook>/<key>``, so that what other versions made is known by its
    folder. It is written to a temporary name and renamed, and has a checksum: an entry that is not whole is
    as good as none.

    Args:
        folder: As `location` gives it.
        environment: As `costcheck.batch.jobs.environment` gives it.
        warn: Told once, in one sentence, if nothing can be kept.
    """

    def __init__(self, folder: Path, environment: str, warn: Callable[[str], object]) -> None:
        self._folder, self._warn = folder, warn
        self._entries = folder / environment[:16]
        self._writable = True
        if folder.is_dir():
            with self._writing():
                files.sweep(folder)

    def get(self, notebook: str, key: str) -> Kept | None:
        """Return what is kept under a key, or ``None``; an entry that is not whole is removed."""
        path = self._entries / notebook / key
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            kept = _unpacked(key, content)
        except (ValueError, KeyError, TypeError, AttributeError):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return kept

    def put(self, notebook: str, key: str, kept: Kept) -> None:
        """Keep an executed notebook; where that cannot be, say so once and go on."""
        if not self._writable:
            return
        path = self._entries / notebook / key
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.replacing(path, beside=self._folder) as file:
                file.write(_packed(key, kept))

    def seconds(self) -> dict[str, float]:
        """Return how long each notebook took in the last run that executed it [second]."""
        try:
            known = json.loads((self._folder / SECONDS).read_bytes())
            return {str(name): float(seconds) for name, seconds in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def put_seconds(self, seconds: Mapping[str, float]) -> None:
        """Remember how long notebooks took [second]."""
        if self._writable and seconds:
            with self._writing():
                self._folder.mkdir(parents=True, exist_ok=True)
                files.write(self._folder / SECONDS, json.dumps(self.seconds() | dict(seconds)).encode())

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
    """Go through the entries of a cache, of all versions that wrote to it."""
    for environment in _folders(folder):
        if not ENVIRONMENT.fullmatch(environment.name):
            continue
        for notebook in _folders(environment):
            for path in sorted(notebook.iterdir()):
                with contextlib.suppress(OSError):  # another process may have removed it by now
                    if ENTRY.fullmatch(path.name):
                        known = path.stat()
                        yield Entry(path, notebook.name, environment.name, known.st_size, known.st_mtime)


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def prune(folder: Path, environment: str | None, days: float) -> tuple[int, int]:
    """Remove entries that were not used for some days, and all that other versions made.

    Args:
        folder: As `location` gives it.
        environment: Of the version whose entries stay; ``None`` if those of every version may.
        days: How long an entry may be unused [day].

    Returns:
        How many entries were removed, and what they took [byte].
    """
    oldest = time.time() - days * SECONDS_A_DAY
    count = size = 0
    for entry in entries(folder):
        other = environment is not None and entry.environment != environment[:16]
        if other or entry.used <= oldest:
            with contextlib.suppress(OSError):
                entry.path.unlink()
                count, size = count + 1, size + entry.size
    for emptied in [*folder.glob("*/*"), *folder.glob("*")]:
        if ENVIRONMENT.fullmatch(emptied.relative_to(folder).parts[0]):
            with contextlib.suppress(OSError):  # only empty folders are removed
                emptied.rmdir()
    with contextlib.suppress(OSError):
        files.sweep(folder)
    return count, size
