"""From rows of a feed to quotes: what happened to every row, and the median of all offers for a price."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from costcheck.errors import InputError
from costcheck.prices.feeds.known import Feed, Id
from costcheck.prices.feeds.parsing import UnreadableError, number, per_million
from costcheck.prices.quotes import Quote, price_keys, value_of

ZERO = "a price of zero, which means unknown"
NO_PRICE = "no price"
NO_KEY = "not a price that costcheck uses"
NAMED = 6
"""How many of the rows behind a median its note names."""
MOST_LISTED = 100_000
"""Rows that are listed with what is wrong with them: a file with more is not of the feed."""


class SkippedError(Exception):
    """A row is left out for a reason; with a place, a reader could have expected it to be taken."""

    def __init__(self, reason: str, where: str | None = None) -> None:
        self.reason, self.where = reason, where
        super().__init__(reason)


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
    rows: int = 0
    """Rows or entries in the file."""
    taken: int = 0
    """Of these, those that a quote rests on."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Of these, those left out, by reason."""
    unreadable: list[str] = field(default_factory=list)
    """Of these, those that could not be read: where, and what is wrong."""
    left_out: list[str] = field(default_factory=list)
    """The skipped rows that a reader might have expected to be taken: where, and why they were not."""
    gaps: Counter[str] = field(default_factory=Counter)
    """Prices missing in rows that may have others, by reason."""
    offers: dict[tuple[str, str], list[Offer]] = field(default_factory=lambda: defaultdict(list))
    """What was taken, by key and day."""

    def collect(
        self, rows: Iterable[tuple[str, Any]], offers_of: Callable[[str, Any], Sequence[Offer]]
    ) -> None:
        """Collect the offers in some rows, and count what became of every row.

        Args:
            rows: What each row is called in messages, and the row, or the error that is in its place.
            offers_of: Gives the offers in such a row, or raises a SkippedError or an UnreadableError.

        Raises:
            InputError: More than `MOST_LISTED` rows are wrong.
        """
        for where, row in rows:
            self.rows += 1
            try:
                if isinstance(row, UnreadableError):
                    raise row
                of_row = offers_of(where, row)
            except SkippedError as skipped:
                self.skipped[skipped.reason] += 1
                if skipped.where is not None:
                    _list(self.left_out, f"{skipped.where}: {skipped.reason}")
            except UnreadableError as error:
                _list(self.unreadable, str(error))
            else:
                self.taken += 1
                for offer in of_row:
                    self.offers[offer.key, offer.day].append(offer)

    @cached_property
    def quotes(self) -> list[Quote]:
        """One quote a key and day, in the price book's order and the oldest first."""
        order = {key: place for place, key in enumerate(price_keys())}
        ordered = sorted(self.offers, key=lambda pair: (order[pair[0]], pair[1]))
        return [quote(self.feed, self.name, self.offers[pair]) for pair in ordered]


def _list(rows: list[str], line: str) -> None:
    if len(rows) == MOST_LISTED:
        raise InputError(
            f"{rows[0]}; there are more than {MOST_LISTED:,} such rows, so that this is no such feed"
        )
    rows.append(line)


def quote(feed: Feed, name: str, offers: Sequence[Offer]) -> Quote:
    """Make one quote of all that a feed offers for a key on a day: their median, with the range.

    Its source is the feed and the file alone, so that the same day read again, with more rows, takes its
    place; the rows and where they link to are in its note.

    >>> from costcheck.prices.feeds.known import FEEDS
    >>> vendors = {"A": 28_750.0, "B": 46_875.0, "C": 31_250.0}.items()
    >>> made = quote(FEEDS["epoch"], "p.csv", [
    ...     Offer("h100_usd", "2025-03-03", value, vendor) for vendor, value in vendors])
    >>> made.value, made.low, made.high, made.note
    (31250.0, 28750.0, 46875.0, 'median of 3: A 28750, B 46875, C 31250')
    """
    import statistics

    first, values = offers[0], [offer.value for offer in offers]
    note, low, high = first.what, min(values), max(values)
    if len(offers) > 1:
        named = [f"{offer.what} {offer.value:.10g}".strip() for offer in offers[:NAMED]]
        more = f" and {len(offers) - NAMED} more" if len(offers) > NAMED else ""
        note = f"median of {len(offers)}: {', '.join(named)}{more}"
    links = " and ".join(dict.fromkeys(offer.link for offer in offers if offer.link))
    note = " ".join("; ".join(part for part in (note, links) if part).split())
    return Quote(
        first.key,
        statistics.median(values),
        low if low != high else None,
        high if low != high else None,
        price_keys()[first.key].unit,
        first.day,
        " ".join(f"{feed.title}, {name}".split()),
        feed.verification,
        note or None,
    )


def taken(known: dict[str, Id], id_: str, where: str | None = None) -> Id:
    """Return what an id of a feed is to the price book, or raise a SkippedError that says why nothing."""
    if id_ not in known:
        raise SkippedError(NO_KEY)
    if not known[id_].prices:
        raise SkippedError(known[id_].note or NO_KEY, where)
    return known[id_]


def price(given: object, where: str, skipped: str, *, a_token: bool = False) -> float:
    """Return a price that a row has to have [as given, or USD/Mtok for one of a token].

    Raises:
        SkippedError: There is none, or zero, in the row that is then called ``skipped``.
        UnreadableError: It is something else than a finite number.
    """
    value = per_million(given, where) if a_token else number(given, where)
    if not value:
        raise SkippedError(NO_PRICE if value is None else ZERO, skipped)
    return value


def within(key: str, value: float, where: str) -> float:
    """Return a value that is within its key's bounds; one outside may be in another unit.

    Raises:
        UnreadableError: It is outside.
    """
    try:
        return value_of(key, value)
    except InputError as error:
        raise UnreadableError(f"{where}, {error}") from None
