"""The notebooks' charts: each mark is what was given, in its colour, and no text covers another."""

from dataclasses import replace
from functools import partial

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from costcheck.claims.kinds_and_colours import Finding
from costcheck.claims.verdict import distinct
from costcheck.data import tables
from costcheck.notebook.plots import inference, language, money, training
from costcheck.notebook.plots.palette import BLUE, GREEN, GREY, INK, RED
from costcheck.notebook.plots.scoreboard import scoreboard
from costcheck.notebook.show import check
from costcheck.prices.book import PriceBook

PALE = "#BFBFBF"


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


def ten():
    columns = {"Chinese article": [1.7, None], "recomputed": [1.72, 269], "Japanese translation": [17, None]}
    return money.japanese_factor_of_ten(pd.DataFrame(columns, ["USD", "JPY"]))


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


def times():
    rows = {"days": [1_284_983, 30, 1e-4], "phase": ["train", "train", "run"]}
    return training.training_and_running(pd.DataFrame(rows, ["on one GPU", "on many", "an answer"]))


REAL = {verdict.claim.id: verdict for verdict in check(None, PriceBook.article())}
CLAIMS = {
    "Z47": ("holds", "wrong category"),
    "Z45": ("holds", "sound"),
    "Z34": ("holds (unverified data)", "sound"),
    "Z30": ("holds within rounding", "not examined"),
    "Z31": ("depends on the reading", "not examined"),
    "Z51": ("off by 9.9×", "wrong category"),
    "Z05": ("wrong (unverified data)", "sound"),
    "Z36": ("wrong", "unsupported"),
    "Z50": ("assumed", None),
    "Z44": ("not checked", None),
}


def verdicts():
    return scoreboard(
        [
            replace(REAL[id_], arithmetic=Finding.read(verdict), premise=premise)
            for id_, (verdict, premise) in CLAIMS.items()
        ]
    )


# --------------------------------------------------------------------------- what is read off a chart


def colours(axes):
    return [to_hex(bar.get_facecolor()).upper() for group in axes.containers for bar in group]


def dots(axes, marker="o"):
    """Single marks of a kind: where each is, its colour, and whether it is hollow."""
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(*map(float, line.get_xydata()[0]), line.get_markerfacecolor() == "white") for line in lines]


def words(axes):
    return [text.get_text().replace("\N{MINUS SIGN}", "-") for text in axes.texts]


def unverified_tiles(axes):
    """What is written on hatched tiles; those of the key have no text."""
    return {
        patch.get_gid().removeprefix("tile ")
        for patch in axes.patches
        if patch.get_gid() and patch.get_hatch()
    }


@pytest.mark.parametrize(
    ("draw", "read", "expected"),
    [
        (offers, colours, [BLUE, PALE, BLUE]),  # blue where it undercuts, not where it is dear
        (partial(books, 249_000), lambda axes: words(axes)[2], "99% of it fits"),  # 249 / 250 is 99.6 %
        (books, lambda axes: words(axes)[:3], ["fits 1.25 times", "fits 1.00 times", "40% of it fits"]),
        (ticket, colours, [RED, GREY, BLUE, GREEN]),
        (prices, lambda axes: [hollow for *_, hollow in dots(axes)], [False, True]),
        (times, words, ["3,521 years", "30 days", "9 seconds"]),
        (ten, lambda axes: words(axes)[-1], "17 billion USD, 9.9× too high"),  # 17 / 1.72
        (
            verdicts,
            unverified_tiles,
            {"two benchmarks rose most", "first multimodal Llama", "unverified data"},
        ),
        # black where the premise is the wrong category, and in the key
        (verdicts, lambda axes: [to_hex(p.get_facecolor()).upper() for p in axes.patches].count(INK), 2 + 1),
        (verdicts, lambda axes: {"1 hold", "1 wrong", "1 off by a factor"} - set(words(axes)), {"1 wrong"}),
    ],
)
def test_what_is_drawn_is_what_was_given(draw, read, expected):
    assert read(draw().figure.axes[0]) == expected


@pytest.mark.parametrize(
    ("draw", "title"),
    [
        (offers, "At first 1 of 2 hosts sold 405B for less than GPT-4o and Sonnet"),
        (quality, "Ours 405B costs less than Theirs and Others, and is rated below both"),
        (
            partial(quality, 30),
            "Ours 405B does not cost less than Theirs and Others, and is rated below both",
        ),
        (hosting, "At best, rented GPUs beat the hosted price from 100 requests at once"),
        (partial(hosting, 0.5), "Even at best, rented GPUs never beat the hosted price"),
        (books, "The window holds 2 of 3 Harry Potter volumes whole"),
        (ticket, "Training takes 43,000 GPUs for a month; running takes 16"),
        (partial(prices, 26_268), "26,268 USD is about as much as large buyers paid in 2024"),
        (verdicts, "Of 8 statements that can be checked 4 hold, and 1 of these measure the wrong thing"),
    ],
)
def test_the_title_is_what_was_found(draw, title, written):
    assert " ".join(written(draw())).replace("\N{MINUS SIGN}", "-").startswith(title)


@pytest.mark.parametrize(
    "draw",
    [
        *(offers, ticket, times, ten, verdicts),
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


def test_the_staircase_is_the_best_rating_to_be_had_at_each_price():
    (stairs,) = [line for line in quality().ax.lines if line.get_drawstyle() == "steps-post"]
    assert list(stairs.get_xdata())[:-1] == [0.15, 3.0, 5.0, 6.0, 30.0]
    assert list(stairs.get_ydata()) == [1280, 1280, 1286, 1286, 1286, 1286]


@pytest.mark.parametrize(
    ("hosted", "expected"),
    [(10.0, [[(10, 10)], [(100, 2)]]), (0.5, [[], []])],  # 10 <= 10; 20 > 10 >= 2; 12 and 24 never
)
def test_a_dot_marks_the_first_batch_that_costs_no_more_than_the_hosted_price(hosted, expected, written):
    figure = hosting(hosted)
    assert [[(x, y) for x, y, _ in dots(axes)] for axes in figure.ax] == expected
    assert sum("breaks even" in text for text in written(figure)) == sum(map(len, expected))


def test_every_statement_has_words_for_its_tile():
    known = {row["claim"] for row in tables.rows("statements")}
    assert {verdict.claim.id for verdict in distinct(list(REAL.values()))} <= known <= REAL.keys()
