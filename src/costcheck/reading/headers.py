"""The unit that the headers and the caption of a table give its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from costcheck.claims.printed import Figure, figures_in, scaled
from costcheck.reading.documents import Cell
from costcheck.text.numerals import MAGNITUDES, narrow
from costcheck.units import notation
from costcheck.units.in_words import GPU, below, unit_before


def of_cell(figure: Figure, cell: Cell, *, is_size: bool) -> Figure:
    """Return a figure with the unit of its column, its row or the caption; a size is in thousands or more."""
    unit = figure.unit
    for header, is_caption in ((cell.column, False), (cell.row, False), (cell.caption, True)):
        if unit and "/" in unit.removesuffix("/s"):
            break
        given, scale = of_header(header, is_caption)
        if not unit:
            if given and not (is_size and is_caption):
                return scaled(figure, 1.0 if is_size else scale, given)
        elif given and scale == 1 and given.startswith(f"{unit}/"):
            unit = given
        elif unit in notation.CURRENCIES:
            unit = unit if is_caption and _OTHERWISE.search(cell.column) else _price(header, unit)
        elif not is_caption:
            period, _ = unit_before(header, 0, len(header))
            if period and not {*period.split("/")} & {*re.split("[-/]", unit.replace("/s", "/second"))}:
                unit = below(unit, period)
    return replace(figure, unit=unit)


@cache
def of_header(header: str, is_caption: bool = False) -> tuple[str | None, float]:
    """Return the unit that a header gives the bare numbers beside it, and how many of that they count.

    >>> of_header("Training time (M GPU hours)"), of_header("费用（万元）"), of_header("Context")
    (('GPU-hour', 1000000.0), ('CNY', 10000.0), (None, 1.0))
    >>> of_header("Parameters (B)"), of_header("月間トークン（百万）")
    (('parameter', 1000000000.0), ('token', 1000000.0))
    >>> of_header("Cents per hour"), of_header("Days on one block"), of_header("$ per million")
    (('USD/hour', 0.01), ('day', 1.0), ('USD/Mtok', 1.0))
    """
    header, many = re.sub(r" ?[x×*] ?PUE| ?:$|\b(?:num|n)_", "", narrow(header)).replace("_", " "), 1.0
    if found := _MANY.search(header):  # GPU-hours in millions
        many, header = 10.0 ** MAGNITUDES[found[1].lower()], _MANY.sub("", header)
    if "PUE" in header and not is_caption:
        return "times", 1.0
    inside = re.findall(r"[(\[]([^()\[\]]*)[)\]]", header)
    outside = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", header).strip()
    for words in (*inside, *_candidates(header, outside, is_caption)):
        unit, scale = _read(words)
        if words in inside and not unit:
            unit = "parameter" if scale and re.search("(?i)param|size|参数|參數|パラメ", outside) else None
            many = many if unit else max(many, scale)  # 月間トークン（百万）
        elif words in inside and unit == "hour" and re.search("GPU|卡", outside):
            unit = "GPU-hour"
        if unit:
            return _price(header, unit) if unit in notation.CURRENCIES else unit, scale * many
    return None, 1.0


_MANY = re.compile(
    r"(?<!per )(?<!/)(?<!1 )\b(?:in )?(thousand|million|billion|trillion)(?:s(?: of)?)?\b", re.IGNORECASE
)


def _candidates(header: str, outside: str, is_caption: bool) -> Iterator[str]:
    """Yield the words of a header, outside its brackets, that may be a unit."""
    yield from re.findall(
        r"(?:USD|EUR|CNY|RMB|JPY|[$€£¥]) ?(?:/|per\b)"
        r" ?(?:1 ?[MK]|1,?000|million|thousand(?= ))? ?(?!thousand)\w+",
        header,
    )
    outside = re.split(r" (?:for|of|at|with) (?=.*\d)", outside)[0]  # GPU-hours for 1.2T tokens
    outside = re.sub(r"(?<=s) (?:seen|run|spent|\w{2,}ed)$", "", outside)
    if not is_caption and not re.search(r"\d", re.sub(rf"CO2|{GPU}[ -]?", "", outside)):
        yield outside
        yield re.split(r",| (?:in|out|on|of|at|with|to|from|each)\b", outside)[0]  # Days on one block
        yield from outside.split()[-1:] if not re.search(r"\bper\b|/", outside) else ()
        yield from re.findall(r"[ァ-ヺー]+|[一-鿿]{2}$", re.sub("[数量]$", "", outside))[:1]
    yield from re.findall(r"(?:/|\bin |, )([^/,]+)$", outside)


def _read(words: str) -> tuple[str | None, float]:
    """Return the unit of a figure with these words behind it, and how many of it they are; none is 0.

    >>> _read("M GPU hours"), _read("$M"), _read("百万"), _read("Context")
    (('GPU-hour', 1000000.0), ('USD', 1000000.0), (None, 1000000.0), (None, 0.0))
    """
    words = re.sub(r"^(?:in|per|每|unit:|单位:|単位:) ?|[数量]$", "", words.strip())
    rest = re.sub("^(?:US)?[$€£¥] ?", "", words)
    blank = "" if re.match(r"[一-鿿ァ-ヺ]|[kKMBTmb]?(?:$|/| (?:a|per) )|bn$|[%°]", rest) else " "
    as_printed = f"{words.removesuffix(rest).strip()}7{blank}{rest}"
    spots = figures_in(as_printed) if words else []
    if not spots or spots[0].problem or spots[0].end < len(as_printed):
        return None, 0.0
    return spots[0].figure.unit, spots[0].figure.value / 7


_OF_A_MILLION = r"[(](?:1?百万|100万) ?(?:tokens?|トークン|词元)[)]|每1?百万 ?tokens?\b"
"""Headers of prices of a million tokens."""
_OTHERWISE = re.compile("^[一每单][篇本份单次部张件]|換算|换算|折合|合计|合計|[总総][额額]|(?i:total)")
"""Headers of columns that are not what the caption says."""


@cache
def _price(header: str, currency: str) -> str:
    """Return the unit of an amount below a header that says what it is the price of.

    >>> _price("Input (per 1M tokens)", "USD"), _price("1時間あたりの料金", "JPY"), _price("月费", "CNY")
    ('USD/Mtok', 'JPY/hour', 'CNY/month')
    """
    if re.search(_OF_A_MILLION, narrow(header)):
        return f"{currency}/Mtok"
    behind = re.search(r"(?i)(?:\bper\b|/).*", narrow(header))
    if behind and re.search(r"\d", header[: behind.start()]):  # Cost at $1.10 per GPU-hour
        return currency
    blank = "" if header.isascii() else " "
    last = figures_in(f"{header}{blank}7{currency}")[-1:]
    first = figures_in(f"7 {currency} {behind[0]}")[:1] if behind else []
    units = (spot.figure.unit or "" for spot in (*first, *last))
    return next((unit for unit in units if unit.startswith(f"{currency}/")), currency)
