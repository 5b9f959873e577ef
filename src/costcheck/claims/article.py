"""Articles as files of claims: what such a file can say, as classes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from costcheck.claims import sums
from costcheck.claims.printed import Figure, Hedge, figures_in, read_figure
from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.prices.quotes import Quote

Place = tuple[str | int, ...]
"""The keys that lead to a part of a file, such as ``("claims", 0, "sum")``."""
OWN_NOTEBOOK = "article"
"""The notebook that shows any article, and so every claim that names no other."""
AS_PRINTED = "as the article prints it"
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
Value = bool | float | str


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A number that an article computes with: as it prints it, and where it is from."""

    printed: str
    value: float | None = None
    unit: str | None = None
    source: str = AS_PRINTED
    as_of: str | None = None
    low: float | None = None
    high: float | None = None
    verification: str = AS_PRINTED
    note: str | None = None
    trait: str | None = None

    @cached_property
    def figure(self) -> Figure:
        """The number read from its words."""
        figure = read_figure(self.printed, value=self.value, unit=self.unit)
        if self.value is None and self.unit is None:
            # nobody sees what a number that others rest on was read as
            (spot,) = figures_in(self.printed)[:1]
            if rest := re.search(r"\w.*", self.printed[spot.end :]):
                raise InputError(f"{rest[0]!r} behind the number is not understood", where=repr(self.printed))
        return figure


@dataclass(frozen=True, kw_only=True)
class Computed:
    """What is computed by a sum or compared with a fact, and the figure that the two are to agree with."""

    sum: str | None = None
    fact: str | None = None
    value: Value | None = None
    hedge: Hedge | None = None
    unit: str | None = None

    @cached_property
    def made_of(self) -> sums.Node | None:
        """What it is computed from or compared with."""
        text = self.sum or self.fact
        return sums.parse(text) if text else None


@dataclass(frozen=True, kw_only=True)
class Way(Computed):
    """The same claim computed in another way, or the right quantity; what is not given is as in the claim."""

    label: str


@dataclass(frozen=True, kw_only=True)
class Claim(Computed):
    """One claim of an article.

    Exactly one of ``sum``, ``fact``, ``assumed`` and ``not_checked`` says how it is checked, unless it
    translates a claim of another article and is checked the same way.
    """

    id: str = ""
    printed: str
    about: str = ""
    where: str = ""
    notebook: str = OWN_NOTEBOOK
    high: float | None = None
    reading: str | None = None
    digits: str | None = None
    same_as: str | None = None
    label: str | None = None
    assumed: str | None = None
    not_checked: str | None = None
    price: str | None = None
    offered_as: dict[str, str] = field(default_factory=dict)
    unsupported: str | None = None
    instead: list[Way] = field(default_factory=list)
    readings: list[Way] = field(default_factory=list)
    depends_on: str | None = None
    variants: list[Way] = field(default_factory=list)
    note: str | None = None
    translates: str | None = None

    def ways(self) -> Iterator[tuple[Place, Claim | Way]]:
        """Yield the claim, its readings, its variants and the right quantities, each with its place in it."""
        yield (), self
        for key in ("readings", "variants", "instead"):
            yield from (((key, index), way) for index, way in enumerate(getattr(self, key)))

    @cached_property
    def figure(self) -> Figure | None:
        """The figure with its precision and hedge; exact where it is our reading of words."""
        words = self.digits or self.printed
        if self.value is None:
            return None if self.not_checked else read_figure(words, unit=self.unit, hedge=self.hedge)
        if isinstance(self.value, bool | str):
            return None
        if not self.reading:
            return read_figure(words, value=self.value, high=self.high, unit=self.unit, hedge=self.hedge)
        spots = figures_in(words)
        hedge = self.hedge or (spots[0].figure.hedge if len(spots) == 1 else Hedge.EXACT)
        return Figure(words, self.value, self.high, self.unit, 0.0, hedge)

    @property
    def stated(self) -> Value | None:
        """What it states: a number, true or false, or a date."""
        return self.figure.value if self.figure else self.value

    @property
    def figure_unit(self) -> str | None:
        """The unit of its figure, None where neither the words nor the file name one."""
        return self.unit or (self.figure.unit if self.figure else None)

    @cached_property
    def is_printed(self) -> bool:
        """Whether the article prints the figure, as opposed to words that we read as one."""
        figure = None if self.reading else self.figure
        if figure is None or figure.place > 0 or self.value is None:
            return figure is not None
        spots = figures_in(self.digits or self.printed)  # a count is exact, as a reading of words is
        return any(math.isclose(spot.figure.value, figure.value) for spot in spots)


