"""Chart of what each price does to a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from costcheck.errors import InputError
from costcheck.notebook.plots.palette import BLUE, GREEN, INK, ORANGE
from costcheck.notebook.plots.style import (
    beside,
    canvas,
    foot_legend,
    headline,
    rows,
    safe_label,
    styled,
    wrapped,
)
from costcheck.notebook.show import Shown, show
from costcheck.prices.quotes import price_keys
from costcheck.sensitivity.influence import Swing, in_words, plain
from costcheck.text.numbers import readable

MOST = 12
"""Prices in one figure; those that move the result least are left out."""
SIZES = ((1e12, "trillion "), (1e9, "billion "), (1e6, "million "), (1.0, ""))
FAR = 3.0
"""How many times as far off as the bars are long a figure's interval may be and still be drawn."""


@styled
def tornado(
    prices: Sequence[str],
    present: Sequence[str],
    ends: Sequence[tuple[str, str]],
    results: Sequence[tuple[float, float]],
    result: float,
    holds: tuple[float, float] | None,
    unit: str,
    title: str,
    subtitle: str = "",
) -> Figure:
    """Draw what a figure comes out as while one price at a time goes from its low to its high.

    A bar a price, its low and high written at its ends, the results at which the printed figure holds
    shaded, or named in the legend where they are so far off that no bar could be seen.

    Args:
        prices, present, ends: Names of the prices, the one that moves it most first; what they are now; their
            lows and highs, as text.
        results, result: What the figure comes out as there, and now [unit].
        holds: Between what results the printed figure holds, infinite where there is no limit [unit].
    """
    bars = list(zip(prices, present, ends, results, strict=True))[:MOST]
    figure, axes = canvas(1.15 + 0.62 * len(bars))
    reach = [result, *(end for _, _, _, both in bars for end in both)]
    longest = (max(reach) - min(reach)) or abs(result) or 1.0
    right_off = holds is not None and holds[0] - max(reach) > FAR * longest
    off = right_off or (holds is not None and min(reach) - holds[1] > FAR * longest)
    reach += [end for end in holds or () if math.isfinite(end) and not off]
    size, word = next((size, word) for size, word in SIZES if max(map(abs, reach)) >= size or size == 1)
    span = (max(reach) - min(reach)) or abs(result) or 1.0
    # room for the words at the ends of the bars
    left, right = min(reach) - 0.16 * span, max(reach) + 0.16 * span
    look: Any = {"color": GREEN, "alpha": 0.16, "linewidth": 0}
    marks = []
    if holds and off:
        nearest = f"{(holds[0] if right_off else holds[1]) / size:,.4g}"
        where = f"from {nearest}, far to the right" if right_off else f"up to {nearest}, far to the left"
        marks.append(Patch(label=f"the printed figure holds {where}", **look))
    elif holds:
        axes.axvspan(max(holds[0], left), min(holds[1], right), zorder=0, **look)
        for end in holds:
            if left < end < right:  # over the bars: they may hide a narrow span
                axes.axvline(end, color=GREEN, linewidth=0.8, linestyle=(0, (4, 2)), zorder=2.5)
        marks.append(Patch(label="the printed figure holds", **look))
    for place, (_, _, texts, both) in enumerate(bars):
        for end, colour in zip(both, (BLUE, ORANGE), strict=True):
            axes.barh(place, end - result, left=result, height=0.56, color=colour, linewidth=0)
        rises = both[0] <= both[1]
        for end, text, side in zip(both, texts, (-1, 1) if rises else (1, -1), strict=True):
            outer = min(end, result) if side < 0 else max(end, result)
            beside(axes, text, (outer, place), 5 * side, fontsize=8.5)
    axes.axvline(result, color=INK, linewidth=1.2, zorder=3)
    names = [
        wrapped(safe_label(name, "a price", 80), 26) + f"\n{safe_label(now, '', 34)}"
        for name, now, _, _ in bars
    ]
    rows(axes, names, above=0.6, below=0.6)
    axes.set_xlim(left, right)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / size:,.10g}"))
    axes.set_xlabel(f"what it comes to [{safe_label(f'{word}{unit}', word).strip() or '1'}]")
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    headline(figure, safe_label(title, "What moves it", 100), safe_label(subtitle, "", 150))
    marks = [Patch(color=BLUE, label="at the price's low"), Patch(color=ORANGE, label="at its high"), *marks]
    foot_legend(figure, marks, fontsize=8.5, borderaxespad=0.2, handlelength=1.2)
    return figure


def draw(swings: Sequence[Swing], name: str = "tornado") -> Shown:
    """Draw the swings of the prices that have a range, as `costcheck.sensitivity.tornado` gives them.

    Raises:
        InputError: No price has a range.
    """
    claim = swings[0].claim
    drawn = [swing for swing in swings if swing.range.varies]
    drawn = [swing for swing in drawn if swing.swing] or drawn  # a bar of no length says nothing
    if not drawn:
        raise InputError(f"claim {claim.claim.id}: no price in it has a range to draw (--range gives it one)")
    unit = claim.unit
    known = price_keys()
    names = [
        known[swing.range.key].meaning if swing.range.key in known else swing.range.key for swing in drawn
    ]
    figure = tornado(
        names,
        [f"{plain(swing.range.value)} {swing.unit}".removesuffix(" 1") for swing in drawn],
        [(plain(swing.range.low), plain(swing.range.high)) for swing in drawn],
        [(float(swing.at_low), float(swing.at_high)) for swing in drawn],
        float(claim.at()),
        claim.interval,
        unit or "",
        title=f"What matters most: {names[0].replace(': ', ', ')}",
        subtitle=f"{claim.claim.about} ({claim.claim.id})",
    )
    ends = "; ".join(
        f"{swing.range.key} {plain(swing.range.low)} to {plain(swing.range.high)}: "
        f"{readable(swing.at_low, unit)} to {readable(swing.at_high, unit)}"
        for swing in drawn
    )
    alt = f"What {claim.claim.id} comes out as at the low and the high of each price. {ends}. "
    alt += (
        f"At the prices used it is {readable(claim.at(), unit)} and {claim.verdict}; it {in_words(drawn[0])}."
    )
    return show(figure, name, alt)
