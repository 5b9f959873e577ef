"""The sums that could give a figure: products, quotients, totals and shares of others whose units fit."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from costcheck.claims.printed import Figure
from costcheck.units import notation

MONTH = 30 * 86_400
"""Seconds in a month, where a sum does not say otherwise."""
LEAST, MOST = 1e-60, 1e60
"""Beyond these is no figure of anything."""
MOST_IN_FOUR = 10
"""Operands near enough to be one of four."""
MOST_CANDIDATES = 350
HALF_A_YEAR, SHORT = math.log(182 * 86_400), 1.5
"""What it costs to take what runs for less than half a year for what runs in a year."""
ROUNDABOUT, CHEAPER, MORE = 1.5, 1.0, 0.5
"""What a span of time costs more where others cancel, what a sum gains where units cancel, and by how much
one may cost more than its limit."""
_BITS = 8
TIME = 1
_PLACES: dict[str, int] = {"time": 0}
_SOFT = {"GPU", "TPU", "NPU", "CPU", *notation.NOUNS} - {"parameter"}

PEOPLE = ("customer", "user", "employee", "developer")
"""Who counts as a person."""


class Signature(NamedTuple):
    """What a unit measures: ``hard`` dimensions have to fit, ``soft`` ones words often leave out.

    Both are packed into an integer, so that units multiply by an addition. A month counts as time.
    """

    hard: int
    soft: int
    log: float
    months: int
    years: int
    is_plain: bool
    """A plain number, a share or a multiple."""
    is_rhythm: bool
    """Time over time, such as hours a month."""


@cache
def signature(unit: str | None) -> Signature:
    """Return what a unit measures.

    >>> signature("USD/GPU-hour").hard == signature("USD/day").hard, signature(None) == signature("1")
    (True, True)
    """
    parsed = notation.parse(unit or "1")
    hard = soft = 0
    for name, power in parsed.dimensions:
        name = "time" if name in ("second", "month") else "person" if name in PEOPLE else name
        packed = power << (_BITS * _PLACES.setdefault(name, len(_PLACES)))
        soft, hard = (soft + packed, hard) if name in _SOFT else (soft, hard + packed)
    months, years = (
        dict(of).get(name, 0) for of, name in ((parsed.dimensions, "month"), (parsed.parts, "year"))
    )
    is_plain = not hard and not soft and len(parsed.parts) < 2
    log, is_rhythm = math.log(parsed.scale) + months * math.log(MONTH), not (hard or soft or is_plain)
    return Signature(hard, soft, log, months, years, is_plain, is_rhythm)


@cache
def unpacked(packed: int) -> dict[str, int]:
    """Return the powers of the dimensions that a packed number stands for."""
    powers = {}
    for name in _PLACES:
        power = (packed + (1 << (_BITS - 1))) % (1 << _BITS) - (1 << (_BITS - 1))
        packed = (packed - power) >> _BITS
        if power:
            powers[name] = power
    return powers


class Operand(NamedTuple):
    """A number that sums are made of: a figure, one end of a range, a share added to 1, or what is known."""

    text: str
    of: Signature
    value: float
    figure: int = -1
    spread: float = 0.0
    """Half of what rounding leaves open, as a share of the value."""
    extra: float = 0.0
    """What its use costs, besides its distance."""
    unit: str | None = "1"
    end: int = 0
    """-1 and 1 for the lower and upper end of a range, 2 for the middle."""
    shift: int = 0
    """1 for 1 + a share, -1 for 1 - a share."""

    is_each: bool = False
    """Of each of what its unit does not name."""
    also: tuple[int, ...] = ()
    """The other figures, of a sum or a difference."""
    logs: tuple[float, ...] = ()
    """The logarithms of its value in base units: as it is, and where the digits of figures are shuffled."""

    @property
    def is_book_rate(self) -> bool:
        """Whether it is an exchange rate of the price book."""
        return self.text.startswith("prices.")

    def moved(self, moves: Sequence[Sequence[float]]) -> Operand:
        """Return it with its logarithms, where figures are moved by so much."""
        base, by = math.log(self.value) + self.of.log, [move[self.figure] for move in moves]
        if not self.shift:
            return self._replace(logs=tuple(base + one for one in by))
        shares = [abs(self.value - 1) * math.exp(one) for one in by]
        return self._replace(logs=tuple(math.log(max(1e-9, 1 + self.shift * one)) for one in shares))


def operands_of(
    index: int, figure: Figure, is_each: bool = False, is_change: bool = False, way: int = 0
) -> list[Operand]:
    """Return what a figure can stand for in a sum; words may say it is that of each, or a change."""
    unit, value, name = figure.unit, figure.value, f"f{index}"
    if not LEAST < value < MOST or not (figure.high or value) < MOST:
        return []
    of, spread, plain = signature(unit), figure.place / 2 / value, signature("1")
    if figure.high is not None:
        low, high = (literal(end, unit) for end in (value, figure.high))
        middle = (f"(({low} + {high}) / 2)", (value + figure.high) / 2, 2, 1.5)
        ends = ((low, value, -1, 0.8), (high, figure.high, 1, 0.8), middle)
        return [Operand(text, of, at, index, 0.0, extra, unit, end) for text, at, end, extra in ends]
    made = [Operand(name, of, value, index, spread, unit=unit, is_each=is_each and not of.soft)]
    for shift in (1, -1) if unit == "percent" and value < 100 else ():
        whole = 1 + shift * value / 100
        text, left = f"(1 {'+-'[shift < 0]} {name})", spread * value / 100 / whole
        extra = (0.4 if is_change else UNNAMED_CHANGE) + OTHER_WAY * (shift == -way)
        made.append(Operand(text, plain, whole, index, left, extra, shift=shift))
    return made


UNNAMED_CHANGE, OTHER_WAY = 1.4, 2.0
"""What it costs to add a share to 1 of which no words say that it is a change, or that it is one that way."""


def is_like(operand: Operand, of: Signature) -> bool:
    """Say whether an operand measures what a unit does, by the month as well if that does."""
    return operand.of[:2] == of[:2] and operand.of.months == of.months


_PAID = rf"(?:{'|'.join(notation.CURRENCIES)}|[kMGT]?tok(?:en)?|request|GPU-hour)\b"
"""Amounts of which words often leave out that they are those of a day."""


def like(operand: Operand, of: Signature) -> Operand | None:
    """Return an operand as one of another unit, where only a month, a year or a thing counted is left out.

    >>> rent = operands_of(0, Figure("$6", 6.0, unit="USD/month"))[0].moved([[0.0]])
    >>> like(rent, signature("USD")).text, like(rent, signature("USD/month/seat")).text
    ('(f0 * 1 month)', '(f0 / 1 seat)')
    """
    gap, missing = operand.of.hard - of.hard, unpacked(of.soft - operand.of.soft)
    if operand.figure < 0 or operand.shift or not of.hard or abs(gap) not in (0, TIME):
        return None
    if not gap and operand.of.months != of.months:
        return None  # nothing adds what is of an hour to what is of a month
    text, log = operand.text, 0.0
    if gap:
        months, years = operand.of.months - of.months, operand.of.years - of.years
        span = "month" if months == gap // TIME else "year" if years == gap // TIME else ""
        rest = abs(operand.of.log - of.log)
        if not span and re.match(_PAID, operand.unit or ""):
            span = next(
                (name for name, size in notation.TIMES.items() if abs(rest - math.log(size)) < 1e-9), ""
            )
        if not span:
            return None
        text += f" {'/*'[gap < 0]} 1 {span}"
        log = -gap // TIME * math.log(MONTH if span == "month" else notation.TIMES[span])
    text += "".join(f" {'*/'[power < 0]} 1 {name}" * abs(power) for name, power in missing.items())
    text = f"({text})" if text != operand.text else text
    return operand._replace(text=text, of=of, logs=tuple(one + log for one in operand.logs))


def literal(value: float, unit: str | None) -> str:
    """Write a quantity in the language of claims."""
    number = f"{value:.12g}".replace("e+", "e")
    return number if unit in (None, "1") else f"{number} {unit}"


_SPANS = {
    "hour": (r"\bhour|\bhr\b|小时|小時|時間|时价|時給", 3600, "1 hour"),
    "day": (r"\bday|\bdaily\b|[每一1毎]天|[1毎一每]日", 86_400, "24 hour"),
    "month": (r"\bmonth|[个個かヶカヵ]月|月[付额額租に]|[毎每]月|月あたり", MONTH, "30 day"),
    "year": (r"\byear|\bannual|[一1每毎]年|年[间間额額度]|年あたり", 365 * 86_400, "365 day"),
}  # fmt: skip


@cache
def spans_in(words: str) -> tuple[str, ...]:
    """Return the spans of time that words name.

    >>> spans_in("A reserved month is billed")
    ('month',)
    """
    return tuple(name for name, (pattern, *_) in _SPANS.items() if re.search(pattern, words.lower()))


class Use(NamedTuple):
    """An operand at its place: what its use costs, and what more if it comes after the figure."""

    operand: Operand
    cost: float
    late: float = 0.0


class Target(NamedTuple):
    """What sums are looked for: their unit, the spans of time that the words name, and what they may cost.

    ``needed`` are figures of which one at least has to be in a sum; none where any may be.
    """

    of: Signature
    unit: str | None
    spans: Mapping[str, float]
    dearest: float
    needed: frozenset[int] = frozenset()


CHANGES = {"drop": -1, "rise": 1}
"""The share by which one figure is below or above another: what is added to their ratio is multiplied by."""


class Candidate(NamedTuple):
    """A product of operands to the power 1 or -1; a sum of them, or of two products; a drop or a rise."""

    terms: tuple[tuple[Operand, int], ...]
    cost: float
    constant: str = ""
    shift: float = 0.0
    """The logarithm of the constant."""
    form: str = "product"

    @property
    def figures(self) -> tuple[int, ...]:
        """The figures in it."""
        found: list[int] = []
        for operand, _ in self.terms:
            for i in (operand.figure, *operand.also):
                if i >= 0 and i not in found:
                    found.append(i)
        return tuple(found)

    def log(self, k: int) -> float:
        """Return its logarithm in base units; ``k`` counts the shuffles, 0 is the text as it is."""
        if self.form == "product":
            total = self.shift
            for operand, sign in self.terms:
                total += sign * operand.logs[k]
            return total
        logs = [sign * operand.logs[k] for operand, sign in self.terms]
        if self.form in CHANGES:
            amount = (math.exp(sum(logs)) - 1) * CHANGES[self.form]
            return math.log(amount) + self.shift if amount > 0 else -math.inf
        if self.form == "products":
            return math.log(math.exp(sum(logs[:2])) + math.exp(sum(logs[2:]))) + self.shift
        amount = math.fsum(
            sign * math.exp(sign * log) for log, (_, sign) in zip(logs, self.terms, strict=True)
        )
        return math.log(amount) + self.shift if amount > 0 else -math.inf

    def mistaken(self) -> list[float]:
        """Return by how much it differs, as logarithms, where a share is taken of the wrong base or way."""
        if self.form in CHANGES:
            ratio = sum(sign * operand.logs[0] for operand, sign in self.terms)
            return [ratio, self.log(0) - ratio] if self.form == "rise" else [ratio]
        left = [operand.value for operand, _ in self.terms if operand.shift < 0]
        return [math.log(share / (1 - share)) for share in left]

    def spread(self) -> float:
        """Return half of what the rounding of its operands leaves open, as a share of it."""
        if self.form == "products":
            first, second = (Candidate(part, 0.0) for part in (self.terms[:2], self.terms[2:]))
            share = 1 / (1 + math.exp(second.log(0) - first.log(0)))
            return share * first.spread() + (1 - share) * second.spread()
        if self.form != "sum":
            spread = sum(operand.spread for operand, _ in self.terms)
            is_change = self.form in CHANGES and self.log(0) > -math.inf
            return spread * (1 / math.exp(self.log(0)) + CHANGES[self.form]) if is_change else spread
        ends = sum(operand.spread * math.exp(operand.logs[0]) for operand, _ in self.terms)
        return min(ends / math.exp(self.log(0) - self.shift), 1.0) if self.log(0) > -math.inf else 0.0

    def __str__(self) -> str:
        """Write it in the language of claims: what multiplies first, each in the order of the text."""
        if self.form == "products":
            parts = sorted((self.terms[:2], self.terms[2:]), key=lambda part: min(o.figure for o, _ in part))
            both = " + ".join(str(Candidate(part, 0.0)) for part in parts)
            return f"({both}){self.constant}" if self.constant else both
        if self.form in CHANGES:
            ratio = " / ".join(operand.text for operand, _ in self.terms)
            return f"{ratio} - 1" if self.form == "rise" else f"1 - {ratio}"
        terms = sorted(self.terms, key=lambda term: (term[1] < 0, term[0].figure < 0, term[0].figure))
        plus, minus = (" * ", " / ") if self.form == "product" else (" + ", " - ")
        text = "1 / " * (terms[0][1] < 0) + terms[0][0].text
        text += "".join((plus if sign > 0 else minus) + o.text for o, sign in terms[1:])
        return f"({text}){self.constant}" if self.form == "sum" and self.constant else text + self.constant


def products(target: Target, uses: Sequence[Use]) -> Iterator[Candidate]:
    """Yield the products of up to four operands that measure what the target does, the cheapest first.

    ``uses`` are in order. Pairs are looked up by what they measure, so that the work grows with the square of
    their number, which is bounded.
    """
    signed = [(use.operand.of.hard * s, i, s) for i, use in enumerate(uses) for s in (1, -1)]
    costs, late, dearest = [use.cost for use in uses], [use.late for use in uses], target.dearest
    owners = [use.operand.figure if use.operand.figure >= 0 else -1 - i for i, use in enumerate(uses)]
    gaps = (0, *((TIME, -TIME) if target.spans else ()))
    wanted_of = [target.of.hard - gap for gap in gaps]
    of_pairs = {*wanted_of, *(wanted - hard for wanted in wanted_of for hard, _, _ in signed)}
    pairs: dict[int, list[tuple[float, float, int, int, int, int]]] = {}
    for place, (hard, i, s) in enumerate(signed):
        for other, j, z in signed[place + 1 :]:
            if costs[i] + costs[j] + late[j] >= dearest:
                break
            if j >= MOST_IN_FOUR and hard + other not in of_pairs:
                continue
            cost, more = costs[i] + costs[j], late[i] if late[i] > late[j] else late[j]
            if cost + more < dearest and owners[i] != owners[j]:
                pairs.setdefault(hard + other, []).append((cost, more, i, s, j, z))
    for alike in pairs.values():
        alike.sort()
    combined: list[tuple[float, int, tuple[tuple[int, int], ...]]] = []
    for gap, wanted in zip(gaps, wanted_of, strict=True):
        for hard, i, s in signed:
            if hard == wanted:
                combined.append((costs[i] + late[i], gap, ((i, s),)))
            for cost, more, j, z, k, y in pairs.get(wanted - hard, ()):
                if cost + costs[i] >= dearest:
                    break
                whole = cost + costs[i] + (more if more > late[i] else late[i])
                if i < j and whole < dearest and owners[i] != owners[j] and owners[i] != owners[k]:
                    combined.append((whole, gap, ((i, s), (j, z), (k, y))))
        combined += [(cost + more, gap, ((i, s), (j, z))) for cost, more, i, s, j, z in pairs.get(wanted, ())]
    for hard, few in pairs.items():
        rest = pairs.get(target.of.hard - hard, [])
        for cost, more, i, s, j, z in few if rest else ():
            if cost + rest[0][0] >= dearest:
                break
            if j >= MOST_IN_FOUR:
                continue
            for extra, later, k, y, m, x in rest:
                if cost + extra >= dearest:
                    break
                whole = cost + extra + (more if more > later else later)
                is_new = j < k and m < MOST_IN_FOUR and whole < dearest
                if is_new and len({owners[i], owners[j], owners[k], owners[m]}) == 4:
                    combined.append((whole, 0, ((i, s), (j, z), (k, y), (m, x))))
    if target.needed:
        are_needed = [owner in target.needed for owner in owners]
        combined = [one for one in combined if len(one[2]) > 1 and any(are_needed[i] for i, _ in one[2])]
    combined.sort()
    both = [{1: (use.operand, 1), -1: (use.operand, -1)} for use in uses]
    for cost, gap, terms in combined[:MOST_CANDIDATES]:
        yield from made(target, tuple([both[i][s] for i, s in terms]), gap, cost)


def chains(target: Target, uses: Sequence[Use], known_: Sequence[Operand] = ()) -> Iterator[Candidate]:
    """Yield the products of all figures in a row, as of a list of steps, and of what is known besides.

    One at most divides.
    """
    for first, size in itertools.product(range(3), range(4, 7)):
        run = uses[first : first + size]
        price = 1.0 + 0.25 * size + 0.5 * first + max((use.late for use in run), default=0.0)
        price += sum(use.operand.extra for use in run)
        for below in range(-1, len(run) if len(run) == size else -1):
            terms = tuple((use.operand, -1 if i == below else 1) for i, use in enumerate(run))
            for more in ((), *(((operand, 1),) for operand in known_)):
                gap = target.of.hard - sum(operand.of.hard * s for operand, s in (*terms, *more))
                if not gap or (abs(gap) == TIME and target.spans):
                    yield from made(target, (*terms, *more), gap, price)


def made(
    target: Target, terms: tuple[tuple[Operand, int], ...], gap: int, cost: float
) -> Sequence[Candidate]:
    """Make a product, in each span of time that fits; what its units lack, and constants, cost something."""
    is_one, to = len(terms) == 1, target.of
    if is_one and not gap and terms[0][0].text.isalnum() and terms[0][0].of[2:5] == to[2:5]:
        return ()  # said again
    soft, months, years, below, printed, has_rhythm, has_month = -to.soft, -to.months, -to.years, 0, 0, 0, 0
    unnamed, also = int(target.unit is None), tuple[int, ...]()
    for operand, sign in terms:
        of, unit = operand.of, operand.unit
        soft += of.soft * sign
        months += of.months * sign
        years += of.years * sign
        unnamed += unit is None or operand.is_each
        below += sign < 0
        printed += operand.figure >= 0
        also += operand.also
        if of.is_plain:
            cost += 0.2 if unit == "percent" else 0.8
        elif of.is_rhythm:
            has_rhythm += 1
            has_month += unit != "hour/day"
    if not printed or (below == len(terms) and not (is_one and not gap and _is_of_money(target))):
        return ()
    if gap and gap == to.hard and not is_one and all(o.of.soft and not o.of.hard for o, _ in terms):
        return ()  # so many days for GPUs and servers
    if also and not {operand.figure for operand, _ in terms}.isdisjoint(also):
        return ()
    is_rhythm = has_rhythm and not gap and not target.of.is_rhythm
    if is_rhythm and not any("time" in unpacked(o.of.hard) for o, _ in terms):
        return ()  # hours a day of what takes no time
    differing = len(unpacked(soft))
    unnamed = min(differing, unnamed)
    cost += differing - 0.7 * unnamed + 0.3 * below
    cost += 2.0 * (gap < 0 and differing > unnamed)  # spread over a time that is not printed
    if cost - CHEAPER > target.dearest + MORE:
        return ()
    if _is_roundabout(terms):
        cost += (1.0 if len(terms) == 3 else 1.5) + ROUNDABOUT * bool(gap)
    elif not is_one and (has_rhythm or _cancels(terms)):
        cost -= 0.5 if differing else CHEAPER
    elif not is_one and not differing and not gap:
        cost -= 0.6
    if cost > target.dearest + MORE:
        return ()
    is_short = gap < 0 and any(o.of.hard == TIME and o.logs[0] < HALF_A_YEAR for o, s in terms if s > 0)
    if not gap and not months:
        return [Candidate(terms, cost)]
    found = list[Candidate]()
    for span, price in target.spans.items() if gap else (("", 0.0),):
        text, log, more = _span(span, gap, months)
        for constant, shift, rest in _months(months + more, years):
            rest += 2.0 * bool(has_month and constant) + SHORT * (is_short and span == "year")
            found.append(Candidate(terms, cost + price + rest, text + constant, log + shift))
    return found


def _is_of_money(target: Target) -> bool:
    """Say whether a figure is how many one gets for a dollar, a yuan and so on."""
    return (target.unit or "").split("/")[-1] in notation.CURRENCIES


def _is_roundabout(terms: Sequence[tuple[Operand, int]]) -> bool:
    """Say whether some of the operands cancel among themselves: a * b / c, with b as c."""
    if len(terms) < 3:
        return False
    hard = [o.of.hard * s for o, s in terms if o.of.hard]
    if len(hard) == len(terms) == 3:
        a, b, c = hard
        return not (a + b and a + c and b + c)
    sizes = range(2, min(len(hard) + 1, len(terms)))
    return any(not sum(some) for n in sizes for some in itertools.combinations(hard, n))


def _cancels(terms: Sequence[tuple[Operand, int]]) -> bool:
    """Say whether anything stands above and below in a product, as in dollars a GPU times GPUs."""
    above = below = 0
    for operand, sign in terms:
        ours, theirs = _sides(operand.of.hard, operand.of.soft)
        above |= ours if sign > 0 else theirs
        below |= theirs if sign > 0 else ours
    return above & below != 0


@cache
def _sides(hard: int, soft: int) -> tuple[int, int]:
    """Return what stands above and below in a unit, a bit for each dimension."""
    powers = [*unpacked(hard).items(), *unpacked(soft).items()]
    above, below = ({name for name, power in powers if power * way > 0} for way in (1, -1))
    return sum(1 << _PLACES[name] for name in above), sum(1 << _PLACES[name] for name in below)


def _span(name: str, sign: int, months: int) -> tuple[str, float, int]:
    """Return a span of time as a factor, its logarithm, and the months it adds."""
    if not name:
        return "", 0.0, 0
    _, seconds, text = _SPANS[name]
    if months == -sign and name in ("month", "year"):
        text, seconds = ("1 month", MONTH) if name == "month" else ("12 month", 12 * MONTH)
    return f" {'*/'[sign < 0]} {text}", sign * math.log(seconds), sign * text.endswith("month")


def _months(months: int, years: int) -> Iterator[tuple[str, float, float]]:
    """Yield what turns months into days: a factor, its logarithm over that of 30 days, and its cost."""
    if not months:
        yield "", 0.0, 0.0
    elif years == -months:
        yield "", months * math.log(365 / 360), 0.0
    elif abs(months) == 1:
        yield f" {'*/'[months < 0]} 30 day/month", 0.0, 0.3
        yield f" {'*/'[months < 0]} 730 hour/month", months * math.log(730 / 720), 1.0
