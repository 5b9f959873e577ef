"""The calculator's sums at the articles' prices, by hand."""

import math

import pytest

from costcheck.apps.calculator import amounts
from costcheck.prices.book import PriceBook

AT = PriceBook.article()


def test_ways_to_pay_agree_with_a_hand_calculation():
    fleet = 43_000 * 40_000
    network = fleet / 0.81  # 19 % of a cluster's price are its network's
    wear = 40_000 / 0.81 * math.log(10) * 0.14 / 8766  # Cottier et al.: 0.14 orders of magnitude a year
    power = 0.7 * 1.82 * 0.75 * 1.1 * 0.0771  # kW * server * average * PUE * USD/kWh
    hours = 30.84e6
    by_hand = [fleet, network, 1.64 * network, hours * 3.49, hours * (wear + power), 640_000, 320_000]
    assert [way.usd for way in amounts.ways_to_pay(AT)] == pytest.approx(by_hand, rel=1e-9)
