"""Units in the words around a printed number, in three languages: ``per GPU hour``, ``円/時``."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from costcheck.units.notation import COUNTED, CURRENCIES, NOUNS, PERIODS, SPELLINGS, parse

_LATIN = {
    "d": "day", "wk": "week", "mtok": "Mtok", "engineer": "person", "card": "GPU", "accelerator": "GPU",
    "device": "GPU", "weight": "parameter", "buck": "USD", "quid": "GBP", "cubic metre": "m3",
    "cubic meter": "m3", "per cent": "percent", "tps": "token/s", "tpm": "token/minute",
    "rpm": "request/minute", "night": "day", "rps": "request/s", "qps": "request/s", "message": "request",
    "prompt": "request", "home": "household", "doc": "document", "gig": "GB", "residue": "token",
    "nucleotide": "token", "call": "request", "annum": "year", "P": "PFLOP/s", "G": "GB", "rmb": "CNY",
    "x": "times", "fold": "times", "pct": "percent", "percentage": "percent", "hourly": "/hour",
    "daily": "/day", "weekly": "/week", "monthly": "/month", "yearly": "/year", "annually": "/year",
}  # fmt: skip
_EAST = {
    "USD": "美元 美金 米ドル ドル", "CNY": "人民币 人民元 元 块钱", "JPY": "日元 日圆 円",
    "EUR": "欧元 ユーロ", "GBP": "英镑 ポンド", "INR": "卢比 ルピー", "KRW": "韩元 ウォン",
    "second": "秒 秒間", "ms": "毫秒 ミリ秒", "minute": "分钟 分鐘 分 分間", "hour": "小时 小時 時間",
    "day": "天 日 日間 営業日 工作日", "week": "周 週 週間", "month": "个月 個月 か月 ヶ月 カ月 ヵ月",
    "year": "年 年間", "times": "倍", "percent": "% 百分点", "token": "词元 トークン",
    "word": "语 語 单词 単語 词", "character": "字 文字 字符", "GPU": "卡", "GPU-hour": "卡时 卡小时",
    "parameter": "参数 參數 パラメータ パラメーター", "language": "语言 語言 言語", "kW": "千瓦 キロワット",
    "kWh": "千瓦时 千瓦時 度电 度 キロワット時", "MW": "兆瓦 メガワット", "MWh": "兆瓦时 メガワット時",
    "GW": "吉瓦 ギガワット", "GWh": "吉瓦时 ギガワット時", "W": "ワット 瓦", "Wh": "ワット時 瓦时",
    "byte": "字节 バイト", "person": "人 名", "TFLOP/s": "テラフロップス テラFLOPS",
    "PFLOP/s": "ペタフロップス ペタFLOPS",
    "EFLOP/s": "エクサフロップス", "MB": "メガバイト", "GB": "ギガバイト G显存 G内存 G显卡",
    "TB": "テラバイト", "PB": "ペタバイト", "TWh": "テラワット時 太瓦时", "m3": "立方メートル 立方米",
    "litre": "リットル 公升", "ml": "毫升 ミリリットル", "seat": "席位 坐席", "household": "世帯 户",
    "node": "节点 ノード", "t": "吨 トン", "kg": "千克 公斤", "server": "服务器 サーバー サーバ",
    "user": "用户 ユーザー", "customer": "客户 顧客", "query": "クエリ 查询", "question": "题 道题",
    "rack": "机柜 機柜 ラック", "document": "篇 文書", "example": "条 样本 サンプル",
    "request": "応答 リクエスト 请求", "group": "组 小组 チーム", "task": "任务 タスク",
    "step": "步 ステップ", "layer": "层 層 レイヤー", "head": "KV头 注意力头 ヘッド KVヘッド",
}  # fmt: skip
_EAST_WORDS = {word: unit for unit, words in _EAST.items() for word in words.split()}
_BELOW_WORDS = (
    _EAST_WORDS
    | {"月": "month", "时": "hour", "時": "hour", "次": "request"}
    | dict.fromkeys("回轮件", "request")
)
"""Behind a *per*, where 月 is no name of a month and 時 no time of the day."""
CURRENCY_SIGNS = {
    "$": "USD", "US$": "USD", "HK$": "HKD", "NT$": "TWD", "€": "EUR", "£": "GBP", "₹": "INR", "Rs.": "INR",
    "₩": "KRW", "RMB": "CNY",
}  # fmt: skip
_LONG = ("watt", "kilo", "mega", "giga", "tera", "peta", "exaf", "exab")
_COMPOUND = (
    r"(?i:(?:kilo|mega|giga|tera)?watts?[ -]hours?|(?:kilo|mega|giga|tera|peta|exa)(?:byte|watt|flop"
    r"|joule)s?)|(?i:cubic (?:metre|meter)s?|per cent)|[kMGTPEZ]?FLOPS|[kMGT][bB]ps|[mkMGT]?Wh|(?:kg"
    r"|kilograms?|g(?:rams?)?|t(?:ons?|onnes?)?)(?: of)?[ -]?(?:CO2(?:e|-?eq)?"
    r"|(?i:carbon[ -]dioxide(?:[ -]equivalents?)?))"
)
_MANY = {
    "k": 1e3, "K": 1e3, "thousand": 1e3, "千": 1e3, "1000": 1e3, "1,000": 1e3, "万": 1e4,
    "M": 1e6, "million": 1e6, "百万": 1e6, "100万": 1e6,
}  # fmt: skip
_BY_MANY = {"token": "tok", "character": "char"}
"""What is paid for by the million, and how prefixes are put before it."""
GPU = (
    r"(?:(?:[AHVLPB][1-9][0-9]{1,2}0?|[LT]4|MI[0-9]{3}|GB[0-9]{3}|RTX ?[0-9\ufffc]{4}|GCD|\ufffc{4}(?=s\b))"
    r"[A-Za-z]?s?(?![A-Za-z0-9])(?:[ -](?:GPU|card|chip)s?)?|GPUs?|显卡)"
)
BUYS = r" (?:is worth|was worth|buys|bought|equals|=|≈) (?:about |around |roughly |some |~)?"
"""Between a currency and how much of another it is."""
_TO_ONE = re.compile(r" (?:to|for|against) (?:the|a|one|1) (?:US )?|[兑兌]1?(?=美元|欧元)")
_ADJECTIVES = (
    "metric|compute|active|total|trainable|nvidia|amd|hopper|ampere|blackwell|input|output|prompt|generated"
    "|training|US|working|business|clinic|office|calendar|full|whole|straight|consecutive|billable|solid|graphics"
    rf"|{GPU}(?= (?:node|server|machine|box|instance)(?:s|es)?\b)"
)
_DESCRIBED = re.compile(
    r"(?: of(?: (?:the|its|our|their|these|those))?(?= ))?(?:(?: (?!(?:an?|and|are|as|at|by|did|for|from|had"
    r"|has|have|in|is|less|more|not|of|on|or|per|percent|since|than|that|the|times|to|was|were|when|which"
    r"|while|who|with)\b)[A-Za-z][\w'-]*){0,2}?)(?=[ -](?:[A-Z\ufffc][\w\ufffc-]+s|[a-z]+s)\b)"
)
"""What describes things between their number and their name: 16 spare nodes, 48,000 of Nvidia's GB200s."""
_COUNTERS = "个|個|种|種|块|塊|台の|台|张|張|枚の|枚|基の|基|颗|只"


