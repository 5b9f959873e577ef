"""Verdicts: does a figure follow, is it the right quantity, and what would it be at other prices.

Three questions, never mixed (docs/verdicts.md): ``arithmetic`` is judged at the prices that the article
states, or else those of its day; ``premise`` by the traits of what goes in; ``at_your_prices`` at yours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from costcheck.claims import sums
from costcheck.claims.article import Article, Claim, Way
from costcheck.claims.evaluation import Answer, Interval, Known, Names, fit, is_number, result_of
from costcheck.claims.judgement import cause_of, kind_of, premise_of, ratio_of
from costcheck.claims.kinds_and_colours import FAILS, UNVERIFIED, Finding, Kind, Premise
from costcheck.claims.loading import articles
from costcheck.claims.printed import Figure, Hedge, band, read_figure
from costcheck.claims.steps import in_steps
from costcheck.claims.translations import differences_of
from costcheck.errors import InputError, together
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import ARTICLE, exchange_rates
from costcheck.text.numbers import multiple, number_text, readable
from costcheck.units import notation

COLUMNS = (
    "scenario", "id", "article", "about", "printed", "value", "unit", "holds_for", "recomputed", "ratio",
    "arithmetic", "premise", "at_your_prices", "verdict_at_your_prices", "notebook", "note",
)  # fmt: skip

REMARKS = {"cause": "likely cause: ", "reading": "read as: "}
"""The words that come before a remark of some kinds in a note."""


class Check(NamedTuple):
    """A claim computed in another way, or the right quantity, and what that makes of the figure."""

    label: str
    recomputed: Any
    unit: str | None
    arithmetic: Finding


@dataclass(frozen=True)
class Verdict:
    """What costcheck finds about one claim."""

    claim: Claim
    article: str
    scenario: str
    unit: str | None
    arithmetic: Finding
    recomputed: Answer | list[float] | None = None
    behind: Interval | None = None
    """What the recomputed value may be, since the numbers behind it are printed and so rounded."""
    ratio: float | None = None
    premise: Premise | None = None
    because: str = ""
    at_your_prices: float | None = None
    yours: Finding | None = None
    """Whether the printed figure holds at your prices; None where no price moves it."""
    readings: tuple[Check, ...] = ()
    variants: tuple[Check, ...] = ()
    instead: tuple[Check, ...] = ()
    differences: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    """The prices of the article's day that it rests on, where the article states none itself."""
    steps: str = ""
    steps_at_your_prices: str = ""
    """The sum at your prices, where it comes out otherwise."""
    cause: str = ""
    changed: bool = False
    """Whether it comes out otherwise at your prices."""

    @property
    def kind(self) -> Kind:
        """Whether the figure follows."""
        return self.arithmetic.kind

    @property
    def unverified(self) -> bool:
        """Whether the verdict rests on data nobody could verify."""
        return self.arithmetic.unverified

    @property
    def flips(self) -> bool:
        """Whether the figure may stand at the article's prices and not at yours, or the other way round."""
        return self.changed and self.yours is not None and self.yours.kind.is_mistake != self.kind.is_mistake

    @property
    def at_your_prices_marked(self) -> str:
        """What it is at your prices, with its unit, marked where your prices are unverified."""
        marked = self.yours is not None and self.yours.unverified and not self.unverified
        return readable(self.at_your_prices, self.unit) + UNVERIFIED * marked

    @property
    def verdict_at_your_prices(self) -> str:
        """Whether the printed figure holds at your prices, in words."""
        if self.yours is None:
            return ""
        kept = FAILS if self.yours.kind.is_mistake else self.yours.words
        return kept + UNVERIFIED * self.yours.unverified

    @property
    def holds_for(self) -> str:
        """The numbers for which the printed figure holds, with their unit."""
        figure = None if self.kind in (Kind.ASSUMED, Kind.NOT_CHECKED) else self.claim.figure
        return str(band(figure)) if figure and figure.place else ""

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Everything a reader needs beside the verdict: pairs of a kind of remark, and the remark."""
        claim = self.claim
        parts: list[tuple[str, str | None]] = [("premise", self.because), ("cause", self.cause)]
        if self.kind is Kind.WITHIN_ROUNDING and self.behind:
            low, high = (readable(end, self.unit) for end in self.behind)
            parts.append(("rounding", f"with what may lie behind the printed digits, {low} to {high}"))
        parts += [("not checked", claim.not_checked), ("assumed", claim.assumed), ("reading", claim.reading)]
        for check in self.readings:
            verb = str(check.arithmetic.kind) if check.arithmetic.kind.is_right else "does not hold"
            parts.append(("reading of", f"{self._shown(check)}, so it {verb}{_mark(check)}"))
        parts.append(("verified", self._from_verified_data()))
        for check in self.instead:
            times, compared = self.ratio_to(check), ""
            if times:
                compared = f", {multiple(times)} as much" if times >= 1 else f", {multiple(1 / times)} less"
            parts.append(("instead", f"{self._shown(check)} at the article's prices{compared}{_mark(check)}"))
        for check in self.variants:
            words = f" ({check.arithmetic.words})" * (self.kind is not Kind.ASSUMED)
            parts.append(("otherwise", f"{self._shown(check)}{words}{_mark(check)}"))
        parts += [("quote", quote) for quote in self.quotes]
        parts += [("difference", difference) for difference in self.differences]
        parts.append(("note", claim.note))
        return [(kind, remark) for kind, remark in parts if remark]

    def _from_verified_data(self) -> str:
        """Say what verified data alone say, where the verdict rests on other data too."""
        if not self.unverified or self.kind is Kind.ASSUMED:
            return ""
        verified = [check for check in (*self.readings, *self.variants) if not check.arithmetic.unverified]
        if not verified:
            return "no verified data say anything of it"
        if len({check.arithmetic.kind.is_right for check in verified}) > 1:
            return "verified sources disagree"
        return f"from verified data alone: {verified[0].arithmetic.words} ({verified[0].label})"

    def _shown(self, check: Check) -> str:
        return f"{check.label}: {shown(check.recomputed, check.unit)}"

    def ratio_to(self, check: Check) -> float | None:
        """Say how many times what the claim comes to another quantity is; None where units do not compare."""
        ours, theirs = self.recomputed, check.recomputed
        by = notation.conversion(notation.parse(check.unit or "1"), notation.parse(self.unit or "1"))
        return theirs * by / ours if by and is_number(ours) and is_number(theirs) and ours else None

    @property
    def note(self) -> str:
        """The remarks beside the verdict as one text."""
        return "; ".join(REMARKS.get(kind, "") + remark for kind, remark in self.notes)

    def __repr__(self) -> str:
        parts = {
            "recomputed": shown(self.recomputed, self.unit),
            "from": self.steps,
            "arithmetic": str(self.arithmetic),
            "premise": self.premise,
            "holds for": self.holds_for,
            "at your prices": f"{self.at_your_prices_marked}: {self.verdict_at_your_prices}" * self.changed,
            "likely cause": self.cause,
        }
        lines = [f"  {name:16}{text}" for name, text in parts.items() if text]
        about = f" ({self.claim.about})" if self.claim.about else ""
        return "\n".join([f"{self.claim.id}: {self.claim.printed}{about}", *lines])

    def record(self) -> dict[str, Any]:
        """Return the verdict as a row of results.csv, numbers as numbers."""
        claim = self.claim
        cells = (
            self.scenario, claim.id, self.article, claim.about, claim.printed, claim.stated, self.unit,
            self.holds_for or None,
            self.recomputed if not isinstance(self.recomputed, list) else shown(self.recomputed, None),
            self.ratio, str(self.arithmetic), self.premise and str(self.premise), self.at_your_prices,
            self.verdict_at_your_prices or None, claim.notebook, self.note,
        )  # fmt: skip
        return dict(zip(COLUMNS, cells, strict=True))

    def row(self) -> dict[str, str]:
        """Return the verdict as a row of results.csv: text, numbers at full precision."""
        return {name: number_text(cell) for name, cell in self.record().items()}


def verdicts(
    prices: PriceBook | None = None,
    of: Sequence[Article] | None = None,
    *,
    notebook: str | None = None,
    ids: Collection[str] | None = None,
) -> list[Verdict]:
    """Check every claim of some articles, both of the package by default, or those of a notebook or some ids.

    ``prices`` are the reader's, for ``at_your_prices``; those of each article's day by default.

    >>> checked = {verdict.claim.id: verdict for verdict in verdicts()}
    >>> checked["Z51"].recomputed, str(checked["Z51"].arithmetic), str(checked["J37"].arithmetic)
    (1720000000.0, 'holds', 'off by 9.9×')
    """
    checked = articles() if of is None else of
    differences = differences_of(checked)
    made: list[Verdict] = []
    problems: list[InputError] = []
    for article in checked:
        checks = _Checks(article, prices)
        for claim in article.claims:
            if notebook in (None, claim.notebook) and (ids is None or claim.id in ids):
                try:
                    made.append(checks.verdict(claim, differences[article.article, claim.id]))
                except InputError as problem:
                    problems.append(problem)
    if problems:
        raise together(problems)
    return made


def distinct(verdicts: Sequence[Verdict], of: Sequence[Article] | None = None) -> list[Verdict]:
    """Return the verdicts on different statements, each once.

    A translation, or a claim that says the same as an earlier one, is left out where it comes to the same.
    """
    said: dict[tuple[str | None, str], tuple[str | None, str]] = {}
    for article in articles() if of is None else of:  # originals and first sayings come first
        for claim in article.claims:
            if claim.translates:
                first = (article.translation_of, claim.translates)
            else:
                first = (article.article, claim.same_as or claim.id)
            said[article.article, claim.id] = said.get(first, first)
    different: dict[tuple[object, ...], Verdict] = {}
    for verdict in verdicts:
        statement = said[verdict.article, verdict.claim.id]
        different.setdefault((statement, verdict.arithmetic.words, verdict.premise), verdict)
    return list(different.values())


def prices_of_its_day(article: Article) -> PriceBook:
    """Return the prices an article is judged at: its own, else the latest quotes by its day."""
    if not article.is_packaged and article.date != "unknown":
        with contextlib.suppress(InputError):  # no quote is that old
            return PriceBook.of_day(article.date, exchange_rates(article.date))
    return PriceBook.article()


def shown(recomputed: Any, unit: str | None) -> str:
    """Write what came out for people; of a range both ends."""
    if isinstance(recomputed, list):
        return " to ".join(readable(end, unit) for end in recomputed)
    return readable(recomputed, unit)


class _Checks:
    """The checks of an article's claims, at its own prices and at a reader's."""

    def __init__(self, article: Article, given: PriceBook | None) -> None:
        given = given or PriceBook.article()
        own = prices_of_its_day(article)
        self.article, self.scenario = article, given.scenario
        self.theirs = Names(article, own)
        yours, here = Names(article, given.over(own)), self.theirs.prices
        is_same = all(yours.prices.quote(key) == here.quote(key) for key in here)
        self.yours = self.theirs if is_same else yours

    @contextlib.contextmanager
    def placing(self, claim: Claim, *key: str | int) -> Iterator[None]:
        """Name the claim and its key in an error."""
        try:
            yield
        except (ValueError, TypeError, ArithmeticError) as error:
            at, origin = ("claims", self.article.places[claim.id], *key), self.article.origin
            raise origin.error(at, error) if origin else InputError(error) from error

    def verdict(self, claim: Claim, differences: Sequence[str]) -> Verdict:
        found: dict[str, Any] = self.computed(claim, claim.made_of) if claim.made_of else {}
        if claim.price:
            with self.placing(claim, "price"):
                result = _result(sums.Name(f"prices.{claim.price}"), None, self.yours)
                found["yours"] = _judged(claim.figure, claim.value, result)
            found["at_your_prices"] = result.value
            found["changed"] = result.value != self.theirs.prices[claim.price]
        found.setdefault("arithmetic", Finding(Kind.ASSUMED if claim.assumed else Kind.NOT_CHECKED))
        unit = found.setdefault("unit", claim.figure_unit)
        if claim.unsupported:
            found |= {"premise": Premise.UNSUPPORTED, "because": claim.unsupported}
        found |= {"variants": self.checks(claim, "variants", unit), "differences": tuple(differences)}
        return Verdict(claim, self.article.article, self.scenario, **found)

    def computed(self, claim: Claim, node: sums.Node) -> dict[str, Any]:
        """Return what a claim comes to, and what that makes of the figure."""
        key = "sum" if claim.sum else "fact"
        with self.placing(claim, key):
            result = _result(node, claim.figure_unit, self.theirs)
            finding = own = _judged(claim.figure, claim.value, result)
        unit = claim.figure_unit or result.unit
        readings, ratio, cause = self.checks(claim, "readings", unit), ratio_of(claim, result.value), ""
        if len({check.arithmetic.kind.is_right for check in readings} | {own.kind.is_right}) > 1:
            readings = (Check(claim.label or "as it stands", result.value, unit, own), *readings)
            unverified = all(check.arithmetic.unverified for check in readings)
            finding = Finding(Kind.DEPENDS, None, unverified, claim.depends_on or "the reading")
        elif own.kind is Kind.WRONG and (cause := cause_of(claim, unit, result, self.theirs)) and ratio:
            finding = Finding(Kind.OFF, max(ratio, 1 / ratio), own.unverified) if ratio > 0 else own
        premise, because = premise_of(claim, result.traits)
        keys = sums.names_in(node)
        found = {
            "recomputed": result.value, "unit": unit, "behind": result.interval, "ratio": ratio,
            "cause": cause, "arithmetic": finding, "premise": premise, "because": because,
            "readings": readings, "instead": self.checks(claim, "instead", unit),
            "quotes": tuple(self.quotes(keys)),
            "steps": in_steps(node, self.theirs, shown(result.value, unit)),
        }  # fmt: skip
        if any(name.startswith("prices.") for name in keys):
            with self.placing(claim, key):
                ours = _result(node, unit, self.yours)
                changed = ours.value != result.value
                yours = _judged(claim.figure, claim.value, ours) if changed else finding
            found |= {"changed": changed, "yours": yours._replace(unverified=ours.unverified)}
            if changed:
                found["steps_at_your_prices"] = in_steps(node, self.yours, shown(ours.value, unit))
            found["at_your_prices"] = ours.value if is_number(ours.value) else None
        return found

    def quotes(self, keys: Sequence[str]) -> Iterator[str]:
        """Name the prices of the article's day behind a claim, which the article does not state itself."""
        own = {f"prices.{quote.key}" for quote in self.article.own_quotes}
        for key in keys:
            if key.startswith("prices.") and key not in own and not self.article.is_packaged:
                quote = self.theirs.prices.quote(key[7:])
                day = "as in July 2024"
                if quote.source != ARTICLE:
                    day = f"quoted {quote.as_of} ({quote.source})"
                yield f"{quote.key} at {quote.value:.10g} {quote.unit}, {day}"

    def checks(self, claim: Claim, key: str, unit: str | None) -> tuple[Check, ...]:
        """Compute a claim in other ways, and judge its figure by all but those of the right quantity."""
        made = []
        for place, way in enumerate(getattr(claim, key)):
            own = way.unit or unit
            with self.placing(claim, key, place):
                result = _result(way.made_of, own, self.theirs)
                finding = Finding(Kind.NOT_CHECKED, unverified=result.unverified)
                if key != "instead":
                    stated = claim.value if way.value is None else way.value
                    finding = _judged(_figure_of(claim, way, unit), stated, result)
            made.append(Check(way.label, result.value, own, finding))
        return tuple(made)


def _figure_of(claim: Claim, way: Way, unit: str | None) -> Figure | None:
    """Return the figure that is judged by another way of computing a claim."""
    figure, own = claim.figure, way.unit or unit
    if is_number(way.value):
        return Figure(way.label, float(way.value), None, own, 0.0, way.hedge or Hedge.EXACT)
    if way.value is not None or not figure or not (way.hedge or way.unit):
        return figure if way.value is None else None
    value = figure.value
    with contextlib.suppress(notation.UnitMismatch):  # a count of words for one of characters
        value *= notation.factor(unit or "1", own or "1")
    return read_figure(claim.digits or claim.printed, value=value, unit=own, hedge=way.hedge or figure.hedge)


def _result(node: sums.Node | None, unit: str | None, names: Names) -> Known:
    return result_of(fit(node or sums.parse(""), names), unit, names)


def _judged(figure: Figure | None, stated: Any, result: Known) -> Finding:
    return Finding(kind_of(figure, figure.value if figure else stated, result), None, result.unverified)


def _mark(check: Check) -> str:
    return UNVERIFIED * check.arithmetic.unverified
