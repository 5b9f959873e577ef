"""How likely a sum is the one a figure comes from: by place and words first, by value then.

A score is the logarithm of odds. Every operand costs the logarithm of how many of its kind are nearer, and of
its distance; a unit that does not quite fit, a constant that is not printed, and an order against the text's
cost more. A value that agrees speaks for a sum the more, the more digits it has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from costcheck.claims.printed import Figure, Hedge, band
from costcheck.reading.figures import Quantity

BASE = -0.5
"""The odds that a figure follows from others at all."""
BEFORE, BEHIND = 40, 12
"""How many figures before and behind one are looked at."""
DECADES = 2 * math.log(10)
"""How far the value of a wrong sum may be from the figure."""
SLIP = math.log(0.02)
NEAR_MISS = math.log(0.1 * DECADES / 0.5)
MISS = math.log(0.03)
_SLIPS = [(s * math.log(by), 0.5 * (by > 1000)) for by in (10, 100, 1000, 1e4, 1e6) for s in (1, -1)]

_RESULT = re.compile(
    r"=|≈|→|\b(?:so|thus|hence|therefore|mak(?:es|ing)|giv(?:es|ing)|c(?:ome|omes|ame|oming)"
    r"|works? out|adds? up|total|altogether|together|i\.e\.|call it|or|leaves|equals|implies|means|needs?"
    r"|that is|tak(?:es|ing)|bill(?:ed)?|invoice|cost|which is|reach|sum)\b"
    r"|即|共|合计|总计|等于|相当于|也就是|折合|折算|换算|算下来|需要|就要|要|达|结论|一年下来|花费|支出|总价|那么"
    r"|つまり|合計|計|すなわち|相当|総|費用|すると|すれば|なので|達|必要|賃料|月額|年額|換算",
    re.IGNORECASE,
)
_RESULT_BEHIND = re.compile(
    r"[^。.;；\n]{0,8}?(?:in total|altogether|together|になり|になる|となる|となり|に達し|に相当|かかる"
    r"|必要)",
    re.IGNORECASE,
)
_INPUT = re.compile(
    r"\b(?:at|with|each|per|if|assum\w+|suppos\w+|priced?|list\w*)\b"
    r"(?: (?:about|around|today's|an?|the))?\W*$|每[^，。]{0,6}$|单价|定价|按|假设|如果|仮に|あたり|単価",
    re.IGNORECASE,
)
TOTAL = re.compile(
    r"\b(?:totals?|sum|altogether|together|combined|plus|and|in all)\b|合计|总计|共|合計|計|総", re.IGNORECASE
)


def odds_of(target: Quantity, text: str) -> float:
    """Return the odds that a figure is a result, by the words about it."""
    begin = max(0, target.start - 40)
    words = re.split(r"[。;；\n]|\. ", text[begin : target.start])[-1]
    odds = BASE
    # the words since the figure before
    near = re.split(r"\d", words)[-1] + text[target.start : target.end].rstrip()
    if _RESULT.search(near) or TOTAL.search(target.row):
        odds += 1.2
    elif _RESULT_BEHIND.match(text, target.end):
        odds += 1.0
    if _INPUT.search(words):
        odds -= 0.5
    if target.figure.hedge is not Hedge.EXACT:
        odds += 0.3
    return odds


def near(figures: Sequence[Quantity], at: int, kinds: Sequence[int]) -> list[tuple[int, float, float]]:
    """Return the figures about one, with what the use of each costs and what more as it comes later."""
    target, found = figures[at], []
    seen: set[tuple[float, float | None, str | None]] = {_same(target.figure)}
    ranks: dict[int, int] = {}
    order = sorted(
        (i for i in range(max(0, at - BEFORE), min(len(figures), at + BEHIND + 1)) if i != at),
        key=lambda i: (abs(i - at) + (1.5 if i > at else 0), i),
    )
    for i in order:
        other = figures[i]
        if (same := _same(other.figure)) in seen:
            continue
        seen.add(same)
        rank = ranks.get(kinds[i], 0)
        ranks[kinds[i]] = rank + 1
        cost = 0.5 + 0.7 * math.log1p(rank) + 0.3 * math.log1p(abs(i - at) - 1)
        is_together = other.sentence == target.sentence
        cost += 0.3 * math.log1p(abs(other.line - target.line)) - 0.3 * is_together
        late = 0.0 if i < at else 1.2 if is_together else 2.0
        found.append((i, cost, late))
    return sorted(found, key=lambda use: use[1] + use[2])


def _same(figure: Figure) -> tuple[float, float | None, str | None]:
    return figure.value, figure.high, figure.unit


@cache
def digits(value: float) -> int:
    """Return how many digits of a number say something.

    >>> digits(43_000), digits(2_451_526.58), digits(0.52)
    (2, 9, 2)
    """
    return len(f"{value:.12e}".partition("e")[0].replace(".", "").rstrip("0")) or 1


def reach(figure: Figure, value: float) -> tuple[float, float]:
    """Return by what factors, as logarithms, a sum may differ from a figure for it to hold."""
    allowed = band(figure)
    low = math.log(allowed.low / value) if allowed.low > 0 else -0.2
    high = math.log(allowed.high / value) if 0 < allowed.high < math.inf else 0.2
    return max(low, -0.7), min(high, 0.7)


def evidence(
    ratio: float, limits: tuple[float, float], spread: float, figure: Figure, more: Sequence[float]
) -> tuple[float, str]:
    """Return how much the value of a sum, over the figure's as a logarithm, speaks for it, and as what.

    What: holds, rounding (it would with other values behind the rounded inputs), slip (of a power of ten, or
    one of ``more`` factors, as logarithms), near, or miss. That round numbers meet says less.
    """
    low, high = limits
    slack = 1e-9
    width = max(high - low, 0.005)
    round_ = max(width, 2.3 / (9 * 10.0 ** (min(digits(figure.value), 4) - 1)))
    if low - slack <= ratio <= high + slack:
        return math.log(DECADES / (round_ if abs(ratio) < slack else width)), "holds"
    if low - spread - slack <= ratio <= high + spread + slack:
        return math.log(DECADES / (width + 2 * spread)) - 0.7, "rounding"
    for size, dear in _SLIPS:
        if low - spread - 0.02 <= size + ratio <= high + spread + 0.02:
            is_exact = low - spread <= ratio + size <= high + spread
            wide = (round_ if abs(ratio + size) < slack else width) + 2 * spread + 0.04 * (not is_exact)
            return math.log(DECADES / wide) + SLIP - dear, "slip"
    for factor in more:
        if low - spread - 0.03 <= ratio - factor <= high + spread + 0.03:
            return math.log(DECADES / (width + 2 * spread + 0.06)) + SLIP, "slip"
    if abs(ratio) < 0.25:
        return NEAR_MISS, "near"
    return MISS, "miss"


def most(figure: Figure) -> float:
    """Return what the value of a sum can speak for it at the most."""
    low, high = reach(replace(figure, high=None), figure.value)
    return math.log(DECADES / max(high - low, 0.005))
