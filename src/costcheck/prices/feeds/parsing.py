"""What the readers of feeds share: bytes into text, tables and JSON; numbers and dates out of cells."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from costcheck.data.tables import LIMIT, is_date, today
from costcheck.data.yaml_nodes import UNSEEN
from costcheck.errors import InputError
from costcheck.prices.feeds.known import FEEDS, Feed

MISSING = frozenset({"", "N/A", "n/a", "NA", "None", "null"})
CONTROL = rf"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{UNSEEN}\ud800-\udfff"
"""What a terminal obeys instead of showing it, what turns the direction of text, and half characters."""
LARGEST_JSON = 16 * 2**20
"""A feed of JSON [byte]; LiteLLM's, the largest, has 2 MB. In memory it takes up to thirty times as much."""
Row = dict[str, str]


class UnreadableError(ValueError):
    """A row or cell cannot be read: it is counted and listed."""


def members(data: bytes, where: str) -> list[tuple[str, bytes]]:
    """Return name and content of the CSV files of a ZIP, or the data itself, nameless, where it is none.

    Raises:
        InputError: The ZIP is damaged, encrypted, holds no CSV file, or unpacks to more than `LIMIT`.

    >>> members(b"Date,USD", "rates.csv")
    [('', b'Date,USD')]
    """
    if not data.startswith(b"PK"):
        return [("", data)]
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
            if not infos:
                raise InputError(f"{where}: the ZIP holds no CSV file")
            if sum(info.file_size for info in infos) > LIMIT:
                raise InputError(f"{where}: the ZIP unpacks to more than {LIMIT // 2**20} MiB")
            # others may ask for gigabytes to unpack a few bytes
            if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
                raise InputError(f"{where}: the ZIP is compressed in another way than ZIPs usually are")
            # an entry gives no more than it says: what is beyond is an error of its checksum
            return [(plain(info.filename), archive.read(info)) for info in infos]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise InputError(f"{where}: the ZIP cannot be unpacked ({error})") from error


def plain(given: str) -> str:
    r"""Put U+FFFD for each character of a name that may not reach a terminal or a file.

    >>> plain("gpu\x1b[2J\r") == "gpu\ufffd[2J\ufffd"
    True
    """
    return re.sub(f"[{CONTROL}\t\n\r]", "\ufffd", given)


def text(data: bytes, where: str) -> str:
    """Decode UTF-8, with or without a mark, and make it `plain` but for tabs and line ends.

    Raises:
        InputError: It is empty, a ZIP, or not UTF-8.
    """
    if data.startswith(b"PK\x03\x04"):
        raise InputError(f"{where}: a ZIP; unpack it first")
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}, line {line}: not UTF-8 (byte {error.start + 1})") from error
    if not decoded or decoded.isspace():
        raise InputError(f"{where}: the file is empty")
    return re.sub(f"[{CONTROL}]", "\ufffd", decoded)


def table(data: bytes, where: str, feed: Feed) -> Iterator[tuple[str, Row | UnreadableError]]:
    r"""Give each row of a CSV feed by column, with the file's name and the line on which it begins.

    In place of a row with too many or too few cells there is the error that says so.

    Raises:
        InputError: It is empty, not UTF-8, not CSV, or lacks a column.

    >>> data = b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n"
    >>> [(place, row["USD"]) for place, row in table(data, "r.csv", FEEDS["ecb"])]
    [('r.csv, line 2', '1.0888')]
    """
    content, line = text(data, where), 1
    if content.lstrip()[0] in "{[":
        raise InputError(f"{where}: JSON, but {feed.title} is CSV{looks_like(_json_or_none(data), feed)}")
    reader = csv.reader(io.StringIO(content, newline=""), strict=True, skipinitialspace=True)
    try:
        header = [name.strip() for name in next(reader)]
        for name in feed.columns:
            if header.count(name) != 1:
                problem = "is missing" if name not in header else "stands there twice"
                raise InputError(
                    f"{where}, line 1: column {name!r} {problem}; {feed.title} has "
                    f"{', '.join(feed.columns)}{looks_like(header, feed)}"
                )
        line = reader.line_num + 1
        for cells in reader:
            place = f"{where}, line {line}"
            if len(cells) == len(header):
                yield place, dict(zip(header, cells, strict=True))
            elif cells:
                counts = f"{len(cells)} cells, but the header has {len(header)}"
                yield place, UnreadableError(f"{place}: {counts}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{where}, line {line}: not CSV{' from here on' * (line > 1)} ({error})") from error


