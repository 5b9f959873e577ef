"""What a notebook hands back: figures the same byte for byte, text, verdicts; and reading them out."""

import urllib.parse
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from costcheck.notebook.show import ROWS, SVG, Verdicts, check, say, show
from costcheck.prices.book import PriceBook
from costcheck.results.executed import read

LABEL = "A line from 0 to 1."


@pytest.fixture
def draw():
    """Draw the same small figure anew each time."""

    def drawn():
        figure = Figure(figsize=(2, 1))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label="H100")
        axes.fill_between([0, 1], [0, 1])
        axes.set_title("30.84M GPU-hours")
        axes.legend()
        return figure

    return drawn


def test_what_a_reader_adds_to_the_axes_of_a_figure_is_drawn_too(draw):
    shown = show(draw(), "line", LABEL)
    before = shown.svg
    shown.ax.axvline(0.5)
    assert shown.svg.count("<path") > before.count("<path")
    assert len(show(Figure().subplots(2)[0].figure, "two", LABEL).ax) == 2


def test_two_figures_in_one_page_share_no_ids(draw):
    first, second = (show(draw(), name, LABEL).svg for name in ("line", "another"))
    ids = {part.get("id") for part in ElementTree.fromstring(first).iter() if part.tag.endswith("clipPath")}
    assert ids
    assert not [id_ for id_ in ids if f'id="{id_}"' in second]


@pytest.mark.parametrize(
    ("label", "alt"),
    [
        (LABEL, LABEL),
        ("  A line\n  from 0 to 1.\n", LABEL),
        *((text, text) for text in ('"Under" 8\'000 <b>H100s</b> & more, 4万', r"C:\prices \1", r"$\pi$")),
    ],
)
def test_a_figure_is_one_svg_element_with_its_label_in_one_line_for_those_who_cannot_see_it(draw, label, alt):
    shown = show(draw(), "line", label)
    assert shown.alt == alt
    assert shown.svg.startswith("<svg ")
    assert "<b>" not in shown.svg
    root = ElementTree.fromstring(shown.svg)
    assert (root.get("role"), root.get("aria-label"), root[0].text) == ("img", alt, alt)
    assert root[0].tag.endswith("title")


def test_a_notebook_that_is_not_trusted_shows_the_same_svg_as_an_image_with_its_label(draw):
    label = '"Under" 8\'000 <b>H100s</b> & more, 4万'
    shown = show(draw(), "line", label)
    image = ElementTree.fromstring(shown._repr_mimebundle_()[0]["text/html"].replace('">', '"/>'))
    data, metadata = shown._repr_mimebundle_()
    assert (data[SVG], data["text/plain"]) == (shown.svg, f"line: {label}")
    assert metadata["costcheck"]["figure"] == "line"
    assert (image.tag, image.get("alt")) == ("img", label)
    kind, _, svg = image.get("src").partition(",")
    assert kind == "data:image/svg+xml"
    assert urllib.parse.unquote(svg).split() == shown.svg.split()  # an XML attribute has no line ends


@settings(max_examples=50)
@given(st.text())
def test_a_sentence_is_one_line_of_markdown_in_which_whitespace_alone_has_changed(text):
    shown = say(text)
    assert shown.text.split() == text.split()
    assert "\n" not in shown.text
    assert shown._repr_mimebundle_() == ({"text/markdown": shown.text, "text/plain": shown.text}, {})


@pytest.fixture(scope="module")
def all_verdicts():
    return check(None, PriceBook.article())


def cells(page):
    """Read a table as its rows of texts."""
    table = ElementTree.fromstring(page)
    assert {part.tag for part in table.iter()} == {"table", "thead", "tbody", "tr", "th", "td"}
    return [[cell.text or "" for cell in row] for row in table.iter("tr")]


def test_a_misspelt_notebook_is_refused():
    with pytest.raises(ValueError, match="01_training_time"):
        check("01_trainin_time", PriceBook.article())


