"""Where a translation differs from its original, and an article from itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

from costcheck.claims.article import Article, Claim
from costcheck.claims.evaluation import is_number
from costcheck.claims.loading import articles
from costcheck.text.numbers import multiple, readable


def disagreements(of: Sequence[Article] | None = None) -> list[tuple[str, str, str]]:
    """List where a translation disagrees with its original: both claims, ``""`` for none, and what differs.

    >>> [(one, other) for one, other, what in disagreements() if "10×" in what]
    [('Z51', 'J37'), ('Z52', 'J38'), ('Z53', 'J39')]
    """
    return [
        (claim.id if claim else "", other.id if other else "", difference)
        for original, article, paired in pairs(articles() if of is None else of)
        for claim, other in paired
        for difference in (
            _differs(claim, other) if claim and other else [_missing(original, claim, article)]
        )
    ]


def pairs(
    of: Sequence[Article],
) -> list[tuple[Article, Article, list[tuple[Claim | None, Claim | None]]]]:
    """Pair the claims of each translation with those of its original, None where one has no counterpart.

    >>> [(one.article, other.article, len(claims)) for one, other, claims in pairs(articles())]
    [('zh_36kr', 'ja_right_ai', 65)]
    """
    made = []
    for article in of:
        for original in (other for other in of if other.article == article.translation_of):
            translated = {claim.translates: claim for claim in article.claims}
            paired = [(claim, translated.get(claim.id)) for claim in original.claims]
            added = [(None, claim) for claim in article.claims if not claim.translates]
            made.append((original, article, [*paired, *added]))
    return made


def differences_of(of: Sequence[Article]) -> dict[tuple[str, str], list[str]]:
    """Return for each claim how it differs from its translation, and what in its article contradicts it."""
    made: dict[tuple[str, str], list[str]] = {}

    def add(article: Article, claim: Claim, differences: list[str]) -> None:
        made.setdefault((article.article, claim.id), []).extend(differences)

    for article in of:
        alike: dict[object, list[Claim]] = {}
        for claim in article.claims:
            if claim.sum:
                alike.setdefault((claim.figure_unit, claim.made_of), []).append(claim)
        for same in alike.values():
            for claim in same:
                others = [f"contradicts {other.id}" for other in same if other.stated != claim.stated]
                add(article, claim, others)
    for original, article, paired in pairs(of):
        for first, other in paired:
            missing = [_missing(original, first, article)]
            if first:
                add(original, first, _differs(first, other) if other else missing)
            if other:
                add(article, other, _differs(other, first) if first else missing)
    return made


def _missing(original: Article, claim: Claim | None, article: Article) -> str:
    return f"absent from {article.language}" if claim else f"not in {original.language}"


def _differs(here: Claim, there: Claim) -> list[str]:
    differences = []
    ours, theirs = here.stated, there.stated
    if ours is None or theirs is None:
        return []
    if ours != theirs:
        factor = ""
        if is_number(ours) and is_number(theirs) and ours and theirs:
            times = float(theirs) / float(ours)
            factor = f", {multiple(times)} this" if 0 < abs(times) < math.inf else ""
        differences.append(f"{there.id} prints {readable(theirs, there.figure_unit)}{factor}")
    elif here.figure_unit and there.figure_unit and here.figure_unit != there.figure_unit:
        differences.append(f"{there.id} counts in {there.figure_unit}, here {here.figure_unit}")
    if here.figure and there.figure and here.figure.hedge != there.figure.hedge:
        differences.append(f"{there.id} says {there.figure.hedge}, here {here.figure.hedge}")
    for dimension in sorted(here.offered_as.keys() | there.offered_as.keys()):
        mine, other = (claim.offered_as.get(dimension, "nothing particular") for claim in (here, there))
        if mine != other:
            differences.append(f"{there.id} offers it as {other}, here {mine}")
    return differences
