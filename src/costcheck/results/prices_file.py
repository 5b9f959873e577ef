"""prices.csv: which quotes a run used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from costcheck.data import tables
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import GIVEN
from costcheck.text.spreadsheets import csv_text, unguarded

PRICES = "prices.csv"
PRICE_COLUMNS = ("scenario", "key", "value", "unit", "date", "source", "verified")
REQUIRED = {"constraints": {"required": True}}
FIELDS: tables.Schema = [
    {"name": "scenario", "type": "string"},
    {"name": "key", "type": "string", **REQUIRED},
    {"name": "value", "type": "number", **REQUIRED},
    *({"name": name, "type": "string"} for name in PRICE_COLUMNS[3:]),
]


def prices_used(keys: Iterable[str], book: PriceBook, scenario: str) -> list[dict[str, str | float]]:
    """Return which quote a book has for each of some prices, as rows of `PRICE_COLUMNS`.

    A value that the reader gave has neither a date nor a verification.

    >>> (row,) = prices_used(["h100_usd"], PriceBook.article(), "article")
    >>> row["value"], row["unit"], row["date"]
    (40000.0, 'USD/GPU', '2024-07-22')
    """
    rows: list[dict[str, str | float]] = []
    for key in keys:
        quote = book.quote(key)
        given = quote.source == GIVEN
        date, verified = ("", "") if given else (quote.as_of, quote.verification)
        cells = (scenario, key, quote.value, quote.unit, date, quote.source, verified)
        rows.append(dict(zip(PRICE_COLUMNS, cells, strict=True)))
    return rows


def prices_csv(rows: Iterable[Mapping[str, str | float]]) -> str:
    """Return rows of `prices_used` as the text of a prices.csv."""
    return csv_text(PRICE_COLUMNS, rows)


def read_prices(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Read a prices.csv, where there is one: rows with their lines, ``value`` a number, all else text.

    Raises:
        InputError: It is damaged.
    """
    if not path.exists():
        return []
    return [
        (line, {column: cell if column == "value" else unguarded(cell or "") for column, cell in row.items()})
        for line, row in tables.numbered(path, FIELDS)
    ]
