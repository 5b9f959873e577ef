"""Units: what can be written, and what converts to what."""

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
        ("USD/GPU-hours", "USD/GPU-hour"), ("USD/GPU/hour", "USD/GPU-hour"), ("hrs", "hour"),
        ("USD per H100 hour", "USD/GPU-hour"), ("countries", "country"), ("people", "person"),
        ("token/second/GPU", "token/s/GPU"), ("USD/1M tokens", "USD/Mtok"), ("million tokens", "Mtok"),
        ("t CO2e", "tCO2e"), ("tons CO2eq", "tCO2e"), ("kg CO₂-eq/kWh", "kgCO2e/kWh"), ("gCO2eq", "gCO2e"),
        ("share of benchmarks", "share of benchmarks"), ("percentage points", "percent"), ("1", "1"),
        ("1/year", "1/year"), ("1e12 FLOP", "1e12-FLOP"), ("gigabytes", "GB"), ("Gbps", "Gbit/s"),
        ("kilowatt-hours", "kWh"), ("RMB", "CNY"), ("TPU-hr", "TPU-hour"), ("liters", "litre"),
        ("USD/hour^2", "USD/hour^2"),
        ("TFLOPS", "TFLOP/s"), ("petaflop/s-days", "PFLOP/s-day"), ("PFLOP/s/GPU", "PFLOP/s/GPU"),
    ],
)  # fmt: skip
def test_a_unit_is_read_in_the_spellings_people_use(written, read):
    assert str(parse(written)) == read
    assert parse("USD/GPU-hour").quantity == {"USD": 1, "GPU": -1, "second": -1}


def test_every_unit_defined_or_in_the_data_can_be_read():
    for name in notation.UNITS:  # every unit reads as itself and in the plural
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
        ("usd", "did you mean 'USD'"), ("H900-hours", "unknown unit 'H900'; write it as GB, USD/GPU-hour"),
        ("USD//GPU", "something is missing beside"), ("", "empty .*; a plain number has the unit 1"),
        ("0 GB", "too large or too small a unit"), ("1.2.3 GB", "unknown unit '1.2.3'; write it as"),
        ("1e99 GB", "too large or too small a unit"), ("GB^999999999", "too large or too small a unit"),
        ("1/" + "-".join(["PB"] * 22), "too large or too small a unit"), ("GB" * 101, "above 200 characters"),
        ("Kwh", "did you mean 'kWh'"), ("MWH", "did you mean 'MWh'"), ("milisecond", "'millisecond'"),
        ("countrie", "'country'"),
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
        ("JPY/month", "JPY/year", 12), ("year", "month", 12), ("month/year", "1", 1 / 12),
        ("hour/day", "1", 1 / 24), ("server-hour/day", "server", 1 / 24), ("hour^2", "minute^2", 3600),
        ("PFLOP/s-day", "FLOP", 8.64e19), ("USD/PFLOP/s-day", "USD/PFLOP", 1 / 86_400),
        ("TFLOPS", "FLOP/s", 1e12), ("Mb/s", "MB/s", 1 / 8), ("mW", "W", 1e-3), ("kW-day", "kWh", 24),
        ("t", "kgCO2e", 1000), ("m3", "l", 1000), ("ml", "litre", 1e-3), ("H100-hour", "GPU-hour", 1),
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
        ("hour", "GPU-hour", "multiply by a number of GPUs, unless a number in the sum includes it$"),
        ("kW/GPU", "kW", "multiply by a number of GPUs"), ("CPU-hour", "hour", "divide by a number of CPUs"),
        ("USD", "USD/GPU", "divide by a number of GPUs"), ("TPU-hour", "GPU-hour", "multiply by .* GPU/TPU"),
        ("USD", "CNY", "multiply by prices.usd_cny, in CNY/USD$"), ("GPU", "USD", "multiply .* in USD/GPU$"),
        ("CNY", "USD", "divide by prices.usd_cny, in CNY/USD$"), ("kW", "USD", "multiply by .* in USD/kW$"),
        ("USD/GPU", "JPY/GPU", "multiply by prices.usd_jpy"), ("1/USD", "1/JPY", "divide by prices.usd_jpy"),
        ("EUR", "INR", "multiply by a quantity in INR/EUR"), ("hour", "GB", "multiply .* in GB/hour$"),
        ("kW", "MWh", "multiply by a quantity in hour"), ("FLOP", "TFLOP/s", "divide .* in second"),
        ("month", "hour", "a month has no fixed length; multiply by hour/month, such as 30 day/month"),
        ("USD/month", "USD/day", "a month has no fixed length; divide by day/month, such as"),
        ("USD", "1", "divide by a quantity in USD"), ("1", "1/GPU", "a plain number has no unit"),
        ("1", "USD", "a plain number has no unit; give a quantity in USD"),
        ("language", "percent", "they count different things"), ("layer", "head", "they count"),
    ],
)  # fmt: skip
def test_what_measures_something_else_is_refused_with_what_is_missing(given, wanted, why):
    with pytest.raises(UnitMismatch, match=rf"^{given} does not fit {wanted}: {why}") as refused:
        factor(given, wanted)
    assert (refused.value.given, refused.value.wanted) == (given, wanted)


