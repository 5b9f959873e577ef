"""Units: what can be written, what converts to what, and what a confusion of two is called."""

import math
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices import quotes
from costcheck.units import notation
from costcheck.units.notation import UnitMismatch, factor, likely_cause, of_call, parse


# --------------------------------------------------------------------------- reading
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("USD/GPU-hour", "USD/GPU-hour"),
        ("USD/GPU-hours", "USD/GPU-hour"),
        ("USD/GPU/hour", "USD/GPU-hour"),
        ("hours", "hour"),
        ("countries", "country"),
        ("token/second", "token/s"),
        ("t CO2e", "tCO2e"),
        ("kg CO2e/kWh", "kgCO2e/kWh"),
        ("share of benchmarks", "share of benchmarks"),
        ("percentage point", "percent"),
        ("1", "1"),
        ("1/year", "1/year"),
        ("1e12 FLOP", "1e+12 FLOP"),
        ("gigabytes", "GB"),
    ],
)
def test_a_unit_is_read_in_the_spellings_people_use(written, read):
    assert str(parse(written)) == read


def test_a_hyphen_binds_tighter_than_a_slash():
    assert parse("USD/GPU-hour").quantity == {"USD": 1, "GPU": -1, "second": -1}


def test_every_unit_of_the_data_can_be_read():
    written = {field.get("unit") for name in tables.names() for field in tables.schema(name)}
    written |= {key.unit for key in quotes.price_keys().values()}
    written |= {row["unit"] for name in ("checkpoints", "paper_facts", "prices") for row in tables.rows(name)}
    assert len(written) > 30
    for unit in written - {None, tables.SEE_COLUMN}:
        parse(unit)


@pytest.mark.parametrize("name", sorted(notation.definitions()))
def test_every_unit_reads_as_itself_and_in_the_plural(name):
    assert str(parse(name)) == name
    assert parse(f"{name}s") == parse(name)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("GPU-hourz", r"'GPU-hourz': unknown unit 'hourz': did you mean 'hour'"),
        ("usd", "did you mean 'USD'"),
        ("gb/s", "did you mean 'GB'"),
        ("kgCO2", "did you mean 'kgCO2e'"),
        ("foo", "write it as GB, hour, USD/GPU-hour"),
        ("H100-hours", "unknown unit 'H100'; write it as"),
        ("USD//GPU", "something is missing beside"),
        ("GB/", "something is missing beside"),
        ("", "empty; a plain number has the unit 1"),
        ("0 GB", "0 of a unit is none"),
        ("1e999 GB", "inf of a unit is none"),
        ("1.2.3 GB", "unknown unit '1.2.3 GB'; write it as"),
        ("1e308 GB", "too large or too small a unit"),
        ("1e-320 GB", "too large or too small a unit"),
        ("-".join(["PB"] * 22), "too large or too small a unit"),
        ("1/" + "-".join(["PB"] * 22), "too large or too small a unit"),
    ],
)
def test_what_is_no_unit_is_refused_with_the_nearest_or_the_way_to_write_it(written, said):
    with pytest.raises(InputError, match=said) as refused:
        parse(written)
    assert not isinstance(refused.value, UnitMismatch)
    assert "\n" not in str(refused.value)


SIZES = st.one_of(
    st.floats(min_value=0, allow_nan=False).map(lambda number: f"{number:g}"),
    st.text("0123456789.e+-", max_size=9),
)


@given(SIZES, st.lists(st.sampled_from(["PB", "YFLOP", "ms", "USD", "1"]), min_size=1, max_size=30), SIZES)
def test_a_unit_of_any_size_is_read_and_converted_or_refused(size, factors, other):
    try:
        by = factor(f"{size} {'-'.join(factors)}", f"{other} {'/'.join(factors)}")
    except InputError:
        return
    assert 0 < by < math.inf


