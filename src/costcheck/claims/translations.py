"""Where a translation differs from its original, and an article from itself."""

from __future__ import annotations

from collections.abc import Sequence

from costcheck.claims.article import Article, Claim
from costcheck.claims.evaluation import is_number, times_as_much
from costcheck.claims.loading import articles
from costcheck.text.numbers import multiple, readable


def disagreements(of: Sequence[Article] | None = None) -> list[tuple[str, str, str]]:
    """List where a translation disagrees with its original, found by comparing the claims.

    Returns:
        Triples of original claim, translated claim and what differs as seen from the original; an id is
        ``""`` where a claim has no counterpart.

    >>> [(one, other) for one, other, what in disagreements() if "10×" in what]
    [('Z51', 'J37'), ('Z52', 'J38'), ('Z53', 'J39')]
    """
    found = []
    for original, article, paired in pairs(articles() if of is None else of):
        for claim, other in paired:
            if claim and other:
                found += [(claim.id, other.id, what) for what in _differs(claim, other)]
            elif claim:
                found.append((claim.id, "", f"absent from {article.language}"))
            elif other:
                found.append(("", other.id, f"not in {original.language}"))
    return found


def pairs(
    of: Sequence[Article],
) -> list[tuple[Article, Article, list[tuple[Claim | None, Claim | None]]]]:
    """Pair the claims of each translation with those of its original.

    Returns:
        For each translation the original, the translation, and their claims; ``None`` where one has no
        counterpart.

    >>> [(one.article, other.article, len(claims)) for one, other, claims in pairs(articles())]
    [('zh_36kr', 'ja_right_ai', 60)]
    """
    found = []
    for article in of:
        for original in of:
            if original.article == article.translation_of:
                translated = {claim.translates: claim for claim in article.claims}
                paired: list[tuple[Claim | None, Claim | None]] = [
                    (claim, translated.get(claim.id)) for claim in original.claims
                ]
                paired += [(None, claim) for claim in article.claims if not claim.translates]
                found.append((original, article, paired))
    return found


def differences_of(of: Sequence[Article]) -> dict[tuple[str, str], list[str]]:
    """Say at each claim how it differs from its translation, and what in its own article contradicts it."""
    found: dict[tuple[str, str], list[str]] = {}

    def add(article: Article, claim: Claim, *said: str) -> None:
        found.setdefault((article.article, claim.id), []).extend(said)

    for article in of:
        reckoned = [claim for claim in article.claims if claim.call]
        for one in reckoned:
            for other in reckoned:
                if one.value != other.value and (one.unit, one.call) == (other.unit, other.call):
                    add(article, one, f"contradicts {other.id}")
    for original, article, paired in pairs(of):
        for claim, translation in paired:
            if claim and translation:
                add(original, claim, *_differs(claim, translation))
                add(article, translation, *_differs(translation, claim))
            elif claim:
                add(original, claim, f"absent from {article.language}")
            elif translation:
                add(article, translation, f"not in {original.language}")
    return found


def _differs(here: Claim, there: Claim) -> list[str]:
    """Say how another claim differs from this one."""
    said = []
    if here.value is None or there.value is None:
        return []
    if here.value != there.value:
        by = None
        if is_number(here.value) and is_number(there.value) and here.value:
            by = times_as_much(float(there.value), float(here.value))
        factor = f", {multiple(by)} this" if by else ""
        said.append(f"{there.id} prints {readable(there.value, there.unit)}{factor}")
    elif here.unit != there.unit:
        said.append(f"{there.id} counts in {there.unit}, here {here.unit}")
    if here.hedge != there.hedge:
        said.append(f"{there.id} says {there.hedge}, here {here.hedge}")
    for dimension in sorted(here.offered_as.keys() | there.offered_as.keys()):
        mine, theirs = (one.offered_as.get(dimension, "nothing particular") for one in (here, there))
        if mine != theirs:
            said.append(f"{there.id} offers it as {theirs}, here {mine}")
    return said
