"""Compute and memory of training beyond the published figures, which are in test_published.py."""

import numpy as np
import pytest

from costcheck.formulas import (
    FormulaError,
    activation_bytes_per_layer,
    inference_flop_per_token,
    palm_flop_per_token,
    training_flop,
)

PALM = (540.35e9, 118, 48, 256, 2048)


def test_compute_of_integer_arrays_does_not_overflow():
    parameters, tokens = np.array([405_853_388_800]), np.array([15_600_000_000_000])
    assert training_flop(parameters, tokens)[0] == pytest.approx(3.7988e25, rel=1e-4)
    assert training_flop(parameters[0], tokens[0]) == 6 * 405_853_388_800 * 15_600_000_000_000


def test_a_forward_pass_is_a_third_of_forward_and_backward_attention_included():
    # PaLM paper, appendix B: 6N + 12LHQT
    parameters, layers, heads, width, tokens = PALM
    forward = inference_flop_per_token(parameters, layers, hidden_size=heads * width, context_tokens=tokens)
    assert 3 * forward == pytest.approx(6 * parameters + 12 * layers * heads * width * tokens, rel=1e-12)
    assert palm_flop_per_token(*PALM) == pytest.approx(3 * forward, rel=1e-12)


LAYER = {"batch": 1, "sequence_tokens": 2048, "hidden_size": 20_480, "n_heads": 128}


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("tensor_parallel", 256, "must not be above n_heads, but is 256 where n_heads is 128$"),
        ("sequence_parallel", 1, "must be True or False, but is 1"),
        ("recompute", "half", "must be one of 'none', 'selective', 'full', but is 'half'"),
    ],
)
def test_a_way_to_split_or_recompute_that_does_not_exist_is_refused(argument, value, message):
    with pytest.raises(FormulaError, match=f"^{argument} {message}"):
        activation_bytes_per_layer(**LAYER, **{argument: value})
