"""Every quantity that a text prints, and the numbers that are none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from costcheck.claims.printed import Figure, figures_in
from costcheck.reading.context import Around, completed
from costcheck.reading.documents import DELIMITER, Cell, Document
from costcheck.reading.no_figures import counts_one_of, masked, may_count, things_in, why_no_figure
from costcheck.text.numerals import narrow


@dataclass(frozen=True)
class Quantity:
    """A quantity: what it says, where it stands, and the words around it.

    ``text[start:end]`` of the document is the figure as printed, hedge and unit included; ``line`` counts
    from 1; ``sentence`` is the sentence (or list item, or row) it stands in; ``row`` and ``column`` are the
    headers of its cell, if it stands in a table. One that ``is_doubtful`` is a quantity only if it belongs to
    a sum.
    """

    figure: Figure
    start: int
    end: int
    line: int
    sentence: str
    row: str = ""
    column: str = ""
    is_doubtful: bool = False


@dataclass(frozen=True)
class Passed:
    """A number that is no quantity, and why: a date, a version, a page.

    ``quantity`` is what it is if it belongs to a sum: 1,250 racks of 32 GPUs.
    """

    printed: str
    start: int
    end: int
    line: int
    why: str
    quantity: Quantity | None = None


LONGEST = 1000
"""Characters of a sentence that are read together."""


def quantities(document: Document) -> tuple[list[Quantity], list[Passed]]:
    """Find the quantities of a text, in its order, and the numbers that are none.

    >>> from costcheck.reading.documents import read_document
    >>> found, passed = quantities(read_document("On 3 May 2024, 8 H100s ran Llama 3 70B for 2 days."))
    >>> [quantity.figure.printed for quantity in found], [(number.printed, number.why) for number in passed]
    (['8 H100s', '2 days'], [('3 May 2024', 'a date'), ('Llama 3 70B', 'a name')])
    """
    text, lines = document.text, [0, *(match.end() for match in re.finditer("\n", document.text))]
    plain, named = masked(_unwrapped(narrow(text)))
    found = list[Quantity]()
    passed = [
        Passed(text[start:end], start, end, bisect_right(lines, start), why) for why, start, end in named
    ]
    people = "user" if re.search("[1一]人[^。0-9]{0,8}(?:1日)?に?[0-9]+[回次]", plain) else "person"
    cents = "EUR" if re.search("€|EUR", plain) and not re.search("[$]|USD", plain) else "USD"
    whole_text, things = (document.language, cents, people), things_in(plain)
    for start, end, sentence, cell in _segments(plain, document.cells):
        part, headers = plain[start:end], (cell.row, cell.column) if cell else ("", "")
        spots = figures_in(part)
        earlier, begun, before_it = list[Figure](), 0, plain[max(0, sentence[0] - 300) : sentence[0]]
        for index, spot in enumerate(spots):
            between = part[begun : spot.start]
            figure = completed(Around(spots, index, part, cell, before_it, earlier, between, *whole_text))
            why = why_no_figure(part, spot, figure, is_cell=bool(cell))
            if may_count(why, part, spot) and counts_one_of(things, part[spot.numeral.end :]):
                why = ""
            place = start + spot.start, start + spot.end
            figure = replace(figure, printed=text[slice(*place)])
            line = bisect_right(lines, place[0])
            quantity = Quantity(figure, *place, line, text[slice(*sentence)], *headers, bool(why))
            if why:
                doubtful = quantity if may_count(why, part, spot) else None
                passed.append(Passed(figure.printed, *place, line, why, doubtful))
            else:
                earlier.append(figure)
                begun = spot.end
                found.append(quantity)
    return found, sorted(passed, key=lambda number: number.start)


_BREAK = re.compile(r"\n[ \t]*(?:[-*+•|#>]|\d+[.)]|\n|    |\t)|[.!?:。！？：|](?:[\"')*\]]*)\n")


def _unwrapped(text: str) -> str:
    """Put a blank for the end of a line that goes on in the next, as in an e-mail or a PDF."""
    pieces, end = list[str](), 0
    for match in re.finditer(r"\n", text):
        at = match.start()
        length = at - max(text.rfind("\n", max(0, at - 200), at), at - 200)
        is_full = length > 45 or (length > 20 and text[at + 1 : at + 2].islower())
        if is_full and not _BREAK.match(text, at) and text[at - 1 : at] not in ".!?:|。！？：":
            pieces += [text[end:at], " "]
            end = at + 1
    return "".join([*pieces, text[end:]])


_END = re.compile(r"[。！？!?]+[」』”’\"')）]*|[.][\"')\]]*(?=[ ][\"'(\[“‘]*[A-Z0-9$€£~])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|ca|vs|etc|al|cf|nos?|fig|eq|sec|ch|vol|pp?|ed|mrs?|ms|dr|prof|inc|ltd|corp|co|st"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|a\.m|p\.m|u\.s|u\.k|est|max|min|avg)|^\s*\d+|\b[A-Z])$",
    re.IGNORECASE,
)


def _segments(text: str, cells: tuple[Cell, ...]) -> Iterator[tuple[int, int, tuple[int, int], Cell | None]]:
    """Yield sentences, and the cells of tables; a row is the sentence of its cells. Headers are none."""
    lines, start, at = text.split("\n"), 0, 0
    for line, below_it in zip(lines, [*lines[1:], ""], strict=True):
        row = (start, start + len(line.rstrip()))
        is_row = False
        while at < len(cells) and cells[at].start < start + len(line):
            is_row = True
            yield cells[at].start, cells[at].end, row, cells[at]
            at += 1
        if not is_row and not ("|" in line and (line[0] == "|" or DELIMITER.fullmatch(below_it))):
            begun = 0
            for match in _END.finditer(line):
                if match[0][0] != "." or not _ABBREVIATED.search(line[begun : match.start()][-12:]):
                    yield from _trimmed(line, begun, match.end(), start)
                    begun = match.end()
            yield from _trimmed(line, begun, len(line), start)
        start += len(line) + 1


def _trimmed(
    line: str, begun: int, end: int, offset: int
) -> Iterator[tuple[int, int, tuple[int, int], None]]:
    while end - begun > LONGEST:  # no sentence, but a list without an end
        cut = line.rfind(" ", begun + LONGEST // 2, begun + LONGEST) + 1 or begun + LONGEST
        yield from _trimmed(line, begun, cut, offset)
        begun = cut
    part = line[begun:end]
    if part.strip():
        place = offset + begun + len(part) - len(part.lstrip()), offset + begun + len(part.rstrip())
        yield (*place, place, None)
