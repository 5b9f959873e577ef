"""Compute what goes into a claim, with its traits and whether it is verified."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from costcheck.claims import references
from costcheck.claims.article import Article, Call, Claim, Words, named, rests_on
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys

Answer = float | bool | str
"""What a claim states or comes out as: a number, true or false, or a date."""


@dataclass(frozen=True)
class Quantity:
    """A value on its way through a formula, with what is known about it."""

    value: Any
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By dimension, the kinds of quantity that went in, and a name of where each came from."""
    unverified: bool = False
    bound: str | None = None
    keys: tuple[Any, ...] | None = None


def quantity(item: Any, article: Article, prices: PriceBook) -> Quantity:
    """Compute an input of a claim: a literal, a reference, a call, or a list of these."""
    if isinstance(item, Call):
        inputs = {name: quantity(given, article, prices) for name, given in item.filled().items()}
        aligned = {quantity.keys for quantity in inputs.values() if quantity.keys is not None}
        if len(aligned) > 1:
            raise InputError(f"{item.formula}: its columns are not about the same rows")
        value = named(item.formula)(**{name: quantity.value for name, quantity in inputs.items()})
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{item.formula} comes out as {value}")
        return _with(value, inputs.values())
    if isinstance(item, list):
        parts = [quantity(part, article, prices) for part in item]
        return _with([part.value for part in parts], parts)
    if isinstance(item, Words):
        return Quantity(item.literal)
    if not isinstance(item, str):
        return Quantity(item)
    match references.parse(item, tuple(article.prices)):
        case references.Named("prices", key):
            own = article.prices.get(key)
            trait = _trait(own.trait if own else price_keys()[key].trait, key)
            return Quantity(prices[key], trait, prices.quote(key).unverified)
        case references.Named("inputs", name):
            stated = article.inputs[name]
            return Quantity(
                stated.value, _trait(stated.trait, name), tables.is_unverified(stated.verification)
            )
        case references.Named(_, id_):
            return _printed_quantity(article.claim(id_), article, prices)
        case references.CellReference() as reference:
            rows = references.fitting(reference)
            values = [row[reference.column] for row in rows]
            traits = _merged(_trait(row.get("trait"), reference.table) for row in rows)
            return Quantity(
                values if reference.many else _value_of_cell(values[0]),
                traits,
                any(tables.is_unverified(row.get("verification")) for row in rows),
                rows[0].get("bound") if not reference.many else None,
                tuple(row[reference.by] for row in rows) if reference.by else None,
            )


def _printed_quantity(claim: Claim, article: Article, prices: PriceBook) -> Quantity:
    """Return the figure a claim prints, with the traits of what it is made of."""
    if not is_number(claim.value):
        raise InputError(f"claim {claim.id} prints no number to reckon with")
    # each claim once, those it rests on first: chains may be long, and every link may name the next twice
    known = article.traits_found
    ahead = [claim]
    while ahead:
        if before := sorted(rests_on(ahead[-1]) - known.keys()):
            ahead += [article.claim(id_) for id_ in before]
            continue
        last = ahead.pop()
        if last.id not in known:
            made_of = last.fact or last.call
            traits = quantity(made_of, article, prices).traits if made_of else {}
            known[last.id] = {dimension: dict.fromkeys(kinds, last.id) for dimension, kinds in traits.items()}
    return Quantity(claim.value, known[claim.id])


def _with(value: Any, parts: Iterable[Quantity]) -> Quantity:
    parts = tuple(parts)
    return Quantity(value, _merged(part.traits for part in parts), any(part.unverified for part in parts))


def _merged(all_traits: Iterable[Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for traits in all_traits:
        for dimension, kinds in traits.items():
            for kind, origin in kinds.items():
                merged.setdefault(dimension, {}).setdefault(kind, origin)
    return merged


def _trait(text: str | None, origin: str) -> dict[str, dict[str, str]]:
    if not text:
        return {}
    dimension, _, kind = text.partition("=")
    return {dimension: {kind: origin}}


def _value_of_cell(cell: Any) -> Any:
    if cell in ("true", "false"):
        return cell == "true"
    try:
        return float(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell


def is_number(value: object) -> bool:
    """Say whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def times_as_much(number: float, reference: float) -> float | None:
    """Return a ratio, or ``None`` where no float holds it or one over it, as of 1e200 to 1e-200."""
    ratio = number / reference
    return ratio if ratio and math.isfinite(ratio) and math.isfinite(1 / ratio) else None
