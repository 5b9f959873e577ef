"""Which figures of a text follow from which."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from costcheck.claims import sums
from costcheck.claims.article import Article
from costcheck.claims.evaluation import PLAIN, Known, Names, fit, interval_of
from costcheck.claims.judgement import SHARE_LEFT_OVER, kind_of, result_of
from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.printed import Figure
from costcheck.claims.verdict import prices_of_its_day
from costcheck.errors import InputError
from costcheck.reading import ranking
from costcheck.reading.candidates import (
    MOST_CANDIDATES,
    MOST_FIGURES,
    Candidate,
    Operand,
    Use,
    chains,
    changes,
    date_of,
    known,
    logarithm,
    nouns,
    operands_of,
    products,
    signature,
    spans_in,
    text_of,
    totals,
)
from costcheck.reading.documents import Document
from costcheck.reading.figures import Quantity
from costcheck.units import notation, slips

SHUFFLES = 5
LEAST = -0.7
"""The least odds at which a sum is offered."""
LEAST_FOR_A_FINDING = 1.0
RIVALS = 4


@dataclass(frozen=True)
class Link:
    """A sum that gives a figure, or should.

    ``sum`` is an expression of the language of claims in which ``f3`` is the figure number 3 of the text
    (from 0), such as ``f0 * f1 * 24 hour/day``; ``inputs`` are the figures in it. ``recomputed`` is in the
    unit of the figure. ``kind`` is a verdict (holds, holds within rounding, off, wrong), ``cause`` the factor
    that explains one that is off. ``chance`` is how likely such a sum is found where figures are shuffled.
    """

    of: int
    sum: str
    inputs: tuple[int, ...]
    recomputed: float
    kind: Kind
    cause: str = ""
    chance: float = 0.0
    rivals: tuple[Link, ...] = ()
    score: float = 0.0


@dataclass(frozen=True)
class _Scored:
    of: int
    low: Candidate
    score: float
    what: str
    prior: float = 0.0
    """The odds without the value's."""
    high: Candidate | None = None
    """Of a range, the sum for its upper end."""

    @property
    def fits(self) -> bool:
        return self.what in ("holds", "rounding")

    @property
    def whole(self) -> frozenset[int]:
        return frozenset((self.of, *self.figures))

    @property
    def figures(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.low.figures + (self.high.figures if self.high else ())))


def links(document: Document, figures: Sequence[Quantity]) -> list[Link]:
    """Find the sum that most likely gives each figure that follows from others, its rivals beside it."""
    return _Search(document, figures).links()


