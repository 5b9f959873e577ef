"""What the subcommands print: a console, the table of verdicts, rows for other programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from costcheck.claims import Verdict


def console() -> Console:
    """Make a console that leaves it to `main` when whoever reads it has gone."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            raise BrokenPipeError

    return Piped(highlight=False, width=None if sys.stdout.isatty() else 150)


def print_table(found: Sequence[Verdict]) -> None:
    """Print the verdicts, and how many there are of each."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from costcheck.claims.show import readable

    out = console()
    yours = any(verdict.scenario != "article" for verdict in found)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("claim", "printed", "recomputed", "arithmetic", "premise", *(["at your prices"] * yours)):
        table.add_column(column, overflow="fold", no_wrap=column in ("claim", "arithmetic", "premise"))
    for verdict in found:
        unit = verdict.claim.unit
        cells = [
            verdict.claim.id,
            verdict.claim.printed,
            readable(verdict.recomputed, unit),
            verdict.arithmetic_marked,
            verdict.premise,
            *([readable(verdict.at_your_prices, unit)] * yours),
        ]
        colour = COLOURS.get(verdict.arithmetic, "red")
        styles = ["bold", "", "", colour, COLOURS.get(verdict.premise, ""), ""]
        table.add_row(*(Text(text, style) for text, style in zip(cells, styles, strict=False)))
    out.print(table)
    out.print(Text(_counts(found)))


COLOURS: Mapping[str, str] = {
    "holds": "green",
    "close": "yellow",
    "not computable": "dim",
    "wrong category": "red",
    "unsupported": "yellow",
}


def _counts(found: Sequence[Verdict]) -> str:
    kinds = [
        "off by" if verdict.arithmetic.startswith("off by") else verdict.arithmetic_marked
        for verdict in found
    ]
    said = {
        "holds": "hold",
        "holds (unverified data)": "more hold on unverified data",
        "close": "close",
        "off by": "off by a factor",
        "wrong": "wrong",
        "not computable": "not computable",
    }
    listed = ", ".join(f"{kinds.count(kind)} {words}" for kind, words in said.items() if kind in kinds)
    misplaced = sum(verdict.premise == "wrong category" for verdict in found)
    claims = "claim" if len(found) == 1 else "claims"
    return f"{len(found)} {claims}: {listed}; {misplaced} of all are in the wrong category"
