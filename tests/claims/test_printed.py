"""Figures as they are printed: value, precision, and what a hedge promises at its very border."""

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costcheck.claims import articles
from costcheck.claims.printed import Hedge, close, holds
from costcheck.text.numbers import MAGNITUDES, Printed, figures, find

EXACT, ABOUT, NEARLY, OVER, AT_LEAST, PLUS, UNDER = Hedge


def read(text):
    return [(figure.value, figure.unit_in_last_place) for figure in figures(text)]


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        # as the Chinese article prints them
        pytest.param("405B", [(405e9, 1e9)], id="Z04"),
        pytest.param("8B、70B、405B / 三种", [(8e9, 1e9), (70e9, 10e9), (405e9, 1e9), (3, 1)], id="Z10"),
        pytest.param("15T+ tokens", [(15e12, 1e12)], id="Z26"),
        pytest.param("8k扩展至128k", [(8000, 1000), (128_000, 1000)], id="Z30"),
        pytest.param("30.84M GPU小时", [(30.84e6, 1e4)], id="Z45"),
        pytest.param("一个月内 / 43000块", [(1, 1), (43_000, 1000)], id="Z49"),
        pytest.param("17亿美金", [(1.7e9, 1e8)], id="Z51"),
        pytest.param("1百万Tokens", [(1e6, 1e6)], id="Z55"),
        # as the Japanese one does
        pytest.param("2500万以上", [(25e6, 1e6)], id="J18"),
        pytest.param("170億ドル", [(17e9, 1e9)], id="J37"),
        # what else a figure can look like
        pytest.param("764GiB", [(764 * 2**30, 2**30)], id="binary magnitude"),
        pytest.param("1.5 TB, 16 MB", [(1.5e12, 1e11), (16e6, 1e6)], id="a blank before the magnitude"),
        pytest.param("3 Tokens", [(3, 1)], id="a magnitude's letter that begins a word is none"),
        pytest.param("H100, A100", [], id="digits of a name are no figure"),
        pytest.param("8 B200 GPUs, 4 T4, 72 GB200", [(8, 1), (4, 1), (72, 1)], id="GPUs by their names"),
        pytest.param("2.788M/h", [(2.788e6, 1e3)], id="a magnitude before a slash"),
        pytest.param("3.50", [(3.5, 0.01)], id="a trailing zero after the point counts"),
        pytest.param("十三、二十", [], id="numerals of more than one sign are left alone"),
        pytest.param("1,250,000", [(1.25e6, 1e4)], id="thousands separators"),
        pytest.param("3.8e25 FLOP", [(3.8e25, 1e24)], id="an exponent as programs write it"),
        pytest.param("3.8 × 10²⁵, 5·10⁻³", [(3.8e25, 1e24), (5e-3, 1e-3)], id="a raised exponent"),
        pytest.param("2 x 10^{6}", [(2e6, 1e6)], id="an exponent in braces"),
        pytest.param("1.2×10^10, 1.2 × 10¹⁰, 2·10^{110}", [(1.2e10, 1e9), (1.2e10, 1e9), (2e110, 1e110)],
            id="an exponent with a ten in it"),
        pytest.param("3×10^1000", [(3, 1), (10, 10), (1000, 1000)], id="an exponent too long to be one"),
        pytest.param("40e3", [(40_000, 1000)], id="all digits before an exponent count"),
        pytest.param("1e999", [], id="an exponent beyond all numbers"),
        pytest.param("3e5x", [(3, 1)], id="an exponent's letter that begins a word is none"),
        pytest.param("180K / 14.8T / $1.7bn", [(180e3, 10e3), (14.8e12, 1e11), (1.7e9, 1e8)],
            id="K, T and bn"),
    ],
)  # fmt: skip
def test_a_printed_figure_has_the_value_and_precision_it_shows(text, by_hand):
    assert read(text) == by_hand


