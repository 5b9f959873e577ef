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
import operator
import os
import re
import stat
import sys
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


def home(folder: str) -> Path:
    """Where ``data`` or ``notebooks`` lies: inside the package once installed, beside ``src`` in a clone.

    >>> home("data").name
    'data'
    """
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
    """Read a table of the package, such as ``"gpus"``; an empty cell is ``None``.

    >>> rows("precisions")[0]["bytes_per_parameter"]
    4.0
    """
    return tuple(read(home("data") / f"{name}.csv", schema(name)))


def frame(name: str) -> pd.DataFrame:
    """Read a table as a pandas data frame.

    >>> frame("books")["words"].sum()
    np.int64(1084170)
    """
    import pandas as pd

    return pd.DataFrame(rows(name))


def read(path: Path, fields: Schema) -> list[Row]:
    """Read a CSV file and validate every cell by its field's description, as in a Frictionless table schema.

    A cell is a str, int, float or bool, a date a str, and ``None`` where it is empty.

    Raises:
        InputError: The file cannot be read, a column is missing, doubled or unknown, or a cell breaks its
            type or constraint; the message says file, line, column, what was found and what is allowed.
    """
    return [row for _, row in numbered(path, fields)]


def file_bytes(path: Path, most: int = LIMIT) -> bytes:
    """Read a file that is not too large, and is one: a device or a pipe may never end, or never begin.

    Raises:
        InputError: It cannot be read, is no regular file, or is larger than ``most`` [byte].

    >>> file_bytes(home("data") / "precisions.csv")[:9]
    b'precision'
    """
    log.detail(f"reads {path}")
    try:
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"{path}: not a file")
            size = status.st_size
            # once more: it may have grown, and in /proc files have no size at all
            data = (file.read(most + 1) or b"") if size <= most else b""
    except IsADirectoryError:
        raise InputError(f"{path}: not a file") from None
    except InputError:  # is a ValueError too
        raise
    except (OSError, ValueError) as error:  # the latter is of a NUL in the name
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if max(size, len(data)) > most:
        raise InputError(f"{path}: larger than {most // 2**20} MiB; allowed: up to that")
    return data


def _at_once(path: str, flags: int) -> int:
    # without waiting: a pipe in a stranger's folder may have nobody who writes into it
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def numbered(path: Path, fields: Schema, most: int = LIMIT) -> list[tuple[int, Row]]:
    """Read a CSV file of at most so many bytes as `read` does, with the line on which each row ends."""
    data = file_bytes(path, most)
    by_name = {field["name"]: field for field in fields}
    # most cells are text that may be anything: those need no second look
    free = {
        name
        for name, field in by_name.items()
        if field["type"] == "string" and not set(field.get("constraints", {})) - {"required"}
    }
    unique = [name for name, field in by_name.items() if _constraint(field, "unique")]
    first_lines: dict[tuple[str, Any], int] = {}
    numbered_rows: list[tuple[int, Row]] = []
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, None)
        if header is None:
            raise InputError(f"the file is empty; expected the columns {', '.join(by_name)}", where=str(path))
        _validate_header(f"{path}, line 1", header, list(by_name))
        for cells in reader:
            if not any(cells):
                continue
            where = f"{path}, line {reader.line_num}"
            if len(cells) != len(header):
                problem = f"{len(cells)} cells, but the header has {len(header)} columns"
                raise InputError(problem, where=where)
            # scenarios repeat each other's texts
            row = {
                column: text
                if (text := sys.intern(cell.strip())) and column in free
                else _cell(where, by_name[column], text)
                for column, cell in zip(header, cells, strict=True)
            }
            for column in unique:
                first = first_lines.setdefault((column, row[column]), reader.line_num)
                if first != reader.line_num and row[column] is not None:
                    problem = f"{row[column]!r} is already in line {first}"
                    raise InputError(problem, where=f"{where}, column {column}")
            numbered_rows.append((reader.line_num, row))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a CSV file in UTF-8 ({error})", where=str(path)) from error
    return numbered_rows


def _validate_header(where: str, header: list[str], allowed: list[str]) -> None:
    for column in header:
        if column not in allowed:
            raise unknown("column", column, allowed, where)
        if header.count(column) > 1:
            raise InputError(f"duplicate column {column}", where=where)
    for column in allowed:
        if column not in header:
            raise InputError(f"column {column} is missing; expected {', '.join(allowed)}", where=where)


def _constraint(field: dict[str, Any], name: str) -> Any:
    return field.get("constraints", {}).get(name)


def _cell(where: str, field: dict[str, Any], text: str) -> Any:
    where = f"{where}, column {field['name']}"
    if text == "":
        if _constraint(field, "required"):
            raise InputError(f"empty, but a value is required ({field.get('description', '')})", where=where)
        return None
    value = _typed(where, field, text)
    allowed = _constraint(field, "enum")
    if allowed and value not in allowed:
        raise unknown("value", text, map(str, allowed), where)
    for bound, broken in (("minimum", operator.lt), ("maximum", operator.gt)):
        limit = _constraint(field, bound)
        if limit is not None and not isinstance(value, str) and broken(value, limit):
            problem = f"{text} is out of bounds; {bound} {limit} {field.get('unit', '')}".rstrip()
            raise InputError(problem, where=where)
    pattern = _constraint(field, "pattern")
    if pattern and not re.fullmatch(pattern, text):
        raise InputError(f"{text!r} is not {field.get('form') or f'of the form {pattern}'}", where=where)
    return value


def _typed(where: str, field: dict[str, Any], text: str) -> Any:
    kind, of = field["type"], field.get("unit", SEE_COLUMN)
    unit = "" if of == SEE_COLUMN else f" [{of}]"
    try:
        if kind == "integer":
            return int(text)
        if kind == "number" and math.isfinite(number := float(text)):
            return number
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind == "number" or (kind == "date" and not is_date(text)):
            raise ValueError
    except (ValueError, KeyError):
        form = {"boolean": "true or false", "date": "a date YYYY-MM-DD", "integer": "a whole number"}
        problem = f"{text!r} is not {form.get(kind, 'a finite number')}{unit}"
        raise InputError(problem, where=where) from None
    return text
