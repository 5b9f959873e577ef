"""Dated, sourced quotes, and what values make sense for a price."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from costcheck.data import tables
from costcheck.errors import InputError, unknown

ARTICLE = "article"
ARTICLES_WRITTEN = "2024-07-22"
"""The day before the articles appeared: where they state no price, the latest quote by then is theirs."""
GIVEN = "given"
"""The source of a value that a reader put in."""


class PriceKey(NamedTuple):
    """What a key of the price book means and what values make sense for it."""

    key: str
    meaning: str
    unit: str
    minimum: float
    maximum: float
    trait: str | None


class Quote(NamedTuple):
    """One dated value of a price, with the range its sources give."""

    key: str
    value: float
    low: float | None
    high: float | None
    unit: str
    as_of: str
    source: str
    verification: str
    note: str | None

    @property
    def unverified(self) -> bool:
        """Whether nobody could verify it."""
        return tables.is_unverified(self.verification)

    def days_before(self, date: str) -> int | None:
        """Return how old the quote is on an ISO date [day]; a quote of a month is of its first day.

        It is negative for a quote of a later day, and ``None`` where the quote's day is not known.
        """
        try:
            return (dt.date.fromisoformat(date) - dt.date.fromisoformat(f"{self.as_of}-01"[:10])).days
        except ValueError:
            return None


@cache
def price_keys() -> dict[str, PriceKey]:
    """Return the keys of the price book, in its order."""
    return {row["key"]: PriceKey(**row) for row in tables.rows("price_keys")}


@cache
def packaged_quotes() -> tuple[Quote, ...]:
    """Return the package's quotes."""
    return tuple(Quote(**row) for row in tables.rows("prices"))


def exchange_rates(date: str) -> list[Quote]:
    """Return the euro reference rates of a day, or of the last working day before it.

    Nobody knows whose rate an article took, and of which hour: the quote's range is that of the rates of a
    week on either side.

    >>> [(quote.key, quote.value, quote.low, quote.high) for quote in exchange_rates("2025-03-30")][0]
    ('usd_cny', 7.2654441, 7.2530744, 7.2919708)
    """
    day = dt.date.fromisoformat(date)
    first, last = (str(day + dt.timedelta(days=days)) for days in (-7, 7))
    near = [row for row in tables.rows("exchange_rates") if first <= row["date"] <= last]
    quotes = []
    for key in ("usd_cny", "usd_jpy"):
        if by_then := [row for row in near if row["date"] <= date]:
            row, values = max(by_then, key=lambda row: str(row["date"])), [row[key] for row in near]
            ends = min(values), max(values)
            unit = price_keys()[key].unit
            quotes.append(
                Quote(key, row[key], *ends, unit, row["date"], row["source"], row["verification"], None)
            )
    return quotes


def validate(quote: Quote, where: str, keys: Mapping[str, PriceKey] | None = None) -> Quote:
    """Validate a quote against its key, and return it; an error names where it was read.

    Raises:
        InputError: Unknown key, another unit than its key, a number out of bounds or outside its own range.
    """
    key = key_of(quote.key, where, keys)
    if quote.unit != key.unit:
        raise InputError(f"{quote.unit!r}, but {quote.key} is in {key.unit}", where=f"{where}, column unit")
    for column in ("value", "low", "high"):
        if (number := getattr(quote, column)) is not None:
            _bounded(key, number, f"{where}, column {column}")
    low, high = (quote.value if end is None else end for end in (quote.low, quote.high))
    if not low <= quote.value <= high:
        raise InputError(f"{quote.value} is outside its own range {low} to {high}", where=where)
    return quote


def own_keys(own: Iterable[Quote]) -> dict[str, PriceKey]:
    """Return the keys of prices that only an article has."""
    # nobody knows them well enough for narrower bounds
    return {
        quote.key: PriceKey(quote.key, quote.note or "", quote.unit, 1e-300, 1e300, None)
        for quote in own
        if quote.key not in price_keys()
    }


def key_of(name: str, where: str = "", keys: Mapping[str, PriceKey] | None = None) -> PriceKey:
    """Return a key of the price book; an unknown one is refused with the nearest."""
    known = price_keys() if keys is None else keys
    if name not in known:
        raise unknown("price", name, known, where)
    return known[name]


def _bounded(key: PriceKey, number: float, where: str) -> float:
    if not math.isfinite(number):
        raise InputError(f"{number} is not a finite number{_bracketed(key.unit)}", where=where)
    if not key.minimum <= number <= key.maximum:
        allowed = f"{key.minimum:,.15g} to {key.maximum:,.15g} {key.unit}".removesuffix(" 1")
        raise InputError(f"{number:,.15g} is out of bounds; allowed: {allowed}", where=where)
    return number


