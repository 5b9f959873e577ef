"""Laws of the verdicts: what holds for every figure, every hedge and every order."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.claims import articles, load, verdicts
from costcheck.claims.article import Article, Claim, Instead, Stated
from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.loading import Text
from costcheck.claims.printed import Hedge, close, holds
from costcheck.errors import InputError
from costcheck.text.numbers import MAGNITUDES, Printed, figures, find

EXACT, ABOUT, NEARLY, OVER, AT_LEAST, PLUS, UNDER = Hedge


def verdict_on(printed, value, recomputed, hedge=EXACT, unit=None):
    """The verdict on one claim that prints a value and comes out as another."""
    total = {"formula": "total", "inputs": {"values": [recomputed]}}
    claim = Claim(id="T1", printed=printed, about="a figure", value=value, unit=unit, hedge=hedge, **total)
    return verdicts(of=[tiny(claim)])[0]


def tiny(*claims, name="tiny", language="en", **more):
    about = {"title": "", "publisher": "", "date": "2024-07-23", "address": ""}
    return Article(article=name, language=language, **about, claims=list(claims), **more)


@st.composite
def rounded(draw):
    """A number, and the same rounded to some digits, as a decimal."""
    number = draw(st.floats(1e-6, 1e17))
    exact, digits = Decimal(number), draw(st.integers(1, 15))
    return number, exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_EVEN)


def written(figure, style):
    """The figure as an article may print it."""
    if style == "exponent":
        return f"{figure:e}"
    if style == "raised":
        digits, _, power = f"{figure:e}".partition("e")
        return f"{digits}×10^{int(power)}"
    if style in MAGNITUDES:
        return f"{figure / Decimal(MAGNITUDES[style]):f} {style}"
    return f"{figure:,f}" if style == "grouped" else f"{figure:f}"


STYLES = ["plain", "grouped", "exponent", "raised", "thousand", "million", "billion", "trillion", "万", "亿"]


@settings(max_examples=200, deadline=None)
@given(rounded(), st.sampled_from(STYLES), st.sampled_from([EXACT, ABOUT, AT_LEAST]), st.integers(-3, 3))
def test_a_number_rounded_right_holds_however_it_is_written_and_never_when_off_by_ten(
    pair, style, hedge, power
):
    number, figure = pair
    printed = figure.scaleb(power)
    verdict = verdict_on(f"it comes to {written(printed, style)}.", float(printed), number, hedge, "GPU")
    assert verdict.claim.is_printed
    if not power:
        assert verdict.arithmetic.words == Kind.HOLDS
    elif hedge is not AT_LEAST:
        assert verdict.arithmetic.words.startswith("off by ")
        assert verdict.ratio == pytest.approx(float(printed) / number)
        so_much = {1: "ten", 2: "a hundred", 3: "a thousand"}[abs(power)]
        if abs(figure / Decimal(number) - 1) < Decimal("0.04"):  # where the digits tell, the cause is named
            assert verdict.cause.startswith(f"{so_much} times too {'large' if power > 0 else 'small'}: ")


def test_what_is_right_or_less_than_half_is_not_close_nor_is_the_noise_of_a_division_below_a_figure():
    (thousand,) = figures("1000")
    assert [close(EXACT, thousand, at) for at in (499, 1000, 1999, 2000)] == [False, False, True, True]
    assert 0.3 / 0.1 < 3
    assert not holds(NEARLY, Printed(3, 1), 0.3 / 0.1)
    assert not holds(UNDER, Printed(3, 1), 0.3 / 0.1)
    assert holds(PLUS, Printed(3, 1), 0.3 / 0.1)
    assert holds(EXACT, Printed(3, 0), 0.3 / 0.1)


@pytest.mark.parametrize("text", ["820,162,494,464", "820162494464 GB", "820162494464%"])
def test_a_value_one_off_in_the_last_digit_is_not_the_one_printed(text):
    unit = "GB" if "GB" in text else None
    value = float(figures(text)[0].value) / (1e9 if unit else 1)
    assert find(text, value, unit) is not None
    assert find(text, value + 1, unit) is None
    assert find(text, value / 100) == (Printed(value / 100, 0.01) if "%" in text else None)


TWELVE = "820,162,494,464"


@pytest.mark.parametrize(
    ("text", "hedge", "recomputed", "kept"),
    [
        # twelve digits are judged to the last
        (TWELVE, EXACT, 820_162_494_464.4, True), (TWELVE, EXACT, 820_162_494_465, False),
        (TWELVE, ABOUT, 820_162_494_465, True), (TWELVE, ABOUT, 820_162_494_466, False),
        (TWELVE, OVER, 820_162_494_465, True), (TWELVE, PLUS, 820_162_494_463, False),
        # a unit of a plain 1000 is 1000, and nothing would not be about it: half and twice are its limits
        ("1000", ABOUT, 499, False), ("1000", ABOUT, 500, True), ("1000", ABOUT, 2000, True),
        ("1000", ABOUT, 2001, False), ("1000", EXACT, 500, True), ("1000", EXACT, 499, False),
    ],
)  # fmt: skip
def test_the_leeway_is_that_of_the_last_digit_and_of_a_power_of_ten_what_doubling_gives(
    text, hedge, recomputed, kept
):
    assert holds(hedge, figures(text)[0], recomputed) is kept


@pytest.mark.parametrize(
    ("printed", "value", "recomputed", "words", "cause"),
    [
        ("0", 0.0, 5.0, "wrong", ""),
        ("9 GB", 9.0, 9.66, "close", ""),  # 9 GiB, were there anything to explain
        ("nine", 9.0, 90.0, "wrong", ""),  # no digits of the article's
        ("9 GB", 9.0, 90.0, "off by 10×", "ten times too small"),
    ],
)
def test_only_what_is_printed_and_off_by_more_than_a_unit_has_a_cause(
    printed, value, recomputed, words, cause
):
    verdict = verdict_on(printed, value, recomputed, unit="GB")
    assert (verdict.arithmetic.words, verdict.cause[:19]) == (words, cause)


@pytest.mark.parametrize(
    ("value", "unit", "recomputed", "cause"),
    [
        pytest.param(7273, "USD", 1000, "fits in CNY instead of USD (7.27324)", id="1,000 * 7.2732366"),
        pytest.param(137.5, "CNY", 1000, "fits in USD instead of CNY (7.27324)", id="1,000 / 7.2732366"),
        pytest.param(2, "USD", 80_000, "", id="40,000 is what a GPU costs, and no rate of exchange"),
    ],
)
def test_one_currency_taken_for_another_is_a_cause_and_the_price_of_a_thing_is_none(
    value, unit, recomputed, cause
):
    verdict = verdict_on(f"{value} {unit}", float(value), float(recomputed), unit=unit)
    assert verdict.arithmetic.words.startswith("off by ")
    assert verdict.cause == cause


@pytest.mark.parametrize(
    ("formula", "inputs", "offered_as", "premise"),
    [
        ("ratio", {"quantity": "inputs.paper", "reference": "inputs.film"}, {},
         ("wrong category", "sets a medium film (film) against a medium paper (paper)")),
        ("total", {"values": ["inputs.paper"]}, {"medium": "film"},
         ("wrong category", "a medium paper (from paper) offered as a medium film")),
        ("total", {"values": [1]}, {"medium": "film"},
         ("unsupported", "nothing that goes into it says whether it is a medium film")),
    ],
)  # fmt: skip
def test_a_kind_of_quantity_without_words_of_its_own_is_named_by_its_dimension(
    formula, inputs, offered_as, premise
):
    stated = {
        name: Stated(value=1, unit="1", source="me", trait=f"medium={name}") for name in ("paper", "film")
    }
    call = {"formula": formula, "inputs": inputs, "offered_as": offered_as}
    claim = Claim(id="T1", printed="1", about="x", value=1.0, **call)
    (verdict,) = verdicts(of=[tiny(claim, inputs=stated)])
    assert (verdict.premise, verdict.because) == premise


def test_the_order_of_articles_changes_no_verdict():
    rows = [verdict.row() for verdict in verdicts()]
    turned = [verdict.row() for verdict in verdicts(of=articles()[::-1])]
    assert sorted(turned, key=rows.index) == rows


@pytest.mark.parametrize(
    ("here", "there", "at_first", "at_second"),
    [
        ({"value": "2024-07-23"}, {"value": "2024-07-24"}, "B1 prints 2024-07-24", "A1 prints 2024-07-23"),
        ({"value": True}, {"value": False}, "B1 prints false", "A1 prints true"),
        ({"value": 5.0}, {"value": 50.0}, "B1 prints 50, 10× this", "A1 prints 5, 0.1× this"),
        ({"value": 5.0}, {"value": 5.0, "hedge": OVER}, "B1 says over, here exact",
         "A1 says exact, here over"),
        ({"value": 5.0}, {"value": 5.0}, None, None),
        ({"value": 24.0, "unit": "hour"}, {"value": 24.0, "unit": "day"},
         "B1 counts in day, here hour", "A1 counts in hour, here day"),
        ({"value": 24.0, "unit": "hour"}, {"value": "2024-07-24", "unit": "hour"},
         "B1 prints 2024-07-24", "A1 prints 24 hours"),
        # more times than a float holds
        ({"value": 1e-200}, {"value": 1e200}, "B1 prints 1e+200", "A1 prints 1e-200"),
    ],
)  # fmt: skip
def test_a_difference_to_the_translation_has_a_factor_where_both_are_numbers(
    here, there, at_first, at_second
):
    stated = {"printed": "x", "about": "x", "not_computable": "no"}
    first = tiny(Claim(id="A1", **stated | here), name="one", language="zh")
    second = Claim(id="B1", translates="A1", **stated | there)
    pair = [first, tiny(second, name="two", language="ja", translation_of="one")]
    original, translation = verdicts(of=pair)
    assert original.differences == ((at_first,) if at_first else ())
    assert translation.differences == ((at_second,) if at_second else ())


HEAD = "article: one\ntitle: x\nlanguage: en\npublisher: x\ndate: 2024-07-23\naddress: x\nclaims:\n"


def one(claim):
    return load([Text(HEAD + claim, "one.yaml")])


def with_variant(variant):
    claim = (
        "  - id: A1\n    printed: 820GB (764GiB)\n    about: x\n    value: 820\n    unit: GB\n"
        "    formula: bytes_to_gb\n    inputs: {size_bytes: 820162494464}\n"
    )
    (verdict,) = verdicts(of=one(claim + f"    variants: [{variant}]\n"))
    return verdict.variants[0]


def test_a_variant_with_a_figure_of_its_own_is_compared_with_the_digits_of_that_figure():
    """763.84 GiB round to 764; without the unit nothing says that 764 is printed."""
    gib = "{label: GiB, formula: bytes_to_gib, inputs: {size_bytes: 820162494464}, value: 764, unit: GiB}"
    check = with_variant(gib)
    assert (check.arithmetic.words, check.unit) == (Kind.HOLDS, "GiB")
    assert check.recomputed == pytest.approx(763.84, abs=0.01)
    assert with_variant(gib.replace("764,", "765,")).arithmetic.words != Kind.HOLDS
    # it has the hedge of its claim or its own: 810 is one unit of 10 below 820
    for hedge, words in (("", Kind.CLOSE), (", hedge: about", Kind.HOLDS)):
        variant = f"{{label: less, formula: bytes_to_gb, inputs: {{size_bytes: 8.1e11}}{hedge}}}"
        assert with_variant(variant).arithmetic.words == words


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ("formula: bytes_to_gb, inputs: {size_bytes: 0}", "size_bytes must be positive"),
        ("formula: within_interval, inputs: {value: 1, centre: 1, half_width: 1}",
         r"it prints a number \(820\), but is held against true or false \(True\)"),
        ("fact: 'timeline[event=Llama 3.1 released].date_pacific'",
         r"it prints a number \(820\), but is held against a date \(2024-07-23"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_variant_is_reported_at_the_variant(variant, message):
    with pytest.raises(InputError, match=rf"key variants\.0: {message}"):
        with_variant(f"{{label: v, {variant}}}")


@pytest.mark.parametrize(("printed", "recomputed"), [("1e-200", 1e120), ("1e120", 1e-200)])
def test_a_factor_beyond_what_a_float_holds_is_left_out(printed, recomputed):
    verdict = verdict_on(printed, float(printed), recomputed)
    assert (verdict.arithmetic.words, verdict.cause) == ("wrong", "")
    right = Instead(label="v", formula="total", inputs={"values": [recomputed]})
    call = {"formula": "total", "inputs": {"values": [float(printed)]}}
    claim = Claim(id="T1", printed="1", about="x", value=1.0, instead=[right], **call)
    (verdict,) = verdicts(of=[tiny(claim)])
    assert verdict.instead[0].ratio is None
    assert verdict.note.endswith(f"v: {recomputed:.5g} at the article's prices")


@pytest.mark.parametrize(
    ("right", "note"),
    [(1, ", 2× as much"), (0.5, ", the same"), (0.501, ", 1.002× as much"), (0.25, ", 2× less"), (0, None)],
)
def test_the_right_quantity_is_a_positive_number_and_compared_below_one_too(right, note):
    call = "formula: difference, inputs: {{quantity: {}, reference: 0}}"
    claim = f"  - {{id: A1, printed: '0.5', about: x, value: 0.5, {call.format(0.5)},\n"
    article = one(f"{claim}     instead: {{label: v, {call.format(right)}}}}}\n")
    if note:
        assert verdicts(of=article)[0].note == f"v: {right} at the article's prices{note}"
    else:
        with pytest.raises(InputError, match=r"key instead\.0: instead must be a positive number"):
            verdicts(of=article)
