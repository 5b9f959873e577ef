"""Charts of benchmark scores; what rests on unverified data is hatched or hollow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from costcheck.formulas import difference, mean
from costcheck.plots.style import BLUE, GREEN, GREY, INK, ORANGE, RED, canvas, chart, headline, source

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HATCH = "////"
_STRONG = 0.2  # a lead from which on the colour is full
_FAINT = "#555555"


@chart
def leaked_table(scores: pd.DataFrame, unverified: pd.DataFrame, reference: str, title: str) -> Figure:
    """Draw a table of scores, coloured by how far each lies from a reference model.

    Args:
        scores: Scores, a row a benchmark in the order to draw, a column a model [1].
        unverified: Which of them are unverified, in the same shape.
        reference: The column that the others are compared with.
        title: The point.

    Returns:
        A heat map with a row of means below; unverified cells, and means that rest on one, are hatched.
    """
    figure, axes = canvas(8.6, 6.6)
    rows: list[tuple[float, str, Any, Any]] = [
        (place, str(name), scores.loc[name], unverified.loc[name]) for place, name in enumerate(scores.index)
    ]
    means = {model: mean(scores[model]) for model in scores.columns}
    rows.append((len(scores) + 0.35, f"mean of {len(scores)}", means, unverified.any()))
    for y, _, values, doubtful in rows:
        for x, model in enumerate(scores.columns):
            lead = difference(float(values[model]), float(values[reference]))
            colour = "#E8E8E8" if model == reference else _tint(lead)
            axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=2))
            if doubtful[model]:
                axes.add_patch(_hatched((x - 0.5, y - 0.5), 1, 1))
            axes.text(
                x,
                y,
                f"{values[model]:.3f}",
                ha="center",
                va="center",
                fontweight="bold" if model != reference and lead > 0 else "normal",
                path_effects=[withStroke(linewidth=3.5, foreground=colour)],
            )
    axes.set_xticks(range(scores.shape[1]), [str(model).replace(" ", "\n", 2) for model in scores.columns])
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
    headline(figure, title)
    source(figure, "Sources: Azure's repository the day before the leak; the leaked table as recalled where hatched")
    return figure


@chart
def llama31_against_llama3(
    gains: Mapping[str, pd.DataFrame], named: Collection[str], labels: tuple[str, str], title: str
) -> Figure:
    """Draw how much each benchmark rose between two generations, by unverified and by verified scores.

    Args:
        gains: By size, the gains with benchmarks as index, in two columns: unverified, verified [1].
        named: Benchmarks to bring out.
        labels: What the two columns are.
        title: The point.

    Returns:
        A panel a size, each sorted by the first column: hatched bars with diamonds for the second.
    """
    figure, panels = canvas(10, 5.2, ncols=len(gains), sharex=True, squeeze=False)
    lowest = min(float(table.to_numpy().min()) for table in gains.values())
    highest = max(float(table.to_numpy().max()) for table in gains.values())
    for axes, (size, table) in zip(panels[0], gains.items(), strict=True):
        ordered = table.sort_values(table.columns[0], ascending=False, kind="stable")
        for place, (name, leaked, checked) in enumerate(ordered.itertuples()):
            colour = RED if name in named else GREY
            axes.add_patch(_bar(place, leaked, colour))
            axes.plot(checked, place, "D", color=INK, markersize=5.5)
            weight = "bold" if name in named else "normal"
            _column(axes, 1.10, place, f"{leaked:+.2f}", color=colour if name in named else _FAINT, weight=weight)
            _column(axes, 1.27, place, f"{checked:+.2f}", color=INK, weight=weight)
        _column(axes, 1.10, -0.9, "▨", color=_FAINT)
        _column(axes, 1.27, -0.9, "◆", color=INK)
        axes.axvline(0, color=INK, linewidth=0.9)
        _benchmarks(axes, [str(name) for name in ordered.index], named)
        axes.set_title(size, loc="left", fontweight="bold")
        axes.set_xlim(lowest - 0.03, highest + 0.02)
        axes.set_xlabel("gain [share of the questions]")
    keys = [
        Patch(facecolor="white", edgecolor=GREY, hatch=HATCH, label=f"{labels[0]} (unverified)"),
        Line2D([], [], marker="D", color=INK, linestyle="none", markersize=5.5, label=labels[1]),
    ]
    figure.legend(handles=keys, ncols=2, loc="outside lower left")
    headline(figure, title)
    return figure


@chart
def instruct_against_base(scores: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw what instruction tuning did to each score of a model.

    Args:
        scores: By size, the scores with benchmarks as index, in the columns ``base`` and ``instruct`` [1].
        title: The point.

    Returns:
        A panel a size, each sorted by gain: a line from base to instruct.
    """
    figure, panels = canvas(10, 5.0, ncols=len(scores), sharex=True, squeeze=False)
    for axes, (size, table) in zip(panels[0], scores.items(), strict=True):
        gains = difference(table["instruct"], table["base"]).sort_values(ascending=False, kind="stable")
        for place, (name, gain) in enumerate(gains.items()):
            base, instruct = float(table.at[name, "base"]), float(table.at[name, "instruct"])
            colour = BLUE if gain > 0 else RED
            axes.plot([base, instruct], [place, place], color=colour, linewidth=2.4, alpha=0.55)
            axes.plot(base, place, "o", color=GREY, markersize=7)
            axes.plot(instruct, place, "o", color=colour, markersize=7)
            _column(axes, 1.13, place, f"{gain:+.2f}", color=colour, weight="bold")
        first = table.loc[gains.index[0]]
        for column, colour in (("base", _FAINT), ("instruct", BLUE)):
            axes.annotate(
                {"base": "base", "instruct": "Instruct"}[column],
                (first[column], 0),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                color=colour,
                fontweight="bold",
            )
        _benchmarks(axes, [str(name) for name in gains.index], ())
        axes.set_title(size, loc="left", fontweight="bold")
        axes.set_xlim(0.25, 1)
        axes.grid(axis="x")
        axes.set_xlabel("score [share of the questions]")
    headline(figure, title)
    source(figure, "Source: Azure's repository the day before the leak (every score read there)")
    return figure


