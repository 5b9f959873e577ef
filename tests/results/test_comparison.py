"""Comparing results: what counts as changed, whose prices are known, and what is refused."""

import contextlib
import csv
import io
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck import cli
from costcheck.claims import verdicts
from costcheck.claims.verdict import COLUMNS, results_csv
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.results import comparison
from costcheck.results.prices_file import prices_csv, prices_used

ARTICLE = PriceBook.article()
CHEAP = ARTICLE.override({"h100_usd": 25_000})
ROWS = {book.scenario: [verdict.row() for verdict in verdicts(book)] for book in (ARTICLE, CHEAP)}
LINKED = {"Z50", "Z51", "Z52", "Z53", "J36", "J37", "J38", "J39"}
"""The claims that are made of the price of an H100."""


def rows(book=ARTICLE, **changed):
    """All verdicts at some prices; of the claims named, some cells put in."""
    if book.changed and book.changed != CHEAP.changed:
        made = [verdict.row() for verdict in verdicts(book)]
    else:
        made = [
            row | {"scenario": book.scenario} for row in ROWS[CHEAP.scenario if book.changed else "article"]
        ]
    return [row | changed.get(row["id"], {}) for row in made]


def results(folder, *books, **changed):
    """A folder as a run leaves it, with one results.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [row for book in books for row in rows(book, **changed)]
    (folder / "results.csv").write_text(results_csv(written), encoding="utf-8")
    return folder


def changes(*paths):
    return [
        (change.compared, change.what, change.id, change.before, change.after)
        for change in comparison.changes(comparison.read([*paths]))
    ]


# -------------------------------------------------------------------------------------- what changed
def test_a_price_changes_the_claims_made_of_it_and_no_other(tmp_path):
    listed = comparison.changes(
        comparison.read([results(tmp_path / "a", ARTICLE), results(tmp_path / "b", CHEAP) / "results.csv"])
    )
    price, *claims = listed
    assert (price.what, price.id, price.before, price.after) == ("price", "h100_usd", "40000", "25000")
    in_order = [row["id"] for row in rows() if row["id"] in LINKED]
    assert [(change.what, change.id) for change in claims] == [("at_your_prices", id_) for id_ in in_order]
    assert {change.factor for change in listed} == {0.625}  # 25,000 / 40,000
    (ticket,) = [change for change in claims if change.id == "Z51"]
    assert ticket.row() == {
        "compared": "h100_usd=25000",
        "against": "article",
        "what": "at_your_prices",
        "id": "Z51",
        "article": "zh_36kr",
        "printed": "17亿美金",
        "unit": "USD",
        "before": "1720000000",  # 43,000 * 40,000
        "after": "1075000000",  # 43,000 * 25,000
        "factor": "0.625",
    }


def test_verdict_ratio_and_premise_are_compared_too(tmp_path):
    changed = {"arithmetic": "wrong", "premise": "sound", "ratio": "2", "note": "not compared"}
    b = results(tmp_path / "b", ARTICLE, Z53=changed)
    before = next(row for row in rows() if row["id"] == "Z53")
    assert changes(results(tmp_path / "a", ARTICLE), b) == [
        (str(b), what, "Z53", before[what], changed[what]) for what in ("ratio", "arithmetic", "premise")
    ]


@pytest.mark.parametrize(("written", "changes"), [("1.72e9", 0), ("1720000000.0", 0), ("", 1), ("-1", 1)])
def test_numbers_are_compared_not_their_spelling_and_none_has_no_factor(written, changes, tmp_path):
    b = results(tmp_path / "b", ARTICLE, Z51={"at_your_prices": written})
    made = comparison.changes(comparison.read([results(tmp_path / "a", ARTICLE), b]))
    assert len(made) == changes
    assert all(change.factor is None for change in made)


@pytest.mark.parametrize("turned", [False, True])
def test_claims_that_only_one_of_them_has_are_one_line_and_not_among_those_that_changed(
    turned, tmp_path, capsys
):
    a, b = results(tmp_path / "a", ARTICLE), results(tmp_path / "b", CHEAP)
    kept = [row for row in rows(CHEAP) if row["id"] in (*LINKED, "Z01") and row["id"] != "Z52"]
    (b / "results.csv").write_text(results_csv(kept), "utf-8")
    several = [b, a] if turned else [a, b]
    sides = ("absent", "present") if turned else ("present", "absent")
    assert [row[3:] for row in changes(*several) if row[1:3] == ("claim", "Z52")] == [sides]
    assert cli.main(["compare", *map(str, several)]) == cli.DONE
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.count("absent") == 1
    assert ": 94 claims are absent in " in printed
    assert " Z52, " in printed.partition("absent in")[2]
    assert printed.endswith(": 7 of 8 claims changed")


# ------------------------------------------------------------------------------- one run, many scenarios
def test_one_results_file_of_several_scenarios_is_compared_with_its_first(tmp_path):
    out = results(tmp_path / "out", ARTICLE.named("baseline"), CHEAP.named("cheap"), CHEAP.named("the same"))
    listed = comparison.changes(comparison.read([out]))
    assert {(change.against, change.compared) for change in listed} == {
        ("baseline", "cheap"),
        ("baseline", "the same"),
    }
    assert {change.id for change in listed if change.what == "at_your_prices"} == LINKED


def test_two_of_one_scenario_are_told_apart_by_where_they_are_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    a, b = results(tmp_path / "a", ARTICLE), results(tmp_path / "b", ARTICLE, Z51={"ratio": "3"})
    several = results(tmp_path / "c", ARTICLE, CHEAP)
    relative = [path.relative_to(tmp_path) for path in (a, b, a, several)]
    labels = [side.label for side in comparison.read(relative)]
    assert labels == ["a", "b", "a (2)", "c: article", "h100_usd=25000"]


# ------------------------------------------------------------------------------------- whose prices
def test_a_named_scenarios_prices_are_those_of_prices_csv_beside_its_results(tmp_path):
    out = results(tmp_path / "out", ARTICLE.named("base"), CHEAP.named("cheap"))
    used = [row for book in (ARTICLE, CHEAP) for row in prices_used(["h100_usd", "usd_cny"], book, "cheap")]
    of_their_own = {"scenario": "cheap", "key": "h800_usd", "value": 2.0, "unit": "USD/GPU-hour"}
    (out / "prices.csv").write_text(prices_csv([*used, of_their_own]), "utf-8")
    assert [side.prices for side in comparison.read([out])] == [{}, {"h100_usd": 25_000}]
    assert [row[1:] for row in changes(out) if row[1] == "price"] == [("price", "h100_usd", "40000", "25000")]


def test_without_prices_csv_a_named_scenarios_prices_are_unknown(tmp_path, capsys):
    out = results(tmp_path / "out", ARTICLE, CHEAP.named("cheap"))
    assert [side.prices for side in comparison.read([out])] == [{}, None]
    assert cli.main(["compare", str(out)]) == cli.DONE
    message = (
        "cheap: which prices differ is unknown, for lack of a prices.csv beside the results (article: art"
    )
    assert message in capsys.readouterr().out


# --------------------------------------------------------------------------------------- the command
def test_the_table_shows_prices_claims_and_how_many_changed(tmp_path, capsys):
    a, b = results(tmp_path / "a", ARTICLE), results(tmp_path / "b", CHEAP, Z51={"arithmetic": "close"})
    assert cli.main(["compare", str(a), str(b)]) == cli.DONE
    out, err = capsys.readouterr()
    assert err == ""
    lines = [line.split() for line in out.splitlines()]
    assert ["h100_usd", "USD/GPU", "40,000", "25,000", "(0.62×)"] in lines
    assert ["Z51", "17亿美金", "1.72", "billion", "USD", "1.075", "billion", "USD", "(0.62×)"] in lines
    assert "h100_usd=25000: Z51 arithmetic holds → close" in out
    assert f"h100_usd=25000: {len(LINKED)} of 102 claims changed" in out


def test_more_scenarios_than_fit_are_shown_a_few_at_a_time_and_what_is_the_same_says_so(tmp_path, capsys):
    books = [ARTICLE.override({"h100_usd": 20_000 + n}).named(f"n{n}") for n in range(5)]
    out = results(tmp_path / "out", ARTICLE, *books, ARTICLE.named("again"))
    assert cli.main(["compare", str(out)]) == cli.DONE
    printed = capsys.readouterr().out
    assert printed.count("claim ") == 2
    assert printed.count(" same") == len(LINKED)
    assert "again: 0 of 102 claims changed" in printed


def test_csv_and_json_are_the_same_rows(tmp_path, capsys):
    paths = [str(results(tmp_path / "a", ARTICLE)), str(results(tmp_path / "b", CHEAP))]
    assert cli.main(["compare", *paths, "--format", "csv"]) == cli.DONE
    listed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert cli.main(["compare", *paths, "--format", "json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out) == listed
    assert len(listed) == 1 + len(LINKED)


@pytest.mark.parametrize("name", ["what changed.svg", "what changed.PNG"])
def test_a_figure_is_written_as_its_name_says(name, tmp_path, capsys):
    paths = [str(results(tmp_path / "a", ARTICLE)), str(results(tmp_path / "b", CHEAP))]
    assert cli.main(["compare", *paths, "--plot", str(tmp_path / name)]) == cli.DONE
    written = (tmp_path / name).read_bytes()
    assert written.startswith(b"<svg" if name.endswith("svg") else b"\x89PNG")
    if name.endswith("svg"):
        alt = "8 of 102 claims change, most of all Z50 (0.62×). Value of each claim as a multiple of that in"
        assert alt in written.decode()

    assert cli.main(["compare", *paths, "--plot", str(tmp_path / "none" / name)]) == cli.NOT_EXECUTED
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{a}"], "holds one scenario (article); name another folder or results.csv to compare with it"),
        ([], "the following arguments are required: RESULTS"),
        (["{a}", "{tmp}/nothing"], "/nothing: unknown folder or file 'nothing'; allowed: a"),
        (["{a}", "{a}/resutls.csv"], "unknown folder or file 'resutls.csv': did you mean 'results.csv'?"),
        (["{a}", "{tmp}/empty/x"], "/x: no such folder or file"),
        (["{a}", "{tmp}"], ": no results.csv in this folder; did you mean {a}?"),
        (["{a}", "{tmp}/empty"], ": no results.csv in this folder; costcheck run --out writes one"),
        (["{a}", "{a}", "--plot", "x.pdf"], "--plot: x.pdf: the file's name must end in .svg or .png"),
        (["{a}", "{a}", "--fromat", "csv"], "unknown option '--fromat': did you mean '--format'?"),
        (["{a}", "{a}", "--format", "xml"], "'xml'"),
        (["{a}", "{a}/results.csv/x"], "cannot be read (Not a directory)"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(arguments, message, tmp_path, capsys):
    a = results(tmp_path / "a", ARTICLE)
    (tmp_path / "empty").mkdir()
    places = {"a": a, "tmp": tmp_path}
    assert cli.main(["compare", *(argument.format(**places) for argument in arguments)]) == cli.WRONG_INPUT
    out, err = capsys.readouterr()
    assert message.format(**places) in err
    assert (out, err.count("\n")) == ("", 1)


HEAD = ",".join(COLUMNS)
ROW = "article,Z51,zh,17,1,USD,1,1,holds,sound,1,02,"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ", line 1: not a results.csv: column scenario is missing"),
        (b"key,value\nh100_usd,1\n", ", line 1: not a results.csv: column scenario is missing"),
        (f"{HEAD},id\n".encode(), ", line 1: not a results.csv: column id is twice"),
        (f"{HEAD}\n".encode(), ": no rows in it"),
        (f"{HEAD}\n{ROW}\n{ROW}\n".encode(), ", line 3, column id: duplicate 'Z51'"),
        (f"{HEAD}\n{ROW},\n".encode(), ", line 2: 14 cells, not 13"),
        (f"{HEAD}\n{ROW.replace('holds,sound,1', 'holds,sound,x')}\n".encode(), ", line 2, column at_your_"),
        (f"{HEAD}\n{ROW.replace('1,holds', 'nan,holds')}\n".encode(), ", line 2, column ratio: 'nan' is not"),
        (f"{HEAD}\n{ROW.replace('Z51', ' ')}\n".encode(), ", line 2, column id: empty"),
        (f'{HEAD}\n"a"b\n'.encode(), ": not a CSV file in UTF-8"),
        (b"\xff\xfe", ": not a CSV file in UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_results_file_is_refused_with_its_place(content, message, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        comparison.read([path, path])
    assert str(refused.value).startswith(f"{path}{message}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


TEXT = st.text("article,;=1.\n\"'ae+-\u00e9", max_size=30)


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=40)
    | TEXT.map(lambda text: f"{HEAD}\n{ROW}\n{text}".encode())
    | st.lists(st.tuples(TEXT, TEXT, st.floats() | TEXT), max_size=3).map(
        lambda cells: results_csv(
            [
                dict.fromkeys(COLUMNS, "") | {"scenario": a, "id": b, "at_your_prices": str(c)}
                for a, b, c in cells
            ]
        ).encode()
    )
)
def test_any_content_is_compared_or_refused_and_nothing_else(folder, content):
    path = folder / "results.csv"
    path.write_bytes(content)
    with contextlib.suppress(InputError), contextlib.redirect_stdout(io.StringIO()):
        sides = comparison.read([path, path])
        comparison.show(sides, comparison.changes(sides))


def test_it_imports_nothing_heavy(tmp_path):
    a, b = results(tmp_path / "a", ARTICLE), results(tmp_path / "b", CHEAP)
    code = (
        f"import sys; from costcheck.cli import main; main(['compare', {str(a)!r}, {str(b)!r}]); "
        "assert not {'numpy', 'pandas', 'matplotlib', 'papermill', 'nbformat', 'openpyxl'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("arguments", [["compare", ""], ["sensitivity", "Z51", ""]])
def test_an_empty_name_is_not_the_current_folder(arguments, capsys):
    assert cli.main(arguments) == cli.WRONG_INPUT
    assert "the name of a file or folder is empty" in capsys.readouterr().err
