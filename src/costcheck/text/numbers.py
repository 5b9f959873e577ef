"""Numbers as people print them, in three languages, and as text: exact for files, rounded for readers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

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


@cache
def _figure() -> re.Pattern[str]:
    """Return what a figure looks like; compiled when it is needed, as that takes longer than most imports."""
    return re.compile(
        r"(?<![A-Za-z0-9_.])(?P<digits>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)"
        r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9A-Za-z])"
        r"|[ \u00a0]?[×x·*][ \u00a0]?10"
        r"(?:\^\{?[-+−]?[0-9]{1,3}(?![0-9])\}?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?![⁰¹²³⁴⁵⁶⁷⁸⁹])))?"
        rf"(?:[ \u00a0]?(?P<magnitude>{_EAST_ASIAN}|(?:{_LATIN})(?![A-Za-z0-9])))?"
        r"(?P<percent>[ \u00a0]?[%％])?"
        rf"|(?<![{_NUMERALS}十百千])(?P<numeral>[{_NUMERALS}])(?![{_NUMERALS}十百千万亿億])"
    )


def number_text(value: float | bool | str | None) -> str:
    """Write an answer at full precision, whole numbers without a point.

    >>> number_text(1.72e9), number_text(2.9285714285714284), number_text(True), number_text(None)
    ('1720000000', '2.9285714285714284', 'true', '')
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def readable(value: float | bool | str | None, unit: str | None = None) -> str:
    """Write an answer for people, rounded to five figures, with its unit.

    >>> readable(12.5099e9, "CNY"), readable(42833.333, "GPU"), readable(820162494464, "byte")
    ('12.51 billion CNY', '42,833 GPUs', '820.16 GB')
    >>> readable(3520.548, "year"), readable(0.6198), readable("2024-07-23"), readable(1, "language")
    ('3,520.5 years', '0.6198', '2024-07-23', '1 language')
    >>> readable(3.8e25, "FLOP"), readable(2.5e-7), readable(100, "byte"), readable(2.5, "kWh")
    ('3.8e+25 FLOP', '2.5e-07', '100 bytes', '2.5 kWh')
    >>> readable(8 / 13, "share of benchmarks"), readable(2, "rank")
    ('62% of benchmarks', 'place 2')
    """
    if value is None or isinstance(value, bool | str):
        return number_text(value)
    if unit == "rank":
        return f"place {value:g}"
    if unit and unit.startswith("share of "):
        return f"{value:.0%} of {unit.removeprefix('share of ')}"
    suffix = f" {_plural(unit, value)}" if unit and unit != "1" else ""
    if unit == "byte" and abs(value) >= 1e5:
        value, suffix = value / 1e9, " GB"
    size = abs(value)
    if size >= 1e18 or 0 < size < 1e-3:
        return f"{value:.5g}{suffix}"
    for scale, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if size >= scale:
            value, size, suffix = value / scale, size / scale, f" {name}{suffix}"
    text = f"{value:,.{max(0, 5 - len(str(int(size)))) if size >= 1 else 4}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + suffix


def _plural(unit: str, value: float) -> str:
    # words are counted, symbols are not: GPU-hours, but kWh
    last = re.split(r"[- ]", unit)[-1]
    counted = "/" not in unit and (unit == "GPU" or (len(last) > 2 and last.isalpha() and last.islower()))
    return f"{unit}s" if counted and value != 1 and unit[-1] != "s" and unit != "percent" else unit


def times(factor: float) -> str:
    """Write a factor: two figures below ten, whole above.

    >>> times(9.8837), times(2687.5), times(10.0), times(0.1)
    ('9.9×', '2,688×', '10×', '0.1×')
    """
    if factor >= 9.95:
        return f"{factor:,.0f}×"
    return f"{factor:.{2 if factor < 1.5 else 1}f}".rstrip("0").rstrip(".") + "×"


def multiple(factor: float) -> str:
    """Write a factor of any size with the figures that tell it from one.

    >>> multiple(0.625), multiple(0.0012), multiple(1.0000012), multiple(1), multiple(43)
    ('0.62×', '0.0012×', '1.0000012×', '1×', '43×')
    """
    apart = abs(factor - 1)
    if apart < 0.005:
        decimals = max(4, 1 - math.floor(math.log10(apart))) if apart else 0
        return f"{factor:.{decimals}f}".rstrip("0").rstrip(".") + "×"
    return times(factor) if factor >= 0.1 else f"{factor:.2g}×"


# ------------------------------------------------------------------------------- reading printed figures
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
    for match in _figure().finditer(text):
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
