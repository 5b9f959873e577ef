"""Figures as they are printed: their value, their precision, and what their hedges promise."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAGNITUDES = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9,
    "百万": 1e6, "万": 1e4, "亿": 1e8, "億": 1e8, "千": 1e3,
    "GiB": 2.0**30, "PB": 1e15, "TB": 1e12, "GB": 1e9, "MB": 1e6,
    "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12,
}  # fmt: skip
_LATIN = "|".join(name for name in MAGNITUDES if name.isascii())
_EAST_ASIAN = "|".join(name for name in MAGNITUDES if not name.isascii())
_NUMERALS = "一二三四五六七八九"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺−", "0123456789-+-")
_FIGURE = re.compile(
    r"(?<![A-Za-z0-9_.])(?P<digits>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9A-Za-z])"
    r"|[ \u00a0]?[×x·*][ \u00a0]?10"
    r"(?:\^\{?[-+−]?[0-9]{1,3}(?![0-9])\}?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?![⁰¹²³⁴⁵⁶⁷⁸⁹])))?"
    rf"(?:[ \u00a0]?(?P<magnitude>{_EAST_ASIAN}|(?:{_LATIN})(?![A-Za-z0-9])))?"
    r"(?P<percent>[ \u00a0]?[%％])?"
    rf"|(?<![{_NUMERALS}十百千])(?P<numeral>[{_NUMERALS}])(?![{_NUMERALS}十百千万亿億])"
)


class Hedge(StrEnum):
    """The word that softens a figure."""

    EXACT = "exact"
    ABOUT = "about"
    NEARLY = "nearly"
    OVER = "over"
    AT_LEAST = "at least"
    PLUS = "plus"
    UNDER = "under"


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as printed: its value and the worth of one unit in its last significant place."""

    value: float
    unit_in_last_place: float


def figures(text: str) -> list[Printed]:
    """Read all figures in a printed text, with the precision their digits show.

    Trailing zeros of a whole number are taken as rounding: 3500 stands for 3450 to 3550. Before an exponent
    all digits count. Values are in base units (bytes for GB).

    >>> figures("3.80×10^25 FLOP"), figures("34.6%")
    ([Printed(value=3.8e+25, unit_in_last_place=1e+23)], [Printed(value=34.6, unit_in_last_place=0.1)])
    >>> figures("17亿美金")
    [Printed(value=1700000000.0, unit_in_last_place=100000000.0)]
    >>> figures("43,000台"), figures("9.6万字")
    ([Printed(value=43000.0, unit_in_last_place=1000.0)], [Printed(value=96000.0, unit_in_last_place=1000.0)])
    """
    return [figure for figure, _ in _readings(text)]


def _readings(text: str) -> Iterator[tuple[Printed, bool]]:
    """Yield the figures in a text, and whether a per cent sign follows."""
    for match in _FIGURE.finditer(text):
        if match["numeral"]:
            yield Printed(1.0 + _NUMERALS.index(match["numeral"]), 1.0), False
            continue
        digits = match["digits"].replace(",", "")
        scale = MAGNITUDES[match["magnitude"]] if match["magnitude"] else 1.0
        exponent = 0
        if match["exponent"]:
            exponent = int(
                re.sub(r"^(?:[eE]|.*?10\^?)", "", match["exponent"].translate(_RAISED)).strip("{}")
            )
        whole, _, decimals = digits.partition(".")
        zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") and not match["exponent"] else 0
        place = f"1e{-len(decimals) if decimals else zeros}"
        value = _scaled(digits, scale, exponent)
        unit = _scaled(place, scale, exponent)
        if math.isfinite(value) and unit > 0:  # 1e999 and 1e-999 are beyond what a float holds
            yield Printed(value, unit), bool(match["percent"])


def _scaled(number: str, scale: float, exponent: int) -> float:
    # 30.84 * 1e6 is 30839999.999999996 in floating point; the decimal text with an exponent is exact.
    mantissa, _, power = number.partition("e")
    more = round(math.log10(scale))
    exact = 10.0**more == scale
    read = float(f"{mantissa}e{int(power or 0) + exponent + (more if exact else 0)}")
    return read if exact else read * scale


def find(text: str, value: float, unit: str | None = None) -> Printed | None:
    """Find a value among the figures printed in a text; 34.6% may be meant as 34.6 or as 0.346.

    ``unit`` is that of the value: where it is GB, 280GB is 280.

    >>> find("8k扩展至128k", 128_000)
    Printed(value=128000.0, unit_in_last_place=1000.0)
    >>> find("约280GB", 280) is None
    True
    >>> find("280GB", 280, "GB")
    Printed(value=280.0, unit_in_last_place=10.0)
    >>> find("34.6%", 0.346)
    Printed(value=0.346, unit_in_last_place=0.001)
    """
    readings = list(_readings(text))
    for figure, _ in readings:
        if _is_same(figure.value, value):
            return figure
    if unit in MAGNITUDES and unit.endswith("B"):
        scale = MAGNITUDES[unit]
        for figure, _ in readings:
            if _is_same(figure.value / scale, value):
                return Printed(float(value), figure.unit_in_last_place / scale)
    for figure, is_percent in readings:
        if is_percent and _is_same(figure.value / 100, value):
            return Printed(value, figure.unit_in_last_place / 100)
    return None


def _is_same(printed: float, value: float) -> bool:
    # but for rounding errors: two figures of twelve digits that differ in the last one are two
    return math.isclose(printed, value, rel_tol=1e-14)


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
