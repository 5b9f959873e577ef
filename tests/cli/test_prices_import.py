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
from costcheck.prices.book import PriceBook

OURS = home("data") / "prices.csv"
TOMORROW = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
RATES = "Date,USD,JPY,CNY,\n2024-07-22,1.25,150,8,\n2024-07-23,1.25,160,N/A,\nodd,1,1,1,\n"


MAP = {
    "gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05},
    "gpt-4o-mini": {"input_cost_per_token": 0, "output_cost_per_token": 0},
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.csv").write_text(RATES)
    models = {name: {"litellm_provider": "openai"} | prices for name, prices in MAP.items()}
    (tmp_path / "map.json").write_text(json.dumps(models))


@pytest.fixture
def run(capsys):
    def running(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["prices", "import", *arguments])
        return status, *capsys.readouterr()

    return running


@pytest.fixture
def terminal(monkeypatch):
    def answering(answer: str) -> None:
        typed = io.StringIO(answer)
        typed.isatty = lambda: True
        monkeypatch.setattr(sys, "stdin", typed)

    return answering


def test_without_a_terminal_and_without_yes_it_shows_and_writes_nothing(run, tmp_path):
    (tmp_path / "rates.csv").write_text(RATES + "odd,1,1,1,\n" * 14)
    before = sorted(tmp_path.iterdir())
    status, out, err = run("ecb", "rates.csv")
    assert status == cli.NOT_EXECUTED  # who runs it by a timer sees that nothing came of it
    assert "rates.csv: 17 rows read, 2 taken" in out
    assert "1 gaps: usd_cny: no rate that day" in out
    assert "'odd' is not a date" in out
    assert out.count("is not a date") == 10
    assert "and 5 more" in out
    assert "give --yes to write" in err
    assert sorted(tmp_path.iterdir()) == before


def test_with_yes_it_writes_the_book_and_prints_how_to_use_it(run, tmp_path):
    status, _, err = run("ecb", "rates.csv", "--yes")
    assert status == cli.DONE
    assert "wrote my_prices.csv: 3 quotes. Use it: costcheck check --book my_prices.csv" in err
    assert [(quote.key, quote.value, quote.as_of) for quote in own_file.read(tmp_path / "my_prices.csv")] == [
        ("usd_cny", 6.4, "2024-07-22"),  # by hand: 8 / 1.25
        ("usd_jpy", 120.0, "2024-07-22"),
        ("usd_jpy", 128.0, "2024-07-23"),
    ]


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("yes\n", True), ("n\n", False), ("", False)])
def test_on_a_terminal_it_asks_and_writes_only_after_a_yes(answer, written, run, terminal, tmp_path):
    terminal(answer)
    _, _, err = run("ecb", "rates.csv")
    assert "Write this to my_prices.csv? [y/N]" in err
    assert (tmp_path / "my_prices.csv").exists() is written


def test_what_would_change_is_listed_for_each_price_and_before_is_the_packages_where_the_book_has_none(
    run, tmp_path
):
    out = run("ecb", "rates.csv", "--format", "json")[1]
    changes = json.loads(out)
    assert (changes[0]["key"], changes[0]["before"], changes[0]["after"]) == ("usd_cny", 7.2732366, 6.4)
    run("ecb", "rates.csv", "--yes")
    (tmp_path / "rates.csv").write_text(
        "Date,USD,JPY,CNY,\n2024-07-22,1.25,150,10,\n2024-07-24,1.25,150,10,\n"
    )
    _, out, err = run("ecb", "rates.csv", "--format", "csv")
    assert "rates.csv: 2 rows read, 2 taken, 0 skipped, 0 unreadable" in err
    yuan = {row["key"]: row for row in csv.DictReader(io.StringIO(out))}["usd_cny"]
    assert list(yuan.values())[2:6] == ["1", "1", "2024-07-22", "2024-07-24"]  # new, replaced, first, last
    assert (yuan["before"], yuan["after"], yuan["percent"]) == ("6.4", "8", "25")  # 6.4 to 8 is a quarter


