"""Charts of benchmark scores; what rests on unverified data is hatched or hollow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from costcheck.formulas import difference, mean
from costcheck.notebook.plots.palette import BLUE, DASHED, FAINT, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import (
    HATCH,
    canvas,
    chart,
    foot_legend,
    hatched,
    headline,
    mark,
    point,
    rows,
    write,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_EMPTY = "#E8E8E8"
_STRONG = 0.2  # a lead from which on the colour of a cell is full


@chart
def leaked_table(scores: pd.DataFrame, unverified: pd.DataFrame, reference: str, title: str) -> Figure:
    """Draw a table of scores [1] and their means, coloured by how far each lies from a reference model."""
    figure, axes = canvas(8.6, 6.4)
    means = {model: mean(scores[model]) for model in scores.columns}
    lines: list[tuple[float, str, Any, Any]] = [
        (place, str(name), scores.loc[name], unverified.loc[name]) for place, name in enumerate(scores.index)
    ]
    lines.append((len(scores) + 0.35, f"mean of {len(scores)}", means, unverified.any()))
    for y, _, values, doubtful in lines:
        for x, model in enumerate(scores.columns):
            lead = difference(float(values[model]), float(values[reference]))
            colour = _EMPTY if model == reference else _tint(lead)
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=2)
            )
            if doubtful[model]:
                axes.add_patch(_hatching((x - 0.49, y - 0.46), 0.98, 0.92, "#9A9A9A"))
            box = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
            leads = model != reference and lead > 0
            write(axes, x, y, f"{values[model]:.3f}", "center", bold=leads, bbox=box)
    axes.set_xticks(range(scores.shape[1]), ["\n".join(str(name).rsplit(" ", 1)) for name in scores.columns])
    axes.set_yticks([y for y, *_ in lines], [name for _, name, *_ in lines])
    axes.set(xlim=(-0.5, scores.shape[1] - 0.5), ylim=(lines[-1][0] + 0.5, -0.5))
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    keys = [
        Patch(facecolor=_tint(_STRONG / 2), label=f"above {reference} (bold)"),
        Patch(facecolor=_tint(-_STRONG / 2), label=f"below {reference}"),
        hatched("unverified"),
    ]
    axes.legend(handles=keys, ncols=3, loc="upper left", bbox_to_anchor=(-0.02, 0), handlelength=1.6)
    foot = (
        "Sources: Azure's repository before the leak; one score in a copy of the leak; hatched: as recalled"
    )
    headline(figure, title, source=foot)
    return figure


@chart
def who_beats_gpt4o(
    wins: pd.DataFrame, leads: pd.DataFrame, benchmarks: int, unverified: Collection[str], title: str
) -> Figure:
    """Draw how many benchmarks models win against GPT-4o, by several readings of the scores.

    A row a model and a column a reading, of wins [benchmark] and of mean leads [1]; bars are dark where more
    than half are won, hatched where the reading is unverified.
    """
    figure, axes = canvas(9, 4.5)
    places: list[float] = []
    for group, model in enumerate(wins.index):
        first = group * (wins.shape[1] + 0.95)
        write(axes, -0.12, first - 0.66, str(model), "right", bold=True)
        for step, reading in enumerate(wins.columns):
            y, won = first + step, int(_cell(wins, model, reading))
            places.append(y)
            axes.barh(y, benchmarks, height=0.72, color=_EMPTY)
            axes.barh(y, won, height=0.72, color=BLUE if 2 * won > benchmarks else ORANGE, label=reading)
            if reading in unverified:
                axes.add_patch(_hatching((0, y - 0.36), won, 0.72, "white"))
            axes.vlines(range(1, benchmarks), y - 0.37, y + 0.37, color="white", linewidth=2)
            write(axes, benchmarks + 0.3, y, f"{won} of {benchmarks}", bold=True, fontsize=11)
            write(axes, benchmarks + 4.1, y, _signed(_cell(leads, model, reading), 3), "right")
    write(axes, benchmarks + 0.3, -0.66, "wins", color=FAINT)
    write(axes, benchmarks + 4.1, -0.66, "mean lead", "right", color=FAINT)
    axes.vlines(benchmarks / 2, -0.45, places[-1] + 0.45, color=INK, linewidth=1.1, linestyle=DASHED)
    write(axes, benchmarks / 2, -0.66, "half", "center")
    axes.set_yticks(places, [str(reading) for reading in wins.columns] * len(wins))
    axes.set_xticks([])
    axes.set(xlim=(0, benchmarks + 4.1), ylim=(places[-1] + 0.45, -1.0))
    axes.spines[:].set_visible(False)
    keys = [
        Patch(color=BLUE, label="more than half won"),
        Patch(color=ORANGE, label="half or fewer"),
        hatched("rests on unverified scores", BLUE, "white"),
    ]
    foot_legend(figure, keys, handlelength=2.2)
    headline(figure, title)
    return figure


@chart
def llama31_against_llama3(
    gains: Mapping[str, pd.DataFrame], named: Collection[str], labels: tuple[str, str], title: str
) -> Figure:
    """Draw how much each benchmark rose between two generations, by unverified and by verified scores.

    A panel a size, each sorted by the first column, the unverified gains [1]: hatched bars, with diamonds for
    the second, the verified ones. ``labels`` are what the two are; benchmarks in ``named`` are brought out.
    """
    figure, panels = canvas(10, 5.2, ncols=len(gains), squeeze=False)
    figure.set_layout_engine("constrained", wspace=0.05)
    lowest = min(float(table.to_numpy().min()) for table in gains.values())
    highest = max(float(table.to_numpy().max()) for table in gains.values())
    for axes, (size, table) in zip(panels[0], gains.items(), strict=True):
        ordered = table.sort_values(table.columns[0], ascending=False, kind="stable")
        columns = _room_for_columns(axes, lowest, highest, 2)
        for place, (name, leaked, checked) in enumerate(ordered.itertuples()):
            bold = name in named
            edge, ink = (RED, RED) if bold else (GREY, FAINT)
            axes.barh(place, leaked, 0.66, facecolor="white", edgecolor=edge, hatch=HATCH, linewidth=1)
            point(axes, checked, place, INK, "D", markersize=5.5)
            write(axes, columns[0], place, _signed(leaked, 2), "right", bold=bold, color=ink)
            write(axes, columns[1], place, _signed(checked, 2), "right", bold=bold, color=INK)
        write(axes, columns[0], -0.95, "leak", "right", color=FAINT)
        write(axes, columns[1], -0.95, "verified", "right", color=INK)
        axes.axvline(0, color=INK, linewidth=0.9)
        _benchmarks(axes, ordered.index, named)
        _panel(axes, size, "gain [share of the questions]")
    keys = [
        hatched(f"{labels[0]} (unverified)"),
        mark(f"{labels[1]} (verified)", INK, "D", markersize=5.5),
    ]
    foot_legend(figure, keys)
    headline(figure, title)
    return figure


@chart
def instruct_against_base(scores: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw what instruction tuning did to each score of a model: a line from base to Instruct [1].

    A panel a size, each sorted by gain; its scores stand in the columns ``base`` and ``Instruct``.
    """
    figure, panels = canvas(10, 5.0, ncols=len(scores), squeeze=False)
    figure.set_layout_engine("constrained", wspace=0.05)
    lowest = min(float(table.to_numpy().min()) for table in scores.values())
    for axes, (size, table) in zip(panels[0], scores.items(), strict=True):
        gains = difference(table["Instruct"], table["base"]).sort_values(ascending=False, kind="stable")
        (column,) = _room_for_columns(axes, lowest - 0.05, 1, 1)
        for place, (name, gain) in enumerate(gains.items()):
            base, instruct = _cell(table, name, "base"), _cell(table, name, "Instruct")
            colour = BLUE if gain > 0 else RED
            axes.plot([base, instruct], [place, place], color=colour, linewidth=2.4, alpha=0.55)
            point(axes, base, place, GREY, markersize=7)
            point(axes, instruct, place, colour, markersize=7)
            write(axes, column, place, _signed(gain, 2), "right", bold=True, color=colour)
        for kind, colour in (("base", FAINT), ("Instruct", BLUE)):
            where = _cell(table, gains.index[0], kind)
            write(axes, where, -0.45, kind, "center", bold=True, va="bottom", color=colour)
        axes.grid(axis="x")
        _benchmarks(axes, gains.index, ())
        _panel(axes, size, "score [share of the questions]")
    headline(
        figure, title, source="Source: Azure's repository the day before the leak; every score was read there"
    )
    return figure


