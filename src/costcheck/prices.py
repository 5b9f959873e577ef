"""The price book: dated, sourced quotes for every price and rate a notebook takes as parameter."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from costcheck import tables
from costcheck.errors import InputError, unknown

ARTICLE = "article"
ARTICLE_MONTH_ENDS = "2024-07-31"
"""The articles are of July 2024: where they state no price, the latest quote of that month is theirs."""
GIVEN = "given"
"""The source of a value that a reader put in."""


@dataclass(frozen=True, slots=True)
class PriceKey:
    """What a key of the price book means and what values make sense for it."""

    key: str
    meaning: str
    unit: str
    minimum: float
    maximum: float
    trait: str | None


@dataclass(frozen=True, slots=True)
class Quote:
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


@cache
def price_keys() -> dict[str, PriceKey]:
    """Return the keys of the price book, in its order.

    >>> price_keys()["h100_usd"].unit
    'USD/GPU'
    """
    return {row["key"]: PriceKey(**row) for row in tables.rows("price_keys")}


@cache
def quotes() -> tuple[Quote, ...]:
    """Return all quotes, held to their keys.

    Raises:
        InputError: A quote has an unknown key, another unit than its key, a value out of bounds or outside
            its own range, or a key has no quote or two from the articles.
    """
    found = tuple(Quote(**row) for row in tables.rows("prices"))
    for number, quote in enumerate(found, start=1):
        where = f"data/prices.csv, quote {number} ({quote.key} of {quote.as_of})"
        key = _key(quote.key, where)
        if quote.unit != key.unit:
            raise InputError(f"{where}, column unit: {quote.unit!r}, but {quote.key} is in {key.unit}")
        for column in ("value", "low", "high"):
            number_given = getattr(quote, column)
            if number_given is not None:
                _bounded(key, number_given, f"{where}, column {column}")
        low = quote.value if quote.low is None else quote.low
        high = quote.value if quote.high is None else quote.high
        if not low <= quote.value <= high:
            raise InputError(f"{where}: {quote.value} is outside its own range {low} to {high}")
    for name in price_keys():
        stated = [quote for quote in found if quote.key == name and quote.source == ARTICLE]
        if len(stated) > 1:
            raise InputError(
                f"data/prices.csv: {name} has {len(stated)} quotes of source 'article'; one is allowed"
            )
    return found


def _key(name: str, where: str = "") -> PriceKey:
    try:
        return price_keys()[name]
    except KeyError:
        raise InputError(f"{where}: " * bool(where) + unknown("price", name, price_keys())) from None


def _bounded(key: PriceKey, number: float, where: str) -> float:
    if not math.isfinite(number):
        raise InputError(f"{where}: {number} is not a finite number [{key.unit}]")
    if not key.minimum <= number <= key.maximum:
        raise InputError(
            f"{where}: {number:g} is out of bounds; allowed: {key.minimum:g} to {key.maximum:g} {key.unit}"
        )
    return number


def value_of(key: str, given: object) -> float:
    """Read a value a reader gave for a price: a number, or text with a number and, if wished, its unit.

    Args:
        key: A key of the price book.
        given: ``25000``, ``"25000"`` or ``"25000 USD/GPU"``.

    Returns:
        The number, in the key's unit.

    Raises:
        InputError: Unknown key, not a number, zero, negative, NaN, infinite, out of bounds, or another unit.

    >>> value_of("h100_usd", "25000 USD/GPU")
    25000.0
    >>> value_of("h100_usd", "25000 CNY/GPU")
    Traceback (most recent call last):
    costcheck.errors.InputError: h100_usd: unit 'CNY/GPU', but this price is in USD/GPU
    """
    described = _key(key)
    if isinstance(given, str):
        text, _, unit = given.strip().partition(" ")
        if unit.strip() and unit.strip() != described.unit:
            raise InputError(f"{key}: unit {unit.strip()!r}, but this price is in {described.unit}")
        try:
            given = float(text)
        except ValueError:
            hint = f" (write {text.replace(',', '')})" if re.fullmatch(r"[0-9]+(,[0-9]{3})+", text) else ""
            raise InputError(f"{key}: {text!r} is not a number [{described.unit}]{hint}") from None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise InputError(f"{key}: {given!r} is not a number [{described.unit}]")
    try:
        number = float(given)
    except OverflowError:  # an int of more than 308 figures
        number = math.inf
    return _bounded(described, number, key)


class PriceBook(Mapping[str, float]):
    """One quote for each key: the articles' own, those of a date, or a reader's.

    >>> book = PriceBook.article()
    >>> book["h100_usd"]
    40000.0
    >>> book.override({"h100_usd": 25_000}).changed
    {'h100_usd': 25000.0}
    """

    def __init__(self, chosen: Mapping[str, Quote], name: str | None = None) -> None:
        self._chosen = dict(chosen)
        self.name = name

    @classmethod
    def article(cls) -> PriceBook:
        """Return the articles' own values: what they state, and else the latest quote of July 2024."""
        latest = cls.as_of(ARTICLE_MONTH_ENDS)
        return cls(latest._chosen | {quote.key: quote for quote in quotes() if quote.source == ARTICLE})

    @classmethod
    def as_of(cls, date: str) -> PriceBook:
        """Return the latest quote of each key that is not after a date.

        Args:
            date: An ISO date.

        Raises:
            InputError: It is no date, or a key has no quote that early.
        """
        try:
            date = dt.datetime.strptime(date, "%Y-%m-%d").date().isoformat()
        except ValueError:
            raise InputError(f"{date!r} is not a date YYYY-MM-DD") from None
        chosen: dict[str, Quote] = {}
        for quote in quotes():
            earlier = chosen.get(quote.key)
            if quote.as_of <= date and (earlier is None or earlier.as_of <= quote.as_of):
                chosen[quote.key] = quote
        for key in price_keys():
            if key not in chosen:
                raise InputError(f"{key}: no quote on or before {date} in data/prices.csv")
        return cls({key: chosen[key] for key in price_keys()})

    def override(self, given: Mapping[str, object]) -> PriceBook:
        """Return a book in which some prices are the reader's.

        Args:
            given: Values by key, as `value_of` reads them.

        Raises:
            InputError: As `value_of`.
        """
        values = {key: value_of(key, value) for key, value in given.items()}
        new = {key: value for key, value in values.items() if value != self[key]}
        chosen = {
            key: replace(self._chosen[key], value=value, source=GIVEN, low=None, high=None, note=None)
            for key, value in new.items()
        }
        return PriceBook(self._chosen | chosen)

    @property
    def changed(self) -> dict[str, float]:
        """The prices that are not the articles'."""
        theirs = PriceBook.article()
        return {key: value for key, value in self.items() if value != theirs[key]}

    def quote(self, key: str) -> Quote:
        """Return the quote behind a price, with its date and source.

        Raises:
            InputError: There is no such price.
        """
        _key(key)
        return self._chosen[key]

    def named(self, name: str) -> PriceBook:
        """Return the same book under a name; overriding it again takes the name away.

        >>> PriceBook.article().override({"h100_usd": 31_250}).named("2025").scenario
        '2025'
        """
        return PriceBook(self._chosen, name)

    @property
    def scenario(self) -> str:
        """What this book is called, or else what sets it apart from the articles', in one line.

        >>> PriceBook.article().override({"h100_usd": 25_000}).scenario
        'h100_usd=25000'
        """
        if self.name is not None:
            return self.name
        return ";".join(f"{key}={value:.15g}" for key, value in self.changed.items()) or ARTICLE

    def __getitem__(self, key: str) -> float:
        return self.quote(key).value

    def __contains__(self, key: object) -> bool:
        return key in self._chosen

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)


