"""Between what values a price may lie, and how it is drawn from there."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import PriceKey, Quote, value_of
from costcheck.sensitivity.program import Moving

if TYPE_CHECKING:
    import numpy as np

FIXED, TRIANGULAR, UNIFORM, NORMAL, LOGNORMAL = "fixed", "triangular", "uniform", "normal", "lognormal"
KINDS = (TRIANGULAR, UNIFORM, NORMAL, LOGNORMAL)
TAIL = 0.05
"""The low of a normal or lognormal range has this share of the draws below it, the high as much above."""
QUOTE, QUOTES, GIVEN, NONE = "its quote", "its dated quotes", "given", "one value only"


@dataclass(frozen=True)
class Range:
    """What values a price may have, and how often."""

    key: str
    value: float
    low: float
    high: float
    kind: str
    source: str
    described: PriceKey = field(repr=False)

    @property
    def varies(self) -> bool:
        """Whether there is anything to draw."""
        return self.kind != FIXED

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most that is drawn: of a normal range, the price's bounds."""
        is_cut = self.kind in (NORMAL, LOGNORMAL)
        return (self.described.minimum, self.described.maximum) if is_cut else (self.low, self.high)

    def quantile(self, share: np.ndarray[Any, Any]) -> Any:
        """Return the prices [the key's unit] that shares [1] of all draws lie below."""
        import numpy as np

        low, high = self.low, self.high
        if self.kind == FIXED:
            return np.full_like(share, self.value)
        if self.kind == UNIFORM:
            return np.minimum(low + share * (high - low), high)  # rounding may step over it
        if self.kind == TRIANGULAR:
            turn = (self.value - low) / (high - low)
            rising = low + np.sqrt(share * ((high - low) * (self.value - low)))
            falling = high - np.sqrt((1 - share) * ((high - low) * (high - self.value)))
            return np.where(share < turn, rising, falling)
        from scipy.special import ndtr, ndtri

        ends = [*self.limits]
        if self.kind == LOGNORMAL:
            low, high = math.log(low), math.log(high)
            ends = [math.log(bound) if bound > 0 else -math.inf for bound in ends]
        middle, deviation = (low + high) / 2, (high - low) / 2 / -ndtri(TAIL)
        if not deviation:  # two ends so near that their logarithms are one
            return np.full_like(share, self.value)
        below, above = (ndtr((bound - middle) / deviation) for bound in ends)
        drawn = middle + deviation * ndtri(below + share * (above - below))
        return np.clip(np.exp(drawn) if self.kind == LOGNORMAL else drawn, *self.limits)

    def draws(self, seed: int) -> np.random.Generator:
        """Return the generator of this price's draws: a stream of its own, whatever else varies."""
        import numpy as np

        return np.random.Generator(np.random.PCG64([seed, zlib.crc32(self.key.encode())]))


def default_range(key: str, prices: PriceBook, more: Sequence[Quote] = ()) -> Range:
    """Return the range of a price: that of its quote, else the span of its dated quotes, else none.

    >>> gpu = default_range("h100_usd", PriceBook.article())
    >>> gpu.low, gpu.high, gpu.source
    (23000.0, 41217.0, 'its quote')
    >>> default_range("pue", PriceBook.article()).varies
    False
    """
    quote, described = prices.quote(key), prices.keys_known[key]
    low, high = prices.span(key, more) or (quote.value, quote.value)
    if low == high:
        return Range(key, quote.value, low, high, FIXED, NONE, described)
    source = QUOTES if quote.low is None and quote.high is None else QUOTE
    return Range(key, quote.value, low, high, TRIANGULAR, source, described)


def read_range(text: str, prices: PriceBook) -> Range:
    """Read a range as on the command line, ``KEY=LOW:HIGH`` or ``KEY=KIND:LOW:HIGH``.

    >>> read_range("h100_usd=45000:25000", PriceBook.article())
    Traceback (most recent call last):
    costcheck.errors.InputError: --range h100_usd=45000:25000: the low 45000 must be below the high 25000
    """
    where = f"--range {text}"
    key, equals, rest = text.partition("=")
    parts = rest.split(":")
    if not equals or len(parts) not in (2, 3):
        raise InputError(f"{where}: write KEY=LOW:HIGH or KEY=KIND:LOW:HIGH, as h100_usd=uniform:25000:45000")
    if key not in prices:
        raise unknown("price", key, prices, where)
    kind = parts[0] if len(parts) == 3 else TRIANGULAR
    if kind not in KINDS:
        raise unknown("kind of range", kind, KINDS, where)
    try:
        low, high = (value_of(key, end, prices.keys_known) for end in parts[-2:])
    except InputError as error:
        raise InputError(error, where=where) from None
    if not low < high:
        raise InputError(f"{where}: the low {low:.15g} must be below the high {high:.15g}")
    if not low <= prices[key] <= high:
        message = f"the price itself, {prices[key]:.15g}, lies outside; --set {key}=... moves it"
        raise InputError(message, where=where)
    if kind == LOGNORMAL and low <= 0:
        raise InputError(f"{where}: a lognormal range begins above 0")
    return Range(key, prices[key], low, high, kind, GIVEN, prices.keys_known[key])


def ranges(
    claims: Sequence[Moving], given: Sequence[str] = (), more: Sequence[Quote] = ()
) -> dict[str, Range]:
    """Return the range of each price that moves some claims: as given, or else its default.

    >>> from costcheck.sensitivity import find, moving
    >>> ranges([find("Z51", moving())], ["pue=1.1:1.5"])
    Traceback (most recent call last):
    costcheck.errors.InputError: --range pue=1.1:1.5: pue moves nothing here; gpus, h100_usd do
    """
    books: dict[str, PriceBook] = {}
    for claim in claims:
        for key in claim.keys:
            if books.setdefault(key, claim.prices)[key] != claim.prices[key]:
                raise InputError(f"{key} is one price in one article and another in another; give one file")
    by_key = {key: default_range(key, book, more) for key, book in books.items()}
    for text in given:
        key = text.partition("=")[0]
        as_given = read_range(text, books.get(key, claims[0].prices))
        if key not in by_key:
            raise InputError(f"--range {text}: {key} moves nothing here; {', '.join(by_key)} do")
        if by_key[key].source == GIVEN:
            raise InputError(f"--range {text}: {key} is given twice")
        by_key[key] = as_given
    return by_key
