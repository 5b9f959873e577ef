"""Units in the words behind a number."""

import pytest

from costcheck.units.in_words import words_behind


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("480 kWh", "kWh"), ("500MWh", "MWh"), ("30 kilowatt hours", "kWh"), ("5 Watt-hours", "Wh"),
        ("5 megawatts", "MW"), ("10 kW", "kW"), ("2 petaflops", "PFLOP/s"), ("3 kiloflops", "kFLOP/s"),
        ("2 exaflop", "EFLOP"), ("2 Kilobytes", "kB"), ("400 g CO2eq/kWh", "gCO2e/kWh"), ("1 tCO2e", "tCO2e"),
        ("11,390 t CO2-eq", "tCO2e"), ("0.5 kg CO2", "kgCO2e"), ("7 cats", None),
    ],
)  # fmt: skip
def test_a_compound_unit_is_read_whole_and_no_words_are_refused(text, unit):
    number = len(text) - len(text.lstrip("0123456789.,"))
    assert words_behind(text, number).unit == unit
