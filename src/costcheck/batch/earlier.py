"""Notebooks of earlier runs in a folder of results: they count into what a run writes there."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costcheck.claims.article import prices_of
from costcheck.claims.loading import Text, load
from costcheck.claims.verdict import COLUMNS
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.notebook.parameters import assigned, values
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import Quote
from costcheck.results import executed
from costcheck.results.executed import LARGEST_NOTEBOOK


@dataclass(frozen=True)
class Earlier:
    """An executed notebook of an earlier run at the same prices."""

    name: str
    path: Path
    declared: tuple[str, ...]
    own: tuple[Quote, ...] = ()
    """The own prices of its article, where it is a chapter on one."""
    figures: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, str]]:
        """Read its result rows again; none where it is gone."""
        try:
            return executed.read(_read(self.path)).rows
        except InputError:
            return []


def beside(
    folder: Path, names: Collection[str], prices: PriceBook, warn: Callable[[str], object]
) -> list[Earlier]:
    """Find the notebooks of earlier runs in a folder of results.

    Args:
        folder: Of one run, or of one scenario.
        names: The notebooks that are executed now, at these prices.
        prices: These prices.
        warn: Called with a sentence on each file that is not an executed notebook, which is left out.

    Raises:
        InputError: Some were executed at other prices.
    """
    same, others = [], {}
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        if path.stem in names:
            continue
        try:
            notebook, differing = _compared(path, _read(path), prices)
        except InputError as error:
            warn(f"{error}; it is left out of the results")
            continue
        if differing:
            others[path.stem] = differing
        else:
            same.append(notebook)
    if others:
        examples = ", ".join(f"{name} at {differing}" for name, differing in sorted(others.items()))
        raise InputError(
            f"{folder}: has notebooks that were executed at other prices ({examples}); "
            "write to another folder with --out, or run those too"
        )
    return same


def _compared(path: Path, notebook: Any, prices: PriceBook) -> tuple[Earlier, str]:
    """Return a notebook of an earlier run, and the first price in which it differs."""
    given = values(notebook)
    text = given.get("article")
    if isinstance(text, str) and "\n" in text:
        (article,) = load([Text(text, path.name)])
        book = prices.extended(article.own_quotes)
        declared, own = tuple(prices_of([article])), tuple(article.own_quotes)
        theirs = {key: float(value) for key, value in assigned(str(given.get("prices", ""))).items()}
        ours: Mapping[str, float] = {key: book.changed[key] for key in declared if key in book.changed}
        every = theirs.keys() | ours.keys()
        differing = {
            key: theirs.get(key, "the article's") for key in every if theirs.get(key) != ours.get(key)
        }
    else:
        numbers = {key: value for key, value in given.items() if key in prices and isinstance(value, float)}
        declared, own = tuple(numbers), ()
        differing = {key: value for key, value in numbers.items() if value != prices[key]}
    shown = [
        f"{key}={value if isinstance(value, str) else f'{value:.15g}'}" for key, value in differing.items()
    ]
    figures = tuple(executed.read(notebook).figures)
    return Earlier(path.stem, path, declared, own, figures), min(shown, default="")


def _read(path: Path) -> Any:
    """Read an executed notebook; somebody else may have put it there."""
    try:
        notebook = json.loads(tables.file_bytes(path, LARGEST_NOTEBOOK))
        values(notebook)
        for row in executed.read(notebook).rows:
            if not all(isinstance(row[column], str) for column in COLUMNS):
                raise TypeError
    except InputError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, SyntaxError, RecursionError):
        raise InputError(f"{path}: not an executed notebook of costcheck") from None
    return notebook
