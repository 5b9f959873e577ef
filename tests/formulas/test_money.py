"""What a GPU loses as it ages."""

import pytest

from costcheck.formulas import amortised_usd_per_gpu_hour


def test_a_year_later_a_gpu_loses_what_its_value_has_fallen_to():
    new, later = amortised_usd_per_gpu_hour(30_000, [0, 1], orders_of_magnitude_per_year=0.14)
    assert later / new == pytest.approx(10**-0.14)
