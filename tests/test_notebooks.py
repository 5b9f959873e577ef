"""The committed notebooks: their form, their parameters, and that everything made from them agrees."""

import ast
import json
import math
import re
from pathlib import Path

import pytest

from costcheck.batch import runner
from costcheck.claims import articles, verdicts
from costcheck.claims.verdict import COLUMNS
from costcheck.notebook.chapter import chapter
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.results import executed
from costcheck.sensitivity import moving
from costcheck.text.spreadsheets import csv_text

ROOT = Path(__file__).resolve().parents[1]

NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("0*.ipynb"))
NOTEBOOKS = {path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "notebooks").glob("*.ipynb")}
ANY, START, CALCULATOR = (NOTEBOOKS[name] for name in ("article", "index", "calculator"))


def text(cell):
    return "".join(cell["source"])


def code(name):
    return [cell for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("name", NAMES)
def test_prices_stand_under_the_title_in_the_first_code_cell_and_the_next_refuses_them(name):
    """As the start page says."""
    title, prices, refuses = NOTEBOOKS[name]["cells"][:3]
    assert text(title).startswith("# ")
    assert prices == code(name)[0]
    assert [cell for cell in code(name) if cell["metadata"].get("tags") == ["parameters"]] == [prices]
    assert "parameters(globals())" in text(refuses)
    (how,) = [text(cell) for cell in START["cells"] if "change a price" in text(cell)]
    assert "The first code cell, under the title, holds the prices" in how
    assert "read the message under the second code cell" in how


@pytest.mark.parametrize("name", NAMES)
def test_each_default_is_the_articles_price_with_its_type_and_unit(name):
    book = PriceBook.article()
    for line in (line for line in text(code(name)[0]).splitlines() if not line.startswith("#")):
        key, number, comment = re.fullmatch(r"(\w+): float = ([\d_.]+)  # (.+)", line).groups()
        assert float(number) == book[key]
        unit = price_keys()[key].unit
        assert comment.startswith(f"{unit}: " if unit != "1" else ("share: ", "ratio: "))
        assert comment.endswith(price_keys()[key].meaning)


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_are_the_prices_that_a_notebook_or_its_claims_use(name):
    declared = list(runner.templates([name])[0].declared)
    if name == "08_verdicts":
        assert declared == list(price_keys())
        return
    used = "\n".join(text(cell) for cell in code(name)[1:])
    of_claims = {key for moved in moving() if moved.claim.notebook == name for key in moved.keys}
    assert {key for key in declared if not re.search(rf"\b{key}\b", used)} <= of_claims <= set(declared)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_in_order_clean_and_free_of_errors_and_touches_no_file(name):
    notebook = NOTEBOOKS[name]
    assert [cell["execution_count"] for cell in code(name)] == list(range(1, len(code(name)) + 1))
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert "papermill" not in json.dumps(notebook["metadata"])
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
        for output in cell.get("outputs", ()):
            assert output["output_type"] in ("execute_result", "display_data")
    source = "\n".join(map(text, code(name)))
    touching = r"open\(|\.to_csv|savefig|\.\./|write_|Path\(|import os|import requests|pyplot"
    assert re.findall(touching, source) == []


@pytest.mark.parametrize("name", NAMES)
def test_numbers_from_the_world_do_not_stand_in_a_notebook(name):
    """Every number of four figures or more comes from data; what is written out is a choice, and small."""
    tree = ast.parse("\n".join(text(cell) for cell in code(name)[1:]))
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    large = {value for value in values if isinstance(value, int | float) and value > 1000}
    pasted = [value for value in values if isinstance(value, str) and re.search(r"\d,\d{3}", value)]
    assert pasted == []  # an alternative text follows the prices too
    shown = {1024, 8192, 2049} if name == "06_inference_price" else set()  # contexts and sizes of batch
    assert {number for number in large if math.log10(number) % 1} <= shown


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_an_alternative_text_with_numbers_and_no_outside_address(name):
    for output in (output for cell in code(name) for output in cell["outputs"]):
        if "costcheck" in output.get("metadata", {}):
            alt = output["metadata"]["costcheck"]["alt"]
            assert len(alt) > 60
            assert re.search(r"\d", alt)
            assert not re.search(r'(?:href|src)="[^#"]', "".join(output["data"]["image/svg+xml"]))


def test_committed_figures_are_those_in_the_notebooks_outputs():
    figures = [figure for name in NAMES for figure in executed.read(NOTEBOOKS[name]).figures.items()]
    drawn = {path.stem: path.read_text("utf-8") for path in (ROOT / "figures").glob("*.svg")}
    assert drawn == dict(figures)
    assert len(drawn) == len(figures)


def test_the_committed_results_are_what_check_says_now():
    rows = [verdict.row() for verdict in verdicts()]
    assert (ROOT / "figures" / "results.csv").read_text("utf-8") == csv_text(COLUMNS, rows)
    assert [row["id"] for row in rows] == [claim.id for article in articles() for claim in article.claims]


def test_the_last_notebook_says_of_each_claim_what_its_own_notebook_says():
    of_all = {row["id"]: row for row in executed.read(NOTEBOOKS["08_verdicts"]).rows}
    for name in NAMES[:-1]:
        for row in executed.read(NOTEBOOKS[name]).rows:
            assert row == of_all[row["id"]]


def test_the_notebook_on_any_article_shows_the_example_its_figure_and_a_row_a_claim():
    cells = code("article")
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert ANY["metadata"]["language_info"] == {"name": "python"}
    (given,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    names = [re.match(r'(\w+): str = "(\w*)"  # \w', line).groups() for line in text(given).splitlines()]
    assert names == [("article", "deepseek_v3"), ("prices", "")]
    assert {output["output_type"] for cell in cells for output in cell["outputs"]} == {"execute_result"}
    article = chapter("deepseek_v3")
    assert list(executed.read(ANY).figures) == [article.figure]
    assert executed.read(ANY).rows == [verdict.row() for verdict in article.found]


def test_the_start_page_leads_to_every_notebook_the_numbered_ones_in_order():
    links = re.findall(r"\]\((\w+)\.ipynb\)", "".join(text(cell) for cell in START["cells"]))
    assert [link for link in links if link[0].isdigit()] == NAMES
    assert sorted(links) == sorted(NOTEBOOKS.keys() - {"index"})
    assert {cell["cell_type"] for cell in START["cells"]} == {"markdown"}  # nothing to run
    assert START["metadata"] == ANY["metadata"] == CALCULATOR["metadata"]
    # the calculator's view lives in a kernel: nbval executes it, and compares nothing
    (cell,) = code("calculator")
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert cell["metadata"] == {"tags": ["nbval-ignore-output"]}


def test_the_start_page_says_what_was_found():
    (first,) = [text(cell) for cell in START["cells"] if "in five lines" in text(cell)]
    found = {verdict.claim.id: verdict for verdict in verdicts()}
    headline = {"Z47": "3,500 years", "Z49": "43,000 GPUs", "Z51": "1.7 billion dollars"}
    for id_, words in headline.items():
        assert words in first
        assert (found[id_].kind, found[id_].premise) == ("holds", "wrong category")
        assert float(re.sub(r"[^\d.]", "", words)) == found[id_].claim.stated / (1e9 if id_ == "Z51" else 1)
    assert all(9.5 < found[id_].arithmetic.factor < 10.5 for id_ in ("J37", "J38"))
    assert len(re.findall("that ", first[first.index("Six statements") :].splitlines()[0])) == 6
    assert [v.claim.id for v in found.values() if v.kind.is_mistake and v.claim.id[0] == "Z"] == (
        ["Z01", "Z05", "Z11", "Z27", "Z33", "Z37"]
    )
    assert {found[id_].kind for id_ in ("Z08", "Z55")} == {"depends"}
