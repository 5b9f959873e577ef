"""What a run found, read out of its executed notebooks alone."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from costcheck.claims.verdict import COLUMNS
from costcheck.data import files, tables
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError, unknown
from costcheck.notebook import parameters, show
from costcheck.prices import quotes
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import GIVEN, Quote, price_keys, validate
from costcheck.results import executed
from costcheck.results.comparison import HOPELESS, LARGEST, LARGEST_NOTEBOOK
from costcheck.results.executed import Key
from costcheck.results.export import PRICE_COLUMNS, PRICES
from costcheck.results.names import MOST_SCENARIOS, refusal
from costcheck.text import log
from costcheck.text.spreadsheets import unguarded

NOTEBOOKS, RESULTS = "notebooks", "results.csv"
OF_A_SCENARIO = ("scenario", "at_your_prices")
"""The columns of a claim's row in which scenarios differ."""
LARGEST_PRICES = 2**20
"""Which prices a run used [byte]; those of the package take 10 kB."""
LONGEST_HEAD = 4000
"""Characters of the first cell in which its title and question are looked for."""
BROKEN = (LookupError, TypeError, AttributeError, ValueError, SyntaxError, *HOPELESS)
"""What reading raises on a file that is no executed notebook of this package."""


class NotExecutedError(InputError):
    """None of the notebooks of a run was executed."""


@dataclass(frozen=True)
class Picture:
    """A figure as a notebook shows it."""

    name: str
    svg: str
    alt: str


@dataclass(frozen=True)
class Executed:
    """What an executed notebook says."""

    name: str
    title: str
    question: str
    """In Markdown, as the finding."""
    finding: tuple[str, ...]
    pictures: tuple[Picture, ...]
    rows: tuple[Mapping[str, str], ...]
    prices: Mapping[str, float]
    """The prices it declares."""
    article: str | None = None
    """Where it shows an article of its own: the text of its file, or the name of an example."""
    given: str = ""
    """The prices such a notebook was given, as ``h100_usd=25000;usd_cny=7.1``."""
    failed: str = ""
    """The error it stopped with."""


@dataclass(frozen=True)
class Scenario:
    """The prices of a scenario that are not the articles', and what each claim is at them."""

    name: str
    prices: Mapping[str, float]
    at_your_prices: Mapping[Key, str]
    used: Mapping[str, Quote]
    """Where its prices are from, as its ``prices.csv`` says."""


@dataclass(frozen=True)
class Found:
    """A run: the notebooks to show, and the scenarios if there are several."""

    notebooks: tuple[Executed, ...]
    scenarios: tuple[Scenario, ...] = ()
    rows: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    """Of the notebooks shown, all the prices they declare."""
    used: Mapping[str, Quote] = field(default_factory=dict)
    """Where they are from, as ``prices.csv`` beside the notebooks says."""
    left_out: tuple[str, ...] = ()
    """The scenarios that have no executed notebook."""
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By scenario, the notebooks that others have and it has not."""


Runs = Sequence[tuple[str, Sequence[Path]]]
"""Scenarios in the natural order of their names, and the notebooks of each; a single run has no name.

A scenario that has no notebook has none here either.
"""
Scenarios = Mapping[str, Sequence[str] | None]
"""The names of scenarios, and of the notebooks wanted of each."""


def runs(folder: Path, notebooks: Sequence[str] | None = None, scenarios: Scenarios | None = None) -> Runs:
    """Find the executed notebooks of a run.

    Args:
        folder: With ``notebooks/`` in it, or with a folder for each scenario that has one.
        notebooks: The names of those wanted; all by default.
        scenarios: Those wanted, with the notebooks wanted of each; by default those that ``results.csv`` in
            the folder names, or without it all, if the folder has no ``notebooks/`` of its own.

    Returns:
        The files: of the package's own notebooks in their order, then those of articles.

    Raises:
        InputError: There is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        said = "it is a file, not a folder" if folder.exists() else "no such folder"
        if folder.parent.is_dir() and not folder.exists():
            meant = unknown("folder", folder.name, [one.name for one in _folders(folder.parent)])
            said = str(meant) if meant.nearest else said
        raise InputError(f"{folder}: {said}")
    if scenarios is None:
        scenarios = dict.fromkeys(_scenarios(folder), notebooks)
        if not scenarios and (paths := _paths(folder, notebooks)):
            return _inside(folder, [("", paths)])
        if not scenarios:
            names = [one.name for one in _folders(folder) if _paths(one, notebooks)]
            scenarios = dict.fromkeys(names, notebooks)
    found = [(name, _paths(folder / name, scenarios[name])) for name in sorted(scenarios, key=natural)]
    if not any(paths for _, paths in found):
        raise InputError(f"{folder}: no executed notebook in it; costcheck run --out {folder} writes them")
    if missing := [name for name, paths in found if not paths]:
        log.warning(f"{folder}: left out of the report, without an executed notebook: {', '.join(missing)}")
    return _inside(folder, found)


