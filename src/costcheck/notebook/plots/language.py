"""Charts of context windows, of books and of what a new generation cost to train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from costcheck.formulas import books_from_words, difference, ratio
from costcheck.notebook.plots.palette import BLUE, GREY, INK, ORANGE, RED, SKY
from costcheck.notebook.plots.style import beside, canvas, chart, headline, rows, thousands


@chart
def books_in_window(
    titles: Sequence[str], words: Sequence[float], window: float, low: float, high: float, title: str
) -> Figure:
    """Draw the length of books beside what a context window holds [word]: dark where the whole book fits.

    ``low`` and ``high`` are what it holds of the texts with the fewest and with the most words a token.
    """
    figure, axes = canvas(height=4.3)
    left, right = min(low, window), max(high, window)  # a window by another rule may lie outside the band
    axes.axvspan(low, high, color=ORANGE, alpha=0.3, linewidth=0, zorder=0)
    for place, length in enumerate(words):
        books = books_from_words(window, length)
        whole = books >= 1
        axes.barh(place, length, color=BLUE if whole else SKY, height=0.66)
        share = f"fits {books:,.2f} times" if whole else f"{min(books, 0.99):.0%} of it fits"
        beside(axes, share, (max(length, right), place), 5, bold=whole)
    axes.axvline(window, color=RED, linewidth=1.8)
    limit = 1.22 * max(*words, right)
    at, aside = (right, 5) if right < limit / 2 else (left, -5)
    beside(axes, f"the window: {window:,.0f} words", (at, -1.35), aside, bold=True, color=RED)
    beside(axes, f"by ten novels: {low:,.0f} to {high:,.0f}", (at, -0.85), aside, color=RED)
    rows(axes, [f"{name}  {length:,.0f}" for name, length in zip(titles, words, strict=True)], above=1.75)
    axes.set_xlim(0, limit)
    axes.locator_params(axis="x", nbins=6)
    thousands(axes.xaxis)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("length of a volume [English words]")
    headline(figure, title)
    return figure


@chart
def compute_of_generations(
    sizes: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    generations: tuple[str, str],
    title: str,
) -> Figure:
    """Draw the training time of two generations of models, size by size [GPU-hour].

    Horizontal bars, two a size, the newer labelled with its change.
    """
    figure, axes = canvas(height=3.5)
    names: dict[float, str] = {}
    for place, (size, old, new) in enumerate(zip(sizes, before, after, strict=True)):
        change = difference(ratio(new, old), 1)
        bars = zip(generations, (old, new), (GREY, BLUE), strict=True)
        for step, (generation, hours, colour) in enumerate(bars):
            y = 2.5 * place + 0.9 * step
            names[y] = f"{generation} {size}"
            axes.barh(y, hours / 1e6, color=colour, height=0.82)
            label = beside(axes, f"{hours / 1e6:,.2f}", (hours / 1e6, y), 5)
        look: Any = {"xycoords": label, "color": RED, "fontsize": 12}
        beside(axes, f"{change:+.0%}", (1, 0.5), 8, bold=True, **look)
    axes.set_yticks(list(names), list(names.values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.17 * max(*before, *after) / 1e6)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", labelcolor=INK)
    subtitle = "training time [million H100-hours]; in red: the change at equal size"
    headline(figure, title, subtitle, source="Source: Meta's model cards")
    return figure
