"""The notebooks' charts: each mark is what was given, in its colour, and no text covers another."""

import datetime as dt
from functools import partial

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon, Rectangle

from costcheck.notebook.plots import inference, language, money, scores, serving, training
from costcheck.notebook.plots.palette import BLUE, GREEN, GREY, ORANGE, RED, SKY
from costcheck.notebook.plots.scoreboard import scoreboard
from costcheck.notebook.plots.style import HATCH
from costcheck.notebook.plots.timeline import AXIS, Event, Printed, timeline

PALE = "#BFBFBF"
DAY = dt.date(2024, 7, 22)
BENCHMARKS = ["mmlu_social_sciences", "human_eval", "truthfulqa_mc1"]
LARGE = ["Llama 3.1 405B", "Llama 3.1 70B"]


def offers(references=(("GPT-4o", 7.5), ("Sonnet", 6.0), ("mini", 0.26))):
    names, groups = ["cheap host, July", "dear host, July", "host, later"], ["early", "early", "later"]
    return inference.price_by_provider(
        names, [2.7, 15.0, 0.8], groups, [True, False, True], dict(references), "Two undercut", "blended"
    )


def quality(ours=3.0):
    names = {"ours": "Ours 405B", "theirs": "Theirs", "cheap": "Mini", "old": "Old"}
    prices, ratings = [ours, 5.0, 0.15, 30.0], [1262, 1286, 1280, 1160]
    return inference.quality_against_price(
        list(names), prices, ratings, names, ["ours", "theirs", "cheap"], "Mini is better", "x", "rating"
    )


def hosting(hosted=3.0):
    batches = {name: {"1k": [1, 10, 100], "8k": [1, 10]} for name in ("8 GPUs", "16 GPUs")}
    costs = {
        "8 GPUs": {"1k": [100, 10, 1], "8k": [105, 12]},
        "16 GPUs": {"1k": [200, 20, 2], "8k": [210, 24]},
    }
    return inference.self_hosting(batches, costs, hosted, "From 100 on")


def books(window=100_000, low=90_000, high=110_000):
    words = [80_000, 100_000, 250_000]
    return language.books_in_window(["Short", "Middle", "Long"], words, window, low, high, "The point")


def generations():
    return language.compute_of_generations(
        ["8B", "70B"], [1.0e6, 6e6], [1.5e6, 5.4e6], ("Old", "New"), "The point"
    )


def ticket(usd=(1.72e9, 3.48e9, 107.6e6, 640_000)):
    headings = ["to train", "to train", "the hours", "to run"]
    labels = ["43,000 H100s alone", "with servers and network", "rented on demand", "16 H100s (bf16)"]
    words = ["the entry ticket", "3.482 billion USD, 2.0 times as much", "16 times less", "2,688 times less"]
    return money.entry_ticket(headings, labels, list(usd), words, "Running it takes 16 H100s")


def prices(price=40_000.0):
    listed = {
        "server": ([dt.date(2023, 5, 29), dt.date(2024, 3, 20)], [33_750.0, 41_217.0]),
        "card": ([dt.date(2024, 3, 3)], [24_500.0]),
    }
    bands = {2023: (30_000, 34_641, 40_000), 2024: (23_000, 26_268, 30_000)}
    estimates = {dt.date(2023, 8, 1): (25_000, 30_000)}
    return money.h100_prices(listed, bands, estimates, price, {"the articles": (DAY, 39_000)}, "Prices")


def weights():
    sizes = {"Llama 3.1 405B": [1640.0, 820.0, 410.0, 205.0], "Llama 2 70B": [276.0, 138.0, 69.0, 34.5]}
    compared = (("Llama 3.1 405B", "bf16"), ("Llama 2 70B", "fp32"))
    formats = {"fp32": 4, "bf16": 2, "fp8": 1, "int4": 0.5}
    return serving.weights_by_precision(formats, sizes, compared, "the articles compare these two", "Like")


def memory(gb_per_user=66.0):
    cache = {users: [0.0, users * gb_per_user / 2, users * gb_per_user] for users in (1, 4, 16)}
    tokens, weights_gb = [1.0, 64_000.0, 128_000.0], {"bf16": 812.0, "fp8": 406.0}
    return serving.memory_by_context(tokens, weights_gb, cache, "H100s", 80.0, (8, 16), "What serving takes")


def deadline():
    return training.gpus_against_deadline(30.84e6, {"a month": (30, 42_833), "Meta": (80, 16_000)}, "A month")


def hours():
    models, gpus = ["Llama 2 70B", "Llama 3 70B", "Llama 3.1 405B"], ["A100", "H100", "H100"]
    return training.gpu_hours_by_model(models, [1.72e6, 6.4e6, 30.84e6], gpus, "405B took 4.8 times")


