"""On texts with known answers, figures are found as well as they were."""

import re
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
        "figures found": 0.98, "units": 0.94, "units in full": 0.79, "hedges": 0.98, "sums, first": 0.86,
        "among three": 0.88, "mistakes named": 0.84,
    },
    "unseen": {
        "figures found": 0.97, "units": 0.94, "sums, first": 0.77, "among three": 0.8, "mistakes named": 0.83,
    },
}  # fmt: skip
MOST = {
    "texts": {"taken, but none": 0.03, "false findings a text": 0.1},
    "invented": {"taken, but none": 0.03, "false findings a text": 0.06},
    "unseen": {"taken, but none": 0.03, "false findings a text": 0.17},
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


def test_the_guide_says_how_well_it_reads():
    guide = (TEXTS.parents[2] / "docs" / "reading.md").read_text("utf-8")
    said = re.search(
        r"on (\d+) texts .* found (\d+) of (\d+) figures .* for (\d+) of (\d+) .* named (\d+) of (\d+)\s"
        r"mistakes and accused (\d+) figures", guide,
    )  # fmt: skip
    of = scores("unseen")["all"]
    counts = (of.texts, of.found, of.gold, of.first, of.derived, of.named, of.mistakes, of.false_findings)
    assert said
    assert tuple(map(int, said.groups())) == counts


@cache
def scores(folder: str) -> dict[str, Score]:
    return measured(TEXTS.with_name(folder))
