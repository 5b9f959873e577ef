"""Notebooks of the reader's own, and notebooks of earlier runs in the same folder."""

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from costcheck.batch import runner
from costcheck.batch.earlier_runs import notebooks_beside
from costcheck.batch.jobs import Template
from costcheck.claims import load
from costcheck.claims.checks import notebook_names
from costcheck.claims.loading import example
from costcheck.data.tables import home
from costcheck.errors import InputError, RunError
from costcheck.prices.book import PriceBook

ARTICLE = PriceBook.article()
JULIA = {"name": "juila", "language": "julia"}


def notebook(path, *cells, parameters=""):
    """Write a notebook, with a cell of parameters if there are any."""
    made = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})] * bool(parameters)
    made += [nbformat.v4.new_code_cell(code) for code in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def column(folder, name, file="results.csv"):
    with (folder / file).open(encoding="utf-8", newline="") as rows:
        return [row[name] for row in csv.DictReader(rows)]


# ------------------------------------------------------------------------------------------ which file
def test_names_and_numbers_are_the_packages_and_a_path_is_the_file_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy = Path("01_training_time.ipynb")
    shutil.copy(home("notebooks") / copy, copy)
    packaged = str(home("notebooks") / "03_model_size.ipynb")
    assert runner.chosen([]) == list(notebook_names())
    assert runner.chosen(["2", "01", "article", packaged]) == [
        *("01_training_time", "02_entry_ticket", "03_model_size", "article")
    ]
    assert runner.chosen([str(copy), f"./{copy}", "7"]) == ["07_timeline", Path(copy)]
    (mine,) = runner.templates([copy])
    assert mine.folder == str(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("02_entry_ticket.ipynb", "02_entry_ticket.ipynb: no such file: did you mean '02_entry_ticket'?"),
        ("02_entry_tickt", "unknown notebook '02_entry_tickt': did you mean '02_entry_ticket'?"),
        ("not_json.ipynb", "not_json.ipynb: not a notebook, because not JSON (Expecting property name"),
        *(
            (f"{name}.ipynb", f"{name}.ipynb: not a notebook in Jupyter's format 4")
            for name in ("list", "cell", "spec", "bare")
        ),
        ("kernel.ipynb", "kernel.ipynb: unknown kernel 'juila'; allowed: "),
        ("mine.ipynb --as-of 2024-07-22", "--as-of: none of the notebooks to run takes such a price (mine"),
        ("mine.ipynb --scenarios two.csv", "two.csv: none of the notebooks to run takes such a price (mine"),
        ("old.ipynb", "old.ipynb: a notebook in format 3; expected 4"),
        ("syntax.ipynb", "syntax.ipynb: its parameters cell is not Python"),
        ("same/mine.ipynb", "two notebooks to run would be called 'mine'; rename one of them"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line_and_nothing_is_written(
    given, message, tmp_path, monkeypatch, refused
):
    monkeypatch.chdir(tmp_path)
    Path("same").mkdir()
    for path in ("mine.ipynb", "same/mine.ipynb"):
        notebook(Path(path), "1 + 1")
    for name, content in (("not_json", "{"), ("list", "[]"), ("old", '{"nbformat": 3, "worksheets": []}')):
        Path(f"{name}.ipynb").write_text(content)
    bare = [{"cell_type": "code", "metadata": {}, "id": "a"}]  # without a source
    for name, cells, spec in (
        ("cell", [{}], {}),
        ("spec", [], "R"),
        ("kernel", [], JULIA),
        ("bare", bare, {}),
    ):
        made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}
        Path(f"{name}.ipynb").write_text(json.dumps(made))
    Path("two.csv").write_text("name,h100_usd\na,30000\nb,20000\n")
    notebook(Path("syntax.ipynb"), parameters="h100_usd: = 1")
    assert refused("run", "mine.ipynb", *given.split()).startswith(f"costcheck: {message}")
    assert not Path("out").exists()


@pytest.mark.slow
def test_a_notebook_of_ones_own_is_executed_in_its_folder_each_time_and_a_copy_at_the_price_it_has(
    tmp_path, monkeypatch, printed
):
    mine = notebook(tmp_path / "mine.ipynb", "print(open('data.txt').read())")
    text = (home("notebooks") / "02_entry_ticket.ipynb").read_text("utf-8")
    (tmp_path / "my_copy.ipynb").write_text(text.replace("float = 40_000", "float = 25_000"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for content in ("first", "second"):
        (tmp_path / "data.txt").write_text(content)
        out = printed("run", mine, tmp_path / "my_copy.ipynb")
        assert "2 notebooks executed, 0 reused" in out
        assert "at your prices" in out
        assert content in Path("out/notebooks/mine.ipynb").read_text()
    by_id = dict(zip(column(Path("out"), "id"), column(Path("out"), "at_your_prices"), strict=True))
    assert by_id["Z51"] == "1075000000"  # 43,000 * 25,000
    assert set(column(Path("out"), "scenario")) == {"h100_usd=25000"}


# -------------------------------------------------------------------------------------- earlier runs
@pytest.fixture
def run(fake, templates, tmp_path):
    """Run notebooks into a folder: ``run("ab", h100_usd=2e4)``."""
    warned = []

    def do(names, out=tmp_path / "out", **prices):
        chosen = [template for template in templates if template.name in names]
        return runner.run(chosen, ARTICLE.override(prices), out, executor=fake(), warn=warned.append)

    do.warned = warned
    return do


@pytest.mark.parametrize("prices", [{}, {"h100_usd": 2e4}], ids=["the article's prices", "others"])
def test_a_run_of_some_notebooks_into_the_folder_of_all_leaves_the_results_of_all(
    prices, run, files_of, tmp_path
):
    run("ab", **prices)
    before = files_of(tmp_path / "out")
    assert column(tmp_path / "out", "id") == ["Z45", "Z51"]
    for name in "ab":
        outcome = run(name, **prices)
        (earlier,) = outcome.earlier.values()
        assert earlier == [{"a": "b", "b": "a"}[name]]
        assert files_of(tmp_path / "out") == before


def test_a_folder_with_notebooks_at_other_prices_is_refused_before_anything_is_written(
    run, files_of, tmp_path
):
    run("ab")
    before = files_of(tmp_path / "out")
    with pytest.raises(InputError) as raised:
        run("a", h100_usd=2e4)
    assert str(raised.value) == (
        f"{tmp_path / 'out'}: has notebooks that were executed at other prices (b: another h100_usd); "
        "write to another folder with --out, or run those too"
    )
    assert files_of(tmp_path / "out") == before
    run("ab", h100_usd=2e4)  # all of them anew: nothing is mixed


def test_a_file_that_is_no_executed_notebook_is_left_out_with_a_warning(run, tmp_path):
    (tmp_path / "out" / "notebooks").mkdir(parents=True)
    strange = tmp_path / "out" / "notebooks" / "strange.ipynb"
    strange.write_text('{"cells": [{"outputs": [{"data": 5}]}]}')
    run("a")
    assert run.warned == [f"{strange}: not an executed notebook of costcheck; it is left out of the results"]
    assert column(tmp_path / "out", "id") == ["Z45"]


def test_a_figure_of_an_earlier_notebook_is_not_overwritten(run, fake, files_of, tmp_path):
    run("ab")
    before = files_of(tmp_path / "out")
    executor = fake()
    executor.made = lambda job: fake().made(job).replace(b"of_c", b"of_a")
    with pytest.raises(RunError, match="c shows a figure named 'of_a', and so does a; write one of them to"):
        runner.run([Template("c", b"", ())], ARTICLE, tmp_path / "out", executor=executor)
    assert files_of(tmp_path / "out") == before


def test_an_earlier_chapter_counts_where_its_prices_are_the_same(tmp_path):
    path = example("deepseek_v3")
    text = path.read_text("utf-8")
    (tmp_path / "notebooks").mkdir()
    notebook(
        tmp_path / "notebooks" / "deepseek_v3.ipynb",
        parameters=f"article = {text!r}\nprices = 'h800_usd_per_gpu_hour=3.0'",
    )
    given, warned = ARTICLE.accepting(load([path])[0].own_quotes), []
    same_price = given.override({"h800_usd_per_gpu_hour": 3})
    ((same, _),) = notebooks_beside(tmp_path, [], same_price, warned.append)
    assert "h800_usd_per_gpu_hour" in same.declared
    assert warned == []
    with pytest.raises(InputError, match="deepseek_v3: another h800_usd_per_gpu_hour"):
        notebooks_beside(tmp_path, [], given, warned.append)
