"""A chart of dates."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from costcheck.claims import Verdict
from costcheck.data.tables import is_unverified
from costcheck.notebook.plots.palette import BLUE, FAINT, GREEN, INK, ORANGE, RED
from costcheck.notebook.plots.style import Frame, canvas, chart, headline, mark, point, write

FITS, DIFFERS = "printed", "printed, wrong"
LOOKS = {
    "leak": (RED, "v"), "release": (BLUE, "o"), "report": (ORANGE, "s"), "correction": (GREEN, "D"),
    FITS: (INK, ">"), DIFFERS: (RED, ">"),
}  # fmt: skip
"""Colour and marker of each group of events."""
MARK, WHEN, WHAT = 0.02, 0.045, 0.24  # where the marks and the two columns of text stand [share]
LINE = 54  # characters in a line of text
ROW, MORE = 0.27, 0.19  # heights of an event's first line, and of a further one [inch]


def printed_and_sourced(verdict: Verdict) -> tuple[str, str] | None:
    """Return the date that a claim prints and the one in the sources; nothing where it prints none."""
    claim = verdict.claim
    ways = zip(claim.variants, verdict.variants, strict=True)
    dates = [(claim.stated, verdict.recomputed), *((way.value, check.recomputed) for way, check in ways)]
    return next(((str(stated), str(found)) for stated, found in dates if isinstance(stated, str)), None)


def pacific(events: Frame) -> Frame:
    """Return ``when`` each event was in Pacific time, and that as a text, to the minute if known."""
    moments = (
        pd.to_datetime(events["time_utc"], utc=True).dt.tz_convert("America/Los_Angeles").dt.tz_localize(None)
    )
    when = moments.fillna(pd.to_datetime(events["date_pacific"]))
    shown = [
        f"{at:%d %b %Y}" if pd.isna(to) else f"{at:%d %b %H:%M}" for at, to in zip(when, moments, strict=True)
    ]
    return pd.DataFrame({"when": when, "shown": [text.removeprefix("0") for text in shown]})


@chart
def timeline(events: Frame, verdicts: Sequence[Verdict]) -> tuple[Figure, str]:
    """Draw events along time, downwards, and among them the dates that are printed.

    Args:
        events: ``event``, ``group`` (of `LOOKS`), ``time_utc`` or ``date_pacific``, and ``verification``: a
            date that could not be verified is hollow.
        verdicts: Those on claims that print a date, which stand among the events.
    """
    drawn = pacific(events).assign(what=events["event"], group=events["group"])
    drawn["hollow"] = events["verification"].map(is_unverified)
    in_print: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if dates := printed_and_sourced(verdict):
            in_print.setdefault((dates[0], verdict.claim.about), []).append(verdict)
    for (day, about), same in in_print.items():
        period, wrong = pd.Period(day), same[0].kind.is_mistake
        what = f"in print: {about} ({', '.join(verdict.claim.id for verdict in same)})"
        what += f". But {(same[0].claim.note or 'it does not').split(';')[0]}" if wrong else ""
        shown = period.strftime("%d %b %Y" if len(day) > 7 else "%b %Y").removeprefix("0")
        row = [period.start_time, shown, what, DIFFERS if wrong else FITS, False]
        drawn.loc[len(drawn)] = row
    events = drawn.sort_values("when", kind="stable")
    texts = [textwrap.wrap(what, LINE, break_on_hyphens=False) for what in events["what"]]
    heights = [ROW + MORE * (len(lines) - 1) + 0.05 for lines in texts]
    whole = sum(heights)
    figure, axes = canvas(whole + 0.5)
    axes.set(xlim=(0, 1), ylim=(whole, 0))
    axes.set_axis_off()
    axes.plot([MARK, MARK], [0, whole], color="#D0D0D0", linewidth=1.4)
    top: Any = 0.0
    for event, lines, height in zip(events.itertuples(), texts, heights, strict=True):
        row = top + height / 2
        colour, marker = LOOKS[event.group]
        edge: Any = {"markersize": 8, "markeredgewidth": 1.6, "zorder": 3}
        point(axes, MARK, row, colour, marker, hollow=event.hollow, **edge)
        bold, ink = event.group in (FITS, DIFFERS), RED if event.group == DIFFERS else INK
        write(axes, WHEN, row, event.shown, bold=bold, color=ink if bold else FAINT)
        write(axes, WHAT, row, "\n".join(lines), bold=bold, color=ink, linespacing=1.25)
        top += height
    handles = [mark(group, *look, markersize=7) for group, look in LOOKS.items()]
    handles.append(mark("unverified", INK, "s", hollow=True, markersize=7))
    figure.legend(handles=handles, loc="outside lower left", ncols=4, handletextpad=0.1, columnspacing=1.4)
    dated = [verdict for same in in_print.values() for verdict in same]
    fitting = sum(not verdict.kind.is_mistake for verdict in dated)
    title = f"{fitting} of {len(dated)} printed dates fit the sources"
    headline(figure, title, "in the order of time, Pacific time")
    listed = "; ".join(f"{event.shown} {event.what}" for event in events.itertuples())
    doubtful = ", ".join(events["what"][events["hollow"]]) or "none"
    return (
        figure,
        f"Events in the order of time, with the dates that are printed: {listed}. Unverified: {doubtful}.",
    )
