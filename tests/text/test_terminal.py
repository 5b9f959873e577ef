"""Tables at any width: nothing that counts is shortened."""

import re
import sys

import pytest
from rich.cells import cell_len

from costcheck.text.terminal import Column, print_table

COLUMNS = [
    Column("price"),
    Column("value", right=True),
    Column("range", right=True, drop=1),
    Column("verdict", text=True),
    Column("source", text=True, drop=2),
]
ROWS = [
    ("llama_405b_output_usd_per_mtok", "0.8", "0.8 – 15", "holds", "a page"),
    ("h100_usd", "31,250.123456", "23,000 – 41,217", "holds (unverified data)", "https://example.org/" * 9),
    ("17亿美金", "1.72", "", "off by 9.9×", "[bold]not markup[/]"),
]


@pytest.fixture
def printed(monkeypatch, capsys):
    """Print the table to a pipe, or to a terminal so many characters wide."""

    def run(width=None, columns=COLUMNS, rows=ROWS, **more):
        monkeypatch.setenv("TERM", "xterm")
        if width:
            monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
            monkeypatch.setenv("COLUMNS", str(width))
        print_table(columns, rows, **more)
        return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)

    return run


@pytest.mark.parametrize("width", [36, 40, 60, 80, 120, 200])
def test_no_key_or_number_is_shortened_or_broken_and_no_line_is_too_long(width, printed):
    text = printed(width)
    assert "…" not in text
    assert max(map(cell_len, text.splitlines())) <= width
    for row in ROWS:
        for cell in row[:2]:
            assert cell in text
    for row in ROWS:
        assert row[2] in text or "Not shown" in text


@pytest.mark.parametrize(
    ("width", "left_out"), [(80, "source"), (79, "range, source"), (200, None), (None, None)]
)
def test_the_least_important_columns_are_left_out_first_and_a_line_says_so(width, left_out, printed):
    text = " ".join(printed(width).split())
    if left_out is None:
        assert "Not shown" not in text
    else:
        expected = f"Not shown in {width} columns: {left_out}. A wider terminal or a pipe shows them."
        assert text.endswith(expected)


def test_where_no_column_can_be_left_out_each_row_is_a_paragraph(printed):
    lines = [line.rstrip() for line in printed(50).splitlines()]
    assert lines[:4] == [ROWS[0][0], "  value: 0.8", "  range: 0.8 – 15", "  verdict: holds"]
    assert "  source: [bold]not markup[/]" in lines


def test_in_a_pipe_a_table_is_as_wide_as_it_has_to_be(printed):
    text = printed(None, [Column("a"), Column("b")], [("x" * 120, "y" * 120)])
    assert f" {'x' * 120}   {'y' * 120} " in text


def test_control_characters_are_escapes_and_a_title_stands_above(printed):
    text = printed(40, [Column("a")], [("\x1b[31mred",)], title="the title")
    assert text.startswith("the title\n")
    assert r"\x1b[31mred" in text
