"""The CSV of a run: results.csv, a row for each claim and scenario, and prices.csv, the quotes it used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from costcheck.claims.verdict import COLUMNS
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import GIVEN
from costcheck.text.spreadsheets import csv_text, unguarded

RESULTS, PRICES = "results.csv", "prices.csv"
NUMBERS = ("at_your_prices", "ratio")
"""The columns of results.csv that hold nothing but numbers."""
PRICE_COLUMNS = ("scenario", "key", "value", "unit", "date", "source", "verified")
LARGEST = 256 * 2**20
"""A results.csv of some 10,000 scenarios [byte]."""

Row = dict[str, Any]


def prices_used(keys: Iterable[str], book: PriceBook, scenario: str) -> list[dict[str, str | float]]:
    """Return which quote a book has for each of some prices, as rows of `PRICE_COLUMNS`.

    A value that the reader gave has neither a date nor a verification.

    >>> (row,) = prices_used(["h100_usd"], PriceBook.article(), "article")
    >>> row["value"], row["unit"], row["date"]
    (40000.0, 'USD/GPU', '2024-07-22')
    """
    rows: list[dict[str, str | float]] = []
    for quote in map(book.quote, keys):
        date, verified = ("", "") if quote.source == GIVEN else (quote.as_of, quote.verification)
        cells = (scenario, quote.key, quote.value, quote.unit, date, quote.source, verified)
        rows.append(dict(zip(PRICE_COLUMNS, cells, strict=True)))
    return rows


def prices_csv(rows: Iterable[Mapping[str, str | float]]) -> str:
    """Return rows of `prices_used` as the text of a prices.csv."""
    return csv_text(PRICE_COLUMNS, rows)


def read_prices(path: Path) -> list[tuple[int, Row]]:
    """Read a prices.csv, where there is one, as `read_results` does; ``value`` is a number."""
    return _read(path, PRICE_COLUMNS, ("value",), ("key", "value")) if path.exists() else []


def read_results(path: Path) -> list[tuple[int, Row]]:
    """Read a results.csv: rows with their lines, `NUMBERS` as numbers or ``None``, all else text.

    Raises:
        InputError: It is no such file, is of an earlier version, or a cell of a column of numbers is none.
    """
    try:
        return _read(path, COLUMNS, NUMBERS, ("id",))
    except InputError as error:
        if error.reason.startswith("column about is missing"):
            problem = "written by an earlier version of costcheck; costcheck run writes it again"
            raise InputError(problem, where=str(path)) from None
        raise


def _read(
    path: Path, columns: Iterable[str], numbers: Iterable[str], required: Iterable[str]
) -> list[tuple[int, Row]]:
    fields: tables.Schema = [
        {
            "name": name,
            "type": "number" if name in numbers else "string",
            "constraints": {"required": name in required},
        }
        for name in columns
    ]
    numbered = tables.numbered(path, fields, LARGEST)
    for _, row in numbered:
        row.update({name: unguarded(row[name] or "") for name in columns if name not in numbers})
    return numbered
