"""The house style: a title that says the point, colours for everybody, little else."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from costcheck.notebook.plots.palette import FAINT, GREY, INK

if TYPE_CHECKING:
    from costcheck.notebook.show import Shown

P = ParamSpec("P")
R = TypeVar("R")
Frame: TypeAlias = Any  # a data frame of pandas, whose types know a cell only as one of twenty kinds
Column: TypeAlias = Any  # a series
WIDTH = 6.8
"""Of every figure: its words are legible in a notebook, and still on a telephone [inch]."""
TITLE, TEXT, NOTE = 13.5, 10.5, 8.5
"""Sizes of type [point]."""
HATCH = "////"
"""Over what rests on unverified data."""
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
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


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw in the house style, whatever style the caller has set."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            return draw(*args, **kwargs)

    return drawn


def chart(draw: Callable[P, tuple[Figure, str]]) -> Callable[P, Shown]:
    """Show what a function draws, a figure and its alternative text, under the function's name."""

    @functools.wraps(draw)
    def shown(*args: P.args, **kwargs: P.kwargs) -> Shown:
        from costcheck.notebook.show import show

        figure, alt = styled(draw)(*args, **kwargs)
        return show(figure, draw.__name__, alt)

    return shown


def canvas(height: float = 4.0, **subplots: Any) -> tuple[Figure, Any]:
    """Make a figure and its axes, laid out so that nothing is cut off [inch]."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(**subplots)


def headline(figure: Figure, title: str, subtitle: str = "", source: str = "") -> None:
    """Put the point in the title, what is shown with its unit under it, and the source at the foot.

    The figure grows by the room they take. Lines are broken where they would leave it.
    """
    width, height = figure.get_size_inches() * 72
    lines: list[tuple[str, float, Any]]
    lines = [(line, TITLE, {"fontweight": "bold"}) for line in _wrapped(title, width / TITLE / 0.65)]
    lines += [(line, TEXT, {"color": FAINT}) for line in _wrapped(subtitle, width / TEXT / 0.56)]
    above = sum(1.32 * size for _, size, _ in lines) + 6
    figure.set_figheight((height + above) / 72)
    top = height + above
    for line, size, look in lines:
        top -= 1.32 * size
        place = (0.01, top / (height + above))
        figure.text(*place, line, fontsize=size, va="baseline", **look)
    layout: Any = figure.get_layout_engine()
    layout.set(rect=(0.005, 0, 0.985, height / (height + above)))
    if source:
        lines_below = [_wrapped(line, width / NOTE / 0.55) for line in source.splitlines()]
        foot = "\n".join(line for below in lines_below for line in below)
        figure.supxlabel(foot, x=0.01, ha="left", fontsize=NOTE, color=FAINT)


def _wrapped(text: str, width: float) -> list[str]:
    """Break a text into as few lines as it takes, all of about one length."""
    lines = textwrap.wrap(text, int(width))
    while len(lines) > 1 and len(narrower := textwrap.wrap(text, int(width) - 1)) == len(lines):
        lines, width = narrower, width - 1
    return lines


def wrapped(text: str, width: int) -> str:
    """Break a label into lines of so many characters."""
    return "\n".join(textwrap.wrap(text, width))


def write(
    axes: Axes, x: Any, y: float, text: str, ha: str = "left", *, bold: bool = False, **more: Any
) -> None:
    """Write a text at a place, centred on its height."""
    axes.text(x, y, text, **{"ha": ha, "va": "center", "fontweight": weight(bold)} | more)


def beside(
    axes: Axes, text: str, place: Any, right: float, up: float = 0, *, bold: bool = False, **more: Any
) -> Annotation:
    """Write a text beside a place: so far to the right of it, or the left, and above it [point]."""
    settings = {"va": "center", "ha": "right" if right < 0 else "left", "fontweight": weight(bold)} | more
    return axes.annotate(text, place, xytext=(right, up), textcoords="offset points", **settings)


def weight(bold: bool) -> str:
    """Return the weight of a font."""
    return "bold" if bold else "normal"


def point(
    axes: Axes, x: Any, y: Any, colour: str, marker: str = "o", *, hollow: bool = False, **more: Any
) -> None:
    """Mark a place, hollow where it rests on unverified data."""
    axes.plot(x, y, marker, color=colour, markerfacecolor="white" if hollow else colour, **more)


def mark(label: str, colour: str, marker: str = "o", *, hollow: bool = False, **more: Any) -> Line2D:
    """Return the entry of a legend for a `point`."""
    look = {"linestyle": "", "markerfacecolor": "white" if hollow else colour} | more
    return Line2D([], [], color=colour, marker=marker, label=label, **look)


def hatched(label: str, colour: str = "white", edge: str = GREY) -> Patch:
    """Return the entry of a legend for what rests on unverified data."""
    return Patch(facecolor=colour, edgecolor=edge, hatch=HATCH, label=label)


def foot_legend(figure: Figure, handles: Sequence[Any], ncols: int = 3, **more: Any) -> None:
    """Put a legend below the panels."""
    figure.legend(handles=handles, loc="outside lower left", ncols=ncols, **more)


def rows(axes: Axes, names: Sequence[str], above: float = 0.5, below: float = 0.5) -> None:
    """Name the rows of a chart, the first on top, with so much room above and below them [row]."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(1, len(names)) - 1 + below, -above)


def thousands(axis: Any) -> None:
    """Write an axis' ticks as 12,000."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def plain_log(axis: Any) -> None:
    """Write a logarithmic axis' ticks as 0.1, 10, 12,000, and label no minor tick."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
    axis.set_tick_params(which="minor", length=0)


def factor_axis(axis: Any) -> None:
    """Write an axis' ticks as 10×, and label no minor tick."""
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:,.10g}×" if 1e-6 < value < 1e6 else f"{value:g}×")
    )
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def drawable(text: str) -> bool:
    """Tell whether the charts' font has a glyph for every character of a text.

    >>> drawable("3.8×10²⁵ FLOP"), drawable("17亿美金")
    (True, False)
    """
    from matplotlib.font_manager import findfont, get_font

    if text.isascii() and text.isprintable():
        return True
    glyphs = get_font(findfont("DejaVu Sans")).get_charmap()
    return text.isprintable() and all(ord(character) in glyphs for character in text)


def safe_label(text: str, instead: str, longest: int = 44) -> str:
    r"""Make a text drawable: one short line, no formula, ``instead`` where the font lacks a letter.

    >>> safe_label("h100_usd=25000", "B"), safe_label("漢字", "B"), safe_label("$a$", "B")
    ('h100_usd=25000', 'B', '\\$a\\$')
    >>> safe_label("2023 to 2025", "B", 5)
    '2023…'
    """
    text = " ".join(text.split())
    if len(text) > longest:
        text = f"{text[: longest - 1].rstrip()}…"
    return (text if text and drawable(text) else instead).replace("$", r"\$")
