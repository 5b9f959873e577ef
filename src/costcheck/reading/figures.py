"""Every quantity that a text prints, and the numbers that are none."""

from __future__ import annotations

from dataclasses import dataclass

from costcheck.claims.printed import Figure, figures_in
from costcheck.reading.documents import Document


@dataclass(frozen=True)
class Quantity:
    """A quantity: what it says, where it stands, and the words around it.

    ``text[start:end]`` of the document is the figure as printed, hedge and unit included; ``line`` counts
    from 1; ``sentence`` is the sentence (or list item, or row) it stands in; ``row`` and ``column`` are the
    headers of its cell, if it stands in a table.
    """

    figure: Figure
    start: int
    end: int
    line: int
    sentence: str
    row: str = ""
    column: str = ""


@dataclass(frozen=True)
class Passed:
    """A number that is no quantity, and why: a date, a version, a page."""

    printed: str
    start: int
    end: int
    line: int
    why: str


def quantities(document: Document) -> tuple[list[Quantity], list[Passed]]:
    """Find the quantities of a text, in its order, and the numbers that are none."""
    text, found = document.text, []
    for spot in figures_in(text):
        line = text.count("\n", 0, spot.start) + 1
        sentence = text.splitlines()[line - 1]
        found.append(Quantity(spot.figure, spot.start, spot.end, line, sentence))
    return found, []
