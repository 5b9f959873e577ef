"""Which figures of a text follow from which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costcheck.claims.kinds_and_colours import Kind
from costcheck.reading.documents import Document
from costcheck.reading.figures import Quantity


@dataclass(frozen=True)
class Link:
    """A sum that gives a figure, or should.

    ``sum`` is an expression of the language of claims in which ``f3`` is the figure number 3 of the text
    (from 0), such as ``f0 * f1 * 24 hour/day``; ``inputs`` are the figures in it. ``recomputed`` is in the unit of
    the figure. ``kind`` is a verdict (holds, holds within rounding, off, wrong), ``cause`` the factor that
    explains one that is off. ``chance`` is how likely such a sum is found where figures are shuffled.
    """

    of: int
    sum: str
    inputs: tuple[int, ...]
    recomputed: float
    kind: Kind
    cause: str = ""
    chance: float = 0.0
    rivals: tuple[Link, ...] = ()


def links(document: Document, figures: Sequence[Quantity]) -> list[Link]:
    """Find, for each figure that follows from others, the sum that most likely gives it; its rivals beside it."""
    return []
