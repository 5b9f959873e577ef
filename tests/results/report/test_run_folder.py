"""What is read of a run's folder, and what is refused."""

import re
import shutil

import pytest

from costcheck.claims import articles
from costcheck.claims.verdict import COLUMNS
from costcheck.data.tables import home
from costcheck.errors import InputError
from costcheck.results.report.run_folder import find_notebooks, read_run
from costcheck.text.spreadsheets import csv_text


def cleared(cells):
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}


def test_a_run_is_read_with_titles_questions_findings_and_figures(run):
    for name in ("calculator", "index"):  # never executed, so no chapters
        shutil.copy(home("notebooks") / f"{name}.ipynb", run / "notebooks")
    read = read_run(run)
    assert [notebook.name[:2] for notebook in read.notebooks] == [f"0{n}" for n in range(1, 9)]
    first = read.notebooks[0]
    assert (first.title, first.failed) == ("1. Training time", "")
    assert first.question.startswith("How long does it take to train Llama 3.1 405B")
    assert first.finding[0].startswith("**To train the model takes 3,521 years on one H100")
    assert [figure.name for figure in first.figures] == [
        *("gpus_against_deadline", "training_and_running", "gpu_hours_by_model")
    ]
    assert list(read.rows) == [
        (article.article, claim.id) for article in articles() for claim in article.claims
    ]
    assert (read.prices["h100_usd"], read.scenarios) == (40_000, ())
    (only,) = read_run(run, {"": ["02_entry_ticket"]}).notebooks
    assert only.name == "02_entry_ticket"


def test_scenarios_are_in_the_order_people_expect(scenarios):
    read = read_run(scenarios)
    assert [scenario.name for scenario in read.scenarios] == ["a", "b9", "b10"]
    prices = [scenario.prices for scenario in read.scenarios]
    assert prices == [{}, {"h100_usd": 50_000}, {"h100_usd": 25_000}]
    values = [scenario.at_your_prices["zh_36kr", "Z51"] for scenario in read.scenarios]
    assert values == ["1720000000", "2150000000", "1075000000"]
    judged = [scenario.verdicts["zh_36kr", "Z51"] for scenario in read.scenarios]
    assert judged == ["holds", "does not hold", "does not hold"]
    assert list(find_notebooks(scenarios, {"b10": None, "a": None})) == ["a", "b10"]


def name_in_results(folder, *names):
    row = dict.fromkeys(COLUMNS, "") | {"id": "Z51"}
    (folder / "results.csv").write_text(
        csv_text(COLUMNS, [row | {"scenario": name} for name in names]), "utf-8"
    )


def test_the_scenarios_of_a_folder_are_those_that_its_results_name(scenarios, run):
    (scenarios / "results.csv").write_bytes(b"\xff\xfe")
    assert list(find_notebooks(scenarios)) == ["a", "b9", "b10"]
    name_in_results(scenarios, "b10", "b9", "../a")
    assert list(find_notebooks(scenarios)) == ["b9", "b10"]
    shutil.copytree(run / "notebooks", scenarios / "notebooks")  # of an earlier single run
    assert list(find_notebooks(scenarios)) == ["b9", "b10"]
    name_in_results(scenarios, "a")  # of the single run, which may be called as a scenario was
    assert list(find_notebooks(scenarios)) == [""]


def test_a_folder_without_a_run_is_refused(tmp_path, run):
    (tmp_path / "empty").mkdir()
    for folder, message in (
        (tmp_path / "empty", r"empty: no executed notebook in it; costcheck run --out .*empty"),
        (tmp_path / "runn", r"unknown folder 'runn': did you mean 'run'\?"),
        (run / "notebooks" / "01_training_time.ipynb", "not a folder"),
        (tmp_path / "none" / "there", "no such folder"),
    ):
        with pytest.raises(InputError, match=message):
            read_run(folder)