@chart
def who_beats_gpt4o(readings: pd.DataFrame, benchmarks: int, title: str) -> Figure:
    """Draw how many benchmarks two models win against GPT-4o, by several readings of the scores.

    Args:
        readings: A row a bar, with the columns ``model``, ``reading``, ``wins`` [benchmark], ``lead`` (mean
            lead [1]) and ``unverified``; the rows of a model stand together.
        benchmarks: Benchmarks in all.
        title: The point.

    Returns:
        Bars of one square a benchmark, those that rest on unverified scores hatched.
    """
    figure, axes = canvas(9, 4.6)
    places: list[float] = []
    seen: list[str] = []
    for row in readings.to_dict("records"):
        if row["model"] not in seen:
            seen.append(row["model"])
            axes.text(-0.1, len(places) + 1.25 * len(seen) - 1.85, row["model"], ha="right", fontweight="bold")
        y = len(places) + 1.25 * len(seen) - 1.25
        places.append(y)
        most = row["wins"] * 2 > benchmarks
        for square in range(benchmarks):
            colour = (BLUE if most else ORANGE) if square < row["wins"] else "#ECECEC"
            axes.add_patch(
                Rectangle((square, y - 0.36), 1, 0.72, facecolor=colour, edgecolor="white", linewidth=2)
            )
        if row["unverified"]:
            axes.add_patch(_hatched((0, y - 0.36), row["wins"], 0.72, "white"))
        axes.text(
            benchmarks + 0.2, y, f"{row['wins']} of {benchmarks}", va="center", fontweight="bold", fontsize=11
        )
        axes.text(benchmarks + 2.9, y, f"{row['lead']:+.3f}", va="center", ha="right")
    axes.text(benchmarks + 2.9, places[0] - 0.62, "mean lead", ha="right", color=_FAINT)
    axes.axvline(benchmarks / 2, color=INK, linewidth=1.1, linestyle=(0, (4, 3)), ymax=0.95)
    axes.text(benchmarks / 2, places[0] - 0.62, "half", ha="center", color=INK)
    axes.set_yticks(places, list(readings["reading"]))
    axes.set_xticks([])
    axes.set(xlim=(0, benchmarks + 3), ylim=(places[-1] + 0.5, places[0] - 1.0))
    axes.spines[:].set_visible(False)
    if readings["unverified"].any():
        key = Patch(facecolor=BLUE, edgecolor="white", hatch=HATCH, label="rests on unverified scores")
        figure.legend(handles=[key], loc="outside lower left")
    headline(figure, title)
    return figure


