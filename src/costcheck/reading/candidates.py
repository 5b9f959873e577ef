"""The sums that could give a figure: products, quotients, totals and shares of others whose units fit."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from costcheck.claims.printed import Figure
from costcheck.data import tables
from costcheck.reading.documents import Document
from costcheck.reading.figures import Quantity
from costcheck.units import notation

MONTH = 30 * 86_400
"""Seconds in a month, where a sum does not say otherwise."""
LONG_MONTH = 730 / 720
"""A twelfth of a year over a month of 30 days."""
MOST_FIGURES = 20
MOST_IN_FOUR = 10
"""Operands near enough to be one of four."""
MOST_CANDIDATES = 200
_BITS = 8


@dataclass(frozen=True)
class Signature:
    """What a unit measures: ``hard`` dimensions have to fit, ``soft`` ones words often leave out.

    Both are packed into an integer, so that units multiply by an addition. A month counts as time.
    """

    hard: int = 0
    soft: int = 0
    log: float = 0.0
    months: int = 0
    years: int = 0


_PLACES: dict[str, int] = {"time": 0}
TIME = 1
_SOFT = {"GPU", "TPU", "NPU", "CPU", *notation.NOUNS}


def _packed(name: str) -> int:
    return 1 << (_BITS * _PLACES.setdefault(name, len(_PLACES)))


@cache
def signature(unit: str | None) -> Signature:
    """Return what a unit measures.

    >>> signature("USD/GPU-hour").hard == signature("USD/day").hard, signature(None) == signature("1")
    (True, True)
    """
    parsed = notation.parse(unit or "1")
    hard = soft = 0
    parts = dict(parsed.parts)
    for name, power in parsed.dimensions:
        if name in ("second", "month"):
            hard += TIME * power
        elif name in _SOFT:
            soft += _packed(name) * power
        else:
            hard += _packed(name) * power
    months = dict(parsed.dimensions).get("month", 0)
    return Signature(
        hard, soft, math.log(parsed.scale) + months * math.log(MONTH), months, parts.get("year", 0)
    )


@cache
def nouns(soft: int) -> tuple[tuple[str, int], ...]:
    """Return what a packed number of things counted stands for, by power."""
    names, found = {place: name for name, place in _PLACES.items()}, []
    for place in range(len(_PLACES)):
        power = soft & ((1 << _BITS) - 1)
        power -= (power >> (_BITS - 1)) << _BITS
        soft = (soft - power) >> _BITS
        if power:
            found.append((names[place], power))
    return tuple(found)


@dataclass(frozen=True)
class Operand:
    """A number that sums are made of: a figure, one end of a range, a share added to 1, or what is known."""

    text: str
    of: Signature
    value: float
    figure: int = -1
    spread: float = 0.0
    """Half of what rounding leaves open, as a share of the value."""
    extra: float = 0.0
    """What its use costs, besides its distance."""
    is_bare: bool = False
    is_share: bool = False
    end: int = 0
    """-1 and 1 for the lower and upper end of a range."""
    shift: int = 0
    """1 for 1 + a share, -1 for 1 - a share."""

    @property
    def log(self) -> float:
        """The logarithm of its value in base units."""
        return math.log(self.value) + self.of.log


@dataclass(frozen=True)
class Candidate:
    """A product of operands to the power 1 or -1, or with ``is_sum`` a sum of them with these signs."""

    terms: tuple[tuple[Operand, int], ...]
    cost: float
    constant: str = ""
    log: float = 0.0
    is_sum: bool = False
    percent: bool = False
    """A sum over its last operand: a change as a share of what it was."""

    @property
    def figures(self) -> tuple[int, ...]:
        """The figures in it."""
        return tuple(dict.fromkeys(operand.figure for operand, _ in self.terms if operand.figure >= 0))


def operands_of(index: int, figure: Figure) -> list[Operand]:
    """Return what a figure can stand for in a sum."""
    unit, value = figure.unit, figure.value
    if not (math.isfinite(value) and value > 0):
        return []
    of, is_bare = signature(unit), unit is None
    name = f"f{index}"
    spread = figure.place / 2 / value
    if figure.high is not None:
        ends = ((value, -1, 0.3), (figure.high, 1, 0.3), ((value + figure.high) / 2, 0, 1.5))
        texts = [literal(end, unit) for end, *_ in ends[:2]]
        texts.append(f"(({texts[0]} + {texts[1]}) / 2)")
        return [
            Operand(text, of, end, index, extra=extra, is_bare=is_bare, end=side)
            for text, (end, side, extra) in zip(texts, ends, strict=True)
        ]
    made = [Operand(name, of, value, index, spread, is_bare=is_bare, is_share=unit == "percent")]
    if unit == "percent" and value < 100:
        plain = signature("1")
        made += [
            Operand(
                f"(1 + {name})", plain, 1 + value / 100, index, spread * value / (100 + value), 1.2, shift=1
            ),
            Operand(
                f"(1 - {name})", plain, 1 - value / 100, index, spread * value / (100 - value), 1.5, shift=-1
            ),
        ]
    return made


def literal(value: float, unit: str | None) -> str:
    """Write a quantity in the language of claims."""
    number = f"{value:.12g}".replace("e+", "e")
    return number if unit in (None, "1") else f"{number} {unit}"


def known(document: Document, figures: Sequence[Quantity]) -> list[Operand]:
    """Return the numbers that the text does not print but names: a GPU's peak, a model's size, a rate."""
    text, units = document.text, {quantity.figure.unit or "" for quantity in figures}
    found: list[Operand] = []

    def add(sum_: str, value: float, unit: str, extra: float) -> None:
        found.append(Operand(sum_, signature(unit), value, extra=extra))

    is_compute = any("FLOP" in unit for unit in units)
    is_size = is_compute or any(signature(unit).hard == signature("byte").hard for unit in units)
    if is_compute or re.search("MFU|HFU|FLOP", text):
        add("6 FLOP/parameter/token", 6, "FLOP/parameter/token", 1.0)
        add("2 FLOP/parameter/token", 2, "FLOP/parameter/token", 2.0)
        for row in _gpus_in(text):
            if row["bf16_dense_tflops"]:
                cell = f'gpus["{row["gpu"]}"].bf16_dense_tflops'
                add(f"({cell} / 1 GPU)", float(row["bf16_dense_tflops"]), "TFLOP/s/GPU", 2.0)
    if any(signature(unit).hard in (signature("W").hard, signature("J").hard) for unit in units):
        for row in _gpus_in(text):
            add(f'(gpus["{row["gpu"]}"].tdp_w / 1 GPU)', float(row["tdp_w"]), "W/GPU", 2.5)
    if is_size:
        for size in dict.fromkeys(re.findall(r"(?<![\w.$])(\d+(?:\.\d+)?)B\b(?! tok)", text)):
            add(f"{size}e9 parameter", float(size) * 1e9, "parameter", 1.5)
        for bytes_, names in (
            (2, "bf16|fp16|float16|16[- ]bit"),
            (1, "fp8|int8|8[- ]bit"),
            (0.5, "int4|4[- ]bit|4 ?比特|4 ?ビット"),
            (4, "fp32|float32|32[- ]bit"),
        ):
            if re.search(names, text, re.IGNORECASE):
                add(f"{bytes_:g} byte/parameter", bytes_, "byte/parameter", 1.0)
    currencies = {unit.split("/")[0].split("-")[0] for unit in units} & {*notation.CURRENCIES}
    for other in ("CNY", "JPY"):
        if {"USD", other} <= currencies:
            add(f"prices.usd_{other.lower()}", _rates(document)[f"{other}/USD"], f"{other}/USD", 0.7)
    return found


def _gpus_in(text: str) -> Iterator[dict[str, str]]:
    seen = set()
    for row in tables.rows("gpus"):
        name = re.search(r"[A-Z]+\d+\w*|\d{4}", row["gpu"])
        if name and name[0] not in seen and re.search(rf"(?<![A-Za-z0-9]){name[0]}(?![0-9])", text):
            seen.add(name[0])
            yield row


def date_of(text: str) -> str | None:
    """Return the first day that a text names, as an ISO date.

    >>> date_of("posted 23 July 2020"), date_of("更新于 2023年9月6日"), date_of("no day")
    ('2020-07-23', '2023-09-06', None)
    """
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    month = rf"(?P<m>(?i:{'|'.join(months)})[a-z]*\.?)"
    patterns = (
        r"(?P<y>20\d\d) ?[-./年] ?(?P<m>\d{1,2}) ?[-./月] ?(?P<d>\d{1,2})(?!\d)",
        rf"(?P<d>\d{{1,2}}) {month},? (?P<y>20\d\d)",
        rf"{month} (?P<d>\d{{1,2}}),? (?P<y>20\d\d)",
    )
    found = [match for pattern in patterns if (match := re.search(pattern, text))]
    if not found:
        return None
    first = min(found, key=lambda match: match.start())
    number = first["m"] if first["m"].isdecimal() else months.index(first["m"][:3].lower()) + 1
    day = f"{first['y']}-{int(number):02}-{int(first['d']):02}"
    return day if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", day) else None


@cache
def _rates_on(date: str | None) -> dict[str, float]:
    from costcheck.claims.article import Article
    from costcheck.claims.verdict import prices_of_its_day

    book = prices_of_its_day(
        Article(article="text", title="", language="en", date=date or "unknown", claims=[])
    )
    return {"CNY/USD": book["usd_cny"], "JPY/USD": book["usd_jpy"]}


def _rates(document: Document) -> dict[str, float]:
    return _rates_on(date_of(document.text))


rates = _rates
_SPANS = {
    "hour": (r"\bhour|\bhr\b|小时|小時|時間", 3600),
    "day": (r"\bday|\bdaily\b|[每一1毎]天|[1毎一每]日|1日", 86_400),
    "month": (r"\bmonth|[个個かヶカヵ]月|月[付额額租]|毎月|每月|月に|月あたり", MONTH),
    "year": (r"\byear|\bannual|[一1每毎]年|年[间間额額度]|/年|年あたり", 365 * 86_400),
}  # fmt: skip


@cache
def spans_in(words: str) -> dict[str, float]:
    """Return the spans of time that words name, with what the use of each costs.

    >>> sorted(spans_in("A reserved month is billed"))
    ['month']
    """
    return {name: 1.0 for name, (pattern, _) in _SPANS.items() if re.search(pattern, words.lower())}


@dataclass(frozen=True)
class Use:
    """An operand at its place: what its use costs, and what more if it comes after the figure."""

    operand: Operand
    cost: float
    late: float = 0.0
    is_rounder: bool = False
    """Whether it has fewer digits than the figure, which then is no conversion of it."""


def products(
    target: Signature, uses: Sequence[Use], is_bare: bool, spans: dict[str, float], dearest: float
) -> Iterator[Candidate]:
    """Yield the products of up to four operands that measure what the target does, up to a cost.

    ``uses`` come with the cheapest first. Pairs are looked up by what they measure, so that the work grows
    with the square of their number, which is bounded.
    """
    signed = [(use.operand.of.hard * s, i, s) for i, use in enumerate(uses) for s in (1, -1)]
    costs, late = [use.cost for use in uses], [use.late for use in uses]
    owners = [use.operand.figure if use.operand.figure >= 0 else -1 - i for i, use in enumerate(uses)]
    pairs: dict[int, list[tuple[float, float, int, int, int, int]]] = {}
    for place, (hard, i, s) in enumerate(signed):
        for other, j, z in signed[place + 1 :]:
            cost, more = costs[i] + costs[j], max(late[i], late[j])
            if owners[i] != owners[j] and cost + more < dearest:
                pairs.setdefault(hard + other, []).append((cost, more, i, s, j, z))
    found: list[tuple[float, int, tuple[tuple[int, int], ...]]] = []
    for gap in (0, *((TIME, -TIME) if spans else ())):
        wanted = target.hard - gap
        for hard, i, s in signed:
            if hard == wanted and costs[i] + late[i] < dearest:
                found.append((costs[i] + late[i], gap, ((i, s),)))
            for cost, more, j, z, k, y in pairs.get(wanted - hard, ()):
                whole = cost + costs[i] + max(more, late[i])
                if i < j and whole < dearest and owners[i] != owners[j] and owners[i] != owners[k]:
                    found.append((whole, gap, ((i, s), (j, z), (k, y))))
        found += [(cost + more, gap, ((i, s), (j, z))) for cost, more, i, s, j, z in pairs.get(wanted, ())]
    for hard, few in pairs.items():
        for cost, more, i, s, j, z in few:
            for extra, later, k, y, m, x in pairs.get(target.hard - hard, ()) if j < MOST_IN_FOUR else ():
                whole = cost + extra + max(more, later)
                is_new = j < k and len({owners[i], owners[j], owners[k], owners[m]}) == 4
                if is_new and m < MOST_IN_FOUR and whole < dearest:
                    found.append((whole, 0, ((i, s), (j, z), (k, y), (m, x))))
    found.sort()
    for cost, gap, terms in found[:MOST_CANDIDATES]:
        yield from made(target, uses, terms, gap, is_bare, spans, cost)


def chains(
    target: Signature, uses: Sequence[Use], is_bare: bool, spans: dict[str, float]
) -> Iterator[Candidate]:
    """Yield the products of all figures in a row, as of a list of steps; ``uses`` are next first."""
    for first in range(min(3, len(uses))):
        for size in range(4, min(6, len(uses) - first) + 1):
            run = uses[first : first + size]
            for signs in _SIGNS[size]:
                hard = sum(use.operand.of.hard * s for use, s in zip(run, signs, strict=True))
                for gap in (0, *((TIME, -TIME) if spans else ())):
                    if hard == target.hard - gap:
                        terms = tuple(enumerate(signs, first))
                        price = sum(use.cost for use in run) + max(use.late for use in run) - 0.25 * size
                        yield from made(target, uses, terms, gap, is_bare, spans, price)


_SIGNS = {
    size: [(1,) * size, *((1,) * i + (-1,) + (1,) * (size - i - 1) for i in range(size))]
    for size in range(4, 7)
}
"""All operands of a chain multiply but for one at most."""


def made(
    target: Signature,
    uses: Sequence[Use],
    terms: Sequence[tuple[int, int]],
    gap: int,
    is_bare: bool,
    spans: dict[str, float],
    cost: float,
) -> Iterator[Candidate]:
    """Make a product; what its units lack, and constants that are not printed, cost something."""
    chosen = tuple((uses[i].operand, s) for i, s in terms)
    if all(s < 0 for _, s in chosen) or all(o.figure < 0 for o, _ in chosen):
        return
    if len(chosen) == 1 and not gap and chosen[0][0].of == target:
        return
    soft = sum(o.of.soft * s for o, s in chosen) - target.soft
    wild = is_bare + sum(o.is_bare for o, _ in chosen)
    differing = len(nouns(soft))
    cost += 0.8 * max(0, differing - wild) + 0.3 * min(differing, wild)
    cost += sum(0.4 if o.is_share else 0.8 for o, _ in chosen if not (o.of.hard or o.of.soft))
    if _is_roundabout(chosen):
        cost += 1.0 if len(chosen) == 3 else 1.5
    elif len(chosen) > 1 and cancelled(tuple((o.of, s) for o, s in chosen)):
        cost -= 0.5 if differing else 1.0
    cost += 0.3 * sum(s < 0 for _, s in chosen)
    if len(chosen) == 1 and not gap and uses[terms[0][0]].is_rounder:
        cost += 2.0
    months = sum(o.of.months * s for o, s in chosen) - target.months
    years = sum(o.of.years * s for o, s in chosen) - target.years
    if gap:
        for name, more in spans.items():
            text, log, extra = _span(name, gap, months)
            for constant, shift, rest in _months(months + extra, years):
                yield Candidate(chosen, cost + more + rest, f"{text}{constant}", gap * log + shift)
    else:
        for constant, shift, rest in _months(months, years):
            yield Candidate(chosen, cost + rest, constant, shift)


def _is_roundabout(terms: Sequence[tuple[Operand, int]]) -> bool:
    """Say whether some of the operands cancel among themselves: a * b / c, with b as c."""
    hard = [o.of.hard * s for o, s in terms if o.of.hard]
    return len(terms) > 2 and any(
        not sum(some)
        for size in range(2, min(len(hard) + 1, len(terms)))
        for some in itertools.combinations(hard, size)
    )


@cache
def cancelled(terms: tuple[tuple[Signature, int], ...]) -> int:
    """Return how many kinds of thing cancel in a product: in dollars a GPU times GPUs one."""
    above, below = set[str](), set[str]()
    for of, sign in terms:
        for name, power in (*nouns(of.hard), *nouns(of.soft)):
            (above if power * sign > 0 else below).add(name)
    return len(above & below)


def _span(name: str, sign: int, months: int) -> tuple[str, float, int]:
    """Return a span of time as a factor, its logarithm, and the months it adds."""
    operator = "*/"[sign < 0]
    if name == "month" and months == -sign:
        return f" {operator} 1 month", math.log(MONTH), sign
    if name == "year" and months == -sign:
        return f" {operator} 12 month", math.log(12 * MONTH), sign
    text = {"hour": "1 hour", "day": "24 hour", "month": "30 day", "year": "365 day"}[name]
    return f" {operator} {text}", math.log(_SPANS[name][1]), 0


def _months(months: int, years: int) -> Iterator[tuple[str, float, float]]:
    """Yield what turns months into days: a factor, its logarithm over that of 30 days, and its cost."""
    if not months:
        yield "", 0.0, 0.0
    elif years == -months:
        yield "", months * math.log(365 / 360), 0.0
    elif abs(months) == 1:
        operator = "*/"[months < 0]
        yield f" {operator} 30 day/month", 0.0, 0.3
        yield f" {operator} 730 hour/month", months * math.log(LONG_MONTH), 1.0


def totals(uses: Sequence[Use], in_column: Sequence[Operand], has_word: bool) -> Iterator[Candidate]:
    """Yield sums and differences of like figures; ``uses`` measure what the target does."""
    near = [(use.operand, use.cost + use.late) for use in uses if not (use.operand.end or use.operand.shift)][
        :7
    ]
    for place, (o, cost) in enumerate(near):
        for other, more in near[place + 1 :]:
            both = cost + more
            yield Candidate(((o, 1), (other, 1)), both + (0.3 if has_word else 1.6), is_sum=True)
            yield Candidate(((o, 1), (other, -1)), both + 1.6, is_sum=True)
            yield Candidate(((other, 1), (o, -1)), both + 1.6, is_sum=True)
    for run, price in ((in_column, 0.5), ([o for o, _ in near if o.figure >= 0], 2.0)):
        for size in range(3 if run is not in_column else 2, len(run) + 1):
            yield Candidate(
                tuple((o, 1) for o in run[:size]), price + 0.4 * size + (0 if has_word else 1.5), is_sum=True
            )


def changes(uses: Sequence[Use]) -> Iterator[Candidate]:
    """Yield the relative changes between like figures: (a - b) / b."""
    pairs = [(use.operand, use.cost + use.late) for use in uses if not (use.operand.end or use.operand.shift)]
    for place, (o, cost) in enumerate(pairs):
        for other, more in pairs[place + 1 :]:
            if o.of.hard == other.of.hard and o.of.hard and o.figure != other.figure:
                for a, b in ((o, other), (other, o)):
                    yield Candidate(((a, 1), (b, -1)), cost + more + 2.0, is_sum=True, percent=True)


def logarithm(candidate: Candidate, logs: Sequence[float]) -> float:
    """Return the logarithm of a candidate in base units, where the figures have these logarithms."""
    if not candidate.is_sum:
        total = candidate.log
        for operand, sign in candidate.terms:
            total += sign * _log(operand, logs)
        return total
    amount = sum(sign * math.exp(_log(operand, logs)) for operand, sign in candidate.terms)
    if amount <= 0:
        return -math.inf
    return math.log(amount) - (_log(candidate.terms[-1][0], logs) if candidate.percent else 0)


def _log(operand: Operand, logs: Sequence[float]) -> float:
    if operand.figure < 0:
        return operand.log
    moved = logs[operand.figure]  # by how much the figure was changed
    if operand.shift and moved:
        share = abs(operand.value - 1) * math.exp(moved)
        return math.log(1 + share) if operand.shift > 0 else math.log(max(1e-9, 1 - share))
    return operand.log + moved


def ordered(candidate: Candidate) -> Candidate:
    """Return a candidate with what multiplies before what divides, each in the order of the text."""
    if candidate.percent:
        return candidate
    terms = sorted(candidate.terms, key=lambda term: (term[1] < 0, term[0].figure < 0, term[0].figure))
    return replace(candidate, terms=tuple(terms))


def text_of(candidate: Candidate) -> str:
    """Write a candidate in the language of claims."""
    first, *rest = ordered(candidate).terms
    plus, minus = (" + ", " - ") if candidate.is_sum else (" * ", " / ")
    text = first[0].text
    for operand, sign in rest:
        text += (plus if sign > 0 else minus) + operand.text
    return f"({text}) / {candidate.terms[-1][0].text}" if candidate.percent else text + candidate.constant