def stated(scenario: str) -> dict[str, float] | None:
    """Read prices back out of a scenario's name, where it is made of them.

    Args:
        scenario: As `PriceBook.scenario` gives it; a comma serves as well as the semicolon.

    Returns:
        The prices it names, none for the articles' own; ``None`` where the name is not made of prices.

    >>> stated("h100_usd=25000;usd_cny=7.1"), stated("article"), stated("in 2025")
    ({'h100_usd': 25000.0, 'usd_cny': 7.1}, {}, None)
    """
    if scenario == ARTICLE:
        return {}
    found: dict[str, float] = {}
    for part in scenario.replace(",", ";").split(";"):
        key, _, text = part.partition("=")
        if key in found or key not in price_keys():
            return None
        try:
            found[key] = value_of(key, text)
        except InputError:
            return None
    return found


def parameters(variables: Mapping[str, Any]) -> PriceBook:
    """Make the price book of a notebook from the variables of its parameters cell.

    Called with ``globals()`` in the first cell after the parameters, so that a wrong price given to plain
    papermill stops there, with the same message as on the command line.

    Args:
        variables: The notebook's variables; those that are no plain values or begin with ``_`` are left out.

    Returns:
        The articles' book with those values put in.

    Raises:
        InputError: As `value_of`; a misspelt parameter is an unknown price.

    >>> parameters({"h100_usd": 25_000, "In": []}).scenario
    'h100_usd=25000'
    """
    given = {
        name: value
        for name, value in variables.items()
        if not name.startswith("_") and (value is None or isinstance(value, str | int | float))
    }
    return PriceBook.article().override(given)
