"""Between what a price may lie, and how it is drawn."""

import numpy as np
import pytest

from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.sensitivity import find, moving, ranges
from costcheck.sensitivity.ranges import KINDS, default_range, read_range

BOOK = PriceBook.article()


@pytest.mark.parametrize(
    ("key", "by_hand"),
    [
        pytest.param("h100_usd", (23_000, 41_217, "its quote"), id="its own low and high"),
        pytest.param("gpt4o_input_usd_per_mtok", (2.5, 5, "its dated quotes"), id="the span of its quotes"),
        pytest.param("pue", (1.1, 1.1, "one value only"), id="neither"),
    ],
)
def test_a_range_is_that_of_the_quote_or_else_of_all_quotes(key, by_hand):
    price = default_range(key, BOOK)
    assert (price.low, price.high, price.source) == by_hand


def test_a_price_of_the_readers_lies_within_the_span_of_its_quotes_or_widens_it():
    cheap = default_range("h100_usd", BOOK.override({"h100_usd": 25_000}))
    assert (cheap.low, cheap.high, cheap.source) == (25_000, 44_489.88, "its dated quotes")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("h100_usd", "write KEY=LOW:HIGH", id="no range"),
        pytest.param("h100_usd=unifrom:30000:50000", "did you mean 'uniform'", id="a misspelt kind"),
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


def test_a_range_given_twice_is_refused():
    with pytest.raises(InputError, match="h100_usd is given twice"):
        ranges([find("Z51", moving())], ["h100_usd=30000:50000", "h100_usd=30000:60000"])


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
    share = read_range("utilisation=normal:0.5:1", BOOK.override({"utilisation": 0.9}))
    drawn = share.quantile(np.linspace(0, 1, 10_001))
    assert drawn.max() == 1
    assert (drawn > 0.999).mean() < 0.01


def test_each_price_has_draws_of_its_own_that_the_seed_fixes():
    def draws(key, seed):
        return default_range(key, BOOK).draws(seed).random(5).tolist()

    assert draws("h100_usd", 1) == draws("h100_usd", 1)
    assert draws("h100_usd", 1) not in (draws("gpus", 1), draws("h100_usd", 2))
