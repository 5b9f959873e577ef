"""Tokens, words and books, against the rule of thumb and lists of word counts."""

import pandas as pd

from costcheck.formulas import books_from_words, words_from_tokens


# OpenAI's rule of thumb: 100 tokens are about 75 words; the articles' 96,000 words
def test_words_agree_with_a_hand_calculation():
    assert words_from_tokens([100, 128_000], 0.75).tolist() == [75, 96_000]


def test_the_window_holds_two_of_the_seven_harry_potter_books():
    # Word counts of the US editions, wordcounter.net, 23 November 2015
    words = pd.Series([76_944, 85_141, 107_253, 190_637, 257_045, 168_923, 198_227], index=range(1, 8))
    books = books_from_words(96_000, words)
    assert books.round(2).tolist() == [1.25, 1.13, 0.90, 0.50, 0.37, 0.57, 0.48]
    assert books.index[books >= 1].tolist() == [1, 2]
