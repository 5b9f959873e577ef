"""Faults that trials on published articles brought out, by number, and the verdict each must get."""

import pytest

from costcheck.claims import load, verdicts
from costcheck.claims.kinds_and_colours import Premise
from costcheck.claims.loading import Text
from costcheck.claims.printed import read_figure
from costcheck.errors import InputError
from costcheck.units.notation import parse


def checked(printed, text, head="", date="2024-07-23", more=""):
    claim = f"  - {{printed: '{printed}', sum: '{text}'{more}}}\n"
    article = f"article: a\ntitle: t\nlanguage: en\ndate: {date}\n{head}claims:\n{claim}"
    (verdict,) = verdicts(of=load([Text(article, "a.yaml")]))
    return verdict


@pytest.mark.parametrize(
    ("printed", "text", "arithmetic"),
    [
        pytest.param("480 kWh", "10 kW * 1 day * 2", "holds", id="1 a bare number keeps units"),
        pytest.param("20 kWh", "10 kW * 1 day * 2", "off by 24×", id="1 and a day is no number"),
        pytest.param("at least 10×", "9.35", "wrong", id="2 at least, 9.35"),
        pytest.param("at least 10×", "5.1", "off by 2×", id="2 at least, 5.1"),
        pytest.param("at least $20 million", "$15.2M", "wrong", id="2 at least 20 million"),
        pytest.param("$100 million", "$148M", "wrong", id="2 a round number, 148"),
        pytest.param("$100 million", "$104M", "holds", id="2 a round number, 104"),
        pytest.param("about 4500 kWh", "4380 kWh", "holds", id="3 about"),
        pytest.param("about 4500 kWh", "4270 kWh", "wrong", id="3 about, 5 % and no more"),
        pytest.param("more than $10M", "$9.216M", "wrong", id="4 more than"),
        pytest.param("almost $10M", "$10.14M", "wrong", id="4 almost"),
        pytest.param("不到1000万美元", "$10.14M", "wrong", id="4 不到"),
        pytest.param("just under 300,000", "312_000", "wrong", id="4 just under"),
        pytest.param("just under 300,000", "296_000", "holds", id="4 just under, below"),
        pytest.param("$2-5M", "$2M .. $5M", "holds", id="10 a range"),
        pytest.param("$2-5M", "$2M .. $6M", "wrong", id="10 a range with another end"),
        pytest.param("32% to 36%", "34%", "holds", id="10 a number in a range"),
        pytest.param("10-15×", "12", "holds", id="10 a range of times"),
        pytest.param("2.5×", "(100 / 16) ** (1 / 2)", "holds", id="10 a root"),
        # 2,000 GPU-hours at 500 TFLOP/s and 40 %: 2000 * 3600 * 5e14 * 0.4
        pytest.param("1.44e21 FLOP", "2000 GPU-hour * 500 TFLOP/s/GPU * 40%", "holds", id="10 FLOP"),
        pytest.param("500 gCO2eq", "1 kWh * 0.5 kgCO2e/kWh", "holds", id="10 gCO2eq"),
        pytest.param("8 TPU", "4 TPU * 2", "holds", id="10 TPU"),
        pytest.param("3 litres", "1500 ml * 2", "holds", id="10 litre"),
        pytest.param("₹100", "₹50 * 2", "holds", id="10 INR"),
        pytest.param("₩100", "₩50 * 2", "holds", id="10 KRW"),
        pytest.param("$1,200", "$100/month * 1 year", "holds", id="10 twelve months"),
        pytest.param("3,640 PFLOP/s-days", "364 PFLOP/s * 10 day", "holds", id="10 PFLOP/s-day"),
    ],
)  # fmt: skip
def test_a_figure_gets_its_right_verdict(printed, text, arithmetic):
    assert str(checked(printed, text).arithmetic) == arithmetic


ACCOUNTS = "cached * $0.14/Mtok + uncached * $0.55/Mtok + output * $2.19/Mtok"
PRINTED = "given: {cached: 342B token, uncached: 266B token, output: 168B token}\n"