def _inside(folder: Path, found: Runs) -> Runs:
    """Hold the notebooks of a run to lying in its folder, wherever links in it may lead."""
    for path in (path for _, paths in found if paths for path in (*paths, prices_file(paths))):
        if files.leads_out(path, folder):
            raise InputError(f"{path}: a link that leads out of {folder}; all of a run lies in its folder")
    return found


def _scenarios(folder: Path) -> list[str]:
    """Return the scenarios that the results in a folder name; none where it has those of a single run."""
    try:
        whole = tables.file_bytes(folder / RESULTS, LARGEST)
        with io.TextIOWrapper(io.BytesIO(whole), encoding="utf-8", newline="") as file:
            named = list(dict.fromkeys(row["scenario"] for row in csv.DictReader(file, strict=True)))
        # what is no scenario's name is none of a folder in this one either, as ../another is
        if len(named) > MOST_SCENARIOS or any(refusal(name) is not None for name in named):
            return []
        if len(named) == 1:  # the prices of a single run may be called what a scenario was
            return named if whole == tables.file_bytes(folder / named[0] / RESULTS, LARGEST) else []
    except (csv.Error, *BROKEN):
        return []
    return named


def read(of: Runs) -> Found:
    """Read what a run wrote.

    Args:
        of: As `runs` gives it.

    Returns:
        The run; the notebooks of several scenarios are those of the first, with the claims of all.

    Raises:
        InputError: A notebook cannot be read, two were executed at different prices, or scenarios differ in
            more than prices.
    """
    if not of[0][0]:
        return _of(of[0][1])
    several = []
    shown: Found | None = None
    rows: dict[Key, Mapping[str, str]] = {}
    names: dict[str, list[str]] = {}
    left_out = [visible(name) for name, paths in of if not paths]
    said: NotExecutedError | None = None
    for name, paths in of:
        if not paths:
            continue
        try:
            one = _of(paths)
        except NotExecutedError as error:
            log.warning(f"left out of the report, since no notebook of it came to a result: {visible(name)}")
            left_out.append(visible(name))
            said = said or error
            continue
        shown = shown or one
        for key, row in one.rows.items():
            _hold(name, row, rows.setdefault(key, row))
        values = {key: row["at_your_prices"] for key, row in one.rows.items()}
        several.append(Scenario(visible(name), changed(one), values, one.used))
        names[visible(name)] = [visible(path.stem) for path in paths]
    if shown is None:
        raise said or InputError("no executed notebook")
    every = dict.fromkeys(stem for stems in names.values() for stem in stems)
    lacking = {name: tuple(stem for stem in every if stem not in stems) for name, stems in names.items()}
    return Found(
        shown.notebooks,
        tuple(several),
        executed.merged([("", rows.values())]),
        shown.prices,
        shown.used,
        tuple(sorted(left_out, key=natural)),
        {name: stems for name, stems in lacking.items() if stems},
    )


