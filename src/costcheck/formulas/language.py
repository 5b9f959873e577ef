"""From tokens to words and from words to books."""

from __future__ import annotations

from ._guard import Computed, Quantity, positive


def words_from_tokens(tokens: Quantity, words_per_token: Quantity) -> Computed:
    """Words of running text in a number of tokens.

    Args:
        tokens: Tokens [token].
        words_per_token: Depends on language and tokenizer; OpenAI's rule of thumb for English is 0.75
            [A/token].
    Returns: Words, or characters where a token is given in those [A].
    Sum: tokens * words_per_token.
    Source: OpenAI help centre, "What are tokens and how to count them?": 100 tokens are about 75 words.

    >>> words_from_tokens(128_000, words_per_token=0.75)
    96000.0
    """
    return positive("tokens", tokens) * positive("words_per_token", words_per_token)


def books_from_words(words: Quantity, words_per_book: Quantity) -> Computed:
    """Books that a number of words would fill.

    Args:
        words: Words [word].
        words_per_book: Length of one book [word/book].
    Returns: Books, 1 for exactly one [book].
    Sum: words / words_per_book.
    Source: Division.

    >>> books_from_words(96_000, words_per_book=64_000)
    1.5
    """
    return positive("words", words) / positive("words_per_book", words_per_book)