def table():
    given = [[0.9, 0.95, 0.6], [0.8, 0.7, 0.85], [0.7, 0.7, 0.3]]
    frame = pd.DataFrame(given, BENCHMARKS, ["GPT-4o", "Llama 3.1 405B", "Llama 3 70B"])
    unverified = pd.DataFrame(False, BENCHMARKS, frame.columns)
    unverified["Llama 3.1 405B"] = [True, False, True]
    return scores.leaked_table(frame, unverified, "GPT-4o", "The point")


def wins():
    counts = pd.DataFrame({"as leaked": [10, 8], "run again": [4, 0]}, LARGE)
    leads = pd.DataFrame({"as leaked": [0.017, -0.0002], "run again": [-0.015, -0.039]}, LARGE)
    return scores.who_beats_gpt4o(counts, leads, 13, ["as leaked"], "The point")


def gains():
    tables = {
        "70B": pd.DataFrame({"leaked": [-0.03, 0.4, 0.25], "verified": [0.03, -0.02, 0.0]}, BENCHMARKS),
        "8B": pd.DataFrame({"leaked": [0.1, 0.3, 0.2], "verified": [0.1, 0.1, 0.05]}, BENCHMARKS),
    }
    return scores.llama31_against_llama3(tables, ["human_eval"], ("leaked", "Instruct"), "The point")


def tuned():
    frame = pd.DataFrame({"base": [0.87, 0.39, 0.9], "Instruct": [0.88, 0.8, 0.85]}, BENCHMARKS)
    return scores.instruct_against_base({"70B": frame, "8B": frame}, "The point")


def origin():
    apart = pd.DataFrame([[0.0, 0.002], [-0.01, 0.02], [0.001, -0.009]], BENCHMARKS, LARGE)
    unverified = pd.DataFrame([[True, True], [False, True], [True, True]], BENCHMARKS, LARGE)
    control = pd.DataFrame({"Llama 3 70B": [-0.4, -0.1, 0.04]}, BENCHMARKS)
    centres = pd.DataFrame({"base": [61.0, 58.5], "Instruct": [89.0, 80.5]}, LARGE)
    halves = pd.DataFrame({"base": [7.5, 7.5], "Instruct": [4.8, 6.1]}, LARGE)
    human_eval = pd.Series([85.4, 79.3], LARGE)
    return scores.leaked_against_instruct_and_base(
        apart, unverified, control, 0.01, human_eval, centres, halves, "The point"
    )


CLAIMS = (
    ("A1", "one", "holds", "wrong category"),
    ("A2", "one", "holds", "sound"),
    ("A3", "one", "holds (unverified data)", "sound"),
    ("A4", "one", "off by 9.9×", "unsupported"),
    ("A5", "one", "wrong (unverified data)", "sound"),
    ("B1", "two", "holds", "sound"),
    ("A6", "one", "holds within rounding", "not examined"),
    ("A7", "one", "depends on the reading", "not examined"),
    ("B2", "two", "not checked", ""),
    ("B3", "two", "assumed", ""),
)
CROWD = tuple((f"Z{n}", ("one", "two")[n % 2], ("holds", "wrong")[n % 2], "") for n in range(80))


def verdicts(claims=CLAIMS):
    return scoreboard(*map(list, zip(*claims, strict=True)), title="3 hold", subtitle="a tile a claim")


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


def dates(events=EVENTS):
    wrong = Printed(at(1, month=3, year=2023), at(31, month=3, year=2023), "Z01: wrong", agrees=False)
    right = Printed(at(22), at(22, 23, 59), "Z06: holds", agrees=True)
    window = (dt.datetime(2023, 1, 1), dt.datetime(2024, 9, 1))
    return timeline(events, [wrong, right], window, (at(20), at(25)), "Two dates fit")


# --------------------------------------------------------------------------- what is read off a chart
def bars(axes):
    """Ends of the horizontal bars."""
    drawn = [bar.get_bbox() for group in axes.containers for bar in group]
    return [(round(bar.x0, 6), round(bar.x1, 6)) for bar in drawn]


def columns(axes):
    """Ends of the vertical bars."""
    return [(bar.get_bbox().y0, bar.get_bbox().y1) for group in axes.containers for bar in group]


def colours(axes):
    return [to_hex(bar.get_facecolor()).upper() for group in axes.containers for bar in group]


def dots(axes, marker="o"):
    """Single marks of a kind: where each is, its colour, and whether it is hollow."""
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(*map(float, line.get_xydata()[0]), line.get_markerfacecolor() == "white") for line in lines]


def hatched(axes):
    marks = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_hatch() == HATCH]
    return sorted((round(patch.get_center()[0], 2), round(patch.get_center()[1], 2)) for patch in marks)


