"""One price at a time: from its low to its high, and to where the verdict flips."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from costcheck.claims.evaluation import Answer
from costcheck.sensitivity.program import Moving, last
from costcheck.sensitivity.ranges import Range

STEPS = 256
"""Steps from a price to its bound in which a verdict may flip and flip back unseen."""


@dataclass(frozen=True)
class Swing:
    """What a price does to a claim, all others as they are, and whether the figure holds at its low and high.

    ``swing`` is how far the result moves between the two [the claim's unit].
    """

    claim: Moving
    range: Range
    unit: str
    at_low: Answer
    at_high: Answer
    holds_at_low: bool
    holds_at_high: bool
    swing: float

    @cached_property
    def flips(self) -> tuple[float | None, float | None]:
        """The nearest prices below and above the present one at which the verdict flips; see `flips`."""
        return flips(self.claim, self.range.key)


def tornado(claim: Moving, ranges: Mapping[str, Range]) -> list[Swing]:
    """Move each price of a claim from its low to its high, all else as it is; the largest swing first."""
    swings = []
    for key in claim.keys:
        drawn = ranges[key]
        ends = claim.at(**{key: drawn.low}), claim.at(**{key: drawn.high})
        low_holds, high_holds = (claim.side(end) == 0 for end in ends)
        length = abs(float(ends[1]) - float(ends[0]))
        swings.append(Swing(claim, drawn, drawn.described.unit, *ends, low_holds, high_holds, length))
    return sorted(swings, key=lambda swing: (-swing.swing, not swing.range.varies))


def flips(claim: Moving, key: str) -> tuple[float | None, float | None]:
    """Find the nearest prices below and above the present one at which the verdict flips.

    Each is on the side that holds, ``None`` where the verdict flips nowhere within the key's bounds. The
    verdict itself is followed outward in steps and, where it changes, the way is halved to the last bit. A
    formula that neither rises nor falls throughout may flip and flip back within a step unseen.

    >>> from costcheck.sensitivity import find, moving
    >>> [round(price, 2) for price in flips(find("Z51", moving()), "h100_usd")]
    [38372.09, 40697.67]
    """
    described = claim.prices.keys_known[key]
    return _flip(claim, key, described.minimum), _flip(claim, key, described.maximum)


def _flip(claim: Moving, key: str, bound: float) -> float | None:
    def side(price: float) -> int | None:
        try:
            return claim.side(claim.at(**{key: price}))
        except (ValueError, ArithmeticError):
            return None  # the formula refuses it: no verdict there

    price: float = claim.prices[key]
    now = side(price)
    for ahead in _outward(price, bound):
        there = side(ahead)
        while there is not None and there != now:
            same, other = last(lambda at, now=now: side(at) == now, price, ahead)  # type: ignore[misc]
            if now == 0:
                return same
            # a formula with steps may leap over all that would hold: go on from where it came down
            price, now = other, side(other)
            if now == 0:
                return other
        if there is not None:
            price = ahead
    return None


def _outward(price: float, bound: float) -> list[float]:
    """Return prices on the way to a bound, the bound last: by factors where both are positive."""
    shares = [step / STEPS for step in range(1, STEPS)]
    if min(price, bound) > 0:
        way = [price * math.exp(share * math.log(bound / price)) for share in shares]
    else:
        way = [price + share * (bound - price) for share in shares]
    return [*way, bound] if bound != price else []


def in_words(swing: Swing) -> str:
    """Describe between what prices a figure holds, all else as it is."""
    unit = "" if swing.unit == "1" else f" {swing.unit}"
    key, (below, above) = swing.range.key, swing.flips
    if not swing.claim.holds():
        prices = [f"{key} = {plain(price)}{unit}" for price in (below, above) if price is not None]
        return f"would begin to hold at {' or '.join(prices)}" if prices else f"holds at no {key} allowed"
    if below is None and above is None:
        bounds = swing.range.described
        return f"holds at every {key} allowed, {plain(bounds.minimum)} to {plain(bounds.maximum)}{unit}"
    if below is None:
        return f"holds up to {key} = {plain(above)}{unit}"
    end = f" to {plain(above)}{unit}" if above is not None else f"{unit} on"
    return f"holds from {key} = {plain(below)}{end}"


def plain(price: float | None) -> str:
    """Write a price with seven figures that count, and no exponent where it is large.

    >>> plain(38372.0930233), plain(30_840_000.0), plain(0.74609375), plain(None)
    ('38,372.09', '30,840,000', '0.7460938', '')
    """
    if price is None:
        return ""
    return f"{price:,.0f}" if abs(price) >= 1e6 else f"{price:,.7g}"
