"""Runs of many scenarios, with notebooks that cost nothing: order, memory, reuse, failures, files."""

import csv
import os
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest

from costcheck.batch import runner
from costcheck.batch.execution import Executed
from costcheck.batch.jobs import Template
from costcheck.batch.scenarios import Scenario
from costcheck.errors import RunError
from costcheck.prices.book import PriceBook

ARTICLE = PriceBook.article()


def scenarios(*prices):
    return [
        Scenario(f"s{price}", ARTICLE.override({"h100_usd": price}).named(f"s{price}")) for price in prices
    ]


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def results(folder):
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return [(row["scenario"], row["id"], row["note"]) for row in csv.DictReader(file)]


def test_each_scenario_has_its_folder_and_all_stand_in_one_table_in_their_order(templates, fake, tmp_path):
    out = tmp_path / "out"
    outcome = runner.run(templates, scenarios(3e4, 2e4), out, executor=fake(hold=3))
    assert set(files_of(out)) == {"results.csv", "results.parquet", "results.xlsx", "prices.csv"} | {
        f"{name}/{file}"
        for name in ("s30000.0", "s20000.0")
        for file in (
            "prices.csv",
            "results.csv",
            "notebooks/a.ipynb",
            "notebooks/b.ipynb",
            "figures/of_a.svg",
            "figures/of_b.svg",
        )
    }
    assert [(name, id_) for name, id_, _ in results(out)] == [
        ("s30000.0", "Z45"),
        ("s30000.0", "Z51"),
        ("s20000.0", "Z45"),
        ("s20000.0", "Z51"),
    ]
    assert "30000" in results(out)[1][2]
    assert (outcome.executed, outcome.reused, outcome.figures) == (3, 1, 4)


@pytest.mark.parametrize("fresh", [False, True])
def test_what_scenarios_share_is_executed_once(fresh, templates, fake, tmp_path):
    executor = fake(hold=2)
    runner.run(templates, scenarios(2e4, 3e4, 4e4), tmp_path / "out", executor=executor, fresh=fresh)
    assert sorted(name for name, _ in executor.jobs) == ["a", "b", "b", "b"]


def test_a_second_run_executes_what_has_changed_and_a_fresh_one_everything(templates, fake, tmp_path):
    out = tmp_path / "out"

    def executed(*prices, **options):
        executor = fake(padding=9 * bool(options))
        runner.run(templates, scenarios(*prices), out, executor=executor, **options)
        return executor.jobs

    assert len(executed(2e4)) == 2
    before = files_of(out)
    assert executed(2e4) == []
    assert files_of(out) == before
    assert executed(2e4, 3e4) == [("b", (("h100_usd", 3e4),))]
    after = files_of(out)
    for name in ("results.csv", "results.parquet", "results.xlsx", "prices.csv"):
        assert after[name] != before[name]
    assert len(executed(2e4, fresh=True)) == 2
    assert executed(2e4) == []
    assert files_of(out)["s20000.0/figures/of_a.svg"].endswith(b" " * 9)  # what was kept last


def test_files_that_are_right_already_are_not_written_again(templates, fake, tmp_path):
    runner.run(templates, scenarios(2e4), tmp_path / "out", executor=fake())
    for path in (tmp_path / "out").rglob("s*/**/*.*"):
        os.utime(path, (1, 1))
    runner.run(templates, scenarios(2e4), tmp_path / "out", executor=fake())
    assert {path.stat().st_mtime for path in (tmp_path / "out").rglob("s*/**/*.*") if path.is_file()} == {1}


def test_the_longest_of_the_last_run_goes_first_and_what_was_never_timed_before_it(fake, tmp_path):
    notebooks = [Template(name, b"", ("h100_usd",)) for name in "abc"]
    first = fake()
    first.seconds = {"a": 1.0, "b": 5.0, "c": 3.0}
    runner.run(notebooks, ARTICLE, tmp_path / "out", executor=first)
    later = fake()
    runner.run([*notebooks, Template("new", b"", ())], scenarios(2e4), tmp_path / "out", executor=later)
    assert [name for name, _ in later.jobs] == ["new", "b", "c", "a"]


