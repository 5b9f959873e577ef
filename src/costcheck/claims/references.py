"""Cells, columns and rows of tables, as sums name them (data/articles/README.md)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.text.numbers import number_text

_CELL = re.compile(
    r"(?P<table>\w+)(?:\[(?P<where>[^\[\]]*)\])?\.(?P<column>\w+)(?P<many>\[\*\])?(?: by (?P<by>\w+))?"
)


class Cells(NamedTuple):
    """One cell of a table, or ``many`` of a column: those of ``rows``, sorted ``by`` a column if asked."""

    table: str
    column: str
    many: bool
    by: str | None
    rows: tuple[tables.Row, ...]

    @property
    def values(self) -> list[Any]:
        """What stands in them."""
        return [row[self.column] for row in self.rows]

    @property
    def unit(self) -> str | None:
        """Their unit; None for text, dates, and true or false."""
        described = next(field for field in tables.schema(self.table) if field["name"] == self.column)
        unit: str | None = described.get("unit", "1" if described["type"] in ("number", "integer") else None)
        if unit == tables.SEE_COLUMN:
            unit, *others = dict.fromkeys(row["unit"] for row in self.rows)
            if others:
                raise InputError(f"the rows of data/{self.table}.csv are in {unit} and {others[0]}")
        return unit


@cache
def parse(text: str) -> Cells:
    """Find the cells that a text names.

    Raises:
        InputError: No such table, column or row; the message names the nearest.

    >>> parse("books[number=3].words").values
    [107253]
    """
    match = _CELL.fullmatch(text)
    if not match:
        raise InputError(f"{text!r} is no cell of a table; write TABLE[COLUMN=VALUE].COLUMN")
    table, by, where = match["table"], match["by"], f"table {match['table']}"
    rows, columns = tables.rows(table), [field["name"] for field in tables.schema(table)]
    conditions = _conditions(match["where"] or "", columns)
    for column in (match["column"], by):
        if column and column not in columns:
            raise unknown("column", column, columns, where)
    for column, value in conditions:
        rows = tuple(row for row in rows if row[column] == value or _text(row[column]) == value)
    for column, value in () if rows else conditions:
        if value not in (known := {_text(row[column]) for row in tables.rows(table)}):
            raise unknown(column, value, known, where)
    if not rows or (len(rows) > 1 and not match["many"]):
        raise InputError(f"{text!r} fits {len(rows)} rows of data/{table}.csv; exactly one is needed")
    for column in (match["column"], by):
        if column and any(row[column] is None for row in rows):
            raise InputError(f"column {column} has an empty cell in data/{table}.csv")
    rows = tuple(sorted(rows, key=lambda row: row[by])) if by else rows
    return Cells(table, match["column"], bool(match["many"]), by, rows)


def _conditions(text: str, columns: list[str]) -> list[tuple[str, str]]:
    if quoted := re.fullmatch(r'\s*"([^"]*)"\s*', text):
        return [(columns[0], quoted[1])]
    conditions = []
    for part in re.split(r", (?=\w+=)", text) if text else ():
        column, equals, value = part.partition("=")
        if not equals:
            raise InputError(f"{part!r} is no condition; write COLUMN=VALUE, such as {columns[0]}={part}")
        if column not in columns:
            raise unknown("column", column, columns, repr(part))
        conditions.append((column, value))
    return conditions


def _text(cell: object) -> str:
    return number_text(cell) if isinstance(cell, bool | float) else "" if cell is None else str(cell)
