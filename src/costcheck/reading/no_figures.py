"""Numbers that are no quantities: dates, names, pages, scores."""

from __future__ import annotations

import re
from functools import cache

from costcheck.claims.hedges import Hedge
from costcheck.claims.printed import Figure, Spot
from costcheck.units import notation
from costcheck.units.in_words import GPU

MASK = "\ufffc"
"""Stands for each digit of a number that is none."""
_YEAR, _COUNT = r"(?:19|20)\d\d", r"(?<!\d)\d+(?:[.,]\d+)*"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{2,6})?\.?"
_MODEL = (
    r"(?:(?:Tiny|Code|Chat|Open|Nano|Mini|Deep)?(?:Llama|LLaMA|GPT|Claude|Gemini|Gemma|Qwen|Mi[sx]tral"
    r"|DeepSeek|Falcon|Phi|Grok|PaLM|BLOOM|OPT|Pythia|MPT|Yi|GLM|Baichuan|InternLM|Kimi|Nemotron|OLMo"
    r"|Cerebras|StableLM|Gopher|Chinchilla|LaMDA|BERT|T5|Vicuna|Alpaca|Jamba|DBRX|Command|Hunyuan|MiniMax"
    r"|Ernie|Doubao|PLaMo|Sora)|[A-Z][A-Za-z]*(?=-\d+(?:\.\d+)?[BM]\b))"
)
_SIZE = r"\d+(?:\.\d+)?[BMb](?:x\d+[BE]?)?(?![A-Za-z0-9])(?! (?:tokens?|param|GPU))"
_SERIES = (
    "Scout|Maverick|Pro|Ultra|Flash|Turbo|Large|Instruct|Chat|Code|Max|Sonnet|Opus|Haiku|Mini|Small|Medium"
)
_PRODUCT = (
    "Python|CUDA|PyTorch|torch|Ubuntu|Windows|Apache|GPLv?|PCIe|NVLink|HBM|DDR|EPYC|Xeon|Mac M|TPU"
    "|RTX PRO|RSS|NCCL|vLLM|Slurm|JAX|ROCm|TensorRT"
)
_PLACE = (
    r"sections?|sec\.|chapters?|chap\.|pages?|pp?\.|figures?|figs?\.|tables?|appendix|volumes?|vol\.|issues?"
    r"|lessons?|parts?|steps?|rounds?|entry|entries|lines?|exercises?|episodes?|footnotes?|notes?|equations?"
    r"|eq\.|cards?|theorem|algorithm|slides?|ports?|day|phase|stage|§"
)
_PATTERNS = {
    "an address": (
        r"https?://[^\s<>)\]]+", r"www\.[^\s<>)\]]+", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.]+",
        r"(?<![\w)])/[a-z][\w-]*(?:/[\w.-]+)+",
    ),
    "a mark of a footnote": (
        r"\[\d+(?:[-–, ]+\d+)*(?:, ?(?:section|sec|§|p|pp|page|table|fig)[^\]\n]{1,20})?\]",
    ),
    "an identifier": (
        r"\barXiv[: ]*\d{4}\.\d{4,5}(?:v\d)?", r"\b(?:doi[: ]|doi\.org/)\S+", r"(?<![\w&])#\d+",
        r"\bRFC ?\d+",
        r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d[0-9a-f]*\d)(?![0-9]+e[0-9]+\b)[0-9a-f]{7,40}\b",
        r"\b(?:issue|ticket|thread|ISBN|commit|PR|No\.|order) #?\d[\d-]*",
        r"(?:工单|编号|コード|番号|股票代码)[:： ]{0,2}\d+",
    ),
    "a telephone number": (
        r"(?<![\d.,])\+\d{1,3}(?:[ -]\(?\d{2,5}\)?){2,5}",
        r"(?<![\d.,-])(?:\d{1,4}-)?\d{2,4}-\d{3,4}-\d{4}(?!\d)",
        r"(?<![\d.,-])\d{3}-0\d{3}(?!\d)",
        r"\b(?:ext\.?|extension|内線) ?\d+", r"转 ?\d+ ?分机",
    ),
    "round the clock": (
        r"24 ?時間 ?365 ?日", r"365 ?日 ?24 ?時間", r"\b24 ?/ ?7\b",
        r"\b24 ?[x×*] ?(?:7|365)\b(?! ?[KMGT]i?B)",
        r"(?<!\d)7 ?[x×*] ?24(?: ?小时)?(?!\d| ?[KMGT]i?B)", r"(?:全天|24) ?小时不[间停]\w?|全天24小时",
    ),
    "a date": (
        rf"(?<!\d){_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[T ]\d{{1,2}}:\d\d(?::\d\d)?)?(?!\d)",
        rf"(?<!\d)\d{{1,2}}[/.]\d{{1,2}}[/.]{_YEAR}(?!\d)", rf"(?<!\d){_YEAR}/\d{{1,2}}(?!\d)",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? {_YEAR}(?!\d)",
        rf"\b\d{{1,2}}(?:st|nd|rd|th) (?:of )?{_MONTH}\b", rf"\b\d{{1,2}} {_MONTH}(?=[ ,.;:)]|$)",
        rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:[-–]\d{{1,2}})?(?:,? {_YEAR})?(?![\d%]|[.,]\d| ?(?:GPU"
        rf"|[MG]W))",
        rf"\b{_MONTH},? {_YEAR}(?!\d)",
        rf"(?<!\d)(?:{_YEAR}|\d\d) ?年 ?\d{{1,2}} ?月(?: ?\d{{1,2}} ?[日号])?",
        r"(?<!\d)(?<!\d[.,])\d{1,2} ?月(?: ?\d{1,2} ?[日号]|[初中末底份上下](?!限)|(?![间間]))",
        rf"(?<!\d)(?<!\d[.,]){_YEAR} ?年(?:度|代|[初末底春夏秋冬]|[上下]半年?)?(?![间間])",
        r"(?<![\d.,])[123]\d年(?:に(?![及わ一])|まで|半ば|度|[末春夏秋冬頃比])",
        r"(?<=は)\d{1,2}日(?=、)",
        r"(?<![\d.])\d{1,2}日(?=の[^間うち、。]{0,3}(?:会|発表|市場)|付け?|午[前後])",
        r"[一二〇零]{2,4}[〇零一二三四五六七八九]{1,2}年", r"(?:令和|平成|昭和)\d+年度?",
        rf"\bF?Y ?{_YEAR}\b", rf"\b[QH][1-4](?: {_YEAR})?\b",
        rf"\b(?:fiscal|Gartner|CES|GTC|version) {_YEAR}\b",
        r"\b(?i:in|since|through|until|by|early|late|mid|before|after|during|from|of)[ -]"
        r"(?:19[5-9]\d|20[0-3]\d)(?![\d.,]\d|\d| ?(?:[-–] ?\d|tokens|GPU hours))",
        rf"\b{_YEAR}s\b", rf"(?<![\d.,$€£¥]){_YEAR}[-–]{_YEAR}(?![\d.,]\d|\d)", rf"© ?{_YEAR}",
        rf"[A-Z]\w+ (?:et al\.|and \w+),? \(?{_YEAR}[a-z]?",
    ),
    "a time of day": (
        r"(?<![\d.:])\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\b\.?)?(?!\d|:)", r"\b\d{1,2} ?[ap]\.m\.",
        r"\b\d{1,2} ?[ap]m\b",
        r"(?:午前|午後|上午|下午|晚上|凌晨|早上)\d{1,2}[时時点點](?:\d{1,2}分|半)?",
    ),
    "an age": (r"\b\d{1,2}[- ]years?[- ]olds?\b", r"(?<!\d)\d{1,2}[岁歳]"),
    "a place in a document": (
        rf"\b(?i:{_PLACE}) ?(?:[A-Z]\.)?\d+(?:\.\d+)*(?: ?(?:of|/|-|–|and|to) ?\d+)?"
        r"(?![\d%]|[.,]\d| ?(?:million|billion|GPU|tokens|[kKMB]\b))",
        r"(?:\A|(?<=\n\n)|(?<=[.。:：!?！？]\n))\d{1,2}(?:\.(?= )|[、)](?! ?\d)|\.(?=[^\d\s.]))",
        r"第 ?[0-9一二三四五六七八九十百]+ ?(?:[一-鿿ァ-ヺ](?:[一-鿿](?=[^一-鿿]))?)?",
        r"(?<![代发発公列])[图圖図表注][ ]?\d+(?:[.-]\d+)*", r"附录 ?\d+", r"ページ ?\d+(?:/\d+)?",
        r"(?<![\d.])全?\d+(?: ?/ ?\d+)? ?(?:ページ目?|页|頁|回目|版|巻|卷|面(?![积積]))",
    ),
    "about the page": (
        rf"\b{_COUNT}[kKM]? (?:comments?|views?|likes?|shares|stars|upvotes?|points|replies|followers"
        rf"|forks)\b",
        r"\bviewed \d[\d.,]*[kKM]? times", r"\b\d+[- ]min(?:ute)?s?[ -]read\b",
        r"\b[Rr]ead(?:ing time:?| in) \d+ min\w*", r"(?<!\d)\d+ ?分で読め",
        rf"{_COUNT}万? ?[人次个]?(?:赞同|点赞|浏览|阅读|转发|收藏|关注)",
        r"読了(?:目安|時間)?[:： ]{0,2}約?\d+ ?分",
        rf"(?:浏览量?|阅读量?|点赞|在看|评论|转发|收藏|コメント|いいね|閲覧数)[:： ]{{0,2}}{_COUNT}万?",
        r"(?:阅读需?|本文约|全文约)[:： ]{0,2}\d+ ?(?![\d.]|[万亿])(?:分[钟鐘]|字)?",
    ),
    "a confidence interval": (r"\b\d\d% (?:CI|CrI|confidence)\b(?:[:,]? ?[^)\n]{0,30}(?=[)]))?",),
    "a version": (
        r"(?<![\w.])(?:v|[Vv]ersion )\d+(?:\.\d+)*\b", r"(?<![\w.,$])\d+\.\d+\.\d+[\w.-]*",
        r"[<>=]= ?\d+(?:\.\d+)*", r"改訂\d+",
    ),
    "a name": (
        rf"\b{_MODEL}(?:[ -]?(?:[vVrR]?\d+(?:\.\d+)*[a-z]?(?![\d.,]*[BM]\b|\w)|{_SERIES}))*[ -]?[(]?{_SIZE}",
        rf"\b{_MODEL}[ -]?[vVrR]?\d+(?:\.\d+)*[a-z]?(?!\w|[.,]\d)(?! (?:times|GPU|billion|million))",
        rf"(?<![\w.$]){_SIZE}(?:(?:,? (?:and|to|or) |/|, ?){_SIZE})*(?=[ -](?:models?|one|run|node"
        rf"|parameter[- ]model"
        r"|class|variant|version|dense|base|instruct|chat|MoE|LLM)\b|模型|モデル)",
        r"(?<![\d.,$¥])[345]0[6-9]0(?![\d.,]*\d| ?(?:tokens?|GPU|hours|[元円张枚块台W]))",
        r"(?<![\d.])(?:[2-6]G|480p|720[pP]|1080[pP]|2160[pP])\b(?! ?[显内V])",
        r"\b(?<!\d\.)(?:\d{1,2}|two|three|four|eight)[- ]?bits?\b(?!/| per )",
        r"(?<![\d.])\d{1,2} ?(?:比特|ビット)", r"\b\d+-shot\b",
        rf"\b(?:{_PRODUCT}) ?v?\d+(?:\.\d+)*(?![\d.,]*\d)\w?",
        rf"{GPU}(?:[ -](?:SXM\d?|PCIe|NVL))?[ -](?P<memory>\d+ ?GB?)(?![/A-Za-z0-9])",
    ),
}  # fmt: skip
"""Why a number is none, and how those look."""
_SCORED = re.compile(
    r"MMLU|GSM8K|HumanEval|MBPP|HellaSwag|BBH|C-Eval|CMMLU|AIME|GPQA|SWE-bench|LiveCodeBench|ARC-[CE]"
    r"|TruthfulQA|MATH\b|JGLUE|Elo|SLA|uptime|availability|BLEU|accuracy|win rate|pass@|perplexity|准确率"
    r"|得分|正解率|正答率|胜率|勝率|精度"
)
_SHARES = re.compile(
    r"\b(?i:shares?|stocks?) (?:(?:in|of) [^,;]{2,30} )?(?:price|fell|rose|of|at|closed|slid|gained|lost)"
    r"|株価|股价|前日比"
)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?P<k{i}>{'|'.join(of)})" for i, of in enumerate(_PATTERNS.values())), re.ASCII
    )


