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


# --------------------------------------------------------------------------- figures
def test_a_figure_drawn_twice_is_the_same_to_the_byte(draw):
    assert show(draw(), "line", LABEL).svg == show(draw(), "line", LABEL).svg


def test_showing_one_figure_twice_gives_the_same_bytes(draw):
    figure = draw()
    assert show(figure, "line", LABEL).svg == show(figure, "line", LABEL).svg


def test_two_figures_in_one_page_share_no_ids(draw):
    first, second = (show(draw(), name, LABEL).svg for name in ("line", "another"))
    clips = [
        {part.get("id") for part in ElementTree.fromstring(svg).iter() if part.tag.endswith("clipPath")}
        for svg in (first, second)
    ]
    assert clips[0]
    assert not clips[0] & clips[1]


def test_a_figure_is_one_svg_element_with_a_role_a_label_and_a_title(draw):
    svg = show(draw(), "line", LABEL).svg
    assert svg.startswith("<svg ")
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == LABEL
    assert root[0].tag.endswith("title")
    assert root[0].text == LABEL


def test_a_label_may_hold_quotes_angle_brackets_and_ampersands(draw):
    label = '"Under" 8\'000 <b>H100s</b> & more, 4万'
    svg = show(draw(), "line", label).svg
    assert "<b>" not in svg
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == label
    assert root[0].text == label


def test_a_label_of_many_lines_becomes_one(draw):
    shown = show(draw(), "line", "  A line\n  from 0 to 1.\n")
    assert shown.alt == LABEL
    assert ElementTree.fromstring(shown.svg).get("aria-label") == LABEL


@pytest.mark.parametrize("label", [r"C:\prices", r"\1", r"$\pi$", r"a\nb"])
def test_a_label_may_hold_a_backslash(draw, label):
    svg = show(draw(), "line", label).svg
    assert ElementTree.fromstring(svg).get("aria-label") == label


def test_a_figure_holds_no_date_no_path_no_program_and_no_address_to_load_from(draw, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg = show(draw(), "line", LABEL).svg
    for trace in (
        "<dc:",
        "Matplotlib v",
        str(tmp_path),
        "/home",
        "/work",
        "file:",
        "<image",
        "@import",
        "DOCTYPE",
    ):
        assert trace not in svg


def test_letters_are_drawn_so_that_no_font_is_needed(draw):
    assert "<text" not in show(draw(), "line", LABEL).svg


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


# --------------------------------------------------------------------------- text
@pytest.mark.parametrize(
    ("given_", "said"),
    [
        pytest.param("one\n    two\t three ", "one two three", id="whitespace"),
        pytest.param("", "", id="nothing"),
        pytest.param("**3,521 years**", "**3,521 years**", id="Markdown"),
    ],
)
def test_a_sentence_is_one_line_of_markdown(given_, said):
    shown = say(given_)
    assert shown.text == said
    assert shown._repr_mimebundle_() == ({"text/markdown": said, "text/plain": said}, {})


@settings(max_examples=50)
@given(st.text())
def test_saying_changes_nothing_but_whitespace(text):
    assert say(text).text.split() == text.split()
    assert say(say(text).text).text == say(text).text


# --------------------------------------------------------------------------- verdicts
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


def test_all_claims_are_checked_where_no_notebook_is_named(found):
    assert len(found) == 102


def test_the_claims_of_the_notebooks_are_all_claims_each_once(found):
    notebooks = sorted({verdict.claim.notebook for verdict in found})
    assert len(notebooks) == 8
    ids = [verdict.claim.id for name in notebooks for verdict in check(name, PriceBook.article())]
    assert sorted(ids) == sorted(verdict.claim.id for verdict in found)


def test_a_notebook_gets_its_own_claims_in_the_articles_order():
    ids = [verdict.claim.id for verdict in check("01_training_time", PriceBook.article())]
    assert ids == ["Z45", "Z46", "Z47", "Z48", "Z49", "J32", "J33", "J34", "J35"]


def test_a_misspelt_notebook_is_refused():
    with pytest.raises(ValueError, match="01_training_time"):
        check("01_trainin_time", PriceBook.article())


def test_verdicts_are_shown_as_a_table_a_text_and_rows(found):
    data, metadata = found._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain", ROWS}
    assert metadata == {}
    assert data[ROWS] == [verdict.row() for verdict in found]
    assert [line.split()[0] for line in data["text/plain"].splitlines()] == [
        verdict.claim.id for verdict in found
    ]


def test_the_rows_survive_a_notebook_file(found):
    rows = found._repr_mimebundle_()[0][ROWS]
    assert json.loads(json.dumps(rows)) == rows


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


# --------------------------------------------------------------------------- reading an executed notebook
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


def test_rows_of_several_cells_come_one_after_the_other():
    assert read(notebook(output({ROWS: [{"id": "Z1"}]}), output({ROWS: [{"id": "Z2"}]}))).rows == [
        {"id": "Z1"},
        {"id": "Z2"},
    ]


def test_a_figure_stored_line_by_line_is_put_together():
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
    read_out = read(notebook(other))
    assert (read_out.figures, read_out.rows) == ({}, [])


def test_a_notebook_without_outputs_has_nothing_to_read():
    read_out = read({"cells": []})
    assert (read_out.figures, read_out.rows) == ({}, [])
