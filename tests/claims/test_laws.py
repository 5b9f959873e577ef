"""Laws of the verdicts: what holds for every figure, every formula, every order and every unit."""

import inspect
import math
import random
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costcheck import formulas
from costcheck.claims import articles, load, verdicts
from costcheck.claims.article import Article, Claim, Instead, Stated
from costcheck.claims.kinds import UNVERIFIED as MARKED
from costcheck.claims.kinds import Kind
from costcheck.claims.loading import Text
from costcheck.claims.printed import MAGNITUDES, Hedge, Printed, close, figures, find, holds
from costcheck.errors import InputError
from costcheck.formulas.signatures import described
from costcheck.units import notation, of_formulas

EXACT, ABOUT, NEARLY, OVER, AT_LEAST, PLUS, UNDER = Hedge


# --------------------------------------------------------------------------- a figure, printed
def verdict_on(printed, value, recomputed, hedge=EXACT, unit=None):
    """The verdict on one claim that prints a value and comes out as another."""
    total = {"formula": "total", "inputs": {"values": [recomputed]}}
    claim = Claim(id="T1", printed=printed, about="a figure", value=value, unit=unit, hedge=hedge, **total)
    (found,) = verdicts(of=[tiny(claim)])
    return found


def tiny(claim, **more):
    """An article of one claim."""
    about = {"title": "", "language": "en", "publisher": "", "date": "2024-07-23", "address": ""}
    return Article(article="tiny", **about, claims=[claim], **more)


@st.composite
def rounded(draw, digits=15):
    """A number, and the same rounded to some digits, as a decimal."""
    number = draw(st.floats(1e-6, 1e17))
    exact = Decimal(number)
    figure = round_to(exact, draw(st.integers(1, digits)))
    return number, figure


def round_to(exact, digits):
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_EVEN)


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
@given(rounded(), st.sampled_from(STYLES), st.sampled_from([EXACT, ABOUT, AT_LEAST]))
def test_a_number_rounded_right_holds_however_it_is_written(pair, style, hedge):
    number, figure = pair
    text = f"it comes to {written(figure, style)}."
    found = verdict_on(text, float(figure), number, hedge)
    assert found.claim.is_printed, text
    assert found.arithmetic.words == Kind.HOLDS, text


@settings(max_examples=150, deadline=None)
@given(rounded(), st.sampled_from(STYLES), st.sampled_from([10, 100, 1000]), st.booleans(), st.booleans())
def test_a_number_off_by_ten_never_holds_and_where_the_digits_tell_the_cause_is_named(
    pair, style, by, too_large, about
):
    number, figure = pair
    slipped = figure.scaleb((1 if too_large else -1) * (len(str(by)) - 1))
    text = f"it comes to {written(slipped, style)}."
    found = verdict_on(text, float(slipped), number, ABOUT if about else EXACT, "GPU")
    assert found.arithmetic.words.startswith("off by ")
    said = {10: "ten", 100: "a hundred", 1000: "a thousand"}[by]
    if abs(figure / Decimal(number) - 1) < Decimal("0.04"):
        assert found.cause.startswith(f"{said} times too {'large' if too_large else 'small'}: ")
    assert found.ratio == pytest.approx(float(slipped) / number)


@settings(max_examples=150, deadline=None)
@given(rounded(digits=12), st.sampled_from([2, 3, 10, 1000]), st.booleans())
def test_one_more_or_less_in_the_last_digit_is_close_and_more_is_not(pair, steps, up):
    number, figure = pair
    unit = Decimal(1).scaleb(figure.as_tuple().exponent)
    beside = figure + unit if up else figure - unit
    assume(beside > 0)
    assume(f"{beside:e}".partition("e")[0] == f"{beside.normalize():e}".partition("e")[0])
    # on the side away from the number it is more than half a unit off, and less than one and a half
    apart = abs(beside - Decimal(number)) / unit
    assume(abs(apart - Decimal("0.5")) > Decimal("0.01"))
    assume(abs(apart - 1) > Decimal("0.01"))
    expected = Kind.HOLDS if apart < Decimal("0.5") else Kind.CLOSE if apart < 1 else None
    found = verdict_on(written(beside, "exponent"), float(beside), number)
    assert found.arithmetic.words == expected or (
        expected is None and found.arithmetic.words.startswith("off by")
    )
    far = figure + steps * 2 * unit
    assert verdict_on(written(far, "exponent"), float(far), number).arithmetic.words not in (
        Kind.HOLDS,
        Kind.CLOSE,
    )


