"""What a confusion of two units is called."""

import math
import re

import pytest

from costcheck.units.slips import likely_causes

RATES = {"CNY/USD": 7.27, "JPY/USD": 157.0}


@pytest.mark.parametrize(
    ("printed", "recomputed", "unit", "words", "left_over"),
    [
        (17e9, 1.72e9, "USD", "ten times too high: .*, or 億 .1e8. read as a billion", 0.98837),
        (1.7e8, 1.72e9, "USD", "ten times too low: .*, or a billion read as 億 .1e8.", 0.98837),
        (1.7e11, 1.72e9, "GPU", "a hundred times too high: .* 万 .1e4. read as a million", 0.98837),
        (460.8e9, 460.8e6, "token/month", "a thousand times too high", 1),
        (1.251e10, 1.72e9, "USD", r"a currency: the sum in CNY printed as USD \(at 7.27\)", 1.00044),
        (41.64e9, 6.53748e12, "JPY/year", r"a currency: the sum in USD printed as JPY \(at 157\)", 1),
        (329, 353.3, "GB", "fits in GiB, not GB", 0.99989),
        (764e9, 820.16e9, "byte", "fits in GiB, not GB", 1.00021),
        (820.2, 763.84, "GiB", "fits in GB, not GiB", 1.00005),
        # 80 GB taken for 80 GiB would be 85.90 GB; and the other way round
        (85.90, 80.0, "GB", "an input in GB taken for one in GiB", 1.00001),
        (6561, 820.16, "GB", "8 times too high: bits and bytes mixed up", 0.99996),
        (1024, 1, "GB", "1024 times too high: units of bytes mixed up", 1),
        (1979, 989.4, "TFLOP/s", "2 times too high: dense and sparse peaks mixed up", 1.0001),
        (240, 10, "day", "24 times too high: hour and day mixed up", 1),
        (7.2e6, 2000, "GPU-hour", "3600 times too high: second and hour mixed up", 1),
        (31.5e6, 378e6, "USD", "12 times too low: month and year mixed up", 1),
        (2, 1, None, "2 times too high: one and a pair mixed up", 1),
    ],
)  # fmt: skip
def test_the_one_factor_that_explains_a_figure_is_named_with_what_is_left(
    printed, recomputed, unit, words, left_over
):
    cause = likely_causes(printed, recomputed, unit, RATES, in_english=False)
    assert re.match(words, cause.words), cause
    assert cause.left_over == pytest.approx(left_over, abs=5e-5)
    assert recomputed * cause.factor * cause.left_over == pytest.approx(printed)


@pytest.mark.parametrize(
    ("printed", "recomputed", "unit"),
    [
        (102, 100, "USD"), (98, 100, "USD"), (17e9, 1.76e9, "USD"), (2, 1, "rank"), (24, 1, "language"),
        (1.5, 1, "GPU"), (0, 1, None), (1, 0, None), (math.nan, 1, None), (1, math.inf, None),
        (-10, 1, "USD"), (24, 1, None), (365, 1, "times"), (8, 1, "1"),  # no time goes into a plain number
    ],
)  # fmt: skip
def test_what_holds_and_what_no_factor_explains_has_no_cause(printed, recomputed, unit):
    assert likely_causes(printed, recomputed, unit, RATES) is None


@pytest.mark.parametrize("by", [10, 0.1, 100, 1e4, 1e8])
def test_only_a_text_that_counts_by_ten_thousands_mistakes_its_magnitudes(by):
    east = likely_causes(3e9 * by, 3e9, "USD", RATES, in_english=False).words
    english = likely_causes(3e9 * by, 3e9, "USD", RATES).words
    assert re.search("[万億]", east)
    assert english.isascii()
    assert east.startswith(english)


@pytest.mark.parametrize(
    ("printed", "by", "read_as"),
    [
        (86_400, 10, None), (1.03e8, 10, None), (9.9e8, 10, None), (1e9, 10, "億 (1e8) read as a billion"),
        (9.9e7, 0.1, None), (1e8, 0.1, "a billion read as 億 (1e8)"), (3.5, 0.01, None), (3.5, 100, None),
        (0.74, 1000, None), (5e6, 1000, "a million read as a billion, or the like"), (5e10, 1e4, None),
    ],
)  # fmt: skip
def test_no_figure_is_said_to_be_read_as_a_magnitude_larger_than_itself(printed, by, read_as):
    words = likely_causes(printed, printed / by, "CNY", RATES, in_english=False).words
    assert words.endswith(read_as) if read_as else "read as" not in words


def test_a_figure_known_to_fewer_digits_leaves_more_over():
    # 41.64 billion dollars printed as 400億円: 4 % are within the one digit that is printed
    assert likely_causes(40e9, 41.64e9 * 157, "JPY/year", RATES) is None
    assert likely_causes(40e9, 41.64e9 * 157, "JPY/year", RATES, within=0.05).words.startswith("a currency")
