"""The price book: dated, sourced quotes for every price and rate a notebook takes as parameter."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from costcheck import tables
from costcheck.errors import InputError, unknown

ARTICLE = "article"
ARTICLES_WRITTEN = "2024-07-22"
"""The day before the articles appeared: where they state no price, the latest quote by then is theirs."""
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

    def days_before(self, date: str) -> int | None:
        """Return how old the quote is on a date; a quote of a month is taken to be of its first day.

        Args:
            date: An ISO date.

        Returns:
            Age [day], negative for a quote of a later day; ``None`` where its day is not known.

        >>> PriceBook.article().quote("h100_usd").days_before("2024-08-01")
        10
        """
        try:
            return (dt.date.fromisoformat(date) - dt.date.fromisoformat(f"{self.as_of}-01"[:10])).days
        except ValueError:
            return None


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
        held(quote, f"data/prices.csv, quote {number} ({quote.key} of {quote.as_of})")
    for name in price_keys():
        stated = [quote for quote in found if quote.key == name and quote.source == ARTICLE]
        if len(stated) > 1:
            raise InputError(
                f"data/prices.csv: {name} has {len(stated)} quotes of source 'article'; one is allowed"
            )
    return found


def held(quote: Quote, where: str) -> Quote:
    """Hold a quote to its key: the unit, the bounds, and its own range.

    Args:
        quote: As read from somewhere.
        where: The place to name in an error.

    Returns:
        The quote.

    Raises:
        InputError: Unknown key, another unit than its key, a number out of bounds or outside its own range.
    """
    key = _key(quote.key, where)
    if quote.unit != key.unit:
        raise InputError(f"{where}, column unit: {quote.unit!r}, but {quote.key} is in {key.unit}")
    for column in ("value", "low", "high"):
        given = getattr(quote, column)
        if given is not None:
            _bounded(key, given, f"{where}, column {column}")
    low = quote.value if quote.low is None else quote.low
    high = quote.value if quote.high is None else quote.high
    if not low <= quote.value <= high:
        raise InputError(f"{where}: {quote.value} is outside its own range {low} to {high}")
    return quote


def _key(name: str, where: str = "", keys: Mapping[str, PriceKey] | None = None) -> PriceKey:
    known = price_keys() if keys is None else keys
    try:
        return known[name]
    except KeyError:
        raise InputError(f"{where}: " * bool(where) + unknown("price", name, known)) from None


def _bounded(key: PriceKey, number: float, where: str) -> float:
    if not math.isfinite(number):
        raise InputError(f"{where}: {number} is not a finite number [{key.unit}]")
    if not key.minimum <= number <= key.maximum:
        raise InputError(
            f"{where}: {number:,.15g} is out of bounds; "
            f"allowed: {key.minimum:,.15g} to {key.maximum:,.15g} {key.unit}"
        )
    return number


def value_of(key: str, given: object, keys: Mapping[str, PriceKey] | None = None) -> float:
    """Read a value a reader gave for a price: a number, or text with a number and, if wished, its unit.

    Args:
        key: A key of the price book.
        given: ``25000``, ``"25000"`` or ``"25000 USD/GPU"``.
        keys: The keys there are; those of the price book by default.

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
    described = _key(key, keys=keys)
    if isinstance(given, str):
        text, _, unit = " ".join(given.split()).partition(" ")
        if unit[:1].isdigit() and unit != described.unit:
            text, unit = f"{text} {unit}", ""
        if described.unit[:1].isalpha():  # a share's unit is 1
            text = text.removesuffix(described.unit)
        if unit and unit != described.unit:
            raise InputError(f"{key}: unit {unit!r}, but this price is in {described.unit}")
        try:
            given = float(text)
        except ValueError:
            hint = _hint(text)
            raise InputError(f"{key}: {text!r} is not a number [{described.unit}]{hint}") from None
        if math.isinf(given) and any(map(str.isdigit, text)):
            raise InputError(f"{key}: {text[:20]} is more than a computer can hold [{described.unit}]")
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise InputError(f"{key}: {given!r} is not a number [{described.unit}]")
    try:
        number = float(given)
    except OverflowError:  # an int of more than 308 figures
        number = math.inf
    return _bounded(described, number, key)