def test_only_a_few_jobs_are_handed_over_ahead(templates, fake, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    executor = fake(workers=3, hold=10**9)
    runner.run(templates[1:], scenarios(*range(20_000, 20_050)), tmp_path / "out", executor=executor)
    assert executor.most == 3 * runner.JOBS_AHEAD
    assert len(executor.jobs) == 50


def test_memory_does_not_grow_with_what_is_finished(templates, fake, tmp_path):
    alive = []

    def tell(event):
        if event.event == "done" and len(told) == 399:
            # blocks rather than bytes: a table of Python's own may double just then
            blocks = [trace.size for trace in tracemalloc.take_snapshot().traces]
            alive.append(sum(100_000 <= size <= 300_000 for size in blocks))
        told.append(event.event == "done")

    told = []
    prices = scenarios(*range(20_000, 20_400))
    tracemalloc.start()
    runner.run(templates[1:], prices, tmp_path, executor=fake(padding=100_000), fresh=True, tell=tell)
    tracemalloc.stop()
    # a notebook has 100,000 bytes, and a few stand in memory as bytes, as text and as figures
    assert 0 < alive[0] < 15


def test_a_workbook_is_not_written_of_more_rows_than_people_read_and_an_old_one_goes(
    templates, fake, tmp_path, monkeypatch
):
    out, said = tmp_path / "out", []
    runner.run(templates, scenarios(2e4), out, executor=fake(), warn=said.append)
    assert (out / "results.xlsx").exists()
    assert said == []
    monkeypatch.setattr(runner.export, "MOST_ROWS", 3)
    runner.run(templates, scenarios(2e4, 3e4), out, executor=fake(), warn=said.append)
    assert not (out / "results.xlsx").exists()
    assert (out / "results.parquet").exists()
    assert said == [
        f"{out / 'results.xlsx'}: not written, 4 rows are more than its 3; "
        "results.csv and results.parquet have them all"
    ]


def test_a_workbook_has_the_prices_of_each_scenario_once(templates, fake, tmp_path):
    out = tmp_path / "out"
    runner.run([*templates, Template("c", b"", ("h100_usd",))], scenarios(2e4, 3e4), out, executor=fake())
    sheet = openpyxl.load_workbook(out / "results.xlsx")["prices"]
    assert [row[:6] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        ("s20000.0", "h100_usd", 2e4, "USD/GPU", None, "given"),
        ("s30000.0", "h100_usd", 3e4, "USD/GPU", None, "given"),
    ]


def test_a_failing_notebook_stops_no_other_and_is_not_kept(templates, fake, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    out, told = tmp_path / "out", []
    outcome = runner.run(
        templates, scenarios(2e4, 3e4), out, executor=fake(failing=["b"], hold=2), tell=told.append
    )
    assert [(failed.scenario, failed.failure.cell, failed.failure.error) for failed in outcome.failed] == [
        ("s20000.0", "2", "KeyError: 'h100'"),
        ("s30000.0", "2", "KeyError: 'h100'"),
    ]
    assert outcome.failed[0].kept == out / "s20000.0" / "notebooks" / "b.ipynb"
    assert outcome.failed[0].kept.exists()
    assert [id_ for _, id_, _ in results(out)] == ["Z45", "Z51"] * 2
    assert [event.event for event in told if event.notebook == "b" and event.event != "started"] == [
        "failed",
        "failed",
    ]
    again = fake()
    runner.run(templates, scenarios(2e4, 3e4), out, executor=again)
    assert [name for name, _ in again.jobs] == ["b", "b"]


def test_a_job_without_any_notebook_is_a_failure_like_any_other(templates, fake, tmp_path):
    out = tmp_path / "out"
    runner.run(templates, scenarios(2e4), out, executor=fake())
    outcome = runner.run(templates, scenarios(2e4), out, executor=fake(raising=["b"]), fresh=True)
    (failed,) = outcome.failed
    assert failed.failure.error == "RuntimeError: the worker died"
    assert failed.kept is None
    assert [id_ for _, id_, _ in results(out)] == ["Z45"]  # nothing of the run before


@pytest.mark.parametrize(
    ("returned", "named"),
    [
        ("a string", "str"),
        (None, "NoneType"),
        (Executed(b"not JSON", None, 0.1), "Executed"),
        (Executed(b"[1]", None, 0.1), "Executed"),
        (Executed(b'{"cells": [{"outputs": 5}]}', None, 0.1), "Executed"),
        (Executed("é", None, 0.1), "Executed"),
    ],
)
def test_a_worker_that_returns_something_else_fails_its_job_by_name_and_no_other(
    returned, named, templates, fake, tmp_path
):
    class Strange(fake):
        def _end(self, future, job):
            if job.name == "b":
                future.set_result(returned)
            else:
                super()._end(future, job)

    outcome = runner.run(templates, ARTICLE, tmp_path / "out", executor=Strange())
    (failed,) = outcome.failed
    assert (failed.failure.notebook, failed.kept) == ("b", None)
    assert failed.failure.error == f"what came back from its worker is no executed notebook ({named})"
    assert [id_ for _, id_, _ in results(tmp_path / "out")] == ["Z45"]
    again = fake()
    runner.run(templates, ARTICLE, tmp_path / "out", executor=again)
    assert [name for name, _ in again.jobs] == ["b"]  # it was not kept


def test_an_executor_that_is_lost_ends_the_run_with_its_reason(templates, fake, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    executor = fake(hold=5)
    executor.lost = lambda: "all workers are gone"
    with pytest.raises(RunError, match="all workers are gone"):
        runner.run(templates, ARTICLE, tmp_path / "out", executor=executor)


@pytest.mark.parametrize("name", ["../../x", "/proc/x", "..", "a/b", "a\\b", "con", "", "C:x", ".x"])
def test_a_figure_is_written_into_its_folder_or_not_at_all(name, fake, tmp_path, monkeypatch):
    monkeypatch.setattr(runner.executed, "read", lambda notebook: runner.executed.Outputs({name: "<svg/>"}))
    with pytest.raises(RunError, match="shows a figure whose name no file can have"):
        runner.run([Template("a", b"", ())], ARTICLE, tmp_path / "deep" / "out", executor=fake())
    assert files_of(tmp_path / "deep") == {}
    assert {path.name for path in tmp_path.iterdir()} <= {"deep", "cache of this test"}


def test_two_notebooks_with_a_figure_of_one_name_are_refused(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(runner.executed, "read", lambda notebook: runner.executed.Outputs({"same": "<svg/>"}))
    with pytest.raises(RunError, match="shows a figure named 'same', and so does"):
        runner.run([Template(name, b"", ()) for name in "ab"], ARTICLE, tmp_path / "out", executor=fake())


def test_a_run_is_alone_in_its_folder(templates, fake, tmp_path):
    refused = []

    def second(event):  # as another process would
        try:
            with ThreadPoolExecutor(1) as thread:
                thread.submit(runner.run, templates, ARTICLE, tmp_path / "out", executor=fake()).result()
        except RunError as error:
            refused.append(str(error))

    runner.run(templates, ARTICLE, tmp_path / "out", executor=fake(), tell=second)
    assert len(refused) == 4  # two that began and ended
    assert all("is writing there; wait until it has ended" in message for message in refused)


def test_a_corrupt_entry_is_executed_again(templates, fake, tmp_path, cache_folder):
    runner.run(templates, ARTICLE, tmp_path / "out", executor=fake())
    right = files_of(tmp_path / "out")
    (entry,) = cache_folder.glob("*/b/*")
    entry.write_bytes(entry.read_bytes()[:-5] + b"wrong")
    executor = fake()
    runner.run(templates, ARTICLE, tmp_path / "out", executor=executor)
    assert [name for name, _ in executor.jobs] == ["b"]
    assert files_of(tmp_path / "out") == right


ONCE = """
import sys
from costcheck import cli
from costcheck.batch import local
from costcheck.batch.execution import Executed
from costcheck.data.tables import home

def execute(name, source, parameters, **options):
    return Executed((home("notebooks") / f"{name}.ipynb").read_bytes(), None, 0.1)

local.execute = execute
assert cli.main(["run", *sys.argv[1:]]) == cli.DONE
heavy = {"numpy", "pyarrow", "openpyxl", "pandas", "matplotlib", "papermill", "nbformat", "IPython"}
heavy |= {"pydantic", "distributed"}
print(*sorted(heavy & set(sys.modules)))
"""


def test_a_run_that_executes_nothing_imports_no_more_than_it_writes_with_and_sums_up(tmp_path):
    command = [sys.executable, "-c", ONCE, "--scenarios", eight(tmp_path), "--out", "many"]
    first, second = (subprocess.run(command, capture_output=True, text=True, cwd=tmp_path) for _ in "12")
    assert second.returncode == 0, second.stderr
    assert "slowest" in first.stdout
    assert first.stdout.splitlines()[-1] == "numpy openpyxl pyarrow"  # to write the results
    assert "slowest" not in second.stdout
    assert second.stdout.splitlines()[-2:] == ["0 notebooks executed, 64 reused", "numpy openpyxl pyarrow"]
    assert "64/64 s31: 08_verdicts reused" in second.stderr
    # more than fit side by side
    assert "costcheck compare many --plot compared.svg" in second.stdout
    assert "days_in_month" not in second.stdout


def eight(tmp_path):
    """A file of eight scenarios."""
    path = tmp_path / "eight.csv"
    days = [28, 28.5, 29, 29.5, 30, 30.25, 30.5, 31]
    path.write_text("name,days_in_month\n" + "".join(f"s{day:g},{day}\n" for day in days))
    return path
