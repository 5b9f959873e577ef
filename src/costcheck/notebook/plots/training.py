"""Charts of training time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from costcheck.formulas import gpus_for_deadline, ratio
from costcheck.notebook.plots.palette import BLUE, DASHED, GREEN, GREY, INK, RED, SKY
from costcheck.notebook.plots.style import (
    Frame,
    beside,
    canvas,
    chart,
    headline,
    plain_log,
    point,
    rows,
    wrapped,
)

SPANS = {"second": 1 / 86_400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "year": 365.0}
"""Of time, as labels [day]."""


def duration(days: float, days_in_year: float = 365) -> str:
    """Write a time in the largest unit of which it has two.

    >>> duration(1_284_983), duration(78.4), duration(7.6 / 86_400), duration(1 / 86_400)
    ('3,521 years', '78 days', '8 seconds', '1 second')
    """
    spans = SPANS | {"year": days_in_year}
    name = next((name for name in reversed(spans) if days >= 2 * spans[name]), "second")
    number = f"{days / spans[name]:,.0f}"
    return f"{number} {name}{'s' * (number != '1')}"


@chart
def training_and_running(times: Frame, days_in_year: float = 365) -> tuple[Figure, str]:
    """Draw how long things take on a logarithmic axis of time, training before running.

    Args:
        times: By what takes it, ``days`` [day] and ``phase``, ``"train"`` or ``"run"``.
        days_in_year: Days counted as a year [day].
    """
    figure, axes = canvas(0.7 + 0.55 * len(times))
    left, right = 0.3 * SPANS["second"], 40 * max(times["days"].max(), 365)
    words = [duration(days, days_in_year) for days in times["days"]]
    for place, (days, phase) in enumerate(zip(times["days"], times["phase"], strict=True)):
        colour = "#00785A" if phase == "run" else RED if place == 0 else INK
        axes.plot([left, days], [place, place], color="#E3E3E3", linewidth=1.2, zorder=0)
        point(axes, days, place, colour, markersize=9)
        beside(axes, words[place], (days, place), 9, bold=True, color=colour)
    axes.set(xscale="log", xlim=(left, right))
    ticks = [*(SPANS[name] for name in ("second", "hour", "day")), 365, 365e3]
    axes.set_xticks(ticks, ["second", "hour", "day", "year", "1,000 years"])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x")
    rows(axes, [wrapped(str(what), 27) for what in times.index])
    axes.spines["left"].set_visible(False)
    phases = list(times["phase"])
    title = f"Training on one GPU would take {words[0]}"
    if "run" in phases:
        title += f"; one answer takes {words[phases.index('run')]}"
    headline(figure, title, "logarithmic axis")
    listed = ", ".join(f"{what} {span}" for what, span in zip(times.index, words, strict=True))
    return figure, f"Times on a logarithmic axis: {listed}."


@chart
def gpus_against_deadline(gpu_hours: float, fleets: Frame, utilisation: float = 1.0) -> tuple[Figure, str]:
    """Draw how many GPUs a training needs against the time it may take, on logarithmic axes.

    Args:
        gpu_hours: What the training takes [GPU-hour].
        fleets: By name, ``days`` and ``gpus``, each a point; the first is compared with the second.
        utilisation: Share of the time in which a GPU works, 0 < u <= 1 [1].
    """
    figure, axes = canvas(3.7)
    days = np.geomspace(7, 365, 200)
    axes.plot(days, gpus_for_deadline(gpu_hours, days, utilisation), color=BLUE, linewidth=2.2)
    for (name, fleet), colour in zip(fleets.iterrows(), (RED, INK, GREY), strict=False):
        day, gpus = fleet["days"], fleet["gpus"]
        axes.plot([day, day, days[0]], [1e3, gpus, gpus], color=colour, linewidth=0.9, linestyle=DASHED)
        point(axes, day, gpus, colour, markersize=8)
        label = f"{name}:\n{gpus:,.0f} GPUs, {day:.0f} days"
        beside(axes, label, (day, gpus), 8, 6, bold=True, color=colour, va="bottom")
    axes.set(xscale="log", yscale="log", xlim=(days[0], days[-1]), ylim=(2e3, 3e5))
    axes.set_xticks([7, 14, 30, 60, 90, 180, 365])
    axes.set_yticks([5_000, 10_000, 20_000, 50_000, 100_000, 200_000])
    plain_log(axes.xaxis)
    plain_log(axes.yaxis)
    axes.grid(axis="y")
    axes.set_xlabel("days allowed for the training [both axes logarithmic]")
    busy = "all" if utilisation == 1 else f"{utilisation:.3g} of"
    day, gpus = (list(fleets[column]) for column in ("days", "gpus"))
    more = ratio(gpus[0], gpus[1])
    title = f"Finishing in {day[0]:g} days takes {more:.1f} times the GPUs that Meta used"
    headline(figure, title, f"GPUs at work side by side, {busy} the time [H100]")
    marked = ", ".join(
        f"{name} {many:,.0f} GPUs for {long:.0f} days"
        for name, many, long in zip(fleets.index, gpus, day, strict=True)
    )
    return figure, f"A falling line: the more days, the fewer GPUs. Marked: {marked}."


@chart
def gpu_hours_by_model(runs: Frame) -> tuple[Figure, str]:
    """Draw the training time of several models and the totals of their makers' tables.

    Args:
        runs: ``model``, ``row_role`` (``"model"`` or ``"total"``), ``gpu`` and ``gpu_hours``.
    """
    runs = runs.reset_index(drop=True)
    figure, axes = canvas(0.5 + 0.33 * len(runs))
    kinds = dict(zip(runs["gpu"].unique(), (SKY, BLUE, GREEN), strict=False))
    totals = runs["row_role"] == "total"
    millions = runs["gpu_hours"] / 1e6
    for gpu, colour in kinds.items():
        one = runs.index[(runs["gpu"] == gpu) & ~totals]
        axes.barh(one, millions[one], color=colour, height=0.7, label=f"trained on {gpu}")
    axes.barh(runs.index[totals], millions[totals], color="#BFBFBF", height=0.7, label="total in the table")
    for place, value in enumerate(millions):
        beside(axes, f"{value:,.2f}", (value, place), 4, bold=bool(totals[place]))
    rows(axes, [name.replace("(printed total)", "in all") for name in runs["model"]])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xticks([])
    axes.set_xlim(0, 1.12 * millions.max())
    axes.legend(loc="upper right")
    first, second = runs.loc[~totals].nlargest(2, "gpu_hours").itertuples()
    title = (
        f"{first.model} took {ratio(first.gpu_hours, second.gpu_hours):.1f} times the GPU-hours of the next"
    )
    headline(figure, title, "training time [million GPU-hours]", source="Source: Meta's model cards")
    listed = ", ".join(f"{run.model} {run.gpu_hours / 1e6:.2f}" for run in runs.itertuples())
    return figure, f"Bars of training time in million GPU-hours: {listed}."
