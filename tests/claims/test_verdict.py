"""Verdicts: what the program must find about each of the 102 claims, and what it must not depend on.

The expected verdicts were worked out by hand from the articles' inputs and the published sources; the sum
behind each stands beside it.
"""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.claims import articles, disagreements, verdicts
from costcheck.claims.kinds_and_colours import Kind, Premise
from costcheck.claims.verdict import COLUMNS
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys

FOUND = {verdict.claim.id: verdict for verdict in verdicts()}
HOLDS, CLOSE, WRONG, NOT_COMPUTABLE = Kind.HOLDS, Kind.CLOSE, Kind.WRONG, Kind.NOT_COMPUTABLE
SOUND, WRONG_CATEGORY, UNSUPPORTED = Premise

# Opinions, guesses, rumours, and images that nobody has.
NOT_CHECKED = (
    "Z02", "Z09", "Z13", "Z16", "Z21", "Z23", "Z38", "Z39", "Z41", "Z42", "Z43", "Z44", "Z54", "Z56", "Z57",
    "Z58", "J02", "J11", "J43",
)  # fmt: skip
BY_HAND = dict.fromkeys(NOT_CHECKED, (NOT_COMPUTABLE, None, None)) | {
    "Z01": (WRONG, SOUND, "2023-07-18"),  # Llama 2 came out then; what leaked in March was the first LLaMA
    "Z03": (HOLDS, SOUND, "2024-07-23"),  # model card
    "Z04": (HOLDS, SOUND, 405e9),  # Llama 3 paper, section 1
    "Z05": (WRONG, SOUND, False),  # model card: text in, text and code out
    "Z06": (HOLDS, SOUND, "2024-07-22"),  # id of the post: 10:51:39 Pacific
    "Z07": (WRONG, SOUND, False),  # BEP 9: a magnet link is an address, no program
    "Z08": (HOLDS, SOUND, 10 / 13),  # leaked table: 405B ahead of GPT-4o on 10 of 13
    "Z10": (HOLDS, SOUND, 3),  # model card: 8B, 70B, 405B
    "Z11": (WRONG, SOUND, 2),  # 70B is second of 8B, 70B, 405B
    "Z12": (HOLDS, SOUND, 8 / 13),  # leaked table: 70B ahead of GPT-4o on 8 of 13
    "Z13b": (HOLDS, SOUND, 2),
    "Z14": (HOLDS, SOUND, 10 / 13),
    "Z15": (WRONG, UNSUPPORTED, 2 / 5),  # 86.0 > 82.0, 41.7 > 40.2, 68.0 < 70.2, 80.5 < 87.2, 86.9 < 87.0
    "Z17": (HOLDS, SOUND, 820_162_494_464),  # leaked index, to the byte: 2 * 410,081,247,232
    "Z18": (HOLDS, SOUND, 275_906_592_768),  # 4 * 68,976,648,192
    "Z19": (HOLDS, WRONG_CATEGORY, 2.928571),  # 820 / 280, bf16 over fp32
    "Z20": (HOLDS, SOUND, 11),  # 811.7 / 80 = 10.1
    "Z22": (HOLDS, SOUND, 11.428571),  # 3 / ((3 * 0.15 + 0.60) / 4)
    "Z24": (CLOSE, SOUND, "2024-04-18"),  # model card of Llama 3
    "Z25": (HOLDS, SOUND, True),  # paper, Table 1
    "Z26": (HOLDS, SOUND, 15.6e12),  # paper, section 1
    "Z27": (WRONG, SOUND, False),  # Llama 3's card has public instruction data too
    "Z28": (HOLDS, SOUND, 25e6),  # model card: over 25M
    "Z29": (HOLDS, SOUND, 8),  # model card
    "Z30": (HOLDS, SOUND, 16),  # 131,072 / 8,192
    "Z31": (HOLDS, WRONG_CATEGORY, 96_000),  # 128,000 * 0.75, in words
    "Z32": ("off by 1.6×", SOUND, 0.619829),  # 96,000 / (1,084,170 / 7)
    "Z33": (WRONG, SOUND, 0.914286),  # 6.4 / 7.0: Llama 3.1 took more
    "Z34": (HOLDS, SOUND, 2),  # +0.403 and +0.249, the two largest gains of 70B
    "Z35": (HOLDS, UNSUPPORTED, 11 / 13),  # Azure, before the leak
    "Z36": (HOLDS, SOUND, 12 / 13),  # Azure, before the leak
    "Z37": (WRONG, SOUND, False),  # 85.4 against 61.0 +- 7.5
    "Z40": (HOLDS, SOUND, 8 / 13),
    "Z45": (HOLDS, SOUND, 30.84e6),  # model card
    "Z46": (HOLDS, WRONG_CATEGORY, 30.84e6),  # 30.84e6 / 1, of training
    "Z47": (HOLDS, SOUND, 3520.548),  # 30.84e6 / (365 * 24)
    "Z48": (HOLDS, SOUND, 39.3e6),  # 1.46 + 7.0 + 30.84
    "Z49": (HOLDS, SOUND, 42_833.33),  # 30.84e6 / (30 * 24)
    "Z50": (HOLDS, SOUND, 36_017.75),  # 288,142 / 8, listed on 2024-07-31; 4万 stands for 35,000 to 45,000
    "Z51": (HOLDS, SOUND, 1.72e9),  # 43,000 * 40,000
    "Z52": (HOLDS, SOUND, 12.509967e9),  # 1.72e9 * 7.2732366
    "Z53": (HOLDS, WRONG_CATEGORY, 1.72e9),  # a cluster to train with, offered as one to run
    "Z55": (HOLDS, UNSUPPORTED, 2),  # Claude 3.5 Sonnet (3 * 3 + 15) / 4 = 6, over 3
    "J10": (HOLDS, WRONG_CATEGORY, 2.928571),  # 820 / 280, and 820 is not full precision
    "J21": (HOLDS, SOUND, 96_000),  # words, as it says
    "J37": ("off by 9.9×", SOUND, 1.72e9),  # 17e9 / 1.72e9 = 9.88
    "J38": ("off by 10×", SOUND, 12.509967e9),  # 125e9 / 12.51e9 = 9.99
    "J39": ("off by 9.9×", WRONG_CATEGORY, 1.72e9),
}
TRANSLATED = {  # as the claim translated, with the same figures
    **{"J01": "Z08", "J03": "Z10", "J04": "Z11", "J05": "Z12", "J06": "Z14", "J07": "Z15", "J08": "Z17"},
    **{"J09": "Z18", "J12": "Z21", "J13": "Z22", "J14": "Z24", "J15": "Z25", "J16": "Z26", "J17": "Z27"},
    **{"J18": "Z28", "J19": "Z29", "J20": "Z30", "J22": "Z32", "J23": "Z33", "J24": "Z34", "J25": "Z35"},
    **{"J26": "Z36", "J27": "Z37", "J28": "Z40", "J29": "Z41", "J30": "Z42", "J31": "Z44", "J32": "Z45"},
    **{"J33": "Z46", "J34": "Z47", "J35": "Z49", "J36": "Z50", "J40": "Z54", "J41": "Z55", "J42": "Z57"},
}
EXPECTED = BY_HAND | {id_: BY_HAND[original] for id_, original in TRANSLATED.items()}
# Of the 78 leaked cells the Llama 3.1 columns were recalled, not read; these claims are computed from them.
ON_UNVERIFIED_DATA = {"Z08", "Z12", "Z14", "Z34", "Z40", "J01", "J05", "J06", "J24", "J28"}


