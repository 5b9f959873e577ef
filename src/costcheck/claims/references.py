"""How a claim names its inputs: a price, another claim's printed figure, or cells of a table.

======================================  ====================================================
``prices.h100_usd``                     a price of the price book, or of the article's own file
``inputs.gpus``                         an input of the article's own file
``claims.Z49``                          the figure that claim prints
``gpus[gpu=NVIDIA B200].memory_gb``     the cell of the one row that fits
``books.words[*]``                      the cells of all rows (that fit)
``... .score[*] by benchmark``          the same, sorted by a column and held to equal keys
======================================  ====================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.prices import quotes
from costcheck.text.numbers import number_text


@dataclass(frozen=True, slots=True)
class Named:
    """A price, an input of the article's own file, or the figure printed in another of its claims."""

    of: str  # ``prices``, ``inputs`` or ``claims``
    name: str


@dataclass(frozen=True, slots=True)
class CellReference:
    """One cell of a table, or a column of it."""

    table: str
    where: tuple[tuple[str, str], ...]
    column: str
    many: bool
    by: str | None


Reference = Named | CellReference

_CELL = re.compile(
    r"(?P<table>\w+)(?:\[(?P<where>[^\[\]]*)\])?\.(?P<column>\w+)(?P<many>\[\*\])?(?: by (?P<by>\w+))?"
)


@cache
def parse(text: str, own_prices: tuple[str, ...] = ()) -> Reference:
    """Read a reference as in an article's file, which may state prices of its own.

    >>> parse("prices.h100_usd")
    Named(of='prices', name='h100_usd')
    >>> parse("books[number=3].words")
    CellReference(table='books', where=(('number', '3'),), column='words', many=False, by=None)
    """
    of, _, name = text.partition(".")
    if of in ("prices", "inputs", "claims"):
        if of == "prices" and name not in own_prices and name not in quotes.price_keys():
            raise unknown("price", name, {*own_prices, *quotes.price_keys()})
        return Named(of, name)
    match = _CELL.fullmatch(text)
    if not match:
        raise InputError(
            f"{text!r} is no reference; allowed: prices.KEY, inputs.NAME, claims.ID, "
            "TABLE[COLUMN=VALUE].COLUMN, TABLE[COLUMN=VALUE].COLUMN[*] by COLUMN"
        )
    columns = [field["name"] for field in tables.schema(match["table"])]
    where = tuple(_condition(part, columns) for part in re.split(r", (?=\w+=)", match["where"] or "") if part)
    for column in (match["column"], match["by"]):
        if column and column not in columns:
            raise unknown("column", column, columns, f"table {match['table']}")
    reference = CellReference(match["table"], where, match["column"], bool(match["many"]), match["by"])
    rows = fitting(reference)
    for column, value in where if not rows else ():
        known = {_text(row[column]) for row in tables.rows(match["table"])}
        if value not in known:
            raise unknown(column, value, known, f"table {match['table']}")
    if not rows or (len(rows) > 1 and not reference.many):
        raise InputError(
            f"{text!r} fits {len(rows)} rows of data/{match['table']}.csv; exactly one is needed"
        )
    return reference


def _condition(part: str, columns: list[str]) -> tuple[str, str]:
    column, equals, value = part.partition("=")
    if not equals:
        raise InputError(f"{part!r} is no condition; write COLUMN=VALUE, such as {columns[0]}={part}")
    if column not in columns:
        raise unknown("column", column, columns, repr(part))
    return column, value


@cache
def fitting(reference: CellReference) -> tuple[tables.Row, ...]:
    """Return the rows a reference names, in the table's order or sorted as it asks."""
    table, by = reference.table, reference.by
    conditions = reference.where
    rows = [row for row in tables.rows(table) if all(_text(row[key]) == value for key, value in conditions)]
    for column in (reference.column, by):
        if column and any(row[column] is None for row in rows):
            raise InputError(f"column {column} has an empty cell in data/{table}.csv")
    return tuple(sorted(rows, key=lambda row: row[by]) if by else rows)


def _text(cell: object) -> str:
    return number_text(cell) if isinstance(cell, bool | float) else "" if cell is None else str(cell)
