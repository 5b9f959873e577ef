"""Comparisons, tokens, words and books: against the articles, published tables and lists of word counts."""

import pandas as pd
import pytest

from costcheck.formulas import (
    FormulaError,
    books_from_words,
    count,
    difference,
    highest,
    lowest,
    mean,
    median,
    rank_from_largest,
    rank_from_smallest,
    ratio,
    total,
    words_from_tokens,
)

# Word counts of the US editions of Harry Potter, wordcounter.net, 23 November 2015
POTTER = [76_944, 85_141, 107_253, 190_637, 257_045, 168_923, 198_227]
# Llama 3 paper, Table 5: unexpected interruptions by cause
INTERRUPTIONS = [148, 72, 54, 35, 32, 19, 17, 7, 7, 6, 6, 3, 3, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("computed", "by_hand"),
    [
        pytest.param(ratio(820, 280), 2.928571, id="the articles' nearly three times"),
        pytest.param(ratio(1.46, 1.30), 1.123077, id="GPU-hours of 8B, 3.1 over 3 (model cards)"),
        pytest.param(difference(0.733, 0.769), -0.036, id="8B 3.1 behind 70B 3.0"),
        pytest.param(difference(-1, -3), 2, id="-1 - -3"),
        pytest.param(total(INTERRUPTIONS), 419, id="Llama 3 paper, section 3.3.4: 419 unexpected"),
        pytest.param(total(POTTER), 1_084_170, id="7 books"),
        # OpenAI's rule of thumb: 100 tokens are about 75 words
        pytest.param(words_from_tokens(128_000, 0.75), 96_000, id="the articles' words"),
        (median([15, 3, 7.5, 3]), 5.25), (median([15, 3, 4]), 4),
        (lowest(INTERRUPTIONS), 2), (highest(INTERRUPTIONS), 148), (count(INTERRUPTIONS), 18),
    ],
)  # fmt: skip
def test_comparisons_agree_with_a_hand_calculation(computed, by_hand):
    assert computed == pytest.approx(by_hand, rel=1e-6)


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
