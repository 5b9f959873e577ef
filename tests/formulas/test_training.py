"""Compute, time and memory of training, against figures that were published."""

import numpy as np
import pytest

from costcheck.formulas import (
    FormulaError,
    activation_bytes_per_layer,
    flop_of_run,
    gpu_hours,
    gpu_years,
    gpus_for_deadline,
    inference_flop_per_token,
    mfu,
    mfu_of_run,
    palm_flop_per_token,
    training_flop,
    wall_clock_days,
    wall_clock_hours,
)

H100_BF16_DENSE = 989.4e12  # FLOP/s, NVIDIA H100 data sheet, SXM5
A100_BF16_DENSE = 312e12  # FLOP/s, NVIDIA A100 data sheet
TPU_V4_BF16 = 275e12  # FLOP/s, PaLM paper, appendix B

PALM, MT_NLG = (540.35e9, 118, 48, 256, 2048), (530e9, 105, 128, 160, 2048)


@pytest.mark.parametrize(
    ("computed", "published", "within"),
    [
        pytest.param(training_flop(405e9, 15.6e12), 3.79e25, 1e23, id="Llama 3 paper, section 1: 3.8e25"),
        pytest.param(training_flop(174.6e9, 300e9), 3.14e23, 5e20, id="GPT-3 paper, Table D.1: 3.14e23"),
        # Llama 3 paper, Table 4: 43 and 41 % (40.4 by division)
        pytest.param(mfu(430e12, H100_BF16_DENSE), 0.435, 5e-4, id="8,192 GPUs: 43 %"),
        pytest.param(mfu(400e12, H100_BF16_DENSE), 0.404, 5e-4, id="16,384 GPUs: 40.4 %"),
        pytest.param(mfu_of_run(3.8e25, 30.84e6, H100_BF16_DENSE), 0.346, 5e-4, id="the whole run: 34.6 %"),
        pytest.param(flop_of_run(30.84e6, H100_BF16_DENSE, 0.346), 3.8e25, 5e22, id="and back: 3.8e25"),
        # PaLM paper, section 4.1
        pytest.param(mfu(palm_flop_per_token(*PALM) * 238.3e3, 6144 * TPU_V4_BF16), 0.462, 1e-3, id="PaLM"),
        pytest.param(mfu(palm_flop_per_token(*MT_NLG) * 65.43e3, 2240 * A100_BF16_DENSE), 0.302, 1e-3,
            id="MT-NLG"),
        pytest.param(mfu(training_flop(540e9, 238.3e3), 6144 * TPU_V4_BF16), 0.457, 5e-4,
            id="PaLM without attention"),
    ],
)  # fmt: skip
def test_compute_and_utilisation_agree_with_published_figures(computed, published, within):
    assert computed == pytest.approx(published, abs=within)


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


@pytest.mark.parametrize("shape", [{}, {"n_layers": 2}, {"hidden_size": 10}])
def test_context_without_a_shape_to_attend_with_is_refused(shape):
    for context in (5, np.array([0, 8192])):
        with pytest.raises(FormulaError, match=r"^n_layers and hidden_size must be positive where"):
            inference_flop_per_token(405e9, **shape, context_tokens=context)
    assert inference_flop_per_token(405e9, **shape) == 810e9


@pytest.mark.parametrize(
    ("computed", "by_hand"),
    [
        pytest.param(gpu_years(30.84e6, days_in_year=365.25), 3518.138, id="30.84e6 / (365.25 * 24)"),
        pytest.param(gpus_for_deadline(30.84e6, days=31), 41_451.613, id="30.84e6 / (31 * 24)"),
        pytest.param(gpus_for_deadline(30.84e6, days=30, utilisation=0.5), 85_666.667,
            id="twice as many, half busy"),
        pytest.param(wall_clock_hours(30.84e6, gpus=16_384), 1882.324, id="30.84e6 / 16,384"),
        pytest.param(wall_clock_days(30.84e6, gpus=16_384, utilisation=0.9), 87.144640, id="the same / 0.9"),
        pytest.param(gpu_hours(3.8e25, H100_BF16_DENSE, 0.4), 26_671_607,
            id="3.8e25 / (989.4e12 * 0.4 * 3600)"),
    ],
)  # fmt: skip
def test_times_and_fleets_agree_with_a_hand_calculation(computed, by_hand):
    assert computed == pytest.approx(by_hand, rel=1e-6)


# One layer of the 530B (Korthikanti et al.): s = 2048, h = 20,480, a = 128, so that s h = 41,943,040 and
# 5as/h = 64; over t = 8 GPUs where there are several.
LAYER = {"batch": 1, "sequence_tokens": 2048, "hidden_size": 20_480, "n_heads": 128}


@pytest.mark.parametrize(
    ("spread", "per_element"),
    [
        pytest.param({}, 98, id="34 + 64"),
        pytest.param({"tensor_parallel": 8}, 21, id="10 + 24/8 + 64/8"),
        pytest.param({"tensor_parallel": 8, "sequence_parallel": True}, 12.25, id="34/8 + 64/8"),
        pytest.param({"tensor_parallel": 8, "recompute": "selective"}, 13, id="10 + 24/8"),
        pytest.param({"tensor_parallel": 8, "sequence_parallel": True, "recompute": "selective"}, 4.25,
            id="34/8"),
        pytest.param({"tensor_parallel": 8, "sequence_parallel": True, "recompute": "full"}, 2, id="2"),
    ],
)  # fmt: skip
def test_activations_of_a_layer_agree_with_a_hand_calculation(spread, per_element):
    assert activation_bytes_per_layer(**LAYER, **spread) == 41_943_040 * per_element
    assert activation_bytes_per_layer(**LAYER | {"batch": 3}, **spread) == 3 * 41_943_040 * per_element


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
