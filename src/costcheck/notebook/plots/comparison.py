"""Chart of what changed between results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator

from costcheck.notebook.plots.palette import BLUE, GREEN, GREY, INK, ORANGE, PINK, RED
from costcheck.notebook.plots.style import (
    beside,
    canvas,
    factor_axis,
    foot_legend,
    headline,
    mark,
    point,
    rows,
    safe_label,
    styled,
)
from costcheck.text.numbers import multiple

LOOKS = ((BLUE, "o"), (RED, "s"), (GREEN, "D"), (ORANGE, "^"), (PINK, "v"))
"""A colour and a marker a scenario; of more than these, each claim shows the range."""
LANE, GAP = 0.19, 0.14  # height of a dot's line, and between claims [inch]
WIDTH = 85  # characters of a line at the foot


@styled
def changed(
    factors: Mapping[str, Mapping[str, float]],
    others: Sequence[str],
    first: str,
    title: str,
    left_out: Sequence[str] = (),
) -> Figure:
    """Draw how many times as much each claim comes out as in the first results.

    A row a claim: a dot for each of up to five results, and beyond that the range over all of them.

    Args:
        factors: By claim, by label of the results compared, the factor; a claim that is as it was is absent.
        others: Labels of all results compared, in order.
        first: Label of those they are compared with.
        left_out: Claims that changed without a factor, such as from none to a number.
    """
    looks = dict(zip(others, LOOKS, strict=False)) if len(others) <= len(LOOKS) else {}
    lanes = len(looks) or 1
    step = LANE * lanes + GAP
    figure, axes = canvas(height=1.6 + LANE * lanes + step * max(len(factors), 1))
    values = [1.0, *(factor for by_label in factors.values() for factor in by_label.values())]
    axes.axvline(1, color=GREY, linewidth=1, zorder=0)
    for place, by_label in enumerate(factors.values()):
        if not looks:
            low, high = min(1.0, *by_label.values()), max(1.0, *by_label.values())
            axes.plot([low, high], [place, place], color=BLUE, linewidth=5, solid_capstyle="butt", alpha=0.35)
            axes.plot(list(by_label.values()), [place] * len(by_label), "|", color=BLUE, markersize=9)
            for end in sorted({low, high} - {1.0}):
                _label(axes, end, place, INK)
        for lane, (label, (colour, marker)) in enumerate(looks.items()):
            if label in by_label:
                height = place + (lane - (lanes - 1) / 2) * LANE / step
                axes.plot([1, by_label[label]], [height, height], color=colour, linewidth=1.2)
                point(axes, by_label[label], height, colour, marker, markersize=5.5)
                _label(axes, by_label[label], height, colour)
    rows(axes, [safe_label(name, f"claim {at}") for at, name in enumerate(factors, start=1)])
    _axis(axes, min(values), max(values))
    foot = [f"1×: {safe_label(first, 'the first results', WIDTH)}"]
    if len(looks) == 1:
        foot.append(f"dots: {safe_label(others[0], 'the second results', WIDTH)}")
    elif not looks:
        foot.append(f"a line each of {len(others)} other results")
    if left_out:
        more = f" and {len(left_out) - 8} more" if len(left_out) > 8 else ""
        foot.append(f"changed without a factor: {safe_label(', '.join(left_out[:8]), 'some', WIDTH)}{more}")
    several = len(looks) > 1
    source = "" if several else "\n".join(foot)
    headline(figure, safe_label(title, "What changed", 80), "value at your prices, as a multiple [1]", source)
    if several:
        handles = [
            mark(safe_label(label, f"results {at}", WIDTH), *look, markersize=5.5, linestyle="-")
            for at, (label, look) in enumerate(looks.items(), start=2)
        ]
        font: Any = {"fontsize": 8.5, "title_fontsize": 7.5, "alignment": "left"}
        spaces = {"borderaxespad": 0.2, "handlelength": 1.6}
        foot_legend(figure, handles, 1, title="\n".join(foot), **font, **spaces)
    return figure


def _label(axes: Axes, factor: float, height: float, colour: str) -> None:
    """Write a factor on the side of its dot that is away from one."""
    beside(axes, multiple(factor), (factor, height), -7 if factor < 1 else 7, color=colour, fontsize=8.5)


def _axis(axes: Axes, low: float, high: float) -> None:
    """Scale the axis so that all values and the words beside them have room, with ticks at round factors."""
    span = max(high / low, 1.02)
    axes.set_xscale("log")
    low, high = low / span ** (0.25 if low < 1 else 0.05), high * span ** (0.25 if high > 1 else 0.05)
    axes.set_xlim(low, high)
    if span < 4:
        ticks = list(MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high))
    elif span < 100:
        ticks = list(LogLocator(subs=(1, 2, 5)).tick_values(low, high))
    else:
        # LogLocator may step over one
        every = math.ceil(math.log10(high / low) / 4)
        least = math.floor(math.log10(low) / every) * every
        ticks = [10.0**power for power in range(least, math.ceil(math.log10(high)) + 1, every)]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    factor_axis(axes.xaxis)
