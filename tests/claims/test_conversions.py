"""Factors between units, put into claims as formulas: by hand, in every place of a claim."""

import pytest

from costcheck.claims import verdicts

INPUTS = """\
inputs:
  power: {value: 2, unit: kW, source: x}
  hours: {value: 1000, unit: hour, source: x}
  small: {value: 500, unit: MB, source: x}
  large: {value: 3, unit: GB, source: x}
"""
ENERGY = "{formula: product, inputs: {quantity: inputs.power, other: inputs.hours}}"


@pytest.fixture
def checked(written, head):
    def check(claim):
        (article,) = written(head.replace("claims:\n", f"{INPUTS}claims:\n") + claim)
        (verdict,) = verdicts(of=[article])
        return verdict

    return check


@pytest.mark.parametrize(
    ("printed", "unit", "checked_by", "by_hand"),
    [
        pytest.param("2 MWh", "MWh", ENERGY[1:-1], 2, id="a result: 2 kW for 1000 hours"),
        pytest.param("3.5 GB", "GB", "formula: total, inputs: {values: [inputs.small, inputs.large]}", 3.5,
            id="items of a list, each by its own factor: 500 MB and 3 GB"),
        pytest.param("3000 W", "W", "formula: mean, inputs: {values: [inputs.power, "
            "{formula: product, inputs: {quantity: inputs.power, other: 2}}]}", 3000,
            id="a result of a list: the mean of 2 and 4 kW"),
        pytest.param("0.8 t", "tCO2e",
            f"formula: emissions_tonnes, inputs: {{energy_mwh: {ENERGY}, kg_per_kwh: 0.4}}", 0.8,
            id="an input of a formula that asks for MWh: 2000 kWh at 0.4 kg"),
    ],
)  # fmt: skip
def test_what_a_claim_is_made_of_is_converted(checked, printed, unit, checked_by, by_hand):
    claim = f"  - {{id: A, printed: {printed}, value: {by_hand}, unit: {unit}, about: x, {checked_by}}}\n"
    assert checked(claim).recomputed == pytest.approx(by_hand)


def test_variants_are_converted_from_what_the_claim_was_before(checked):
    claim = f"""\
  - id: A
    printed: 0.8 t
    value: 0.8
    unit: tCO2e
    about: x
    formula: emissions_tonnes
    inputs: {{energy_mwh: {ENERGY}, kg_per_kwh: 0.4}}
    variants:
      - {{label: cleaner, inputs: {{kg_per_kwh: 0.2}}}}
      - {{label: stated, fact: inputs.large, value: 3000, unit: MB}}
      - {{label: in kg, unit: kgCO2e}}
"""
    cleaner, stated, in_kg = checked(claim).variants
    assert cleaner.recomputed == pytest.approx(0.4)
    assert stated.recomputed == pytest.approx(3000)
    assert in_kg.recomputed == pytest.approx(800)


def test_the_right_quantity_is_converted_too(checked):
    """6 GB instead of 3000 MB are 6000 MB."""
    claim = """\
  - id: A
    printed: 3000 MB
    value: 3000
    unit: MB
    about: x
    fact: inputs.large
    instead: {label: twice, formula: total, inputs: {values: [inputs.large, inputs.large]}}
"""
    verdict = checked(claim)
    assert verdict.recomputed == pytest.approx(3000)
    assert [right.value for right in verdict.instead] == pytest.approx([6000])
