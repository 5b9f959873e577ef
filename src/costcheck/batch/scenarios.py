"""Scenarios: many sets of prices in one file, each with a name that becomes a folder."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import math
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import PriceKey, Quote, value_of
from costcheck.results.names import LONGEST_NAME, MOST_SCENARIOS, folded, refusal, shown

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

LARGEST, LARGEST_UNPACKED = 8 * 2**20, 32 * 2**20
"""A file, and what an XLSX file unpacks to [byte]; 100,000 scenarios of a few prices take less."""
DEEPEST = 3
"""A grid's values stand that deep: grid, key, list."""
LONGEST_CELL, WIDEST = 200, 100
"""Characters in a cell, and columns in a sheet."""
MOST_CELLS = 600_000
"""Cells in a sheet, empty ones too: 100,000 scenarios of five prices."""
MOST_TAGS, MOST_OTHER_TAGS = 4 * MOST_CELLS + 100_000, 500_000
"""Tags in a part of a workbook that is a sheet, and in another: each takes openpyxl some microseconds."""
NAME = "name"
Keys = Mapping[str, PriceKey]
"""The prices that scenarios may change."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name and the prices that go with it; the book bears the name."""

    name: str
    prices: PriceBook


class _Cell(NamedTuple):
    where: str
    text: str | None


class _Row(NamedTuple):
    where: str
    cells: Mapping[str, _Cell]


