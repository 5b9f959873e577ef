"""One price at a time: swings, and the prices at which a verdict flips."""

import dataclasses
import math

import pytest

from costcheck.claims import articles, verdicts
from costcheck.claims.article import Call, Stated
from costcheck.claims.printed import Hedge
from costcheck.notebook.plots.sensitivity import draw
from costcheck.prices.book import PriceBook
from costcheck.sensitivity import find, flips, moving, ranges, tornado
from costcheck.sensitivity.influence import in_words

MOVING = {claim.claim.id: claim for claim in moving()}


def swings(claim):
    return tornado(claim, ranges([claim]))


def near(prices):
    return tuple(price and pytest.approx(price, rel=1e-8) for price in prices)


def arithmetic(moved, prices):
    """The verdict itself on a claim whose article states some prices."""
    stated = {
        key: Stated(value=price, unit=moved.prices.keys_known[key].unit, source="me")
        for key, price in prices.items()
    }
    claim = dataclasses.replace(moved.claim, variants=[], instead=[])
    (verdict,) = verdicts(of=[dataclasses.replace(moved.article, claims=[claim], prices=stated)])
    return verdict.arithmetic.words


def reckoned(formula, inputs, value, prices=None):
    """A claim made up: Z51 with another formula and figure."""
    article = articles()[0]
    figure = {"value": value, "printed": str(value), "hedge": Hedge.EXACT, "reading": None}
    claim = dataclasses.replace(article.claim("Z51"), formula=formula, inputs=inputs, **figure)
    (moved,) = moving([dataclasses.replace(article, claims=[claim])], prices)
    return moved


def test_the_gpu_price_moves_the_entry_ticket_most():
    first, second = swings(MOVING["Z51"])
    assert (first.range.key, second.range.key) == ("h100_usd", "gpus")
    assert first.swing == 43_000 * (41_217 - 23_000)
    # 0.989 and 1.772 billion, neither of which is 1.7; 1.658 and 1.836 billion
    ends = [
        (swing.at_low, swing.holds_at_low, swing.at_high, swing.holds_at_high) for swing in (first, second)
    ]
    assert ends[0] == (43_000 * 23_000, False, 43_000 * 41_217, False)
    assert ends[1] == (41_452 * 40_000, True, 45_893 * 40_000, False)


@pytest.mark.parametrize(
    ("id_", "key", "by_hand"),
    [
        # 17亿 is 1.65 to 1.75 billion; over 43,000 GPUs
        pytest.param("Z51", "h100_usd", (38_372.0930, 40_697.6744), id="17亿 / 43,000"),
        # 125亿 is 12.45 to 12.55 billion; over 1.72 billion dollars
        pytest.param("Z52", "usd_cny", (12.45 / 1.72, 12.55 / 1.72), id="125亿 / 1.72e9"),
        # 9.6万 is 95,500 to 96,500 words of 128,000 tokens
        pytest.param("Z31", "words_per_token", (95_500 / 128_000, 96_500 / 128_000), id="9.6万 / 128,000"),
        # at least 43,000 is 42,500 or more: 30.84e6 / 24 / 42,500 days at most
        pytest.param("Z49", "days_in_month", (None, 30.84e6 / 24 / 42_500), id="at least 43,000"),
        # the cheaper of the two blends to 6: so does 405B at (3 * 7 + 3) / 4
        pytest.param("Z55", "llama_405b_input_usd_per_mtok", (None, 7), id="as dear as Sonnet"),
        # 170億 is 16.5 billion and more
        pytest.param("J37", "h100_usd", (None, 16.5e9 / 43_000), id="a figure that does not hold"),
        pytest.param("Z47", "days_in_year", (None, None), id="within its bounds it never flips"),
        # 3450 and 3550 years of 8760 hours
        pytest.param("Z47", "gpu_hours", (3450 * 8760, 3550 * 8760), id="a price without a range"),
    ],
)
def test_break_even_prices_agree_with_a_hand_calculation(id_, key, by_hand):
    assert flips(MOVING[id_], key) == near(by_hand)


@pytest.mark.parametrize("id_", ["J37", "Z22", "Z31", "Z47", "Z49", "Z51", "Z52", "Z55"])
@pytest.mark.parametrize("factor", [0.3, 1, 4])
def test_at_a_break_even_the_verdict_holds_and_just_beyond_it_does_not(id_, factor):
    claim = MOVING[id_]
    bounds = claim.prices.keys_known[claim.keys[0]]
    at = {key: claim.prices[key] for key in claim.keys}
    at[bounds.key] = min(max(at[bounds.key] * factor, bounds.minimum), bounds.maximum)
    now = dataclasses.replace(claim, prices=claim.prices.override(at))
    for key in claim.keys:
        for price, outward in zip(flips(now, key), (-1, 1), strict=True):
            if price is not None:
                beyond = math.nextafter(price, (outward if now.holds() else -outward) * math.inf)
                assert arithmetic(claim, at | {key: price}) == "holds"
                assert arithmetic(claim, at | {key: beyond}) != "holds"