@pytest.mark.parametrize(
    ("printed", "arithmetic"),
    [("$562,027", "holds within rounding"), ("$563,540", "holds within rounding"), ("$563,700", "wrong")],
)
def test_5_inputs_are_rounded_and_carry_it_into_the_sum(printed, arithmetic):
    """562,100, give or take half a billion tokens of each: 0.5e3 * (0.14 + 0.55 + 2.19) = 1,440."""
    verdict = checked(printed, ACCOUNTS, PRINTED)
    assert verdict.recomputed == pytest.approx(562_100)
    assert verdict.behind == pytest.approx((560_660, 563_540))
    assert str(verdict.arithmetic) == arithmetic


@pytest.mark.parametrize(
    ("peak", "printed", "premise"),
    [
        ("1,979 TFLOP/s", "20%", Premise.WRONG_CATEGORY),
        ("989.4 TFLOP/s", "40%", Premise.NOT_EXAMINED),
        ("1,979 TFLOP/s/GPU", "20%", Premise.WRONG_CATEGORY),
    ],
)
def test_6_a_sparse_peak_is_named_and_what_nobody_examined_is_not_sound(peak, printed, premise):
    achieved = "400 TFLOP/s/GPU" if "GPU" in peak else "400 TFLOP/s"
    verdict = checked(printed, "achieved / peak", f"given: {{achieved: {achieved}, peak: '{peak}'}}\n")
    assert (str(verdict.arithmetic), verdict.premise) == ("holds", premise)
    assert ("peak is the sparse peak" in verdict.because) is (premise is Premise.WRONG_CATEGORY)


def test_7_an_article_is_judged_at_the_rate_of_its_own_day_which_is_named():
    verdict = checked("409.8万元", "563_000 * $1 * prices.usd_cny", date="2025-03-01")
    assert verdict.recomputed == pytest.approx(563_000 * 7.2790318)  # the ECB's rates of 2025-02-28
    assert str(verdict.arithmetic) == "holds"
    (quote,) = verdict.quotes
    assert quote.startswith("usd_cny at 7.2790318 CNY/USD, quoted 2025-02-28 (ECB")


@pytest.mark.parametrize(
    ("printed", "text", "cause"),
    [
        ("5,521,000 kg", "553_142 kg",
         "ten times too high: a slip of one decimal place, with 0.2% left over"),
        ("329 GB", "353.3 GB", "fits in GiB, not GB"),
        ("$220", "$200", ""),
    ],
)  # fmt: skip
def test_8_the_cause_is_named_with_what_is_left_over(printed, text, cause):
    assert str(checked(printed, text).cause or "") == cause


def test_9_advice_on_a_number_of_gpus_warns_of_counting_them_twice():
    with pytest.raises(InputError, match="unless a number in the sum includes it"):
        checked("$240", "10 kW/GPU * 24 hour * $1/kWh")


def test_11_all_that_is_wrong_with_a_file_is_told_at_once():
    text = """\
article: a
titel: t
title: t
language: english
given:
  fleet: four or five
claims:
  - {printed: $10/hr, sum: 4 GPU * $2.50/GPU-hour, hedge: abuot}
  - {printed: $10/hr, sum: prices.hl00_usd}
  - {printed: cheap, sum: 4 GPU}
  - {printed: 5 kW, sum: 5 USD}
  - {printed: 5 kW}
"""
    with pytest.raises(InputError) as refused:
        load([Text(text, "a.yaml")])
    first, *problems = str(refused.value).splitlines()
    assert first == f"{len(problems)} problems"
    places = [problem.split(": ")[0] for problem in problems]
    for place in (
        "a.yaml, line 2, key titel", "a.yaml, line 4, key language", "a.yaml, line 6, key given.fleet",
        "a.yaml, line 8, claim A1, key hedge", "a.yaml, line 9, claim A2, key sum",
        "a.yaml, line 10, claim A3, key printed", "a.yaml, line 11, claim A4, key sum",
        "a.yaml, line 12, claim A5",
    ):  # fmt: skip
        assert place in places, problems
    assert "did you mean 'h100_usd'?; write sum: prices.h100_usd" in str(refused.value)
    assert "write sum: fleet * prices.h100_usd, or not_checked: why" in str(refused.value)