@chart
def leaked_against_instruct_and_base(
    apart: pd.DataFrame,
    unverified: pd.DataFrame,
    control: pd.DataFrame,
    close: float,
    human_eval: pd.Series[float],
    centres: pd.DataFrame,
    half_widths: pd.DataFrame,
    title: str,
) -> Figure:
    """Draw how far scores of unknown origin lie from Instruct scores, and in which interval one of them lies.

    Left, distances from Azure's scores, a row a benchmark, a column a model [1]: those in question, hollow
    where ``unverified``, those of known base models, and how many are below ``close``. Right, the
    HumanEval scores in question between intervals in the columns ``base`` and ``Instruct`` [percent].
    """
    figure, (left, right) = canvas(10, 4.6, ncols=2, width_ratios=[1.15, 1])
    figure.set_layout_engine("constrained", wspace=0.05)
    tables = {f"{model}, leaked": (apart[model], unverified[model], BLUE) for model in apart.columns}
    tables |= {f"{model}, base": (control[model], control[model].isna(), ORANGE) for model in control.columns}
    lowest = min(float(values.min()) for values, *_ in tables.values())
    highest = max(float(values.max()) for values, *_ in tables.values())
    (column,) = _room_for_columns(left, lowest, highest, 1)
    for place, (values, doubtful, colour) in enumerate(tables.values()):
        for step, (value, hollow) in enumerate(sorted(zip(values, doubtful, strict=True))):
            _dot(left, value, place + 0.13 * ((2 * step) % 5 - 2), colour, bool(hollow))
        alike = int((values.abs().round(6) < close).sum())
        write(left, column, place, f"{alike} of {len(values)}", "right", bold=True, color=INK)
    write(left, column, -0.75, f"under {close:g}", "right", color=FAINT)
    left.axvline(0, color=INK, linewidth=0.9, zorder=0)
    left.axhline(apart.shape[1] - 0.5, color=GREY, linewidth=0.9, linestyle=(0, (1, 3)))
    rows(left, list(tables), above=0.95)
    left.grid(axis="x")
    label = "distance from Azure's Instruct score\n[share of the questions]"
    _panel(left, f"{len(apart)} benchmarks: how far from Instruct?", label, fontsize=10)
    for place, (model, score) in enumerate(human_eval.items()):
        for kind, colour in (("base", ORANGE), ("Instruct", GREEN)):
            centre, half = _cell(centres, model, kind), _cell(half_widths, model, kind)
            right.barh(place, 2 * half, left=centre - half, height=0.3, color=colour, alpha=0.45)
            right.plot([centre, centre], [place - 0.15, place + 0.15], color=colour, linewidth=2)
            if place == 0:
                right.text(centre, -0.22, kind, ha="center", va="bottom")
        _dot(right, score, place, BLUE, bool(_cell(unverified, "human_eval", model)), size=9)
        write(right, score, place + 0.2, f"leaked {score:.1f}", "center", bold=True, va="top", color=BLUE)
    rows(right, [str(model) for model in human_eval.index], above=0.6)
    right.set_xlim(20, 100)
    label = "HumanEval [percent]\nboxes: the paper's 95 % intervals"
    _panel(right, "HumanEval: base or Instruct?", label, fontsize=10)
    for axes in (left, right):
        axes.spines["left"].set_visible(False)
    keys = [
        mark("leaked, unverified", BLUE, hollow=True),
        mark("leaked, read in a copy of the leak", BLUE),
        mark("known base model, verified", ORANGE),
    ]
    foot_legend(figure, keys)
    headline(figure, title)
    return figure


