"""Scenarios: many sets of prices in one file, each with a name that becomes a folder."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from costcheck.data import tables, yaml_nodes
from costcheck.data.yaml_nodes import Node
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import Quote
from costcheck.results.names import MOST_SCENARIOS, folded, refusal

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


_Row = tuple[str, Mapping[str, _Cell]]
"""A row's place, and its cells by column."""


def read(path: Path, own: Sequence[Quote] = ()) -> list[Scenario]:
    """Read scenarios from a file, or an example by its name, all of it checked before any of it is used.

    A row is a scenario: its ``name`` (also headed ``scenario``), and any keys of the price book, or of prices
    that articles bring along; a price left empty is the articles'. CSV and XLSX have a header line; YAML and
    JSON hold a list of mappings, or a mapping ``grid`` of keys to lists of values, every combination of which
    is a scenario named after its values (the last key changes fastest). Of a workbook the sheet called
    ``scenarios`` is read, or else the first.

    Raises:
        InputError: The message has file, line or row, column, and what is allowed.
    """
    if not path.suffix and not path.exists():
        folder = tables.home("scenarios")
        examples = {file.stem: file for file in sorted(folder.iterdir()) if file.suffix in READERS}
        if path.name not in examples:
            raise InputError(
                f"no such file, and no example; examples: {', '.join(examples)}", where=str(path)
            )
        path = examples[path.name]
    reader = READERS.get(path.suffix.lower())
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; name a file of scenarios")
    if reader is None:
        raise unknown("kind of file", path.suffix, READERS, str(path))
    content = tables.file_bytes(path, LARGEST)
    base = PriceBook.article().accepting(own)
    scenarios: list[Scenario] = []
    taken: dict[str, tuple[int, str]] = {}
    for where, cells in reader(path, content, base):
        if len(scenarios) == MOST_SCENARIOS:
            raise InputError(f"more than {MOST_SCENARIOS:,} scenarios", where=str(path))
        if NAME not in cells:
            raise InputError(f"{NAME} is missing", where=where)
        scenario = _scenario(cells, base)
        number, first = taken.setdefault(folded(scenario.name), (len(scenarios) + 1, scenario.name))
        if number <= len(scenarios):
            problem = f"duplicate name {scenario.name!r}: scenario {number} is {first!r}"
            raise InputError(f"{problem}, the same folder on some systems", where=cells[NAME].where)
        scenarios.append(scenario)
    if not scenarios:
        raise InputError(f"no scenarios in it; expected {NAME} and prices of at least one", where=str(path))
    return scenarios


def _scenario(cells: Mapping[str, _Cell], base: PriceBook) -> Scenario:
    where, name = cells[NAME]
    if reason := refusal(name):
        raise InputError(reason, where=where)
    prices = _override(base, {key: cell for key, cell in cells.items() if key != NAME})
    named = stated(name)
    if named is not None and base.override(named).changed != prices.changed:
        raise InputError(f"{name!r} says other prices than the row's ({prices.scenario})", where=where)
    return Scenario(name, prices.named(name))


def _column(text: str, base: PriceBook, where: str) -> str:
    """Return the column that a header names: people call the first one *Scenario* too."""
    column = NAME if text.strip().casefold() in (NAME, "scenario") else text.strip()
    if column not in (columns := (NAME, *base.keys_known)):
        raise unknown("column", column, columns, where)
    return column


def _override(base: PriceBook, cells: Mapping[str, _Cell]) -> PriceBook:
    try:
        return base.override({key: text for key, cell in cells.items() if (text := cell.text.strip())})
    except InputError as error:  # is about a key
        raise error.placed(cells[error.where].where) from None


# ------------------------------------------------------------------------------------------ tables
def _table(lines: Iterable[tuple[str, list[str]]], base: PriceBook, commas: bool = False) -> Iterator[_Row]:
    """Make rows of lines of cells, of which the first names the columns; decimals may have a comma."""
    header: list[str] = []
    for where, texts in tables.trimmed(lines):
        if not header:
            header = [_column(text, base, where) for text in texts]
            for column in header:
                if header.count(column) > 1:
                    raise InputError(f"duplicate column {column}", where=where)
            if NAME not in header:
                raise InputError(f"column {NAME} is missing", where=where)
            continue
        if len(texts) != len(header):
            problem = f"{len(texts)} cells, but the header has {len(header)} columns"
            raise InputError(problem, where=where)
        cells = {}
        for column, text in zip(header, texts, strict=True):
            place = f"{where}, column {column}"
            numeric = commas and column != NAME
            cells[column] = _Cell(place, tables.with_point(text, place) if numeric else text)
        yield where, cells


