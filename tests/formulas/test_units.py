"""GB and GiB are two units; prefixes and percent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.formulas import bytes_to_gb, bytes_to_gib, gb_to_bytes, percent, tera


@pytest.mark.parametrize(
    ("computed", "expected"),
    [
        pytest.param(bytes_to_gb(10**9), 1, id="a GB is 1e9 bytes"),
        pytest.param(bytes_to_gib(2**30), 1, id="a GiB is 2^30 bytes"),
        pytest.param(bytes_to_gb(2**30), 1.073741824, id="a GiB in GB"),
        pytest.param(bytes_to_gb(820_162_494_464), 820.162494464, id="leaked index, total_size in GB"),
        pytest.param(bytes_to_gib(820_162_494_464), 763.836, id="the post's 764GiB"),
        pytest.param(gb_to_bytes(80), 8e10, id="an H100's 80 GB"),
        pytest.param(tera(989.4), 9.894e14, id="an H100's 989.4 TFLOP/s"),
        pytest.param(percent(0.346), 34.6, id="0.346 is 34.6 %"),
    ],
)
def test_sizes_agree_with_a_hand_calculation(computed, expected):
    assert computed == pytest.approx(expected, rel=1e-6)


@settings(max_examples=30)
@given(st.floats(1, 1e15))
def test_gigabytes_go_there_and_back(size):
    assert gb_to_bytes(bytes_to_gb(size)) == pytest.approx(size, rel=1e-12)


@settings(max_examples=30)
@given(st.floats(1, 1e15))
def test_a_size_has_more_gb_than_gib(size):
    assert bytes_to_gb(size) / bytes_to_gib(size) == pytest.approx(1.073741824, rel=1e-12)