def test_the_table_says_how_many_which_days_and_from_what_to_what(run):
    _, out, _ = run("ecb", "rates.csv")
    (yen,) = (" ".join(line.split()) for line in out.splitlines() if line.strip().startswith("usd_jpy"))
    # by hand: 160 / 1.25 = 128; the package has 169.64 / 1.086 = 156.206 for that day; 128 is 0.819 of it
    assert yen == "usd_jpy 2 new 2024-07-22 to 2024-07-23 156.206 → 128 (-18.1 %)"
    run("ecb", "rates.csv", "--yes")
    status, _, err = run("ecb", "rates.csv")
    assert (status, "my_prices.csv is up to date" in err) == (cli.DONE, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("eccb rates.csv", "unknown feed 'eccb': did you mean 'ecb'?"),
        ("ecb none.csv", "none.csv: cannot be read"),
        ("ecb map.json", "not CSV, as ECB euro reference rates is"),
        ("ecb rates.csv --date 2024-01-01", "carry their own dates"),
        ("litellm map.json --date 2024-7-1", "--date '2024-7-1' is not a date YYYY-MM-DD"),
        (f"litellm map.json --date {TOMORROW}", "in the future"),
        ("litellm map.json", "give --date YYYY-MM-DD"),
        ("ecb rates.csv --book .", "not a file"),
        ("ecb rates.csv --book no/b.csv", "there is no folder no"),
        ("ecb rates.csv --boook b", "did you mean '--book'?"),
        ("ecb ftp://example.org/x", "allowed: https://HOST/PATH"),
        ("ecb", "required: FILE_OR_ADDRESS"),
        # of the book, before the feed is read
        ("ecb none.csv --book loop", "loop: cannot be read (Too many levels"),
        ("ecb none.csv --book rates.csv/b.csv", "there is no folder rates.csv"),
        ("ecb none.csv --book /dev/zero", "/dev/zero: not a file"),
        ("ecb none.csv --book wrong.csv", "wrong.csv, line 1: column value is missing"),
        (f"ecb none.csv --book {OURS}", "belongs to the package"),
    ],
)
def test_a_wrong_command_line_exits_2_in_one_line_and_writes_nothing(arguments, message, run, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
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

    def somebody_else_writes() -> str:
        path.write_text("\n".join(path.read_text().splitlines()[:2]) + "\n")
        return "y\n"

    terminal("")
    monkeypatch.setattr(sys.stdin, "readline", somebody_else_writes)
    status, _, err = run("ecb", "rates.csv")
    assert status == cli.WRONG_INPUT
    assert "changed in the meantime; nothing was written" in err
    assert len(own_file.read(path)) == 1


EPOCH = (
    "Price source,Price date,Hardware model,Vendor,"
    "Price per chip-hour (on-demand),Price (hardware purchase)\n"
    "https://example.org/a,2024-07-31,NVIDIA H100 SXM5 80GB,,,36000\n"
)


def test_what_is_shown_as_after_is_what_check_takes_from_the_book(run, tmp_path):
    (tmp_path / "epoch.csv").write_text(EPOCH)
    run("epoch", "epoch.csv", "--yes")
    more = "".join(EPOCH.splitlines()[1].replace("36000", usd) + "\n" for usd in ("30000", "20000"))
    (tmp_path / "epoch.csv").write_text(EPOCH + more)
    _, out, _ = run("epoch", "epoch.csv", "--yes", "--format", "json")
    (change,) = json.loads(out)
    taken = PriceBook.article().with_quotes(own_file.read(tmp_path / "my_prices.csv"), "mine")["h100_usd"]
    # by hand: the median of 36,000, 30,000 and 20,000
    assert (change["replaced"], change["before"], change["after"], taken) == (1, 36000.0, 30000.0, 30000.0)


def test_help_shows_every_feed_with_address_and_terms(capsys):
    from costcheck.prices.feeds import FEEDS

    with pytest.raises(SystemExit):
        cli.main(["prices", "import", "--help"])
    out = capsys.readouterr().out
    for feed in FEEDS.values():
        assert feed.address in out
        assert feed.terms in out
