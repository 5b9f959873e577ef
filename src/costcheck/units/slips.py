"""The likely cause of a wrong figure: a power of ten, another currency, GiB for GB, an hour for a day."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from costcheck.units.notation import BINARY_BYTES, BYTES, TIMES, split, written

_NEAR = 0.05
"""A cause brings the recomputed value this close: "at least" would let almost any factor fit."""

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
_SLIPS_OF_BYTES = {
    1024: ("1024 times", *["a step of 1024 between units of bytes"] * 2),
    8: ("8 times", "bits taken for bytes", "bytes taken for bits"),
}
_SWAPPED_TIMES = {
    "second": ("minute", "hour"), "minute": ("second", "hour"), "hour": ("day", "minute", "second"),
    "day": ("hour", "year"), "month": ("year",), "year": ("month", "day"),
}  # fmt: skip
"""The units of time whose ratio is 60, 3600, 24, 365 or 12."""
Parts = tuple[tuple[str, int], ...]


def likely_cause(
    printed: float,
    recomputed: float,
    unit: str | None,
    fits: Callable[[float], bool],
    rates: Mapping[str, float],
) -> str | None:
    """Name the one factor that would make a wrong figure right; None if the figure holds, or nothing fits.

    Tried in this order: a currency instead of another; GiB and the like instead of GB and the like; a power
    of ten; 1024, then 8, within bytes; a unit of time instead of another. ``fits`` tells whether a value
    agrees with the printed figure; ``rates`` are exchange rates by their unit, such as ``{"CNY/USD": 7.27}``.

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


def _causes(printed: float, parts: Parts, rates: Mapping[str, float]) -> Iterable[tuple[float, str]]:
    for name, power in parts:
        for pair, rate in rates.items():
            quote, _, base = pair.partition("/")
            if name in (quote, base):
                other, by = (quote, rate) if name == base else (base, 1 / rate)
                yield by**power, f"{_fits_in(name, other, parts)} ({rate:.6g})"
    for name, power in parts:
        yield from _in_other_bytes(name, power, abs(printed), parts)
    for by, words in _SLIPS.items():
        yield from _slip(by, *words)
    for name, power in parts:
        if name in BYTES or name in BINARY_BYTES:
            for by, (so_much, *ways) in _SLIPS_OF_BYTES.items():
                yield from _slip(by, so_much, *(ways if power > 0 else ways[::-1]))
        for other in _SWAPPED_TIMES.get(name, ()):
            times = TIMES | {"month": TIMES["year"] / 12}
            yield from _swap(name, other, times[name] / times[other], power, parts)


def _slip(by: float, so_much: str, too_many: str, too_few: str) -> Iterable[tuple[float, str]]:
    yield by, f"{so_much} too large: {too_many}"
    yield 1 / by, f"{so_much} too small: {too_few}"


def _swap(name: str, other: str, by: float, power: int, parts: Parts) -> Iterable[tuple[float, str]]:
    yield by**power, _fits_in(name, other, parts)
    yield by**-power, f"fits if the article took an input in {name} for one in {other}"


def _fits_in(name: str, other: str, parts: Parts) -> str:
    swapped = [(other if part == name else part, power) for part, power in parts]
    return f"fits in {written(swapped)} instead of {written(parts)}"


def _in_other_bytes(name: str, power: int, printed: float, parts: Parts) -> Iterable[tuple[float, str]]:
    """Yield decimal units of bytes instead of binary ones, and the other way round."""
    if name == "byte":  # nobody prints 764 billion bytes: the unit meant is the largest below the figure
        name = next((unit for unit in reversed(BYTES) if BYTES[unit] <= printed), name)
        parts = tuple((name if part == "byte" else part, power) for part, power in parts)
    for decimal in BYTES.keys() - {"byte"}:
        binary = f"{decimal[0].upper()}iB"
        by = BYTES[decimal] / BINARY_BYTES[binary]
        if name == decimal:
            yield from _swap(name, binary, by, power, parts)
        elif name == binary:
            yield from _swap(name, decimal, 1 / by, power, parts)
