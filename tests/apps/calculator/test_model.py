"""The calculator says what `costcheck check` says; what is typed wrong changes nothing."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.apps.calculator.amounts import ways_to_pay
from costcheck.apps.calculator.figures import drawn
from costcheck.apps.calculator.model import answer, articles_verdicts, at_prices
from costcheck.apps.calculator.settings import Settings, dates, read_link
from costcheck.claims import verdicts
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys, value_of

SANE = {
    key: st.floats(max(described.minimum, value / 20), min(described.maximum, value * 20))
    for key, described in price_keys().items()
    for value in [PriceBook.article()[key]]
}
SETTINGS = st.builds(Settings, st.sampled_from([None, *dates()]), st.fixed_dictionaries({}, optional=SANE))


def at(texts, date=None, link="", **more):
    return answer({"texts": texts, "date": date, "link": link, **more})


@settings(max_examples=25, deadline=None)
@given(SETTINGS)
def test_a_claim_at_your_prices_is_what_the_verdicts_say_to_the_last_bit(chosen):
    moved = at_prices(chosen.book())
    for verdict in verdicts(chosen.book()):
        shown = moved.get(verdict.claim.id, articles_verdicts()[verdict.claim.id])
        assert (shown.at_your_prices, shown.yours) == (verdict.at_your_prices, verdict.yours)


@given(SETTINGS)
def test_a_link_gives_back_its_settings_to_the_last_bit(chosen):
    assert read_link(chosen.link()) == chosen


@pytest.mark.parametrize(
    "arguments", [[], ["--as-of", "2024-09-06", "--set", "h100_usd=25000", "--set", "usd_cny=7.1"]]
)
def test_the_csv_is_byte_for_byte_what_check_and_the_command_shown_print(arguments, printed):
    csv = printed("check", *arguments, "--format", "csv")
    date = dict(zip(arguments[::2], arguments[1::2], strict=True)).get("--as-of")
    reply = at(dict(text.split("=") for text in arguments if "=" in text), date, csv=True)
    assert (reply["wrong"], reply["csv"]) == ({}, csv)
    assert printed(*reply["state"]["command"].split()[1:], "--format", "csv") == csv


@pytest.mark.parametrize("text", ["abc", "", "nan", "99", "1000001"])
def test_a_price_typed_wrong_is_refused_in_the_price_books_words_and_the_last_good_one_stays(text):
    reply = at({"h100_usd": text, "usd_cny": "7.1"}, link="h100_usd=25000")
    with pytest.raises(InputError) as caught:
        value_of("h100_usd", text)
    assert reply["wrong"] == {"h100_usd": caught.value.reason}
    assert reply["state"]["link"] == "h100_usd=25000&usd_cny=7.1"


@pytest.mark.parametrize(
    ("asked", "notice"),
    [
        ({"texts": {"hl00_usd": "1"}}, "unknown price 'hl00_usd': did you mean 'h100_usd'?"),
        ({"texts": {}, "date": "2024-02-30"}, "'2024-02-30' is not a date YYYY-MM-DD."),
        *(
            ({"open": f"#{link}"}, f"The link is wrong, and nothing of it was taken: {why}")
            for link, why in (
                ("gpus=1000&usd_cny=x", "usd_cny: 'x' is not a number [CNY/USD]."),
                ("h100_usd=25000&h100_usd=25000", "h100_usd is given twice"),
                ("as-of=2999-01-01", "2999-01-01: this day is in the future; today is "),
                ("nonsense", "its form must be KEY=VALUE&KEY=VALUE"),
            )
        ),
    ],
)
def test_of_an_unknown_price_or_day_or_a_wrong_link_nothing_is_taken(asked, notice):
    reply = answer({**asked, "link": "h100_usd=25000"})
    assert reply["notice"].startswith(notice)
    assert reply["state"]["link"] == "h100_usd=25000"


def test_a_good_link_is_taken_whole_and_a_set_without_own_prices_has_its_quotes():
    values = answer({"open": "#as-of=2024-07-31&h100_usd=25000&pue=１"})["state"]["values"]
    assert [values[key]["text"] for key in ("h100_usd", "pue")] == ["25000", "1"]  # full-width digits too
    assert values["usd_cny"]["quote"] == "quote of 2024-07-23"
    state = at({}, "2024-07-31", link="h100_usd=25000")["state"]
    assert (state["link"], state["date"]) == ("as-of=2024-07-31", "2024-07-31")
    assert state["values"]["h100_usd"]["text"] == "36017.75"


def test_ways_to_pay_agree_with_a_hand_calculation():
    fleet = 43_000 * 40_000
    network = fleet / 0.81  # 19 % of a cluster's price are its network's
    wear = 40_000 / 0.81 * math.log(10) * 0.14 / 8766  # Cottier et al.: 0.14 orders of magnitude a year
    power = 0.7 * 1.82 * 0.75 * 1.1 * 0.0771  # kW * server * average * PUE * USD/kWh
    hours = 30.84e6
    by_hand = [fleet, network, 1.64 * network, hours * 3.49, hours * (wear + power), 640_000, 320_000]
    assert [way.usd for way in ways_to_pay(PriceBook.article())] == pytest.approx(by_hand, rel=1e-9)


def test_the_chain_is_worked_out_step_by_step():
    state = at({"h100_usd": "25000", "usd_cny": "7", "usd_jpy": "150", "days_in_month": "31"})["state"]
    assert [value for _, _, value, _ in state["chain"]] == [
        "30.84 million GPU-hours",
        "3,520.5 years",  # 30.84e6 / 24 / 365
        "41,452 GPUs",  # 30.84e6 / (31 * 24)
        "1.075 billion USD",  # 43,000 * 25,000
        "1.0363 billion USD",  # 41,451.6 * 25,000
        "7.525 billion CNY (75.25亿)",
        "161.25 billion JPY (1,612億)",
    ]
    assert [how for _, how, *_ in state["chain"]][1:6:2] == [
        "30,840,000 GPU-hour ÷ 24 h/day ÷ 365 day/year",
        "43,000 GPU × 25,000 USD/GPU",
        "43,000 GPU × 25,000 USD/GPU × 7 CNY/USD",
    ]
    claims = [claim for *_, claims in state["chain"] for claim in claims]
    assert claims == ["Z45", "J32", "Z47", "J34", "Z49", "J35", "Z51", "J37", "Z52", "J38"]
    assert state["yours"]["Z47"] == ["3,520.5 years", "holds", "good"]
    assert state["yours"]["Z51"] == ["1.075 billion USD", "does not hold", "bad"]
    assert set(claims) <= state["yours"].keys()
    assert state["tokens"][1] == ("GPT-4o", "5.00", "15.00", "7.50", "2.5×")  # (3 * 5 + 15) / 4
    # (811.7 + 66.06) / 80 = 10.97; 16 * 25,000
    assert state["serving"][0] == ("bf16", "811.71 GB", "66.06 GB", "11 GPUs", "16 GPUs", "400,000 USD")


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional={key: st.floats(d.minimum, d.maximum) for key, d in price_keys().items()}
    ),
    st.integers(100, 2000),
)
def test_at_any_prices_the_figures_are_drawn_within_their_frame(prices, width):
    for figure in drawn(Settings(None, prices).book(), width):
        svg = ElementTree.fromstring(figure.svg)
        wide, high = float(svg.get("width")), float(svg.get("height"))
        marks = list(svg)
        assert len([mark for mark in marks if not mark.tag.endswith("text")]) >= 3
        for mark in marks:
            points = [(mark.get(x), mark.get(y)) for x, y in (("x", "y"), ("cx", "cy")) if mark.get(x)]
            points += [tuple(point.split(",")) for point in (mark.get("points") or "").split()]
            assert all(-1 <= float(x) <= wide + 1 and -1 <= float(y) <= high + 1 for x, y in points)
            if mark.tag.endswith("rect"):
                assert float(mark.get("x")) + float(mark.get("width")) <= wide + 1
