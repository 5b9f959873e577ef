"""What the words around a figure add to it: the unit of a bare number, and of each of what an amount is.

`completed` asks in the order of this file: what the figure's own words mean here (`_reread`); which unit its
table (`headers`) or the words beside it (`_of_neighbours`) give a bare number; what a unit stands for here
(`_meant`); and of each of what an amount is: as the price beside it (`_of_other_price`), of a month
(`_of_period`), of a thing counted before it (`_of_each`) or of one GPU (`_is_of_a_gpu`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from costcheck.claims.hedges import Hedge, hedge_behind
from costcheck.claims.printed import Figure, Spot, scaled
from costcheck.reading.documents import Cell
from costcheck.reading.headers import of_cell, of_header
from costcheck.units import notation
from costcheck.units.in_words import GPU, below, thing_counted


@dataclass(frozen=True)
class Around:
    """A number among the others of its sentence or cell, ``part``; ``before_it`` are the sentences before.

    ``earlier`` are the quantities before it in ``part``, and ``between`` is what stands between the last of
    them and it. ``cents`` is the currency that cents are of, and ``people`` what people are in this text.
    """

    spots: Sequence[Spot]
    index: int
    part: str
    cell: Cell | None
    before_it: str
    earlier: Sequence[Figure]
    between: str
    language: str
    cents: str
    people: str

    @property
    def spot(self) -> Spot:
        """The number."""
        return self.spots[self.index]

    @property
    def before(self) -> str:
        """The words before it."""
        return self.part[: self.spot.start]

    @property
    def after(self) -> str:
        """The words behind it."""
        return self.part[self.spot.end :]

    @property
    def headers(self) -> str:
        """The headers of its row and column."""
        return f"{self.cell.row} {self.cell.column}" if self.cell else ""

    @property
    def last(self) -> str:
        """The unit of the quantity before it."""
        return (self.earlier[-1].unit or "") if self.earlier else ""

    def next_ones(self, joint: str) -> Iterator[Spot]:
        """Yield the numbers that follow, as long as what joins each to the one before looks like this."""
        for last, other in itertools.pairwise(self.spots[self.index : self.index + 20]):
            if not re.fullmatch(joint, self.part[last.end : other.start]):
                return
            yield other


def completed(around: Around) -> Figure:
    """Return a figure with the unit and the hedge that the words around it give."""
    figure = _reread(around)
    is_bare = not re.search(r"\w", around.before + around.after.strip("个個件台つ"))
    if around.cell and (figure.unit or is_bare):
        figure = of_cell(figure, around.cell, is_size=around.spot.numeral.magnitude > 1)
    if not figure.unit:
        figure = _of_neighbours(figure, around)
    if not figure.unit:
        return figure
    unit = _meant(figure.unit, figure.value, around)
    unit = _of_period(_of_other_price(unit, figure.value, around) or unit, around)
    thing = _of_each(unit, around) or ("GPU" if _is_of_a_gpu(unit, figure.value, around) else "")
    return replace(figure, unit=below(unit, thing) if thing else unit)


# -- what the figure's own words mean here

_LASTING = re.compile(r"\b(?:a|after|for|is|lasts?|lasted|needs?|spent|takes?|took|was|were) $")
"""Words before which over a time is a hedge; written off over five years it is none."""


def _reread(around: Around) -> Figure:
    """Return a figure as its own words are meant here: 90分 of an exam, 5¢ of a euro, $5 over 3 years."""
    spot, figure, printed = around.spot, around.spot.figure, around.spot.figure.printed
    kind, slash, per = (figure.unit or "").partition("/")
    if around.language == "zh" and figure.unit == "minute" and printed.endswith("分"):
        kind = "score"  # minutes are 分钟
    elif around.language == "ja" and kind == "week" and printed.endswith("周"):
        kind = "epoch"
    elif not kind and re.search("[¥￥]", printed):
        kind = {"zh": "CNY", "ja": "JPY"}.get(around.language, "")
    elif kind == "USD" and re.search("¢|c(?:en)?t", printed):
        kind = around.cents
    elif _is_yuan(around.part, spot.numeral.start, spot.numeral.end):
        kind = "CNY"
    elif kind in ("GPU", "server", "node", "user", "person", "W", "kW", "MW") and per in notation.PERIODS:
        slash = per = ""
    figure = replace(figure, unit=f"{kind}{slash}{per}" or None)
    is_behind = around.earlier and len(around.between) < 2  # $4,608 over 8,935M tokens
    is_during = kind in notation.PERIODS and not per and not _LASTING.search(around.before)
    no_hedge = "under a |[Oo]ver " if is_behind or is_during else "under a "  # a 12-year contract
    no_hedge += "|capped at" if kind in ("W", "kW") else ""
    return replace(figure, hedge=Hedge.EXACT) if re.match(no_hedge, printed) else figure


def _is_yuan(text: str, start: int, end: int) -> bool:
    """Say whether a number is of 块, yuan, and not of 块, pieces: 46块钱, 每天46块, but 440块A100."""
    if not re.match("[块塊](?! ?[A-Za-z显英加卡])", text[end:]):
        return False
    before = re.split("[,，;。；]", text[max(0, start - 8) : start])[-1]
    is_sum = re.search("[价费钱租付花省赚降涨卖元力]|每.{0,2}$", before) or re.match(".[多钱]", text[end:])
    return bool(is_sum) or "." in text[start:end]


# -- the unit of a bare number

_SAID_BEFORE = (
    (r"\b[Ff]actor of ", "times", False),
    (r"(?:参数[量规模]*|パラメータ数|[Pp]arameter count)[^\d,，。、]{0,5}", "parameter", False),
    (r"(?:ヘッド数?|头数)(?:は|が|为|:|：)? ?", "head", False),
    (r"パラメータ[はが] ?", "parameter", True),
    (r"激活[^\d,，。、]{0,3}", "parameter", True),
    (r"(?:用户|日活|月活|利用者|ユーザー)[^\d,，。、]{0,5}", "user", True),
    (r"QPS[^\d,，。]{0,5}", "request/s", False),
    (r"\b(?i:(?:pre-?)?trained|tuned|training) (?:it |them |the \w+ )?(?:on|for|over|with) ", "token", True),
    (r"(?:tokens?|Tokens?|トークン)[数总量]{0,2}(?:为|是|は|が|:|约|約|[总一]?共)? ?", "token", True),
    (r"(?:[单售报]?价格?|官网|成本|租金|预算|电费|[年月]薪|工资|[外另]加)[^\d,，。、]{0,4}", "CNY", True),
    (r"(?:每[台张块]|[买花]了?)[^\d,，。、]{0,4}", "CNY", True),
    (r"(?:価格|料金|費用|値段)[^\d、。]{0,4}", "JPY", True),
)
"""Words before a number, what they say it counts, and whether only of thousands and more (2.2万, 608B)."""
_CARDS = rf"{GPU}|\b(?:cards?|chips?|accelerators?)\b"
_AND = r" ?(?:,|、|and|or|to|到|至|和|与|から|と)(?: (?:and|or))? ?"
_WITHIN = re.compile(r" (?:in|over|for) (?:an?|one|the) (?:whole )?(day|week|month|year)\b")
_END = re.compile(r"\s*(?:[,.;:)!?。，、；」]|$|and\b|but\b|or\b|in total|of (?:its|their|our) own)")
_WAY = re.compile(
    r" (?:(?:on|of) the )?(?:way )?(?:in|out|back|up|down|input|output|generated|completion)\b(?! [a-z0-9])"
)
"""Words behind a number beside one of tokens: 1,600 tokens on the way in and 700 on the way out."""
_OTHER = re.compile(
    "(?:instead of|rather than|up from|down from|from|against|versus|vs|not) $"
    "|(?:of which|其中|うち)[^\\d]{0,6}$"
)


def _of_neighbours(figure: Figure, around: Around) -> Figure:
    """Return a figure without a unit with that of the words and figures around it, if there is one."""
    spot, part, before, after = around.spot, around.part, around.before, around.after
    end, is_size = spot.numeral.end, spot.numeral.magnitude > 1
    near = f"{around.headers} {(around.before_it + part)[-300:]}"
    if not around.cell and (unit := _rate(figure.value, around)):
        return replace(figure, unit=unit)
    label = re.match(r"[\"'` ]*([(][^()\d]{1,20}[)])", after) or re.search(
        r"(?:^|[,;(]| and )\W*([^:=,;(]{2,40})[:=] *$", before
    )
    label = re.search(r"(?:^| )--([a-z][\w-]*)[ =]$", before) or label  # --layers 80
    unit, scale = of_header(label[1]) if label else (None, 1.0)  # train_time 10949 (seconds), GPUs: 8
    if unit:
        return scaled(figure, 1.0 if is_size else scale, unit)
    ends = r";。；\d" if spot.numeral.is_whole else ";。；"
    if 1 <= figure.value < 3 and re.search(f"PUE(?![A-Za-z])[^{ends}]{{0,40}}$", before):
        return replace(figure, unit="times")  # a PUE from 1.4 to 1.2
    for words, unit, is_of_sizes in _SAID_BEFORE:
        if (is_size or not is_of_sizes) and re.search(f"(?:{words})$", before):
            return replace(figure, unit=unit)
    sign = part[end : end + 2].strip()[:1]
    if sign and sign in "次回件轮通" and not re.match("[目前后後元]", part[end + 1 :]):
        hedge = hedge_behind(part, end + 1)[0] or figure.hedge
        return replace(figure, hedge=hedge, unit=below("request", re.sub("^request/?", "", spot.per) or "1"))
    if thing := thing_counted(sign, near):
        return replace(figure, unit=thing)
    if re.match(r" units?\b", after) and re.search(f"(?i){_CARDS}", near):
        return replace(figure, unit="GPU")
    if times := re.match(r" ([a-z]+?)s (?:a|per|every) (hour|day|week|month|year)\b", after):
        return replace(figure, unit=below(times[1] if times[1] in notation.NOUNS else "1", times[2]))
    part_of = re.match(r" of (?:the|these|those|our|its|their) ([a-z]+)s\b", after)
    if part_of and part_of[1] in ("token", *_THINGS):
        return replace(figure, unit=part_of[1])
    for other in around.next_ones(_AND):  # 10, 20 or 30 hours
        if other.figure.unit:
            return scaled(figure, 1.0 if is_size else other.numeral.magnitude, other.figure.unit)
    is_alike = figure.hedge is not Hedge.EXACT or bool(_OTHER.search(before))
    is_alike |= is_size and bool(around.last == "token" or _WITHIN.match(after))
    is_alike &= not (around.last == "percent" and figure.value > 1000)  # 5% of the pages, some 15,500
    if around.last.startswith("token") and "/s" not in around.last and _WAY.match(after):
        return replace(figure, unit=around.last)
    within = _WITHIN.match(after)
    if around.last and is_alike and (within or _END.match(after)) and before[-1:] != "(":
        unit = around.last
        if within:  # 40 million tokens a day or 1.2 billion in a month
            unit = below(re.sub("/(?:hour|day|week|month|year)$", "", unit), within[1])
        if spot.per in notation.PERIODS:  # 一天72度，一个月两千多
            unit = below(unit.split("/")[0], spot.per)
        return replace(figure, unit=unit)
    return figure


_RATE = re.compile(
    r"(?:\brate (?:of|was|is)|レート(?:は|を)?|[汇匯]率[^\d,，。]{0,6}) ?(?:about |around |约|約)?$"
)
_AT_A_RATE = re.compile(
    r" to (?:the|a|one) (?:US )?(?:dollar|euro|pound)\b"
    "|的?[汇匯]率|の?(?:為替)?レート|[的,，]?(?:折[算合]|[换換]算)"
)
_USUAL_RATES = {"zh": ("CNY/USD", 6, 9), "ja": ("JPY/USD", 70, 200)}
"""What a rate is of that names no currency, and between which values."""


def _rate(value: float, around: Around) -> str | None:
    """Return the unit of an exchange rate between the two currencies of a sentence: a rate of 7.2.

    Above 1, it is how many of the one with the larger amount are paid for the other.
    """
    if not _AT_A_RATE.match(around.after) and not _RATE.search(around.before):
        return None
    figures = [spot.figure for spot in [*around.spots[around.index :][::-1], *around.spots[: around.index]]]
    named = [((figure.unit or "").split("/")[0], figure.value) for figure in figures]
    nearest = {unit: value for unit, value in named if unit in notation.CURRENCIES}
    if len(nearest) != 2:
        pair, least, most = _USUAL_RATES.get(around.language, ("", 0, 0))
        return pair if least < value < most else None
    low, high = sorted(nearest, key=lambda unit: nearest[unit])
    return f"{high}/{low}" if value > 1 else f"{low}/{high}"


# -- what a unit stands for here

_REQUEST = r"(?i:response|repl(?:y|ie)|answer|request|quer(?:y|ie))s?|応答|回答|返答|返信|回复|请求|对话|対話"
_AVERAGE = re.compile(
    rf"(?:{_REQUEST})[^、。,;\d]{{0,20}}(?:平均|長さは|长度|\bav(?:era)?ge?s?\b)[^、。,;\d]{{0,6}}$"
    rf"|(?:平均|\b[Aa]verage )(?:{_REQUEST})[^、。,;\d]{{0,12}}$"
)
_OF_ONE = re.compile(
    "(?:(?<![0-9])[1一每毎]回|[一每]次)の?(?:普通|平均)?(?:会話|質問|応答|利用|呼び出し|やりとり|リクエスト|对话|请求|调用"
    "|提问|问答)?(?:は|で|に|あたり|につき|平均|大约|约)*(?:入力|出力|输入|输出)?(?:が|は|约|約|大约|平均)?$"
)
"""Words before how many tokens are those of one request."""
_WRITTEN = re.compile(
    r"(?:汉字|中文|文字|字符|[一1]个?字|\b(?:[Cc]haracter|(?<!other )[Ww]ord)s?\b)[^。.；;]{0,24}$"
)
"""Words before how many tokens each is written in."""
_YEARLY = re.compile("年(?:均|平均)?(?:利用|运行|運転|满发|稼働|使用)[小时時间間数按为約约的は]{0,5}$")


_OF_ENERGY = re.compile(r"[^.;,。、，\d]{0,40} (?:per|for (?:each|every)|a) ([kM]Wh)\b")
"""Words behind emissions of each unit of energy: 0.37 kg of CO2 goes out per kWh."""
_WORKING = re.compile("営業日|稼働日|開庁日|出勤|工作日|上班|(?:working|business|school|clinic|office) ?days")
_DAILY = re.compile("(?:[每一]天|每日|[1１一]日|毎日)[^\\d、。，,；一-九]{0,4}$")


def _meant(unit: str, value: float, around: Around) -> str:
    """Return what a unit stands for here: grams of CO2, chips that are TPUs, people who are users."""
    context = around.before_it + around.part
    if unit == "parameter/token":
        return "parameter"  # active ones
    if unit == "FLOP/s" and value > 1e21:
        return "FLOP"  # FLOPS is written for FLOPs
    if unit == "token" and _AVERAGE.search(around.before):
        return "token/request"
    if unit == "token" and _OF_ONE.search(around.before):
        return "token/request"
    if unit == "token" and value < 5 and (of := _WRITTEN.search(around.before)):
        return "token/word" if "ord" in of[0] else "token/character"
    if unit == "hour" and re.search("延べ|累[计計]|のべ", around.before + around.headers):
        return "GPU-hour"
    if (unit, value) in (("hour", 8760), ("day", 365)) or (unit == "hour" and _YEARLY.search(around.before)):
        return f"{unit}/year"
    if unit == "hour" and value < 24 and _DAILY.search(around.before):
        return "hour/day"
    if unit == "day" and 17 < value < 24 and re.search("month|月", around.part):
        near = around.before[-12:] + around.spot.figure.printed + around.after[:12]
        unit = "day/month" if _WORKING.search(near) else unit
    unit = re.sub("^t(?=/s)", "token", unit)
    if re.search("(?i)CO[2₂]|carbon|emi(?:t|ssion)|排[放出]", context):
        unit = re.sub("^(k?g|t)(?=$|/)", r"\1CO2e", unit)
        if each := unit in ("gCO2e", "kgCO2e") and _OF_ENERGY.match(around.after):
            unit += f"/{each[1]}"
    is_user = re.search("(?i)user|用户|ユーザー|利用者|会員|[日月]活|同時|并发|在线", context)
    names = {"chip": "TPU" if "TPU" in context else "GPU", "person": "user" if is_user else around.people}
    for name, meant in names.items():
        unit = str(notation.parse(unit.replace(name, meant))) if name in unit else unit
    return unit


# -- of each of what

_THINGS, _SOLD = ("GPU", "TPU", *notation.NOUNS), ("hour", "GPU-hour", "TPU-hour", "kWh", "MWh")
_NO_AMOUNTS = (*_THINGS, "percent", "times", "1", "GPU-hour")
_AT = (" at ", " @ ", " x ", " × ")
_NEXT = (
    r"(?: (?:in|out))?(?:, ?|、| (?:[a-z]+ )?(?:and|or|to) | ?/ ?|[和与及と])"
    "(?:and |or )?(?:[a-z]+ ){,2}(?:[入出]力)?"
)
_LAST = (
    r"(?:[(][^()]*[)])?(?: (?!each|apiece)[a-z]+){0,2}[、,]? ?(?:and |or |to |(?:up |down )?from |instead of "
    r"|rather than |vs\.? |versus |against |compared (?:with|to) |[跌降涨升提][到至]|から|(?:[入出]力[がは]?"
    r"|输[入出][是为]?)(?:同じく|同)?|同じく|同|[和与及と]|input|output)? ?(?:is |at )?"
)
_LIKE = (
    "(?:[、,，]|となり、?|に対し、?)"
    "(?:[^0-9、,，。;月年日天時时周件回次台人計计合総总共就要需花省差付=部本单每全]){1,12}"
)
_KIND = re.compile(
    "(?:(?:输[入出]|[入出]力|(?:缓存)?(?:未?命中|读取|写入)|キャッシュ)(?![^0-9]*[共计計合总総])|[三四两几各]档|[单报定售]价|単価|価格)"
    "[^0-9。;]{0,12}$"
    r"|\b(?i:(?:input|output|prompt|completion|cached?)s?(?: (?:input|reads?|hits?|writes?|tokens?))?)"
    r"(?: (?:is|are|at|for|goes|costs?)){0,2} $"
)
"""Words before a price of tokens."""
_SPENT = re.compile("花|全书|[単单]価で|成本|支出|[费費]用|合[计計]|払|かか|cost(?!s?$)|spen[dt]")
"""Words of what tokens cost altogether."""
_OF_MANY = re.compile(
    "[每毎/]1?(?:百万|M)(?:个)?|100万(?:个)? ?(?:[tT]ok|トークン|词元)"
    r"|\bper (?:1 ?M|MTok|million)\b"
)
_FOR_MANY = re.compile(
    r"(?: (?:in|out|input|output))?(?: ?/ ?[$€£¥][\d.]+ (?:in|out|output))?(?: tokens?)?"
    r" (?:per|for (?:a|one|every|each)) "
    r"(?:1 ?M|million|MTok)\b(?! (?!tokens?\b|received|sent|out|in)[a-z])"
)
"""Words behind a price of a million tokens."""
_IS_WORTH = re.compile("[(約约≈=折即]|合(?![计計])|換算|すると|つまり|相当")


def _of_other_price(unit: str, value: float, around: Around) -> str | None:
    """Return the unit of a price beside it of the same thing: $2, $3 or $4 an hour, from $3/h to $2."""
    words = around.between
    if unit != "token" and unit not in (*notation.CURRENCIES, *notation.TIMES, "Wh", "kWh", "J", "ml"):
        return None
    if unit in notation.CURRENCIES and value < 2000 and _FOR_MANY.match(around.after):
        return f"{unit}/Mtok"
    if unit != "token" and value < 2000 and _KIND.search(words) and not _SPENT.search(around.before[-24:]):
        caption = around.cell.caption if around.cell else ""
        if _OF_MANY.search(around.before_it + around.part + around.headers + caption):
            return f"{unit}/Mtok"
    others = [other.figure for other in around.next_ones(_NEXT)]
    if around.earlier and re.fullmatch(_LAST if unit == "token" else f"{_LAST}|{_LIKE}", words):
        others.append(around.earlier[-1])
    for other in others:
        alike = 0.05 < other.value / (value or 1) < 20
        if alike and other.unit != "token/s" and (other.unit or "").startswith(f"{unit}/"):
            is_of_all = re.match(" for (?:the|a|all|both)\\b", around.after)
            return re.sub("/GPU(?![A-Za-z-])|GPU-(?=hour)", "", other.unit or "") if is_of_all else other.unit
    if _IS_WORTH.search(words):
        prices = [(price.unit or "").partition("/") for price in around.earlier[-2:]]
        currency, _, per = next((p for p in prices[::-1] if p[2] not in notation.CURRENCIES), ("", "", ""))
        if per and currency in notation.CURRENCIES and currency != unit:
            return f"{unit}/{per}"  # $3/h at 7.2 are 21.6元
    return None


_SO = re.compile(
    "(?:[这合共]|就是|なので|になる|となる|[、,]計)[^\\d。;]{0,8}$"
    r"|\b(?:that.s|that is|mak(?:es|ing)|com(?:es|ing) to|works out (?:at|to)|which is|so|or|i\.e\.),? $"
)
_BILLED = re.compile(
    r"[^.;\d]{0,24}, (?:and )?(?:billed|charged|paid|due|payable|invoiced) (?:(?:every|each|per|a) )?"
    r"(hour|day|week|month|year)(?:ly)?\b"
)
"""How often an amount is paid: $11.20 per kW of peak, billed every month."""


def _of_period(unit: str, around: Around) -> str:
    """Return the unit of an amount of a month at so much a month, or at 720 hours a month."""
    billed = _BILLED.match(around.after)
    if billed and unit[:3] in notation.CURRENCIES and not {*re.split("[-/]", unit)} & {*notation.PERIODS}:
        return below(unit, billed[1])
    if not around.earlier or "/" in unit or unit in _NO_AMOUNTS:
        return unit
    words, last = around.between, around.last
    thing = re.search(rf"/({'|'.join(_THINGS)})$", last)
    subject = (
        "" if re.search(r"/|\b(?:per|an?|each|every)\b", around.earlier[-1].printed) else "(?:[a-z]+s )?"
    )
    if thing and re.fullmatch(rf"[^,;\d]{{,30}} and {subject}", words):  # a call lasts 4 minutes and costs $1
        return below(unit, thing[1])
    if words in _AT or not (unit in notation.CURRENCIES or unit.endswith("Wh")):
        return unit
    period = re.fullmatch(rf"(?:hour|day|{unit}(?:/.*)?|{'|'.join(_THINGS)})[/-](month|year)", last)
    is_so = _SO.search(words) or (last[:4] in ("hour", "day/") and len(words) < 20)
    is_other = period and period[1] == "month" and re.search(r"\byear|\bannual|年", words)
    return below(unit, period[1]) if period and is_so and not is_other else unit


_EACH_BEHIND = re.compile(r" ?(?:each|apiece|a piece)\b(?! (?:of|hour|day|week|month|year))")
_EACH_BEFORE = re.compile(
    r"\b(?i:each|every)(?: one| of (?:them|these|those))?(?: (?!hour|day|week|month|year|time)[a-z]+){,4} $"
)


def _of_each(unit: str, around: Around) -> str | None:
    """Return of which thing, counted before it, an amount is each: 8 GPUs at $30,000."""
    if (
        sign := re.match("[/每]([台块张枚基卡])(?:[/·每](月|年|天)|(?![·月]))", around.after)
    ) and unit in notation.CURRENCIES:
        thing = thing_counted(sign[1], around.before_it + around.part + around.headers)
        period = {"月": "/month", "年": "/year", "天": "/day"}.get(sign[2] or "", "")
        return f"{thing}{period}" if thing else None
    counted = [(earlier.unit or "1").split("/")[0] for earlier in around.earlier[-3:]]
    is_at, is_behind = around.between in _AT, bool(_EACH_BEHIND.match(around.after))
    if is_at and unit in notation.CURRENCIES and counted and counted[-1] in _SOLD:
        return counted[-1]
    things = [name for name in counted if name in _THINGS]
    if is_behind and re.search(f"(?i){_CARDS}", around.before):
        things = things or ["GPU"]
    if not things or unit in _NO_AMOUNTS or things[-1] in unit:
        return None
    is_each = is_behind or (is_at and around.last in _THINGS)
    is_each |= bool(_EACH_BEFORE.search(around.between) and not _EACH_BEHIND.match(around.between))
    return things[-1] if is_each and not (unit in notation.PERIODS and things[-1] == "GPU") else None


ONE_GPU = re.compile(
    rf"\b(?i:an?|one|each|every|the|single|per) (?:\w+ ){{0,2}}?(?:{GPU}|(?:card|chip|board"
    rf"|accelerator)s?)(?!\w)|(?:[单單每毎]|(?<!\d)1)[张張块塊颗卡枚基]|GPUs? (?:rent|price|cost|rate)|GPU租"
    rf"|{GPU}[^\d\n]{{0,8}}(?:なら|だと|的|の)|{GPU}[^\d\n]{{0,8}}になると|TDP|峰值|ピーク|单价|単価"
)
_SEVERAL = re.compile(
    r"\b(?i:(?:node|server|box|machine|cluster|instance|pod|rig)(?:s|es)?|(?:al)?together|overall"
    r"|combined|all|total|both|fleet|DGX|HGX)\b"
    r"|\d ?[x×] ?|[x×] ?8\b|GPUs|cards\b|00s\b|服务器|整机|集群|サーバ|ノード|クラスタ|合[计計]|共|总|台"
)
_OF_A_CARD = re.compile(r"[ -](?:cards?|GPUs?)\b|.{0,24} (?:on|in|of) (?:each|every) (?:GPU|card)")


def _is_of_a_gpu(unit: str, value: float, around: Around) -> bool:
    """Say whether an amount is of one GPU, as the words say: a card is $2.50/hr, each V100 has 120 TFLOPS."""
    before, after = around.between, around.after
    if unit in ("GB", "GiB") and _OF_A_CARD.match(after):
        return True
    words = re.sub(" +", " ", before + re.split("[,;、。]", after[:30])[0])
    if aside := re.search(r"([^()]{,60})[(][^()]*$", around.before[-200:]):
        words = aside[1] + words  # One L40S (48 GB, $0.89/h)
    one, several = (max([-1, *(found.start() for found in of.finditer(words))]) for of in (ONE_GPU, _SEVERAL))
    kind, _, per = unit.partition("/")
    is_rent = kind in notation.CURRENCIES and per == "hour"
    is_named = bool(re.search(rf"{GPU}[^\d\n,，。;；]{{0,14}}$", before))
    is_named |= any(earlier.unit == "GPU-hour" for earlier in around.earlier[-2:])
    is_peak = unit.endswith("FLOP/s") and re.search("peak|brochure|data ?sheet|spec", words)
    is_row = re.search(GPU, around.headers) and not _SEVERAL.search(around.headers)
    is_one = one > several or is_row or (several < 0 and ((is_rent and is_named) or is_peak))
    if "GPU" in unit or not is_one:
        return False
    if kind in notation.CURRENCIES and not per:
        is_price = 200 <= value < (1e8 if kind == "JPY" else 1e6)
        return is_price and bool(re.search(f"(?i)单价|単価|每|1[枚基張张块]|{_CARDS}", words))
    if unit == "GB":
        return bool(re.search("(?:1[枚基张块]|[每单單][张張块卡枚])[^、。，,0-9]{0,8}$", before))
    return is_rent or unit.startswith("token/s") or unit in ("W", "kW") or unit.endswith("FLOP/s")