@pytest.mark.parametrize(
    ("hedge", "recomputed", "kept"),
    [
        (EXACT, 820_162_494_464, True), (EXACT, 820_162_494_464.4, True), (EXACT, 820_162_494_465, False),
        (ABOUT, 820_162_494_465, True), (ABOUT, 820_162_494_466, False), (PLUS, 820_162_494_463, False),
        (OVER, 820_162_494_465, True), (UNDER, 820_162_494_463, True), (AT_LEAST, 820_162_494_463, False),
    ],
)  # fmt: skip
def test_a_figure_of_twelve_digits_is_held_to_its_last(hedge, recomputed, kept):
    assert holds(hedge, figures("820,162,494,464")[0], recomputed) is kept


@pytest.mark.parametrize("digits", range(1, 14))
def test_a_figure_of_any_number_of_digits_holds_up_to_half_a_unit(digits):
    text = "1234567891234567"[:digits]
    (figure,) = figures(text)
    assert holds(EXACT, figure, int(text) + 0.25)
    assert not holds(EXACT, figure, int(text) + 1)
    assert close(EXACT, figure, int(text) + 1)
    assert not close(EXACT, figure, int(text) + 2)


def test_what_is_the_figure_but_for_the_noise_of_a_division_is_not_below_it():
    assert 0.3 / 0.1 < 3
    assert not holds(NEARLY, Printed(3, 1), 0.3 / 0.1)
    assert not holds(UNDER, Printed(3, 1), 0.3 / 0.1)
    assert holds(PLUS, Printed(3, 1), 0.3 / 0.1)
    assert holds(EXACT, Printed(3, 0), 0.3 / 0.1)


@pytest.mark.parametrize("text", ["820,162,494,464", "820162494464 GB", "820162494464%", "9007199254741"])
def test_a_value_one_off_in_the_last_digit_is_not_the_one_printed(text):
    unit = "GB" if "GB" in text else None
    value = float(figures(text)[0].value) / (1e9 if unit else 1)
    assert find(text, value, unit) is not None
    assert find(text, value + 1, unit) is None
    assert find(text, value / 100) == (Printed(value / 100, 0.01) if "%" in text else None)
    assert find(text, (value + 1) / 100) is None


@pytest.mark.parametrize("text", ["1e-999", "5×10^-330", "1e-400 GB"])
def test_a_figure_too_small_for_a_float_is_none(text):
    assert figures(text) == []


@pytest.mark.parametrize(
    ("hedge", "recomputed", "kept"),
    [
        (ABOUT, 499, False),  # a unit of a plain 1000 is 1000, and nothing would be about it else
        (ABOUT, 500, True),
        (ABOUT, 2000, True),
        (ABOUT, 2001, False),
        (ABOUT, 1, False),
        (EXACT, 500, True),
        (EXACT, 499, False),
    ],
)
def test_a_power_of_ten_has_as_much_leeway_as_doubling_gives(hedge, recomputed, kept):
    assert holds(hedge, figures("1000")[0], recomputed) is kept
    assert not close(EXACT, figures("1000")[0], 499)
    assert close(EXACT, figures("1000")[0], 1999)
    assert close(EXACT, figures("1000")[0], 2000)
    assert not close(EXACT, figures("1000")[0], 1000)  # that is not close, it is right


