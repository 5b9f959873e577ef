"""The notebooks' charts at other numbers than theirs, which nbval holds: no text covers another."""

from functools import partial

import pandas as pd
import pytest

from costcheck.claims.verdict import distinct
from costcheck.data import tables
from costcheck.notebook.plots import inference, language, money
from costcheck.notebook.plots.scoreboard import scoreboard
from costcheck.notebook.show import check
from costcheck.prices.book import PriceBook


def offers(references=(("GPT-4o", 7.5), ("Sonnet", 6.0), ("mini", 0.26))):
    names, weeks = ["cheap host, July", "dear host, July", "host, later"], ["early", "early", "later"]
    table = pd.DataFrame({"offer": names, "weeks": weeks, "blended": [2.7, 15.0, 0.8]})
    return inference.price_by_provider(table, pd.Series(dict(references)))


def quality(ours=3.0):
    prices, ratings = [ours, 5.0, 6.0, 0.15, 30.0], [1262, 1286, 1275, 1280, 1160]
    names, main = ["Ours 405B", "Theirs", "Others", "Mini", None], [1, 2, 3, 4, 0]
    return inference.quality_against_price(
        pd.DataFrame({"price": prices, "rating": ratings, "name": names, "main": main}, list("abcde"))
    )


def hosting(hosted=3.0):
    lines = {
        ("8 GPUs", "1k"): {1: 100, 10: 10, 100: 1},
        ("8 GPUs", "8k"): {1: 105, 10: 12},
        ("16 GPUs", "1k"): {1: 200, 10: 20, 100: 2},
        ("16 GPUs", "8k"): {1: 210, 10: 24},
    }
    rows = [(*case, batch, usd) for case, line in lines.items() for batch, usd in line.items()]
    return inference.self_hosting(
        pd.DataFrame(rows, columns=["installation", "context", "batch", "usd"]), hosted
    )


def books(window=100_000, low=90_000, high=110_000):
    lengths = pd.Series({"Short": 80_000, "Middle": 100_000, "Long": 250_000})
    return language.books_in_window(lengths, pd.Series({"rule": window, "fewest": low, "most": high}))


def ticket(usd=(1.72e9, 3.48e9, 107.6e6, 640_000)):
    rows = [
        ("to train", "43,000 H100s alone"),
        ("to train", "with network"),
        ("the hours", "rented"),
        ("to run", "16 H100s"),
    ]
    index = pd.MultiIndex.from_tuples(rows)
    return money.entry_ticket(pd.Series(list(usd), index), 43_000, 16)


def prices(price=40_000.0):
    rows = [
        ("server", "2023-05-29", 33_750.0, "listed"),
        ("server", "2024-03-20", 41_217.0, "listed"),
        ("card", "2024-03-03", 24_500.0, "listed"),
        *(("H100", "2023", usd, "Epoch yearly band") for usd in (30_000, 34_641, 40_000)),
        *(("H100", "2024", usd, "Epoch yearly band") for usd in (23_000, 26_268, 30_000)),
        *(("H100", "2023-08", usd, "estimate") for usd in (25_000, 30_000)),
        ("H100", "2024-07-22", 39_000, "the article"),
    ]
    return money.h100_prices(pd.DataFrame(rows, columns=["gpu", "date", "usd_per_gpu", "basis"]), price)


REAL = {verdict.claim.id: verdict for verdict in check(None, PriceBook.article())}


def dots(axes):
    """Where the single marks are."""
    return [(*map(float, line.get_xydata()[0]),) for line in axes.lines if line.get_marker() == "o"]


@pytest.mark.parametrize(
    ("draw", "title"),
    [
        (offers, "At first 1 of 2 hosts sold 405B for less than GPT-4o and Sonnet"),
        (
            partial(quality, 30),
            "Ours 405B does not cost less than Theirs and Others, and is rated below both",
        ),
        (partial(hosting, 0.5), "Even at best, rented GPUs never beat the hosted price"),
        (books, "The window holds 2 of 3 Harry Potter volumes whole"),
        (partial(prices, 26_268), "26,268 USD is about as much as large buyers paid in 2024"),
    ],
)
def test_the_title_is_what_was_found(draw, title, written):
    assert " ".join(written(draw())).replace("\N{MINUS SIGN}", "-").startswith(title)


@pytest.mark.parametrize(
    "draw",
    [
        offers,
        ticket,
        pytest.param(partial(offers, {"one": 6.0, "two": 6.0, "three": 6.01}), id="lines in one place"),
        *(pytest.param(partial(quality, price), id=f"quality {price}") for price in (3.0, 5.0, 0.15)),
        *(pytest.param(partial(hosting, price), id=f"hosting {price}") for price in (0.5, 3.0)),
        pytest.param(partial(books, 6_000, 5_500, 7_000), id="small window"),
        pytest.param(partial(books, 2e6, 690_000, 840_000), id="window far above its band"),
        pytest.param(partial(ticket, (4e4, 4e4, 107.6e6, 8e4)), id="a cheap ticket"),
        *(pytest.param(partial(prices, price), id=f"price {price}") for price in (5_000, 1e6)),
        pytest.param(partial(scoreboard, list(REAL.values())), id="all verdicts"),
    ],
)
def test_no_text_touches_another_or_leaves_the_figure(draw, tidy):
    tidy(draw())


@pytest.mark.parametrize(
    ("amount", "reference", "expected"),
    [
        (640_000, 1.72e9, "2,688 times less than a fleet"),
        (3, 4, "25 % less than a fleet"),
        (100, 104, "about as much as a fleet"),
        (3, 2, "1.5 times as much as a fleet"),
    ],
)
def test_words_hold_whichever_of_two_amounts_is_larger(amount, reference, expected):
    assert money.compared(amount, reference, "a fleet") == expected


@pytest.mark.parametrize(
    ("hosted", "expected"),
    [(10.0, [[(10, 10)], [(100, 2)]]), (0.5, [[], []])],  # 10 <= 10; 20 > 10 >= 2; 12 and 24 never
)
def test_a_dot_marks_the_first_batch_that_costs_no_more_than_the_hosted_price(hosted, expected, written):
    figure = hosting(hosted)
    assert [dots(axes) for axes in figure.ax] == expected
    assert sum("breaks even" in text for text in written(figure)) == sum(map(len, expected))


def test_every_statement_has_words_for_its_tile():
    known = {row["claim"] for row in tables.rows("statements")}
    assert {verdict.claim.id for verdict in distinct(list(REAL.values()))} <= known <= REAL.keys()