def words(axes):
    return [text.get_text().replace("\N{MINUS SIGN}", "-") for text in axes.texts]


def second(read):
    return lambda axes: read(axes.figure.axes[1])


def bold(axes):
    return [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]


def lines(axes):
    """Heights of the lines across the whole chart, and of the middles of ranges."""
    across = [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]
    return across + [line.get_ydata()[0] for line in axes.lines if line.get_solid_capstyle() == "butt"]


def ends(axes):
    """First and last height of each line that has three points or more."""
    return [tuple(line.get_ydata()[[0, -1]]) for line in axes.lines if len(line.get_ydata()) > 2]


def pairs(axes):
    return [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]


def tiles(axes):
    """The tiles by what is written on them; those of the key have no text."""
    drawn = {(patch.get_gid() or "").removeprefix("tile "): patch for patch in axes.patches}
    return {name: tile for name, tile in drawn.items() if name}


@pytest.mark.parametrize(
    ("draw", "read", "expected"),
    [
        (offers, bars, [(0, 2.7), (0, 15.0), (0, 0.8)]),
        (offers, colours, [BLUE, PALE, BLUE]),  # blue where it undercuts, not where it is dear
        (offers, lambda axes: sorted(x for x, _ in pairs(axes)), [0.26, 6.0, 7.5]),
        (quality, dots, [(3.0, 1262, False), (30.0, 1160, True)]),
        (partial(books, 249_000), lambda axes: words(axes)[2], "99% of it fits"),  # 249 / 250 is 99.6 %
        (books, bars, [(0, 80_000), (0, 100_000), (0, 250_000)]),
        (books, colours, [BLUE, BLUE, SKY]),
        (books, lambda axes: words(axes)[:3], ["fits 1.25 times", "fits 1.00 times", "40% of it fits"]),
        (generations, bars, [(0, 1.0), (0, 1.5), (0, 6.0), (0, 5.4)]),  # old, new [million GPU-hours]
        (generations, colours, [GREY, BLUE, GREY, BLUE]),
        (generations, lambda axes: words(axes)[2::3], ["+50%", "-10%"]),  # 1.5 / 1.0, 5.4 / 6.0
        (ticket, bars, [(0, 1.72e9), (0, 3.48e9), (0, 107.6e6), (0, 640_000)]),
        (ticket, colours, [RED, GREY, BLUE, GREEN]),
        (ticket, lambda axes: (axes.get_xscale(), axes.get_xlim()), ("linear", (0, 3.48e9))),
        (prices, columns, [(30_000, 40_000), (23_000, 30_000)]),
        (prices, lambda axes: [usd for _, usd, _ in dots(axes)], [33_750, 39_000]),
        (prices, lambda axes: [hollow for *_, hollow in dots(axes)], [False, True]),
        (prices, lambda axes: [usd for _, usd, _ in dots(axes, "^")], [24_500]),
        (prices, lambda axes: [usd for _, usd, _ in dots(axes, "D")], [25_000]),
        (prices, lines, [40_000, 34_641, 26_268]),
        (weights, columns, [(0, gb) for gb in (1640, 820, 410, 205, 276, 138, 69, 34.5)]),
        (weights, bold, ["820", "276", "the articles compare these two: 3.0 times"]),  # 820 / 276 = 2.97
        (memory, ends, [(812, 878), (812, 1076), (812, 1868)]),
        (memory, lines, [8 * 80, 16 * 80]),
        (deadline, dots, [(30, 42_833, False), (80, 16_000, False)]),
        (deadline, lambda axes: (axes.get_xscale(), axes.get_yscale()), ("log", "log")),
        (hours, bars, [(0, 1.72), (0, 6.4), (0, 30.84)]),
        (hours, colours, [SKY, BLUE, BLUE]),
        (table, hatched, [(1, 0), (1, 2), (1, 3.35)]),  # column, row; the means stand below the rows
        (table, bold, ["0.950", "0.850"]),  # a lead; the draw at 0.700 is none
        (table, lambda axes: words(axes)[-3:], ["0.800", "0.783", "0.583"]),  # the means
        (wins, lambda axes: [end for _, end in bars(axes)[1::2]], [10, 4, 8, 0]),
        (wins, lambda axes: colours(axes)[1::2], [BLUE, ORANGE, BLUE, ORANGE]),
        (wins, hatched, [(4, 3.0 - 0.05), (5, 0)]),  # middles of 8 and 10
        (wins, lambda axes: words(axes).count("0.000"), 1),  # a lead of -0.0002
        (gains, bars, [(0, 0.4), (0, 0.25), (0, -0.03)]),  # the largest first
        (gains, lambda axes: [x for x, *_ in dots(axes, "D")], [-0.02, 0.0, 0.03]),
        (gains, lambda axes: words(axes)[:6], ["+0.40", "-0.02", "+0.25", "0.00", "-0.03", "+0.03"]),
        (tuned, lambda axes: pairs(axes), [(0.39, 0.8), (0.87, 0.88), (0.9, 0.85)]),
        (tuned, lambda axes: words(axes)[:3], ["+0.41", "+0.01", "-0.05"]),
        (origin, lambda axes: min(x for x, *_ in dots(axes)), -0.4),
        (origin, lambda axes: words(axes)[:3], ["2 of 3", "2 of 3", "0 of 3"]),
        (verdicts, lambda axes: sorted(tiles(axes)), sorted(id_ for id_, *_ in CLAIMS)),
        (verdicts, lambda axes: {id_ for id_, tile in tiles(axes).items() if tile.get_hatch()}, {"A3", "A5"}),
        # a mark, and the key
        (verdicts, lambda axes: sum(isinstance(patch, Polygon) for patch in axes.patches), 1 + 1),
        (verdicts, lambda axes: words(axes).count("2"), 1),  # A1 and A2 hold
        (dates, lambda axes: [hollow for *_, hollow in dots(axes, "s")], [True]),
        (dates, lambda axes: {"first leak", "a report", "put right"} - set(words(axes)), set()),
        (memory, second(ends), [(406, 472), (406, 670), (406, 1462)]),
        (memory, second(lines), [8 * 80, 16 * 80]),
        (origin, second(dots), [(85.4, 0, False), (79.3, 1, True)]),
        # 61 +- 7.5, 89 +- 4.8, ...
        (origin, second(bars), [(53.5, 68.5), (84.2, 93.8), (51.0, 66.0), (74.4, 86.6)]),
        (dates, second(lambda axes: words(axes).count("22 Jul 10:51")), 1),
    ],
)
def test_what_is_drawn_is_what_was_given(draw, read, expected):
    assert read(draw().axes[0]) == expected


