"""Prices, against the articles, the price lists of the day, model cards and the papers whose method it is."""

import pandas as pd
import pytest

from costcheck.formulas import (
    amortised_usd_per_gpu_hour,
    blended_price,
    cluster_purchase,
    convert,
    emissions_tonnes,
    energy_mwh,
    energy_usd_per_gpu_hour,
    purchase,
    rental,
)


def test_prices_agree_with_a_hand_calculation():
    assert purchase(16, 40_000) == 640_000  # two servers that hold 405B in bf16
    assert rental(30.84e6, 2.99) == pytest.approx(92.2116e6, rel=1e-6)
    # 0.7 kW * 1.82 * 0.75 * 1.1 = 1.05105 kW, times 0.0771 USD/kWh
    assert energy_usd_per_gpu_hour(700, 1.82, 0.75, 1.1, 0.0771) == pytest.approx(0.081035955, rel=1e-6)


def test_a_single_gpu_price_carries_the_server_and_the_network():
    # Cottier et al. (arXiv:2405.21015), appendix A.1: 100 % / (100 % - 19 %) is about 1.23
    assert cluster_purchase(1, 1, interconnect_share=0.19) == pytest.approx(1.23, abs=5e-3)
    # Table 2: chip price * chip-to-server 1.64 * server-to-cluster 1 / 0.81
    computed = cluster_purchase(10, 15_000, interconnect_share=0.19, server_markup=1.64)
    assert computed == pytest.approx(303_703.70, rel=1e-6)


def test_a_chip_7_3_years_older_is_worth_10_66_times_less():
    # Cottier et al., Table 3, date adjustment factor: TPU v1 (2015-05-20) against H100 (2022-09-21)
    years = (pd.Timestamp("2022-09-21") - pd.Timestamp("2015-05-20")).days / 365.25
    new = amortised_usd_per_gpu_hour(1, orders_of_magnitude_per_year=0.14)
    old = amortised_usd_per_gpu_hour(1, years, orders_of_magnitude_per_year=0.14)
    assert new / old == pytest.approx(10.66, abs=0.01)


def test_the_hourly_loss_over_all_time_is_the_purchase_price():
    # The loss at age t, summed over an infinite life by the trapezoidal rule, returns what was paid.
    ages = pd.Series(range(0, 60_001)) / 1000
    loss = amortised_usd_per_gpu_hour(30_000, ages, orders_of_magnitude_per_year=0.14) * 8766
    integral = (loss.sum() - (loss.iloc[0] + loss.iloc[-1]) / 2) / 1000
    assert integral == pytest.approx(30_000, rel=1e-6)


def test_the_energy_of_gpt_3_agrees_with_patterson():
    # Patterson et al. (arXiv:2104.10350), Table 4: 10,000 V100 for 14.8 days at 330 W and PUE 1.10 are
    # 1,287 MWh, and 552.1 t at 0.429 kg/kWh.
    energy = energy_mwh(10_000 * 14.8 * 24, 330, pue=1.10)
    assert energy == pytest.approx(1287, rel=3e-3)
    assert emissions_tonnes(1287, 0.429) == pytest.approx(552.1, rel=1e-3)


def test_the_entry_ticket_in_yuan_and_yen_at_the_rates_of_22_july_2024():
    # ECB reference rates: 1.0888 USD, 7.9191 CNY, 170.80 JPY per EUR
    cny, jpy = 7.9191 / 1.0888, 170.80 / 1.0888
    assert convert(1.72e9, cny) == pytest.approx(12.51e9, rel=1e-3)
    assert convert(1.7e9, cny) == pytest.approx(12.36e9, rel=1e-3)
    assert convert(1.72e9, jpy) == pytest.approx(269.8e9, rel=1e-3)


@pytest.mark.parametrize(
    ("prices", "blended"),
    [
        pytest.param((5, 15), 7.5, id="gpt-4o-2024-05-13"),
        pytest.param((3, 15), 6.0, id="claude-3-5-sonnet-20240620"),
        pytest.param((5.33, 16), 7.9975, id="Llama 3.1 405B on Azure, July 2024"),
        pytest.param((2.7, 2.7), 2.7, id="Llama 3.1 405B on DeepInfra: one price for both"),
        pytest.param((5, 15, 1, 4), 13, id="(5 + 4 * 15) / 5"),
    ],
)
def test_three_parts_read_and_one_written_are_blended_or_as_many_as_are_given(prices, blended):
    assert blended_price(*prices) == pytest.approx(blended, rel=1e-12)
