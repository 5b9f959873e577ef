"""Charts of how much memory a model takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from costcheck.formulas import ratio
from costcheck.notebook.plots.palette import BLUE, GREY, INK, ORANGE, RED, SKY
from costcheck.notebook.plots.style import Column, Frame, beside, canvas, chart, headline, thousands, write

COLOURS = (SKY, BLUE, INK, GREY)


@chart
def weights_by_precision(weights: Frame) -> tuple[Figure, str]:
    """Draw what the weights of two models take in several formats, and which two the articles compare.

    Args:
        weights: By model, the larger one first, and by format, from the widest, the size of the weights [GB].
    """
    figure, axes = canvas(3.9)
    (larger, big), (smaller, small) = weights.iterrows()
    compared = {(larger, "bf16"), (smaller, "fp32")}
    tops: dict[tuple[Any, Any], tuple[float, float]] = {}
    for model, offset, colour in ((larger, -0.19, BLUE), (smaller, 0.19, ORANGE)):
        for place, (precision, size) in enumerate(weights.loc[model].items()):
            strong = (model, precision) in compared
            axes.bar(place + offset, size, width=0.36, color=colour, alpha=1 if strong else 0.4)
            tops[model, precision] = (place + offset, size)
            look: Any = {"ha": "center", "va": "baseline", "bold": strong}
            beside(axes, f"{size:,.0f}", (place + offset, size), 0, 3, **look)
    highest = max(size for _, size in tops.values())
    (x, y), (other_x, other_y) = tops[larger, "bf16"], tops[smaller, "fp32"]
    bracket = max(y, other_y) + 0.16 * highest
    feet = [height + 0.085 * highest for height in (other_y, y)]
    axes.plot([other_x, other_x, x, x], [feet[0], bracket, bracket, feet[1]], color=RED, linewidth=1.4)
    words = f"the articles compare these two: {ratio(y, other_y):.1f} times"
    beside(axes, words, (min(x, other_x), bracket), 0, 5, bold=True, color=RED, va="baseline")
    axes.legend(
        handles=[Patch(color=BLUE, label=larger), Patch(color=ORANGE, label=smaller)], loc="upper right"
    )
    times = ratio(big, small)
    labels = [f"{precision}\n{times[precision]:.1f} times" for precision in weights.columns]
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylim(0, 1.14 * highest)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    title = f"In the same format {larger} is {times['bf16']:.1f} times {smaller}, not {ratio(y, other_y):.1f}"
    headline(figure, title, "size of the weights [GB = 1e9 byte]")
    listed = ", ".join(f"{name} {big[name]:,.0f} and {small[name]:,.0f}" for name in weights.columns)
    return figure, (
        f"Bars of the size of the weights [GB], {larger} and {smaller}: {listed}. The articles compare "
        f"{y:,.0f} in bf16 with {other_y:,.0f} in fp32, {ratio(y, other_y):.1f} times."
    )


@chart
def memory_by_context(
    weights: Column, cache: Frame, gpu_memory_gb: float, fleets: Sequence[int] = (8, 16)
) -> tuple[Figure, str]:
    """Draw the memory that running a model takes by the length of the context, for several users at once.

    Args:
        weights: By format, what the weights take [GB]; each has its panel, on one scale.
        cache: By context of each user, rising [token], and by number of users, rising, what all their keys
            and values take [GB].
        gpu_memory_gb: Memory of one GPU [GB].
        fleets: Numbers of GPUs whose memory is drawn as a line [GPU].
    """
    figure, panels = canvas(4.2, ncols=len(weights), sharey=True, squeeze=False)
    end, most = cache.index[-1], cache.to_numpy().max()
    top = 1.08 * max(weights.max() + most, gpu_memory_gb * max(fleets))
    for axes, (precision, size) in zip(panels[0], weights.items(), strict=True):
        axes.fill_between([0, end], 0, size, color=GREY, alpha=0.22, linewidth=0)
        write(axes, 0.5 * end, 0.5 * size, f"weights: {size:,.0f} GB", "center")
        ends = _spread([size + cache[users].iloc[-1] for users in cache], 0.06 * top)
        for users, colour, height in zip(cache, COLOURS, ends, strict=False):
            axes.plot(cache.index, size + cache[users], color=colour, linewidth=2.2)
            name, ink = f"{users} user{'s' if users > 1 else ''}", colour if colour != SKY else "#2A7FB8"
            beside(axes, name, (end, height), 4, color=ink, fontsize=9.5, annotation_clip=False)
        for fleet in fleets:
            axes.axhline(fleet * gpu_memory_gb, color=RED, linewidth=1.3, linestyle=(0, (5, 3)))
        axes.set(xlim=(0, end), ylim=(0, top))
        axes.set_xticks([0, end / 2])
        thousands(axes.xaxis)
        thousands(axes.yaxis)
        axes.set_xlabel("context of each user [token]", fontsize=9.5)
        axes.set_title(f"weights in {precision}", loc="left", fontsize=10.5, fontweight="bold")
    for fleet in fleets:  # once: the panels share their scale, and in the others lines cross the place
        memory = fleet * gpu_memory_gb
        text, place = f"{fleet} H100s", (0.02 * end, memory)
        look: Any = {"color": RED, "fontsize": 9.5, "va": "baseline"}
        beside(panels[0, 0], text, place, 0, 4, bold=True, **look)
    one = cache.iloc[-1, 0]
    headline(
        figure,
        f"The weights take {weights.iloc[0]:,.0f} GB; each user's context adds up to {one:.0f} GB",
        "memory needed [GB]",
    )
    sizes = " and ".join(f"{size:,.0f} in {name}" for name, size in weights.items())
    added = ", ".join(f"{gb:,.0f} for {users} at once" for users, gb in cache.iloc[-1].items())
    return figure, (
        f"Memory against context up to {end:,.0f} tokens [GB]. The weights take {sizes}; at the end of the "
        f"context, keys and values add {added}. Lines: {' and '.join(map(str, fleets))} H100s."
    )


def _spread(heights: Sequence[float], gap: float) -> list[float]:
    """Lift rising heights as far as needed for labels not to overlap."""
    lifted: list[float] = []
    for height in heights:
        lifted.append(max(height, lifted[-1] + gap) if lifted else height)
    return lifted
