"""The tables in ``data/``, read, typed and validated by ``datapackage.json``; the door for CSV of readers.

`rows` gives plain dictionaries and imports nothing heavy; `frame` gives the same as a pandas
data frame, for notebooks.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.errors import InputError, unknown
from costcheck.text import log

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Schema = list[dict[str, Any]]

SEE_COLUMN = "see column unit"
"""The unit of numbers that each have their own, in the row's column ``unit``."""
LIMIT = 64 * 2**20
"""The largest file, download or unpacked archive that is read [byte]; no table or feed has a third of it."""


@cache
def home(folder: str) -> Path:
    """Where ``data``, ``notebooks`` or ``scenarios`` lies: in the package if installed, or beside ``src``."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "shipped" / folder
    return installed if installed.is_dir() else package.parents[1] / folder


@cache
def package() -> dict[str, Any]:
    """Return the description of all tables, ``data/datapackage.json``."""
    described: dict[str, Any] = json.loads((home("data") / "datapackage.json").read_text(encoding="utf-8"))
    return described


def today() -> str:
    """Return the day in UTC, as an ISO date."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def is_date(text: str) -> bool:
    """Say whether text is a day that there is, written YYYY-MM-DD and in no other way of ISO 8601.

    >>> [is_date(text) for text in ("2024-07-22", "2024-02-30", "2024-W30-1", "20240722", "2024-7-2")]
    [True, False, False, False, False]
    """
    try:
        # the first reads weeks and dates without dashes too, and writes them out
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_unverified(verification: str | None) -> bool:
    """Say whether a row's verification begins with the word *unverified*, the one mark there is.

    >>> is_unverified("Unverified: recalled table"), is_unverified("primary"), is_unverified(None)
    (True, False, False)
    """
    return (verification or "").strip().casefold().startswith("unverified")


def names() -> list[str]:
    """Return the names of all tables."""
    return [resource["name"] for resource in package()["resources"]]


def schema(name: str) -> Schema:
    """Return the fields of a table, as the data package describes them."""
    for resource in package()["resources"]:
        if resource["name"] == name:
            fields: Schema = resource["schema"]["fields"]
            return fields
    raise unknown("table", name, names())


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Read a table of the package, such as ``"gpus"``; an empty cell is ``None``."""
    return tuple(row for _, row in numbered(home("data") / f"{name}.csv", schema(name)))


def frame(name: str) -> pd.DataFrame:
    """Read a table as a pandas data frame."""
    import pandas as pd

    return pd.DataFrame(rows(name))


def file_bytes(path: Path, most: int = LIMIT) -> bytes:
    """Read a file that is not too large, and is one: a device or a pipe may never end, or never begin.

    Raises:
        InputError: It cannot be read, is no regular file, or is larger than ``most`` [byte].
    """
    log.detail(f"reads {path}")
    try:
        # without waiting: a pipe in a stranger's folder may have nobody who writes into it
        flags = getattr(os, "O_NONBLOCK", 0)
        with open(path, "rb", opener=lambda name, more: os.open(name, flags | more)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise IsADirectoryError
            data = file.read(most + 1)
    except IsADirectoryError:
        raise InputError(f"{path}: not a file") from None
    except (OSError, ValueError) as error:  # the latter is of a NUL in the name
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if len(data) > most:
        raise InputError(f"{path}: larger than {most // 2**20} MiB; allowed: up to that")
    return data


def decoded(content: bytes, where: str) -> str:
    """Return text in UTF-8, with or without a byte order mark; anything else is refused with its line."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"not text in UTF-8 ({error.reason})", where=f"{where}, line {line}") from None


def separator(text: str) -> str:
    """Return what separates the columns of a sheet, by its first line: a comma, a semicolon or a tab.

    >>> separator("key;value"), separator("key,value")
    (';', ',')
    """
    return max(",;\t", key=text.lstrip("\r\n ").partition("\n")[0].count)


