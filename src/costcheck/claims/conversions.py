"""Put the factors between units into an article's claims, as formulas like any other.

So a claim in MWh may be reckoned by a formula that gives kWh, and everything that follows a claim's formula
(verdicts, sensitivity, a report) needs to know nothing of units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from costcheck.claims.article import Article, Call, Claim, Instead, Variant, variant_call

Path = tuple[str | int, ...]
Factors = Mapping[Path, float]


def converted(article: Article, factors: Mapping[tuple[int, Path], float]) -> Article:
    """Return an article, each part with a factor wrapped in a call of the formula ``scaled``.

    ``factors`` are those that `costcheck.claims.dimensions.checked` finds.
    """
    if not factors:
        return article
    of_claim: dict[int, dict[Path, float]] = {}
    for (index, path), by in factors.items():
        of_claim.setdefault(index, {})[path] = by
    claims = [
        _claim(claim, of_claim[index]) if index in of_claim else claim
        for index, claim in enumerate(article.claims)
    ]
    return replace(article, claims=claims)


def _claim(claim: Claim, factors: Factors) -> Claim:
    # a variant that takes inputs over is told its own factors: it starts from what the claim was before
    variants = [
        _variant(claim, variant, factors, ("variants", number))
        for number, variant in enumerate(claim.variants)
    ]
    instead = [_instead(one, factors, ("instead", number)) for number, one in enumerate(claim.instead)]
    changed = replace(claim, variants=variants, instead=instead)
    if claim.call:
        call = _call(claim.call, factors, ())
        return replace(changed, formula=call.formula, inputs=call.inputs, row=call.row)
    if claim.fact and ("fact",) in factors:
        call = _scaled(claim.fact, factors["fact",])
        return replace(changed, fact=None, formula=call.formula, inputs=call.inputs)
    return changed


def _variant(claim: Claim, variant: Variant, factors: Factors, at: Path) -> Variant:
    if variant.fact is None:
        call = variant_call(claim, variant)
        if call is None:
            return variant
        call = _call(call, factors, at)
        return replace(variant, formula=call.formula, inputs=call.inputs, row=call.row)
    if (*at, "fact") in factors:
        call = _scaled(variant.fact, factors[(*at, "fact")])
        return replace(variant, fact=None, formula=call.formula, inputs=call.inputs)
    return variant


def _instead(one: Instead, factors: Factors, at: Path) -> Instead:
    call = _call(Call(formula=one.formula, inputs=one.inputs, row=one.row), factors, at)
    return replace(one, formula=call.formula, inputs=call.inputs, row=call.row)


def _call(call: Call, factors: Factors, at: Path) -> Call:
    """Convert what goes into a call, and what comes out of it."""
    inputs = dict(call.inputs)
    for name, given in call.filled().items():
        changed = _input(given, factors, (*at, "inputs", name))
        if changed is not given:
            inputs[name] = changed
    made = Call(formula=call.formula, inputs=inputs, row=call.row)
    by = factors.get((*at, "formula"))
    return made if by is None else _scaled(made, by)


def _input(given: Any, factors: Factors, at: Path) -> Any:
    changed = given
    if isinstance(given, list):
        changed = [_input(item, factors, (*at, place)) for place, item in enumerate(given)]
    elif isinstance(given, Call):
        changed = _call(given, factors, at)
    by = factors.get(at)
    if by is None:
        return given if changed == given else changed
    return _scaled(changed, by)


def _scaled(part: Any, by: float) -> Call:
    return Call(formula="scaled", inputs={"quantity": part, "factor": by})
