"""What holds for every formula: it refuses nonsense, computes arrays as numbers, and obeys its scaling law.

Two tables, ``ELEMENTWISE`` and ``COLUMNS``, give every public formula a sensible value for each argument. A
new formula that is in neither fails the first test below.
"""

import inspect
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from costcheck import formulas
from costcheck.formulas import FormulaError
from costcheck.formulas.signatures import described
from costcheck.units import notation, of_formulas

UP, DOWN = "rises", "falls"

# formula: {argument: (a sensible value that can be halved, law)}. The law is the power of the argument in the
# result (0: no influence at these values), or only whether the result rises or falls with it.
# fmt: off
ELEMENTWISE = {
    "activation_bytes_per_layer": {
        "batch": (4, 1), "sequence_tokens": (2048, UP), "hidden_size": (20_480, UP), "n_heads": (128, UP),
        "tensor_parallel": (8, DOWN)},
    "amortised_usd_per_gpu_hour": {
        "purchase_usd": (30_000, 1), "age_years": (2.0, DOWN), "orders_of_magnitude_per_year": (0.14, UP),
        "hours_per_year": (8766, -1)},
    "blended_price": {
        "input_usd_per_mtok": (3, UP), "output_usd_per_mtok": (15, UP), "input_weight": (3.0, DOWN),
        "output_weight": (1.0, UP)},
    "books_from_words": {"words": (96_000, 1), "words_per_book": (107_253, -1)},
    "break_even_tokens": {"usd_per_hour": (24, 1), "usd_per_mtok": (3, -1)},
    "bytes_to_gb": {"size_bytes": (820_162_494_464, 1)},
    "bytes_to_gib": {"size_bytes": (820_162_494_464, 1)},
    "cluster_purchase": {
        "gpus": (42_833, 1), "usd_per_gpu": (30_000, 1), "interconnect_share": (0.19, UP),
        "server_markup": (2.0, 1)},
    "convert": {"amount": (1.72e9, 1), "rate": (7.27324, 1)},
    "cost_per_mtok": {
        "usd_per_gpu_hour": (2.99, 1), "gpus": (16, 1), "tokens_per_second": (800.0, -1),
        "utilisation": (0.5, -1)},
    "cross_rate": {"quote_per_base": (7.9191, 1), "other_per_base": (1.0888, -1)},
    "decode_tokens_per_second": {
        "weight_bytes": (811.7e9, DOWN), "kv_cache_bytes_per_sequence": (4e9, DOWN), "parameters": (405e9, 0),
        "memory_bytes_per_second": (16 * 3.35e12, 1), "peak_flop_per_second": (16 * 989.4e12, 0),
        "batch": (8, UP)},
    "difference": {"quantity": (8.0, UP), "reference": (10.0, DOWN)},
    "emissions_tonnes": {"energy_mwh": (1287.0, 1), "kg_per_kwh": (0.429, 1)},
    "energy_mwh": {"gpu_hours": (30.84e6, 1), "watt": (700, 1), "pue": (2.0, 1)},
    "energy_usd_per_gpu_hour": {
        "tdp_watt": (700, 1), "server_overhead": (2.0, 1), "average_power": (0.75, 1), "pue": (2.0, 1),
        "usd_per_kwh": (0.0771, 1)},
    "gb_to_bytes": {"size_gb": (80, 1)},
    "gpu_hours": {"training_flop": (3.8e25, 1), "peak_flop_per_second": (989.4e12, -1), "mfu": (0.4, -1)},
    "gpu_hours_of_fleet": {"gpus": (16_384, 1), "hours": (1296, 1)},
    "gpu_years": {"gpu_hours": (30.84e6, 1), "days_in_year": (365, -1)},
    "gpus_for_deadline": {"gpu_hours": (30.84e6, 1), "days": (30, -1), "utilisation": (0.5, -1)},
    "gpus_to_hold": {
        "weight_bytes": (811e9, UP), "memory_bytes_per_gpu": (8e9, DOWN), "kv_cache_bytes": (100e9, UP),
        "overhead_bytes": (60e9, UP), "usable": (0.5, DOWN), "multiple_of": (8, UP)},
    "inference_flop_per_token": {
        "parameters": (405e9, UP), "n_layers": (126, UP), "hidden_size": (16_384, UP),
        "context_tokens": (128_000, UP)},
    "inflation_adjusted": {"amount": (40_000, 1), "index_from": (120, -1), "index_to": (150, 1)},
    "kv_cache_bytes": {
        "n_layers": (126, 1), "n_kv_heads": (8, 1), "head_dim": (128, 1), "bytes_per_element": (2, 1),
        "tokens": (128_000, 1), "batch": (4, 1)},
    "mfu": {"model_flop_per_second": (400e12, 1), "peak_flop_per_second": (989.4e12, -1)},
    "mfu_of_run": {
        "training_flop": (3.8e25, 1), "gpu_hours": (30.84e6, -1), "peak_flop_per_second": (989.4e12, -1)},
    "palm_flop_per_token": {
        "parameters": (540.35e9, UP), "n_layers": (118, UP), "n_heads": (48, UP), "head_dim": (256, UP),
        "sequence_tokens": (2048, UP)},
    "parameter_count": {
        "n_layers": (126, UP), "hidden_size": (16_384, UP), "n_heads": (128, UP), "n_kv_heads": (8, UP),
        "head_dim": (128, UP), "ffn_size": (53_248, UP), "vocab_size": (128_256, UP)},
    "percent": {"share": (0.346, 1)},
    "purchase": {"gpus": (43_000, 1), "usd_per_gpu": (40_000, 1)},
    "product": {"quantity": (30.84e6, 1), "other": (2.0, 1)},
    "quotient": {"quantity": (15e12, 1), "divisor": (1e6, -1)},
    "ratio": {"quantity": (820, 1), "reference": (280, -1)},
    "scaled": {"quantity": (2.5, UP), "factor": (1000.0, UP)},
    "rental": {"gpu_hours": (30.84e6, 1), "usd_per_gpu_hour": (2.99, 1)},
    "tera": {"amount": (989.4, 1)},
    "training_flop": {"parameters": (405e9, 1), "tokens": (15.6e12, 1)},
    "wall_clock_days": {"gpu_hours": (30.84e6, 1), "gpus": (16_384, -1), "utilisation": (0.9, -1)},
    "wall_clock_hours": {"gpu_hours": (30.84e6, 1), "gpus": (16_384, -1), "utilisation": (0.9, -1)},
    "weight_bytes": {"parameters": (405_853_388_800, 1), "bytes_per_parameter": (2, 1)},
    "words_from_tokens": {"tokens": (128_000, 1), "words_per_token": (0.75, 1)},
}
# fmt: on
# Arguments that are no quantity have their own tests of refusal, in test_training.py.
NO_QUANTITY = {
    ("activation_bytes_per_layer", "recompute"),
    ("activation_bytes_per_layer", "sequence_parallel"),
    ("parameter_count", "tied_embeddings"),
}