def test_every_figure_of_the_articles_is_found_where_a_claim_gives_no_reading():
    for article in articles():
        for claim in article.claims:
            if claim.figure_printed and not claim.reading:
                assert claim.is_printed, claim.id


@settings(max_examples=80)
@given(st.text(alphabet="0123456789.,万亿億百千kKMBTGiB 一三十eE+-()%×x^{}²⁵⁻"))
def test_any_text_is_read_without_an_error(text):
    assert all(math.isfinite(figure.value) and figure.unit_in_last_place > 0 for figure in figures(text))


@pytest.mark.parametrize(("text", "unit"), [("280GB", "GB"), ("280 GiB", "GiB"), ("280 TB", "TB")])
def test_a_size_is_found_in_bytes_and_in_its_own_unit(text, unit):
    assert find(text, 280, unit) == Printed(280, 10)
    assert find(text, 280, "byte") is None
    assert find(text, 280 * MAGNITUDES[unit], "byte") == Printed(
        280 * MAGNITUDES[unit], 10 * MAGNITUDES[unit]
    )


def test_a_value_is_found_among_several_figures_and_a_share_as_it_stands_and_as_a_share_of_one():
    assert find("8k扩展至128k", 128_000) == Printed(128_000, 1000)
    assert find("8k扩展至128k", 16) is None
    assert find("34.6%", 34.6) == Printed(34.6, 0.1)
    assert find("34.6%", 0.346) == Printed(0.346, pytest.approx(0.001))
    assert find("34.6", 0.346) is None


FIGURE = Printed(3500, 100)  # by hand: u = 100, so 3500 stands for 3450 to 3550


@pytest.mark.parametrize(
    ("hedge", "recomputed", "kept"),
    [
        # half a unit away on either side still rounds to it
        (EXACT, 3450, True), (EXACT, 3550, True), (EXACT, 3449.9, False), (EXACT, 3550.1, False),
        # a whole unit away
        (ABOUT, 3400, True), (ABOUT, 3600, True), (ABOUT, 3399.9, False), (ABOUT, 3600.1, False),
        # below, by less than a quarter of a unit
        (NEARLY, 3499.9, True), (NEARLY, 3475.1, True), (NEARLY, 3475, False), (NEARLY, 3500.1, False),
        (OVER, 3500.1, True), (OVER, 9000, True), (OVER, 3500, False), (OVER, 3499, False),
        # greater, or rounds to it
        (AT_LEAST, 3450, True), (AT_LEAST, 9000, True), (AT_LEAST, 3449.9, False),
        (PLUS, 3500, True), (PLUS, 9000, True), (PLUS, 3499.9, False),
        (UNDER, 3499.9, True), (UNDER, 12, True), (UNDER, 3500, False),
    ],
)  # fmt: skip
def test_a_hedge_holds_up_to_its_border_and_no_further(hedge, recomputed, kept):
    assert holds(hedge, FIGURE, recomputed) is kept


@pytest.mark.parametrize(
    ("hedge", "recomputed", "is_close"),
    [
        (EXACT, 3600, True), (EXACT, 3400, True), (EXACT, 3600.1, False), (EXACT, 3399.9, False),
        *((hedge, 3560, False) for hedge in (ABOUT, NEARLY, OVER, AT_LEAST, PLUS, UNDER)),
    ],
)  # fmt: skip
def test_only_an_unhedged_figure_is_close_and_by_no_more_than_a_unit(hedge, recomputed, is_close):
    assert close(hedge, FIGURE, recomputed) is is_close


@pytest.mark.parametrize("hedge", [EXACT, ABOUT, AT_LEAST, PLUS])
def test_a_reading_of_words_has_no_leeway(hedge):
    words = Printed(2, 0)
    assert holds(hedge, words, 2)
    assert not holds(hedge, words, 1.999)
    assert not close(hedge, words, 1.999)


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
    assert holds(EXACT, Printed(float(figure), float(unit)), recomputed) is (rounded == digits)
