"""Verdicts: what they are made of, and what they must not depend on."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.claims import disagreements, load, verdicts
from costcheck.claims.evaluation import Interval, Known
from costcheck.claims.judgement import kind_of
from costcheck.claims.kinds_and_colours import Kind, Premise
from costcheck.claims.loading import Text
from costcheck.claims.printed import Figure
from costcheck.claims.verdict import COLUMNS
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys

FOUND = {verdict.claim.id: verdict for verdict in verdicts()}
HOLDS, WRONG = Kind.HOLDS, Kind.WRONG
SOUND, NOT_EXAMINED, WRONG_CATEGORY, UNSUPPORTED = Premise


def test_a_ratio_is_printed_over_recomputed_where_a_figure_is_printed():
    assert FOUND["J37"].ratio == pytest.approx(9.883721, rel=1e-6)  # 17e9 / 1.72e9
    assert FOUND["Z49"].ratio == pytest.approx(1.003891, rel=1e-6)  # 43,000 / 42,833.33
    # a rank, a date, true or false, a reading of words, and what is not recomputed have none
    assert {FOUND[id_].ratio for id_ in ("Z11", "Z24", "Z05", "Z08", "Z09")} == {None}


def premises(of):
    return [(verdict.premise, verdict.because) for verdict in verdicts(of=of)]


HOURS = "  - {{id: {id}, printed: 30.84M hours, unit: GPU-hour, sum: {hours}{more}}}\n"


@pytest.mark.parametrize(
    ("hours", "phase", "premise", "because"),
    [
        pytest.param("prices.gpu_hours", "serving", WRONG_CATEGORY,
            "offered as a figure for running, but computed from a figure for training: "
            "training time of Llama 3.1 405B",
            id="another kind"),
        pytest.param("prices.gpu_hours", "training", SOUND, "", id="its own kind"),
        pytest.param("prices.gpu_hours", None, NOT_EXAMINED, "", id="offered as nothing"),
        pytest.param("30.84M GPU-hour", "serving", UNSUPPORTED,
            "nothing that goes into it says whether it is a figure for running", id="no input tells"),
    ],
)  # fmt: skip
def test_a_premise_is_judged_by_the_kinds_of_what_goes_in_whatever_the_claim_is_called(
    with_claims, hours, phase, premise, because
):
    more = f", offered_as: {{phase: {phase}}}" if phase else ""
    for id_ in ("Z46", "another"):
        assert premises(with_claims(HOURS.format(id=id_, hours=hours, more=more))) == [(premise, because)]


SIZE = """\
  - {{id: {id}, printed: about {size} GB,
     sum: '{parameters} parameter * precisions["{kind}"].bytes_per_parameter'{more}}}
"""
RATIO = "  - {id: R, printed: 3 times, sum: A / B}\n"


def sizes(first=820, kind="bf16", second="bf16"):
    return (
        SIZE.format(id="A", size=first, parameters="410B", kind=kind, more="")
        + SIZE.format(id="B", size=280, parameters="70B", kind=second, more="")
        + RATIO
    )


@pytest.mark.parametrize(
    ("first", "second", "premise", "because"),
    [
        ("bf16", "fp32", WRONG_CATEGORY, "sets a size in bf16 (A) against a size in fp32 (B)"),
        ("fp8", "bf16", WRONG_CATEGORY, "sets a size in bf16 (B) against a size in fp8 (A)"),
        ("bf16", "bf16", NOT_EXAMINED, ""),
    ],
)
def test_a_ratio_of_sizes_in_two_precisions_is_in_the_wrong_category(
    with_claims, first, second, premise, because
):
    assert premises(with_claims(sizes(kind=first, second=second)))[2] == (premise, because)
    offered = SIZE.format(
        id="X", size=2, parameters="1B", kind="bf16", more=", offered_as: {precision: fp32}"
    )
    because = "offered as a size in fp32, but computed from a size in bf16: precisions"
    assert premises(with_claims(offered)) == [(WRONG_CATEGORY, because)]


def test_a_figure_that_another_claim_prints_is_taken_as_printed_not_as_recomputed(with_claims):
    """410e9 * 2 bytes, 70e9 * 2, and 840 GB over 280 GB."""
    checked = verdicts(of=with_claims(sizes(first=840)))
    assert [verdict.recomputed for verdict in checked] == [pytest.approx(820), pytest.approx(140), 3]


def test_a_translation_that_misprints_an_input_reckons_with_its_own(written, head):
    translation = head.replace("article: tiny", "article: petit\ntranslation_of: tiny")
    translation += "  - {id: FA, translates: A, printed: 8200 GB}\n"
    translation += "  - {id: FB, translates: B, printed: 280 GB}\n"
    translation += "  - {id: FR, translates: R, printed: 3 times}\n"
    checked = {verdict.claim.id: verdict for verdict in verdicts(of=written(head + sizes(), translation))}
    assert checked["R"].recomputed == pytest.approx(2.928571, rel=1e-6)
    assert checked["FR"].recomputed == pytest.approx(29.28571, rel=1e-6)  # 8200 / 280


CHECKED = """\
  - {{id: C, printed: {printed}, value: {value}, hedge: {hedge}, reading: in words,
     fact: '{fact}'}}
