"""Claims as formulas of their prices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.claims import articles
from costcheck.claims.evaluation import Names, fit
from costcheck.claims.printed import band
from costcheck.claims.sums import parse
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.sensitivity import find, moving
from costcheck.sensitivity.program import Program, reached

MOVING = moving()


def test_the_claims_that_move_are_those_reckoned_from_prices_themselves_and_not_from_a_printed_figure():
    ids = [claim.claim.id for claim in MOVING]
    assert ids[:9] == ["Z22", "Z31", "Z46", "Z47", "Z49", "Z51", "Z52", "Z53", "Z55"]
    assert len(ids) == 18  # each has its translation
    # Z32 takes the words printed in Z31, not the words a token that Z31 is made of
    assert reached(articles()[0].claim("Z32")) == set()


@pytest.mark.parametrize("claim", MOVING, ids=lambda claim: claim.claim.id)
def test_a_claim_agrees_with_its_verdict_and_takes_arrays_of_prices(claim, verdict_on):
    yours = {key: claim.prices[key] * 0.99 for key in claim.keys if key != "days_in_year"}
    verdict = verdict_on(claim, PriceBook.article().override(yours))
    assert claim.at() == verdict.recomputed
    assert claim.unit == verdict.unit
    assert claim.holds() == verdict.kind.is_right
    assert claim.unverified == verdict.unverified
    assert claim.at(**yours) == verdict.at_your_prices
    factors = np.array([1.0, 0.999, 0.95, 0.9])
    columns = {key: claim.prices[key] * factors for key in claim.keys}
    (together,) = claim.program(columns)
    apart = [claim.at(**{key: float(column[n]) for key, column in columns.items()}) for n in range(4)]
    assert together.tolist() == pytest.approx(apart, rel=1e-15)


def program_of(keys, *sums):
    names, program = Names(articles()[0], PriceBook.article()), Program(keys)
    return program, [program.add(fit(parse(text), names), names) for text in sums]


def test_sums_alike_share_an_output_and_what_they_take_from_another_claim_stays_as_printed():
    ticket = "prices.gpus * prices.h100_usd"
    program, outputs = program_of(["gpus", "h100_usd"], ticket, f"{ticket} * 7 CNY/USD", ticket, "Z51 / 2")
    assert outputs == [0, 1, 0, 2]
    assert program({"gpus": 2.0, "h100_usd": 3.0}) == [6.0, 42.0, 0.85e9]


@pytest.mark.parametrize(
    ("formula", "by_hand"), [("lowest", [2, 3]), ("highest", [5, 5]), ("total", [7, 8]), ("mean", [3.5, 4])]
)
def test_a_formula_of_a_sequence_works_scenario_by_scenario(formula, by_hand):
    program, _ = program_of(["pue"], f"{formula}([prices.pue, 5])")
    assert program({"pue": np.array([2.0, 3.0])})[0].tolist() == by_hand
    assert program({"pue": 2.0})[0] == by_hand[0]


def test_a_formula_that_compares_single_numbers_takes_no_arrays_and_says_so():
    program, _ = program_of(["pue"], "rank_from_smallest(prices.pue, [prices.pue, 1, 2])")
    assert program({"pue": 1.5}) == [2]
    with pytest.raises(InputError, match="rank_from_smallest takes no arrays"):
        program({"pue": np.array([1.5])})


def test_a_claim_in_two_articles_is_refused():
    with pytest.raises(InputError, match="claim Z51 is in zh_36kr and zh_36kr: give one file"):
        find("Z51", [*MOVING, *MOVING])


def test_a_range_does_not_move_and_the_refusal_says_so(reckoned):
    message = "claim T1 comes out as a range: nothing here moves it, nor any other claim"
    with pytest.raises(InputError, match=message):
        reckoned("prices.gpus * 20_000 USD/GPU .. prices.gpus * prices.h100_usd", "$1-2 bn")


def test_a_rounding_error_beside_an_exact_count_flips_nothing(reckoned):
    three = reckoned("prices.gpus * 0.1 * 3 * 10", "3 GPUs", PriceBook.article().override({"gpus": 1}))
    assert three.at() > 3
    assert three.holds()


@given(
    st.sampled_from(["", "about", "nearly", "more than", "at least", "under", "up to"]),
    st.integers(1, 9999),
    st.integers(0, 12),
    st.floats(-3, 3),
)
def test_the_interval_agrees_with_the_verdict_on_any_number(reckoned, hedge, digits, zeros, off):
    claim = reckoned("prices.gpus", f"{hedge} {digits * 10**zeros} GPUs")
    (low, high), figure = claim.interval, claim.claim.figure
    for at in (figure.value + off * 10**zeros, low, high):
        assert (low <= at <= high) == (at in band(figure))
    assert math.isinf(low) or math.nextafter(low, -math.inf) not in band(figure)
    assert math.isinf(high) or math.nextafter(high, math.inf) not in band(figure)
