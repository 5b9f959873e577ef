"""What a confusion of two units is called."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.units.slips import likely_cause

RATES = {"CNY/USD": 7.27, "JPY/USD": 157.0}


def rounds_to(printed, digits):
    half = 0.5 * 10 ** (math.floor(math.log10(abs(printed))) - digits + 1)
    return lambda value: abs(value - printed) <= half


@pytest.mark.parametrize(
    ("printed", "recomputed", "unit", "cause"),
    [
        (17e9, 1.72e9, "USD",
         "ten times too large: a slip of one decimal place, or 億 .* taken for a billion"),
        (1.7e8, 1.72e9, "USD", "ten times too small: a slip of one decimal place"),
        (1.7e11, 1.72e9, "GPU", "a hundred times too large: .* 万"),
        (1.251e10, 1.72e9, "USD", r"fits in CNY instead of USD \(7.27\)"),
        (1.72e9, 1.2504e10, "CNY", r"fits in USD instead of CNY \(7.27\)"),
        (6.28e6, 4e4, "USD/GPU", r"fits in JPY/GPU instead of USD/GPU \(157\)"),
        (764e9, 820.16e9, "byte", "fits in GiB instead of GB"),
        (820.2, 763.84, "GiB", "fits in GB instead of GiB"),
        # 80 GB, taken for 80 GiB, would be 85.90 GB; and the other way round
        (85.90, 80.0, "GB", "fits if the article took an input in GB for one in GiB"),
        (74.51, 80.0, "GiB", "fits if the article took an input in GiB for one in GB"),
        (0.9313, 1.0, "USD/GB", "fits if the article took an input in GB for one in GiB"),
        (93.13, 97.65625, "MB", "fits in MiB instead of MB"),
        (6561, 820.16, "GB", "8 times too large: bits taken for bytes"),
        (240, 10, "day", "fits in hour instead of day"),
        (1152, 48, "hour", "fits if the article took an input in hour for one in day"),  # 48 days' hours
        (801e9, 820.16e9, "byte", None),  # 820.16 GB at 1024 bytes a kB; but no such figure is printed in kB
        (7.2e6, 2000, "GPU-hour", "fits in GPU-second instead of GPU-hour"),
        (36, 3, "year", "fits in month instead of year"),
        (17e9, 1.76e9, "USD", None),  # ten times that is near, and rounds to 18e9
        (2, 1, "rank", None),
    ],
)  # fmt: skip
def test_the_one_factor_that_makes_a_figure_right_is_named(printed, recomputed, unit, cause):
    named = likely_cause(printed, recomputed, unit, rounds_to(printed, 2), RATES)
    assert named is None if cause is None else re.match(cause, named or ""), named


def test_digits_tell_causes_apart_and_neither_what_holds_nor_a_loose_word_has_one():
    # 790 kB are 771 KiB; both round to 800
    assert likely_cause(800, 790, "kB", rounds_to(800, 1), RATES) is None
    assert likely_cause(1024, 1, "GB", rounds_to(1024, 4), RATES).startswith("1024 times too large")
    # at least 43,000, where 12 come out: a million times 12 is at least 43,000, and no explanation
    assert likely_cause(43_000, 4.6, "GPU", lambda value: value >= 43_000, RATES) is None
    assert likely_cause(43_000, 4.5, "GPU", lambda value: value >= 43_000, RATES).startswith("ten thousand")
    # and no ratio, no cause
    for printed, recomputed in ((0, 1), (1, 0), (math.nan, 1), (1, math.inf)):
        assert likely_cause(printed, recomputed, None, lambda value: False, {}) is None


FIGURES = st.floats(min_value=1e-3, max_value=1e12)
UNITS = st.sampled_from([None, "USD", "CNY/GPU", "GB", "byte", "hour", "USD/GPU-hour", "language", "percent"])
SLIPS = {10: "ten", 100: "a hundred", 1000: "a thousand", 1e4: "ten thousand", 1e6: "a million", 1e8: "1e8"}


@given(FIGURES, UNITS, st.sampled_from(sorted(SLIPS)), st.booleans())
def test_a_power_of_ten_is_named_in_its_direction_and_nothing_for_a_figure_that_holds(
    figure, unit, by, large
):
    printed = figure * by if large else figure / by
    cause = likely_cause(printed, figure, unit, rounds_to(printed, 4), RATES)
    assert cause
    assert cause.startswith(f"{SLIPS[by]} times too {'large' if large else 'small'}")
    assert likely_cause(figure, figure, unit, rounds_to(figure, 3), RATES) is None
