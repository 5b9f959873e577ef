"""What the readers of feeds share: bytes into rows of CSV or JSON; numbers and dates out of cells."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from costcheck.data.tables import LIMIT, is_date, today
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError
from costcheck.prices.feeds.catalogue import Feed

MISSING = frozenset({"", "N/A", "n/a", "NA", "None", "null"})
FILE = "file in the ZIP"
"""The column that `table` adds to each row: the name of its file, without the ending."""
Row = dict[str, str]


class UnreadableError(ValueError):
    """A row or cell cannot be read: it is counted and listed."""


def members(data: bytes, where: str) -> list[tuple[str, bytes]]:
    """Return name and content of the CSV files of a ZIP, or the data itself, nameless, where it is none."""
    if not data.startswith(b"PK"):
        return [("", data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
            if not infos:
                raise InputError(f"{where}: the ZIP holds no CSV file")
            if sum(info.file_size for info in infos) > LIMIT:
                raise InputError(f"{where}: the ZIP unpacks to more than {LIMIT // 2**20} MiB")
            # others than these may ask for gigabytes to unpack a few bytes
            if not {info.compress_type for info in infos} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise InputError(f"{where}: the ZIP is compressed in another way than ZIPs usually are")
            # an entry gives no more than it says: what is beyond is an error of its checksum
            return [(plain(info.filename), archive.read(info)) for info in infos]
    except InputError:  # is a ValueError too
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError) as error:
        raise InputError(f"{where}: the ZIP cannot be unpacked ({error})") from error


def plain(given: str) -> str:
    """Put U+FFFD for what may not reach a terminal or a file, and one blank for any run of blanks."""
    return CONTROLS.sub("\ufffd", " ".join(given.split()))


def _text(data: bytes, where: str) -> str:
    try:
        return CONTROLS.sub("\ufffd", data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}, line {line}: not UTF-8 (byte {error.start + 1})") from error


def table(data: bytes, called: str, feed: Feed) -> Iterator[tuple[str, Row | UnreadableError]]:
    """Give each row of a CSV feed, or of the CSV files in a ZIP, with its place: file and first line.

    In place of a row with too many or too few cells there is the error that says so.
    """
    for member, content in members(data, called):
        where, line = (f"{called}/{member}" if member else called), 1
        reader = csv.reader(io.StringIO(_text(content, where)), strict=True, skipinitialspace=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            for name in feed.columns:
                if header.count(name) != 1:
                    problem = "is missing" if name not in header else "is there twice"
                    expected = f"{feed.title} has {', '.join(feed.columns)}"
                    raise InputError(f"{where}, line 1: column {name!r} {problem}; {expected}")
            line = reader.line_num + 1
            for cells in reader:
                place = f"{where}, line {line}"
                if len(cells) == len(header):
                    yield place, {**dict(zip(header, cells, strict=True)), FILE: PurePath(member).stem}
                elif cells:
                    counts = f"{len(cells)} cells, but the header has {len(header)}"
                    yield place, UnreadableError(f"{place}: {counts}")
                line = reader.line_num + 1
        except csv.Error as error:
            raise InputError(f"{where}, line {line}: not CSV, as {feed.title} is ({error})") from error


def json_object(data: bytes, where: str, feed: Feed) -> dict[str, Any]:
    """Read the JSON of a feed; a name with two values has a list of both, neither price nor object."""
    try:
        value = json.loads(_text(data, where), object_pairs_hook=_object)
    except InputError:  # is a ValueError too
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: no JSON, as {feed.title} is ({error})") from None
    if not isinstance(value, dict):
        raise InputError(f"{where}: not {feed.title}: no object of JSON")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name, value in pairs:
        entry[name] = [entry[name], value] if name in entry else value
    return entry


def number(given: object, where: str) -> float | None:
    """Read a price or rate from a CSV cell or a JSON value: ``None`` where there is none (empty, ``N/A``).

    Raises:
        UnreadableError: It is something else than a finite number.
        InputError: It is negative, which no price is: the whole feed is in doubt.
    """
    if given is None or (isinstance(given, str) and (given := given.strip()) in MISSING):
        return None
    try:
        # float() would take True, and 1_000
        if isinstance(given, bool) or not isinstance(given, str | int | float) or "_" in str(given):
            raise ValueError
        value = float(given)
        if not math.isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        raise UnreadableError(f"{where}: {given!r} is not a finite number") from None
    if value < 0:
        raise InputError(f"{where}: {given} is negative; a price or rate is above zero. Nothing was imported")
    return value


def iso_date(given: str, where: str) -> str:
    """Return an ISO date, or raise an UnreadableError; one in the future puts the whole feed in doubt."""
    if not is_date(given):
        raise UnreadableError(f"{where}: {given!r} is not a date YYYY-MM-DD")
    if given > today():
        raise InputError(f"{where}: {given} is in the future; today is {today()}. Nothing was imported")
    return given