def _csv(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    text = tables.decoded(content, str(path))
    lines = ((f"{path}, line {number}", cells) for number, cells in tables.lines(text, str(path)))
    return _table(lines, base, commas=tables.separator(text) == ";")


PLACE = re.compile(rb"""<(?:\w{1,20}:)?(?:row|c)(?=\s)[^>]*?\sr=["']([A-Z]*)(\d+)["']""")
MERGED = re.compile(rb"<(?:\w{1,20}:)?mergeCell\s")


def _xlsx(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    import warnings
    import zipfile

    import openpyxl

    def sheet(values: bool) -> Any:
        with warnings.catch_warnings():
            # on what it leaves out, such as styles and lists to choose from
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)
        sheets = book.worksheets
        chosen = next((sheet for sheet in sheets if sheet.title.casefold() == "scenarios"), sheets[0])
        chosen.reset_dimensions()  # what other programs write there may be wrong
        return chosen

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise InputError(f"unpacks to more than {LARGEST_UNPACKED // 2**20} MiB", where=str(path))
        saved = sheet(values=True)
        where = f"{path}, sheet {saved.title}"
        with saved._get_source() as file:
            # of merged cells all but one are empty, and an empty price would be the articles'
            source = file.read()
        if MERGED.search(source):
            raise InputError("cells are merged; write each value into its own cell", where=where)
        places = [(int(row), len(column), column) for column, row in PLACE.findall(source)]
        for before, after in itertools.pairwise(places):
            if before >= after:  # openpyxl would leave it out, and with it somebody's scenario
                problem = f"row {after[0]} is there twice or out of order; save it anew in a spreadsheet"
                raise InputError(problem, where=where)
        lines = list(_lines(where, saved, sheet(values=False)))
    except InputError:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl raise whatever its readers stumble over
        reason = " ".join(yaml_nodes.shown(str(error)).split())
        problem = f"not an XLSX workbook ({type(error).__name__}: {reason}); save it anew as XLSX or CSV"
        raise InputError(problem, where=str(path)) from None
    return _table(lines, base)


def _lines(where: str, saved: Any, formulas: Any) -> Iterator[tuple[str, list[str]]]:
    """Read a sheet's rows as text, each with its place; of a formula, the value that was saved with it."""
    rows = [[_text_of(cell.value) for cell in cells] for cells in saved.iter_rows()]
    width = max(map(len, rows), default=0)
    for number, (texts, cells) in enumerate(zip(rows, formulas.iter_rows(), strict=True), 1):
        for cell, text in zip(cells, texts, strict=True):
            if cell.data_type == "f" and not text:
                problem = f"cell {cell.coordinate} is a formula without a value; save it in a spreadsheet"
                raise InputError(f"{problem}, or paste the value", where=f"{where}, row {number}")
        yield f"{where}, row {number}", texts + [""] * (width - len(texts))


def _text_of(value: object) -> str:
    """Write a cell of a workbook as a CSV file would have it."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return "" if value is None else str(value)


# ------------------------------------------------------------------------------------------- trees
def _yaml(path: Path, content: bytes, base: PriceBook) -> Iterator[_Row]:
    """Read YAML, or JSON, which is YAML."""
    root = yaml_nodes.read(content, str(path), deepest=DEEPEST, most=MOST_SCENARIOS) or Node(1, "")
    if isinstance(root.value, dict) and list(root.value) == ["grid"]:
        yield from _combined(path, root.value["grid"], base)
        return
    where = f"{path}, line {root.line}"
    if not isinstance(root.value, list):
        others = [key for key in root.value if key != "grid"] if isinstance(root.value, dict) else []
        if others and NAME not in others:
            raise unknown("key", others[0], ["grid"], where)
        raise InputError("expected a list of scenarios, or a grid alone", where=where)
    for item in root.value:
        where = f"{path}, line {item.line}"
        if not isinstance(item.value, dict):
            raise InputError(f"expected {NAME} and prices of a scenario", where=where)
        cells: dict[str, _Cell] = {}
        for text, node in item.value.items():
            column = _column(text, base, f"{path}, line {node.line}")
            if column in cells:
                raise InputError(f"duplicate column {column}", where=f"{path}, line {node.line}")
            cells[column] = _cell(path, column, node)
        yield where, cells


def _cell(path: Path, column: str, node: Node) -> _Cell:
    where = f"{path}, line {node.line}, column {column}"
    if not isinstance(node.value, str):
        raise InputError("a single value is expected; a grid takes lists", where=where)
    return _Cell(where, "" if node.is_nothing else node.value)


def _combined(path: Path, grid: Node, base: PriceBook) -> Iterator[_Row]:
    """Make a row of every combination of a grid's values; nothing is made before all are counted."""
    where = f"{path}, line {grid.line}"
    if not isinstance(grid.value, dict) or not grid.value:
        raise InputError("a grid is a mapping of keys of the price book to lists of values", where=where)
    axes: dict[str, list[_Cell]] = {}
    for key, node in grid.value.items():
        if key not in base.keys_known:
            raise unknown("column", key, base.keys_known, where)
        cells = [_cell(path, key, item) for item in (node.value if isinstance(node.value, list) else [node])]
        if not all(cell.text.strip() for cell in cells):
            raise InputError("a list of numbers is expected", where=f"{where}, column {key}")
        axes[key] = [_Cell(cell.where, f"{_override(base, {key: cell}).given[key]:.15g}") for cell in cells]
    if (count := math.prod(map(len, axes.values()))) > MOST_SCENARIOS:
        raise InputError(f"a grid of {count:,} scenarios; at most {MOST_SCENARIOS:,}", where=where)
    for combination in itertools.product(*axes.values()):
        prices = dict(zip(axes, combination, strict=True))
        name = ",".join(f"{key}={cell.text}" for key, cell in prices.items())
        yield where, {NAME: _Cell(f"{where}, column {NAME}", name), **prices}


READERS: Mapping[str, Callable[[Path, bytes, PriceBook], Iterator[_Row]]]
READERS = {".csv": _csv, ".yaml": _yaml, ".yml": _yaml, ".json": _yaml, ".xlsx": _xlsx}
