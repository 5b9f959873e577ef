"""The language of sums: what is read, what is refused, and what it comes to."""

import math
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck import formulas
from costcheck.claims import articles, sums
from costcheck.claims.evaluation import Interval, Names, at_ends, evaluate, fit, result_of
from costcheck.claims.steps import in_steps
from costcheck.errors import InputError
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook


@pytest.fixture(scope="module")
def names():
    return Names(articles()[0], PriceBook.article())


def computed(names, text, unit=None):
    return result_of(fit(sums.parse(text), names), unit, names).value


@pytest.mark.parametrize(
    ("text", "unit", "by_hand"),
    [
        pytest.param("10 kW * 1 day * 2", "kWh", 480, id="a bare number is dimensionless"),
        pytest.param("4 GPU * $2.50/GPU-hour", "USD/hour", 10, id="a unit cancels"),
        pytest.param("2 + 3 * 4", None, 14, id="times binds tighter"),
        pytest.param("(2 + 3) * 4", None, 20, id="brackets"),
        pytest.param("12 - 4 - 3", None, 5, id="from the left"),
        pytest.param("2 ** 3 ** 2", None, 512, id="powers from the right"),
        pytest.param("-2 * 3", None, -6, id="a sign"),
        pytest.param("1 GB + 500 MB", "GB", 1.5, id="units are converted where something is added"),
        pytest.param("30.84M GPU-hour ÷ 1 GPU", "year", 30.84e6 / 8760, id="typographic signs"),
        pytest.param("$100/month * 1 year", "USD", 1200, id="a year has twelve months"),
        pytest.param("(100 / 4) ** (1 / 2)", None, 5, id="a root"),
        pytest.param("3640 PFLOP/s-day / 500 TFLOP/s", "day", 7280, id="compute over a rate"),
        pytest.param(
            "300 billion token / (8 GPU * 24k token/s/GPU)", "hour", 300e9 / 192e3 / 3600, id="words"
        ),
        pytest.param("gpu_years(30.84M GPU-hour, 365 day)", "year", 30.84e6 / 8760, id="a formula by place"),
        pytest.param("gpus_for_deadline(days=30 day, gpu_hours=720 GPU-hour)", "GPU", 1, id="and by name"),
        pytest.param('gpus["NVIDIA B200"].memory_gb', "byte", 192e9, id="a cell"),
        pytest.param("mean([1 day, 12 hour])", "day", 0.75, id="a list in two units"),
        pytest.param("prices.gpus * prices.h100_usd", "USD", 1.72e9, id="prices"),
        pytest.param("1 / 4 * 30%", None, 0.25 * 30, id="per cent keep their unit until they are asked for"),
        pytest.param("1 / 4 * 30%", "1", 0.075, id="per cent as a share"),
    ],
)
def test_a_sum_comes_to_what_it_says(names, text, unit, by_hand):
    assert computed(names, text, unit) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("10 kW * 24", "USD", "does not fit USD"),
        ("1 GPU + 1 hour", None, "+ joins what is in GPU with what is in hour: both must measure the same"),
        ("3 GPU ** 2", None, "GPU ** 1: only plain numbers have powers"),
        ("2 ** 3 day", None, "1 ** day: only plain numbers have powers"),
        ("gpus_for_deadlin(3 GPU-hour, 5 day)", None, "did you mean 'gpus_for_deadline'?"),
        ("gpu_years(3 GPU-hour, 365)", None, "argument days_in_year: 1 does not fit day"),
        ("gpu_years()", None, "gpu_years needs gpu_hours"),
        ("gpu_years(1 GPU-hour, 1 day, 1 day)", None, "gpu_years takes 2 arguments"),
        ("gpu_years(1 GPU-hour, gpu_hours=1 GPU-hour)", None, "gpu_hours is given twice"),
        ("gpu_years(1 GPU-hour, day=1 day)", None, "unknown argument 'day': did you mean 'days_in_year'?"),
        ("prices.hl00_usd * 2", None, "did you mean 'h100_usd'?"),
        ("Z999", None, "unknown name 'Z999'"),
        ("2 GPU/fleet", None, "an operator between a quantity and a name has blanks around it"),
        ("gpus[gpu=NVIDIA B20].memory_gb", None, "did you mean 'NVIDIA B200'?"),
        ("1,000 GPU", None, "write a million as 1_000_000, 1e6 or 1M"),
        ("(1 + 2", None, "something is missing at the end of '(1 + 2'"),
        ("1 + ", None, "something is missing at the end"),
        ("1 2", None, "unexpected '2' after '1'"),
        ("¥9/day", None, "unexpected '¥'"),
        ("", None, "a sum is empty"),
        ("__import__('os')", None, "unknown formula '__import__'; costcheck formulas lists them"),
        ("(" * 4_000 + "1" + ")" * 900, None, "more than 40 brackets deep"),
        ("1 + " * 10_000 + "1", None, "more than 5,000 characters"),
        ("1" + " + 1" * 300, None, "200 operations long"),
    ],
)
def test_what_is_wrong_is_named(names, text, unit, message):
    with pytest.raises(InputError) as caught:
        computed(names, text, unit)
    assert message in str(caught.value)


