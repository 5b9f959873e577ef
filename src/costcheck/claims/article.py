"""Articles as files of claims: what such a file can say, as classes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, ClassVar

from costcheck import formulas
from costcheck.claims.printed import Hedge
from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.formulas import signatures
from costcheck.prices.quotes import Quote
from costcheck.text.numbers import Printed, find

Place = tuple[str | int, ...]
"""The keys that lead to a part of a file, such as ``("claims", 0, "inputs", "rate")``."""


class Statement(StrEnum):
    """What kind of statement a claim is."""

    ARITHMETIC = "arithmetic"
    INPUT = "input"
    QUOTED = "quoted"
    DATE = "date"
    COMPARISON = "comparison"
    CHART = "chart"
    ASSERTION = "assertion"


LONGEST_MESSAGE = 1600
"""A message that lists all prices is somewhat shorter."""
OWN_NOTEBOOK = "article"
"""The notebook that shows any article, and so every claim that names no other."""
OWN_FILE = "stated in the article's own file"


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words that stand for themselves, where a string would be read as a reference."""

    literal: list[str]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A formula and what goes into it."""

    formula: str
    inputs: dict[str, Input] = field(default_factory=dict)
    row: str | None = None
    """A table's row, as ``models[model=Llama 3.1 405B]``: arguments not given come from its columns."""

    def filled(self) -> dict[str, Input]:
        """Return the inputs, completed from the row's columns that are named like an argument."""
        if self.row is None:
            return dict(self.inputs)
        columns = {field["name"] for field in tables.schema(self.row.partition("[")[0])}
        return {
            name: f"{self.row}.{name}" for name in arguments(self.formula) if name in columns
        } | self.inputs


