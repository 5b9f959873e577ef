"""results.csv in other forms: as Parquet for programs, as a workbook for people."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from costcheck.claims.kinds import look_of
from costcheck.claims.verdict import COLUMNS
from costcheck.results.prices_file import PRICE_COLUMNS
from costcheck.results.results_file import NUMBERS
from costcheck.text.numbers import number_text
from costcheck.text.spreadsheets import FORMULA, NUMBER, unguarded

if TYPE_CHECKING:
    import pyarrow as pa
    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook

ANSWERS = ("value", "recomputed")
"""The columns of results.csv whose cells are numbers, true, false or dates."""
NUMERIC = NUMBERS + ANSWERS
MOST_ROWS = 5_000
"""Rows of a workbook, those of 49 scenarios: more are not for people, and take seconds to write."""
LONGEST_CELL = 32_767
"""Characters that a cell can hold, in every program that reads workbooks."""
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no way to write."""
WRITTEN = dt.datetime(2000, 1, 1)
"""When every workbook says it was written, so that the same results are the same bytes."""

WIDTHS = {
    **{"scenario": 16, "id": 7, "article": 13, "printed": 24, "value": 19, "unit": 20, "recomputed": 19},
    **{"ratio": 10, "arithmetic": 19, "premise": 17, "at_your_prices": 19, "notebook": 22, "note": 70},
    **{"key": 38, "date": 12, "source": 60, "verified": 30},
}
"""Of columns [characters of the usual font]."""
WRAPPED = ("scenario", "printed", "arithmetic", "premise", "note", "source", "verified")

HEAD = "1F3A4D"
LINE, MOST_HEIGHT = 15, 405
"""The height of a line, and of the highest row there can be [point]."""


def table(results: Path) -> pa.Table:
    """Read a results.csv as a table: numbers as float64, all else as text, null where a cell is empty.

    An answer that is true, false or a date is in ``value_text`` and ``recomputed_text``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
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
    return pa.Table.from_arrays(list(columns.values()), list(columns))


def parquet(results: Path) -> bytes:
    """Return a `table` as Parquet: the same bytes for the same results and version of Arrow."""
    import pyarrow as pa
    import pyarrow.parquet

    written = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table(results), written)
    return bytes(written.getvalue())


def xlsx(results: Path, prices: Sequence[Mapping[str, str | float]]) -> bytes:
    """Return a results.csv as a workbook: verdicts on the first sheet, prices on the second.

    Numbers are at full precision, shown rounded; every text is text, also one that looks like a formula.
    The same results, prices and version of openpyxl give the same bytes.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.properties.creator = "costcheck"
    book.properties.title = "costcheck: what the figures of articles come to"
    book.properties.created = book.properties.modified = WRITTEN
    first = book.active
    first.title = "results"
    with results.open(encoding="utf-8", newline="") as file:
        _fill(first, COLUMNS, map(_answered, csv.DictReader(file)))
    _fill(book.create_sheet("prices"), PRICE_COLUMNS, prices)
    return _saved(book)


