"""Articles that bring their own numbers and prices, with units that are held to one another."""

import re
from pathlib import Path

import pytest

from costcheck.claims import load, verdicts
from costcheck.claims.article import given_of, prices_of
from costcheck.claims.loading import Text, example
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook

OWN = """\
given:
  hours: 1000 hours
  power: {is: 2 kW, source: the article}
  grid: {is: 0.4 kgCO2e/kWh, source: a friend, verification: "unverified: hearsay"}
prices:
  usd_per_kwh: {is: $0.1/kWh, low: 0.08, high: 0.2, source: the bill, as_of: 2024-07}
"""
BILL = "  - {id: B1, printed: $200, about: the bill, sum: power * hours * prices.usd_per_kwh}\n"


@pytest.fixture
def own(written, head):
    """Read an article with numbers and prices of its own, after some replacements."""

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


def test_a_claim_is_computed_from_the_articles_own_numbers_and_prices(own):
    """2 kW for 1000 hours are 2000 kWh, at 0.1 dollars 200 dollars; times 0.4 kg, 800 kg, on hearsay."""
    article = own(claims=f"{BILL}  - {{printed: 0.8 tCO2e, sum: grid * power * hours}}\n")
    verdict, emissions = checked(article).values()
    assert (verdict.recomputed, str(verdict.arithmetic)) == (pytest.approx(200), "holds")
    assert emissions.recomputed == pytest.approx(0.8)
    assert (verdict.unverified, emissions.unverified) == (False, True)
    assert (verdict.claim.where, verdict.row()["notebook"]) == ("", "article")
    assert (prices_of([article]), given_of(article)) == (["usd_per_kwh"], ["power", "hours", "grid"])


def test_all_claims_that_cannot_be_computed_are_reported_at_once(own):
    dividing = "  - {printed: '3', sum: power / (power - power)}\n"
    article = own(
        claims=f"{dividing}{dividing}  - {{printed: 12%, sum: 'mfu(49 TFLOP/s/GPU, 400 TFLOP/s/GPU)'}}\n"
    )
    with pytest.raises(InputError) as refused:
        checked(article)
    first, *problems = str(refused.value).splitlines()
    assert (first, len(problems)) == ("2 problems", 2)
    assert all("key sum: a division by zero" in problem for problem in problems)


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
        ("usd_per_kwh: {is: $0.1/kWh, low: 0.08, high: 0.2", "electricity_usd_per_kwh: {is: $0.1/kWh"),
        ("prices.usd_per_kwh", "prices.electricity_usd_per_kwh"),
    )
    assert checked(article)["B1"].recomputed == pytest.approx(200)
    assert PriceBook.article()["electricity_usd_per_kwh"] != 0.1


def test_a_price_without_a_day_is_of_the_articles_day_if_that_is_known(own):
    undated = (", as_of: 2024-07}", "}")
    assert own(undated).own_quotes[0].as_of == "2024-07-23"
    assert own(undated, ("date: 2024-07-23", "date: unknown")).own_quotes[0].as_of == "unknown"


def test_an_own_trait_counts_as_that_of_a_table_does(own):
    article = own(
        ("hours: 1000 hours", "hours: {is: 1000 hours, trait: phase=training}"),
        ("about: the bill", "offered_as: {phase: serving}"),
    )
    verdict = checked(article)["B1"]
    because = "offered as a figure for running, but computed from a figure for training: hours"
    assert (verdict.premise, verdict.because) == ("wrong category", because)


@pytest.mark.parametrize(
    ("printed", "fact", "at_yours"),
    [
        ("$0.1/kWh", "prices.usd_per_kwh, price: usd_per_kwh", 0.3),
        ("$100/MWh", "prices.usd_per_kwh", 300),
        ("2 kW", "power", None),  # no price reaches it
    ],
)
def test_a_fact_is_converted_and_moves_with_the_readers_prices_where_it_is_one(own, printed, fact, at_yours):
    article = own(claims=f"  - {{id: B4, printed: {printed}, fact: {fact}}}\n")
    book = PriceBook.article().extended(article.own_quotes).override({"usd_per_kwh": "0.3"})
    verdict = checked(article, book)["B4"]
    assert verdict.recomputed == pytest.approx(verdict.claim.figure.value)
    assert verdict.at_your_prices == (at_yours and pytest.approx(at_yours))


