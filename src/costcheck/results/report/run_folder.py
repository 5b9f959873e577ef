"""A run's folder: its executed notebooks, and what they found together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from costcheck.claims.verdict import COLUMNS
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import GIVEN, Quote, price_keys, validate
from costcheck.results import executed
from costcheck.results.csv_files import PRICES, RESULTS, read_prices, read_results
from costcheck.results.executed import Key
from costcheck.results.report import Wanted
from costcheck.results.report.chapters import Executed, read_notebook, visible
from costcheck.text import log
from costcheck.text.spreadsheets import NUMBER

NOTEBOOKS = "notebooks"
OF_A_SCENARIO = ("scenario", "at_your_prices", "verdict_at_your_prices")
"""The columns of a claim's row in which scenarios differ."""


class NotExecutedError(InputError):
    """None of the notebooks of a run was executed."""


class Scenario(NamedTuple):
    """The prices of a scenario that are not the articles', and each claim's value and verdict at them."""

    name: str
    prices: Mapping[str, float]
    at_your_prices: Mapping[Key, str]
    verdicts: Mapping[Key, str]
    quotes: Mapping[str, Quote]
    """Where its prices are from, as its ``prices.csv`` says."""


class Run(NamedTuple):
    """The notebooks to show, and the scenarios if there are several."""

    notebooks: Sequence[Executed]
    rows: Mapping[Key, Mapping[str, str]]
    prices: Mapping[str, float]
    """All that the notebooks declare."""
    quotes: Mapping[str, Quote]
    """Where they are from, as ``prices.csv`` beside the notebooks says."""
    scenarios: Sequence[Scenario] = ()
    lacking: Mapping[str, Sequence[str]] = MappingProxyType({})
    """By scenario, the notebooks that others have and it has not."""


def read_run(folder: Path, wanted: Wanted | None = None) -> Run:
    """Read the notebooks of a run: of several scenarios those of the first, with the claims of all."""
    paths = find_notebooks(folder, wanted)
    return _read_single(folder, paths[""]) if "" in paths else _read_several(folder, paths)


def find_notebooks(folder: Path, wanted: Wanted | None = None) -> dict[str, list[Path]]:
    """Find the notebooks of a run by scenario, in natural order; a single run has no name.

    By default they are of the scenarios that ``results.csv`` in the folder names, else of the folder's own
    ``notebooks/``, else of all folders in it.
    """
    if not folder.is_dir():
        siblings = _folders(folder.parent) if folder.parent.is_dir() else []
        nearest = unknown("folder", folder.name, siblings)
        problem = "not a folder" if folder.exists() else "no such folder"
        raise InputError(nearest if nearest.nearest else problem, where=str(folder))
    if wanted is None:
        names = _scenarios_of_results(folder)
        if not names and not _paths(folder):
            names = [name for name in _folders(folder) if _paths(folder / name)]
        wanted = dict.fromkeys(names or [""])
    return {name: _paths(folder / name, wanted[name]) for name in sorted(wanted, key=natural)}


def _scenarios_of_results(folder: Path) -> list[str]:
    """Return the folders that the results in a folder name; none where they are of a single run."""
    try:
        named = {row["scenario"] for _, row in read_results(folder / RESULTS)}
    except InputError:
        return []
    if len(named) == 1 and _paths(folder):
        return []
    return [name for name in _folders(folder) if name in named]


def _folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _paths(folder: Path, wanted: Sequence[str] | None = None) -> list[Path]:
    """Return the notebooks in a run's folder: first those of the package, in their order."""
    paths = (folder / NOTEBOOKS).glob("*.ipynb")
    chosen = [path for path in paths if path.is_file() and (wanted is None or path.stem in wanted)]
    return sorted(chosen, key=lambda path: (not path.stem[:2].isdecimal(), path.stem))


