"""Prices of clusters, against the paper whose method it is."""

import pandas as pd
import pytest

from costcheck.formulas import (
    amortised_usd_per_gpu_hour,
    cluster_purchase,
)


def test_a_single_gpu_price_carries_the_server_and_the_network():
    # Cottier et al. (arXiv:2405.21015), appendix A.1: 100 % / (100 % - 19 %) is about 1.23
    assert cluster_purchase(1, 1, interconnect_share=0.19) == pytest.approx(1.23, abs=5e-3)
    # Table 2: chip price * chip-to-server 1.64 * server-to-cluster 1 / 0.81
    computed = cluster_purchase(10, 15_000, interconnect_share=0.19, server_markup=1.64)
    assert computed == pytest.approx(303_703.70, rel=1e-6)


def test_the_hourly_loss_over_all_time_is_the_purchase_price():
    # The loss at age t, summed over an infinite life by the trapezoidal rule, returns what was paid.
    ages = pd.Series(range(0, 60_001)) / 1000
    loss = amortised_usd_per_gpu_hour(30_000, ages, orders_of_magnitude_per_year=0.14) * 8766
    integral = (loss.sum() - (loss.iloc[0] + loss.iloc[-1]) / 2) / 1000
    assert integral == pytest.approx(30_000, rel=1e-6)
