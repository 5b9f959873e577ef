"""The charts of money: what stands on the page, not pixels."""

import datetime as dt

import pytest
from matplotlib.colors import to_rgb

from costcheck.formulas import FormulaError
from costcheck.notebook.plots.colours import RED
from costcheck.notebook.plots.money import compared, entry_ticket, h100_prices

SUMS = (1.72e9, 3.48e9, 107.6e6, 640_000)


def ticket(usd=SUMS):
    return entry_ticket(
        ["to train", "to train", "the hours", "to run"],
        ["43,000 H100s alone", "with servers and network", "rented on demand", "16 H100s (bf16)"],
        list(usd),
        ["the entry ticket", "3.482 billion USD, 2.0 times as much", "16 times less", "2,688 times less"],
        title="Running it takes 16 H100s",
    )


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


def test_what_is_less_is_less_than_and_what_is_more_as_much_as_and_nothing_is_compared_with_nothing():
    assert compared(1, 4, "a fleet") == "4.0 times less than a fleet"
    assert compared(4, 1, "a fleet") == "4.0 times as much as a fleet"
    with pytest.raises(FormulaError):
        compared(1, 0)


def test_bars_begin_at_zero_are_as_long_as_the_sums_and_only_the_entry_ticket_is_red(written):
    figure = ticket()
    axes = figure.axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, usd) for usd in SUMS]
    assert [bar.get_facecolor()[:3] == to_rgb(RED) for bar in axes.patches] == [True, False, False, False]
    assert (axes.get_xscale(), axes.get_xlim()) == ("linear", (0, 3.48e9))
    assert [written(figure).count(heading) for heading in ("to train", "the hours", "to run")] == [1, 1, 1]


@pytest.mark.parametrize("usd", [SUMS, (4e4, 4e4, 107.6e6, 8e4)])
def test_no_text_of_the_entry_ticket_overlaps_another_or_the_edge(usd, tidy):
    tidy(ticket(usd))


def test_every_price_is_drawn_where_it_is_and_every_band_from_low_to_high():
    axes = prices().axes[0]
    points = {tuple(point) for line in axes.lines if line.get_marker() in "o^" for point in line.get_xydata()}
    assert (dt.date(2023, 5, 29).toordinal(), 33_750) in points
    assert (dt.date(2024, 3, 3).toordinal(), 24_500) in points
    bands = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axes.patches]
    assert bands == [(30_000, 40_000), (23_000, 30_000)]
    middles = [line.get_ydata()[0] for line in axes.lines if line.get_solid_capstyle() == "butt"]
    assert middles == [34_641, 26_268]


def test_what_is_unverified_is_hollow_and_named_so(written):
    figure = prices()
    hollow = [line.get_label() for line in figure.axes[0].lines if line.get_markerfacecolor() == "white"]
    assert hollow == ["the articles (unverified)"]
    assert "the articles (unverified)" in written(figure)


@pytest.mark.parametrize("price", [5_000, 1e6])
def test_the_price_used_is_a_line_in_view_with_its_number_inside_the_page(price, tidy, written):
    tidy(prices(price))
    figure = prices(price)
    axes = figure.axes[0]
    assert [price, price] in [list(line.get_ydata()) for line in axes.lines]
    assert axes.get_ylim()[0] == 0 < price < axes.get_ylim()[1]
    assert f"{price:,.0f} USD\nused here" in written(figure)