def _read_single(folder: Path, paths: Sequence[Path]) -> Run:
    notebooks = [notebook for notebook in map(read_notebook, paths) if notebook is not None]
    prices: dict[str, tuple[float, str]] = {}
    for notebook in notebooks:
        for key, value in {**notebook.prices, **notebook.assigned}.items():
            first, other = prices.setdefault(key, (value, notebook.name))
            if first != value:
                raise InputError(
                    f"{folder}: executed at different prices: {key} is {first:.15g} in {other} and "
                    f"{value:.15g} in {notebook.name}; costcheck run --out gives a run a folder of its own"
                )
    if not any(notebook.rows or notebook.shown.figures or notebook.failed for notebook in notebooks):
        problem = f"no executed notebook in it; costcheck run --out {folder} writes them"
        raise NotExecutedError(problem, where=str(folder))
    declared = {key for notebook in notebooks for key in notebook.prices}
    values = {key: value for key, (value, _) in prices.items()}
    return Run(
        notebooks,
        rows=executed.merged((notebook.name, notebook.rows) for notebook in notebooks),
        prices={key: values[key] for key in price_keys() if key in declared},
        quotes=_quotes(folder / PRICES, values),
    )


def _read_several(folder: Path, by_scenario: Mapping[str, Sequence[Path]]) -> Run:
    article, shown = PriceBook.article(), None
    scenarios: list[Scenario] = []
    rows: dict[Key, Mapping[str, str]] = {}
    stems: dict[str, list[str]] = {}
    for name, paths in by_scenario.items():
        try:
            run = _read_single(folder / name, paths)
        except NotExecutedError:
            stems[visible(name)] = []
            continue
        shown = shown or run  # others are not kept in memory
        for key, row in run.rows.items():
            _validate(name, row, rows.setdefault(key, row))
        changed = {key: value for key, value in run.prices.items() if value != article[key]}
        for notebook in run.notebooks:
            changed |= notebook.assigned
        values, judged = ({key: row[column] for key, row in run.rows.items()} for column in OF_A_SCENARIO[1:])
        scenarios.append(Scenario(visible(name), changed, values, judged, run.quotes))
        stems[visible(name)] = [visible(path.stem) for path in paths]
    if left_out := [name for name, of_scenario in stems.items() if not of_scenario]:
        log.warning(f"{folder}: left out of the report, without an executed notebook: {', '.join(left_out)}")
    if shown is None:
        raise NotExecutedError(f"{folder}: no executed notebook in its scenarios; costcheck run writes them")
    every = dict.fromkeys(stem for of_scenario in stems.values() for stem in of_scenario)
    lacking = {name: [stem for stem in every if stem not in stems[name]] for name in stems}
    return shown._replace(
        rows=executed.merged([("", rows.values())]),
        scenarios=scenarios,
        lacking={name: missing for name, missing in lacking.items() if missing},
    )


def _validate(scenario: str, row: Mapping[str, str], first: Mapping[str, str]) -> None:
    """Validate that a claim in a scenario differs from the first scenario's by value and verdict alone."""
    value, problem = row["at_your_prices"], ""
    for column in COLUMNS:
        if column not in OF_A_SCENARIO and row[column] != first[column]:
            problem = f"{column}: {first[column][:60]!r} in another scenario, {row[column][:60]!r} here"
    if value and not (NUMBER.fullmatch(value) and math.isfinite(float(value))):
        problem = f"at_your_prices is no finite number ({value[:60]!r})"
    if problem:
        where = f"{scenario}/{NOTEBOOKS}: {row['id'][:60]!r}"
        raise InputError(f"{problem}; costcheck run executes it again", where=where)


def _quotes(path: Path, prices: Mapping[str, float]) -> dict[str, Quote]:
    """Read where the prices of a run are from; a number that the reader gave has no source."""
    quotes: dict[str, Quote] = {}
    for line, row in read_prices(path):
        key, unit, date, source, verified = (
            visible(row[column]) for column in ("key", "unit", "date", "source", "verified")
        )
        quote = Quote(key, row["value"], None, None, unit, date, source, verified, None)
        if key in price_keys():
            validate(quote, f"{path}, line {line}")
        if quote.source != GIVEN and prices.get(key) == quote.value:
            quotes[key] = quote
    return quotes


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts names as people do, numbers by size."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]
