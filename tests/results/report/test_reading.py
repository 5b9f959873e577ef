import json
import shutil
import time

import pytest

from costcheck.claims import articles
from costcheck.data.tables import home
from costcheck.errors import InputError
from costcheck.results.report import build
from costcheck.results.report.reading import changed, natural, read, runs


def test_a_run_is_read_with_titles_questions_findings_and_figures(run):
    found = read(runs(run))
    first = found.notebooks[0]
    assert first.title == "1. Training time"
    assert first.question.startswith("How long does it take to train Llama 3.1 405B")
    assert first.finding[0].startswith("**3,521 years on one H100")
    assert [one.name for one in first.pictures] == ["gpus_against_deadline", "gpu_hours_by_model"]
    assert list(found.rows) == [(one.article, claim.id) for one in articles() for claim in one.claims]
    assert found.prices["h100_usd"] == 40_000
    assert changed(found) == {}
    assert found.scenarios == ()


def test_names_with_numbers_are_in_the_order_people_expect(scenarios):
    found = read(runs(scenarios))
    assert [one.name for one in found.scenarios] == ["a", "b9", "b10"]
    assert [one.prices for one in found.scenarios] == [{}, {"h100_usd": 50_000}, {"h100_usd": 25_000}]
    key = ("zh_36kr", "Z51")
    assert [one.at_your_prices[key] for one in found.scenarios] == ["1720000000", "2150000000", "1075000000"]
    assert natural("b09") < natural("b10") < natural("c")


def test_only_the_notebooks_and_scenarios_asked_for_are_read(run, scenarios):
    assert [one.name for one in read(runs(run, ["02_entry_ticket"])).notebooks] == ["02_entry_ticket"]
    assert [name for name, _ in runs(scenarios, None, {"b10": None, "a": None})] == ["a", "b10"]


def test_a_folder_of_a_run_is_that_run_whatever_lies_beside_its_notebooks(run, executed):
    inside = run / "cheaper" / "notebooks"
    inside.mkdir(parents=True)
    (inside / "02_entry_ticket.ipynb").write_text(executed("02_entry_ticket", h100_usd=25_000), "utf-8")
    assert len(read(runs(run)).notebooks) == 8


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: damaged, not a notebook"),
        (b'{"cells": "\xff"}', "damaged, not a text in UTF-8"),
        (b'{"cells": [', "damaged, not a notebook"),
        (b"[]", "not an executed notebook of costcheck"),
        (b'{"cells": 3}', "not an executed notebook of costcheck"),
        (b'{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [{}]}]}', "not an executed notebook"),
        (b"[" * 100_000, "not an executed notebook of costcheck"),
    ],
)
def test_a_damaged_notebook_is_named(run, content, said):
    path = run / "notebooks" / "03_model_size.ipynb"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"03_model_size\.ipynb") as caught:
        read(runs(run))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_row_without_a_column_of_today_is_of_another_version(run):
    path = run / "notebooks" / "01_training_time.ipynb"
    path.write_text(path.read_text("utf-8").replace('"premise"', '"premisse"'), "utf-8")
    with pytest.raises(InputError, match="not an executed notebook of costcheck; execute it again"):
        read(runs(run))


def test_notebooks_that_were_not_executed_are_refused(run):
    for path in (run / "notebooks").iterdir():
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            cell.pop("outputs", None)
        path.write_text(json.dumps(notebook))
    with pytest.raises(InputError, match="none of the notebooks was executed; costcheck run --out"):
        read(runs(run))


def test_notebooks_executed_at_different_prices_are_refused(run, executed):
    path = run / "notebooks" / "02_entry_ticket.ipynb"
    path.write_text(executed("02_entry_ticket", h100_usd=25_000), "utf-8")
    with pytest.raises(
        InputError, match="different prices: h100_usd is 25000 in 02_entry_ticket and 40000 in"
    ):
        read(runs(run))


def test_a_folder_without_a_run_is_refused(tmp_path, run):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: no executed notebook in it; costcheck run --out .*empty"):
        runs(tmp_path / "empty")
    with pytest.raises(InputError, match=r"unknown folder 'runn': did you mean 'run'\?"):
        runs(tmp_path / "runn")
    with pytest.raises(InputError, match="it is a file, not a folder"):
        runs(run / "notebooks" / "01_training_time.ipynb")
    with pytest.raises(InputError, match="no such folder"):
        runs(tmp_path / "none" / "there")


def test_the_error_a_notebook_stopped_with_is_kept(run):
    path = run / "notebooks" / "07_timeline.ipynb"
    notebook = json.loads(path.read_bytes())
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'h100'", "traceback": []}
    notebook["cells"][-2]["outputs"] = [error]
    path.write_text(json.dumps(notebook))
    assert read(runs(run)).notebooks[6].failed == "KeyError: 'h100'"


def results(folder, *names):
    header = "scenario,id\n"
    for name in names:
        (folder / name / "results.csv").write_text(f"{header}{name},Z51\n", "utf-8")
    (folder / "results.csv").write_text(header + "".join(f"{name},Z51\n" for name in names), "utf-8")


def test_a_scenario_without_an_executed_notebook_is_left_out_and_named(scenarios, capsys):
    results(scenarios, "a", "b9", "b10")
    (scenarios / "b9" / "notebooks" / "02_entry_ticket.ipynb").unlink()
    found = read(runs(scenarios))
    assert [one.name for one in found.scenarios] == ["a", "b10"]
    assert found.left_out == ("b9",)
    assert "without an executed notebook: b9\n" in capsys.readouterr().err
    assert read(runs(scenarios, None, {"a": ["02_entry_ticket"], "b10": []})).left_out == ("b10",)