def test_two_articles_may_call_different_prices_alike(own):
    cheap = own()
    text = Path(cheap.origin.name).read_text("utf-8").replace("$0.1/kWh", "$0.15/kWh")
    (dear,) = load([Text(text, "other")])
    book = PriceBook.article().extended([*cheap.own_quotes, *dear.own_quotes])
    both = verdicts(book, [cheap, dear])
    assert [verdict.recomputed for verdict in both] == [pytest.approx(200), pytest.approx(300)]
    assert [verdict.at_your_prices for verdict in both] == [verdict.recomputed for verdict in both]


def test_claims_of_other_kinds_are_checked_without_new_code():
    """Years from FLOP, emissions from energy, days from tokens, a total that is none: by hand in the file."""
    unseen = checked(load([Path(__file__).with_name("unseen.yaml")])[0])
    by_hand = {
        "U1": (3.8e25 / 400e12 / (365 * 86_400), "holds"),
        "U2": (1000, "holds"),
        "U3": (0.0025, "off by 1,000×"),
        "U4": (14.8e12 / 3.1e6 / 86_400, "holds"),
        "U5": (200, "wrong"),
        "U6": (60, "holds"),
        "U7": (3.5, "holds"),
        "U8": (100, "holds"),
    }
    assert {id_: (verdict.recomputed, verdict.arithmetic.words) for id_, verdict in unseen.items()} == {
        id_: (pytest.approx(value), words) for id_, (value, words) in by_hand.items()
    }
    assert [id_ for id_, verdict in unseen.items() if verdict.unverified] == ["U2"]
    assert unseen["U3"].note.startswith("likely cause: a thousand times too high")


def test_the_training_costs_of_deepseek_v3_hold_as_printed():
    """The figures of the report's table 1 and section 1; 2,664,000 hours on 2,048 GPUs are 54.2 days."""
    deepseek = checked(load([example("deepseek_v3")])[0])
    by_hand = {"D1": 2_788_000, "D6": 5_576_000, "D7": 180_000, "D8": 180_000 / 2048 / 24, "D11": 14.8e12}
    assert {id_: deepseek[id_].recomputed for id_ in by_hand} == pytest.approx(by_hand)
    assert {verdict.arithmetic.words for verdict in deepseek.values()} == {"holds", "not checked"}
    assert deepseek["D9"].recomputed == pytest.approx(54.2, abs=0.01)


PRICE = "usd_per_kwh: {is: $0.1/kWh, low: 0.08, high: 0.2, source: the bill, as_of: 2024-07}"
RATE = "usd_cny: {is: 7 CNY/USD"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("is: 2 kW, source", "source", "line 9, key given.power.is: is is missing; costcheck new"),
        ("2 kW", "2 kilowat", "line 9, key given.power: '2 kilowat': 'kilowat' behind the number is not"),
        ("1000 hours", "some hours", "line 8, key given.hours: "),
        ("  power:", "  Power:", "line 9, key given.Power: 'Power' is not small letters"),
        ("source: a friend", "sauce: a friend", "unknown key 'sauce': did you mean 'source'?"),
        (PRICE, PRICE.replace("$0.1", "$0"), "usd_per_kwh: 0 is out of bounds; allowed"),
        (PRICE, PRICE.replace("low: 0.08", "low: 0.3"), "0.1 is outside its own range 0.3 to 0.2"),
        (PRICE, PRICE.replace("0.08", "true"), "key prices.usd_per_kwh.low: 'true' is no number"),
        (PRICE, PRICE.replace("2024-07", "2024-13"), "key prices.usd_per_kwh.as_of: '2024-13' is no date"),
        (PRICE, PRICE.replace("/kWh", "/kWh, trait: phase=trainig"), "did you mean 'phase=training'?"),
        (PRICE, PRICE.replace("usd_per_kwh", "h100_usd"), "h100_usd: 'USD/kWh', but h100_usd is in USD/GPU"),
        (PRICE, f"{RATE.replace('7', '0.09')}}}", "usd_cny: 0.09 is out of bounds; allowed: 0.1 to 100"),
        (PRICE, f"{RATE}, high: 101}}", "usd_cny: 101 is out of bounds; allowed: 0.1 to 100 CNY/USD"),
        ("sum: power", "sum: pouer", "claim B1, key sum: unknown name 'pouer': did you mean 'power'?"),
        # units that do not go together
        ("printed: $200", "printed: ¥200, unit: CNY", "key sum: USD does not fit CNY: multiply"),
        ("about: the bill", "unit: ''", "claim B1, key printed: a unit is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_own_number_is_reported_at_its_line(own, old, new, message):
    with pytest.raises(InputError) as refused:
        own((old, new))
    assert message in str(refused.value)
    assert re.search(r"article\.yaml, line \d+, ", str(refused.value))
