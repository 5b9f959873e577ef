"""Charts of context windows and of generations of models: what is drawn is what was given."""

from functools import partial

import pytest
from matplotlib.colors import to_hex

from costcheck.notebook.plots.colours import BLUE, SKY
from costcheck.notebook.plots.language import books_in_window, compute_of_generations

WORDS = [80_000, 100_000, 250_000]


def books(window=100_000, low=90_000, high=110_000):
    return books_in_window(["Short", "Middle", "Long"], WORDS, window, low, high, title="The point")


def generations():
    return compute_of_generations(
        ["8B", "70B"], [1.0e6, 6e6], [1.5e6, 5.4e6], ("Old", "New"), title="The point"
    )


def bars(figure):
    return [bar for container in figure.axes[0].containers for bar in container]


def test_bars_are_as_long_as_the_numbers_given():
    assert [bar.get_width() for bar in bars(books())] == WORDS
    # old, new, size by size [million GPU-hours]
    assert [bar.get_width() for bar in bars(generations())] == [1.0, 1.5, 6.0, 5.4]


def test_a_book_that_fits_whole_is_dark_and_says_how_often_and_any_other_says_its_share(written):
    figure = books()
    colours = [to_hex(bar.get_facecolor(), keep_alpha=False) for bar in bars(figure)]
    assert colours == [BLUE.lower(), BLUE.lower(), SKY.lower()]
    assert {"fits 1.25 times", "fits 1.00 times", "40% of it fits"} <= set(written(figure))


def test_a_book_that_just_does_not_fit_is_not_said_to_fit_in_full(written):
    assert "99% of it fits" in written(books(249_000, 240_000, 260_000))  # 249 / 250 rounds to 100 %


def test_the_newer_generation_is_labelled_with_its_change_up_or_down(written):
    assert {"+50%", "-10%"} <= set(written(generations()))  # 1.5 / 1.0, 5.4 / 6.0


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(books, id="window as usual"),
        pytest.param(partial(books, 6_000, 5_500, 7_000), id="small window"),
        pytest.param(partial(books, 160_000, 140_000, 170_000), id="window among the long books"),
        pytest.param(partial(books, 650_000, 690_000, 840_000), id="window below its band"),
        pytest.param(partial(books, 2e6, 690_000, 840_000), id="window far above its band"),
        pytest.param(generations, id="generations"),
    ],
)
def test_no_label_touches_another_or_leaves_the_figure(draw, tidy):
    tidy(draw())


def test_a_window_outside_its_band_does_not_run_through_its_label(boxes):
    figure = books(650_000, 690_000, 840_000)
    label = dict(boxes(figure))["the window: 650,000 words"]
    assert label.x1 < figure.axes[0].transData.transform((650_000, 0))[0]
