"""What the readers of feeds share: bytes into text, tables and JSON, the count of rows, medians."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from costcheck.data.tables import LIMIT, is_date
from costcheck.data.yaml_nodes import UNSEEN
from costcheck.errors import InputError
from costcheck.prices.feeds.known import FEEDS, Feed, Id
from costcheck.prices.quotes import Quote, price_keys, value_of

MISSING = frozenset({"", "N/A", "n/a", "NA", "None", "null"})
ZERO = "a price of zero, which means unknown"
NO_PRICE = "no price"
NO_KEY = "not a price that costcheck uses"
CONTROL = rf"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{UNSEEN}\ud800-\udfff"
"""What a terminal obeys instead of showing it, what turns the direction of text, and half characters."""
LARGEST_JSON = 16 * 2**20
"""A feed of JSON [byte]; LiteLLM's, the largest, has 2 MB. In memory it takes up to thirty times as much."""
NAMED = 6
"""How many of the rows behind a median its note names."""
MOST_LISTED = 100_000
"""Rows that are listed with what is wrong with them: a file with more is not of the feed."""


class Listed(list[str]):
    """A list of rows that grows no further than `MOST_LISTED`."""

    def append(self, line: str) -> None:
        """Add a row, or raise an InputError where there are too many."""
        if len(self) == MOST_LISTED:
            raise InputError(
                f"{self[0]}; there are more than {MOST_LISTED:,} such rows, so that this is no such feed"
            )
        super().append(line)


class UnreadableError(ValueError):
    """A row or cell cannot be read: it is counted and listed."""


@dataclass(slots=True)
class Reading:
    """What was read from a feed: its quotes, and what happened to every row."""

    feed: Feed
    name: str
    """The file's name or the address, as it stands in the quotes' source."""
    quotes: list[Quote] = field(default_factory=list)
    rows: int = 0
    """Rows or entries in the file."""
    taken: int = 0
    """Of these, those that a quote rests on."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Of these, those left out, by reason."""
    unreadable: list[str] = field(default_factory=Listed)
    """Of these, those that could not be read: where, and what is wrong."""
    left_out: list[str] = field(default_factory=Listed)
    """The skipped rows that a reader might have expected to be taken: where, and why they were not."""
    gaps: Counter[str] = field(default_factory=Counter)
    """Prices missing in rows that were taken for another price, by reason."""

    def skip(self, reason: str, where: str | None = None) -> None:
        """Count a row that is left out, and list it where it could have been expected."""
        self.skipped[reason] += 1
        if where is not None:
            self.left_out.append(f"{where}: {reason}")


@dataclass(frozen=True, slots=True)
class Offer:
    """One row's price for a key."""

    value: float
    what: str
    link: str | None = None


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


def table(data: bytes, where: str, reading: Reading, named: str = "") -> Iterator[tuple[int, dict[str, str]]]:
    r"""Give each row of a CSV feed by column, with the line on which it begins, and count it.

    A row with too many or too few cells is listed as unreadable.

    Args:
        data: The file's content.
        where: What it is called in messages.
        reading: Of the feed that it should be of; rows are counted there.
        named: What the file is called where a row is listed; nothing where it is the only one.

    Raises:
        InputError: It is empty, not UTF-8, not CSV, or lacks a column.

    >>> data = b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n"
    >>> [(line, row["USD"]) for line, row in table(data, "r.csv", Reading(FEEDS["ecb"], "r.csv"))]
    [(2, '1.0888')]
    """
    content, feed, line = text(data, where), reading.feed, 1
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
            if len(cells) == len(header):
                reading.rows += 1
                yield line, dict(zip(header, cells, strict=True))
            elif cells:
                reading.rows += 1
                counts = f"{len(cells)} cells, but the header has {len(header)}"
                reading.unreadable.append(f"{named}line {line}: {counts}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{where}, line {line}: not CSV{' from here on' * (line > 1)} ({error})") from error


