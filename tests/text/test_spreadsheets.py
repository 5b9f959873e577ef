"""CSV that a spreadsheet may open."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.text.spreadsheets import csv_text, guarded, unguarded

TEXTS = st.text(st.sampled_from("'=+-@\t\r1.e,\"\n漢a"), max_size=12)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=", "'=1+1", "+2%"],
)
def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "17亿美金", "1.5", "-1.5", "+2", "-1e-07", "'tis", "a=b", "2024-07-23"])
def test_other_texts_and_numbers_stay_as_they_are(text):
    assert guarded(text) == text


@given(TEXTS)
def test_nothing_guarded_begins_as_a_formula_unless_it_is_a_number_and_it_can_be_had_back(text):
    cell = guarded(text)
    assert unguarded(cell) == text
    try:
        float(cell)
    except ValueError:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(TEXTS, min_size=2, max_size=2))
def test_rows_are_read_back_as_they_were(cells):
    text = csv_text(["a", "b"], [dict(zip("ab", cells, strict=True))])
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert header == ["a", "b"]
    assert list(map(unguarded, row)) == cells


def test_an_empty_cell_is_empty():
    assert csv_text(["a", "b"], [{"a": None, "b": 1.5}]) == "a,b\n,1.5\n"
