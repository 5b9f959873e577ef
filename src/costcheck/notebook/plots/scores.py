"""Charts of benchmark scores; what rests on unverified data is hatched or hollow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from costcheck.formulas import difference, mean
from costcheck.notebook.plots.colours import BLUE, DASHED, FAINT, GREEN, GREY, INK, ORANGE, RED
from costcheck.notebook.plots.style import canvas, chart, headline

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HATCH = "////"
_FAINT = FAINT
_EMPTY = "#E8E8E8"
_STRONG = 0.2  # a lead from which on the colour of a cell is full


@chart
def leaked_table(scores: pd.DataFrame, unverified: pd.DataFrame, reference: str, title: str) -> Figure:
    """Draw a table of scores, coloured by how far each lies from a reference model.

    A heat map with a row of means below; unverified scores, and means that rest on one, are hatched.

    Args:
        scores: A row a benchmark in the order to draw, a column a model [1].
        unverified: Which of them are unverified, in the same shape.
        reference: The column that the others are compared with.
    """
    figure, axes = canvas(8.6, 6.4)
    means = {model: mean(scores[model]) for model in scores.columns}
    rows: list[tuple[float, str, Any, Any]] = [
        (place, str(name), scores.loc[name], unverified.loc[name]) for place, name in enumerate(scores.index)
    ]
    rows.append((len(scores) + 0.35, f"mean of {len(scores)}", means, unverified.any()))
    for y, _, values, doubtful in rows:
        for x, model in enumerate(scores.columns):
            lead = difference(float(values[model]), float(values[reference]))
            colour = _EMPTY if model == reference else _tint(lead)
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=2)
            )
            if doubtful[model]:
                axes.add_patch(_hatching((x - 0.49, y - 0.46), 0.98, 0.92, "#9A9A9A"))
            axes.text(
                x,
                y,
                f"{values[model]:.3f}",
                ha="center",
                va="center",
                fontweight="bold" if model != reference and lead > 0 else "normal",
                bbox={"facecolor": colour, "edgecolor": "none", "pad": 1.5},
            )
    axes.set_xticks(range(scores.shape[1]), ["\n".join(str(name).rsplit(" ", 1)) for name in scores.columns])
    axes.set_yticks([y for y, *_ in rows], [name for _, name, *_ in rows])
    axes.set(xlim=(-0.5, scores.shape[1] - 0.5), ylim=(rows[-1][0] + 0.5, -0.5))
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    keys = [
        Patch(facecolor=_tint(_STRONG / 2), label=f"above {reference} (bold)"),
        Patch(facecolor=_tint(-_STRONG / 2), label=f"below {reference}"),
        Patch(facecolor="white", edgecolor=GREY, hatch=HATCH, label="unverified"),
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

    Bars of one square a benchmark, dark where more than half are won, hatched where unverified.

    Args:
        wins: A row a model, a column a reading [benchmark].
        leads: Mean leads, in the same shape [1].
        benchmarks: Benchmarks in all.
        unverified: The readings that rest on unverified scores.
    """
    figure, axes = canvas(9, 4.5)
    places: list[float] = []
    for group, model in enumerate(wins.index):
        first = group * (wins.shape[1] + 0.95)
        axes.text(-0.12, first - 0.66, str(model), ha="right", va="center", fontweight="bold")
        for step, reading in enumerate(wins.columns):
            y, won = first + step, int(_cell(wins, model, reading))
            places.append(y)
            axes.barh(y, benchmarks, height=0.72, color=_EMPTY)
            axes.barh(y, won, height=0.72, color=BLUE if 2 * won > benchmarks else ORANGE, label=reading)
            if reading in unverified:
                axes.add_patch(_hatching((0, y - 0.36), won, 0.72, "white"))
            axes.vlines(range(1, benchmarks), y - 0.37, y + 0.37, color="white", linewidth=2)
            axes.text(
                benchmarks + 0.3, y, f"{won} of {benchmarks}", va="center", fontweight="bold", fontsize=11
            )
            axes.text(benchmarks + 4.1, y, _signed(_cell(leads, model, reading), 3), va="center", ha="right")
    axes.text(benchmarks + 0.3, -0.66, "wins", va="center", color=_FAINT)
    axes.text(benchmarks + 4.1, -0.66, "mean lead", ha="right", va="center", color=_FAINT)
    axes.vlines(benchmarks / 2, -0.45, places[-1] + 0.45, color=INK, linewidth=1.1, linestyle=DASHED)
    axes.text(benchmarks / 2, -0.66, "half", ha="center", va="center")
    axes.set_yticks(places, [str(reading) for reading in wins.columns] * len(wins))
    axes.set_xticks([])
    axes.set(xlim=(0, benchmarks + 4.1), ylim=(places[-1] + 0.45, -1.0))
    axes.spines[:].set_visible(False)
    keys = [
        Patch(color=BLUE, label="more than half won"),
        Patch(color=ORANGE, label="half or fewer"),
        Patch(facecolor=BLUE, edgecolor="white", hatch=HATCH, label="rests on unverified scores"),
    ]
    figure.legend(handles=keys, loc="outside lower left", ncols=len(keys), handlelength=2.2)
    headline(figure, title)
    return figure


