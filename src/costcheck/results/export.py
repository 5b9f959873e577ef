"""results.csv in other forms: as Parquet for programs, as a workbook for people."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from costcheck.claims.kinds_and_colours import look_of
from costcheck.claims.verdict import COLUMNS
from costcheck.results.csv_files import NUMBERS, PRICE_COLUMNS
from costcheck.text.numbers import number_text
from costcheck.text.spreadsheets import FORMULA, NUMBER, unguarded

ANSWERS = ("value", "recomputed")
"""The columns of results.csv whose cells are numbers, true, false, dates or ranges."""
NUMERIC = NUMBERS + ANSWERS
JUDGED = ("arithmetic", "premise", "verdict_at_your_prices")
"""Those that have colours in a workbook."""
MOST_ROWS = 5_000
"""Rows of a workbook, those of 49 scenarios: more are not for people."""
LONGEST_CELL = 32_767
"""Characters that a cell can hold, in every program that reads workbooks."""
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no way to write."""
WRITTEN = dt.datetime(2000, 1, 1)
"""When every workbook says it was written, so that the same results are the same bytes."""
HEAD = "1F3A4D"
WIDEST = 60
"""The widest column [characters of the usual font]."""


def parquet(results: Path) -> bytes:
    """Return a results.csv as Parquet: the same bytes for the same results and version of Arrow.

    Numbers are float64, all else is text, and null where a cell is empty. An answer that is true, false, a
    date or a range is in ``value_text`` and ``recomputed_text``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from pyarrow import csv as arrow

    # not from Python's lists, for which Arrow would import pandas
    with results.open("rb") as file:  # Arrow takes no path with bytes that are not UTF-8
        read = arrow.read_csv(
            file,
            parse_options=arrow.ParseOptions(newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                column_types={name: pa.float64() if name in NUMBERS else pa.string() for name in COLUMNS},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    columns = {}
    for name in read.column_names:
        column = read[name]
        if name in ANSWERS:
            is_number = pc.match_substring_regex(column, f"^(?:{NUMBER.pattern})$")
            none = pa.nulls(len(column), pa.string())
            columns[name] = pc.cast(pc.if_else(is_number, column, none), pa.float64())
            column, name = pc.if_else(is_number, none, column), f"{name}_text"
        if column.type == pa.string():
            column = pc.replace_substring_regex(column, f"^'({FORMULA.pattern})", r"\1")
        columns[name] = column
    written = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(list(columns.values()), list(columns)), written)
    return bytes(written.getvalue())


def xlsx(results: Path, prices: Sequence[Mapping[str, str | float]]) -> bytes | None:
    """Return a results.csv as a workbook: verdicts on the first sheet, prices on the second.

    ``None`` where a sheet would have more than `MOST_ROWS`.

    Numbers are at full precision, shown rounded; every text is text, also one that looks like a formula.
    The same results, prices and version of openpyxl give the same bytes.
    """
    import openpyxl
    from openpyxl.writer.excel import ExcelWriter

    with results.open(encoding="utf-8", newline="") as file:
        rows = list(itertools.islice(map(_typed, csv.DictReader(file)), MOST_ROWS + 1))
    if max(len(rows), len(prices)) > MOST_ROWS:
        return None
    book = openpyxl.Workbook()
    book.properties.creator = "costcheck"
    book.properties.title = "costcheck: what the figures of articles come to"
    book.properties.created = book.properties.modified = WRITTEN
    book.active.title = "results"
    _fill(book.active, COLUMNS, rows)
    _fill(book.create_sheet("prices"), PRICE_COLUMNS, prices)
    dated, undated = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(dated, "w")).save()
    with zipfile.ZipFile(dated) as parts, zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            part.create_system = 3  # on every platform
            archive.writestr(part, parts.read(name), zipfile.ZIP_DEFLATED)
    return undated.getvalue()


def _typed(row: Mapping[str, str]) -> dict[str, str | float]:
    return {
        name: float(cell) if name in NUMERIC and NUMBER.fullmatch(cell) else unguarded(cell)
        for name, cell in row.items()
    }


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Mapping[str, str | float]]) -> None:
    """Write rows into a sheet, and set it up to be read."""
    from openpyxl.styles import Alignment, Font, PatternFill

    styles: dict[tuple[object, ...], Any] = {}

    def style(cell: Any, right: bool, fill: str = "", form: str = "General", quote: bool = False) -> None:
        look = (right, fill, form, quote)
        if look not in styles:
            # an indent, so that a unit does not stick to the number before it
            side: dict[str, Any] = {"horizontal": "right"} if right else {"horizontal": "left", "indent": 1}
            cell.alignment = Alignment(vertical="top", wrap_text=not right, **side)
            if fill:
                cell.fill = PatternFill("solid", fgColor=fill)
            if fill == HEAD:
                cell.font = Font(bold=True, color="FFFFFF")
            cell.number_format = form
            cell.quotePrefix = quote  # text also after somebody has edited it
            styles[look] = cell._style
        cell._style = styles[look]  # much faster than to make it again

    for place, name in enumerate(columns, 1):
        style(sheet.cell(1, place, name.replace("_", " ")), name in NUMERIC, HEAD)
    for line, row in enumerate(rows, 2):
        for place, name in enumerate(columns, 1):
            cell, content = sheet.cell(line, place), row[name]
            if isinstance(content, str):
                text = ILLEGAL.sub("\ufffd", content)
                cell.value = (text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…") or None
                cell.data_type = "s" if text else "n"  # openpyxl takes what begins with = for a formula
                look = look_of(text) if name in JUDGED else None
                style(cell, name in NUMERIC, look.fill if look else "", quote=bool(FORMULA.match(text)))
            else:
                cell.value = number_text(content)
                cell.data_type = "n"  # of a float, openpyxl would write 16 figures
                style(cell, True, form=number_format(content, str(row["unit"]), name))
    for column in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[column[0].column_letter].width = min(WIDEST, longest + 3)
    sheet.freeze_panes = "D2" if "id" in columns else "C2"
    sheet.auto_filter.ref = sheet.dimensions


def number_format(value: float, unit: str = "", column: str = "") -> str:
    """Choose how a number is shown in a cell that holds it at full precision.

    >>> [number_format(value) for value in (43_000, 12_509_900_000.5, -1234.5, 7.2734, 0.15, 2.5e-7, 3.8e25)]
    ['#,##0', '#,##0', '#,##0.0', '#,##0.00', '0.00##', '0.00E+00', '0.00E+00']
    >>> number_format(0.6154, "share of benchmarks"), number_format(1.0, "USD", "ratio")
    ('0.0%', '#,##0.00')
    """
    if column != "ratio" and unit.startswith("share of "):
        return "0.0%"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-3:
        return "0.00E+00"
    if size >= 1e6 or (value == int(value) and column != "ratio"):
        return "#,##0"
    return "#,##0.0" if size >= 1e3 else "#,##0.00" if size >= 1 else "0.00##"
