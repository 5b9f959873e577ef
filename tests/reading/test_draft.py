"""The draft of claims: `costcheck check` takes each as it is, and comes to the verdicts shown."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costcheck as cc
from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.loading import Text, load
from costcheck.claims.printed import figures_in
from costcheck.claims.verdict import verdicts
from costcheck.errors import InputError
from costcheck.reading import Reading
from costcheck.reading.derivations import Link
from costcheck.reading.documents import Document, read_document
from costcheck.reading.figures import Quantity, quantities
from costcheck.reading.marked import headline, why

TEXTS = sorted(
    path
    for path in (Path(__file__).parent / "texts").iterdir()
    if path.suffix != ".csv" and path.name != "README.md"
)
FLEET = """Renting a small fleet
13 September 2021 | 3 min read

Our 4 GPUs cost $2.50 per GPU-hour, together $10 an hour. In 720 hours that is $72,000.
With 4 GPUs you get 850 token/s/GPU. Somebody else pays $9 million."""


def reading_of(text, *sums, name="fleet.txt", title="Fleet"):
    """Read a text, with links of our own: the figure, its sum, how likely chance is, and rivals."""
    document = replace(read_document(text, "en", name), title=title)
    figures, passed = quantities(document)
    numbers = {figure.figure.printed: number for number, figure in reversed(list(enumerate(figures)))}

    def link(of, text, chance=0.0, *rivals):
        text = re.sub("<(.*?)>", lambda printed: f"f{numbers[printed[1]]}", text)
        inputs = tuple(int(number) for number in re.findall(r"f(\d+)", text))
        others = tuple(link(of, rival) for rival in rivals)
        return Link(numbers[of], text, inputs, 0.0, Kind.HOLDS, "", chance, others)

    return Reading(document, tuple(figures), tuple(passed), tuple(link(*each) for each in sums))


def assert_accepted(reading):
    """Load a reading's draft and compare the verdicts."""
    (article,) = load([Text(reading.draft(), "draft.yaml")])
    checked = {verdict.claim.id: verdict.row() for verdict in verdicts(of=[article])}
    shown = {verdict.claim.id: verdict.row() for verdict in reading.verdicts.values()}
    assert shown == {id_: row for id_, row in checked.items() if row["arithmetic"] != "not checked"}
    return article


def test_a_draft_has_the_inputs_named_the_sums_their_doubts_and_what_has_no_sum():
    reading = reading_of(
        FLEET,
        ("$10 an hour", "<4 GPUs> * <$2.50 per GPU-hour>"),
        ("$72,000", "<$10 an hour> * <720 hours>", 0.2, "<4 GPUs> * <720 hours>"),
        ("850 token/s/GPU", "3400 token/s / <4 GPUs>"),
    )
    text = reading.draft("my_fleet")
    assert text.splitlines()[:2] == [
        "# A draft of the claims in fleet.txt. With a sum: 3; what they follow from: 3; without a sum: "
        f"{len(reading.unexplained)}.",
        "# Correct it: costcheck check gives the verdicts, costcheck new an example of what can stand here",
    ]
    head, _, rest = text.partition("  # These have no sum")
    assert head.split("\n", 2)[2] == (
        "article: my_fleet\n"
        "title: Fleet\n"
        "language: en\n"
        "date: 2021-09-13    # the first day that the text names\n"
        "given:    # what the article computes with\n"
        "  gpus: 4 GPUs    # lines 4, 5\n"
        "  usd_per_gpu_hour: $2.50 per GPU-hour    # line 4\n"
        "  hours: 720 hours    # line 4\n"
        "claims:\n"
        "  - id: A1\n"
        "    printed: $10 an hour\n"
        "    where: line 4\n"
        "    sum: gpus * usd_per_gpu_hour\n"
        "  - id: A2\n"
        "    printed: $72,000\n"
        "    where: line 4\n"
        "    sum: A1 * hours\n"
        "    # off by 10×: 10 USD/hour × 720 hour = 7,200 USD; "
        f"likely cause: {reading.findings[0].cause}\n"
        "    # 20% of such sums fit by chance\n"
        "    # or sum: gpus * hours\n"
        "  - id: A3\n"
        "    printed: 850 token/s/GPU\n"
        "    where: line 5\n"
        "    sum: 3400 token/s / gpus\n"
    )
    assert "printed: $9 million, where: line 5, not_checked: no sum found}" in rest
    assert "4 GPUs" not in rest  # printed again: it is given already
    assert_accepted(reading)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_check_accepts_the_draft_of_every_text_and_comes_to_the_verdicts_shown(path):
    assert_accepted(cc.read(path))


