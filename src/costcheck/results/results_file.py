"""results.csv: the verdicts of a run, a row for each claim and scenario."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from costcheck.claims.verdict import COLUMNS
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.text.spreadsheets import unguarded

RESULTS = "results.csv"
NUMBERS = ("at_your_prices", "ratio")
"""The columns that hold nothing but numbers."""
LARGEST = 256 * 2**20
"""Of some 10,000 scenarios [byte]."""

Row = dict[str, str]


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Read a results.csv row by row.

    Yields:
        The line, and the row without the guards of `costcheck.text.spreadsheets`.

    Raises:
        InputError: It is no results.csv, or a cell of a column of numbers is none.
    """
    content = tables.file_bytes(path, LARGEST)
    texts: dict[str, str] = {}
    try:
        with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            for column in COLUMNS:
                if header.count(column) != 1:
                    problem = "twice" if column in header else "missing"
                    raise InputError(f"{path}, line 1: not a {RESULTS}: column {column} is {problem}")
            for cells in reader:
                line = reader.line_num
                if len(cells) != len(header):
                    raise InputError(f"{path}, line {line}: {len(cells)} cells, not {len(header)}")
                # scenarios repeat each other's texts: each is kept once
                row = {
                    column: texts.setdefault(text, text)
                    for column, text in zip(header, map(unguarded, cells), strict=True)
                }
                for column in NUMBERS:
                    if row[column] and not is_finite(row[column]):
                        text = repr(row[column][:60])
                        raise InputError(f"{path}, line {line}, column {column}: {text} is not a number")
                if not row["id"].strip():
                    raise InputError(f"{path}, line {line}, column id: empty")
                yield line, row
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8 ({error})") from None


def is_finite(text: str) -> bool:
    """Return whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