# --------------------------------------------------------------------------- converting
@pytest.mark.parametrize(
    ("given", "wanted", "by_hand"),
    [
        ("GB", "byte", 1e9),
        ("GiB", "byte", 2**30),
        ("GiB", "GB", 1.073741824),
        ("KiB", "kB", 1.024),
        ("byte", "bit", 8),
        ("TB/s", "GB/s", 1000),
        ("Mtok", "token", 1e6),
        ("USD/ktoken", "USD/Mtok", 1000),
        ("USD/token", "USD/Mtok", 1e6),
        ("year", "day", 365),
        ("week", "hour", 168),
        ("GPU-year", "GPU-hour", 8760),
        ("USD/GPU-year", "USD/GPU-hour", 1 / 8760),
        ("TFLOP/s", "FLOP/s", 1e12),
        ("YFLOP", "EFLOP", 1e6),
        ("kWh", "J", 3.6e6),
        ("MWh", "kW-hour", 1000),
        ("W-s", "J", 1),
        ("tCO2e", "kg CO2e", 1000),
        ("gCO2e/kWh", "kgCO2e/kWh", 0.001),
        ("1", "percent", 100),
        ("percent", "1", 0.01),
        ("percent", "share of benchmarks", 0.01),
        ("1", "times", 1),
        ("share of rows", "times", 1),
    ],
)
def test_agrees_with_a_hand_calculation(given, wanted, by_hand):
    assert factor(given, wanted) == by_hand


@pytest.mark.parametrize(
    "counted", ["language", "rank", "times", "book", "parameter", "GPU", "token", "word"]
)
def test_a_plain_number_fits_whatever_is_counted(counted):
    assert factor("1", counted) == 1


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("parameter", "1"), ("byte", "byte/parameter"), ("word", "word/book"), ("1", "layer")],
)
def test_a_thing_counted_may_be_left_out(given, wanted):
    assert factor(given, wanted) == factor(wanted, given) == 1


@pytest.mark.parametrize(
    ("given", "wanted", "why"),
    [
        ("GPU-hour", "hour", "divide by the number of GPUs"),
        ("hour", "GPU-hour", "multiply by the number of GPUs"),
        ("USD", "CNY", r"convert with prices.usd_cny \(formula convert\)"),
        ("CNY", "USD", "convert with 1 over prices.usd_cny, a rate in USD/CNY"),
        ("USD/GPU", "JPY/GPU", "convert with prices.usd_jpy"),
        ("EUR", "USD", "convert with a rate in USD/EUR"),
        ("USD", "USD/GPU", "divide by the number of GPUs"),
        ("USD/GPU", "USD", "multiply by the number of GPUs"),
        ("GB", "GPU", "they measure different things"),
        ("GPU", "USD", "what leads from one to the other is a quantity in USD/GPU"),
        ("W", "MWh", "multiply by a time"),
        ("month", "hour", "a month has no fixed length"),
        ("day", "month", "a month has no fixed length"),
        ("1", "byte", "a plain number has no unit"),
        ("USD", "1", "a plain number is asked for"),
        ("GPU", "times", "a plain number is asked for"),
        ("layer", "head", "they count different things"),
        ("percent", "language", "they count different things"),
        ("language", "percent", "they count different things"),
        ("book", "GPU", "they measure different things"),
        ("1", "1/GPU", "a plain number has no unit"),
    ],
)
def test_what_measures_something_else_is_refused_with_what_is_missing(given, wanted, why):
    with pytest.raises(UnitMismatch, match=rf"^{given} does not fit {wanted}: {why}") as refused:
        factor(given, wanted)
    assert (refused.value.given, refused.value.wanted) == (given, wanted)


PHYSICAL = st.sampled_from(
    ["byte", "GB", "GiB", "hour", "USD", "CNY", "GPU", "Mtok", "TFLOP", "kWh", "tCO2e"]
)
COMPOUND = st.lists(PHYSICAL, min_size=1, max_size=3, unique=True).map("/".join)


@given(COMPOUND, COMPOUND)
def test_there_and_back_is_one_and_a_mismatch_is_one_both_ways(a, b):
    try:
        there = factor(a, b)
    except UnitMismatch:
        with pytest.raises(UnitMismatch):
            factor(b, a)
    else:
        assert math.isclose(there * factor(b, a), 1, rel_tol=1e-12)


@given(COMPOUND)
def test_a_unit_converts_to_itself_by_one_and_reads_back_as_itself(unit):
    assert factor(unit, unit) == 1
    assert factor(str(parse(unit)), unit) == 1


