"""The chart of what each price does to a figure: what stands on the page, not pixels."""

import math

import pytest

from costcheck.notebook.plots.sensitivity import MOST, tornado


def ticket(ends=((0.989e9, 1.772e9), (1.658e9, 1.836e9)), holds=(1.65e9, 1.75e9), result=1.72e9):
    count = len(ends)
    names, values = [f"price_{place}" for place in range(count)], ["40,000 USD/GPU"] * count
    return tornado(
        names, values, [("23,000", "41,217")] * count, ends, result, holds, "USD", "Title", "the ticket"
    )


def test_each_bar_reaches_from_the_result_to_that_at_low_and_at_high():
    patches = ticket().axes[0].patches
    bars = [bar.get_bbox() for bar in patches if bar.get_height() == pytest.approx(0.56)]
    assert [round((bar.y0 + bar.y1) / 2) for bar in bars] == [0, 0, 1, 1]
    assert [bar.x0 for bar in bars] == [1.72e9] * 4
    assert [bar.x1 for bar in bars] == pytest.approx([0.989e9, 1.772e9, 1.658e9, 1.836e9])


def test_a_price_that_lowers_the_result_has_its_low_written_on_the_right():
    low, high = ticket(ends=[(2.0e9, 1.5e9)]).axes[0].texts
    assert (low.get_text(), low.get_ha(), low.xy[0]) == ("23,000", "left", 2.0e9)
    assert (high.get_text(), high.get_ha(), high.xy[0]) == ("41,217", "right", 1.5e9)


@pytest.mark.parametrize(
    ("holds", "legend"),
    [
        (None, None),
        ((1.65e9, math.inf), "the printed figure holds"),
        ((1.7e9, 1.7e9), "the printed figure holds"),
        ((17e9, 17.5e9), "the printed figure holds from 17, far to the right"),
        ((-9e9, -8e9), "the printed figure holds up to -8, far to the left"),
    ],
)
def test_bars_stay_visible_wherever_the_printed_figure_holds(holds, legend, written):
    figure = ticket(holds=holds)
    left, right = figure.axes[0].get_xlim()
    assert left < 0.989e9 < 1.836e9 < right < 4.5e9
    named = [text for text in written(figure) if text.startswith("the printed figure")]
    assert named == [legend] * bool(legend)


@pytest.mark.parametrize(
    "ends", [((2.0e9, 1.5e9), (1.72e9, 1.72e9), (1.719e9, 1.721e9)), ((1.72e9, 3e9),) * MOST]
)
def test_no_text_overlaps_another_or_the_edge(ends, tidy):
    tidy(ticket(ends))


def test_long_names_and_words_are_cut_to_fit(tidy):
    name, unit = (
        "a_price_with_a_very_long_name_that_somebody_made_up",
        "123,456,789.1 of a long unit/of another",
    )
    title, subtitle = "A title that goes on and on and on, " * 3, "words upon words about the figure, " * 5
    tidy(tornado([name], [unit], [("1", "2")], [(1.0, 2.0)], 1.5, (1.4, 1.6), "unit", title, subtitle))


def test_of_very_many_prices_those_that_move_it_most_are_drawn_and_the_axis_counts_in_billions():
    assert len(ticket([(1e9, 2e9)] * (MOST + 3)).axes[0].get_yticklabels()) == MOST
    figure = ticket()
    assert figure.axes[0].get_xlabel() == "what it comes to [billion USD]"
    assert figure.axes[0].xaxis.get_major_formatter()(1.5e9, 0) == "1.5"