_SUBJECT = (
    r"\b(?i:an?|one|each|every|average|median|typical|single) (?:[a-z-]+ )?((?:GPU|TPU|kilowatt"
    r"|watt)[ -]hour|hour|day|week|month|call|conversation|customer|document|household|image|person|prompt"
    r"|query|rack|page|request|response|answer|reply|server|session|node|seat|ticket|user|visit)(?: [(]"
    r"|(?: of [a-z]+)? (?:of|(?<!month )has|costs?|runs?|takes|uses|needs|draws|pulls|sends|makes|burns"
    r"|consumes|emits|produces|generates|averages|lasts|holds|houses|eats|requires|contains|pays|asks)\b)"
)
"""What a sentence is about: a query uses 0.3 Wh, each server draws 10.2 kW."""
_PARTS = {
    r"(?:cents?|¢) (?:of|in|on) (?:every|each|the) dollar\b": ("percent", 1.0),
    r"¢|(?:US )?[Cc]ents?\b|ct(?=/)|美分|セント": ("USD", 100.0),
    r"p(?=/| (?:an?|per|each|apiece)\b)|pence\b|penny\b": ("GBP", 100.0),
    "分钱": ("CNY", 100.0), "[毛角](?!度)": ("CNY", 10.0),
    "[成割](?![本为立果])|折(?![本旧叠合扣算成抵换])": ("percent", 0.1),
    r"kt ?CO2(?:e|-?eq)?\b": ("tCO2e", 1e-3),
}  # fmt: skip
"""Parts and multiples of units: what a number of them is divided by."""


