"""Charts of context windows, of books and of what a new generation cost to train."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from costcheck.formulas import books_from_words, difference, ratio
from costcheck.plots.style import BLUE, GREY, INK, ORANGE, RED, SKY, canvas, chart, headline, source, thousands


@chart
def books_in_window(
    titles: Sequence[str], words: Sequence[float], window: float, low: float, high: float, title: str
) -> Figure:
    """Draw the length of books beside what a context window holds.

    Args:
        titles: The books.
        words: Their lengths [word].
        window: What the window holds [word].
        low: What it holds of the text with the fewest words a token [word].
        high: What it holds of the text with the most [word].
        title: The point.

    Returns:
        A figure of horizontal bars, dark where the whole book fits, with the window as a line in a band.
    """
    figure, axes = canvas(height=4.3)
    holds = [books_from_words(window, length) for length in words]
    axes.barh(range(len(words)), words, color=[BLUE if books >= 1 else SKY for books in holds], height=0.66)
    axes.axvspan(low, high, color=ORANGE, alpha=0.28, linewidth=0)
    axes.axvline(window, color=RED, linewidth=1.8)
    right = 1.04 * max(*words, high)
    for place, books in enumerate(holds):
        weight = "bold" if books >= 1 else "normal"
        axes.text(right, place, f"{books:,.2f}", va="center", ha="left", fontweight=weight)
    axes.text(right, -0.85, "fits\ntimes", va="bottom", ha="left", color="#555555", linespacing=1.1)
    left_half = window < right / 2
    axes.annotate(
        f"the window: {window:,.0f} words\nten novels, by tokenizer: {low:,.0f} to {high:,.0f}",
        (high if left_half else low, -0.85),
        xytext=(5 if left_half else -5, 0),
        textcoords="offset points",
        ha="left" if left_half else "right",
        va="bottom",
        color=RED,
        fontweight="bold",
        linespacing=1.25,
    )
    axes.set_yticks(
        range(len(titles)), [f"{name}  {length:,.0f}" for name, length in zip(titles, words, strict=True)]
    )
    axes.set(ylim=(len(words) - 0.5, -1.9), xlim=(0, right))
    axes.locator_params(axis="x", nbins=6)
    thousands(axes.xaxis)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("length [English words]; dark: the whole volume fits")
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
    """Draw the training time of two generations of models, size by size.

    Args:
        sizes: The sizes both generations have.
        before: Training times of the older generation [GPU-hour].
        after: Training times of the newer one [GPU-hour].
        generations: Names of the older and the newer generation.
        title: The point.

    Returns:
        A figure of horizontal bars, two a size, the newer labelled with its change.
    """
    figure, axes = canvas(height=3.5)
    names: dict[float, str] = {}
    for place, (size, old, new) in enumerate(zip(sizes, before, after, strict=True)):
        change = difference(ratio(new, old), 1)
        for step, (generation, hours, colour) in enumerate(
            zip(generations, (old, new), (GREY, BLUE), strict=True)
        ):
            y = 2.5 * place + 0.9 * step
            names[y] = f"{generation} {size}"
            axes.barh(y, hours / 1e6, color=colour, height=0.82)
            label = axes.annotate(
                f"{hours / 1e6:,.2f}", (hours / 1e6, y), xytext=(5, 0), textcoords="offset points", va="center"
            )
        axes.annotate(
            f"{change:+.0%}",
            xy=(1, 0.5),
            xycoords=label,
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=RED,
            fontweight="bold",
            fontsize=12,
        )
    axes.set_yticks(list(names), list(names.values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.17 * max(*before, *after) / 1e6)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", labelcolor=INK)
    headline(figure, title, "training time [million H100-hours]; in red: the change at equal size")
    source(figure, "Source: Meta's model cards")
    return figure
