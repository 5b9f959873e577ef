"""Quotes, price books and public price feeds; called, the package makes a price book.

>>> from costcheck import prices
>>> prices(h100_usd=25_000)
h100_usd=25000: 1 price differs from the articles'
  h100_usd  25,000 USD/GPU, not 40,000 (given)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import Quote


def readers_prices(
    *, as_of: str | None = None, book: str | Path | None = None, **given: float | str
) -> PriceBook:
    """Return a price book: the articles' own prices, but for what is asked for.

    Args:
        as_of: A day, as ``"2025-03-31"``: the latest quotes by then.
        book: A CSV file of quotes; its latest go before the articles' prices.
        given: Prices by key, in the key's unit; ``costcheck prices`` lists the keys.

    Raises:
        InputError: An unknown key, with the nearest; a value out of bounds; a day that is none, or to come;
            a file that cannot be read.
    """
    from costcheck.prices import own_file
    from costcheck.prices.quotes import past_day

    date = None if as_of is None else past_day(as_of)
    more = [] if book is None else own_file.quotes_of(Path(book))
    return price_book(date, more, "" if book is None else Path(book).name).override(given)


def price_book(date: str | None, more: Sequence[Quote], name: str) -> PriceBook:
    """Return the price book of a day, if any, and of the quotes in a reader's file of some name."""
    from costcheck.prices.book import PriceBook

    if date is not None:
        return PriceBook.as_of(date, more, name)
    return PriceBook.article().with_quotes(more, name) if more else PriceBook.article()


class _Callable(ModuleType):
    """The package as what `costcheck.prices(h100_usd=25_000)` calls."""

    __call__ = staticmethod(readers_prices)


sys.modules[__name__].__class__ = _Callable
