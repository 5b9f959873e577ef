"""Judge a figure by what was recomputed: its arithmetic, its premise, the likely cause of a mistake."""

from __future__ import annotations

import datetime as dt
import math

from costcheck.claims.article import DATE, Article, Claim
from costcheck.claims.evaluation import Answer, Quantity, is_number
from costcheck.claims.kinds import Finding, Kind, Premise
from costcheck.claims.printed import Hedge, Printed, close, holds
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.text.numbers import number_text
from costcheck.units import notation, slips


def cause_of(claim: Claim, recomputed: Answer | None, finding: Finding, prices: PriceBook) -> str:
    """Name the one factor that would make a wrong figure right, such as 1000 or a currency."""
    printed = claim.figure_printed
    if (
        finding.kind not in (Kind.WRONG, Kind.OFF)
        or printed is None
        or not claim.is_printed
        or not is_number(recomputed)
    ):
        return ""
    rates = {}
    for key in price_keys().values():
        money = key.unit.split("/")
        if len(money) == 2 and set(money) <= set(notation.CURRENCIES):
            rates[key.unit] = prices[key.key]
    found = slips.likely_cause(
        printed.value,
        float(recomputed),  # type: ignore[arg-type]
        claim.unit,
        lambda value: holds(claim.hedge, printed, value),
        rates,
    )
    return found or ""


def judge(
    claim: Claim, printed: Printed | None, found: Quantity, article: Article, *key: str | int
) -> Finding:
    """Judge what was printed by what was found."""
    stated, recomputed = claim.value, found.value
    if _kind(stated) != _kind(recomputed):
        raise article.error(
            claim,
            f"it prints {_kind(stated)} ({number_text(stated)}), "
            f"but is held against {_kind(recomputed)} ({recomputed})",
            *key,
        )
    if isinstance(stated, str):
        kind = _dates(stated, str(recomputed)[:10])
    elif printed is None:
        kind = Kind.HOLDS if stated is recomputed else Kind.WRONG
    else:
        kind = _figures(claim, printed, found)
    factor = None
    if kind is Kind.WRONG and printed is not None:
        ratio = ratio_of(claim, recomputed)
        if ratio is not None and ratio > 0 and not math.isinf(1 / ratio):
            kind, factor = Kind.OFF, max(ratio, 1 / ratio)
    return Finding(kind, factor, found.unverified)


def _figures(claim: Claim, printed: Printed, found: Quantity) -> Kind:
    lower_bounds = (Hedge.OVER, Hedge.AT_LEAST, Hedge.PLUS)
    if found.bound and claim.hedge in lower_bounds and found.value >= printed.value:
        return Kind.HOLDS  # a source that says "over n" bears out "over n"
    if holds(claim.hedge, printed, found.value):
        return Kind.HOLDS
    return Kind.CLOSE if close(claim.hedge, printed, found.value) else Kind.WRONG


def _kind(answer: object) -> str:
    if isinstance(answer, bool):
        return "true or false"
    if isinstance(answer, int | float):
        return "a number"
    return "a date" if isinstance(answer, str) and DATE.match(answer) else "neither number nor date"


def _dates(stated: str, found: str) -> Kind:
    # a day and a month are compared as months, whichever of them the article prints
    shorter = min(len(stated), len(found))
    if found[:shorter] == stated[:shorter]:
        return Kind.HOLDS
    if shorter < len("YYYY-MM-DD"):
        return Kind.WRONG
    apart = abs(dt.date.fromisoformat(stated) - dt.date.fromisoformat(found)).days
    return Kind.CLOSE if apart <= 1 else Kind.WRONG


def ratio_of(claim: Claim, recomputed: Answer | None) -> float | None:
    """Return printed over recomputed, where both are amounts: a rank or a reading of words has no ratio."""
    if not claim.is_printed or not is_number(claim.value) or not is_number(recomputed):
        return None
    ratio = float(claim.value) / float(recomputed) if recomputed else math.inf  # type: ignore[arg-type]
    return ratio if math.isfinite(ratio) else None


NAMES = {"phase": "{} figure", "precision": "size in {}", "counted_in": "count of {}"}


def premise_of(claim: Claim, found: Quantity) -> tuple[Premise, str]:
    """Find a figure that mixes kinds of quantity, or is offered as a kind that went into it nowhere."""
    for dimension, kinds in sorted(found.traits.items()):
        name = NAMES.get(dimension, dimension + " {}")
        if len(kinds) > 1:
            listed = " against ".join(
                f"a {name.format(kind)} ({origin})" for kind, origin in sorted(kinds.items())
            )
            return Premise.WRONG_CATEGORY, f"sets {listed}"
        (kind, origin), offered = next(iter(kinds.items())), claim.offered_as.get(dimension)
        if offered and offered != kind:
            return (
                Premise.WRONG_CATEGORY,
                f"a {name.format(kind)} (from {origin}) offered as a {name.format(offered)}",
            )
    for dimension, offered in sorted(claim.offered_as.items()):
        if dimension not in found.traits:
            name = NAMES.get(dimension, dimension + " {}").format(offered)
            return Premise.UNSUPPORTED, f"nothing that goes into it says whether it is a {name}"
    return Premise.SOUND, ""