class Words(NamedTuple):
    """What the words behind a number say: ``unit``, what the number is divided by, and where they end."""

    unit: str | None
    divisor: float
    end: int


@cache
def _item() -> re.Pattern[str]:
    """Return the words for one unit: GPUs and what is counted with them, a word of East Asia, a Latin one."""
    east = "|".join(sorted(_BELOW_WORDS, key=len, reverse=True))
    return re.compile(
        rf"[ \u00a0-]?(?:(?:(?<!-)(?i:{_ADJECTIVES})|[0-9]+ ?GB)[ ])*(?:{_COUNTERS})?? ?(?:[x×] ?(?={GPU}))?"
        rf"(?:(?P<gpu>{GPU}|TPU(?: v[0-9]\w?)?s?(?: chips?)?)"
        r"(?:[ -]?(?P<time>(?:hour|hr|h|day|year)s?(?![a-z])|卡?小?时|小時|時間|天|年))?"
        rf"|(?P<east>{east}|×(?! ?[0-9]))"
        rf"|(?P<latin>(?:{_COMPOUND}|[A-Za-z]+)(?![A-Za-z0-9_]|(?<=second)-hand)))"
    )


@cache
def _per() -> re.Pattern[str]:
    many = "|".join(
        name + ("(?![A-Za-z])" if name.isascii() else "(?![瓦克])")
        for name in sorted(_MANY, key=len, reverse=True)
    )
    return re.compile(
        r"(?: of [A-Za-z0-9₂]+(?= (?:per|an?|every|each) ))?"
        r"(?: ?/ ?|[ -][(]?per[ -]| (?:for )?(?:every|each) |每|毎"
        r"| and (?=(?:tokens?|hour|day|week|month|year)\b)"
        r"|(?<=元)一(?=[度天小个年月张])"
        rf"|(?P<a> (?P<within>in )?an? ))(?:(?:1 ?)?(?P<many>{many}))?"
    )


def currency_before(text: str, end: int) -> tuple[str | None, int]:
    """Return the currency whose sign stands before a place, and where it begins; ¥ is told by the script.

    >>> currency_before("about US$5", 9), currency_before("¥9/天", 1), currency_before("A$5", 2)
    (('USD', 6), ('CNY', 0), ('?', 1))
    """
    match = re.search(
        rf"(?:(?:US|HK|NT) ?\$|[$€£₹₩¥￥]|RMB|Rs\.|{'|'.join(CURRENCIES)}) ?$",
        text[max(0, end - 5) : end],
    )
    if not match:
        return None, end
    start, sign = end - len(match[0]), match[0].replace(" ", "")
    if sign in "¥￥":
        around = text[max(0, end - 200) : end + 200]
        return (
            "JPY" if re.search("[ぁ-ヿ円時]", around) else "CNY" if re.search("[一-鿿]", around) else "?"
        ), start
    is_other = sign == "$" and text[start - 1 : start].isalpha() and text[start - 1 : start].isascii()
    return "?" if is_other else CURRENCY_SIGNS.get(sign, sign), start


@cache
def _before() -> re.Pattern[str]:
    words = "|".join(sorted(_BELOW_WORDS, key=len, reverse=True))
    return re.compile(
        rf"[每毎] ?(?:个|個)?(?P<many>百万|千|万)? ?({words}|GPU(?: ?(?:小时|时|時間|天))?|[A-Za-z]+)"
        r"|(?:[每毎单單]|(?<![0-9])1(?=[枚基台]))(?P<thing>[张張块塊颗卡枚基台])(?:服务器)?"
        rf"|({words}|GPU)(?:1?[基枚台])?(?:あたり|当たり|につき)"
        rf"|(?<![0-9.])1(日|時間|か月|年|週間)[^0-9]{{0,6}}$"
        rf"|(?<![0-9年\ufffc今昨来前同当翌本平休祝初終曜])([月年週日])[々に]?約?$"
        r"|[全整](?:个|個)?([年月天])[一-鿿]{0,6}$"
        r"|(?<![0-9一-鿿])([月年])の(?:請求|支払|費用|料金|支出|コスト)[^0-9、。]{0,4}$"
        r"|([月年日])(?:[間间额額费費租供均给給薪収收商]|结单|账单|支出|成本|电费|营收|耗电|[一-鿿]{0,3}[用电]?量)"
        r"|([时時])[租给給薪]|[前去今]一?(年)[是为]$|包([月年])|(人)均|(時間|月|年)単価"
        r"|\b(?i:per)[ -]((?:GPU[ -])?[A-Za-z]+)\b[^0-9,;$€£]{0,25}[$€£]?$"
        r"|\b(?i:(hourly|daily|weekly|monthly|annual|yearly))\b[^0-9]{0,25}$"
        rf"|{_SUBJECT}[^0-9,;$€£]{{0,25}}[$€£]?$"
        rf"|\b(?:[Aa]|[Tt]he) (?:US )?(dollar|euro|pound){BUYS}[¥$€£]?$"
    )