ANY_SIGN = {("difference", "quantity"), ("difference", "reference"), ("scaled", "quantity")}
MAY_BE_ZERO = {
    "age_years", "context_tokens", "interconnect_share", "kg_per_kwh", "kv_cache_bytes",
    "kv_cache_bytes_per_sequence", "overhead_bytes",
}  # fmt: skip
AT_MOST_ONE = {"mfu", "usable", "utilisation", "average_power"}
BELOW_ONE = {"interconnect_share"}
AT_LEAST_ONE = {"pue", "server_overhead", "server_markup"}
WHOLE = {
    "ffn_size", "head_dim", "hidden_size", "multiple_of", "n_heads", "n_kv_heads", "n_layers",
    "tensor_parallel", "vocab_size",
}  # fmt: skip

SCORES = {"ours": [0.8, 0.5, 0.7], "theirs": [0.4, 0.6, 0.6]}
GAINS = {
    "after": [0.8, 0.5, 0.7],
    "before": [0.4, 0.4, 0.6],
    "names": ["human_eval", "boolq", "piqa"],
}
COLUMNS = {
    "biggest_gains": GAINS | {"count": 2},
    "named_in_top_gains": GAINS | {"named": ["human_eval", "boolq"]},
    **dict.fromkeys(("mean_difference", "mean_ratio", "share_won", "wins"), SCORES),
    **{name: {"values": [8, 70, 405]} for name in ("count", "highest", "lowest", "mean", "total")},
    **{name: {"value": 70, "among": [8, 70, 405]} for name in ("rank_from_largest", "rank_from_smallest")},
    "within_interval": {"value": 66.0, "centre": 61.0, "half_width": 7.5},
}
# Columns of names, which need not be numbers.
LABELS = {"names", "named"}

QUANTITIES = [(formula, argument) for formula, arguments in ELEMENTWISE.items() for argument in arguments]
BESIDE = [(formula, argument) for formula, arguments in COLUMNS.items() for argument in arguments]


def example(formula):
    """A sensible call's arguments."""
    if formula in COLUMNS:
        return dict(COLUMNS[formula])
    return {argument: value for argument, (value, _) in ELEMENTWISE[formula].items()}


def call(formula, **changed):
    return getattr(formulas, formula)(**(example(formula) | changed))