def test_only_what_is_printed_and_off_by_more_than_a_unit_has_a_cause():
    """9.66 GB are 9 GiB, and 9 times 10 is 90: reasons enough, were there anything to explain."""
    near = verdict_on("9 GB", 9.0, 9.66, unit="GB")
    assert (near.arithmetic.words, near.cause) == (Kind.CLOSE, "")
    words = verdict_on("nine", 9.0, 90.0, unit="GB")
    assert (words.arithmetic.words, words.cause) == ("wrong", "")
    assert verdict_on("9 GB", 9.0, 90.0, unit="GB").cause.startswith("ten times too small")


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
    found = verdict_on(f"{value} {unit}", float(value), float(recomputed), unit=unit)
    assert found.arithmetic.words.startswith("off by ")
    assert found.cause == cause


def test_a_printed_zero_that_comes_out_as_more_is_wrong_by_no_factor():
    found = verdict_on("0 GPUs", 0.0, 5.0, unit="GPU")
    assert (found.arithmetic.words, found.ratio, found.cause) == ("wrong", 0, "")


# --------------------------------------------------------------------------- a kind without words of its own
def on_paper(**more):
    """The verdict on a claim that rests on inputs of a kind that the tables do not know."""
    stated = {
        name: Stated(value=1, unit="1", source="me", trait=f"medium={name}") for name in ("paper", "film")
    }
    claim = Claim(id="T1", printed="1", about="x", value=1.0, **more)
    (found,) = verdicts(of=[tiny(claim, inputs=stated)])
    return found.premise, found.because


def test_a_kind_of_quantity_without_words_of_its_own_is_named_by_its_dimension():
    both = {"formula": "ratio", "inputs": {"quantity": "inputs.paper", "reference": "inputs.film"}}
    assert on_paper(**both) == (
        "wrong category",
        "sets a medium film (film) against a medium paper (paper)",
    )
    one = {"formula": "total", "inputs": {"values": ["inputs.paper"]}}
    assert on_paper(**one) == ("sound", "")
    assert on_paper(**one, offered_as={"medium": "film"}) == (
        "wrong category",
        "a medium paper (from paper) offered as a medium film",
    )
    none = {"formula": "total", "inputs": {"values": [1]}}
    assert on_paper(**none, offered_as={"medium": "film"}) == (
        "unsupported",
        "nothing that goes into it says whether it is a medium film",
    )


# --------------------------------------------------------------------------- hedges
FIGURE = st.builds(
    # no printed digit stands for more than the whole figure
    lambda value, share: Printed(value, value * share),
    st.floats(1e-3, 1e15),
    st.floats(0, 1),
)


@settings(max_examples=200)
@given(FIGURE, st.floats(-2, 2), st.floats(0, 1))
def test_what_a_hedge_holds_at_it_holds_at_nearer_to_what_it_promises(figure, missed, nearer):
    recomputed = figure.value + missed * (figure.unit_in_last_place or 1)
    between = figure.value + nearer * (recomputed - figure.value)
    for hedge in (EXACT, ABOUT):
        if holds(hedge, figure, recomputed):
            assert holds(hedge, figure, between), hedge
    for hedge, further in ((OVER, 1), (AT_LEAST, 1), (PLUS, 1), (UNDER, -1)):
        if holds(hedge, figure, recomputed):
            assert holds(hedge, figure, recomputed + further * nearer * figure.value), hedge
    if holds(NEARLY, figure, recomputed) and recomputed < between < figure.value * (1 - 1e-8):
        assert holds(NEARLY, figure, between)


@settings(max_examples=200)
@given(FIGURE, st.floats(-2, 2))
def test_a_weaker_hedge_holds_wherever_a_stronger_one_does(figure, missed):
    recomputed = figure.value + missed * (figure.unit_in_last_place or 1)
    held = {hedge for hedge in Hedge if holds(hedge, figure, recomputed)}
    for stronger, weaker in (
        (EXACT, ABOUT),
        (EXACT, AT_LEAST),
        (NEARLY, EXACT),  # closer than a quarter of a unit rounds to it
        (NEARLY, UNDER),
        (OVER, PLUS),
        (OVER, AT_LEAST),
        (PLUS, AT_LEAST),
    ):
        assert stronger not in held or weaker in held, (stronger, weaker)
    assert not {OVER, UNDER} <= held
    assert not {PLUS, UNDER} <= held
    assert not (close(EXACT, figure, recomputed) and EXACT not in held and missed == 0)