def test_a_sum_shows_its_steps_at_your_prices_too_and_what_becomes_of_each_printed_figure():
    cheap = check(None, PriceBook.article().override({"h100_usd": 25_000}))
    about, theirs, yours, said = str(cheap.sums("Z51", "J37")).split("\\\n  ")
    assert about == "- **The ticket it takes to run the model**"
    assert theirs == "43,000 GPU × 40,000 USD/GPU = 1.72 billion USD"
    assert yours == "at your prices: 43,000 GPU × 25,000 USD/GPU = 1.075 billion USD"
    first, second = said.split(" 170億ドル ")
    assert first.startswith("17亿美金 holds as a sum. But it is offered as a figure for running")
    assert first.endswith("; at your prices it does not hold (Z51).")
    assert second.startswith("is off by 9.9×, and it is offered as a figure for running")


def test_what_an_article_prints_is_neither_markdown_nor_html(all_verdicts):
    verdict = all_verdicts["Z51"]
    priced = replace(verdict.claim, printed="$1*2*", about="<b>a_b</b> $3")
    said = Verdicts((replace(verdict, claim=priced),))
    assert r"\$1\*2\*" in str(said.sentence("Z51"))
    assert r"\<b\>a\_b\</b\> \$3" in str(said.sums("Z51"))
    hostile = replace(verdict.claim, printed="<script>'&' 17", about='<b>"')
    page = Verdicts((replace(verdict, claim=hostile),))._repr_mimebundle_()[0]["text/html"]
    assert cells(page)[1][1:3] == ["<script>'&' 17", '<b>"']


def test_the_table_has_a_line_a_claim_with_what_is_printed_and_what_was_found():
    cheap = check(None, PriceBook.article().override({"h100_usd": 25_000}))
    head, *lines = cells(cheap._repr_mimebundle_()[0]["text/html"])
    assert head[:5] == ["claim", "printed", "what it says", "recomputed", "arithmetic"]
    assert {len(line) for line in lines} == {len(head)}
    by_id = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert len(by_id) == len(cheap)
    line, ticket = by_id["Z51"], cheap["Z51"]
    assert [line["printed"], line["what it says"]] == ["17亿美金", ticket.claim.about]
    assert [line["recomputed"], line["arithmetic"]] == ["1.72 billion USD", "✓ holds"]
    assert line["at your prices"] == "1.075 billion USD: does not hold"
    assert by_id["Z47"]["at your prices"] == "3,520.5 years"  # unchanged
    assert line["note"] == ticket.note
    arithmetic = [by_id[id_]["arithmetic"] for id_ in ("J37", "Z09")]
    assert arithmetic == ["✗ off by 9.9×", "– not checked"]
    for verdict in cheap:
        assert by_id[verdict.claim.id]["premise"].endswith(str(verdict.premise or ""))


def output(data, **metadata):
    return {"output_type": "execute_result", "data": data, "metadata": metadata}


def test_figures_and_rows_of_all_cells_are_read_out_of_a_notebook_and_nothing_else(draw, all_verdicts):
    shown = show(draw(), "line", LABEL)
    data, metadata = shown._repr_mimebundle_()
    first = [output(data, **metadata), output(all_verdicts._repr_mimebundle_()[0])]
    then = [output({ROWS: [{"id": "Z1"}]})]
    others = [
        {"output_type": "stream", "name": "stdout", "text": "hello"},
        *(output({SVG: "<svg></svg>"}), output({"text/plain": "1"})),  # a figure of another hand, a number
        output({SVG: ["<svg>\n", "</svg>"]}, costcheck={"figure": "stored by line"}),
    ]
    cells = [{"cell_type": "code", "source": "1", "outputs": outputs} for outputs in (first, then, others)]
    executed = read({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# Words"}, *cells]})
    assert executed.figures == {"line": shown.svg, "stored by line": "<svg>\n</svg>"}
    assert executed.rows == [*(verdict.row() for verdict in all_verdicts), {"id": "Z1"}]