def json_value(data: bytes, where: str, feed: Feed) -> Any:
    """Read JSON; an object in which a name comes twice becomes a `Doubled`.

    Raises:
        InputError: It is empty, not UTF-8, not JSON, too large, or nested too deeply.
    """
    if len(data) > LARGEST_JSON:
        raise InputError(f"{where}: larger than {LARGEST_JSON // 2**20} MiB, which no {feed.title} is")
    content = text(data, where)
    try:
        return json.loads(content, object_pairs_hook=_json_object)
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

    >>> refuse_doubled(json_value(b'{"a": 1, "a": 2}', "m.json", FEEDS["litellm"]), "m.json")
    Traceback (most recent call last):
    costcheck.errors.InputError: m.json: 'a' stands there twice; which price holds is unknown
    """
    if not isinstance(entry, Doubled):
        return
    for name in entry.names if names is None else names:
        if entry.names[name] > 1:
            raise InputError(f"{where}: {name!r} stands there twice; which price holds is unknown")


def _json_or_none(data: bytes) -> Any:
    try:
        return json.loads(data) if len(data) <= LARGEST_JSON else None
    except (ValueError, RecursionError):
        return None


def looks_like(found: Any, asked: Feed) -> str:
    """Return the end of a message that names the feed of a header or a JSON value, if it is another.

    >>> looks_like(["Date", "USD", "JPY", "CNY"], FEEDS["litellm"])
    '. This looks like ECB euro reference rates: costcheck prices import ecb'
    """
    name = kind(found)
    if name is None or name == asked.name:
        return ""
    return f". This looks like {FEEDS[name].title}: costcheck prices import {name}"


def kind(found: Any) -> str | None:
    """Return the name of the feed that column names, or what JSON was read to, are of, if any.

    >>> kind(["Date", "USD", "JPY", "BGN", "CNY"]), kind({"data": [{"pricing": {}}]}), kind({})
    ('ecb', 'openrouter', None)
    """
    if isinstance(found, dict):
        data = found.get("data")
        if isinstance(data, list) and any(isinstance(each, dict) and "pricing" in each for each in data):
            return "openrouter"
        entries = (each for each in found.values() if isinstance(each, dict))
        return "litellm" if any("litellm_provider" in each for each in entries) else None
    columns = (
        set(found) if isinstance(found, list) and all(isinstance(each, str) for each in found) else set()
    )
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


def within(key: str, value: float, where: str) -> float:
    """Return a value that is within its key's bounds.

    Raises:
        UnreadableError: It is outside; it may be in another unit.
    """
    try:
        return value_of(key, value)
    except InputError as error:
        raise UnreadableError(f"{where}, {error}") from None


def iso_date(given: str, where: str, latest: str) -> str:
    """Return an ISO date that is not after the latest, which is today.

    Raises:
        UnreadableError: It is not a date YYYY-MM-DD.
        InputError: It is in the future: the whole feed is in doubt.
    """
    if not is_date(given):
        raise UnreadableError(f"{where}: {given!r} is not a date YYYY-MM-DD")
    if given > latest:
        raise InputError(f"{where}: {given} is in the future; today is {latest}. Nothing was imported")
    return given


def with_quotes(
    reading: Reading, known: dict[str, Id], as_of: str, offers: Iterable[tuple[str, Offer]]
) -> Reading:
    """Add a quote to a reading for each key of which there are offers on its day, in the order of the ids."""
    by_key: dict[str, list[Offer]] = {key: [] for each in known.values() for _, key in each.prices}
    for key, offer in offers:
        by_key[key].append(offer)
    reading.quotes += [quote(reading, key, as_of, of_key) for key, of_key in by_key.items() if of_key]
    return reading


def per_model(reading: Reading, id_: str, known: Id, entry: dict[str, Any]) -> list[tuple[str, Offer]]:
    """Return what a model costs by key [USD/Mtok], and count it as taken, skipped or unreadable."""
    if not known.prices:
        reading.skip(known.note or NO_KEY, id_)
        return []
    offers: list[tuple[str, Offer]] = []
    try:
        for column, key in known.prices:
            value = per_million(entry.get(column), f"{reading.name}, {id_}, {column}")
            if not value:
                reading.skip(NO_PRICE if value is None else ZERO, id_)
                return []
            offers.append((key, Offer(within(key, value, f"{id_}, {column}"), id_)))
    except UnreadableError as error:
        reading.unreadable.append(str(error))
        return []
    reading.taken += 1
    return offers


def quote(reading: Reading, key: str, as_of: str, offers: Sequence[Offer]) -> Quote:
    """Make one quote of all that a feed offers for a key on a day: their median, with the range.

    Its source is the feed and the file alone, so that the same day read again, with more rows, takes its
    place; the rows and where they link to are in its note.

    >>> from costcheck.prices.feeds.known import feed
    >>> made = quote(Reading(feed("epoch"), "p.csv"), "h100_usd", "2025-03-03",
    ...              [Offer(28_750.0, "A"), Offer(46_875.0, "B"), Offer(31_250.0, "C")])
    >>> made.value, made.low, made.high, made.note
    (31250.0, 28750.0, 46875.0, 'median of 3: A 28750, B 46875, C 31250')
    """
    import statistics

    values = [offer.value for offer in offers]
    low, high = min(values), max(values)
    unit = price_keys()[key].unit
    links = list(dict.fromkeys(offer.link for offer in offers if offer.link))
    note = offers[0].what
    if len(offers) > 1:
        named = [f"{offer.what} {offer.value:.10g}".strip() for offer in offers[:NAMED]]
        more = f" and {len(offers) - NAMED} more" if len(offers) > NAMED else ""
        note = f"median of {len(offers)}: {', '.join(named)}{more}"
    note = " ".join("; ".join(part for part in (note, " and ".join(links)) if part).split())
    return Quote(
        key=key,
        value=statistics.median(values),
        low=low if low != high else None,
        high=high if low != high else None,
        unit=unit,
        as_of=as_of,
        source=" ".join(f"{reading.feed.title}, {reading.name}".split()),
        verification=reading.feed.verification,
        note=note or None,
    )
