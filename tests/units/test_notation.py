"""Units: what can be written, and what converts to what."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices import quotes
from costcheck.units import notation
from costcheck.units.notation import UnitMismatch, factor, parse


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("USD/GPU-hours", "USD/GPU-hour"), ("USD/GPU/hour", "USD/GPU-hour"), ("hours", "hour"),
        ("countries", "country"), ("token/second", "token/s"), ("t CO2e", "tCO2e"),
        ("kg CO2e/kWh", "kgCO2e/kWh"), ("share of benchmarks", "share of benchmarks"),
        ("percentage point", "percent"), ("1", "1"), ("1/year", "1/year"), ("1e12 FLOP", "1e+12 FLOP"),
        ("gigabytes", "GB"), ("RMB", "CNY"),
    ],
)  # fmt: skip
def test_a_unit_is_read_in_the_spellings_people_use(written, read):
    assert str(parse(written)) == read
    assert parse("USD/GPU-hour").quantity == {"USD": 1, "GPU": -1, "second": -1}


def test_every_unit_defined_or_in_the_data_can_be_read():
    for name in notation.definitions():  # every unit reads as itself and in the plural
        assert str(parse(name)) == name
        assert parse(f"{name}s") == parse(name)
    written = {field.get("unit") for name in tables.names() for field in tables.schema(name)}
    written |= {key.unit for key in quotes.price_keys().values()}
    written |= {row["unit"] for name in ("checkpoints", "paper_facts", "prices") for row in tables.rows(name)}
    assert len(written) > 30
    for unit in written - {None, tables.SEE_COLUMN}:
        parse(unit)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("GPU-hourz", r"'GPU-hourz': unknown unit 'hourz': did you mean 'hour'"),
        ("usd", "did you mean 'USD'"), ("H100-hours", "unknown unit 'H100'; write it as GB, hour, USD/GPU"),
        ("USD//GPU", "something is missing beside"), ("", "empty; a plain number has the unit 1"),
        ("0 GB", "0 of a unit is none"), ("1.2.3 GB", "unknown unit '1.2.3 GB'; write it as"),
        ("1e308 GB", "too large or too small a unit"),
        ("1/" + "-".join(["PB"] * 22), "too large or too small a unit"),
    ],
)  # fmt: skip
def test_what_is_no_unit_is_refused_with_the_nearest_or_the_way_to_write_it(written, message):
    with pytest.raises(InputError, match=message) as refused:
        parse(written)
    assert not isinstance(refused.value, UnitMismatch)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "wanted", "by_hand"),
    [
        ("GB", "byte", 1e9), ("GiB", "byte", 2**30), ("GiB", "GB", 1.073741824), ("KiB", "kB", 1.024),
        ("byte", "bit", 8), ("TB/s", "GB/s", 1000), ("Mtok", "token", 1e6), ("USD/ktoken", "USD/Mtok", 1000),
        ("USD/token", "USD/Mtok", 1e6), ("year", "day", 365), ("week", "hour", 168),
        ("GPU-year", "GPU-hour", 8760), ("USD/GPU-year", "USD/GPU-hour", 1 / 8760),
        ("TFLOP/s", "FLOP/s", 1e12), ("YFLOP", "EFLOP", 1e6), ("kWh", "J", 3.6e6), ("MWh", "kW-hour", 1000),
        ("W-s", "J", 1), ("tCO2e", "kg CO2e", 1000), ("gCO2e/kWh", "kgCO2e/kWh", 0.001),
        ("1", "percent", 100), ("percent", "1", 0.01), ("percent", "share of benchmarks", 0.01),
        ("1", "times", 1), ("share of rows", "times", 1),
        # a thing counted may be left out, and a plain number fits it
        *(("1", counted, 1) for counted in ("language", "rank", "book", "GPU", "token", "word", "layer")),
        ("parameter", "1", 1), ("byte", "byte/parameter", 1), ("byte/parameter", "byte", 1),
    ],
)  # fmt: skip
def test_agrees_with_a_hand_calculation(given, wanted, by_hand):
    assert factor(given, wanted) == by_hand


@pytest.mark.parametrize(
    ("given", "wanted", "why"),
    [
        ("hour", "GPU-hour", "multiply by the number of GPUs"),
        ("USD", "CNY", r"convert with prices.usd_cny \(formula convert\)"),
        ("CNY", "USD", r"convert with 1 over prices.usd_cny, a rate in USD/CNY \(formula convert\)"),
        ("USD/GPU", "JPY/GPU", "convert with prices.usd_jpy"), ("USD", "USD/GPU", "divide by the number of"),
        ("GPU", "USD", "what leads from one to the other is a quantity in USD/GPU"),
        ("W", "MWh", "multiply by a time"), ("month", "hour", "a month has no fixed length"),
        ("USD", "1", "a plain number is asked for"), ("1", "1/GPU", "a plain number has no unit"),
        ("language", "percent", "they count different things"),
    ],
)  # fmt: skip
def test_what_measures_something_else_is_refused_with_what_is_missing(given, wanted, why):
    with pytest.raises(UnitMismatch, match=rf"^{given} does not fit {wanted}: {why}") as refused:
        factor(given, wanted)
    assert (refused.value.given, refused.value.wanted) == (given, wanted)


PHYSICAL = ["byte", "GB", "GiB", "hour", "USD", "CNY", "GPU", "Mtok", "TFLOP", "kWh", "tCO2e"]
COMPOUND = st.lists(st.sampled_from(PHYSICAL), min_size=1, max_size=3, unique=True).map("/".join)


@given(COMPOUND, COMPOUND)
def test_there_and_back_is_one_and_a_mismatch_is_one_both_ways(a, b):
    try:
        there = factor(a, b)
    except UnitMismatch:
        with pytest.raises(UnitMismatch):
            factor(b, a)
    else:
        assert math.isclose(there * factor(b, a), 1, rel_tol=1e-12)
    assert factor(a, a) == factor(str(parse(a)), a) == 1


def test_a_share_may_be_of_anything_in_words_and_of_nothing_else():
    for of in ("benchmarks", "GPU-hours", "基准 tests"):
        assert parse(f"share of {of}").is_plain
    for of in ("<img src=x onerror=alert(1)>", "*", "a&b"):
        with pytest.raises(InputError, match=r"share of what.* in letters, digits, spaces, _ and -$"):
            parse(f"share of {of}")
