"""Charts of what GPUs cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from costcheck.formulas import percent, ratio
from costcheck.notebook.plots.palette import BLUE, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import beside, canvas, chart, headline, point, thousands

WIDTH = 8.0
KINDS = ((GREY, INK), (BLUE, BLUE), (GREEN, "#00785A"))


def compared(amount: float, reference: float, name: str = "") -> str:
    """Say how many times less or how many times as much an amount is than a reference in the same unit.

    Raises:
        FormulaError: An argument is not positive and finite.

    >>> compared(640_000, 1.72e9), compared(3.44e9, 1.72e9)
    ('2,688 times less', '2.0 times as much')
    >>> compared(30, 20, "they paid"), compared(15, 20, "they paid"), compared(1.01, 1, "they paid")
    ('1.5 times as much as they paid', '25 % less than they paid', 'about as much as they paid')
    """
    more = ratio(amount, reference)
    factor = more if more >= 1 else 1 / more
    figures = f"{factor:,.0f}" if factor >= 9.95 else f"{factor:.1f}"
    if factor < 1.05:
        words, link = "about as much", "as"
    elif more > 1:
        words, link = f"{figures} times as much", "as"
    else:
        words, link = f"{figures} times less" if factor >= 2 else f"{percent(1 - more):.0f} % less", "than"
    return f"{words} {link} {name}" if name else words


@chart
def entry_ticket(
    headings: Sequence[str], labels: Sequence[str], usd: Sequence[float], words: Sequence[str], title: str
) -> Figure:
    """Draw sums of money [USD] of very different size, to scale, under headings for what they pay for.

    The first is what the others are compared with, and red; what is thousands of times less is a hairline.

    Args:
        headings: What each sum pays for; up to three kinds, each in one run.
        labels: What each sum buys.
        words: What to say beside each bar.
    """
    kinds = list(dict.fromkeys(headings))
    figure, axes = canvas(width=WIDTH, height=1.1 + 0.34 * (len(usd) + 1.2 * len(kinds)))
    # each heading takes a row of its own, and a little room above it
    places = [row + 1.2 * kinds.index(heading) for row, heading in enumerate(headings)]
    for row, (place, heading, value) in enumerate(zip(places, headings, usd, strict=True)):
        fill, ink = (RED, RED) if row == 0 else KINDS[kinds.index(heading)]
        axes.barh(place, value, height=0.68, color=fill, edgecolor=fill, linewidth=1.2)
        beside(axes, words[row], (value, place), 6, color=ink, bold=row == 0)
        if row == 0 or heading != headings[row - 1]:
            kind_ink = KINDS[kinds.index(heading)][1]
            axes.text(0, place - 1, heading, va="center", color=kind_ink, fontweight="bold")
    axes.set_yticks(places, labels)
    axes.set_ylim(places[-1] + 0.6, -1.6)
    axes.set_xlim(0, max(usd))  # the layout leaves room for the words beside the bars
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    headline(figure, title, "bars to scale [USD]")
    return figure


@chart
def h100_prices(
    listed: Mapping[str, tuple[Sequence[dt.date], Sequence[float]]],
    bands: Mapping[int, tuple[float, float, float]],
    estimates: Mapping[dt.date, tuple[float, float]],
    price: float,
    unverified: Mapping[str, tuple[dt.date, float]],
    title: str,
) -> Figure:
    """Draw dated prices of a GPU [USD/GPU] against the price used, which is a line.

    Args:
        listed: By kind of offer, the days and what dealers asked.
        bands: By year, the low end, the middle and the high end of an estimate of it.
        estimates: By day, the low and the high end of a single estimate.
        unverified: By label, the day and the price of what rests on no source, drawn hollow.
    """
    figure, axes = canvas(width=WIDTH, height=4.9)
    years = sorted(bands)
    for year in years:
        low, middle, high = bands[year]
        left, right = dt.date(year, 1, 8).toordinal(), dt.date(year, 12, 24).toordinal()
        look: Any = {"align": "edge", "color": ORANGE, "alpha": 0.28, "linewidth": 0}
        if year == years[0]:
            look["label"] = "large buyers, by year: estimated low, middle, high"
        axes.bar(left, high - low, right - left, low, **look)
        axes.plot([left, right], [middle, middle], color=ORANGE, linewidth=2, solid_capstyle="butt")
    looks = (("o", BLUE), ("^", GREEN))
    for (label, (days, usd)), (marker, colour) in zip(listed.items(), looks, strict=False):
        places = [day.toordinal() for day in days]
        edge: Any = {"markeredgecolor": "white", "markeredgewidth": 0.7}
        point(axes, places, usd, colour, marker, markersize=8, label=label, zorder=3, **edge)
    for day, ends in estimates.items():
        named = "single estimates in the press" if day == min(estimates) else None
        axes.plot(
            [day.toordinal()] * 2, ends, "D-", color=INK, markersize=4, linewidth=1.4, label=named, zorder=3
        )
    for label, (day, stated) in unverified.items():
        look = {"markersize": 10, "markeredgewidth": 2, "label": f"{label} (unverified)", "zorder": 4}
        point(axes, day.toordinal(), stated, RED, hollow=True, **look)
    edges = [dt.date(year, 1, 1).toordinal() for year in [*years, years[-1] + 1]]
    axes.axhline(price, color=RED, linewidth=1.4, linestyle=(0, (5, 3)), zorder=2)
    # beside the axes: wherever the price lies, no mark is in the way
    used = f"{price:,.0f} USD\nused here"
    beside(axes, used, (edges[-1], price), 6, bold=True, color=RED, annotation_clip=False)
    dearest = max(price, *(max(usd) for _, usd in listed.values()), *(high for _, _, high in bands.values()))
    axes.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.08 * dearest))
    axes.set_xticks([dt.date(year, 7, 2).toordinal() for year in years], [str(year) for year in years])
    thousands(axes.yaxis)
    axes.grid(axis="y")
    axes.legend(loc="lower left", fontsize=8.5, frameon=True, framealpha=1, edgecolor="none")
    foot = "Sources: dealers' pages and yearly estimates as collected by Epoch AI; TechSpot; TweakTown"
    headline(figure, title, "price of one H100 [USD]", source=foot)
    return figure
