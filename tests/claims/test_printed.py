"""Figures as they are printed: value, precision, and what a hedge promises at its very border."""

import csv
import math
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costcheck.claims import articles
from costcheck.claims.printed import Figure, Hedge, band, figures_in, read_figure
from costcheck.errors import InputError
from costcheck.units.notation import parse

EXACT, ABOUT, NEARLY, OVER, AT_LEAST, PLUS, UNDER, UP_TO = Hedge


@settings(max_examples=150)
@given(st.integers(1, 9999), st.integers(-3, 9), st.floats(0.5, 1.5))
def test_an_exact_figure_holds_if_and_only_if_rounding_gives_it(digits, exponent, factor):
    unit = Decimal(1).scaleb(exponent)
    figure = digits * unit
    recomputed = float(figure) * factor
    steps = Decimal(recomputed) / unit
    # within 1e-9 of a border the answer is a matter of floating point, not of rounding
    assume(abs(steps % 1 - Decimal("0.5")) > Decimal("1e-5"))
    rounded = steps.quantize(Decimal(1), ROUND_HALF_UP)
    assert (recomputed in band(Figure("x", float(figure), place=float(unit)))) is (rounded == digits)


# ---------------------------------------------------------------- value, unit, precision and hedge
TABLE = Path(__file__).parent / "printed_figures.csv"
FIGURES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
"""All figures of 14 texts on what models cost, in three languages, as a person reads them."""
# 半天 (half a day) was read as about; 以下 includes the figure, so it is up to and not under
HEDGED_OTHERWISE = {"半天": "exact", "1.1以下": "up to"}


@pytest.mark.parametrize("row", FIGURES, ids=[row["printed"] for row in FIGURES])
def test_a_figure_is_read_as_a_person_reads_it(row):
    if row["unit"] == "CNY/CNY":  # 0.9元 a yuan: the words name no plain number
        row |= {"unit": "CNY"}
    figure = read_figure(row["printed"], unit=row["unit"])
    assert figure.value == pytest.approx(float(row["value"]), rel=1e-12)
    assert figure.high == (pytest.approx(float(row["value_high"])) if row["value_high"] else None)
    assert figure.hedge == HEDGED_OTHERWISE.get(row["printed"], row["hedge"])
    # the words may name less than the whole unit, but nothing else
    named = read_figure(row["printed"]).unit
    assert named is None or row["unit"] == "USD/TPU-hour" or {*parts_of(named)} <= {*parts_of(row["unit"])}


def parts_of(unit):
    return [(name, power) for name, power in parse(unit).parts if name != "times"]


@pytest.mark.parametrize(
    ("printed", "value", "high", "unit"),
    [
        ("$2-5M", 2e6, 5e6, "USD"), ("32% to 36%", 32, 36, "percent"), ("10-15×", 10, 15, "times"),
        ("10〜15倍", 10, 15, "times"), ("$100–400K/yr", 1e5, 4e5, "USD/year"),
        ("8000-1万", 8000, 10_000, None), ("between $2 and $4 an hour", 2, 4, "USD/hour"),
        ("$0.06–$0.12/kWh", 0.06, 0.12, "USD/kWh"), ("2.5× a year", 2.5, None, "1/year"),
        ("−5 %", -5, None, "percent"), ("-$5M", -5e6, None, "USD"), ("300円/時", 300, None, "JPY/hour"),
        ("¥9/天", 9, None, "CNY/day"), ("¥300/時", 300, None, "JPY/hour"), ("¥5", 5, None, None),
        ("₹12,34,567", 1_234_567, None, "INR"), ("₩5,000", 5000, None, "KRW"),
        ("US$1.7bn", 1.7e9, None, "USD"), ("RMB 5万", 50_000, None, "CNY"),
        ("1.7亿人民币", 1.7e8, None, "CNY"), ("1GPUあたり300円", 300, None, "JPY/GPU"),
        ("100万トークンあたり3ドル", 3, None, "USD/Mtok"), ("每百万token 0.5元", 0.5, None, "CNY/Mtok"),
        ("毎秒71.8個token", 71.8, None, "token/s"), ("月額5万円", 50_000, None, "JPY/month"),
        ("$5 per 1,000 queries", 0.005, None, "USD/query"), ("43000 块显卡", 43_000, None, "GPU"),
        ("GPU 43000块", 43_000, None, "GPU"), ("43000块", 43_000, None, None),
        ("30.84M H100 hours", 30.84e6, None, "GPU-hour"), ("6千瓦时", 6, None, "kWh"),
        ("百分之三十", 30, None, "percent"), ("960 Teraflop/s", 960, None, "TFLOP/s"),
        ("3640 petaflop/s-days", 3640, None, "PFLOP/s-day"), ("一个月", 1, None, "month"),
        ("8种语言", 8, None, "language"), ("96,000語", 96_000, None, "word"),
        ("9.6万字", 96_000, None, "character"), ("3,000以上のGPU", 3000, None, "GPU"),
        ("HK$5", 5, None, "HKD"), ("550MB显存", 550, None, "MB"),
        ("5 per GPU" + " per GPU" * 99, 5, None, "1/GPU^4"),
    ],
)  # fmt: skip
def test_a_figure_has_its_unit_and_a_range_two_ends(printed, value, high, unit):
    figure = read_figure(printed)
    assert (figure.value, figure.high, figure.unit) == (pytest.approx(value), high, unit)


