"""Charts of context windows, of books and of what a new generation cost to train."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from costcheck.formulas import books_from_words, difference, ratio
from costcheck.notebook.plots.palette import BLUE, GREY, INK, ORANGE, RED, SKY
from costcheck.notebook.plots.style import Column, Frame, beside, canvas, chart, headline, rows, thousands


@chart
def books_in_window(books: Column, words: Column) -> tuple[Figure, str]:
    """Draw the length of books beside what a context window holds: dark where the whole book fits.

    Args:
        books: By title, the length of each [word].
        words: What the window holds by the ``rule``, and of the texts with the ``fewest`` and with the
            ``most`` words a token [word].
    """
    figure, axes = canvas(3.9)
    window, low, high = words["rule"], words["fewest"], words["most"]
    left, right = min(low, window), max(high, window)  # a window by another rule may lie outside the band
    axes.axvspan(low, high, color=ORANGE, alpha=0.3, linewidth=0, zorder=0)
    held = books_from_words(window, books)
    for place, (length, share) in enumerate(zip(books, held, strict=True)):
        whole = share >= 1
        axes.barh(place, length, color=BLUE if whole else SKY, height=0.66)
        fits = f"fits {share:,.2f} times" if whole else f"{min(share, 0.99):.0%} of it fits"
        beside(axes, fits, (max(length, right), place), 5, bold=bool(whole))
    axes.axvline(window, color=RED, linewidth=1.8)
    limit = 1.3 * max(*books, right)
    at, aside = (right, 5) if right < limit / 2 else (left, -5)
    beside(axes, f"the window: {window:,.0f} words", (at, -1.4), aside, bold=True, color=RED)
    beside(axes, f"by ten novels: {low:,.0f} to {high:,.0f}", (at, -0.85), aside, color=RED)
    rows(axes, [f"{name}\n{length:,.0f}" for name, length in books.items()], above=1.8)
    axes.tick_params(axis="y", labelsize=9.5)
    axes.set_xlim(0, limit)
    axes.locator_params(axis="x", nbins=4)
    thousands(axes.xaxis)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("length of a volume [English words]")
    headline(figure, f"The window holds {(held >= 1).sum()} of {len(books)} Harry Potter volumes whole")
    shares = ", ".join(f"{name} {share:.2f}" for name, share in held.items())
    return figure, (
        f"Bars of the words in {len(books)} volumes, {books.min():,.0f} to {books.max():,.0f}, and a line at "
        f"{window:,.0f} words, the window, in a band of {low:,.0f} to {high:,.0f}. It holds: {shares}."
    )


@chart
def compute_of_generations(hours: Frame) -> tuple[Figure, str]:
    """Draw the training time of two generations of models, size by size, the newer with its change.

    Args:
        hours: By size and by generation, the older first, the training time [GPU-hour].
    """
    figure, axes = canvas(2.9)
    older, newer = hours.columns
    changes = difference(ratio(hours[newer], hours[older]), 1)
    names: dict[float, str] = {}
    for place, (size, row) in enumerate(hours.iterrows()):
        for step, (generation, colour) in enumerate(((older, GREY), (newer, BLUE))):
            y, millions = 2.5 * place + 0.9 * step, row[generation] / 1e6
            names[y] = f"{generation} {size}"
            axes.barh(y, millions, color=colour, height=0.82)
            label = beside(axes, f"{millions:,.2f}", (millions, y), 5)
        look: Any = {"xycoords": label, "color": RED, "fontsize": 12}
        beside(axes, f"{changes[size]:+.0%}", (1, 0.5), 8, bold=True, **look)
    axes.set_yticks(list(names), list(names.values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.2 * hours.to_numpy().max() / 1e6)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", labelcolor=INK)
    saved = "No" if (changes >= 0).all() else "Some"
    listed = " and ".join(f"{change:+.0%}" for change in changes)
    title = f"{saved} compute was saved: {listed} GPU-hours at equal size"
    headline(figure, title, "training time [million H100-hours]", source="Source: Meta's model cards")
    said = "; ".join(
        f"{size}: {older} {row[older] / 1e6:.2f}, {newer} {row[newer] / 1e6:.2f} ({changes[size]:+.0%})"
        for size, row in hours.iterrows()
    )
    return figure, f"Bars of training time in million H100-hours. {said}."
