"""Verdicts: does a figure follow, is it the right quantity, and what would it be at other prices.

Three questions, never mixed:

- ``arithmetic``: does the printed figure follow from the article's own inputs, or agree with the sourced
  fact it is held against? Always at the article's prices.
- ``premise``: is it the right quantity? Every input carries traits (the phase it belongs to, the precision
  it is stored in, what it counts). A figure built from inputs that differ in a trait, or offered as
  something its inputs are not, is in the wrong category.
- ``at_your_prices``: what it would be with the prices given.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from costcheck.claims import references
from costcheck.claims.article import Article, Call, Claim, Instead, Variant, variant_call
from costcheck.claims.evaluation import Answer, Quantity, is_number, quantity, times_as_much
from costcheck.claims.judgement import cause_of, judge, premise_of, ratio_of
from costcheck.claims.kinds import UNVERIFIED, Finding, Kind, Premise
from costcheck.claims.loading import articles
from costcheck.claims.translations import differences_of
from costcheck.prices.book import PriceBook
from costcheck.text.numbers import multiple, number_text, readable
from costcheck.text.spreadsheets import csv_text
from costcheck.units import notation

COLUMNS = (
    "scenario", "id", "article", "printed", "value", "unit", "recomputed", "ratio", "arithmetic", "premise",
    "at_your_prices", "notebook", "note",
)  # fmt: skip

REMARKS = {
    "premise": "",
    "cause": "likely cause: ",
    "not computable": "",
    "reading": "read as: ",
    "verified alone": "from verified data alone: ",
    "instead": "",
    "otherwise": "",
    "difference": "",
}
"""The kinds of remark beside a verdict, with the words that come before one in a note."""


@dataclass(frozen=True)
class Check:
    """One way of reckoning a claim: what came out, and what that makes of the figure."""

    label: str
    recomputed: Answer
    arithmetic: Finding
    unit: str | None = None


@dataclass(frozen=True)
class Right:
    """The right quantity, where a claim offers another."""

    label: str
    value: float
    unit: str | None
    ratio: float | None
    """How many times what the claim comes out as it is; None where no unit or no number compares them."""
    unverified: bool


@dataclass(frozen=True)
class Verdict:
    """What costcheck finds about one claim."""

    claim: Claim
    article: str
    recomputed: Answer | None
    ratio: float | None
    arithmetic: Finding
    premise: Premise | None
    because: str
    at_your_prices: float | None
    variants: tuple[Check, ...]
    instead: tuple[Right, ...]
    differences: tuple[str, ...]
    scenario: str
    cause: str = ""
    """What probably made a wrong figure wrong, where one factor would make it right."""
    yours_unverified: bool = False
    """Whether it is unverified at your prices although it is not at the article's."""

    @property
    def kind(self) -> Kind:
        """Whether the figure follows."""
        return self.arithmetic.kind

    @property
    def factor(self) -> float | None:
        """How many times too large or too small it is, where it is off by a factor."""
        return self.arithmetic.factor

    @property
    def unverified(self) -> bool:
        """Whether the verdict rests on data nobody could verify."""
        return self.arithmetic.unverified

    @property
    def at_your_prices_marked(self) -> str:
        """What it is at your prices, with its unit, marked where your prices are unverified."""
        return readable(self.at_your_prices, self.claim.unit) + UNVERIFIED * self.yours_unverified

    @property
    def verified_alone(self) -> Check | None:
        """The same claim from verified data alone, where the verdict rests on other data too."""
        return next(
            (check for check in self.variants if self.unverified and not check.arithmetic.unverified), None
        )

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Everything a reader needs beside the verdict: pairs of a kind of remark, and the remark."""
        claim = self.claim
        parts = [("premise", self.because), ("cause", self.cause), ("not computable", claim.not_computable)]
        parts.append(("reading", claim.reading))
        if self.unverified:
            alone = self.verified_alone
            found = (
                f"{alone.arithmetic.words} ({alone.label}: {_shown(alone, claim)})" if alone else "nothing"
            )
            parts.append(("verified alone", found))
        parts += [
            (
                "instead",
                f"{right.label}: {readable(right.value, right.unit)} at the article's prices"
                f"{_compared(right)}{UNVERIFIED * right.unverified}",
            )
            for right in self.instead
        ]
        parts += [
            (
                "otherwise",
                f"{check.label}: {_shown(check, claim)} ({check.arithmetic.words})"
                f"{UNVERIFIED * check.arithmetic.unverified}",
            )
            for check in self.variants
            if check is not self.verified_alone
        ]
        parts += [("difference", said) for said in self.differences]
        return [(kind, said) for kind, said in parts if said]

    @property
    def note(self) -> str:
        """The remarks beside the verdict as one text."""
        return "; ".join(REMARKS[kind] + said for kind, said in self.notes)

    def __repr__(self) -> str:
        parts = {
            "recomputed": readable(self.recomputed, self.claim.unit),
            "arithmetic": str(self.arithmetic),
            "premise": self.premise,
            "at your prices": self.at_your_prices_marked,
            "likely cause": self.cause,
        }
        lines = [f"  {name:16}{text}" for name, text in parts.items() if text]
        return "\n".join([f"{self.claim.id}: {self.claim.printed} ({self.claim.about})", *lines])

    def row(self) -> dict[str, str]:
        """Return the verdict as a row of results.csv: text, numbers at full precision."""
        claim = self.claim
        cells = (
            self.scenario,
            claim.id,
            self.article,
            claim.printed,
            number_text(claim.value),
            claim.unit or "",
            number_text(self.recomputed),
            number_text(self.ratio),
            str(self.arithmetic),
            self.premise or "",
            number_text(self.at_your_prices),
            claim.notebook,
            self.note,
        )
        return dict(zip(COLUMNS, cells, strict=True))


def verdicts(
    prices: PriceBook | None = None, of: Sequence[Article] | None = None, *, notebook: str | None = None
) -> list[Verdict]:
    """Check every claim of some articles, both of the package by default, or those of one notebook.

    ``prices`` are the reader's, for ``at_your_prices``; the articles' own by default.

    Raises:
        InputError: A formula refuses what a claim puts into it.

    >>> found = {verdict.claim.id: verdict for verdict in verdicts()}
    >>> found["Z51"].recomputed, str(found["Z51"].arithmetic), str(found["J37"].arithmetic)
    (1720000000.0, 'holds', 'off by 9.9×')
    """
    checked = articles() if of is None else of
    stated = PriceBook.article()
    given = prices or stated
    differences = differences_of(checked)
    found = []
    for article in checked:
        theirs, yours = (book.extended(article.own_quotes) for book in (stated, given))
        found += [
            _verdict(
                claim,
                article,
                theirs,
                yours,
                given.scenario,
                differences.get((article.article, claim.id), []),
            )
            for claim in article.claims
            if notebook in (None, claim.notebook)
        ]
    return found


def results_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Write verdicts' rows as the text of a results.csv.

    >>> results_csv([]).startswith("scenario,id,article,printed")
    True
    """
    return csv_text(COLUMNS, rows)


