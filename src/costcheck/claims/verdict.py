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
import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from costcheck.claims import references
from costcheck.claims.article import (
    DATE,
    Article,
    Call,
    Claim,
    Instead,
    Variant,
    Words,
    articles,
    named,
    rests_on,
    variant_call,
)
from costcheck.claims.kinds import UNVERIFIED, Finding, Kind, Premise
from costcheck.claims.printed import Hedge, Printed, close, holds
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.text.numbers import multiple, number_text, readable
from costcheck.text.spreadsheets import csv_text
from costcheck.units import notation

COLUMNS = (
    "scenario",
    "id",
    "article",
    "printed",
    "value",
    "unit",
    "recomputed",
    "ratio",
    "arithmetic",
    "premise",
    "at_your_prices",
    "notebook",
    "note",
)

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


Answer = float | bool | str
"""What a claim states or comes out as: a number, true or false, or a date."""


@dataclass(frozen=True)
class Quantity:
    """A value on its way through a formula, with what is known about it."""

    value: Any
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By dimension, the kinds of quantity that went in, and a name of where each came from."""
    unverified: bool = False
    bound: str | None = None
    keys: tuple[Any, ...] | None = None


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
        """Everything a reader needs beside the verdict, each part found by computing or comparing.

        Returns:
            Pairs of what kind of remark it is, one of `REMARKS`, and the remark.
        """
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
    """Check every claim of some articles.

    Args:
        prices: The reader's prices, for ``at_your_prices``; the articles' own by default.
        of: Articles as read by `costcheck.claims.article.load`; both of the package by default.
        notebook: Only the claims that belong to this one.

    Returns:
        A verdict a claim, in the articles' order.

    Raises:
        InputError: A formula refuses what a claim puts into it.

    >>> found = {verdict.claim.id: verdict for verdict in verdicts()}
    >>> found["Z51"].recomputed, str(found["Z51"].arithmetic), str(found["J37"].arithmetic)
    (1720000000.0, 'holds', 'off by 9.9×')
    """
    checked = articles() if of is None else of
    stated = PriceBook.article()
    given = prices or stated
    differences = _differences(checked)
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
        finding = _finding(claim, claim.figure_printed, found, article)
        premise, because = _premise(claim, found)
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
        ratio=_ratio(claim, recomputed),
        arithmetic=finding,
        premise=premise,
        because=because,
        at_your_prices=at_your_prices if _is_number(at_your_prices) else None,
        variants=variants,
        instead=tuple(
            _right(claim, right, compute(right, theirs, "instead", place), recomputed, article, place)
            for place, right in enumerate(claim.instead)
        ),
        differences=tuple(differences),
        scenario=scenario,
        cause=_cause(claim, recomputed, finding, theirs),
        yours_unverified=yours_unverified,
    )


def _cause(claim: Claim, recomputed: Answer | None, finding: Finding, prices: PriceBook) -> str:
    """Name the one factor that would make a wrong figure right, such as 1000 or a currency."""
    printed = claim.figure_printed
    if (
        finding.kind not in (Kind.WRONG, Kind.OFF)
        or printed is None
        or not claim.is_printed
        or not _is_number(recomputed)
    ):
        return ""
    rates = {}
    for key in price_keys().values():
        money = key.unit.split("/")
        if len(money) == 2 and set(money) <= set(notation.CURRENCIES):
            rates[key.unit] = prices[key.key]
    found = notation.likely_cause(
        printed.value,
        float(recomputed),  # type: ignore[arg-type]
        claim.unit,
        lambda value: holds(claim.hedge, printed, value),
        rates,
    )
    return found or ""


def _right(
    claim: Claim, right: Instead, found: Quantity, recomputed: Answer | None, article: Article, place: int
) -> Right:
    value = found.value
    if not _is_number(value) or not value > 0 or not _is_number(claim.value):
        said = f"instead must be a positive number in place of a number, not {value}"
        raise article.error(claim, said, "instead", place)
    unit = right.unit or claim.unit
    ratio = None
    if _is_number(recomputed) and recomputed > 0:  # type: ignore[operator]
        # a figure offered as a count of characters is compared as one, whatever it really counts
        offered = unit is not None and claim.offered_as.get("counted_in") == f"{unit}s"
        with contextlib.suppress(notation.UnitMismatch):
            by = 1.0 if offered else _factor(unit, claim.unit)
            ratio = _times(value * by, float(recomputed))  # type: ignore[arg-type]
    return Right(right.label, float(value), unit, ratio, found.unverified)


def _times(number: float, reference: float) -> float | None:
    # 1e200 is 1e400 times 1e-200, which no float holds; nor does it hold one over 1e-320
    ratio = number / reference
    return ratio if ratio and math.isfinite(ratio) and math.isfinite(1 / ratio) else None


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
        if _is_number(claim.value) and _is_number(found.value):
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
    finding = _finding(judged, judged.figure_printed, held, article, "variants", place)
    return Check(variant.label, found.value, finding, unit)


def quantity(item: Any, article: Article, prices: PriceBook) -> Quantity:
    """Compute an input of a claim: a literal, a reference, a call, or a list of these."""
    if isinstance(item, Call):
        inputs = {name: quantity(given, article, prices) for name, given in item.filled().items()}
        aligned = {quantity.keys for quantity in inputs.values() if quantity.keys is not None}
        if len(aligned) > 1:
            raise InputError(f"{item.formula}: its columns are not about the same rows")
        value = named(item.formula)(**{name: quantity.value for name, quantity in inputs.items()})
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{item.formula} comes out as {value}")
        return _with(value, inputs.values())
    if isinstance(item, list):
        parts = [quantity(part, article, prices) for part in item]
        return _with([part.value for part in parts], parts)
    if isinstance(item, Words):
        return Quantity(item.literal)
    if not isinstance(item, str):
        return Quantity(item)
    match references.parse(item, tuple(article.prices)):
        case references.PriceReference(key):
            own = article.prices.get(key)
            trait = _trait(own.trait if own else price_keys()[key].trait, key)
            return Quantity(prices[key], trait, prices.quote(key).unverified)
        case references.InputReference(name):
            stated = article.inputs[name]
            return Quantity(
                stated.value, _trait(stated.trait, name), tables.is_unverified(stated.verification)
            )
        case references.ClaimReference(id_):
            return _printed_quantity(article.claim(id_), article, prices)
        case references.CellReference() as reference:
            rows = references.fitting(reference)
            values = [row[reference.column] for row in rows]
            traits = _merged(_trait(row.get("trait"), reference.table) for row in rows)
            return Quantity(
                values if reference.many else _value_of_cell(values[0]),
                traits,
                any(tables.is_unverified(row.get("verification")) for row in rows),
                rows[0].get("bound") if not reference.many else None,
                tuple(row[reference.by] for row in rows) if reference.by else None,
            )


def _printed_quantity(claim: Claim, article: Article, prices: PriceBook) -> Quantity:
    """Return the figure a claim prints, with the traits of what it is made of."""
    if not _is_number(claim.value):
        raise InputError(f"claim {claim.id} prints no number to reckon with")
    # each claim once, those it rests on first: chains may be long, and every link may name the next twice
    known = article.traits_found
    ahead = [claim]
    while ahead:
        one = ahead[-1]
        before = sorted(rests_on(one) - known.keys()) if one.id not in known else []
        if before:
            ahead += [article.claim(id_) for id_ in before]
            continue
        ahead.pop()
        if one.id not in known:
            made_of = one.fact or one.call
            traits = quantity(made_of, article, prices).traits if made_of else {}
            known[one.id] = {dimension: dict.fromkeys(kinds, one.id) for dimension, kinds in traits.items()}
    return Quantity(claim.value, known[claim.id])


def _with(value: Any, parts: Iterable[Quantity]) -> Quantity:
    parts = tuple(parts)
    return Quantity(value, _merged(part.traits for part in parts), any(part.unverified for part in parts))


def _merged(all_traits: Iterable[Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for traits in all_traits:
        for dimension, kinds in traits.items():
            for kind, origin in kinds.items():
                merged.setdefault(dimension, {}).setdefault(kind, origin)
    return merged


def _trait(text: str | None, origin: str) -> dict[str, dict[str, str]]:
    if not text:
        return {}
    dimension, _, kind = text.partition("=")
    return {dimension: {kind: origin}}


def _value_of_cell(cell: Any) -> Any:
    if isinstance(cell, str):
        if cell in ("true", "false"):
            return cell == "true"
        try:
            return float(cell)
        except ValueError:
            return cell
    return cell


def _is_price(fact: str | None, article: Article) -> bool:
    # a cell of a table is what it is at any prices
    return bool(fact) and isinstance(
        references.parse(str(fact), tuple(article.prices)), references.PriceReference
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _finding(
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
        ratio = _ratio(claim, recomputed)
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


def _ratio(claim: Claim, recomputed: Answer | None) -> float | None:
    """Return printed over recomputed, where both are amounts: a rank or a reading of words has no ratio."""
    if not claim.is_printed or not _is_number(claim.value) or not _is_number(recomputed):
        return None
    ratio = float(claim.value) / float(recomputed) if recomputed else math.inf  # type: ignore[arg-type]
    return ratio if math.isfinite(ratio) else None


NAMES = {"phase": "{} figure", "precision": "size in {}", "counted_in": "count of {}"}


def _premise(claim: Claim, found: Quantity) -> tuple[Premise, str]:
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


def _shown(check: Check, claim: Claim) -> str:
    return readable(check.recomputed, check.unit or claim.unit)


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


def _differences(of: Sequence[Article]) -> dict[tuple[str, str], list[str]]:
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
        if _is_number(here.value) and _is_number(there.value) and here.value:
            by = _times(float(there.value), float(here.value))
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
