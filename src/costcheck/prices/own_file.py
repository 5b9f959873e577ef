"""A reader's own price book: a CSV file of quotes, with the columns of ``data/prices.csv``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costcheck.data import files, tables
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError, RunError
from costcheck.prices.quotes import ARTICLE, GIVEN, Quote, price_keys, validate
from costcheck.text.numbers import number_text
from costcheck.text.spreadsheets import csv_text, unguarded

Identity = tuple[str, str, str]
"""Key, date and source: what makes two quotes the same one, read at different times."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What new quotes change in a book."""

    added: list[Quote]
    replaced: list[Quote]
    """Of the same key, date and source as one in the book, with another value or range."""
    unchanged: int
    quotes: list[Quote]
    """The book with the changes made, in its order."""


def read(path: Path) -> list[Quote]:
    """Read the quotes of a price book, in the file's order.

    Raises:
        InputError: The file cannot be read or is no such table, or a quote is wrong: as for
            `quotes.validate`, a date that is none or lies in the future, no source of its own, or the same
            quote twice.
    """
    lines: dict[Identity, int] = {}
    quotes = []
    for line, row in tables.numbered(path, tables.schema("prices")):
        where = f"{path}, line {line}"
        cells: Any = {name: unguarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        quote = Quote(**cells)
        _validate(quote, where)
        if (first := lines.setdefault(_identity(quote), line)) != line:
            what = f"a quote of {quote.key} for {quote.as_of} from this source"
            raise InputError(f"{where}: {what} is already in line {first}")
        quotes.append(quote)
    return quotes


def quotes_of(path: Path) -> list[Quote]:
    """Read a price book that is to be used: one without quotes is refused too."""
    if quotes := read(path):
        return quotes
    raise InputError(f"{path}: no quotes in it")


def write(path: Path, quotes: Iterable[Quote]) -> None:
    """Write a price book, whole or not at all, in the order of the keys, then dates, then sources.

    Runs of blanks in its texts, line ends among them, become one blank: a reader of CSV would not give them
    back as they were. A wrong quote is refused, as by `read`; a RunError says why the file cannot be written.
    """
    rows = []
    for quote in _ordered(quotes):
        _validate(quote, f"{path}, {quote.key} of {quote.as_of}")
        rows.append({name: _one_line(number_text(cell)) for name, cell in quote._asdict().items()})
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
    """
    book = {_identity(quote): quote for quote in existing}
    fresh = {_identity(quote): quote for quote in new}
    added, replaced = [], []
    for identity, quote in fresh.items():
        before = book.get(identity)
        if before is None:
            added.append(quote)
        elif (before.value, before.low, before.high) != (quote.value, quote.low, quote.high):
            replaced.append(quote)
    book |= {_identity(quote): quote for quote in (*added, *replaced)}
    return Changes(added, replaced, len(fresh) - len(added) - len(replaced), _ordered(book.values()))


def _validate(quote: Quote, where: str) -> None:
    validate(quote, where)
    date, today = quote.as_of, tables.today()
    if not tables.is_date(date) and not tables.is_date(f"{date}-01"):
        raise InputError(f"{where}, column as_of: {date!r} is not a date YYYY-MM-DD or YYYY-MM")
    if date > today[: len(date)]:
        raise InputError(f"{where}, column as_of: {date} is in the future; today is {today}")
    for column in ("source", "verification", "note"):
        if CONTROLS.search(_one_line(getattr(quote, column) or "")):
            raise InputError(f"{where}, column {column}: control characters are not allowed")
    source = _one_line(quote.source)
    if source in ("", ARTICLE, GIVEN):
        problem = f"{source!r} is not a source of yours; say where the price is from"
        raise InputError(f"{where}, column source: {problem}")


def _ordered(quotes: Iterable[Quote]) -> list[Quote]:
    order = {key: place for place, key in enumerate(price_keys())}
    return sorted(quotes, key=lambda quote: (order.get(quote.key, -1), quote.as_of, quote.source))


def _identity(quote: Quote) -> Identity:
    return quote.key, quote.as_of, _one_line(quote.source)


def _one_line(text: str) -> str:
    return " ".join(text.split())