def _verdict(
    claim: Claim,
    article: Article,
    theirs: PriceBook,
    yours: PriceBook,
    scenario: str,
    differences: Sequence[str],
) -> Verdict:
    def compute(call: Call | str | None, prices: PriceBook, *key: str | int) -> Quantity:
        try:
            return quantity(call, article, prices)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise article.error(claim, str(error), *key) from error

    variants = tuple(
        _check(claim, variant, compute, theirs, article, place)
        for place, variant in enumerate(claim.variants)
    )
    found: Quantity | None = None
    at_your_prices = None
    finding = Finding(Kind.NOT_COMPUTABLE)
    yours_unverified = False
    premise: Premise | None = None
    because = ""
    if claim.not_computable is None:
        way = "fact" if claim.fact else "formula"
        found = compute(claim.fact or claim.call, theirs, way)
        finding = judge(claim, claim.figure_printed, found, article)
        premise, because = premise_of(claim, found)
        if claim.call or _is_price(claim.fact, article):
            at_yours = compute(claim.fact or claim.call, yours, way)
            at_your_prices = at_yours.value
            yours_unverified = at_yours.unverified and not found.unverified
    if claim.price:
        at_your_prices = yours[claim.price]
        yours_unverified = not (found and found.unverified) and yours.quote(claim.price).unverified
    if claim.unsupported:
        premise, because = Premise.UNSUPPORTED, claim.unsupported
    recomputed = found.value if found else None
    return Verdict(
        claim=claim,
        article=article.article,
        recomputed=recomputed,
        ratio=ratio_of(claim, recomputed),
        arithmetic=finding,
        premise=premise,
        because=because,
        at_your_prices=at_your_prices if is_number(at_your_prices) else None,
        variants=variants,
        instead=tuple(
            _right(claim, right, compute(right, theirs, "instead", place), recomputed, article, place)
            for place, right in enumerate(claim.instead)
        ),
        differences=tuple(differences),
        scenario=scenario,
        cause=cause_of(claim, recomputed, finding, theirs),
        yours_unverified=yours_unverified,
    )


