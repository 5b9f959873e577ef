"""Options of models row by row, and impossible shapes; the counts of real models are in test_published.py."""

import numpy as np
import pandas as pd
import pytest

from costcheck.formulas import FormulaError, active_parameter_count, moe_parameter_count, parameter_count

TOY = {"n_layers": 4, "hidden_size": 3, "n_heads": 2, "n_kv_heads": 1, "head_dim": 1, "ffn_size": 7,
    "vocab_size": 5}  # fmt: skip
OPTIONS = ("tied_embeddings", "gated_mlp", "biases", "layer_norm", "relative_positions")


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_may_differ_from_row_to_row(option):
    alone = [parameter_count(**TOY | {option: chosen}) for chosen in (True, False)]
    assert alone[0] != alone[1]
    for column in (np.array([True, False]), pd.Series([True, False], dtype="boolean")):
        assert list(parameter_count(**TOY | {option: column})) == alone


def test_an_option_that_is_no_bool_and_more_key_value_heads_than_query_heads_are_refused():
    for option in OPTIONS:
        for no_bool in (0, "yes", np.array([0, 1]), pd.Series([True, None], dtype="boolean")):
            with pytest.raises(FormulaError, match=rf"^{option} must be True or False"):
                parameter_count(**TOY | {option: no_bool})
    for heads in (8, np.array([64, 8])):
        with pytest.raises(FormulaError, match=r"^n_kv_heads must not be above n_heads, but .*64 where .* 8"):
            parameter_count(80, 8192, heads, 64, 128, 28_672, 128_256)


MOE = {"n_layers": 3, "hidden_size": 2, "attention_parameters": 100, "n_experts": 4, "expert_size": 5,
    "vocab_size": 7}  # fmt: skip


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: moe_parameter_count(**MOE, dense_layers=4, dense_ffn_size=9),
         "dense_layers must not be above n_layers, but is 4 where n_layers is 3"),
        (lambda: moe_parameter_count(**MOE, dense_layers=1),
         "dense_ffn_size must be positive where dense_layers is, but is 0"),
        (lambda: active_parameter_count(1e9, 3, 2, 5, n_experts=4, active_experts=5),
         "active_experts must not be above n_experts, but is 5 where n_experts is 4"),
        (lambda: active_parameter_count(100, 3, 2, 5, n_experts=4, active_experts=1),
         "the number of idle parameters must not be above parameters, but is 270 where parameters is 100"),
    ],
)  # fmt: skip
def test_a_mixture_that_cannot_be_is_refused(call, message):
    with pytest.raises(FormulaError) as refusal:
        call()
    assert str(refusal.value) == message
