"""Benchmark scores and their charts; what rests on unverified data is hatched or hollow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from costcheck.data import tables
from costcheck.formulas import difference, mean, percent, wins
from costcheck.notebook.plots.palette import BLUE, DASHED, FAINT, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import (
    HATCH,
    Frame,
    beside,
    canvas,
    chart,
    foot_legend,
    hatched,
    headline,
    mark,
    point,
    rows,
    wrapped,
    write,
)

NAMED = ("human_eval", "truthfulqa_mc1")
"""The benchmarks that the articles say rose most."""
CLOSE = 0.01  # nearer than this, two scores count as alike [1]
REFERENCE = "GPT-4o"
_EMPTY, _STRONG = "#E8E8E8", 0.2  # the lead from which on the colour of a cell is full


class Scores(NamedTuple):
    """Scores by benchmark and model [1]: the leaked table, and Azure's own on two days."""

    leaked: Frame
    unverified: Frame
    """Which of the leaked scores nobody could verify."""
    base: Frame
    """Of base models, the day before the leak; those of Instruct models on that day are ``instruct``."""
    instruct: Frame
    august: Frame
    """Of Instruct models in August 2024, when GPT-4o had been run again."""


def read_scores() -> Scores:
    """Read the leaked table and Azure's scores.

    >>> scores = read_scores()
    >>> scores.leaked.shape, int(scores.unverified.to_numpy().sum())
    ((13, 6), 38)
    """
    shorter = {"Meta-Llama-": "Llama ", "-Instruct": "", "(?<=[0-9])-(?=[0-9])": " ", "gpt-4o": REFERENCE}
    cells = tables.frame("leaked_scores").replace({"model": shorter}, regex=True)
    cells["unverified"] = cells["verification"].map(tables.is_unverified)
    models = list(cells["model"].unique())
    leaked, unverified = (
        cells.pivot(index="benchmark", columns="model", values=value)[models]
        for value in ("score", "unverified")
    )
    azure: Frame = tables.frame("azure_scores").replace({"model": shorter}, regex=True)
    azure = azure.set_index(["snapshot", "kind"])
    days = (("before the leak", "base"), ("before the leak", "instruct"), ("after the re-run", "instruct"))
    theirs = (azure.loc[day].pivot(index="benchmark", columns="model", values="score") for day in days)
    return Scores(leaked, unverified, *theirs)


@chart
def leaked_table(scores: Scores) -> tuple[Figure, str]:
    """Draw the leaked table, its means, and by colour how far each score lies from that of GPT-4o."""
    leaked, unverified, best = scores.leaked, scores.unverified, "Llama 3.1 405B"
    order = difference(leaked[best], leaked[REFERENCE]).sort_values(ascending=False, kind="stable").index
    figure, axes = canvas(5.4)
    means = {model: mean(leaked[model]) for model in leaked}
    lines: list[tuple[float, str, Any, Any]] = [
        (place, name, leaked.loc[name], unverified.loc[name]) for place, name in enumerate(order)
    ]
    lines.append((len(leaked) + 0.35, f"mean of {len(leaked)}", means, unverified.any()))
    for y, _, values, doubtful in lines:
        for x, model in enumerate(leaked):
            lead = difference(float(values[model]), float(values[REFERENCE]))
            colour = _EMPTY if model == REFERENCE else _tint(lead)
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=2)
            )
            if doubtful[model]:
                axes.add_patch(_hatching((x - 0.49, y - 0.46), 0.98, 0.92, "#9A9A9A"))
            box = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
            leads = model != REFERENCE and lead > 0
            write(axes, x, y, f"{values[model]:.3f}", "center", bold=leads, bbox=box)
    names = [wrapped(str(model), 9) for model in leaked]
    axes.set_xticks(range(leaked.shape[1]), names, fontsize=9.5)
    axes.set_yticks([y for y, *_ in lines], [name for _, name, *_ in lines])
    axes.set(xlim=(-0.5, leaked.shape[1] - 0.5), ylim=(lines[-1][0] + 0.5, -0.5))
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    keys = [
        Patch(facecolor=_tint(_STRONG / 2), label=f"above {REFERENCE} (bold)"),
        Patch(facecolor=_tint(-_STRONG / 2), label=f"below {REFERENCE}"),
        hatched("unverified"),
    ]
    foot_legend(figure, keys)
    won, doubtful = wins(leaked[best], leaked[REFERENCE]), int(unverified.to_numpy().sum())
    title = f"In the leaked table 405B is above {REFERENCE} on {won} of {len(leaked)} benchmarks"
    headline(figure, title, f"scores [share of the questions]; {doubtful} of {leaked.size} are unverified")
    listed = ", ".join(f"{model} {value:.3f}" for model, value in means.items())
    return figure, (
        f"Table of {len(leaked)} benchmarks and {leaked.shape[1]} models, coloured by distance from "
        f"{REFERENCE}; the {doubtful} unverified scores, all of Llama 3.1, are hatched. Means: {listed}."
    )


