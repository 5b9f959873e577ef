"""A chart of an article's figures: what is printed against what comes out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from costcheck.claims import Verdict
from costcheck.claims.kinds_and_colours import Finding
from costcheck.notebook.plots.palette import GREY
from costcheck.notebook.plots.style import canvas, drawable, factor_axis, headline, point, styled, write
from costcheck.notebook.show import Shown, show
from costcheck.text.numbers import readable

LEEWAY = "#CFCFCF"
MOST = 40
"""Figures in one chart; of more, those that are farthest off are drawn."""
NEAREST = 1.25
"""The axis reaches this factor to either side at least: a figure that is rounded must not look wrong."""
COVERED = 0.02
"""Of half the axis: a shorter bar lies under its point."""
MOST_TICKS = 3  # to either side of the middle


def draw(verdicts: Sequence[Verdict], title: str, name: str) -> Shown:
    """Draw the figures of an article, those of its claims that come to a positive number."""
    rated = [verdict for verdict in verdicts if verdict.ratio is not None and verdict.ratio > 0]
    ratios = [verdict.ratio or 0 for verdict in rated]
    labels, findings = [label(verdict) for verdict in rated], [str(verdict.arithmetic) for verdict in rated]
    figure = printed_against_recomputed(labels, ratios, list(map(leeway, rated)), findings, title)
    listed = ", ".join(f"{verdict.claim.id} {verdict.ratio:.4g}" for verdict in rated)
    return show(figure, name, f"{title}. Printed over recomputed: {listed or 'no figure to draw, 0 of all'}.")


@styled
def printed_against_recomputed(
    labels: Sequence[str],
    ratios: Sequence[float],
    leeways: Sequence[float],
    verdicts: Sequence[str],
    title: str,
) -> Figure:
    """Draw a point for each figure: how many times the recomputed value the printed one is.

    A bar is what its digits leave open: where it reaches the middle, the figure holds. Of more than 40
    figures, those that are farthest off are drawn.

    Args:
        labels: What to call each, such as ``"D8: 3.7 days"``.
        ratios: Printed over recomputed, positive [1].
        leeways: How far the digits of each let it be from the recomputed value, as a share of it [1].
        verdicts: The verdict on each, such as ``"holds"`` or ``"off by 10×"``.
    """
    shown = list(zip(labels, ratios, leeways, verdicts, strict=True))
    if len(shown) > MOST:
        farthest = sorted(range(len(shown)), key=lambda place: -max(ratios[place], 1 / ratios[place]))[:MOST]
        shown = [shown[place] for place in sorted(farthest)]
    figure, axes = canvas(0.9 + 0.3 * max(1, len(shown)))
    reach = max([NEAREST, *(max(ratio, 1 / ratio) for _, ratio, _, _ in shown)]) ** 1.1
    axes.set_xscale("log")
    axes.axvline(1, color=GREY, linewidth=1)
    for place, (label, ratio, leeway, verdict) in enumerate(shown):
        finding = Finding.read(verdict)
        colour = finding.look.tile
        least, most = max(ratio * (1 - leeway), 1 / reach), min(ratio * (1 + leeway), reach)
        axes.plot([least, most], [place, place], color=LEEWAY, linewidth=6, solid_capstyle="butt")
        point(axes, [ratio], [place], colour, hollow=finding.unverified, gid=f"claim {place}")
        # a dollar sign is a dollar sign, not the beginning of a formula
        across: Any = {"transform": axes.get_yaxis_transform(), "parse_math": False}
        write(axes, -0.01, place, label, "right", **across)
        write(axes, 1.01, place, verdict, **across)
    axes.set(xlim=(1 / reach, reach), ylim=(max(1, len(shown)) - 0.4, -0.6))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    ticks = [1 / NEAREST, 1.0, NEAREST]
    if reach >= 2:
        every = math.ceil(math.log10(reach) / MOST_TICKS)
        ticks = [10.0 ** (every * step) for step in range(-MOST_TICKS, MOST_TICKS + 1)]
    axes.set_xticks([tick for tick in ticks if 1 / reach <= tick <= reach])
    factor_axis(axes.xaxis)
    subtitle = "printed over recomputed, at the article's prices"
    if any(math.log1p(leeway) > COVERED * math.log(reach) for _, _, leeway, _ in shown):
        subtitle += "; grey: what the digits leave open"
    if len(shown) < len(labels):
        subtitle += f"; {len(shown)} of {len(labels)} figures, the farthest off"
    headline(figure, title, subtitle)
    return figure


def leeway(verdict: Verdict) -> float:
    """Return how far a figure's digits let it be from what comes out, as a share of it [1]."""
    figure = verdict.claim.figure
    return figure.place / 2 / abs(figure.value) if figure else 0.0


def label(verdict: Verdict) -> str:
    """Name a claim in a chart: its figure as printed, where the charts' font can draw that."""
    claim = verdict.claim
    printed = claim.printed if len(claim.printed) <= 32 else ""
    if not printed or not drawable(printed):
        printed = readable(claim.stated, verdict.unit)
    return f"{claim.id}: {printed}" if drawable(claim.id) else printed
