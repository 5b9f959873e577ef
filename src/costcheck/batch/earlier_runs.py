"""Notebooks of earlier runs in a folder of results: they count into what a run writes there."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from costcheck.batch.jobs import Template
from costcheck.claims.loading import Text, load
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.notebook.parameters import assigned, values
from costcheck.prices.book import PriceBook
from costcheck.results import executed
from costcheck.results.executed import LARGEST_NOTEBOOK, Outputs


def notebooks_beside(
    folder: Path, names: Collection[str], prices: PriceBook, warn: Callable[[str], object]
) -> list[tuple[Template, Outputs]]:
    """Find the notebooks of earlier runs in a folder of results, and what they show.

    Those that are executed now, by their names, do not count; ``warn`` is called with a sentence on each file
    that is not an executed notebook.

    Raises:
        InputError: Some were executed at other prices.
    """
    same, others = [], []
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        if path.stem in names:
            continue
        try:
            notebook, outputs = read(path)
            template = _template(path, notebook)
        except InputError as error:
            warn(f"{error}; it is left out of the results")
            continue
        changed = prices.extended(template.own).changed
        ours = {key: changed[key] for key in template.declared if key in changed}
        if differing := dict(template.edited).items() ^ ours.items():
            others.append(f"{path.stem}: another {min(differing)[0]}")
        else:
            same.append((template, outputs))
    if others:
        raise InputError(
            f"{folder}: has notebooks that were executed at other prices ({', '.join(others)}); "
            "write to another folder with --out, or run those too"
        )
    return same


def read(path: Path) -> tuple[Any, Outputs]:
    """Read an executed notebook and what it shows; somebody else may have put it there.

    Raises:
        InputError: It cannot be read, or costcheck has not written it.
    """
    try:
        notebook = json.loads(tables.file_bytes(path, LARGEST_NOTEBOOK))
        outputs = executed.read(notebook)
        executed.validate_rows(outputs.rows, str(path))
        if all(isinstance(cell, str) for row in outputs.rows for cell in row.values()):
            return notebook, outputs
    except InputError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    raise InputError("not an executed notebook of costcheck", where=str(path))


def _template(path: Path, notebook: Any) -> Template:
    template, given = Template.read(path), values(notebook)
    text = str(given.get("article", ""))
    if "\n" not in text:
        return template
    (article,) = load([Text(text, path.name)])
    book = PriceBook.article().extended(article.own_quotes).override(assigned(str(given.get("prices", ""))))
    return replace(template.of(article, text), edited=tuple(book.changed.items()))
