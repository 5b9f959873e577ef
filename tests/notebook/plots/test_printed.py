"""The chart of printed figures against what comes out."""

import pytest

from costcheck.notebook.plots.printed import MOST, printed_against_recomputed
from costcheck.notebook.plots.style import drawable


def drawn(ratios):
    count = len(ratios)
    labels = [f"A{number}: $1 and $2" for number in range(count)]
    return printed_against_recomputed(labels, ratios, [0.1] * count, ["holds"] * count, title="1 of 2")


def points(figure):
    return [line for line in figure.axes[0].lines if line.get_marker() == "o"]


def test_every_point_is_within_the_axes_no_text_overlaps_and_no_point_is_no_error(tidy):
    assert points(drawn([])) == []
    for ratios in ([1.0], [0.81, 1.01], [1e-9, 3.0], [1.0, 1e9]):
        figure = drawn(ratios)
        low, high = figure.axes[0].get_xlim()
        assert all(low < ratio < high for ratio in ratios)
        assert low * high == pytest.approx(1)
        tidy(figure)


def test_of_many_figures_those_farthest_off_are_drawn_and_it_is_said():
    figure = drawn([1 + number / 1000 for number in range(MOST + 5)])
    assert len(points(figure)) == MOST
    assert points(figure)[0].get_xdata()[0] == 1.005
    assert "40 of 45 figures, the farthest off" in " ".join(text.get_text() for text in figure.texts)


def test_dollar_signs_are_no_formula():
    texts = [text for text in drawn([1.0]).axes[0].texts if "$" in text.get_text()]
    assert [text.get_parse_math() for text in texts] == [False]


def test_a_text_is_drawable_where_the_font_has_all_its_signs():
    assert [drawable(text) for text in ("3.8×10²⁵", "17亿", "a\nb")] == [True, False, False]
