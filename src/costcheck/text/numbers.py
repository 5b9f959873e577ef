"""Numbers as text: exact for files, rounded for readers."""

from __future__ import annotations

import math
import re


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
    >>> readable(8 / 13, "share of benchmarks"), readable(2, "rank"), readable(0.6198, "book")
    ('62% of benchmarks', '2nd', '62% of a book')
    """
    if value is None or isinstance(value, bool | str):
        return number_text(value)
    if unit == "rank":
        last = "" if value % 100 in (11, 12, 13) else f"{value:g}"[-1]
        return f"{value:g}" + {"1": "st", "2": "nd", "3": "rd"}.get(last, "th")
    if unit == "book" and 0 < value < 1:
        return f"{100 * value:.3g}% of a book"
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


def multiple(factor: float) -> str:
    """Write a factor of any size with the figures that tell it from one: two below ten, whole above.

    >>> multiple(9.8837), multiple(2687.5), multiple(0.625), multiple(0.0012), multiple(1.000012), multiple(1)
    ('9.9×', '2,688×', '0.62×', '0.0012×', '1.000012×', '1×')
    """
    if factor >= 9.95:
        return f"{factor:,.0f}×"
    if factor < 0.1:
        return f"{factor:.2g}×"
    apart = abs(factor - 1)
    decimals = max(4, 1 - math.floor(math.log10(apart))) if 0 < apart < 0.005 else 2 if factor < 1.5 else 1
    return f"{factor:.{decimals}f}".rstrip("0").rstrip(".") + "×"