class _Node(NamedTuple):
    """A part of a YAML or JSON file: nothing, text, a list or a mapping, and its place."""

    where: str
    value: str | list[_Node] | dict[str, _Node] | None


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

    Returns:
        The scenarios in the file's order.

    Raises:
        InputError: The file cannot be read, is too large, empty or of another kind, or a name, a key or a
            value is invalid; the message has file, line or row, column, and what is allowed.
    """
    try:
        reader = READERS[path.suffix.lower()]
    except KeyError:
        raise unknown("kind of file", path.suffix, READERS, str(path)) from None
    content = tables.file_bytes(path, LARGEST)
    if not content.strip():
        raise InputError(f"{path}: the file is empty; expected scenarios with {NAME} and prices")
    base = PriceBook.article().accepting(own)
    scenarios = _scenarios(path, reader(path, content, base.keys_known), base)
    if not scenarios:
        raise InputError(f"{path}: no scenarios in it; expected {NAME} and prices of at least one")
    return scenarios


def _scenarios(path: Path, rows: Iterator[_Row], article: PriceBook) -> list[Scenario]:
    scenarios: list[Scenario] = []
    taken: dict[str, tuple[str, str]] = {}
    for row in rows:
        if len(scenarios) == MOST_SCENARIOS:
            raise InputError(f"{path}: more than {MOST_SCENARIOS:,} scenarios")
        given = row.cells.get(NAME)
        if given is None:
            raise InputError(f"{row.where}: {NAME} is missing")
        name = given.text or ""
        reason = refusal(name)
        if reason:
            raise InputError(f"{given.where}: {reason}")
        values: dict[str, object] = {
            key: _value(cell, key, article.keys_known)
            for key, cell in row.cells.items()
            if key != NAME and cell.text is not None and cell.text.strip()
        }
        prices = article.override(values)
        mine = (name, row.where)
        first = taken.setdefault(folded(name), mine)
        if first is not mine:
            place = first[1].removeprefix(f"{path}, ")
            where = f"it is in {place}"
            if first[0] != name:
                where = f"{first[0]!r} is in {place}, one folder on some systems"
            raise InputError(f"{given.where}: duplicate name {name!r}: {where}")
        named = stated(name)
        if named is not None and article.override(named).changed != prices.changed:
            raise InputError(f"{given.where}: {name!r} says other prices than the row's ({prices.scenario})")
        scenarios.append(Scenario(name, prices.named(name)))
    return scenarios


def _value(cell: _Cell, key: str, keys: Keys) -> float:
    text = (cell.text or "").strip()
    if len(text) > LONGEST_CELL:
        raise InputError(f"{cell.where}: {len(text):,} characters are not a number [{keys[key].unit}]")
    try:
        return value_of(key, text, keys)
    except InputError as error:
        raise error.placed(cell.where) from None


def _column(where: str, name: str, others: Container[str], allowed: Sequence[str]) -> str:
    """Validate the name of a column, or of a price in a grid."""
    if not name:
        raise InputError(f"{where}: a column without a name")
    if name not in allowed:
        raise unknown("column", name, allowed, where)
    if name in others:
        raise InputError(f"{where}: duplicate column {name}")
    return name


def _columns(keys: Keys) -> tuple[str, ...]:
    return (NAME, *keys)


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not text in UTF-8 ({error.reason})") from None


# ------------------------------------------------------------------------------------------ tables
def _tabular(lines: Iterator[tuple[str, list[str]]], keys: Keys) -> Iterator[_Row]:
    """Make rows of lines of cells, of which the first names the columns; each comes with its place."""
    where, header = next(lines, ("", []))
    columns: dict[str, int] = {}
    for place, cell in enumerate(header):
        column = cell.strip()
        if len(header) == 1 and not column.isidentifier():
            for mark, called in ((";", "semicolons"), ("\t", "tabs")):
                if mark in column:
                    raise InputError(f"{where}: columns are separated by commas, not by {called}")
        columns[_column(where, column, columns, _columns(keys))] = place
    if not header:
        return
    if NAME not in columns:
        raise InputError(f"{where}: column {NAME} is missing; expected {NAME} and any keys of the price book")
    for where, cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise InputError(f"{where}: {len(cells)} cells, but the header has {len(header)} columns")
        yield _Row(
            where,
            {column: _Cell(f"{where}, column {column}", cells[place]) for column, place in columns.items()},
        )


def _csv(path: Path, content: bytes, keys: Keys) -> Iterator[_Row]:
    def lines() -> Iterator[tuple[str, list[str]]]:
        reader = csv.reader(io.StringIO(_decoded(path, content), newline=""), strict=True)
        try:
            for cells in reader:
                yield f"{path}, line {reader.line_num}", cells
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: not CSV ({error})") from None

    return _tabular(lines(), keys)


def _xlsx(path: Path, content: bytes, keys: Keys) -> Iterator[_Row]:
    try:
        lines = _lines(path, _sheet(path, _workbook(path, content)))
    except InputError:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl raise whatever its readers stumble over
        reason = " ".join(yaml_nodes.shown(str(error)).split())
        raise InputError(f"{path}: not an XLSX workbook ({type(error).__name__}: {reason})") from None
    return _tabular(iter(lines), keys)


def _lines(path: Path, sheet: ReadOnlyWorksheet) -> list[tuple[str, list[str]]]:
    """Read a sheet's rows as text, each with its place, up to the last that has any."""
    where = f"{path}, sheet {sheet.title}"
    with sheet._get_source() as source:
        if merged := sorted(cells.decode("ascii", "replace") for cells in MERGED.findall(source.read())):
            raise InputError(f"{where}: cells {merged[0]} are merged; write each value into its own cell")
    rows: list[tuple[str, list[str]]] = []
    width = count = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_SCENARIOS + 2), start=1):
        count += len(cells)
        if number > MOST_SCENARIOS + 1:
            raise InputError(
                f"{where}: more than {MOST_SCENARIOS + 1:,} rows; at most {MOST_SCENARIOS:,} scenarios"
            )
        if any(cell.value is not None for cell in cells[WIDEST:]) or count > WIDEST * (MOST_SCENARIOS + 1):
            raise InputError(
                f"{where}: more than {WIDEST} columns; {NAME} and the price book's keys are fewer"
            )
        for cell in cells:
            if cell.data_type == "f":
                raise InputError(
                    f"{where}, row {number}, cell {cell.coordinate}: a formula; paste its value instead"
                )
        texts = [_text_of(cell.value) for cell in cells]
        # a column that was once formatted is still there, and empty
        while len(texts) > width and not texts[-1]:
            texts.pop()
        width = width or len(texts)
        texts += [""] * (width - len(texts))
        rows.append((f"{where}, row {number}", texts))
    return rows


