"""Verdicts: does a figure follow, is it the right quantity, and what would it be at other prices.

Three questions, never mixed:

- ``arithmetic``: does the figure follow from the article's own inputs, or agree with the sourced fact it is
  compared with? Always at the article's prices.
- ``premise``: is it the right quantity? Inputs carry traits (their phase, the precision they are stored in,
  what they count). A figure of inputs that differ in one, or offered as what they are not, is in the wrong
  category.
- ``at_your_prices``: what it would be with the prices given.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from costcheck.claims.article import Article, Call, Claim, Instead, Variant, variant_call
from costcheck.claims.evaluation import Answer, Quantity, is_number, quantity, times_as_much
from costcheck.claims.judgement import cause_of, judge, premise_of, ratio_of
from costcheck.claims.kinds_and_colours import UNVERIFIED, Finding, Kind, Premise
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
    ratio: float | None  # over what the claim comes out as; None where no unit or no number compares them
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
        verified = [check for check in self.variants if not check.arithmetic.unverified]
        return verified[0] if self.unverified and verified else None

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Everything a reader needs beside the verdict: pairs of a kind of remark, and the remark."""
        claim, alone = self.claim, self.verified_alone
        parts = [("premise", self.because), ("cause", self.cause), ("not computable", claim.not_computable)]
        parts.append(("reading", claim.reading))
        if self.unverified:
            shown = (
                f"{alone.arithmetic.words} ({alone.label}: {_shown(alone, claim)})" if alone else "nothing"
            )
            parts.append(("verified alone", shown))
        for right in self.instead:
            shown = f"{right.label}: {readable(right.value, right.unit)} at the article's prices"
            parts.append(("instead", f"{shown}{_compared(right)}{UNVERIFIED * right.unverified}"))
        for check in self.variants:
            if check is not alone:
                shown = f"{check.label}: {_shown(check, claim)} ({check.arithmetic.words})"
                parts.append(("otherwise", f"{shown}{UNVERIFIED * check.arithmetic.unverified}"))
        parts += [("difference", difference) for difference in self.differences]
        return [(kind, remark) for kind, remark in parts if remark]

    @property
    def note(self) -> str:
        """The remarks beside the verdict as one text."""
        return "; ".join(REMARKS[kind] + remark for kind, remark in self.notes)

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
            self.scenario, claim.id, self.article, claim.printed, number_text(claim.value), claim.unit or "",
            number_text(self.recomputed), number_text(self.ratio), str(self.arithmetic), self.premise or "",
            number_text(self.at_your_prices), claim.notebook, self.note,
        )  # fmt: skip
        return dict(zip(COLUMNS, cells, strict=True))


def verdicts(
    prices: PriceBook | None = None, of: Sequence[Article] | None = None, *, notebook: str | None = None
) -> list[Verdict]:
    """Check every claim of some articles, both of the package by default, or those of one notebook.

    ``prices`` are the reader's, for ``at_your_prices``; the articles' own by default.

    >>> checked = {verdict.claim.id: verdict for verdict in verdicts()}
    >>> checked["Z51"].recomputed, str(checked["Z51"].arithmetic), str(checked["J37"].arithmetic)
    (1720000000.0, 'holds', 'off by 9.9×')
    """
    checked = articles() if of is None else of
    stated = PriceBook.article()
    differences = differences_of(checked)
    made = []
    for article in checked:
        checks = _Checks(article, stated, prices or stated)
        for claim in article.claims:
            if notebook in (None, claim.notebook):
                made.append(checks.verdict(claim, tuple(differences.get((article.article, claim.id), ()))))
    return made


