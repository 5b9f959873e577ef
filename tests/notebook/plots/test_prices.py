"""The chart of a price's quotes: what stands on the page, not pixels."""

import dataclasses

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from costcheck.notebook.plots.prices import MANY, price_history
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import Quote, history

THEIRS = PriceBook.article().quote("h100_usd")
ONE = Quote("h100_usd", 30_000.0, None, None, "USD/GPU", "2024-01-01", "a list", "primary", None)


def drawn(quotes, theirs=THEIRS):
    figure = price_history(quotes, theirs, "Title")
    figure.draw(FigureCanvasAgg(figure).get_renderer())
    return figure


def on(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_each_of_a_few_quotes_is_marked_and_labelled_with_its_value():
    figure = drawn(history("h100_usd"))
    assert {"44,489.9", "33,750", "40,000", "31,250"} <= set(on(figure))
    assert "the articles:\n40,000" in on(figure)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(marks) == len(history("h100_usd"))


def test_no_two_labels_of_the_h100_stand_on_one_another(tidy):
    tidy(price_history(history("h100_usd"), THEIRS, "Title"))


def test_of_very_many_quotes_only_the_line_is_drawn():
    many = [dataclasses.replace(ONE, as_of=f"20{year:02}-01-01") for year in range(MANY + 1)]
    figure = drawn(many)
    assert on(figure) == ["the articles:\n40,000"]


def test_a_quote_that_could_not_be_verified_is_hollow():
    figure = drawn([dataclasses.replace(ONE, verification="unverified: from memory"), ONE])
    faces = [line.get_markerfacecolor() for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert faces[0] == "white"
    assert faces[1] != "white"


@pytest.mark.parametrize(("factor", "scale"), [(9.0, "linear"), (11.0, "log")])
def test_the_axis_is_logarithmic_where_quotes_span_more_than_ten_times(factor, scale):
    figure = drawn([ONE, dataclasses.replace(ONE, value=ONE.value * factor, as_of="2025-01-01")])
    assert figure.axes[0].get_yscale() == scale


def test_a_single_quote_is_drawn_in_the_middle_of_a_year():
    figure = drawn([ONE])
    low, high = figure.axes[0].get_xlim()
    assert high - low == pytest.approx(366, abs=1)
    assert "1 quote from 1 source;" in figure._supxlabel.get_text()


def test_the_range_of_a_source_is_drawn_from_its_low_to_its_high():
    figure = drawn([dataclasses.replace(ONE, low=23_000.0, high=41_000.0)])
    assert any(list(line.get_ydata()) == [23_000, 41_000] for line in figure.axes[0].lines)
