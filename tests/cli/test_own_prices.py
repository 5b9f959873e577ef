"""Prices of several articles, of a day and of the reader: each stays where it belongs."""

import csv
import io
import json

import pytest

from costcheck import cli
from costcheck.data.tables import home

ZH = home("data") / "articles" / "zh_36kr.yaml"
HEAD = "title: T\nlanguage: en\npublisher: p\ndate: 2024-12-01\naddress: x\n"


def article(folder, name, key, value, claim):
    path = folder / f"{name}.yaml"
    path.write_text(
        f"article: {name}\n{HEAD}"
        f"prices:\n  {key}: {{value: {value}, unit: USD/GPU, source: r, as_of: 2024-12-01}}\n"
        f"claims:\n  - {{id: {claim}, printed: '{value}', about: x, value: {value}, unit: USD, "
        f"formula: purchase, inputs: {{gpus: 1, usd_per_gpu: prices.{key}}}}}\n"
    )
    return path


@pytest.fixture
def own(tmp_path):
    return article(tmp_path, "own", "h100_usd", 30_000, "A1")


def checked(capsys, *arguments):
    assert cli.main(["check", *map(str, arguments), "--format", "json"]) == cli.DONE
    return {(row["article"], row["id"]): row for row in json.loads(capsys.readouterr().out)}


def test_an_articles_own_price_is_not_another_articles(own, capsys):
    rows = checked(capsys, ZH, own)
    assert rows["zh_36kr", "Z51"]["at_your_prices"] == str(43_000 * 40_000)
    assert rows["own", "A1"]["at_your_prices"] == "30000"


def test_two_articles_may_have_one_price_each_of_their_own(tmp_path, capsys):
    files = [article(tmp_path, name, "w", value, "A1") for name, value in (("p1", 1), ("p2", 2))]
    rows = checked(capsys, *files)
    assert [rows[name, "A1"]["at_your_prices"] for name in ("p1", "p2")] == ["1", "2"]
    rows = checked(capsys, *files, "--set", "w=2")
    assert [rows[name, "A1"]["at_your_prices"] for name in ("p1", "p2")] == ["2", "2"]
    assert cli.main(["sensitivity", *map(str, files)]) == cli.WRONG_INPUT
    assert "w is one price in one article and another in another" in capsys.readouterr().err


def test_sensitivity_of_a_claim_is_at_its_own_articles_prices(own, capsys):
    assert cli.main(["sensitivity", "Z51", str(ZH), str(own), "--format", "json"]) == cli.DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["recomputed"], found["holds"]) == (1.72e9, True)


@pytest.mark.parametrize(
    ("day", "price"),
    [
        pytest.param("2024-07-21", 33_819.37, id="the latest quote by then"),
        pytest.param("2024-07-25", 40_000, id="the quote of the 22nd, as in the package"),
        pytest.param("2024-07-31", 36_017.75, id="a later quote"),
    ],
)
def test_a_quote_of_a_day_goes_before_an_articles_own_price(own, capsys, day, price):
    rows = checked(capsys, own, "--as-of", day)
    assert float(rows["own", "A1"]["at_your_prices"]) == price


def test_a_price_given_counts_although_it_is_the_articles(own, capsys):
    rows = checked(capsys, ZH, "--as-of", "2024-07-31", "--set", "h100_usd=40000")
    assert rows["zh_36kr", "Z51"]["at_your_prices"] == str(43_000 * 40_000)
    assert rows["zh_36kr", "Z51"]["scenario"] == "as of 2024-07-31;h100_usd=40000"


@pytest.mark.slow
def test_a_scenarios_price_counts_although_it_is_the_articles(tmp_path, capsys):
    scenarios = tmp_path / "s.csv"
    scenarios.write_text("name,h100_usd\na,40000\nb,\n")
    out = tmp_path / "out"
    arguments = ["run", "2", "--scenarios", str(scenarios), "--as-of", "2024-07-31", "--out", str(out)]
    assert cli.main(arguments) == cli.DONE
    text = (out / "results.csv").read_text("utf-8")
    found = {row["scenario"]: row for row in csv.DictReader(io.StringIO(text)) if row["id"] == "Z51"}
    assert found["a"]["at_your_prices"] == str(43_000 * 40_000)
    assert float(found["b"]["at_your_prices"]) == 43_000 * 36_017.75


@pytest.mark.slow
def test_the_chapter_and_the_notebooks_each_have_their_own_prices(own, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["run", "2", "--article", str(own), "--set", "usd_cny=7", "--out", str(out)]
    assert cli.main(arguments) == cli.DONE
    with (out / "results.csv").open(encoding="utf-8") as file:
        found = {row["id"]: row["at_your_prices"] for row in csv.DictReader(file)}
    assert (found["Z51"], found["A1"]) == (str(43_000 * 40_000), "30000")
    assert "1.29 billion" not in capsys.readouterr().out


def test_an_article_called_as_another_notebook_is_refused(tmp_path, capsys):
    path = article(tmp_path, "article", "w", 1, "A1")
    assert (
        cli.main(["run", "article", "--article", str(path), "--out", str(tmp_path / "o")]) == cli.WRONG_INPUT
    )
    assert "two notebooks to run would be called 'article'" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_book_without_quotes_is_refused(tmp_path, capsys):
    header = (home("data") / "prices.csv").read_text("utf-8").partition("\n")[0]
    path = tmp_path / "mine.csv"
    path.write_text(header + "\n")
    assert cli.main(["check", "--book", str(path)]) == cli.WRONG_INPUT
    assert "no quotes in it" in capsys.readouterr().err
