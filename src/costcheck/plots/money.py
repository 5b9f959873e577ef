"""Charts of what GPUs cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from matplotlib.dates import YearLocator
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from costcheck.formulas import ratio
from costcheck.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    SKY,
    canvas,
    chart,
    headline,
    source,
    thousands,
)


def compared(amount: float, reference: float, name: str = "") -> str:
    """Say how many times less or how many times as much an amount is.

    Args:
        amount: What is compared [any unit].
        reference: What it is compared with [the same unit].
        name: What the reference is called, if it is to be named.

    Returns:
        Words that hold whichever of the two is larger.

    Raises:
        FormulaError: An argument is not positive and finite.

    >>> compared(640_000, 1.72e9), compared(3.44e9, 1.72e9)
    ('2,688 times less', '2.0 times as much')
    >>> compared(30, 20, "they paid"), compared(10, 20, "they paid"), compared(1.01, 1, "they paid")
    ('1.5 times as much as they paid', '2.0 times less than they paid', 'about as much as they paid')
    """
    more = ratio(amount, reference)
    factor = more if more >= 1 else 1 / more
    figures = f"{factor:,.0f}" if factor >= 9.95 else f"{factor:.1f}"
    if figures == "1.0":
        words, link = "about as much", "as"
    else:
        words, link = (f"{figures} times as much", "as") if more > 1 else (f"{figures} times less", "than")
    return f"{words} {link} {name}" if name else words


@chart
def entry_ticket(groups: Mapping[str, Mapping[str, tuple[float, str]]], ticket: str, title: str) -> Figure:
    """Draw sums of money of very different size, to scale, in groups that are different things.

    Args:
        groups: By heading, by label, a sum [USD] and the words beside its bar.
        ticket: Label of the sum that all others are compared with; it is drawn in red.
        title: The point.

    Returns:
        A figure of horizontal bars from zero on a linear axis: what is thousands of times less is a hairline.
    """
    rows = len(groups) + sum(map(len, groups.values()))
    figure, axes = canvas(height=1.2 + 0.37 * rows)
    place, places, labels = 0.0, [], []
    for (heading, bars), colour in zip(groups.items(), (INK, BLUE, GREEN), strict=False):
        axes.annotate(
            heading,
            (0, place),
            xytext=(-4, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold",
        )
        for label, (usd, words) in bars.items():
            place += 1
            fill = RED if label == ticket else colour
            axes.barh(place, usd, height=0.66, color=fill, edgecolor=fill, linewidth=1)
            axes.annotate(
                words,
                (usd, place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=fill,
                fontweight="bold" if label == ticket else "normal",
            )
            places.append(place)
            labels.append(label)
        place += 1.15
    axes.set_yticks(places, labels)
    axes.set_ylim(place - 0.6, -0.7)
    axes.set_xlim(0, 1.45 * max(usd for bars in groups.values() for usd, _ in bars.values()))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    headline(figure, title, "sums to scale [USD]")
    return figure


@chart
def h100_prices(
    listed: Mapping[str, tuple[Sequence[dt.date], Sequence[float]]],
    bands: Mapping[int, tuple[float, float, float]],
    estimates: Mapping[str, tuple[dt.date, float, float]],
    price: float,
    unverified: Mapping[str, tuple[dt.date, float]],
    title: str,
) -> Figure:
    """Draw dated prices of a GPU, by kind, against one price.

    Args:
        listed: By kind of offer, the days and what dealers asked [USD/GPU].
        bands: By year, the low end, the middle and the high end of an estimate for the whole year [USD/GPU].
        estimates: By label, a day with the low and the high end of an estimate [USD/GPU].
        price: The price reckoned with, drawn as a line [USD/GPU].
        unverified: By label, the day and the price of what rests on no source, drawn hollow [USD/GPU].
        title: The point.

    Returns:
        A figure of dots and ranges over time.
    """
    figure, axes = canvas(height=4.9)
    for year, (low, middle, high) in bands.items():
        start, end = dt.date(year, 1, 8), dt.date(year, 12, 24)
        left, right = axes.convert_xunits(start), axes.convert_xunits(end)
        named = "large buyers, estimate of the year: low, middle, high" if year == min(bands) else None
        axes.add_patch(
            Rectangle((left, low), right - left, high - low, facecolor=ORANGE, alpha=0.28, label=named)
        )
        axes.plot([start, end], [middle, middle], color=ORANGE, linewidth=2)
    for (label, (days, usd)), (marker, colour) in zip(
        listed.items(), (("o", BLUE), ("^", SKY)), strict=False
    ):
        axes.plot(
            days,
            usd,
            marker,
            color=colour,
            markersize=7.5,
            markeredgecolor="white",
            markeredgewidth=0.7,
            label=label,
            zorder=3,
        )
    for number, (label, (day, low, high)) in enumerate(estimates.items()):
        axes.plot([day, day], [low, high], "_-", color=INK, markersize=9, linewidth=1.4, zorder=3)
        axes.annotate(
            label,
            (day, low),
            xytext=(0, -8),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8.5,
            gid=f"estimate {number}",
        )
    axes.axhline(price, color=RED, linewidth=1.4, linestyle=(0, (5, 3)), zorder=2)
    first, last = dt.date(min(bands), 1, 1), dt.date(max(bands) + 1, 1, 1)
    axes.annotate(
        f"reckoned with here: {price:,.0f} USD",
        (last, price),
        xytext=(0, 5),
        textcoords="offset points",
        ha="right",
        color=RED,
        fontweight="bold",
    )
    for label, (day, usd) in unverified.items():
        axes.plot(
            day,
            usd,
            "o",
            markersize=10,
            markerfacecolor="white",
            markeredgecolor=RED,
            markeredgewidth=2,
            label=f"{label} (unverified)",
            zorder=4,
        )
    tops = [price, *(usd for _, prices in listed.values() for usd in prices), *(b[2] for b in bands.values())]
    axes.set_ylim(0, 1.08 * max(tops))
    axes.set_xlim(first, last)
    axes.xaxis.set_major_locator(YearLocator())
    axes.tick_params(axis="x", which="major", size=4, color=GREY)
    thousands(axes.yaxis)
    axes.grid(axis="y")
    axes.legend(loc="lower left", fontsize=8.5)
    headline(figure, title, "price of one H100 [USD]")
    source(figure, "Sources: dealers' pages and yearly bands as collected by Epoch AI; press")
    return figure
