"""What a call of a formula is in, and inputs that do not fit."""

import pytest

from costcheck.errors import InputError
from costcheck.units import of_formulas
from costcheck.units.notation import UnitMismatch, parse


def of_call(formula, inputs):
    units = tuple((name, unit and parse(unit)) for name, unit in inputs.items())
    unit, factors = of_formulas.of_call(formula, units)
    return unit and str(unit), factors


@pytest.mark.parametrize(
    ("formula", "inputs", "unit", "factors"),
    [
        ("weight_bytes", {"parameters": "parameter", "bytes_per_parameter": "byte"}, "byte", {}),
        ("bytes_to_gb", {"size_bytes": "GiB"}, "GB", {"size_bytes": 2**30}),
        ("energy_mwh", {"gpu_hours": "GPU-hour", "watt": "kW"}, "MWh", {"watt": 1000}),
        ("wall_clock_hours", {"gpu_hours": "GPU-day", "gpus": None}, "hour", {"gpu_hours": 24}),
        ("gpus_for_deadline", {"days": "week", "utilisation": "percent"}, "GPU",
         {"days": 7, "utilisation": 0.01}),
        ("ratio", {"quantity": "GB", "reference": "byte"}, "1", {"reference": 1e-9}),
        ("difference", {"quantity": "percent", "reference": "1"}, "percent", {"reference": 100}),
        ("mean", {"values": "USD/GPU-hours"}, "USD/GPU-hour", {}), ("count", {"values": "language"}, "1", {}),
        ("convert", {"amount": None, "rate": "CNY/USD"}, "CNY", {}),
        ("convert", {"amount": "USD", "rate": None}, None, {}),
        ("convert", {"amount": "USD/GPU-hour", "rate": "CNY/USD"}, "CNY/GPU-hour", {}),
        ("words_from_tokens", {"tokens": "Mtok", "words_per_token": "word/ktoken"}, "word",
         {"tokens": 1e6, "words_per_token": 0.001}),
        ("tera", {"amount": "TFLOP/s"}, "FLOP/s", {}), ("tera", {"amount": "GB"}, "byte", {"amount": 0.001}),
        ("within_interval", {"value": "percent", "centre": "1"}, None, {"centre": 100}),
    ],
)  # fmt: skip
def test_a_call_gives_its_unit_and_what_its_inputs_are_multiplied_by(formula, inputs, unit, factors):
    assert of_call(formula, inputs) == (unit, factors)


@pytest.mark.parametrize(
    ("formula", "inputs", "message"),
    [
        ("purchase", {"gpus": "hour"}, "purchase, argument gpus: hour does not fit GPU"),
        ("purchase", {"usd_per_gpu": "CNY/GPU"},
         "argument usd_per_gpu: CNY/GPU does not fit USD/GPU: divide by prices.usd_cny"),
        ("ratio", {"quantity": "GB", "reference": "hour"}, "ratio, argument reference: hour does not fit GB"),
        ("convert", {"amount": "JPY", "rate": "CNY/USD"},
         "convert, argument rate: CNY/USD does not fit B/JPY"),
        ("convert", {"amount": "CNY", "rate": "CNY/USD"},
         "rate: CNY/USD does not fit B/CNY: it is the wrong way round; give it in USD/CNY"),
        ("parameter_count", {"tied_embeddings": "GB"}, "true or false is asked for"),
        ("named_in_top_gains", {"names": "GB"}, "a name is asked for"),
    ],
)  # fmt: skip
def test_an_input_in_a_unit_that_does_not_fit_is_refused_by_formula_and_argument(formula, inputs, message):
    with pytest.raises(UnitMismatch, match=message) as refused:
        of_call(formula, inputs)
    assert refused.value.formula == formula
    assert refused.value.argument in inputs


def test_a_formula_or_argument_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="unknown formula 'purchse': did you mean 'purchase'"):
        of_call("purchse", {})
    with pytest.raises(InputError, match="purchase: unknown argument 'gpu': did you mean 'gpus'"):
        of_call("purchase", {"gpu": "GPU"})
