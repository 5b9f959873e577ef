"""What a calculator is set to: a dated set of prices and the reader's own, and the link that says so."""

from __future__ import annotations

import difflib
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import past_day, price_keys, quotes, value_of
from costcheck.text.numbers import number_text

AS_OF = "as-of"
"""The word for the day of the quotes, in links as on the command line."""
LONGEST_LINK = 4096
"""More characters than all prices at full precision take."""


@dataclass(frozen=True)
class Settings:
    """The prices a reader chose: those of the articles or of a day, and some of the reader's own.

    >>> Settings(given={"h100_usd": 25_000.0}).book().scenario
    'h100_usd=25000'
    """

    date: str | None = None
    """The day whose quotes count; the articles' own prices if there is none."""
    given: Mapping[str, float] = field(default_factory=dict)
    """By key, the reader's own prices, where they differ from the set's."""

    def __post_init__(self) -> None:
        """Leave out what is the set's own price, and put the rest into the price book's order."""
        base = self.base()
        kept = {key: self.given[key] for key in price_keys() if key in self.given}
        kept = {key: value for key, value in kept.items() if value != base[key]}
        object.__setattr__(self, "given", kept)

    def base(self) -> PriceBook:
        """Return the set of prices without the reader's own."""
        return PriceBook.article() if self.date is None else PriceBook.as_of(self.date)

    def book(self) -> PriceBook:
        """Return the price book that `costcheck check` makes of the same choices."""
        return self.base().override(self.given)

    def link(self) -> str:
        """Return what comes after the ``#`` of a link; `read_link` reads it.

        >>> Settings("2024-07-31", {"usd_cny": 7.1}).link()
        'as-of=2024-07-31&usd_cny=7.1'
        """
        dated = {AS_OF: self.date} if self.date else {}
        return urllib.parse.urlencode(dated | {key: number_text(value) for key, value in self.given.items()})

    def command(self) -> str:
        """Return the command that gives the same verdicts.

        >>> Settings("2024-07-31", {"usd_cny": 7.1}).command()
        'costcheck check --as-of 2024-07-31 --set usd_cny=7.1'
        """
        parts = ["costcheck check", *([f"--as-of {self.date}"] if self.date else [])]
        return " ".join([*parts, *(f"--set {key}={number_text(value)}" for key, value in self.given.items())])


def read_link(text: str) -> Settings:
    """Read settings out of what comes after the ``#`` of a link.

    All of it is held to the price book before any of it counts.

    Args:
        text: As `Settings.link` gives it; a leading ``#`` is left out. Empty are the articles' prices.

    Raises:
        InputError: An unknown key, a key given twice, a value that the price book refuses, a day that is none
            or in the future, or too long a text.

    >>> read_link("#h100_usd=25000").given
    {'h100_usd': 25000.0}
    >>> read_link("hl00_usd=25000")
    Traceback (most recent call last):
    costcheck.errors.InputError: unknown price 'hl00_usd': did you mean 'h100_usd'?
    """
    text = text.removeprefix("#")
    if len(text) > LONGEST_LINK:
        raise InputError(f"{len(text):,} characters; at most {LONGEST_LINK:,} are allowed")
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
            raise InputError(_unknown(key))
    return Settings(date, given)


def _unknown(key: str) -> str:
    """Say which price is nearest to an unknown one; all of their names would be a wall.

    >>> print(_unknown("hl00_usd"))
    unknown price 'hl00_usd': did you mean 'h100_usd'?
    >>> print(_unknown("dollar"))
    unknown price 'dollar': costcheck prices lists them
    """
    names = [AS_OF, *price_keys()]
    error = unknown("price", key, names)
    if error.nearest:
        return str(error)
    near = [f"the nearest is {name!r}" for name in difflib.get_close_matches(key, names, n=1, cutoff=0.4)]
    return f"unknown price {key!r}: {'; '.join([*near, 'costcheck prices lists them'])}"


def past(text: str) -> str:
    """Hold a text to being a day that has come, and on which there are quotes.

    Raises:
        InputError: It is none.
    """
    date = past_day(text)
    PriceBook.as_of(date)
    return date


@cache
def dates() -> tuple[str, ...]:
    """Return the days on which the price of some quote changes, the latest first.

    A quote of a month is taken to be of its first day.

    >>> dates()[0], "2024-07-31" in dates()
    ('2026-09-20', True)
    """
    found: list[str] = []
    before: dict[str, float] = {}
    for date in sorted({f"{quote.as_of}-01"[:10] for quote in quotes()}):
        now = dict(PriceBook.as_of(date))
        if now != before:
            found.append(date)
        before = now
    return tuple(reversed(found))