def lines(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Read CSV as spreadsheets write it: give each row that is not blank, with the line on which it ends."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator(text))
    try:
        yield from trimmed((reader.line_num, cells) for cells in reader)
    except csv.Error as error:
        raise InputError(f"not CSV ({error})", where=f"{where}, line {reader.line_num}") from None


def trimmed(rows: Iterable[tuple[Any, list[str]]]) -> Iterator[tuple[Any, list[str]]]:
    """Leave out rows of blanks, and blank cells to the right of the header."""
    width = 0
    for place, cells in rows:
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if any(map(str.strip, cells)):
            width = width or len(cells)
            yield place, cells


def with_point(text: str, where: str) -> str:
    """Write a number of a sheet in which a comma stands before the decimals with a point.

    Raises:
        InputError: It has a point before three last digits, which may stand before decimals or thousands.

    >>> with_point("7,25", ""), with_point("43.000,5", ""), with_point("7.25", "")
    ('7.25', '43000.5', '7.25')
    """
    text = text.strip()
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        either = f"{text.replace('.', '')} or {text.replace('.', ',')}"
        raise InputError(f"{text!r} has two readings; write {either}", where=where)
    if re.fullmatch(r"-?(\d+|\d{1,3}(\.\d{3})+),\d+", text):
        return text.replace(".", "").replace(",", ".")
    return text


def numbered(path: Path, fields: Schema, most: int = LIMIT) -> list[tuple[int, Row]]:
    """Read a CSV file, each cell in its field's type; each row comes with the line on which it ends.

    A date is a str, and an empty cell ``None``. Constraints but ``required`` and ``pattern`` are of the
    package's own tables, which tests validate.

    Raises:
        InputError: The file cannot be read, a column is missing, doubled or unknown, or a cell is wrong; the
            message says file, line, column, what was found and what is allowed.
    """
    by_name = {field["name"]: field for field in fields}
    # most cells are text that may be anything
    patterns = {name for name, field in by_name.items() if "pattern" in field.get("constraints", {})}
    free = {name for name, field in by_name.items() if field["type"] == "string"} - patterns
    optional = {name for name, field in by_name.items() if not field.get("constraints", {}).get("required")}
    text = decoded(file_bytes(path, most), str(path))
    commas = separator(text) == ";"  # as a spreadsheet saves it where decimals have a comma
    numeric = {name for name, field in by_name.items() if commas and field["type"] in ("integer", "number")}
    rows_of_cells = lines(text, str(path))
    first, header = next(rows_of_cells, (1, []))
    for column in dict.fromkeys([*header, *by_name]):
        where = f"{path}, line {first}"
        if column not in by_name:
            raise unknown("column", column, by_name, where)
        if (count := header.count(column)) != 1:
            problem = f"duplicate column {column}" if count else f"column {column} is missing"
            raise InputError(f"{problem}; expected {', '.join(by_name)}", where=where)
    numbered_rows: list[tuple[int, Row]] = []
    for line, cells in rows_of_cells:
        where = f"{path}, line {line}"
        if len(cells) != len(header):
            problem = f"{len(cells)} cells, but the header has {len(header)} columns"
            raise InputError(problem, where=where)
        # scenarios repeat each other's texts
        row: Row = dict(zip(header, [sys.intern(cell.strip()) for cell in cells], strict=True))
        for column in numeric:
            row[column] = with_point(row[column], f"{where}, column {column}")
        for column, text in row.items():
            if not text and column in optional:
                row[column] = None
            elif not text or column not in free:
                row[column] = _cell(where, by_name[column], text)
        numbered_rows.append((line, row))
    return numbered_rows


def _cell(where: str, field: dict[str, Any], text: str) -> Any:
    where, constraints = f"{where}, column {field['name']}", field.get("constraints", {})
    if text == "":
        if constraints.get("required"):
            what = f" ({field['description']})" if "description" in field else ""
            raise InputError(f"empty, but a value is required{what}", where=where)
        return None
    form, read = FORMS.get(field["type"], ("", str))
    try:
        value = read(text)
    except (ValueError, KeyError):
        unit = f" [{field['unit']}]" if field.get("unit", SEE_COLUMN) != SEE_COLUMN else ""
        raise InputError(f"{text!r} is not {form}{unit}", where=where) from None
    if (pattern := constraints.get("pattern")) and not re.fullmatch(pattern, text):
        raise InputError(f"{text!r} is not {field.get('form') or f'of the form {pattern}'}", where=where)
    return value


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError
    return number


def _date(text: str) -> str:
    if not is_date(text):
        raise ValueError
    return text


FORMS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "integer": ("a whole number", int),
    "number": ("a finite number", _finite),
    "boolean": ("true or false", {"true": True, "false": False}.__getitem__),
    "date": ("a date YYYY-MM-DD", _date),
}
