"""Results to take along: results.csv as Parquet, and as a workbook for people."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck import __version__
from costcheck.prices.quotes import GIVEN
from costcheck.text.spreadsheets import FORMULA, NUMBER, csv_text, unguarded

if TYPE_CHECKING:
    import pyarrow as pa
    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from costcheck.prices.book import PriceBook

NUMBERS = ("ratio", "at_your_prices")
"""The columns of results.csv in which nothing but numbers stand."""
ANSWERS = ("value", "recomputed")
"""Those in which an answer may also be true, false or a date."""
NUMERIC = NUMBERS + ANSWERS
MOST_ROWS = 5_000
"""Rows that a workbook holds, those of 49 scenarios: more are not for people, and take seconds to write."""
LONGEST_CELL = 32_767
"""Characters that a cell can hold, in every program that reads workbooks."""
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no way to write."""
WRITTEN = "2000-01-01T00:00:00Z"
"""When every workbook says it was written, so that the same results are the same bytes."""
CORE = "docProps/core.xml"
"""The part of a workbook that has it."""
ZIP_DATE = (2000, 1, 1, 0, 0, 0)

PRICES = "prices.csv"
"""The file of the prices that a run used."""
PRICE_COLUMNS = ("scenario", "key", "value", "unit", "date", "source", "verified")

WIDTHS = {
    "scenario": 16,
    "id": 7,
    "article": 13,
    "printed": 24,
    "value": 19,
    "unit": 20,
    "recomputed": 19,
    "ratio": 10,
    "arithmetic": 19,
    "premise": 17,
    "at_your_prices": 19,
    "notebook": 22,
    "note": 70,
    "key": 38,
    "date": 12,
    "source": 60,
    "verified": 30,
}
"""Of columns [characters of the usual font]."""
WRAPPED = ("scenario", "printed", "arithmetic", "premise", "note", "source", "verified")

HEAD = "1F3A4D"
LINE, MOST_HEIGHT = 15, 405
"""The height of a line, and of the highest row there can be [point]."""


def table(results: Path) -> pa.Table:
    """Read a results.csv as a table with types.

    Args:
        results: The file.

    Returns:
        Its columns: numbers as float64, all else as text, null where a cell is empty. What an answer is that
        is no number (true, false, a date) stands in ``value_text`` and ``recomputed_text`` beside them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow

    from costcheck.claims.verdict import COLUMNS

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


def made_of(results: Path, prices: Sequence[Mapping[str, str | float]]) -> str:
    """Return what `parquet` and `xlsx` are made of, hashed: it stands in both files, to be found by `is_of`.

    Args:
        results: A results.csv.
        prices: As `prices_used` gives them.
    """
    told = json.dumps([__version__, prices]).encode()
    return hashlib.sha256(told + results.read_bytes()).hexdigest()


def is_of(path: Path, mark: str) -> bool:
    """Say whether a file is whole and made of what `made_of` hashed, without a library for it."""
    import zipfile

    try:
        content = path.read_bytes()
        if mark.encode() not in content:
            return False
        if not content.startswith(b"PK"):
            return content.endswith(b"PAR1")
        with zipfile.ZipFile(path) as parts:
            return parts.testzip() is None
    except (FileNotFoundError, zipfile.BadZipFile):
        return False


def parquet(results: Path, mark: str = "") -> bytes:
    """Return a results.csv as Parquet; see `table` for its columns.

    Args:
        results: The file.
        mark: What `made_of` says.

    Returns:
        The same bytes for the same results and version of Arrow.
    """
    import pyarrow as pa
    import pyarrow.parquet

    written = pa.BufferOutputStream()
    read = table(results)
    pyarrow.parquet.write_table(read.replace_schema_metadata({"costcheck": mark}), written)
    return bytes(written.getvalue())


def prices_used(keys: Iterable[str], book: PriceBook, scenario: str) -> list[dict[str, str | float]]:
    """Describe which quote a book has for each of some prices: for prices.csv and the workbook.

    Args:
        keys: Prices of the book.
        book: The prices of a run.
        scenario: What the run is called in its results.

    Returns:
        Rows of `PRICE_COLUMNS`; what the reader gave has neither a date nor a verification.

    >>> from costcheck.prices.book import PriceBook
    >>> (row,) = prices_used(["h100_usd"], PriceBook.article(), "article")
    >>> row["value"], row["unit"], row["date"]
    (40000.0, 'USD/GPU', '2024-07-22')
    """
    rows: list[dict[str, str | float]] = []
    for key in keys:
        quote = book.quote(key)
        given = quote.source == GIVEN  # not one whose value the reader gave once more
        cells = (
            scenario,
            key,
            quote.value,
            quote.unit,
            "" if given else quote.as_of,
            quote.source,
            "" if given else quote.verification,
        )
        rows.append(dict(zip(PRICE_COLUMNS, cells, strict=True)))
    return rows


def prices_csv(rows: Iterable[Mapping[str, str | float]]) -> str:
    """Write the prices that a run used as the text of a prices.csv.

    Args:
        rows: As `prices_used` gives them.

    >>> from costcheck.prices.book import PriceBook
    >>> print(prices_csv(prices_used(["usd_cny"], PriceBook.article(), "article")).splitlines()[0])
    scenario,key,value,unit,date,source,verified
    """
    return csv_text(PRICE_COLUMNS, rows)


def xlsx(results: Path, prices: Sequence[Mapping[str, str | float]], mark: str = "") -> bytes:
    """Return a results.csv as a workbook: verdicts on the first sheet, prices on the second.

    Args:
        results: The file.
        prices: As `prices_used` gives them.
        mark: What `made_of` says.

    Returns:
        The same bytes for the same results, prices and version of openpyxl. Numbers are numbers at full
        precision, shown rounded; every text is text, also one that looks like a formula.
    """
    import openpyxl

    from costcheck.claims.verdict import COLUMNS

    book = openpyxl.Workbook()
    book.properties.creator = "costcheck"
    book.properties.identifier = mark
    book.properties.title = "costcheck: what the figures of articles come to"
    first = book.active
    first.title = "results"
    with results.open(encoding="utf-8", newline="") as file:
        _fill(first, COLUMNS, map(_answered, csv.DictReader(file)))
    _fill(book.create_sheet("prices"), PRICE_COLUMNS, prices)
    return _undated(_saved(book))


def _answered(row: Mapping[str, str]) -> dict[str, str | float]:
    """Return a row of results.csv with its numbers as numbers."""
    return {
        name: float(cell) if name in NUMERIC and NUMBER.fullmatch(cell) else unguarded(cell)
        for name, cell in row.items()
    }


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Mapping[str, str | float]]) -> None:
    """Write rows into a sheet, and set it up to be read and printed."""
    from openpyxl.utils import get_column_letter

    from costcheck.claims.kinds import look_of
    from costcheck.text.numbers import number_text

    styled = _Styles()
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


class _Styles:
    """Gives cells of a sheet their looks; each kind is made once, which takes longer than all else."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Any] = {}

    def __call__(
        self,
        cell: Cell,
        *,
        right: bool = False,
        wrap: bool = False,
        head: bool = False,
        quote: bool = False,
        fill: str = "",
        form: str = "",
    ) -> None:
        kind = (right, wrap, head, quote, fill, form)
        if kind in self._made:
            cell._style = self._made[kind]
            return
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        # an indent, so that a unit does not stick to the number before it
        cell.alignment = (
            Alignment("right", "top") if right else Alignment("left", "top", indent=1, wrap_text=wrap)
        )
        cell.border = Border(bottom=Side("hair", color="A0A0A0"))
        if head:
            cell.font = Font("Calibri", 11, bold=True, color="FFFFFF")
        if head or fill:
            cell.fill = PatternFill("solid", fgColor=HEAD if head else fill)
        if form:
            cell.number_format = form
        if quote:
            cell.quotePrefix = True  # text also after somebody has edited it
        self._made[kind] = cell._style


