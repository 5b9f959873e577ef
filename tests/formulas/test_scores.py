"""Comparing models benchmark by benchmark, on the table that leaked and on simple cases."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.formulas import (
    FormulaError,
    biggest_gains,
    mean_difference,
    mean_ratio,
    named_in_top_gains,
    share_won,
    standard_errors_apart,
    wins,
    within_interval,
)

# Azure ML assets as leaked on 22 July 2024: GPT-4o, Llama 3.1 70B, Llama 3 70B
SCORES = {
    "boolq": [0.905, 0.909, 0.892], "gsm8k": [0.942, 0.948, 0.833], "hellaswag": [0.891, 0.908, 0.874],
    "human_eval": [0.921, 0.793, 0.390], "mmlu_humanities": [0.802, 0.795, 0.706],
    "mmlu_other": [0.872, 0.852, 0.825], "mmlu_social_sciences": [0.913, 0.878, 0.872],
    "mmlu_stem": [0.696, 0.771, 0.696], "openbookqa": [0.882, 0.936, 0.928], "piqa": [0.844, 0.862, 0.894],
    "social_iqa": [0.790, 0.813, 0.789], "truthfulqa_mc1": [0.825, 0.769, 0.520],
    "winogrande": [0.822, 0.845, 0.776],
}  # fmt: skip
LEAKED = pd.DataFrame(SCORES, index=["gpt4o", "llama31", "llama3"]).T
THEIRS, OURS, BEFORE = (LEAKED[model] for model in LEAKED)


def test_the_leaked_70b_wins_8_of_13_benchmarks_and_is_level_on_the_mean():
    assert wins(OURS, THEIRS) == 8
    assert share_won(OURS, THEIRS) == 8 / 13
    assert mean_difference(OURS, THEIRS) == pytest.approx(-0.026 / 13)  # 11.079 - 11.105
    assert mean_ratio(OURS, THEIRS) == pytest.approx(11.079 / 11.105)


def test_a_lead_is_measured_by_its_own_standard_error_and_one_that_never_varies_is_refused():
    assert standard_errors_apart([3, 5, 7, 9], [2, 3, 4, 5]) == pytest.approx(
        3.872983
    )  # 2.5 / (1.290994 / 2)
    assert standard_errors_apart([2, 3, 4, 5], [3, 5, 7, 9]) == pytest.approx(3.872983)
    for ours in ([2, 3], [2]):
        with pytest.raises(FormulaError, match=r"^ours and theirs must differ by more than one amount"):
            standard_errors_apart(ours, [1, 2][: len(ours)])


def test_human_eval_and_truthfulqa_rose_most_from_llama_3_to_3_1():
    # 0.793 - 0.390 and 0.769 - 0.520; next is gsm8k with 0.115
    assert biggest_gains(OURS, BEFORE, LEAKED.index, 3) == ["human_eval", "truthfulqa_mc1", "gsm8k"]
    assert named_in_top_gains(OURS, BEFORE, LEAKED.index, ["truthfulqa_mc1", "human_eval"]) == 2
    assert named_in_top_gains(OURS, BEFORE, LEAKED.index, ["human_eval", "gsm8k"]) == 1
    assert named_in_top_gains(OURS, BEFORE, LEAKED.index, ["piqa"]) == 0


def test_a_draw_is_nobodys_win_and_a_ratio_is_of_the_means():
    assert wins([1, 2, 3], [1, 2, 4]) == 0
    assert wins([1, 2, 4], [1, 2, 3]) == 1
    assert mean_ratio([1, 9], [2, 3]) == 2.0  # of the means, 10 / 5; the mean of ratios is 1.75


@pytest.mark.parametrize("compare", [wins, share_won, mean_difference, mean_ratio, standard_errors_apart])
def test_scores_of_different_benchmarks_or_in_another_order_are_refused(compare):
    with pytest.raises(FormulaError, match=r"^ours and theirs must have one length, but have 2 and 3$"):
        compare([1, 2], [1, 2, 3])
    with pytest.raises(FormulaError, match=r"^ours and theirs must have one index"):
        compare(OURS, THEIRS[::-1])
    assert compare(OURS[::-1], THEIRS[::-1]) == pytest.approx(compare(OURS, THEIRS))
    assert compare(OURS, THEIRS.tolist()) == compare(OURS, THEIRS)


@pytest.mark.parametrize(
    ("names", "named", "message"),
    [
        (["a"], ["a"], r"after and before and names must have one length, but have 2 and 2 and 1$"),
        (["a", "a"], ["a"], r"names must be a sequence of distinct names, but names\[1\] is 'a'$"),
        (["a", "b"], ["a", "a"], r"named must be a sequence of distinct names, but named\[1\] is 'a'$"),
        (["a", "b"], ["a", "mbpp"], r"named must be among names, but named\[1\] is 'mbpp'$"),
    ],
)
def test_names_must_be_as_many_as_scores_each_once_and_there(names, named, message):
    with pytest.raises(FormulaError, match=f"^{message}"):
        named_in_top_gains([1, 2], [0, 0], names, named)


def test_a_count_out_of_range_a_ratio_to_no_positive_mean_and_an_interval_without_width_are_refused():
    for count in (0, 1.5, 3, None):
        with pytest.raises(FormulaError, match=r"^count must "):
            biggest_gains([1, 2], [0, 0], ["a", "b"], count)
    for theirs, mean in ([0, 0], "0.0"), ([-1, -3], "-2.0"):
        with pytest.raises(FormulaError, match=rf"^theirs must have a positive mean, but it is {mean}$"):
            mean_ratio([1, 2], theirs)
    with pytest.raises(FormulaError, match=r"^half_width must be positive and finite, but is 0$"):
        within_interval(1, centre=1, half_width=0)


@given(st.integers(-1000, 1000), st.integers(1, 100), st.integers(0, 3))
def test_the_ends_of_an_interval_belong_to_it_and_one_in_the_last_digit_more_does_not(centre, width, places):
    """Scores as they are printed, with some decimals: 61.1 lies within 61.0 +- 0.1."""
    scale = 10**places
    for end in (centre - width, centre + width):
        beyond = end + (1 if end > centre else -1)
        assert within_interval(end / scale, centre / scale, width / scale)
        assert not within_interval(beyond / scale, centre / scale, width / scale)


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=8),
    st.integers(1, 8),
    st.integers(0, 3),
)
def test_gains_that_are_equal_as_printed_stay_in_the_order_given(rows, count, places):
    """As whole numbers of the last place the gains are exact; as floats 0.3 - 0.2 is less than 0.2 - 0.1."""
    names = [f"b{nth}" for nth in range(len(rows))]
    count = min(count, len(rows))
    exact = sorted(range(len(rows)), key=lambda nth: rows[nth][1] - rows[nth][0])
    after, before = ([score / 10**places for score in column] for column in zip(*rows, strict=True))
    assert biggest_gains(after, before, names, count) == [names[nth] for nth in exact[:count]]
    assert named_in_top_gains(after, before, names, [names[nth] for nth in exact[:count]]) == count