def test_only_the_scenarios_that_the_results_name_are_read(scenarios):
    results(scenarios, "b10", "b9")
    assert [name for name, _ in runs(scenarios)] == ["b9", "b10"]


def test_scenarios_go_before_the_single_run_that_was_there_before(scenarios, run):
    shutil.copytree(run / "notebooks", scenarios / "notebooks")
    assert [name for name, _ in runs(scenarios)] == [""]
    results(scenarios, "a", "b10")
    assert [name for name, _ in runs(scenarios)] == ["a", "b10"]


def test_a_single_run_called_as_a_scenario_of_before_is_that_single_run(scenarios, run):
    results(scenarios, "a")
    assert [name for name, _ in runs(scenarios)] == ["a"]
    shutil.copytree(run / "notebooks", scenarios / "notebooks")
    (scenarios / "results.csv").write_text("scenario,id\na,Z51\na,Z52\n", "utf-8")
    assert [name for name, _ in runs(scenarios)] == [""]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"id\n1\n", b"scenario\n", b'scenario\n"'])
def test_results_that_say_no_scenario_say_nothing_of_which_belong(scenarios, content):
    (scenarios / "results.csv").write_bytes(content)
    assert [name for name, _ in runs(scenarios)] == ["a", "b9", "b10"]


@pytest.mark.parametrize("value", ['"1e999"', '"nan"', '"abc"', "true"])
def test_a_value_that_is_no_finite_number_is_refused_in_any_scenario(scenarios, value):
    path = scenarios / "b10" / "notebooks" / "02_entry_ticket.ipynb"
    text = path.read_text("utf-8")
    was = '"at_your_prices": "1075000000"'
    assert was in text
    path.write_text(text.replace(was, f'"at_your_prices": {value}'), "utf-8")
    with pytest.raises(InputError, match=r"b10/notebooks: 'Z51': at_your_prices is no finite number"):
        read(runs(scenarios))


def test_scenarios_that_differ_in_more_than_prices_are_refused(scenarios):
    path = scenarios / "b10" / "notebooks" / "02_entry_ticket.ipynb"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"recomputed": "1720000000"', '"recomputed": "1"'), "utf-8")
    with pytest.raises(InputError, match=r"b10/notebooks: 'Z51' .*recomputed: '1720000000' there, '1' here"):
        read(runs(scenarios))


def test_a_first_cell_made_to_take_long_takes_no_time(run):
    path = run / "notebooks" / "07_timeline.ipynb"
    notebook = json.loads(path.read_bytes())
    notebook["cells"][0]["source"] = "# T\n\n" + "**a\n" * 40_000
    path.write_text(json.dumps(notebook))
    began = time.monotonic()
    assert read(runs(run)).notebooks[6].title == "T"
    assert time.monotonic() - began < 2


def declared(run, statement):
    path = run / "notebooks" / "02_entry_ticket.ipynb"
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = "".join(cell["source"]) + f"\n{statement}\n"
    path.write_text(json.dumps(notebook))
    return runs(run, ["02_entry_ticket"])


@pytest.mark.parametrize("statement", ["h100_usd = 25_000 * 1.1", "h100_usd: float = max(1, 2)"])
def test_a_price_that_a_notebook_computes_is_named(run, statement):
    with pytest.raises(InputError, match=r"02_entry_ticket\.ipynb: its price h100_usd is computed in the"):
        read(declared(run, statement))


def test_a_price_out_of_bounds_is_named_with_its_notebook(run):
    with pytest.raises(InputError, match=r"02_entry_ticket\.ipynb: its price h100_usd: -5 is out of bounds"):
        read(declared(run, "h100_usd = -5"))


def test_a_notebook_that_was_ended_before_its_last_cell_is_said_to_be(run):
    path = min((run / "notebooks").glob("*.ipynb"))
    notebook = json.loads(path.read_bytes())
    codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert read(runs(run)).notebooks[0].failed == ""
    codes[-1] |= {"outputs": [], "execution_count": None}
    path.write_text(json.dumps(notebook))
    assert read(runs(run)).notebooks[0].failed == "not all of its cells were executed"
    page = build(run)
    assert f"Not every notebook of this run came to its end ({path.stem})" in page
    assert "not all of its cells were executed" in page


def test_a_scenario_whose_notebooks_were_not_executed_is_left_out_and_named(scenarios, capsys):
    def cleared(name):
        path = scenarios / name / "notebooks" / "02_entry_ticket.ipynb"
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        path.write_text(json.dumps(notebook))

    cleared("a")
    found = read(runs(scenarios))
    assert [one.name for one in found.scenarios] == ["b9", "b10"]
    assert found.left_out == ("a",)
    assert [one.prices["h100_usd"] for one in found.notebooks] == [50_000]
    assert "left out of the report, since no notebook of it came to a result: a" in capsys.readouterr().err
    for name in ("b9", "b10"):
        cleared(name)
    with pytest.raises(InputError, match="none of the notebooks was executed"):
        read(runs(scenarios))


def test_a_notebook_that_was_never_executed_is_no_chapter(run):
    for name in ("calculator", "index"):
        shutil.copy(home("notebooks") / f"{name}.ipynb", run / "notebooks")
    assert [one.name[:2] for one in read(runs(run)).notebooks] == [f"0{place}" for place in range(1, 9)]
