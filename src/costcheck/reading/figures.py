"""Every quantity that a text prints, and the numbers that are none."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from costcheck.claims.hedges import Hedge
from costcheck.claims.printed import Figure, Spot, figures_in, scaled
from costcheck.reading.documents import Cell, Document
from costcheck.reading.no_figures import MASK, by_form, why_no_figure
from costcheck.text.numerals import narrow
from costcheck.units import notation
from costcheck.units.in_words import GPU, below, thing_counted, unit_before


@dataclass(frozen=True)
class Quantity:
    """A quantity: what it says, where it stands, and the words around it.

    ``text[start:end]`` of the document is the figure as printed, hedge and unit included; ``line`` counts
    from 1; ``sentence`` is the sentence (or list item, or row) it stands in; ``row`` and ``column`` are the
    headers of its cell, if it stands in a table.
    """

    figure: Figure
    start: int
    end: int
    line: int
    sentence: str
    row: str = ""
    column: str = ""


@dataclass(frozen=True)
class Passed:
    """A number that is no quantity, and why: a date, a version, a page."""

    printed: str
    start: int
    end: int
    line: int
    why: str


def quantities(document: Document) -> tuple[list[Quantity], list[Passed]]:
    """Find the quantities of a text, in its order, and the numbers that are none.

    >>> from costcheck.reading.documents import read_document
    >>> found, passed = quantities(read_document("On 3 May 2024, 8 H100s ran Llama 3 70B for 2 days."))
    >>> [quantity.figure.printed for quantity in found], [(number.printed, number.why) for number in passed]
    (['8 H100s', '2 days'], [('3 May 2024', 'a date'), ('Llama 3 70B', 'a name')])
    """
    text, lines = document.text, [0, *(match.end() for match in re.finditer("\n", document.text))]
    found, passed = list[Quantity](), list[Passed]()

    def pass_over(start: int, end: int, why: str) -> None:
        passed.append(Passed(text[start:end], start, end, bisect_right(lines, start), why))

    masked, end = list[str](), 0
    plain = _unwrapped(narrow(text))
    for why, start, until, masked_from in by_form(plain):
        pass_over(start, until, why)
        masked += [
            plain[end:masked_from],
            re.sub(r"[\d〇零一二三四五六七八九十百]", MASK, plain[masked_from:until]),
        ]
        end = until
    plain = "".join([*masked, plain[end:]])
    for start, end, sentence, cell in _segments(plain, document.cells):
        part = plain[start:end]
        spots = figures_in(part)
        done, begun, context = list[Figure](), 0, plain[max(0, sentence[0] - 300) : sentence[1]]
        for index, spot in enumerate(spots):
            figure = _completed(spots, index, part, cell, context, done, begun, document.language)
            why = why_no_figure(
                part,
                spot,
                figure,
                is_cell=bool(cell) and not re.search(r"\w", part[: spot.start] + part[spot.end :]),
            )
            if why:
                pass_over(start + spot.start, start + spot.end, why)
                continue
            done.append(figure)
            begun = spot.end
            place = start + spot.start, start + spot.end
            figure = replace(figure, printed=text[slice(*place)])
            header = (cell.row, cell.column) if cell else ("", "")
            line = bisect_right(lines, place[0])
            found.append(Quantity(figure, *place, line, text[slice(*sentence)], *header))
    return found, sorted(passed, key=lambda number: number.start)


_BREAK = re.compile(r"\n[ \t]*(?:[-*+•|#>]|\d+[.)]|\n|    |\t)|[.!?:。！？：|](?:[\"')*\]]*)\n")


def _unwrapped(text: str) -> str:
    """Put a blank for the end of a line that goes on in the next, as in an e-mail or a PDF."""
    pieces, end = list[str](), 0
    for match in re.finditer(r"\n", text):
        at = match.start()
        length = at - max(text.rfind("\n", max(0, at - 200), at), at - 200)
        is_full = length > 45 or (length > 20 and text[at + 1 : at + 2].islower())
        if is_full and not _BREAK.match(text, at) and text[at - 1 : at] not in ".!?:|。！？：":
            pieces += [text[end:at], " "]
            end = at + 1
    return "".join([*pieces, text[end:]])


_END = re.compile(r"[。！？!?]+[」』”’\"')）]*|[.][\"')\]]*(?=[ ][\"'(\[“‘]*[A-Z0-9$€£~])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|ca|vs|etc|al|cf|nos?|fig|eq|sec|ch|vol|pp?|ed|mrs?|ms|dr|prof|inc|ltd|corp|co|st"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|a\.m|p\.m|u\.s|u\.k|est|max|min|avg)|^\s*\d+|\b[A-Z])$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[|:\- \t]*-{2}[|:\- \t]*")


def _segments(text: str, cells: tuple[Cell, ...]) -> Iterator[tuple[int, int, tuple[int, int], Cell | None]]:
    """Yield sentences, and the cells of tables; a row is the sentence of its cells. Headers are none."""
    lines, start, at = text.split("\n"), 0, 0
    for line, below_it in zip(lines, [*lines[1:], ""], strict=True):
        row = (start, start + len(line.rstrip()))
        is_row = False
        while at < len(cells) and cells[at].start < start + len(line):
            is_row = True
            yield cells[at].start, cells[at].end, row, cells[at]
            at += 1
        if not is_row and not ("|" in line and (line[0] == "|" or _RULE.fullmatch(below_it))):
            begun = 0
            for match in _END.finditer(line):
                if match[0][0] != "." or not _ABBREVIATED.search(line[begun : match.start()][-12:]):
                    yield from _trimmed(line, begun, match.end(), start)
                    begun = match.end()
            yield from _trimmed(line, begun, len(line), start)
        start += len(line) + 1


def _trimmed(
    line: str, begun: int, end: int, offset: int
) -> Iterator[tuple[int, int, tuple[int, int], None]]:
    part = line[begun:end]
    if part.strip():
        place = offset + begun + len(part) - len(part.lstrip()), offset + begun + len(part.rstrip())
        yield (*place, place, None)


@cache
def _of_header(header: str, is_caption: bool = False) -> tuple[str | None, float]:
    """Return the unit that a header gives the bare numbers beside it, and how many of that they count.

    >>> _of_header("Training time (M GPU hours)"), _of_header("费用（万元）"), _of_header("Context")
    (('GPU-hour', 1000000.0), ('CNY', 10000.0), (None, 1.0))
    """
    header = narrow(header)
    inside = re.findall(r"[(\[]([^()\[\]]*)[)\]]", header)
    outside = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", header).strip()
    behind = re.findall(r"(?:/|\bin |, )([^/,]+)$", outside)
    whole = [] if is_caption or re.search(r"\d", outside) else [outside, *outside.split()[-1:]]
    for words in [*inside, *whole, *behind]:
        words = re.sub(r"^(?:in|per|每|unit:|单位:|単位:) ?", "", words.strip())
        sign = re.match(r"(?:US)?[$€£¥]|", words)
        rest = words[sign.end() :] if sign else words
        joint = "" if re.match(r"[一-鿿]|[kKMBT]?(?:$|/)|[%°]", rest) else " "
        as_printed = f"{sign[0] if sign else ''}7{joint}{rest}"
        spots = figures_in(as_printed) if words else []
        if not spots or spots[0].problem or spots[0].end < len(as_printed):
            continue
        unit, scale = spots[0].figure.unit, spots[0].figure.value / 7
        if not unit and words in inside and re.search("(?i)param|size|参数|參數|パラメ", outside):
            unit = "parameter"
        if unit:
            period, _ = unit_before(outside, 0, len(outside))
            return below(unit, period) if period and unit in notation.CURRENCIES else unit, scale
    return None, 1.0


@cache
def _price_of_header(header: str, currency: str) -> str:
    """Return the unit of an amount below a header that says what it is the price of.

    >>> _price_of_header("Input (per 1M tokens)", "USD"), _price_of_header("1時間あたりの料金", "JPY")
    ('USD/Mtok', 'JPY/hour')
    """
    behind = re.search(r"(?:\bper\b|/|[每毎]).*", narrow(header))
    spots = figures_in(f"7 {currency} {behind[0]}" if behind else f"{header}7 {currency}")
    unit = spots[-1].figure.unit if spots else ""
    return unit if unit and unit.startswith(f"{currency}/") else currency


_ONE_GPU = re.compile(
    rf"\b(?i:an?|one|each|every|the|single|per) (?:\w+ ){{0,2}}?(?:{GPU}|cards?|chips?|boards?|accelerators?)"
    r"(?!\w)"
    rf"|[单單每毎][张張块塊颗卡枚基]|{GPU}[^\d\n]{{0,8}}(?:なら|になると|だと|的|の)|(?:TDP|峰值|ピーク|单价|単価)"
)
_SEVERAL = re.compile(
    r"\b(?i:nodes?|servers?|box|boxes|machines?|clusters?|instances?|pods?|rigs?|together|all|total|both|fleet"
    r"|DGX|HGX)\b"
    r"|\d ?[x×] ?|[x×] ?8\b|GPUs|cards\b|00s\b|服务器|整机|集群|サーバ|ノード|クラスタ|合[计計]|共|总|台"
)
_FOR_EACH = {"USD/hour": "USD/GPU-hour", "CNY/hour": "CNY/GPU-hour", "JPY/hour": "JPY/GPU-hour"}


def _completed(
    spots: list[Spot],
    index: int,
    part: str,
    cell: Cell | None,
    context: str,
    done: list[Figure],
    begun: int,
    language: str,
) -> Figure:
    """Return a figure with the unit and the hedge that the words around it give."""
    spot = spots[index]
    figure, before, after = spot.figure, part[: spot.start], part[spot.end :]
    if not figure.unit and re.search("[¥￥]", part[spot.start : spot.end]):
        figure = replace(figure, unit={"zh": "CNY", "ja": "JPY"}.get(language))
    # $4,608 over 8,935M tokens
    if (
        figure.hedge is Hedge.OVER
        and part.startswith("over ", spot.start)
        and done
        and spot.start - begun < 2
    ):
        figure = replace(figure, hedge=Hedge.EXACT)
    unit = figure.unit
    if cell and not unit and re.search("PUE", cell.row + cell.column):
        return replace(figure, unit="times")
    if cell and not (not unit and re.search(r"\w", before + after)):
        is_size = spot.numeral.magnitude > 1
        for header, is_caption in (
            (cell.column, False),
            (cell.row, False),
            (cell.caption * (not is_size), True),
        ):
            given, scale = _of_header(header, is_caption)
            if given and not unit:
                given = _price_of_header(header, given) if given in notation.CURRENCIES else given
                return scaled(figure, scale if spot.numeral.magnitude == 1 else 1.0, given)
            if given and scale == 1 and given.startswith(f"{unit}/"):
                return replace(figure, unit=given)
    if not unit:
        figure = _with_unit(spots, index, part, context, done)
        unit = figure.unit
    if not unit:
        return figure
    if unit in notation.CURRENCIES:
        unit = _next_price(spots, index, part) or _last_price(spots, index, part, done) or unit
    if cell and "/" not in unit:
        for header in (cell.row, cell.column):
            period, _ = unit_before(header, 0, len(header))
            if unit in notation.CURRENCIES:
                unit = _price_of_header(header, unit)
            elif period and period not in unit and period != unit:
                unit = below(unit, period)
    if "chip" in unit:
        unit = str(notation.parse(unit.replace("chip", "TPU" if "TPU" in context else "GPU")))
    if unit.startswith("FLOP/s") and "day" not in unit and figure.value > 1e21:
        unit = "FLOP"  # FLOPS is written for FLOPs
    if unit == "hour" and re.search("延べ|累[计計]|のべ", before[begun:] + (cell.row if cell else "")):
        unit = "GPU-hour"
    around = part[begun : spot.start] + re.split("[,;，；。]", part[spot.end : spot.end + 30])[0]
    one, several = (max([-1, *(m.start() for m in of.finditer(around))]) for of in (_ONE_GPU, _SEVERAL))
    if one > several and "GPU" not in unit:
        is_price = (
            unit in notation.CURRENCIES
            and 200 <= figure.value < 1e6
            and re.search("(?i)单价|単価|每|GPU|H100|A100", around)
        )
        kind = unit.split("/")[0][-6:]
        if unit in _FOR_EACH:
            unit = _FOR_EACH[unit]
        elif unit.startswith(("token/s", "W", "kW")) or (unit.endswith("FLOP/s") and kind) or is_price:
            unit = below(unit, "GPU")
    return replace(figure, unit=unit)


def _next_price(spots: list[Spot], index: int, part: str) -> str | None:
    """Return the unit of the next figure if both are prices of one thing: $2, $3 or $4 an hour."""
    figure = spots[index].figure
    for last, other in itertools.pairwise(spots[index:]):
        near = re.fullmatch(r"(?:, ?|、| and | or )(?:and |or )?(?:[a-z]+ )?", part[last.end : other.start])
        if not near or not 0.05 < other.figure.value / (figure.value or 1) < 20:
            return None
        if (unit := other.figure.unit or "").startswith(f"{figure.unit}/"):
            return unit
    return None


def _last_price(spots: list[Spot], index: int, part: str, done: list[Figure]) -> str | None:
    """Return the unit of the figure before if both are prices of one thing: from $3 per hour to $2."""
    figure, last = spots[index].figure, done[-1] if done else None
    if (
        not last
        or not (last.unit or "").startswith(f"{figure.unit}/")
        or not 0.05 < figure.value / (last.value or 1) < 20
    ):
        return None
    between = part[spots[index - 1].end : spots[index].start]
    joint = (
        r"[、,]? ?(?:and |or |to |[跌降涨升提][到至]|から|入力|出力|输入|输出|input|output)? ?(?:is |at )?"
    )
    return last.unit if re.fullmatch(joint, between) else None


def _with_unit(spots: list[Spot], index: int, part: str, context: str, done: list[Figure]) -> Figure:
    """Return a figure that has no unit of its own with that of the words around it, if there is one."""
    spot = spots[index]
    figure, before, after = spot.figure, part[: spot.start], part[spot.end :]
    if behind := re.match(r"[\"'` ]*[(]([^()\d]{1,20})[)]", after):
        given, scale = _of_header(f"({behind[1]})")
        if given:
            return scaled(figure, scale, given)
    if re.search(
        r"参数[量规模]*[^\d,，。]{0,5}$|パラメータ数[^\d、。]{0,5}$|[Pp]arameter count[^\d,.]{0,8}$", before
    ):
        return replace(figure, unit="parameter")
    if re.search(r"\bPUE\b[^,.;，。、；\d]{0,30}$", before):
        return replace(figure, unit="times")
    sign = part[spot.numeral.end : spot.numeral.end + 1]
    if sign and sign in "次回件" and not re.match("[次回件][目前后後]", part[spot.numeral.end :]):
        unit, _ = unit_before(part, spots[index - 1].end if index else 0, spot.start)
        return replace(figure, unit=below("request", unit) if unit and unit != "request" else "request")
    if thing := thing_counted(sign, context[-300:]):
        return replace(figure, unit=thing)
    for last, other in itertools.pairwise(spots[index:]):
        between = part[last.end : other.start]
        if not re.fullmatch(r" ?(?:,|、|and|or|to|到|至|和|与|から|と)(?: (?:and|or))? ?", between):
            break
        if other.figure.unit:
            by = other.numeral.magnitude if spot.numeral.magnitude == 1 else 1.0
            return scaled(figure, by, other.figure.unit)
    if label := re.match(r"\W*([^:=]{2,40})[:=] *$", before):
        given, scale = _of_header(label[1])
        if given:
            return scaled(figure, 1.0 if spot.numeral.magnitude > 1 else scale, given)
    is_end = re.match(r"\s*(?:[,.;:)!?。，、；」]|$|and\b|but\b|or\b|in total)", after)
    if done and figure.hedge is not Hedge.EXACT and is_end:
        return replace(figure, unit=done[-1].unit)
    return figure