@pytest.mark.parametrize("hedge", list(Hedge))
@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_no_figure_holds_at_what_is_no_number_but_over_holds_at_infinity(hedge, odd):
    expected = {math.inf: {OVER, AT_LEAST, PLUS}, -math.inf: {UNDER}}.get(odd, set())
    assert holds(hedge, Printed(3500, 100), odd) is (hedge in expected)


# --------------------------------------------------------------------------- order
ROWS = {verdict.claim.id: verdict for verdict in verdicts()}


def test_the_order_of_articles_changes_no_verdict():
    for verdict in verdicts(of=articles()[::-1]):
        assert verdict.row() == ROWS[verdict.claim.id].row()


# --------------------------------------------------------------------------- units and marks of every formula
LETTERS = {"A": "GB", "B": "hour", "C": "EUR"}
ALIKE = [  # units that measure the same
    ["byte", "kB", "MB", "GB", "TB", "MiB", "GiB", "Gbit"],
    ["second", "minute", "hour", "day", "week", "year"],
    ["Wh", "kWh", "MWh", "MJ"],
    ["W", "kW", "MW"],
    ["token", "ktoken", "Mtok"],
    ["FLOP", "TFLOP", "EFLOP"],
    ["gCO2e", "kgCO2e", "tCO2e"],
]
# What a call needs beside the sensible numbers below.
SENSIBLE = {
    "interconnect_share": 0.2, "utilisation": 0.5, "usable": 0.5, "mfu": 0.5, "average_power": 0.5,
    "age_years": 1, "orders_of_magnitude_per_year": 0.14, "n_heads": 64, "n_kv_heads": 8,
    "tensor_parallel": 8, "hours_per_year": 8766,
}  # fmt: skip
ELEMENTWISE = [
    name
    for name in sorted(set(formulas.__all__) - {"FormulaError"})
    if "Quantity" in str(inspect.signature(getattr(formulas, name)))
]


def quantities(formula):
    """The arguments that are quantities, with their units, a unit in place of each letter."""
    asked = {
        one.name: one.unit for one in described(formula).arguments if one.unit not in of_formulas.NO_QUANTITY
    }
    return {name: concrete(unit) for name, unit in asked.items()}, concrete(described(formula).unit)


def concrete(unit):
    if unit == "1e12 A":
        return "TFLOP"
    number, parts = notation.split(unit, "ABC")
    return said([(LETTERS.get(name, name), power) for name, power in parts], number)


def said(parts, number=1.0):
    above, below = ("-".join(name for name, power in parts if power == sign) for sign in (1, -1))
    return f"{'' if number == 1 else f'{number:g} '}{above or '1'}{'/' if below else ''}{below}"


def other(unit, choice):
    """The same kind of quantity in another unit."""
    number, parts = notation.split(unit)
    swapped = [
        (next((choice(alike) for alike in ALIKE if name in alike), name), power) for name, power in parts
    ]
    return said(swapped, number)


def article_on(formula, stated, value, unit, verification="read in the source"):
    """An article with one claim, reckoned by a formula from inputs of its own."""
    inputs = "".join(
        f"  {name}: {{value: {number!r}, unit: '{given}', source: me, verification: '{how}'}}\n"
        for name, (number, given, how) in stated.items()
    )
    text = f"""\
article: tiny
title: A tiny article
language: en
publisher: nobody
date: 2024-07-23
address: example.org
inputs:
{inputs}claims:
  - id: T1
    printed: '{value!r}'
    about: what comes out
    value: {value!r}
    unit: '{unit}'
    reading: as it is
    formula: {formula}
    inputs: {{{", ".join(f"{name}: inputs.{name}" for name in stated)}}}
"""
    return load([Text(text, "tiny.yaml")])


