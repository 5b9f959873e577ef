"""Articles of one's own on the command line: new, check, run --article."""

import csv
import json

import pytest

from costcheck import cli
from costcheck.claims.loading import example, schema_file
from costcheck.results.executed import read

DEEPSEEK = example("deepseek_v3")


# --------------------------------------------------------------------------- new
def test_a_new_file_is_a_valid_article_with_a_claim_of_each_kind(tmp_path, capsys):
    path = tmp_path / "My first-article.yaml"
    assert cli.main(["new", str(path), "--title", 'What "it"  cost: 5$']) == cli.DONE
    assert "costcheck check" in capsys.readouterr().out
    text = path.read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={schema_file().as_uri()}\n")
    assert "article: my_first_article " in text
    assert 'title: "What \\"it\\" cost: 5$"\n' in text
    assert cli.main(["check", str(path), "--format", "json"]) == cli.DONE
    rows = json.loads(capsys.readouterr().out)
    assert {row["arithmetic"] for row in rows} == {"holds", "holds (unverified data)", "not computable"}
    for way in ("formula:", "fact:", "not_computable:", "reading:", "hedge:"):
        assert way in text
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("there.yaml", [], "the file exists already"),
        ("article.txt", [], "the file's name must end in .yaml or .yml"),
        ("article.yaml", ["--title", " "], "--title: it is empty"),
        ("article.yaml", ["--title", "a\x7fb"], r"--title: 'a\x7fb' has a character that cannot be printed"),
        ("article.yaml", ["--title", "\udcff"], r"--title: '\udcff' has a character that cannot be printed"),
    ],
)
def test_new_refuses_to_overwrite_and_names_that_would_not_be_read(tmp_path, capsys, name, arguments, said):
    (tmp_path / "there.yaml").write_text("mine")
    assert cli.main(["new", str(tmp_path / name), *arguments]) == cli.WRONG_INPUT
    assert said in capsys.readouterr().err
    assert (tmp_path / "there.yaml").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_long_file_name_makes_an_article_name_that_is_read(tmp_path, capsys):
    path = tmp_path / f"{'9' * 100}.yaml"
    assert cli.main(["new", str(path)]) == cli.DONE
    assert cli.main(["check", str(path)]) == cli.DONE


def test_new_into_a_folder_that_is_not_there_is_one_message(tmp_path, capsys):
    assert cli.main(["new", str(tmp_path / "none" / "a.yaml")]) == cli.NOT_EXECUTED
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err


# --------------------------------------------------------------------------- check
def test_an_own_price_can_be_set(capsys):
    arguments = ["check", str(DEEPSEEK), "--set", "h800_usd_per_gpu_hour=3", "--format", "json"]
    assert cli.main(arguments) == cli.DONE
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["D6"]["at_your_prices"] == "8364000"
    assert rows["D6"]["notebook"] == "article"
    assert rows["D6"]["scenario"] == "h800_usd_per_gpu_hour=3"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("h80_usd_per_gpu_hour=3", "did you mean 'h800_usd_per_gpu_hour'?"),
        ("h800_usd_per_gpu_hour=0", "out of bounds"),
        ("h800_usd_per_gpu_hour=3 CNY/GPU-hour", "this price is in USD/GPU-hour"),
    ],
)
def test_a_wrong_own_price_is_refused(capsys, given, said):
    assert cli.main(["check", str(DEEPSEEK), "--set", given]) == cli.WRONG_INPUT
    assert said in capsys.readouterr().err


def test_one_name_for_prices_in_two_units_is_refused(tmp_path, capsys):
    other = tmp_path / "other.yaml"
    text = example("skeleton").read_text("utf-8")
    other.write_text(text.replace("a100_usd_per_gpu_hour", "h800_usd_per_gpu_hour"), "utf-8")
    changed = tmp_path / "changed.yaml"
    changed.write_text(
        other.read_text("utf-8")
        .replace("my_article", "another")
        .replace("USD/GPU-hour", "1000 USD/GPU-hour"),
        "utf-8",
    )
    assert cli.main(["check", str(other), str(changed)]) == cli.WRONG_INPUT
    err = capsys.readouterr().err
    assert (
        "price h800_usd_per_gpu_hour: another has it in 1000 USD/GPU-hour, my_article in USD/GPU-hour" in err
    )


GUESSED = """\
article: guessed
title: Figures beside a guess
language: en
publisher: nobody
date: 2024-07-23
address: example.org
inputs:
  guess: {value: 3, unit: GPU, source: a friend, verification: "unverified: hearsay"}
claims:
  - {id: A, printed: 3 GPUs, value: 3, unit: GPU, about: x, formula: total, inputs: {values: [3]}}
  - {id: B, printed: 3 GPUs, value: 3, unit: GPU, about: x, fact: inputs.guess}
  - {id: C, printed: 4 GPUs, value: 4, unit: GPU, about: x, fact: inputs.guess}
  - {id: D, printed: 30 GPUs, value: 30, unit: GPU, about: x, fact: inputs.guess}
  - {id: E, printed: no GPUs, value: -1, unit: GPU, reading: x, about: x, fact: inputs.guess}
"""


