"""Executed notebooks as chapters of the report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from costcheck.claims.verdict import COLUMNS
from costcheck.data import tables
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError
from costcheck.notebook import parameters
from costcheck.prices import quotes
from costcheck.results import executed

LONGEST_HEAD = 4000
"""Characters of the first cell in which its title and question are looked for."""
DAMAGED = (LookupError, TypeError, AttributeError, ValueError, SyntaxError, RecursionError, MemoryError)
"""What reading raises on a file that is no executed notebook of this package."""


@dataclass(frozen=True)
class Figure:
    """A figure as a notebook shows it."""

    name: str
    svg: str
    alt: str


@dataclass(frozen=True)
class Executed:
    """An executed notebook."""

    name: str
    title: str
    question: str
    """In Markdown, as the finding."""
    finding: tuple[str, ...]
    figures: tuple[Figure, ...]
    rows: tuple[Mapping[str, str], ...]
    prices: Mapping[str, float]
    """The prices it declares."""
    article: str | None = None
    """The text of the article it shows, or the name of an example."""
    given: str = ""
    """The prices such a notebook was given, as ``h100_usd=25000;usd_cny=7.1``."""
    failed: str = ""
    """The error it stopped with."""

    @property
    def assigned(self) -> dict[str, float]:
        """The prices that a notebook on an article of its own was given."""
        try:
            return {key: float(value) for key, value in parameters.assigned(self.given).items()}
        except ValueError as error:
            raise InputError(f"{self.name}.ipynb: its parameter prices: {error}") from None


def read_notebook(path: Path) -> Executed | None:
    """Read a notebook; ``None`` where it was never executed.

    Raises:
        InputError: It is damaged, no notebook of this package, or one of its prices is computed or invalid.
    """
    try:
        return _read(visible(path.stem), tables.file_bytes(path, executed.LARGEST_NOTEBOOK))
    except InputError:
        raise
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: damaged, not a notebook ({error.msg})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: damaged, not a text in UTF-8") from None
    except DAMAGED:
        raise InputError(f"{path}: not an executed notebook of costcheck; execute it again") from None


# scenarios share the notebooks that take none of the prices in which they differ
@lru_cache(maxsize=64)
def _read(name: str, content: bytes) -> Executed | None:
    notebook = json.loads(content)
    cells = notebook["cells"]
    if not any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
        return None
    shown = executed.read(notebook)
    title, question = _head(cells)
    values = parameters.values(notebook)
    article = values.get("article")
    return Executed(
        name=name,
        title=title or name,
        question=question,
        finding=_finding(cells),
        figures=tuple(
            Figure(visible(str(figure)), visible(svg), visible(str(shown.alts[figure])))
            for figure, svg in shown.figures.items()
        ),
        rows=tuple({column: visible(str(row[column])) for column in COLUMNS} for row in shown.rows),
        prices=_prices(name, values, parameters.expressions(notebook)),
        article=article if isinstance(article, str) else None,
        given=str(values.get("prices", "")),
        failed=_failure(cells),
    )


def _prices(name: str, values: Mapping[str, float | str], expressions: set[str]) -> dict[str, float]:
    keys = quotes.price_keys()
    if computed := sorted(expressions & keys.keys()):
        raise InputError(
            f"{name}.ipynb: its price {computed[0]} is computed in the notebook; "
            "a report reads only a price written as a number, such as 27500"
        )
    prices = {key: value for key, value in values.items() if key in keys and not isinstance(value, str)}
    for key, value in prices.items():
        try:
            quotes.value_of(key, value, keys)
        except InputError as error:
            raise InputError(f"{name}.ipynb: its price {error}") from None
    return prices


def _failure(cells: Sequence[Any]) -> str:
    """Return the error that a notebook stopped with."""
    errors = [
        visible(f"{output['ename']}: {output['evalue']}")
        for cell in cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    ]
    counts = [cell["execution_count"] for cell in cells if cell.get("source") and "execution_count" in cell]
    if not errors and any(counts) and not all(counts):
        return "not all of its cells were executed"  # a kernel that was ended leaves no error
    return errors[-1] if errors else ""


def visible(text: str) -> str:
    r"""Escape what a page or a terminal would obey instead of showing it, and half characters.

    >>> visible("a\u202eb\x1b\r\n")
    'a\\u202eb\\u001b\n'
    """
    return CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", text.replace("\r\n", "\n"))


def _text(source: Any) -> str:
    return visible("".join(source))


def _head(cells: Sequence[Any]) -> tuple[str, str]:
    """Return the heading of the first cell, and the question in it, which is bold."""
    first = next((_text(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
    first = first[:LONGEST_HEAD]  # the time of the search grows with the square of the length
    title = re.search(r"^# (.+)$", first, re.MULTILINE)
    question = re.search(r"^\*\*(.+?)\*\*$", first, re.MULTILINE | re.DOTALL)
    return (title[1].strip() if title else "", " ".join(question[1].split()) if question else "")


def _finding(cells: Sequence[Any]) -> tuple[str, ...]:
    """Return the prose of the first section."""
    prose: list[str] = []
    sections = 0
    for cell in cells:
        sections += cell["cell_type"] == "markdown" and _text(cell["source"]).startswith("## ")
        if sections == 1:
            texts = (output.get("data", {}).get("text/markdown") for output in cell.get("outputs", ()))
            prose += [_text(text) for text in texts if text]
    return tuple(prose)
