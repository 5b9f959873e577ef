"""Check articles in a notebook of one's own: `costcheck.check`."""

from __future__ import annotations

import os

from costcheck.claims import verdicts
from costcheck.errors import InputError
from costcheck.notebook.show import Verdicts
from costcheck.prices.book import PriceBook


def check(
    article: str | os.PathLike[str] | PriceBook | None = None, *, prices: PriceBook | None = None
) -> Verdicts:
    """Check every claim of an article, or of the two that come with the package.

    ``article`` is a file of claims, its text, or the name of an example; or in its place the prices.
    ``prices`` are the reader's, as `costcheck.prices` makes them; the articles' own by default.

    >>> check(PriceBook.article().override({"h100_usd": 25_000}))["Z51"]
    Z51: 17亿美金 (the ticket it takes to run the model)
      recomputed      1.72 billion USD
      from            43,000 GPU × 40,000 USD/GPU = 1.72 billion USD
      arithmetic      holds
      premise         wrong category
      holds for       1.65 to 1.75 billion
      at your prices  1.075 billion USD: does not hold
    >>> len(check("deepseek_v3"))
    13
    """
    if isinstance(article, PriceBook):
        if prices is not None:
            raise InputError("two price books; give one, and as the first argument an article")
        article, prices = None, article
    if article is None:
        return Verdicts(tuple(verdicts(prices)))
    if not isinstance(article, str | os.PathLike):
        kind = type(article).__name__
        raise InputError(f"not a {kind}: give a file of claims, or cc.prices(...) as the first argument")
    from costcheck.notebook.chapter import at_hand

    return Verdicts(tuple(verdicts(prices, [at_hand(os.fspath(article))])))