MERGED = re.compile(rb"""<(?:\w{1,20}:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*["']([^"'<>]{1,40})""")
CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s/>]")


def _text_of(value: object) -> str:
    """Write a cell of a workbook as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


def _workbook(path: Path, content: bytes) -> list[ReadOnlyWorksheet]:
    """Open a workbook without reading its sheets: what is in them, and how much, is the stranger's choice."""
    import warnings
    import zipfile

    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
            raise InputError(f"{path}: unpacks to more than {LARGEST_UNPACKED // 2**20} MiB")
        # others may ask for gigabytes to unpack a few bytes
        usual = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if any(part.compress_type not in usual for part in parts.infolist()):
            raise InputError(f"{path}: compressed in another way than workbooks are")
        for part in parts.namelist():
            text = parts.read(part).replace(b"\0", b"")
            # spreadsheets declare no document type; entities that refer to one another would be a bomb
            if b"<!DOCTYPE" in text:
                raise InputError(
                    f"{path}: {yaml_nodes.shown(part)!r} declares a document type, as no workbook does"
                )
            most = MOST_TAGS if part.startswith("xl/worksheets/") else MOST_OTHER_TAGS
            if text.count(b"<") > most or sum(1 for _ in CELL.finditer(text)) > MOST_CELLS:
                raise InputError(
                    f"{path}: {yaml_nodes.shown(part)!r} has more in it than {MOST_CELLS:,} cells take"
                )
    with warnings.catch_warnings():
        # on what it leaves out, such as styles and lists to choose from
        warnings.simplefilter("ignore")
        sheets = list(openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets)
    for sheet in sheets:
        sheet.reset_dimensions()  # what the file says of them may be wrong
    return sheets


def _sheet(path: Path, sheets: list[ReadOnlyWorksheet]) -> ReadOnlyWorksheet:
    """Choose the one sheet with anything in it, or the one that is called as what it holds."""
    filled = [sheet for sheet in sheets if _is_filled(sheet)]
    if not filled:
        raise InputError(f"{path}: the workbook is empty; expected scenarios with {NAME} and prices")
    if len(filled) > 1:
        called = [sheet for sheet in filled if sheet.title.casefold() == "scenarios"]
        if not called:
            titles = ", ".join(sheet.title for sheet in filled)
            raise InputError(f"{path}: several sheets ({titles}); call the one to read 'scenarios'")
        filled = called
    return filled[0]


def _is_filled(sheet: ReadOnlyWorksheet) -> bool:
    rows = sheet.iter_rows(max_row=MOST_SCENARIOS + 2, values_only=True)
    return any(value is not None for row in rows for value in row)


# ------------------------------------------------------------------------------------------- trees
def _yaml(path: Path, content: bytes, keys: Keys) -> Iterator[_Row]:
    root = yaml_nodes.read(content, str(path), deepest=DEEPEST, most=MOST_SCENARIOS)
    return _tree(_Node(f"{path}", None) if root is None else _placed(path, root), keys)


def _placed(path: Path, node: yaml_nodes.Node) -> _Node:
    where, value = f"{path}, line {node.line}", node.value
    if isinstance(value, dict):
        return _Node(where, {key: _placed(path, item) for key, item in value.items()})
    if isinstance(value, list):
        return _Node(where, [_placed(path, item) for item in value])
    return _Node(where, None if node.is_nothing else value)


