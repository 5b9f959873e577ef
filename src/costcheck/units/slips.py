"""The likely cause of a wrong figure: a power of ten, another currency, GiB for GB, an hour for a day."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from costcheck.units.notation import BINARY_BYTES, BYTES, CURRENCIES, TIMES, split, written

_NEAR = 0.05
"""A cause is named only if it brings the recomputed value this close to the printed one.

Words such as "at least", and figures of one digit, would let almost any factor fit.
"""

_SLIPS = {
    10: ("ten times", "a slip of one decimal place, or 億 (1e8) taken for a billion",
         "a slip of one decimal place, or a billion taken for 億 (1e8)"),
    1000: ("a thousand times", *["thousand, million, billion or trillion mixed up"] * 2),
    100: ("a hundred times", "a slip of two decimal places, or 万 (1e4) taken for a million",
          "a slip of two decimal places, or a million taken for 万 (1e4)"),
    1e4: ("ten thousand times", "a 万 (1e4) too many, or 億 (1e8) taken for a trillion",
          "a 万 (1e4) left out, or a trillion taken for 億 (1e8)"),
    1e6: ("a million times", "a million too many", "a million left out"),
    1e8: ("1e8 times", "an 億 (1e8) too many", "an 億 (1e8) left out"),
}  # fmt: skip
"""By factor: its name, what explains a figure so much too large, and one so much too small."""
_SWAPPED_TIMES = {
    "second": ("minute", "hour"),
    "minute": ("second", "hour"),
    "hour": ("day", "minute", "second"),
    "day": ("hour", "year"),
    "month": ("year",),
    "year": ("month", "day"),
}
"""The units of time whose ratio is 60, 3600, 24, 365 or 12."""


def likely_cause(
    printed: float,
    recomputed: float,
    unit: str | None,
    fits: Callable[[float], bool],
    rates: Mapping[str, float],
) -> str | None:
    """Name the one factor that would make a wrong figure right.

    Tried in this order, the first that fits is named: a currency instead of another; GiB and the like
    instead of GB and the like; a power of ten (10, 1000, 100, 1e4, 1e6, 1e8); 1024, then 8, within bytes;
    a unit of time instead of another (24, 60, 3600, 12, 365). Factors of currencies, bytes and times are
    tried only where the unit has one.

    Args:
        printed: The figure as printed, in ``unit``.
        recomputed: What it should be, in ``unit``.
        unit: Its unit, or None.
        fits: Whether a value agrees with the printed figure at the precision its digits show.
        rates: Exchange rates by their unit, such as ``{"CNY/USD": 7.27}``.

    Returns:
        A short phrase on what the article may have done; None if the figure holds, if nothing fits, or if
        what fits lies further than 5 % from the printed value.

    Raises:
        InputError: ``unit`` is no unit.

    >>> likely_cause(17e9, 1.72e9, "USD", lambda value: abs(value - 17e9) < 5e8, {"CNY/USD": 7.27})
    'ten times too large: a slip of one decimal place, or 億 (1e8) taken for a billion'
    >>> likely_cause(764e9, 820.16e9, "byte", lambda value: abs(value - 764e9) < 5e8, {})
    'fits in GiB instead of GB'
    """
    if fits(recomputed) or not all(0 < abs(value) < math.inf for value in (printed, recomputed)):
        return None
    parts = split(unit)[1] if unit else ()
    if parts == (("rank", 1),):  # a place is wrong by a neighbour, not by a factor
        return None
    for by, phrase in _causes(printed, parts, rates):
        value = recomputed * by
        if abs(value / printed - 1) <= _NEAR and fits(value):
            return phrase
    return None


def _causes(
    printed: float, parts: tuple[tuple[str, int], ...], rates: Mapping[str, float]
) -> Iterable[tuple[float, str]]:
    for name, power in parts:
        if name in CURRENCIES:
            yield from _in_other_money(name, power, parts, rates)
    for name, power in parts:
        yield from _in_other_bytes(name, power, abs(printed), parts)
    for by, (so_much, too_many, too_few) in _SLIPS.items():
        yield by, f"{so_much} too large: {too_many}"
        yield 1 / by, f"{so_much} too small: {too_few}"
    for name, power in parts:
        if name in BYTES or name in BINARY_BYTES:
            for by in (1024.0, 8.0):
                step = "a step of 1024 between units of bytes"
                forth, back = ("bits taken for bytes", "bytes taken for bits") if by == 8 else (step, step)
                yield by**power, f"{by:g} times too {'large' if power > 0 else 'small'}: {forth}"
                yield by**-power, f"{by:g} times too {'small' if power > 0 else 'large'}: {back}"
        for other in _SWAPPED_TIMES.get(name, ()):
            times = TIMES | {"month": TIMES["year"] / 12}
            by = times[name] / times[other]
            yield by**power, _fits_in(name, other, parts)
            yield by**-power, _taken_for(name, other)


def _fits_in(name: str, other: str, parts: tuple[tuple[str, int], ...], note: str = "") -> str:
    swapped = [(other if part == name else part, power) for part, power in parts]
    return f"fits in {written(swapped)} instead of {written(parts)}{note}"


def _taken_for(really: str, taken: str) -> str:
    return f"fits if the article took an input in {really} for one in {taken}"


def _in_other_money(
    name: str, power: int, parts: tuple[tuple[str, int], ...], rates: Mapping[str, float]
) -> Iterable[tuple[float, str]]:
    for pair, rate in rates.items():
        quote, _, base = pair.partition("/")
        if name == base:
            yield rate**power, _fits_in(name, quote, parts, f" ({rate:.6g})")
        elif name == quote:
            yield (1 / rate) ** power, _fits_in(name, base, parts, f" ({rate:.6g})")


def _in_other_bytes(
    name: str, power: int, printed: float, parts: tuple[tuple[str, int], ...]
) -> Iterable[tuple[float, str]]:
    """Yield decimal units of bytes instead of binary ones, and the other way round."""
    pairs = [(decimal, f"{decimal[0].upper()}iB") for decimal in BYTES if decimal != "byte"]
    # nobody prints 764 billion bytes: the unit meant is the largest below the figure
    meant = [pair for pair in reversed(pairs) if BYTES[pair[0]] <= printed] if name == "byte" else []
    for decimal, binary in meant[:1]:
        by = BYTES[decimal] / BINARY_BYTES[binary]
        yield by**power, f"fits in {binary} instead of {decimal}"
        yield by**-power, _taken_for(decimal, binary)
    for decimal, binary in pairs:
        by = BYTES[decimal] / BINARY_BYTES[binary]
        if name == decimal:
            yield by**power, _fits_in(name, binary, parts)
            yield by**-power, _taken_for(decimal, binary)
        elif name == binary:
            yield by**-power, _fits_in(name, decimal, parts)
            yield by**power, _taken_for(binary, decimal)
