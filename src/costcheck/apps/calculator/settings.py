"""The calculator's settings: a dated set of prices, the reader's own, and the link that holds both."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from costcheck.errors import InputError, unknown
from costcheck.prices import price_book
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import packaged_quotes, past_day, price_keys, value_of
from costcheck.text.numbers import number_text

AS_OF = "as-of"  # as on the command line


@dataclass(frozen=True)
class Settings:
    """The prices a reader chose: those of the articles or of a day, and some of the reader's own.

    >>> Settings(given={"h100_usd": 25_000.0}).book().scenario
    'h100_usd=25000'
    """

    date: str | None = None
    """The day whose quotes count; without one the articles' own prices do."""
    given: Mapping[str, float] = field(default_factory=dict)
    """By key, the reader's own prices, where they differ from the set's; in the price book's order."""

    def __post_init__(self) -> None:
        """Drop prices that equal the set's own, and sort the rest."""
        base = self.base()
        own = {key: self.given[key] for key in price_keys() if self.given.get(key, base[key]) != base[key]}
        object.__setattr__(self, "given", own)

    def base(self) -> PriceBook:
        """Return the set of prices without the reader's own."""
        return price_book(self.date, (), "")

    def book(self) -> PriceBook:
        """Return the price book that `costcheck check` makes of the same choices."""
        return self.base().override(self.given)

    def link(self) -> str:
        """Return what follows the ``#`` of a link; `read_link` reads it."""
        dated = {AS_OF: self.date} if self.date else {}
        return urllib.parse.urlencode(dated | {key: number_text(value) for key, value in self.given.items()})

    def command(self) -> str:
        """Return the command that gives the same verdicts.

        >>> settings = Settings("2024-07-31", {"usd_cny": 7.1})
        >>> settings.link(), settings.command()
        ('as-of=2024-07-31&usd_cny=7.1', 'costcheck check --as-of 2024-07-31 --set usd_cny=7.1')
        """
        dated = [f"--as-of {self.date}"] if self.date else []
        own = [f"--set {key}={number_text(value)}" for key, value in self.given.items()]
        return " ".join(["costcheck check", *dated, *own])


def read_link(text: str) -> Settings:
    """Read settings from what follows the ``#`` of a link; a leading ``#`` is ignored.

    >>> read_link("#h100_usd=25000").given
    {'h100_usd': 25000.0}
    >>> read_link("hl00_usd=25000")
    Traceback (most recent call last):
    costcheck.errors.InputError: unknown price 'hl00_usd': did you mean 'h100_usd'?
    """
    text = text.removeprefix("#")
    if not text:
        return Settings()
    try:
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise InputError("its form must be KEY=VALUE&KEY=VALUE, as h100_usd=25000&usd_cny=7.1") from None
    date: str | None = None
    given: dict[str, float] = {}
    for key, value in pairs:
        if key in given or (key == AS_OF and date):
            raise InputError(f"{key} is given twice")
        if key == AS_OF:
            date = past(value)
        elif key in price_keys():
            given[key] = value_of(key, value)
        else:
            nearest = unknown("price", key, [AS_OF, *price_keys()])
            # a page has no room for the names of all prices
            raise nearest if nearest.nearest else InputError(f"{nearest.what}; costcheck prices lists them")
    return Settings(date, given)


def past(text: str) -> str:
    """Return a day if it is not in the future and has quotes; else raise `InputError`."""
    date = past_day(text)
    PriceBook.as_of(date)
    return date


@cache
def dates() -> tuple[str, ...]:
    """Return the days on which some price changes, the latest first; a quote of a month is of its first day.

    >>> dates()[0], "2024-07-31" in dates()
    ('2026-09-20', True)
    """
    days = sorted({f"{quote.as_of}-01"[:10] for quote in packaged_quotes()})
    changes = groupby(days, lambda date: dict(PriceBook.as_of(date)))
    return tuple(reversed([next(group) for _, group in changes]))
