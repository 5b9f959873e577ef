"""The price book: one quote for each price and rate, out of a stack of named layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from costcheck.errors import InputError
from costcheck.prices.quotes import (
    ARTICLE,
    GIVEN,
    PriceKey,
    Quote,
    key_of,
    latest,
    of_the_articles,
    own_keys,
    packaged_quotes,
    price_keys,
    validate,
    value_of,
)

LAST_DAY = "9999-12-31"


class Kind(IntEnum):
    """What a layer is of; a kind covers those above it in this list."""

    PACKAGE = 0  # the articles' prices, and where they state none, the package's quotes of their day
    ARTICLE = 1  # the prices that an article of the reader's brings along
    DATED = 2  # the latest quotes by a day, those of the reader's file among them
    FILE = 3  # the latest quotes of the reader's file


class Layer(NamedTuple):
    """Quotes by key that go before those of the layers below."""

    kind: Kind
    name: str
    quotes: Mapping[str, Quote]
    date: str | None = None
    """The day for which they were chosen, if any."""


@dataclass(frozen=True, eq=False, repr=False)
class PriceBook(Mapping[str, float]):
    """Prices by key. The topmost layer that has a key answers; what the reader gives lies on top of all.

    >>> book = PriceBook.article()
    >>> book["h100_usd"]
    40000.0
    >>> book.override({"h100_usd": 25_000})  # its repr is what differs from the articles' prices
    h100_usd=25000: 1 price differs from the articles'
      h100_usd  25,000 USD/GPU, not 40,000 (given)
    """

    layers: tuple[Layer, ...]
    """From the lowest to the topmost."""
    given: Mapping[str, float] = field(default_factory=dict)
    """What the reader put in, also for prices that only some article has."""
    name: str | None = None
    accepted: Mapping[str, PriceKey] = field(default_factory=dict)
    """The keys of prices that only some article has."""

    @cached_property
    def _chosen(self) -> dict[str, Quote]:
        chosen: dict[str, Quote] = {}
        for layer in self.layers:
            chosen |= layer.quotes
        for key, value in self.given.items():
            if key in chosen and value != chosen[key].value:
                chosen[key] = Quote(
                    key, value, None, None, chosen[key].unit, chosen[key].as_of, GIVEN, "", None
                )
        return chosen

    def _over(self, layer: Layer, name: str | None = None) -> PriceBook:
        """Return the same book with a layer more, in place of one of its kind."""
        layers = [layer, *(other for other in self.layers if other.kind != layer.kind)]
        return replace(self, layers=tuple(sorted(layers, key=lambda layer: layer.kind)), name=name)

    @classmethod
    def article(cls) -> PriceBook:
        """Return the articles' own prices: stated, else the latest by their day, else the first."""
        return cls((Layer(Kind.PACKAGE, ARTICLE, of_the_articles()),))

    @classmethod
    def as_of(cls, date: str, more: Sequence[Quote] = (), label: str | None = None) -> PriceBook:
        """Return the latest quote of each key that is not after an ISO date; of one day, the reader's.

        A key that has no quote so early keeps the articles' own, which is then of a later day. If no key has
        one, an InputError says so.
        """
        every = (*packaged_quotes(), *more)
        if not (chosen := latest(every, date)):
            first = min(quote.as_of for quote in every)
            raise InputError(f"no quote on or before {date}; the first is of {first}")
        name = f"{label} as of {date}" if label else f"as of {date}"
        return cls.article()._over(Layer(Kind.DATED, name, chosen, date))

    @classmethod
    def of_day(cls, date: str, more: Sequence[Quote] = ()) -> PriceBook:
        """Return what an article of a day is judged at, its own prices apart: the latest quotes by then.

        >>> then = PriceBook.of_day("2025-03-31")
        >>> then["usd_cny"] == PriceBook.as_of("2025-03-31")["usd_cny"], then.scenario
        (True, 'article')
        """
        dated = cls.as_of(date, more).layers[-1]
        return cls((Layer(Kind.PACKAGE, dated.name, {**of_the_articles(), **dated.quotes}, date),))

    def with_quotes(self, more: Sequence[Quote], label: str) -> PriceBook:
        """Return a book with the latest of the reader's quotes for each of their keys, under a label."""
        return self._over(Layer(Kind.FILE, label, latest(more, LAST_DAY)))

    def extended(self, own: Sequence[Quote]) -> PriceBook:
        """Return a book with an article's own prices, which go before the package's and not the reader's.

        Each is validated, one that the price book has too against its key.
        """
        for quote in own:
            validate(quote, f"price {quote.key}", price_keys() | own_keys([quote]))
        if not own:
            return self
        together = {**self._of(Kind.ARTICLE), **{quote.key: quote for quote in own}}
        return self._over(Layer(Kind.ARTICLE, "the article", together), self.name)

    def accepting(self, own: Sequence[Quote]) -> PriceBook:
        """Return a book to which a reader may give the own prices of some articles too.

        They are no part of it: each article has its own, see `extended`.

        >>> theirs = Quote("h800_usd", 2.0, None, None, "USD/GPU-hour", "2024-12-27", "the report", "", None)
        >>> book = PriceBook.article().accepting([theirs]).override({"h800_usd": 3})
        >>> "h800_usd" in book, book.given, book.extended([theirs])["h800_usd"]
        (False, {'h800_usd': 3.0}, 3.0)
        """
        return replace(self, name=None, accepted={**self.accepted, **own_keys(own)})

    def override(self, given: Mapping[str, object]) -> PriceBook:
        """Return a book in which some prices are the reader's, read by `value_of`; it loses its name."""
        values = {key: value_of(key, value, self.keys_known) for key, value in given.items()}
        return replace(self, given={**self.given, **values}, name=None)

    def over(self, base: PriceBook) -> PriceBook:
        """Return what the reader gave, over the prices of another day instead of the articles'.

        >>> then = PriceBook.as_of("2025-03-31")
        >>> book = PriceBook.article().override({"pue": 1.2}).over(then)
        >>> book["pue"], book["usd_cny"] == then["usd_cny"]
        (1.2, True)
        """
        for layer in self.layers:
            if layer.kind >= Kind.DATED:
                base = base._over(layer)
        return replace(base, given=self.given, accepted=self.accepted, name=self.name)

    def named(self, name: str | None) -> PriceBook:
        """Return the same book under a name."""
        return replace(self, name=name)

    def _of(self, *kinds: Kind) -> dict[str, Quote]:
        return {
            key: quote for layer in self.layers if layer.kind in kinds for key, quote in layer.quotes.items()
        }

    @property
    def date(self) -> str | None:
        """The day whose quotes were asked for, if one was."""
        return next((layer.date for layer in self.layers if layer.date), None)

    @property
    def keys_known(self) -> Mapping[str, PriceKey]:
        """The keys of the book with their units and bounds, an article's own among them."""
        own = own_keys(self._of(Kind.ARTICLE).values())
        return {**price_keys(), **self.accepted, **own} if own or self.accepted else price_keys()

    @property
    def changed(self) -> dict[str, float]:
        """The prices that are not the articles'; what was given for an article's own stands at the end."""
        theirs = self._of(Kind.PACKAGE, Kind.ARTICLE)
        own = {key: value for key, value in self.given.items() if key not in self._chosen}
        return {key: value for key, value in self.items() if value != theirs[key].value} | own

    def origin(self, key: str) -> str:
        """Name the layer that a price is from.

        >>> book = PriceBook.as_of("2025-03-31").override({"pue": 1.2})
        >>> book.origin("pue"), book.origin("h100_usd"), PriceBook.article().origin("h100_usd")
        ('given', 'as of 2025-03-31', 'article')
        """
        if self.quote(key).source == GIVEN:
            return GIVEN
        return next(layer.name for layer in reversed(self.layers) if key in layer.quotes)

    def quote(self, key: str) -> Quote:
        """Return the quote behind a price, or refuse an unknown one with the nearest."""
        key_of(key, keys=self.keys_known)
        return self._chosen[key]

    def span(self, key: str, more: Sequence[Quote] = ()) -> tuple[float, float] | None:
        """Return the range of a price: what its quote gives, or else from the lowest to the highest quote.

        Those of the reader's (``more``) count too, and of a book with a date only those by then. ``None``
        where nothing says how far the price may move.
        """
        quote, last = self.quote(key), self.date or LAST_DAY
        if quote.low is not None or quote.high is not None:
            low, high = (quote.value if end is None else end for end in (quote.low, quote.high))
            return low, high
        every = (quote for quote in (*packaged_quotes(), *more) if quote.key == key and quote.as_of <= last)
        values = [quote.value, *(other.value for other in every)]
        low, high = min(values), max(values)
        return (low, high) if low < high else None

    @property
    def scenario(self) -> str:
        """What this book is called, or else what sets it apart from the articles', in one line.

        >>> PriceBook.as_of("2024-07-31").override({"pue": 1.2}).scenario
        'as of 2024-07-31;pue=1.2'
        """
        if self.name is not None:
            return self.name
        top = self.layers[-1]
        label = [top.name] if top.kind >= Kind.DATED and top.name else []
        values = self.given if label else self.changed
        return ";".join([*label, *(f"{key}={value:.15g}" for key, value in values.items())]) or ARTICLE

    def __getitem__(self, key: str) -> float:
        return self.quote(key).value

    def __contains__(self, key: object) -> bool:
        return key in self._chosen

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)

    def _differences(self) -> tuple[str, list[tuple[str, str, str, str]]]:
        """Return what differs from the articles' prices: a heading, and rows of texts."""
        theirs, rows = self._of(Kind.PACKAGE, Kind.ARTICLE), []
        for key in self.changed:
            if quote := self._chosen.get(key):
                here = f"{quote.value:,.10g} {quote.unit}".removesuffix(" 1")
                rows.append((key, here, f"{theirs[key].value:,.10g}", self.origin(key)))
        count = "1 price differs" if len(rows) == 1 else f"{len(rows) or 'no'} prices differ"
        return f"{self.scenario}: {count} from the articles'", rows

    def __repr__(self) -> str:
        heading, rows = self._differences()
        width = max((len(row[0]) for row in rows), default=0)
        lines = (f"  {key:{width}}  {here}, not {there} ({name})" for key, here, there, name in rows)
        return "\n".join([heading, *lines])

    def _repr_html_(self) -> str:
        import html

        heading, rows = self._differences()
        head = ("price", "here", "the articles'", "from")
        lines = [f"<tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>"] * bool(rows)
        lines += [f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
        return f"<table><caption>{html.escape(heading)}</caption>{''.join(lines)}</table>"


def stated(scenario: str) -> dict[str, float] | None:
    """Read the prices back that a scenario's name is made of, with semicolons or commas; else ``None``.

    >>> stated("h100_usd=25000;usd_cny=7.1"), stated("article"), stated("in 2025")
    ({'h100_usd': 25000.0, 'usd_cny': 7.1}, {}, None)
    """
    if scenario == ARTICLE:
        return {}
    prices: dict[str, float] = {}
    for part in scenario.replace(",", ";").split(";"):
        key, _, text = part.partition("=")
        if key in prices or key not in price_keys():
            return None
        try:
            prices[key] = value_of(key, text)
        except InputError:
            return None
    return prices