# --------------------------------------------------------------------------- nothing escapes
def test_every_public_formula_and_every_argument_of_it_is_in_the_tables():
    public = set(formulas.__all__) - {"FormulaError"}
    assert sorted(formulas.__all__) == formulas.__all__
    assert public == ELEMENTWISE.keys() | COLUMNS.keys()
    for formula in public:
        arguments = set(inspect.signature(getattr(formulas, formula)).parameters)
        assert arguments == example(formula).keys() | {a for f, a in NO_QUANTITY if f == formula}, formula


# --------------------------------------------------------------------------- refusal
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
    few = {"n_kv_heads", "tensor_parallel"} & example(formula).keys() if argument == "n_heads" else ()
    heads = dict.fromkeys(few, 1)  # never more than n_heads
    for value in (-1, 0, 0.0, np.int64(0), [0], 0.5, 0.999, 1, 1.001, 2.5):
        plain = value[0] if isinstance(value, list) else value
        if allows(formula, argument, plain):
            assert np.isfinite(call(formula, **heads, **{argument: value})).all(), value
        else:
            with pytest.raises(FormulaError, match=rf"\b{argument}\b.*must be .* is {plain:g}(\.0)?$"):
                call(formula, **heads, **{argument: value})


@pytest.mark.parametrize(("formula", "argument"), BESIDE)
def test_a_column_or_a_number_beside_it_that_makes_no_sense_is_refused_by_name(formula, argument):
    good = example(formula)[argument]
    if not isinstance(good, list):
        for nonsense in NONSENSE:
            with pytest.raises(FormulaError, match=rf"^{argument} must be "):
                call(formula, **{argument: nonsense})
        return
    for gap in (math.nan, None):
        for kind in (list, tuple, lambda values: pd.Series(values, dtype=object)):
            with pytest.raises(FormulaError, match=rf"^{argument} must be a sequence .* {argument}\[1\] is"):
                call(formula, **{argument: kind([good[0], gap, *good[2:]])})
    for no_sequence in ([], np.array([]), "abc", {"a": 1}, {1, 2}, 7, None, iter(good)):
        with pytest.raises(FormulaError, match=rf"^{argument} must be a sequence "):
            call(formula, **{argument: no_sequence})
    if argument not in LABELS and formula != "count":
        for nonsense in [*NONSENSE, [1]]:
            with pytest.raises(FormulaError, match=rf"{argument}\[2\] is "):
                call(formula, **{argument: [*good[:2], nonsense]})


# --------------------------------------------------------------------------- arrays and Series
def half_of(formula, argument):
    value = ELEMENTWISE[formula][argument][0]
    return value // 2 if argument in WHOLE else value / 2


@pytest.mark.parametrize("formula", sorted(ELEMENTWISE))
def test_arrays_lists_and_series_give_what_single_numbers_give(formula):
    function, whole = getattr(formulas, formula), example(formula)
    rows = [whole, {argument: half_of(formula, argument) for argument in whole}, whole]
    one_by_one = [function(**row) for row in rows]
    assert all(type(value) in (int, float) for value in one_by_one)
    columns = {argument: [row[argument] for row in rows] for argument in whole}
    for kind in (list, tuple, np.array):
        computed = function(**{argument: kind(column) for argument, column in columns.items()})
        assert type(computed) is np.ndarray
        np.testing.assert_allclose(computed, one_by_one, rtol=1e-12)
    table = pd.DataFrame(columns, index=list("abc"))
    before = table.copy()
    series = function(**{argument: table[argument] for argument in columns})
    assert series.index.equals(table.index)
    np.testing.assert_allclose(series, one_by_one, rtol=1e-12)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("formula", sorted(COLUMNS))
def test_lists_arrays_and_series_of_scores_give_the_same(formula):
    columns = {argument: value for argument, value in example(formula).items() if isinstance(value, list)}
    kinds = (tuple, np.array, pd.Series, lambda column: pd.Series(column, index=list("xyz")[: len(column)]))
    for kind in kinds:
        computed = call(formula, **{argument: kind(column) for argument, column in columns.items()})
        assert (computed, type(computed)) == (call(formula), type(call(formula)))


@pytest.mark.parametrize(("formula", "argument"), QUANTITIES)
def test_an_array_of_any_shape_beside_numbers_keeps_its_shape_and_is_left_as_it_was(formula, argument):
    value, at_value = example(formula)[argument], float(call(formula))
    for shape in [(0,), (1,), (2, 3), (2, 0), (1, 2, 2)]:
        array = np.full(shape, value)
        array.flags.writeable = False
        computed = call(formula, **{argument: array})
        assert (type(computed), computed.shape, computed.dtype) == (np.ndarray, shape, np.float64)
        np.testing.assert_allclose(computed, np.full(shape, at_value), rtol=1e-12)
    for alone in (np.array(value), np.array([value])[0]):
        computed = call(formula, **{argument: alone})
        assert type(computed) in (int, float)
        assert computed == pytest.approx(at_value, rel=1e-12)


