"""Tables for a terminal of any width: no number, key or unit is ever shortened."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, zip_longest
from typing import NamedTuple

from costcheck.text import log

PIPE_WIDTH = 150
"""Columns of characters for a reader that is no terminal; a table that needs more is wider."""
BETWEEN = 3
"""Characters between two columns of a table."""
LEAST_TEXT = 12
"""Characters that free text is folded to at most."""
STYLES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
"""The codes by which a terminal shows a style."""


class Styled(NamedTuple):
    """A text with one of the `STYLES`."""

    text: str
    style: str = ""


class Column(NamedTuple):
    """A column of a table."""

    heading: str
    right: bool = False
    text: bool = False
    """Whether cells are text, which may break: between words, but for words that are too long."""
    drop: int = 0
    """Where a terminal is too narrow, columns of the highest number go first; those of 0 stay."""

    def widths(self, cells: Iterable[str]) -> tuple[int, int]:
        """Return the narrowest this column can be, and the width at which no cell breaks [character]."""
        cells = list(cells)
        most = max(cell_width(line) for cell in (self.heading or " ", *cells) for line in cell.split("\n"))
        if not self.text:
            return most, most
        longest = max(
            (cell_width(word) for cell in (self.heading, *cells) for word in cell.split()), default=1
        )
        return min(longest, LEAST_TEXT), most


@cache
def cell_width(text: str) -> int:
    """Return how many columns a text takes on a terminal, two for each sign of East Asia.

    >>> cell_width("17亿 US$"), cell_width("e\u0301")
    (8, 1)
    """
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.category(sign) in ("Mn", "Me", "Cf") for sign in text)


def say(text: str, style: str = "") -> None:
    """Print a text, control characters as escapes; on a terminal its lines break between words."""
    text, width = log.printable(text), _terminal_width()
    print("\n".join(coloured(line, style) for line in (_folded(text, width) if width else [text])))


def print_table(
    columns: Sequence[Column], rows: Iterable[Sequence[str | Styled]], *, title: str = ""
) -> None:
    """Print a table, a cell a column.

    On a terminal that is too narrow, columns are left out, the least important first, and a line below names
    them; where those that are left still do not fit, each row becomes a paragraph with a line a column.
    """
    styled = [[cell if isinstance(cell, Styled) else Styled(cell) for cell in row] for row in rows]
    cells = [[cell._replace(text=log.printable(cell.text)) for cell in row] for row in styled]
    widths = [column.widths(row[place].text for row in cells) for place, column in enumerate(columns)]
    shown = list(range(len(columns)))
    width = _terminal_width() or max(PIPE_WIDTH, sum(least + BETWEEN for least, _ in widths) - 1)

    def room() -> int:
        """Return what is left of the width beside the narrowest columns and what is between them."""
        return width + 1 - sum(widths[place][0] + BETWEEN for place in shown)

    while room() < 0 and (optional := [place for place in shown if columns[place].drop]):
        shown.remove(max(optional, key=lambda place: (columns[place].drop, place)))
    if title:
        say(title, "bold")
    if room() < 0:
        print("\n".join(_stacked(columns, cells, width)))
        return
    fitting = _shared(width + 1 - BETWEEN * len(shown), [widths[place] for place in shown])
    layout = [(place, most, columns[place].right) for place, most in zip(shown, fitting, strict=True)]
    whole = sum(fitting) + BETWEEN * len(shown) - 1
    head = _lines([Styled(column.heading, "bold") for column in columns], layout)
    body = chain.from_iterable(_lines(row, layout) for row in cells)
    print("\n".join([" " * whole, *head, f" {'─' * (whole - 2)} ", *body, " " * whole]))
    if left_out := [column.heading for place, column in enumerate(columns) if place not in shown]:
        names = ", ".join(left_out)
        say(f"Not shown in {width} columns: {names}. A wider terminal or a pipe shows them.")


def _terminal_width() -> int:
    """Return how many columns the terminal has, 0 where standard output is none."""
    if not sys.stdout.isatty():
        return 0
    import shutil

    return shutil.get_terminal_size().columns


def coloured(text: str, style: str) -> str:
    """Put the codes of a style around a text where standard output shows them."""
    shows = sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")
    if not (text and style and shows) or (os.name == "nt" and "WT_SESSION" not in os.environ):
        return text
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def _folded(text: str, width: int) -> list[str]:
    """Break a text into lines of at most a width: between words, but for a word that is longer.

    >>> _folded("17亿美金 in all", 8), _folded("abcdefgh", 5)
    (['17亿美金', 'in all'], ['abcde', 'fgh'])
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        if cell_width(paragraph) <= width:
            line, paragraph = paragraph, ""
        for word in re.findall(r"\s*\S+", paragraph):
            if line and cell_width(line + word) > width:
                lines.append(line)
                word, line = word.lstrip(), ""
            line += word
            while cell_width(line) > width:
                places = range(min(len(line), width), 1, -1)
                fits = next((place for place in places if cell_width(line[:place]) <= width), 1)
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def _lines(row: Sequence[Styled], layout: Sequence[tuple[int, int, bool]]) -> Iterator[str]:
    """Lay out a row: for each cell its place, the width it is folded to, and whether it is flush right."""
    folded = [_folded(row[place].text, width) for place, width, _ in layout]
    for parts in zip_longest(*folded, fillvalue=""):
        line = []
        for part, (place, width, right) in zip(parts, layout, strict=True):
            padding, text = " " * (width - cell_width(part)), coloured(part, row[place].style)
            line.append(padding + text if right else text + padding)
        yield f" {(' ' * BETWEEN).join(line)} "


def _shared(room: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """Share room among columns of a least and a greatest width: the widest give way first.

    >>> _shared(20, [(5, 5), (2, 20), (2, 6)])
    [5, 9, 6]
    """
    cap = max((most for _, most in ends), default=0)
    while sum(widths := [max(least, min(most, cap)) for least, most in ends]) > room and cap > 0:
        cap -= 1
    return widths


def _stacked(columns: Sequence[Column], rows: Sequence[Sequence[Styled]], width: int) -> Iterator[str]:
    """Lay out a paragraph a row: its first cell, then a line for each of the others."""
    for first, *others in rows:
        yield coloured(first.text, "bold")
        for column, (text, style) in zip(columns[1:], others, strict=True):
            lines = _folded(f"{column.heading}: {text}", width - 2) if text else []
            yield from (f"  {coloured(line, style)}" for line in lines)
    yield ""