def _lines(text: str, width: int) -> int:
    """Estimate how many lines a text takes in a column; East Asian characters are as wide as two others."""
    room = width - 1
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return max(1, math.ceil((len(text) + wide) / room)) + text.count("\n")


def _text(cell: Cell, text: str) -> None:
    """Write a text as text, whatever it looks like."""
    text = ILLEGAL.sub("\ufffd", text)
    if len(text) > LONGEST_CELL:
        text = f"{text[: LONGEST_CELL - 1]}…"
    cell.value = text
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula


def number_format(value: float, unit: str = "", column: str = "") -> str:
    """Choose how a number is shown in a cell that holds it at full precision.

    >>> number_format(1_720_000_000), number_format(42833.3333), number_format(2.92857), number_format(0.6198)
    ('#,##0', '#,##0.0', '#,##0.00', '0.00##')
    >>> number_format(3.8e25, "FLOP"), number_format(0.6154, "share of benchmarks"), number_format(7, "rank")
    ('0.00E+00', '0.0%', '#,##0')
    """
    if column not in ("ratio",) and unit.startswith("share of "):
        return "0.0%"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-3:
        return "0.00E+00"
    if value == int(value) and column != "ratio":
        return "#,##0"
    return "#,##0" if size >= 1e6 else "#,##0.0" if size >= 1e3 else "#,##0.00" if size >= 1 else "0.00##"


def _saved(book: Workbook) -> io.BytesIO:
    """Write a workbook without temporary files, of which a process that is killed would leave one."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):  # type: ignore[misc]
        def write_worksheet(self, sheet: Worksheet) -> None:
            sheet._drawing = SpreadsheetDrawing()  # none
            out = io.BytesIO()
            writer = WorksheetWriter(sheet, out)
            writer.write()
            sheet._rels = writer._rels
            self._archive.writestr(sheet.path[1:], out.getvalue())
            self.manifest.append(sheet)

    written = io.BytesIO()
    InMemory(book, zipfile.ZipFile(written, "w")).save()
    return written


def _undated(written: io.BytesIO) -> bytes:
    """Return a workbook without the time at which it was written."""
    undated = io.BytesIO()
    with zipfile.ZipFile(written) as read, zipfile.ZipFile(undated, "w") as made:
        for name in read.namelist():
            content = read.read(name)
            if name == CORE:
                content = re.sub(rb"(?<=>)\d{4}-\d\d-\d\dT[\d:.]+Z(?=<)", WRITTEN.encode(), content)
            info = zipfile.ZipInfo(name, ZIP_DATE)
            is_core = name == CORE  # as it is, for `is_of`
            info.compress_type = zipfile.ZIP_STORED if is_core else zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            info.create_system = 3  # on every platform
            made.writestr(info, content)
    return undated.getvalue()
