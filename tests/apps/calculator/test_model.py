"""What the calculator says is what `costcheck check` says; what is typed wrong changes nothing."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.apps.calculator import Calculator, Settings, answer
from costcheck.apps.calculator.figures import drawn
from costcheck.apps.calculator.model import found, moved, page
from costcheck.apps.calculator.settings import dates
from costcheck.claims import verdicts
from costcheck.cli import main
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys, value_of
from costcheck.sensitivity import moving

SANE = {
    key: st.floats(max(described.minimum, value / 20), min(described.maximum, value * 20))
    for key, described in price_keys().items()
    for value in [PriceBook.article()[key]]
}
SETTINGS = st.builds(Settings, st.sampled_from([None, *dates()]), st.fixed_dictionaries({}, optional=SANE))


@settings(max_examples=25, deadline=None)
@given(SETTINGS)
def test_what_a_claim_is_at_your_prices_is_what_the_verdicts_say_to_the_last_bit(chosen):
    book = chosen.book()
    expected = {verdict.claim.id: verdict.at_your_prices for verdict in verdicts(book)}
    for one in moved():
        value = one.at(book)
        if not isinstance(value, bool):
            assert value == expected[one.claim.id]


def test_a_claim_that_the_calculator_does_not_move_is_the_same_at_any_prices():
    ids = {one.claim.id for one in moved()}
    other = Settings("2026-09-20", {key: 0.9 * PriceBook.article()[key] for key in ("h100_usd", "gpu_hours")})
    before = {verdict.claim.id: verdict.at_your_prices for verdict in verdicts()}
    after = {verdict.claim.id: verdict.at_your_prices for verdict in verdicts(other.book())}
    assert {id_ for id_ in before if before[id_] != after[id_]} <= ids


@settings(max_examples=25, deadline=None)
@given(SETTINGS)
def test_a_figure_holds_here_where_sensitivity_says_that_it_holds(chosen):
    book = chosen.book()
    held = {one.claim.id: one.holds(one.at(book)) for one in moved()}
    for one in moving(prices=book):
        assert held[one.claim.id] == one.holds()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--set", "h100_usd=25000"],
        ["--as-of", "2024-07-31"],
        ["--as-of", "2024-09-06", "--set", "h100_usd=25000", "--set", "usd_cny=7.1"],
    ],
)
def test_the_csv_is_byte_for_byte_what_check_prints(arguments, capsys):
    assert main(["check", *arguments, "--format", "csv"]) == 0
    said = dict(zip(arguments[::2], arguments[1::2], strict=True))
    calculator = Calculator()
    texts = dict(text.split("=") for text in arguments if "=" in text)
    assert calculator.set(texts, said.get("--as-of")) == {}
    assert calculator.csv() == capsys.readouterr().out


def test_the_command_that_is_shown_prints_the_csv_that_is_downloaded(capsys):
    calculator = Calculator()
    calculator.set({"usd_cny": "7.1", "gpu_hours": "3e7", "pue": "1.3"}, "2024-09-06")
    assert main([*calculator.settings.command().split()[1:], "--format", "csv"]) == 0
    assert calculator.csv() == capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["abc", "-1", "1e999", "", "   ", "0", "nan", "99", "1000001", "25,000", "4万", "<b>1</b>"]
)
def test_a_price_typed_wrong_is_refused_in_the_price_books_words_and_the_last_good_one_stays(text):
    calculator = Calculator()
    assert calculator.set({"h100_usd": "25000"}) == {}
    wrong = calculator.set({"h100_usd": text, "usd_cny": "7.1"})
    with pytest.raises(InputError) as caught:
        value_of("h100_usd", text)
    assert f"h100_usd: {wrong['h100_usd']}" == str(caught.value)
    assert list(wrong) == ["h100_usd"]
    assert calculator.settings.given == {"h100_usd": 25_000.0, "usd_cny": 7.1}


def test_full_width_digits_are_digits_as_on_the_command_line():
    calculator = Calculator()
    assert calculator.set({"usd_cny": "１２"}) == {}
    assert calculator.settings.given == {"usd_cny": 12.0}


def test_an_unknown_price_or_day_changes_nothing_and_says_so():
    calculator = Calculator()
    calculator.set({"h100_usd": "25000"})
    for asked, said in (
        ({"texts": {"hl00_usd": "1"}}, "unknown price 'hl00_usd': did you mean 'h100_usd'?"),
        ({"texts": {}, "date": "2024-02-30"}, "'2024-02-30' is not a date YYYY-MM-DD"),
    ):
        heard = answer(calculator, asked)
        assert heard["notice"] == said
        assert calculator.settings == Settings(None, {"h100_usd": 25_000.0})


def test_of_a_wrong_link_nothing_is_taken():
    heard = answer(Calculator(), {"n": 1, "link": "#h100_usd=25000&usd_cny=x"})
    assert heard["notice"] == (
        "The link is wrong, and nothing of it was taken: usd_cny: 'x' is not a number [CNY/USD]. "
        "Ask for the link again, or set the prices here."
    )
    assert heard["state"]["command"] == "costcheck check"


def test_a_good_link_is_taken_whole():
    heard = answer(Calculator(), {"n": 1, "link": "#as-of=2024-07-31&h100_usd=25000"})
    assert (heard["notice"], heard["state"]["date"]) == ("", "2024-07-31")
    assert heard["state"]["values"]["h100_usd"]["text"] == "25000"
    assert heard["state"]["values"]["usd_cny"]["quote"] == "quote of 2024-07-23"


def test_choosing_a_set_without_prices_of_ones_own_takes_these_away():
    calculator = Calculator()
    calculator.set({"h100_usd": "25000"})
    calculator.set({}, "2024-07-31")
    assert calculator.settings == Settings("2024-07-31")
    assert calculator.settings.book()["h100_usd"] == 36_017.75


def test_the_chain_is_worked_out_step_by_step():
    calculator = Calculator()
    calculator.set({"h100_usd": "25000", "usd_cny": "7", "usd_jpy": "150", "days_in_month": "31"})
    state = calculator.state()
    assert [step["value"] for step in state["chain"]] == [
        "30.84 million GPU-hours",
        "3,520.5 years",  # 30.84e6 / 24 / 365
        "41,452 GPUs",  # 30.84e6 / (31 * 24)
        "1.075 billion USD",  # 43,000 * 25,000
        "1.0363 billion USD",  # 41,451.6 * 25,000
        "7.525 billion CNY (75.25亿)",
        "161.25 billion JPY (1,612億)",
    ]
    assert [[one["holds"] for one in step["printed"]] for step in state["chain"]][:4] == [
        [True, True],
        [True, True],
        [False, False],
        [False, False],
    ]


def test_serving_takes_eleven_gpus_in_bf16_and_the_price_of_sixteen():
    # (811.7 + 66.06) / 80 = 10.97; 16 * 25,000
    calculator = Calculator()
    calculator.set({"h100_usd": "25000"})
    assert calculator.state()["serving"][0] == (
        "bf16", "811.71 GB", "66.06 GB", "11 GPUs", "16 GPUs", "400,000 USD",
    )  # fmt: skip


def test_every_claim_is_on_the_page_with_its_verdict_and_unverified_data_stays_marked():
    claims = {claim["id"]: claim for claim in page()["claims"]}
    assert len(claims) == 102
    for id_, verdict in found().items():
        assert claims[id_]["verdict"] == str(verdict.arithmetic)
    assert claims["Z12"]["verdict"] == "holds (unverified data)"
    assert {claim["kind"] for claim in claims.values()} == {"good", "fair", "bad", "unknown"}


def test_the_claims_on_the_page_are_those_that_move_and_the_others():
    assert {claim["id"] for claim in page()["claims"] if claim["moved"]} == {one.claim.id for one in moved()}


def test_nothing_that_is_shown_has_more_figures_than_a_person_wants():
    calculator = Calculator()
    calculator.set({"h100_usd": "31234.5678901", "usd_cny": "7.123456789", "context_tokens": "130001"})
    state = calculator.state()
    for part in ("tiles", "chain", "serving", "tokens", "window", "yours"):
        assert re.findall(r"\d\.\d{6,}", str(state[part])) == []
    for figure in state["figures"]:
        texts = re.findall(r">([^<]+)</text>", figure["svg"])
        assert texts
        assert [text for text in texts if re.search(r"\d\.\d{5,}", text)] == []


def test_the_same_prices_give_the_same_bytes():
    one, other = Calculator(), Calculator()
    other.set({"h100_usd": "25000"})
    other.set({})
    assert answer(one, {"n": 1, "texts": {}}) == answer(other, {"n": 1, "texts": {}})


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
            points = [
                (mark.get(x), mark.get(y)) for x, y in (("x", "y"), ("cx", "cy")) if mark.get(x) is not None
            ] + [tuple(point.split(",")) for point in (mark.get("points") or "").split()]
            for x, y in points:
                assert -1 <= float(x) <= wide + 1
                assert -1 <= float(y) <= high + 1
            if mark.tag.endswith("rect"):
                assert float(mark.get("x")) + float(mark.get("width")) <= wide + 1


def test_a_bar_is_as_long_as_its_sum():
    svg = drawn(PriceBook.article(), 1000)[0].svg
    bars = [float(width) for width in re.findall(r"<rect [^>]*width=\"([\d.]+)\"", svg)]
    # 1,720 and 107.6 million of 3,482.5 million, on 1,000 pixels
    assert bars[0] == pytest.approx(493.9, abs=0.1)
    assert bars[3] == pytest.approx(30.9, abs=0.1)


def test_text_with_marks_of_html_is_text_in_a_figure():
    from costcheck.apps.calculator.figures import _Canvas

    canvas = _Canvas(300)
    canvas.text(0, 10, "<script>alert(1)</script> & more")
    svg = canvas.done("x", 'a "title" <b>', "alt").svg
    read = ElementTree.fromstring(svg)
    assert read[0].text == "<script>alert(1)</script> & more"
    assert "<script" not in svg


def test_a_figure_that_is_softened_stands_with_the_word_that_softens_it():
    said = answer(Calculator(), {"n": 1, "link": ""})
    listed = {each["id"]: each["hedge"] for each in said["page"]["claims"]}
    assert (listed["Z49"], listed["J35"], listed["Z51"], listed["Z22"]) == (
        "at least",
        "at least",
        "",
        "over",
    )
    marks = {mark["id"]: mark["hedge"] for step in said["state"]["chain"] for mark in step["printed"]}
    assert (marks["Z49"], marks["Z51"]) == ("at least", "")


def test_at_the_ends_of_what_is_allowed_numbers_are_still_written_for_people():
    most = {"gpu_hours": "1000000000000", "days_in_month": "1", "h100_usd": "1000000", "gpus": "10000000"}
    state = answer(Calculator(), {"n": 1, "texts": most})["state"]
    deadline = state["figures"][2]
    assert deadline["title"].startswith("1 day takes ")
    assert not re.search(r"[0-9]{5}|e[+][0-9]|\.[0-9]{5}", deadline["title"])
    axis = re.findall(r'<text class="tick"[^>]*>([0-9][^<]*)<', deadline["svg"])
    assert any(tick.endswith("B") for tick in axis)
    assert not [tick for tick in axis if re.search(r"[0-9]{4}|e", tick)]
    assert not re.search(r"e[+][0-9]", str(state["tiles"]) + str(state["chain"]))