def test_every_claim_has_one_verdict_in_the_articles_order():
    assert list(FOUND) == [claim.id for article in articles() for claim in article.claims]
    assert len(FOUND) == len(EXPECTED) == len(verdicts()) == 102


@pytest.mark.parametrize("id_", FOUND)
def test_a_claim_gets_the_verdict_worked_out_by_hand(id_):
    verdict = FOUND[id_]
    arithmetic, premise, recomputed = EXPECTED[id_]
    assert (verdict.arithmetic.words, verdict.premise) == (arithmetic, premise)
    is_exact = recomputed is None or isinstance(recomputed, bool | str)
    assert verdict.recomputed == (recomputed if is_exact else pytest.approx(recomputed, rel=1e-6))
    assert isinstance(verdict.recomputed, bool) is isinstance(recomputed, bool)
    # one factor explains what is wrong in three claims, the translation's slips
    assert verdict.cause[:20] == ("ten times too large:" if id_ in {"J37", "J38", "J39"} else "")


@pytest.mark.parametrize(
    ("id_", "label", "recomputed", "arithmetic"),
    [
        pytest.param("Z04", "released architecture", 405_853_388_800, CLOSE, id="8 key-value heads"),
        pytest.param("Z04", "leaked architecture", 410_081_247_232, "off by 1.01×", id="16 key-value heads"),
        pytest.param("Z12", "as Azure re-ran it", 2 / 13, WRONG, id="2 of 13 against the re-run"),
        pytest.param("Z14", "as Azure re-ran it", 4 / 13, WRONG, id="4 of 13: 9 lost to the re-run"),
        pytest.param("Z17", "as released", 811_706_777_600, HOLDS, id="811.7 GB"),
        pytest.param("Z22", "Databricks", 57.1429, HOLDS, id="15 / 0.2625"),
        pytest.param("Z31", "131,072", 98_304, "off by 1.02×", id="131,072 * 0.75"),
        pytest.param("Z31", "Metamorphosis", 107_274.6, "off by 1.12×", id="128,000 * 0.838"),
        pytest.param("Z32", "Azkaban", 0.8951, HOLDS, id="96,000 / 107,253"),
        pytest.param("Z34", "Instruct", 0, WRONG, id="the jump vanishes"),
        pytest.param("Z40", "8B against", 3 / 13, WRONG, id="3 of 13"),
        pytest.param("Z47", "365.25", 3518.138, HOLDS, id="30.84e6 / 8,766"),
        pytest.param("Z49", "31 days", 41_451.61, "off by 1.04×", id="30.84e6 / 744"),
        pytest.param("Z50", "DGX", 41_217, HOLDS, id="an eighth of 329,736"),
        pytest.param("Z51", "unrounded", 1.713333e9, HOLDS, id="42,833.33 * 40,000"),
        pytest.param("Z52", "rounded", 12.3645e9, "off by 1.01×", id="1.7e9 * 7.2732366 = 124亿"),
        pytest.param("Z55", "Azure", 0.75023, WRONG, id="6 / 7.9975"),
        pytest.param("Z55", "DeepInfra", 2.2222, HOLDS, id="6 / 2.7"),
    ],
)
def test_a_claim_reckoned_in_another_way_comes_out_as_worked_by_hand(id_, label, recomputed, arithmetic):
    (check,) = (check for check in FOUND[id_].variants if label in check.label)
    assert (check.arithmetic.words, check.recomputed) == (arithmetic, pytest.approx(recomputed, rel=1e-4))