def _hint(text: str) -> str:
    """Say how to write a number that somebody wrote for people.

    >>> _hint("25,000"), _hint("$25 000.50"), _hint("25k"), _hint("abc")
    (' (write 25000)', ' (write 25000.5)', ' (write 25000)', '')
    """
    found = re.fullmatch(
        r"[$€¥£]?([0-9]{1,3}(?:[, '_’][0-9]{3})+|[0-9]{1,15})(\.[0-9]{1,15})?([kKmM]?)", text
    )
    if not found:
        return ""
    whole, part, thousands = found.groups()
    scale = {"": 1, "k": 1e3, "m": 1e6}[thousands.lower()]
    return f" (write {float(re.sub('[^0-9]', '', whole) + (part or '')) * scale:.15g})"


class PriceBook(Mapping[str, float]):
    """One quote for each key: the articles' own, those of a date, or a reader's.

    >>> book = PriceBook.article()
    >>> book["h100_usd"]
    40000.0
    >>> book.override({"h100_usd": 25_000}).changed
    {'h100_usd': 25000.0}
    """

    def __init__(
        self,
        chosen: Mapping[str, Quote],
        name: str | None = None,
        *,
        label: str | None = None,
        date: str | None = None,
        own: Mapping[str, Quote] | None = None,
        asked_for: frozenset[str] = frozenset(),
        given: Mapping[str, float] | None = None,
        accepted: Mapping[str, PriceKey] | None = None,
    ) -> None:
        self._chosen = dict(chosen)
        self.name = name
        self.given = dict(given or {})
        """What the reader put in, also for prices that only some article has."""
        self._asked_for = asked_for
        """The keys whose quotes were chosen by a date, or are from a book of the reader's."""
        self._accepted = dict(accepted or {})
        self._label = label
        self.date = date
        """The date of which the quotes are, where one was asked for."""
        self._own = dict(own or {})
        """An article's own prices, which are what changes are told from."""

    def _with(self, chosen: Mapping[str, Quote], **other: Any) -> PriceBook:
        """Return the same book with some quotes in place of others; it loses its name."""
        kept = {
            "label": self._label,
            "date": self.date,
            "own": self._own,
            "asked_for": self._asked_for,
            "given": self.given,
            "accepted": self._accepted,
        }
        return PriceBook(self._chosen | dict(chosen), **kept | other)

    @classmethod
    def article(cls) -> PriceBook:
        """Return the articles' own values.

        That is what they state; else the latest quote by the day before they appeared; else the first
        quote there is.
        """
        return cls(_of_the_articles())

    @classmethod
    def as_of(cls, date: str, more: Sequence[Quote] = (), label: str | None = None) -> PriceBook:
        """Return the latest quote of each key that is not after a date.

        A key that has no quote so early keeps the articles' own, which is then of a later day.

        Args:
            date: An ISO date.
            more: Quotes of the reader's; of one day, they go before those of the package.
            label: What ``more`` is called.

        Raises:
            InputError: It is no date, or no key has a quote that early.

        >>> PriceBook.as_of("2024-07-31")["h100_usd"]
        36017.75
        """
        date = day(date)
        chosen = _latest((*quotes(), *more), date)
        if not chosen:
            first = min(quote.as_of for quote in (*quotes(), *more))
            raise InputError(f"no quote on or before {date}; the first is of {first}")
        told = f"{label} as of {date}" if label else f"as of {date}"
        return cls({**_of_the_articles(), **chosen}, label=told, date=date, asked_for=frozenset(chosen))

    def with_quotes(self, more: Sequence[Quote], label: str) -> PriceBook:
        """Return a book with the latest of some quotes for each of their keys.

        Args:
            more: Quotes of the reader's.
            label: What they are called, for the book's scenario.
        """
        latest = _latest(more, "9999-12-31")
        return self._with(latest, label=label, asked_for=self._asked_for | latest.keys())

    def accepting(self, own: Sequence[Quote]) -> PriceBook:
        """Return a book to which a reader may give the own prices of some articles too.

        They are no part of it: each article has its own, see `extended`.

        Args:
            own: The articles' own prices.

        >>> theirs = Quote("h800_usd", 2.0, None, None, "USD/GPU-hour", "2024-12-27", "the report", "", None)
        >>> book = PriceBook.article().accepting([theirs]).override({"h800_usd": 3})
        >>> "h800_usd" in book, book.given, book.extended([theirs])["h800_usd"]
        (False, {'h800_usd': 3.0}, 3.0)
        """
        return self._with({}, accepted=self._accepted | _own_keys(own))

    def extended(self, own: Sequence[Quote]) -> PriceBook:
        """Return a book with an article's own prices beside or in place of those of the price book.

        Args:
            own: The article's prices, each key once; what the reader gave for a key, or chose by a date
                or a book, stays.

        Raises:
            InputError: A price that the price book has too is in another unit, or out of bounds.

        >>> theirs = Quote("h800_usd", 2.0, None, None, "USD/GPU-hour", "2024-12-27", "the report", "", None)
        >>> book = PriceBook.article().extended([theirs])
        >>> book["h800_usd"], book.override({"h800_usd": "3 USD/GPU-hour"}).changed
        (2.0, {'h800_usd': 3.0})
        """
        for quote in own:
            if quote.key in price_keys():
                held(quote, f"price {quote.key}")
        if not own:
            return self
        new = {quote.key: quote for quote in own if quote.key not in self._asked_for}
        given = {quote.key: self.given[quote.key] for quote in own if quote.key in self.given}
        made = self._with(new, name=self.name, own=self._own | {quote.key: quote for quote in own})
        return made.override(given).named(self.name) if given else made

    def override(self, given: Mapping[str, object]) -> PriceBook:
        """Return a book in which some prices are the reader's.

        Args:
            given: Values by key, as `value_of` reads them.

        Raises:
            InputError: As `value_of`.
        """
        values = {key: value_of(key, value, self.keys_known) for key, value in given.items()}
        quotes_given = {
            key: replace(
                self._chosen[key], value=value, source=GIVEN, verification="", low=None, high=None, note=None
            )
            for key, value in values.items()
            if key in self._chosen and value != self._chosen[key].value
        }
        return self._with(quotes_given, given=self.given | values)

    @property
    def keys_known(self) -> Mapping[str, PriceKey]:
        """The keys of the book with their units and bounds, an article's own among them."""
        if not self._own and not self._accepted:
            return price_keys()
        return price_keys() | self._accepted | _own_keys(self._own.values())

    @property
    def changed(self) -> dict[str, float]:
        """The prices that are not the articles'; what was given for an article's own stands at the end."""
        theirs = _of_the_articles() | self._own
        own = {key: value for key, value in self.given.items() if key not in self._chosen}
        return {key: value for key, value in self.items() if value != theirs[key].value} | own

    def is_given(self, key: str) -> bool:
        """Say whether a price is one that the reader put in."""
        return key in self.given

    def quote(self, key: str) -> Quote:
        """Return the quote behind a price, with its date and source.

        Raises:
            InputError: There is no such price.
        """
        _key(key, keys=self.keys_known)
        return self._chosen[key]

    def named(self, name: str | None) -> PriceBook:
        """Return the same book under a name; overriding it again takes the name away.

        >>> PriceBook.article().override({"h100_usd": 31_250}).named("2025").scenario
        '2025'
        """
        return self._with({}, name=name)

    @property
    def scenario(self) -> str:
        """What this book is called, or else what sets it apart from the articles', in one line.

        >>> PriceBook.article().override({"h100_usd": 25_000}).scenario
        'h100_usd=25000'
        >>> PriceBook.as_of("2024-07-31").override({"pue": 1.2}).scenario
        'as of 2024-07-31;pue=1.2'
        """
        if self.name is not None:
            return self.name
        told = [self._label] if self._label else []
        said = self.given if self._label else self.changed
        return ";".join([*told, *(f"{key}={value:.15g}" for key, value in said.items())]) or ARTICLE

    def __getitem__(self, key: str) -> float:
        return self.quote(key).value

    def __contains__(self, key: object) -> bool:
        return key in self._chosen

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)


