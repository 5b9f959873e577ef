"""Numerals in three languages: read as a whole with the precision their digits show, or not at all."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.text.numerals import narrow, numerals_in


def read(text):
    return [(numeral.value, numeral.place) for numeral in numerals_in(narrow(text))]


@pytest.mark.parametrize(
    ("text", "value", "place"),
    [
        # trailing zeros are rounding, but not beyond the second significant digit
        ("3500年", 3500, 100), ("43,000台", 43_000, 1000), ("$100 million", 100e6, 10e6),
        ("17亿", 1.7e9, 1e8), ("10%", 10, 1), ("170億ドル", 17e9, 1e9), ("400,000", 400_000, 10_000),
        ("3.50", 3.5, 0.01),
        # magnitudes
        ("2664K", 2.664e6, 1000), ("47.5万", 475_000, 1000), ("15万亿", 15e12, 1e12), ("1.7bn", 1.7e9, 1e8),
        ("1.7 Billion", 1.7e9, 1e8), ("$5m", 5e6, 1e6), ("3千万", 3e7, 1e7), ("500多万", 5e6, 1e5),
        ("8k扩展", 8000, 1000), ("a million", 1e6, 1e6), ("15T+", 15e12, 1e12), ("2.788M/h", 2.788e6, 1000),
        # several East Asian magnitudes, and signs for digits
        ("1億2千万", 1.2e8, 1e7), ("1万2千", 12_000, 1000), ("278万8000時間", 2_788_000, 1000),
        ("三十五", 35, 1), ("二百", 200, 10), ("十万", 100_000, 10_000), ("三千五百万", 35e6, 1e6),
        ("三点五万", 35_000, 1000), ("二〇二四年", 2024, 1), ("３万５千亿", 3.5e12, 1e11),
        ("一千零五", 1005, 1), ("八五折", 8.5, 0.1), ("二亿折", 2e8, 1e8),
        # full-width signs, and digits in groups
        ("１２３億", 12.3e9, 1e8), ("3，500万", 35e6, 1e6), ("1 000 000", 1e6, 1e5),
        ("24\u00a0576", 24_576, 1), ("12,34,567", 1_234_567, 1), ("1'250'000", 1.25e6, 10_000),
        ("$.14", 0.14, 0.01),
        # powers of ten
        ("1.2×10^10", 1.2e10, 1e9), ("10^25", 1e25, 1e25), ("3.80 x 10^{25}", 3.8e25, 1e23),
        ("3.8e25", 3.8e25, 1e24), ("5·10⁻³", 5e-3, 1e-3),
        # words
        ("ten times", 10, 1), ("twice", 2, 1), ("three hundred and forty-five", 345, 1), ("tenfold", 10, 1),
        ("two and a half", 2.5, 0.1), ("half", 0.5, 0.1), ("半天", 0.5, 0.1), ("三分の一", 1 / 3, 1 / 15),
        ("three quarters", 0.75, 0.15), ("eight hundred million", 800e6, 10e6),
    ],
)  # fmt: skip
def test_a_numeral_has_the_value_and_the_precision_that_its_digits_show(text, value, place):
    assert read(text) == [(pytest.approx(value, rel=1e-15), pytest.approx(place, rel=1e-12))]


@pytest.mark.parametrize(
    "text",
    [
        "1万2", "1億5000", "24 576 H100s", "3,5", "1.234.567", "1,2345", "三四百", "1億万", "2千百", "2^30",
        "20几万", "1e999", "3×10^1000", "10^4.5", "0e999", "9" * 50,
    ],
)  # fmt: skip
def test_a_numeral_that_is_not_understood_is_not_half_read(text):
    assert "is not a clear number" in next(numerals_in(narrow(text))).problem


@pytest.mark.parametrize(
    "text", ["H100, A100", "GB200", "数百万", "几十万", "十几万", "统一", "千万别", "半导体", "version_2"]
)
def test_what_is_no_numeral_is_left_alone(text):
    assert read(text) == []


NUMBERS = st.integers(1, 999_999)
SIGNS = "〇一二三四五六七八九"


def in_signs(number):
    """Write a number below ten thousand as in 三千五百二十八."""
    text = ""
    for power, unit in ((3, "千"), (2, "百"), (1, "十"), (0, "")):
        digit = number // 10**power % 10
        text += (
            SIGNS[digit] + unit if digit else "零" * bool(text and text[-1] != "零" and number % 10**power)
        )
    return text


ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
ONES = f"{ONES} seventeen eighteen nineteen".split()
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
BELOW_100 = ["", *ONES, *(f"{ten}-{one}".strip("-") for ten in TENS for one in ["", *ONES[:9]])]


def in_words(number):
    """Write a number below a thousand as in three hundred and forty-five."""
    hundreds = f"{BELOW_100[number // 100]} hundred" if number >= 100 else ""
    return " and ".join(filter(None, (hundreds, BELOW_100[number % 100])))


WRITTEN = {
    "words": lambda n: (in_words(n % 999 + 1), n % 999 + 1),
    "plain": lambda n: (str(n), n),
    "grouped": lambda n: (f"{n:,}", n),
    "narrow spaces": lambda n: (f"{n:,}".replace(",", "\u202f"), n),
    "full-width": lambda n: (f"{n:,}".translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)}), n),
    "decimals": lambda n: (f"{n / 1000:.3f}", Decimal(n) / 1000),
    "million": lambda n: (f"{n / 100:,.2f} million", Decimal(n) * 10_000),
    "万亿": lambda n: (f"{n / 10:.1f}万亿", Decimal(n) * 10**11),
    "億万": lambda n: (f"{n}億{n % 9999 + 1}万", n * 10**8 + (n % 9999 + 1) * 10**4),
    "power": lambda n: (f"{n / 1000:.3f}×10^12", Decimal(n) * 10**9),
    "exponent": lambda n: (f"{n}e-7", Decimal(n) / 10**7),
    "signs": lambda n: (in_signs(n % 9990 + 10) + "万", (n % 9990 + 10) * 10_000),
}  # fmt: skip


@given(NUMBERS, st.sampled_from(sorted(WRITTEN)), st.sampled_from(["", " ", "。", "台", " GPUs"]))
def test_a_number_written_in_any_supported_way_is_read_back(number, way, behind):
    text, value = WRITTEN[way](number)
    assert [numeral.value for numeral in numerals_in(narrow(text + behind))] == [float(value)]


@given(st.text(alphabet="0123456789.,'万亿億百千十kKMBT 一三两零〇点半分之の多折eE+-×x^{}²⁵⁻a half ten"))
def test_any_text_is_read_without_an_error(text):
    for numeral in numerals_in(narrow(text)):
        assert numeral.problem or (math.isfinite(numeral.value) and numeral.place >= 0)
        assert 0 <= numeral.start < numeral.end <= len(text)
