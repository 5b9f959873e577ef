"""Tables for a terminal of any width: no number, key or unit is ever shortened."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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

    def least(self, cells: Iterable[str]) -> int:
        """Return the narrowest this column can be [character]."""
        from rich.cells import cell_len

        if not (self.text or self.words):
            return self.most(cells)
        words = max((cell_len(word) for cell in cells for word in cell.split()), default=1)
        heading = max(map(cell_len, self.heading.split()), default=1)
        return min(max(words, heading), LEAST_TEXT) if self.text else max(words, min(heading, LEAST_TEXT))

    def most(self, cells: Iterable[str]) -> int:
        """Return the width at which no cell breaks [character]."""
        from rich.cells import cell_len

        return max(cell_len(line) for cell in (self.heading or " ", *cells) for line in cell.split("\n"))


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


def print_table(
    columns: Sequence[Column], rows: Iterable[Sequence[str | Text]], *, title: str = "", elsewhere: str = ""
) -> None:
    """Print a table.

    On a terminal that is too narrow, columns are left out, the least important first, and a line below names
    them; where those that are left still do not fit, each row becomes a paragraph with a line a column.

    Args:
        columns: Their headings, and what may become of them.
        rows: A cell a column.
        title: A line above.
        elsewhere: What else shows the columns that are left out: a pipe, if not given.
    """
    from rich.text import Text

    out = console()
    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    texts = [[log.printable(row[place].plain) for row in cells] for place in range(len(columns))]
    least = [column.least(of) for column, of in zip(columns, texts, strict=True)]
    shown = list(range(len(columns)))

    def needed() -> int:
        return sum(least[place] + BETWEEN for place in shown) - 1

    if not sys.stdout.isatty():
        out.width = max(out.width, needed())
    while needed() > out.width and (optional := [place for place in shown if columns[place].drop]):
        shown.remove(max(optional, key=lambda place: (columns[place].drop, place)))
    if title:
        out.print(Text(title, "bold"))
    if needed() > out.width:
        _stack(out, columns, cells)
        return
    room = out.width + 1 - BETWEEN * len(shown)
    most = [columns[place].most(texts[place]) for place in shown]
    _draw(
        out,
        [columns[place] for place in shown],
        [[row[place] for place in shown] for row in cells],
        _shared(room, [least[place] for place in shown], most),
    )
    if left_out := [column.heading for place, column in enumerate(columns) if place not in shown]:
        out.print(
            Text(
                f"Not shown in {out.width} columns: {', '.join(left_out)}. "
                f"A wider terminal or {elsewhere or 'a pipe'} shows them."
            )
        )


def _shared(room: int, least: Sequence[int], most: Sequence[int]) -> list[int]:
    """Share room among columns: the widest give way first, none below its least.

    >>> _shared(20, [5, 2, 2], [5, 20, 6])
    [5, 9, 6]
    """
    cap = max(most, default=0)
    while (widths := [max(low, min(high, cap)) for low, high in zip(least, most, strict=True)]) and (
        sum(widths) > room and cap > 0
    ):
        cap -= 1
    return widths


def _draw(
    out: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]], widths: Sequence[int]
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.heading), justify="right" if column.right else "left", overflow="fold", width=width
        )
    for row in rows:
        table.add_row(*row)
    out.print(table)


def _stack(out: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Print a paragraph a row: its first cell, then a line for each of the others."""
    from rich.cells import cell_len
    from rich.padding import Padding
    from rich.text import Text

    for first, *others in rows:
        out.print(Text(first.plain, "bold"), soft_wrap=True)
        for column, cell in zip(columns[1:], others, strict=True):
            label = f"{column.heading}: "
            if not cell.plain:
                continue
            whole = Text.assemble(label, cell)
            if column.text or "\n" in cell.plain:
                out.print(Padding(whole, (0, 0, 0, 2)))
            elif cell_len(whole.plain) + 2 <= out.width:
                out.print(Text.assemble("  ", whole), soft_wrap=True)
            else:
                out.print(Text(f"  {label.rstrip()}"), soft_wrap=True)
                out.print(Text.assemble("    ", cell), soft_wrap=True)
    out.print()
