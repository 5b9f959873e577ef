"""The likely cause of a wrong figure: a power of ten, another currency, GiB for GB, an hour for a day."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from costcheck.units.notation import Unit, factor, parse

_TENS = {
    10: ("ten", "a slip of one decimal place", (1e8, "億 (1e8)"), (1e9, "a billion")),
    100: ("a hundred", "a slip of two decimal places", (1e4, "万 (1e4)"), (1e6, "a million")),
    1000: ("a thousand", "", (1e3, "a million"), (1e6, "a billion, or the like")),
    1e4: ("ten thousand", "万 (1e4) too often or left out", (1e8, "億 (1e8)"), (1e12, "a trillion")),
    1e6: ("a million", "", (1, "a figure"), (1e6, "millions")),
    1e8: ("1e8", "", (1, "a figure"), (1e8, "億 (1e8)")),
}  # fmt: skip
"""How often too high, why, and what may be read as what, each with the least figure that it is printed in."""
_MIXED = {
    "FLOP": {2: "dense and sparse peaks"},
    "byte": {2: "one direction and both", 8: "bits and bytes", 1024: "units of bytes"},
}
_ANY = {
    2: "one and a pair", 8: "a GPU and a server of 8, or bits and bytes", 12: "month and year",
    24: "hour and day", 30: "day and month", 365: "day and year", 730: "hour and month",
    60: "minute and hour", 3600: "second and hour",
}  # fmt: skip


class Cause(NamedTuple):
    """What explains a wrong figure: printed = recomputed * factor * left_over."""

    words: str
    factor: float
    left_over: float

    def __str__(self) -> str:
        rest = abs(self.left_over - 1)
        return f"{self.words}, with {rest:.1%} left over" if rest >= 0.0005 else self.words


def likely_causes(
    printed: float,
    recomputed: float,
    unit: str | None,
    rates: Mapping[str, float],
    within: float = 0.02,
    *,
    in_english: bool = True,
) -> Cause | None:
    """Name the one factor that explains a wrong figure, so that least is left over; None if none does.

    Both figures are in ``unit``; ``rates`` are exchange rates by their unit, such as ``{"CNY/USD": 7.27}``.
    A figure off by no more than ``within`` needs no cause, and a cause leaves no more. A text ``in_english``
    takes no 億 (1e8) for a billion.

    >>> print(likely_causes(330, 353.3, "GB", {}))
    fits in GiB, not GB, with 0.3% left over
    """
    ratio = printed / recomputed if recomputed else math.inf
    if not 0 < ratio < math.inf or abs(ratio - 1) <= within:
        return None
    causes = _causes(abs(printed), parse(unit or "1"), rates, in_english)
    by, words = min(causes, key=lambda cause: round(abs(math.log(ratio) - math.log(cause[0])), 9))
    return Cause(words, by, ratio / by) if abs(ratio / by - 1) <= within else None


def _causes(
    printed: float, unit: Unit, rates: Mapping[str, float], in_english: bool
) -> Iterable[tuple[float, str]]:
    """Yield factors by which a figure may be off and what that would mean, likelier ones first."""
    for name, power in unit.parts:
        for pair, rate in rates.items():
            quote, _, base = pair.partition("/")
            if name in (quote, base) and pair != str(unit):
                other, by = (quote, rate) if name == base else (base, 1 / rate)
                yield by**power, f"a currency: the sum in {other} printed as {name} (at {rate:.6g})"
    for name, power in unit.parts:
        if name == "byte":  # nobody prints 764 billion bytes: the unit meant is the largest below the figure
            name = next((f"{prefix}B" for prefix in "TGMk" if factor(f"{prefix}B", "byte") <= printed), name)
        if name in ("kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"):
            other = f"{name[0]}B".replace("K", "k") if "i" in name else f"{name[0].upper()}iB"
            yield factor(name, other) ** power, f"fits in {other}, not {name}"
            yield factor(other, name) ** power, f"an input in {name} taken for one in {other}"
    for by, (times, why, less, more) in _TENS.items():
        ways = (by, "high", less, more), (1 / by, "low", more, less)
        for ratio, way, (_, meant), (least, read) in ways:
            whys = [why, f"{meant} read as {read}" * (printed >= least)]
            whys = [one for one in whys if one and not (in_english and re.search("[万億]", one))]
            yield ratio, ": ".join(filter(None, (f"{times} times too {way}", ", or ".join(whys))))
    mixed = _ANY
    if not unit.quantity:  # a plain number, which no unit of time goes into; a count of things, or a rank
        mixed = {} if unit.dimensions else {2: _ANY[2]}
    for name, own in _MIXED.items():
        mixed = mixed | own if name in unit.quantity else mixed
    for by, two in mixed.items():
        yield by, f"{by} times too high: {two} mixed up"
        yield 1 / by, f"{by} times too low: {two} mixed up"
