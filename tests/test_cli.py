"""The command line: what it prints, what it refuses, and how it ends."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from costcheck import __version__, cli


def run(*arguments, **options):
    command = [sys.executable, "-m", "costcheck", *arguments]
    return subprocess.run(command, capture_output=not options, text=True, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--set", "hl00_usd=25000"], "did you mean 'h100_usd'?", id="a misspelt price"),
        pytest.param(["--set", "h100_usd=cheap"], "'cheap' is not a number [USD/GPU]", id="words"),
        pytest.param(["--set", "h100_usd=25,000"], "write 25000", id="a thousands separator"),
        pytest.param(["--set", "h100_usd=0"], "out of bounds", id="zero"),
        pytest.param(["--set", "h100_usd=-5"], "out of bounds", id="negative"),
        pytest.param(["--set", "h100_usd=nan"], "not a finite number", id="NaN"),
        pytest.param(["--set", "h100_usd=inf"], "not a finite number", id="infinity"),
        pytest.param(["--set", "utilisation=1.5"], "allowed: 0.01 to 1", id="out of bounds"),
        pytest.param(["--set", "h100_usd=25000 CNY/GPU"], "this price is in USD/GPU", id="another unit"),
        pytest.param(["--set", "h100_usd"], "write KEY=VALUE", id="no value"),
        pytest.param(["--set", "pue=1.2", "--set", "pue=1.3"], "set twice", id="twice"),
        pytest.param(["--book", ""], "is empty", id="an empty name"),
        pytest.param(["--as-of", "2999-01-01"], "in the future", id="a day to come"),
    ],
)
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_wrong_price_is_refused_with_one_line_before_anything_runs(
    command, arguments, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert cli.main([command, *arguments]) == cli.WRONG_INPUT
    out, err = capsys.readouterr()
    assert message in err
    assert (out, err.count("\n")) == ("", 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["chekc"], "did you mean 'check'?", id="a misspelt command"),
        pytest.param(["run", "02_entry_tickets"], "did you mean '02_entry_ticket'?", id="a notebook"),
        pytest.param(
            ["run", "1", "--set", "h100_usd=1000"], "none of the notebooks to run takes it", id="idle price"
        ),
        pytest.param(["run", "--scenarios", "s.csv"], "did you mean 'h100_usd'?", id="wrong scenarios"),
        pytest.param(["check", "--fromat", "csv"], "did you mean '--format'?", id="a misspelt option"),
        pytest.param(["check", "--format", "xml"], "'xml'", id="an unknown format"),
        pytest.param(["check", "no_such.yaml"], "no_such.yaml: cannot be read", id="a missing article"),
        pytest.param(["cache", "prune", "x"], "unexpected argument 'x'; see costcheck cache", id="a word"),
    ],
)
def test_a_wrong_command_line_exits_2_and_says_what_is_allowed(
    arguments, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.csv").write_text("name,hl00_usd\ncheap,20000\n")
    assert cli.main(arguments) == cli.WRONG_INPUT
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_broken_article_is_named_by_file_line_claim_and_key(capsys, tmp_path):
    article = tmp_path / "mine.yaml"
    article.write_text(
        "article: mine\ntitle: t\nlanguage: en\npublisher: p\ndate: unknown\naddress: a\n"
        "claims:\n  - id: A1\n    where: here\n    printed: 3500年\n    about: years\n"
        "    kind: arithmetic\n    notebook: 01_training_time\n    value: 3500\n    hegde: about\n"
    )
    assert cli.main(["check", str(article)]) == cli.WRONG_INPUT
    err = capsys.readouterr().err
    assert f"{article}, line 15, claim A1, key hegde: unknown key 'hegde': did you mean 'hedge'?" in err


def test_check_prints_all_claims_counts_them_and_names_likely_causes(capsys):
    assert cli.main(["check"]) == cli.DONE
    out = capsys.readouterr().out
    assert "102 claims" in out
    assert "170億ドル" in out
    assert "J37, J38, J39, likely cause: ten times too large" in out


def test_a_price_changes_the_figure_at_your_prices_and_nothing_else_in_csv_as_in_json(capsys):
    found = []
    for arguments in ([], ["--set", "h100_usd=25000"]):
        cli.main(["check", *arguments, "--format", "csv"])
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        cli.main(["check", *arguments, "--format", "json"])
        assert json.loads(capsys.readouterr().out) == rows
        found.append({row["id"]: row for row in rows})
    theirs, yours = found
    assert len(theirs) == 102
    assert yours["Z51"]["at_your_prices"] == "1075000000"  # 43,000 * 25,000
    assert yours["Z51"]["scenario"] == "h100_usd=25000"
    for id_, row in yours.items():
        for column in ("value", "recomputed", "ratio", "arithmetic", "premise", "note"):
            assert row[column] == theirs[id_][column]


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["check"], "pydantic pint numpy pandas matplotlib papermill nbformat IPython"),
        (["check", "--format", "csv"], "pydantic pint numpy pandas matplotlib papermill nbformat IPython"),
        (["sensitivity", "Z51", "--format", "csv"], "SALib scipy pandas matplotlib pydantic"),
        (["sensitivity", "--samples", "10"], "SALib scipy pandas matplotlib pydantic"),
        ([], "pydantic yaml rich"),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(arguments, heavy):
    code = f"import sys; from costcheck.cli import main; main({arguments}); "
    code += f"sys.exit(', '.join(set({heavy.split()}) & set(sys.modules)) or 0)"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_a_reader_that_goes_away_ends_it_without_a_traceback():
    command = f"{sys.executable} -m costcheck check | head -1"
    ended = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
@pytest.mark.parametrize("command", ["check", "prices", "formulas"])
def test_a_full_disk_is_one_line_and_not_a_traceback(command):
    with open("/dev/full", "w") as full:
        ended = run(command, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == cli.NOT_EXECUTED
    assert ended.stderr == "costcheck: standard output: No space left on device\n"


def test_without_a_command_it_shows_its_help_and_it_has_a_version():
    ended = run()
    assert ended.returncode == cli.DONE
    assert "usage: costcheck" in ended.stdout
    assert run("--version").stdout.strip() == f"costcheck {__version__}"
