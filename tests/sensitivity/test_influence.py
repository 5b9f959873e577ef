"""One price at a time: swings, and the prices at which a verdict flips."""

import dataclasses
import math

import pytest

from costcheck.claims.article import Stated
from costcheck.notebook.plots.sensitivity import draw
from costcheck.prices.book import PriceBook
from costcheck.sensitivity import find, flips, moving, ranges, tornado
from costcheck.sensitivity.influence import in_words

MOVING = {claim.claim.id: claim for claim in moving()}


def swings(claim):
    return tornado(claim, ranges([claim]))


def near(prices):
    return tuple(price and pytest.approx(price, rel=1e-8) for price in prices)


@pytest.mark.parametrize(
    ("id_", "key", "by_hand"),
    [
        # 17亿 is 1.65 to 1.75 billion; over 43,000 GPUs
        pytest.param("Z51", "h100_usd", (38_372.0930, 40_697.6744), id="17亿 / 43,000"),
        # 42,500 to 43,500 GPUs, of which each day wants 30.84e6 / 24
        pytest.param("Z49", "days_in_month", (1.285e6 / 43_500, 1.285e6 / 42_500), id="43,000 GPUs"),
        # 405B blends to (3 * 3 + 3) / 4, and so does GPT-4o mini at (3 * 3.8 + 0.6) / 4
        pytest.param("Z22", "gpt4o_mini_input_usd_per_mtok", (None, 3.8), id="as dear as 405B"),
        # the median of six hosts is 5.25, and so is GPT-4o at (3 * 2 + 15) / 4
        pytest.param("Z55", "gpt4o_input_usd_per_mtok", (2, None), id="as cheap as 405B"),
        pytest.param("Z47", "days_in_year", (None, None), id="within its bounds it never flips"),
        # 3450 and 3550 years of 8760 hours
        pytest.param("Z47", "gpu_hours", (3450 * 8760, 3550 * 8760), id="a price without a range"),
    ],
)
def test_break_even_prices_agree_with_a_hand_calculation(id_, key, by_hand):
    assert flips(MOVING[id_], key) == near(by_hand)


@pytest.mark.parametrize("id_", ["J37", "Z22", "Z31", "Z47", "Z49", "Z51", "Z52", "Z55"])
@pytest.mark.parametrize("factor", [0.3, 1, 4])
def test_at_a_break_even_the_verdict_holds_and_just_beyond_it_does_not(id_, factor, verdict_on):
    claim = MOVING[id_]
    known = claim.prices.keys_known

    def is_right(prices):
        stated = {key: Stated(printed="", value=usd, unit=known[key].unit) for key, usd in prices.items()}
        return verdict_on(claim, prices=stated).kind.is_right

    at = {key: claim.prices[key] for key in claim.keys}
    first = known[claim.keys[0]]
    at[first.key] = min(max(at[first.key] * factor, first.minimum), first.maximum)
    now = dataclasses.replace(claim, prices=claim.prices.override(at))
    for key in claim.keys:
        for price, outward in zip(flips(now, key), (-1, 1), strict=True):
            if price is not None:
                beyond = math.nextafter(price, (outward if now.holds() else -outward) * math.inf)
                assert is_right(at | {key: price})
                assert not is_right(at | {key: beyond})


@pytest.mark.parametrize(("printed", "above"), [("128 GPUs", 120_000), ("101 GPUs", None)])
def test_steps_that_leap_over_the_figure_are_followed_to_where_it_holds(printed, above, reckoned):
    few = PriceBook.article().override({"context_tokens": 50_000})
    gpus = "gpus_to_hold(prices.context_tokens * 1 byte/token, 1000 byte, multiple_of=8)"
    assert not (claim := reckoned(gpus, printed, few)).holds()
    assert flips(claim, "context_tokens")[1] == (above and pytest.approx(above, rel=2e-12))


@pytest.mark.parametrize(
    ("pue", "by_hand"),
    [
        # p (6 - p) is 8.95 at 3 - sqrt(0.05) and 3 + sqrt(0.05), and 9 between them
        pytest.param(3, (3 - 0.05**0.5, 3 + 0.05**0.5), id="at the top"),
        pytest.param(1.1, (None, 3 - 0.05**0.5), id="before it"),
    ],
)
def test_a_sum_that_rises_and_falls_flips_on_either_side(pue, by_hand, reckoned):
    claim = reckoned("prices.pue * (6 - prices.pue)", "9.0", PriceBook.article().override({"pue": pue}))
    assert flips(claim, "pue") == near(by_hand)


@pytest.mark.parametrize(("value", "above"), [("true", 1.25), ("false", math.nextafter(1.25, 2))])
def test_a_yes_or_no_flips_too(value, above, reckoned):
    claim = reckoned("within_interval(prices.pue, 1, 0.25)", "so it is", more=f"value: {value}, ")
    assert flips(claim, "pue") == (None, above)  # a PUE is 1 at least


def test_where_a_formula_refuses_a_price_there_is_no_verdict(reckoned):
    # a network's share must be below one: of a PUE, which is 1 to 5, nothing is left but where it begins
    cost = "cluster_purchase(90 GPU, 1 USD/GPU, interconnect_share=prices.pue - 1)"
    # 90 / (1 - s) is 99.95 to 100.05
    assert flips(reckoned(cost, "$100.0"), "pue") == near((2 - 90 / 99.95, 2 - 90 / 100.05))
    assert flips(reckoned(cost, "$7"), "pue") == (None, None)


@pytest.mark.parametrize(
    ("id_", "key", "words"),
    [
        ("Z51", "h100_usd", "holds from h100_usd = 38,372.09 to 40,697.67 USD/GPU"),
        ("Z22", "gpt4o_mini_input_usd_per_mtok",
            "holds up to gpt4o_mini_input_usd_per_mtok = 3.8 USD/Mtok"),
        ("Z49", "utilisation", "holds from utilisation = 0.9846743 on"),
        ("Z47", "days_in_year", "holds at every days_in_year allowed, 365 to 366 day"),
        ("J37", "h100_usd", "would begin to hold at h100_usd = 383,720.9 USD/GPU"),
    ],
)  # fmt: skip
def test_words_say_between_what_prices_a_figure_holds(id_, key, words):
    assert in_words(next(swing for swing in swings(MOVING[id_]) if swing.range.key == key)) == words


def test_words_say_that_no_price_would_do():
    far = find("J37", moving(prices=PriceBook.article().override({"gpus": 100})))
    assert "holds at no h100_usd allowed" in [in_words(swing) for swing in swings(far)]


def test_the_figure_says_in_words_what_it_shows():
    alt = draw(swings(MOVING["Z51"])).alt
    assert "h100_usd 23,000 to 41,217: 989 million USD to 1.7723 billion USD" in alt
    assert "holds from h100_usd = 38,372.09 to 40,697.67 USD/GPU" in alt
