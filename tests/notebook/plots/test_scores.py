"""Charts of benchmark scores: what is drawn is what was given, and what is unverified shows it."""

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from costcheck.notebook.plots.scores import (
    HATCH,
    instruct_against_base,
    leaked_against_instruct_and_base,
    leaked_table,
    llama31_against_llama3,
    who_beats_gpt4o,
)

BENCHMARKS = ["mmlu_social_sciences", "human_eval", "truthfulqa_mc1"]
SCORES = pd.DataFrame(
    {"GPT-4o": [0.9, 0.8, 0.7], "Llama 3.1 405B": [0.95, 0.7, 0.7], "Llama 3 70B": [0.6, 0.85, 0.3]},
    BENCHMARKS,
)
UNVERIFIED = pd.DataFrame(False, BENCHMARKS, SCORES.columns)
UNVERIFIED["Llama 3.1 405B"] = [True, False, True]


def table():
    return leaked_table(SCORES, UNVERIFIED, "GPT-4o", title="The point")


def wins():
    models = ["Llama 3.1 405B", "Llama 3.1 70B"]
    counts = pd.DataFrame({"as leaked": [10, 8], "run again": [4, 0]}, models)
    leads = pd.DataFrame({"as leaked": [0.017, -0.0002], "run again": [-0.015, -0.039]}, models)
    return who_beats_gpt4o(counts, leads, 13, ["as leaked"], title="The point")


def gains():
    tables = {
        "70B": pd.DataFrame({"leaked": [-0.03, 0.4, 0.25], "verified": [0.03, -0.02, 0.0]}, BENCHMARKS),
        "8B": pd.DataFrame({"leaked": [0.1, 0.3, 0.2], "verified": [0.1, 0.1, 0.05]}, BENCHMARKS),
    }
    return llama31_against_llama3(tables, ["human_eval"], ("leaked", "Instruct"), title="The point")


def tuned():
    scores = pd.DataFrame({"base": [0.87, 0.39, 0.9], "Instruct": [0.88, 0.8, 0.85]}, BENCHMARKS)
    return instruct_against_base({"70B": scores, "8B": scores}, title="The point")


def origin():
    leaked = ["Llama 3.1 405B", "Llama 3.1 70B"]
    apart = pd.DataFrame([[0.0, 0.002], [-0.01, 0.02], [0.001, -0.009]], BENCHMARKS, leaked)
    unverified = pd.DataFrame([[True, True], [False, True], [True, True]], BENCHMARKS, leaked)
    control = pd.DataFrame({"Llama 3 70B": [-0.4, -0.1, 0.04]}, BENCHMARKS)
    centres = pd.DataFrame({"base": [61.0, 58.5], "Instruct": [89.0, 80.5]}, leaked)
    half_widths = pd.DataFrame({"base": [7.5, 7.5], "Instruct": [4.8, 6.1]}, leaked)
    human_eval = pd.Series([85.4, 79.3], leaked)
    return leaked_against_instruct_and_base(
        apart, unverified, control, 0.01, human_eval, centres, half_widths, title="The point"
    )


def hatched(axes):
    """Where the middles of the hatched marks lie, rounded."""
    marks = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_hatch() == HATCH]
    return [(round(patch.get_center()[0], 2), round(patch.get_center()[1], 2)) for patch in marks]


def dots(axes):
    """Which of the scores marked by a dot are hollow."""
    lines = [line for line in axes.lines if line.get_marker() == "o"]
    return {float(line.get_xdata()[0]): line.get_markerfacecolor() == "white" for line in lines}


@pytest.mark.parametrize("draw", [table, wins, gains, tuned, origin])
def test_no_label_touches_another_or_leaves_the_figure(draw, tidy):
    tidy(draw())


def test_the_table_prints_every_score_and_the_means(written):
    printed = written(table())
    for score in [*SCORES.to_numpy().ravel(), *SCORES.mean()]:
        assert f"{score:.3f}" in printed


def test_just_the_unverified_cells_of_the_table_are_hatched_and_the_mean_that_rests_on_them():
    assert sorted(hatched(table().axes[0])) == [
        (1, 0),
        (1, 2),
        (1, 3.35),
    ]  # column, row; means below the rows


def test_the_table_marks_a_lead_by_weight_as_well_as_by_colour():
    bold = [text.get_text() for text in table().axes[0].texts if text.get_fontweight() == "bold"]
    assert bold == ["0.950", "0.850"]  # neither the draw at 0.700 nor a mean, both of which are below 0.800


def test_bars_of_wins_are_as_long_as_the_wins_and_hatched_where_unverified():
    won = {bar.get_width() for container in wins().axes[0].containers for bar in container}
    assert won == {13, 10, 4, 8, 0}
    assert [x for x, _ in hatched(wins().axes[0])] == [5, 4]  # middles of 10 and 8


def test_a_lead_that_rounds_to_zero_carries_no_sign(written):
    printed = written(wins())
    assert "0.000" in printed
    assert "\N{MINUS SIGN}0.015" in printed


def test_every_unverified_gain_is_a_hatched_bar_from_zero_and_the_largest_comes_first():
    bars = [container[0] for container in gains().axes[0].containers]
    assert [(bar.get_x(), round(bar.get_width(), 2)) for bar in bars] == [(0, 0.4), (0, 0.25), (0, -0.03)]
    assert {bar.get_hatch() for bar in bars} == {HATCH}
    assert gains().axes[0].get_yticklabels()[0].get_text() == "human_eval"


def test_the_verified_gains_stand_beside_the_unverified_ones():
    diamonds = [line for line in gains().axes[0].lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [-0.02, 0.0, 0.03]


def test_both_gains_are_written_beside_the_marks_row_by_row():
    printed = [text.get_text().replace("\N{MINUS SIGN}", "-") for text in gains().axes[0].texts]
    assert printed[:6] == ["+0.40", "-0.02", "+0.25", "0.00", "-0.03", "+0.03"]


def test_base_and_instruct_are_joined_in_the_order_of_the_gain():
    joined = [tuple(line.get_xdata()) for line in tuned().axes[0].lines if len(line.get_xdata()) == 2]
    assert joined == [(0.39, 0.8), (0.87, 0.88), (0.9, 0.85)]


def test_an_unverified_score_is_a_hollow_dot_and_a_verified_one_is_solid():
    left, right = origin().axes
    assert dots(left) == {0.0: True, 0.002: True, -0.01: False, 0.02: True, 0.001: True, -0.009: True} | {
        -0.4: False,
        -0.1: False,
        0.04: False,
    }
    assert dots(right) == {85.4: False, 79.3: True}


def test_scores_exactly_as_far_apart_as_the_bound_do_not_count_as_alike(written):
    printed = written(origin())
    assert printed.count("2 of 3") == 2  # 0 and 0.001, not -0.01; 0.002 and -0.009, not 0.02
    assert printed.count("0 of 3") == 1


def test_an_interval_reaches_its_half_width_to_both_sides_of_the_score():
    bars = [container[0] for container in origin().axes[1].containers]
    ends = [(round(bar.get_x(), 1), round(bar.get_x() + bar.get_width(), 1)) for bar in bars]
    assert ends == [(53.5, 68.5), (84.2, 93.8), (51.0, 66.0), (74.4, 86.6)]  # 61 +- 7.5, 89 +- 4.8, ...