@chart
def leaked_against_instruct_and_base(
    apart: Mapping[str, pd.DataFrame], control: Mapping[str, pd.DataFrame], human_eval: pd.DataFrame, title: str
) -> Figure:
    """Draw how far scores of unknown origin lie from Instruct scores, and where one lies between two intervals.

    Args:
        apart: By label, differences from the Instruct score in the column ``apart`` [1], with ``unverified``.
        control: The same for models known to be base models.
        human_eval: By model, the score in question in ``leaked`` [percent] with ``unverified``, and the scores
            ``base`` and ``instruct`` with the half widths ``base_ci`` and ``instruct_ci`` of their intervals.
        title: The point.

    Returns:
        Two panels: strips of differences, and intervals with the score in question.
    """
    figure, (left, right) = canvas(10, 4.4, ncols=2, width_ratios=[1.15, 1])
    strips = [*((label, table, BLUE) for label, table in apart.items())]
    strips += [(label, table, ORANGE) for label, table in control.items()]
    for place, (_, table, colour) in enumerate(strips):
        ordered = table.sort_values("apart", kind="stable")
        for step, (value, doubtful) in enumerate(zip(ordered["apart"], ordered["unverified"], strict=True)):
            _dot(left, value, place + 0.2 * (step % 3 - 1), colour, bool(doubtful))
    left.axvline(0, color=INK, linewidth=0.9, zorder=0)
    left.axhline(len(apart) - 0.5, color="#CCCCCC", linewidth=0.9)
    left.set_yticks(range(len(strips)), [label for label, *_ in strips])
    left.set_ylim(len(strips) - 0.5, -0.5)
    left.set_xlabel("distance from the Instruct score [share of the questions]")
    left.set_title("13 benchmarks a row", loc="left", color=_FAINT, fontsize=9.5)
    for place, row in enumerate(human_eval.to_dict("records")):
        for kind, colour in (("base", ORANGE), ("instruct", GREEN)):
            middle, half = row[kind], row[f"{kind}_ci"]
            right.plot([middle - half, middle + half], [place, place], color=colour, linewidth=9, alpha=0.5,
                       solid_capstyle="butt")
        _dot(right, row["leaked"], place, BLUE, bool(row["unverified"]), 9)
        right.annotate(f"{row['leaked']:.1f}", (row["leaked"], place), xytext=(0, -18), color=BLUE,
                       textcoords="offset points", ha="center", fontweight="bold")
    return figure


def _tint(lead: float) -> str:
    """Return blue for a lead and orange for a lag, the paler the smaller."""
    strength = 0.12 + 0.63 * min(abs(lead) / _STRONG, 1)
    colour = to_rgb(BLUE if lead > 0 else ORANGE)
    return to_hex([1 - strength * (1 - part) for part in colour])


def _hatched(corner: tuple[float, float], width: float, height: float, colour: str = "#9A9A9A") -> Rectangle:
    return Rectangle(corner, width, height, fill=False, edgecolor=colour, hatch=HATCH, linewidth=0)
