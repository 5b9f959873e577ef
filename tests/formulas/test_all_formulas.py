"""What holds for every formula: it refuses nonsense, computes arrays as numbers, and keeps its units.

A new argument in neither of the two tables, ``VALUES`` and ``COLUMNS``, is missing from the first test on.
"""

import inspect
import math

import numpy as np
import pandas as pd
import pytest

from costcheck import formulas
from costcheck.formulas import FormulaError
from costcheck.formulas.signatures import described, names
from costcheck.units import notation, of_formulas

# A sensible value for every argument of that name, which can be halved.
VALUES = {
    "active_experts": 8, "age_years": 2.0, "amount": 1000, "attention_parameters": 40e6,
    "average_power": 0.75, "batch": 8, "bytes_per_element": 2, "bytes_per_parameter": 2,
    "context_tokens": 128_000, "days": 30, "days_in_year": 365, "dense_ffn_size": 18_432, "dense_layers": 4,
    "divisor": 1e6, "energy_mwh": 1287.0, "expert_size": 1024, "factor": 1000.0, "ffn_size": 53_248,
    "gpu_hours": 30.84e6, "gpus": 16_384, "head_dim": 128, "hidden_size": 16_384, "hours_per_year": 8766,
    "input_usd_per_mtok": 3, "input_weight": 3.0, "interconnect_share": 0.19, "kg_per_kwh": 0.429,
    "kv_cache_bytes": 100e9, "kv_cache_bytes_per_sequence": 4e9, "kv_rank": 512, "learned_positions": 2048,
    "memory_bytes_per_gpu": 8e9, "memory_bytes_per_second": 16 * 3.35e12, "mfu": 0.4,
    "model_flop_per_second": 400e12, "moe_layers": 58, "multiple_of": 8, "n_experts": 64, "n_heads": 128,
    "n_kv_heads": 8, "n_layers": 126, "orders_of_magnitude_per_year": 0.14, "other": 2.0,
    "output_usd_per_mtok": 15, "output_weight": 1.0, "overhead_bytes": 60e9, "parameters": 405e9,
    "peak_flop_per_second": 16 * 989.4e12, "pue": 2.0, "purchase_usd": 30_000, "quantity": 820,
    "query_rank": 1536, "rate": 7.27324, "reference": 280, "rope_dim": 64, "sequence_tokens": 2048,
    "server_markup": 2.0, "server_overhead": 2.0, "share": 0.346, "shared_experts": 2,
    "size_bytes": 820_162_494_464, "size_gb": 80, "tdp_watt": 700, "tensor_parallel": 8, "tokens": 128_000,
    "tokens_per_second": 800.0, "training_flop": 3.8e25, "usable": 0.5, "usd_per_gpu": 40_000,
    "usd_per_gpu_hour": 2.99, "usd_per_kwh": 0.0771, "utilisation": 0.5, "value_dim": 128,
    "vocab_size": 128_256, "watt": 700, "weight_bytes": 811e9, "words": 96_000, "words_per_book": 107_253,
    "words_per_token": 0.75,
}  # fmt: skip
# Of functions of columns: columns, and single numbers beside them.
COLUMNS = {
    "after": [0.8, 0.5, 0.7], "among": [8, 70, 405], "before": [0.4, 0.4, 0.6], "ours": [0.8, 0.5, 0.7],
    "theirs": [0.4, 0.6, 0.6], "values": [8, 70, 405], "names": ["human_eval", "boolq", "piqa"],
    "named": ["human_eval", "boolq"],
    "centre": 61.0, "count": 2, "half_width": 7.5, "value": 70,
}  # fmt: skip
LABELS = {"names", "named"}  # which need not be numbers
# They have their own tests of refusal, in test_architecture.py and test_training.py.
NO_QUANTITY = {
    "biases", "gated_mlp", "layer_norm", "recompute", "relative_positions", "sequence_parallel",
    "tied_embeddings",
}  # fmt: skip

ANY_SIGN = {("difference", "quantity"), ("difference", "reference"), ("scaled", "quantity")}
MAY_BE_ZERO = {
    "age_years", "context_tokens", "dense_layers", "interconnect_share", "kg_per_kwh", "kv_cache_bytes",
    "kv_cache_bytes_per_sequence", "learned_positions", "overhead_bytes", "query_rank", "shared_experts",
}  # fmt: skip
# What is given beside an argument that is tried with small values, because it must not be above it.
BOUNDED = {
    "n_heads": {"n_kv_heads": 1, "tensor_parallel": 1}, "n_layers": {"dense_layers": 0},
    "n_experts": {"active_experts": 1}, "parameters": {"active_experts": 64},
}  # fmt: skip
AT_MOST_ONE = {"mfu", "usable", "utilisation", "average_power"}
BELOW_ONE = {"interconnect_share"}
AT_LEAST_ONE = {"pue", "server_overhead", "server_markup"}
WHOLE = {
    "active_experts", "dense_ffn_size", "dense_layers", "expert_size", "ffn_size", "head_dim", "hidden_size",
    "kv_rank", "learned_positions", "moe_layers", "multiple_of", "n_experts", "n_heads", "n_kv_heads",
    "n_layers", "query_rank", "rope_dim", "shared_experts", "tensor_parallel", "value_dim", "vocab_size",
}  # fmt: skip


