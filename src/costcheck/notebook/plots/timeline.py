"""A chart of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from costcheck.notebook.plots.colours import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import canvas, chart, headline

MARKS = {"leak": (RED, "v"), "release": (BLUE, "o"), "report": (ORANGE, "s"), "correction": (GREEN, "D")}
"""Colour and marker of each group of events."""
AXIS, MARK, WHEN, WHAT = 0.25, 0.30, 0.32, 0.435
"""Where the axis of time, the marks and the two columns of text stand, as parts of the width."""
ROW = 0.3
"""Height of a line of text [inch]."""
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """Something that happened, at a moment or on a day."""

    when: dt.datetime
    text: str
    group: str
    to_the_minute: bool = False
    hollow: bool = False
    """Whether the date is one that could not be verified."""


@dataclass(frozen=True)
class Printed:
    """A date as somebody prints it: its first and last moment, and whether it agrees with the sources."""

    first: dt.datetime
    last: dt.datetime
    text: str
    agrees: bool


@chart
def timeline(
    events: Sequence[Event],
    printed: Sequence[Printed],
    overview: tuple[dt.datetime, dt.datetime],
    close_up: tuple[dt.datetime, dt.datetime],
    title: str,
) -> Figure:
    """Draw events along time, in a panel of years and a panel of the few days in which most happened.

    Each event has a line of text of its own and a thin line to its place on the axis, so that events of the
    same minute can be told apart. Time runs downwards.

    Args:
        printed: Dates to compare with the events.
        overview: First and last moment of the panel of years.
        close_up: First and last moment of the panel of days; its events are left out of the other.
    """
    inside = [event for event in events if close_up[0] <= event.when < close_up[1]]
    outside = [event for event in events if event not in inside and overview[0] <= event.when <= overview[1]]
    heights = [len(outside) + 2.2, len(inside) + 1.2]
    figure, (years, days) = canvas(
        9.4, 1.5 + ROW * sum(heights), nrows=2, gridspec_kw={"height_ratios": heights}
    )
    figure.set_layout_engine("constrained", hspace=0.03)
    foot = "Source: data/timeline.csv, each row with its own source; Pacific time, from the numbers of posts"
    headline(figure, title, source=foot)
    _panel(
        years,
        overview,
        outside,
        f"{close_up[0].day} to {_day(close_up[1] - DAY)} {close_up[0]:%Y}: enlarged below",
        close_up,
    )
    _panel(days, close_up, inside)
    ticks = [
        overview[0].replace(year=overview[0].year + index // 4, month=1 + 3 * (index % 4))
        for index in range(40)
    ]
    _ticks(years, overview, [(tick, f"{tick:%b %Y}") for tick in ticks if tick.month in (1, 7)])
    whole = [close_up[0] + DAY * index for index in range((close_up[1] - close_up[0]).days)]
    _ticks(days, close_up, [(day, _day(day)) for day in whole])
    for date in printed:
        zoomed = close_up[0] <= date.first < close_up[1]
        _printed(days if zoomed else years, close_up if zoomed else overview, date)

    def handle(label: str, colour: str, marker: str, **more: Any) -> Line2D:
        return Line2D([], [], color=colour, marker=marker, linestyle="", markersize=7, label=label, **more)

    handles = [handle(group, *look) for group, look in MARKS.items()]
    handles.append(handle("unverified", INK, "s", markerfacecolor="white"))
    handles.append(handle("printed in an article", INK, ">"))
    years.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.02),
        borderaxespad=0,
        ncols=len(handles),
        handletextpad=0.1,
        columnspacing=1.6,
    )
    return figure


def _day(moment: dt.datetime) -> str:
    return f"{moment.day} {moment:%b}"


def _place(axes_window: tuple[dt.datetime, dt.datetime], moment: dt.datetime) -> float:
    first, last = axes_window
    return 1 - (moment - first) / (last - first)


def _panel(
    axes: Axes,
    window: tuple[dt.datetime, dt.datetime],
    events: Sequence[Event],
    enlarged: str = "",
    close_up: tuple[dt.datetime, dt.datetime] | None = None,
) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    axes.plot([AXIS, AXIS], [0, 1], color=GREY, linewidth=1.4)
    year = "%Y" if close_up else ""  # the close-up has one year, which its place in the other panel tells
    entries: list[tuple[dt.datetime, Event | None]] = [(event.when, event) for event in events]
    if close_up:
        entries.append((close_up[0] + (close_up[1] - close_up[0]) / 2, None))
        axes.plot(
            [AXIS] * 2,
            [_place(window, moment) for moment in close_up],
            color=INK,
            linewidth=6,
            solid_capstyle="butt",
        )
    entries.sort(key=lambda entry: entry[0])
    for index, (moment, event) in enumerate(entries):
        row = 1 - (index + 0.5) / len(entries)
        at = _place(window, moment)
        axes.plot(
            [AXIS, AXIS + 0.012, MARK - 0.012, MARK],
            [at, at, row, row],
            color="#BBBBBB",
            linewidth=0.8,
            zorder=1,
        )
        if event is None:
            axes.text(WHEN, row, enlarged, va="center", fontstyle="italic")
            continue
        colour, marker = MARKS[event.group]
        axes.plot(
            MARK,
            row,
            marker,
            color=colour,
            markersize=8,
            markeredgewidth=1.6,
            zorder=3,
            markerfacecolor="white" if event.hollow else colour,
        )
        when = f"{_day(event.when)} {event.when.strftime('%H:%M' if event.to_the_minute else year)}"
        axes.text(WHEN, row, when, va="center", color=FAINT)
        axes.text(WHAT, row, event.text, va="center")


def _ticks(
    axes: Axes, window: tuple[dt.datetime, dt.datetime], ticks: Sequence[tuple[dt.datetime, str]]
) -> None:
    for moment, text in ticks:
        if window[0] <= moment <= window[1]:
            at = _place(window, moment)
            axes.plot([AXIS - 0.008, AXIS], [at, at], color=GREY, linewidth=1)
            axes.text(AXIS - 0.014, at, text, ha="right", va="center", fontsize=8, color="#777777")


def _printed(axes: Axes, window: tuple[dt.datetime, dt.datetime], date: Printed) -> None:
    first, last = _place(window, date.first), _place(window, date.last)
    colour = INK if date.agrees else RED
    axes.plot([AXIS, AXIS], [first, last], color=colour, linewidth=5, solid_capstyle="butt", alpha=0.45)
    middle = (first + last) / 2
    axes.plot([AXIS - 0.075, AXIS - 0.014], [middle, middle], color=colour, linewidth=1)
    axes.plot(AXIS - 0.012, middle, ">", color=colour, markersize=7)
    axes.text(
        AXIS - 0.08, middle, date.text, ha="right", va="center", color=colour, fontsize=8, linespacing=1.15
    )