@given(*[st.sampled_from(sorted(notation.BYTES | notation.BINARY_BYTES | notation.BITS))] * 3)
def test_converting_by_way_of_a_third_unit_is_converting(a, b, c):
    assert math.isclose(factor(a, b) * factor(b, c), factor(a, c), rel_tol=1e-12)


# --------------------------------------------------------------------------- formulas
@pytest.mark.parametrize(
    ("formula", "inputs", "unit", "factors"),
    [
        ("purchase", {"gpus": "GPU", "usd_per_gpu": "USD/GPU"}, "USD", {}),
        ("purchase", {"gpus": None, "usd_per_gpu": None}, "USD", {}),
        ("weight_bytes", {"parameters": "parameter", "bytes_per_parameter": "byte"}, "byte", {}),
        ("bytes_to_gb", {"size_bytes": "GiB"}, "GB", {"size_bytes": 2**30}),
        ("energy_mwh", {"gpu_hours": "GPU-hour", "watt": "kW"}, "MWh", {"watt": 1000}),
        ("wall_clock_hours", {"gpu_hours": "GPU-day", "gpus": None}, "hour", {"gpu_hours": 24}),
        (
            "gpus_for_deadline",
            {"days": "week", "utilisation": "percent"},
            "GPU",
            {"days": 7, "utilisation": 0.01},
        ),
        ("ratio", {"quantity": "GB", "reference": "byte"}, "1", {"reference": 1e-9}),
        ("ratio", {"quantity": None, "reference": "byte"}, "1", {}),
        ("difference", {"quantity": "percent", "reference": "1"}, "percent", {"reference": 100}),
        ("mean", {"values": "USD/GPU-hours"}, "USD/GPU-hour", {}),
        ("mean", {"values": None}, None, {}),
        ("count", {"values": "language"}, "1", {}),
        ("convert", {"amount": "USD", "rate": "CNY/USD"}, "CNY", {}),
        ("convert", {"amount": None, "rate": "CNY/USD"}, "CNY", {}),
        ("convert", {"amount": "USD", "rate": None}, None, {}),
        ("convert", {"amount": "USD/GPU-hour", "rate": "CNY/USD"}, "CNY/GPU-hour", {}),
        ("cross_rate", {"quote_per_base": "CNY/EUR", "other_per_base": "USD/EUR"}, "CNY/USD", {}),
        ("words_from_tokens", {"tokens": "token", "words_per_token": "character/token"}, "character", {}),
        (
            "words_from_tokens",
            {"tokens": "Mtok", "words_per_token": "word/ktoken"},
            "word",
            {"tokens": 1e6, "words_per_token": 0.001},
        ),
        ("tera", {"amount": "TFLOP/s"}, "FLOP/s", {}),
        ("tera", {"amount": "TB/s"}, "byte/s", {}),
        ("within_interval", {"value": "percent", "centre": "1"}, None, {"centre": 100}),
        (
            "inflation_adjusted",
            {"amount": "USD", "index_from": "1", "index_to": "percent"},
            "USD",
            {"index_to": 0.01},
        ),
    ],
)
def test_a_call_gives_its_unit_and_what_its_inputs_are_multiplied_by(formula, inputs, unit, factors):
    assert of_call(formula, inputs) == (unit, factors)


