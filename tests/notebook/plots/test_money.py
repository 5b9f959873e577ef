"""The charts of money: what stands on the page, not pixels."""

import datetime as dt
import itertools
from functools import cache

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from costcheck.formulas import FormulaError
from costcheck.notebook.plots.colours import RED
from costcheck.notebook.plots.money import compared, entry_ticket, h100_prices
from costcheck.notebook.show import show


@cache
def ticket(usd=(1.72e9, 3.48e9, 107.6e6, 640_000)):
    return entry_ticket(
        ["to train", "to train", "the hours", "to run"],
        ["43,000 H100s alone", "with servers and network", "rented on demand", "16 H100s (bf16)"],
        list(usd),
        ["the entry ticket", "3.482 billion USD, 2.0 times as much", "16 times less", "2,688 times less"],
        title="Running it takes 16 H100s",
    )


@cache
def prices(price=40_000.0):
    return h100_prices(
        listed={
            "server": ([dt.date(2023, 5, 29), dt.date(2024, 3, 20)], [33_750.0, 41_217.0]),
            "card": ([dt.date(2024, 3, 3)], [24_500.0]),
        },
        bands={2023: (30_000, 34_641, 40_000), 2024: (23_000, 26_268, 30_000)},
        estimates={dt.date(2023, 8, 1): (25_000, 30_000)},
        price=price,
        unverified={"the articles": (dt.date(2024, 7, 22), 40_000)},
        title="Prices",
    )


def texts(figure):
    """The texts on a figure with their boxes, in pixels, after its layout."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    axes = figure.axes[0]
    found = [*axes.texts, *axes.get_yticklabels(), *axes.get_xticklabels(), figure._suptitle]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found if text.get_text()]


# --------------------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("amount", "reference", "words"),
    [
        (640_000, 1.72e9, "2,688 times less"),
        (1, 2, "2.0 times less"),
        (3, 4, "25 % less"),
        (100, 104, "about as much"),
        (104, 100, "about as much"),
        (3, 2, "1.5 times as much"),
        (43_000, 16, "2,688 times as much"),
    ],
)
def test_words_hold_whichever_of_two_amounts_is_larger(amount, reference, words):
    assert compared(amount, reference) == words


def test_what_is_less_is_less_than_and_what_is_more_as_much_as():
    assert compared(1, 4, "a fleet") == "4.0 times less than a fleet"
    assert compared(4, 1, "a fleet") == "4.0 times as much as a fleet"


def test_nothing_is_compared_with_nothing():
    with pytest.raises(FormulaError):
        compared(1, 0)


# --------------------------------------------------------------------------- the entry ticket
def test_bars_begin_at_zero_and_are_as_long_as_the_sums():
    axes = ticket().axes[0]
    assert [bar.get_x() for bar in axes.patches] == [0] * 4
    assert [bar.get_width() for bar in axes.patches] == [1.72e9, 3.48e9, 107.6e6, 640_000]
    assert axes.get_xscale() == "linear"
    assert axes.get_xlim() == (0, 3.48e9)


def test_only_the_entry_ticket_is_red():
    colours = [bar.get_facecolor()[:3] for bar in ticket().axes[0].patches]
    assert [colour == to_rgb(RED) for colour in colours] == [True, False, False, False]


def test_each_heading_stands_once():
    said = [text for text, _ in texts(ticket())]
    assert [said.count(heading) for heading in ("to train", "the hours", "to run")] == [1, 1, 1]


@pytest.mark.parametrize("usd", [(1.72e9, 3.48e9, 107.6e6, 640_000), (4e4, 4e4, 107.6e6, 8e4)])
def test_no_text_of_the_entry_ticket_overlaps_another_or_the_edge(usd):
    figure = ticket(usd)
    found = texts(figure)
    assert not [(a, b) for (a, one), (b, other) in itertools.combinations(found, 2) if one.overlaps(other)]
    assert not [text for text, box in found if box.x0 < 0 or box.x1 > figure.bbox.width]


# --------------------------------------------------------------------------- prices of an H100
def test_every_price_is_drawn_where_it_is():
    axes = prices().axes[0]
    points = {
        (x, y)
        for line in axes.lines
        if line.get_marker() in "o^"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }
    assert (dt.date(2023, 5, 29).toordinal(), 33_750) in points
    assert (dt.date(2024, 3, 3).toordinal(), 24_500) in points


def test_a_band_reaches_from_low_to_high():
    bands = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in prices().axes[0].patches]
    assert bands == [(30_000, 40_000), (23_000, 30_000)]


def test_what_is_unverified_is_hollow_and_named_so():
    axes = prices().axes[0]
    hollow = [line.get_label() for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert hollow == ["the articles (unverified)"]
    assert "the articles (unverified)" in [text.get_text() for text in axes.get_legend().get_texts()]


@pytest.mark.parametrize("price", [5_000, 1e6])
def test_the_price_used_is_a_line_in_view_with_its_number_inside_the_page(price):
    figure = prices(price)
    axes = figure.axes[0]
    assert [price, price] in [list(line.get_ydata()) for line in axes.lines]
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > price
    (box,) = [box for text, box in texts(figure) if text == f"{price:,.0f} USD\nused here"]
    assert box.x1 <= figure.bbox.width


@pytest.mark.parametrize("chart", [ticket, prices])
def test_drawn_twice_it_is_the_same_file(chart):
    afresh = chart.__wrapped__
    assert show(afresh(), "twice", "").svg == show(afresh(), "twice", "").svg
