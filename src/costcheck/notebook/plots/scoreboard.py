"""A chart of verdicts: a tile a claim."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from costcheck.claims.kinds_and_colours import HOLDS, HOLDS_UNVERIFIED, LOOKS, Finding, Look, Premise
from costcheck.notebook.plots.palette import FAINT, INK
from costcheck.notebook.plots.style import HATCH, canvas, chart, headline, write

TILE, GAP, BETWEEN = 0.92, 0.35, 2.2
"""Side of a tile, space between two verdicts and between two columns, in units of the grid."""
LABELS = 5.6
"""Room for the names of the verdicts, in units of the grid."""
TILES_ACROSS = 18
"""Tiles beside one another, shared among the columns by the number of their claims."""


@chart
def scoreboard(
    ids: Sequence[str],
    columns: Sequence[str],
    verdicts: Sequence[str],
    premises: Sequence[str],
    title: str,
    subtitle: str = "",
) -> Figure:
    """Draw a tile for each claim, below one another by verdict, beside one another by where they stand.

    In each group the claims whose premise is marked, wrong category or unsupported, stand last.

    Args:
        ids: What to write on each tile.
        columns: The column each belongs to, such as an article.
        verdicts: The verdict on each, such as ``"holds"`` or ``"off by 10×"``.
        premises: The premise of each.
    """
    names = list(dict.fromkeys(columns))
    findings = [Finding.read(verdict) for verdict in verdicts]
    groups = {
        (kind, name): sorted(
            (
                (id_, premise, finding.unverified)
                for id_, column, finding, premise in zip(ids, columns, findings, premises, strict=True)
                if finding.look is kind and column == name
            ),
            key=lambda tile: (tile[1] == Premise.WRONG_CATEGORY, tile[1] == Premise.UNSUPPORTED),
        )
        for kind in LOOKS
        for name in names
    }
    kinds = [kind for kind in LOOKS if any(groups[kind, name] for name in names)]
    width = {name: max(4, round(TILES_ACROSS * columns.count(name) / len(ids))) for name in names}
    height = {kind: max(ceil(len(groups[kind, name]) / width[name]) for name in names) for kind in kinds}
    rows = sum(height.values()) + GAP * len(kinds)
    across = sum(width.values()) + BETWEEN * len(names)
    figure, axes = canvas(9.4, 0.4 + 9.3 / (across + LABELS) * (rows + 3.2))
    axes.set_axis_off()
    top = 0.0
    for kind in kinds:
        write(axes, -0.4, top + 0.5, kind.words, "right", bold=True)
        left = 0.0
        for name in names:
            tiles = groups[kind, name]
            write(axes, left + 0.7, top + 0.5, f"{len(tiles)}", "right", bold=True, fontsize=13)
            for index, (id_, premise, unverified) in enumerate(tiles):
                down, right = divmod(index, width[name])
                _tile(axes, left + 1 + right, top + down, id_, kind, premise, unverified)
            left += width[name] + BETWEEN
        top += height[kind] + GAP
    left = 0.0
    for name in names:
        write(axes, left + 1, -0.35, f"{name}: {columns.count(name)} claims", bold=True, va="bottom")
        left += width[name] + BETWEEN
    _key(axes, top + 0.1)
    axes.set(xlim=(-LABELS, across - BETWEEN + 1), ylim=(top + 1.1, -2.1), aspect="equal")
    write(axes, -LABELS, -1.75, subtitle, color=FAINT)
    headline(figure, title)
    return figure


def _tile(axes: Axes, left: float, top: float, text: str, kind: Look, premise: str, unverified: bool) -> None:
    look: dict[str, Any] = {"facecolor": kind.tile}
    if unverified:
        look = {"facecolor": "white", "edgecolor": kind.tile, "hatch": HATCH}
    axes.add_patch(Rectangle((left, top), TILE, TILE, linewidth=0.8 * unverified, gid=f"tile {text}", **look))
    if premise == Premise.WRONG_CATEGORY:
        corner = [(left + TILE, top), (left + TILE, top + 0.4), (left + TILE - 0.4, top)]
        axes.add_patch(Polygon(corner, facecolor=INK, linewidth=0))
    if premise in (Premise.WRONG_CATEGORY, Premise.UNSUPPORTED):
        dashes: Any = "-" if premise == Premise.WRONG_CATEGORY else (0, (1.5, 1.2))
        line: Any = {"fill": False, "edgecolor": INK, "linewidth": 1.8, "linestyle": dashes}
        axes.add_patch(Rectangle((left + 0.03, top + 0.03), TILE - 0.06, TILE - 0.06, **line))
    ink, box = (
        (INK, {"facecolor": "white", "edgecolor": "none", "pad": 0.8}) if unverified else (kind.ink, None)
    )
    write(axes, left + TILE / 2, top + TILE / 2 + 0.05, text, "center", fontsize=8, color=ink, bbox=box)


def _key(axes: Axes, top: float) -> None:
    keys = (
        (1, HOLDS, Premise.WRONG_CATEGORY, "premise: wrong category"),
        (8.7, HOLDS, Premise.UNSUPPORTED, "premise: unsupported"),
        (15.6, HOLDS_UNVERIFIED, "", "unverified data"),
    )
    for left, look, premise, words in keys:
        _tile(axes, left, top, "", look, premise, look is HOLDS_UNVERIFIED)
        write(axes, left + 1.2, top + TILE / 2, words)