def test_13_verified_sources_that_disagree_are_no_verdict_each_is_shown():
    ways = ", readings: [{label: as run again, sum: 20 - 5}], depends_on: the run, label: as leaked"
    verdict = checked("20", "20", more=ways)
    assert str(verdict.arithmetic) == "depends on the run"
    assert "as leaked: 20, so it holds; as run again: 15, so it does not hold" in verdict.note
    agreed = checked("20", "20", more=ways.replace("20 - 5", "20 + 0"))
    assert str(agreed.arithmetic) == "holds"


def test_15_a_row_tells_what_the_claim_is_about():
    assert checked("480 kWh", "480 kWh", more=", about: a day").row()["about"] == "a day"


def test_17_a_row_has_its_numbers_as_numbers():
    record = checked("80%", "0.8 * 1").record()
    assert (record["value"], record["recomputed"], record["ratio"]) == (80, pytest.approx(80), 1)


@pytest.mark.parametrize(
    ("unit", "right"),
    [("80 Mb/s", "Mbit/s"), ("5 mW", "mW"), ("989 TFLOPS", "TFLOP/s"), ("5 people", "person")],
)  # fmt: skip
def test_17c_a_unit_is_the_one_written_whatever_its_capitals(unit, right):
    assert read_figure(unit).unit == right


@pytest.mark.parametrize("unit", ["B", "b", "m", "Mbp", "mw"])
def test_17c_what_may_be_several_sizes_gets_no_hint_at_one(unit):
    with pytest.raises(InputError) as refused:
        parse(unit)
    assert "did you mean" not in str(refused.value)


@pytest.mark.parametrize(
    ("printed", "text", "arithmetic"),
    [
        pytest.param("one third", "33%", "holds", id="a fraction in words is no per cent"),
        pytest.param("三分之一", "33%", "holds", id="a Chinese fraction"),
        pytest.param("half", "70%", "wrong", id="half is not 70 %"),
        pytest.param("$2.5-10M", "$2.5M .. $10.3M", "holds", id="each end by its own digits"),
        pytest.param("about $20-40", "$20.9 .. $41.9", "holds", id="about, 5 % at each end"),
        pytest.param("$2.5-10M", "$2.6M .. $10M", "wrong", id="the lower end by its own digits"),
    ],
)
def test_shares_in_words_and_both_ends_of_a_range(printed, text, arithmetic):
    assert str(checked(printed, text).arithmetic)[: len(arithmetic)] == arithmetic


@pytest.mark.parametrize(
    ("printed", "text", "message"),
    [
        pytest.param("40 furlongs", "10 kW * 4", "'furlongs' is no unit that costcheck knows", id="no unit"),
        pytest.param("$40/wombat", "$40", "'40/wombat' is not understood", id="what is behind a /"),
        pytest.param("5", "[]", "several numbers are no figure", id="an empty list"),
        pytest.param("5", "[1, [2, 3]]", "several numbers are no figure", id="a list in a list"),
        pytest.param("5", "gpus.memory_gb[*]", "several numbers are no figure", id="a column"),
        pytest.param("5", "1 .. 1e400", "it comes out as inf", id="an end without end"),
        pytest.param("5", "10.0 ** 400", "too large, above 1e308", id="too large"),
    ],
)
def test_what_is_no_figure_or_no_unit_is_refused(printed, text, message):
    with pytest.raises(InputError, match=message):
        checked(printed, text)


def test_an_unknown_original_hides_no_other_mistake_and_makes_none():
    claims = "  - {printed: 5, same_as: A9}\n  - {printed: 6, sum: 1 +}\n"
    head = "article: a\ntitle: t\nlanguage: en\nclaims:\n"
    with pytest.raises(InputError) as refused:
        load([Text(head + claims, "a.yaml")])
    assert [line.split(": ")[0] for line in str(refused.value).splitlines()] == [
        "2 problems", "a.yaml, line 5, claim A1, key same_as", "a.yaml, line 6, claim A2, key sum",
    ]  # fmt: skip
