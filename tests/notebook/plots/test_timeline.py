"""The chart of dates: what stands on the page, not pixels."""

import datetime as dt

import pytest
from matplotlib.colors import to_rgb

from costcheck.notebook.plots.colours import RED
from costcheck.notebook.plots.timeline import AXIS, MARK, MARKS, Event, Printed, timeline


def at(day, hour=0, minute=0, month=7, year=2024):
    return dt.datetime(year, month, day, hour, minute)


EVENTS = (
    Event(at(3, month=3, year=2023), "first leak", "leak"),
    Event(at(12), "a report", "report", hollow=True),
    Event(at(22, 10, 46), "one post", "report", to_the_minute=True),
    Event(at(22, 10, 46), "another post", "report", to_the_minute=True),
    Event(at(22, 10, 51), "a third", "leak", to_the_minute=True),
    Event(at(23), "the release", "release"),
    Event(at(8, month=8), "put right", "correction"),
)
PRINTED = (
    Printed(at(1, month=3, year=2023), at(31, month=3, year=2023), "Z01: wrong", agrees=False),
    Printed(at(22), at(22, 23, 59), "Z06: holds", agrees=True),
)


def drawn(events=EVENTS, printed=PRINTED):
    window = (dt.datetime(2023, 1, 1), dt.datetime(2024, 9, 1))
    return timeline(events, printed, overview=window, close_up=(at(20), at(25)), title="Two dates fit")


def words(axes):
    return [text.get_text() for text in axes.texts]


def marks(axes):
    return [line for line in axes.lines if list(line.get_xdata()) == [MARK]]


def test_events_of_the_close_up_stand_in_its_panel_and_the_others_above():
    years, days = drawn().axes
    assert [event.text for event in EVENTS if event.text in words(years)] == [
        "first leak",
        "a report",
        "put right",
    ]
    assert [event.text for event in EVENTS if event.text in words(days)] == [
        "one post",
        "another post",
        "a third",
        "the release",
    ]


def test_events_follow_one_another_downwards_in_the_order_of_time():
    _, days = drawn(events=EVENTS[::-1]).axes
    rows = {text.get_text(): text.get_position()[1] for text in days.texts}
    assert rows["one post"] > rows["a third"] > rows["the release"]


def test_an_event_is_tied_to_its_own_place_on_the_axis_of_time():
    _, days = drawn().axes
    ties = [line.get_ydata()[0] for line in days.lines if len(line.get_xdata()) == 4]
    by_hand = 1 - (2 + (10 + 51 / 60) / 24) / 5  # 22 July 10:51 in the five days from 20 July
    assert ties[2] == pytest.approx(by_hand)


def test_a_minute_is_written_only_where_it_is_known():
    years, days = drawn().axes
    assert {"22 Jul 10:46", "22 Jul 10:51", "23 Jul "} <= set(words(days)) | {
        f"{text} " for text in words(days)
    }
    assert "12 Jul 2024" in words(years)


def test_only_the_unverified_event_is_hollow():
    years, days = drawn().axes
    hollow = [to_rgb(mark.get_markerfacecolor()) == (1, 1, 1) for mark in marks(years)]
    assert hollow == [False, True, False]
    assert not any(to_rgb(mark.get_markerfacecolor()) == (1, 1, 1) for mark in marks(days))
    assert "unverified" in [text.get_text() for text in years.get_legend().get_texts()]


def test_each_group_has_a_marker_of_its_own_so_that_grey_will_do():
    assert len({marker for _, marker in MARKS.values()}) == len(MARKS)
    years, _ = drawn().axes
    assert [mark.get_marker() for mark in marks(years)] == [
        MARKS[g][1] for g in ("leak", "report", "correction")
    ]


def test_a_printed_date_covers_its_days_on_the_axis_and_is_red_where_it_disagrees():
    years, days = drawn().axes
    (wrong,) = [line for line in years.lines if line.get_alpha() and line.get_xdata()[0] == AXIS]
    (right,) = [line for line in days.lines if line.get_alpha() and line.get_xdata()[0] == AXIS]
    assert (wrong.get_color() == RED, right.get_color() == RED) == (True, False)
    assert list(right.get_ydata()) == pytest.approx([3 / 5, 2 / 5], abs=1e-3)  # the third of five days


def test_no_text_covers_another(tidy):
    tidy(drawn())