@chart
def llama31_against_llama3(
    gains: Mapping[str, pd.DataFrame], named: Collection[str], labels: tuple[str, str], title: str
) -> Figure:
    """Draw how much each benchmark rose between two generations, by unverified and by verified scores.

    A panel a size, each sorted by the first column: hatched bars, with diamonds for the second.

    Args:
        gains: By size, the gains with benchmarks as index, in two columns: unverified, verified [1].
        named: Benchmarks to bring out.
        labels: What the two columns are.
    """
    figure, panels = canvas(10, 5.2, ncols=len(gains), squeeze=False)
    figure.set_layout_engine("constrained", wspace=0.05)
    lowest = min(float(table.to_numpy().min()) for table in gains.values())
    highest = max(float(table.to_numpy().max()) for table in gains.values())
    for axes, (size, table) in zip(panels[0], gains.items(), strict=True):
        ordered = table.sort_values(table.columns[0], ascending=False, kind="stable")
        columns = _room_for_columns(axes, lowest, highest, 2)
        for place, (name, leaked, checked) in enumerate(ordered.itertuples()):
            colour, weight = (RED, "bold") if name in named else (GREY, "normal")
            axes.barh(
                place, leaked, height=0.66, facecolor="white", edgecolor=colour, hatch=HATCH, linewidth=1
            )
            axes.plot(checked, place, "D", color=INK, markersize=5.5)
            faint = RED if name in named else _FAINT
            _write(axes, columns[0], place, _signed(leaked, 2), color=faint, fontweight=weight)
            _write(axes, columns[1], place, _signed(checked, 2), color=INK, fontweight=weight)
        _write(axes, columns[0], -0.95, "leak", color=_FAINT)
        _write(axes, columns[1], -0.95, "verified", color=INK)
        axes.axvline(0, color=INK, linewidth=0.9)
        _benchmarks(axes, [str(name) for name in ordered.index], named)
        axes.set_title(size, loc="left", fontweight="bold")
        axes.set_xlabel("gain [share of the questions]", loc="left")
    keys = [
        Patch(facecolor="white", edgecolor=GREY, hatch=HATCH, label=f"{labels[0]} (unverified)"),
        Line2D(
            [], [], marker="D", color=INK, linestyle="none", markersize=5.5, label=f"{labels[1]} (verified)"
        ),
    ]
    figure.legend(handles=keys, ncols=2, loc="outside lower left")
    headline(figure, title)
    return figure


