"""The house style: colours that everybody can tell apart, a title that says the point, little else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

# Okabe and Ito's palette, distinguishable with every common colour vision.
BLUE, ORANGE, GREEN, RED, SKY, PINK, GREY, INK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#8C8C8C",
    "#222222",
)
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "hatch.linewidth": 0.6,
}


def chart(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw a chart in the house style, whatever style the caller has set."""
    import functools

    @functools.wraps(draw)
    def styled(*args: Any, **kwargs: Any) -> Figure:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            return draw(*args, **kwargs)

    return styled


def canvas(width: float = 8.0, height: float = 4.5, **subplots: Any) -> tuple[Figure, Any]:
    """Make a figure and its axes, laid out so that nothing is cut off [inch]."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(**subplots)


def headline(figure: Figure, title: str, subtitle: str = "") -> None:
    """Say the point in the title, and what is shown with its unit in the subtitle, both flush left."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    if subtitle:
        figure.axes[0].set_title(subtitle, loc="left", fontsize=9.5, color="#555555")


def source(figure: Figure, text: str) -> None:
    """Name the source at the foot."""
    figure.supxlabel(text, x=0.01, ha="left", fontsize=7.5, color="#555555")


def thousands(axis: Any) -> None:
    """Write an axis' ticks as 12,000."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def plain_log(axis: Any) -> None:
    """Write a logarithmic axis' ticks as 0.1, 10, 12,000, and label no minor tick."""
    from matplotlib.ticker import NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
    axis.set_tick_params(which="minor", length=0)


def bar_labels(axes: Axes, texts: list[str], values: list[float], **text: Any) -> None:
    """Write a text at the end of each horizontal bar, and leave room for it."""
    for place, (label, value) in enumerate(zip(texts, values, strict=True)):
        axes.annotate(label, (value, place), xytext=(4, 0), textcoords="offset points", va="center", **text)
