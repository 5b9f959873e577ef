"""Sums, ranks and books where the order or the rounding matters."""

import pytest

from costcheck.formulas import (
    FormulaError,
    mean,
    rank_from_largest,
    rank_from_smallest,
    total,
)


def test_a_sum_is_rounded_once():
    assert total([0.1] * 10) == 1.0
    assert mean([0.1] * 10) == 0.1


def test_equals_share_the_better_place_and_a_value_not_among_the_others_has_none():
    assert [rank_from_smallest(value, [1, 2, 2, 3]) for value in (1, 2, 3)] == [1, 2, 4]
    assert [rank_from_largest(value, [1, 2, 2, 3]) for value in (1, 2, 3)] == [4, 2, 1]
    for rank in (rank_from_smallest, rank_from_largest):
        with pytest.raises(
            FormulaError, match=r"^value must be one of among, but 71 is not in \[8, 70, 405\]$"
        ):
            rank(71, [8, 70, 405])
