"""``costcheck prices import``: shows first, writes only when asked to, and touches no other book."""

import csv
import datetime as dt
import io
import json
import sys

import pytest

from costcheck import cli
from costcheck.data.tables import home
from costcheck.prices import own_file

OURS = home("data") / "prices.csv"
TOMORROW = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
RATES = "Date,USD,JPY,CNY,\n2024-07-22,1.25,150,8,\n2024-07-23,1.25,160,N/A,\nodd,1,1,1,\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.csv").write_text(RATES)
    (tmp_path / "map.json").write_text('{"gpt-4o": {"input_cost_per_token": 1, "output_cost_per_token": 2}}')


@pytest.fixture
def run(capsys):
    return lambda *arguments: (cli.main(["prices", "import", *arguments]), *capsys.readouterr())


@pytest.fixture
def terminal(monkeypatch):
    def answering(answer):
        typed = io.StringIO(answer)
        typed.isatty = lambda: True
        monkeypatch.setattr(sys, "stdin", typed)

    return answering


@pytest.mark.parametrize("asked", [False, True], ids=["no terminal", "a no on a terminal"])
def test_without_a_yes_it_shows_and_writes_nothing(asked, run, terminal, tmp_path):
    (tmp_path / "rates.csv").write_text(RATES + "odd,1,1,1,\n" * 14)
    terminal("n\n") if asked else None
    before = sorted(tmp_path.iterdir())
    status, out, err = run("ecb", "rates.csv")
    assert asked or status == cli.NOT_EXECUTED  # who runs it by a timer sees that nothing came of it
    # by hand: 160 / 1.25 = 128; the package has 169.64 / 1.086 = 156.206 for that day; 128 is 0.819 of it
    assert "usd_jpy 2 new 2024-07-22 to 2024-07-23 156.206 → 128 (-18.1 %)" in " ".join(out.split())
    assert "rates.csv: 17 rows read, 2 taken" in out
    assert "1 gaps: usd_cny: no rate that day" in out
    assert "'odd' is not a date" in out
    assert out.count("is not a date") == 10
    assert "and 5 more" in out
    assert ("Write this to my_prices.csv? [y/N]" if asked else "give --yes to write") in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("answer", ["", "y\n"], ids=["--yes", "a yes on a terminal"])
def test_with_a_yes_it_writes_the_book_and_prints_how_to_use_it(answer, run, terminal, tmp_path):
    terminal(answer)
    status, _, err = run("ecb", "rates.csv", *([] if answer else ["--yes"]))
    assert status == cli.DONE
    assert "wrote my_prices.csv: 3 quotes. Use it: costcheck check --book my_prices.csv" in err
    assert [(quote.key, quote.value, quote.as_of) for quote in own_file.read(tmp_path / "my_prices.csv")] == [
        ("usd_cny", 6.4, "2024-07-22"),  # by hand: 8 / 1.25
        ("usd_jpy", 120.0, "2024-07-22"),
        ("usd_jpy", 128.0, "2024-07-23"),
    ]
    status, _, err = run("ecb", "rates.csv")
    assert (status, "my_prices.csv is up to date" in err) == (cli.DONE, True)


def test_what_would_change_is_listed_for_each_price_against_the_book_or_else_the_package(run, tmp_path):
    out = run("ecb", "rates.csv", "--format", "json")[1]
    changes = json.loads(out)
    assert (changes[0]["key"], changes[0]["before"], changes[0]["after"]) == ("usd_cny", 7.2732366, 6.4)
    run("ecb", "rates.csv", "--yes")
    lines = ["Date,USD,JPY,CNY,", "2024-07-22,1.25,150,10,", "2024-07-24,1.25,150,10,", ""]
    (tmp_path / "rates.csv").write_text("\n".join(lines))
    _, out, err = run("ecb", "rates.csv", "--format", "csv")
    assert "rates.csv: 2 rows read, 2 taken, 0 skipped, 0 unreadable" in err
    yuan = {row["key"]: row for row in csv.DictReader(io.StringIO(out))}["usd_cny"]
    assert list(yuan.values())[2:6] == ["1", "1", "2024-07-22", "2024-07-24"]  # new, replaced, first, last
    assert (yuan["before"], yuan["after"], yuan["percent"]) == ("6.4", "8", "25")  # 6.4 to 8 is a quarter


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("eccb rates.csv", "unknown feed 'eccb': did you mean 'ecb'?"),
        ("ecb none.csv", "none.csv: cannot be read"),
        ("ecb map.json", "not CSV, as ECB euro reference rates is"),
        ("ecb rates.csv --date 2024-01-01", "carry their own dates"),
        (f"litellm map.json --date {TOMORROW}", "in the future"),
        ("litellm map.json", "give --date YYYY-MM-DD"),
        ("ecb rates.csv --book .", "not a file"),
        ("ecb rates.csv --book no/b.csv", "there is no folder no"),
        ("ecb none.csv --book wrong.csv", "wrong.csv, line 1: column value is missing"),
        (f"ecb none.csv --book {OURS}", "belongs to the package"),
    ],
)
def test_a_wrong_command_line_exits_2_in_one_line_and_writes_nothing(arguments, message, run, tmp_path):
    (tmp_path / "wrong.csv").write_text("key\n")
    before, ours = sorted(tmp_path.iterdir()), OURS.read_bytes()
    status, out, err = run(*arguments.split(), "--yes")
    assert (status, out, err.count("\n")) == (cli.WRONG_INPUT, "", 1)
    assert message in err
    assert (sorted(tmp_path.iterdir()), OURS.read_bytes()) == (before, ours)


@pytest.mark.parametrize("bad", ["2024-07-25,1.25,150,-8,\n", f"{TOMORROW},1.25,150,8,\n"])
def test_a_feed_that_is_refused_leaves_the_book_untouched(bad, run, tmp_path):
    run("ecb", "rates.csv", "--yes")
    before = (tmp_path / "my_prices.csv").read_bytes()
    (tmp_path / "rates.csv").write_text(f"Date,USD,JPY,CNY,\n2024-07-24,1.25,150,8,\n{bad}")
    status, _, err = run("ecb", "rates.csv", "--yes")
    assert status == cli.WRONG_INPUT
    assert "Nothing was imported" in err
    assert (tmp_path / "my_prices.csv").read_bytes() == before


def test_a_book_that_changed_while_it_asked_is_not_overwritten(run, tmp_path, terminal, monkeypatch):
    run("ecb", "rates.csv", "--yes")
    path = tmp_path / "my_prices.csv"
    (tmp_path / "rates.csv").write_text("Date,USD,JPY,CNY,\n2024-07-25,1.25,150,8,\n")

    def somebody_else_writes():
        path.write_text("\n".join(path.read_text().splitlines()[:2]) + "\n")
        return "y\n"

    terminal("")
    monkeypatch.setattr(sys.stdin, "readline", somebody_else_writes)
    status, _, err = run("ecb", "rates.csv")
    assert status == cli.WRONG_INPUT
    assert "changed in the meantime; nothing was written" in err
    assert len(own_file.read(path)) == 1