GPUS = {"weight_bytes": "prices.context_tokens", "memory_bytes_per_gpu": 1000.0}


@pytest.mark.parametrize(
    ("printed", "above"),
    [pytest.param(128.0, 120_000, id="a step of eight"), pytest.param(100.0, None, id="between two steps")],
)
def test_steps_that_leap_over_the_figure_are_followed_to_where_it_holds(printed, above):
    few = PriceBook.article().override({"context_tokens": 50_000})
    claim = reckoned("gpus_to_hold", GPUS | {"multiple_of": 8.0}, printed, few)
    assert not claim.holds()
    assert flips(claim, "context_tokens")[1] == (above and pytest.approx(above, rel=2e-12))


@pytest.mark.parametrize(
    ("pue", "by_hand"),
    [
        # p (6 - p) is 8.5 at 3 - sqrt(1/2) and 3 + sqrt(1/2), and 9 between them
        pytest.param(3, (3 - 0.5**0.5, 3 + 0.5**0.5), id="at the top"),
        pytest.param(1.1, (None, 3 - 0.5**0.5), id="before it"),
    ],
)
def test_a_formula_that_rises_and_falls_flips_on_either_side(pue, by_hand):
    rest = Call(formula="difference", inputs={"quantity": 6.0, "reference": "prices.pue"})
    inverse = Call(formula="ratio", inputs={"quantity": 1.0, "reference": rest})
    inputs = {"quantity": "prices.pue", "reference": inverse}
    claim = reckoned("ratio", inputs, 9, PriceBook.article().override({"pue": pue}))
    assert flips(claim, "pue") == near(by_hand)


@pytest.mark.parametrize(("printed", "above"), [(True, 1.25), (False, math.nextafter(1.25, 2))])
def test_a_yes_or_no_flips_too(printed, above):
    claim = reckoned("within_interval", {"value": "prices.pue", "centre": 1.0, "half_width": 0.25}, printed)
    assert flips(claim, "pue") == (None, above)  # a PUE is 1 at least


def test_where_a_formula_refuses_a_price_there_is_no_verdict():
    # a network's share must be below one: of a PUE, which is 1 to 5, nothing is left but where it begins
    shared = Call(formula="difference", inputs={"quantity": "prices.pue", "reference": 1.0})
    inputs = {"gpus": 90.0, "usd_per_gpu": 1.0, "interconnect_share": shared}
    claim = reckoned("cluster_purchase", inputs, 100.0)
    # 90 / (1 - s) is 99.95 to 100.05
    assert flips(claim, "pue") == pytest.approx((2 - 90 / 99.95, 2 - 90 / 100.05), rel=1e-8)
    for other in ({"printed": "7", "value": 7}, {"printed": "x", "hedge": Hedge.NEARLY}):
        never = dataclasses.replace(claim, claim=dataclasses.replace(claim.claim, **other))
        assert flips(never, "pue") == (None, None)


@pytest.mark.parametrize(
    ("id_", "key", "words"),
    [
        ("Z51", "h100_usd", "holds from h100_usd = 38,372.09 to 40,697.67 USD/GPU"),
        ("Z49", "days_in_month", "holds up to days_in_month = 30.23529 day"),
        ("Z49", "gpu_hours", "holds from gpu_hours = 30,600,000 GPU-hour on"),
        ("Z49", "utilisation", "holds at every utilisation allowed, 0.01 to 1"),
        ("J37", "h100_usd", "would begin to hold at h100_usd = 383,720.9 USD/GPU"),
    ],
)
def test_words_say_between_what_prices_a_figure_holds(id_, key, words):
    assert in_words(next(swing for swing in swings(MOVING[id_]) if swing.range.key == key)) == words


def test_words_say_it_too_where_only_a_lower_price_would_do_or_none():
    dear = find("Z51", moving(prices=PriceBook.article().override({"h100_usd": 50_000})))
    assert in_words(swings(dear)[0]) == "would begin to hold at h100_usd = 40,697.67 USD/GPU"
    far = find("J37", moving(prices=PriceBook.article().override({"gpus": 100})))
    assert "holds at no h100_usd allowed" in [in_words(swing) for swing in swings(far)]


def test_the_figure_says_in_words_what_it_shows():
    alt = draw(swings(MOVING["Z51"])).alt
    assert "h100_usd 23,000 to 41,217: 989 million USD to 1.7723 billion USD" in alt
    assert "holds from h100_usd = 38,372.09 to 40,697.67 USD/GPU" in alt
