"""How many times, how much more, which place: against the articles' comparisons and published tables."""

import functools
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.formulas import (
    FormulaError,
    count,
    difference,
    highest,
    lowest,
    mean,
    product,
    quotient,
    rank_from_largest,
    rank_from_smallest,
    ratio,
    scaled,
    total,
)

# Llama 3 paper, Table 5: unexpected interruptions by cause
INTERRUPTIONS = [148, 72, 54, 35, 32, 19, 17, 7, 7, 6, 6, 3, 3, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("computed", "by_hand"),
    [
        pytest.param(ratio(820, 280), 2.928571, id="the articles' nearly three times"),
        pytest.param(ratio(131_072, 8192), 16, id="context window of 3.1 over 3"),
        pytest.param(ratio(1.46, 1.30), 1.123077, id="GPU-hours of 8B, 3.1 over 3 (model cards)"),
        pytest.param(ratio(1.72e9, 640_000), 2687.5, id="entry ticket over two servers"),
        pytest.param(difference(0.733, 0.769), -0.036, id="8B 3.1 behind 70B 3.0"),
        pytest.param(difference(-1, -3), 2, id="-1 - -3"),
        pytest.param(scaled(-2.5, 1000), -2500, id="-2.5 * 1000"),
        pytest.param(product(700, 0.5), 350, id="700 W for half an hour"),
        pytest.param(quotient(15e12, 1e6), 15e6, id="15e12 tokens at a million a second"),
        pytest.param(total(INTERRUPTIONS), 419, id="Llama 3 paper, section 3.3.4: 419 unexpected"),
        pytest.param(total([76_944, 85_141, 107_253, 190_637, 257_045, 168_923, 198_227]), 1_084_170,
            id="7 books"),
        pytest.param(mean([88.6, 73.8, 89.0]), 83.8, id="251.4 / 3"),
        pytest.param(lowest(INTERRUPTIONS), 2, id="least"),
        pytest.param(highest(INTERRUPTIONS), 148, id="most"),
        pytest.param(count(INTERRUPTIONS), 18, id="rows of the table"),
    ],
)  # fmt: skip
def test_comparisons_agree_with_a_hand_calculation(computed, by_hand):
    assert computed == pytest.approx(by_hand, rel=1e-6)


def test_a_printed_share_can_be_held_against_the_counts():
    # Llama 3 paper, Table 5: 148 faulty GPUs are printed as 30.1 %, 72 faulty memories as 17.2 %
    assert round(100 * ratio(148, total(INTERRUPTIONS)), 1) == 35.3
    assert round(100 * ratio(72, total(INTERRUPTIONS)), 1) == 17.2


def test_a_sum_is_rounded_once():
    assert total([0.1] * 10) == 1.0
    assert mean([0.1] * 10) == 0.1
    assert functools.reduce(operator.add, [0.1] * 10) != 1.0  # sum() does better from Python 3.12 on


def test_equals_share_the_better_place():
    assert [rank_from_smallest(value, [1, 2, 2, 3]) for value in (1, 2, 3)] == [1, 2, 4]
    assert [rank_from_largest(value, [1, 2, 2, 3]) for value in (1, 2, 3)] == [4, 2, 1]


@pytest.mark.parametrize("rank", [rank_from_smallest, rank_from_largest])
def test_a_value_that_is_not_among_the_others_has_no_rank(rank):
    with pytest.raises(FormulaError, match=r"^value must be one of among, but 71 is not in \[8, 70, 405\]$"):
        rank(71, [8, 70, 405])


finite_numbers = st.lists(st.integers(-1000, 1000), min_size=1, max_size=20)


@settings(max_examples=30)
@given(finite_numbers)
def test_the_first_place_is_the_extreme_and_the_mean_lies_between(values):
    assert rank_from_smallest(lowest(values), values) == 1
    assert rank_from_largest(highest(values), values) == 1
    assert lowest(values) <= mean(values) <= highest(values)
    assert total(values) == pytest.approx(np.sum(values))


@settings(max_examples=30)
@given(finite_numbers, st.data())
def test_smaller_equal_and_larger_ones_add_up(values, data):
    value = data.draw(st.sampled_from(values))
    smaller, larger = rank_from_smallest(value, values) - 1, rank_from_largest(value, values) - 1
    assert smaller + values.count(value) + larger == count(values)
