"""Many scenarios at once: spreads, shares, Sobol indices."""

import dataclasses

import numpy as np
import pytest

from costcheck.claims.printed import band
from costcheck.errors import InputError
from costcheck.sensitivity import find, moving, ranges, sobol, sweep
from costcheck.sensitivity.spread import Sobol, interaction

MOVING = moving()
RANGES = ranges(MOVING)


def ticket(*given):
    claim = find("Z51", MOVING)
    return claim, ranges([claim], given)


def test_every_scenario_is_the_formula_of_its_draws():
    claim, drawn_from = ticket()
    (spread,) = sweep([claim], drawn_from, count=500, seed=3)
    drawn = {key: drawn_from[key].quantile(drawn_from[key].draws(3).random(500)) for key in claim.keys}
    by_hand = drawn["gpus"] * drawn["h100_usd"]
    assert (spread.minimum, spread.maximum) == (by_hand.min(), by_hand.max())
    assert spread.mean == pytest.approx(by_hand.mean(), rel=1e-14)
    assert [spread.low, spread.median, spread.high] == np.quantile(by_hand, [0.05, 0.5, 0.95]).tolist()
    kept = sum(usd in band(claim.claim.figure) for usd in by_hand.tolist())
    assert spread.share_holds == kept / 500


def test_the_size_of_a_chunk_changes_nothing_but_the_rounding_of_a_mean():
    whole = sweep(MOVING, RANGES, 50, chunk=33)
    for chunk in (1, 7, 1000):
        for spread, other in zip(sweep(MOVING, RANGES, 50, chunk=chunk), whole, strict=True):
            assert spread.mean == pytest.approx(other.mean, rel=1e-13)
            assert dataclasses.replace(spread, mean=0) == dataclasses.replace(other, mean=0)
    # what else varies changes nothing, the seed does
    alone = sweep([MOVING[5]], RANGES, 50, chunk=33)
    assert alone == [spread for spread in whole if spread.id == "Z51"]
    assert alone != sweep([MOVING[5]], RANGES, 50, seed=2, chunk=33)


def test_a_claim_in_which_fewer_than_two_prices_vary_has_no_indices_and_one_in_which_none_does_one_value():
    (spread,) = sweep([find("Z46", MOVING)], RANGES, 10)
    assert (spread.minimum, spread.low, spread.maximum, spread.share_holds) == (30.84e6, 30.84e6, 30.84e6, 1)
    assert sobol(find("Z47", MOVING), RANGES) == []


@pytest.mark.parametrize("name", ["count", "seed", "chunk"])
def test_a_number_of_scenarios_a_seed_or_a_chunk_that_makes_no_sense_is_refused(name):
    with pytest.raises(InputError, match=r"must be \d or more, not -1"):
        sweep(MOVING, RANGES, **{name: -1})


def test_a_formula_that_takes_no_arrays_is_named_with_its_claim(reckoned):
    claim = reckoned("rank_from_smallest(prices.pue, [prices.pue, 1])", "2nd", more="value: 2, ")
    with pytest.raises(InputError, match="claim T1: rank_from_smallest compares single numbers"):
        sweep([claim], ranges([claim], ["pue=1:2"]), 10)


def test_a_scenario_that_a_formula_refuses_is_named_with_its_claim(reckoned):
    # 1.7 less a PUE of up to 2 is no share of a price at 1.0 and less, 0.6 at 1.1
    claim = reckoned("cluster_purchase(1 GPU, 1 USD/GPU, interconnect_share=1.7 - prices.pue)", "$1")
    with pytest.raises(InputError, match=r"T1: interconnect_share must be in \[0, 1\).*narrow a range"):
        sweep([MOVING[0], claim], {**RANGES, **ranges([claim], ["pue=1:2"])}, 1000)


def test_the_indices_of_a_product_agree_with_a_hand_calculation():
    # of x * y, x and y uniform: Var x = w^2/12; V1 = E(y)^2 Var x, V2 = E(x)^2 Var y, V12 = Var x Var y
    claim, drawn_from = ticket("h100_usd=uniform:20000:60000", "gpus=uniform:23000:63000")
    var = 40_000**2 / 12
    first = {"gpus": 40_000**2 * var, "h100_usd": 43_000**2 * var}
    whole = sum(first.values()) + var**2
    for index in sobol(claim, drawn_from):
        assert index.first_order == pytest.approx(first[index.key] / whole, abs=0.01)
        assert index.total == pytest.approx((first[index.key] + var**2) / whole, abs=0.01)
    assert interaction(sobol(claim, drawn_from)) == pytest.approx(var**2 / whole, abs=0.01)


def test_no_interaction_is_not_negative():
    assert interaction([Sobol("a", 0.6, 0.6), Sobol("b", 0.41, 0.4)]) == 0
