"""What a notebook hands back: figures the same byte for byte, text, verdicts; and reading them out."""

import html.parser
import json
import urllib.parse
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.notebook.show import ROWS, SVG, Verdicts, check, say, show
from costcheck.prices.book import PriceBook
from costcheck.results.executed import read

LABEL = "A line from 0 to 1."


@pytest.fixture
def draw():
    """Draw the same small figure anew each time."""
    from matplotlib.figure import Figure

    def drawn():
        figure = Figure(figsize=(2, 1))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label="H100")
        axes.fill_between([0, 1], [0, 1])
        axes.set_title("30.84M GPU-hours")
        axes.legend()
        return figure

    return drawn


def test_a_figure_is_the_same_to_the_byte_drawn_twice_or_shown_twice(draw):
    figure = draw()
    assert (
        show(draw(), "line", LABEL).svg == show(figure, "line", LABEL).svg == show(figure, "line", LABEL).svg
    )


def test_two_figures_in_one_page_share_no_ids(draw):
    first, second = (show(draw(), name, LABEL).svg for name in ("line", "another"))
    clips = [
        {part.get("id") for part in ElementTree.fromstring(svg).iter() if part.tag.endswith("clipPath")}
        for svg in (first, second)
    ]
    assert clips[0]
    assert not clips[0] & clips[1]


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


def test_a_figure_holds_no_date_no_path_no_program_and_no_address_to_load_from(draw, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg = show(draw(), "line", LABEL).svg
    for trace in (
        *("<dc:", "Matplotlib v", str(tmp_path), "/home", "file:", "<image", "@import", "DOCTYPE"),
        "<text",  # letters are drawn so that no font is needed
    ):
        assert trace not in svg


def test_a_figure_tells_jupyter_its_name_and_what_it_says(draw):
    shown = show(draw(), "line", LABEL)
    data, metadata = shown._repr_mimebundle_()
    assert data[SVG] == shown.svg
    assert data["text/plain"] == f"line: {LABEL}"
    assert metadata["costcheck"]["figure"] == "line"


def test_a_notebook_that_is_not_trusted_shows_the_same_svg_as_an_image_with_its_label(draw):
    label = '"Under" 8\'000 <b>H100s</b> & more, 4万'
    shown = show(draw(), "line", label)
    image = ElementTree.fromstring(shown._repr_mimebundle_()[0]["text/html"].replace('">', '"/>'))
    assert (image.tag, image.get("alt")) == ("img", label)
    kind, _, svg = image.get("src").partition(",")
    assert kind == "data:image/svg+xml"
    assert urllib.parse.unquote(svg).split() == shown.svg.split()  # an XML attribute has no line ends


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        pytest.param("one\n    two\t three ", "one two three", id="whitespace"),
        pytest.param("", "", id="nothing"),
        pytest.param("**3,521 years**", "**3,521 years**", id="Markdown"),
    ],
)
def test_a_sentence_is_one_line_of_markdown(given_, text):
    shown = say(given_)
    assert shown.text == text
    assert shown._repr_mimebundle_() == ({"text/markdown": text, "text/plain": text}, {})


@settings(max_examples=50)
@given(st.text())
def test_saying_changes_nothing_but_whitespace(text):
    assert say(text).text.split() == text.split()
    assert say(say(text).text).text == say(text).text


@pytest.fixture(scope="module")
def found():
    return check(None, PriceBook.article())


