"""Charts of what a million tokens cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from costcheck.notebook.plots.palette import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED, SKY
from costcheck.notebook.plots.style import beside, canvas, chart, headline, plain_log

# Where a label may stand beside its point, best first: x and y as parts of the distance, then alignments.
SIDES = (
    (1.0, 0.0, "left", "center"),
    (-1.0, 0.0, "right", "center"),
    (0.0, 1.0, "center", "bottom"),
    (0.0, -1.0, "center", "top"),
    (0.7, 0.7, "left", "bottom"),
    (-0.7, 0.7, "right", "bottom"),
    (0.7, -0.7, "left", "top"),
    (-0.7, -0.7, "right", "top"),
)
DISTANCES = (8.0, 14.0, 24.0, 36.0, 52.0)
"""How far a label may stand from its point, best first [point]."""
FAR = 20.0
"""From this distance on a thin line leads from the label to its point [point]."""


@chart
def price_by_provider(
    offers: Sequence[str],
    prices: Sequence[float],
    groups: Sequence[str],
    undercut: Sequence[bool],
    references: Mapping[str, float],
    title: str,
    subtitle: str,
) -> Figure:
    """Draw what one model costs at several providers [USD/Mtok], against the prices of others, each a line.

    Args:
        offers: Who asks each price, and when.
        groups: A heading for each price; those under one heading stand together, in the order given.
        undercut: Whether each price is to stand out.
    """
    headings = list(dict.fromkeys(groups))
    places = [index + 1.0 + headings.index(group) for index, group in enumerate(groups)]
    lines = sorted(references.items(), key=lambda named: named[1])
    figure, axes = canvas(8.6, 1.3 + 0.29 * (len(offers) + len(headings) + 0.8 * len(lines)))
    colours = [BLUE if stands_out else "#BFBFBF" for stands_out in undercut]
    axes.barh(places, prices, color=colours, height=0.72)
    for at, value in zip(places, prices, strict=True):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        beside(axes, f"{value:.2f}", (value, at), 4, bbox=box)
    for heading in headings:
        above = places[groups.index(heading)] - 1
        beside(axes, heading, (0, above), -4, bold=True, xycoords=axes.get_yaxis_transform())
    # The cheapest line climbs highest, so that no line runs through the name of another.
    for step, (name, value) in enumerate(reversed(lines)):
        top = -0.8 - 0.8 * step
        axes.plot([value, value], [max(places) + 0.6, top], color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
        beside(axes, f"{name}: {value:.2f}", (value, top), 4, -1)
    axes.set_yticks(places, offers)
    axes.set_ylim(max(places) + 0.6, -1.2 - 0.8 * len(lines) + 0.8)
    axes.set_xlim(0, max(1.12 * max(prices), 1.4 * max(references.values(), default=0)))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_bounds(max(places) + 0.6, 0.4)
    foot = "Source: data/api_prices.csv, each row with its own source; the lines are the prices given"
    headline(figure, title, subtitle, source=foot)
    return figure


@chart
def quality_against_price(
    models: Sequence[str],
    prices: Sequence[float],
    ratings: Sequence[float],
    names: Mapping[str, str],
    highlighted: Sequence[str],
    title: str,
    subtitle: str,
    quality: str,
) -> Figure:
    """Draw how models are rated against what they cost, and the best rating to be had at each price.

    Args:
        prices: Their prices [USD/Mtok].
        ratings: Their ratings, better upwards.
        names: Names to write beside those models that are to have one.
        highlighted: Those of the models that are to stand out.
        quality: What the vertical axis shows, with its unit.
    """
    figure, axes = canvas(8.6, 5.2)
    colours = dict(zip(highlighted, (RED, BLUE, GREEN, ORANGE), strict=False))
    markers = dict(zip(highlighted, "oDs^", strict=False))
    order = sorted(range(len(models)), key=lambda index: prices[index])
    rising = [prices[index] for index in order]
    envelope = [float(best) for best in np.maximum.accumulate([ratings[index] for index in order])]
    left, right = min(prices) / 1.6, max(prices) * 1.6
    stairs = {"where": "post", "color": SKY, "linewidth": 1.6, "zorder": 1}
    axes.step([*rising, right], [*envelope, envelope[-1]], **stairs)
    for model, price, rating in zip(models, prices, ratings, strict=True):
        if model in colours:
            axes.plot(price, rating, markers[model], color=colours[model], markersize=10, zorder=3)
        else:
            axes.plot(price, rating, "o", color="white", markeredgecolor=GREY, markersize=5, zorder=2)
    axes.set(xscale="log", xlim=(left, right), ylim=(min(ratings) - 8, max(ratings) + 14))
    axes.set_xticks([tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if left <= tick <= right])
    plain_log(axes.xaxis)
    axes.minorticks_off()
    axes.grid(axis="y")
    axes.set_xlabel("input price [USD per million tokens, logarithmic]")
    axes.set_ylabel(quality)
    foot = "Source: data/elo_prices.csv (llmpricing); highlighted models at the prices given"
    headline(figure, title, subtitle, source=foot)
    first = [*highlighted, *(model for model in models if model not in highlighted)]
    at = {model: (price, rating) for model, price, rating in zip(models, prices, ratings, strict=True)}
    wanted = [(*at[model], names[model], colours.get(model, FAINT)) for model in first if model in names]
    wanted.append((rising[0], envelope[0], "best rating for the price or less", "#2A7FB0"))
    taken = [*at.values(), *_stairs(rising, envelope)]
    place_labels(axes, wanted, taken, bold=len(highlighted))
    return figure


def _stairs(prices: Sequence[float], best: Sequence[float]) -> list[tuple[float, float]]:
    """Points along a staircase, close enough that no label slips between them."""
    points: list[tuple[float, float]] = []
    for index, price in enumerate(prices[:-1]):
        points += [(x, best[index]) for x in np.geomspace(price, prices[index + 1], 12)]
        points += [(prices[index + 1], y) for y in np.linspace(best[index], best[index + 1], 12)]
    return points


@chart
def self_hosting(
    batches: Mapping[str, Mapping[str, Sequence[float]]],
    costs: Mapping[str, Mapping[str, Sequence[float]]],
    hosted: float,
    title: str,
) -> Figure:
    """Draw the least that a million generated tokens cost on rented GPUs, by sequences served at once.

    A dot marks where a line first comes down to the provider's price, a square where the memory is full.

    Args:
        batches: By installation, each a panel, and context, the batches that fit into its memory, growing.
        costs: The same way, the cost at each of them [USD/Mtok].
        hosted: What a provider asks [USD/Mtok].
    """
    figure, panels = canvas(9.2, 4.9, ncols=len(batches), sharey=True, squeeze=False)
    everything = [cost for by_context in costs.values() for line in by_context.values() for cost in line]
    low, high = min(*everything, hosted) / 2.2, max(*everything, hosted) * 1.6
    widest = max(line[-1] for by_context in batches.values() for line in by_context.values())
    styles = ((BLUE, "-"), (RED, (0, (5, 1.5))), (GREEN, (0, (1, 1))))
    for axes in panels[0]:
        axes.set(xscale="log", yscale="log", xlim=(0.9, widest * 2.2), ylim=(low, high))
        ticks = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
        axes.set_yticks([tick for tick in ticks if low <= tick <= high])
        axes.set_xticks([tick for tick in (1, 10, 100, 1000, 10_000) if tick <= widest * 2.2])
        plain_log(axes.xaxis)
        plain_log(axes.yaxis)
        axes.minorticks_off()
        axes.grid(axis="y")
        axes.axhline(hosted, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    foot = "A bound: ideal memory bandwidth, every second of every GPU busy, reading the prompt not counted"
    headline(figure, title, source=foot)
    panels[0][0].set_ylabel("least cost [USD per million generated tokens, logarithmic]")
    drawn = []
    for axes, (name, by_context) in zip(panels[0], batches.items(), strict=True):
        axes.set_title(name, loc="left", fontsize=10.5, fontweight="bold")
        axes.set_xlabel("sequences served at once [logarithmic]")
        points: list[tuple[float, float]] = [(x, hosted) for x in np.geomspace(0.9, widest * 2.2, 60)]
        labels = []
        for (context, line), (colour, dashes) in zip(by_context.items(), styles, strict=False):
            cost = costs[name][context]
            axes.plot(line, cost, color=colour, linestyle=dashes, linewidth=2.2)
            axes.plot(line[-1], cost[-1], "s", color=colour, markersize=7)
            labels.append((line[-1], cost[-1], f"{context}:\nmemory full at {line[-1]:,.0f}", colour))
            reached = next((index for index, value in enumerate(cost) if value <= hosted), None)
            if reached is not None:
                axes.plot(line[reached], cost[reached], "o", color=colour, markersize=8)
                labels.append((line[reached], cost[reached], f"breaks even\nat {line[reached]:,.0f}", colour))
            every = np.unique(np.geomspace(1, len(line), 80).astype(int)) - 1
            points += [(line[index], cost[index]) for index in every]
        drawn.append((axes, labels, points))
    for axes, labels, points in drawn:
        place_labels(axes, [*labels, (1.0, hosted, f"hosted, output: {hosted:,.2f}", INK)], points)
    return figure


def place_labels(
    axes: Axes,
    labels: Sequence[tuple[float, float, str, str]],
    points: Sequence[tuple[float, float]] = (),
    bold: int = 0,
) -> list[Annotation]:
    """Write each label beside its point where it covers no other label and none of the points.

    Call it last: it measures the chart as it then stands. A label without a free place covers the least.

    Args:
        axes: Axes, with limits set.
        labels: Position, text and colour of each, the most important first.
        points: Positions to keep free.
        bold: How many of the labels, from the first, are bold.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101 - axes that are drawn belong to a figure
    layout = figure.get_layout_engine()
    if layout:
        layout.execute(figure)
    figure.set_layout_engine("none")  # the labels find their places in this layout: it must stay
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    room = axes.get_window_extent()
    keep_free = [*points, *((x, y) for x, y, *_ in labels)]
    dots = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in axes.transData.transform(keep_free)]
    placed: list[Annotation] = []
    boxes: list[Bbox] = []

    def covered(box: Bbox) -> int:
        inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1
        return 4 * box.count_overlaps(boxes) + box.count_overlaps(dots) + 20 * (not inside)

    for index, (x, y, text, colour) in enumerate(labels):
        font: Any = {
            "color": colour,
            "fontsize": 10 if index < bold else 9,
            "linespacing": 1.05,
            "va": "baseline",
        }
        label = beside(axes, text, (x, y), 0, bold=index < bold, **font)
        tried = []
        for distance, (right, up, ha, va) in product(DISTANCES, SIDES):
            label.set(position=(right * distance, up * distance), ha=ha, va=va)
            box = _extent(label, renderer)
            tried.append((covered(box), distance, box, (right * distance, up * distance), ha, va))
            if not tried[-1][0]:
                break
        _, distance, box, position, ha, va = min(tried, key=lambda attempt: attempt[0])
        label.set(position=position, ha=ha, va=va)
        if distance >= FAR:
            line = {"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 2, "shrinkB": 3}
            axes.annotate("", (x, y), xytext=position, textcoords="offset points", arrowprops=line)
        placed.append(label)
        boxes.append(box)
    return placed


def _extent(label: Annotation, renderer: RendererAgg) -> Bbox:
    label.get_window_extent(renderer)  # moves the text to where the annotation now stands
    return Text.get_window_extent(label, renderer)
