"""Articles that bring their own inputs and prices, with units that are held to one another."""

import re
from pathlib import Path

import pytest

from costcheck.claims import load, verdicts
from costcheck.claims.article import Statement, inputs_of, prices_of
from costcheck.claims.loading import Text, example
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook

OWN = """\
inputs:
  hours: {value: 1000, unit: hour, source: the article}
  power: {value: 2, unit: kW, source: the article}
  grid: {value: 0.4, unit: kgCO2e/kWh, source: a friend, verification: "unverified: hearsay"}
prices:
  usd_per_kwh: {value: 0.1, low: 0.08, high: 0.2, unit: USD/kWh, source: the bill, as_of: 2024-07}
"""
BILL = """\
  - id: B1
    printed: $200
    value: 200
    unit: USD
    about: the bill
    formula: product
    inputs:
      quantity: {formula: product, inputs: {quantity: inputs.power, other: inputs.hours}}
      other: prices.usd_per_kwh
"""


LINK = """\
  - {{id: C{}, printed: '2', value: 2, unit: USD, about: x, formula: total, inputs: {{values: [{}]}}}}
"""


@pytest.fixture
def own(written, head):
    """Read an article with inputs and prices of its own, after some replacements."""

    def make(*replaced, claims=BILL):
        text = head.replace("claims:\n", f"{OWN}claims:\n") + claims
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        (article,) = written(text)
        return article

    return make


def checked(article, prices=None):
    return {verdict.claim.id: verdict for verdict in verdicts(prices, [article])}


def test_a_claim_is_reckoned_from_the_articles_own_inputs_and_prices(own):
    """2 kW for 1000 hours are 2000 kWh, at 0.1 dollars 200 dollars."""
    verdict = checked(own())["B1"]
    assert (verdict.recomputed, str(verdict.arithmetic)) == (pytest.approx(200), "holds")
    assert (verdict.claim.kind, verdict.claim.where) == (Statement.ARITHMETIC, "")
    assert verdict.row()["notebook"] == "article"
    assert (prices_of([own()]), inputs_of(own())) == (["usd_per_kwh"], ["power", "hours"])


def test_a_reader_may_replace_an_own_price_and_its_unit_is_held(own):
    article = own()
    book = PriceBook.article().extended(article.own_quotes)
    verdict = checked(article, book.override({"usd_per_kwh": "0.3 USD/kWh"}))["B1"]
    assert verdict.arithmetic.words == "holds"
    assert verdict.at_your_prices == pytest.approx(600)  # 2000 kWh at 0.3
    assert verdict.scenario == "usd_per_kwh=0.3"
    with pytest.raises(InputError, match="unit 'USD/Wh', but this price is in USD/kWh"):
        book.override({"usd_per_kwh": "0.3 USD/Wh"})


def test_an_own_value_for_a_price_of_the_book_takes_its_place(own):
    article = own(
        ("usd_per_kwh: {value: 0.1, low: 0.08, high: 0.2", "electricity_usd_per_kwh: {value: 0.1"),
        ("prices.usd_per_kwh", "prices.electricity_usd_per_kwh"),
    )
    assert checked(article)["B1"].recomputed == pytest.approx(200)
    assert PriceBook.article()["electricity_usd_per_kwh"] != 0.1


def test_a_price_without_a_day_is_of_the_articles_day_if_that_is_known(own):
    undated = (", as_of: 2024-07}", "}")
    assert own(undated).own_quotes[0].as_of == "2024-07-23"
    assert own(undated, ("date: 2024-07-23", "date: unknown")).own_quotes[0].as_of == "unknown"


def test_an_own_trait_counts_as_one_of_a_table_does(own):
    article = own(
        ("hours: {value: 1000, unit: hour,", "hours: {value: 1000, unit: hour, trait: phase=training,"),
        ("    about: the bill\n", "    about: the bill\n    offered_as: {phase: serving}\n"),
    )
    verdict = checked(article)["B1"]
    because = "a training figure (from hours) offered as a serving figure"
    assert (verdict.premise, verdict.because) == ("wrong category", because)