@chart
def who_beats_gpt4o(won: Frame, benchmarks: int, unverified: Collection[str] = ()) -> tuple[Figure, str]:
    """Draw how many benchmarks models win against GPT-4o, by several readings of the scores.

    A row a model and a column a reading [benchmark]; bars are blue where more than half are won, hatched
    where the reading is unverified. The title has the first and the last reading.
    """
    figure, axes = canvas(4.2)
    places: list[float] = []
    for group, (model, of_it) in enumerate(won.iterrows()):
        first = group * (won.shape[1] + 0.95)
        write(axes, 0, first - 0.66, str(model), bold=True)
        for step, (reading, wins_) in enumerate(of_it.items()):
            y = first + step
            places.append(y)
            axes.barh(y, benchmarks, height=0.72, color=_EMPTY)
            axes.barh(y, wins_, height=0.72, color=BLUE if 2 * wins_ > benchmarks else ORANGE)
            if reading in unverified:
                axes.add_patch(_hatching((0, y - 0.36), wins_, 0.72, "white"))
            axes.vlines(range(1, benchmarks), y - 0.37, y + 0.37, color="white", linewidth=2)
            write(axes, benchmarks + 0.3, y, f"{wins_} of {benchmarks}", bold=True, fontsize=11)
    axes.vlines(benchmarks / 2, -0.45, places[-1] + 0.45, color=INK, linewidth=1.1, linestyle=DASHED)
    write(axes, benchmarks / 2, -0.66, "half", "center", color=FAINT)
    axes.set_yticks(places, [wrapped(str(reading), 24) for reading in won.columns] * len(won))
    axes.set_xticks([])
    axes.set(xlim=(0, benchmarks + 3.2), ylim=(places[-1] + 0.45, -1.0))
    axes.spines[:].set_visible(False)
    keys = [Patch(color=BLUE, label="more than half won"), Patch(color=ORANGE, label="half or fewer")]
    foot_legend(figure, [*keys, hatched("unverified", BLUE, "white")], handlelength=2.2)
    first, last, model = won.iat[0, 0], won.iat[0, -1], str(won.index[0]).split()[-1]
    then = f"on {last} once GPT-4o was run again"
    headline(figure, f"{model} beats GPT-4o on {first} of {benchmarks} benchmarks in the leak, {then}")
    listed = "; ".join(f"{model}, {reading}: {count}" for (model, reading), count in won.stack().items())
    return (
        figure,
        f"Of {benchmarks} benchmarks won against GPT-4o. {listed}. Unverified: {', '.join(unverified)}.",
    )


