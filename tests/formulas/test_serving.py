"""Fleets and speed of serving, against what Meta published and by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.formulas import decode_tokens_per_second, gpus_to_hold, weight_bytes

RELEASED_405B = 405_853_388_800
H100_BYTES = 80e9


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


@pytest.mark.parametrize(
    ("batch", "by_hand"),
    [
        (9, 297.77778),  # 9 * 16 * 3.35e12 / (810e9 + 9 * 90e9): reading the weights once for all bounds it
        (10_000, 19_543.704),  # 16 * 989.4e12 / 810e9: computing does
    ],
)
def test_decoding_405b_on_16_h100_is_bound_by_reading_or_by_computing(batch, by_hand):
    cache = 90e9 if batch == 9 else 0
    speed = decode_tokens_per_second(2 * 405e9, cache, 405e9, 16 * 3.35e12, 16 * 989.4e12, batch=batch)
    assert speed == pytest.approx(by_hand, rel=1e-6)
