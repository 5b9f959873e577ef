"""Charts of what a million tokens cost."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from costcheck.notebook.plots.palette import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED, SKY
from costcheck.notebook.plots.style import Column, Frame, beside, canvas, chart, headline, plain_log, wrapped

HALO = [withStroke(linewidth=2.5, foreground="white")]


@chart
def price_by_provider(offers: Frame, references: Column) -> tuple[Figure, str]:
    """Draw what one model costs at several hosts, against the prices of others, each a line.

    Blue is what undercuts the first two of these.

    Args:
        offers: By ``weeks``, each a heading, and in it from the cheapest, ``offer`` (who asks the price, and
            when) and ``blended`` [USD/Mtok].
        references: By model, what it costs [USD/Mtok].
    """
    prices, groups = list(offers["blended"]), list(offers["weeks"])
    undercut = offers["blended"] < references.iloc[:2].min()
    headings = list(dict.fromkeys(groups))
    places = [index + 0.9 * (1 + headings.index(group)) for index, group in enumerate(groups)]
    lines = references.sort_values()
    figure, axes = canvas(0.5 + 0.37 * (len(offers) + len(headings) + 0.7 * len(lines)))
    colours = [BLUE if cheaper else "#BFBFBF" for cheaper in undercut]
    axes.barh(places, prices, color=colours, height=0.72)
    for at, value in zip(places, prices, strict=True):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        beside(axes, f"{value:.2f}", (value, at), 4, bbox=box)
    for heading in headings:
        above = places[groups.index(heading)] - 0.95
        beside(axes, heading, (0, above), -4, bold=True, xycoords=axes.get_yaxis_transform())
    # The cheapest line climbs highest, so that no line runs through the name of another.
    for step, (name, value) in enumerate(reversed(list(lines.items()))):
        top = -0.8 - 0.75 * step
        axes.plot([value, value], [max(places) + 0.6, top], color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
        beside(axes, f"{name}: {value:.2f}", (value, top), 4, -1)
    axes.set_yticks(places, [wrapped(offer, 26) for offer in offers["offer"]], fontsize=9.5, linespacing=0.95)
    axes.set_ylim(max(places) + 0.6, -0.4 - 0.75 * len(lines))
    axes.set_xlim(0, max(1.14 * max(prices), 1.5 * references.max()))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_bounds(max(places) + 0.6, 0.3)
    early = undercut[offers["weeks"] == headings[0]]
    both = " and ".join(references.index[:2])
    title = f"At first {early.sum()} of {len(early)} hosts sold 405B for less than {both}"
    headline(figure, title, "blended list price [USD per million tokens]; blue: below both")
    asked = ", ".join(f"{row.offer} {row.blended:.2f}" for row in offers.itertuples())
    others = ", ".join(f"{model} {price:.2f}" for model, price in references.items())
    return figure, f"Bars of the blended price of a million tokens of 405B in USD: {asked}. Lines: {others}."


@chart
def quality_against_price(arena: Frame) -> tuple[Figure, str]:
    """Draw how models are rated against what they cost, and the best rating to be had at each price.

    The first model named is compared with the next two, as the articles do.

    Args:
        arena: By model, its ``price`` [USD/Mtok], its ``rating`` [Elo], and the ``name`` to write beside
            it, of which up to four are ``main``; ``NA`` for those that stay unnamed.
    """
    arena = arena.sort_values("price", kind="stable")
    figure, axes = canvas(4.6)
    left, right = arena["price"].min() / 1.6, arena["price"].max() * 1.6
    best = list(arena["rating"].cummax())
    stairs = {"where": "post", "color": SKY, "linewidth": 1.6, "zorder": 1}
    axes.step([*arena["price"], right], [*best, best[-1]], **stairs)
    main = arena[arena["main"] > 0].sort_values("main")
    looks = dict(zip(main.index, ((RED, "o"), (BLUE, "D"), (ORANGE, "^"), ("#00785A", "s")), strict=False))
    for model in arena.itertuples():
        if model.Index in looks:
            colour, marker = looks[model.Index]
            axes.plot(model.price, model.rating, marker, color=colour, markersize=10, zorder=3)
        else:
            axes.plot(
                model.price, model.rating, "o", color="white", markeredgecolor=GREY, markersize=5, zorder=2
            )
    axes.set(xscale="log", xlim=(left, right), ylim=(arena["rating"].min() - 8, arena["rating"].max() + 16))
    axes.set_xticks([tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if left <= tick <= right])
    plain_log(axes.xaxis)
    axes.minorticks_off()
    axes.grid(axis="y")
    axes.set_xlabel("blended price [USD per million tokens, logarithmic]")
    axes.set_ylabel("rating in Chatbot Arena [Elo points]")
    ours, *theirs = main.iloc[:3].itertuples()
    both = " and ".join(other.name for other in theirs)
    less, below = (
        all(getattr(ours, what) < getattr(other, what) for other in theirs) for what in ("price", "rating")
    )
    title = f"{ours.name} {'costs less than' if less else 'does not cost less than'} {both}"
    title += f", and is rated {'below' if below else 'not below'} both"
    headline(figure, title, "In place of the lost forecast: ratings of 4 August 2024")
    for model in arena[arena["name"].notna()].itertuples():
        known = model.Index in looks
        aside = 9 if known else 6
        look: Any = {"color": looks[model.Index][0] if known else FAINT, "bold": known, "path_effects": HALO}
        leftward = model.price > 5 * left  # where there is room
        beside(axes, model.name, (model.price, model.rating), -aside if leftward else aside, **look)
    at = arena["price"].iloc[0], best[0]
    beside(axes, "best rating for the price or less", at, 4, -9, color="#2A7FB0", fontsize=9.5)
    listed = ", ".join(f"{model.name} {model.rating:.0f} at {model.price:.3g}" for model in main.itertuples())
    return (figure, f"Points of Chatbot Arena rating against blended price [USD per million]: {listed}.")


@chart
def self_hosting(runs: Frame, hosted: float) -> tuple[Figure, str]:
    """Draw the least that a million generated tokens cost on rented GPUs, by requests served at once.

    A dot marks where a line first comes down to the host's price, a square where the memory is full.

    Args:
        runs: By ``installation``, each a panel, and ``context``, the ``batch`` sizes that fit into memory,
            growing, and the cost at each, ``usd`` [USD/Mtok].
        hosted: What a host asks [USD/Mtok].
    """
    cases = runs.groupby("installation", sort=False)
    figure, panels = canvas(4.4, ncols=cases.ngroups, sharey=True, squeeze=False)
    low, high = min(runs["usd"].min(), hosted) / 3, max(runs["usd"].max(), hosted) * 1.6
    widest = runs["batch"].max() * 8
    styles = ((BLUE, "-"), (RED, (0, (5, 1.5))), (GREEN, (0, (1, 1))))
    for axes in panels[0]:
        axes.set(xscale="log", yscale="log", xlim=(0.9, widest), ylim=(low, high))
        ticks = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
        axes.set_yticks([tick for tick in ticks if low <= tick <= high])
        axes.set_xticks([tick for tick in (1, 10, 100, 1000, 10_000) if tick <= widest])
        plain_log(axes.xaxis)
        plain_log(axes.yaxis)
        axes.minorticks_off()
        axes.grid(axis="y")
        axes.axhline(hosted, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    cheap = runs[runs["usd"] <= hosted]
    title = "Even at best, rented GPUs never beat the hosted price"
    if len(cheap):
        title = f"At best, rented GPUs beat the hosted price from {cheap['batch'].min()} requests at once"
    headline(figure, title, "least cost [USD per million generated tokens]: ideal memory, no idle second")
    listed = []
    for axes, (name, of_it) in zip(panels[0], cases, strict=True):
        axes.set_title(name, loc="left", fontsize=10.5, fontweight="bold")
        axes.set_xlabel("requests served at once", fontsize=9.5)
        beside(axes, f"hosted: {hosted:,.2f}", (1, hosted), 0, 8, fontsize=9.5)
        # the first line is labelled to its lower left, the others to their upper right
        for (context, line), (colour, dashes), side in zip(
            of_it.groupby("context", sort=False), styles, (-1, 1, 1), strict=False
        ):
            batch, usd = list(line["batch"]), list(line["usd"])
            axes.plot(batch, usd, color=colour, linestyle=dashes, linewidth=2.2)
            axes.plot(batch[-1], usd[-1], "s", color=colour, markersize=7)
            look: Any = {"color": colour, "fontsize": 9, "path_effects": HALO, "linespacing": 1.05}
            aside = (batch[-1], usd[-1]), 8 * side, 10 * (1 if usd[-1] > hosted else -1)
            beside(axes, f"{context}:\nfull at {batch[-1]:,.0f}", *aside, **look)
            reached = next((index for index, value in enumerate(usd) if value <= hosted), None)
            if reached is not None:
                axes.plot(batch[reached], usd[reached], "o", color=colour, markersize=8)
                side *= -1 if reached == len(usd) - 1 else 1
                aside = (batch[reached], usd[reached]), 8 * side, 16 * side
                beside(axes, f"breaks even\nat {batch[reached]:,.0f}", *aside, **look)
            listed.append(f"{name}, {context}: {usd[0]:.0f} for one, {usd[-1]:.2f} for {batch[-1]:,.0f}")
    return figure, f"Least USD a million generated tokens, hosted {hosted:g}. {'; '.join(listed)}."