@chart
def llama31_against_llama3(scores: Scores) -> tuple[Figure, str]:
    """Draw all scores of two generations, as leaked and as verified: a line from the older to the newer.

    A panel a size, each sorted by the gain in the leak, in which Llama 3 is a base model. Beside each
    benchmark are the gain in the leak and, below it, that from Instruct to Instruct [1].
    """
    figure, panels = canvas(10.6, nrows=2)
    listed = []
    for axes, size in zip(panels, ("70B", "8B"), strict=True):
        old, new = f"Llama 3 {size}", f"Llama 3.1 {size}"
        gains = difference(scores.leaked[new], scores.leaked[old]).sort_values(ascending=False, kind="stable")
        column = _scores_axis(axes, size, list(gains.index))
        for place, name in enumerate(gains.index):
            pairs = (
                (scores.leaked, scores.leaked, -0.19, True),
                (scores.instruct, scores.august, 0.19, False),
            )
            for before, after, shift, hollow in pairs:
                ends, colour = (before.at[name, old], after.at[name, new]), BLUE if not hollow else RED
                _change(axes, place + shift, *ends, colour, hollow)
                write(
                    axes,
                    column,
                    place + shift,
                    _signed(ends[1] - ends[0], 2),
                    "right",
                    color=colour,
                    fontsize=9.5,
                )
            verified = difference(scores.august.at[name, new], scores.instruct.at[name, old])
            listed.append(f"{size} {name} {gains[name]:+.2f} and {verified:+.2f}")
        for tick, name in zip(axes.get_yticklabels(), gains.index, strict=True):
            tick.set_fontweight("bold" if name in NAMED else "normal")
    keys = [
        mark("Llama 3", GREY),
        mark("3.1 as leaked, against Llama 3 base (unverified)", RED, hollow=True),
        mark("3.1 Instruct, against Llama 3 Instruct (verified)", BLUE),
    ]
    foot_legend(figure, keys, 1)
    first = NAMED[0]
    leaked = difference(scores.leaked.at[first, "Llama 3.1 70B"], scores.leaked.at[first, "Llama 3 70B"])
    verified = difference(scores.august.at[first, "Llama 3.1 70B"], scores.instruct.at[first, "Llama 3 70B"])
    against = f"and {_signed(verified, 2)} against Llama 3 Instruct"
    title = f"70B gains {_signed(leaked, 2)} on {first} in the leak, {against}"
    headline(figure, title, "score [share of the questions]; in bold, the benchmarks that the articles name")
    return figure, f"Gains from Llama 3 to Llama 3.1, as leaked and as verified: {'; '.join(listed)}."


@chart
def instruct_against_base(scores: Scores) -> tuple[Figure, str]:
    """Draw what instruction tuning did to each score of Llama 3: a line from base to Instruct [1].

    A panel a size, each sorted by gain.
    """
    figure, panels = canvas(8.2, nrows=2)
    listed, up = [], []
    for axes, size in zip(panels, ("70B", "8B"), strict=True):
        base, instruct = (table[f"Llama 3 {size}"] for table in (scores.base, scores.instruct))
        gains = difference(instruct, base).sort_values(ascending=False, kind="stable")
        column = _scores_axis(axes, size, list(gains.index))
        for place, (name, gain) in enumerate(gains.items()):
            colour = BLUE if gain > 0 else RED
            _change(axes, place, base[name], instruct[name], colour)
            write(axes, column, place, _signed(gain, 2), "right", bold=True, color=colour)
            listed.append(f"{size} {name} {base[name]:.2f} and {instruct[name]:.2f}")
        up.append(wins(instruct, base))
    foot_legend(
        figure, [mark("base", GREY), mark("Instruct, above base", BLUE), mark("Instruct, below", RED)]
    )
    title = f"Instruct is above base on {up[0]} of {len(scores.base)} benchmarks at 70B and on {up[1]} at 8B"
    headline(
        figure, title, "score [share of the questions], read in Azure's repository the day before the leak"
    )
    return figure, f"Scores of Llama 3, base and Instruct: {'; '.join(listed)}."


