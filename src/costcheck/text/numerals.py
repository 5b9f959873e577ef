"""Numerals as people print them in English, Chinese and Japanese: ``1億2千万``, ``1.7bn``, ``ten``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

_PARTING = re.compile(
    r"(?<=[0-9])，(?=[0-9])(?![0-9]{3}(?![0-9]))"
    r"|(?:(?<=[.][0-9])|(?<=[.][0-9]{2})|(?<=[.0-9][0-9]{3}))，(?=[0-9])"
)
# Full-width ASCII and the signs that are written in several ways; each character stays one character.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("−"): "-", ord("’"): "'"}
_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_UNITS = {"百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8, "兆": 12}
MAGNITUDES = {
    "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mn": 6, "mln": 6, "bn": 9, "tn": 12,
    "k": 3, "m": 6, "b": 9, "t": 12, **_UNITS,
}  # fmt: skip
"""The zeros that a word or letter stands for."""
_HAN = {"〇": 0, "零": 0, "两": 2, "兩": 2} | {
    sign: value for value, sign in enumerate("一二三四五六七八九", 1)
}
_ONES = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: value for value, word in enumerate(_ONES, 1)}
_WORDS |= {word: 10 * value for value, word in enumerate(_TENS, 2)} | {"a": 1, "twice": 2, "thrice": 3}
_VERBS = {
    "halved|半[减減]|[减減]半": 0.5, "doubled|翻倍|翻了?一?番|倍[增増]": 2, "tripled": 3,
    "quadrupled|翻了?两番": 4,
}  # fmt: skip
_FRACTIONS = {"half": 1 / 2, "半": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
_SIGNS = "".join(_HAN)
LONGEST = 40
"""Characters of a numeral that are read; no figure has as many digits."""


class Numeral(NamedTuple):
    """A number in a text, from ``start`` to ``end``.

    ``value`` and ``place``, the worth of one unit in the last significant digit, include the ``magnitude``
    (1e6 for *million*). ``problem`` says why it cannot be read; value and place are then NaN.
    """

    start: int
    end: int
    value: float = math.nan
    place: float = math.nan
    magnitude: float = 1.0
    is_more: bool = False
    """Whether a 多 or 余 inside says that it is a little more: 500多万."""
    is_whole: bool = False
    """Whether it is a whole number without a magnitude or an exponent."""
    is_share: bool = False
    """Whether it is a fraction in words: a third, 三分之一."""
    is_verb: bool = False
    """Whether it is a verb: doubled, 翻倍."""
    problem: str = ""


@cache
def _numeral() -> re.Pattern[str]:
    """Return what a numeral looks like; compiled when needed, as that takes longer than most imports."""
    han = f"[{_SIGNS}十]"
    # 千瓦 is a kilowatt, 兆瓦 a megawatt
    more = rf"(?:[0-9]{{1,4}}|[0-9],[0-9]{{3}})(?![0-9.,])|{han}+"
    tail = rf"[ \u00a0]?[多余餘]?(?:[百万萬亿億]|[千兆](?![瓦字比赫克米]))(?:{more})?"
    ones, tens = "|".join(_ONES[::-1]), "|".join(_TENS)
    below_100 = rf"(?:(?:{tens})(?:[- ](?:{ones}))?|{ones})"
    return re.compile(
        rf"(?P<part>(?:{han}+|[0-9]+)分[之の](?:{han}+|[0-9]+))"
        r"|(?P<digits>[0-9]{1,3}(?:[\u00a0\u2009\u202f][0-9]{3})+(?:\.[0-9]+)?(?![0-9])"
        r"|[0-9]{1,3}(?: [0-9]{3})+(?![0-9A-Za-z.,])"
        r"|[0-9]+(?:[,.'][0-9]+)*|(?<![\w.])\.[0-9]+)"
        r"(?:(?P<base>[ \u00a0]?[×xX·*][ \u00a0]?10|(?<=10)(?<![0-9.,]10))"
        r"(?:(?:\^\{?|の(?=[0-9]+乗))(?P<exponent>[-+]?[0-9]+(?:\.[0-9]+)?)[}乗]?|(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
        rf"|[eE](?P<e>[-+]?[0-9]+)(?![0-9A-Za-z])|(?P<tail>(?:{tail})+))?"
        rf"|(?P<verb>(?<![A-Za-z])(?i:{'|'.join(_VERBS)})(?![A-Za-z]))"
        r"|(?P<half>(?<![上下前后後])一?半(?=[天年月日数小时時个個额額の])|半分|(?<=一)半)"
        rf"|(?<![第数數几幾{_SIGNS}十百千])(?P<han>{han}+(?:点[{_SIGNS}]+)?(?:{tail})*)"
        r"|\b(?i:(?P<share>(?<!first )(?<!second )half\b|(?:a|one)[- ]third\b|two[- ]thirds\b"
        r"|a quarter(?= of)|three[- ]quarters\b)"
        r"|(?P<words>a(?= (?:thousand|million|billion|trillion)\b)|(?:a|two|three|half a) dozen\b|twice\b"
        r"|thrice\b"
        rf"|(?:(?:a|{below_100}) hundred(?:(?: and)? {below_100})?|{below_100})(?=fold|\b)))"
    )


@cache
def _magnitude() -> re.Pattern[str]:
    names = "|".join(name for name in MAGNITUDES if len(name) > 1)
    return re.compile(rf"[ \u00a0-]?((?i:{names})(?![A-Za-z])|[kKMBT](?![A-Za-z0-9]))|([mbt])(?![A-Za-z0-9])")


@cache
def _counter() -> re.Pattern[str]:
    """Return what follows a number of one Chinese sign; elsewhere such a sign is part of a word."""
    counters = (
        "成割折毛个個種种台块塊枚张張本冊册次回年月日天倍周週小时時秒人名家位件条項项つ元円ドヶか整万亿億千百"
    )
    return re.compile(rf"[{counters}]|分[钟鐘]|[至到](?=[{_SIGNS}十])")


def narrow(text: str) -> str:
    """Return a text with ASCII in the place of full-width signs, each where it was.

    A wide comma between digits that it does not group by three parts two numbers.

    >>> narrow("１２３億，５％"), narrow("3，500万"), narrow("PUE 1.25，60天")
    ('123億,5%', '3,500万', 'PUE 1.25、60天')
    """
    return text if text.isascii() else _PARTING.sub("、", text.translate(_DIGITS)).translate(_NARROW)


def numerals_in(text: str) -> Iterator[Numeral]:
    """Read the numerals of a text, which is ``narrow``, in their order.

    Trailing zeros of a whole number are rounding, but never beyond its second significant digit: 43,000 is
    43 thousands, 100 million is 10 times 10 million. With decimals or an exponent all digits count. What is
    not understood as a whole has a ``problem`` and is never half read.

    >>> [(n.value, n.place) for n in numerals_in("17亿, $100 million")]
    [(1700000000.0, 100000000.0), (100000000.0, 10000000.0)]
    """
    position = 0
    while match := _numeral().search(text, position):
        position = match.end()
        if match["digits"] and _is_in_a_name(text, match.start()):
            continue
        if match["han"] and len(match[0]) == 1 and not _counter().match(text, position):
            continue
        try:
            numeral = _read(match, text)
        except ValueError:
            problem = f"{match[0][:LONGEST]!r} is not a clear number"
            numeral = Numeral(match.start(), match.end(), problem=problem)
        position = numeral.end
        yield numeral


def _is_in_a_name(text: str, start: int) -> bool:
    """Say whether digits continue a word, as in H100; USD5 is no word."""
    before = text[max(0, start - 3) : start]
    is_currency = before in ("USD", "RMB", "CNY", "JPY", "EUR", "GBP", "INR", "KRW", "Rs.")
    return not is_currency and bool(re.search("[A-Za-z._]$", before))


def _read(match: re.Match[str], text: str) -> Numeral:
    start, end, written, magnitude, is_whole = *match.span(), match[0], 0, False
    if len(written) > LONGEST:
        raise ValueError
    if match["part"]:
        below, above = re.split("分[之の]", written)
        share = _whole(above) / (_whole(below) or math.inf)
        return Numeral(start, end, share, share / 5, is_share=True)
    if match["verb"]:
        times = next(times for verbs, times in _VERBS.items() if re.fullmatch(f"(?i){verbs}", written))
        return Numeral(start, end, times, times / 5, is_verb=True)
    if match["half"] or match["share"]:
        parts = sum(_WORDS.get(word, 0) for word in re.findall("[a-z]+", written.lower())) or 1
        value = next(value for name, value in _FRACTIONS.items() if name in written.lower())
        if many := re.compile(" a (thousand|million|billion|trillion)").match(text, end):
            value, end = value * 10.0 ** MAGNITUDES[many[1]], many.end()
            return Numeral(start, end, parts * value, parts * value / 5, value)
        return Numeral(start, end, parts * value, parts * value / 5, is_share=True)
    if match["words"] and written.lower().endswith(" dozen"):
        number = Decimal({"half a": 6, "a": 12, "two": 24, "three": 36}[written.lower()[:-6]])
    elif match["words"]:
        number = Decimal(_in_words(written.lower()))
    elif match["han"] and re.fullmatch(f"[{_SIGNS}]{{2}}", written) and text.startswith("折", end):
        number = Decimal(f"{_HAN[written[0]]}.{_HAN[written[1]]}")  # 八五折
    elif match["tail"] or match["han"]:
        number, magnitude = _east_asian(re.sub("[多余餘 \u00a0]", "", written))
    else:
        number = Decimal(1) if match["base"] == "" else _digits(match["digits"])
    exponent = match["exponent"] or match["e"] or (match["raised"] or "").translate(_RAISED)
    place, is_whole = _place(number), not (_decimals(number) or magnitude or exponent)
    if exponent:
        magnitude, place = int(exponent[:9]) if "." not in exponent else 999, -_decimals(number)
    elif text[end : end + 1] in ("^", "几", "幾"):
        raise ValueError
    elif not magnitude:
        suffix = _magnitude().match(text, end)
        if suffix and (suffix[1] or text[start - 1 : start] in [*"$€£¥￥₹₩"]):
            magnitude, end, is_whole = MAGNITUDES[suffix[suffix.lastindex or 1].lower()], suffix.end(), False
    if text.startswith(" and a half", end):
        number, place, end = number + Decimal("0.5"), -1, end + len(" and a half")
    value, worth = float(f"{number:f}e{magnitude}"), float(f"1e{place + magnitude}")
    if not math.isfinite(value + worth) or not worth:
        raise ValueError
    return Numeral(start, end, value, worth, 10.0**magnitude, bool(re.search("[多余餘]", written)), is_whole)


def _decimals(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _place(number: Decimal) -> int:
    """Return the power of ten of the last significant place."""
    text = f"{number:f}"
    return -_decimals(number) or max(0, min(len(text) - len(text.rstrip("0")), len(text) - 2))


def _digits(written: str) -> Decimal:
    """Read digits with their separators."""
    whole, _, decimals = written.partition(".")
    grouped = re.fullmatch(r"[0-9]{1,3}(?:([,' \u00a0\u2009\u202f])[0-9]{3}(?:\1[0-9]{3})*)?", whole)
    indian = re.fullmatch(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}", whole)
    if not (grouped or indian or re.fullmatch("[0-9]*", whole)) or not re.fullmatch("[0-9]*", decimals):
        raise ValueError  # 3,5
    if grouped and grouped[1] == " " and re.fullmatch("[0-9]+ [0-9]*[1-9][0-9]*", whole):
        raise ValueError  # 24 576, which may be 24 of what is called 576
    return Decimal(re.sub("[^0-9.]", "", written))


def _in_words(written: str) -> int:
    """Read an English number below a thousand."""
    hundreds, _, rest = written.rpartition("hundred")
    return 100 * _WORDS.get(hundreds.strip(), 0) + sum(_WORDS.get(word, 0) for word in re.split("[- ]", rest))


def _whole(written: str) -> int:
    number, magnitude = _east_asian(written)
    return int(number * 10**magnitude)


def _east_asian(written: str) -> tuple[Decimal, int]:
    """Read a Chinese or Japanese number as digits and the power of ten that its last signs name."""
    if re.search(f"(?<![{_SIGNS}])[{_SIGNS[2:]}]{{2,3}}(?![{_SIGNS}])", written):
        raise ValueError  # 三四百: three or four hundred
    plain = re.sub(f"[{_SIGNS}]", lambda sign: str(_HAN[sign[0]]), written).replace("点", ".")
    plain = re.sub("([1-9]?)十([1-9]?)", lambda tens: (tens[1] or "1") + (tens[2] or "0"), plain)
    first, *rest = re.findall("[0-9.,' ]+|.", plain)
    if re.fullmatch("[百千]?[万萬]?[亿億兆]?", "".join(rest)):
        number, magnitude = _digits(first), sum(_UNITS[unit] for unit in rest)
        # 二百 is 200, where 2亿 is in units of 亿
        if magnitude < 4 and not _decimals(number):
            number, magnitude = number * 10**magnitude, 0
        return number, magnitude
    total = section = 0
    last, pending = 99, _digits(first)
    current = None if _decimals(pending) else int(pending)
    for token in rest:
        power = _UNITS.get(token)
        if power is None:
            current = int(token.replace(",", ""))
            continue
        if power < 4 and current and not 0 < section < 10 ** (power + 1):
            section += current * 10**power
        elif power >= 4 and (section or current):
            section += current or 0
            total, section = (
                ((total + section) * 10**power, 0) if power > last else (total + section * 10**power, 0)
            )
            last = power
        else:
            raise ValueError
        current = None
    if current is not None:
        power, digits = _UNITS[rest[-2]], rest[-1]
        full = total + section + current
        if not digits.startswith("0") and (len(digits) == 1 or power >= 8):
            raise ValueError  # 1万2: 12,000 or 10,002
        return Decimal(full), 0
    return Decimal(total + section), 0
