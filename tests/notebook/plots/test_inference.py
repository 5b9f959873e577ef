"""The charts of inference prices: what stands on the page, not pixels."""

from functools import partial

import pytest
from matplotlib.colors import to_rgb

from costcheck.notebook.plots.colours import BLUE
from costcheck.notebook.plots.inference import (
    place_labels,
    price_by_provider,
    quality_against_price,
    self_hosting,
)
from costcheck.notebook.plots.style import canvas

LINES = {"GPT-4o": 7.5, "Sonnet": 6.0, "mini": 0.26}


def offers(references=LINES):
    return price_by_provider(
        ["cheap host, July", "dear host, July", "host, later"],
        [2.7, 15.0, 0.8],
        ["early", "early", "later"],
        [True, False, True],
        references,
        title="Two undercut",
        subtitle="blended",
    )


def quality(price_of_ours=3.0):
    return quality_against_price(
        ["ours", "theirs", "cheap", "old"],
        [price_of_ours, 5.0, 0.15, 30.0],
        [1262, 1286, 1280, 1160],
        {"ours": "Ours 405B", "theirs": "Theirs", "cheap": "Mini", "old": "Old"},
        ["ours", "theirs", "cheap"],
        title="Mini is better",
        subtitle="a stand-in",
        quality="rating [Elo points]",
    )


def hosting(hosted=3.0):
    batches = {"8 GPUs": {"1k": [1, 10, 100], "8k": [1, 10]}, "16 GPUs": {"1k": [1, 10, 100], "8k": [1, 10]}}
    costs = {
        "8 GPUs": {"1k": [100, 10, 1], "8k": [105, 12]},
        "16 GPUs": {"1k": [200, 20, 2], "8k": [210, 24]},
    }
    return self_hosting(batches, costs, hosted, title="From 100 on")


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(offers, id="offers"),
        pytest.param(partial(offers, {"one": 6.0, "two": 6.0, "three": 6.01}), id="lines in one place"),
        pytest.param(partial(offers, {"one": 600.0, "two": 0.001}), id="lines far apart"),
        *(pytest.param(partial(quality, price), id=f"quality {price}") for price in (3.0, 5.0, 0.15)),
        *(pytest.param(partial(hosting, price), id=f"hosting {price}") for price in (0.5, 3.0, 150.0)),
    ],
)
def test_no_label_covers_another_or_leaves_the_figure(draw, tidy):
    tidy(draw())


def test_bars_are_as_long_as_the_prices_and_blue_where_they_undercut():
    bars = offers().axes[0].patches
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [(0, 2.7), (0, 15.0), (0, 0.8)]
    assert [bar.get_facecolor()[:3] == to_rgb(BLUE) for bar in bars] == [True, False, True]


def test_each_reference_is_a_line_at_its_price_that_runs_through_no_name(boxes):
    figure = offers()
    names = {text: box for text, box in boxes(figure) if ": " in text}
    assert {"GPT-4o: 7.50", "Sonnet: 6.00", "mini: 0.26"} <= set(names)
    axes = figure.axes[0]
    assert sorted(line.get_xdata()[0] for line in axes.lines) == [0.26, 6.0, 7.5]
    for line in axes.lines:
        (x, bottom), (_, top) = axes.transData.transform(line.get_xydata())
        assert not any(box.x0 < x < box.x1 and bottom < box.y1 and box.y0 < top for box in names.values())


@pytest.mark.parametrize("price", [3.0, 5.0, 0.15])
def test_names_of_models_cover_no_point_whatever_the_price(price, boxes):
    figure = quality(price)
    found = boxes(figure)
    points = figure.axes[0].transData.transform([(price, 1262), (5, 1286), (0.15, 1280), (30, 1160)])
    assert not any(box.contains(x, y) for _, box in found for x, y in points)


def test_the_staircase_is_the_best_rating_to_be_had_at_each_price():
    (stairs,) = [line for line in quality().axes[0].lines if line.get_drawstyle() == "steps-post"]
    assert list(stairs.get_xdata())[:-1] == [0.15, 3.0, 5.0, 30.0]
    assert list(stairs.get_ydata()) == [1280, 1280, 1286, 1286, 1286]


@pytest.mark.parametrize(
    ("hosted", "dots"),
    [(10.0, [[(10, 10)], [(100, 2)]]), (0.5, [[], []])],  # 10 <= 10; 20 > 10 >= 2; 12 and 24 never
)
def test_a_dot_marks_the_first_batch_that_costs_no_more_than_the_hosted_price(hosted, dots, written):
    figure = hosting(hosted)
    marked = [
        [tuple(line.get_xydata()[0]) for line in axes.lines if line.get_marker() == "o"]
        for axes in figure.axes
    ]
    assert marked == dots
    assert sum("breaks even" in text for text in written(figure)) == sum(map(len, dots))
    assert figure._supxlabel.get_text().startswith("A bound")


def test_a_crowd_of_labels_finds_places(boxes):
    figure, axes = canvas()
    figure.suptitle("")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    crowd = [(0.5 + 0.01 * x, 0.5 + 0.02 * y, f"label {x} {y}", "black") for x in range(3) for y in range(3)]
    placed = place_labels(axes, crowd)
    assert [label.get_text() for label in placed] == [text for _, _, text, _ in crowd]
    found = [box for text, box in boxes(figure) if text.startswith("label")]
    assert not any(box.count_overlaps(found) > 1 for box in found)


def test_a_label_makes_way_for_the_points_to_be_kept_free():
    _, axes = canvas()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (label,) = place_labels(axes, [(0.5, 0.5, "label", "black")], [(x / 100, 0.5) for x in range(50, 70)])
    assert label.get_ha() == "right"