PRINTED = [
    "4 GPUs",
    "5 GPUs",
    "$2.50/GPU-hour",
    "about 3,000 token/s",
    "0 tokens",
    "约1228万元",
    "$2-5M",
    "30%",
    "3倍",
    "5",
]
SUMS = [
    "f{} * f{}",
    "f{} / f{}",
    "f{} + f{} * 2",
    "f{} .. f{}",
    "gpu_years(f{})",
    "f{} * 1e300 * f{}",
    "f{} ** f{}",
]
SUMS += ["f{} * prices.usd_cny", "f{} *", "prices.none * f{}", "1 GPU / (f{} - f{})", "f{}", "f99"]
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@st.composite
def readings(draw):
    """Make readings of texts whose figures are linked at random: most sums make no sense."""
    parts = draw(st.lists(st.tuples(st.sampled_from(PRINTED), WORDS), min_size=1, max_size=8))
    language, title, name = draw(st.sampled_from(["en", "zh", "ja"])), draw(WORDS), draw(WORDS)
    document = Document("\n".join(f"{words} {printed} " for printed, words in parts), language, name, title)
    figures = [
        Quantity(spot.figure, spot.start, spot.end, 1, "", draw(WORDS), draw(WORDS))
        for spot in figures_in(document.text)
        if not spot.problem
    ]
    number = st.integers(0, len(figures) - 1)
    links = {}
    for _ in figures:
        of, sum_ = draw(number), draw(st.sampled_from(SUMS))
        inputs = tuple(draw(number) for _ in range(sum_.count("{}")))
        links[of] = Link(of, sum_.format(*inputs), inputs, 0.0, Kind.HOLDS, draw(WORDS), 0.5)
    return Reading(document, tuple(figures), (), tuple(links.values()))


@given(readings())
@settings(max_examples=60, deadline=None)
def test_no_text_title_header_or_sum_makes_a_draft_that_check_refuses(reading):
    article = assert_accepted(reading)
    assert len(reading.drafted.names) == len(reading.figures)
    assert set(reading.drafted.names.values()) == {*article.given, *article.places}


def test_a_figure_in_a_column_of_millions_keeps_its_precision():
    text = "| Model | Time (M GPU hours) |\n|---|---|\n| A | 5.0 |\n| B | 2.38 |\n| Both | 7.4 |"
    reading = reading_of(text, ("7.4", "<5.0> + <2.38>"))
    article = assert_accepted(reading)
    assert [stated.printed for stated in article.given.values()] == ["5.0 million", "2.38 million"]
    assert (article.claims[0].printed, article.claims[0].digits) == ("7.4", "7.4 million")
    assert [verdict.holds_for for verdict in reading.verdicts.values()] == ["7.35 to 7.45 million"]


def test_a_sum_that_check_would_refuse_is_left_out_and_the_others_stay():
    reading = reading_of(
        FLEET,
        ("$10 an hour", "<4 GPUs> * <$2.50 per GPU-hour>"),
        ("720 hours", "<$72,000> / (<$10 an hour> - <$10 an hour>)"),  # by zero
        ("850 token/s/GPU", "<4 GPUs> + <$72,000>"),  # of two units
        ("$9 million", "<$9 million> * 1"),  # of itself
    )
    sums = [claim.sum for claim in assert_accepted(reading).claims if claim.sum]
    assert sums == ["gpus * usd_per_gpu_hour"]