def _right(
    claim: Claim, right: Instead, found: Quantity, recomputed: Answer | None, article: Article, place: int
) -> Right:
    value = found.value
    if not is_number(value) or not value > 0 or not is_number(claim.value):
        said = f"instead must be a positive number in place of a number, not {value}"
        raise article.error(claim, said, "instead", place)
    unit = right.unit or claim.unit
    ratio = None
    if is_number(recomputed) and recomputed > 0:  # type: ignore[operator]
        # a figure offered as a count of characters is compared as one, whatever it really counts
        offered = unit is not None and claim.offered_as.get("counted_in") == f"{unit}s"
        with contextlib.suppress(notation.UnitMismatch):
            by = 1.0 if offered else _factor(unit, claim.unit)
            ratio = times_as_much(value * by, float(recomputed))  # type: ignore[arg-type]
    return Right(right.label, float(value), unit, ratio, found.unverified)


def _compared(right: Right) -> str:
    if right.ratio is None:
        return ""
    if math.isclose(right.ratio, 1):
        return ", the same"
    return f", {multiple(right.ratio)} as much" if right.ratio > 1 else f", {multiple(1 / right.ratio)} less"


def _factor(given: str | None, wanted: str | None) -> float:
    # units alike as text need no pint, which takes longer to import than the check takes
    return 1.0 if given == wanted else notation.factor(given or "1", wanted or "1")


def _check(
    claim: Claim,
    variant: Variant,
    compute: Callable[..., Quantity],
    prices: PriceBook,
    article: Article,
    place: int,
) -> Check:
    call = variant.fact or variant_call(claim, variant)
    if call is None:
        said = f"variant {variant.label!r} has neither formula nor fact"
        raise article.error(claim, said, "variants", place)
    found = compute(call, prices, "variants", place)
    unit = variant.unit or claim.unit
    held = found
    if variant.value is not None:
        judged = replace(claim, value=variant.value, unit=unit)
    else:
        judged = claim
        if is_number(claim.value) and is_number(found.value):
            # what came out is converted, not the figure: its digits show how exact it is in its own unit
            try:
                held = replace(found, value=found.value * _factor(unit, claim.unit))
            except notation.UnitMismatch as error:
                said = (
                    f"variant {variant.label!r} is in {unit}, and the claim's figure in {claim.unit or 1}: "
                    f"give the variant a value in {unit} ({error})"
                )
                raise article.error(claim, said, "variants", place) from None
    judged = replace(judged, hedge=variant.hedge or claim.hedge)
    finding = judge(judged, judged.figure_printed, held, article, "variants", place)
    return Check(variant.label, found.value, finding, unit)


def _is_price(fact: str | None, article: Article) -> bool:
    # a cell of a table is what it is at any prices
    return bool(fact) and isinstance(
        references.parse(str(fact), tuple(article.prices)), references.PriceReference
    )


def _shown(check: Check, claim: Claim) -> str:
    return readable(check.recomputed, check.unit or claim.unit)
