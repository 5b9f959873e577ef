"""On texts with known answers, figures are found as well as they were."""

from functools import cache

import pytest
from benchmarks.reading import TEXTS, Score, measured, share

from costcheck.reading import read_figures
from costcheck.reading.documents import read_document

LEAST = {
    "texts": {
        "figures found": 0.99, "units": 0.97, "units in full": 0.90, "hedges": 0.97, "sums, first": 0.85,
        "among three": 0.87, "mistakes named": 0.85,
    },
    "invented": {
        "figures found": 0.98, "units": 0.95, "units in full": 0.79, "hedges": 0.98, "sums, first": 0.83,
        "among three": 0.87, "mistakes named": 0.85,
    },
    "unseen": {"figures found": 0.97, "units": 0.93, "sums, first": 0.76, "mistakes named": 0.55},
}  # fmt: skip
MOST = {
    "texts": {"taken, but none": 0.03, "false findings a text": 0.1},
    "invented": {"taken, but none": 0.03, "false findings a text": 0.12},
    "unseen": {"taken, but none": 0.04, "false findings a text": 0.21},
}


@pytest.mark.parametrize("language", ["en", "zh", "ja", "all"])
def test_no_figure_is_missed(language):
    of = scores("texts")[language]
    assert share(of, "figures found") >= LEAST["texts"]["figures found"], of.misses


@pytest.mark.parametrize(
    ("folder", "column"), [(folder, column) for folder in LEAST for column in [*LEAST[folder], *MOST[folder]]]
)
def test_reading_is_as_good_as_its_goals(folder, column):
    of = scores(folder)["all"]
    assert LEAST[folder].get(column, 0) <= share(of, column) <= MOST[folder].get(column, 1), of.misses


def test_what_is_right_is_not_accused():
    texts = TEXTS.with_name("correct.txt").read_text("utf-8").split("\n====\n")
    links_of = {text: read_figures(read_document(text)).links for text in texts}
    assert [text for text, links in links_of.items() if any(link.kind.is_mistake for link in links)] == []


@cache
def scores(folder: str) -> dict[str, Score]:
    return measured(TEXTS.with_name(folder))