@pytest.mark.parametrize(
    ("printed", "unit", "value", "place"),
    [
        ("3.35TB/s", "TB/s", 3.35, 0.01), ("80GB", "GB/GPU", 80, 1), ("80GB", "byte", 80e9, 1e9),
        ("1.5M", "Mtok", 1.5, 0.1), ("34.6%", "1", 0.346, 0.001), ("34.6%", "percent", 34.6, 0.1),
        ("34.6%", "share of benchmarks", 0.346, 0.001), ("15", "percent", 15, 1),
        ("4 H100 for $10/hr", "USD/GPU-hour", 10, 1), ("16块", "GPU", 16, 0),
        ("30.84M", "GPU-hour", 30.84e6, 10_000), ("2 years", "month", 24, 12),
    ],
)  # fmt: skip
def test_a_figure_is_converted_into_the_unit_given(printed, unit, value, place):
    figure = read_figure(printed, unit=unit)
    assert (figure.value, figure.unit, figure.place) == (pytest.approx(value), unit, pytest.approx(place))


def test_a_value_given_chooses_among_the_figures_and_is_exact_where_it_is_not_printed():
    assert read_figure("8k扩展至128k", value=128_000).place == 1000
    assert read_figure("8k扩展至128k", value=16, unit="times") == Figure("8k扩展至128k", 16, None, "times")
    assert read_figure("9.6万字", value=96_000, unit="word").place == 1000  # in another unit, but printed
    assert read_figure("up to 5", high=7, hedge=Hedge.ABOUT).hedge is ABOUT


