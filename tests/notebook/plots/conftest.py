"""What is written on a chart, and that nothing covers anything else."""

import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg


def texts_of(figure):
    """All texts on a figure in view, with their boxes after the layout [pixel]."""
    figure = getattr(figure, "figure", None) or figure
    figure.set_dpi(288)  # at which the letters of a screen are as wide as those of an SVG
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = list(figure.texts)
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
    for axes in figure.axes:
        texts += [*axes.texts, axes._left_title]
        if axes.axison:
            (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
            texts.append(axes.xaxis.label)
            texts += [tick for tick in axes.get_xticklabels() if left <= tick.get_position()[0] <= right]
            texts += [tick for tick in axes.get_yticklabels() if low <= tick.get_position()[1] <= high]
    for legend in legends:
        texts += legend.get_texts()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text().strip()]


@pytest.fixture
def written():
    """Return what is written on a figure."""
    return lambda figure: [text for text, _ in texts_of(figure)]


@pytest.fixture
def tidy():
    """Check that a figure's texts neither touch one another nor leave it."""

    def check(figure):
        texts = texts_of(figure)
        for (text, box), (other, its) in itertools.combinations(texts, 2):
            # boxes may touch: a font's line is a little higher than its letters
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            down = min(box.y1, its.y1) - max(box.y0, its.y0)
            assert across < 8 or down < 16, f"{text!r} and {other!r}"
        figure = getattr(figure, "figure", None) or figure
        for text, box in texts:
            assert box.x0 > -4, text
            assert box.x1 <= figure.bbox.x1 + 4, text

    return check
