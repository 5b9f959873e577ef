"""The search for the sums that could give each figure of a text, with their scores."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from costcheck.claims.printed import Figure
from costcheck.reading import additions, candidates, ranking
from costcheck.reading.candidates import Candidate, Operand, Target, Use, signature
from costcheck.reading.choice import Guess
from costcheck.reading.figures import Quantity
from costcheck.reading.known import known_in
from costcheck.reading.ranking import Slip

SHUFFLES, MOST_SHUFFLES = 100, 5
"""Sums by chance that are looked for in a text, and how often its digits are shuffled at the most."""
DOUBT = 1.8
"""What the use of a number costs that is a quantity only if it belongs to a sum."""
PART = 3.5
"""What it costs to add only some of them."""
RATES = 1.5
"""What it costs to add prices a thing."""
CURRENCY = math.log(0.06)
"""How rarely an amount is printed in the currency of its inputs as if it were in its own."""
SAID_AGAIN = 2.0
"""What it costs to take an amount for another one, said again but for a slip."""
DISCOUNT = 4.0
"""What it costs to take a discount for a price, where no words speak of a saving."""
HEAD_SIZES, CACHE = (64, 80, 96, 112, 128, 160, 192, 256), 0.5
"""How many numbers a head has, and what it costs to take figures for those of a KV cache."""
COLUMN = -3.0
"""What it costs to add a column of a table where its last row is a total."""
FAR = 8
"""How many figures away a number is looked for that is one only if it belongs to a sum."""
LABEL = 80
"""Characters before a figure in its line, at most, that are its label."""
OF_AN_INPUT = 0.7
"""What it costs to take a month or a year of what another figure is for each of."""
MANY = 1e8
"""From here on a number beside FLOPs may be one of tokens, or of parameters."""
MOST_FIGURES, MOST_DOUBTFUL, MOST_USES = 16, 4, 24
"""Figures near enough to be in a sum, numbers that may be some, and what they may stand for in one."""
DEAREST, LEAST_OF_ANY = 5.5, -2.5
"""What a sum costs at most, and the least odds of any where its value says as much for it as it can."""
NO_CHANGE = 2.0
"""What it costs to take a ratio for a share of which words say how much it rose or fell."""
MISTAKEN, ODD = 0.5, 1.0
"""Where a sum does not fit: how much more its unit counts (`ranking.usual`), and what it costs to use a
constant that is not printed."""
MOST_SHUFFLED = 30
"""Of the sums for a figure, those that are tried where digits are shuffled."""
CALENDAR = {
    (hours, unit)
    for hours in (720.0, 730.0, 744.0, 8760.0, 8766.0, 8784.0)
    for unit in ("hour", "hour/month", "hour/year")
}
CALENDAR |= {
    (28.0, "day/month"),
    (30.0, "day/month"),
    (31.0, "day/month"),
    (365.0, "day/year"),
    (12.0, "month/year"),
}
"""Lengths of a month or a year, which follow from nothing."""


# 730 hours for 720; the peak of sparse matrices, or keys without values
_A_MONTH = [Slip(by, ranking.SLIP) for by in (math.log(730 / 720), -math.log(730 / 720))]
_TWICE = [Slip(by, ranking.SLIP, is_exact=True) for by in (math.log(2), -math.log(2))]


class Search:
    """The sums of one text. ``by_chance`` are the best scores of each figure where digits are shuffled."""

    def __init__(self, text: str, figures: Sequence[Quantity], rates: Mapping[str, float]) -> None:
        self.text, self.figures, self.rates, self.first = text, figures, rates, _first_of(figures)
        # behind the figures, what is known and moves by nothing
        moves = [[0.0] * (len(figures) + 1), *_shuffled(figures)]
        self.operands = []
        is_compute = any("FLOP" in (quantity.figure.unit or "") for quantity in figures)
        for i, quantity in enumerate(figures):
            is_change = quantity.figure.unit == "percent" and ranking.has_change(quantity, self.text)
            is_each = ranking.is_each(quantity, self.text)
            way = ranking.direction(quantity, text) if is_change else 0
            operands = candidates.operands_of(i, quantity.figure, is_each, is_change, way)
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
        known = known_in(text, units - {""}, rates)
        printed = {(o.of[:2], round(o.logs[0], 2)) for operands in self.operands for o in operands}
        known = [operand.moved(moves) for operand in known]
        self.two = Operand("2", signature("1"), 2.0).moved(moves)
        self.known = [o for o in known if (o.of[:2], round(o.logs[0], 2)) not in printed]
        self.printed_rates = {i for i, quantity in enumerate(figures) if _is_rate(quantity.figure.unit)}
        self.has_book_rates = any(operand.is_book_rate for operand in self.known)
        self.has_rates = self.has_book_rates or bool(self.printed_rates)
        months = [i for i, quantity in enumerate(figures) if _is_month(quantity.figure)]
        self.month = months[0] if months else len(figures)
        self.by_chance: dict[bool, list[float]] = {True: [], False: []}
        self.discounts = {i for i, quantity in enumerate(figures) if ranking.is_discount(quantity, text)}
        self.is_utilisation = [ranking.is_utilisation(quantity) for quantity in figures]
        self.has_total = [ranking.has_total(quantity, text) for quantity in figures]
        self.has_rest = [ranking.has_rest(quantity, text) for quantity in figures]
        self.doubtful = {i for i, quantity in enumerate(figures) if quantity.is_doubtful}

    def scored(self, at: int, with_doubtful: bool = False) -> Iterator[Guess]:
        """Yield the sums for a figure, scored; those with doubtful numbers only where they fit or slip."""
        quantity, figure = self.figures[at], self.figures[at].figure
        if at in self.doubtful and not with_doubtful:
            return
        is_known = (figure.value, figure.unit) in CALENDAR
        if not self.operands[at] or is_known or (figure.unit == "GPU" and self.first[at] != at):
            return
        is_rate = _is_rate(figure.unit)
        odds = ranking.odds_of(quantity, self.text)
        if at + 1 < len(self.figures) and ranking.is_multiple(quantity, self.figures[at + 1]):
            odds += ranking.MULTIPLE
        allowed = ranking.Allowed(replace(figure, high=None))
        tried = self.candidates(at, min(odds + allowed.most + 1.0, DEAREST), with_doubtful)
        if figure.high is not None:
            yield from self.of_ranges(at, tried, odds)
            return
        own, unit, usual = self.operands[at][0].logs, figure.unit or "", ranking.usual(figure.unit)
        by_chance = [{True: -math.inf, False: -math.inf} for _ in own[1:]]
        for place, candidate in enumerate(tried):
            has_book_rate = self.has_book_rates and any(
                o.figure < 0 and o.is_book_rate for o, _ in candidate.terms
            )
            if has_book_rate and is_rate:
                continue
            prior = odds - candidate.cost - (DOUBT + 1.0) * (at in self.doubtful)
            if self.is_utilisation[at] and any("6 FLOP" in o.text for o, _ in candidate.terms):
                prior += 3.0
            if prior + allowed.most < LEAST_OF_ANY:
                continue
            may_slip = prior + allowed.most + ranking.COMMON >= LEAST_OF_ANY or quantity.row
            spread, slips = candidate.spread(), partial(self.slips, candidate, at) if may_slip else tuple
            for k, best in enumerate(by_chance if place < MOST_SHUFFLED and not with_doubtful else (), 1):
                speaks, what = allowed.evidence(candidate.log(k) - own[k], spread, slips)
                if what in ("holds", "rounding", "slip"):
                    best[what == "slip"] = max(best[what == "slip"], prior + speaks)
            ratio = candidate.log(0) - own[0]
            speaks, what = allowed.evidence(ratio, spread, slips)
            size = len(candidate.terms)
            if what == "near" and (size == 2) != (candidate.form == "product"):
                continue  # near counts for products of two and longer sums: others come near by chance
            if what == "near" and any(_LESS.search(self.label(i)) for i in candidate.figures):
                continue  # what is taken off, printed without a sign
            if has_book_rate and what in ("near", "hedge"):
                continue  # the article may have used the rate of another day
            if with_doubtful and what not in ("holds", "rounding", "slip"):
                continue
            if what:
                less = _doubts(candidate, unit, what, ratio)
                if what not in ("holds", "rounding"):
                    less -= MISTAKEN * (usual if what == "slip" else min(usual, 0.0))
                    less += ODD * (bool(candidate.constant) and what in ("slip", "near"))
                yield Guess(at, candidate, prior - less + speaks, prior - less, what)
        for is_slip, scores in self.by_chance.items():
            scores += [best[is_slip] for best in by_chance]

    def slips(self, candidate: Candidate, at: int) -> list[Slip]:
        """Return by what a figure may be off where a sum is the right one, besides powers of ten."""
        slips, quantity = list[Slip](), self.figures[at]
        unit = quantity.figure.unit or ""
        for operand, sign in candidate.terms if self.has_rates else ():
            if operand.figure in self.printed_rates:  # multiplied by rather than divided
                slips.append(Slip(2 * sign * operand.logs[0], ranking.SLIP))
            elif operand.figure < 0 and operand.is_book_rate:  # left out
                slips.append(Slip(sign * operand.logs[0], CURRENCY))
        if self.month < len(self.figures) and any(o.figure == self.month for o, _ in candidate.terms):
            slips += _A_MONTH
        slips += [Slip(by, ranking.COMMON, "base", is_exact=True) for by in candidate.mistaken()]
        for operand, sign in candidate.terms:
            by = ranking.instead_of(operand.unit, operand.value)
            if by and ranking.may_be_instead(operand.unit, quantity):
                slips.append(Slip(sign * by, ranking.RARE, is_exact=True))
        if self.is_utilisation[at] and candidate.form == "product":
            slips += _TWICE[:1]
        elif any(operand is self.two for operand, _ in candidate.terms) and ranking.is_whole_cache(quantity):
            slips += _TWICE
        units = frozenset([unit, *[operand.unit for operand, _ in candidate.terms]])
        return [*slips, *ranking.steps(units, unit)]

    def may_need_doubtful(self, at: int) -> bool:
        """Say whether a figure has such numbers about it; of one itself, whether it may be a result."""
        if at in self.doubtful:
            quantity = self.figures[at]
            return bool(quantity.row) or ranking.odds_of(quantity, self.text) > ranking.BASE
        return not self.doubtful.isdisjoint(range(at - FAR, at + FAR // 2))

    def of_ranges(self, at: int, tried: Sequence[Candidate], odds: float) -> Iterator[Guess]:
        """Yield pairs of sums that give the two ends of a range and differ in one operand."""
        figure, fitting = self.figures[at].figure, []
        for value, place in ((figure.value, figure.place), (figure.high or 0.0, figure.high_place)):
            allowed = ranking.Allowed(replace(figure, value=value, high=None, place=place))
            base, here = math.log(value) + signature(figure.unit).log, []
            for candidate in (candidate for candidate in tried if candidate.form in ("product", "sum")):
                if not math.isfinite(ratio := candidate.log(0) - base):
                    continue
                speaks, what = allowed.evidence(ratio, candidate.spread())
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
                        yield Guess(at, low, prior + speaks + more, prior, "holds", high)

    def candidates(self, at: int, dearest: float, with_doubtful: bool = False) -> list[Candidate]:
        """Return the sums that could give a figure, the likeliest by place and words."""
        quantity, unit = self.figures[at], self.figures[at].figure.unit
        around = self.around(at, with_doubtful)
        uses = self.uses(at, around)
        needed = self.doubtful if with_doubtful and at not in self.doubtful else set[int]()
        target = Target(signature(unit), unit, self.spans(quantity, around), dearest, frozenset(needed))
        has_total, has_rest = self.has_total[at], self.has_rest[at]
        tried = [*candidates.products(target, uses), *self.chains(at, target, around)]
        if target.of.hard in (signature("byte").hard, signature("byte/token").hard):
            tried += self.caches(at)
        tried += additions.two_products(tried, has_total)
        tried += additions.of_pairs(target, uses, has_total or has_rest)
        if at in self.discounts:  # which is what goes, not what remains
            tried = [sum_._replace(cost=sum_.cost + DISCOUNT) for sum_ in tried]
        if unit == "percent":
            has_change, way = ranking.has_change(quantity, self.text), ranking.direction(quantity, self.text)
            is_over = way < 0 and quantity.figure.value > 100  # nothing falls to more than it was
            dear = additions.WRONG_WAY * is_over + NO_CHANGE * (way != 0)
            tried = [sum_._replace(cost=sum_.cost + dear) for sum_ in tried] if dear else tried
            tried += additions.changes(uses, has_change, way)
        if unit in ("percent", "times"):
            tried += additions.ratios(uses)
        else:
            tried = self.with_totals(at, target, uses, tried)
        if self.month < len(self.figures):
            figure = self.figures[self.month].figure
            same = "730 hour" if figure.value == 730 else "30 day" if figure.value in (30, 720) else "/month"
            banned = ["30 day", "/month"] if self.month < at else [same]
            if figure.unit == "day/month" and figure.value < 28 and not ranking.is_use(quantity):
                banned = []  # what is rented runs on days off too
            tried = [c for c in tried if not (c.constant and any(text in c.constant for text in banned))]
        if with_doubtful:
            of_few = [(sum_, sum_.figures) for sum_ in tried]
            tried = [s for s, of in of_few if len(of) > 1 and not (needed and needed.isdisjoint(of))]
        tried.sort(key=lambda candidate: candidate.cost)
        most = [c for c in tried if c.form != "sum"][: candidates.MOST_CANDIDATES]
        return sorted(most + [c for c in tried if c.form == "sum"], key=lambda candidate: candidate.cost)

    def around(self, at: int, with_doubtful: bool) -> list[tuple[int, float, float]]:
        """Return the figures near one, with what their use costs, and what more as they come later."""
        near = ranking.near(self.figures, at)
        around = [use for use in near if use[0] not in self.doubtful]
        if with_doubtful:
            doubtful = [(i, cost + DOUBT, late) for i, cost, late in near if i in self.doubtful]
            around = around[: MOST_FIGURES - 2 * MOST_DOUBTFUL] + doubtful[:MOST_DOUBTFUL]
        # how long a month is may be said anywhere
        return [(i, cost, late * (i != self.month)) for i, cost, late in around[:MOST_FIGURES]]

    def uses(self, at: int, around: Sequence[tuple[int, float, float]]) -> list[Use]:
        """Return what a sum for a figure may be made of, the cheapest first."""
        discounts = set[int]() if self.has_rest[at] else self.discounts
        uses = [Use(operand, operand.extra + 0.5) for operand in self.known]
        for i, cost, late in around:
            for operand in self.operands[i]:
                dear = DISCOUNT * (i in discounts and not operand.shift)
                uses.append(Use(operand, cost + operand.extra + dear, late))
        uses.sort(key=lambda use: use.cost + use.late)
        uses += [*additions.compute(uses), *additions.blended(uses)]
        return sorted(uses, key=lambda use: use.cost + use.late)[:MOST_USES]

    def spans(self, quantity: Quantity, around: Sequence[tuple[int, float, float]]) -> dict[str, float]:
        """Return the spans of time that the words and units about a figure name, with what they cost."""
        spans = dict.fromkeys(candidates.spans_in(_words(quantity)), 1.0)
        for i, *_ in around[:8]:
            spans = dict.fromkeys(candidates.spans_in(self.figures[i].sentence), 1.5) | spans
        for i, *_ in around[:12]:
            of = signature(self.figures[i].figure.unit)
            for name in ["month"] * (of.months < 0) + ["year"] * (of.years < 0):
                spans[name] = min(spans.get(name, 9.0), OF_AN_INPUT)
        own = re.split("[-/]", quantity.figure.unit or "")
        return spans | {name: 0.3 for name in ("month", "year") if name in own}

    def chains(
        self, at: int, target: Target, around: Sequence[tuple[int, float, float]]
    ) -> Iterator[Candidate]:
        """Yield the products of figures in a row before one, or behind it."""
        costs = {i: (cost, late) for i, cost, late in around if self.operands[i]}
        for side in (range(at - 1, -1, -1), range(at + 1, len(self.figures))):
            # the middle of a range, or the figure itself
            places = [(i, -1 if self.figures[i].figure.high else 0) for i in side[:8] if i in costs]
            run = [Use(self.operands[i][j], *costs[i]) for i, j in places]
            yield from candidates.chains(target, run, [o for o in self.known if o.text == "2"])

    def with_totals(
        self, at: int, target: Target, uses: Sequence[Use], tried: list[Candidate]
    ) -> list[Candidate]:
        """Return sums with those of like figures, and of a product and a like figure."""
        alike = list[Use]()
        for use in uses:
            if candidates.is_like(use.operand, target.of):
                alike.append(use)
            elif other := candidates.like(use.operand, target.of):
                alike.append(Use(other, use.cost + 0.7, use.late))
        alike.sort(key=lambda use: use.cost + use.late)
        dear = RATES * bool(re.match("[A-Z]{3}/(?!hour|day|week|month|year)", target.unit or ""))
        has_total, has_rest = self.has_total[at], self.has_rest[at]
        column = self.column(at)
        runs = ((column, 0.0), (self.alike(at, -1), 1.2), (self.alike(at, 1), 2.4))
        for sum_ in additions.totals(alike, runs, has_total, has_rest):
            tried.append(sum_._replace(cost=sum_.cost + dear))
        tried += additions.with_more(tried, alike, has_total)
        if len(column) > 1 and ranking.is_total(self.label(at)):
            tried = [sum_._replace(cost=sum_.cost + PART * (sum_.form != "product")) for sum_ in tried]
            tried.append(Candidate(tuple((operand, 1) for operand in column), COLUMN, form="sum"))
        return tried

    def caches(self, at: int) -> Iterator[Candidate]:
        """Yield the size of a KV cache: keys and values of each layer, each head, and each of its numbers."""
        places = range(at - 1, max(-1, at - ranking.BEFORE), -1)
        units = [quantity.figure.unit or "" for quantity in self.figures]
        layers = next((i for i in places if units[i] == "layer"), at)
        heads = next((i for i in places if units[i] in ("head", "head/layer")), at)
        beside = (heads + 1, heads + 2, heads - 1)
        dims = next((i for i in beside if i < at and self.figures[i].figure.value in HEAD_SIZES), at)
        if at in (layers, heads, dims):
            return
        sizes = [o for i in places if units[i] in ("byte", "byte/parameter") for o in self.operands[i][:1]]
        sizes = [_as_bytes(o) for o in (*sizes, *self.known) if o.unit in ("byte", "byte/parameter")]
        tokens = [i for i in places if re.match("token(?!.*/s)", units[i]) and self.operands[i]]
        per_token = " / 1 token" * units[at].endswith("/token")
        more = [[]] if per_token else [[], *([self.counted(i)] for i in tokens)]
        if not all(self.operands[i] for i in (layers, heads, dims)):
            return
        counts = [self.counted(i) for i in (layers, heads, dims)]
        for size, few in itertools.product(sizes[:3], more):
            yield Candidate(tuple((o, 1) for o in (self.two, *counts, size, *few)), CACHE, per_token)

    def counted(self, i: int) -> Operand:
        """Return a figure as a plain number of what it counts."""
        unit = self.figures[i].figure.unit
        text = f"(f{i} / 1 {unit})" if unit else f"f{i}"
        return self.operands[i][0]._replace(text=text, of=signature("1"), unit="1")

    def alike(self, at: int, step: int) -> list[Operand]:
        """Return the figures like one in the lines just before or behind it, the nearest first."""
        figure, line, others = self.figures[at].figure, self.figures[at].line, list[Operand]()
        near = (i for i in range(at + step, at + 12 * step, step) if 0 <= i < len(self.figures))
        for i in near:
            other = self.figures[i]
            if abs(line - other.line) < 6 and other.figure.value != figure.value:
                like = self.like(i, figure.unit)
                others += [like] if like else []
        return others[:6]

    def column(self, at: int) -> list[Operand]:
        """Return the figures above one in its column, the nearest first, up to a total.

        A column is that of a table, or of lines that end in like figures.
        """
        quantity, above = self.figures[at], list[Operand]()
        line = quantity.line
        for i in range(at - 1, max(-1, at - ranking.BEFORE), -1):
            other = self.figures[i]
            if bool(other.row) != bool(quantity.row) or other.column != quantity.column:
                continue
            like = self.like(i, quantity.figure.unit)
            if not like or (not self.ends_line(at) and not quantity.row):
                continue
            if line - other.line > 1 + (line == quantity.line) or ranking.is_total(
                self.label(i)
            ):  # below a line drawn
                break
            if _LESS.search(self.label(i)):
                return []
            if quantity.row or (self.ends_line(i) and other.line < line):
                line = other.line
                above += [] if _ASIDE.search(self.label(i)) else [like]
        return above

    def like(self, i: int, unit: str | None) -> Operand | None:
        """Return a figure as one in a unit that may name a month or a year more; None where it is no such."""
        of = signature(unit)
        if len(self.operands[i]) != 1:
            return None
        (operand,) = self.operands[i]
        return operand if candidates.is_like(operand, of) else candidates.like(operand, of)

    def label(self, at: int) -> str:
        """Return the header of a figure's row, or the words before it in its line."""
        quantity = self.figures[at]
        begin = self.text.rfind("\n", max(0, quantity.start - LABEL), quantity.start) + 1
        return quantity.row or self.text[begin : quantity.start] * bool(begin or quantity.start < LABEL)

    def ends_line(self, at: int) -> bool:
        """Say whether a short line has a label and this figure at its end."""
        end = self.figures[at].end
        behind = self.text[end : end + 80].partition("\n")[0].strip(" .;,|")
        return not behind and 2 < len(self.label(at).strip()) < LABEL


