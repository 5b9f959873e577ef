"""Parameters of small models counted by hand, and impossible shapes; real models are in test_published.py."""

import numpy as np
import pandas as pd
import pytest

from costcheck.formulas import (
    FormulaError,
    active_parameter_count,
    moe_parameter_count,
    parameter_count,
)

TOY = {"n_layers": 4, "hidden_size": 3, "n_heads": 2, "n_kv_heads": 1, "head_dim": 1, "ffn_size": 7,
    "vocab_size": 5}  # fmt: skip
# embeddings 2 * 5 * 3; in each of 4 layers Q and O 2 * 3 * 2, K and V 2 * 3 * 1, MLP 3 * 3 * 7, norms 2 * 3;
# last norm 3
LLAMA_LIKE = 30 + 4 * (12 + 6 + 63 + 6) + 3


@pytest.mark.parametrize(
    ("option", "by_hand"),
    [
        pytest.param({}, LLAMA_LIKE, id="as Llama"),
        pytest.param({"tied_embeddings": True}, LLAMA_LIKE - 5 * 3, id="one embedding less"),
        pytest.param({"gated_mlp": False}, LLAMA_LIKE - 4 * 3 * 7, id="a matrix less in each layer"),
        pytest.param({"biases": True}, LLAMA_LIKE + 4 * 24, id="q 2, k 1, v 1, o 3, gate 7, up 7, down 3"),
        pytest.param({"biases": True, "gated_mlp": False}, LLAMA_LIKE + 4 * (17 - 21), id="no gate, 21 + 7"),
        pytest.param({"layer_norm": True}, LLAMA_LIKE + 9 * 3, id="a shift in each of nine norms"),
        pytest.param({"learned_positions": 11}, LLAMA_LIKE + 11 * 3, id="11 positions"),
        pytest.param({"relative_positions": True}, LLAMA_LIKE + 4 * 3 * 2, id="3 by 2 in each layer"),
    ],
)
def test_parameters_of_a_toy_agree_with_a_count_by_hand_for_each_option(option, by_hand):
    computed = parameter_count(**TOY | option)
    assert (computed, type(computed)) == (by_hand, int)
    for name, value in option.items():
        if value is not True:
            continue
        for column in (np.array([value, not value]), pd.Series([value, not value], dtype="boolean")):
            assert parameter_count(**TOY | option | {name: column})[0] == by_hand


def test_an_option_that_is_no_bool_and_more_key_value_heads_than_query_heads_are_refused():
    for option in ("tied_embeddings", "gated_mlp", "biases", "layer_norm", "relative_positions"):
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
