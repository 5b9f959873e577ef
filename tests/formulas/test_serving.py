"""Memory, fleets and speed of serving, against the tables that Hugging Face and Meta published."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.formulas import (
    bytes_to_gb,
    bytes_to_gib,
    cost_per_mtok,
    decode_tokens_per_second,
    gpus_to_hold,
    kv_cache_bytes,
    weight_bytes,
)

RELEASED_405B = 405_853_388_800
H100 = {"peak_flop_per_second": 989.4e12, "memory_bytes_per_second": 3.35e12}  # SXM5, bf16 dense
H100_BYTES = 80e9


# huggingface.co/blog/llama31, 23 July 2024: "Inference Memory Requirements"
@pytest.mark.parametrize(
    ("parameters", "bytes_per_parameter", "printed_gb"),
    [(8e9, 2, 16), (70e9, 2, 140), (70e9, 0.5, 35), (405e9, 1, 405), (405e9, 0.5, 203)],
)
def test_weights_agree_with_the_table_of_hugging_face(parameters, bytes_per_parameter, printed_gb):
    assert abs(bytes_to_gb(weight_bytes(parameters, bytes_per_parameter)) - printed_gb) <= 0.5


def test_the_released_weights_are_811_7_gb_which_is_756_gib():
    released = weight_bytes(RELEASED_405B, 2)
    assert round(bytes_to_gb(released), 1) == 811.7
    assert round(bytes_to_gib(released), 2) == 755.96


def test_a_batch_multiplies_the_kv_cache():
    assert kv_cache_bytes(126, 8, 128, 2, tokens=1000, batch=4) == 516_096 * 4000


@pytest.mark.parametrize(
    ("computed", "expected"),
    [
        pytest.param(gpus_to_hold(weight_bytes(RELEASED_405B, 2), H100_BYTES), 11, id="811.7 / 80 = 10.1"),
        pytest.param(gpus_to_hold(820e9, H100_BYTES, multiple_of=8), 16,
            id="Meta, sku_list.py: MP16 in bf16"),
        pytest.param(gpus_to_hold(487.23e9, H100_BYTES, multiple_of=8), 8,
            id="Meta, sku_list.py: MP8 in fp8"),
        pytest.param(gpus_to_hold(160e9, 80e9), 2, id="what fits exactly needs no more"),
        pytest.param(gpus_to_hold(160e9 + 1, 80e9), 3, id="one byte too many needs one more"),
        pytest.param(gpus_to_hold(140e9, 80e9, kv_cache_bytes=20e9, overhead_bytes=1e9), 3, id="161 / 80"),
        pytest.param(gpus_to_hold(140e9, 80e9, usable=0.5), 4, id="140 / 40 = 3.5"),
        pytest.param(gpus_to_hold(1, 80e9), 1, id="never none"),
    ],
)  # fmt: skip
def test_gpus_are_counted_whole_and_in_whole_servers(computed, expected):
    assert computed == expected
    assert type(computed) is int


@settings(max_examples=50)
@given(st.integers(1, 10_000), st.floats(1e9, 3e11), st.floats(0.05, 1))
def test_a_model_that_fills_whole_gpus_needs_just_these_in_spite_of_rounding(gpus, memory, usable):
    assert gpus_to_hold(gpus * memory * usable, memory, usable=usable) == gpus
    assert gpus_to_hold(gpus * (memory * usable), memory, usable=usable) == gpus


def decode(**changed):
    """One stream of Llama 3.1 405B in bf16 on 16 H100 side by side, without a cache."""
    totals = {name: 16 * value for name, value in H100.items()}
    stream = {"weight_bytes": 2 * 405e9, "kv_cache_bytes_per_sequence": 0, "parameters": 405e9}
    return decode_tokens_per_second(**(stream | totals | changed))


@pytest.mark.parametrize(
    ("computed", "by_hand"),
    [
        pytest.param(decode(), 66.17284, id="16 * 3.35e12 / 810e9"),
        pytest.param(decode(batch=8), 8 * 66.17284, id="weights are read once for all"),
        pytest.param(decode(kv_cache_bytes_per_sequence=90e9), 59.55556, id="16 * 3.35e12 / 900e9"),
        pytest.param(decode(kv_cache_bytes_per_sequence=90e9, batch=9), 297.77778, id="9 * 53.6e12 / 1620e9"),
        pytest.param(decode(batch=10_000), 19_543.704, id="compute bound: 16 * 989.4e12 / 810e9"),
    ],
)
def test_decoding_is_bound_by_reading_or_by_computing(computed, by_hand):
    assert computed == pytest.approx(by_hand, rel=1e-6)


def test_a_million_tokens_of_gpus_busy_a_quarter_of_the_time_cost_four_times_as_much():
    assert cost_per_mtok(3.6, 8, 1000, utilisation=0.25) == pytest.approx(4 * 8.0)
