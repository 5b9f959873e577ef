"""Judge a figure by what was recomputed: its arithmetic, its premise, the likely cause of a mistake."""

from __future__ import annotations

import datetime as dt
import math
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from costcheck.claims.article import DATE, Claim, Value
from costcheck.claims.evaluation import (
    PLAIN,
    Answer,
    Fitted,
    Names,
    Traits,
    converted,
    interval_behind,
    is_number,
    value_of,
)
from costcheck.claims.kinds_and_colours import Kind, Premise
from costcheck.claims.printed import Figure, Hedge, band
from costcheck.claims.terms import Interval, evaluate
from costcheck.data.yaml_nodes import LONGEST_SHOWN
from costcheck.errors import InputError
from costcheck.prices.quotes import price_keys
from costcheck.text.numbers import number_text
from costcheck.units import notation, slips

SHARE_LEFT_OVER = 0.02
"""What a cause may leave unexplained, where the printed digits leave no more."""


class Result(NamedTuple):
    """What a sum comes to, in the figure's unit: its value, what may lie behind it, and what it rests on."""

    fitted: Fitted
    value: Any
    """A number, true or false, a date, or the two ends of a range."""
    behind: Interval | None
    traits: Traits
    unverified: bool
    bound: str | None


def result_of(fitted: Fitted, unit: str | None, names: Names) -> Result:
    """Compute a sum in a unit, with the interval that its rounded inputs leave."""
    fitted = converted(fitted, unit)
    known = [names.known(key) for key in fitted.keys]
    value, behind = value_of(fitted, names), None
    if any(one.interval for one in known):
        behind = interval_behind(fitted, names)
        if isinstance(behind, list):  # of a range, all that lies between its ends
            ends = [number for end in behind for number in (end if isinstance(end, Interval) else [end])]
            behind = Interval(min(ends), max(ends))
    traits = dict(ChainMap(*(one.traits for one in known)))  # of each the first origin
    unverified = any(one.unverified for one in known)
    bound = next((one.bound for one in known if one.bound), None)
    return Result(fitted, value, behind if isinstance(behind, Interval) else None, traits, unverified, bound)


def kind_of(figure: Figure | None, stated: Value, result: Result) -> Kind:
    """Say whether a figure, or a date or a yes or no, agrees with what was recomputed.

    Raises:
        InputError: The two are of different kinds, such as a number and a date.
    """
    recomputed = result.value
    if not isinstance(recomputed, list) and (prints := _kind(stated)) != (comes := _kind(recomputed)):
        shown = " ".join(str(recomputed).split())[:LONGEST_SHOWN]  # of an array, in one line
        raise InputError(f"it prints {prints} ({number_text(stated)}), but comes out as {comes} ({shown})")
    if isinstance(stated, str):
        # a day and a month are compared as months, whichever of them the article prints
        shorter = min(len(stated), len(recomputed), 10)
        return Kind.HOLDS if recomputed[:shorter] == stated[:shorter] else Kind.WRONG
    if figure is None:
        return Kind.HOLDS if stated is recomputed else Kind.WRONG
    if _agrees(figure, recomputed, is_bound=bool(result.bound)):
        return Kind.HOLDS
    is_near = result.behind and band(figure).overlaps(*result.behind)
    return Kind.WITHIN_ROUNDING if is_near else Kind.WRONG


def _agrees(figure: Figure, recomputed: Any, is_bound: bool) -> bool:
    if not isinstance(recomputed, list):
        # a source that says "over n" bears out "over n"
        is_over = is_bound and figure.hedge in (Hedge.OVER, Hedge.AT_LEAST, Hedge.PLUS)
        return recomputed in band(figure) or (is_over and recomputed >= figure.value)
    if figure.high is None:
        return all(end in band(figure) for end in recomputed)
    lower = replace(figure, high=None)
    upper = replace(lower, value=figure.high, place=figure.high_place)
    low, high = sorted(recomputed)
    return low in band(lower) and high in band(upper)


def _kind(answer: object) -> str:
    if isinstance(answer, bool):
        return "true or false"
    if isinstance(answer, int | float):
        return "a number"
    return "a date" if isinstance(answer, str) and DATE.match(answer) else "neither number nor date"


