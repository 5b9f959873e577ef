"""Executed notebooks as chapters of the report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from costcheck.claims.verdict import COLUMNS
from costcheck.data import tables
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError
from costcheck.notebook import parameters
from costcheck.prices import quotes
from costcheck.results import executed

LONGEST_HEAD = 4000
"""Characters of a figure in which its size is looked for, and of a first cell for its title."""
POINTS_TO_PIXELS = 4 / 3
POINTS = r"([0-9]{1,5}(?:\.[0-9]+)?)"
QUOTED = {"%": "%25", "#": "%23", "'": "%27", "&": "%26", "\n": " "}
"""What cannot be in an address between single quotation marks. Base64 would take half as much again."""
DAMAGED = (
    *(LookupError, TypeError, AttributeError, ValueError, SyntaxError),
    *(OverflowError, RecursionError, MemoryError),
)
"""What reading raises on a file that is no executed notebook of this package."""


class Image(NamedTuple):
    """A figure as an image of HTML, its size in pixels."""

    name: str
    address: str
    """That is the figure, so that a browser runs no script in it and loads nothing; it ends no attribute."""
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Executed:
    """An executed notebook: question and finding in Markdown, and the prices it declares."""

    name: str
    title: str
    question: str
    finding: Sequence[str]
    shown: executed.Outputs
    rows: Sequence[Mapping[str, str]]
    prices: Mapping[str, float]
    article: str | None
    """The text of the article it shows, or the name of an example."""
    assigned: Mapping[str, float]
    """The prices that such a notebook was given."""
    failed: str
    """The error it stopped with."""

    @cached_property
    def figures(self) -> Sequence[Image]:
        """Its figures; of all scenarios but the first nobody asks for them, and they are large."""
        return [
            image(visible(str(figure)), visible(svg), visible(str(self.shown.alts[figure])))
            for figure, svg in self.shown.figures.items()
        ]


def read_notebook(path: Path) -> Executed | None:
    """Read a notebook; ``None`` where it was never executed."""
    try:
        return _read(visible(path.stem), tables.file_bytes(path, executed.LARGEST_NOTEBOOK))
    except InputError:
        raise
    except DAMAGED:
        problem = "damaged, or not an executed notebook of costcheck; execute it again"
        raise InputError(problem, where=str(path)) from None


# scenarios share the notebooks that take none of the prices in which they differ
@lru_cache(maxsize=64)
def _read(name: str, content: bytes) -> Executed | None:
    notebook = json.loads(content)
    cells = notebook["cells"]
    if not any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
        return None
    shown = executed.read(notebook)
    executed.validate_rows(shown.rows, f"{name}.ipynb")
    head = next((_text(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
    head = head[:LONGEST_HEAD]  # the time of the search grows with the square of the length
    title = re.search(r"^# (.+)$", head, re.MULTILINE)
    question = re.search(r"^\*\*(.+?)\*\*$", head, re.MULTILINE | re.DOTALL)
    values = parameters.values(notebook)
    article = values.get("article")
    assigned, key, text = dict[str, float](), "", ""
    try:
        prices = _prices(values, parameters.expressions(notebook))
        for key, text in parameters.assigned(str(values.get("prices", ""))).items():
            assigned[key] = float(text)
    except InputError as error:
        raise InputError(f"{name}.ipynb: {error}") from None
    except ValueError:
        raise InputError(f"{name}.ipynb: prices: {key}={text[:60]!r} is not a number") from None
    return Executed(
        name=name,
        title=title[1].strip() if title else name,
        question=" ".join(question[1].split()) if question else "",
        finding=_finding(cells),
        shown=shown,
        rows=[{column: visible(str(row[column])) for column in COLUMNS} for row in shown.rows],
        prices=prices,
        article=article if isinstance(article, str) else None,
        assigned=assigned,
        failed=_failure(cells),
    )


def _prices(values: Mapping[str, float | str], expressions: set[str]) -> dict[str, float]:
    keys = quotes.price_keys()
    for key in sorted(expressions & keys.keys()):
        raise InputError(f"{key} is computed in the notebook; a report reads only numbers, such as 27500")
    numbers = {key: value for key, value in values.items() if isinstance(value, float) and key in keys}
    return {key: quotes.value_of(key, value) for key, value in numbers.items()}


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


def _finding(cells: Sequence[Any]) -> list[str]:
    """Return the prose of the first section."""
    prose: list[str] = []
    sections = 0
    for cell in cells:
        sections += cell["cell_type"] == "markdown" and _text(cell["source"]).startswith("## ")
        if sections == 1:
            texts = (output.get("data", {}).get("text/markdown") for output in cell.get("outputs", ()))
            prose += [_text(text) for text in texts if text]
    return prose


def image(name: str, svg: str, alt: str) -> Image:
    """Make a figure an image."""
    head = svg[:LONGEST_HEAD].partition(">")[0]
    size = re.match(rf'<svg\b.*?\bwidth="{POINTS}pt" height="{POINTS}pt"', head, re.DOTALL)
    width, height = (round(float(points) * POINTS_TO_PIXELS) for points in size.groups()) if size else (0, 0)
    for character, quoted in QUOTED.items():  # faster than str.translate
        svg = svg.replace(character, quoted)
    return Image(name, f"data:image/svg+xml,{svg}", alt, width, height)


def visible(text: str) -> str:
    r"""Escape what a page or a terminal would obey instead of showing it, and half characters.

    >>> visible("a\u202eb\x1b\r\n")
    'a\\u202eb\\u001b\n'
    """
    if text.isprintable():  # nearly all texts are, and this is faster
        return text
    return CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", text.replace("\r\n", "\n"))


def _text(source: Any) -> str:
    return visible("".join(source))