@pytest.mark.parametrize(
    ("reckoned", "result", "lowest"),
    [  # the sums of shared articles, and what a person would write for them
        (("GPU", "*", "USD/GPU-hour"), "USD/hour", (1, "USD/hour")),
        (("request/day", "/", "request/day/server"), "server", (1, "server")),
        (("day", "*", "hour/day", "*", "GPU"), "GPU-hour", (1, "GPU-hour")),
        (("user", "*", "token/user/day", "*", "day/month"), "token/month", (1, "token/month")),
        (("GPU-hour", "*", "kW", "/", "GPU"), "kWh", (1, "kWh")),
        (("GPU-hour", "*", "kW", "/", "GPU", "*", "USD/kWh"), "USD", (1, "USD")),
        (("PFLOP/s-day", "/", "TFLOP/s"), "PFLOP-day/TFLOP", (1000, "day")),
        (("char/day", "/", "char/s/server"), "server-second/day", (1 / 86_400, "server")),
        (("Mtok/month", "*", "percent"), "Mtok-percent/month", (0.01, "Mtok/month")),
        (("JPY/month", "*", "year"), "JPY-year/month", (12, "JPY")),
        (("share of rows", "*", "USD"), "USD", (1, "USD")),
        (("percent", "*", "1"), "percent", (1, "percent")),
    ],
)  # fmt: skip
def test_units_multiply_and_divide_into_what_a_person_expects(reckoned, result, lowest):
    unit = parse(reckoned[0])
    for sign, other in zip(reckoned[1::2], reckoned[2::2], strict=True):
        unit = unit * parse(other) if sign == "*" else unit / parse(other)
    assert str(unit) == result
    by, left = unit.lowest()
    assert (by, str(left)) == (pytest.approx(lowest[0]), lowest[1])


PHYSICAL = [
    "byte", "GB", "GiB", "hour", "month", "year", "USD", "CNY", "GPU", "Mtok", "TFLOP/s", "kWh", "tCO2e",
    "request",
]  # fmt: skip
COMPOUND = st.lists(st.sampled_from(PHYSICAL), min_size=1, max_size=3, unique=True).map("/".join)


@given(COMPOUND, COMPOUND, st.integers(-3, 3))
def test_what_is_written_is_read_as_the_same_and_products_commute(a, b, power):
    a, b = parse(a), parse(b) ** power
    assert parse(str(a * b)) == a * b == b * a
    assert a * b / b == a
    assert a**2 == a * a
    with pytest.raises(InputError, match=r"power of 0.3 is no unit"):
        parse("GPU") ** 0.3


def test_a_share_may_be_of_anything_in_words_and_of_nothing_else():
    for of in ("benchmarks", "GPU-hours", "基准 tests"):
        assert not parse(f"share of {of}").dimensions
    for of in ("<img src=x onerror=alert(1)>", "*", "a&b"):
        with pytest.raises(InputError, match=r"share of what.* in letters, digits, spaces, _ and -$"):
            parse(f"share of {of}")
