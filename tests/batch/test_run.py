"""Runs of many scenarios, with notebooks that cost nothing: order, memory, reuse, failures, files."""

import csv
import os
import subprocess
import sys

import openpyxl
import pytest

from costcheck.batch import runner
from costcheck.batch.jobs import Template
from costcheck.errors import RunError
from costcheck.prices.book import PriceBook

ARTICLE = PriceBook.article()


def results(folder):
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return [(row["scenario"], row["id"], row["note"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("fresh", [False, True])
def test_each_scenario_has_its_folder_and_all_stand_in_one_table_in_their_order(
    fresh, templates, fake, scenarios, files_of, tmp_path
):
    out, executor = tmp_path / "out", fake(hold=3)
    outcome = runner.run(templates, scenarios(3e4, 2e4), out, executor=executor, fresh=fresh)
    files = "prices.csv results.csv notebooks/a.ipynb notebooks/b.ipynb figures/of_a.svg figures/of_b.svg"
    assert set(files_of(out)) == {"results.csv", "prices.csv"} | {
        f"{name}/{file}" for name in ("s30000.0", "s20000.0") for file in files.split()
    }
    assert [(name, id_) for name, id_, _ in results(out)] == [
        *(("s30000.0", "Z45"), ("s30000.0", "Z51"), ("s20000.0", "Z45"), ("s20000.0", "Z51"))
    ]
    for nth, price in ((1, "30000"), (3, "20000")):
        assert price in results(out)[nth][2]
        for file in ("notebooks/b.ipynb", "figures/of_b.svg", "results.csv"):
            assert price in files_of(out)[f"s{price}.0/{file}"].decode()
    # what scenarios share is executed once
    assert sorted(name for name, _ in executor.jobs) == ["a", "b", "b"]
    assert (outcome.executed, outcome.reused, outcome.figures) == (3, 1, 4)


def test_a_second_run_executes_what_has_changed_and_a_fresh_one_everything(
    templates, fake, scenarios, files_of, tmp_path
):
    out = tmp_path / "out"

    def executed(*prices, **options):
        executor = fake(padding=9 * bool(options))
        runner.run(templates, scenarios(*prices), out, executor=executor, **options)
        return executor.jobs

    assert len(executed(2e4)) == 2
    before = files_of(out)
    for path in out.rglob("s*/**/*.*"):
        os.utime(path, (1, 1))
    assert executed(2e4) == []
    assert files_of(out) == before
    # what is right already is not written again
    assert {path.stat().st_mtime for path in out.rglob("s*/**/*.*") if path.is_file()} == {1}
    assert executed(2e4, 3e4) == [("b", (("h100_usd", 3e4),))]
    after = files_of(out)
    for name in ("results.csv", "prices.csv"):
        assert after[name] != before[name]
    assert len(executed(2e4, fresh=True)) == 2
    assert executed(2e4) == []
    assert files_of(out)["s20000.0/figures/of_a.svg"].endswith(b" " * 9)  # what was kept last


def test_only_a_few_jobs_are_handed_over_ahead(templates, fake, scenarios, tmp_path):
    executor = fake(workers=3, hold=10**9)
    runner.run(templates[1:], scenarios(*range(20_000, 20_040)), tmp_path, executor=executor)
    assert len(executor.jobs) == 40
    assert executor.most == 3 * runner.JOBS_AHEAD


def test_a_workbook_has_each_price_of_a_scenario_once_and_no_more_rows_than_people_read(
    templates, fake, scenarios, tmp_path, monkeypatch
):
    out, warned = tmp_path / "out", []
    templates.append(Template("c", b"", ("h100_usd",)))

    def run(*also):
        executor = fake()
        runner.run(templates, scenarios(2e4, 3e4), out, also=also, executor=executor, warn=warned.append)

    run("xlsx", "parquet")
    sheet = openpyxl.load_workbook(out / "results.xlsx")["prices"]
    assert [row[:6] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        ("s20000.0", "h100_usd", 2e4, "USD/GPU", None, "given"),
        ("s30000.0", "h100_usd", 3e4, "USD/GPU", None, "given"),
    ]
    assert warned == []
    monkeypatch.setattr(runner.export, "MOST_ROWS", 3)
    run("xlsx")
    # what the run before wrote is not that of this one
    assert not (out / "results.xlsx").exists()
    assert not (out / "results.parquet").exists()
    assert warned == [f"{out / 'results.xlsx'}: not written, it would have more than 3 rows"]


def test_a_failing_notebook_stops_no_other_and_is_not_kept(templates, fake, scenarios, tmp_path):
    templates.append(Template("c", b"", ()))  # takes no price: executed once
    out, events = tmp_path / "out", []
    executor = fake(failing=["b", "c"], hold=2)
    outcome = runner.run(templates, scenarios(2e4, 3e4), out, executor=executor, tell=events.append)
    assert [(failed.scenario, failed.notebook) for failed in outcome.failed] == [
        *(("s20000.0", "b"), ("s20000.0", "c"), ("s30000.0", "b"), ("s30000.0", "c"))
    ]
    for failed in outcome.failed:
        assert (failed.cell, failed.error) == ("2", "KeyError: 'h100'")
        assert failed.kept == out / failed.scenario / "notebooks" / f"{failed.notebook}.ipynb"
        assert failed.kept.exists()
    assert (outcome.executed, outcome.reused) == (4, 1)
    assert [id_ for _, id_, _ in results(out)] == ["Z45", "Z51"] * 2
    assert {event.event for event in events if event.notebook != "a"} == {"started", "failed"}
    again = fake()
    runner.run(templates, scenarios(2e4, 3e4), out, executor=again)
    assert sorted(name for name, _ in again.jobs) == ["b", "b", "c"]


@pytest.mark.parametrize("content", [None, b"not JSON", b'{"cells": [{"outputs": 5}]}'])
def test_a_job_without_a_notebook_of_costchecks_fails_and_no_other(content, templates, fake, tmp_path):
    class Strange(fake):
        def made(self, job):
            return content if job.name == "b" else super().made(job)

    runner.run(templates, ARTICLE, tmp_path / "out", executor=fake())
    executor = Strange() if content else fake(raising=["b"])
    outcome = runner.run(templates, ARTICLE, tmp_path / "out", executor=executor, fresh=True)
    (failed,) = outcome.failed
    assert (failed.notebook, failed.kept) == ("b", None)
    assert failed.error == "RuntimeError: the worker died" or content
    assert [id_ for _, id_, _ in results(tmp_path / "out")] == ["Z45"]  # nothing of the run before


@pytest.mark.parametrize("name", ["../../x", "a\\b", "con"])
def test_a_figure_is_written_into_its_folder_or_not_at_all(name, fake, files_of, tmp_path, monkeypatch):
    monkeypatch.setattr(runner.executed, "read", lambda notebook: runner.executed.Outputs({name: "<svg/>"}))
    with pytest.raises(RunError, match="shows a figure whose name no file can have"):
        runner.run([Template("a", b"", ())], ARTICLE, tmp_path / "deep" / "out", executor=fake())
    assert files_of(tmp_path / "deep") == {}
    assert {path.name for path in tmp_path.iterdir()} <= {"deep", "cache of this test"}


ONCE = """
import sys
from costcheck import cli
from costcheck.batch import local
from costcheck.batch.execution import Executed
from costcheck.data.tables import home

def execute(job, time_limit, engine):
    return Executed((home("notebooks") / f"{job.name}.ipynb").read_bytes(), None, 0.1)

local.execute = execute
assert cli.main(["run", *sys.argv[1:]]) == cli.DONE
heavy = {"numpy", "pyarrow", "openpyxl", "pandas", "matplotlib", "papermill", "nbformat", "IPython"}
heavy |= {"pydantic", "distributed"}
print(*sorted(heavy & set(sys.modules)))
"""


def test_a_run_that_executes_nothing_imports_no_library_and_sums_up(tmp_path):
    path = tmp_path / "eight.csv"  # scenarios: more than fit side by side
    path.write_text("name,days_in_month\n" + "".join(f"s{day},{day}\n" for day in range(24, 32)))
    command = [sys.executable, "-c", ONCE, "--scenarios", path, "--out", "many"]
    first, second = (subprocess.run(command, capture_output=True, text=True, cwd=tmp_path) for _ in "12")
    assert second.returncode == 0, second.stderr
    assert first.stdout.splitlines()[-1] == ""
    assert second.stdout.splitlines()[-2:] == ["0 notebooks executed, 64 reused", ""]
    assert "64/64 s31: 07_timeline reused" in second.stderr  # the shortest is the last
    assert "costcheck compare many --plot compared.svg" in second.stdout
    assert "days_in_month" not in second.stdout
