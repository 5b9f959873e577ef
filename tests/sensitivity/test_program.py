"""Claims as formulas of their prices."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from costcheck.claims import articles, verdicts
from costcheck.claims.article import Call
from costcheck.claims.printed import Hedge, holds
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.sensitivity import find, moving
from costcheck.sensitivity.program import Program, holding, reached
from costcheck.text.numbers import Printed

MOVING = moving()


def test_the_claims_that_move_are_those_reckoned_from_prices_themselves_and_not_from_a_printed_figure():
    ids = [claim.claim.id for claim in MOVING]
    assert ids[:9] == ["Z22", "Z31", "Z46", "Z47", "Z49", "Z51", "Z52", "Z53", "Z55"]
    assert len(ids) == 18  # each has its translation
    # Z32 takes the words printed in Z31, not the words a token that Z31 is made of
    assert reached(articles()[0].claim("Z32").call) == set()


VERDICTS = {verdict.claim.id: verdict for verdict in verdicts()}


@pytest.mark.parametrize("claim", MOVING, ids=lambda claim: claim.claim.id)
def test_a_claim_as_a_formula_of_its_prices_agrees_with_its_verdict_and_takes_arrays_of_them(claim):
    verdict = VERDICTS[claim.claim.id]
    assert claim.at() == verdict.recomputed
    assert claim.holds() == (verdict.arithmetic.words == "holds")
    assert claim.unverified == verdict.unverified
    prices = PriceBook.article().override(
        {key: claim.prices[key] * 0.99 for key in claim.keys if key != "days_in_year"}
    )
    yours = {verdict.claim.id: verdict.at_your_prices for verdict in verdicts(prices)}
    assert claim.at(**{key: prices[key] for key in claim.keys}) == yours[claim.claim.id]
    factors = np.array([1.0, 0.999, 0.95, 0.9])
    columns = {key: claim.prices[key] * factors for key in claim.keys}
    (together,) = claim.program(columns)
    apart = [claim.at(**{key: float(column[n]) for key, column in columns.items()}) for n in range(4)]
    assert together.tolist() == pytest.approx(apart, rel=1e-15)


def test_claims_reckoned_alike_share_an_output():
    article, prices = articles()[0], PriceBook.article()
    program = Program(["gpus", "h100_usd", "usd_cny"])
    outputs = [program.add(article.claim(id_).call, article, prices) for id_ in ("Z51", "Z52", "Z53")]
    assert outputs == [0, 1, 0]
    assert program({"gpus": 2.0, "h100_usd": 3.0, "usd_cny": 7.0}) == [6.0, 42.0]


@pytest.mark.parametrize(
    ("formula", "by_hand"), [("lowest", [2, 3]), ("highest", [5, 5]), ("total", [7, 8]), ("mean", [3.5, 4])]
)
def test_a_formula_of_a_sequence_works_scenario_by_scenario(formula, by_hand):
    program, call = Program(["pue"]), Call(formula=formula, inputs={"values": ["prices.pue", 5.0]})
    program.add(call, articles()[0], PriceBook.article())
    assert program({"pue": np.array([2.0, 3.0])})[0].tolist() == by_hand
    assert program({"pue": 2.0})[0] == by_hand[0]


def test_a_formula_that_compares_single_numbers_takes_no_arrays_and_says_so():
    program = Program(["pue"])
    inputs = {"value": "prices.pue", "among": ["prices.pue", 1.0, 2.0]}
    program.add(Call(formula="rank_from_smallest", inputs=inputs), articles()[0], PriceBook.article())
    assert program({"pue": 1.5}) == [2]
    with pytest.raises(InputError, match="rank_from_smallest takes no arrays"):
        program({"pue": np.array([1.5])})


def test_a_claim_in_two_articles_is_refused():
    with pytest.raises(InputError, match="claim Z51 is in zh_36kr and zh_36kr: give one file"):
        find("Z51", [*MOVING, *MOVING])


# --------------------------------------------------------------------------- where a figure holds
@pytest.mark.parametrize(
    ("hedge", "printed", "by_hand"),
    [
        pytest.param(Hedge.EXACT, Printed(1.7e9, 1e8), (1.65e9, 1.75e9), id="17亿"),
        pytest.param(Hedge.NEARLY, Printed(3, 1), (2.75, 3), id="nearly 3"),
        pytest.param(Hedge.AT_LEAST, Printed(43_000, 1000), (42_500, math.inf), id="at least 43,000"),
        pytest.param(Hedge.EXACT, Printed(2, 0), (2, 2), id="a reading of words"),
        pytest.param(Hedge.UNDER, Printed(5, 0), (-math.inf, 5), id="under 5, a reading of words"),
    ],
)
def test_the_interval_is_that_of_the_precision_and_the_hedge(hedge, printed, by_hand):
    assert holding(hedge, printed) == pytest.approx(by_hand, rel=2e-9)
    assert holding(Hedge.NEARLY, Printed(1, 0)) is None


figures = st.builds(
    lambda digits, power, shown: Printed(digits * 10.0**power, 10.0**power * shown),
    st.integers(1, 9999),
    st.integers(-3, 12),
    st.sampled_from([1, 1e-8, 0]),  # a reading of words shows no digit
)


@given(st.sampled_from(Hedge), figures, st.floats(-3, 3))
def test_the_interval_says_of_any_number_what_holds_says(hedge, printed, off):
    assume(hedge is not Hedge.NEARLY or printed.unit_in_last_place >= 10 * math.ulp(printed.value))
    low, high = holding(hedge, printed)
    for at in (printed.value + off * printed.unit_in_last_place, low, high):
        assert (low <= at <= high) == holds(hedge, printed, at)
    assert math.isinf(low) or not holds(hedge, printed, math.nextafter(low, -math.inf))
    assert math.isinf(high) or not holds(hedge, printed, math.nextafter(high, math.inf))
