"""Sums, ranks and books where the order or the rounding matters."""

import pandas as pd
import pytest

from costcheck.formulas import (
    FormulaError,
    books_from_words,
    mean,
    rank_from_largest,
    rank_from_smallest,
    total,
)

# Word counts of the US editions of Harry Potter, wordcounter.net, 23 November 2015
POTTER = [76_944, 85_141, 107_253, 190_637, 257_045, 168_923, 198_227]


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


def test_the_window_holds_two_of_the_seven_harry_potter_books():
    books = books_from_words(96_000, pd.Series(POTTER, index=range(1, 8)))
    assert books.round(2).tolist() == [1.25, 1.13, 0.90, 0.50, 0.37, 0.57, 0.48]
    assert books.index[books >= 1].tolist() == [1, 2]