class Cells(html.parser.HTMLParser):
    """Read a table as its rows of texts."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.tags, self.inside = [], set(), False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False


def test_the_claims_of_the_notebooks_are_all_claims_each_once_in_the_articles_order(found):
    notebooks = sorted({verdict.claim.notebook for verdict in found})
    ids = {name: [verdict.claim.id for verdict in check(name, PriceBook.article())] for name in notebooks}
    assert (len(found), len(notebooks)) == (102, 8)
    assert sorted(id_ for each in ids.values() for id_ in each) == sorted(
        verdict.claim.id for verdict in found
    )
    assert ids["01_training_time"] == ["Z45", "Z46", "Z47", "Z48", "Z49", "J32", "J33", "J34", "J35"]


def test_a_misspelt_notebook_is_refused():
    with pytest.raises(ValueError, match="01_training_time"):
        check("01_trainin_time", PriceBook.article())


def test_verdicts_are_shown_as_a_table_a_text_and_rows(found):
    data, metadata = found._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain", ROWS}
    assert metadata == {}
    assert json.loads(json.dumps(data[ROWS])) == [verdict.row() for verdict in found]
    assert [line.split()[0] for line in data["text/plain"].splitlines()] == [
        verdict.claim.id for verdict in found
    ]


def test_the_table_has_a_line_a_claim_with_what_is_printed_and_what_was_found(found):
    table = Cells(found._repr_mimebundle_()[0]["text/html"])
    assert table.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    head, *lines = table.rows
    assert head[:5] == ["claim", "printed", "what it says", "recomputed", "arithmetic"]
    assert {len(line) for line in lines} == {len(head)}
    by_id = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert len(by_id) == 102
    assert by_id["Z51"] == {
        "claim": "Z51",
        "printed": "17亿美金",
        "what it says": "the entry ticket",
        "recomputed": "1.72 billion USD",
        "arithmetic": "✓ holds",
        "premise": "sound",
        "at your prices": "1.72 billion USD",
        "note": found[[verdict.claim.id for verdict in found].index("Z51")].note,
    }
    assert by_id["J37"]["arithmetic"] == "✗ off by 9.9×"
    assert by_id["Z24"]["arithmetic"] == "≈ close"
    assert by_id["Z09"]["arithmetic"] == "– not computable"
    assert by_id["Z46"]["premise"] == "✗ wrong category"
    assert by_id["Z55"]["premise"] == "? unsupported"
    assert by_id["Z12"]["arithmetic"] == "✓ holds (unverified data)"


def test_what_an_article_prints_cannot_break_out_of_the_table(found):
    verdict = found[0]
    hostile = replace(verdict.claim, printed="<script>alert('&')</script>", about='<b>"')
    page = Verdicts((replace(verdict, claim=hostile),))._repr_mimebundle_()[0]["text/html"]
    assert "<script" not in page
    assert "<b>" not in page
    assert Cells(page).rows[1][1:3] == ["<script>alert('&')</script>", '<b>"']


def test_a_changed_price_shows_in_the_table():
    book = PriceBook.article().override({"h100_usd": 25_000})
    table = Cells(check("02_entry_ticket", book)._repr_mimebundle_()[0]["text/html"])
    (line,) = (line for line in table.rows if line[0] == "Z51")
    assert line[3] == "1.72 billion USD"
    assert line[6] == "1.075 billion USD"


def output(data, **metadata):
    return {"output_type": "execute_result", "data": data, "metadata": metadata}


def notebook(*outputs):
    return {
        "nbformat": 4,
        "cells": [
            {"cell_type": "markdown", "source": "# Words"},
            {"cell_type": "code", "source": "1", "outputs": list(outputs)},
        ],
    }


def test_figures_and_rows_are_read_out_of_a_notebook(draw, found):
    shown = show(draw(), "line", LABEL)
    data, metadata = shown._repr_mimebundle_()
    rows = found._repr_mimebundle_()[0]
    read_out = read(notebook(output(data, **metadata), output(rows)))
    assert read_out.figures == {"line": shown.svg}
    assert read_out.rows == [verdict.row() for verdict in found]


def test_rows_of_several_cells_follow_one_another_and_a_figure_stored_by_line_is_put_together():
    rows = [{"id": "Z1"}], [{"id": "Z2"}]
    assert read(notebook(*(output({ROWS: row}) for row in rows))).rows == [{"id": "Z1"}, {"id": "Z2"}]
    cell = output({SVG: ["<svg>\n", "</svg>"]}, costcheck={"figure": "line"})
    assert read(notebook(cell)).figures == {"line": "<svg>\n</svg>"}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"output_type": "stream", "name": "stdout", "text": "hello"}, id="a stream"),
        pytest.param({"output_type": "error", "ename": "E", "evalue": "", "traceback": []}, id="an error"),
        pytest.param(output({SVG: "<svg></svg>"}), id="a figure of another hand"),
        pytest.param(output({"text/plain": "1"}), id="a number"),
    ],
)
def test_what_is_not_ours_is_left_alone(other):
    for executed in (notebook(other), {"cells": []}):
        assert (read(executed).figures, read(executed).rows) == ({}, [])