@pytest.mark.parametrize(
    ("id_", "message"),
    [
        pytest.param("Z11", "contradicts Z13b", id="smallest against middle"),
        pytest.param("Z19", "sets a size in bf16 (Z17) against a size in fp32 (Z18)", id="bf16 over fp32"),
        pytest.param("Z19", "5.9452 times at the article's prices, 2× as much", id="820.2 / 138.0"),
        pytest.param("Z31", "a count of words (from words_per_token) offered as a count of characters"),
        pytest.param("Z31", "181,760 characters at the article's prices, 1.9× as much", id="128,000 * 1.42"),
        pytest.param("Z53", "a training figure (from gpus) offered as a serving figure"),
        pytest.param("Z53", "640,000 USD at the article's prices, 2,688× less", id="1.72e9 / 640,000"),
        pytest.param("J04", "read as: 70B stands first among the three sizes"),
        pytest.param("Z09", "an opinion, in an image whose content is not available"),
        pytest.param("Z34", "8B: 1 benchmark (wrong) (unverified data)", id="8B's leaked scores"),
        pytest.param("Z51", "J37 prints 17 billion USD, 10× this", id="a disagreement stands at both"),
        pytest.param("Z01", "absent from ja"),
        pytest.param("J43", "not in zh"),
    ],
)  # fmt: skip
def test_a_note_says_what_was_found_beside_the_verdict(id_, message):
    assert message in FOUND[id_].note