@pytest.mark.parametrize(("formula", "argument"), QUANTITIES)
def test_the_largest_and_smallest_numbers_are_refused_or_give_a_number_or_an_infinity(formula, argument):
    for value in (5e-324, sys.float_info.min, 1e-300, 1e300, sys.float_info.max, 10**308):
        try:
            computed = call(formula, **{argument: value})
        except (FormulaError, ArithmeticError):
            continue
        assert computed >= 0 or formula == "difference", value  # NaN is not


# --------------------------------------------------------------------------- scaling laws
@pytest.mark.parametrize(("formula", "argument"), QUANTITIES)
def test_half_of_an_argument_changes_the_result_by_its_law(formula, argument):
    law = ELEMENTWISE[formula][argument][1]
    whole, halved = call(formula), call(formula, **{argument: half_of(formula, argument)})
    if law == UP:
        assert halved < whole
    elif law == DOWN:
        assert halved > whole
    else:
        assert halved / whole == pytest.approx(0.5**law, rel=1e-12)


# What a formula knows beside its arguments and has a unit of its own: the 6 of 6ND is in FLOP a parameter and
# token. Each is solved for the unit it begins with, those that others are solved from first.
OWN_CONSTANTS = {
    "activation_bytes_per_layer": ["GPU", "element/head-token", "byte/token-element"],
    "amortised_usd_per_gpu_hour": ["GPU"],  # the price, and so the loss, is that of one GPU
    "decode_tokens_per_second": ["token", "FLOP/parameter"],  # a step makes one token a sequence
    "energy_mwh": ["GPU"],  # the power is that of one GPU
    "energy_usd_per_gpu_hour": ["GPU"],
    "gpu_hours": ["GPU"],  # the peak is that of one GPU
    "gpu_years": ["GPU", "second"],  # of one GPU; how long a year is, is an argument
    "gpus_to_hold": ["GPU"],  # the memory is that of one GPU
    "inference_flop_per_token": ["parameter/layer-element-token", "FLOP/parameter-token"],
    "kv_cache_bytes": ["layer", "head", "token"],  # a key and a value for each
    "mfu_of_run": ["GPU"],
    "palm_flop_per_token": ["parameter/layer-head-element-token", "FLOP/parameter-token"],
    "parameter_count": ["layer", "head", "element", "token", "parameter"],  # a sum of matrices and vectors
    "training_flop": ["FLOP/parameter-token"],
}


def powers(unit):
    """The powers of the base units in a unit; letters are base units of their own."""
    if unit in of_formulas.NO_QUANTITY:
        return {}
    by_base = {}
    for name, power in notation.split(unit, "ABC")[1]:
        for base, inner in {name: 1}.items() if name in "ABC" else notation.parse(name).dimensions:
            by_base[base] = by_base.get(base, 0) + inner * power
    return by_base


def scale_of(unit, scales):
    return math.prod(scales[base] ** power for base, power in powers(unit).items())


def rescaled(value, by):
    """A value in a unit that is so many times smaller; names stay."""
    if isinstance(value, list):
        return [rescaled(element, by) for element in value]
    return value * by if isinstance(value, int | float) else value


@pytest.mark.parametrize("formula", sorted(ELEMENTWISE | COLUMNS))
def test_in_other_base_units_the_result_is_the_same_quantity(formula):
    """Bytes or bits, dollars or cents: the numbers change as the units in the docstring say they do."""
    signature = described(formula)
    asked = {argument.name: argument.unit for argument in signature.arguments}
    bases = sorted({base for unit in (*asked.values(), signature.unit) for base in powers(unit)})
    scales = dict(zip(bases, (2, 3, 5, 7, 11, 13), strict=False))
    for constant in OWN_CONSTANTS.get(formula, []):
        solved, *others = powers(constant).items()
        scales[solved[0]] = math.prod(scales[base] ** -power for base, power in others)
    arguments = {
        name: rescaled(value, scale_of(asked[name], scales)) for name, value in example(formula).items()
    }
    before, after = call(formula), getattr(formulas, formula)(**arguments)
    by = 1 if isinstance(before, list) else scale_of(signature.unit, scales)
    assert after == (before if by == 1 else pytest.approx(before * by, rel=1e-9))


# --------------------------------------------------------------------------- start-up
def test_importing_the_formulas_and_calling_them_on_plain_numbers_imports_neither_numpy_nor_pandas():
    calls = {formula: example(formula) for formula in ELEMENTWISE | COLUMNS}
    program = f"""
import sys
from costcheck import formulas
for name, arguments in {calls!r}.items():
    getattr(formulas, name)(**arguments)
sys.exit(", ".join({{"numpy", "pandas"}} & sys.modules.keys()) or 0)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
