"""From rows of a feed to quotes: what happened to every row, and the median of all offers for a price."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from costcheck.errors import InputError
from costcheck.prices.feeds.catalogue import Feed, ids
from costcheck.prices.feeds.parsing import UnreadableError, number
from costcheck.prices.quotes import Quote, price_keys, value_of

ZERO = "a price of zero, which means unknown"
NO_PRICE = "no price"
NO_KEY = "not a price that costcheck uses"
NAMED = 6
"""How many of the rows behind a median its note names."""
MOST_LISTED = 100_000
"""Rows that are listed with what is wrong with them: a file with more is not of the feed."""


class SkippedError(Exception):
    """A row is left out: the reason, and its place where a reader could have expected it to be taken."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One row's price for a key on a day."""

    key: str
    day: str
    value: float
    what: str = ""
    link: str | None = None


@dataclass
class Reading:
    """What was read from a feed: its quotes, and what happened to every row."""

    feed: Feed
    name: str
    """The file's name or the address, as it stands in the quotes' source."""
    date: str
    """The day of rows that carry none."""
    rows: int = 0
    """Rows or entries in the file; each is taken, skipped or unreadable."""
    taken: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """Rows left out, by reason."""
    unreadable: list[str] = field(default_factory=list)
    """Rows that could not be read: where, and what is wrong."""
    left_out: list[str] = field(default_factory=list)
    """The skipped rows that a reader might have expected to be taken: where, and why they were not."""
    gaps: Counter[str] = field(default_factory=Counter)
    """Prices missing in rows that may have others, by reason."""
    offers: dict[tuple[str, str], list[Offer]] = field(default_factory=lambda: defaultdict(list))
    """What was taken, by key and day."""
    _first: dict[str, str] = field(default_factory=dict)

    def collect(
        self, rows: Iterable[tuple[str, Any]], offers_of: Callable[[Reading, str, Any], Sequence[Offer]]
    ) -> None:
        """Collect the offers in rows, each with its place, and count what became of every row.

        In the place of a row may be an error. ``offers_of`` may raise a SkippedError or an UnreadableError.
        """
        for where, row in rows:
            self.rows += 1
            try:
                if isinstance(row, UnreadableError):
                    raise row
                of_row = offers_of(self, where, row)
                for offer in of_row:
                    value_of(offer.key, offer.value)
            except SkippedError as skipped:
                reason, *places = skipped.args
                self.skipped[reason] += 1
                self.left_out += [f"{place}: {reason}" for place in places]
            except UnreadableError as error:
                self.unreadable.append(str(error))
            except InputError as error:
                if error.where not in price_keys():
                    raise
                self.unreadable.append(f"{where}, {error}")  # out of bounds: perhaps in another unit
            else:
                self.taken += 1
                for offer in of_row:
                    self.offers[offer.key, offer.day].append(offer)
            if len(self.unreadable) + len(self.left_out) > MOST_LISTED:
                first = [*self.unreadable, *self.left_out][0]
                raise InputError(f"{first}; there are more than {MOST_LISTED:,} such rows")

    def once(self, name: str, where: str) -> None:
        """Refuse a row with the name of an earlier one."""
        if (first := self._first.setdefault(name, where)) != where:
            raise UnreadableError(f"{where}: duplicate {name} ({first})")

    def prices_of(self, id_: str, *where: str) -> list[tuple[str, str]]:
        """Return the columns and keys of an id's prices, or raise a SkippedError saying why none."""
        rows = ids(self.feed.name).get(id_)
        if rows is None:
            raise SkippedError(NO_KEY)
        if rows[0]["key"] is None:
            raise SkippedError(rows[0]["note"], *where)
        return [(row["column"], row["key"]) for row in rows]

    @cached_property
    def quotes(self) -> list[Quote]:
        """One quote a key and day, in the price book's order and the oldest first."""
        order = {key: place for place, key in enumerate(price_keys())}
        ordered = sorted(self.offers, key=lambda pair: (order[pair[0]], pair[1]))
        return [quote(self.feed, self.name, self.offers[pair]) for pair in ordered]


def quote(feed: Feed, name: str, offers: Sequence[Offer]) -> Quote:
    """Make one quote of all that a feed offers for a key on a day: their median, with the range.

    Its source is the feed and the file alone, so that the same day read again, with more rows, takes its
    place; the rows and where they link to are in its note.
    """
    first, values = offers[0], [offer.value for offer in offers]
    note = first.what
    low, high = (min(values), max(values)) if len(set(values)) > 1 else (None, None)
    if len(offers) > 1:
        named = [f"{offer.what} {offer.value:.10g}".strip() for offer in offers[:NAMED]]
        more = f" and {len(offers) - NAMED} more" if len(offers) > NAMED else ""
        note = f"median of {len(offers)}: {', '.join(named)}{more}"
    links = " and ".join(dict.fromkeys(offer.link for offer in offers if offer.link))
    note = " ".join("; ".join(part for part in (note, links) if part).split())
    return Quote(
        first.key,
        statistics.median(values),
        low,
        high,
        price_keys()[first.key].unit,
        first.day,
        " ".join(f"{feed.title}, {name}".split()),
        feed.verification,
        note or None,
    )


def price(given: object, where: str, skipped: str) -> float:
    """Return a price that a row has to have; one without, or zero, is skipped and called ``skipped``."""
    value = number(given, where)
    if not value:
        raise SkippedError(NO_PRICE if value is None else ZERO, skipped)
    return value