def _json(path: Path, content: bytes, keys: Keys) -> Iterator[_Row]:
    if sum(map(content.count, (b",", b"[", b"{"))) > yaml_nodes.MOST_PARTS:
        most = f"more than {yaml_nodes.MOST_PARTS:,} parts in the file (texts, lists, mappings)"
        raise InputError(f"{path}: {most}")
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
    return _tree(_converted(f"{path}", root, 0), keys)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with all its keys, duplicates too."""


def _converted(where: str, value: Any, depth: int) -> _Node:
    if value is None or isinstance(value, str):
        return _Node(where, value)
    if isinstance(value, bool):
        return _Node(where, str(value).lower())
    if depth == DEEPEST:
        raise InputError(f"{where}: nested more than {DEEPEST} deep")
    if isinstance(value, _Pairs):
        built: dict[str, _Node] = {}
        for key, item in value:
            if key in built:
                raise InputError(f"{where}: duplicate key {shown(key)}")
            built[key] = _converted(where, item, depth + 1)
        return _Node(where, built)
    what = "scenario" if depth == 0 else "value"
    return _Node(
        where,
        [
            _converted(f"{where}, {what} {number}", item, depth + 1)
            for number, item in enumerate(value, start=1)
        ],
    )


def _tree(root: _Node, keys: Keys) -> Iterator[_Row]:
    """Make rows of a list of mappings, or of a grid."""
    if root.value is None:
        raise InputError(f"{root.where}: nothing in it; expected a list of scenarios, or a grid")
    if isinstance(root.value, dict):
        for key, node in root.value.items():
            if key != "grid":
                hint = "; to make it a list, begin each scenario with '- '" if key in _columns(keys) else ""
                raise InputError(f"{unknown('key', key, ['grid'], node.where)}{hint}")
        yield from _combined(root.value.get("grid", root), keys)
        return
    if not isinstance(root.value, list):
        raise InputError(f"{root.where}: expected a list of scenarios, or a grid; not {shown(root.value)}")
    for item in root.value:
        if not isinstance(item.value, dict):
            raise InputError(f"{item.where}: expected {NAME} and prices of a scenario")
        cells: dict[str, _Cell] = {}
        for key, node in item.value.items():
            column = _column(node.where, key, cells, _columns(keys))
            where = f"{node.where}, column {column}"
            if not (node.value is None or isinstance(node.value, str)):
                raise InputError(f"{where}: a single value is expected; a grid takes lists")
            cells[column] = _Cell(where, node.value)
        yield _Row(item.where, cells)


def _combined(given: _Node, keys: Keys) -> Iterator[_Row]:
    """Make a row of every combination of a grid's values; nothing is made before all are counted."""
    if not isinstance(given.value, dict) or not given.value:
        raise InputError(f"{given.where}: a grid is a mapping of keys of the price book to lists of values")
    axes: dict[str, list[str]] = {}
    for key, node in given.value.items():
        where = f"{node.where}, column {_column(node.where, key, axes, tuple(keys))}"
        axes[key] = []
        for item in node.value if isinstance(node.value, list) else [node]:
            where = f"{item.where}, column {key}"
            if not isinstance(item.value, str):
                raise InputError(f"{where}: a list of numbers is expected")
            text = f"{_value(_Cell(where, item.value), key, keys):.15g}"
            if text in axes[key]:
                raise InputError(f"{where}: duplicate value {text}")
            axes[key].append(text)
        if not axes[key]:
            raise InputError(f"{where}: no values")
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
        name = ",".join(f"{key}={text}" for key, text in zip(axes, combination, strict=True))
        where = f"{given.where}, {name}"
        cells = {key: _Cell(where, text) for key, text in zip(axes, combination, strict=True)}
        yield _Row(where, {NAME: _Cell(where, name), **cells})


READERS: Mapping[str, Callable[[Path, bytes, Keys], Iterator[_Row]]] = {
    ".csv": _csv,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _json,
    ".xlsx": _xlsx,
}