@pytest.mark.parametrize(
    ("formula", "inputs", "said"),
    [
        ("purchase", {"gpus": "hour"}, "purchase, argument gpus: hour does not fit GPU"),
        (
            "purchase",
            {"usd_per_gpu": "CNY/GPU"},
            "argument usd_per_gpu: CNY/GPU does not fit USD/GPU: convert with",
        ),
        ("rental", {"gpu_hours": "hour"}, "argument gpu_hours: .* multiply by the number of GPUs"),
        ("ratio", {"quantity": "GB", "reference": "hour"}, "ratio, argument reference: hour does not fit GB"),
        (
            "convert",
            {"amount": "JPY", "rate": "CNY/USD"},
            "convert, argument rate: CNY/USD does not fit B/JPY",
        ),
        ("convert", {"amount": "USD", "rate": "CNY"}, "convert, argument rate: CNY does not fit B/USD"),
        (
            "convert",
            {"amount": "CNY", "rate": "CNY/USD"},
            "rate: CNY/USD does not fit B/CNY: it is the wrong way round; give it in USD/CNY",
        ),
        ("tera", {"amount": "GB"}, "tera, argument amount: .* such as TFLOP/s"),
        ("parameter_count", {"tied_embeddings": "GB"}, "true or false is asked for"),
        ("named_in_top_gains", {"names": "GB"}, "a name is asked for"),
        ("mfu", {"model_flop_per_second": "FLOP"}, "divide by a time"),
    ],
)
def test_an_input_in_a_unit_that_does_not_fit_is_refused_by_formula_and_argument(formula, inputs, said):
    with pytest.raises(UnitMismatch, match=said) as refused:
        of_call(formula, inputs)
    assert refused.value.formula == formula
    assert refused.value.argument in inputs


def test_a_formula_or_argument_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="unknown formula 'purchse': did you mean 'purchase'"):
        of_call("purchse", {})
    with pytest.raises(InputError, match="purchase: unknown argument 'gpu': did you mean 'gpus'"):
        of_call("purchase", {"gpu": "GPU"})


# --------------------------------------------------------------------------- likely causes
RATES = {"CNY/USD": 7.27, "JPY/USD": 157.0}


def rounds_to(printed, digits):
    """Say whether a value rounds to what is printed, at so many significant digits."""
    half = 0.5 * 10 ** (math.floor(math.log10(abs(printed))) - digits + 1)
    return lambda value: abs(value - printed) <= half


@pytest.mark.parametrize(
    ("printed", "recomputed", "unit", "cause"),
    [
        (
            17e9,
            1.72e9,
            "USD",
            "ten times too large: a slip of one decimal place, or 億 .* taken for a billion",
        ),
        (1.7e8, 1.72e9, "USD", "ten times too small: a slip of one decimal place"),
        (1.7e6, 1.72e9, "USD", "a thousand times too small"),
        (1.7e11, 1.72e9, "GPU", "a hundred times too large: .* 万"),
        (1.7e13, 1.72e9, "GPU", "ten thousand times too large"),
        (1.7e3, 1.72e9, "GPU", "a million times too small"),
        (17, 1.72e9, "GPU", "1e8 times too small"),
        (1.251e10, 1.72e9, "USD", r"fits in CNY instead of USD \(7.27\)"),
        (1.72e9, 1.2504e10, "CNY", r"fits in USD instead of CNY \(7.27\)"),
        (6.28e6, 4e4, "USD/GPU", r"fits in JPY/GPU instead of USD/GPU \(157\)"),
        (764e9, 820.16e9, "byte", "fits in GiB instead of GB"),
        (763.8, 820.16, "GB", "fits in GiB instead of GB"),
        (820.2, 763.84, "GiB", "fits in GB instead of GiB"),
        # 80 GB, taken for 80 GiB, would be 85.90 GB; and the other way round
        (85.90, 80.0, "GB", "fits if the article took an input in GB for one in GiB"),
        (74.51, 80.0, "GiB", "fits if the article took an input in GiB for one in GB"),
        (85.90e9, 80e9, "byte", "fits if the article took an input in GB for one in GiB"),
        (0.9313, 1.0, "USD/GB", "fits if the article took an input in GB for one in GiB"),
        (93.13, 97.65625, "MB", "fits in MiB instead of MB"),
        (6561, 820.16, "GB", "8 times too large: bits taken for bytes"),
        (240, 10, "day", "fits in hour instead of day"),
        # 48 hours, taken for 48 days, would be 1,152 hours
        (1152, 48, "hour", "fits if the article took an input in hour for one in day"),
        (85, 5110, "hour", "fits if the article took an input in hour for one in minute"),
        (
            801e9,
            820.16e9,
            "byte",
            None,
        ),  # what 820.16 GB are at 1024 bytes a kB; but no such figure is printed in kB
        (7.2e6, 2000, "GPU-hour", "fits in GPU-second instead of GPU-hour"),
        (3520, 1284820, "day", "fits in year instead of day"),
        (36, 3, "year", "fits in month instead of year"),
        (30, 12.7, "GPU", None),
        (17e9, 1.76e9, "USD", None),  # ten times that is near, and rounds to 18e9
        (2, 1, "rank", None),
        (10, 1, "rank", None),
    ],
)
def test_the_one_factor_that_makes_a_figure_right_is_named(printed, recomputed, unit, cause):
    said = likely_cause(printed, recomputed, unit, rounds_to(printed, 2), RATES)
    if cause is None:
        assert said is None
    else:
        assert said
        assert re.match(cause, said), said