def test_a_thousand_figures_more_than_a_file_may_hold_are_left_out():
    text = " and ".join(f"{number} GPUs" for number in range(100, 2400))
    reading = reading_of(text, ("101 GPUs", "<100 GPUs> * 1.01"))
    assert len(assert_accepted(reading).claims) == 1000


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Costs\n3 May 2024\nIt took 4 GPUs.", "date: 2024-05-03    # the first day that the text names"),
        (
            "2031年1月1日前完工，2月30日不算\n2024年7月23日\n用了4块GPU。",
            "date: 2024-07-23    # the first day that the text names",
        ),
        (
            "It took 4 GPUs.",
            "# date: YYYY-MM-DD    # of the article; without it, prices are those of July 2024",
        ),
    ],
)
def test_the_day_is_the_first_that_the_text_names_or_left_to_fill_in(text, line):
    reading = reading_of(text)
    assert_accepted(reading)
    assert line in reading.draft().splitlines()


def test_what_says_the_same_with_the_same_sum_is_one_claim():
    text = "It took 4 GPUs at $3/GPU-hour: $12/hr. So $12/hr for 4 cards, or $12/hr, I say $12/hr."
    reading = reading_of(text, ("$12/hr", "<4 GPUs> * <$3/GPU-hour>"))
    numbers = [number for number, figure in enumerate(reading.figures) if figure.figure.printed == "$12/hr"]
    (link,) = reading.links
    links = (link, replace(link, of=numbers[1]), Link(numbers[2], f"f{numbers[1]}", (), 12, Kind.HOLDS))
    links += (Link(numbers[3], f"f{numbers[0]} * 2", (), 24, Kind.WRONG),)
    article = assert_accepted(replace(reading, links=links))
    assert [(claim.printed, claim.sum) for claim in article.claims if claim.sum] == [
        ("$12/hr", "gpus * usd_per_gpu_hour")
    ]


def test_a_reading_lists_figures_findings_and_what_was_not_examined_and_shows_itself():
    reading = cc.read(FLEET + " Nobody says how.")
    assert "$72,000" in [figure.figure.printed for figure in reading.figures]
    assert reading.without_figures >= 2
    reading = reading_of(FLEET, ("$72,000", "<$10 an hour> * <720 hours>"))
    assert [verdict.claim.printed for verdict in reading.findings] == ["$72,000"]
    assert repr(reading).splitlines()[1:] == ["  line 4: $72,000 comes to 7,200 USD (off by 10×)"]


def test_the_headline_claims_no_more_than_was_checked():
    right, wrong = (
        ("$10 an hour", "<4 GPUs> * <$2.50 per GPU-hour>"),
        ("$72,000", "<$10 an hour> * <720 hours>"),
    )
    assert headline(reading_of(FLEET)) == "Of 8 figures none was checked: no sum was found"
    assert headline(reading_of(FLEET, right)) == "Of 8 figures 1 was checked: it adds up"
    assert headline(reading_of(FLEET, wrong)) == "Of 8 figures 1 was checked: it does not add up"
    assert headline(reading_of(FLEET, right, wrong)) == "Of 8 figures 2 were checked: 1 does not add up"


def test_what_follows_from_one_figure_shows_that_in_its_unit_which_may_stand_apart():
    reading = cc.read("集群每秒可以输出5万个token，一天就是43.2亿个token。")
    assert [why(reading, number) for number in reading.verdicts] == [
        "50,000 token/s = 4.32 billion token/day"
    ]


def test_a_text_without_figures_is_read_and_has_no_draft():
    reading = cc.read("Nothing here can be counted, and nobody tried.", language="en")
    assert (reading.figures, reading.findings) == ((), [])
    with pytest.raises(InputError, match="no figures, so there is nothing to draft"):
        reading.draft()