def _bracketed(unit: str) -> str:
    return "" if unit == "1" else f" [{unit}]"


def value_of(key: str, given: object, keys: Mapping[str, PriceKey] | None = None) -> float:
    """Read what a reader gave for a price: ``25000``, ``"25000"`` or ``"25000 USD/GPU"`` [the key's unit].

    A number without a unit may be given in percent.

    Raises:
        InputError: Unknown key, not a number, zero, negative, NaN, infinite, out of bounds, or another unit.

    >>> value_of("h100_usd", "25000 USD/GPU"), value_of("utilisation", "90%")
    (25000.0, 0.9)
    >>> value_of("h100_usd", "25000 CNY/GPU")
    Traceback (most recent call last):
    costcheck.errors.InputError: h100_usd: unit 'CNY/GPU', but this price is in USD/GPU
    """
    described = key_of(key, keys=keys)
    number: Any = given
    divisor = 1
    if isinstance(given, str):
        number, _, unit = " ".join(given.split()).partition(" ")
        if unit[:1].isdigit() and unit != described.unit:  # 25 000
            number, unit = f"{number} {unit}", ""
        if described.unit[:1].isalpha():  # a share's unit is 1
            number = number.removesuffix(described.unit)
        elif described.unit == "1" and f"{number}{unit}".endswith("%"):
            number, unit, divisor = number.removesuffix("%"), "", 100
        if unit not in ("", described.unit):
            short = unit.casefold() == described.unit.partition("/")[0].casefold()  # USD, of USD/GPU
            problem = f"unit {unit!r}, but this price is in {described.unit}{_hint(number) if short else ''}"
            raise InputError(problem, where=key)
    try:
        if isinstance(given, bool):
            raise TypeError
        return _bounded(described, float(number) / divisor, key)
    except InputError:  # is a ValueError too
        raise
    except (TypeError, ValueError, OverflowError):
        hint = _hint(number) if isinstance(given, str) else ""
        problem = f"{number!r:.99} is not a number{_bracketed(described.unit)}{hint}"
        raise InputError(problem, where=key) from None


def _hint(text: str) -> str:
    """Tell how to write a number that was written for people.

    >>> _hint("25,000"), _hint("$25 000.50"), _hint("25k"), _hint("7,1"), _hint("abc")
    (' (write 25000)', ' (write 25000.5)', ' (write 25000)', '', '')
    """
    # only before three figures: 7,1 is 7.1 to some
    plain = re.sub(r"[, '_’](?=[0-9]{3}(?![0-9]))", "", text.lstrip("$€¥£"))
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)([kKmM]?)", plain)
    if not match:
        return ""
    return f" (write {float(match[1]) * {'': 1, 'k': 1e3, 'm': 1e6}[match[2].lower()]:.15g})"


@cache
def of_the_articles() -> dict[str, Quote]:
    """Return the articles' own quote of each key: stated, else the latest by their day, else the first."""
    first = {quote.key: quote for quote in sorted(packaged_quotes(), key=lambda quote: quote.as_of)[::-1]}
    stated = {quote.key: quote for quote in packaged_quotes() if quote.source == ARTICLE}
    chosen = first | latest(packaged_quotes(), ARTICLES_WRITTEN) | stated
    return {key: chosen[key] for key in price_keys()}


def latest(among: Sequence[Quote], date: str) -> dict[str, Quote]:
    """Return the latest quote of each key that is not after a date; of one day, the last."""
    chosen: dict[str, Quote] = {}
    for quote in among:
        earlier = chosen.get(quote.key)
        if quote.as_of <= date and (earlier is None or earlier.as_of <= quote.as_of):
            chosen[quote.key] = quote
    return chosen


def past_day(text: str) -> str:
    """Return a text that is an ISO date and not in the future; others are refused."""
    if not tables.is_date(text):
        raise InputError(f"{text!r} is not a date YYYY-MM-DD")
    if text > tables.today():
        raise InputError(f"{text}: this day is in the future; today is {tables.today()}")
    return text


def history(key: str, more: Sequence[Quote] = ()) -> list[Quote]:
    """Return all quotes of a price, the reader's among them, the oldest first."""
    key_of(key)
    quotes = (quote for quote in (*packaged_quotes(), *more) if quote.key == key)
    return sorted(quotes, key=lambda quote: quote.as_of)
