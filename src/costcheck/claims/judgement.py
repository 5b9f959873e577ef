"""Judge a figure by what was recomputed: its arithmetic, its premise, the likely cause of a mistake."""

from __future__ import annotations

import datetime as dt
import math
from functools import partial

from costcheck.claims.article import DATE, Article, Claim
from costcheck.claims.evaluation import Answer, Quantity, is_number
from costcheck.claims.kinds_and_colours import Finding, Kind, Premise
from costcheck.claims.printed import Hedge, close, holds
from costcheck.data.yaml_nodes import LONGEST_SHOWN
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.text.numbers import Printed, number_text
from costcheck.units import notation, slips


def cause_of(claim: Claim, recomputed: Answer | None, finding: Finding, prices: PriceBook) -> str:
    """Name the one factor that would make a wrong figure right, such as 1000 or a currency."""
    printed = claim.figure_printed
    wrong = finding.kind in (Kind.WRONG, Kind.OFF)
    if not wrong or printed is None or not claim.is_printed or not is_number(recomputed):
        return ""
    rates = {
        key.unit: prices[key.key]
        for key in price_keys().values()
        if key.unit.count("/") == 1 and set(key.unit.split("/")) <= set(notation.CURRENCIES)
    }
    value = float(recomputed)  # type: ignore[arg-type]
    fits = partial(holds, claim.hedge, printed)
    return slips.likely_cause(printed.value, value, claim.unit, fits, rates) or ""


def judge(claim: Claim, result: Quantity, article: Article, *key: str | int) -> Finding:
    """Judge the figure of a claim by what it comes out as."""
    stated, recomputed, printed = claim.value, result.value, claim.figure_printed
    if (kind_stated := _kind(stated)) != (kind := _kind(recomputed)):
        shown = " ".join(str(recomputed).split())[:LONGEST_SHOWN]  # of an array, in one line
        problem = f"it prints {kind_stated} ({number_text(stated)}), but is held against {kind} ({shown})"
        raise article.error(claim, problem, *key)
    if isinstance(stated, str):
        arithmetic = _dates(stated, str(recomputed)[:10])
    elif printed is None:
        arithmetic = Kind.HOLDS if stated is recomputed else Kind.WRONG
    else:
        arithmetic = _figures(claim, printed, result)
    ratio = ratio_of(claim, recomputed)
    if arithmetic is Kind.WRONG and ratio is not None and ratio > 0 and not math.isinf(1 / ratio):
        return Finding(Kind.OFF, max(ratio, 1 / ratio), result.unverified)
    return Finding(arithmetic, None, result.unverified)


def _figures(claim: Claim, printed: Printed, result: Quantity) -> Kind:
    lower_bounds = (Hedge.OVER, Hedge.AT_LEAST, Hedge.PLUS)
    if result.bound and claim.hedge in lower_bounds and result.value >= printed.value:
        return Kind.HOLDS  # a source that says "over n" bears out "over n"
    if holds(claim.hedge, printed, result.value):
        return Kind.HOLDS
    return Kind.CLOSE if close(claim.hedge, printed, result.value) else Kind.WRONG


def _kind(answer: object) -> str:
    if isinstance(answer, bool):
        return "true or false"
    if isinstance(answer, int | float):
        return "a number"
    return "a date" if isinstance(answer, str) and DATE.match(answer) else "neither number nor date"


def _dates(stated: str, sourced: str) -> Kind:
    # a day and a month are compared as months, whichever of them the article prints
    shorter = min(len(stated), len(sourced))
    if sourced[:shorter] == stated[:shorter]:
        return Kind.HOLDS
    if shorter < len("YYYY-MM-DD"):
        return Kind.WRONG
    apart = abs(dt.date.fromisoformat(stated) - dt.date.fromisoformat(sourced)).days
    return Kind.CLOSE if apart <= 1 else Kind.WRONG


def ratio_of(claim: Claim, recomputed: Answer | None) -> float | None:
    """Return printed over recomputed, where both are amounts: a rank or a reading of words has no ratio."""
    if not claim.is_printed or not is_number(claim.value) or not is_number(recomputed):
        return None
    ratio = float(claim.value) / float(recomputed) if recomputed else math.inf  # type: ignore[arg-type]
    return ratio if math.isfinite(ratio) else None


NAMES = {"phase": "{} figure", "precision": "size in {}", "counted_in": "count of {}"}


def premise_of(claim: Claim, result: Quantity) -> tuple[Premise, str]:
    """Tell a figure that mixes kinds of quantity, or is offered as a kind that went into it nowhere."""

    def name(dimension: str, kind: str) -> str:
        return "a " + NAMES.get(dimension, f"{dimension} {{}}").format(kind)

    for dimension, kinds in sorted(result.traits.items()):
        if len(kinds) > 1:
            listed = [f"{name(dimension, kind)} ({origin})" for kind, origin in sorted(kinds.items())]
            return Premise.WRONG_CATEGORY, f"sets {' against '.join(listed)}"
        (kind, origin), offered = next(iter(kinds.items())), claim.offered_as.get(dimension)
        if offered and offered != kind:
            why = f"{name(dimension, kind)} (from {origin}) offered as {name(dimension, offered)}"
            return Premise.WRONG_CATEGORY, why
    for dimension, offered in sorted(claim.offered_as.items()):
        if dimension not in result.traits:
            why = f"nothing that goes into it says whether it is {name(dimension, offered)}"
            return Premise.UNSUPPORTED, why
    return Premise.SOUND, ""
