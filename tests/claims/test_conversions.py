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


def test_a_result_is_converted_to_the_unit_of_the_claim(checked):
    """2 kW for 1000 hours are 2 MWh."""
    claim = "  - {id: A, printed: 2 MWh, value: 2, unit: MWh, about: x, " + ENERGY[1:-1] + "}\n"
    assert checked(claim).recomputed == pytest.approx(2)


def test_the_items_of_a_list_are_converted_each_by_its_own_factor(checked):
    """500 MB and 3 GB are 3.5 GB."""
    claim = "  - {id: A, printed: 3.5 GB, value: 3.5, unit: GB, about: x, formula: total, "
    claim += "inputs: {values: [inputs.small, inputs.large]}}\n"
    assert checked(claim).recomputed == pytest.approx(3.5)


def test_a_result_of_a_list_is_converted_to_the_unit_of_the_claim(checked):
    """The mean of 2 and 4 kW is 3000 W."""
    claim = "  - {id: A, printed: 3000 W, value: 3000, unit: W, about: x, formula: mean, "
    claim += (
        "inputs: {values: [inputs.power, {formula: product, inputs: {quantity: inputs.power, other: 2}}]}}\n"
    )
    assert checked(claim).recomputed == pytest.approx(3000)


def test_an_input_is_converted_to_the_unit_a_formula_asks_for(checked):
    """2000 kWh at 0.4 kg are 0.8 t; the formula asks for MWh."""
    claim = "  - {id: A, printed: 0.8 t, value: 0.8, unit: tCO2e, about: x, formula: emissions_tonnes, "
    claim += f"inputs: {{energy_mwh: {ENERGY}, kg_per_kwh: 0.4}}}}\n"
    assert checked(claim).recomputed == pytest.approx(0.8)


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
