"""A chart of the quotes of a price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import matplotlib.dates as mdates
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from costcheck.notebook.plots.palette import BLUE, GREY, RED
from costcheck.notebook.plots.style import beside, canvas, headline, point, styled
from costcheck.prices.quotes import Quote

MANY = 40  # quotes up to which each has a mark and a label
DECADE = 10.0
CLOSE = 12
"""Quotes nearer to each other than this part of the time shown have their labels above and below, or none."""


@styled
def price_history(quotes: Sequence[Quote], theirs: Quote, title: str) -> Figure:
    """Draw the quotes of a price over time, each with the range its source gives.

    Each quote holds until the next. Hollow marks are unverified. The axis is logarithmic where the quotes
    span more than a factor of ten; it does not begin at zero. The articles' quote, ``theirs``, is a line.
    """
    figure, axes = canvas(height=4.0)
    days = [_day(quote.as_of) for quote in quotes]
    values = [quote.value for quote in quotes]
    few = len(quotes) <= MANY
    axes.step(days, values, where="post", color=BLUE, linewidth=1.4 if few else 1.0)
    for day, quote in zip(days, quotes, strict=True):
        if quote.low is not None or quote.high is not None:
            ends = [quote.low or quote.value, quote.high or quote.value]
            axes.plot([day, day], ends, color=GREY, linewidth=3)
    if few:
        near = (days[-1] - days[0]) / CLOSE
        seen: set[tuple[dt.date, float]] = set()
        labelled = {False: dt.date.min, True: dt.date.min}
        for day, quote in zip(days, quotes, strict=True):
            point(axes, day, quote.value, BLUE, hollow=quote.unverified)
            # above if there is room, else under, else not at all
            under = next((side for side in (False, True) if day - labelled[side] >= near), None)
            if under is None or (day, quote.value) in seen:
                continue
            labelled[under] = day
            seen.add((day, quote.value))
            up, va = (-5, "top") if under else (5, "bottom")
            beside(axes, f"{quote.value:,.6g}", (day, quote.value), 5, up, va=va, fontsize=8, color=BLUE)
    axes.axhline(theirs.value, color=RED, linewidth=1, linestyle="--")
    at_the_edge: Any = {"xycoords": ("axes fraction", "data"), "color": RED, "fontsize": 8}
    beside(axes, f"the articles:\n{theirs.value:,.6g}", (1, theirs.value), 4, **at_the_edge)
    lows = [number for quote in quotes for number in (quote.low, quote.value) if number is not None]
    highs = [number for quote in quotes for number in (quote.high, quote.value) if number is not None]
    if min(lows) > 0 and max(highs) / min(lows) > DECADE:
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.margins(y=0.2)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axes.margins(x=0.08)
    if len(set(days)) == 1:
        axes.set_xlim(days[0] - dt.timedelta(days=183), days[0] + dt.timedelta(days=183))
    locator = mdates.AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.grid(axis="y")
    subtitle = f"{quotes[0].unit}; each quote holds until the next; grey: the range its source gives"
    kinds = _counted(len(quotes), "quote"), _counted(len({quote.source for quote in quotes}), "source")
    headline(figure, title, subtitle, f"{' from '.join(kinds)}; costcheck prices {quotes[0].key} lists them")
    return figure


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text}-01"[:10])