def _hold(scenario: str, row: Mapping[str, str], first: Mapping[str, str]) -> None:
    """Hold the row of a claim in a scenario against that of the first which has it."""
    for column in COLUMNS:
        if column not in OF_A_SCENARIO and row[column] != first[column]:
            raise InputError(
                f"{scenario}/{NOTEBOOKS}: {row['id'][:60]!r} is not as in the scenario before "
                f"({column}: {first[column][:60]!r} there, {row[column][:60]!r} here); "
                "costcheck run executes them again"
            )
    value = row["at_your_prices"]
    try:
        known = not value or math.isfinite(float(value))
    except ValueError:
        known = False
    if not known:
        raise InputError(
            f"{scenario}/{NOTEBOOKS}: {row['id'][:60]!r}: at_your_prices is no finite number "
            f"({value[:60]!r}); costcheck run executes the notebook again"
        )


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts names as people do, numbers by size.

    >>> sorted(["b10", "b9", "a"], key=natural)
    ['a', 'b9', 'b10']
    """
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]


def changed(found: Found) -> dict[str, float]:
    """Return the prices of a run that are not the articles', those of an article's own file among them."""
    article = PriceBook.article()
    given = {key: value for one in found.notebooks for key, value in assigned(one).items()}
    return {key: value for key, value in found.prices.items() if value != article[key]} | given


def assigned(notebook: Executed) -> dict[str, float]:
    """Return the prices that a notebook on an article of its own was given."""
    try:
        return {key: float(value) for key, value in parameters.assigned(notebook.given).items()}
    except ValueError as error:
        raise InputError(f"{notebook.name}.ipynb: its parameter prices: {error}") from None


def _of(paths: Sequence[Path]) -> Found:
    folder = paths[0].parent
    read = [one for one in map(_read, paths) if one is not None]
    together: dict[str, float] = {}
    at: dict[str, str] = {}
    for one in read:
        for key, value in (dict(one.prices) | assigned(one)).items():
            if together.setdefault(key, value) != value:
                raise InputError(
                    f"{folder}: executed at different prices: {key} is {together[key]:.15g} "
                    f"in {at[key]} and {value:.15g} in {one.name}; give each run a folder of its own "
                    "(costcheck run --out)"
                )
            at.setdefault(key, one.name)
    if not any(one.rows or one.pictures or one.failed for one in read):
        raise NotExecutedError(
            f"{folder}: none of the notebooks was executed; "
            f"costcheck run --out {folder.parent} writes executed ones"
        )
    rows = executed.merged((one.name, one.rows) for one in read)
    declared = {key for one in read for key in one.prices}
    return Found(
        tuple(read),
        rows=rows,
        prices={key: together[key] for key in price_keys() if key in declared},
        used={
            key: quote for key, quote in _used(prices_file(paths)).items() if together.get(key) == quote.value
        },
    )


def prices_file(paths: Sequence[Path]) -> Path:
    """Return where a run whose notebooks these are has written which prices it used."""
    return paths[0].parent.parent / PRICES


def _used(path: Path) -> dict[str, Quote]:
    """Read where the prices of a run are from; what the reader gave as a number has no source."""
    if not os.path.lexists(path):
        return {}  # notebooks that something else has executed
    found: dict[str, Quote] = {}
    line = 1
    try:
        content = tables.file_bytes(path, LARGEST_PRICES)
        with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            for row in lines:
                line = lines.line_num
                key, value, unit, date, source, verified = (
                    visible(unguarded(row[column])) for column in PRICE_COLUMNS[1:]
                )
                if source != GIVEN:
                    quote = Quote(key, float(value), None, None, unit, date, source, verified, None)
                    found[key] = validate(quote, f"{path}, line {line}") if key in price_keys() else quote
    except InputError:
        raise
    except (csv.Error, *BROKEN):
        raise InputError(
            f"{path}, line {line}: not as costcheck run writes it; run it again, or remove the file"
        ) from None
    return found


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _paths(folder: Path, notebooks: Sequence[str] | None) -> list[Path]:
    inside = (folder / NOTEBOOKS).glob("*.ipynb")
    names = notebooks if notebooks is not None else [path.stem for path in inside]
    paths = [folder / NOTEBOOKS / f"{name}.ipynb" for name in names]
    ordered = sorted(paths, key=lambda path: (not path.stem[:2].isdecimal(), path.stem))
    return [path for path in ordered if path.is_file()]


def _read(path: Path) -> Executed | None:
    try:
        return _taken(visible(path.stem), tables.file_bytes(path, LARGEST_NOTEBOOK))
    except InputError:
        raise
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: damaged, not a notebook ({error.msg})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: damaged, not a text in UTF-8") from None
    except BROKEN:
        raise InputError(f"{path}: not an executed notebook of costcheck; execute it again") from None


# scenarios share the notebooks that do not take what sets them apart
@lru_cache(maxsize=64)
def _taken(name: str, content: bytes) -> Executed | None:
    """Read a notebook; one that was never executed is no chapter."""
    notebook = json.loads(content)
    if not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"]):
        return None
    pictures: list[Picture] = []
    rows: list[Mapping[str, str]] = []
    failed = ""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                failed = visible(f"{output['ename']}: {output['evalue']}")
                continue
            data, metadata = output.get("data", {}), output.get("metadata", {})
            if show.SVG in data and "costcheck" in metadata:
                told = metadata["costcheck"]
                drawn = _text(data[show.SVG])
                if odd := _odd(drawn):
                    raise InputError(
                        f"{name}.ipynb: figure {str(told['figure'])[:60]!r} has {odd[:60]!r} in it, "
                        "which no figure of costcheck has"
                    )
                pictures.append(Picture(visible(str(told["figure"])), drawn, visible(str(told["alt"]))))
            for row in data.get(show.ROWS, []):
                rows.append({column: visible(str(row[column])) for column in COLUMNS})
    # a kernel that was ended, at a limit for example, leaves no error in the notebook
    counts = [
        cell["execution_count"]
        for cell in notebook["cells"]
        if cell.get("source") and "execution_count" in cell
    ]
    if not failed and any(counts) and not all(counts):
        failed = "not all of its cells were executed"
    title, question = _head(notebook["cells"])
    given = parameters.values(notebook)
    keys = price_keys()
    if computed := sorted(parameters.expressions(notebook) & keys.keys()):
        raise InputError(
            f"{name}.ipynb: its price {computed[0]} is computed in the notebook; "
            "a report reads only a price written as a number, such as 27500"
        )
    numbers = {key: value for key, value in given.items() if key in keys and not isinstance(value, str)}
    for key, value in numbers.items():
        try:
            quotes.value_of(key, value, keys)
        except InputError as error:
            raise InputError(f"{name}.ipynb: its price {error}") from None
    article = given.get("article")
    return Executed(
        name=name,
        title=title or name,
        question=question,
        finding=_finding(notebook["cells"]),
        pictures=tuple(pictures),
        rows=tuple(rows),
        prices=numbers,
        article=article if isinstance(article, str) else None,
        given=str(given.get("prices", "")),
        failed=failed,
    )


ELEMENTS = (
    "svg|title|desc|metadata|defs|style|g|path|use|clipPath|rect|circle|ellipse|line|polyline|polygon|text|tspan"
    "|image|pattern|marker|mask|linearGradient|radialGradient|stop|filter|fe[A-Z]\\w+"
    "|(?:rdf|cc|dc):[A-Za-z]+"
)
"""What a figure is drawn with; nothing of it runs, and what it refers to stands in the figure itself."""
ODD = re.compile(
    rf"""
    <(?!(?:/?(?:{ELEMENTS})(?=[\s/>]) | !--))[^\s>]{{0,40}}   # a script, a page, a document type
    | \s on\w+ \s* = \s* ["']                              # a script too
    | href \s* = \s* (?!["'](?:\#|data:image/png;base64,))[^>]{{0,40}}
    | url \s* \( \s* (?!["']?\#)[^)]{{0,40}}
    | @import
    | style \s* = \s* (?:"[^"<]* | '[^'<]*) [\\&]             # letters written in another way
    | <style [^<>]* > [^<]* [\\&]
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _odd(svg: str) -> str:
    """Return what stands in a figure that could run, load or be built up to a bomb; empty where nothing does.

    >>> _odd('<svg><path d="M0 0"/></svg>'), _odd('<svg><a href="https://example.org"/></svg>')
    ('', '<a')
    """
    if not svg.startswith("<svg"):
        return svg[:4] or "nothing"
    # what a text says is no part of the drawing
    found = ODD.search(re.sub(r"<!--[^<>]*-->", "", svg))
    return found[0] if found else ""


def visible(text: str) -> str:
    r"""Write out what a page or a terminal would obey instead of showing it, and half characters.

    >>> visible("a\u202eb\x1b\r\n")
    'a\\u202eb\\u001b\n'
    """
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def _text(of: Any) -> str:
    return visible(of if isinstance(of, str) else "".join(of))


def _head(cells: Sequence[Any]) -> tuple[str, str]:
    """Return the heading of the first cell, and the question that stands there in bold."""
    first = next((_text(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
    first = first[:LONGEST_HEAD]  # a question that has no end is looked for from each of its lines
    title = re.search(r"^# (.+)$", first, re.MULTILINE)
    question = re.search(r"^\*\*(.+?)\*\*$", first, re.MULTILINE | re.DOTALL)
    return (title[1].strip() if title else "", " ".join(question[1].split()) if question else "")


def _finding(cells: Sequence[Any]) -> tuple[str, ...]:
    """Return what the first section says in words."""
    said: list[str] = []
    sections = 0
    for cell in cells:
        sections += cell["cell_type"] == "markdown" and _text(cell["source"]).startswith("## ")
        if sections == 1:
            texts = (output.get("data", {}).get("text/markdown") for output in cell.get("outputs", ()))
            said += [_text(text) for text in texts if text]
    return tuple(said)