OWN_LEAST, OWN_MOST = 1e-300, 1e300
"""The bounds of a price that only an article has: nobody knows it well enough for others."""


def _own_keys(own: Iterable[Quote]) -> dict[str, PriceKey]:
    return {
        quote.key: PriceKey(quote.key, quote.note or "", quote.unit, OWN_LEAST, OWN_MOST, None)
        for quote in own
        if quote.key not in price_keys()
    }


@cache
def _of_the_articles() -> dict[str, Quote]:
    first: dict[str, Quote] = {}
    for quote in sorted(quotes(), key=lambda quote: quote.as_of):
        first.setdefault(quote.key, quote)
    stated = {quote.key: quote for quote in quotes() if quote.source == ARTICLE}
    chosen = first | _latest(quotes(), ARTICLES_WRITTEN) | stated
    for key in price_keys():
        if key not in chosen:
            raise InputError(f"{key}: no quote in data/prices.csv")
    return {key: chosen[key] for key in price_keys()}


def _latest(among: Sequence[Quote], date: str) -> dict[str, Quote]:
    """Return the latest quote of each key that is not after a date; of one day, the last."""
    chosen: dict[str, Quote] = {}
    for quote in among:
        earlier = chosen.get(quote.key)
        if quote.as_of <= date and (earlier is None or earlier.as_of <= quote.as_of):
            chosen[quote.key] = quote
    return chosen