def unit_before(text: str, start: int, end: int) -> tuple[str | None, float]:
    """Return what the words before a number count it by, and how many of that: 每秒, 1GPUあたり.

    >>> unit_before("每秒71.8个token", 0, 2), unit_before("每百万token需5元", 0, 9)
    (('second', 1.0), ('Mtok', 1.0))
    >>> unit_before("每个用户每天发起12次", 0, 8), unit_before("月17,778円", 0, 1)
    (('user/day', 1.0), ('month', 1.0))
    """
    begun = max([start, *(text.rfind(sign, start, end) + 1 for sign in ",，。;；、\n")])
    begun -= 3 * bool(re.compile("[包按][年月][,，、]").match(text, max(begun - 3, start)))  # 包月，每台5万元
    units, many = list[str](), 1.0
    for match in _before().finditer(text[begun:end]):
        word = match[match.lastindex or 0]
        if match["thing"]:
            unit = thing_counted(word, text[max(0, begun - 60) : end + 40])
        else:
            unit = "year" if word.lower() == "annual" else _BELOW_WORDS.get(word) or _one(word, 0, {})[0]
        many = _MANY.get(match["many"] or "", many)
        units += [unit.lstrip("/")] if unit and unit.lstrip("/") not in units else []
    units = [u for u in units if u != "year" or "month" not in units]  # 包年则每月5,600元
    units = units or ["Mtok"] * bool(re.compile("[每毎]百万$").search(text, begun, end))  # 每百万12元
    unit = "/".join(units) or None
    return ("Mtok", 1.0) if (unit, many) == ("token", 1e6) else (unit, many if unit else 1.0)


def thing_counted(sign: str, around: str) -> str | None:
    """Return what a counter counts, by the words around it.

    >>> thing_counted("块", "训练用了440块A100"), thing_counted("台", "69,400台のサーバー")
    ('GPU', 'server')
    """
    if not sign:
        return None
    if sign in "台臺" and re.search("服务器|伺服器|サーバ|节点|ノード|整机|机器", around):
        return "server"
    if sign == "家" and re.search("客户|用户", around):
        return "customer"
    is_gpu = sign in "块塊台张張枚基個个颗只卡" and re.search(rf"{GPU}|[显顯]卡|卡", around)
    return "GPU" if is_gpu else None


