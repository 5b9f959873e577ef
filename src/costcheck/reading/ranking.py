"""How likely a sum is the one a figure comes from: by place and words first, by value then.

A score is the logarithm of odds. Every operand costs the logarithm of how many of its kind are nearer, and of
its distance; a unit that does not quite fit, a constant that is not printed, and an order against the text's
cost more. A value that agrees speaks for a sum the more, the more digits it has. The weights, here and in
`candidates`, are such logarithms: 0.7 is two to one, 1.6 five to one, 2.3 ten to one.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from costcheck.claims.printed import Figure, Hedge, band
from costcheck.reading.candidates import signature
from costcheck.reading.figures import Quantity
from costcheck.units import notation

BASE = -0.5
"""The odds that a figure follows from others at all."""
SHARE, PUE = 0.7, 2.0
"""What speaks against a share, or a PUE, as a result."""
BASE_BEHIND, MULTIPLE = 12, 1.2
"""Characters behind a multiple in which its base is, at most, and what that speaks for it as a result."""
BEFORE, BEHIND = 40, 12
"""How many figures before and behind one are looked at."""
UNDER = 1.2
"""What it costs to use a figure of the words below a table for one in it, at most."""
DECADES = 2 * math.log(10)
"""How far the value of a wrong sum may be from the figure."""
SLIP, NEAR_MISS = math.log(0.02), math.log(0.1 * DECADES / 0.5)
"""How rarely the right sum is off by a known factor, or by less than a quarter."""
COMMON, RARE = math.log(0.1), SLIP - 1.0
"""How rarely it is off by a share of the wrong base, or by the step between two units."""
PERIODS = tuple(math.log(period) for period in (12, 30, 365, 7, 24, 365 / 30))
"""The periods that are mistaken for each other, as logarithms of how many of one are in the other."""
SLIPS, RARER = (1, 2, 3, 4, 6), (4, 6)
"""The powers of ten by which figures are off, and those that are rarer, but for a 万 printed for a 億."""

_RESULT = re.compile(
    r"=|≈|→|\bi\.e\.|\b(?:so|thus|hence|therefore|mak(?:es|ing)|giv(?:es|ing)|c(?:ome|omes|ame|oming)"
    r"|works? out|adds? up|total|altogether|together|call it|or|leaves|takes?|equals|implies|means|needs?|sum"
    r"|that is|break[- ]?even|looking at|bill(?:ed)?|invoice|cost|which is|reach)\b"
    r"|即|就是|便是|[总一]共|共[计需要花]|合计|总计|总额|等于|相当于|折合|折算|换算|算下来|需要|就要|要|达|结论|一年下来"
    r"|花费|支出|总价|那么|つまり|合計|計|すなわち|相当|総|費用|すると|すれば|なので|達|必要|請求|賃料|月額|年額|換算",
    re.IGNORECASE,
)
_RESULT_BEHIND = re.compile(
    r"[^。.;；\n]{0,8}?(?:in (?:total|all)|all told|altogether|together"
    r"|にな[りる]|とな[りる]|に達|に相当|かかる|必要)",
    re.IGNORECASE,
)
_BASIS = re.compile(
    r"\b(?:basis|assum\w*|premises?|how|notes?|remarks?|inputs?|at)\b|前提|根拠|内訳|条件|備考|算出|假设|依据|说明|备注|算法|口径",
    re.IGNORECASE,
)
"""Headers of columns that hold what the figures beside them come from."""
_INPUT = re.compile(
    r"\b(?:at|with|each|if|assum\w+|suppos\w+|priced?|list\w*|uses?|gets? (?:through|by on)|burns?"
    r"|consumes?)\b(?: (?:about|around|today's|an?|the|typical|average|usual)){0,2}\W*$"
    r"|(?:单价|定价|按|假设|如果|仮に|単価)[^，。、]{0,3}$",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\b(?:totals?|sum|altogether|together|combined|plus|and|all|overall|bill|invoice)\b|账单|月结|請求|合计|总计|总额|共|小计|全部|加|合計|(?<![設統])計(?![算画])|総|全体|足",
    re.IGNORECASE,
)
_TOTAL_LABEL = re.compile(
    r"^\W*(?:(?:sub|grand )?-?totals?|sum|altogether|overall|whole|all(?:[ -]in)?|both|together)\b"
    r"|合[计計]|[总総][计計额額]|小[计計]|共[计計]|^\W*[计計](?!算)",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:cheaper|less|lower|fewer|faster|more|higher|dearer|up|down|by|drop\w*|f[ae]ll\w*|cut\w*|sav(?:e|es|ed|ings?)"
    r"|declin\w+|decreas\w+|reduc\w+|discount\w*|off|increas\w+|r[io]se\w*|rising|gr[oe]w\w*|jump\w*|shr[aiu]nk"
    r"|change|growth|above|below|mark-?(?:up|down)|margin|premium|over)\b"
    "|[降减減省涨增増少低贵高跌折多]|便宜|下落|安[いくか]|削|値[上下]|上昇|節約|上が|下が|割引",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"\b(?:drop\w*|f[ae]ll\w*|cuts?|sav\w+|declin\w+|decreas\w+|reduc\w+|discount\w*|margin|off|shr[aiu]nk"
    r"|mark(?:ed )?-?downs?)\b|[降减減省跌]|节约|便宜|毛利|利益率|下落|安[いくか]|削|値下|節約|下が|割引",
    re.IGNORECASE,
)
_RISE = re.compile(
    r"\b(?:increas\w+|r[io]se\w*|rising|gr[oe]w\w*|jump\w*|growth|markup)\b|[涨贵]|[增増](?!效)|値上|上昇|上が",
    re.IGNORECASE,
)
_BELOW = re.compile(r" ?(?:cheaper|less|lower|fewer|below|down|低|少|安)", re.IGNORECASE)
_ABOVE = re.compile(r" ?(?:dearer|more|higher|faster|above|up|高|多|の?増)", re.IGNORECASE)
"""Words right behind a share that say which way it goes."""
_DISCOUNT = re.compile(r"\s*(?:off\b|discount|cheaper|less\b|引|割引|オフ|安く)", re.IGNORECASE)
_REST = re.compile(
    r"\b(?:left|leav\w+|keeps?|remain\w*|rest|other|still|difference|gap|short|minus|after|net|less|sav\w+|deduct\w+"
    r"|subtract\w+|profit|margin|more|cheaper|gain|loss|balance|discounts?|drop\w*)\b"
    "|お得|浮[くい]|割引分|[剩差余净省減减除扣赚赔亏赢]|安[くい]|残り|差額|差し引|節約|利益|黒字|赤字|引い",
    re.IGNORECASE,
)
_EACH = re.compile("[每一1][个個张張块塊台枚基卡]|あたり|each|per |apiece", re.IGNORECASE)
_SERVER = re.compile(
    r"整[台机]|[一1]台服务器|サーバー?1台|1台丸ごと"
    r"|\b(?:whole|full|entire|complete) (?:server|node|box|machine)",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"\b(?:whole|entire|all in|altogether|site|facility|campus|cent(?:re|er)|container|hall"
    r"|building|room|cooling)\b"
    r"|全站|机房|整个|全年|每年耗电|中心|园区|制冷|空调|冷却|全体|施設|センター|電力量",
    re.IGNORECASE,
)
_METERED = re.compile(
    r"\b(?:meter\w*|measur\w+|alone|only|without|IT|servers?|GPUs?|[A-Z]\d+s|chips?|accelerators?|nodes?|hardware)\b"
    r"|电表|メーター|だけ|のみ|[仅只]|服务器|サーバ",
)
_MFU = re.compile("MFU|HFU|utili[sz]ation|利用率|稼働率", re.IGNORECASE)


USUAL = 0.3
"""How far it counts how often figures in a unit are results, where the value fits."""
_MONEY = f"(?:{'|'.join(notation.CURRENCIES)})"
_USUALLY = {
    rf"(?:day|hour|month)/(?:day|month|year)|.*/[kMGT]?Wh|{_MONEY}/kW-month|{_MONEY}/{_MONEY}": -3.0,
    "parameter|byte|layer|head.*|(?:token|byte).*/(?:request|parameter)|request/user.*": -3.0,
    rf".*/(?:GPU|TPU|server|node|rack)|{_MONEY}/.PU-hour": -2.0,
    "GPU|TPU|server|node|person|minute|W|request/day": -1.5,
    rf"{_MONEY}/(?:[kM]?tok|token|minute)|times|token|token/s|year|Wh": -1.0,
    rf"{_MONEY}|GPU-hour|[GMT]B|[kMG]Wh|(?:k?g|t)CO2e|household|token/day": 0.6,
    ".*/(?:month|year|day)|FLOP|[KMG]iB/token": 1.6,
}
"""About how often figures in a unit are results in texts whose sums are known, as logarithms of odds."""


@cache
def usual(unit: str | None) -> float:
    """Return the odds that a figure in a unit is a result: the rent of a month often is, a tariff is not.

    >>> usual("USD/month"), usual("USD/kWh"), usual("percent")
    (1.6, -3.0, 0.0)
    """
    return next((odds for pattern, odds in _USUALLY.items() if re.fullmatch(pattern, unit or "")), 0.0)


def odds_of(target: Quantity, text: str) -> float:
    """Return the odds that a figure is a result, by the words about it."""
    words = re.split(r"[。;；\n]|\. ", text[max(0, target.start - 40) : target.start])[-1]
    since_the_last = re.split(r"\d", words)[-1] + text[target.start : target.end].rstrip()
    odds = BASE + 0.3 * (target.figure.hedge is not Hedge.EXACT) + USUAL * usual(target.figure.unit)
    is_change = target.figure.unit == "percent" and has_change(target, text)
    odds -= 2.0 * signature(target.figure.unit).is_rhythm + 1.0 * bool(_BASIS.search(target.column))
    odds -= SHARE * (target.figure.unit == "percent" and not is_change)
    odds -= PUE * (target.figure.unit == "times" and "PUE" in f"{words} {target.row} {target.column}")
    if _RESULT.search(since_the_last) or _TOTAL.search(target.row):
        return odds + 1.2
    if _RESULT_BEHIND.match(text, target.end):
        return odds + 1.0
    return odds - 0.5 * bool(_INPUT.search(words))


def has_total(target: Quantity, text: str) -> bool:
    """Say whether the words before a figure, or right behind it, or its row, speak of a total."""
    words = text[max(0, target.start - 40) : target.start].rpartition("\n")[2]
    behind = re.match(r" ?(?:in )?(?:total|all\b|altogether|合[计計])", text[target.end : target.end + 16])
    return bool(behind or _TOTAL.search(f"{words} {target.row}"))


def has_change(target: Quantity, text: str) -> bool:
    """Say whether the words about a share, or its headers, speak of a change."""
    words = text[max(0, target.start - 60) : target.end + 25]
    return bool(_CHANGE.search(f"{words} {target.row} {target.column}"))


def direction(target: Quantity, text: str) -> int:
    """Return -1 where the words about a share speak of a drop, 1 where of a rise, or else 0."""
    for way, behind in ((-1, _BELOW), (1, _ABOVE)):
        if behind.match(text, target.end):
            return way
    begin, gaps = max(0, target.start - 60), []
    words = text[begin : target.end + 25]
    for way, pattern in ((-1, _DROP), (1, _RISE)):
        for found in pattern.finditer(words):
            before, behind_it = target.start - begin - found.end(), found.start() - target.end + begin
            gaps.append((max(before, behind_it), way))
    return min(gaps)[1] if gaps else 0


def is_discount(quantity: Quantity, text: str) -> bool:
    """Say whether the words behind a share make it a discount."""
    return quantity.figure.unit == "percent" and bool(_DISCOUNT.match(text, quantity.end))


def has_rest(target: Quantity, text: str) -> bool:
    """Say whether the words about a figure, or its headers, speak of a rest or a difference."""
    words = text[max(0, target.start - 60) : target.end + 25]
    return bool(_REST.search(f"{words} {target.row} {target.column}"))


def is_total(label: str) -> bool:
    """Say whether a row of a table, or a line of a list, is a total, by its label."""
    return bool(_TOTAL_LABEL.search(label)) and not re.search(
        "(?i)overlap|parallel|without|excl|不含|除", label
    )


def near(figures: Sequence[Quantity], at: int) -> list[tuple[int, float, float]]:
    """Return the figures about one, with what the use of each costs and what more as it comes later."""
    target, found = figures[at], []
    seen, ranks = {_same(target.figure)}, dict[tuple[int, int], int]()
    places = range(max(0, at - BEFORE), min(len(figures), at + BEHIND + 1))
    sure = [*itertools.accumulate(not figures[i].is_doubtful for i in places)]
    apart = {i: max(1, abs(sure[i - places[0]] - sure[at - places[0]])) for i in places}
    order = {line: i for i, line in enumerate(sorted({figures[i].line for i in places}))}
    for i in sorted(places, key=lambda i: (apart[i] + 1.5 * (i > at), i)):
        other = figures[i]
        if i == at or _same(other.figure) in seen:
            continue
        seen.add(_same(other.figure))
        of = signature(other.figure.unit)
        rank = ranks.get((of.hard, of.soft), 0)
        ranks[of.hard, of.soft] = rank + 1
        lines, is_together = abs(order[other.line] - order[target.line]), other.sentence == target.sentence
        cost = 0.5 + 0.7 * math.log1p(rank) + 0.3 * math.log(apart[i]) + 0.3 * math.log1p(lines)
        is_base = i == at + 1 and is_multiple(target, other)
        is_base |= other.line == target.line and bool(_BASIS.search(other.column))
        late = 0.0 if is_base else 1.3 if is_together else 1.9 if lines < 2 else 2.4
        if target.row and not other.row:
            late = min(late, UNDER)
        found.append((i, cost - 0.3 * is_together, late * (i > at)))
    return sorted(found, key=lambda use: use[1] + use[2])


def is_multiple(quantity: Quantity, other: Quantity) -> bool:
    """Say whether a figure is a multiple of the other, which stands right behind it: 26 times our 21 kW."""
    if quantity.figure.unit != "times" or quantity.sentence != other.sentence:
        return False
    begin = quantity.sentence.find(quantity.figure.printed) + len(quantity.figure.printed)
    between = quantity.sentence[begin : begin + other.start - quantity.end]
    return len(between) < BASE_BEHIND and all(char.isalnum() or char == " " for char in between)


def _same(figure: Figure) -> tuple[float, float | None, str | None]:
    return figure.value, figure.high, figure.unit


def is_each(quantity: Quantity, text: str) -> bool:
    """Say whether the words next to a figure make it that of each of something."""
    words = text[max(0, quantity.start - 8) : quantity.start] + "|" + text[quantity.end : quantity.end + 6]
    return bool(_EACH.search(words))


def is_of_server(target: Quantity, text: str) -> bool:
    """Say whether the words before an amount make it that of a whole server."""
    words = re.split(r"[。;；\n]|\. ", text[max(0, target.start - 60) : target.start])[-1]
    return bool(_SERVER.search(words))


def is_pue(quantity: Quantity) -> bool:
    """Say whether a figure is by how much more a data centre takes than its computers."""
    words = f"{quantity.sentence} {quantity.row} {quantity.column}"
    return quantity.figure.unit in (None, "times") and quantity.figure.value < 3 and "PUE" in words


def has_all(target: Quantity, text: str) -> bool:
    """Say whether the words before an energy make it a whole site's, neither measured nor its servers'."""
    words = re.split(r"[。;；\n]|\. ", text[max(0, target.start - 100) : target.start])[-1]
    return bool(_SITE.search(f"{words} {target.row}")) and not _METERED.search(words)


def is_utilisation(target: Quantity) -> bool:
    """Say whether words name a share as that of a GPU's peak that a model uses."""
    words = f"{target.sentence} {target.row} {target.column}"
    return target.figure.unit == "percent" and bool(_MFU.search(words))


