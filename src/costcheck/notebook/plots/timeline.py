"""A chart of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from costcheck.notebook.plots.palette import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import canvas, chart, headline, mark, point, write

Span = tuple[dt.datetime, dt.datetime]
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
    overview: Span,
    close_up: Span,
    title: str,
) -> Figure:
    """Draw events along time, downwards, in a panel of years and a close-up of the days with most of them.

    Each event has a line of text of its own and a thin line to its place on the axis, so that events of the
    same minute can be told apart. Dates ``printed`` stand on the other side of the axis.
    """
    inside = [event for event in events if close_up[0] <= event.when < close_up[1]]
    outside = [event for event in events if event not in inside and overview[0] <= event.when <= overview[1]]
    heights = [len(outside) + 2.2, len(inside) + 1.2]
    ratios = {"height_ratios": heights}
    figure, (years, days) = canvas(9.4, 1.5 + ROW * sum(heights), nrows=2, gridspec_kw=ratios)
    figure.set_layout_engine("constrained", hspace=0.03)
    foot = "Source: data/timeline.csv, each row with its own source; Pacific time, from the numbers of posts"
    headline(figure, title, source=foot)
    enlarged = f"{close_up[0].day} to {_day(close_up[1] - DAY)} {close_up[0]:%Y}: enlarged below"
    _panel(years, overview, outside, enlarged, close_up)
    _panel(days, close_up, inside)
    quarters = ((overview[0].year + index // 4, 1 + 3 * (index % 4)) for index in range(40))
    ticks = [overview[0].replace(year=year, month=month) for year, month in quarters]
    _ticks(years, overview, [(tick, f"{tick:%b %Y}") for tick in ticks if tick.month in (1, 7)])
    whole = [close_up[0] + DAY * index for index in range((close_up[1] - close_up[0]).days)]
    _ticks(days, close_up, [(day, _day(day)) for day in whole])
    for date in printed:
        zoomed = close_up[0] <= date.first < close_up[1]
        _printed(days if zoomed else years, close_up if zoomed else overview, date)

    handles = [mark(group, *look, markersize=7) for group, look in MARKS.items()]
    handles.append(mark("unverified", INK, "s", hollow=True, markersize=7))
    handles.append(mark("printed in an article", INK, ">", markersize=7))
    spaces = {"borderaxespad": 0, "handletextpad": 0.1, "columnspacing": 1.6}
    corner = {"loc": "lower left", "bbox_to_anchor": (0, 1.02)}
    years.legend(handles=handles, ncols=len(handles), **corner, **spaces)
    return figure


def _day(moment: dt.datetime) -> str:
    return f"{moment.day} {moment:%b}"


def _place(axes_window: Span, moment: dt.datetime) -> float:
    first, last = axes_window
    return 1 - (moment - first) / (last - first)


def _panel(
    axes: Axes,
    window: Span,
    events: Sequence[Event],
    enlarged: str = "",
    close_up: Span | None = None,
) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    axes.plot([AXIS, AXIS], [0, 1], color=GREY, linewidth=1.4)
    year = "%Y" if close_up else ""  # the close-up has one year, which its place in the other panel tells
    entries: list[tuple[dt.datetime, Event | None]] = [(event.when, event) for event in events]
    if close_up:
        entries.append((close_up[0] + (close_up[1] - close_up[0]) / 2, None))
        ends = [_place(window, moment) for moment in close_up]
        axes.plot([AXIS] * 2, ends, color=INK, linewidth=6, solid_capstyle="butt")
    entries.sort(key=lambda entry: entry[0])
    for index, (moment, event) in enumerate(entries):
        row = 1 - (index + 0.5) / len(entries)
        at = _place(window, moment)
        tie = [AXIS, AXIS + 0.012, MARK - 0.012, MARK]
        axes.plot(tie, [at, at, row, row], color="#BBBBBB", linewidth=0.8, zorder=1)
        if event is None:
            write(axes, WHEN, row, enlarged, fontstyle="italic")
            continue
        edge: Any = {"markersize": 8, "markeredgewidth": 1.6, "zorder": 3}
        point(axes, MARK, row, *MARKS[event.group], hollow=event.hollow, **edge)
        when = f"{_day(event.when)} {event.when.strftime('%H:%M' if event.to_the_minute else year)}"
        write(axes, WHEN, row, when, color=FAINT)
        write(axes, WHAT, row, event.text)


def _ticks(axes: Axes, window: Span, ticks: Sequence[tuple[dt.datetime, str]]) -> None:
    for moment, text in ticks:
        if window[0] <= moment <= window[1]:
            at = _place(window, moment)
            axes.plot([AXIS - 0.008, AXIS], [at, at], color=GREY, linewidth=1)
            write(axes, AXIS - 0.014, at, text, "right", fontsize=8, color="#777777")


def _printed(axes: Axes, window: Span, date: Printed) -> None:
    first, last = _place(window, date.first), _place(window, date.last)
    colour = INK if date.agrees else RED
    axes.plot([AXIS, AXIS], [first, last], color=colour, linewidth=5, solid_capstyle="butt", alpha=0.45)
    middle = (first + last) / 2
    axes.plot([AXIS - 0.075, AXIS - 0.014], [middle, middle], color=colour, linewidth=1)
    point(axes, AXIS - 0.012, middle, colour, ">", markersize=7)
    write(axes, AXIS - 0.08, middle, date.text, "right", color=colour, fontsize=8, linespacing=1.15)