def test_a_ratio_is_printed_over_recomputed_where_a_figure_is_printed():
    assert FOUND["J37"].ratio == pytest.approx(9.883721, rel=1e-6)  # 17e9 / 1.72e9
    assert FOUND["Z49"].ratio == pytest.approx(1.003891, rel=1e-6)  # 43,000 / 42,833.33
    # a rank, a date, true or false, a reading of words, and what is not recomputed have none
    assert {FOUND[id_].ratio for id_ in ("Z11", "Z24", "Z05", "Z08", "Z09")} == {None}


def premises(of):
    return [(verdict.premise, verdict.because) for verdict in verdicts(of=of)]


HOURS = """\
  - {{id: {id}, printed: 30.84M hours, about: hours on one GPU, value: 30.84e6, unit: hour,
     formula: wall_clock_hours, inputs: {{gpu_hours: {hours}, gpus: 1}}{more}}}
"""


@pytest.mark.parametrize(
    ("hours", "phase", "premise", "because"),
    [
        pytest.param("prices.gpu_hours", "serving", WRONG_CATEGORY,
            "a training figure (from gpu_hours) offered as a serving figure", id="another kind"),
        pytest.param("prices.gpu_hours", "training", SOUND, "", id="its own kind"),
        pytest.param("prices.gpu_hours", None, SOUND, "", id="offered as nothing"),
        pytest.param("30.84e6", "serving", UNSUPPORTED,
            "nothing that goes into it says whether it is a serving figure", id="no input tells"),
    ],
)  # fmt: skip
def test_a_premise_is_judged_by_the_kinds_of_what_goes_in_whatever_the_claim_is_called(
    with_claims, hours, phase, premise, because
):
    more = f", offered_as: {{phase: {phase}}}" if phase else ""
    for id_ in ("Z46", "nothing-like-it"):
        assert premises(with_claims(HOURS.format(id=id_, hours=hours, more=more))) == [(premise, because)]


def test_a_kind_of_quantity_read_from_a_table_is_named_with_the_table(with_claims):
    size = SIZE.format(id="X", size=2, parameters="1e9", kind="bf16", more=", offered_as: {precision: fp32}")
    assert premises(with_claims(size)) == [
        (WRONG_CATEGORY, "a size in bf16 (from precisions) offered as a size in fp32")
    ]


SIZE = """\
  - {{id: {id}, printed: {size} GB, about: a size, value: {size}e9, unit: byte, hedge: about,
     formula: weight_bytes, inputs: {{parameters: {parameters},
       bytes_per_parameter: "precisions[precision={kind}].bytes_per_parameter"}}{more}}}
"""
RATIO = """\
  - {id: R, printed: 3 times, about: one over the other, value: 3, unit: times,
     formula: ratio, inputs: {quantity: claims.A, reference: claims.B}}
"""


def sizes(first=820, kind="bf16", second="bf16"):
    return (
        SIZE.format(id="A", size=first, parameters="410e9", kind=kind, more="")
        + SIZE.format(id="B", size=280, parameters="70e9", kind=second, more="")
        + RATIO
    )


