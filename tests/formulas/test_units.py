"""GB and GiB are two units; prefixes and percent."""

import pytest

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
