"""What a printed figure promises: its value, unit, precision and hedge, and the band of numbers it allows."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from costcheck.claims.hedges import Hedge as Hedge
from costcheck.claims.hedges import hedge_before, hedge_behind
from costcheck.errors import InputError
from costcheck.text.numerals import Numeral, narrow, numerals_in
from costcheck.units import notation
from costcheck.units.in_words import BUYS, below, currency_before, thing_counted, unit_before, words_behind

SLACK = 1e-9
"""What rounding errors add up to, as a share of a border."""


@dataclass(frozen=True)
class Figure:
    """A figure as printed.

    ``value`` is in ``unit``; of a range it is the lower end, and ``high`` the upper. ``place`` is the worth
    of one unit in the last significant place, and ``high_place`` that of ``high``. It is 0 for a reading of
    words, and for a count: a whole number of things below 100, without a hedge.
    """

    printed: str
    value: float
    high: float | None = None
    unit: str | None = None
    place: float = 0.0
    hedge: Hedge = Hedge.EXACT
    high_place: float = 0.0


class Spot(NamedTuple):
    """Where a figure stands in a text, hedge and unit included; ``problem`` says why it cannot be read.

    ``per`` is the unit that the words before it give it for each of, where it has none itself: 1人1日8回.
    """

    start: int
    end: int
    figure: Figure
    numeral: Numeral
    problem: str = ""
    per: str = ""


def figures_in(printed: str) -> list[Spot]:
    """Read every figure in a text, with its unit and hedge.

    >>> [f"{spot.figure.value:g} {spot.figure.unit}" for spot in figures_in("4 H100 for $10/hr, ~30%")]
    ['4 GPU', '10 USD/hour', '30 percent']
    """
    text = narrow(printed)
    spots: list[Spot] = []
    per: Figure | None = None
    end = 0
    for numeral in numerals_in(text):
        if numeral.start < end:  # in a unit: per 1,000 queries
            continue
        spot = _spot(text, numeral, spots[-1] if spots else None, end)
        if not spot:
            continue
        if spot.figure.value == 1 and (once := _ONCE.match(text, spot.end)):
            per, end = replace(spot.figure, unit="request"), once.end()
            continue
        if _is_for_each(text, spot, end):
            is_second = per and per.unit and spot.start - end < 2  # 1枚1時間420円
            unit = f"{per.unit}/{spot.figure.unit}" if per and is_second else spot.figure.unit
            per, end = replace(spot.figure, unit=unit), spot.end  # 100万トークンあたり3ドル
            continue
        if spots and (joined := _range(text, spots[-1], spot) or _time(text, spots[-1], spot)):
            spot, end = joined, spots[-2].end if len(spots) > 1 else 0
            spots.pop()
        unit, many = unit_before(text, end, spot.start)
        if per:  # 1台あたり月5万円
            period = f"/{unit}" if unit != per.unit and unit in ("month", *notation.TIMES) else ""
            unit, many = f"{per.unit}{period}" if per.unit else period[1:], per.value
        named = re.split("[-/]", spot.figure.unit or "")
        is_rate = {*notation.TIMES} & {*named[1:]} and spot.figure.unit != "GPU-hour"
        named += [*notation.TIMES, "month"] if is_rate else []
        unit = "/".join(part for part in (unit or "").split("/") if part not in named)
        spot = spot._replace(per="" if spot.figure.unit or not unit or many != 1 else unit)
        if spot.figure.unit and unit and named[0] not in ("percent", "times", "1"):
            unit, many = ("Mtok", 1.0) if (unit, many) == ("token", 1e6) else (unit, many)
            spot = spot._replace(figure=scaled(spot.figure, 1 / many, below(spot.figure.unit, unit)))
        spots.append(spot)
        is_range = not spot.figure.unit and _TO.match(text, spot.end)
        per, end = per if is_range else None, spot.end
    return spots


def _is_for_each(text: str, spot: Spot, last: int) -> bool:
    """Say whether a figure is that for each of which the next is given: 100万トークンあたり3ドル."""
    figure, end = spot.figure, spot.end
    if figure.value <= 0:
        return False
    if _PER.match(text, end) or _EACH.search(text[last : spot.start]):
        return True
    if figure.value == 1 and figure.unit and "." not in figure.printed:
        is_time, is_money = figure.unit in (*notation.TIMES, "month"), figure.unit in notation.CURRENCIES
        follows = [_A_TIME, *[_IN_A_TIME] * is_time, *[_BUYS] * is_money]
        return any(pattern.match(text, end) for pattern in follows)
    is_many = figure.unit in notation.COUNTED[4:] and figure.value in (1e3, 1e4, 1e6)
    return is_many and bool(_COST.match(text, end))


_PER = re.compile("あたり|当たり|につき|に直すと|(?<![円元ルD])の(?:原価|コスト|料金|価格|単価|費用)")
_COST = re.compile(
    "(?:[がはで]|を[^0-9、。]{1,8}のに)?[:： ]?(?=[約约]?[0-9.]+ ?(?:[元円ドk]|米ド|美元)|[$¥][0-9])"
)
_ASKED = "(?:对话|问答|查询|提问|调用|请求|回答|推理|質問|応答|リクエスト|クエリ|会話)"
_ONCE = re.compile(
    f"(?:[回次件問]|つの{_ASKED}[にはで])(?:あたり|当たり|につき)?(?:{_ASKED}[一-鿿]{{0,6}})?"
    "(?:の[^0-9、。]{1,8}[にはで])?(?:平均(?:で|して)?)? ?(?=[約约]?[0-9])"
)
_A_TIME = re.compile(
    "(?:下来|按)?(?![前后後内里以])[一-鿿]{0,3} ?(?=[0-9])"
    "|(?:[にではもがを]{0,2}|に[^0-9、。]{1,8}は|(?<=[元円ルD]) ?[=≈兑兌] ?)(?=[約约0-9¥$])"
)
_IN_A_TIME = re.compile(
    "(?:(?![前后後内里以之多来半])[一-鿿]{0,10}|(?:[にではもがの]|[続使回動稼ぶ借][^0-9、。])[^0-9、。]{0,10})"
    " ?(?=[約约]? ?[0-9¥$]|[两二三四五六七八九][百千万])"
)
"""What follows a time in which something happens: 1日に1億件, 一年下来电费6.3万元."""
_BUYS = re.compile(f"{BUYS}(?=[0-9¥$€£])")
_EACH = re.compile("(?:[每毎](?:(?:生成|处理|消耗|产生|输出|输入) ?)?|[Pp]er )$")
_TO = re.compile(" ?(?:[-–‒~〜∼至到]|—(?! )| to ) ?")


def _spot(text: str, numeral: Numeral, previous: Spot | None, last: int) -> Spot | None:
    """Read the unit and the hedge of a numeral; ``last`` is where the one before it ends."""
    start, end, half = numeral.start, numeral.end, 0.0
    number = text[start:end].lower()
    is_negative = text[start - 1 : start] == "-" and (start - 1 != last or not last)
    if is_negative and start > 1 and text[start - 2].isalnum() and text[start - 2].isascii():
        return None  # GPT-4
    currency, start = currency_before(text, start - is_negative)
    if currency and text[start - 1 : start] == "-" and (start - 1 != last or not last):
        is_negative, start = True, start - 1
    is_upper = last and _TO.fullmatch(text, last, start)
    if is_upper and previous and not currency and previous.figure.unit in notation.CURRENCIES:
        currency = previous.figure.unit
    hedges = [Hedge.OVER] if numeral.is_more else []
    if text[end : end + 1] and text[end] in "+余餘多" and (behind := hedge_behind(text, end))[0]:
        hedges.append(behind[0])
        end += 1
    if numeral.is_whole and re.match("[个個か]半", text[end : end + 2]):  # 11个半月
        half, end = 0.5, end + 2
    a = 2 + text.startswith("n", end + 2) if numeral.is_share and text.startswith(" a", end) else 0
    words = words_behind(text, end + a, currency)  # half a gigawatt
    unit, after = words.unit, words.end
    if number in ("twice", "thrice") or numeral.is_verb:
        unit = "times"
    elif number == "one" and not unit:
        return None
    elif text.endswith("百分之", 0, start):
        unit, start = "percent", start - 3
    elif half and text.startswith("月", end):
        unit, after = "month", end + 1
    elif not unit and (thing := thing_counted(text[end : end + 1], text[max(0, start - 40) : end + 40])):
        unit, after = thing, max(after, end + 1)
    if numeral.is_whole and unit in (*notation.TIMES, "month", "times") and text.startswith("半", after):
        half, after = 0.5, after + 1  # 两年半
    problem = numeral.problem
    if not unit and numeral.is_share:
        unit = "1"
    unread = "[个個か]?半|[A-Za-z]|[×*][0-9]" if after == end else "半"
    behind_it = re.compile(f"(?:{unread}).?| ?/ ?[A-Za-z]+| per [a-z]+").match(text, after)
    if currency == "?" and text[start] == "$":
        problem = f"{text[start - 1 : end]} is in dollars that costcheck does not know"
    elif not problem and behind_it:
        problem = f"{text[numeral.start : behind_it.end()]!r} is not understood"
    if not is_upper:
        before, start = hedge_before(text, last, start)
        hedges[:0] = [before] if before else []
    while (behind := hedge_behind(text, after))[0]:
        hedges.append(behind[0])
        after = behind[1]
        if not unit:  # 3,000以上のGPU
            words = words_behind(text, after + text.startswith("の", after))
            unit, after = words.unit, words.end if words.unit else after
    # about 25 million and more is at least 25 million
    hedge = next((h for h in reversed(hedges) if h is not Hedge.ABOUT), (hedges or [Hedge.EXACT])[0])
    value = (-numeral.value if is_negative else numeral.value) + half
    figure = Figure(text[start:after], value, None, unit, half or numeral.place, hedge)
    figure = _counted(scaled(figure, 1 / words.divisor, unit), numeral)
    if unit == "?":  # ¥
        figure = replace(figure, unit=None)
    return Spot(start, after, figure, numeral, problem)


def _time(text: str, longer: Spot, shorter: Spot) -> Spot | None:
    """Join the parts of a duration: 4h 20min, 1小时30分钟."""
    first, second = longer.figure, shorter.figure
    sizes = [notation.TIMES.get(figure.unit or "", 0) for figure in (first, second)]
    is_one = text[longer.end : shorter.start] in ("", " ", " and ") and sizes[0] > sizes[1] > 0
    if not is_one or second.hedge is not Hedge.EXACT or first.high is not None:
        return None
    by = float(sizes[1] / sizes[0])
    both = replace(
        first, printed=text[longer.start : shorter.end], value=first.value + second.value * by, place=by
    )
    return longer._replace(end=shorter.end, figure=both)


def unit_not_read(printed: str) -> str:
    """Return the word behind the only figure of a text that is probably a unit; empty where there is none.

    >>> unit_not_read("40 furlongs"), unit_not_read("40 in 2024"), unit_not_read("40 kWh")
    ('furlongs', '', '')
    """
    spots = figures_in(printed)
    behind = narrow(printed)[spots[0].end :] if len(spots) == 1 and not spots[0].figure.unit else ""
    word = re.match(rf" ?(?!(?:{_NO_UNITS})\b)([A-Za-z]+)", behind)
    return word[1] if word else ""


_NO_UNITS = "in|of|for|on|to|and|or|by|at|the|as|is|was|are|were|than|from|with|more|less|higher|lower|so"


def _counted(figure: Figure, numeral: Numeral) -> Figure:
    """Take the leeway from a count."""
    is_count = numeral.is_whole and abs(figure.value) < 100 and figure.hedge is Hedge.EXACT
    things = (None, *notation.COUNTED, *notation.NOUNS)
    return replace(figure, place=0.0) if is_count and figure.unit in things else figure


def scaled(figure: Figure, by: float, unit: str | None) -> Figure:
    """Return a figure times a factor, in a unit; 1.5e6 times 1e-6 is 1.5 and not 1.4999999999999998."""
    numbers = (figure.value, figure.high or 0.0, figure.place, figure.high_place)
    value, high, place, high_place = (n * by if by >= 1 else n / (1 / by) for n in numbers)
    high_end = None if figure.high is None else high
    return Figure(figure.printed, value, high_end, unit, place, figure.hedge, high_place)


def _range(text: str, lower: Spot, upper: Spot) -> Spot | None:
    """Join two figures that are the ends of a range: $2-5M, 32% to 36%, between 2 and 4."""
    between = text[lower.end : upper.start]
    leads = text[max(0, lower.start - 9) : lower.start].rstrip().lower()
    low, high = lower.figure, upper.figure
    is_joined = _TO.fullmatch(between) or (between == " and " and leads.endswith("between"))
    if not is_joined or low.high is not None:
        return None
    # 555-0142 is none, nor is from 8k to 128k
    if re.match("0[0-9]", text[upper.numeral.start :]) or leads.endswith(("from", "从", "從")):
        return None
    if low.unit not in (None, high.unit) and not (high.unit or "").startswith(f"{low.unit}/"):
        return None
    is_scaled = low.value != lower.numeral.value  # 四成到五成
    by = abs(high.value) / upper.numeral.value if high.value and not is_scaled else 1.0
    if lower.numeral.magnitude == 1 and low.value * upper.numeral.magnitude * by < high.value:
        by *= upper.numeral.magnitude
    if not low.value * by < high.value:
        return None
    hedge = low.hedge if high.hedge is Hedge.EXACT else high.hedge
    place = low.place or lower.numeral.place * (high.place > 0)
    both = scaled(replace(low, hedge=hedge, place=place), by, high.unit)
    both = replace(both, printed=text[lower.start : upper.end], high=high.value, high_place=high.place)
    return Spot(lower.start, upper.end, both, upper.numeral, lower.problem or upper.problem)


def read_figure(
    printed: str,
    *,
    value: float | None = None,
    high: float | None = None,
    unit: str | None = None,
    hedge: Hedge | None = None,
) -> Figure:
    """Read a figure as printed: its value, unit, precision and hedge.

    What the words do not show, or where they have several figures, is given: its ``value`` and the ``high``
    end of a range, in ``unit``, which may name more than the words do: ``USD/GPU-hour`` for ``$2``.

    Raises:
        InputError: There is no figure, one that is not understood, or several and no ``value`` to choose
            one; or the figure is in a unit that does not fit ``unit``.

    >>> figure = read_figure("不到1000万美元")
    >>> figure.value, figure.unit, figure.hedge.value
    (10000000.0, 'USD', 'under')
    """
    spots = figures_in(printed)
    if value is None:
        figure = _converted(_only(printed, spots, unit), unit)
    else:
        figures = (_with_value(spot, value, unit) for spot in spots)
        figure = next((match for match in figures if match), Figure(printed, value, high, unit))
    high = figure.high if high is None else high
    return replace(figure, printed=printed, high=high, hedge=hedge or figure.hedge)


def _only(printed: str, spots: list[Spot], unit: str | None) -> Spot:
    """Return the only figure of a text, or the only one whose unit is named and fits."""
    where = repr(printed if len(printed) <= 60 else printed[:60] + "...")
    if problem := next((spot.problem for spot in spots if spot.problem), None):
        raise InputError(f"{problem}; give its value", where=where)
    if not spots:
        raise InputError("has no figure that costcheck can read; give its value", where=where)
    fitting = [spot for spot in spots if unit and spot.figure.unit and _factor(spot, unit)]
    if len(spots) == 1 or len(fitting) == 1:
        return (fitting or spots)[0]
    names = ", ".join(f"{spot.figure.value:g} {spot.figure.unit or ''}".strip() for spot in spots[:10])
    raise InputError(f"has several figures ({names}); give the value of the one meant", where=where)


def _with_value(spot: Spot, value: float, unit: str | None) -> Figure | None:
    """Return a figure that has this value, in the unit wanted or as it is printed."""
    for by in (_factor(spot, unit) if unit else None, 1.0):
        if by and math.isclose(spot.figure.value * by, value, rel_tol=1e-12):
            return replace(_converted(spot, unit, by), value=value)
    return None


def _converted(spot: Spot, unit: str | None, by: float | None = None) -> Figure:
    if unit is None:
        return spot.figure
    by = by or _factor(spot, unit) or notation.factor(spot.figure.unit or "1", unit)
    bare = replace(spot.figure, place=spot.figure.place or spot.numeral.place)
    return _counted(scaled(bare, by, unit), spot.numeral)


def _factor(spot: Spot, wanted: str) -> float | None:
    """Return the factor to a unit that may name more than the words do; None where they do not fit."""
    theirs = notation.parse(wanted)
    if spot.figure.unit is None:
        # 1.5M of tokens are 1.5 Mtok; in a column of Mtok, 1.5 is 1.5 Mtok
        tokens = [name for name, power in theirs.parts if power == 1 and name.endswith(("tok", "token"))]
        return float(1 / notation.parse(tokens[0]).scale) if tokens and spot.numeral.magnitude > 1 else 1.0
    if spot.figure.unit == wanted:
        return 1.0
    ours = notation.parse(spot.figure.unit)
    for count in range(len(theirs.parts), min(1, len(theirs.parts)) - 1, -1):
        for parts in itertools.combinations(theirs.parts, count):
            if by := notation.conversion(ours, notation.made_of(parts)):
                return by
    return None


class Band(NamedTuple):
    """The numbers for which a figure holds, from ``low`` to ``high``; an open end is not among them."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, number: Any) -> bool:
        return self.overlaps(number, number)

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest number in it."""
        low, below = self.low, SLACK * abs(self.low)
        high, above = self.high, SLACK * abs(self.high)
        least = math.nextafter(low + below, math.inf) if self.low_open else low - below
        return least, math.nextafter(high - above, -math.inf) if self.high_open else high + above

    def overlaps(self, low: float, high: float) -> bool:
        """Say whether any number from ``low`` to ``high`` is in the band."""
        least, greatest = self.ends
        return high >= least and low <= greatest

    def __str__(self) -> str:
        size = max(abs(end) for end in (self.low, self.high) if math.isfinite(end))
        scales = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
        scale, name = next(((s, n) for s, n in scales if s <= size < 1e18), (1.0, ""))
        low, high = (f"{end / scale:,.10g}" for end in (self.low, self.high))
        if self.high == math.inf:
            return f"{'above' if self.low_open else 'at least'} {low}{name}"
        if self.low == -math.inf:
            return f"{'below' if self.high_open else 'at most'} {high}{name}"
        return f"exactly {low}{name}" if low == high else f"{low} to {high}{name}"


def band(figure: Figure) -> Band:
    """Return the numbers for which a figure holds.

    *Exact* allows half a unit in the last place, *about* 5 % if that is more, *nearly* 90 to 100 %. The other
    hedges do not round in the figure's favour. Of a range the outer ends count.

    >>> print(band(read_figure("about 4500 kWh")))
    4,275 to 4,725
    """
    low, high = figure.value, figure.value if figure.high is None else figure.high
    high_place = figure.place if figure.high is None else figure.high_place
    match figure.hedge:
        case Hedge.OVER:
            return Band(low, math.inf, low_open=True)
        case Hedge.AT_LEAST | Hedge.PLUS:
            return Band(low, math.inf)
        case Hedge.UNDER:
            return Band(-math.inf, high, high_open=True)
        case Hedge.UP_TO:
            return Band(-math.inf, high)
        case Hedge.NEARLY:
            return Band(low - 0.1 * max(low, 0), high + 0.1 * max(-high, 0))
    share = 0.05 if figure.hedge is Hedge.ABOUT else 0.0
    return Band(low - max(share * abs(low), figure.place / 2), high + max(share * abs(high), high_place / 2))