@pytest.mark.parametrize(
    ("unit", "printed", "fact", "at_yours"),
    [
        ("USD/kWh", "0.1 dollars", "prices.usd_per_kwh, price: usd_per_kwh", 0.3),
        ("USD/MWh", "100 dollars", "prices.usd_per_kwh", 300),
        ("kW", "2 kW", "inputs.power", None),  # no price reaches it
    ],
)
def test_a_fact_is_converted_and_moves_with_the_readers_prices_where_it_is_one(
    own, unit, printed, fact, at_yours
):
    value = printed.split()[0]
    claim = f"  - {{id: B4, printed: {printed}, value: {value}, unit: {unit}, about: x, fact: {fact}}}\n"
    article = own(claims=claim)
    book = PriceBook.article().extended(article.own_quotes).override({"usd_per_kwh": "0.3"})
    verdict = checked(article, book)["B4"]
    assert verdict.recomputed == pytest.approx(float(value))
    assert verdict.at_your_prices == (at_yours and pytest.approx(at_yours))


def test_two_articles_may_call_different_prices_alike(own, written, head):
    cheap = own()
    text = Path(cheap.origin.name).read_text("utf-8").replace("value: 0.1", "value: 0.15")
    (dear,) = load([Text(text, "other")])
    book = PriceBook.article().extended([*cheap.own_quotes, *dear.own_quotes])
    both = [verdict.recomputed for verdict in verdicts(book, [cheap, dear])]
    assert both == [pytest.approx(200), pytest.approx(300)]
    assert [verdict.at_your_prices for verdict in verdicts(book, [cheap, dear])] == both


def test_claims_of_other_kinds_are_checked_without_new_code():
    """Years from FLOP, emissions from energy, days from tokens, a total that is none: by hand in the file."""
    unseen = checked(load([Path(__file__).with_name("unseen.yaml")])[0])
    by_hand = {
        "U1": (3.8e25 / 400e12 / (365 * 86_400), "holds"),
        "U2": (1000, "holds"),
        "U3": (0.0025, "off by 1,000×"),
        "U4": (14.8e12 / 3.1e6 / 86_400, "holds"),
        "U5": (200, "off by 1.1×"),
        "U6": (0.6, "holds"),
        "U7": (3.5, "holds"),
        "U8": (100, "holds"),
    }
    assert {id_: (verdict.recomputed, verdict.arithmetic.words) for id_, verdict in unseen.items()} == {
        id_: (pytest.approx(value), message) for id_, (value, message) in by_hand.items()
    }
    assert unseen["U3"].note.startswith("likely cause: a thousand times too large")
    assert unseen["U5"].note == ""


def test_the_training_costs_of_deepseek_v3_hold_as_printed():
    """The figures of the report's table 1 and section 1; 2,664,000 hours on 2,048 GPUs are 54.2 days."""
    deepseek = checked(load([example("deepseek_v3")])[0])
    by_hand = {"D1": 2_788_000, "D6": 5_576_000, "D7": 180_000, "D8": 180_000 / 2048 / 24, "D11": 14.8e12}
    assert {id_: deepseek[id_].recomputed for id_ in by_hand} == pytest.approx(by_hand)
    assert {verdict.arithmetic.words for verdict in deepseek.values()} == {"holds", "not computable"}
    assert deepseek["D9"].recomputed == pytest.approx(54.2, abs=0.01)


