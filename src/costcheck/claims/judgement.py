"""Judge a figure by what was recomputed: its arithmetic, its premise, the likely cause of a mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from costcheck.claims.article import DATE, Claim, Value
from costcheck.claims.evaluation import Answer, Known, Names, Traits, is_number
from costcheck.claims.kinds_and_colours import Kind, Premise
from costcheck.claims.printed import Figure, Hedge, band
from costcheck.data.yaml_nodes import LONGEST_SHOWN
from costcheck.errors import InputError
from costcheck.prices.quotes import price_keys
from costcheck.text.numbers import number_text
from costcheck.units import slips

SHARE_LEFT_OVER = 0.02
"""What a cause may leave unexplained, where the printed digits leave no more."""


def kind_of(figure: Figure | None, stated: Value, result: Known) -> Kind:
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
    is_near = result.interval and band(figure).overlaps(*result.interval)
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


def ratio_of(claim: Claim, recomputed: Answer | list[float] | None) -> float | None:
    """Return printed over recomputed, where both are amounts: a rank or a reading of words has no ratio."""
    stated = claim.stated
    if not claim.is_printed or not is_number(stated) or not is_number(recomputed) or not recomputed:
        return None
    return float(stated) / float(recomputed) or None


def cause_of(claim: Claim, unit: str | None, result: Known, names: Names) -> str:
    """Name the one factor that explains a wrong figure to within 2 %, such as 1000 or a currency."""
    figure = claim.figure
    if figure is None or not claim.is_printed or not is_number(result.value):
        return ""
    rates = {f"{key[-3:].upper()}/USD": names.prices[key] for key in ("usd_cny", "usd_jpy")}
    within = max(SHARE_LEFT_OVER, figure.place / 2 / abs(figure.value)) if figure.value else SHARE_LEFT_OVER
    in_english = names.article.language == "en" and not names.article.translation_of
    cause = slips.likely_causes(figure.value, result.value, unit, rates, within, in_english=in_english)
    if cause is None:
        return ""
    return cause.words if result.value * cause.factor in band(figure) else str(cause)


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
