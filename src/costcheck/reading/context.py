"""What the words around a figure add to it: the unit of its column, of its neighbours, per GPU."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from costcheck.claims.hedges import Hedge, hedge_behind
from costcheck.claims.printed import Figure, Spot, figures_in, scaled
from costcheck.reading.documents import Cell
from costcheck.text.numerals import narrow
from costcheck.units import notation
from costcheck.units.in_words import GPU, below, thing_counted, unit_before


@dataclass(frozen=True)
class Around:
    """A number among the others of its sentence or cell; ``before_it`` are the sentences before.

    ``earlier`` are the quantities before it in ``part``, and ``begun`` is where the last of them ends.
    ``cents`` is the currency that cents are of, and ``people`` what people are in this text.
    """

    spots: Sequence[Spot]
    index: int
    part: str
    cell: Cell | None
    before_it: str
    earlier: Sequence[Figure]
    begun: int
    cents: str = "USD"
    people: str = "person"

    @property
    def spot(self) -> Spot:
        """The number."""
        return self.spots[self.index]

    @property
    def after(self) -> str:
        """The words behind it."""
        return self.part[self.spot.end :]

    def next_ones(self, joint: str) -> Iterator[Spot]:
        """Yield the numbers that follow, as long as what joins each to the one before looks like this."""
        for last, other in itertools.pairwise(self.spots[self.index : self.index + 20]):
            if not re.fullmatch(joint, self.part[last.end : other.start]):
                return
            yield other


_LASTING = re.compile(r"\b(?:a|after|for|is|lasts?|lasted|needs?|spent|takes?|took|was|were) $")
"""Words before which over a time is a hedge; written off over five years it is none."""


def completed(around: Around, language: str) -> Figure:
    """Return a figure with the unit and the hedge that the words around it give."""
    spot, part, cell = around.spot, around.part, around.cell
    figure = spot.figure
    if language == "zh" and figure.unit == "minute" and part[: spot.end].endswith("分"):
        figure = replace(figure, unit="score")  # minutes are 分钟
    if not figure.unit and re.search("[¥￥]", part[spot.start : spot.end]):
        figure = replace(figure, unit={"zh": "CNY", "ja": "JPY"}.get(language))
    kind, slash, per = (figure.unit or "GPU").partition("/")
    if kind == "USD" and "$" not in part[spot.start : spot.end]:
        printed = part[spot.start : spot.end]
        figure = replace(
            figure, unit=f"{around.cents if re.search('¢|c(?:en)?t', printed) else kind}{slash}{per}"
        )
    if kind == "GPU" and _is_yuan(part, spot.numeral.start, spot.numeral.end):
        figure = replace(figure, unit=f"CNY{slash}{per}")
    elif (
        figure.unit
        and kind in ("GPU", "server", "node", "user", "person", "W", "kW", "MW")
        and per in (*notation.TIMES, "month")
    ):
        figure = replace(figure, unit=kind)
    is_quotient = around.earlier and spot.start - around.begun < 2 and part.startswith("over ", spot.start)
    is_under = figure.hedge is Hedge.UNDER and part.startswith("under a ", spot.start)  # a 12-year contract
    is_during = part.startswith(("over ", "Over "), spot.start) and not _LASTING.search(part[: spot.start])
    is_quotient = is_quotient or (is_during and figure.unit in (*notation.TIMES, "month"))
    is_cap = part.startswith("capped at", spot.start) and figure.unit in ("W", "kW")
    if is_under or is_cap or (figure.hedge is Hedge.OVER and is_quotient):  # $4,608 over 8,935M tokens
        figure = replace(figure, hedge=Hedge.EXACT)
    is_bare = not re.search(r"\w", part[: spot.start] + around.after)
    if cell and (figure.unit or is_bare):
        figure = _of_cell(figure, cell, is_size=spot.numeral.magnitude > 1)
    if not figure.unit and not cell:
        figure = replace(figure, unit=_rate(figure.value, around, language))
    if not figure.unit:
        figure = _of_neighbours(figure, around)
    if not figure.unit:
        return figure
    unit, context = figure.unit, around.before_it + part
    if unit == "token" or unit in (*notation.CURRENCIES, *notation.TIMES, "Wh", "kWh", "J", "ml"):
        unit = _of_other_price(figure, around) or unit
    if re.search("(?i)CO[2₂]|carbon|emi(?:t|ssion)|排[放出]", context):
        unit = re.sub("^(k?g|t)(?=$|/)", r"\1CO2e", unit)
    if unit == "parameter/token":  # active ones
        unit = "parameter"
    if "chip" in unit:
        unit = str(notation.parse(unit.replace("chip", "TPU" if "TPU" in context else "GPU")))
    if unit.startswith("t/s"):
        unit = unit.replace("t/s", "token/s")
    if unit.startswith("FLOP/s") and "day" not in unit and figure.value > 1e21:
        unit = "FLOP"  # FLOPS is written for FLOPs
    if unit == "token" and _AVERAGE.search(part[: spot.start]):
        unit = "token/request"
    unit = _of_period(unit, around)
    if "person" in unit:
        is_user = re.search("(?i)user|用户|ユーザー|利用者|会員|[日月]活|同時|并发|在线", context)
        unit = str(notation.parse(unit.replace("person", "user" if is_user else around.people)))
    if unit == "hour" and re.search("延べ|累[计計]|のべ", part[: spot.start] + (cell.row if cell else "")):
        unit = "GPU-hour"
    unit = _CALENDAR.get((unit, figure.value), unit)
    if thing := _each(unit, around):
        return replace(figure, unit=below(unit, thing))
    return replace(figure, unit=_per_gpu(unit, figure.value, around))


_CALENDAR: dict[tuple[str, float], str] = {("hour", 8760): "hour/year", ("day", 365): "day/year"}
_REQUEST = r"(?i:response|repl(?:y|ie)|answer|request|quer(?:y|ie))s?|応答|回答|返答|返信|回复|请求|对话|対話"
_AVERAGE = re.compile(
    rf"(?:{_REQUEST})[^、。,;\d]{{0,20}}(?:平均|長さは|长度|\bav(?:era)?ge?s?\b)[^、。,;\d]{{0,6}}$"
    rf"|(?:平均|\b[Aa]verage )(?:{_REQUEST})[^、。,;\d]{{0,12}}$"
)


_EACH_BEHIND = re.compile(r" ?(?:each|apiece|a piece)\b(?! (?:of|hour|day|week|month|year))")
_EACH_BEFORE = re.compile(
    r"\b(?i:each|every)(?: one| of (?:them|these|those))?(?: (?!hour|day|week|month|year|time)[a-z]+){,4} $"
)
_CARDS = rf"{GPU}|\b(?:cards?|chips?|accelerators?)\b"
_AT = (" at ", " @ ", " x ", " × ")


def _each(unit: str, around: Around) -> str | None:
    """Return of which thing, counted before it, an amount is each: 8 GPUs at $30,000."""
    counted = [(earlier.unit or "1").split("/")[0] for earlier in around.earlier[-3:]]
    things = [name for name in counted if name in _THINGS]
    if _EACH_BEHIND.match(around.after) and re.search(f"(?i){_CARDS}", around.part[: around.spot.start]):
        things = things or ["GPU"]
    joint, is_time = around.part[around.begun : around.spot.start], unit in (*notation.TIMES, "month")
    is_at = joint in _AT and around.earlier[-1:] and around.earlier[-1].unit in _THINGS
    if joint in _AT and unit in notation.CURRENCIES and counted[-1:] and counted[-1] in _SOLD:
        return counted[-1]
    if not things or unit in (*_THINGS, "percent", "times", "1", "GPU-hour") or things[-1] in unit:
        return None
    is_each = is_at or bool(_EACH_BEHIND.match(around.after))
    is_each = is_each or bool(_EACH_BEFORE.search(joint) and not _EACH_BEHIND.match(joint))
    return things[-1] if is_each and not (is_time and things[-1] == "GPU") else None


_THINGS, _SOLD = ("GPU", "TPU", *notation.NOUNS), ("hour", "GPU-hour", "TPU-hour", "kWh", "MWh")


_RATE = re.compile(
    r"(?:\brate (?:of|was|is)|レート(?:は|を)?|[汇匯]率[^\d,，。]{0,6})"
    r" ?(?:about |around |约|約)?$"
)


_USUAL_RATES = {"zh": ("CNY/USD", 6, 9), "ja": ("JPY/USD", 70, 200)}
"""What a rate is of that names no currency, and between which values."""


def _rate(value: float, around: Around, language: str) -> str | None:
    """Return the unit of an exchange rate between the two currencies of a sentence: a rate of 7.2.

    Above 1, it is how many of the one with the larger amount are paid for the other.
    """
    to = re.match(r" to (?:the|a|one) (?:US )?(?:dollar|euro|pound)\b", around.after)
    to = to or re.match("的?[汇匯]率|の?(?:為替)?レート|[的,，]?(?:折[算合]|[换換]算)", around.after)
    if not to and not _RATE.search(around.part[: around.spot.start]):
        return None
    figures = [spot.figure for spot in [*around.spots[around.index :][::-1], *around.spots[: around.index]]]
    named = [((one.unit or "").split("/")[0], one.value) for one in figures]
    nearest = {unit: value for unit, value in named if unit in notation.CURRENCIES}
    if len(nearest) != 2:
        pair, least, most = _USUAL_RATES.get(language, ("", 0, 0))
        return pair if least < value < most else None
    low, high = sorted(nearest, key=lambda unit: nearest[unit])
    return f"{high}/{low}" if value > 1 else f"{low}/{high}"


def _is_yuan(text: str, start: int, end: int) -> bool:
    """Say whether a number is of 块, yuan, and not of 块, pieces: 46块钱, 每天46块, but 440块A100."""
    if not re.match("[块塊](?! ?[A-Za-z显英加卡])", text[end : end + 3]):
        return False
    before = re.split("[,，。;；]", text[max(0, start - 8) : start])[-1]
    is_sum = re.match(".[多钱]", text[end : end + 2]) or re.search(
        "[价费钱租付花省赚降涨卖元力]|每.{0,2}$", before
    )
    return bool(is_sum) or "." in text[start:end].rstrip("万亿")[-3:]


@cache
def of_header(header: str, is_caption: bool = False) -> tuple[str | None, float]:
    """Return the unit that a header gives the bare numbers beside it, and how many of that they count.

    >>> of_header("Training time (M GPU hours)"), of_header("费用（万元）"), of_header("Context")
    (('GPU-hour', 1000000.0), ('CNY', 10000.0), (None, 1.0))
    """
    header = narrow(header)
    if "PUE" in header and not is_caption:
        return "times", 1.0
    inside = re.findall(r"[(\[]([^()\[\]]*)[)\]]", header)
    outside = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", header).strip()
    outside = re.split(r" (?:for|of|at|with) (?=.*\d)", outside)[0]  # GPU-hours for 1.2T tokens
    outside = re.sub(r"(?<=s) (?:seen|run|spent|\w{2,}ed)$", "", outside)
    is_words = not is_caption and not re.search(r"\d", re.sub(rf"CO2|{GPU}[ -]", "", outside))
    whole = [outside, *outside.split()[-1:]] if is_words else []
    east = re.search(r"[ァ-ヺー]+|[一-鿿]{2}$", re.sub("[数量]$", "", outside))
    whole += [east[0]] if east and is_words else []
    prices = re.findall(
        r"(?:USD|EUR|CNY|RMB|JPY|[$€£¥]) ?(?:/|per\b) ?(?:1 ?[MK]|1,?000|million)? ?\w+", header
    )
    many = 1.0
    for words in [*inside, *prices, *whole, *re.findall(r"(?:/|\bin |, )([^/,]+)$", outside)]:
        words = re.sub(r"^(?:in|per|每|unit:|单位:|単位:) ?|[数量]$", "", words.strip())
        sign, rest = re.fullmatch(r"((?:US)?[$€£¥]|)(.*)", words, re.S).groups()  # type: ignore[union-attr]
        blank = "" if re.match(r"[一-鿿ァ-ヺ]|[kKMBTmb]?(?:$|/)|bn$|[%°]", rest) else " "
        as_printed = f"{sign}7{blank}{rest}"
        spots = figures_in(as_printed) if words else []
        if spots and not spots[0].problem and spots[0].end == len(as_printed):
            unit, scale = spots[0].figure.unit, spots[0].figure.value / 7
            if not unit and words in inside and re.search("(?i)param|size|参数|參數|パラメ", outside):
                unit = "parameter"
            if not unit and words in inside and scale > 1:
                many = scale  # 月間トークン（百万）
            if unit == "hour" and words in inside and re.search("GPU|卡", outside):
                unit = "GPU-hour"
            if unit:
                return _price(header, unit) if unit in notation.CURRENCIES else unit, scale * many
    return None, 1.0


@cache
def _price(header: str, currency: str) -> str:
    """Return the unit of an amount below a header that says what it is the price of.

    >>> _price("Input (per 1M tokens)", "USD"), _price("1時間あたりの料金", "JPY"), _price("月费", "CNY")
    ('USD/Mtok', 'JPY/hour', 'CNY/month')
    """
    behind = re.search(r"(?:\bper\b|/).*", narrow(header))
    if behind and re.search(r"\d", header[: behind.start()]):  # Cost at $1.10 per GPU-hour
        return currency
    blank = "" if header.isascii() else " "
    last = figures_in(f"{header}{blank}7{currency}")[-1:]
    first = figures_in(f"7 {currency} {behind[0]}")[:1] if behind else []
    units = (spot.figure.unit or "" for spot in (*last, *first))
    return next((unit for unit in units if unit.startswith(f"{currency}/")), currency)


def _of_cell(figure: Figure, cell: Cell, is_size: bool) -> Figure:
    """Return a figure with the unit of its column, its row or the caption."""
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
            unit = _price(header, unit)
        elif not is_caption:
            period, _ = unit_before(header, 0, len(header))
            is_new = period and not {*period.split("/")} & {*re.split("[-/]", unit.replace("/s", "/second"))}
            unit = below(unit, period or "1") if is_new else unit
    return replace(figure, unit=unit)


_SAID_BEFORE = (
    (r"\b[Ff]actor of ", "times", False),
    (r"(?:参数[量规模]*|パラメータ数|[Pp]arameter count)[^\d,，。、]{0,5}", "parameter", False),
    (r"激活[^\d,，。、]{0,3}", "parameter", True),
    (r"(?:用户|日活|月活|利用者|ユーザー)[^\d,，。、]{0,5}", "user", True),
    (r"QPS[^\d,，。]{0,5}", "request/s", False),
    (r"PUE(?![A-Za-z])[^.;，。、；\d]{0,30}", "times", False),
    (r"\b(?i:(?:pre-?)?trained|tuned|training) (?:it |them |the \w+ )?(?:on|for|over|with) ", "token", True),
    (r"(?:tokens?|Tokens?|トークン)[数总量]{0,2}(?:为|是|は|が|:|约|約)? ?", "token", True),
    (r"(?:[单售报]?价格?|官网|成本|租金|预算|电费|[年月]薪|工资|[外另]加)[^\d,，。、]{0,4}", "CNY", True),
    (r"(?:每[台张块]|[买花]了?)[^\d,，。、]{0,4}", "CNY", True),
    (r"(?:価格|料金|費用|値段)[^\d、。]{0,4}", "JPY", True),
)
"""Words before a number, what they say it counts, and whether only of thousands and more (2.2万, 608B)."""
_AND = r" ?(?:,|、|and|or|to|到|至|和|与|から|と)(?: (?:and|or))? ?"
_END = re.compile(r"\s*(?:[,.;:)!?。，、；」]|$|and\b|but\b|or\b|in total|of (?:its|their|our) own)")
_WAY = re.compile(r" (?:(?:on|of) the )?(?:way )?(?:in|out|back|up|down|input|output|generated|completion)\b")
"""Words behind a number beside one of tokens: 1,600 tokens on the way in and 700 on the way out."""
_OTHER = re.compile("(?:instead of|rather than|up from|down from|from|against|versus|vs|not) $")


def _of_neighbours(figure: Figure, around: Around) -> Figure:
    """Return a figure without a unit with that of the words and figures around it, if there is one."""
    spot, part, after = around.spot, around.part, around.after
    before, is_size = part[: spot.start], spot.numeral.magnitude > 1
    if behind := re.match(r"[\"'` ]*([(][^()\d]{1,20}[)])", after):
        unit, scale = of_header(behind[1])
        if unit:
            return scaled(figure, scale, unit)
    if 1 < figure.value < 3 and not spot.numeral.is_whole and re.search("PUE[^;。；]{0,40}$", before):
        return replace(figure, unit="times")  # from 1.4 to 1.2
    for words, unit, is_of_sizes in _SAID_BEFORE:
        if (is_size or not is_of_sizes) and re.search(f"(?:{words})$", before):
            return replace(figure, unit=unit)
    sign = part[spot.numeral.end : spot.numeral.end + 2].strip()[:1]
    if sign and sign in "次回件轮通" and not re.match("[目前后後]", part[spot.numeral.end + 1 :]):
        hedge = hedge_behind(part, spot.numeral.end + 1)[0] or figure.hedge
        return replace(figure, hedge=hedge, unit=below("request", re.sub("^request/?", "", spot.per) or "1"))
    if thing := thing_counted(sign, (around.before_it + part)[-300:]):
        return replace(figure, unit=thing)
    near = f"{around.cell.row if around.cell else ''} {(around.before_it + part)[-300:]}"
    if re.match(r" units?\b", after) and re.search(f"(?i){_CARDS}", near):
        return replace(figure, unit="GPU")
    if times := re.match(r" ([a-z]+?)s (?:a|per|every) (hour|day|week|month|year)\b", after):
        return replace(figure, unit=below(times[1] if times[1] in notation.NOUNS else "1", times[2]))
    for other in around.next_ones(_AND):
        if other.figure.unit:
            return scaled(figure, 1.0 if is_size else other.numeral.magnitude, other.figure.unit)
    if label := re.match(r"\W*([^:=]{2,40})[:=] *$", before):
        unit, scale = of_header(label[1])
        if unit:
            return scaled(figure, 1.0 if is_size else scale, unit)
    if around.earlier and re.search(r"(?:of which|其中|うち)[^\d]{0,6}$", before):
        return replace(figure, unit=around.earlier[-1].unit)
    is_alike = figure.hedge is not Hedge.EXACT or bool(_OTHER.search(before))
    is_alike |= is_size and [earlier.unit for earlier in around.earlier[-1:]] == ["token"]
    last = around.earlier[-1].unit if around.earlier else None
    if last and last.startswith("token") and "/s" not in last and _WAY.match(after):
        return replace(figure, unit=last)
    is_alike &= not (last == "percent" and figure.value > 1000)  # 5% of the pages, some 15,500
    if around.earlier and is_alike and _END.match(after) and before[-1:] != "(":
        unit = last
        if unit and spot.per in (*notation.TIMES, "month"):  # 一天72度，一个月两千多
            unit = below(unit.split("/")[0], spot.per)
        return replace(figure, unit=unit)
    return figure


_NEXT = r"(?:, ?|、| (?:[a-z]+ )?(?:and|or|to) | ?/ ?|[和与及と])(?:and |or )?(?:[a-z]+ ){,2}(?:[入出]力)?"
_LAST = (
    r"(?:[(][^()]*[)])?(?: (?!each|apiece)[a-z]+){0,2}[、,]? ?(?:and |or |to |(?:up |down )?from |instead of "
    r"|rather than |vs\.? |versus |against |compared (?:with|to) "
    r"|[跌降涨升提][到至]|から|(?:[入出]力[がは]?|输[入出][是为]?)(?:同じく|同)?|同じく|同|[和与及と]"
    r"|input|output)?"
    r" ?(?:is |at )?"
)


_SO = re.compile(
    "(?:[这合共]|就是|なので|になる|となる|[、,]計)[^\\d。;]{0,8}$"
    r"|\b(?:that.s|that is|mak(?:es|ing)|com(?:es|ing) to|works out (?:at|to)|which is|so|or|i\.e\.),? $"
)


_YEARLY = re.compile("年(?:均|平均)?(?:利用|运行|運転|满发|稼働|使用)[小时時间間数按为約约的は]{0,5}$")
_BILLED = re.compile(
    r"[^.;\d]{0,24}, (?:and )?(?:billed|charged|paid|due|payable|invoiced) "
    r"(?:(?:every|each|per|a) (?P<period>hour|day|week|month|year)|(?P<ly>hour|week|month|year)ly)\b"
)
"""How often an amount is paid: $11.20 per kW of peak, billed every month."""


def _of_period(unit: str, around: Around) -> str:
    """Return the unit of an amount of a month at so much a month, or at 720 hours a month."""
    if unit == "hour" and _YEARLY.search(around.part[: around.spot.start]):
        return "hour/year"
    billed = _BILLED.match(around.after)
    if (
        billed
        and unit[:3] in notation.CURRENCIES
        and not {*re.split("[-/]", unit)} & {*notation.TIMES, "month"}
    ):
        return below(unit, billed["period"] or billed["ly"])
    if not around.earlier or "/" in unit or unit in (*_THINGS, "percent", "times", "1"):
        return unit
    words, last = around.part[around.begun : around.spot.start], around.earlier[-1].unit or ""
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
    return below(unit, period[1]) if period and is_so else unit


_KIND = re.compile(
    "(?:(?:输[入出]|[入出]力|(?:缓存)?(?:未?命中|读取|写入)|キャッシュ)(?![^0-9]*[共计計合总総])|[三四两几各]档|[单报定售]价|単価|価格)"
    "[^0-9。;]{0,12}$"
)
"""Words before a price of tokens."""
_OF_MANY = re.compile("[每毎/]1?(?:百万|M)(?:个)?|100万(?:个)? ?(?:[tT]ok|トークン|词元)")
_LIKE = re.compile(
    "(?:[、,，]|となり、?|に対し、?)(?:[^0-9、,，。;月年日天時时周件回次台人計计合総总共就要需花省差付=]){1,12}"
)


def _of_other_price(figure: Figure, around: Around) -> str | None:
    """Return the unit of a price beside it of the same thing: $2, $3 or $4 an hour, from $3/h to $2."""
    words = around.part[around.begun : around.spot.start]
    if figure.unit != "token" and figure.value < 2000 and _KIND.search(words):
        row = f"{around.cell.row} {around.cell.column} {around.cell.caption}" if around.cell else ""
        if _OF_MANY.search(around.before_it + around.part + row):
            return f"{figure.unit}/Mtok"
    others = [other.figure for other in around.next_ones(_NEXT)]
    is_like = figure.unit != "token" and _LIKE.fullmatch(words)
    if around.earlier and (is_like or re.fullmatch(_LAST, words)):
        others.append(around.earlier[-1])
    for other in others:
        alike = 0.05 < other.value / (figure.value or 1) < 20
        if alike and other.unit != "token/s" and (other.unit or "").startswith(f"{figure.unit}/"):
            is_of_all = re.match(" for (?:the|a|all|both)\\b", around.after)
            return re.sub("/GPU(?![A-Za-z-])|GPU-(?=hour)", "", other.unit or "") if is_of_all else other.unit
    if re.search(
        "[(约約≈=折即]|合(?![计計])|換算|すると|つまり|相当", around.part[around.begun : around.spot.start]
    ):
        prices = [(price.unit or "").partition("/") for price in around.earlier[-2:]]
        currency, _, per = next((p for p in prices[::-1] if p[2] not in notation.CURRENCIES), ("", "", ""))
        if per and currency in notation.CURRENCIES and currency != figure.unit:
            return f"{figure.unit}/{per}"  # $3/h at 7.2 are 21.6元
    return None


ONE_GPU = re.compile(
    rf"\b(?i:an?|one|each|every|the|single|per) (?:\w+ ){{0,2}}?(?:{GPU}|(?:card|chip|board|accelerator)s?)"
    rf"(?!\w)|(?:[单單每毎]|(?<!\d)1)[张張块塊颗卡枚基]|GPUs?"
    rf" (?:rent|price|cost|rate)|GPU租|{GPU}[^\d\n]{{0,8}}(?:なら"
    rf"|だと|的|の)"
    rf"|{GPU}[^\d\n]{{0,8}}になると|TDP|峰值|ピーク|单价|単価"
)
_SEVERAL = re.compile(
    r"\b(?i:(?:node|server|box|machine|cluster|instance|pod|rig)(?:s|es)?|(?:al)?together|overall"
    r"|combined|all|total|both|fleet|DGX|HGX)\b"
    r"|\d ?[x×] ?|[x×] ?8\b|GPUs|cards\b|00s\b|服务器|整机|集群|サーバ|ノード|クラスタ|合[计計]|共|总|台"
)


_OF_A_CARD = re.compile(r"[ -](?:cards?|GPUs?)\b|.{0,24} (?:on|in|of) (?:each|every) (?:GPU|card)")


def _per_gpu(unit: str, value: float, around: Around) -> str:
    """Return a unit per GPU, where the words speak of one: a card is $2.50/hr, each V100 has 120 TFLOPS."""
    before = around.part[around.begun : around.spot.start]
    words = before + re.split("[,;、。]", around.after[:30])[0]
    near = around.part[max(0, around.spot.start - 200) : around.spot.start]
    words = re.sub(" +", " ", words)
    if aside := re.search(r"([^()]{,60})[(][^()]*$", near):
        words = aside[1] + words  # One L40S (48 GB, $0.89/h)
    one, several = (max([-1, *(found.start() for found in of.finditer(words))]) for of in (ONE_GPU, _SEVERAL))
    kind, _, per = unit.partition("/")
    is_rent = kind in notation.CURRENCIES and per == "hour"
    is_at_name = is_rent and several < 0 and bool(re.search(rf"{GPU}[^\d\n,，。;；]{{0,14}}$", before))
    is_at_name |= (
        is_rent and several < 0 and any(earlier.unit == "GPU-hour" for earlier in around.earlier[-2:])
    )
    is_peak = unit.endswith("FLOP/s") and several < 0 and re.search("peak|brochure|data ?sheet|spec", words)
    heads = f"{around.cell.row} {around.cell.column}" if around.cell else ""
    is_row = re.search(GPU, heads) and not _SEVERAL.search(heads)
    if unit in ("GB", "GiB") and _OF_A_CARD.match(around.after):
        return below(unit, "GPU")
    if "GPU" in unit or not (one > several or is_at_name or is_peak or is_row):
        return unit
    if is_rent:
        return f"{kind}/GPU-hour"
    most = 1e8 if kind == "JPY" else 1e6
    is_price = kind in notation.CURRENCIES and not per and 200 <= value < most
    is_price = is_price and bool(re.search(f"(?i)单价|単価|每|1[枚基張张块]|{_CARDS}", words))
    is_rate = unit.startswith("token/s") or unit in ("W", "kW", "FLOP/s") or unit.endswith("FLOP/s")
    is_rate |= unit == "GB" and bool(
        re.search("(?:1[枚基张块]|[每单單][张张块卡枚])[^、。，,0-9]{0,8}$", before)
    )
    return below(unit, "GPU") if is_price or is_rate else unit