def words_behind(text: str, start: int, currency: str | None = None) -> Words:
    """Read the unit in the words behind a number, which a currency may stand before.

    Args:
        text: The text.
        start: The place in it where the number ends.
        currency: The currency that stands before the number.

    >>> words_behind("30.84M GPU小时", 6), words_behind("$0.99 per million output tokens", 5, "USD").unit
    (Words(unit='GPU-hour', divisor=1.0, end=12), 'USD/Mtok')
    >>> words_behind("7 cats", 1), words_behind("5元每1000次", 1)
    (Words(unit=None, divisor=1.0, end=1), Words(unit='CNY/request', divisor=1000.0, end=8))
    """
    above, under, divisor, end = currency or "", list[str](), 1.0, start
    for pattern, (whole, parts) in _PARTS.items():
        if not currency and (part := re.compile(f" ?(?:{pattern})").match(text, end)):
            above, divisor, end = whole, parts, part.end()
    unit, after = _one(text, end, _EAST_WORDS) if divisor == 1 else (None, end)
    if unit and unit[0] == "/" and not currency:  # 20,000 daily requests
        thing, behind = _one(text, after + 7 * text.startswith(" active ", after), _EAST_WORDS)
        if thing in (*COUNTED, *NOUNS):
            above, under, end = thing, [unit[1:]] * (thing not in ("user", "person", "customer")), behind
            unit = None
    if not (unit or above) and divisor == 1 and (described := _DESCRIBED.match(text, end)):
        unit, after = _one(text, described.end(), _EAST_WORDS)
        unit = unit if unit in ("GPU", "TPU", *NOUNS) else None
    if unit and unit[0] == "/":
        under, end = [*under, unit[1:]], after
    elif unit and (not currency or unit in CURRENCIES):
        above, end = unit, after
    if above in CURRENCIES and not under and (to := _TO_ONE.match(text, end)):
        unit, after = _one(text, to.end(), _EAST_WORDS)
        if unit in CURRENCIES and unit != above:  # 7.2 yuan to the dollar
            under, end = [unit], after
    while len(under) < 4 and (per := _per().match(text, end)):
        unit, after = _one(text, per.end(), _BELOW_WORDS)
        unit = "person" if per["a"] and unit == "head" else unit
        is_rate, is_time = unit in CURRENCIES and above in CURRENCIES and above != unit, unit in PERIODS
        is_each = is_time or unit in (*COUNTED, "GPU-hour", "kWh", "GB", "parameter")
        is_each |= unit in NOUNS and not under
        is_within = is_time and above and above not in (*COUNTED[:-3], *NOUNS)
        if (
            (per["a"] and not (is_rate or is_each))
            or (per["within"] and not is_within)
            or (is_time and _AGO.match(text, after))
        ):
            break
        many = _MANY.get(per["many"] or "", 1.0)
        if not unit and many == 1e6 and above in CURRENCIES:
            unit, after = "token", per.end()  # $3/M, 2元/百万
        if not unit and not per["many"]:
            break
        if unit in _BY_MANY and many in (1e3, 1e6):
            unit, many = f"{'M' if many == 1e6 else 'k'}{_BY_MANY[unit]}", 1.0
        divisor, end = divisor * many, after if unit else per.end()
        under += [unit.lstrip("/")] if unit else []
    unit, after = _one(text, end, {})
    if above and unit and unit[0] == "/" and not under:  # 900 tons annually
        under, end = [unit[1:]], after
    if not under:
        return Words(str(parse(above)) if above not in ("", "?") else above or None, divisor, end)
    return Words("?" if above == "?" else below(above or "1", "/".join(under)), divisor, end)


_AGO = re.compile(" (?:ago|before|earlier|later|old)\\b")
_TIME = re.compile(r"-(hour|month|day|year)s?\b")


def _one(text: str, start: int, east: dict[str, str]) -> tuple[str | None, int]:
    """Read one unit; of what the words before a number name, there are no spaces."""
    match = _item().match(text, start)
    if not match:
        return None, start
    end = match.end()
    if match["gpu"]:
        name = "TPU" if match["gpu"].startswith("TPU") else "GPU"
        time = (match["time"] or "").lstrip("卡")
        return f"{name}-{_EAST_WORDS.get(time) or _latin(time) or 'hour'}" if time else name, end
    if match["east"]:
        return "times" if match["east"] == "×" else east.get(match["east"]), end
    unit = _latin(match["latin"])
    if unit in ("CPU", "kW", *NOUNS) and (time_behind := _TIME.match(text, end)):
        return f"{unit}-{time_behind[1]}", time_behind.end()
    if unit and unit.endswith("FLOP") and (days := re.compile("/s(?:ec)?[ -]?days?").match(text, end)):
        return f"{unit}/s-day", days.end()
    return unit, end if unit else start


def _latin(word: str) -> str | None:
    """Return the unit that a word in Latin letters names."""
    lower = word.lower()
    if " " in word and (unit := _LATIN.get(lower.removesuffix("s"))):
        return unit
    if re.fullmatch(_COMPOUND, word):
        name = re.sub("CO2$|(?i:carbon).*", "CO2e", re.sub("^kilograms?", "kg", word))
        name = lower if lower[:4] in _LONG and "CO2" not in name else name
        name = re.sub("^(.).*flops$", lambda rate: rate[1].upper().replace("K", "k") + "FLOPS", name)
        return str(parse(name))
    if lower.upper() in CURRENCIES:
        return lower.upper()
    names = (word, word.removesuffix("s"), lower, lower.removesuffix("s"), re.sub("ies$", "y", lower))
    for spelling in names[: 5 if len(word) > 1 else 1]:  # 192G are no grams
        if unit := _LATIN.get(spelling) or SPELLINGS.get(spelling):
            return unit
    return None


def below(unit: str, divisor: str) -> str:
    """Return a unit for each of another.

    >>> below("USD", "hour"), below("token/s", "GPU")
    ('USD/hour', 'token/s/GPU')
    """
    if "FLOP/s" in divisor:  # 每P每年
        unit, divisor = f"second-{unit}", divisor.replace("FLOP/s", "FLOP")
    return str(parse(f"{unit}/{divisor}"))
