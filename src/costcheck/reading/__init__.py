"""From the text of an article to its figures, what follows from what, and a draft of its claims."""

from __future__ import annotations

import bisect
import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from costcheck.claims.kinds_and_colours import Look
from costcheck.claims.verdict import Verdict, shown
from costcheck.errors import InputError
from costcheck.reading.derivations import Link, links, renumbered
from costcheck.reading.documents import Document
from costcheck.reading.documents import read_document as read_document
from costcheck.reading.draft import Draft, drafted, written
from costcheck.reading.figures import Passed, Quantity, quantities

INPUT = Look("input", "input", "→", "cyan", "", "are inputs", "#CFCFCF", "unknown")
UNEXPLAINED = Look("unexplained", "unexplained", "?", "yellow", "", "are unexplained", "#E4E4E4", "unknown")
_SENTENCE = re.compile(r"[^\n。！？!?.]*(?:[.!?](?!\s)[^\n。！？!?.]*)*[\n。！？!?.]?")
_FILE = re.compile(r"\S+\.(?:txt|md|html?|pdf|docx)", re.IGNORECASE)
SHORTEST_SENTENCE = 12
"""Characters of a sentence; what is shorter is a heading or a cell."""


@dataclass(frozen=True)
class Reading:
    """What an article's text says in figures, and which of them follow from which.

    ``figures`` are the quantities in the order of the text, ``links`` the sums that give some of them,
    ``passed`` the numbers that are no quantities, each with the reason.
    """

    document: Document
    figures: tuple[Quantity, ...]
    passed: tuple[Passed, ...]
    links: tuple[Link, ...]

    @cached_property
    def drafted(self) -> Draft:
        """The claims as `draft` writes them, with the verdicts that `costcheck check` gives."""
        return drafted(self.document, self.figures, self.links)

    @cached_property
    def verdicts(self) -> dict[int, Verdict]:
        """The verdict on each figure that follows from others, by its number from 0."""
        return dict(sorted(self.drafted.verdicts.items()))

    @property
    def findings(self) -> list[Verdict]:
        """What does not add up: the verdicts that are mistakes."""
        return [verdict for verdict in self.verdicts.values() if verdict.kind.is_mistake]

    @property
    def unexplained(self) -> list[int]:
        """The numbers of the figures without a sum that are no input either, each once."""
        return [number for number in self.drafted.order if number not in self.drafted.links]

    @cached_property
    def without_figures(self) -> int:
        """How many sentences hold no figure, and so nothing that was examined."""
        starts = [figure.start for figure in self.figures]
        return sum(
            len(match[0].strip()) >= SHORTEST_SENTENCE
            and bisect.bisect_left(starts, match.start()) == bisect.bisect_left(starts, match.end())
            for match in _SENTENCE.finditer(self.document.text)
        )

    def look(self, number: int) -> Look:
        """How a figure is marked: as its verdict, as an input or as unexplained."""
        number = self.drafted.again.get(number, number)
        if verdict := self.drafted.verdicts.get(number):
            return verdict.arithmetic.look
        return INPUT if self.drafted.names.get(number) in self.drafted.article.given else UNEXPLAINED

    def draft(self, article: str = "") -> str:
        """Write the claims as a file to correct and check, under an article's id if one is given.

        Raises:
            InputError: There is no figure, and so no claim.
        """
        if not self.figures:
            raise InputError("no figures, so there is nothing to draft", where=self.document.name)
        made = self.drafted
        named = replace(made.article, article=article or made.article.article)
        return written(replace(made, article=named), self.document.name)

    def __repr__(self) -> str:
        counts = f"figures: {len(self.figures)}; following from others: {len(self.verdicts)}"
        lines = [f"{self.document.name}: {counts}; not adding up: {len(self.findings)}"]
        for verdict in self.findings:
            come = f"{verdict.claim.printed} comes to {shown(verdict.recomputed, verdict.unit)}"
            lines.append(f"  {verdict.claim.where}: {come} ({verdict.arithmetic})")
        return "\n".join(lines)


def read(text_or_path: str | os.PathLike[str], language: str | None = None) -> Reading:
    """Read the figures of an article, and find which follow from which.

    Args:
        text_or_path: The text itself; or a path or address of plain text, Markdown, HTML, PDF or DOCX.
        language: ``en``, ``zh`` or ``ja``; found by itself where it is not given.

    Raises:
        InputError: It cannot be read, or is in another language.

    >>> reading = read("4 GPUs at $2.50 per GPU-hour cost $10 an hour.")
    >>> [figure.figure.printed for figure in reading.figures]
    ['4 GPUs', '$2.50 per GPU-hour', '$10 an hour']
    """
    source: Path | str = text_or_path if isinstance(text_or_path, str) else Path(text_or_path)
    if isinstance(source, str) and _FILE.fullmatch(source):
        source = Path(source)
    return read_figures(read_document(source, language))


def read_figures(document: Document) -> Reading:
    """Read the figures of a document, and find which follow from which."""
    figures, passed = quantities(document)
    doubtful = [number.quantity for number in passed if number.quantity]
    every = sorted([*figures, *doubtful], key=lambda quantity: quantity.start)
    found = links(document, every)
    used = {i for link in found for i in (link.of, *link.inputs)}
    kept = [i for i, quantity in enumerate(every) if not quantity.is_doubtful or i in used]
    figures = [replace(every[i], is_doubtful=False) for i in kept]
    taken = {every[i].start for i in used}
    passed = [number for number in passed if not number.quantity or number.start not in taken]
    return Reading(document, tuple(figures), tuple(passed), tuple(renumbered(found, kept)))