class PlacedError(InputError):
    """An error that names the file, the line, the claim and the key."""

    line = 1


class Origin(NamedTuple):
    """The file that an article was read from: its name, and its tree, in which each part knows its line."""

    name: str
    tree: yaml_nodes.Node

    def error(self, at: Place, message: object) -> PlacedError:
        """Make an error about a part of the file, or the nearest part around it."""
        node, where, rest = self.tree, "", at
        for key in at:
            if (inner := node.parts.get(key)) is None:
                break
            node = inner
        if len(at) > 1 and at[0] == "claims":
            where, rest = f", claim {yaml_nodes.shown(self.id_of(int(at[1])))}", at[2:]
        if rest:
            where += f", key {yaml_nodes.shown('.'.join(map(str, rest)))}"
        error = PlacedError(message, where=f"{self.name}, line {node.line}{where}")
        error.line = node.line
        return error

    def id_of(self, index: int) -> str:
        """Return the id of a claim, which may be left out."""
        claims: Any = self.tree.parts["claims"].value
        return claims[index].text("id") or f"A{index + 1}"


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article and its claims, in its own order."""

    article: str
    title: str
    language: str
    publisher: str = ""
    date: str = "unknown"
    address: str = ""
    note: str | None = None
    translation_of: str | None = None
    given: dict[str, Stated] = field(default_factory=dict)
    prices: dict[str, Stated] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    claims: list[Claim]

    origin: ClassVar[Origin | None] = None
    """Where it was read from; no part of what it says, so that two readings are equal."""

    def claim(self, id_: str) -> Claim:
        """Return a claim by its id; the nearest one in the error where there is none."""
        try:
            return self.claims[self.places[id_]]
        except KeyError:
            raise unknown("claim", id_, self.places) from None

    def own_quote(self, key: str) -> Quote:
        """Return a price that the article's file brings along, as a quote of a price book."""
        own = self.prices[key]
        more = {name: getattr(own, name) for name in ("low", "high", "source", "verification", "note")}
        return Quote(key, own.figure.value, unit=own.figure.unit or "1", as_of=own.as_of or self.date, **more)

    @cached_property
    def own_quotes(self) -> tuple[Quote, ...]:
        """The prices that the article's file brings along."""
        return tuple(map(self.own_quote, self.prices))

    @cached_property
    def is_packaged(self) -> bool:
        """Whether it is one of the two that the package's own prices are of."""
        folder = str(tables.home("data") / "articles")
        return self.origin is not None and self.origin.name.startswith(folder)

    @cached_property
    def fitted(self) -> dict[Any, Any]:
        """The sums whose units have been fitted, by their nodes: at any prices they are the same."""
        return {}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each claim by its id."""
        return {claim.id: place for place, claim in enumerate(self.claims)}


def prices_of(of: Sequence[Article]) -> list[str]:
    """Return the prices, the articles' own too, that claims are computed from, each once, as they come."""
    keys: list[str] = []
    for claim in (claim for article in of for claim in article.claims):
        names = (name for way in (claim, *claim.instead) for name in sums.names_in(way.made_of))
        keys += [name[7:] for name in names if name.startswith("prices.")]
        keys += [claim.price] if claim.price else []
    return list(dict.fromkeys(keys))


def given_of(article: Article) -> list[str]:
    """Return the article's given numbers that its claims, or other readings of them, are computed from."""
    ways = (way for claim in article.claims for _, way in claim.ways())
    named = dict.fromkeys(name for way in ways for name in sums.names_in(way.made_of))
    return [name for name in named if name in article.given]
