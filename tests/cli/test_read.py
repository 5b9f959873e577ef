"""`costcheck read`: from the text of an article to what does not add up, and a draft that `check` takes."""

import io
import shlex
import sys
from types import SimpleNamespace

import pytest

from costcheck import cli, reading
from costcheck.claims.kinds_and_colours import Kind
from costcheck.reading.derivations import Link

TEXT = """# Renting <b>four</b> GPUs

Our 4 GPUs cost $2.50 per GPU-hour, together $10 an hour. In a month of 720 hours that is $72,000.
Nobody can say what came of it. Somebody else paid $9 million."""


@pytest.fixture(autouse=True)
def article(tmp_path, monkeypatch):
    """An article beside which commands run, and the two sums that are in it."""

    def links(document, figures):
        numbers = {figure.figure.printed: number for number, figure in reversed(list(enumerate(figures)))}
        gpus, price, hourly, hours, month = (
            numbers.get(text)
            for text in ("4 GPUs", "$2.50 per GPU-hour", "$10 an hour", "720 hours", "$72,000")
        )
        if month is None:
            return []
        return [
            Link(hourly, f"f{gpus} * f{price}", (gpus, price), 10.0, Kind.HOLDS),
            Link(month, f"f{hourly} * f{hours}", (hourly, hours), 7200.0, Kind.OFF),
        ]

    monkeypatch.setattr(reading, "links", links)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fleet.md").write_text(TEXT, "utf-8")
    return tmp_path / "fleet.md"


def test_it_prints_what_does_not_add_up_then_what_follows_then_what_is_unexplained_then_counts(printed):
    out = printed("read", "fleet.md")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    expected = [
        "Of 7 figures 2 were checked: 1 does not add up",
        "line 3: $72,000, off by 10×",
        "10 USD/hour × 720 hour/month = 7,200 USD/month",
        "What adds up",
        "3 $10 an hour holds 4 GPU × 2.5 USD/GPU-hour = 10 USD/hour",
        "No sum found",
        "4 $9 million …of it. Somebody else paid $9 million.",
    ]
    places = [lines.index(line) for line in expected]
    assert places == sorted(places)
    assert lines[places[2] + 1].startswith("likely cause: ten times too high")
    assert "following from others: 2 (1 hold, 1 off by a factor); inputs: 3" in lines[-2]
    assert lines[-1].startswith("Not examined: ")
    assert "\x1b" not in out


def test_a_finding_in_a_page_which_has_no_lines_of_its_own_stands_in_the_words_around_it(printed, article):
    article.write_text(f"<html><p>{TEXT}</p></html>", "utf-8")
    assert "  $72,000, off by 10× (…a month of 720 hours that is $72,000." in printed("read", "fleet.md")


def test_on_a_terminal_the_text_is_shown_with_its_figures_marked_by_sign_and_colour(printed, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    out = printed("read", "fleet.md")
    assert "\x1b[36m$2.50 per GPU-hour→\x1b[0m, together \x1b[32m$10 an hour✓\x1b[0m." in out
    assert "that is \x1b[31m$72,000✗\x1b[0m." in out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "together $10 an hour✓. In" in printed("read", "fleet.md")


def test_the_draft_is_taken_by_check_as_it_is_and_no_file_is_overwritten(printed, records, refused, article):
    out = printed("read", "fleet.md", "--out", "My fleet.yaml")
    assert out.startswith("Of 7 figures 2 were checked: 1 does not add up\n")
    assert "Then: costcheck check 'My fleet.yaml'" in out
    text = (article.parent / "My fleet.yaml").read_text("utf-8")
    assert "\narticle: my_fleet\n" in text
    checked = {row["printed"]: row["arithmetic"] for row in records("check", "My fleet.yaml")}
    assert checked["$10 an hour"] == "holds"
    assert checked["$72,000"] == "off by 10×"
    for name in ("My fleet.yaml", "fleet.html"):
        (article.parent / "fleet.html").write_text("mine")
        message = f"costcheck: {name}: the file exists already, and is not overwritten\n"
        assert refused("read", "fleet.md", "--out", name) == message
    assert (article.parent / "fleet.html").read_text() == "mine"
    assert len(list(article.parent.iterdir())) == 3


def test_csv_and_json_have_a_row_for_each_figure_with_its_role_sum_and_verdict(rows, records):
    by_printed = {record["printed"]: record for record in records("read", "fleet.md")}
    assert [row["printed"] for row in rows("read", "fleet.md")] == list(by_printed)
    assert by_printed["$2.50 per GPU-hour"]["role"] == "input"
    assert by_printed["$9 million"]["role"] == "unexplained"
    month = by_printed["$72,000"]
    assert [month[key] for key in ("line", "value", "unit", "role", "sum", "recomputed", "verdict")] == [
        3, 72_000, "USD/month", "derived", "A1 * hours_per_month", 7200, "off by 10×",
    ]  # fmt: skip


def test_an_article_comes_from_standard_input_and_an_empty_result_is_one(
    printed, capsys, monkeypatch, tmp_path
):
    stdin = SimpleNamespace(buffer=io.BytesIO(TEXT.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert "line 3: $72,000, off by 10×" in printed("read", "-")
    (tmp_path / "none.txt").write_text("Nobody counted anything here, and nobody will.")
    assert cli.main(["read", "none.txt", "--out", "none.yaml", "--quiet"]) == cli.DONE
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "No figures in none.txt (read as English): there is nothing to check."
    assert err == "costcheck: warning: none.yaml: not written, because none.txt has no figures\n"
    assert not (tmp_path / "none.yaml").exists()


def test_the_page_has_the_findings_first_and_no_markup_of_the_article(printed, article):
    article.write_text(TEXT + "\n\n<script>alert(1)</script> \u202e 5 GPUs", "utf-8")
    printed("read", "fleet.md", "--out", "fleet.html")
    page = (article.parent / "fleet.html").read_text("utf-8")
    places = [
        page.rindex(words)
        for words in (
            "</h1><p><strong>Of ",
            "What does not add up<",
            "The text",
            "In numbers",
        )
    ]
    assert places == sorted(places)
    assert "<script" not in page
    assert "\u202e" not in page
    assert "10 USD/hour × 720 hour/month = 7,200 USD/month" in page
    assert '<span class="hidden" lang="en"> (off by a factor)</span>' in page
    assert "Content-Security-Policy" in page


@pytest.mark.parametrize(
    ("arguments", "content", "message"),
    [
        ("none.md", None, "none.md: cannot be read (No such file or directory)"),
        ("a.txt", b"", "a.txt: has no text"),
        ("a.html", b"<html><body><script>draw()</script></body></html>", "a.html: has no text"),
        ("a.txt", "Стоимость обучения составила 5 миллионов.".encode(), "a.txt"),
        ("a.txt --out a.pdf", b"5 GPUs", "the file's name must end in .yaml or .yml or .html or .htm"),
        ("ftp://example.org/a.html", None, "not an address; allowed: https://HOST/PATH"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(arguments, content, message, refused, tmp_path):
    words = shlex.split(arguments)
    if content is not None:
        (tmp_path / words[0]).write_bytes(content)
    assert message in refused("read", *words)