def _answered(row: Mapping[str, str]) -> dict[str, str | float]:
    """Return a row of results.csv with its numbers as numbers."""
    return {
        name: float(cell) if name in NUMERIC and NUMBER.fullmatch(cell) else unguarded(cell)
        for name, cell in row.items()
    }


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Mapping[str, str | float]]) -> None:
    """Write rows into a sheet, and set it up to be read and printed."""
    from openpyxl.utils import get_column_letter

    styles: dict[_Style, Any] = {}

    def styled(cell: Cell, **looks: Any) -> None:
        style = _Style(**looks)
        if style not in styles:
            style.put_on(cell)
            styles[style] = cell._style
        cell._style = styles[style]  # a copy takes a hundredth of the time

    for place, name in enumerate(columns, 1):
        styled(sheet.cell(1, place, name.replace("_", " ")), right=name in NUMERIC, head=True)
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[name]
    last = 1
    for last, row in enumerate(rows, 2):
        height = 1
        for place, name in enumerate(columns, 1):
            cell, content, wrap = sheet.cell(last, place), row[name], name in WRAPPED
            if not isinstance(content, str):
                cell.value = number_text(content)
                cell.data_type = "n"  # of a float, openpyxl would write 16 figures
                styled(cell, right=True, form=number_format(content, str(row["unit"]), name))
                continue
            if content:
                _text(cell, content)
            if wrap:
                height = max(height, _lines(content, WIDTHS[name]))
            look = look_of(content) if name in ("arithmetic", "premise") else None
            fill = look.fill if look else ""
            styled(cell, right=name in NUMERIC, wrap=wrap, fill=fill, quote=bool(FORMULA.match(content)))
        # no program works out the height of wrapped text in a file it has not written
        sheet.row_dimensions[last].height = min(MOST_HEIGHT, LINE * height)
    sheet.freeze_panes = "D2" if "id" in columns else "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_margins.left = sheet.page_margins.right = 0.4  # [inch]
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.8
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"


class _Style(NamedTuple):
    """How a cell looks."""

    right: bool = False
    wrap: bool = False
    head: bool = False
    quote: bool = False
    fill: str = ""
    form: str = ""

    def put_on(self, cell: Cell) -> None:
        """Give a cell this look."""
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        # an indent, so that a unit does not stick to the number before it
        left = Alignment("left", "top", indent=1, wrap_text=self.wrap)
        cell.alignment = Alignment("right", "top") if self.right else left
        cell.border = Border(bottom=Side("hair", color="A0A0A0"))
        if self.head:
            cell.font = Font("Calibri", 11, bold=True, color="FFFFFF")
        if self.head or self.fill:
            cell.fill = PatternFill("solid", fgColor=HEAD if self.head else self.fill)
        if self.form:
            cell.number_format = self.form
        if self.quote:
            cell.quotePrefix = True  # text also after somebody has edited it


def _lines(text: str, width: int) -> int:
    """Estimate how many lines a text takes in a column; East Asian characters are as wide as two others."""
    room = width - 1
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return max(1, math.ceil((len(text) + wide) / room)) + text.count("\n")


def _text(cell: Cell, text: str) -> None:
    """Write a text as text, whatever it looks like."""
    text = ILLEGAL.sub("\ufffd", text)
    cell.value = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula


def number_format(value: float, unit: str = "", column: str = "") -> str:
    """Choose how a number is shown in a cell that holds it at full precision.

    >>> number_format(1_720_000_000), number_format(42833.3333), number_format(2.92857), number_format(0.6198)
    ('#,##0', '#,##0.0', '#,##0.00', '0.00##')
    >>> number_format(3.8e25, "FLOP"), number_format(0.6154, "share of benchmarks"), number_format(7, "rank")
    ('0.00E+00', '0.0%', '#,##0')
    """
    if column != "ratio" and unit.startswith("share of "):
        return "0.0%"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-3:
        return "0.00E+00"
    if value == int(value) and column != "ratio":
        return "#,##0"
    return "#,##0" if size >= 1e6 else "#,##0.0" if size >= 1e3 else "#,##0.00" if size >= 1 else "0.00##"


def _saved(book: Workbook) -> bytes:
    """Write a workbook of which nothing says when."""
    from openpyxl.writer.excel import ExcelWriter

    class Undated(zipfile.ZipFile):
        def write(self, path: Any, name: Any, *_: Any) -> None:  # type: ignore[override]
            self.writestr(name, Path(path).read_bytes())

        def writestr(self, name: Any, data: Any, *_: Any) -> None:
            info = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            info.create_system = 3  # on every platform
            info.external_attr = 0o600 << 16
            super().writestr(info, data, zipfile.ZIP_DEFLATED)

    written = io.BytesIO()
    ExcelWriter(book, Undated(written, "w")).save()
    return written.getvalue()
