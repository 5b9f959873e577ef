"""Charts of context windows and of generations of models: what is drawn is what was given."""

import itertools
from collections.abc import Callable

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from costcheck.notebook.plots.colours import BLUE, SKY
from costcheck.notebook.plots.language import books_in_window, compute_of_generations
from costcheck.notebook.show import show

TITLES = ["Short", "Middle", "Long"]
WORDS = [80_000, 100_000, 250_000]


def books(window: float = 100_000, low: float = 90_000, high: float = 110_000) -> Figure:
    return books_in_window(TITLES, WORDS, window, low, high, title="The point")


def generations() -> Figure:
    return compute_of_generations(
        ["8B", "70B"], [1.0e6, 6.0e6], [1.5e6, 5.4e6], ("Old", "New"), title="The point"
    )


def lengths(figure: Figure) -> list[float]:
    return [bar.get_width() for container in figure.axes[0].containers for bar in container]


def texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """The texts on a figure with their boxes, in pixels, after its layout."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    axes = figure.axes[0]
    found = [*axes.texts, *axes.get_yticklabels(), axes.xaxis.label, axes._left_title, figure._suptitle]
    found += [text for text in axes.get_xticklabels() if text.get_position()[0] <= axes.get_xlim()[1]]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found if text.get_text()]


def test_bars_are_as_long_as_the_numbers_given():
    assert lengths(books()) == WORDS
    assert lengths(generations()) == [1.0, 1.5, 6.0, 5.4]  # old, new, size by size [million GPU-hours]


def test_a_book_that_fits_whole_is_dark_and_says_how_often_and_any_other_says_its_share():
    figure = books()
    colours = [to_hex(c[0].get_facecolor(), keep_alpha=False) for c in figure.axes[0].containers]
    assert colours == [BLUE.lower(), BLUE.lower(), SKY.lower()]
    assert {"fits 1.25 times", "fits 1.00 times", "40% of it fits"} <= dict(texts(figure)).keys()


def test_a_book_that_just_does_not_fit_is_not_said_to_fit_in_full():
    labels = dict(texts(books(window=249_000, low=240_000, high=260_000)))
    assert "99% of it fits" in labels  # 249 / 250 rounds to 100 %


def test_the_newer_generation_is_labelled_with_its_change_up_or_down():
    labels = dict(texts(generations()))
    assert {"+50%", "-10%"} <= labels.keys()  # 1.5 / 1.0, 5.4 / 6.0


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(books, id="window as usual"),
        pytest.param(lambda: books(6_000, 5_500, 7_000), id="small window"),
        pytest.param(lambda: books(160_000, 140_000, 170_000), id="window among the long books"),
        pytest.param(lambda: books(650_000, 690_000, 840_000), id="window below its band"),
        pytest.param(lambda: books(2e6, 690_000, 840_000), id="window far above its band"),
        pytest.param(generations, id="generations"),
    ],
)
def test_no_label_touches_another_or_leaves_the_figure(draw: Callable[[], Figure]):
    figure = draw()
    boxes = texts(figure)
    for (one, box), (other, its) in itertools.combinations(boxes, 2):
        assert not box.overlaps(its), f"{one!r} and {other!r}"
    for label, box in boxes:
        assert box.x0 >= figure.bbox.x0, label
        assert box.x1 <= figure.bbox.x1, label


def test_a_window_outside_its_band_does_not_run_through_its_label():
    figure = books(650_000, 690_000, 840_000)
    label = dict(texts(figure))["the window: 650,000 words"]
    assert label.x1 < figure.axes[0].transData.transform((650_000, 0))[0]


@pytest.mark.parametrize("draw", [books, generations])
def test_two_draws_give_the_same_bytes(draw: Callable[[], Figure]):
    assert show(draw(), "name", "alt").svg == show(draw(), "name", "alt").svg