# tera is left out: it takes whatever so many are a trillion of, and there is no other unit for that.
@pytest.mark.parametrize("formula", [formula for formula in ELEMENTWISE if formula != "tera"])
def test_other_units_of_the_same_quantities_change_no_verdict(formula):
    asked, result = quantities(formula)
    numbers = {name: float(SENSIBLE.get(name, 4)) for name in asked}
    value = float(getattr(formulas, formula)(**numbers))
    chosen = random.Random(formula)
    for swap in range(3):
        stated = {}
        for name, number in numbers.items():
            given_ = other(asked[name], chosen.choice) if swap else asked[name]
            stated[name] = (number * notation.factor(asked[name], given_), given_, "read in the source")
        unit = other(result, chosen.choice) if swap else result
        by = notation.factor(result, unit)
        (found,) = verdicts(of=article_on(formula, stated, value * by, unit))
        assert found.arithmetic.words == Kind.HOLDS, (stated, unit)
        assert found.recomputed == pytest.approx(value * by, rel=1e-9), (stated, unit)
        assert found.ratio is None or found.ratio == pytest.approx(1)
        (wrong,) = verdicts(of=article_on(formula, stated, value * by * 1.001 + 1, unit))
        assert wrong.arithmetic.words != Kind.HOLDS


@pytest.mark.parametrize("formula", ELEMENTWISE)
def test_one_unverified_input_marks_the_verdict_whichever_it_is(formula):
    asked, result = quantities(formula)
    if formula == "tera":
        result = "FLOP"
    numbers = {name: float(SENSIBLE.get(name, 4)) for name in asked}
    value = float(getattr(formulas, formula)(**numbers))
    for bad in (None, *asked):
        stated = {
            name: (number, asked[name], "unverified: hearsay" if name == bad else "read in the source")
            for name, number in numbers.items()
        }
        (found,) = verdicts(of=article_on(formula, stated, value, result))
        assert found.unverified is (bad is not None)
        assert found.row()["arithmetic"] == Kind.HOLDS + MARKED * (bad is not None)


# --------------------------------------------------------------------------- where a translation differs
HEAD = """\
article: {name}
title: A tiny article
language: {language}
publisher: nobody
date: 2024-07-23
address: example.org
{more}claims:
"""
ONE = "  - {{id: {id}, printed: '{printed}', about: x, value: {value}, fact: '{fact}'{more}}}\n"
RELEASED = "timeline[event=Llama 3.1 released].date_pacific"
MAGNET = "facts[fact=magnet_is_program].value"
EXAMPLES = "facts[fact=synthetic_examples].value"


@pytest.mark.parametrize(
    ("fact", "here", "there", "more", "said"),
    [
        pytest.param(RELEASED, "2024-07-23", "2024-07-24", "", "B1 prints 2024-07-24", id="dates"),
        pytest.param(MAGNET, "true", "false", "", "B1 prints false", id="yes and no"),
        pytest.param(EXAMPLES, "25e6", "50e6", "", "B1 prints 50 million, 2× this", id="numbers"),
        pytest.param(EXAMPLES, "25e6", "1", "", "B1 prints 1, 4e-08× this", id="a small part"),
        pytest.param(EXAMPLES, "25e6", "25e6", ", hedge: over", "B1 says over, here exact", id="hedges"),
        pytest.param(EXAMPLES, "25e6", "25e6", "", None, id="the same"),
    ],
)
def test_a_difference_to_the_translation_is_told_with_a_factor_where_both_are_numbers(
    fact, here, there, more, said
):
    first = HEAD.format(name="one", language="zh", more="") + ONE.format(
        id="A1", printed=here, value=here, fact=fact, more=""
    )
    second = HEAD.format(name="two", language="ja", more="translation_of: one\n") + ONE.format(
        id="B1", printed=there, value=there, fact=fact, more=f", translates: A1{more}"
    )
    found, _ = verdicts(of=load([Text(first, "one.yaml"), Text(second, "two.yaml")]))
    assert found.differences == ((said,) if said else ())