def arguments(formula):
    return [
        name for name in inspect.signature(getattr(formulas, formula)).parameters if name not in NO_QUANTITY
    ]


def example(formula):
    """A sensible call's arguments."""
    return {name: (COLUMNS | VALUES)[name] for name in arguments(formula)}


def call(formula, **changed):
    return getattr(formulas, formula)(**(example(formula) | changed))


OF_COLUMNS = [name for name in names() if COLUMNS.keys() & set(arguments(name))]
ELEMENTWISE = [name for name in names() if name not in OF_COLUMNS]
QUANTITIES = [(formula, argument) for formula in ELEMENTWISE for argument in arguments(formula)]
BESIDE = [(formula, argument) for formula in OF_COLUMNS for argument in arguments(formula)]


NONSENSE = [math.nan, math.inf, -math.inf, True, None, "7", 10**400, 1j, np.float64("nan"), np.bool_(True)]


@pytest.mark.parametrize(("formula", "argument"), QUANTITIES)
def test_what_is_not_a_finite_number_is_refused_by_name(formula, argument):
    for nonsense in [*NONSENSE, *([bad] for bad in NONSENSE), [[1.0]], np.array([1.0, math.inf])]:
        with pytest.raises(FormulaError, match=rf"^{argument} must be "):
            call(formula, **{argument: nonsense})


def allows(formula, argument, value):
    """Whether the description of an argument allows a value."""
    if (formula, argument) in ANY_SIGN:
        return True
    if value <= 0:
        return value == 0 and argument in MAY_BE_ZERO
    if argument in WHOLE and formula != "inference_flop_per_token" and value % 1:
        return False
    return not (
        (argument in AT_MOST_ONE and value > 1)
        or (argument in BELOW_ONE and value >= 1)
        or (argument in AT_LEAST_ONE and value < 1)
    )


@pytest.mark.parametrize(("formula", "argument"), QUANTITIES)
def test_a_value_is_refused_by_name_exactly_where_the_range_of_its_argument_ends(formula, argument):
    others = {name: few for name, few in BOUNDED.get(argument, {}).items() if name in arguments(formula)}
    for value in (-1, 0, 0.0, np.int64(0), [0], 0.5, 0.999, 1, 1.001, 2.5):
        plain = value[0] if isinstance(value, list) else value
        if allows(formula, argument, plain):
            assert np.isfinite(call(formula, **others | {argument: value})).all(), value
        else:
            with pytest.raises(FormulaError, match=rf"\b{argument}\b.*must be .* is {plain:g}(\.0)?$"):
                call(formula, **others | {argument: value})


@pytest.mark.parametrize(("formula", "argument"), BESIDE)
def test_a_column_or_a_number_beside_it_that_makes_no_sense_is_refused_by_name(formula, argument):
    good = example(formula)[argument]
    if not isinstance(good, list):
        for nonsense in NONSENSE:
            with pytest.raises(FormulaError, match=rf"^{argument} must be "):
                call(formula, **{argument: nonsense})
        return
    for gap in (math.nan, None):
        for kind in (list, lambda values: pd.Series(values, dtype=object)):
            with pytest.raises(FormulaError, match=rf"^{argument} must be a sequence .* {argument}\[1\] is"):
                call(formula, **{argument: kind([good[0], gap, *good[2:]])})
    for no_sequence in ([], np.array([]), "abc", {"a": 1}, {1, 2}, 7, None, iter(good)):
        with pytest.raises(FormulaError, match=rf"^{argument} must be a sequence "):
            call(formula, **{argument: no_sequence})
    if argument not in LABELS and formula != "count":
        for nonsense in [*NONSENSE, [1]]:
            with pytest.raises(FormulaError, match=rf"{argument}\[2\] is "):
                call(formula, **{argument: [*good[:2], nonsense]})


def half_of(argument):
    return VALUES[argument] // 2 if argument in WHOLE else VALUES[argument] / 2