class _Search:
    def __init__(self, document: Document, figures: Sequence[Quantity]) -> None:
        self.document, self.figures = document, figures
        self.signatures = [signature(quantity.figure.unit) for quantity in figures]
        self.operands = [operands_of(i, quantity.figure) for i, quantity in enumerate(figures)]
        self.digits = [ranking.digits(quantity.figure.value) for quantity in figures]
        self.known = known(document, figures)
        self.moves = [[0.0] * len(figures), *_shuffled(figures)]
        self.names = _Printed(document, figures)

    def links(self) -> list[Link]:
        scored: list[list[_Scored]] = []
        by_chance: dict[bool, list[float]] = {True: [], False: []}
        for at in range(len(self.figures)):
            found = list(self.scored(at, by_chance))
            scored.append(sorted(found, key=lambda s: (-s.score, text_of(s.low)))[: RIVALS * 4])
        chosen = _chosen(scored)
        for by in by_chance.values():
            by.sort()
        made = []
        for at, best in sorted(chosen.items()):
            if link := self.link(best, scored[at], by_chance):
                made.append(link)
        return made

    def scored(self, at: int, by_chance: dict[bool, list[float]]) -> Iterator[_Scored]:
        """Yield the sums for a figure with their scores; add the best of shuffled texts to ``by_chance``."""
        quantity = self.figures[at]
        figure, target = quantity.figure, self.signatures[at]
        if not (math.isfinite(figure.value) and figure.value > 0):
            return
        odds = ranking.odds_of(quantity, self.document.text)
        candidates = self.candidates(at, odds + ranking.most(figure) + 1.0)
        value = math.log(figure.value) + target.log
        if figure.high is not None:
            yield from self.of_ranges(at, candidates, odds)
            return
        limits = ranking.reach(figure, figure.value)
        best = [{True: -math.inf, False: -math.inf} for _ in self.moves]
        for candidate in candidates:
            spread = _spread(candidate)
            for k, logs in enumerate(self.moves):
                ratio = logarithm(candidate, logs) - value - logs[at]
                speaks, what = ranking.evidence(ratio, limits, spread, figure, self.slips(candidate))
                score = odds - candidate.cost + speaks
                if k == 0:
                    yield _Scored(at, candidate, score, what, odds - candidate.cost)
                else:
                    off = what == "slip"
                    if what in ("holds", "rounding", "slip"):
                        best[k][off] = max(best[k][off], score)
        for k in range(1, len(self.moves)):
            for off in (True, False):
                by_chance[off].append(best[k][off])

    def of_ranges(self, at: int, candidates: list[Candidate], odds: float) -> Iterator[_Scored]:
        """Yield pairs of sums that give the two ends of a range and differ in one operand."""
        figure, target = self.figures[at].figure, self.signatures[at]
        assert figure.high is not None  # noqa: S101 - for mypy
        ends: list[list[tuple[Candidate, float]]] = []
        for value, place in ((figure.value, figure.place), (figure.high, figure.high_place)):
            end = replace(figure, value=value, high=None, place=place)
            limits = ranking.reach(end, value)
            fitting = []
            for candidate in candidates:
                ratio = logarithm(candidate, self.moves[0]) - math.log(value) - target.log
                speaks, what = ranking.evidence(ratio, limits, _spread(candidate), end, ())
                if what in ("holds", "rounding"):
                    fitting.append((candidate, speaks))
            ends.append(fitting)
        for low, one in ends[0]:
            for high, two in ends[1]:
                ours, theirs = dict(low.terms), dict(high.terms)
                differing = [o for o in ours if o not in theirs], [o for o in theirs if o not in ours]
                if (
                    low.is_sum
                    or high.is_sum
                    or low.constant != high.constant
                    or len(differing[0]) != 1
                    or len(differing[1]) != 1
                ):
                    continue
                (a,), (b,) = differing
                if ours[a] != theirs[b] or (a.of.hard, a.of.soft, a.shift) != (b.of.hard, b.of.soft, b.shift):
                    continue
                more = 0.0 if a.figure == b.figure else 1.0
                yield _Scored(
                    at, low, odds - low.cost - more + one + two, "holds", odds - low.cost - more, high
                )

    def candidates(self, at: int, dearest: float) -> list[Candidate]:
        """Return the sums that could give a figure, the likeliest by place and words."""
        quantity, target = self.figures[at], self.signatures[at]
        kinds = [hash((s.hard, s.soft)) for s in self.signatures]
        around = ranking.near(self.figures, at, kinds)[:MOST_FIGURES]
        uses = [
            Use(operand, cost + operand.extra, late, self.digits[i] < self.digits[at])
            for i, cost, late in around
            for operand in self.operands[i]
        ]
        uses += [Use(operand, operand.extra + 0.5) for operand in self.known]
        uses.sort(key=lambda use: use.cost + use.late)
        is_bare = quantity.figure.unit is None
        spans = spans_in(quantity.sentence + " " + quantity.row + " " + quantity.column)
        found = list(products(target, uses, is_bare, spans, dearest))
        steps = {
            i: min((o for o in self.operands[i]), key=lambda o: bool(o.end))
            for i, *_ in around
            if self.operands[i]
        }
        for side in (range(at - 1, -1, -1), range(at + 1, len(self.figures))):
            row = [
                Use(steps[i], cost, late)
                for i in side[:8]
                for j, cost, late in around
                if i == j and i in steps
            ]
            found += chains(target, row, is_bare, spans)
        alike = [
            use for use in uses if use.operand.of.hard == target.hard and use.operand.of.soft == target.soft
        ]
        if target.hard or target.soft or is_bare:
            words = self.document.text[max(0, quantity.start - 40) : quantity.start]
            has_word = bool(ranking.TOTAL.search(f"{words.rpartition(chr(10))[2]} {quantity.row}"))
            found += totals(alike, self.column(at), has_word)
        elif not target.hard:
            found += changes(uses[:8])
        found.sort(key=lambda candidate: candidate.cost)
        return found[:MOST_CANDIDATES]

    def slips(self, candidate: Candidate) -> tuple[float, ...]:
        """Return the factor by which a sum with an exchange rate is off where that was left out."""
        return tuple(s * o.log for o, s in candidate.terms if o.text.startswith("prices."))

    def column(self, at: int) -> list[Operand]:
        """Return the figures above one in its column of a table, the nearest first, up to a total."""
        quantity, found = self.figures[at], []
        if not quantity.column and not quantity.row:
            return []
        line = quantity.line
        for i in range(at - 1, max(-1, at - ranking.BEFORE), -1):
            other = self.figures[i]
            if other.column == quantity.column and other.figure.unit == quantity.figure.unit and other.row:
                if line - other.line > 1 or ranking.TOTAL.search(other.row):
                    break
                line = other.line
                found += self.operands[i][:1]
        return found

    def link(
        self, best: _Scored, others: Sequence[_Scored], by_chance: dict[bool, list[float]]
    ) -> Link | None:
        link = self.made(best, by_chance)
        if link is None or (link.kind.is_mistake and best.score < LEAST_FOR_A_FINDING):
            return None
        rivals: list[Link] = []
        texts = {link.sum}
        for other in others:
            if len(rivals) < RIVALS and (rival := self.made(other, by_chance)) and rival.sum not in texts:
                texts.add(rival.sum)
                rivals.append(rival)
        return replace(link, rivals=tuple(rivals))

    def made(self, scored: _Scored, by_chance: dict[bool, list[float]]) -> Link | None:
        """Judge a sum as a claim is judged; None where its units do not fit after all."""
        figure = self.figures[scored.of].figure
        low, high = text_of(scored.low), scored.high and text_of(scored.high)
        try:
            texts = [self.fitting(text, figure) for text in (low, high) if text]
            whole = " .. ".join(texts)
            fitted = fit(sums.parse(whole), self.names)
            unit = figure.unit or PLAIN
            if figure.unit is None and fitted.unit is not None:
                unit = None if fitted.unit.dimensions else PLAIN  # type: ignore[assignment]
            result = result_of(fitted, unit, self.names)
            kind = kind_of(figure, figure.value, result)
        except InputError:
            return None
        recomputed = result.value[0] if isinstance(result.value, list) else result.value
        cause = ""
        if kind is Kind.WRONG:
            within = max(SHARE_LEFT_OVER, figure.place / 2 / figure.value)
            found = slips.likely_causes(figure.value, recomputed, figure.unit, self.names.rates, within)
            if found:
                kind, cause = Kind.OFF, str(found)
        shuffled = by_chance[scored.what == "slip"]
        above = len(shuffled) - bisect_left(shuffled, scored.score)
        chance = (above + 0.5) / (len(shuffled) + 1)
        return Link(
            scored.of, whole, scored.figures, float(recomputed), kind, cause, chance, score=scored.score
        )

    def fitting(self, text: str, figure: Figure) -> str:
        """Put in the things counted that words left out, so that the unit of a sum is that of its figure."""
        if figure.unit is None:
            return text
        ours = fit(sums.parse(text), self.names).unit
        theirs = notation.parse(figure.unit)
        if ours is None or notation.conversion(ours, theirs) is not None:
            return text
        for name, power in nouns(signature(figure.unit).soft - signature(str(ours)).soft):
            text = f"({text})" if " + " in text or " - " in text else text
            text += f" {'*/'[power < 0]} 1 {name}" * abs(power)
        return text