def json_of(data: bytes, where: str, feed: Feed, lacks: str) -> Any:
    """Read the JSON of a feed; an object in which a name comes twice becomes a `Doubled`.

    Raises:
        InputError: It is empty, not UTF-8, not JSON, too large, nested too deeply, or of no such feed, of
            which ``lacks`` says what it lacks.
    """
    if len(data) > LARGEST_JSON:
        raise InputError(f"{where}: larger than {LARGEST_JSON // 2**20} MiB, which no {feed.title} is")
    content = text(data, where)
    try:
        value = json.loads(content, object_pairs_hook=_json_object)
    except json.JSONDecodeError as error:
        if content.lstrip()[0] not in "{[":
            header = content.split("\n", 1)[0].rstrip("\r").split(",")
            other = looks_like([name.strip() for name in header], feed)
            raise InputError(f"{where}: no JSON, but {feed.title} is JSON{other}") from None
        cut = "" if content.rstrip().endswith(("}", "]")) else " (the file seems to be cut off)"
        raise InputError(f"{where}, line {error.lineno}: no JSON: {error.msg}{cut}") from None
    except RecursionError:
        raise InputError(f"{where}: JSON nested too deeply to be {feed.title}") from None
    except ValueError as error:  # an integer of thousands of figures
        raise InputError(f"{where}: no JSON that can be read ({error})") from None
    if kind(value) != feed.name:
        raise InputError(f"{where}: not {feed.title}: {lacks}{looks_like(value, feed)}")
    return value


class Doubled(dict[str, Any]):
    """An object of JSON in which names come twice; the last holds, which could be the wrong price."""

    names: Counter[str]
    """How often each name comes."""


def _json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(entry := dict(pairs)) == len(pairs):
        return entry
    doubled = Doubled(entry)
    doubled.names = Counter(name for name, _ in pairs)
    return doubled


def refuse_doubled(entry: dict[str, Any], where: str, names: Iterable[str] | None = None) -> None:
    """Refuse an object of JSON in which a name comes twice: the first of those given, or any.

    >>> refuse_doubled(json.loads('{"a": 1, "a": 2}', object_pairs_hook=_json_object), "m.json")
    Traceback (most recent call last):
    costcheck.errors.InputError: m.json: 'a' stands there twice; which price holds is unknown
    """
    counts = entry.names if isinstance(entry, Doubled) else {}
    for name in counts if names is None else names:
        if counts.get(name, 0) > 1:
            raise InputError(f"{where}: {name!r} stands there twice; which price holds is unknown")


def _json_or_none(data: bytes) -> Any:
    try:
        return json.loads(data) if len(data) <= LARGEST_JSON else None
    except (ValueError, RecursionError):
        return None


def looks_like(content: Any, asked: Feed) -> str:
    """Return the end of a message that names the feed of a header or a JSON value, if it is another.

    >>> looks_like(["Date", "USD", "JPY", "CNY"], FEEDS["litellm"])
    '. This looks like ECB euro reference rates: costcheck prices import ecb'
    """
    name = kind(content)
    if name is None or name == asked.name:
        return ""
    return f". This looks like {FEEDS[name].title}: costcheck prices import {name}"


def kind(content: Any) -> str | None:
    """Return the name of the feed that column names, or what JSON was read to, are of, if any.

    >>> kind(["Date", "USD", "JPY", "BGN", "CNY"]), kind({"data": [{"pricing": {}}]}), kind({})
    ('ecb', 'openrouter', None)
    """
    if isinstance(content, dict):
        models = content.get("data")
        if isinstance(models, list) and any(isinstance(each, dict) and "pricing" in each for each in models):
            return "openrouter"
        entries = (entry for entry in content.values() if isinstance(entry, dict))
        return "litellm" if any("litellm_provider" in entry for entry in entries) else None
    columns = {name for name in content if isinstance(name, str)} if isinstance(content, list) else set()
    return next((name for name, feed in FEEDS.items() if feed.columns and columns >= {*feed.columns}), None)


def number(given: object, where: str) -> float | None:
    """Read a price or rate from a CSV cell or a JSON value: ``None`` where there is none (empty, ``N/A``).

    Raises:
        UnreadableError: It is something else than a finite number.
        InputError: It is negative, which no price is: the whole feed is in doubt.

    >>> number("2.49", "p.csv, line 2"), number("N/A", "p.csv, line 3")
    (2.49, None)
    """
    if given is None or (isinstance(given, str) and (given := given.strip()) in MISSING):
        return None
    # float() would take True, and 1_000
    if isinstance(given, bool) or not isinstance(given, str | int | float) or "_" in str(given):
        raise UnreadableError(f"{where}: {given!r} is not a number")
    try:
        value = float(given)
    except (ValueError, OverflowError):
        raise UnreadableError(f"{where}: {given!r} is not a number") from None
    if not math.isfinite(value):
        raise UnreadableError(f"{where}: {given!r} is not a finite number")
    if value < 0:
        raise InputError(f"{where}: {given} is negative; a price or rate is above zero. Nothing was imported")
    return value


def per_million(given: object, where: str) -> float | None:
    """Read a price in USD a token as `number` does: in USD/Mtok, with no rounding error of the power of ten.

    >>> per_million("0.00000005", "m.json"), 0.00000005 * 1e6
    (0.05, 0.049999999999999996)
    """
    from decimal import Decimal

    if number(given, where) is None:
        return None
    return float(Decimal(str(given).strip()) * 1_000_000)


def iso_date(given: str, where: str) -> str:
    """Return an ISO date that is not in the future.

    Raises:
        UnreadableError: It is not a date YYYY-MM-DD.
        InputError: It is in the future: the whole feed is in doubt.
    """
    if not is_date(given):
        raise UnreadableError(f"{where}: {given!r} is not a date YYYY-MM-DD")
    if given > (latest := today()):
        raise InputError(f"{where}: {given} is in the future; today is {latest}. Nothing was imported")
    return given
