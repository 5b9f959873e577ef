"""Scenarios: many sets of prices in one file, each with a name that becomes a folder."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import Quote
from costcheck.results.names import LONGEST_NAME, MOST_SCENARIOS, folded, refusal, shown

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

LARGEST, LARGEST_UNPACKED = 8 * 2**20, 32 * 2**20
"""A file, and what an XLSX file unpacks to [byte]; 100,000 scenarios of a few prices take less."""
DEEPEST = 3
"""A grid's values stand that deep: grid, key, list."""
NAME = "name"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name and the prices that go with it; the book bears the name."""

    name: str
    prices: PriceBook


class _Cell(NamedTuple):
    where: str
    text: str


class _Row(NamedTuple):
    where: str
    cells: Mapping[str, _Cell]


class _Part(NamedTuple):
    """A part of a YAML or JSON file, and its place; nothing is an empty text."""

    where: str
    value: str | list[_Part] | dict[str, _Part]


Reader = Callable[[Path, bytes, PriceBook], Iterable[_Row]]
"""Makes rows of a file's content, given the book that has the keys."""


def read(path: Path, own: Sequence[Quote] = ()) -> list[Scenario]:
    """Read scenarios from a file, all of it checked before any of it is used.

    A row is a scenario: its ``name``, and any keys of the price book; a price left empty is the articles'.
    CSV and XLSX have a header line; YAML and JSON hold a list of mappings, or a mapping ``grid`` of keys to
    lists of values, every combination of which is a scenario named after its values (the last key changes
    fastest).

    Args:
        path: A file ending in .csv, .yaml, .yml, .json or .xlsx, text in UTF-8. Of a workbook the one sheet
            with cells is read, or among several the one called ``scenarios``.
        own: Prices that articles bring along, which scenarios may name too.

    Raises:
        InputError: The file cannot be read, is too large, empty or of another kind, or a name, a key or a
            value is invalid; the message has file, line or row, column, and what is allowed.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise unknown("kind of file", path.suffix, READERS, str(path))
    content = tables.file_bytes(path, LARGEST)
    if not content.strip():
        raise InputError(f"{path}: the file is empty; expected scenarios with {NAME} and prices")
    base = PriceBook.article().accepting(own)
    scenarios: list[Scenario] = []
    taken: dict[str, tuple[str, str]] = {}
    for row in reader(path, content, base):
        if len(scenarios) == MOST_SCENARIOS:
            raise InputError(f"{path}: more than {MOST_SCENARIOS:,} scenarios")
        scenario = _scenario(row, base)
        name, where = scenario.name, row.cells[NAME].where
        if (key := folded(name)) in taken:
            first, place = taken[key]
            place = place.removeprefix(f"{path}, ")
            of_first = f"it is in {place}"
            if first != name:
                of_first = f"{first!r} is in {place}, one folder on some systems"
            raise InputError(f"{where}: duplicate name {name!r}: {of_first}")
        taken[key] = (name, row.where)
        scenarios.append(scenario)
    if not scenarios:
        raise InputError(f"{path}: no scenarios in it; expected {NAME} and prices of at least one")
    return scenarios


def _scenario(row: _Row, base: PriceBook) -> Scenario:
    if NAME not in row.cells:
        raise InputError(f"{row.where}: {NAME} is missing")
    where, name = row.cells[NAME]
    if reason := refusal(name):
        raise InputError(f"{where}: {reason}")
    prices = _override(base, {key: cell for key, cell in row.cells.items() if key != NAME})
    named = stated(name)
    if named is not None and base.override(named).changed != prices.changed:
        raise InputError(f"{where}: {name!r} says other prices than the row's ({prices.scenario})")
    return Scenario(name, prices.named(name))


def _override(base: PriceBook, cells: Mapping[str, _Cell]) -> PriceBook:
    try:
        return base.override({key: text for key, cell in cells.items() if (text := cell.text.strip())})
    except InputError as error:  # is about a key
        raise error.placed(cells[error.where].where) from None


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not text in UTF-8 ({error.reason})") from None


# ------------------------------------------------------------------------------------------ tables
def _tabular(lines: Iterator[tuple[str, list[str]]], base: PriceBook) -> Iterator[_Row]:
    """Make rows of lines of cells, of which the first names the columns; each comes with its place."""
    columns = (NAME, *base.keys_known)
    where, first = next(lines, ("", []))
    header = [cell.strip() for cell in first]
    for column in header:
        for mark, called in ((";", "semicolons"), ("\t", "tabs")):
            if len(header) == 1 and mark in column:
                raise InputError(f"{where}: columns are separated by commas, not by {called}")
        if not column:
            raise InputError(f"{where}: a column without a name")
        if column not in columns:
            raise unknown("column", column, columns, where)
        if header.count(column) > 1:
            raise InputError(f"{where}: duplicate column {column}")
    if header and NAME not in header:
        raise InputError(f"{where}: column {NAME} is missing; expected {NAME} and any keys of the price book")
    for where, texts in lines:
        if not any(texts):
            continue
        if len(texts) != len(header):
            raise InputError(f"{where}: {len(texts)} cells, but the header has {len(header)} columns")
        cells = zip(header, texts, strict=True)
        yield _Row(where, {column: _Cell(f"{where}, column {column}", text) for column, text in cells})


def _csv(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    def lines() -> Iterator[tuple[str, list[str]]]:
        reader = csv.reader(io.StringIO(_decoded(path, content), newline=""), strict=True)
        try:
            for cells in reader:
                yield f"{path}, line {reader.line_num}", cells
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: not CSV ({error})") from None

    return _tabular(lines(), base)


def _xlsx(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    import warnings
    import zipfile

    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise InputError(f"{path}: unpacks to more than {LARGEST_UNPACKED // 2**20} MiB")
        with warnings.catch_warnings():
            # on what it leaves out, such as styles and lists to choose from
            warnings.simplefilter("ignore")
            sheets = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets
        lines = _lines(path, _sheet(path, sheets))
    except InputError:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl raise whatever its readers stumble over
        reason = " ".join(yaml_nodes.shown(str(error)).split())
        raise InputError(f"{path}: not an XLSX workbook ({type(error).__name__}: {reason})") from None
    return _tabular(iter(lines), base)


def _sheet(path: Path, sheets: Sequence[ReadOnlyWorksheet]) -> ReadOnlyWorksheet:
    """Choose the one sheet with anything in it, or the one that is called as what it holds."""
    for sheet in sheets:
        sheet.reset_dimensions()  # what other programs write there may be wrong
    filled = [
        sheet
        for sheet in sheets
        if any(value is not None for row in sheet.iter_rows(values_only=True) for value in row)
    ]
    if not filled:
        raise InputError(f"{path}: the workbook is empty; expected scenarios with {NAME} and prices")
    called = [sheet for sheet in filled if sheet.title.casefold() == "scenarios"]
    if len(filled) > 1 and not called:
        titles = ", ".join(sheet.title for sheet in filled)
        raise InputError(f"{path}: several sheets ({titles}); call the one to read 'scenarios'")
    return (called or filled)[0]


MERGED = re.compile(rb"""<(?:\w{1,20}:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*["']([^"'<>]{1,40})""")


def _lines(path: Path, sheet: ReadOnlyWorksheet) -> list[tuple[str, list[str]]]:
    """Read a sheet's rows as text, each with its place, up to the last that has any."""
    where = f"{path}, sheet {sheet.title}"
    # of merged cells all but one are empty, and an empty price would be the articles'
    with sheet._get_source() as source:
        if merged := sorted(cells.decode("ascii", "replace") for cells in MERGED.findall(source.read())):
            raise InputError(f"{where}: cells {merged[0]} are merged; write each value into its own cell")
    rows: list[tuple[str, list[str]]] = []
    width = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MOST_SCENARIOS + 1:
            most = f"at most {MOST_SCENARIOS:,} scenarios"
            raise InputError(f"{where}: more than {MOST_SCENARIOS + 1:,} rows; {most}")
        for cell in cells:
            if cell.data_type == "f":
                at = f"{where}, row {number}, cell {cell.coordinate}"
                raise InputError(f"{at}: a formula; paste its value instead")
        texts = [_text_of(cell.value) for cell in cells]
        # a column that was once formatted is still there, and empty
        while len(texts) > width and not texts[-1]:
            texts.pop()
        width = width or len(texts)
        rows.append((f"{where}, row {number}", texts + [""] * (width - len(texts))))
    return rows


def _text_of(value: object) -> str:
    """Write a cell of a workbook as a CSV file would have it."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return "" if value is None else str(value)


# ------------------------------------------------------------------------------------------- trees
def _yaml(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    def placed(node: yaml_nodes.Node) -> _Part:
        value: Any = "" if node.is_nothing else node.value
        if isinstance(value, dict):
            value = {key: placed(item) for key, item in value.items()}
        elif isinstance(value, list):
            value = [placed(item) for item in value]
        return _Part(f"{path}, line {node.line}", value)

    root = yaml_nodes.read(content, str(path), deepest=DEEPEST, most=MOST_SCENARIOS)
    return _tree(_Part(f"{path}", "") if root is None else placed(root), base)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with all its keys, duplicates too."""


def _json(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    try:
        # numbers stay text, so that all kinds of file are read by the same rules
        root = json.loads(
            _decoded(path, content),
            object_pairs_hook=_Pairs,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: not JSON ({error.msg})") from None
    except RecursionError:
        raise InputError(f"{path}: nested more than {DEEPEST} deep") from None
    return _tree(_counted(f"{path}", root, 0), base)


def _counted(where: str, value: Any, depth: int) -> _Part:
    """Make parts of what JSON holds; their places are numbers, as it tells of no lines."""
    if not isinstance(value, list):
        return _Part(where, "" if value is None else value if isinstance(value, str) else str(value).lower())
    if depth == DEEPEST:
        raise InputError(f"{where}: nested more than {DEEPEST} deep")
    if isinstance(value, _Pairs):
        for key, count in Counter(key for key, _ in value).items():
            if count > 1:
                raise InputError(f"{where}: duplicate key {shown(key)}")
        return _Part(where, {key: _counted(where, item, depth + 1) for key, item in value})
    what = "value" if depth else "scenario"
    items = enumerate(value, start=1)
    return _Part(where, [_counted(f"{where}, {what} {number}", item, depth + 1) for number, item in items])


def _tree(root: _Part, base: PriceBook) -> Iterator[_Row]:
    """Make rows of a list of mappings, or of a grid."""
    columns = (NAME, *base.keys_known)
    if isinstance(root.value, dict):
        for key, part in root.value.items():
            if key != "grid":
                hint = "; to make it a list, begin each scenario with '- '" if key in columns else ""
                raise InputError(f"{unknown('key', key, ['grid'], part.where)}{hint}")
        yield from _combined(root.value.get("grid", root), base)
        return
    if not isinstance(root.value, list):
        expected = "expected a list of scenarios, or a grid"
        if not root.value:
            raise InputError(f"{root.where}: nothing in it; {expected}")
        raise InputError(f"{root.where}: {expected}; not {shown(root.value)}")
    for item in root.value:
        if not isinstance(item.value, dict):
            raise InputError(f"{item.where}: expected {NAME} and prices of a scenario")
        cells = {}
        for column, part in item.value.items():
            if column not in columns:
                raise unknown("column", column, columns, part.where)
            where = f"{part.where}, column {column}"
            if not isinstance(part.value, str):
                raise InputError(f"{where}: a single value is expected; a grid takes lists")
            cells[column] = _Cell(where, part.value)
        yield _Row(item.where, cells)


def _combined(given: _Part, base: PriceBook) -> Iterator[_Row]:
    """Make a row of every combination of a grid's values; nothing is made before all are counted."""
    if not isinstance(given.value, dict) or not given.value:
        raise InputError(f"{given.where}: a grid is a mapping of keys of the price book to lists of values")
    axes = {key: _axis(key, part, base) for key, part in given.value.items()}
    count = math.prod(map(len, axes.values()))
    if count > MOST_SCENARIOS:
        factors = " x ".join(f"{len(texts)} {key}" for key, texts in axes.items())
        raise InputError(
            f"{given.where}: a grid of {count:,} scenarios ({factors}); at most {MOST_SCENARIOS:,}"
        )
    longest = ",".join(f"{key}={max(texts, key=len)}" for key, texts in axes.items())
    if len(longest) > LONGEST_NAME:
        raise InputError(
            f"{given.where}: a name made of {len(axes)} prices, such as {longest}, is longer than "
            f"{LONGEST_NAME} characters; write a list of scenarios with names of your own"
        )
    for combination in itertools.product(*axes.values()):
        prices = dict(zip(axes, combination, strict=True))
        name = ",".join(f"{key}={text}" for key, text in prices.items())
        where = f"{given.where}, {name}"
        yield _Row(where, {key: _Cell(where, text) for key, text in {NAME: name, **prices}.items()})


def _axis(key: str, given: _Part, base: PriceBook) -> list[str]:
    """Validate a grid's values of a price, and write each in its shortest way."""
    if key not in base.keys_known:
        raise unknown("column", key, base.keys_known, given.where)
    texts: dict[str, None] = {}
    for item in given.value if isinstance(given.value, list) else [given]:
        where = f"{item.where}, column {key}"
        if not isinstance(item.value, str) or not item.value.strip():
            raise InputError(f"{where}: a list of numbers is expected")
        text = f"{_override(base, {key: _Cell(where, item.value)}).given[key]:.15g}"
        if text in texts:
            raise InputError(f"{where}: duplicate value {text}")
        texts[text] = None
    if not texts:
        raise InputError(f"{given.where}, column {key}: no values")
    return list(texts)


READERS: Mapping[str, Reader] = {
    ".csv": _csv,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _json,
    ".xlsx": _xlsx,
}