def _cell(table: pd.DataFrame, row: Any, column: Any) -> float:
    """Return one number of a table, which pandas' types only know as a scalar."""
    value: Any = table.at[row, column]
    return float(value)


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


def _dot(axes: Axes, x: float, y: float, colour: str, hollow: bool, size: float = 6.5) -> None:
    """Mark a score: hollow where it is unverified, and then behind the others."""
    point(axes, x, y, colour, hollow=hollow, markersize=size, zorder=2.5 if hollow else 3)


def _panel(axes: Axes, title: str, label: str, **font: Any) -> None:
    axes.set_title(title, loc="left", fontweight="bold", **font)
    axes.set_xlabel(label, loc="left")


def _room_for_columns(axes: Axes, lowest: float, highest: float, columns: int) -> list[float]:
    """Keep the right of a panel free for columns of numbers; return where each of them ends."""
    width = highest - lowest
    start, end = lowest - 0.05 * width, highest + 0.05 * width
    axes.set_xlim(start, end + 0.3 * columns * width)
    axes.set_xticks([tick for tick in axes.get_xticks() if start <= tick <= end])
    axes.spines["bottom"].set_bounds(start, end)
    return [end + 0.3 * (column + 1) * width for column in range(columns)]


def _benchmarks(axes: Axes, benchmarks: Iterable[Any], named: Collection[str]) -> None:
    """Write the benchmarks down the side, those named in bold."""
    names = [str(name) for name in benchmarks]
    rows(axes, names, above=1.4, below=0.6)
    for tick, name in zip(axes.get_yticklabels(), names, strict=True):
        if name in named:
            tick.set(color=RED, fontweight="bold")
    axes.spines["left"].set_visible(False)