PLAIN = (
    "  - {{id: {id}, printed: '{value}', about: x, value: {value}, unit: {unit}, not_computable: no{more}}}\n"
)


@pytest.mark.parametrize(
    ("here", "there", "at_first", "at_second"),
    [
        ((24, "hour"), (24, "day"), "B1 counts in day, here hour", "A1 counts in hour, here day"),
        ((24, "hour"), ("2024-07-24", "hour"), "B1 prints 2024-07-24", "A1 prints 24 hours"),
        # 1e400 times as much is more than a float holds
        (("1e-200", "hour"), ("1e200", "hour"), "B1 prints 1e+200 hours", "A1 prints 1e-200 hours"),
    ],
)
def test_a_difference_without_a_factor_is_told_as_what_the_other_prints(here, there, at_first, at_second):
    first = HEAD.format(name="one", language="zh", more="")
    first += PLAIN.format(id="A1", value=here[0], unit=here[1], more="")
    second = HEAD.format(name="two", language="ja", more="translation_of: one\n")
    second += PLAIN.format(id="B1", value=there[0], unit=there[1], more=", translates: A1")
    found, other = verdicts(of=load([Text(first, "one.yaml"), Text(second, "two.yaml")]))
    assert (found.differences, other.differences) == ((at_first,), (at_second,))


# --------------------------------------------------------------------------- variants
def with_variant(variant, claim=None):
    claim = claim or (
        "  - id: A1\n    printed: 820GB (764GiB)\n    about: x\n    value: 820\n    unit: GB\n"
        "    formula: bytes_to_gb\n    inputs: {size_bytes: 820162494464}\n"
    )
    text = HEAD.format(name="one", language="en", more="") + claim + f"    variants: [{variant}]\n"
    (found,) = verdicts(of=load([Text(text, "one.yaml")]))
    return found.variants[0]


def test_a_variant_with_a_figure_of_its_own_is_held_to_the_digits_of_that_figure():
    """763.84 GiB round to 764; without the unit nothing says that 764 is printed."""
    gib = "{label: GiB, formula: bytes_to_gib, inputs: {size_bytes: 820162494464}, value: 764, unit: GiB}"
    found = with_variant(gib)
    assert (found.arithmetic.words, found.unit) == (Kind.HOLDS, "GiB")
    assert found.recomputed == pytest.approx(763.84, abs=0.01)
    assert with_variant(gib.replace("764,", "765,")).arithmetic.words != Kind.HOLDS


