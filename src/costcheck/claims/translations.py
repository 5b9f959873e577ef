"""Where a translation differs from its original, and an article from itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from costcheck.claims.article import Article, Claim
from costcheck.claims.evaluation import is_number
from costcheck.claims.loading import articles
from costcheck.text.numbers import multiple, readable


def pairs(of: Sequence[Article]) -> Iterator[tuple[Article, Claim | None, Article, Claim | None]]:
    """Pair the claims of originals with those of their translations, None where one has no counterpart."""
    for article in of:
        for original in (other for other in of if other.article == article.translation_of):
            translated = {claim.translates: claim for claim in article.claims}
            for claim in original.claims:
                yield original, claim, article, translated.get(claim.id)
            for claim in article.claims:
                if not claim.translates:
                    yield original, None, article, claim


def disagreements(of: Sequence[Article] | None = None) -> list[tuple[str, str, str]]:
    """List where a translation disagrees with its original: both claims, ``""`` for none, and what differs.

    >>> [(one, other) for one, other, what in disagreements() if "10×" in what]
    [('Z51', 'J37'), ('Z52', 'J38'), ('Z53', 'J39')]
    """
    return [
        (first.id if first else "", second.id if second else "", what)
        for original, first, article, second in pairs(articles() if of is None else of)
        for what in _between(original, first, article, second)
    ]


def _between(original: Article, first: Claim | None, article: Article, second: Claim | None) -> list[str]:
    if first and second:
        return differences(first, second)
    return [f"absent from {article.language}" if first else f"not in {original.language}"]


def differences_of(of: Sequence[Article]) -> defaultdict[tuple[str, str], list[str]]:
    """Return for each claim how it differs from its translation, and what in its article contradicts it."""
    made: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for article in of:
        alike: dict[object, list[Claim]] = defaultdict(list)
        for claim in article.claims:
            if claim.sum:
                alike[claim.figure_unit, claim.made_of].append(claim)
        for same in alike.values():
            for claim in same:
                others = [f"contradicts {other.id}" for other in same if other.stated != claim.stated]
                made[article.article, claim.id] += others
    for original, first, article, second in pairs(of):
        between = _between(original, first, article, second)
        if first:
            made[original.article, first.id] += between
        if second:
            made[article.article, second.id] += differences(second, first) if first else between
    return made


def differences(here: Claim, there: Claim) -> list[str]:
    """Say how one claim differs from its counterpart in the other article."""
    listed = []
    ours, theirs = here.stated, there.stated
    if ours is None or theirs is None:
        return []
    if ours != theirs:
        factor = ""
        if is_number(ours) and is_number(theirs) and ours and theirs:
            factor = f", {multiple(float(theirs) / float(ours))} this"
        listed.append(f"{there.id} prints {readable(theirs, there.figure_unit)}{factor}")
    elif here.figure_unit and there.figure_unit and here.figure_unit != there.figure_unit:
        listed.append(f"{there.id} counts in {there.figure_unit}, here {here.figure_unit}")
    if here.figure and there.figure and here.figure.hedge != there.figure.hedge:
        listed.append(f"{there.id} says {there.figure.hedge}, here {here.figure.hedge}")
    for dimension in sorted(here.offered_as.keys() | there.offered_as.keys()):
        mine, other = (claim.offered_as.get(dimension, "nothing particular") for claim in (here, there))
        if mine != other:
            listed.append(f"{there.id} offers it as {other}, here {mine}")
    return listed
