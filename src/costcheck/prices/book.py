"""The price book: dated, sourced quotes for every price and rate a notebook takes as parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from costcheck.errors import InputError
from costcheck.prices.quotes import (
    ARTICLE,
    GIVEN,
    PriceKey,
    Quote,
    day,
    key_of,
    latest,
    of_the_articles,
    price_keys,
    quotes,
    validate,
    value_of,
)


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
        return cls(of_the_articles())

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
        chosen = latest((*quotes(), *more), date)
        if not chosen:
            first = min(quote.as_of for quote in (*quotes(), *more))
            raise InputError(f"no quote on or before {date}; the first is of {first}")
        told = f"{label} as of {date}" if label else f"as of {date}"
        return cls({**of_the_articles(), **chosen}, label=told, date=date, asked_for=frozenset(chosen))

    def with_quotes(self, more: Sequence[Quote], label: str) -> PriceBook:
        """Return a book with the latest of some quotes for each of their keys.

        Args:
            more: Quotes of the reader's.
            label: What they are called, for the book's scenario.
        """
        chosen = latest(more, "9999-12-31")
        return self._with(chosen, label=label, asked_for=self._asked_for | chosen.keys())

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
                validate(quote, f"price {quote.key}")
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
        theirs = of_the_articles() | self._own
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
        key_of(key, keys=self.keys_known)
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