def _doubts(candidate: Candidate, unit: str, what: str, ratio: float) -> float:
    """Return what speaks against a sum by how it gives a figure."""
    if what == "rounding":  # a conversion is as exact as what it converts
        return (0.4 if len(candidate.terms) > 1 else 2.0) + 1.0 * (abs(ratio) > 0.03)
    if what == "slip":
        soft = sum(operand.of.soft * sign for operand, sign in candidate.terms)
        is_share = unit in ("percent", "times") or soft != signature(unit).soft
        return SAID_AGAIN if len(candidate.terms) == 1 else 1.0 * is_share
    return 0.0


def _as_bytes(operand: Operand) -> Operand:
    """Return how many bytes each parameter takes as so many bytes."""
    text = operand.text.removesuffix("/parameter") if operand.figure < 0 else operand.text
    text = f"({text} * 1 parameter)" if operand.figure >= 0 and operand.unit != "byte" else text
    return operand._replace(text=text, of=signature("byte"), unit="byte")


_ASIDE = re.compile(
    r"\b(?:budget|limit|of which|incl\w*|deposit)\b|预算|予算|其中|うち|内訳|押金", re.IGNORECASE
)
_LESS = re.compile(
    r"\b(?:less|minus|discount|rebate|credit|refund|overlap|without|excl\w*)\b|値引|割引|优惠|折扣|返现|抵扣|不含|除く",
    re.IGNORECASE,
)
"""Labels of rows that a total leaves out, and of those that it takes off."""


def _is_month(figure: Figure) -> bool:
    """Say whether a figure says how long a month is: 730 hours, 20 days a month."""
    is_rhythm = signature(figure.unit).is_rhythm and not (figure.unit or "").endswith("/day")
    return is_rhythm or (figure.unit == "hour" and figure.value in (720, 730, 744))


@cache
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
    for _ in range(min(MOST_SHUFFLES, 1 + SHUFFLES // max(1, len(figures)))):
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
