"""Which prices a claim rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from costcheck.claims import references
from costcheck.claims.article import Article, Call


def prices_of(of: Sequence[Article]) -> list[str]:
    """Return the prices that the claims of some articles are reckoned from, each once, as they come.

    Args:
        of: Articles as read by `costcheck.claims.article.load`.

    Returns:
        Keys of the price book.

    >>> from costcheck.claims import articles
    >>> prices_of(articles())[2:5]
    ['input_tokens_per_output_token', 'gpt4o_mini_input_usd_per_mtok', 'gpt4o_mini_output_usd_per_mtok']
    """
    found = (
        key
        for article in of
        for claim in article.claims
        for part in (claim.call, claim.fact, *claim.instead, claim.price and f"prices.{claim.price}")
        for key in _prices_in(part)
    )
    return list(dict.fromkeys(found))


def _prices_in(part: Any) -> Iterator[str]:
    if isinstance(part, Call):
        yield from _prices_in(list(part.filled().values()))
    elif isinstance(part, list):
        for one in part:
            yield from _prices_in(one)
    elif isinstance(part, str):
        match references.parse(part):
            case references.PriceReference(key):
                yield key
