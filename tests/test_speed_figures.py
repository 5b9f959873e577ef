"""Every figure of speed in the documents is one of benchmarks/results.json; none is written by hand."""

import re
from pathlib import Path

import pytest
from benchmarks import tables

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = {name: (ROOT / name).read_text("utf-8") for name in tables.DOCUMENTS}

NUMBER = r"(?:\d[\d,.]*[ -]?|(?:two|three|four|five|six|seven|eight|nine|ten|dozens of) )"
SHARE = r"(?:half|twice|an? (?:third|quarter|fifth|tenth|twentieth|hundredth|thousandth)|\d[\d.]* ?%)"
TIME = rf"(?:{NUMBER}|half an? |more than an? )(?:ms|µs|s|(?:milli|micro)?seconds?|minutes?|hours?)\b"
RATIO = (
    rf"(?:{NUMBER}(?:×|times)|{SHARE}) (?:of the time|the time|faster|slower|longer|as (?:long|fast|quick))"
)
ANY = rf"\b(?:{RATIO}|{TIME}|{NUMBER}(?:×|times|MiB|MB)(?!\w))"


def by_hand(text, figures=ANY):
    """Find figures of speed outside of marks, code and the table of claims, which has a test of its own."""
    text = tables.MARKED.sub("", text)
    text = re.sub(r"^```.*?^```|`[^`\n]+`|^\| [ZJ]\d+ .*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(figures, text, re.IGNORECASE)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_the_tables_and_figures_that_were_measured(name):
    assert DOCUMENTS[name] == tables.fill(DOCUMENTS[name], tables.read())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_no_other_figure_of_speed(name):
    text = DOCUMENTS[name]
    if name == "CHANGELOG.md":
        text = text[: text.index("\n## 0.1.0")]  # what a version had, it had
    assert by_hand(text) == []
    assert name != "benchmarks/README.md" or "\n|" not in tables.MARKED.sub("", text)


def test_a_table_is_made_of_the_rows_measured():
    results = {
        "run": {"ways": [{"way": "a", "ratio": 9.512, "n": 1000}, {"way": "b", "ratio": None, "n": 1}]}
    }
    text = "<!-- bench:run.ways way, ratio -->old<!-- /bench --> "
    text += "<!-- bench:run.ways.0.ratio .1f -->8<!-- /bench -->"
    filled = tables.fill(text, results)
    assert "\n| way | ratio |\n| --- | --- |\n| a | 9.51 |\n| b | – |\n" in filled
    assert filled.endswith("-->9.5<!-- /bench -->")
    assert tables.fill(filled, results) == filled
    with pytest.raises(LookupError, match=r"bench:run.gone: 'gone' is not in results.json"):
        tables.fill("<!-- bench:run.gone --><!-- /bench -->", results)
