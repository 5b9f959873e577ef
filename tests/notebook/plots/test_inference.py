"""The charts of inference prices: what stands on the page, not pixels."""

import itertools
from functools import cache

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from costcheck.notebook.plots.colours import BLUE
from costcheck.notebook.plots.inference import (
    place_labels,
    price_by_provider,
    quality_against_price,
    self_hosting,
)
from costcheck.notebook.plots.style import canvas
from costcheck.notebook.show import show


@cache
def offers(references=(("GPT-4o", 7.5), ("Sonnet", 6.0), ("mini", 0.26))):
    return price_by_provider(
        ["cheap host, July", "dear host, July", "host, later"],
        [2.7, 15.0, 0.8],
        ["early", "early", "later"],
        [True, False, True],
        dict(references),
        title="Two undercut",
        subtitle="blended",
    )


@cache
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


@cache
def hosting(hosted=3.0):
    batches = {"8 GPUs": {"1k": [1, 10, 100], "8k": [1, 10]}, "16 GPUs": {"1k": [1, 10, 100], "8k": [1, 10]}}
    costs = {
        "8 GPUs": {"1k": [100, 10, 1], "8k": [105, 12]},
        "16 GPUs": {"1k": [200, 20, 2], "8k": [210, 24]},
    }
    return self_hosting(batches, costs, hosted, title="From 100 on")


def texts(figure, axes):
    """The texts in axes with their boxes, in pixels, after the layout."""
    figure.draw(FigureCanvasAgg(figure).get_renderer())
    return [(text.get_text(), text.get_window_extent()) for text in axes.texts if text.get_text()]


def overlapping(found):
    return [(a, b) for (a, one), (b, other) in itertools.combinations(found, 2) if one.overlaps(other)]


# --------------------------------------------------------------------------- providers
def test_bars_begin_at_zero_and_are_as_long_as_the_prices():
    bars = offers().axes[0].patches
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [(0, 2.7), (0, 15.0), (0, 0.8)]


def test_only_offers_that_undercut_are_blue():
    assert [bar.get_facecolor()[:3] == to_rgb(BLUE) for bar in offers().axes[0].patches] == [
        True,
        False,
        True,
    ]


def test_each_reference_is_a_line_at_its_price_and_names_it():
    axes = offers().axes[0]
    assert sorted(line.get_xdata()[0] for line in axes.lines) == [0.26, 6.0, 7.5]
    assert {"GPT-4o: 7.50", "Sonnet: 6.00", "mini: 0.26"} <= {text.get_text() for text in axes.texts}


@pytest.mark.parametrize(
    "references",
    [
        pytest.param((("GPT-4o", 7.5), ("Sonnet", 6.0), ("mini", 0.26)), id="apart"),
        pytest.param((("one", 6.0), ("two", 6.0), ("three", 6.01)), id="all the same"),
        pytest.param((("one", 600.0), ("two", 0.001)), id="far apart"),
    ],
)
def test_no_label_of_a_provider_chart_covers_another(references):
    figure = offers(references)
    assert overlapping(texts(figure, figure.axes[0])) == []


def test_no_line_runs_through_the_name_of_another():
    figure = offers()
    found = texts(figure, figure.axes[0])
    names = [box for text, box in found if ": " in text]
    for line in figure.axes[0].lines:
        (x, bottom), (_, top) = figure.axes[0].transData.transform(line.get_xydata())
        assert not any(box.x0 < x < box.x1 and bottom < box.y1 and box.y0 < top for box in names)


# --------------------------------------------------------------------------- quality
@pytest.mark.parametrize("price", [3.0, 5.0, 0.15])
def test_names_of_models_cover_neither_each_other_nor_any_point_whatever_the_price(price):
    figure = quality(price)
    axes = figure.axes[0]
    found = texts(figure, axes)
    assert overlapping(found) == []
    points = axes.transData.transform([(price, 1262), (5, 1286), (0.15, 1280), (30, 1160)])
    assert not any(box.contains(x, y) for _, box in found for x, y in points)


def test_the_staircase_is_the_best_rating_to_be_had_at_each_price():
    (stairs,) = [line for line in quality().axes[0].lines if line.get_drawstyle() == "steps-post"]
    assert list(stairs.get_xdata())[:-1] == [0.15, 3.0, 5.0, 30.0]
    assert list(stairs.get_ydata()) == [1280, 1280, 1286, 1286, 1286]


# --------------------------------------------------------------------------- self-hosting
def test_a_dot_marks_the_first_batch_that_costs_no_more_than_the_hosted_price():
    marked = [
        [tuple(line.get_xydata()[0]) for line in axes.lines if line.get_marker() == "o"]
        for axes in hosting(hosted=10.0).axes
    ]
    assert marked == [[(10, 10)], [(100, 2)]]  # 10 <= 10; 20 > 10 >= 2; 12 and 24 never


def test_without_break_even_no_dot_is_drawn_and_none_is_claimed():
    figure = hosting(hosted=0.5)
    assert not any(line.get_marker() == "o" for axes in figure.axes for line in axes.lines)
    assert not any("breaks even" in text.get_text() for axes in figure.axes for text in axes.texts)


@pytest.mark.parametrize("hosted", [0.5, 3.0, 150.0])
def test_no_label_of_a_hosting_panel_covers_another_or_leaves_the_panel(hosted):
    figure = hosting(hosted)
    for axes in figure.axes:
        found = texts(figure, axes)
        assert overlapping(found) == []
        room = axes.get_window_extent()
        assert all(room.x0 - 1 <= box.x0 and box.x1 <= room.x1 + 1 for _, box in found)


def test_the_hosting_chart_says_that_it_shows_a_bound():
    assert hosting()._supxlabel.get_text().startswith("A bound")


# --------------------------------------------------------------------------- all
def test_a_crowd_of_labels_finds_places():
    _, axes = canvas()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    crowd = [(0.5 + 0.01 * x, 0.5 + 0.02 * y, f"label {x} {y}", "black") for x in range(3) for y in range(3)]
    placed = place_labels(axes, crowd)
    assert [label.get_text() for label in placed] == [text for _, _, text, _ in crowd]
    assert overlapping(texts(axes.figure, axes)) == []


def test_a_label_makes_way_for_the_points_to_be_kept_free():
    _, axes = canvas()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    to_the_right = [(x / 100, 0.5) for x in range(50, 70)]
    (label,) = place_labels(axes, [(0.5, 0.5, "label", "black")], to_the_right)
    assert label.get_ha() == "right"


@pytest.mark.parametrize("draw", [offers, quality, hosting])
def test_two_draws_give_the_same_bytes(draw):
    one, other = (show(draw.__wrapped__(), "twice", "alt") for _ in range(2))
    assert one.svg == other.svg
