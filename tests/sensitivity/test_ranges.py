"""Between what a price may lie, and how it is drawn."""

import dataclasses

import numpy as np
import pytest

from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.sensitivity import find, moving, ranges
from costcheck.sensitivity.ranges import KINDS, default_range, read_range

BOOK = PriceBook.article()


def ends(found):
    return found.low, found.high, found.source


@pytest.mark.parametrize(
    ("key", "by_hand"),
    [
        pytest.param("h100_usd", (23_000, 41_217, "its quote"), id="its own low and high"),
        pytest.param("gpt4o_input_usd_per_mtok", (2.5, 5, "its dated quotes"), id="the span of its quotes"),
        pytest.param("pue", (1.1, 1.1, "one value only"), id="neither"),
    ],
)
def test_a_range_is_that_of_the_quote_or_else_of_all_quotes(key, by_hand):
    assert ends(default_range(key, BOOK)) == by_hand
    # a price of the reader's lies within the span of its quotes or widens it
    cheap = BOOK.override({"h100_usd": 25_000})
    assert ends(default_range("h100_usd", cheap)) == (25_000, 44_489.88, "its dated quotes")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("h100_usd", "write KEY=LOW:HIGH", id="no range"),
        pytest.param("h100_usd=uniform:1:2:3", "write KEY=LOW:HIGH", id="three numbers"),
        pytest.param("h100_usd=unifrom:30000:50000", "did you mean 'uniform'", id="a misspelt kind"),
        pytest.param("h100_usd=fixed:30000:50000", "unknown kind of range 'fixed'", id="fixed is no kind"),
        pytest.param("h100_usd=cheap:50000", "'cheap' is not a number [USD/GPU]", id="words"),
        pytest.param("h100_usd=30000:5e9", "allowed: 100 to 1,000,000 USD/GPU", id="out of bounds"),
        pytest.param("h100_usd=50000:30000", "the low 50000 must be below the high 30000", id="turned round"),
        pytest.param("h100_usd=20000:30000", "the price itself, 40000, lies outside", id="beside the price"),
        pytest.param("interconnect_share=lognormal:0:0.5", "begins above 0", id="a logarithm of zero"),
    ],
)
def test_a_wrong_range_is_refused_by_name(text, message):
    with pytest.raises(InputError) as refusal:
        read_range(text, BOOK)
    assert str(refusal.value).startswith(f"--range {text}: ")
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("given_ranges", "message"),
    [
        (["h100_usd=30000:50000", "h100_usd=30000:60000"], "h100_usd is given twice"),
        (["pue=1:2"], "pue moves nothing here; gpus, h100_usd do"),
    ],
)
def test_a_range_given_twice_or_of_a_price_that_moves_nothing_is_refused(given_ranges, message):
    with pytest.raises(InputError, match=message):
        ranges([find("Z51", moving())], given_ranges)


def test_prices_of_one_name_that_differ_between_articles_are_refused():
    one = find("Z51", moving())
    other = dataclasses.replace(one, prices=BOOK.override({"gpus": 5}))
    with pytest.raises(InputError, match="gpus is one price in one article and another in another"):
        ranges([one, other])


@pytest.mark.parametrize(
    ("text", "shares", "by_hand"),
    [
        pytest.param("h100_usd=uniform:30000:50000", [0, 0.25, 1], [30_000, 35_000, 50_000], id="uniform"),
        # an isosceles triangle: half of an eighth of the area lies in the first quarter
        pytest.param("h100_usd=30000:50000", [0, 0.125, 0.5, 1], [30_000, 35_000, 40_000, 50_000],
            id="triangular"),
        # peak at a quarter; a third lies below 70,000 - sqrt(2/3 * 40,000 * 30,000)
        pytest.param("h100_usd=30000:70000", [1 / 16, 1 / 4, 1 / 3, 2 / 3],
            [35_000, 40_000, 41_715.73, 50_000], id="skewed"),
        pytest.param("h100_usd=normal:30000:50000", [0.05, 0.5, 0.95], [30_000, 40_000, 50_000], id="normal"),
        # in logarithms half-way: the geometric mean of 32,000 and 50,000
        pytest.param("h100_usd=lognormal:32000:50000", [0.05, 0.5, 0.95], [32_000, 40_000, 50_000],
            id="lognormal"),
    ],
)  # fmt: skip
def test_quantiles_agree_with_a_hand_calculation(text, shares, by_hand):
    assert read_range(text, BOOK).quantile(np.array(shares)).tolist() == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("low", "high"), [(100, 1e6), (39999.99999999999, 40_000), (100, 40_000), (40_000, 1e6)]
)
def test_quantiles_rise_with_the_share_and_stay_within_bounds(kind, low, high):
    drawn = read_range(f"h100_usd={kind}:{low!r}:{high!r}", BOOK).quantile(np.linspace(0, 1, 100, False))
    assert (np.diff(drawn) >= -1e-9 * high).all()
    limits = (low, high) if kind in ("uniform", "triangular") else (100, 1e6)
    assert limits[0] * (1 - 1e-12) <= drawn.min() <= drawn.max() <= limits[1] * (1 + 1e-12)


def test_a_normal_range_is_cut_at_the_bounds_of_the_price_and_not_piled_up_there():
    found = read_range("utilisation=normal:0.5:1", BOOK.override({"utilisation": 0.9}))
    drawn = found.quantile(np.linspace(0, 1, 10_001))
    assert drawn.max() == 1
    assert (drawn > 0.999).mean() < 0.01


def test_each_price_has_draws_of_its_own_that_the_seed_fixes():
    one, other = (default_range(key, BOOK) for key in ("h100_usd", "gpus"))
    assert one.draws(1).random(5).tolist() == one.draws(1).random(5).tolist()
    assert one.draws(1).random(5).tolist() != other.draws(1).random(5).tolist()
    assert one.draws(1).random(5).tolist() != one.draws(2).random(5).tolist()