def test_a_division_by_what_may_be_zero_is_refused():
    with pytest.raises(InputError, match="may be zero: it lies between -1 and 1"):
        at_ends(operator.truediv, [1, Interval(-1, 1)], ())


numbers = st.floats(0.5, 1e6)
signs = st.sampled_from("+-*/")


@st.composite
def expressions(draw, depth=3):
    """A sum of a, b and c without units, and the same in Python."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["a", "b", "c", "2", "0.5"]))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    return f"({left} {draw(signs)} {right})"


@given(text=expressions(), values=st.fixed_dictionaries(dict.fromkeys("abc", numbers)))
def test_it_computes_as_python_does(text, values):
    try:
        expected = eval(text, {"__builtins__": {}}, values)
    except ZeroDivisionError:
        with pytest.raises(InputError, match="a division by zero"):
            evaluate(sums.parse(text), values)
        return
    assert evaluate(sums.parse(text), values) == expected


@given(
    text=expressions(),
    values=st.fixed_dictionaries(dict.fromkeys("abc", numbers)),
    halves=st.fixed_dictionaries({name: st.floats(0, 0.1) for name in "abc"}),
    at=st.fixed_dictionaries({name: st.floats(-1, 1) for name in "abc"}),
)
def test_an_interval_holds_whatever_lies_behind_the_digits(text, values, halves, at):
    ends = {name: Interval(values[name] - halves[name], values[name] + halves[name]) for name in values}
    inside = {name: values[name] + at[name] * halves[name] for name in values}
    try:
        result = evaluate(sums.parse(text), ends, at_ends)
        exact = evaluate(sums.parse(text), inside)
    except (InputError, ZeroDivisionError):
        return  # it divides by what may be zero
    low, high = result if isinstance(result, Interval) else (result, result)
    size = max(abs(low), abs(high), abs(exact)) * 1e-9
    assert low - size <= exact <= high + size


@given(text=expressions(), values=st.lists(numbers, min_size=1, max_size=5))
def test_arrays_come_out_as_number_by_number(text, values):
    arrays = {"a": np.array(values), "b": np.array(values) + 1, "c": 3.0}
    with np.errstate(all="ignore"):
        together = np.broadcast_to(evaluate(sums.parse(text), arrays), len(values))
    for place, value in enumerate(values):
        try:
            alone = evaluate(sums.parse(text), {"a": value, "b": value + 1, "c": 3.0})
        except ZeroDivisionError:
            continue
        assert together[place] == alone or (math.isnan(together[place]) and math.isnan(alone))


@pytest.mark.parametrize("formula", [name for name in signatures.names() if signatures.described(name).sum])
@given(data=st.data())
def test_the_sum_in_a_docstring_is_what_the_formula_computes(formula, data):
    described = signatures.described(formula)
    arguments = {one.name: data.draw(st.integers(1, 1000), label=one.name) for one in described.arguments}
    shares = ("utilisation", "mfu", "interconnect_share", "pue")
    arguments |= {name: arguments[name] / 2000 + (name == "pue") for name in shares if name in arguments}
    assert evaluate(sums.parse(described.sum), arguments) == pytest.approx(
        getattr(formulas, formula)(**arguments), rel=1e-12
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpu_years(prices.gpu_hours, 365 day)", "30,840,000 GPU-hour ÷ 24 h/day ÷ 365 day/year = x"),
        ("2 * (3 + 4) / (5 * 6)", "2 × (3 + 4) ÷ (5 × 6) = x"),
        ("8 - (4 - 2)", "8 − (4 − 2) = x"),
        ("prices.gpus * prices.h100_usd", "43,000 GPU × 40,000 USD/GPU = x"),
        ("prices.gpus / 1 GPU * 2", "43,000 × 2 = x"),
        ("mean(books.words[*])", "mean(7 values) = x"),
    ],
)
def test_steps_show_the_numbers_and_no_bracket_too_many(names, text, shown):
    assert in_steps(sums.parse(text), names, "x") == shown


def test_printed_numbers_leave_an_interval(names):
    low, high = result_of(fit(sums.parse("Z51 / Z49"), names), None, names).interval  # 17亿 and 43,000
    assert low == pytest.approx(1.65e9 / 43_500)
    assert high == pytest.approx(1.75e9 / 42_500)
