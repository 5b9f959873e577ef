"""A reader's own price book: a CSV file of quotes, with the columns of ``data/prices.csv``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from costcheck.data import files, tables
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError, RunError
from costcheck.prices.quotes import ARTICLE, GIVEN, Quote, price_keys, validate
from costcheck.text.numbers import number_text
from costcheck.text.spreadsheets import csv_text, unguarded

LARGEST = 16 * 2**20
"""A book [byte]: ten times all quotes that the feeds have. In memory it takes up to thirty times as much."""
TEXTS = ("source", "verification", "note")
Identity = tuple[str, str, str]
"""Key, date and source: what makes two quotes the same one, read at different times."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What new quotes change in a book."""

    added: list[Quote]
    replaced: list[tuple[Quote, Quote]]
    """Before and after: the same key, date and source with another value or range."""
    unchanged: int
    quotes: list[Quote]
    """The book with the changes made, in its order."""


def read(path: Path) -> list[Quote]:
    """Read the quotes of a price book, in the file's order.

    Raises:
        InputError: The file cannot be read or is no such table, or a quote is wrong: as for
            `quotes.validate`, a date that is none or lies in the future, no source of its own, or the same
            quote twice.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "my_prices.csv"
    >>> quote = Quote("h100_usd", 25_000.0, None, None, "USD/GPU", "2025-03-03", "an offer", "primary", None)
    >>> write(path, [quote])
    >>> read(path) == [quote]
    True
    """
    quotes: list[Quote] = []
    lines: dict[Identity, int] = {}
    for line, row in tables.numbered(path, tables.schema("prices"), LARGEST):
        where = f"{path}, line {line}"
        cells: tables.Row = {
            name: unguarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()
        }
        quote = Quote(**cells)
        _validate(quote, where)
        first = lines.setdefault(_identity(quote), line)
        if first != line:
            what = f"a quote of {quote.key} for {quote.as_of} from this source"
            raise InputError(f"{where}: {what} stands in line {first} already")
        quotes.append(quote)
    return quotes


def quotes_of(path: Path) -> list[Quote]:
    """Read a price book that is to be used: one without quotes is refused too."""
    quotes = read(path)
    if not quotes:
        raise InputError(f"{path}: no quotes in it")
    return quotes


def write(path: Path, quotes: Iterable[Quote]) -> None:
    """Write a price book, whole or not at all, in the order of the keys, then dates, then sources.

    Runs of blanks in its texts, line ends among them, become one blank: a reader of CSV would not give them
    back as they were.

    Raises:
        InputError: A quote is wrong, as for `read`.
        RunError: The file cannot be written.
    """
    rows = []
    for quote in _ordered(quotes):
        _validate(quote, f"{path}, {quote.key} of {quote.as_of}")
        rows.append({name: _one_line(number_text(cell)) for name, cell in asdict(quote).items()})
    text = csv_text([field["name"] for field in tables.schema("prices")], rows)
    try:
        # Path.resolve() fails on a link that leads to itself
        files.write(Path(os.path.realpath(path)), text.encode(), lasting=True)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error


def merged(existing: Iterable[Quote], new: Iterable[Quote]) -> Changes:
    """Put new quotes into a book.

    A new quote takes the place of one with the same key, date and source if its value or range differs;
    where they do not, the quote that was there stays, with its reader's own note.

    >>> old = Quote("usd_cny", 7.2, None, None, "CNY/USD", "2024-07-22", "ECB", "primary", None)
    >>> from dataclasses import replace
    >>> changes = merged([old], [replace(old, value=7.27), replace(old, as_of="2024-07-23")])
    >>> len(changes.added), len(changes.replaced), changes.unchanged, len(changes.quotes)
    (1, 1, 0, 2)
    """
    book = {_identity(quote): quote for quote in existing}
    fresh = {_identity(quote): quote for quote in new}
    added = [quote for identity, quote in fresh.items() if identity not in book]
    both = [(book[identity], quote) for identity, quote in fresh.items() if identity in book]
    replaced = [
        (before, after)
        for before, after in both
        if (before.value, before.low, before.high) != (after.value, after.low, after.high)
    ]
    book |= {_identity(quote): quote for quote in (*added, *(after for _, after in replaced))}
    return Changes(added, replaced, len(both) - len(replaced), _ordered(book.values()))


def _validate(quote: Quote, where: str) -> None:
    validate(quote, where)
    date, today = quote.as_of, tables.today()
    if not tables.is_date(date) and not tables.is_date(f"{date}-01"):
        raise InputError(f"{where}, column as_of: {date!r} is not a date YYYY-MM-DD or YYYY-MM")
    if date > today[: len(date)]:
        raise InputError(f"{where}, column as_of: {date} is in the future; today is {today}")
    for column in TEXTS:
        if control := CONTROLS.search(_one_line(getattr(quote, column) or "")):
            raise InputError(
                f"{where}, column {column}: control characters are not allowed, as U+{ord(control[0]):04X}"
            )
    source = _one_line(quote.source)
    if not source:
        raise InputError(f"{where}, column source: empty; say where the price is from")
    if source in (ARTICLE, GIVEN):
        keeper = "the articles state" if source == ARTICLE else "--set gives"
        raise InputError(
            f"{where}, column source: {source!r} is kept for what {keeper}; name a source of yours"
        )


def _ordered(quotes: Iterable[Quote]) -> list[Quote]:
    order = {key: place for place, key in enumerate(price_keys())}
    return sorted(quotes, key=lambda quote: (order.get(quote.key, -1), quote.as_of, quote.source))


def _identity(quote: Quote) -> Identity:
    return quote.key, quote.as_of, _one_line(quote.source)


def _one_line(text: str) -> str:
    return " ".join(text.split())