def test_the_summary_counts_every_verdict_and_marks_what_rests_on_unverified_data(tmp_path, capsys):
    path = tmp_path / "guessed.yaml"
    path.write_text(GUESSED)
    assert cli.main(["check", str(path)]) == cli.DONE
    summary = "5 claims" + capsys.readouterr().out.partition("5 claims")[2]
    assert " ".join(summary.split()) == (
        "5 claims: 1 hold, 1 more hold on unverified data, 1 close (1 on unverified data), "
        "1 off by a factor (1 on unverified data), 1 wrong (1 on unverified data); "
        "0 of all are in the wrong category"
    )


# --------------------------------------------------------------------------- run
def test_a_wrong_article_is_refused_before_anything_runs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_text(DEEPSEEK.read_text("utf-8").replace("formula: rental", "formula: rentl"), "utf-8")
    assert cli.main(["run", "--article", str(path)]) == cli.WRONG_INPUT
    assert "mine.yaml, line 7" in capsys.readouterr().err
    assert cli.main(["run", "--article", str(DEEPSEEK), "--set", "h100_usd=25000"]) == cli.WRONG_INPUT
    assert "none of the notebooks to run takes it (deepseek_v3)" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.yaml"]


@pytest.mark.slow
def test_run_writes_a_chapter_a_figure_and_rows_for_each_article(tmp_path, capsys):
    mine = tmp_path / "mine.yaml"
    assert cli.main(["new", str(mine)]) == cli.DONE
    out = tmp_path / "out"
    arguments = ["run", "--article", str(DEEPSEEK), "--article", str(mine), "--out", str(out)]
    assert cli.main([*arguments, "--set", "h800_usd_per_gpu_hour=3"]) == cli.DONE
    assert "results.csv (18 claims)" in capsys.readouterr().out
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == {
        *("report.html", "prices.csv", "results.csv", "results.parquet", "results.xlsx"),
        "figures/article_deepseek_v3.svg",
        "figures/article_mine.svg",
        "notebooks/deepseek_v3.ipynb",
        "notebooks/mine.ipynb",
    }
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["article"], row["id"]) for row in rows][12:14] == [("deepseek_v3", "D13"), ("mine", "A1")]
    assert {row["id"]: row["at_your_prices"] for row in rows}["D6"] == "8364000"
    # once more: nothing has changed; with another price, only the chapter that takes it is executed again
    assert cli.main([*arguments, "--set", "h800_usd_per_gpu_hour=3"]) == cli.DONE
    assert "0 notebooks executed, 2 reused" in capsys.readouterr().out
    assert cli.main([*arguments, "--set", "h800_usd_per_gpu_hour=4"]) == cli.DONE
    assert "1 notebook executed, 1 reused" in capsys.readouterr().out


@pytest.mark.slow
def test_a_chapter_is_self_contained_and_the_same_bytes_each_time(tmp_path, capsys):
    made = []
    for name in ("first", "second"):
        out = tmp_path / name
        assert cli.main(["run", "--article", str(DEEPSEEK), "--fresh", "--out", str(out)]) == cli.DONE
        made.append((out / "notebooks" / "deepseek_v3.ipynb").read_bytes())
    assert made[0] == made[1]
    assert str(DEEPSEEK.parent).encode() not in made[0]
    assert len(read(json.loads(made[0])).rows) == 13


@pytest.mark.slow
def test_scenarios_may_change_an_own_price(tmp_path, capsys):
    scenarios = tmp_path / "s.yaml"
    scenarios.write_text("grid:\n  h800_usd_per_gpu_hour: [1, 3]\n", "utf-8")
    arguments = [
        "run",
        "--article",
        str(DEEPSEEK),
        "--scenarios",
        str(scenarios),
        "--out",
        str(tmp_path / "o"),
    ]
    assert cli.main(arguments) == cli.DONE
    with (tmp_path / "o" / "results.csv").open(encoding="utf-8", newline="") as file:
        found = {(row["scenario"], row["id"]): row["at_your_prices"] for row in csv.DictReader(file)}
    assert found["h800_usd_per_gpu_hour=1", "D6"] == "2788000"
    assert found["h800_usd_per_gpu_hour=3", "D6"] == "8364000"


def test_a_translation_has_no_chapter_of_its_own(tmp_path, capsys):
    text = DEEPSEEK.read_text("utf-8")
    translation = tmp_path / "t.yaml"
    translation.write_text(
        text.replace("article: deepseek_v3", "article: german\ntranslation_of: deepseek_v3"), "utf-8"
    )
    arguments = ["run", "--article", str(DEEPSEEK), "--article", str(translation)]
    assert cli.main(arguments) == cli.WRONG_INPUT
    assert "german translates deepseek_v3, and a chapter knows one article alone" in capsys.readouterr().err


@pytest.mark.slow
def test_the_chapter_runs_by_its_name_on_the_example(tmp_path):
    assert cli.main(["run", "article", "--out", str(tmp_path)]) == cli.DONE
    assert {"results.xlsx", "report.html"} <= {path.name for path in tmp_path.iterdir()}
