"""Tables for a terminal of any width: no number, key or unit is ever shortened."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from costcheck.text import log

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

PIPE_WIDTH = 150
"""Columns of characters for a reader that is no terminal; a table that needs more is wider."""
BETWEEN = 3
"""Characters between two columns of a table."""
LEAST_TEXT = 12
"""Characters that free text is folded to at most."""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    heading: str
    right: bool = False
    words: bool = False
    """Whether cells may break between words."""
    text: bool = False
    """Whether cells are free text, which may break anywhere."""
    drop: int = 0
    """Where a terminal is too narrow, columns of the highest number go first; those of 0 stay."""

    def widths(self, cells: Iterable[str]) -> tuple[int, int]:
        """Return the narrowest this column can be, and the width at which no cell breaks [character]."""
        from rich.cells import cell_len

        cells = list(cells)
        most = max(cell_len(line) for cell in (self.heading or " ", *cells) for line in cell.split("\n"))
        if not (self.text or self.words):
            return most, most
        longest = max((cell_len(word) for cell in cells for word in cell.split()), default=1)
        heading = max(map(cell_len, self.heading.split()), default=1)
        if self.text:
            return min(max(longest, heading), LEAST_TEXT), most
        return max(longest, min(heading, LEAST_TEXT)), most


def console() -> Console:
    """Make a console that shows control characters as escapes, wherever in a table they stand."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Safe(Console):
        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                text = log.printable(segment.text)
                yield segment if text is segment.text else Segment(text, segment.style, segment.control)

    return Safe(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str | Text]], *, title: str = "") -> None:
    """Print a table, a cell a column.

    On a terminal that is too narrow, columns are left out, the least important first, and a line below names
    them; where those that are left still do not fit, each row becomes a paragraph with a line a column.
    """
    from rich.text import Text

    out = console()
    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    for cell in chain.from_iterable(cells):
        cell.plain = log.printable(cell.plain)
    widths = [column.widths(row[place].plain for row in cells) for place, column in enumerate(columns)]
    shown = list(range(len(columns)))

    def room(width: int) -> int:
        """Return what is left of a width beside the narrowest columns and what is between them."""
        return width + 1 - sum(widths[place][0] + BETWEEN for place in shown)

    if not sys.stdout.isatty():
        out.width -= min(room(out.width), 0)
    while room(out.width) < 0 and (optional := [place for place in shown if columns[place].drop]):
        shown.remove(max(optional, key=lambda place: (columns[place].drop, place)))
    if title:
        out.print(Text(title, "bold"))
    if room(out.width) < 0:
        _stack(out, columns, cells)
        return
    fitting = _shared(out.width + 1 - BETWEEN * len(shown), [widths[place] for place in shown])
    layout = [(place, width, columns[place].right) for place, width in zip(shown, fitting, strict=True)]
    blank = Text(" " * (sum(fitting) + BETWEEN * len(shown) - 1))
    head = _lines(out, [Text(column.heading, "bold") for column in columns], layout)
    rule = Text(f" {'─' * (len(blank) - 2)} ")
    body = chain.from_iterable(_lines(out, row, layout) for row in cells)
    # laid out by hand: rich's own table takes much longer
    out.print(Text("\n").join([blank, *head, rule, *body, blank]), soft_wrap=True)
    if left_out := [column.heading for place, column in enumerate(columns) if place not in shown]:
        names = ", ".join(left_out)
        out.print(Text(f"Not shown in {out.width} columns: {names}. A wider terminal or a pipe shows them."))


def _lines(out: Console, row: Sequence[Text], layout: Sequence[tuple[int, int, bool]]) -> Iterator[Text]:
    """Lay out a row: for each cell its place, the width it is folded to, and whether it is flush right."""
    from rich.cells import cell_len
    from rich.text import Text

    folded = []
    for place, width, _ in layout:
        cell = row[place]
        fits = "\n" not in cell.plain and cell_len(cell.plain) <= width
        folded.append([cell] if fits else cell.wrap(out, width, overflow="fold"))
    for parts in zip_longest(*folded, fillvalue=Text()):
        line = Text(" ")
        for part, (_, width, right) in zip(parts, layout, strict=True):
            padding = " " * (width - cell_len(part.plain))
            line.append(" " * (BETWEEN * (len(line) > 1)) + padding * right).append_text(part)
            line.append(padding * (not right))
        yield line.append(" ")


def _shared(room: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """Share room among columns of a least and a greatest width: the widest give way first.

    >>> _shared(20, [(5, 5), (2, 20), (2, 6)])
    [5, 9, 6]
    """
    cap = max((most for _, most in ends), default=0)
    while sum(widths := [max(least, min(most, cap)) for least, most in ends]) > room and cap > 0:
        cap -= 1
    return widths


def _stack(out: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Print a paragraph a row: its first cell, then a line for each of the others."""
    from rich.padding import Padding
    from rich.text import Text

    for first, *others in rows:
        out.print(Text(first.plain, "bold"), soft_wrap=True)
        for column, cell in zip(columns[1:], others, strict=True):
            whole = Text.assemble(f"{column.heading}: ", cell)
            if not cell.plain:
                continue
            if column.text or "\n" in cell.plain:
                out.print(Padding.indent(whole, 2))
            else:
                out.print(Text.assemble("  ", whole), soft_wrap=True)
    out.print()
