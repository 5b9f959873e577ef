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


def test_the_window_holds_96_000_words_or_181_760_characters():
    held = "128,000 tokens hold about 96,000 English words, or 181,760 Chinese characters."
    assert amounts.window(AT) == held  # 128,000 * 0.75 and * 1.42


def test_offers_of_405b_are_blended_and_the_first_weeks_come_first():
    offers = amounts.offers(AT)
    early = [offer.usd for offer in offers if offer.group == "July and August 2024"]
    # by hand: (3 * 5.33 + 16) / 4 = 7.9975 at Azure, (3 * 10 + 30) / 4 = 15 at Databricks
    assert early == pytest.approx([2.7, 3, 3, 7.5, 7.9975, 15])
    later = [offer.usd for offer in offers[len(early) :]]
    assert later == sorted(later)