@pytest.mark.parametrize(
    ("first", "second", "premise", "because"),
    [
        ("bf16", "fp32", WRONG_CATEGORY, "sets a size in bf16 (A) against a size in fp32 (B)"),
        ("fp8", "bf16", WRONG_CATEGORY, "sets a size in bf16 (B) against a size in fp8 (A)"),
        ("bf16", "bf16", SOUND, ""),
    ],
)
def test_a_ratio_of_sizes_is_sound_only_in_one_precision(with_claims, first, second, premise, because):
    assert premises(with_claims(sizes(kind=first, second=second)))[2] == (premise, because)


def test_a_figure_that_another_claim_prints_is_taken_as_printed_not_as_recomputed(with_claims):
    checked = verdicts(of=with_claims(sizes(first=840)))
    assert [verdict.recomputed for verdict in checked] == [820e9, 140e9, 3]


def test_a_translation_that_misprints_an_input_reckons_with_its_own(written, head):
    translation = head.replace("article: tiny", "article: petit\ntranslation_of: tiny")
    translation += "  - {id: FA, translates: A, printed: 8200 GB, value: 8200e9}\n"
    translation += "  - {id: FB, translates: B, printed: 280 GB}\n"
    translation += "  - {id: FR, translates: R, printed: 3 fois}\n"
    checked = {verdict.claim.id: verdict for verdict in verdicts(of=written(head + sizes(), translation))}
    assert checked["R"].recomputed == pytest.approx(2.928571, rel=1e-6)
    assert checked["FR"].recomputed == pytest.approx(29.28571, rel=1e-6)  # 8200 / 280


CHECKED = """\
  - {{id: C, printed: {printed}, about: something, value: {value}, hedge: {hedge}, reading: in words,
     fact: "{fact}"}}
"""


def checked(with_claims, **parts):
    parts = {"printed": "some words", "hedge": "exact"} | parts
    (verdict,) = verdicts(of=with_claims(CHECKED.format(**parts)))
    return verdict.arithmetic.words


DAY = "timeline[event=Llama 3.1 released].date_pacific"  # model card: 23 July 2024
MONTH = "precisions[precision=fp8].as_of"  # the paper that described fp8, of September 2022
MOMENT = "timeline[event=the leaked table reposted].time_utc"  # 2024-07-22T17:51:39Z
MAGNET = "facts[fact=magnet_is_program].value"  # false


@pytest.mark.parametrize(
    ("fact", "value", "arithmetic"),
    [
        (DAY, "2024-07-23", HOLDS), (DAY, "2024-07", HOLDS), (DAY, "2024-07-22", CLOSE),
        (DAY, "2024-07-24", CLOSE), (DAY, "2024-07-21", WRONG), (DAY, "2024-07-25", WRONG),
        (DAY, "2024-06", WRONG), (DAY, "2023-07-23", WRONG), (MONTH, "2022-09-01", HOLDS),
        (MONTH, "2022-09", HOLDS), (MONTH, "2022-08-31", WRONG), (MOMENT, "2024-07-22", HOLDS),
        (MOMENT, "2024-07-21", CLOSE), (MAGNET, "true", WRONG), (MAGNET, "false", HOLDS),
    ],
)  # fmt: skip
def test_a_date_is_compared_at_the_precision_of_its_source_and_close_a_day_off(
    with_claims, fact, value, arithmetic
):
    assert checked(with_claims, value=value, fact=fact) == arithmetic


@pytest.mark.parametrize(("value", "kind"), [("2024-07-22", "a date"), ("22", "a number")])
def test_what_an_article_dates_or_counts_is_not_compared_with_words(with_claims, value, kind):
    message = rf"it prints {kind} \({value}\), but is held against neither number nor date \(decoded from"
    with pytest.raises(InputError, match=message):
        checked(with_claims, value=value, fact="timeline[event=the leaked table reposted].how")


def test_what_is_wrong_with_a_fact_is_reported_at_the_fact(with_claims):
    day = CHECKED.format(printed="22 July", value="2024-07-22", hedge="exact", fact=DAY)
    same = CHECKED.format(printed="22", value="22", hedge="exact", fact="claims.C").replace("id: C", "id: D")
    with pytest.raises(InputError, match=r"line \d+, claim D, key fact: claim C prints no number to reckon"):
        verdicts(of=with_claims(day, same))


