"""What a GPU loses, over all time."""

import pandas as pd
import pytest

from costcheck.formulas import amortised_usd_per_gpu_hour


def test_the_hourly_loss_over_all_time_is_the_purchase_price():
    # The loss at age t, summed over an infinite life by the trapezoidal rule, returns what was paid.
    ages = pd.Series(range(0, 60_001)) / 1000
    loss = amortised_usd_per_gpu_hour(30_000, ages, orders_of_magnitude_per_year=0.14) * 8766
    integral = (loss.sum() - (loss.iloc[0] + loss.iloc[-1]) / 2) / 1000
    assert integral == pytest.approx(30_000, rel=1e-6)