Input = bool | float | str | Call | Words | list["bool | float | str | Call"]
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
Value = bool | float | str


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A number that an article's file brings along, with where it is from: an input, or a price."""

    value: float
    unit: str
    source: str
    as_of: str | None = None
    low: float | None = None
    high: float | None = None
    verification: str = OWN_FILE
    note: str | None = None
    trait: str | None = None


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The same claim reckoned in another way; what is not given is as in the claim."""

    label: str
    formula: str | None = None
    inputs: dict[str, Input] = field(default_factory=dict)
    row: str | None = None
    fact: str | None = None
    value: Value | None = None
    hedge: Hedge | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Instead(Call):
    """The right quantity, where a claim offers another."""

    label: str
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of an article.

    Exactly one of ``formula``, ``fact`` and ``not_computable`` says how it is checked, unless it
    translates a claim of another article and is checked the same way.
    """

    id: str
    where: str = ""
    printed: str
    about: str
    kind: Statement = Statement.ARITHMETIC
    notebook: str = OWN_NOTEBOOK
    value: Value | None = None
    unit: str | None = None
    hedge: Hedge = Hedge.EXACT
    reading: str | None = None
    repeats: str | None = None
    """``claims.ID``: the figure is one that claim prints; its value, unit and digits are taken from there."""
    digits: str | None = None
    formula: str | None = None
    inputs: dict[str, Input] = field(default_factory=dict)
    row: str | None = None
    fact: str | None = None
    not_computable: str | None = None
    price: str | None = None
    offered_as: dict[str, str] = field(default_factory=dict)
    unsupported: str | None = None
    instead: list[Instead] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    figure: str | None = None
    translates: str | None = None

    @cached_property
    def call(self) -> Call | None:
        """The formula with its inputs, where the claim has one."""
        if self.formula is None:
            return None
        return Call(formula=self.formula, inputs=self.inputs, row=self.row)

    @cached_property
    def figure_printed(self) -> Printed | None:
        """The claim's value with the precision its digits show; exact where it is our reading."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return None
        figure = find(self.digits or self.printed, self.value, self.unit)
        return figure or Printed(float(self.value), 0.0)

    @property
    def is_printed(self) -> bool:
        """Whether the article prints the figure, as opposed to words that we read as one."""
        figure = self.figure_printed
        return figure is not None and figure.unit_in_last_place > 0


@dataclass(frozen=True)
class Origin:
    """Where an article was read from, the line each part of it stands in, and the ids of its claims."""

    name: str
    lines: dict[Place, int] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)

    def error(self, at: Sequence[str | int], message: object) -> InputError:
        """Make an error that names the file, the line, the claim and the key."""
        known = tuple(at)
        while known and known not in self.lines:
            known = known[:-1]
        where = f"{self.name}, line {self.lines.get(known, 1)}"
        rest = list(at)
        if len(rest) > 1 and rest[0] == "claims" and isinstance(rest[1], int):
            where += f", claim {yaml_nodes.shown(self.ids.get(rest[1], str(rest[1] + 1)))}"
            rest = rest[2:]
        if rest:
            where += f", key {yaml_nodes.shown('.'.join(map(str, rest)))}"
        text = str(message)
        if len(text) > LONGEST_MESSAGE:  # what is wrong stands at its begin, what is allowed at its end
            text = f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
        return InputError(text, where=where)


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article and its claims, in its own order."""

    article: str
    title: str
    language: str
    publisher: str
    date: str
    address: str
    note: str | None = None
    translation_of: str | None = None
    inputs: dict[str, Stated] = field(default_factory=dict)
    prices: dict[str, Stated] = field(default_factory=dict)
    claims: list[Claim]

    origin: ClassVar[Origin | None] = None
    """Where it was read from; no part of what it says, so that two readings are equal."""

    def claim(self, id_: str) -> Claim:
        """Return a claim by its id; the nearest one in the error where there is none."""
        try:
            return self.claims[self.places[id_]]
        except KeyError:
            raise unknown("claim", id_, self.places) from None

    def error(self, claim: Claim, message: str, *key: str | int) -> InputError:
        """Make an error about a claim, which names file, line and claim where they are known."""
        if self.origin is None:
            return InputError(f"{self.article}, claim {claim.id}: {message}")
        return self.origin.error(("claims", self.places[claim.id], *key), message)

    @cached_property
    def own_quotes(self) -> tuple[Quote, ...]:
        """The prices that the article's file brings along, as quotes of a price book."""
        shared = ("value", "low", "high", "unit", "source", "verification", "note")
        return tuple(
            Quote(key=key, as_of=own.as_of or self.date, **{name: getattr(own, name) for name in shared})
            for key, own in self.prices.items()
        )

    @cached_property
    def traits_found(self) -> dict[str, Mapping[str, Mapping[str, str]]]:
        """The traits of the claims' printed figures by id, as far as they have been asked for."""
        return {}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each claim by its id."""
        return {claim.id: place for place, claim in enumerate(self.claims)}


def _names(prefix: str, *parts: object) -> Iterator[str]:
    """Yield the names with a prefix that parts of claims refer to, such as those of ``prices.``."""
    for part in parts:
        if isinstance(part, str) and part.startswith(prefix):
            yield part.removeprefix(prefix)
        elif isinstance(part, Call):
            yield from _names(prefix, *part.filled().values())
        elif isinstance(part, list):
            yield from _names(prefix, *part)


def rests_on(claim: Claim) -> set[str]:
    """Return the ids of the claims whose printed figures a claim is reckoned from."""
    return set(_names("claims.", claim.call, claim.fact))


def prices_of(of: Sequence[Article]) -> list[str]:
    """Return the prices, the articles' own too, that claims are reckoned from, each once, as they come.

    >>> from costcheck.claims import articles
    >>> prices_of(articles())[:3]
    ['llama_405b_input_usd_per_mtok', 'llama_405b_output_usd_per_mtok', 'input_tokens_per_output_token']
    """
    parts: list[object] = []
    for claim in (claim for article in of for claim in article.claims):
        parts += [claim.call, claim.fact, *claim.instead, claim.price and f"prices.{claim.price}"]
    return list(dict.fromkeys(_names("prices.", *parts)))


def inputs_of(article: Article) -> list[str]:
    """Return the names of the article's own inputs that its claims, or variants of them, are reckoned from.

    >>> from costcheck.claims.loading import example, load
    >>> inputs_of(load([example("deepseek_v3")])[0])[-1]
    'cluster_gpus'
    """
    parts: list[object] = []
    for claim in article.claims:
        parts += [claim.call, claim.fact, *claim.instead]
        parts += [part for variant in claim.variants for part in (variant_call(claim, variant), variant.fact)]
    return list(dict.fromkeys(_names("inputs.", *parts)))


def named(name: str) -> Callable[..., Any]:
    """Return the formula of a name; the nearest one in the error where there is none."""
    if name not in (known := signatures.names()):
        error = unknown("formula", yaml_nodes.shown(name), known)
        # there are too many for a message
        raise error if error.nearest else InputError(f"{error.what}; costcheck formulas lists them")
    function: Callable[..., Any] = getattr(formulas, name)
    return function


@cache
def arguments(formula: str) -> Mapping[str, inspect.Parameter]:
    """Return the arguments of a formula by name."""
    return inspect.signature(named(formula)).parameters


def variant_call(claim: Claim, variant: Variant) -> Call | None:
    """Return what a variant computes: its own formula, or the claim's with other inputs."""
    if variant.fact is not None:
        return None
    if variant.formula is not None:
        return Call(formula=variant.formula, inputs=variant.inputs, row=variant.row)
    if claim.formula is None:
        return None
    return Call(formula=claim.formula, inputs=claim.inputs | variant.inputs, row=variant.row or claim.row)
