"""One price at a time: from its low to its high, and to where the verdict flips."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from costcheck.claims.verdicts import Answer
from costcheck.prices import price_keys
from costcheck.sensitivity.program import Moving, last
from costcheck.sensitivity.ranges import Range

STEPS = 256
"""Steps from a price to its bound in which a verdict may flip and flip back unseen."""


@dataclass(frozen=True)
class Swing:
    """What one price does to a claim, all others as they are."""

    range: Range
    unit: str
    at_low: Answer
    at_high: Answer
    holds_at_low: bool
    holds_at_high: bool
    below: float | None
    """The nearest price below the present one at which the verdict flips; none within the key's bounds.

    It is on the side that holds: the last price at which the figure holds, or the first at which it would.
    """
    above: float | None
    """The same above the present price."""

    @property
    def swing(self) -> float:
        """How far the result moves between low and high [the claim's unit]."""
        return abs(float(self.at_high) - float(self.at_low))


def tornado(one: Moving, ranges: Mapping[str, Range]) -> list[Swing]:
    """Move each price of a claim from its low to its high, all others as they are.

    Args:
        one: The claim.
        ranges: A range for each price that moves it.

    Returns:
        A swing a price, the largest first.

    Raises:
        FormulaError: The formula refuses a low or high.

    The GPU's price moves the entry ticket most: 43,000 * 23,000 to 43,000 * 41,217.

    >>> from costcheck.sensitivity import find, moving, ranges
    >>> ticket = find("Z51", moving())
    >>> first, second = tornado(ticket, ranges(ticket.keys, ticket.prices))
    >>> first.range.key, first.at_low, first.at_high
    ('h100_usd', 989000000.0, 1772331000.0)
    >>> round(first.below, 2), round(first.above, 2)
    (38372.09, 40697.67)
    """
    swings = []
    for key in one.keys:
        found = ranges[key]
        at_low, at_high = one.at(**{key: found.low}), one.at(**{key: found.high})
        below, above = flips(one, key)
        swings.append(
            Swing(
                found,
                price_keys()[key].unit,
                at_low,
                at_high,
                one.side(at_low) == 0,
                one.side(at_high) == 0,
                below,
                above,
            )
        )
    return sorted(swings, key=lambda swing: -swing.swing)


def flips(one: Moving, key: str) -> tuple[float | None, float | None]:
    """Find the nearest prices below and above the present one at which the verdict flips.

    The verdict itself is followed outward to the key's bounds in steps and, where it changes, the way is
    halved to the last bit: so a figure that is yes or no, and a formula with steps, need nothing of
    their own. A formula that neither rises nor falls throughout may flip and flip back within a step unseen.

    Args:
        one: The claim.
        key: One of its prices.

    Returns:
        Below and above, each on the side that holds, ``None`` where it flips nowhere within the bounds.

    17亿 is 1.65 to 1.75 billion: 1.65e9 / 43,000 and 1.75e9 / 43,000.

    >>> from costcheck.sensitivity import find, moving
    >>> [round(price, 2) for price in flips(find("Z51", moving()), "h100_usd")]
    [38372.09, 40697.67]
    """
    described = price_keys()[key]
    return _flip(one, key, described.minimum), _flip(one, key, described.maximum)


def _flip(one: Moving, key: str, bound: float) -> float | None:
    def side(price: float) -> int | None:
        try:
            return one.side(one.at(**{key: price}))
        except (ValueError, ArithmeticError):
            return None  # the formula refuses it: no verdict there

    price: float = one.prices[key]
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