def test_a_figure_that_holds_has_no_cause_though_another_unit_would_fit_too():
    # 790 kB are 771 KiB; both round to 800
    assert likely_cause(800, 790, "kB", rounds_to(800, 1), RATES) is None


def test_a_factor_that_only_a_loose_word_lets_fit_is_not_named():
    # at least 43,000, where 12 come out: a million times 12 is at least 43,000, and no explanation
    assert likely_cause(43_000, 12, "GPU", lambda value: value >= 43_000, RATES) is None


@pytest.mark.parametrize(("printed", "recomputed"), [(0, 1), (1, 0), (math.nan, 1), (1, math.inf)])
def test_what_has_no_ratio_has_no_cause(printed, recomputed):
    assert likely_cause(printed, recomputed, None, lambda value: False, {}) is None


FIGURES = st.floats(min_value=1e-3, max_value=1e12)
UNITS = st.sampled_from([None, "USD", "CNY/GPU", "GB", "byte", "hour", "USD/GPU-hour", "language", "percent"])


@given(FIGURES, UNITS)
def test_no_cause_is_found_for_a_figure_that_holds(figure, unit):
    assert likely_cause(figure, figure, unit, rounds_to(figure, 3), RATES) is None


SLIPS = {
    10: "ten times",
    100: "a hundred times",
    1000: "a thousand times",
    1e4: "ten thousand times",
    1e6: "a million times",
    1e8: "1e8 times",
}


@given(FIGURES, UNITS, st.sampled_from(sorted(SLIPS)), st.booleans())
def test_a_power_of_ten_is_named_in_its_direction(figure, unit, by, large):
    printed = figure * by if large else figure / by
    said = likely_cause(printed, figure, unit, rounds_to(printed, 4), RATES)
    assert said
    assert said.startswith(f"{SLIPS[by]} too {'large' if large else 'small'}")


@given(FIGURES, st.sampled_from(["USD", "USD/GPU-hour"]), st.sampled_from(sorted(RATES)))
def test_the_other_currency_is_named(figure, unit, pair):
    printed = figure * RATES[pair]
    said = likely_cause(printed, figure, unit, rounds_to(printed, 4), RATES)
    assert said == f"fits in {unit.replace('USD', pair[:3])} instead of {unit} ({RATES[pair]:g})"


@given(FIGURES, st.sampled_from(["kB", "MB", "GB", "TB", "PB"]))
def test_a_binary_unit_taken_for_the_decimal_one_is_named(figure, unit):
    binary = f"{unit[0].upper()}iB"
    printed = figure * factor(unit, binary)
    if rounds_to(printed, 5)(figure):
        return
    assert (
        likely_cause(printed, figure, unit, rounds_to(printed, 5), RATES)
        == f"fits in {binary} instead of {unit}"
    )


def test_a_cause_is_named_without_importing_pint():
    code = (
        "import sys; from costcheck.units.notation import likely_cause as c;"
        "assert c(17e9, 1.7e9, 'USD', lambda v: v > 16e9, {});"
        "assert not {'pint', 'numpy', 'pandas'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("unit", ["share of benchmarks", "share of GPU-hours", "share of 基准 tests"])
def test_a_share_may_be_of_anything_in_words(unit):
    assert parse(unit).is_plain


@pytest.mark.parametrize("unit", ["share of <img src=x onerror=alert(1)>", "share of *", "share of a&b"])
def test_a_share_of_anything_but_words_is_refused(unit):
    with pytest.raises(InputError, match=r"share of what.* in letters, digits, spaces, _ and -$"):
        parse(unit)