@pytest.mark.parametrize(
    "draw",
    [
        *(offers, deadline, hours, generations, weights, table, wins, gains, tuned, origin, dates, ticket),
        pytest.param(partial(offers, {"one": 6.0, "two": 6.0, "three": 6.01}), id="lines in one place"),
        *(pytest.param(partial(quality, price), id=f"quality {price}") for price in (3.0, 5.0, 0.15)),
        *(pytest.param(partial(hosting, price), id=f"hosting {price}") for price in (0.5, 3.0, 150.0)),
        pytest.param(partial(books, 6_000, 5_500, 7_000), id="small window"),
        pytest.param(partial(books, 2e6, 690_000, 840_000), id="window far above its band"),
        pytest.param(partial(ticket, (4e4, 4e4, 107.6e6, 8e4)), id="a cheap ticket"),
        *(pytest.param(partial(prices, price), id=f"price {price}") for price in (5_000, 1e6)),
        pytest.param(partial(verdicts, CROWD), id="many verdicts"),
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
    (stairs,) = [line for line in quality().axes[0].lines if line.get_drawstyle() == "steps-post"]
    assert list(stairs.get_xdata())[:-1] == [0.15, 3.0, 5.0, 30.0]
    assert list(stairs.get_ydata()) == [1280, 1280, 1286, 1286, 1286]


@pytest.mark.parametrize(
    ("hosted", "expected"),
    [(10.0, [[(10, 10)], [(100, 2)]]), (0.5, [[], []])],  # 10 <= 10; 20 > 10 >= 2; 12 and 24 never
)
def test_a_dot_marks_the_first_batch_that_costs_no_more_than_the_hosted_price(hosted, expected, written):
    figure = hosting(hosted)
    assert [[(x, y) for x, y, _ in dots(axes)] for axes in figure.axes] == expected
    assert sum("breaks even" in text for text in written(figure)) == sum(map(len, expected))


def test_tiles_stand_in_the_row_of_their_verdict_and_marked_premises_last():
    place = {id_: tile.get_xy() for id_, tile in tiles(verdicts().axes[0]).items()}
    assert place["A1"][1] == place["A2"][1] == place["B1"][1]
    order = [place[id_][1] for id_ in ("A1", "A3", "A6", "A7", "A4", "A5", "B3", "B2")]
    assert order == sorted(set(order))
    assert place["A2"][0] < place["A1"][0] < place["B1"][0]


def test_a_printed_date_covers_its_days_and_is_red_where_it_disagrees():
    drawn = [line for axes in dates().axes for line in axes.lines if line.get_alpha()]
    spans = [line for line in drawn if line.get_xdata()[0] == AXIS]
    assert [line.get_color() == RED for line in spans] == [True, False]
    assert list(spans[1].get_ydata()) == pytest.approx([3 / 5, 2 / 5], abs=1e-3)  # the third of five days