@chart
def instruct_against_base(scores: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw what instruction tuning did to each score of a model.

    A panel a size, each sorted by gain: a line from base to Instruct.

    Args:
        scores: By size, the scores with benchmarks as index, in the columns ``base`` and ``Instruct`` [1].
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
            axes.plot(base, place, "o", color=GREY, markersize=7)
            axes.plot(instruct, place, "o", color=colour, markersize=7)
            _write(axes, column, place, _signed(gain, 2), color=colour, fontweight="bold")
        for kind, colour in (("base", _FAINT), ("Instruct", BLUE)):
            where = _cell(table, gains.index[0], kind)
            axes.text(where, -0.45, kind, ha="center", va="bottom", color=colour, fontweight="bold")
        axes.grid(axis="x")
        _benchmarks(axes, [str(name) for name in gains.index], ())
        axes.set_title(size, loc="left", fontweight="bold")
        axes.set_xlabel("score [share of the questions]", loc="left")
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

    Two panels: strips of distances, and intervals with the score in question.

    Args:
        apart: Distances of the scores in question, a row a benchmark, a column a model [1].
        unverified: Which of those scores are unverified, in the same shape.
        control: Distances of models known to be base models [1].
        close: Distance below which two scores count as alike [1].
        human_eval: HumanEval scores in question, by model [percent].
        centres: HumanEval of each model, in the columns ``base`` and ``Instruct`` [percent].
        half_widths: Half widths of their intervals, in the same shape [percentage point].
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
            _dot(left, value, place + 0.13 * ((2 * step) % 5 - 2), colour, hollow=bool(hollow))
        alike = int((values.abs().round(6) < close).sum())
        _write(left, column, place, f"{alike} of {len(values)}", color=INK, fontweight="bold")
    _write(left, column, -0.75, f"under {close:g}", color=_FAINT)
    left.axvline(0, color=INK, linewidth=0.9, zorder=0)
    left.axhline(apart.shape[1] - 0.5, color=GREY, linewidth=0.9, linestyle=(0, (1, 3)))
    left.set_yticks(range(len(tables)), list(tables))
    left.set_ylim(len(tables) - 0.5, -0.95)
    left.grid(axis="x")
    left.set_xlabel("distance from Azure's Instruct score\n[share of the questions]", loc="left")
    left.set_title(
        f"{len(apart)} benchmarks: how far from Instruct?", loc="left", fontweight="bold", fontsize=10
    )
    for place, (model, score) in enumerate(human_eval.items()):
        for kind, colour in (("base", ORANGE), ("Instruct", GREEN)):
            centre, half = _cell(centres, model, kind), _cell(half_widths, model, kind)
            right.barh(place, 2 * half, left=centre - half, height=0.3, color=colour, alpha=0.45)
            right.plot([centre, centre], [place - 0.15, place + 0.15], color=colour, linewidth=2)
            if place == 0:
                right.text(centre, -0.22, kind, ha="center", va="bottom")
        _dot(right, score, place, BLUE, hollow=bool(_cell(unverified, "human_eval", model)), size=9)
        right.text(
            score, place + 0.2, f"leaked {score:.1f}", ha="center", va="top", color=BLUE, fontweight="bold"
        )
    right.set_yticks(range(len(human_eval)), [str(model) for model in human_eval.index])
    right.set(xlim=(20, 100), ylim=(len(human_eval) - 0.5, -0.6))
    right.set_xlabel("HumanEval [percent]\nboxes: the paper's 95 % intervals", loc="left")
    right.set_title("HumanEval: base or Instruct?", loc="left", fontweight="bold", fontsize=10)
    for axes in (left, right):
        axes.spines["left"].set_visible(False)
    keys = [
        _key(BLUE, "leaked, unverified", hollow=True),
        _key(BLUE, "leaked, read in a copy of the leak", hollow=False),
        _key(ORANGE, "known base model, verified", hollow=False),
    ]
    figure.legend(handles=keys, ncols=3, loc="outside lower left")
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


def _dot(axes: Axes, x: float, y: float, colour: str, *, hollow: bool, size: float = 6.5) -> None:
    """Mark a score: hollow where it is unverified, and then behind the others."""
    face = "white" if hollow else colour
    axes.plot(x, y, "o", markersize=size, color=colour, markerfacecolor=face, zorder=2.5 if hollow else 3)


def _key(colour: str, label: str, *, hollow: bool) -> Line2D:
    face = "white" if hollow else colour
    return Line2D([], [], marker="o", linestyle="none", color=colour, markerfacecolor=face, label=label)


def _room_for_columns(axes: Axes, lowest: float, highest: float, columns: int) -> list[float]:
    """Keep the right of a panel free for columns of numbers; return where each of them ends."""
    width = highest - lowest
    start, end = lowest - 0.05 * width, highest + 0.05 * width
    axes.set_xlim(start, end + 0.3 * columns * width)
    axes.set_xticks([tick for tick in axes.get_xticks() if start <= tick <= end])
    axes.spines["bottom"].set_bounds(start, end)
    return [end + 0.3 * (column + 1) * width for column in range(columns)]


def _write(axes: Axes, x: float, place: float, label: str, **text: Any) -> None:
    axes.text(x, place, label, ha="right", va="center", **text)


def _benchmarks(axes: Axes, names: list[str], named: Collection[str]) -> None:
    """Write the benchmarks down the side, those named in bold."""
    axes.set_yticks(range(len(names)), names)
    for tick, name in zip(axes.get_yticklabels(), names, strict=True):
        if name in named:
            tick.set(color=RED, fontweight="bold")
    axes.set_ylim(len(names) - 0.4, -1.4)
    axes.spines["left"].set_visible(False)
