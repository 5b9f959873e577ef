"""Comparing models benchmark by benchmark."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.formulas import (
    FormulaError,
    biggest_gains,
    mean_ratio,
    named_in_top_gains,
    standard_errors_apart,
    wins,
    within_interval,
)


def test_a_lead_is_measured_by_its_own_standard_error_and_one_that_never_varies_is_refused():
    assert standard_errors_apart([3, 5, 7, 9], [2, 3, 4, 5]) == pytest.approx(
        3.872983
    )  # 2.5 / (1.290994 / 2)
    assert standard_errors_apart([2, 3, 4, 5], [3, 5, 7, 9]) == pytest.approx(3.872983)
    for ours in ([2, 3], [2]):
        with pytest.raises(FormulaError, match=r"^ours and theirs must differ by more than one amount"):
            standard_errors_apart(ours, [1, 2][: len(ours)])


def test_a_draw_is_nobodys_win_and_a_ratio_is_of_the_means():
    assert wins([1, 2, 3], [1, 2, 4]) == 0
    assert wins([1, 2, 4], [1, 2, 3]) == 1
    assert mean_ratio([1, 9], [2, 3]) == 2.0  # of the means, 10 / 5; the mean of ratios is 1.75


def test_scores_of_different_benchmarks_or_in_another_order_are_refused():
    scores = pd.Series({"boolq": 0.909, "gsm8k": 0.948})
    with pytest.raises(FormulaError, match=r"^ours and theirs must have one index"):
        wins(scores, scores[::-1])
    with pytest.raises(FormulaError, match=r"^ours and theirs must have one length, but have 2 and 3$"):
        wins([1, 2], [1, 2, 3])


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
