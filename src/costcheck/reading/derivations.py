"""Which figures of a text follow from which."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from costcheck.claims import sums
from costcheck.claims.article import Article
from costcheck.claims.evaluation import PLAIN, Known, Names, fit, interval_of
from costcheck.claims.judgement import SHARE_LEFT_OVER, kind_of, result_of
from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.printed import Figure
from costcheck.claims.verdict import prices_of_its_day
from costcheck.errors import InputError
from costcheck.reading import candidates, ranking
from costcheck.reading.candidates import Candidate, Operand, Target, Use, date_of, signature, unpacked
from costcheck.reading.context import ONE_GPU
from costcheck.reading.documents import Document
from costcheck.reading.figures import Quantity
from costcheck.units import notation, slips

SHUFFLES = 5
LEAST, LEAST_FOR_A_SLIP, LEAST_FOR_A_NEAR_MISS = -1.5, -1.7, -0.75
"""The least odds, as logarithms, at which a sum is offered."""
DOUBT = 1.8
"""What the use of a number costs that is a quantity only if it belongs to a sum."""
MORE_THAN_SURE = 2.0
"""By how much a sum with such a number has to be likelier than one without."""
PART = 3.5
"""What it costs to add only some of them."""
RATES = 1.5
"""What it costs to add prices a thing."""
COLUMN = -1.0
"""What it costs to add a column of a table where its last row is a total."""
MANY = 1e8
"""From here on a number beside FLOPs may be one of tokens, or of parameters."""
FITS = {True: (True, False), False: (False,)}
"""With what a sum competes for being the result of a relation: one that does not fit only with such."""
SHARED = 0.5
"""How far the digits of the other figures of a relation speak for a result as its own do."""
A_ROW, MOST_OF_ROWS = 1.5, 4.5
"""What another row in which a sum gives the same place speaks for it, and how much rows do at the most."""
MOST_FIGURES, MOST_DOUBTFUL = 16, 4
"""Figures near enough to be in a sum, and numbers that may be some."""
MOST_SHUFFLED = 60
"""Of the sums for a figure, those that are tried where digits are shuffled."""
RIVALS = 4
CALENDAR = (720, 730, 744, 8760, 8766, 8784)
"""Hours of a month or a year, which follow from nothing."""


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
    """The odds that it is the right sum, as a logarithm."""


class _Guess(NamedTuple):
    of: int
    low: Candidate
    score: float
    prior: float
    """The score without what the value says."""
    what: str
    high: Candidate | None = None
    """Of a range, the sum for its upper end."""

    @property
    def fits(self) -> bool:
        return self.what in ("holds", "rounding")

    @property
    def figures(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.low.figures + (self.high.figures if self.high else ())))

    @property
    def whole(self) -> frozenset[int]:
        return frozenset((self.of, *self.figures))


_Results = dict[tuple[frozenset[int], bool], dict[int, float]]
"""For the figures of a relation, and whether it fits, the prior of each as the result."""


def links(document: Document, figures: Sequence[Quantity]) -> list[Link]:
    """Find the sum that most likely gives each figure that follows from others, its rivals beside it."""
    search = _Search(document, figures)

    def best(guesses: Iterable[_Guess]) -> list[_Guess]:
        return sorted(guesses, key=lambda guess: (-guess.score, str(guess.low)))[: 8 * RIVALS]

    every = search.in_rows([list(search.scored(at)) for at in range(len(figures))])
    scored = _shared([best(guesses) for guesses in every])
    for scores in search.by_chance.values():
        scores.sort()
    chosen = _chosen(scored, search.first)
    if search.doubtful:
        every = search.in_rows([list(search.scored(at, with_doubtful=True)) for at in range(len(figures))])
        for at, guesses in enumerate(every):
            least = chosen[at].score + MORE_THAN_SURE if at in chosen else -math.inf
            better = best(guess for guess in guesses if guess.fits and guess.score > least)
            if better:
                chosen.pop(at, None)
                scored[at] = better + scored[at] * (at not in chosen)
        chosen = _chosen(scored, search.first, chosen)
    made: dict[int, Link] = {}
    for at in _in_order(chosen):
        if link := search.link(chosen[at], scored[at], made):
            made[at] = link
    return [made[at] for at in sorted(made)]


def renumbered(links: Sequence[Link], kept: Sequence[int]) -> Iterator[Link]:
    """Yield links of the figures that are kept, by their new numbers."""
    new = {i: place for place, i in enumerate(kept)}
    for link in links:
        rivals = tuple(renumbered([r for r in link.rivals if {*r.inputs} <= new.keys()], kept))
        text = re.sub(r"\bf(\d+)\b", lambda name: f"f{new[int(name[1])]}", link.sum)
        inputs = tuple(new[i] for i in link.inputs)
        yield replace(link, of=new[link.of], sum=text, inputs=inputs, rivals=rivals)


class _Search:
    """The sums of one text. ``by_chance`` are the best scores of each figure where digits are shuffled."""

    def __init__(self, document: Document, figures: Sequence[Quantity]) -> None:
        self.text, self.figures, self.first = document.text, figures, _first_of(figures)
        self.names = _Printed(document, figures)
        # behind the figures, what is known and moves by nothing
        moves = [[0.0] * (len(figures) + 1), *_shuffled(figures)]
        self.operands = []
        is_compute = any("FLOP" in (quantity.figure.unit or "") for quantity in figures)
        for i, quantity in enumerate(figures):
            is_change = quantity.figure.unit == "percent" and ranking.has_change(quantity, self.text)
            is_each = ranking.is_each(quantity, self.text)
            operands = candidates.operands_of(i, quantity.figure, is_each, is_change)
            if quantity.is_doubtful and is_compute and quantity.figure.value >= MANY:
                operands += [
                    candidates.Operand(
                        f"(f{i} * 1 {name})",
                        signature(name),
                        quantity.figure.value,
                        i,
                        operands[0].spread,
                        0.7,
                        name,
                    )
                    for name in ("token", "parameter")
                ]
            self.operands.append([operand.moved(moves) for operand in operands])
        units = {quantity.figure.unit or "" for quantity in figures}
        known = candidates.known(document.text, units - {""}, self.names.rates)
        printed = {(o.of.hard, round(o.logs[0], 6)) for operands in self.operands for o in operands}
        known = [operand.moved(moves) for operand in known]
        self.known = [o for o in known if (o.of.hard, round(o.logs[0], 6)) not in printed]
        months = [i for i, quantity in enumerate(figures) if _is_month(quantity.figure)]
        self.month = months[0] if months else len(figures)
        self.by_chance: dict[bool, list[float]] = {True: [], False: []}
        counts = Counter[object]()
        self.places = []
        """Of each figure, its unit and how many of that are before it in its line."""
        for quantity in figures:
            place = quantity.line, quantity.figure.unit
            self.places.append((quantity.figure.unit, counts[place]))
            counts[place] += 1
        self.doubtful = {i for i, quantity in enumerate(figures) if quantity.is_doubtful}

    def scored(self, at: int, with_doubtful: bool = False) -> Iterator[_Guess]:
        """Yield the sums for a figure with their scores; those with doubtful numbers only where they fit."""
        quantity, figure = self.figures[at], self.figures[at].figure
        if at in self.doubtful and not with_doubtful:
            return
        is_known = figure.value in CALENDAR and figure.unit in ("hour", "hour/month", "hour/year")
        if not self.operands[at] or is_known or (figure.unit == "GPU" and self.first[at] != at):
            return
        is_rate = _is_rate(figure.unit)
        odds = ranking.odds_of(quantity, self.text)
        allowed = ranking.Allowed(replace(figure, high=None))
        tried = self.candidates(at, min(odds + allowed.most + 1.0, 6.5), with_doubtful)
        if figure.high is not None:
            yield from self.of_ranges(at, tried, odds)
            return
        own = self.operands[at][0].logs
        best = [{True: -math.inf, False: -math.inf} for _ in own]
        is_utilisation = ranking.is_utilisation(quantity)
        for place, candidate in enumerate(tried):
            spread = candidate.spread()
            rates = [s * o.logs[0] for o, s in candidate.terms if o.text.startswith("prices.")]
            # multiplied by a rate rather than divided, or the other way round
            rates += [2 * s * o.logs[0] for o, s in candidate.terms if _is_rate(o.unit) and o.figure >= 0]
            if self.month in candidate.figures:
                rates += [math.log(730 / 720), -math.log(730 / 720)]
            has_book_rate = any(o.text.startswith("prices.") for o, _ in candidate.terms)
            if has_book_rate and is_rate:
                continue
            prior = odds - candidate.cost - DOUBT * (at in self.doubtful)
            if is_utilisation and any(o.text.startswith("6 FLOP") for o, _ in candidate.terms):
                prior += 3.0
            for k in range(len(own) if place < MOST_SHUFFLED and not with_doubtful else 1):
                ratio = candidate.log(k) - own[k]
                if not math.isfinite(ratio):
                    continue
                speaks, what = allowed.evidence(ratio, spread, rates)
                if k and what in ("holds", "rounding", "slip"):
                    best[k][what == "slip"] = max(best[k][what == "slip"], prior + speaks)
                elif what == "near" and len(candidate.terms) == 2 and candidate.form != "product":
                    continue  # most figures are near the sum of some two
                elif has_book_rate and what in ("near", "miss", "hedge"):
                    continue  # the article may have used the rate of another day
                elif with_doubtful and what not in ("holds", "rounding"):
                    continue
                elif not k:  # a conversion is as exact as what it converts
                    less = (what == "rounding") * (0.4 if len(candidate.terms) > 1 else 2.0)
                    less += 1.0 * (what == "rounding" and abs(ratio) > 0.03)
                    if what == "slip":
                        soft = sum(o.of.soft * s for o, s in candidate.terms)
                        is_share = figure.unit in ("percent", "times")
                        is_same = len(candidate.terms) == 1 and not candidate.constant
                        less = 1.0 * (is_share or is_same or soft != signature(figure.unit).soft)
                    yield _Guess(at, candidate, prior - less + speaks, prior - less, what)
        for candidate in () if with_doubtful else self.in_other_money(at):
            speaks, what = allowed.evidence(
                candidate.log(0) - candidate.rate - own[0], candidate.spread(), ()
            )
            if what == "holds":
                prior = odds - candidate.cost
                yield _Guess(at, candidate, prior + speaks + ranking.SLIP, prior, "slip")
        for is_slip, scores in self.by_chance.items():
            scores += [scores_of[is_slip] for scores_of in best[1:]]

    def in_rows(self, scored: list[list[_Guess]]) -> list[list[_Guess]]:
        """Raise the odds of sums that give the same place in several rows, of a table or a list."""
        fitting: dict[object, set[int]] = {}
        failing: dict[object, set[int]] = {}
        keys = [[self._in_row(guess) for guess in guesses] for guesses in scored]
        for guesses, those in zip(scored, keys, strict=True):
            for guess, key in zip(guesses, those, strict=True):
                if key:
                    lines = fitting if guess.fits else failing
                    lines.setdefault(key, set()).add(self.figures[guess.of].line)

        def raised(guess: _Guess, key: object) -> _Guess:
            rows = len(fitting.get(key, ())) - guess.fits
            if (
                not key
                or rows < 1
                or (not guess.fits and rows < max(2, len(failing[key] - fitting[key]) + 1))
            ):
                return guess
            more = min(A_ROW * rows, MOST_OF_ROWS)
            return guess._replace(score=guess.score + more, prior=guess.prior + more)

        return [[*map(raised, guesses, those)] for guesses, those in zip(scored, keys, strict=True)]

    def _in_row(self, guess: _Guess) -> object:
        """Return a sum by the places in the line of its figure; None where it has none of them."""
        line = self.figures[guess.of].line
        terms = [
            (self.places[o.figure] if is_near else o.text, o.shift, o.end, sign)
            for o, sign in guess.low.terms
            for is_near in [o.figure >= 0 and self.figures[o.figure].line == line]
        ]
        if not any(isinstance(place, tuple) for place, *_ in terms):
            return None
        parts = [terms[:2], terms[2:]] if guess.low.form == "products" else [terms]
        return self.places[guess.of], frozenset(map(frozenset, parts)), guess.low.form, guess.low.constant

    def of_ranges(self, at: int, tried: Sequence[Candidate], odds: float) -> Iterator[_Guess]:
        """Yield pairs of sums that give the two ends of a range and differ in one operand."""
        figure, fitting = self.figures[at].figure, []
        for value, place in ((figure.value, figure.place), (figure.high or 0.0, figure.high_place)):
            allowed = ranking.Allowed(replace(figure, value=value, high=None, place=place))
            base, here = math.log(value) + signature(figure.unit).log, []
            for candidate in (candidate for candidate in tried if candidate.form in ("product", "sum")):
                if not math.isfinite(ratio := candidate.log(0) - base):
                    continue
                speaks, what = allowed.evidence(ratio, candidate.spread(), ())
                if what in ("holds", "rounding"):
                    here.append((candidate, speaks))
            fitting.append(here)
        for low, speaks in fitting[0]:
            for high, more in fitting[1]:
                ours, theirs = set(low.terms) - set(high.terms), set(high.terms) - set(low.terms)
                if len(ours) == len(theirs) == 1 and low.constant == high.constant:
                    ((a, s),), ((b, z),) = ours, theirs
                    if (a.of.hard, a.of.soft, a.shift, s) == (b.of.hard, b.of.soft, b.shift, z):
                        prior = odds - low.cost - (a.figure != b.figure)
                        yield _Guess(at, low, prior + speaks + more, prior, "holds", high)

    def candidates(self, at: int, dearest: float, with_doubtful: bool = False) -> list[Candidate]:
        """Return the sums that could give a figure, the likeliest by place and words."""
        quantity, unit = self.figures[at], self.figures[at].figure.unit
        around = ranking.near(self.figures, at)
        doubtful = [(i, cost + DOUBT, late) for i, cost, late in around if i in self.doubtful]
        around = [use for use in around if use[0] not in self.doubtful][:MOST_FIGURES]
        around += doubtful[:MOST_DOUBTFUL] if with_doubtful else []
        # how long a month is may be said anywhere
        around = [(i, cost, late * (i != self.month)) for i, cost, late in around]
        uses = [Use(o, cost + o.extra, late) for i, cost, late in around for o in self.operands[i]]
        uses += [Use(operand, operand.extra + 0.5) for operand in self.known]
        uses.sort(key=lambda use: use.cost + use.late)
        words = ranking.has_total(quantity, self.text), ranking.has_rest(quantity, self.text)
        spans = dict.fromkeys(candidates.spans_in(_words(quantity)), 1.0)
        for i, *_ in around[:8]:
            spans = dict.fromkeys(candidates.spans_in(self.figures[i].sentence), 1.5) | spans
        spans |= {name: 0.3 for name in ("month", "year") if unit and name in re.split("[-/]", unit)}
        target = Target(signature(unit), unit, spans, dearest)
        tried = list(candidates.products(target, uses))
        costs = {i: (cost, late) for i, cost, late in around if self.operands[i]}
        for side in (range(at - 1, -1, -1), range(at + 1, len(self.figures))):
            # the middle of a range, or the figure itself
            places = [(i, -1 if self.figures[i].figure.high else 0) for i in side[:8] if i in costs]
            run = [Use(self.operands[i][j], *costs[i]) for i, j in places]
            tried += candidates.chains(target, run, [o for o in self.known if o.text == "2"])
        has_word = ranking.has_total(quantity, self.text)
        tried += candidates.two_products(tried, has_word)
        if unit == "percent":
            tried += candidates.changes(uses, ranking.has_change(quantity, self.text))
        elif unit != "times":
            alike = [use for use in uses if use.operand.of[:2] == target.of[:2]]
            for use in uses:
                if use not in alike and (other := candidates.like(use.operand, target.of)):
                    alike.append(Use(other, use.cost + 0.7, use.late))
            alike.sort(key=lambda use: use.cost + use.late)
            dear = RATES * bool(re.match("[A-Z]{3}/(?!hour|day|week|month|year)", unit or ""))
            column = self.column(at)
            is_whole = len(column) > 1 and ranking.is_total(quantity.row)
            if is_whole:
                whole = tuple((operand, 1) for operand in column)
                tried.append(Candidate(whole, COLUMN, form="sum"))
            runs = ((column, 0.0), (self.alike(at, -1), 1.2), (self.alike(at, 1), 2.4))
            sums_ = candidates.totals(alike, runs, *words)
            tried += [sum_._replace(cost=sum_.cost + dear + PART * is_whole) for sum_ in sums_]
            tried += candidates.with_more(tried, alike, has_word)
        if self.month < len(self.figures):
            figure = self.figures[self.month].figure
            same = "730 hour" if figure.value == 730 else "30 day" if figure.value in (30, 720) else "/month"
            constant = "30 day|/month" if self.month < at else same
            tried = [sum_ for sum_ in tried if not re.search(constant, sum_.constant)]
        if with_doubtful:
            tried = [sum_ for sum_ in tried if not self.doubtful.isdisjoint((at, *sum_.figures))]
            tried = [sum_ for sum_ in tried if len(sum_.figures) > 1]
        tried.sort(key=lambda candidate: candidate.cost)
        most = [c for c in tried if c.form != "sum"][: candidates.MOST_CANDIDATES]
        return sorted(most + [c for c in tried if c.form == "sum"], key=lambda candidate: candidate.cost)

    def in_other_money(self, at: int) -> Iterator[Candidate]:
        """Yield the sums for a figure in another currency of the text, as if that were its own."""
        unit = self.figures[at].figure.unit or ""
        own, _, per = unit.partition("/")
        for pair, rate in self.names.rates.items():
            foreign, dollar = pair.split("/")
            if own not in (foreign, dollar):
                continue
            other = dollar if own == foreign else foreign
            if not any((quantity.figure.unit or "").startswith(other) for quantity in self.figures):
                continue
            sign = 1 if own == foreign else -1
            around = ranking.near(self.figures, at)[:MOST_FIGURES]
            uses = [Use(o, cost + o.extra, late) for i, cost, late in around for o in self.operands[i]]
            uses.sort(key=lambda use: use.cost + use.late)
            spans = dict.fromkeys(candidates.spans_in(_words(self.figures[at])), 1.0)
            theirs = other + f"/{per}" * bool(per)
            tried = list(candidates.products(Target(signature(theirs), theirs, spans, 6.0), uses))
            tried += candidates.two_products(tried, ranking.has_total(self.figures[at], self.text))
            log = sign * math.log(rate)
            for candidate in tried:
                constant = f"{candidate.constant} {'*/'[sign < 0]} prices.usd_{foreign.lower()}"
                yield candidate._replace(constant=constant, shift=candidate.shift + log, rate=log)

    def alike(self, at: int, step: int) -> list[Operand]:
        """Return the figures like one in the lines just before or behind it, the nearest first."""
        figure, line, others = self.figures[at].figure, self.figures[at].line, list[Operand]()
        of = signature(figure.unit)
        near = (i for i in range(at + step, at + 12 * step, step) if 0 <= i < len(self.figures))
        for i in near:
            other = self.figures[i]
            if (
                abs(line - other.line) < 6
                and len(self.operands[i]) == 1
                and other.figure.value != figure.value
            ):
                (operand,) = self.operands[i]
                like = operand if operand.of[:2] == of[:2] else candidates.like(operand, of)
                others += [like] if like else []
        return others[:6]

    def column(self, at: int) -> list[Operand]:
        """Return the figures above one in its column of a table, the nearest first, up to a total."""
        quantity, above = self.figures[at], []
        line = quantity.line
        for i in range(at - 1, max(-1, at - ranking.BEFORE), -1):
            other = self.figures[i]
            if not other.row or other.column != quantity.column or other.figure.unit != quantity.figure.unit:
                continue
            if line - other.line > 1 or ranking.is_total(other.row):
                break
            line = other.line
            above += self.operands[i][:1]
        return above

    def link(self, best: _Guess, others: Sequence[_Guess], made: Mapping[int, Link]) -> Link | None:
        """Make a link of a sum and its rivals."""
        link = self.judged(best, made)
        is_known = _passed_on(best, made) or self.left_out(best) is not None
        if link is None or (link.kind.is_mistake and best.fits and not is_known):
            return None
        rivals = {frozenset(link.inputs): link}
        for other in others:
            if len(rivals) <= RIVALS and (rival := self.judged(other, made)):
                rivals.setdefault(frozenset(rival.inputs), rival)
        return replace(link, rivals=tuple(rivals.values())[1:])

    def judged(self, scored: _Guess, made: Mapping[int, Link]) -> Link | None:
        """Judge a sum as a claim is judged; None where its units do not fit after all."""
        figure, inputs = self.figures[scored.of].figure, scored.figures
        texts = [str(candidate) for candidate in (scored.low, scored.high) if candidate]
        if (mistaken := _passed_on(scored, made)) is not None:
            texts = [re.sub(rf"\bf{mistaken.of}\b", f"({mistaken.sum})", text) for text in texts]
            inputs = tuple(
                dict.fromkeys(j for i in inputs for j in (mistaken.inputs if i == mistaken.of else [i]))
            )
        if (count := self.left_out(scored)) is not None:
            texts, inputs = [f"{texts[0]} * f{count}"], (*inputs, count)
        try:
            whole = " .. ".join(self.fitting(text, figure) for text in texts)
            fitted = fit(sums.parse(whole), self.names)
            unit = figure.unit or (PLAIN if fitted.unit is None or not fitted.unit.dimensions else None)
            result = result_of(fitted, unit, self.names)
            kind = kind_of(figure, figure.value, result)
        except InputError:
            return None
        recomputed, cause = result.value[0] if isinstance(result.value, list) else result.value, ""
        if kind is Kind.WRONG:
            within = max(SHARE_LEFT_OVER, figure.place / 2 / figure.value)
            in_english = self.names.article.language == "en"
            likely = slips.likely_causes(
                figure.value, recomputed, figure.unit, self.names.rates, within, in_english=in_english
            )
            kind, cause = (Kind.OFF, str(likely)) if likely else (kind, cause)
        shuffled = self.by_chance[scored.what == "slip"]
        chance = (len(shuffled) - bisect_left(shuffled, scored.score) + 0.5) / (len(shuffled) + 1)
        return Link(scored.of, whole, inputs, float(recomputed), kind, cause, chance, score=scored.score)

    def left_out(self, scored: _Guess) -> int | None:
        """Return the count of GPUs, in the words before an amount of money, that a sum for one GPU lacks."""
        quantity, terms = self.figures[scored.of], scored.low.terms
        soft = sum(o.of.soft * s for o, s in terms) - signature(quantity.figure.unit).soft
        is_money = (quantity.figure.unit or "")[:3] in notation.CURRENCIES
        if not scored.fits or scored.high or not is_money or unpacked(soft).get("GPU") != -1:
            return None
        for i in range(scored.of - 1, max(-1, scored.of - 5), -1):
            other, between = self.figures[i], self.text[self.figures[i].end : quantity.end + 16]
            is_count = other.figure.unit in ("GPU", "GPU/server") and other.figure.value > 1
            if is_count and other.sentence == quantity.sentence and i not in scored.figures:
                return None if ONE_GPU.search(between) or ranking.is_each(quantity, self.text) else i
        return None

    def fitting(self, text: str, figure: Figure) -> str:
        """Put in the things counted that words left out, so that the unit of a sum is that of its figure."""
        ours = fit(sums.parse(text), self.names).unit
        theirs = notation.parse(figure.unit or "1")
        if not figure.unit or ours is None or notation.conversion(ours, theirs) is not None:
            return text
        text = f"({text})" if " + " in text or " - " in text else text
        for name, power in unpacked(signature(figure.unit).soft - signature(str(ours)).soft).items():
            text += f" {'*/'[power < 0]} 1 {name}" * abs(power)
        return text


class _Printed(Names):
    """The figures of a text as names of sums: f0, f1 and so on."""

    def __init__(self, document: Document, figures: Sequence[Quantity]) -> None:
        date = date_of(document.text) or Article.date
        article = Article(article="text", title="", language=document.language, date=date, claims=[])
        super().__init__(article, prices_of_its_day(article))
        self.rates = {f"{name[-3:].upper()}/USD": self.prices[name] for name in ("usd_cny", "usd_jpy")}
        for i, quantity in enumerate(figures):
            figure = quantity.figure
            self._known[f"f{i}"] = Known(figure.value, figure.unit or PLAIN, interval_of(figure), {}, False)


def _is_month(figure: Figure) -> bool:
    """Say whether a figure says how long a month is: 730 hours, 20 days a month."""
    return signature(figure.unit).is_rhythm or (figure.unit == "hour" and figure.value in (720, 730, 744))


def _is_rate(unit: str | None) -> bool:
    return bool(re.fullmatch("[A-Z]{3}/[A-Z]{3}", unit or ""))


def _words(quantity: Quantity) -> str:
    return f"{quantity.sentence} {quantity.row} {quantity.column}"


def _shuffled(figures: Sequence[Quantity]) -> list[list[float]]:
    """Return by how much each figure changes, as a logarithm, where the digits of all are shuffled."""
    values = [abs(quantity.figure.value) for quantity in figures]
    values = [value if math.isfinite(value) and value else 1.0 for value in values]
    digits = [math.log(10) * (math.log10(value) % 1) for value in values]
    chance, moves = random.Random(0), []  # noqa: S311 - no secret
    for _ in range(SHUFFLES):
        shuffled = chance.sample(digits, len(digits))
        moves.append([*(other - own for other, own in zip(shuffled, digits, strict=True)), 0.0])
    return moves


def _first_of(figures: Sequence[Quantity]) -> list[int]:
    """Return for each figure where it is printed first; a mere number is of something else each time."""
    first: dict[object, int] = {}
    return [
        first.setdefault((one.figure.value, one.figure.high, one.figure.unit) if one.figure.unit else at, at)
        for at, one in enumerate(figures)
    ]


def _shared(scored: list[list[_Guess]]) -> list[list[_Guess]]:
    """Let the digits of each figure in a relation that fits speak for it, whichever is the result."""
    most = dict[frozenset[int], float]()
    for guess in (guess for guesses in scored for guess in guesses if guess.fits):
        most[guess.whole] = max(most.get(guess.whole, -math.inf), guess.score - guess.prior)

    def raised(guess: _Guess) -> _Guess:
        more = SHARED * (most[guess.whole] - guess.score + guess.prior) if guess.fits else 0.0
        return guess._replace(score=guess.score + more)

    return [sorted(map(raised, guesses), key=lambda guess: -guess.score) for guesses in scored]


def _chosen(
    scored: Sequence[Sequence[_Guess]], first: Sequence[int], fixed: Mapping[int, _Guess] | None = None
) -> dict[int, _Guess]:
    """Choose a sum for each figure that has one, the best first, behind those that are ``fixed``.

    No figure rests on itself. A figure printed again, its ``first`` elsewhere, is the same one.

    Of a relation between figures, each may be the result: the others come after the one that the words and
    the order speak for.
    """
    results: _Results = {}
    for guess in (guess for guesses in scored for guess in guesses):
        priors = results.setdefault((guess.whole, guess.fits), {})
        priors[guess.of] = max(priors.get(guess.of, -math.inf), guess.prior)
    chosen: dict[int, _Guess] = {}
    for _ in range(2):
        earlier, chosen, every = chosen, {}, list[tuple[float, int, str, _Guess]]()
        for guess in (guess for guesses in scored for guess in guesses):
            score = guess.score - _goes_back(guess, earlier)
            if score >= (LEAST if guess.fits else _least(guess, scored[guess.of], results)):
                lead = max(
                    p for fits in FITS[guess.fits] for p in results.get((guess.whole, fits), {}).values()
                )
                lead -= guess.prior
                every.append((lead - score, guess.of, str(guess.low), guess))
        taken = dict[frozenset[int], int]()
        below = dict[int, set[int]]()
        ordered = [guess for *_, guess in sorted(every, key=lambda entry: entry[:3])]
        for guess in [*(fixed or {}).values(), *ordered]:
            of, whole = first[guess.of], frozenset(first[i] for i in guess.whole)
            if guess.of not in chosen and taken.get(whole, of) == of and not _rests_on(guess, first, below):
                chosen[guess.of] = guess
                taken[whole] = of
                below.setdefault(of, set()).update(first[i] for i in guess.figures)
    return chosen


def _least(guess: _Guess, rivals: Sequence[_Guess], results: _Results) -> float:
    """Return the least score of a finding: no sum of the same figures fits, and none is much likelier."""
    fitting = results.get((guess.whole, True), {})
    if guess.what == "slip" and max(fitting.values(), default=-math.inf) > guess.prior - 3.0:
        return math.inf
    better = [
        rival
        for rival in rivals
        if rival.fits and (guess.what != "slip" or rival.prior >= max(results[rival.whole, True].values()))
    ]
    least = LEAST_FOR_A_SLIP if guess.what == "slip" else LEAST_FOR_A_NEAR_MISS
    return max([least, *(rival.score - 2.0 for rival in better)])


def _goes_back(guess: _Guess, chosen: Mapping[int, _Guess]) -> float:
    """Return a price for a sum of a figure and one that it was reckoned from: it goes back."""
    if guess.low.form == "sum" and len(guess.low.terms) > 2:
        return 0.0
    return 3.0 * any(
        i in chosen and not {*guess.figures}.isdisjoint(chosen[i].figures) for i in guess.figures
    )


def _rests_on(guess: _Guess, first: Sequence[int], below: Mapping[int, set[int]]) -> bool:
    """Say whether a figure would rest on itself; ``below`` has what figures rest on."""
    waiting, seen = [first[i] for i in guess.figures], set[int]()
    while waiting:
        figure = waiting.pop()
        if figure == first[guess.of]:
            return True
        if figure not in seen:
            seen.add(figure)
            waiting += below.get(figure, ())
    return False


def _in_order(chosen: Mapping[int, _Guess]) -> list[int]:
    """Return the figures that have a sum, each behind those it rests on."""
    order: dict[int, None] = {}
    waiting = sorted(chosen, reverse=True)
    while waiting:
        below = [i for i in chosen[waiting[-1]].figures if i in chosen and i not in order]
        if below:
            waiting += below
        else:
            order[waiting.pop()] = None
    return [*order]


def _passed_on(scored: _Guess, made: Mapping[int, Link]) -> Link | None:
    """Return the mistaken link whose figure a sum only scales, by a share or a rate: the mistake goes on."""
    if not scored.fits or scored.high or scored.low.form != "product":
        return None
    rest = [o for o, _ in scored.low.terms if not (o.of.is_plain or o.text.startswith("prices."))]
    link = made.get(rest[0].figure) if len(rest) == 1 and len(scored.low.terms) == 2 else None
    return link if link and link.kind.is_mistake else None
