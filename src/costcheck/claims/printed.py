"""What a printed figure promises by its digits and its hedge, and whether a value keeps it."""

from __future__ import annotations

from enum import StrEnum

from costcheck.text.numbers import Printed


class Hedge(StrEnum):
    """The word that softens a figure."""

    EXACT = "exact"
    ABOUT = "about"
    NEARLY = "nearly"
    OVER = "over"
    AT_LEAST = "at least"
    PLUS = "plus"
    UNDER = "under"


def holds(hedge: Hedge, printed: Printed, recomputed: float) -> bool:
    """Say whether a recomputed value keeps what a printed figure and its hedge promise.

    With `u` for one unit in the last place printed, which of a plain 1000 is 1000 itself:

    ========  =====================================================================================
    exact     the value rounds to the figure: it is at most u/2 away
    about     it is at most u away, and at least half the figure
    nearly    it is below the figure, and nearer to it than to the point halfway down (less than u/4)
    over      it is greater
    at least  it is greater, or rounds to the figure
    plus      it is the figure or greater
    under     it is smaller
    ========  =====================================================================================

    >>> three = Printed(3, 1)
    >>> holds(Hedge.NEARLY, three, 2.93), holds(Hedge.NEARLY, three, 2.6), holds(Hedge.EXACT, three, 2.6)
    (True, False, True)
    """
    missed_by = recomputed - printed.value
    unit = printed.unit_in_last_place
    # what rounding errors add up to at most; of a figure of ten digits, too little to move its last one
    size = abs(printed.value)
    slack = max(1e-14 * size, min(1e-9 * size, unit / 1000)) if unit else 1e-9 * size
    rounds = abs(missed_by) <= unit / 2 + slack
    match hedge:
        case Hedge.EXACT:
            return rounds
        case Hedge.ABOUT:
            return abs(missed_by) <= unit + slack and _is_half(recomputed, size)
        case Hedge.NEARLY:
            return slack - unit / 4 < missed_by < -slack
        case Hedge.OVER:
            return missed_by > slack
        case Hedge.AT_LEAST:
            return missed_by > 0 or rounds
        case Hedge.PLUS:
            return missed_by >= -slack
        case Hedge.UNDER:
            return missed_by < -slack


def close(hedge: Hedge, printed: Printed, recomputed: float) -> bool:
    """Say whether an unhedged figure that does not hold is out by no more than one unit in its last place.

    A hedge grants its leeway already. Less than half the figure is not close, however few its digits.

    >>> close(Hedge.EXACT, Printed(405e9, 1e9), 405.85e9), close(Hedge.NEARLY, Printed(1, 1), 0.62)
    (True, False)
    >>> close(Hedge.EXACT, Printed(1000, 1000), 100)
    False
    """
    apart, size = abs(recomputed - printed.value), abs(printed.value)
    within = 0 < apart <= printed.unit_in_last_place * (1 + 1e-9)
    return hedge is Hedge.EXACT and within and _is_half(recomputed, size)


def _is_half(recomputed: float, size: float) -> bool:
    """Say whether a number is at least half of a figure, but for rounding errors."""
    return abs(recomputed) >= size / 2 * (1 - 1e-9)
