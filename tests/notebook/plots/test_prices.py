"""The chart of a price's quotes: what stands on the page, not pixels."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from costcheck.notebook.plots.prices import MANY, price_history
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import Quote, history

THEIRS = PriceBook.article().quote("h100_usd")
ONE = Quote("h100_usd", 30_000.0, None, None, "USD/GPU", "2024-01-01", "a list", "primary", None)


def drawn(quotes):
    figure = price_history(quotes, THEIRS, "Title")
    figure.draw(FigureCanvasAgg(figure).get_renderer())
    return figure


def on(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_each_of_a_few_quotes_is_marked_and_labelled_with_its_value(tidy):
    figure = drawn(history("h100_usd"))
    assert {"44,489.9", "33,750", "40,000", "31,250"} <= set(on(figure))
    assert "the articles:\n40,000" in on(figure)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(marks) == len(history("h100_usd"))
    tidy(figure)


def test_of_very_many_quotes_only_the_line_is_drawn():
    many = [ONE._replace(as_of=f"20{year:02}-01-01") for year in range(MANY + 1)]
    assert on(drawn(many)) == ["the articles:\n40,000"]


def test_a_quote_has_its_range_and_is_hollow_where_it_could_not_be_verified():
    figure = drawn([ONE._replace(low=23_000.0, high=41_000.0, verification="unverified: x"), ONE])
    faces = [line.get_markerfacecolor() for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [face == "white" for face in faces] == [True, False]
    assert any(list(line.get_ydata()) == [23_000, 41_000] for line in figure.axes[0].lines)


@pytest.mark.parametrize(("factor", "scale"), [(9.0, "linear"), (11.0, "log")])
def test_the_axis_is_logarithmic_where_quotes_span_more_than_ten_times(factor, scale):
    figure = drawn([ONE, ONE._replace(value=ONE.value * factor, as_of="2025-01-01")])
    assert figure.axes[0].get_yscale() == scale