"""


def checked(with_claims, **parts):
    parts = {"printed": "some words", "hedge": "exact"} | parts
    (verdict,) = verdicts(of=with_claims(CHECKED.format(**parts)))
    return verdict


DAY = 'timeline["Llama 3.1 released"].date_pacific'  # model card: 23 July 2024
MONTH = 'precisions["fp8"].as_of'  # the paper that described fp8, of September 2022
MOMENT = 'timeline["the leaked table reposted"].time_utc'  # 2024-07-22T17:51:39Z
MAGNET = 'facts["magnet_is_program"].value'  # false


@pytest.mark.parametrize(
    ("fact", "value", "arithmetic"),
    [
        (DAY, "2024-07-23", HOLDS), (DAY, "2024-07", HOLDS),
        (DAY, "2024-07-22", WRONG), (DAY, "2024-06", WRONG), (DAY, "2023-07-23", WRONG),
        (MONTH, "2022-09-01", HOLDS), (MONTH, "2022-08-31", WRONG),
        (MOMENT, "2024-07-22", HOLDS), (MOMENT, "2024-07-21", WRONG),
        (MAGNET, "true", WRONG), (MAGNET, "false", HOLDS),
    ],
)  # fmt: skip
def test_a_date_is_compared_at_the_precision_of_its_source(with_claims, fact, value, arithmetic):
    verdict = checked(with_claims, value=value, fact=fact)
    assert (verdict.arithmetic.words, verdict.note) == (arithmetic, "read as: in words")


@pytest.mark.parametrize(("value", "kind"), [("2024-07-22", "a date"), ("22", "a number")])
def test_what_an_article_dates_or_counts_is_not_compared_with_words(with_claims, value, kind):
    message = rf"it prints {kind} \({value}\), but comes out as neither number nor date \(decoded from"
    with pytest.raises(InputError, match=message):
        checked(with_claims, value=value, fact='timeline["the leaked table reposted"].how')


def test_what_is_wrong_with_a_fact_is_reported_at_the_fact(with_claims):
    day = CHECKED.format(printed="22 July", value="2024-07-22", hedge="exact", fact=DAY)
    same = CHECKED.format(printed="22", value="22", hedge="exact", fact="C").replace("id: C", "id: D")
    with pytest.raises(
        InputError, match=r"line \d+, claim D, key fact: claim C prints no number to compute with"
    ):
        verdicts(of=with_claims(day, same))


OVER_25M = 'facts["synthetic_examples"].value'  # model card: over 25M


@pytest.mark.parametrize(
    ("value", "hedge", "arithmetic"),
    [
        ("25e6", "over", HOLDS), ("25e6", "at least", HOLDS), ("15e6", "over", HOLDS),
        ("35e6", "over", WRONG),
        # a sister page of the Japanese one prints 15 million
        *(("15e6", hedge, WRONG) for hedge in ("exact", "about", "nearly")),
    ],
)  # fmt: skip
def test_a_source_that_says_over_a_number_bears_out_over_that_number_and_less_but_no_smaller_number(
    with_claims, value, hedge, arithmetic
):
    assert checked(with_claims, value=value, hedge=hedge, fact=OVER_25M).kind == arithmetic


def hearsay_and_read(written, text):
    """The verdicts of an article with unverified data, and of the same with verified data."""
    for version in (text, text.replace("unverified: hearsay", "read in the source")):
        yield verdicts(of=written(version))[0]


def test_a_right_quantity_that_rests_on_unverified_data_is_marked(written, head, claim):
    hearsay = "  hearsay: {is: 7000 years, verification: 'unverified: hearsay'}"
    right = "{label: v, sum: hearsay}"
    text = head.replace("claims:", f"given:\n{hearsay}\nclaims:") + claim + f"    instead: {right}\n"
    marked, plain = hearsay_and_read(written, text)
    assert (
        plain.note.split("; ")[0] == "v: 7,000 years at the article's prices, 2× as much"
    )  # 7,000 / 3,520.5
    assert "2× as much (unverified data)" in marked.note
    assert not marked.unverified


@pytest.mark.parametrize("part", ["prices", "given"])
def test_an_own_number_marks_the_verdict_where_nobody_could_verify_it(written, head, part):
    """2 USD a GPU-hour for 10 GPU-hours."""
    priced = f"{part}:\n  h800: {{is: $2/GPU-hour, verification: 'unverified: hearsay'}}\nclaims:\n"
    priced += f"  - {{printed: $20, sum: 10 GPU-hour * {'prices.' * (part == 'prices')}h800}}\n"
    both = hearsay_and_read(written, head.replace("claims:\n", priced))
    assert [verdict.row()["arithmetic"] for verdict in both] == ["holds (unverified data)", "holds"]


def test_what_a_formula_refuses_at_the_readers_prices_alone_is_reported_at_the_sum(with_claims):
    """1 / (40,000 - 25,000) is a number, 1 / (25,000 - 25,000) is none."""
    text = "ratio($1/GPU, prices.h100_usd - $25_000/GPU)"
    article = with_claims(f"  - {{id: X, printed: '1', value: 1, sum: '{text}'}}\n")
    assert verdicts(of=article)[0].at_your_prices == pytest.approx(1 / 15_000)
    book = PriceBook.article().override({"h100_usd": 25_000})
    message = r"line \d+, claim X, key sum: reference must be positive and finite, but is 0\.0$"
    with pytest.raises(InputError, match=message):
        verdicts(book, article)


def test_at_your_prices_is_what_the_formula_gives_for_them():
    book = PriceBook.article().override({"h100_usd": 25_000, "usd_cny": 7})
    checked = {verdict.claim.id: verdict for verdict in verdicts(book)}
    by_hand = {
        "Z50": 25_000,  # the price itself
        "Z51": 1.075e9,  # 43,000 * 25,000
        "J37": 1.075e9,  # in the translation too
        "Z52": 7.525e9,  # 43,000 * 25,000 * 7
        "Z53": 1.075e9,  # offered as serving, at the same price
        "Z47": 3520.548,  # no price in it
    }
    assert {id_: checked[id_].at_your_prices for id_ in by_hand} == pytest.approx(by_hand, rel=1e-6)
    assert checked["Z09"].at_your_prices is checked["Z24"].at_your_prices is None  # an image, a date
    assert checked["Z09"].scenario == "h100_usd=25000;usd_cny=7"
    for id_, verdict in FOUND.items():  # at the article's prices the two numbers are one
        number = not isinstance(verdict.recomputed, bool)
        if verdict.yours and not verdict.claim.price and number:
            assert verdict.at_your_prices == verdict.recomputed, id_


WITHIN_BOUNDS = {name: st.floats(key.minimum, key.maximum) for name, key in price_keys().items()}


@settings(max_examples=8, deadline=None)
@given(st.fixed_dictionaries({}, optional=WITHIN_BOUNDS))
def test_no_price_changes_what_is_found_about_the_article(given_prices):
    book = PriceBook.article().override(given_prices)
    checked = {verdict.claim.id: verdict for verdict in verdicts(book)}
    for id_, before in FOUND.items():
        for field in ("arithmetic", "premise", "recomputed", "ratio", "note"):
            assert getattr(checked[id_], field) == getattr(before, field), (id_, field)
    for id_, key in (("Z45", "gpu_hours"), ("Z50", "h100_usd"), ("J36", "h100_usd")):
        assert checked[id_].at_your_prices == book[key]
    assert checked["Z51"].at_your_prices == book["gpus"] * book["h100_usd"]
    assert checked["J38"].at_your_prices == pytest.approx(book["gpus"] * book["h100_usd"] * book["usd_cny"])


def test_the_disagreements_are_those_found_by_reading_both_articles():
    lead = ["Z00", "Z01", "Z02", "Z03", "Z04", "Z05", "Z06", "Z07", "Z33b"]
    images = ["Z13", "Z13b", "Z13c", "Z16", "Z23", "Z38", "Z39", "Z43", "Z48", "Z56", "Z58"]
    differing = {
        ("Z18", "J09", "J09 offers it as nothing particular, here fp32"),
        ("Z19", "J10", "J10 says about, here nearly"),
        ("Z19", "J10", "J10 offers it as fp32, here nothing particular"),  # whose full precision
        ("Z26", "J16", "J16 says at least, here plus"),  # 15T+ and 15T+ or more
        ("Z28", "J18", "J18 says at least, here over"),  # more than 25 million and at least
        ("Z31", "J21", "J21 offers it as words, here nothing particular"),
        ("Z51", "J37", "J37 prints 17 billion USD, 10× this"),
        ("Z52", "J38", "J38 prints 125 billion CNY, 10× this"),
        ("Z53", "J39", "J39 prints 17 billion USD, 10× this"),  # the same sum once more
    }
    absent = {(id_, "", "absent from ja") for id_ in lead + images}
    assert sorted(disagreements()) == sorted(differing | absent | {("", "J43", "not in zh")})


TWO_DAYS = "  - {id: D, printed: 48 hours, sum: 48 GPU-hour / 1 GPU}\n"


def beside(with_claims, key, text, more="", claim=TWO_DAYS):
    way = f"{{label: v, sum: {text}{more}}}"
    (verdict,) = verdicts(of=with_claims(claim.removesuffix("}\n") + f", {key}: [{way}]}}\n"))
    return verdict


@pytest.mark.parametrize(
    ("key", "text", "unit", "note"),
    [
        ("instead", "2 day", "day", "v: 2 days at the article's prices, 1× as much"),
        ("instead", "1 week", "week", "v: 1 week at the article's prices, 3.5× as much"),
        ("instead", "1 day", "day", "v: 1 day at the article's prices, 2× less"),
        ("instead", "2 USD", "USD", "v: 2 USD at the article's prices"),  # no way from USD to hours
        ("variants", "2 day", "day", "v: 2 days (holds)"),
        ("variants", "2.02 day", "day", "v: 2.02 days (holds)"),  # 48.48 hours: within half an hour
        ("variants", "2.04 day", "day", "v: 2.04 days (wrong)"),  # 48.96 hours
        ("variants", "1 day", None, "v: 24 hours (wrong)"),
    ],
)
def test_what_stands_beside_a_claim_in_another_unit_is_compared_in_the_claims_or_not_at_all(
    with_claims, key, text, unit, note
):
    assert beside(with_claims, key, text, f", unit: {unit}" if unit else "").note == note


def test_a_variant_may_have_a_figure_and_a_hedge_of_its_own(with_claims):
    assert beside(with_claims, "variants", "$2", ", value: 2, unit: USD").note == "v: 2 USD (holds)"
    assert beside(with_claims, "variants", "$3", ", value: 2, unit: USD").note == "v: 3 USD (wrong)"
    assert beside(with_claims, "variants", "50 hour", ", hedge: about").note == "v: 50 hours (holds)"
    with pytest.raises(InputError, match=r"line 8, claim D, key variants\.0\.sum: USD does not fit hour"):
        beside(with_claims, "variants", "$2")
    with pytest.raises(
        InputError, match=r"claim D, key variants\.0.*it prints a number \(48\), but comes out as a date"
    ):
        beside(with_claims, "variants", f"'{DAY}'")


def test_the_right_quantity_has_no_ratio_to_nought(with_claims):
    nought = TWO_DAYS.replace("48 GPU-hour / 1 GPU", "1 hour - 1 hour")
    note = beside(with_claims, "instead", "2 day", ", unit: day", nought).note
    assert note == "v: 2 days at the article's prices"


def test_a_row_has_the_columns_of_the_results_in_order_each_a_text_on_one_line():
    assert ",".join(COLUMNS) == (
        "scenario,id,article,about,printed,value,unit,holds_for,recomputed,ratio,arithmetic,premise,"
        "at_your_prices,verdict_at_your_prices,notebook,note"
    )
    for verdict in FOUND.values():
        assert tuple(verdict.row()) == COLUMNS
        for cell in verdict.row().values():
            assert not re.search(r"[\r\n\t]|nan|inf\b|None", cell), cell
    row = FOUND["Z19"].row()
    assert (row["value"], row["recomputed"], row["ratio"]) == ("3", "2.9285714285714284", "1.024390243902439")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wall_clock_hours(0 GPU-hour, 1 GPU)", "key sum: gpu_hours must be positive and finite, but is 0.0"),
        ("1 hour / (1 - 1)", "key sum: a division by zero"),
        ("1e200 hour * 1e200", "key sum: it comes out as inf"),
        ("(2 - 3) ** 0.5 * 1 hour", "key sum: a root of a negative number"),
    ],
)
def test_what_cannot_be_computed_is_an_input_error_with_the_article_claim_and_key(
    written, head, text, message
):
    article = head.replace("claims:\n", "given: {given: '2.0'}\nclaims:\n")
    claim = TWO_DAYS.replace("48 GPU-hour / 1 GPU", f"'{text}'")
    with pytest.raises(InputError, match=rf"article\.yaml, line 9, claim D, {re.escape(message)}"):
        verdicts(of=written(article + claim))


UNITS = {
    "480 kWh": ["480000 Wh", "0.48 MWh", "1728 MJ"], "2 days": ["48 hours", "2880 minutes"],
    "3,000 GB": ["3 TB", "3,000,000 MB"],
}  # fmt: skip


@given(st.sampled_from(sorted(UNITS)), st.floats(0.5, 2), st.data())
@settings(max_examples=40, deadline=None)
def test_a_verdict_does_not_change_with_the_unit_a_sum_or_an_input_is_written_in(figure, factor, data):
    number, _, unit = figure.replace("days", "day").replace(",", "").partition(" ")
    amount, _, other = data.draw(st.sampled_from(UNITS[figure])).replace(",", "").partition(" ")
    other = other.removesuffix("s") if len(other) > 3 else other
    made = []
    for size, name in ((float(number), unit), (float(amount), other)):
        text = f"article: a\ntitle: t\nlanguage: en\nclaims:\n  - {{printed: '{figure}', "
        (verdict,) = verdicts(of=load([Text(f"{text}sum: '{size * factor!r} {name}'}}\n", "a.yaml")]))
        made.append(verdict)
    assert made[0].recomputed == pytest.approx(made[1].recomputed)
    assert made[0].kind == made[1].kind
    assert made[0].ratio == pytest.approx(made[1].ratio)


@given(st.floats(0, 5), st.floats(0, 5), st.floats(90, 110))
@settings(max_examples=40, deadline=None)
def test_a_wider_input_never_narrows_a_verdict(half, more, printed):
    """From wrong over holding within rounding to holding: what is known less exactly contradicts less."""
    wide = []
    for width in (half, half + more):
        result = Known(100.0, "1", Interval(100 - width, 100 + width), {}, False)
        wide.append(kind_of(Figure("x", printed, place=1.0), printed, result))
    assert wide[0] == wide[1] or wide == [Kind.WRONG, Kind.WITHIN_ROUNDING]


def test_what_a_claim_is_at_your_prices_is_marked_where_yours_are_unverified_and_the_articles_are_not():
    quote = PriceBook.article().quote("h100_usd")
    quote = quote._replace(value=25_000.0, source="a friend", verification="unverified")
    book = PriceBook.article().with_quotes([quote], "mine")
    checked = {verdict.claim.id: verdict for verdict in verdicts(book)}
    assert checked["Z51"].at_your_prices_marked == "1.075 billion USD (unverified data)"
    assert checked["Z50"].at_your_prices_marked == "25,000 USD/GPU (unverified data)"
    assert str(checked["Z51"].arithmetic) == "holds"
    assert not checked["Z47"].yours.unverified  # no price of an H100 is in it
    # a price that the reader gives takes nothing over from the quote it replaces
    given = {verdict.claim.id: verdict for verdict in verdicts(book.override({"h100_usd": 30_000}))}
    assert given["Z51"].at_your_prices_marked == "1.29 billion USD"