OVER_25M = "facts[fact=synthetic_examples].value"  # model card: over 25M


@pytest.mark.parametrize(
    ("value", "hedge", "arithmetic"),
    [
        ("25e6", "over", HOLDS), ("25e6", "at least", HOLDS), ("15e6", "over", HOLDS),
        ("35e6", "over", WRONG),
        # a sister page of the Japanese one prints 15 million
        *(("15e6", hedge, "off by 1.7×") for hedge in ("exact", "about", "nearly")),
    ],
)  # fmt: skip
def test_a_source_that_says_over_a_number_bears_out_over_that_number_and_less_but_no_smaller_number(
    with_claims, value, hedge, arithmetic
):
    printed = "15 million" if arithmetic.startswith("off") else "some words"
    assert checked(with_claims, value=value, hedge=hedge, fact=OVER_25M, printed=printed) == arithmetic


def test_the_verdicts_on_the_leaked_table_are_marked_and_come_with_one_from_verified_data_alone():
    for id_, verdict in FOUND.items():
        words = verdict.arithmetic.words
        if id_ in ON_UNVERIFIED_DATA:
            assert verdict.row()["arithmetic"] == f"{words} (unverified data)", id_
            assert not verdict.verified_alone.arithmetic.unverified
            assert f"from verified data alone: {verdict.verified_alone.arithmetic.words} (" in verdict.note
        else:
            assert verdict.row()["arithmetic"] == words, id_
            assert (verdict.unverified, verdict.verified_alone) == (False, None)
            assert "from verified data alone" not in verdict.note, id_
    # Azure's Instruct scores of August 2024 give 70B the same 8 wins over GPT-4o, and 405B the same 10
    assert FOUND["Z12"].verified_alone.recomputed == pytest.approx(8 / 13)
    assert FOUND["Z14"].verified_alone.recomputed == pytest.approx(10 / 13)


def hearsay_and_read(written, text):
    """The verdicts of an article with unverified data, and of the same with verified data."""
    for version in (text, text.replace("unverified: hearsay", "read in the source")):
        yield verdicts(of=written(version))[0]


def test_a_right_quantity_that_rests_on_unverified_data_is_marked(written, head, claim):
    grid = "  grid: {value: 7000, unit: year, source: a friend, verification: 'unverified: hearsay'}"
    right = "{label: v, formula: total, inputs: {values: [inputs.grid]}}"
    text = head.replace("claims:", f"inputs:\n{grid}\nclaims:") + claim + f"    instead: {right}\n"
    marked, plain = hearsay_and_read(written, text)
    assert plain.note == "v: 7,000 years at the article's prices, 2× as much"  # 7,000 / 3,520.5
    assert marked.note == f"{plain.note} (unverified data)"
    assert not marked.unverified


PRICED = """\
prices:
  h800_usd: {value: 2, unit: USD/GPU-hour, source: a friend, verification: 'unverified: hearsay'}
claims:
  - {id: T1, printed: 20 USD, about: rent, value: 20, unit: USD, formula: rental,
     inputs: {gpu_hours: 10, usd_per_gpu_hour: prices.h800_usd}}
"""


def test_a_price_of_the_articles_own_marks_the_verdict_where_nobody_could_verify_it(written, head):
    """2 USD a GPU-hour for 10 GPU-hours."""
    both = hearsay_and_read(written, head.replace("claims:\n", PRICED))
    assert [verdict.row()["arithmetic"] for verdict in both] == ["holds (unverified data)", "holds"]


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
        if verdict.claim.formula and not verdict.claim.price and number:
            assert verdict.at_your_prices == verdict.recomputed, id_


