"""On texts with known answers, figures are found as well as they were."""

import pytest
from benchmarks.reading import measured, share

LEAST = {
    "figures found": 0.99, "units": 0.97, "units in full": 0.90, "hedges": 0.97, "sums, first": 0.85,
    "among three": 0.87, "mistakes named": 0.85,
}  # fmt: skip
MOST = {"taken, but none": 0.03, "false findings a text": 0.1}


@pytest.mark.parametrize("language", ["en", "zh", "ja", "all"])
def test_no_figure_is_missed(language):
    assert share(SCORES[language], "figures found") >= LEAST["figures found"], SCORES[language].misses


@pytest.mark.parametrize("column", [*LEAST, *MOST])
def test_reading_is_as_good_as_its_goals(column):
    value = share(SCORES["all"], column)
    assert LEAST.get(column, 0) <= value <= MOST.get(column, 1), SCORES["all"].misses


SCORES = measured()