class _Printed(Names):
    """The figures of a text as names of sums: f0, f1 and so on."""

    def __init__(self, document: Document, figures: Sequence[Quantity]) -> None:
        article = Article(
            article="text",
            title="",
            language=document.language,
            date=date_of(document.text) or "unknown",
            claims=[],
        )
        super().__init__(article, prices_of_its_day(article))
        self.rates = {f"{name[-3:].upper()}/USD": self.prices[name] for name in ("usd_cny", "usd_jpy")}
        for i, quantity in enumerate(figures):
            figure = quantity.figure
            self._known[f"f{i}"] = Known(figure.value, figure.unit or PLAIN, interval_of(figure), {}, False)


def _spread(candidate: Candidate) -> float:
    return sum(operand.spread for operand, _ in candidate.terms)


def _shuffled(figures: Sequence[Quantity]) -> list[list[float]]:
    """Return by how much each figure changes, as a logarithm, where the digits of all are shuffled."""
    values = [
        q.figure.value if math.isfinite(q.figure.value) and q.figure.value > 0 else 1.0 for q in figures
    ]
    digits = [math.log(value / 10 ** math.floor(math.log10(value))) for value in values]
    chance, moves = random.Random(0), []  # noqa: S311 - no secret
    for _ in range(SHUFFLES):
        places = list(range(len(digits)))
        chance.shuffle(places)
        moves.append([digits[place] - own for place, own in zip(places, digits, strict=True)])
    return moves


def _chosen(scored: Sequence[Sequence[_Scored]]) -> dict[int, _Scored]:
    """Choose a sum for each figure that has one, the best first; no figure rests on itself.

    Of a relation between figures, each may be the result: the one that the words and the order speak for is.
    """
    results: dict[frozenset[int], tuple[float, int]] = {}
    for few in scored:
        for one in few:
            if one.fits:
                whole, place = one.whole, (-one.prior, one.of)
                results[whole] = min(results.get(whole, place), place)
    chosen: dict[int, _Scored] = {}
    for again in range(2):
        earlier, chosen = chosen, {}
        every = []
        for few in scored:
            for one in few:
                score = one.score - (_goes_back(one, earlier) if again else 0)
                if score >= (LEAST if one.fits else LEAST_FOR_A_FINDING):
                    every.append((-score, one.of, text_of(one.low), one))
        for *_, one in sorted(every, key=lambda entry: entry[:3]):
            is_result = not one.fits or results[one.whole][1] == one.of
            if one.of not in chosen and is_result and not _rests_on(one, chosen):
                chosen[one.of] = one
    return chosen


def _goes_back(one: _Scored, chosen: dict[int, _Scored]) -> float:
    """Return a price for a sum of a figure and one that it was reckoned from: it goes back."""
    return 1.5 * any(
        figure in chosen and set(chosen[figure].figures) & set(one.figures) for figure in one.figures
    )


def _rests_on(one: _Scored, chosen: dict[int, _Scored]) -> bool:
    waiting, seen = list(one.figures), set[int]()
    while waiting:
        figure = waiting.pop()
        if figure == one.of:
            return True
        if figure in chosen and figure not in seen:
            seen.add(figure)
            waiting += chosen[figure].figures
    return False
