"""Charts of how much memory a model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from costcheck.formulas import ratio
from costcheck.notebook.plots.palette import BLUE, FAINT, GREY, INK, ORANGE, RED, SKY
from costcheck.notebook.plots.style import beside, canvas, chart, headline, thousands, write

Bar = tuple[str, str]
COLOURS = (SKY, BLUE, INK, GREY)


@chart
def weights_by_precision(
    precisions: Mapping[str, float],
    sizes_gb: Mapping[str, Sequence[float]],
    compared: tuple[Bar, Bar],
    remark: str,
    title: str,
) -> Figure:
    """Draw what the weights of two models take in several formats, two of the bars set against each other.

    Args:
        precisions: By name of the format, what it takes for one parameter [byte].
        sizes_gb: By model, the larger one first, its weights in each format [GB].
        compared: The two bars somebody compares, each a model and a format; the others are drawn pale.
        remark: Who compares them; their ratio is put after it.
    """
    figure, axes = canvas(height=4.9)
    larger, smaller = sizes_gb
    tops: dict[Bar, tuple[float, float]] = {}
    for model, offset, colour in ((larger, -0.19, BLUE), (smaller, 0.19, ORANGE)):
        for place, (precision, size) in enumerate(zip(precisions, sizes_gb[model], strict=True)):
            strong = (model, precision) in compared
            axes.bar(place + offset, size, width=0.36, color=colour, alpha=1 if strong else 0.4)
            tops[model, precision] = (place + offset, size)
            beside(
                axes, f"{size:,.0f}", (place + offset, size), 0, 3, bold=strong, ha="center", va="baseline"
            )
    highest = max(size for _, size in tops.values())
    (x, y), (other_x, other_y) = (tops[bar] for bar in compared)
    bracket = max(y, other_y) + 0.13 * highest
    feet = [height + 0.075 * highest for height in (other_y, y)]
    axes.plot([other_x, other_x, x, x], [feet[0], bracket, bracket, feet[1]], color=RED, linewidth=1.4)
    words = f"{remark}: {ratio(y, other_y):.1f} times"
    beside(axes, words, (min(x, other_x), bracket), 0, 5, bold=True, color=RED, va="baseline")
    handles = [Patch(color=BLUE, label=larger), Patch(color=ORANGE, label=smaller)]
    axes.legend(handles=handles, loc="upper right", fontsize=10.5)
    pairs = zip(precisions.items(), sizes_gb[larger], sizes_gb[smaller], strict=True)
    labels = [
        f"{name}\nbytes a parameter: {width:g}\n{ratio(big, small):.1f} times {smaller}"
        for (name, width), big, small in pairs
    ]
    axes.set_xticks(range(len(precisions)), labels)
    axes.set_ylim(0, 1.14 * highest)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    headline(figure, title, "size of the weights [GB = 1e9 byte]")
    return figure


@chart
def memory_by_context(
    tokens: Sequence[float],
    weights_gb: Mapping[str, float],
    cache_gb: Mapping[int, Sequence[float]],
    gpu: str,
    gpu_memory_gb: float,
    fleets: Sequence[int],
    title: str,
) -> Figure:
    """Draw the memory that serving takes against the length of the context, for several users at once.

    Args:
        tokens: Context of each user, rising [token].
        weights_gb: By precision, what the weights take [GB]; each has its panel, on one scale.
        cache_gb: By number of users, rising, what all their keys and values take at each of ``tokens`` [GB].
        fleets: Numbers of GPUs whose memory is drawn as a line [GPU].
    """
    figure, panels = canvas(width=8.6, height=4.9, ncols=len(weights_gb), sharey=True, squeeze=False)
    end = tokens[-1]
    top = max(*weights_gb.values()) + max(max(cache) for cache in cache_gb.values())
    top = 1.08 * max(top, gpu_memory_gb * max(fleets))
    for axes, (precision, weights) in zip(panels[0], weights_gb.items(), strict=True):
        axes.fill_between([0, end], 0, weights, color=GREY, alpha=0.22, linewidth=0)
        write(axes, 0.5 * end, 0.5 * weights, f"weights: {weights:,.0f} GB", "center", fontsize=10)
        ends = _spread([weights + cache[-1] for cache in cache_gb.values()], 0.045 * top)
        for (users, cache), colour, height in zip(cache_gb.items(), COLOURS, ends, strict=False):
            axes.plot(tokens, [weights + part for part in cache], color=colour, linewidth=2.2)
            name, ink = f"{users} user{'s' if users > 1 else ''}", colour if colour != SKY else "#2A7FB8"
            beside(axes, name, (end, height), 5, color=ink, fontsize=8.5, annotation_clip=False)
        for fleet in fleets:
            axes.axhline(fleet * gpu_memory_gb, color=RED, linewidth=1.3, linestyle=(0, (5, 3)))
        axes.set(xlim=(0, end), ylim=(0, top))
        axes.set_xticks([0, end / 2, end])
        thousands(axes.xaxis)
        thousands(axes.yaxis)
        axes.set_xlabel("context of each user [token]")
        axes.set_title(f"weights in {precision}: memory needed [GB]", loc="left", fontsize=9.5, color=FAINT)
    for fleet in fleets:  # once: the panels share their scale, and in the others lines cross the place
        memory = fleet * gpu_memory_gb
        look = {"color": RED, "fontsize": 8.5, "va": "baseline"}
        halo = [withStroke(linewidth=2, foreground="white")]
        text, place = f"{fleet} {gpu}: {memory:,.0f} GB", (0.02 * end, memory)
        beside(panels[0, 0], text, place, 0, 4, bold=True, path_effects=halo, **look)
    headline(figure, title)
    return figure


def _spread(heights: Sequence[float], gap: float) -> list[float]:
    """Lift rising heights as far as needed for labels not to overlap."""
    lifted: list[float] = []
    for height in heights:
        lifted.append(max(height, lifted[-1] + gap) if lifted else height)
    return lifted
