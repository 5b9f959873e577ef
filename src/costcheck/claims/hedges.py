"""The words that soften a printed figure, in English, Chinese and Japanese."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache


class Hedge(StrEnum):
    """The word that softens a figure."""

    EXACT = "exact"
    ABOUT = "about"
    NEARLY = "nearly"
    OVER = "over"
    AT_LEAST = "at least"
    PLUS = "plus"
    UNDER = "under"
    UP_TO = "up to"


_BEFORE = {
    Hedge.ABOUT: """about, around, roughly, approximately, approx, approx., circa, ca., some, near, ~, ∼, ≈,
        〜, 約, 约, 概ね, おおむね, ざっと, 大约, 大約, 大概, 约莫, 差不多, およそ, おおよそ, ほぼ""",
    Hedge.NEARLY: """nearly, almost, just under, just short of, a little under, slightly under,
        slightly less than, just shy of, shy of, close to, not quite, approaching,
        近, 将近, 接近, 几乎, 近乎""",
    Hedge.OVER: """over, above, more than, greater than, just over, well over, a little over, slightly over,
        slightly more than, better than, beyond, upwards of, in excess of, north of, exceeds, exceeding,
        exceeded, >, 超过, 超過, 超, 逾, 突破, 高于, 大于, 多于, 不止""",
    Hedge.AT_LEAST: """at least, no less than, no fewer than, not less than, a minimum of, as low as,
        as little as, starting at, starting from, starts at,
        >=, ≥, 至少, 起码, 最少, 不少于, 不低于, 少なくとも, 最低, 最低でも, 起租, 低至""",
    Hedge.UNDER: "under, below, less than, fewer than, short of, <, 不到, 不足, 低于, 少于, 小于",
    Hedge.UP_TO: """up to, at most, no more than, not more than, as much as, as many as, as high as,
        a maximum of, within, capped at, limited to, <=, ≤, 最多, 高达, 至多, 不超过, 最大, 最高""",
}
_BEHIND = {
    Hedge.ABOUT: "or so, ish, 左右, 上下, 前后, 程度, 前後, ほど, くらい, ぐらい",
    Hedge.NEARLY: "弱, 近く, 足らず",
    Hedge.OVER: "余, 餘, 余り, あまり, 多, 強, 出头, 超, 超え, を超える, を超え, を上回る",
    Hedge.AT_LEAST: "or more, or higher, 以上, 及以上, 起",
    Hedge.UNDER: "未満, 未满, を下回る",
    Hedge.UP_TO: "or less, or fewer, 以下, 以内, まで",
    Hedge.PLUS: "+",
}
_FILLERS = r"[ \u00a0(的了有是为為合要需达到達其月用花够能翻]|\b(?:a|an|in|of|as|the|total|US)(?![A-Za-z])"
_FARTHEST = 30
"""Characters before a figure within which its hedge begins."""


@cache
def _words(is_before: bool) -> dict[str, Hedge]:
    table = _BEFORE if is_before else _BEHIND
    return {word: hedge for hedge, words in table.items() for word in re.split(r",\s+", words)}


@cache
def _pattern(is_before: bool) -> re.Pattern[str]:
    """Return what a hedge before or behind a figure looks like, the longest first."""
    names = [
        re.escape(name).replace(r"\ ", "[ -]") for name in sorted(_words(is_before), key=len, reverse=True)
    ]
    latin = "|".join(name for name in names if name[0] in "abcdefghijklmnopqrstuvwxyz")
    other = "|".join(name for name in names if name[0] not in "abcdefghijklmnopqrstuvwxyz")
    if is_before:  # not 最近, 节约, 契約, and not Dover, nor adds up to
        words = rf"(?<![A-Za-z])(?<!adds (?=up))(?<!add (?=up))(?<!sums (?=up))(?i:{latin})(?![A-Za-z])"
        words += rf"|(?<![最附节節纽条契预予])(?:{other})"
        return re.compile(rf"(?:(大约|大概|差不多)[一-鿿]{{0,6}}|({words})(?:{_FILLERS})*)$")
    no_hedge = " ?[0-9い力化地来步点]|(?<!ど)(?<!い)[下上落]"  # not 以上下, but 3割ほど下がる
    return re.compile(rf"[ -]?((?i:{latin})(?![A-Za-z])|(?:{other})(?!{no_hedge}))")


def hedge_before(text: str, start: int, end: int) -> tuple[Hedge | None, int]:
    """Return the hedge before a place in a text, and where it begins, which is not before ``start``."""
    begin = max(start, end - _FARTHEST)
    match = _pattern(True).search(text[begin:end])
    return (_words(True)[_plain(match[1] or match[2])], begin + match.start()) if match else (None, end)


def hedge_behind(text: str, start: int) -> tuple[Hedge | None, int]:
    """Return the hedge at a place in a text, behind a figure, and where it ends."""
    match = _pattern(False).match(text, start)
    return (_words(False)[_plain(match[1])], match.end()) if match else (None, start)


def _plain(word: str) -> str:
    return word.lower().replace("-", " ")