def day(text: str) -> str:
    """Hold a text to being an ISO date.

    Raises:
        InputError: It is none.

    >>> day("2024-7-3")
    Traceback (most recent call last):
    costcheck.errors.InputError: '2024-7-3' is not a date YYYY-MM-DD
    """
    if not tables.is_date(text):
        raise InputError(f"{text!r} is not a date YYYY-MM-DD")
    return text


def history(key: str, more: Sequence[Quote] = ()) -> list[Quote]:
    """Return all quotes of a price, the oldest first.

    Args:
        key: A key of the price book.
        more: Quotes of the reader's, beside those of the package.

    Raises:
        InputError: There is no such price.

    >>> [quote.as_of for quote in history("rental_usd_per_gpu_hour")][:2]
    ['2023-06-20', '2024-07-11']
    """
    _key(key)
    return sorted((quote for quote in (*quotes(), *more) if quote.key == key), key=lambda quote: quote.as_of)


def span(quote: Quote, more: Sequence[Quote] = (), date: str | None = None) -> tuple[float, float] | None:
    """Return the range of a price: what its quote gives, or else from the lowest to the highest quote.

    Args:
        quote: The quote in use.
        more: Quotes of the reader's, beside those of the package.
        date: The day by which quotes count; all count if there is none.

    Returns:
        Low and high [the price's unit]; ``None`` where nothing says how far the price may move.

    >>> span(PriceBook.article().quote("h100_usd")), span(PriceBook.article().quote("pue"))
    ((23000.0, 41217.0), None)
    """
    if quote.low is not None or quote.high is not None:
        low, high = (quote.value if end is None else end for end in (quote.low, quote.high))
        return low, high
    known = [one for one in (*quotes(), *more) if one.key == quote.key and one.as_of <= (date or one.as_of)]
    values = [quote.value, *(one.value for one in known)]
    return (min(values), max(values)) if min(values) < max(values) else None


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


def assigned(prices: str) -> dict[str, str]:
    """Take prices apart that stand in one text, as the notebook on any article is given them.

    Raises:
        InputError: A part is not KEY=VALUE, or a key stands there twice.

    >>> assigned("h100_usd=25000; usd_cny=7.1")
    {'h100_usd': '25000', 'usd_cny': '7.1'}
    """
    found: dict[str, str] = {}
    for part in prices.replace(",", ";").split(";"):
        if not part.strip():
            continue
        key, equals, value = part.strip().partition("=")
        if not equals or key in found:
            raise InputError(f"prices: {part.strip()!r}; write each once, as h100_usd=25000;usd_cny=7.1")
        found[key] = value
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
    book = PriceBook.article().override(given)
    return PriceBook.article().override(book.changed)
