"""A run's folder: its executed notebooks, and what they found together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from costcheck.claims.verdict import COLUMNS
from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import GIVEN, Quote, price_keys, validate
from costcheck.results import executed
from costcheck.results.executed import Key
from costcheck.results.names import refusal
from costcheck.results.prices_file import PRICES, read_prices
from costcheck.results.report.chapters import Executed, read_notebook, visible
from costcheck.results.results_file import LARGEST, RESULTS, is_finite, read_rows
from costcheck.text import log

NOTEBOOKS = "notebooks"
OF_A_SCENARIO = ("scenario", "at_your_prices")
"""The columns of a claim's row in which scenarios differ."""


class NotExecutedError(InputError):
    """None of the notebooks of a run was executed."""


@dataclass(frozen=True)
class Scenario:
    """The prices of a scenario that are not the articles', and each claim's value at them."""

    name: str
    prices: Mapping[str, float]
    at_your_prices: Mapping[Key, str]
    quotes: Mapping[str, Quote]
    """Where its prices are from, as its ``prices.csv`` says."""


@dataclass(frozen=True)
class Run:
    """The notebooks to show, and the scenarios if there are several."""

    notebooks: tuple[Executed, ...]
    rows: Mapping[Key, Mapping[str, str]]
    prices: Mapping[str, float]
    """All that the notebooks declare."""
    quotes: Mapping[str, Quote]
    """Where they are from, as ``prices.csv`` beside the notebooks says."""
    scenarios: tuple[Scenario, ...] = ()
    left_out: tuple[str, ...] = ()
    """The scenarios that have no executed notebook."""
    lacking: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By scenario, the notebooks that others have and it has not."""

    @property
    def changed(self) -> dict[str, float]:
        """The prices that are not the articles', those of an article's own file among them."""
        article = PriceBook.article()
        given = {key: value for notebook in self.notebooks for key, value in notebook.assigned.items()}
        return {key: value for key, value in self.prices.items() if value != article[key]} | given


Scenarios = Mapping[str, Sequence[str] | None]
"""The names of scenarios, and of the notebooks wanted of each; ``None`` for all."""


def read_run(folder: Path, notebooks: Sequence[str] | None = None, scenarios: Scenarios | None = None) -> Run:
    """Read the executed notebooks of a run, of several scenarios those of the first with the claims of all.

    Args:
        folder: With ``notebooks/`` in it, or with a folder for each scenario that has one.
        notebooks: The names of those wanted; all by default.
        scenarios: Those wanted; by default those that ``results.csv`` in the folder names, or without it
            all, if the folder has no ``notebooks/`` of its own.

    Raises:
        InputError: There is no such folder, no notebook in it, one cannot be read, two were executed at
            different prices, or scenarios differ in more than prices.
    """
    paths = find_notebooks(folder, notebooks, scenarios)
    return _read_single(paths[""]) if "" in paths else _read_several(paths)


def find_notebooks(
    folder: Path, notebooks: Sequence[str] | None = None, scenarios: Scenarios | None = None
) -> dict[str, list[Path]]:
    """Find the notebooks of a run by scenario, in natural order; a single run has no name.

    The package's own notebooks come first, in their order.
    """
    if not folder.is_dir():
        problem = "it is a file, not a folder" if folder.exists() else "no such folder"
        if folder.parent.is_dir() and not folder.exists():
            near = unknown("folder", folder.name, [path.name for path in _folders(folder.parent)])
            problem = str(near) if near.nearest else problem
        raise InputError(f"{folder}: {problem}")
    if scenarios is None:
        names = _scenarios_of_results(folder)
        if not names and (paths := _paths(folder, notebooks)):
            return {"": paths}
        if not names:
            names = [path.name for path in _folders(folder) if _paths(path, notebooks)]
        scenarios = dict.fromkeys(names, notebooks)
    paths_of = {name: _paths(folder / name, scenarios[name]) for name in sorted(scenarios, key=natural)}
    if not any(paths_of.values()):
        raise InputError(f"{folder}: no executed notebook in it; costcheck run --out {folder} writes them")
    if missing := [name for name, paths in paths_of.items() if not paths]:
        log.warning(f"{folder}: left out of the report, without an executed notebook: {', '.join(missing)}")
    return paths_of


def _scenarios_of_results(folder: Path) -> list[str]:
    """Return the scenarios that the results in a folder name; none where they are of a single run."""
    path = folder / RESULTS
    try:
        names = list(dict.fromkeys(row["scenario"] for _, row in read_rows(path)))
        # a name such as ../another is no folder in this one
        if any(refusal(name) is not None for name in names):
            return []
        if len(names) == 1:  # a single run may be called as a scenario was
            both = (path, folder / names[0] / RESULTS)
            return names if len({tables.file_bytes(file, LARGEST) for file in both}) == 1 else []
    except InputError:
        return []
    return names


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _paths(folder: Path, notebooks: Sequence[str] | None) -> list[Path]:
    inside = (folder / NOTEBOOKS).glob("*.ipynb")
    names = notebooks if notebooks is not None else [path.stem for path in inside]
    paths = [folder / NOTEBOOKS / f"{name}.ipynb" for name in names]
    ordered = sorted(paths, key=lambda path: (not path.stem[:2].isdecimal(), path.stem))
    return [path for path in ordered if path.is_file()]


def _read_single(paths: Sequence[Path]) -> Run:
    folder = paths[0].parent
    notebooks = [notebook for notebook in map(read_notebook, paths) if notebook is not None]
    prices: dict[str, float] = {}
    first: dict[str, str] = {}
    for notebook in notebooks:
        for key, value in (dict(notebook.prices) | notebook.assigned).items():
            if prices.setdefault(key, value) != value:
                raise InputError(
                    f"{folder}: executed at different prices: {key} is {prices[key]:.15g} "
                    f"in {first[key]} and {value:.15g} in {notebook.name}; give each run a folder of its own "
                    "(costcheck run --out)"
                )
            first.setdefault(key, notebook.name)
    if not any(notebook.rows or notebook.figures or notebook.failed for notebook in notebooks):
        raise NotExecutedError(
            f"{folder}: none of the notebooks was executed; "
            f"costcheck run --out {folder.parent} writes executed ones"
        )
    declared = {key for notebook in notebooks for key in notebook.prices}
    quotes = _quotes(folder.parent / PRICES)
    return Run(
        tuple(notebooks),
        rows=executed.merged((notebook.name, notebook.rows) for notebook in notebooks),
        prices={key: prices[key] for key in price_keys() if key in declared},
        quotes={key: quote for key, quote in quotes.items() if prices.get(key) == quote.value},
    )


def _read_several(by_scenario: Mapping[str, Sequence[Path]]) -> Run:
    scenarios: list[Scenario] = []
    runs: list[Run] = []
    rows: dict[Key, Mapping[str, str]] = {}
    stems: dict[str, list[str]] = {}
    left_out = []
    not_executed = NotExecutedError("no executed notebook")
    for folder, paths in by_scenario.items():
        name = visible(folder)
        try:
            run = _read_single(paths) if paths else None
        except NotExecutedError as error:
            log.warning(f"left out of the report, since no notebook of it came to a result: {name}")
            run, not_executed = None, error
        if run is None:
            left_out.append(name)
            continue
        runs = runs or [run]  # others are not kept in memory
        for key, row in run.rows.items():
            _validate(folder, row, rows.setdefault(key, row))
        values = {key: row["at_your_prices"] for key, row in run.rows.items()}
        scenarios.append(Scenario(name, run.changed, values, run.quotes))
        stems[name] = [visible(path.stem) for path in paths]
    if not runs:
        raise not_executed
    every = dict.fromkeys(stem for of_scenario in stems.values() for stem in of_scenario)
    lacking = {name: [stem for stem in every if stem not in stems[name]] for name in stems}
    return replace(
        runs[0],
        rows=executed.merged([("", rows.values())]),
        scenarios=tuple(scenarios),
        left_out=tuple(sorted(left_out, key=natural)),
        lacking={name: missing for name, missing in lacking.items() if missing},
    )


def _validate(scenario: str, row: Mapping[str, str], first: Mapping[str, str]) -> None:
    """Validate that a claim in a scenario differs from the first scenario's by its value alone."""
    where, value = f"{scenario}/{NOTEBOOKS}: {row['id'][:60]!r}", row["at_your_prices"]
    for column in COLUMNS:
        if column not in OF_A_SCENARIO and row[column] != first[column]:
            raise InputError(
                f"{where} is not as in the scenario before ({column}: {first[column][:60]!r} there, "
                f"{row[column][:60]!r} here); costcheck run executes them again"
            )
    if value and not is_finite(value):
        raise InputError(
            f"{where}: at_your_prices is no finite number ({value[:60]!r}); "
            "costcheck run executes the notebook again"
        )


def _quotes(path: Path) -> dict[str, Quote]:
    """Read where the prices of a run are from; a number that the reader gave has no source."""
    quotes: dict[str, Quote] = {}
    for line, row in read_prices(path):
        key, unit, date, source, verified = (
            visible(row[column]) for column in ("key", "unit", "date", "source", "verified")
        )
        if source != GIVEN:
            quote = Quote(key, row["value"], None, None, unit, date, source, verified, None)
            quotes[key] = validate(quote, f"{path}, line {line}") if key in price_keys() else quote
    return quotes


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts names as people do, numbers by size.

    >>> sorted(["b10", "b9", "a"], key=natural)
    ['a', 'b9', 'b10']
    """
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]
