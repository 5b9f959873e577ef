"""What a run found, read out of its executed notebooks alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from costcheck import outputs, prices
from costcheck.claims.verdicts import COLUMNS
from costcheck.compare import HOPELESS
from costcheck.errors import InputError, unknown
from costcheck.outputs import Key
from costcheck.prices import PriceBook, price_keys

NOTEBOOKS = "notebooks"
BROKEN = (LookupError, TypeError, AttributeError, ValueError, SyntaxError, *HOPELESS)
"""What reading raises on a file that is no executed notebook of this package."""


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


@dataclass(frozen=True)
class Found:
    """A run: the notebooks to show, and the scenarios if there are several."""

    notebooks: tuple[Executed, ...]
    scenarios: tuple[Scenario, ...] = ()
    rows: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    """Of the notebooks shown, all the prices they declare."""


Runs = Sequence[tuple[str, Sequence[Path]]]
"""Scenarios in the natural order of their names, and the notebooks of each; a single run has no name."""


def runs(
    folder: Path, notebooks: Sequence[str] | None = None, scenarios: Sequence[str] | None = None
) -> Runs:
    """Find the executed notebooks of a run.

    Args:
        folder: With ``notebooks/`` in it, or with a folder for each scenario that has one.
        notebooks: The names of those wanted; all by default.
        scenarios: The names of those wanted; by default all, if the folder has no ``notebooks/`` of its own.

    Returns:
        The files: of the package's own notebooks in their order, then those of articles.

    Raises:
        InputError: There is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        said = "it is a file, not a folder" if folder.exists() else "no such folder"
        if folder.parent.is_dir() and not folder.exists():
            meant = unknown("folder", folder.name, [one.name for one in _folders(folder.parent)])
            said = meant if meant.endswith("?") else said
        raise InputError(f"{folder}: {said}")
    if scenarios is None and not _paths(folder, notebooks):
        scenarios = [one.name for one in _folders(folder) if _paths(one, notebooks)]
    elif scenarios is None:
        return [("", _paths(folder, notebooks))]
    found = [(name, _paths(folder / name, notebooks)) for name in sorted(scenarios, key=natural)]
    if not all(paths for _, paths in found) or not found:
        where = next((folder / name for name, paths in found if not paths), folder)
        raise InputError(f"{where}: no executed notebook in it; costcheck run --out {folder} writes them")
    return found


def read(of: Runs) -> Found:
    """Read what a run wrote.

    Args:
        of: As `runs` gives it.

    Returns:
        The run; the notebooks of several scenarios are those of the first.

    Raises:
        InputError: A notebook cannot be read, or two were executed at different prices.
    """
    shown = _of(of[0][1])
    if not of[0][0]:
        return shown
    several = []
    for name, paths in of:
        one = shown if name == of[0][0] else _of(paths)
        values = {key: row["at_your_prices"] for key, row in one.rows.items()}
        several.append(Scenario(name, changed(one), values))
    return Found(shown.notebooks, tuple(several), shown.rows, shown.prices)


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
        return {key: float(value) for key, value in prices.assigned(notebook.given).items()}
    except ValueError as error:
        raise InputError(f"{notebook.name}.ipynb: its parameter prices: {error}") from None


def _of(paths: Sequence[Path]) -> Found:
    folder = paths[0].parent
    read = [_read(path) for path in paths]
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
        raise InputError(
            f"{folder}: none of the notebooks was executed; "
            f"costcheck run --out {folder.parent} writes executed ones"
        )
    rows = outputs.merged((one.name, one.rows) for one in read)
    declared = {key for one in read for key in one.prices}
    return Found(
        tuple(read), rows=rows, prices={key: together[key] for key in price_keys() if key in declared}
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _paths(folder: Path, notebooks: Sequence[str] | None) -> list[Path]:
    names = notebooks or [path.stem for path in (folder / NOTEBOOKS).glob("*.ipynb")]
    paths = [folder / NOTEBOOKS / f"{name}.ipynb" for name in names]
    ordered = sorted(paths, key=lambda path: (not path.stem[:2].isdecimal(), path.stem))
    return [path for path in ordered if path.is_file()]


def _read(path: Path) -> Executed:
    try:
        return _taken(path.stem, path.read_bytes())
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: damaged, not a notebook ({error.msg})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: damaged, not a text in UTF-8") from None
    except BROKEN:
        raise InputError(f"{path}: not an executed notebook of costcheck; execute it again") from None


# scenarios share the notebooks that do not take what sets them apart
@lru_cache(maxsize=64)
def _taken(name: str, content: bytes) -> Executed:
    notebook = json.loads(content)
    pictures: list[Picture] = []
    rows: list[Mapping[str, str]] = []
    failed = ""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                failed = f"{output['ename']}: {output['evalue']}"
                continue
            data, metadata = output.get("data", {}), output.get("metadata", {})
            if outputs.SVG in data and "costcheck" in metadata:
                told = metadata["costcheck"]
                pictures.append(Picture(str(told["figure"]), _text(data[outputs.SVG]), str(told["alt"])))
            rows += [{column: str(row[column]) for column in COLUMNS} for row in data.get(outputs.ROWS, [])]
    title, question = _head(notebook["cells"])
    parameters = outputs.parameters(notebook)
    keys = price_keys()
    numbers = {key: value for key, value in parameters.items() if key in keys and not isinstance(value, str)}
    article = parameters.get("article")
    return Executed(
        name=name,
        title=title or name,
        question=question,
        finding=_finding(notebook["cells"]),
        pictures=tuple(pictures),
        rows=tuple(rows),
        prices=numbers,
        article=article if isinstance(article, str) else None,
        given=str(parameters.get("prices", "")),
        failed=failed,
    )


def _text(of: Any) -> str:
    return of if isinstance(of, str) else "".join(of)


def _head(cells: Sequence[Any]) -> tuple[str, str]:
    """Return the heading of the first cell, and the question that stands there in bold."""
    first = next((_text(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
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
