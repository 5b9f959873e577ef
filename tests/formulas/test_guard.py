"""The guards: what they let through unchanged, and how they say no."""

import numpy as np
import pandas as pd
import pytest

from costcheck.formulas import FormulaError, purchase


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0, "usd_per_gpu must be positive and finite, but is 0"),
        (float("nan"), "usd_per_gpu must be positive and finite, but is NaN"),
        (float("inf"),
         "usd_per_gpu must be positive and finite, but is infinite or too large to compute with"),
        ([1, None], "usd_per_gpu must be positive and finite, but usd_per_gpu[1] is None"),
        ([1, 2, 0, 0], "usd_per_gpu must be positive and finite, but usd_per_gpu[2] is 0.0"),
        (np.array([[1, 2], [3, -4]]),
         "usd_per_gpu must be positive and finite, but usd_per_gpu[1, 1] is -4.0"),
        (pd.Series([1, None], dtype="Int64"),
         "usd_per_gpu must be positive and finite, but usd_per_gpu[1] (index 1) is <NA>"),
        (pd.Series([1, 0], index=["DGX", "HGX"]),
         "usd_per_gpu must be positive and finite, but usd_per_gpu[1] (index 'HGX') is 0.0"),
        ("25,000",
         "usd_per_gpu must be positive and finite: a number, an array, a Series or a list of numbers, "
         "but is '25,000'"),
        (np.array(["7"]), "usd_per_gpu must be positive and finite, but holds <U1 values, not numbers"),
    ],
    ids=lambda value: " ".join(repr(value).split()),  # a line end in a name is read back as another
)  # fmt: skip
def test_the_message_says_what_the_allowed_range_and_what_was_given(given, message):
    with pytest.raises(FormulaError) as refusal:
        purchase(1, given)
    assert str(refusal.value) == message


def test_integers_beyond_64_bits_stay_exact_and_series_are_matched_by_index():
    assert purchase(10**30 + 1, 3) == 3 * 10**30 + 3
    gpus, price = pd.Series([1, 2], index=["a", "b"]), pd.Series([10, 100], index=["b", "a"])
    assert purchase(gpus, price).to_dict() == {"a": 100, "b": 20}