def masked(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Mask the digits of what is no quantity by its form; return the text, and why and where each stands.

    >>> masked("On page 7: GPT-4, 3 May 2024")[1]
    [('a place in a document', 3, 9), ('a name', 11, 16), ('a date', 18, 28)]
    """
    found, reasons = list[tuple[str, int, int]](), list(_PATTERNS)

    def mask(match: re.Match[str]) -> str:
        found.append((reasons[int((match.lastgroup or "")[1:])], *match.span()))
        kept = match[0].removesuffix(match["memory"]) if match["memory"] else ""
        return kept + _DIGIT.sub(lambda digit: MASK * len(digit[0]), match[0].removeprefix(kept))

    return _pattern().sub(mask, text), found


_DIGIT = re.compile(r"[\d〇零一二三四五六七八九十百]|\b(?:two|three|four|eight)\b")
_AGO = re.compile(
    r"\s*(?:ago|earlier|later|after|before|from now|previously|old)\b|[以之]?[前后後](?![后後期])|間前|ぶり"
    r"|来(?!的)"
)
_RESOURCES = {
    "chip", "CO2e", "conversation", "customer", "developer", "employee", "epoch", "head", "household",
    "instance", "layer", "machine", "node", "parameter", "person", "query", "rack", "replica", "reply",
    "request", "seat", "server", "ticket", "user", "vehicle", "visit",
}  # fmt: skip
"""Things whose number costs belong to; a number of others, such as pages, belongs to none."""
_NO_RESOURCES = {*notation.NOUNS, "V", "A"} - _RESOURCES
_CUT = re.compile(
    " (?:are|is|get|gets|were) (?:cropped|cut|discarded|dropped|filtered|removed|skipped|truncated)"
)
NO_UNIT, AGO = "a number without a unit", "a time ago"


_EACH = re.compile(
    r"(?:\b(?i:per|each|every|single|average|one|an?) |/)([a-z]{3,})(?: ([a-z]{3,}))?"
    r"|(?:[每毎各单一整均]|(?<![0-9.])1)个?([一-鿿]|[ァ-ヺー]{2,})"
    r"|(?<![ァ-ヺー])([ァ-ヺー]{2,})(?:1[一-鿿])?(?:あたり|当たり|につき)"
)
_NO_THINGS = frozenset("年月日天时時分秒周週页頁号楼期届级位代版倍度元円次回章节名人般些种直样起定旦")


def things_in(text: str) -> frozenset[str]:
    """Return what a text speaks of one of: per scan, a support ticket, 每份, 1枚.

    >>> sorted(things_in("It costs $2 per scan and a support ticket. 每份0.3元") - {"and", "support"})
    ['scan', 'ticket', '份']
    """
    words = (word for found in _EACH.finditer(text) for word in found.groups())
    return frozenset(word for word in words if word and word not in _NO_THINGS)


_COUNTED = re.compile(r" ?(?:[a-z-]+ )?([a-z]{3,}?)(?:es|s)\b|个?([一-鿿])|([ァ-ヺー]{2,})")


def counts_one_of(things: frozenset[str], after: str) -> bool:
    """Say whether the words behind a number name something of which a text speaks of one."""
    found = _COUNTED.match(after)
    names = {name for name in found.groups() if name} if found else set()
    return not names.isdisjoint(things) or bool(found and found[1] and f"{found[1]}e" in things)


def may_count(why: str, part: str, spot: Spot) -> bool:
    """Say whether a number that is no quantity by itself may count what others follow from."""
    value, is_count = spot.figure.value, why in (NO_UNIT, AGO) or why.startswith("a count of ")
    is_year = spot.numeral.is_whole and 1900 < value < 2100 and "," not in part[spot.start : spot.end]
    is_section = not spot.start and re.match(r"\d+(?:\.\d+)* [^\W\da-z]", part)
    before = part[max(0, spot.start - 24) : spot.start]
    is_other = is_year or is_section or re.search("(?i)batch.?size|批(?:次|量)?大小|バッチ", before)
    return is_count and not spot.problem and value > 0 and value != 1 and not is_other


def why_no_figure(part: str, spot: Spot, figure: Figure, *, is_cell: bool) -> str:
    """Return why a number with these words around it is no quantity; empty where it is one."""
    before, after, unit = part[: spot.start], part[spot.end :], figure.unit
    is_bare = is_cell and not re.search(r"\w", before + after)
    if spot.problem and not (unit and re.search(r"(?: per |/).* is not understood$", spot.problem)):
        return spot.problem
    if not unit:
        return NO_UNIT
    is_size = unit in ("model", "node", "machine", "server") and spot.numeral.magnitude >= 1e6
    if is_size or (unit == "parameter" and re.search(rf"{MASK}[\w.]* ?[(]$", before)):
        return "the size of a model"
    each = rf"\b(?:average|mean|each|(?:an?|per|every) {unit})\b"
    is_each = re.search(each, after[:60]) and re.search(r"\d", after[:60])
    is_power = unit in ("V", "A") and re.search(r"\d ?(?:V|volts?)\b.*\d ?A|\d ?A(?:mp.*|)\b.*\d ?V", part)
    if unit in _NO_RESOURCES and not is_power and not is_each:
        return f"a count of {unit}s"
    if unit in notation.COUNTED and _CUT.match(after):
        return "a limit"
    is_exact, is_time = figure.hedge is Hedge.EXACT, unit in notation.PERIODS
    if is_time and is_exact and _AGO.match(after):
        return AGO
    if unit == "token" and figure.printed.startswith("a ") and before.endswith(" for "):
        return 'one meaning "a" or "each"'  # $5 for a million tokens
    is_only = re.match("だけ|のみ", after) or re.search("[只仅]用?$", before)
    is_one = figure.value == 1 and figure.high is None and "." not in figure.printed
    if is_one and not is_only and spot.numeral.is_whole and is_exact:
        behind = part[spot.numeral.end :]
        is_word = part[spot.numeral.start : spot.numeral.end] != "1"
        if is_time or unit in (*notation.COUNTED, *notation.NOUNS, "GPU-hour"):
            is_kind = (is_word or not re.match(" ?[A-Za-z]", behind)) and bool(
                spot.figure.unit or not is_bare
            )
            is_kind |= bool(re.search(r"(?i)\b(?:per|every|each)\s+$", before))
        else:
            is_kind = unit in notation.CURRENCIES and (is_word or bool(re.match(" ?[=≈兑対]", after)))
        if is_kind:
            return 'one meaning "a" or "each"'
    clause = re.split(r"[;；。]|, (?!\d)", before)[-1][-60:] + figure.printed + after[:12]
    if unit in ("percent", "1") and _SCORED.search(clause):
        return "a score"
    return "a price of shares" if _SHARES.search(clause) else ""