@cache
def digits(value: float) -> int:
    """Return how many digits of a number say something.

    >>> digits(43_000), digits(2_451_526.58), digits(0.52)
    (2, 9, 2)
    """
    return len(f"{value:.12e}".partition("e")[0].replace(".", "").rstrip("0")) or 1


class Slip(NamedTuple):
    """A factor by which figures are off, as a logarithm, how rarely, and what that is."""

    by: float
    odds: float
    what: str = "slip"
    is_exact: bool = False
    """Whether the figure has to hold but for it."""


_SECONDS = {"s": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@cache
def steps(units: frozenset[str | None], unit: str) -> list[Slip]:
    """Return the steps between units, or periods, that are mistaken for each other, in a sum for a unit.

    >>> [round(math.exp(step.by), 3) for step in steps(frozenset(["USD/minute", "hour"]), "USD")]
    [60.0, 0.017]
    """
    names = {name for each in units for name in re.findall("[A-Za-z]+", each or "")}
    times = sorted({size for name, size in _SECONDS.items() if name in names})
    times = [size for size in dict.fromkeys(_SECONDS.values()) if times and times[0] <= size <= times[-1]]
    found = {larger / smaller for smaller, larger in itertools.combinations(times, 2)}
    has_bits, has_bytes = (
        any(map(re.compile(of).fullmatch, names)) for of in ("[KMGT]?bit", "[KMGTP]?B|byte")
    )
    both_ways = [
        by for step in sorted(found | {8.0} if has_bits and has_bytes else found) for by in (step, 1 / step)
    ]
    slips = [Slip(math.log(by), RARE, is_exact=True) for by in both_ways]
    if "day" in names and not {"month", "year"}.isdisjoint(names):
        slips += [Slip(way * math.log(365 / 12), RARE, is_exact=True) for way in (1, -1)]
    if "byte/parameter" in units:
        slips += [Slip(math.log(by), SLIP, is_exact=True) for by in (2, 1 / 2)]
    if re.search(r"(?:^|/)(?:day|week|month|year)$", unit):
        slips += [Slip(way * period, RARE, is_exact=True) for period in PERIODS for way in (1, -1)]
    return slips


USUAL_TIMES = {
    "year": (1, "1 year"), "month": (12, "12 months"), "day/month": (30, "30 days a month"),
    "hour/day": (24, "24 hours a day"),
}  # fmt: skip
"""How long times are that are taken for others."""


def may_be_instead(unit: str | None, target: Quantity) -> bool:
    """Say whether one time may have been taken for another.

    Days off matter only for what people use, and years only where the words name none.
    """
    if unit in ("day/month", "hour/day"):
        return is_use(target)
    return not _ONE_YEAR.search(target.sentence)


_ONE_YEAR = re.compile(
    r"\b(?:first|this|next|last|per|a|each|every) year|\b(?:annual|yearly)|[首今每一去当]年|年[间間付]"
    "|初年度|1年",
    re.IGNORECASE,
)


def is_use(target: Quantity) -> bool:
    """Say whether a figure is how often, or how much, people use something."""
    return (target.figure.unit or "").split("/")[0] in ("token", "Mtok", "word", "character", *notation.NOUNS)


_CACHE = re.compile("KV|[Kk]eys? and (?:a )?values?|K and V|K 和 V|K[和とと]V|cache|缓存|キャッシュ")
_PART_OF_CACHE = re.compile(
    r"\b[Kk]eys?\b(?!,? (?:and|plus)\b)|\b[Vv]alues?(?: alone| only|:| take)|tied|window|shared"
    r"|latent|MLA|\bTP\b|half|sliding|pairs?\b|stage|(?:each|per) GPU"
    r"|[KV]缓存|键|共享|一半|窗口|キーは|値[はも]|共有|半分"
)


def is_whole_cache(target: Quantity) -> bool:
    """Say whether words make a figure the size of a KV cache, and not of a part of one."""
    return bool(_CACHE.search(target.sentence)) and not _PART_OF_CACHE.search(target.sentence)


@cache
def instead_of(unit: str | None, value: float) -> float:
    """Return by how much the usual length of a time is off: one year for three, as a logarithm.

    >>> round(math.exp(instead_of("month", 36)), 2), round(math.exp(instead_of("day/month", 20)), 2)
    (3.0, 0.67)
    """
    usual, _ = USUAL_TIMES.get(unit or "", (0, ""))
    is_other = usual and (value < 0.8 * usual if usual > 12 else value / usual in (2, 3, 4, 5))
    return math.log(value / usual) if is_other and usual else 0.0


class Allowed:
    """What a figure allows a sum to be, as factors of it, by their logarithms."""

    def __init__(self, figure: Figure) -> None:
        allowed, value = band(figure), figure.value
        self.low = max(math.log(allowed.low / value), -0.7) if allowed.low > 0 else -0.2
        self.high = min(math.log(allowed.high / value), 0.7) if 0 < allowed.high < math.inf else 0.2
        self.rarer = () if re.search("[万萬亿億]", figure.printed) else RARER
        self.place = max(figure.place / value, 0.002)
        # round numbers often meet
        self.round = max(self.place, 2.3 / (9 * 10.0 ** (min(digits(value), 4) - 1)))
        self.most = math.log(DECADES / self.place)
        """What a value can speak for a sum at the most."""

    def evidence(
        self, ratio: float, spread: float, slips: Callable[[], Sequence[Slip]] = tuple
    ) -> tuple[float, str]:
        """Return how much the value of a sum, over the figure's as a logarithm, speaks for it, and as what.

        ``slips`` is called only where no power of ten explains the ratio.

        What: holds, base (a share of the wrong figure), rounding (it would with other values behind the
        rounded inputs, which leave ``spread`` open), slip (of a power of ten, or one of ``slips``), hedge
        (which alone is wrong), or near; nothing where it misses.
        """
        if not math.isfinite(ratio):
            return 0.0, ""
        speaks, what = self._agreement(ratio, spread)
        if what:
            return speaks, what
        power = round(ratio / math.log(10))
        if abs(power) in SLIPS:
            speaks, what = self._agreement(ratio - power * math.log(10), spread, is_slip=True)
            if what:
                return speaks + SLIP - 0.5 * (abs(power) in self.rarer), "slip"
        for slip in slips():
            speaks, what = self._agreement(ratio - slip.by, 0.0 if slip.is_exact else spread)
            if what == "holds" or (what and not slip.is_exact):
                return speaks + slip.odds, slip.what
            if not slip.is_exact and abs(ratio - slip.by) < 0.05 < abs(slip.by):
                return math.log(DECADES / 0.08) + slip.odds, slip.what
        return (NEAR_MISS, "near") if abs(ratio) < 0.25 else (0.0, "")

    def _agreement(self, ratio: float, spread: float, *, is_slip: bool = False) -> tuple[float, str]:
        slack = 1e-9
        is_close = abs(ratio) <= self.place / 2 + slack
        if self.low - slack <= ratio <= self.high + slack:
            if is_close:
                return math.log(DECADES / (self.round if abs(ratio) < slack else self.place)), "holds"
            return math.log(DECADES / max(self.high - self.low, self.place)) - 0.7, "holds"
        if is_close and not is_slip:
            return math.log(DECADES / self.place) - 2.0, "hedge"
        if self.low - spread - slack <= ratio <= self.high + spread + slack:
            return math.log(DECADES / (max(self.high - self.low, self.place) + 2 * spread)) - 0.7, "rounding"
        return 0.0, ""