def test_a_scenario_without_an_executed_notebook_is_left_out_and_named(scenarios, edit, capsys):
    name_in_results(scenarios, "a", "b9", "b10")
    (scenarios / "b9" / "notebooks" / "02_entry_ticket.ipynb").unlink()
    edit(scenarios / "a" / "notebooks" / "02_entry_ticket.ipynb", cleared)
    read = read_run(scenarios)
    assert [scenario.name for scenario in read.scenarios] == ["b10"]
    assert [*read.lacking] == ["a", "b9"]
    assert [notebook.prices["h100_usd"] for notebook in read.notebooks] == [25_000]
    assert "without an executed notebook: a, b9\n" in capsys.readouterr().err
    edit(scenarios / "b10" / "notebooks" / "02_entry_ticket.ipynb", cleared)
    with pytest.raises(InputError, match="no executed notebook in its scenarios"):
        read_run(scenarios)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:5000],
        lambda content: content.replace(b"e", b"\xff", 1),
        lambda content: b'{"cells": 3}',
    ],
)
def test_a_damaged_notebook_is_named_in_one_line(run, damage):
    path = run / "notebooks" / "03_model_size.ipynb"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"^[^\n]*03_model_size\.ipynb: damaged, or not an executed[^\n]*$"):
        read_run(run)


def test_a_notebook_whose_rows_have_other_columns_is_of_another_version(run):
    path = run / "notebooks" / "03_model_size.ipynb"
    path.write_bytes(path.read_bytes().replace(b'"holds_for"', b'"holds"'))
    message = (
        r"03_model_size\.ipynb: executed by another version of costcheck; costcheck run executes it again"
    )
    with pytest.raises(InputError, match=message):
        read_run(run)


def test_notebooks_executed_at_different_prices_are_no_run(run, put):
    put("run", "02_entry_ticket", h100_usd=25_000)
    different = "different prices: h100_usd is 25000 in 02_entry_ticket and 40000 in"
    with pytest.raises(InputError, match=different):
        read_run(run)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("h100_usd: float = 25_000 * 1.1", "h100_usd is computed in the notebook"),
        ("prices = 'h100_usd'", "prices: 'h100_usd'; write each once"),
        ("prices = 'h100_usd=cheap'", "prices: h100_usd='cheap' is not a number"),
        (f"h100_usd: float = {10**400}", "damaged, or not an executed notebook"),
    ],
)
def test_a_price_that_is_no_valid_number_is_named_with_its_notebook(run, edit, statement, message):
    def declare(cells):
        (cell,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
        cell["source"] = "".join(cell["source"]) + f"\n{statement}\n"

    edit(run / "notebooks" / "02_entry_ticket.ipynb", declare)
    with pytest.raises(InputError, match=rf"02_entry_ticket\.ipynb: {message}"):
        read_run(run)


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ('"at_your_prices": "1075000000"', '"at_your_prices": "1e999"', "at_your_prices is no finite number"),
        ('"recomputed": "1720000000"', '"recomputed": "1"', "'1720000000' in another scenario, '1' here"),
    ],
)
def test_scenarios_that_differ_in_more_than_numbers_are_refused(scenarios, was, becomes, message):
    path = scenarios / "b10" / "notebooks" / "02_entry_ticket.ipynb"
    path.write_text(path.read_text("utf-8").replace(was, becomes), "utf-8")
    with pytest.raises(InputError, match=rf"b10/notebooks: 'Z51'.*{re.escape(message)}"):
        read_run(scenarios)


def test_the_error_a_notebook_stopped_with_is_kept_also_where_it_was_ended_from_outside(run, edit):
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'h100'", "traceback": []}
    edit(run / "notebooks" / "07_timeline.ipynb", lambda cells: cells[-2].update(outputs=[error]))
    edit(run / "notebooks" / "01_training_time.ipynb", lambda cells: cleared(cells[-2:]))
    first, *_, seventh, _ = read_run(run).notebooks
    assert (first.failed, seventh.failed) == ("not all of its cells were executed", "KeyError: 'h100'")