@pytest.mark.parametrize(
    ("printed", "unit", "why"),
    [
        ("8B、70B", None, "has several figures (8e+09, 7e+10); give the value"),
        ("(none)", None, "has no figure"), ("from 8k to 128k", None, "has several figures (8000, 128000)"),
        ("1万2", None, "'1万2' is not a clear number; give its value"),
        ("GPT-4o mini", None, "has no figure"),
        ("8x7B", None, "is not understood"),
        ("A$5", None, "dollars that costcheck does not know"), ("$5", "GPU", "USD does not fit GPU"),
        ("5 GPU", "GPUs/x", "unknown unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_certain_is_refused_with_the_reason(printed, unit, why):
    with pytest.raises(InputError) as refused:
        read_figure(printed, unit=unit)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("printed", "allows", "inside", "outside"),
    [
        # digits: half a unit in the last place, of a whole number at most in its second digit
        ("$100 million", "95 to 105 million", [95e6, 105e6], [94.9e6, 148e6]),
        ("43,000", "42,500 to 43,500", [42_833], [42_499]), ("3500年", "3,450 to 3,550", [3520.5], [3400]),
        ("17亿", "1.65 to 1.75 billion", [1.72e9], [1.76e9]), ("$10", "9.5 to 10.5", [10.5], [10.6]),
        ("3%", "2.5 to 3.5", [3.15], [3.6]), ("8 GPUs", "exactly 8", [8], [8.1]),
        ("$2-5M", "1.5 to 5.5 million", [1.5e6, 3e6], [1.4e6, 5.6e6]),
        # hedges
        ("about 4500 kWh", "4,275 to 4,725", [4380], [4274, 4726]), ("约3倍", "2.5 to 3.5", [2.6], [3.6]),
        ("at least 10×", "at least 10", [10], [9.35, 5.1]),
        ("at least $20 million", "at least 20 million", [20e6], [15.2e6]),
        ("more than $10M", "above 10 million", [10.1e6], [9.216e6, 10e6]),
        ("15T+", "at least 15 trillion", [15e12], [14.9e12]),
        ("almost $10M", "9 to 10 million", [9e6, 10e6], [10.14e6]),
        ("just under 300,000", "270,000 to 300,000", [2.8e5], [3.001e5]),
        ("不到1000万美元", "below 10 million", [9e6], [10e6, 10.14e6]),
        ("up to 800", "at most 800", [800], [801]), ("nearly -5%", "-5 to -4.5", [-4.6], [-5.1]),
    ],
)  # fmt: skip
def test_a_figure_allows_the_band_of_its_digits_and_its_hedge(printed, allows, inside, outside):
    allowed = band(read_figure(printed))
    assert str(allowed) == allows
    assert all(number in allowed for number in inside)
    assert not any(number in allowed for number in outside)
    assert allowed.overlaps(min(inside + outside), max(inside + outside))


WORDS = """
约5 about, 大约5 about, 近5倍 nearly, 接近5 nearly, 超过5 over, 逾5 over, 不到5 under, 不足5 under,
起码5 at least, 至少5 at least, 最多5 up to, 高达5 up to, 5左右 about, 5上下 about, 5余台 over,
几乎5 nearly, 突破5 over, 約5 about, ほぼ5 about, 5億円近く nearly, 5以上 at least, 5以下 up to,
5未満 under, 5超 over, 5程度 about, 少なくとも5 at least, 最大5 up to, 5か月弱 nearly, 5か月強 over,
about 5 about, ~5 about, ≈ 5 about, approx. 5 about, around 5 about, roughly 5 about, some 5 about,
almost 5 nearly, nearly 5 nearly, just under 5 nearly, close to 5 nearly, over 5 over, more than 5 over,
above 5 over, at least 5 at least, no less than 5 at least, up to 5 up to, at most 5 up to,
no more than 5 up to, less than 5 under, fewer than 5 under, below 5 under, under 5 under, 5+ plus,
> 5 over, <5 under, >= 5 at least, ≤5 up to, 不超过5 up to, 约5以上 at least, 15T+以上 at least,
最近5年 exact, 节约5 exact, 予約5 exact, Dover 5 exact, 500多万 over, As much as $5 up to, 约有5 about,
突破了5 over
"""


@pytest.mark.parametrize("case", re.split(r",\s+", WORDS.strip()))
def test_a_word_that_hedges_is_understood(case):
    printed, hedge = re.fullmatch("(.*?) ?(about|nearly|over|at least|under|up to|plus|exact)", case).groups()
    assert read_figure(printed).hedge == hedge


def test_every_figure_of_the_articles_is_found_in_its_words_with_its_hedge():
    # words beside the figure hedge J21 and Z31; that Z49 and J35 name a least follows from the sense
    hedged_by_hand = {"Z49", "J35", "J21", "Z31"}
    for claim in (claim for article in articles() for claim in article.claims):
        if claim.figure and not claim.reading and claim.id not in ("Z53", "J39"):
            figure = read_figure(claim.printed, value=claim.value, unit=claim.unit)
            assert figure.place or figure.unit == "language", claim.id
            assert claim.hedge in (None, figure.hedge) or claim.id in hedged_by_hand, claim.id


@settings(max_examples=150)
@given(
    st.floats(0.001, 1e15), st.sampled_from(Hedge), st.floats(0.5, 1.5), st.sampled_from(["GB", "kB", "TB"])
)
def test_a_figure_holds_whatever_the_unit_it_is_written_in(size, hedge, factor, unit):
    figure = Figure("", size, None, "byte", size / 10, hedge)
    scale = parse("byte").scale / parse(unit).scale
    other = replace(figure, value=float(size * scale), place=float(size * scale) / 10)
    assume(all(abs(factor - border) > 1e-8 for border in (0.9, 0.95, 1, 1.05)))
    assert (size * factor in band(figure)) is (other.value * factor in band(other))


@given(st.text(alphabet="0123456789.,万億百十kMB 一三半分の多約以上弱〜-–+$¥%×/perhourGPU円元每あたりto and"))
def test_any_words_are_read_without_an_error_and_every_figure_lies_in_its_text(text):
    for spot in figures_in(text):
        assert 0 <= spot.start < spot.end <= len(text)
        assert spot.problem or math.isfinite(spot.figure.value)