def test_what_a_formula_refuses_at_the_readers_prices_alone_is_reported_at_the_formula(with_claims):
    """1 / (40,000 - 25,000) is a number, 1 / (25,000 - 25,000) is none."""
    apart = "{formula: difference, inputs: {quantity: prices.h100_usd, reference: 25000}}"
    call = f"formula: ratio, inputs: {{quantity: 1, reference: {apart}}}"
    article = with_claims(f"  - {{id: X, printed: '1', about: x, value: 1, {call}}}\n")
    assert verdicts(of=article)[0].at_your_prices == pytest.approx(1 / 15_000)
    book = PriceBook.article().override({"h100_usd": 25_000})
    message = r"line \d+, claim X, key formula: reference must be positive and finite, but is 0\.0$"
    with pytest.raises(InputError, match=message):
        verdicts(book, article)


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
    lead = ["Z01", "Z02", "Z03", "Z04", "Z05", "Z06", "Z07"]
    images = ["Z13", "Z13b", "Z16", "Z23", "Z38", "Z39", "Z43", "Z48", "Z56", "Z58"]
    differing = {
        ("Z19", "J10", "J10 says about, here nearly"),
        ("Z19", "J10", "J10 offers it as fp32, here nothing particular"),  # whose full precision
        ("Z26", "J16", "J16 says at least, here plus"),  # 15T+ and 15T+ or more
        ("Z28", "J18", "J18 says at least, here over"),  # more than 25 million and at least
        ("Z31", "J21", "J21 offers it as words, here characters"),
        ("Z51", "J37", "J37 prints 17 billion USD, 10× this"),
        ("Z52", "J38", "J38 prints 125 billion CNY, 10× this"),
        ("Z53", "J39", "J39 prints 17 billion USD, 10× this"),  # the same sum once more
    }
    absent = {(id_, "", "absent from ja") for id_ in lead + images}
    assert sorted(disagreements()) == sorted(differing | absent | {("", "J43", "not in zh")})


TWO_DAYS = """\
  - {id: D, printed: 48 hours, value: 48, unit: hour, about: how long it takes, formula: wall_clock_hours,
     inputs: {gpu_hours: 48, gpus: 1}}
"""
SCALED = "{{label: v, formula: scaled, inputs: {{quantity: {quantity}, factor: 1}}, unit: {unit}{more}}}"


def beside(with_claims, key, quantity, unit, claim=TWO_DAYS, more=""):
    scaled = SCALED.format(quantity=quantity, unit=unit, more=more)
    (verdict,) = verdicts(of=with_claims(claim.removesuffix("}\n") + f",\n     {key}: [{scaled}]}}\n"))
    return verdict


@pytest.mark.parametrize(
    ("key", "quantity", "unit", "note"),
    [
        ("instead", 2, "day", "v: 2 days at the article's prices, the same"),
        ("instead", 1, "week", "v: 1 week at the article's prices, 3.5× as much"),
        ("instead", 1, "day", "v: 1 day at the article's prices, 2× less"),
        ("instead", 2, "USD", "v: 2 USD at the article's prices"),  # no way from USD to hours
        ("variants", 2, "day", "v: 2 days (holds)"),
        ("variants", 2.02, "day", "v: 2.02 days (holds)"),  # 48.48 hours: within half an hour
        ("variants", 2.04, "day", "v: 2.04 days (close)"),  # 48.96 hours: within an hour
        ("variants", 1, "day", "v: 1 day (off by 2×)"),
    ],
)  # fmt: skip
def test_what_stands_beside_a_claim_in_another_unit_is_compared_in_the_claims_or_not_at_all(
    with_claims, key, quantity, unit, note
):
    assert beside(with_claims, key, quantity, unit).note == note


def test_a_variant_whose_unit_the_figure_cannot_be_in_needs_a_value(with_claims):
    assert beside(with_claims, "variants", 2, "USD", more=", value: 2").note == "v: 2 USD (holds)"
    message = r"line \d+, claim D, key variants\.0: variant 'v' is in USD, and the claim's figure in hour: "
    message += r"give the variant a value in USD \(USD does not fit hour: they measure different things\)$"
    with pytest.raises(InputError, match=message):
        beside(with_claims, "variants", 2, "USD")