@chart
def leaked_against_instruct_and_base(scores: Scores, paper: Frame) -> tuple[Figure, str]:
    """Draw how far the leaked scores lie from Instruct scores, and in which interval one of them lies.

    Above, a row a model, distances from Azure's Instruct scores [1]: as leaked, hollow where unverified, and
    as a control those of known base models. Below, the leaked HumanEval scores and the paper's intervals.

    Args:
        scores: The leaked scores, and Azure's.
        paper: By model and by kind, ``base`` and ``Instruct``, the columns ``score`` and ``ci95`` [percent].
    """
    models = [model for model in scores.leaked if model in paper.index]
    figure, (above, below) = canvas(7.0, nrows=2, height_ratios=[1.35, 1])
    apart = {f"{model}, leaked": difference(scores.leaked[model], scores.august[model]) for model in models}
    control = {
        f"{model}, base": difference(scores.base[model], scores.instruct[model]) for model in scores.base
    }
    near = 0
    for place, (name, values) in enumerate((apart | control).items()):
        leaked = name in apart
        hollow = scores.unverified[models[place]] if leaked else values.isna()
        for step, (value, doubtful) in enumerate(sorted(zip(values, hollow, strict=True))):
            y, colour = place + 0.13 * ((2 * step) % 5 - 2), BLUE if leaked else ORANGE
            point(above, value, y, colour, hollow=bool(doubtful), markersize=6.5, zorder=2.5)
        alike = int((values.abs().round(6) < CLOSE).sum())
        near += alike * leaked
        beside(
            above, f"{alike} of {len(values)}", (1, place), 4, bold=True, xycoords=("axes fraction", "data")
        )
    beside(above, f"under {CLOSE:g}", (1, -0.75), 4, color=FAINT, xycoords=("axes fraction", "data"))
    above.axvline(0, color=INK, linewidth=0.9, zorder=0)
    above.axhline(len(apart) - 0.5, color=GREY, linewidth=0.9, linestyle=(0, (1, 3)))
    rows(above, list(apart | control), above=0.95)
    above.grid(axis="x")
    above.set_xlabel(
        "distance from Azure's Instruct score [share of the questions]", loc="left", fontsize=9.5
    )
    human_eval = percent(scores.leaked.loc["human_eval", models])
    for place, (model, score) in enumerate(human_eval.items()):
        for kind, colour in (("base", ORANGE), ("Instruct", GREEN)):
            centre, half = (float(paper.loc[model, (column, kind)]) for column in ("score", "ci95"))
            below.barh(place, 2 * half, left=centre - half, height=0.3, color=colour, alpha=0.45)
            below.plot([centre, centre], [place - 0.15, place + 0.15], color=colour, linewidth=2)
            if place == 0:
                below.text(centre, -0.22, kind, ha="center", va="bottom")
        point(below, score, place, BLUE, hollow=bool(scores.unverified.at["human_eval", model]), markersize=9)
        write(below, score, place + 0.2, f"leaked {score:.1f}", "center", bold=True, va="top", color=BLUE)
    rows(below, list(human_eval.index), above=0.75, below=0.6)
    below.set_xlim(20, 100)
    below.set_xlabel("HumanEval [percent]; boxes: the paper's 95 % intervals", loc="left", fontsize=9.5)
    for axes in (above, below):
        axes.spines["left"].set_visible(False)
    keys = [
        mark("leaked, unverified", BLUE, hollow=True),
        mark("leaked, seen in a copy", BLUE),
        mark("known base model", ORANGE),
    ]
    foot_legend(figure, keys)
    of = sum(map(len, apart.values()))
    headline(
        figure, f"Called base, the leaked scores look like Instruct: {near} of {of} are within {CLOSE:g}"
    )
    listed = "; ".join(f"{model} leaked {score:.1f}" for model, score in human_eval.items())
    return figure, (
        f"Above: {near} of {of} leaked scores lie less than {CLOSE:g} from Azure's Instruct score, "
        f"base models up to {max(row.abs().max() for row in control.values()):.2f}. HumanEval: {listed}."
    )


def _scores_axis(axes: Axes, title: str, names: Sequence[str]) -> float:
    """Prepare a panel of scores with its benchmarks; return where the column of gains ends."""
    axes.set_xlim(0.28, 1.1)
    axes.set_xticks([0.4, 0.6, 0.8, 1.0])
    axes.spines["bottom"].set_bounds(0.28, 1.0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    rows(axes, names, above=0.6, below=0.6)
    axes.tick_params(axis="y", labelsize=9.5)
    axes.set_title(title, loc="left", fontweight="bold", fontsize=11)
    return 1.1


def _change(axes: Axes, y: float, before: float, after: float, colour: str, hollow: bool = False) -> None:
    """Draw a line from one score to another."""
    axes.plot([before, after], [y, y], color=colour, linewidth=2.2, alpha=0.55, zorder=1)
    point(axes, before, y, GREY, markersize=5.5)
    point(axes, after, y, colour, hollow=hollow, markersize=6)


def _tint(lead: float) -> str:
    """Return blue for a lead and orange for a lag, the paler the smaller."""
    strength = 0.12 + 0.63 * min(abs(lead) / _STRONG, 1)
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(BLUE if lead > 0 else ORANGE))
    return to_hex((red, green, blue))


def _signed(value: float, digits: int) -> str:
    """Write a difference with its sign, and without one where it rounds to zero."""
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _hatching(corner: tuple[float, float], width: float, height: float, colour: str) -> Rectangle:
    """Return hatching to lay over a mark that rests on unverified data."""
    return Rectangle(corner, width, height, fill=False, edgecolor=colour, hatch=HATCH, linewidth=0)