PRICE = "usd_per_kwh: {value: 0.1, low: 0.08, high: 0.2, unit: USD/kWh, source: the bill, as_of: 2024-07}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unit: kW, source: the article", "unit: kW", "line 9, key inputs.power.source: source is missing"),
        ("unit: kW, source: the article", "unit: kW, source: ' '", "power.source: source is empty"),
        ("unit: kW", "unit: kilowat", "line 9, key inputs.power.unit: unit 'kilowat': unknown unit"),
        ("  power:", "  Power:", "line 9, key inputs.Power: 'Power' is not small letters"),
        ("source: a friend", "sauce: a friend", "unknown key 'sauce': did you mean 'source'?"),
        (PRICE, PRICE.replace("value: 0.1", "value: 0"), "a price must be positive, not 0 [USD/kWh]"),
        (PRICE, PRICE.replace("low: 0.08", "low: 0.3"), "low: 0.3 is above the value, 0.1"),
        (PRICE, PRICE.replace("high: 0.2", "high: 0.05"), "high: 0.05 is below the value, 0.1"),
        (PRICE, PRICE.replace("2024-07", "2024-13"), "key prices.usd_per_kwh.as_of: '2024-13' is no date"),
        (PRICE, PRICE.replace("USD/kWh", "USD/kWh, trait: phase=trainig"), "'trainig': did you mean"),
        (PRICE, PRICE.replace("usd_per_kwh", "h100_usd"), "'USD/kWh', but h100_usd is in USD/GPU; for"),
        (PRICE, "usd_cny: {value: 0.09, unit: CNY/USD, source: x}",
         "key prices.usd_cny.value: 0.09 is out of bounds; allowed: 0.1 to 100 CNY/USD"),
        (PRICE, "usd_cny: {value: 7, high: 101, unit: CNY/USD, source: x}",
         "key prices.usd_cny.high: 101 is out of bounds; allowed: 0.1 to 100 CNY/USD"),
        # numbers, and nothing that only looks like one
        ("value: 2, unit: kW", "value: true, unit: kW", "key inputs.power.value: 'true' is no number"),
        ("value: 2, unit: kW", "value: [2], unit: kW", "key inputs.power.value: a number is needed"),
        (OWN[: OWN.index("prices:")], "", "unknown input 'power'"),
        ("inputs.power", "inputs.pouer", "claim B1, key inputs.quantity.inputs.quantity: unknown input"),
        ("prices.usd_per_kwh", "prices.usd_per_kw", "'usd_per_kw': did you mean 'usd_per_kwh'?"),
        # units that do not go together
        ("    unit: USD\n", "    unit: CNY\n", "key formula: kW-hour-USD/kWh does not fit CNY: convert"),
        ("    unit: USD\n", "", "the formula gives kW-hour-USD/kWh; give the claim a unit"),
        ("    unit: USD\n", "    unit: ''\n", "claim B1, key unit: a unit is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_own_number_is_said_at_its_line(own, old, new, message):
    with pytest.raises(InputError) as refused:
        own((old, new))
    assert message in str(refused.value)
    assert re.match(r".*article\.yaml, line \d+, ", str(refused.value))


@pytest.mark.parametrize(
    ("links", "circle"), [([(0, 1), (1, 2), (2, 3), (3, 1)], "C1 on C2 on C3 on C1"), ([(1, 1)], "C1 on C1")]
)
def test_a_circle_of_claims_is_named_with_all_its_links(with_claims, links, circle):
    with pytest.raises(InputError, match=rf"claim C1: it rests on its own figure, .* \({circle}\)$"):
        with_claims(*(LINK.format(link, f"claims.C{other}") for link, other in links))


def test_claims_that_each_rest_twice_on_the_one_before_are_reckoned_once_each(with_claims):
    claims = [LINK.format(n, f"claims.C{n - 1}, claims.C{n - 1}") for n in range(1, 400)]
    made = verdicts(of=with_claims(LINK.format(0, "1, 1"), *claims))
    assert {verdict.arithmetic.words for verdict in made[1:]} == {"off by 2×"}


def test_a_chain_of_nine_hundred_claims_is_followed_from_its_far_end(with_claims):
    """The first claim rests on all the others: a way down as deep as that would be too deep for Python."""
    claims = [LINK.format(n, f"claims.C{n - 1}") for n in range(899, 0, -1)]
    made = verdicts(of=with_claims(*claims, LINK.format(0, "2")))
    assert {verdict.arithmetic.words for verdict in made} == {"holds"}


def test_a_variant_that_says_not_how_it_is_reckoned_is_refused(own):
    claim = "  - {id: B5, printed: 2 kW, value: 2, unit: kW, about: x, fact: inputs.power,"
    claim += " variants: [{label: x}]}\n"
    with pytest.raises(InputError, match=r"B5, key variants\.0: variant 'x' has neither formula nor fact"):
        checked(own(claims=claim))
