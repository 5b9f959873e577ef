"""Charts of what GPUs cost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from costcheck.formulas import percent, ratio
from costcheck.notebook.plots.palette import BLUE, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import (
    Column,
    Frame,
    beside,
    canvas,
    chart,
    headline,
    point,
    rows,
    thousands,
    wrapped,
)
from costcheck.text.numbers import multiple, readable

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
def entry_ticket(sums: Column, trains_on: float, runs_on: float) -> tuple[Figure, str]:
    """Draw sums of money of very different size, to scale, under headings for what they pay for.

    The first is what the others are compared with, and red; what is thousands of times less is a hairline.

    Args:
        sums: By heading (up to three, each in one run) and label, the sums [USD]; the last heading is what
            running takes.
        trains_on: GPUs that train the model in a month [GPU].
        runs_on: GPUs that run it [GPU].
    """
    headings, labels = (list(sums.index.get_level_values(level)) for level in (0, 1))
    usd, kinds = list(sums), list(dict.fromkeys(headings))
    figure, axes = canvas(0.5 + 0.42 * (len(usd) + 1.1 * len(kinds)))
    # each heading takes a row of its own, and a little room above it
    places = [row + 1.1 * kinds.index(heading) for row, heading in enumerate(headings)]
    words = [readable(float(f"{amount:.3g}"), "USD") for amount in usd]
    for row, (place, heading, value) in enumerate(zip(places, headings, usd, strict=True)):
        fill, ink = (RED, RED) if row == 0 else KINDS[kinds.index(heading)]
        axes.barh(place, value, height=0.6, color=fill, edgecolor=fill, linewidth=1.2)
        if heading == kinds[-1] or row == 0:
            words[row] += f", {'the entry ticket' if row == 0 else compared(value, usd[0])}"
        beside(axes, words[row], (value, place), 6, color=ink, bold=row == 0 or heading == kinds[-1])
        if row == 0 or heading != headings[row - 1]:
            kind_ink = KINDS[kinds.index(heading)][1]
            axes.text(0, place - 0.95, heading, va="center", color=kind_ink, fontweight="bold")
    axes.set_yticks(places, [wrapped(label, 16) for label in labels])
    axes.set_ylim(places[-1] + 0.6, -1.45)
    axes.set_xlim(0, max(usd))  # the layout leaves room for the words beside the bars
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    title = f"Training takes {trains_on:,.0f} GPUs for a month; running takes {runs_on:,.0f}"
    headline(figure, title, "what they cost, bars to scale [USD]")
    listed = "; ".join(f"{label} {text}" for label, text in zip(labels, words, strict=True))
    return figure, f"Bars to scale. {listed}."


@chart
def japanese_factor_of_ten(sums: Frame) -> tuple[Figure, str]:
    """Draw what two articles print for one sum beside what it comes to.

    Args:
        sums: By currency, ``Chinese article``, ``recomputed`` and ``Japanese translation`` [billion]; a
            currency that one of them does not print is left out.
    """
    sums = sums.dropna()
    figure, panels = canvas(0.3 + 1.35 * len(sums), nrows=len(sums), squeeze=False)
    colours = {"Chinese article": BLUE, "recomputed": GREY, "Japanese translation": RED}
    listed = []
    for axes, (currency, amounts) in zip(panels[:, 0], sums.iterrows(), strict=True):
        factor = ratio(amounts["Japanese translation"], amounts["recomputed"])
        for place, (what, colour) in enumerate(colours.items()):
            words = f"{amounts[what]:,.4g} billion {currency}"
            if what == "Japanese translation":
                words += (
                    f", {multiple(factor)} too high" if factor > 1 else f", {multiple(1 / factor)} too low"
                )
            axes.barh(place, amounts[what], height=0.62, color=colour)
            inside = amounts[what] > 0.6 * amounts.max()
            ink = INK if what == "recomputed" else colour
            at: Any = {"right": -6, "color": "white"} if inside else {"right": 6, "color": ink}
            beside(axes, words, (amounts[what], place), bold=what != "recomputed", **at)
            listed.append(f"{what} {words}")
        rows(axes, list(colours))
        axes.set_xlim(0, 1.02 * amounts.max())
        axes.set_xticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
    more = ratio(sums["Japanese translation"], sums["Chinese article"]).iloc[0]
    headline(
        figure,
        f"The Japanese translation prints {more:.3g} times the original's sum",
        "the entry ticket, bars to scale",
    )
    return figure, f"Bars to scale. {'; '.join(listed)}."


@chart
def h100_prices(quotes: Frame, price: float) -> tuple[Figure, str]:
    """Draw dated prices of a GPU [USD/GPU] against the price used, which is a line.

    Args:
        quotes: ``gpu``, ``date`` (a day, or the year of an estimate), ``usd_per_gpu`` and ``basis``: what
            dealers list, what large buyers are thought to have paid in a year, and single estimates.
        price: The price used [USD/GPU].
    """
    figure, axes = canvas(4.3)
    quotes = quotes.assign(day=pd.to_datetime(quotes["date"], format="ISO8601").map(pd.Timestamp.toordinal))
    bands = quotes[quotes["basis"].str.startswith("Epoch")].groupby("date")["usd_per_gpu"].apply(sorted)
    for year, (low, middle, high) in bands.items():
        left, right = (dt.date(int(year), *day).toordinal() for day in ((1, 8), (12, 24)))
        label = "large buyers, by year: estimated low, middle, high" if year == bands.index[0] else None
        look: Any = {"align": "edge", "color": ORANGE, "alpha": 0.28, "linewidth": 0, "label": label}
        axes.bar(left, high - low, right - left, low, **look)
        axes.plot([left, right], [middle, middle], color=ORANGE, linewidth=2, solid_capstyle="butt")
    listed = quotes[quotes["basis"] == "listed"]
    for (gpu, offers), (marker, colour) in zip(
        listed.groupby("gpu", sort=False), (("o", BLUE), ("^", GREEN)), strict=False
    ):
        edge: Any = {"markeredgecolor": "white", "markeredgewidth": 0.7, "label": f"dealers: {gpu}"}
        point(axes, offers["day"], offers["usd_per_gpu"], colour, marker, markersize=8, zorder=3, **edge)
    for at, (_, ends) in enumerate(quotes[quotes["basis"].str.match("estimate|press")].groupby("day")):
        label = "single estimates in the press" if at == 0 else None
        look = {"color": INK, "markersize": 4, "linewidth": 1.4, "label": label, "zorder": 3}
        axes.plot(ends["day"], ends["usd_per_gpu"], "D-", **look)
    stated = quotes[quotes["basis"] == "the article"]
    look = {"markersize": 10, "markeredgewidth": 2, "label": "the articles, without a source", "zorder": 4}
    point(axes, stated["day"], stated["usd_per_gpu"], RED, hollow=True, **look)
    years = [int(year) for year in bands.index]
    edges = [dt.date(year, 1, 1).toordinal() for year in [*years, years[-1] + 1]]
    axes.axhline(price, color=RED, linewidth=1.4, linestyle=(0, (5, 3)), zorder=2)
    # beside the axes: wherever the price lies, no mark is in the way
    beside(
        axes, f"{price:,.0f}\nused here", (edges[-1], price), 6, bold=True, color=RED, annotation_clip=False
    )
    axes.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.08 * max(price, quotes["usd_per_gpu"].max())))
    axes.set_xticks([dt.date(year, 7, 2).toordinal() for year in years], [str(year) for year in years])
    thousands(axes.yaxis)
    axes.grid(axis="y")
    figure.legend(loc="outside lower left", ncols=2, fontsize=9, columnspacing=1)
    theirs = bands.iloc[[year == "2024" for year in bands.index]].iloc[0]
    title = f"{price:,.0f} USD is {compared(price, theirs[1], 'large buyers paid in 2024')}"
    headline(figure, title, "price of one H100 [USD]; what large buyers pay is an estimate")
    alt = "; ".join(f"{row.date} {row.usd_per_gpu:,.0f} ({row.basis})" for row in quotes.itertuples())
    return figure, f"Prices of an H100 over time [USD]: {alt}. A line marks {price:,.0f}."