@pytest.mark.parametrize("formula", ELEMENTWISE)
def test_arrays_lists_and_series_give_what_single_numbers_give(formula):
    function, whole = getattr(formulas, formula), example(formula)
    rows = [whole, {argument: half_of(argument) for argument in whole}, whole]
    one_by_one = [function(**row) for row in rows]
    assert all(type(value) in (int, float) for value in one_by_one)
    columns = {argument: [row[argument] for row in rows] for argument in whole}
    for kind in (list, tuple, np.array):
        computed = function(**{argument: kind(column) for argument, column in columns.items()})
        assert type(computed) is np.ndarray
        np.testing.assert_allclose(computed, one_by_one, rtol=1e-12)
    series = function(**{argument: pd.Series(column, list("abc")) for argument, column in columns.items()})
    assert series.index.tolist() == list("abc")
    np.testing.assert_allclose(series, one_by_one, rtol=1e-12)


@pytest.mark.parametrize("formula", OF_COLUMNS)
def test_lists_arrays_and_series_of_scores_give_the_same(formula):
    columns = {argument: value for argument, value in example(formula).items() if isinstance(value, list)}
    for kind in (tuple, np.array, pd.Series):
        computed = call(formula, **{argument: kind(column) for argument, column in columns.items()})
        assert (computed, type(computed)) == (call(formula), type(call(formula)))


@pytest.mark.parametrize(("formula", "argument"), QUANTITIES)
def test_every_argument_has_an_influence(formula, argument):
    bound = formula == "decode_tokens_per_second" and argument in ("parameters", "peak_flop_per_second")
    same = call(formula) == pytest.approx(call(formula, **{argument: half_of(argument)}), rel=1e-6)
    assert same is bound  # where memory is what bounds, computing does not


# What a formula knows beside its arguments and has a unit of its own: the 6 of 6ND is in FLOP a parameter and
# token. Each is solved for the unit it begins with, those that others are solved from first.
OWN_CONSTANTS = {
    "active_parameter_count": ["layer", "element", "parameter"],  # matrices, as in those below
    "activation_bytes_per_layer": ["GPU", "element/head-token", "byte/token-element"],
    "amortised_usd_per_gpu_hour": ["GPU"],  # the price, and so the loss, is that of one GPU
    "attention_parameters": ["layer", "head", "element", "parameter"],
    "decode_tokens_per_second": ["token", "FLOP/parameter"],  # a step makes one token a sequence
    "energy_mwh": ["GPU"],  # the power is that of one GPU
    "energy_usd_per_gpu_hour": ["GPU"],
    "flop_of_run": ["GPU"],
    "gpu_hours": ["GPU"],  # the peak is that of one GPU
    "gpu_years": ["GPU", "second"],  # of one GPU; how long a year is, is an argument
    "gpus_to_hold": ["GPU"],  # the memory is that of one GPU
    "inference_flop_per_token": ["parameter/layer-element-token", "FLOP/parameter-token"],
    "kv_cache_bytes": ["layer", "head", "token"],  # a key and a value for each
    "latent_attention_parameters": ["layer", "head", "element", "parameter"],
    "mfu_of_run": ["GPU"],
    "moe_parameter_count": ["layer", "element", "token", "parameter"],
    "palm_flop_per_token": ["parameter/layer-head-element-token", "FLOP/parameter-token"],
    "parameter_count": ["layer", "head", "element", "token", "parameter"],  # a sum of matrices and vectors
    "training_flop": ["FLOP/parameter-token"],
}


def powers(unit):
    """The powers of the base units in a unit; letters are base units of their own."""
    if unit in of_formulas.NO_QUANTITY:
        return {}
    return dict(notation.parse(unit, of_formulas.LETTERS).dimensions)


def scale_of(unit, scales):
    return math.prod(scales[base] ** power for base, power in powers(unit).items())


def rescaled(value, by):
    """A value in a unit that is so many times smaller; names stay."""
    if isinstance(value, list):
        return [rescaled(element, by) for element in value]
    return value * by if isinstance(value, int | float) else value


@pytest.mark.parametrize("formula", names())
def test_in_other_base_units_the_result_is_the_same_quantity(formula):
    """Bytes or bits, dollars or cents: the numbers change as the units in the docstring say they do."""
    signature = described(formula)
    asked = {argument.name: argument.unit for argument in signature.arguments}
    bases = sorted({base for unit in (*asked.values(), signature.unit) for base in powers(unit)})
    scales = dict(zip(bases, (2, 3, 5, 7, 11, 13), strict=False))
    for constant in OWN_CONSTANTS.get(formula, []):
        solved, *others = sorted(powers(constant).items(), key=lambda base: -base[1])
        scales[solved[0]] = math.prod(scales[base] ** -power for base, power in others)
    given = example(formula).items()
    before = call(formula)
    after = call(formula, **{name: rescaled(value, scale_of(asked[name], scales)) for name, value in given})
    by = 1 if isinstance(before, list) else scale_of(signature.unit, scales)
    is_number = isinstance(before, int | float) and not isinstance(before, bool)
    assert after == (pytest.approx(before * by, rel=1e-9) if is_number else before)
