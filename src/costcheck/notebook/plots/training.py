"""Charts of training time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from costcheck.formulas import gpus_for_deadline
from costcheck.notebook.plots.palette import BLUE, DASHED, GREY, INK, RED, SKY
from costcheck.notebook.plots.style import beside, canvas, chart, headline, plain_log, point


@chart
def gpus_against_deadline(
    gpu_hours: float, marks: Mapping[str, tuple[float, float]], title: str, utilisation: float = 1.0
) -> Figure:
    """Draw how many GPUs a training needs against the time it may take, on logarithmic axes.

    Args:
        marks: By label, a point as days and GPUs.
        utilisation: Share of the time in which a GPU works, 0 < u <= 1 [1].
    """
    figure, axes = canvas()
    days = np.geomspace(7, 365, 200)
    axes.plot(days, gpus_for_deadline(gpu_hours, days, utilisation), color=BLUE, linewidth=2.2)
    for (label, (day, gpus)), colour in zip(marks.items(), (RED, INK, GREY), strict=False):
        axes.plot([day, day, days[0]], [1e3, gpus, gpus], color=colour, linewidth=0.9, linestyle=DASHED)
        point(axes, day, gpus, colour, markersize=8)
        beside(axes, label, (day, gpus), 10, 8, bold=True, color=colour, va="baseline")
    axes.set(xscale="log", yscale="log", xlim=(days[0], days[-1]), ylim=(2e3, 3e5))
    axes.set_xticks([7, 14, 30, 60, 90, 180, 365])
    axes.set_yticks([5_000, 10_000, 20_000, 50_000, 100_000, 200_000])
    plain_log(axes.xaxis)
    plain_log(axes.yaxis)
    axes.grid(axis="y")
    axes.set_xlabel("wall-clock time allowed [days, both axes logarithmic]")
    busy = "all" if utilisation == 1 else f"{utilisation:.3g} of"
    headline(figure, title, f"GPUs that must run side by side, all of them {busy} the time [H100]")
    return figure


@chart
def gpu_hours_by_model(
    models: Sequence[str], gpu_hours: Sequence[float], gpus: Sequence[str], title: str
) -> Figure:
    """Draw the training time of several models [GPU-hour], coloured by the GPU each was trained on."""
    figure, axes = canvas(height=4.2)
    kinds = list(dict.fromkeys(gpus))
    colours = dict(zip(kinds, (SKY, BLUE), strict=False))
    millions = [hours / 1e6 for hours in gpu_hours]
    for kind in kinds:
        places = [place for place, gpu in enumerate(gpus) if gpu == kind]
        axes.barh(places, [millions[place] for place in places], color=colours[kind], height=0.7, label=kind)
    for place, value in enumerate(millions):
        beside(axes, f"{value:,.2f}", (value, place), 4)
    axes.set_yticks(range(len(models)), models)
    axes.invert_yaxis()
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xticks([])
    axes.set_xlim(0, max(millions) * 1.1)
    axes.legend(title="trained on", loc="center right")
    headline(figure, title, "training time [million GPU-hours]", source="Source: Meta's model cards")
    return figure
