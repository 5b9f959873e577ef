"""Parameters, compute and time of training, against configurations and figures that were published."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.formulas import (
    FormulaError,
    activation_bytes_per_layer,
    adam_state_bytes,
    compute_optimal_tokens,
    gpu_hours,
    gpu_hours_of_fleet,
    gpu_years,
    gpus_for_deadline,
    hfu,
    inference_flop_per_token,
    megatron_flop_per_iteration,
    mfu,
    mfu_of_run,
    palm_flop_per_token,
    parameter_count,
    pretraining_loss,
    training_flop,
    wall_clock_days,
    wall_clock_hours,
)

H100_BF16_DENSE = 989.4e12  # FLOP/s, NVIDIA H100 data sheet, SXM5
A100_BF16_DENSE = 312e12  # FLOP/s, NVIDIA A100 data sheet
TPU_V4_BF16 = 275e12  # FLOP/s, PaLM paper, appendix B

# Layers, width, heads, key-value heads, head width, MLP width, vocabulary (the models' own config files), and
# the parameters that the checkpoints hold.
LLAMA = {
    "Llama 2 7B": ((32, 4096, 32, 32, 128, 11_008, 32_000), 6_738_415_616),
    "Llama 2 13B": ((40, 5120, 40, 40, 128, 13_824, 32_000), 13_015_864_320),
    "Llama 2 70B": ((80, 8192, 64, 8, 128, 28_672, 32_000), 68_976_648_192),
    "Llama 3.1 8B": ((32, 4096, 32, 8, 128, 14_336, 128_256), 8_030_261_248),
    "Llama 3.1 70B": ((80, 8192, 64, 8, 128, 28_672, 128_256), 70_553_706_496),
    "Llama 3.1 405B": ((126, 16_384, 128, 8, 128, 53_248, 128_256), 405_853_388_800),
    "Llama 3.1 405B, leaked, 16 KV heads": ((126, 16_384, 128, 16, 128, 53_248, 128_256), 410_081_247_232),
}


# --------------------------------------------------------------------------- parameters
@pytest.mark.parametrize(("config", "published"), LLAMA.values(), ids=LLAMA)
def test_parameters_agree_with_the_checkpoint_to_the_last_one(config, published):
    assert parameter_count(*config) == published
    assert type(parameter_count(*config)) is int


def test_parameters_of_a_toy_agree_with_a_count_by_hand():
    # embeddings 2 * 5 * 3; Q and O 2 * 3 * 2, K and V 2 * 3 * 1, MLP 3 * 3 * 7, norms 2 * 3; last norm 3
    toy = {"hidden_size": 3, "n_heads": 2, "n_kv_heads": 1, "head_dim": 1, "ffn_size": 7, "vocab_size": 5}
    assert parameter_count(n_layers=1, **toy) == 30 + (12 + 6 + 63 + 6) + 3
    assert parameter_count(n_layers=4, **toy) == 30 + 4 * 87 + 3


def test_tied_embeddings_save_one_matrix_of_vocabulary_times_width():
    config, untied = LLAMA["Llama 3.1 8B"]
    assert untied - parameter_count(*config, tied_embeddings=True) == 128_256 * 4096


def test_a_table_of_models_is_counted_in_one_call_to_the_last_parameter():
    table = pd.DataFrame([config for config, _ in LLAMA.values()], index=list(LLAMA))
    counted = parameter_count(*(table[column] for column in table))
    assert counted.to_dict() == {model: published for model, (_, published) in LLAMA.items()}


def test_each_model_of_a_table_may_tie_its_embeddings_or_not():
    config, untied = LLAMA["Llama 3.1 8B"]
    for tied in (
        np.array([False, True]),
        pd.Series([False, True]),
        pd.Series([False, True], dtype="boolean"),
    ):
        assert list(parameter_count(*config, tied_embeddings=tied)) == [untied, untied - 128_256 * 4096]
    assert type(parameter_count(*config, tied_embeddings=np.bool_(False))) is int


@pytest.mark.parametrize(
    "no_bool", [0, 1.0, "yes", None, np.array([0, 1]), pd.Series([True, None], dtype="boolean")]
)
def test_tied_embeddings_that_are_not_a_bool_are_refused(no_bool):
    with pytest.raises(FormulaError, match=r"^tied_embeddings must be True or False"):
        parameter_count(*LLAMA["Llama 3.1 8B"][0], tied_embeddings=no_bool)


def test_more_key_value_heads_than_query_heads_are_refused():
    with pytest.raises(
        FormulaError, match=r"^n_kv_heads must not be above n_heads, but is 64 where n_heads is 8$"
    ):
        parameter_count(80, 8192, 8, 64, 128, 28_672, 128_256)
    with pytest.raises(FormulaError, match=r"^n_kv_heads must not be above n_heads"):
        parameter_count(80, 8192, np.array([64, 8]), 64, 128, 28_672, 128_256)


# --------------------------------------------------------------------------- compute
@pytest.mark.parametrize(
    ("computed", "published"),
    [
        pytest.param(training_flop(405e9, 15.6e12), 3.79e25, id="Llama 3 paper, section 1: 3.8e25"),
        pytest.param(training_flop(174.6e9, 300e9), 3.14e23, id="GPT-3 paper, Table D.1: 3.14e23"),
        pytest.param(training_flop(13e9, 300e9), 2.34e22, id="by hand: 6 * 13e9 * 300e9"),
    ],
)
def test_training_compute_agrees_with_published_figures(computed, published):
    assert computed == pytest.approx(published, rel=2e-3)


def test_compute_of_integer_arrays_does_not_overflow():
    parameters, tokens = np.array([405_853_388_800]), np.array([15_600_000_000_000])
    assert training_flop(parameters, tokens)[0] == pytest.approx(3.7988e25, rel=1e-4)
    assert training_flop(parameters[0], tokens[0]) == 6 * 405_853_388_800 * 15_600_000_000_000


def test_a_forward_pass_is_a_third_of_forward_and_backward_attention_included():
    forward = inference_flop_per_token(540.35e9, n_layers=118, hidden_size=48 * 256, context_tokens=2048)
    assert palm_flop_per_token(540.35e9, 118, 48, 256, 2048) == pytest.approx(3 * forward, rel=1e-12)


@pytest.mark.parametrize("missing", ["n_layers", "hidden_size"])
def test_context_without_a_shape_to_attend_with_is_refused(missing):
    shape = {"n_layers": 126, "hidden_size": 16_384} | {missing: 0}
    with pytest.raises(
        FormulaError, match=r"^n_layers and hidden_size must be positive where context_tokens is"
    ):
        inference_flop_per_token(405e9, **shape, context_tokens=np.array([0, 8192]))
    assert inference_flop_per_token(405e9, **shape) == 810e9


@pytest.mark.parametrize(
    ("parameters", "shape", "tokens_per_second", "chips", "peak", "published"),
    [
        pytest.param(
            540.35e9, (118, 48, 256, 2048), 238.3e3, 6144, TPU_V4_BF16, 0.462, id="PaLM 540B: 46.2 %"
        ),
        pytest.param(
            530e9, (105, 128, 160, 2048), 65.43e3, 2240, A100_BF16_DENSE, 0.302, id="MT-NLG: 30.2 %"
        ),
    ],
)
def test_palm_accounting_gives_the_utilisations_of_the_palm_paper_section_4_1(
    parameters, shape, tokens_per_second, chips, peak, published
):
    achieved = palm_flop_per_token(parameters, *shape) * tokens_per_second
    assert mfu(achieved, chips * peak) == pytest.approx(published, abs=1e-3)


def test_palm_without_attention_is_six_times_the_parameters():
    # PaLM paper, section 4.1: 45.7 % without self-attention
    assert mfu(training_flop(540e9, 238.3e3), 6144 * TPU_V4_BF16) == pytest.approx(0.457, abs=5e-4)


# Korthikanti et al. (arXiv:2205.05198): the 530B is GPT-3 style, with 105 layers of width 20,480, 2,048
# tokens and a vocabulary of 51,200 (section 6), on 2,240 A100 at 54.2 % MFU (abstract).
MT_NLG = {"sequence_tokens": 2048, "n_layers": 105, "hidden_size": 20_480, "vocab_size": 51_200}


def test_megatron_accounting_gives_a_step_of_39_seconds_at_the_published_utilisation():
    # Section 6, last paragraph: 39.15 s an iteration for 2,240 sequences.
    step = megatron_flop_per_iteration(2240, **MT_NLG) / (2240 * A100_BF16_DENSE * 0.542)
    assert step == pytest.approx(39.15, rel=2e-3)


def test_megatron_and_palm_accounting_agree_on_a_gpt():
    # 12 h^2 a layer and one embedding: the parameters of a GPT but for biases, norms and positions
    weights = 12 * 105 * 20_480**2 + 51_200 * 20_480
    by_palm = palm_flop_per_token(weights, 105, 128, 160, 2048) * 2048
    assert megatron_flop_per_iteration(1, **MT_NLG) == pytest.approx(by_palm, rel=1e-12)


def test_full_recomputation_adds_one_forward_pass_of_the_layers_but_not_of_the_output():
    # Narayanan et al. (arXiv:2104.04473), appendix: 96BsLh²(1 + s/6h + V/16Lh)
    s, layers, h, vocabulary = MT_NLG.values()
    by_hand = 96 * s * layers * h**2 * (1 + s / (6 * h) + vocabulary / (16 * layers * h))
    full = megatron_flop_per_iteration(1, **MT_NLG, recompute="full")
    assert full == pytest.approx(by_hand, rel=1e-12)
    forward_of_layers = 24 * s * layers * h**2 * (1 + s / (6 * h))
    assert full - megatron_flop_per_iteration(1, **MT_NLG) == pytest.approx(forward_of_layers, rel=1e-9)


@pytest.mark.parametrize("unknown", ["selective", "", None, True])
def test_an_unknown_recomputation_is_refused_with_the_choices(unknown):
    with pytest.raises(FormulaError, match=r"^recompute must be one of 'none', 'full', but is "):
        megatron_flop_per_iteration(1, **MT_NLG, recompute=unknown)


# --------------------------------------------------------------------------- tokens and loss
# Hoffmann et al. (arXiv:2203.15556): L = 1.69 + 406.4/N^0.34 + 410.7/D^0.28
CHINCHILLA = {
    "irreducible_loss": 1.69,
    "parameter_factor": 406.4,
    "parameter_exponent": 0.34,
    "token_factor": 410.7,
    "token_exponent": 0.28,
}


def best_parameters(flop):
    """The N of the lowest loss where 6ND is given: the derivatives cancel at αA/N^α = βB/D^β."""
    balance = (0.34 * 406.4) / (0.28 * 410.7)
    return balance ** (1 / 0.62) * (flop / 6) ** (0.28 / 0.62)


def test_llama_3_1_405b_saw_1_93_times_the_tokens_of_the_rule_of_20():
    # 20 * 405e9 = 8.1e12, against 15.6e12 (Llama 3 paper, section 1)
    assert compute_optimal_tokens(405e9, 20) == 8.1e12
    assert 15.6e12 / compute_optimal_tokens(405e9, 20) == pytest.approx(1.926, abs=5e-4)


def test_the_llama_3_papers_own_law_takes_41_tokens_a_parameter():
    # section 3.2.1: 402e9 parameters on 16.55e12 tokens
    assert compute_optimal_tokens(402e9, 41.17) == pytest.approx(16.55e12, rel=1e-4)


def test_the_loss_agrees_with_a_hand_calculation_at_powers_of_ten():
    # N = 1e10: 406.4 / 10^3.4 = 406.4 / 2511.886; D = 1e12: 410.7 / 10^3.36 = 410.7 / 2290.868
    assert pretraining_loss(1e10, 1e12, **CHINCHILLA) == pytest.approx(1.69 + 0.161791 + 0.179277, abs=1e-6)


def test_the_loss_of_an_endless_model_on_endless_text_is_the_irreducible_one():
    assert pretraining_loss(1e300, 1e300, **CHINCHILLA) == pytest.approx(1.69, abs=1e-12)


@settings(max_examples=30)
@given(st.floats(1e18, 1e27), st.floats(0.01, 100).filter(lambda times: abs(times - 1) > 0.01))
def test_at_a_given_compute_the_loss_is_lowest_where_its_derivatives_cancel(flop, times):
    parameters = best_parameters(flop)
    tokens = flop / (6 * parameters)
    lowest = pretraining_loss(parameters, tokens, **CHINCHILLA)
    assert pretraining_loss(parameters * times, tokens / times, **CHINCHILLA) > lowest


def test_for_the_compute_of_405b_the_fitted_law_wants_139_tokens_a_parameter_and_not_20():
    parameters = best_parameters(3.8e25)
    tokens = 3.8e25 / (6 * parameters)
    assert tokens / parameters == pytest.approx(139, abs=0.5)
    by_rule = (3.8e25 / (6 * 20)) ** 0.5
    loss_by_rule = pretraining_loss(by_rule, compute_optimal_tokens(by_rule, 20), **CHINCHILLA)
    assert loss_by_rule > pretraining_loss(parameters, tokens, **CHINCHILLA)


# --------------------------------------------------------------------------- utilisation
@pytest.mark.parametrize(
    ("tflop_per_second", "published"),
    [
        pytest.param(430, 0.435, id="8,192 GPUs: 43 %"),
        pytest.param(400, 0.404, id="16,384 GPUs: 41 % as printed, 40.4 % by division"),
        pytest.param(380, 0.384, id="16,384 GPUs, 131,072 tokens: 38 %"),
    ],
)
def test_utilisation_agrees_with_table_4_of_the_llama_3_paper(tflop_per_second, published):
    assert mfu(tflop_per_second * 1e12, H100_BF16_DENSE) == pytest.approx(published, abs=5e-4)


def test_the_whole_405b_run_reached_34_6_percent():
    assert mfu_of_run(3.8e25, 30.84e6, H100_BF16_DENSE) == pytest.approx(0.346, abs=5e-4)


def test_recomputation_raises_hfu_and_leaves_mfu():
    # Every size 1, a step a second on a peak of 1,000 FLOP/s: 72 (1 + 1/6 + 1/12) = 90 FLOP of the model, and
    # 96 (1 + 1/6 + 1/16) = 118 executed.
    model = megatron_flop_per_iteration(1, 1, 1, 1, 1)
    executed = megatron_flop_per_iteration(1, 1, 1, 1, 1, recompute="full")
    assert mfu(model, 1000) == pytest.approx(0.090, rel=1e-12)
    assert hfu(executed, 1000) == pytest.approx(0.118, rel=1e-12)


@settings(max_examples=30)
@given(*[st.integers(1, 10**5)] * 4)
def test_hfu_is_at_most_a_third_above_mfu(sequence, layers, width, vocabulary):
    # three passes become four, but for the output layer
    shape = (1, sequence, layers, width, vocabulary)
    of_model = mfu(megatron_flop_per_iteration(*shape), H100_BF16_DENSE)
    of_hardware = hfu(megatron_flop_per_iteration(*shape, recompute="full"), H100_BF16_DENSE)
    assert 1 < of_hardware / of_model <= 4 / 3 * (1 + 1e-12)


magnitude = st.floats(1e-3, 1e3)


@settings(max_examples=30)
@given(magnitude, magnitude, st.floats(0.01, 1))
def test_the_utilisation_that_hours_were_computed_from_comes_back(parameters, tokens, utilisation):
    compute = training_flop(parameters * 1e9, tokens * 1e12)
    hours = gpu_hours(compute, H100_BF16_DENSE, utilisation)
    assert mfu_of_run(compute, hours, H100_BF16_DENSE) == pytest.approx(utilisation, rel=1e-12)


# --------------------------------------------------------------------------- time and fleets
@pytest.mark.parametrize(
    ("computed", "by_hand"),
    [
        pytest.param(gpu_years(30.84e6), 3520.548, id="30.84e6 / (365 * 24)"),
        pytest.param(gpu_years(30.84e6, days_in_year=365.25), 3518.138, id="30.84e6 / (365.25 * 24)"),
        pytest.param(gpus_for_deadline(30.84e6, days=30), 42_833.333, id="30.84e6 / (30 * 24)"),
        pytest.param(gpus_for_deadline(30.84e6, days=30.4375), 42_217.659, id="30.84e6 / (30.4375 * 24)"),
        pytest.param(gpus_for_deadline(30.84e6, days=31), 41_451.613, id="30.84e6 / (31 * 24)"),
        pytest.param(
            gpus_for_deadline(30.84e6, days=30, utilisation=0.5), 85_666.667, id="twice as many, half busy"
        ),
        pytest.param(wall_clock_hours(30.84e6, gpus=16_384), 1882.324, id="30.84e6 / 16,384"),
        pytest.param(wall_clock_days(30.84e6, gpus=16_384), 78.430176, id="30.84e6 / 16,384 / 24"),
        pytest.param(wall_clock_days(30.84e6, gpus=16_384, utilisation=0.9), 87.144640, id="the same / 0.9"),
        pytest.param(gpu_hours_of_fleet(16_384, hours=54 * 24), 21_233_664, id="16,384 * 54 * 24"),
        pytest.param(
            gpu_hours(3.8e25, H100_BF16_DENSE, 0.4), 26_671_607, id="3.8e25 / (989.4e12 * 0.4 * 3600)"
        ),
    ],
)
def test_times_and_fleets_agree_with_a_hand_calculation(computed, by_hand):
    assert computed == pytest.approx(by_hand, rel=1e-6)


@settings(max_examples=30)
@given(st.floats(1, 1e9), st.floats(0.1, 1e4), st.floats(0.01, 1))
def test_the_fleet_for_a_deadline_meets_it(hours, days, utilisation):
    fleet = gpus_for_deadline(hours, days, utilisation)
    assert wall_clock_days(hours, fleet, utilisation) == pytest.approx(days, rel=1e-12)
    assert gpu_hours_of_fleet(fleet, days * 24) == pytest.approx(hours / utilisation, rel=1e-12)


def test_adam_needs_24_gb_for_gpt_2():
    # ZeRO paper, section 3.1: 1.5e9 parameters need at least 24 GB
    assert adam_state_bytes(1_500_000_000) == 24_000_000_000


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
        pytest.param(
            {"tensor_parallel": 8, "sequence_parallel": True, "recompute": "selective"}, 4.25, id="34/8"
        ),
        pytest.param({"tensor_parallel": 8, "sequence_parallel": True, "recompute": "full"}, 2, id="2"),
    ],
)
def test_activations_of_a_layer_agree_with_a_hand_calculation(spread, per_element):
    assert activation_bytes_per_layer(**LAYER, **spread) == 41_943_040 * per_element
    assert activation_bytes_per_layer(**LAYER | {"batch": 3}, **spread) == 3 * 41_943_040 * per_element


shapes = st.tuples(
    st.integers(1, 64), st.integers(1, 10**6), st.integers(1, 10**5), st.integers(16, 256), st.integers(1, 16)
)


@settings(max_examples=30)
@given(shapes)
def test_with_sequence_parallelism_each_gpu_keeps_an_equal_part(shape):
    *layer, gpus = shape
    part = activation_bytes_per_layer(*layer, gpus, sequence_parallel=True)
    assert part * gpus == pytest.approx(activation_bytes_per_layer(*layer), rel=1e-12)


@settings(max_examples=30)
@given(shapes, st.booleans())
def test_selective_recomputation_saves_the_scores_and_up_to_16_gpus_full_saves_more(shape, sequence_parallel):
    kept, without_scores, input_only = (
        activation_bytes_per_layer(*shape, sequence_parallel=sequence_parallel, recompute=recompute)
        for recompute in ("none", "selective", "full")
    )
    batch, sequence, _, heads, gpus = shape
    assert kept - without_scores == pytest.approx(
        5 * batch * heads * sequence**2 / gpus, rel=1e-9, abs=1e-12 * kept
    )
    assert input_only < without_scores < kept  # 34/t is above 2 as long as t is below 17


@pytest.mark.parametrize("recompute", ["none", "selective", "full"])
def test_a_table_of_splits_gives_a_row_each_whatever_is_recomputed(recompute):
    splits = pd.Series([1, 2, 8], index=["one", "two", "eight"])
    for sequence_parallel in (True, pd.Series([False, True, True], index=splits.index)):
        kept = activation_bytes_per_layer(
            **LAYER, tensor_parallel=splits, sequence_parallel=sequence_parallel, recompute=recompute
        )
        one_by_one = [
            activation_bytes_per_layer(
                **LAYER, tensor_parallel=t, sequence_parallel=t > 1, recompute=recompute
            )
            for t in splits.tolist()
        ]
        assert kept.to_dict() == dict(zip(splits.index, one_by_one, strict=True))


def test_more_gpus_than_heads_to_share_are_refused():
    with pytest.raises(
        FormulaError, match=r"^tensor_parallel must not be above n_heads, but is 256 where n_heads is 128$"
    ):
        activation_bytes_per_layer(**LAYER, tensor_parallel=256)


@pytest.mark.parametrize("unclear", [1, None, "yes", np.array([1, 0])])
def test_whether_the_sequence_is_shared_must_be_said_with_a_bool(unclear):
    with pytest.raises(FormulaError, match=r"^sequence_parallel must be True or False, but is "):
        activation_bytes_per_layer(**LAYER, sequence_parallel=unclear)


@pytest.mark.parametrize("unknown", ["half", "", None, True])
def test_an_unknown_way_to_recompute_activations_is_refused_with_the_choices(unknown):
    with pytest.raises(FormulaError, match=r"^recompute must be one of 'none', 'selective', 'full', but is "):
        activation_bytes_per_layer(**LAYER, recompute=unknown)


@pytest.mark.parametrize("given_", [{}, {"n_layers": 2}, {"hidden_size": 10}])
def test_attention_without_layers_or_width_is_refused(given_):
    with pytest.raises(FormulaError, match=r"^n_layers and hidden_size must be positive where"):
        inference_flop_per_token(405e9, **given_, context_tokens=5)
    assert inference_flop_per_token(405e9, n_layers=2, hidden_size=10, context_tokens=5) == 810e9 + 400