def test_a_variant_has_the_hedge_of_its_claim_or_its_own():
    low = "{label: less, formula: bytes_to_gb, inputs: {size_bytes: 8.1e11}"
    assert with_variant(low + "}").arithmetic.words == Kind.CLOSE  # 810 is one unit of 10 below 820
    assert with_variant(low + ", hedge: about}").arithmetic.words == Kind.HOLDS
    assert with_variant(low + ", hedge: under}").arithmetic.words == Kind.HOLDS


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        pytest.param("{label: v, formula: bytes_to_gb, inputs: {size_bytes: 0}}",
            r"key variants\.0: size_bytes must be positive", id="a formula's refusal"),
        pytest.param("{label: v, formula: within_interval, inputs: {value: 1, centre: 1, half_width: 1}}",
            r"key variants\.0: it prints a number \(820\), but is held against true or false \(True\)",
            id="true in place of a number"),
        pytest.param("{label: v, fact: 'timeline[event=Llama 3.1 released].date_pacific'}",
            r"key variants\.0: it prints a number \(820\), but is held against a date \(2024-07-23",
            id="a date in place of a number"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_variant_is_said_of_the_variant(variant, said):
    with pytest.raises(InputError, match=said):
        with_variant(variant)


# --------------------------------------------------------------------------- the ends of what a float holds
@pytest.mark.parametrize("formula", ELEMENTWISE)
def test_numbers_at_the_ends_of_what_a_float_holds_give_a_finite_verdict_or_an_error_of_the_file(formula):
    asked, _ = quantities(formula)
    for ends in ((5e-324, 1e300), (1e300, 5e-324), (1e-300, 1.7e308), (1.7e308, 1.7e308), (5e-324, 5e-324)):
        inputs = {name: SENSIBLE.get(name, ends[place % 2]) for place, name in enumerate(asked)}
        claim = Claim(id="T1", printed="3500", about="x", value=3500.0, formula=formula, inputs=inputs)
        try:
            (found,) = verdicts(of=[tiny(claim)])
        except InputError as error:
            assert str(error).startswith("tiny, claim T1: ")  # noqa: PT017 - that or a verdict
        else:
            assert math.isfinite(found.recomputed)
            assert not {"inf", "nan"} & set(found.row().values())


@pytest.mark.parametrize(
    ("printed", "recomputed"),
    [
        pytest.param("1e-200", 1e120, id="1e-320, of which one over is more than a float holds"),
        pytest.param("1e120", 1e-200, id="1e320"),
        pytest.param("1e-200", 1e200, id="1e-400, which is zero"),
        pytest.param("1e200", 1e-200, id="1e400"),
    ],
)
def test_a_factor_beyond_what_a_float_holds_is_not_told(printed, recomputed):
    found = verdict_on(printed, float(printed), recomputed)
    assert (found.arithmetic.words, found.cause) == ("wrong", "")
    other = Claim(
        id="T1",
        printed="1",
        about="x",
        value=1.0,
        formula="total",
        inputs={"values": [float(printed)]},
        instead=[Instead(label="v", formula="total", inputs={"values": [recomputed]})],
    )
    article = tiny(other)
    (right,) = verdicts(of=[article])[0].instead
    assert right.ratio is None
    assert verdicts(of=[article])[0].note.endswith(f"v: {recomputed:.5g} at the article's prices")


# --------------------------------------------------------------------------- the right quantity
SHARE = """\
  - id: A1
    printed: '0.5'
    about: x
    value: 0.5
    formula: difference
    inputs: {{quantity: 0.5, reference: 0}}
    instead: [{{label: v, formula: difference, inputs: {{quantity: {right}, reference: 0}}}}]
"""


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (1, "v: 1 at the article's prices, 2× as much"),
        (0.5, "v: 0.5 at the article's prices, the same"),
        (0.501, "v: 0.501 at the article's prices, 1.002× as much"),
        (0.25, "v: 0.25 at the article's prices, 2× less"),
    ],
)
def test_the_right_quantity_is_compared_below_one_too(right, said):
    text = HEAD.format(name="one", language="en", more="") + SHARE.format(right=right)
    (found,) = verdicts(of=load([Text(text, "one.yaml")]))
    assert found.note == said


@pytest.mark.parametrize("right", [0, -1])
def test_the_right_quantity_is_a_positive_number(right):
    text = HEAD.format(name="one", language="en", more="") + SHARE.format(right=right)
    with pytest.raises(InputError, match=r"key instead\.0: instead must be a positive number"):
        verdicts(of=load([Text(text, "one.yaml")]))


def test_a_claim_that_prints_no_number_is_nothing_to_reckon_with():
    text = HEAD.format(name="one", language="en", more="") + (
        ONE.format(id="A1", printed="23 July", value="2024-07-23", fact=RELEASED, more="")
        + "  - {id: A2, printed: '1', about: x, value: 1, formula: total, inputs: {values: [claims.A1]}}\n"
    )
    with pytest.raises(InputError, match="claim A1 prints no number to reckon with"):
        verdicts(of=load([Text(text, "one.yaml")]))