def test_the_right_quantity_beside_no_figure_or_nought_is_given_without_a_ratio(with_claims):
    none = TWO_DAYS.partition("formula")[0] + "not_computable: nobody knows}\n"
    right = "v: 2 days at the article's prices"
    assert beside(with_claims, "instead", 2, "day", none).note == f"nobody knows; {right}"
    nought = TWO_DAYS.replace("wall_clock_hours", "difference")
    nought = nought.replace("{gpu_hours: 48, gpus: 1}", "{quantity: 1, reference: 1}")
    assert beside(with_claims, "instead", 2, "day", nought).note == right


def test_a_row_has_the_columns_of_the_results_in_order_each_a_text_on_one_line():
    assert ",".join(COLUMNS) == (
        "scenario,id,article,printed,value,unit,recomputed,ratio,arithmetic,premise,at_your_prices,notebook,note"
    )
    for verdict in FOUND.values():
        assert tuple(verdict.row()) == COLUMNS
        for cell in verdict.row().values():
            assert not re.search(r"[\r\n\t]|nan|inf\b|None", cell), cell
    row = FOUND["Z19"].row()
    assert (row["value"], row["recomputed"], row["ratio"]) == ("3", "2.9285714285714284", "1.024390243902439")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gpu_hours: 48", "gpu_hours: 0", "key formula: gpu_hours must be positive and finite, but is 0.0"),
        ("formula: ", "instead: [{label: v, formula: total, inputs: {values: [1]}},\n"
         "       {label: w, formula: wall_clock_hours, inputs: {gpu_hours: 0, gpus: 1}}], formula: ",
         "key instead.1: gpu_hours must be positive and finite, but is 0.0"),
        ("wall_clock_hours,\n     inputs: {gpu_hours: 48, gpus: 1}",
         "product, inputs: {quantity: 1e200, other: 1e200}", "key formula: product comes out as inf"),
        ("unit: hour, about: how long it takes, formula: wall_clock_hours,\n"
         "     inputs: {gpu_hours: 48, gpus: 1}",
         "unit: share of rows, about: x, formula: share_won, inputs: {\n"
         "       ours: 'leaked_scores[model=gpt-4o].score[*] by benchmark',\n"
         "       theirs: 'azure_scores[snapshot=before the leak].score[*] by benchmark'}",
         "key formula: share_won: its columns are not about the same rows"),
    ],
)  # fmt: skip
def test_what_a_formula_refuses_is_an_input_error_with_the_article_claim_and_key(
    with_claims, old, new, message
):
    assert old in TWO_DAYS
    with pytest.raises(InputError, match=rf"article\.yaml, line \d+, claim D, {re.escape(message)}$"):
        verdicts(of=with_claims(TWO_DAYS.replace(old, new)))


def test_what_a_claim_is_at_your_prices_is_marked_where_yours_are_unverified_and_the_articles_are_not():
    quote = PriceBook.article().quote("h100_usd")
    quote = replace(quote, value=25_000.0, source="a friend", verification="unverified")
    book = PriceBook.article().with_quotes([quote], "mine")
    checked = {verdict.claim.id: verdict for verdict in verdicts(book)}
    assert checked["Z51"].at_your_prices_marked == "1.075 billion USD (unverified data)"
    assert checked["Z50"].at_your_prices_marked == "25,000 USD/GPU (unverified data)"
    assert str(checked["Z51"].arithmetic) == "holds"
    assert not checked["Z47"].yours_unverified  # no price of an H100 is in it
    assert not any(verdict.yours_unverified for verdict in verdicts())
    # a price that the reader gives takes nothing over from the quote it replaces
    given = {verdict.claim.id: verdict for verdict in verdicts(book.override({"h100_usd": 30_000}))}
    assert given["Z51"].at_your_prices_marked == "1.29 billion USD"