def results_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Write verdicts' rows as the text of a results.csv.

    >>> results_csv([]).startswith("scenario,id,article,printed")
    True
    """
    return csv_text(COLUMNS, rows)


class _Checks:
    """The checks of an article's claims, at its own prices and at a reader's."""

    def __init__(self, article: Article, stated: PriceBook, given: PriceBook) -> None:
        self.article, self.scenario = article, given.scenario
        self.theirs, self.yours = (book.extended(article.own_quotes) for book in (stated, given))

    def compute(self, claim: Claim, call: Call | str | None, prices: PriceBook, *key: str | int) -> Quantity:
        try:
            return quantity(call, self.article, prices)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise self.article.error(claim, str(error), *key) from error

    def verdict(self, claim: Claim, differences: tuple[str, ...]) -> Verdict:
        variants = tuple(self.check(claim, variant, place) for place, variant in enumerate(claim.variants))
        result = Quantity(None)
        finding, premise, because = Finding(Kind.NOT_COMPUTABLE), None, ""
        at_your_prices, yours_unverified = None, False
        if claim.not_computable is None:
            call, key = (claim.fact, "fact") if claim.fact else (claim.call, "formula")
            result = self.compute(claim, call, self.theirs, key)
            finding = judge(claim, result, self.article)
            premise, because = premise_of(claim, result)
            # a cell of a table is what it is at any prices
            if claim.call or str(claim.fact).startswith("prices."):
                at_yours = self.compute(claim, call, self.yours, key)
                at_your_prices, yours_unverified = (
                    at_yours.value,
                    at_yours.unverified and not result.unverified,
                )
        if claim.price:
            at_your_prices = self.yours[claim.price]
            yours_unverified = self.yours.quote(claim.price).unverified and not result.unverified
        if claim.unsupported:
            premise, because = Premise.UNSUPPORTED, claim.unsupported
        return Verdict(
            claim=claim,
            article=self.article.article,
            recomputed=result.value,
            ratio=ratio_of(claim, result.value),
            arithmetic=finding,
            premise=premise,
            because=because,
            at_your_prices=at_your_prices if is_number(at_your_prices) else None,
            variants=variants,
            instead=tuple(
                self.right(claim, right, result.value, place) for place, right in enumerate(claim.instead)
            ),
            differences=differences,
            scenario=self.scenario,
            cause=cause_of(claim, result.value, finding, self.theirs),
            yours_unverified=yours_unverified,
        )

    def right(self, claim: Claim, right: Instead, recomputed: Answer | None, place: int) -> Right:
        result = self.compute(claim, right, self.theirs, "instead", place)
        value = result.value
        if not is_number(value) or not value > 0 or not is_number(claim.value):
            problem = f"instead must be a positive number in place of a number, not {value}"
            raise self.article.error(claim, problem, "instead", place)
        unit = right.unit or claim.unit
        ratio = None
        if is_number(recomputed) and recomputed > 0:  # type: ignore[operator]
            # a figure offered as a count of characters is compared as one, whatever it really counts
            offered = unit is not None and claim.offered_as.get("counted_in") == f"{unit}s"
            with contextlib.suppress(notation.UnitMismatch):
                by = 1.0 if offered else _factor(unit, claim.unit)
                ratio = times_as_much(value * by, float(recomputed))  # type: ignore[arg-type]
        return Right(right.label, float(value), unit, ratio, result.unverified)

    def check(self, claim: Claim, variant: Variant, place: int) -> Check:
        key = ("variants", place)
        call = variant.fact or variant_call(claim, variant)
        if call is None:
            problem = f"variant {variant.label!r} has neither formula nor fact"
            raise self.article.error(claim, problem, *key)
        result = compared = self.compute(claim, call, self.theirs, *key)
        unit = variant.unit or claim.unit
        judged = replace(claim, hedge=variant.hedge or claim.hedge)
        if variant.value is not None:
            judged = replace(judged, value=variant.value, unit=unit)
        elif is_number(claim.value) and is_number(result.value):
            # what came out is converted, not the figure: its digits show how exact it is in its own unit
            try:
                compared = replace(result, value=result.value * _factor(unit, claim.unit))
            except notation.UnitMismatch as error:
                problem = (
                    f"variant {variant.label!r} is in {unit}, and the claim's figure in {claim.unit or 1}: "
                    f"give the variant a value in {unit} ({error})"
                )
                raise self.article.error(claim, problem, *key) from None
        return Check(variant.label, result.value, judge(judged, compared, self.article, *key), unit)


def _compared(right: Right) -> str:
    if right.ratio is None:
        return ""
    if math.isclose(right.ratio, 1):
        return ", the same"
    return f", {multiple(right.ratio)} as much" if right.ratio > 1 else f", {multiple(1 / right.ratio)} less"


def _factor(given: str | None, wanted: str | None) -> float:
    return 1.0 if given == wanted else notation.factor(given or "1", wanted or "1")


def _shown(check: Check, claim: Claim) -> str:
    return readable(check.recomputed, check.unit or claim.unit)
