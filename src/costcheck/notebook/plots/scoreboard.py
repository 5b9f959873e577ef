"""A chart of verdicts: a tile for each statement."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from costcheck.claims import Verdict
from costcheck.claims.kinds_and_colours import (
    HOLDS,
    HOLDS_UNVERIFIED,
    LOOKS,
    OFF,
    Finding,
    Kind,
    Look,
    Premise,
)
from costcheck.claims.verdict import distinct
from costcheck.data import tables
from costcheck.notebook.plots.palette import INK
from costcheck.notebook.plots.style import HATCH, canvas, chart, headline, write

ACROSS = 3  # tiles beside one another
TILE, SPACE, HEADING = 0.26, 0.04, 0.3  # heights of a tile, the space below it, and a heading [inch]
END = 0.06  # the end of a tile that shows the arithmetic where the premise has the rest [share]
MISPLACED = "hold as sums, but measure the wrong thing"


@chart
def scoreboard(verdicts: Sequence[Verdict]) -> tuple[Figure, str]:
    """Draw a tile for each different statement under a heading for what became of it, in its colour.

    A tile is black where the figure measures the wrong thing, with only its end in the colour of the verdict;
    dashed where nothing bears the premise out; hatched where the data are unverified.
    """
    words = {row["claim"]: row["words"] for row in tables.rows("statements")}
    tiles = [
        (words.get(verdict.claim.id) or verdict.claim.id, verdict.premise or "", verdict.arithmetic)
        for verdict in distinct(verdicts)
    ]
    groups: dict[str, list[tuple[str, str, Finding]]] = {}
    for look in LOOKS:
        of_it = [tile for tile in tiles if tile[2].look is look]
        apart = [tile for tile in of_it if look is HOLDS and tile[1] == Premise.WRONG_CATEGORY]
        groups[look.counted] = [tile for tile in of_it if tile not in apart]
        if apart:
            groups[MISPLACED] = apart
    groups = {heading: of_it for heading, of_it in groups.items() if of_it}
    whole = sum(HEADING + (TILE + SPACE) * ceil(len(of_it) / ACROSS) for of_it in groups.values()) + 0.35
    figure, axes = canvas(whole)
    axes.set_axis_off()
    top = 0.0
    for heading, of_it in groups.items():
        write(axes, 0, top + 0.18, f"{len(of_it)} {heading}", bold=True)
        top += HEADING
        for index, tile in enumerate(of_it):
            down, right = divmod(index, ACROSS)
            _tile(axes, right, top + down * (TILE + SPACE), *tile)
        top += (TILE + SPACE) * ceil(len(of_it) / ACROSS)
    top += 0.1
    keys = (
        ("measures the wrong thing", Premise.WRONG_CATEGORY, OFF),
        ("nothing bears it out", Premise.UNSUPPORTED, HOLDS),
        ("unverified data", "", HOLDS_UNVERIFIED),
    )
    for place, (meaning, premise, look) in enumerate(keys):
        _tile(axes, place, top, meaning, premise, Finding.read(look.words))
    axes.set(xlim=(0, ACROSS), ylim=(whole, 0))
    holding = sum(finding.kind.is_right for *_, finding in tiles)
    misplaced = groups.get(MISPLACED, [])
    checked = sum(finding.kind not in (Kind.ASSUMED, Kind.NOT_CHECKED) for *_, finding in tiles)
    title = f"Of {checked} statements that can be checked {holding} hold"
    title += f", and {len(misplaced)} of these measure the wrong thing" * bool(misplaced)
    headline(figure, title, "one tile a statement; what the translation repeats is counted once")
    listed = " ".join(
        f"{len(of_it)} {heading}: {', '.join(words for words, *_ in of_it)}."
        for heading, of_it in groups.items()
    )
    return figure, f"Tiles, one a statement. {listed}"


def _tile(axes: Axes, left: float, top: float, words: str, premise: str, finding: Finding) -> None:
    look: Look = finding.look
    width, ink = 0.985, look.ink
    style: dict[str, Any] = {"facecolor": look.tile, "linewidth": 0}
    if finding.unverified:
        style = {"facecolor": "white", "edgecolor": look.tile, "hatch": HATCH, "linewidth": 0.8}
        ink = INK
    axes.add_patch(Rectangle((left, top), width, TILE, gid=f"tile {words}", **style))
    start = left
    if premise == Premise.WRONG_CATEGORY:
        start, ink = left + END * width, "white"
        axes.add_patch(Rectangle((start, top), (1 - END) * width, TILE, facecolor=INK, linewidth=0))
    if premise == Premise.UNSUPPORTED:
        box = (left + 0.008, top + 0.012), width - 0.016, TILE - 0.024
        axes.add_patch(Rectangle(*box, fill=False, edgecolor=INK, linewidth=1.6, linestyle=(0, (2, 1.5))))
    back = {"facecolor": "white", "edgecolor": "none", "pad": 0.6} if finding.unverified else None
    axes.text(start + 0.025, top + TILE / 2, words, va="center", fontsize=9.8, color=ink, bbox=back)
