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
    """What one price does to a claim, all others as they are."""

    claim: Moving
    range: Range
    at_low: Answer
    at_high: Answer

    @property
    def unit(self) -> str:
        """The price's unit."""
        return self.range.described.unit

    @property
    def holds_at_low(self) -> bool:
        """Whether the printed figure holds at the low."""
        return self.claim.side(self.at_low) == 0

    @property
    def holds_at_high(self) -> bool:
        """Whether the printed figure holds at the high."""
        return self.claim.side(self.at_high) == 0

    @cached_property
    def flips(self) -> tuple[float | None, float | None]:
        """The nearest prices below and above the present one at which the verdict flips; see `flips`."""
        return flips(self.claim, self.range.key)

    @property
    def swing(self) -> float:
        """How far the result moves between low and high [the claim's unit]."""
        return abs(float(self.at_high) - float(self.at_low))


def tornado(claim: Moving, ranges: Mapping[str, Range]) -> list[Swing]:
    """Move each price of a claim from its low to its high, all others as they are; the largest swing first.

    The GPU's price moves the entry ticket most: 43,000 * 23,000 to 43,000 * 41,217.

    >>> from costcheck.sensitivity import find, moving, ranges
    >>> ticket = find("Z51", moving())
    >>> first, second = tornado(ticket, ranges([ticket]))
    >>> first.range.key, first.at_low, first.at_high
    ('h100_usd', 989000000.0, 1772331000.0)
    >>> [round(price, 2) for price in first.flips]
    [38372.09, 40697.67]
    """
    swings = [
        Swing(claim, ranges[key], claim.at(**{key: ranges[key].low}), claim.at(**{key: ranges[key].high}))
        for key in claim.keys
    ]
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


def said(swing: Swing) -> str:
    """Say between what prices a figure holds, all else as it is.

    >>> from costcheck.sensitivity import find, moving, ranges
    >>> ticket = find("J37", moving())
    >>> said(tornado(ticket, ranges([ticket]))[0])
    'would begin to hold at h100_usd = 383,720.9 USD/GPU'
    """
    unit = "" if swing.unit == "1" else f" {swing.unit}"
    key, (below, above) = swing.range.key, swing.flips
    if swing.claim.holds():
        if below is None and above is None:
            bounds = swing.range.described
            return f"holds at every {key} allowed, {plain(bounds.minimum)} to {plain(bounds.maximum)}{unit}"
        if above is None:
            return f"holds from {key} = {plain(below)}{unit} on"
        if below is None:
            return f"holds up to {key} = {plain(above)}{unit}"
        return f"holds from {key} = {plain(below)} to {plain(above)}{unit}"
    prices = [f"{key} = {plain(price)}{unit}" for price in (below, above) if price is not None]
    return f"would begin to hold at {' or '.join(prices)}" if prices else f"holds at no {key} allowed"


def plain(price: float | None) -> str:
    """Write a price with seven figures that count, and no exponent where it is large.

    >>> plain(38372.0930233), plain(30_840_000.0), plain(0.74609375), plain(None)
    ('38,372.09', '30,840,000', '0.7460938', '')
    """
    if price is None:
        return ""
    return f"{price:,.0f}" if abs(price) >= 1e6 else f"{price:,.7g}"
