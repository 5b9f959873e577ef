"""Cells, columns and rows of tables, as sums name them (data/articles/README.md)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.text.numbers import number_text


class CellReference(NamedTuple):
    """One cell of a table, or a column of it."""

    table: str
    where: tuple[tuple[str, str], ...]
    column: str
    many: bool
    by: str | None


_CELL = re.compile(
    r"(?P<table>\w+)(?:\[(?P<where>[^\[\]]*)\])?\.(?P<column>\w+)(?P<many>\[\*\])?(?: by (?P<by>\w+))?"
)


def is_row(text: str) -> bool:
    """Say whether it is a whole row of a table."""
    return text.endswith("]") and not text.endswith("[*]")


@cache
def columns_of(row: str) -> frozenset[str]:
    """Return the columns of a row's table."""
    return frozenset(field["name"] for field in tables.schema(row.partition("[")[0]))


@cache
def parse(text: str) -> CellReference:
    """Read the name of a cell or column.

    Raises:
        InputError: No such table, column or row; the message names the nearest.

    >>> parse("books[number=3].words")
    CellReference(table='books', where=(('number', '3'),), column='words', many=False, by=None)
    """
    match = _CELL.fullmatch(text)
    if not match:
        raise InputError(f"{text!r} is no cell of a table; write TABLE[COLUMN=VALUE].COLUMN")
    columns = [field["name"] for field in tables.schema(match["table"])]
    where = tuple(_conditions(match["where"] or "", columns))
    for column in (match["column"], match["by"]):
        if column and column not in columns:
            raise unknown("column", column, columns, f"table {match['table']}")
    reference = CellReference(match["table"], where, match["column"], bool(match["many"]), match["by"])
    rows = fitting(reference)
    for column, value in () if rows else where:
        if value not in (known := {_text(row[column]) for row in tables.rows(match["table"])}):
            raise unknown(column, value, known, f"table {match['table']}")
    if not rows or (len(rows) > 1 and not reference.many):
        raise InputError(
            f"{text!r} fits {len(rows)} rows of data/{match['table']}.csv; exactly one is needed"
        )
    return reference


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


@cache
def fitting(reference: CellReference) -> tuple[tables.Row, ...]:
    """Return the rows a reference names, in the table's order or sorted as it asks."""
    table, by = reference.table, reference.by
    conditions = reference.where
    rows = tables.rows(table)
    for key, value in conditions:
        rows = tuple(row for row in rows if row[key] == value or _text(row[key]) == value)
    for column in (reference.column, by):
        if column and any(row[column] is None for row in rows):
            raise InputError(f"column {column} has an empty cell in data/{table}.csv")
    return tuple(sorted(rows, key=lambda row: row[by]) if by else rows)


@cache
def unit_of(reference: CellReference) -> str | None:
    """Return the unit of a cell or column; None for text, dates, and true or false."""
    described = next(field for field in tables.schema(reference.table) if field["name"] == reference.column)
    unit: str | None = described.get("unit", "1" if described["type"] in ("number", "integer") else None)
    if unit == tables.SEE_COLUMN:
        unit, *others = dict.fromkeys(row["unit"] for row in fitting(reference))
        if others:
            raise InputError(f"the rows of data/{reference.table}.csv are in {unit} and {others[0]}")
    return unit


def _text(cell: object) -> str:
    return number_text(cell) if isinstance(cell, bool | float) else "" if cell is None else str(cell)