def days_apart(stated: object, sourced: object) -> int | None:
    """Return how many days lie between two days; None where one is a month, or no date."""
    if not (isinstance(stated, str) and isinstance(sourced, str) and len(stated) == len(sourced[:10]) == 10):
        return None
    return abs(dt.date.fromisoformat(stated) - dt.date.fromisoformat(sourced[:10])).days


def ratio_of(claim: Claim, recomputed: Answer | list[float] | None) -> float | None:
    """Return printed over recomputed, where both are amounts: a rank or a reading of words has no ratio."""
    stated = claim.stated
    if not claim.is_printed or not is_number(stated) or not is_number(recomputed) or not recomputed:
        return None
    return float(stated) / float(recomputed) or None


def cause_of(claim: Claim, unit: str | None, result: Result, names: Names) -> str:
    """Name the one factor that explains a wrong figure to within 2 %, such as 1000 or a currency."""
    figure = claim.figure
    if figure is None or not claim.is_printed or not is_number(result.value):
        return ""
    for values, what in _totals(result.fitted, names):
        if evaluate(result.fitted.term, values) in band(figure):
            return f"the figure is the total of {what}"
    rates = {
        key.unit: names.prices[key.key]
        for key in price_keys().values()
        if key.unit.count("/") == 1 and set(key.unit.split("/")) <= set(notation.CURRENCIES)
    }
    within = max(SHARE_LEFT_OVER, figure.place / 2 / abs(figure.value)) if figure.value else SHARE_LEFT_OVER
    in_english = names.article.language == "en" and not names.article.translation_of
    cause = slips.likely_causes(figure.value, result.value, unit, rates, within, in_english=in_english)
    if cause is None:
        return ""
    return cause.words if result.value * cause.factor in band(figure) else str(cause)


def _totals(fitted: Fitted, names: Names) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the values of a sum with a given number replaced by the total of all that are given alike."""
    values, given = {key: names.known(key).value for key in fitted.keys}, names.article.given
    for key in fitted.keys:
        if key in given and (ours := names.known(key)).unit != PLAIN:  # no numbers of anything
            alike = (one for one in map(names.known, given) if one.unit == ours.unit)
            whole = [one.value for one in alike if _kinds(one.traits) == _kinds(ours.traits)]
            if len(whole) > 1:
                yield values | {key: math.fsum(whole)}, f"the {len(whole)} numbers given in {ours.unit}"


def _kinds(traits: Iterable[str]) -> set[str]:
    return {trait.partition("=")[0] for trait in traits}


NAMES = {"phase": "figure for {}", "precision": "size in {}", "counted_in": "count of {}", "peak": "{} peak"}
SHOWN = {"serving": "running"}
"""Kinds that are called otherwise in a sentence."""


def premise_of(claim: Claim, traits: Traits) -> tuple[Premise, str]:
    """Tell a figure that mixes kinds of quantity, or is offered as a kind that went into it nowhere."""

    def name(dimension: str, kind: str) -> str:
        return "a " + NAMES.get(dimension, f"{dimension} {{}}").format(SHOWN.get(kind, kind))

    known: dict[str, dict[str, str]] = {}
    for trait, origin in traits.items():
        dimension, _, kind = trait.partition("=")
        known.setdefault(dimension, {})[kind] = origin
    for dimension, kinds in sorted(known.items()):
        if len(kinds) > 1:
            listed = [f"{name(dimension, kind)} ({origin})" for kind, origin in sorted(kinds.items())]
            return Premise.WRONG_CATEGORY, f"sets {' against '.join(listed)}"
        (kind, origin), offered = next(iter(kinds.items())), claim.offered_as.get(dimension)
        if offered and offered != kind:
            what = price_keys()[origin].meaning if origin in price_keys() else origin
            why = f"offered as {name(dimension, offered)}, but computed from {name(dimension, kind)}: {what}"
            return Premise.WRONG_CATEGORY, why
        if kind == "sparse" and not offered:
            return Premise.WRONG_CATEGORY, f"{origin} is the sparse peak, twice the dense one"
    for dimension, offered in sorted(claim.offered_as.items()):
        if dimension not in known:
            why = f"nothing that goes into it says whether it is {name(dimension, offered)}"
            return Premise.UNSUPPORTED, why
    return (Premise.SOUND if claim.offered_as else Premise.NOT_EXAMINED), ""
