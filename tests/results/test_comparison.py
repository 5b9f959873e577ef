"""Comparing results: what counts as changed, whose prices are known, and what is refused."""

import pytest

from costcheck.claims import articles, verdicts
from costcheck.claims.verdict import COLUMNS
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.results import comparison
from costcheck.results.csv_files import prices_csv, prices_used
from costcheck.text.numbers import number_text
from costcheck.text.spreadsheets import csv_text

ARTICLE = PriceBook.article()
CHEAP = ARTICLE.override({"h100_usd": 25_000})
CLAIMS = sum(len(article.claims) for article in articles())
LINKED = {"Z50", "Z51", "Z52", "Z53", "J36", "J37", "J38", "J39"}
"""The claims that are made of the price of an H100."""


def rows(book=ARTICLE, **changed):
    """All verdicts at some prices; of the claims named, some cells put in."""
    return [verdict.row() | changed.get(verdict.claim.id, {}) for verdict in verdicts(book)]


def results(folder, *books, **changed):
    """A folder as a run leaves it, with one results.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [row for book in books for row in rows(book, **changed)]
    (folder / "results.csv").write_text(csv_text(COLUMNS, written), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """Results at the articles' prices, and at a cheaper GPU."""
    folder = tmp_path_factory.mktemp("sides")
    return results(folder / "a", ARTICLE), results(folder / "b", CHEAP)


def changes(*paths):
    return comparison.changes(comparison.read(paths))


def test_a_price_changes_the_claims_made_of_it_and_no_other(sides):
    price, *claims = changes(sides[0], sides[1] / "results.csv")
    assert (price.what, price.id, price.before, price.after) == ("price", "h100_usd", 40_000, 25_000)
    in_order = [row["id"] for row in rows() if row["id"] in LINKED]
    values = [change for change in claims if change.what == "at_your_prices"]
    assert [change.id for change in values] == in_order
    assert {change.factor for change in (price, *values)} == {0.625}  # 25,000 / 40,000
    verdicts = {change.id: (change.before, change.after) for change in claims if change not in values}
    assert verdicts["Z51"] == ("holds", "does not hold")  # 1.075 billion where 1.7 is printed
    ticket, verdict = (change for change in claims if change.id == "Z51")
    assert verdict.what == "verdict_at_your_prices"
    cells = ["h100_usd=25000", "article", "at_your_prices", "Z51", "zh_36kr", "17亿美金", "USD"]
    # 43,000 * 40,000 and 43,000 * 25,000
    assert list(ticket.row().values()) == [*cells, 1_720_000_000, 1_075_000_000, 0.625]


def test_verdict_ratio_and_premise_are_compared_too(tmp_path, sides):
    changed = {"ratio": "2", "arithmetic": "wrong", "premise": "sound"}
    b = results(tmp_path / "b", ARTICLE, Z53=changed | {"note": "not compared"})
    listed = changes(sides[0], b)
    assert {(change.compared, change.id) for change in listed} == {(str(b), "Z53")}
    assert {change.what: change.row()["after"] for change in listed} == changed | {"ratio": 2}


@pytest.mark.parametrize(("written", "count"), [("1.72e9", 0), ("1720000000.0", 0), ("", 1), ("-1", 1)])
def test_numbers_are_compared_not_their_spelling_and_none_has_no_factor(written, count, tmp_path, sides):
    listed = changes(sides[0], results(tmp_path / "b", ARTICLE, Z51={"at_your_prices": written}))
    assert [change.factor for change in listed] == [None] * count


@pytest.mark.parametrize("turned", [False, True])
def test_claims_that_only_one_of_them_has_are_one_line_and_not_among_those_that_changed(
    turned, tmp_path, printed, sides
):
    few = results(tmp_path / "b", CHEAP)
    kept = [row for row in rows(CHEAP) if row["id"] in (*LINKED, "Z01") and row["id"] != "Z52"]
    (few / "results.csv").write_text(csv_text(COLUMNS, kept), "utf-8")
    several = [few, sides[0]] if turned else [sides[0], few]
    (absent,) = [change for change in changes(*several) if change.id == "Z52"]
    assert (absent.what, absent.after) == ("claim", "present" if turned else "absent")
    text = " ".join(printed("compare", *several).split())
    assert text.count(f": {CLAIMS - 8} claims are absent in ") == text.count("absent") == 1
    assert " Z52, " in text.partition("absent in")[2]
    assert text.endswith(": 7 of 8 claims changed")


def test_two_of_one_scenario_are_told_apart_by_where_they_are_from(tmp_path, monkeypatch):
    a, b = results(tmp_path / "a", ARTICLE), results(tmp_path / "b", ARTICLE, Z51={"ratio": "3"})
    several = results(tmp_path / "c", ARTICLE, CHEAP)
    with pytest.raises(InputError, match="b: given twice; name another to compare with it"):
        comparison.read([a, b, b])
    labels = [side.label for side in comparison.read([a, b, several])]
    assert labels == [str(a), str(b), f"{several}: article", "h100_usd=25000"]


def test_a_named_scenarios_prices_are_those_of_prices_csv_beside_its_results(tmp_path, printed):
    out = results(tmp_path / "out", ARTICLE, CHEAP.named("cheap"))
    assert [side.prices for side in comparison.read([out])] == [{}, None]
    assert "cheap: which prices differ is unknown, for lack of a prices.csv" in printed("compare", out)
    used = [row for book in (ARTICLE, CHEAP) for row in prices_used(["h100_usd", "usd_cny"], book, "cheap")]
    of_their_own = {"scenario": "cheap", "key": "h800_usd", "value": 2.0, "unit": "USD/GPU-hour"}
    (out / "prices.csv").write_text(prices_csv([*used, of_their_own]), "utf-8")
    assert [side.prices for side in comparison.read([out])] == [{}, {"h100_usd": 25_000}]
    (price,) = [change for change in changes(out) if change.what == "price"]
    assert (price.id, price.before, price.after) == ("h100_usd", 40_000, 25_000)


def test_scenarios_of_one_run_are_compared_with_the_articles_and_shown_a_few_at_a_time(tmp_path, printed):
    books = [ARTICLE.override({"h100_usd": 20_000 + n}).named(f"n{n}") for n in range(5)]
    folder = results(tmp_path / "out", *books, ARTICLE.named("=again"))
    listed = changes(folder)
    assert {change.against for change in listed} == {"the articles"}
    assert {change.compared for change in listed} == {book.scenario for book in books}
    assert comparison.read([folder])[-1].label == "=again"  # with an apostrophe before it in the file
    out = printed("compare", folder)
    assert out.startswith("Compared with the articles:\n")
    assert out.count("claim ") == 2
    assert out.count(" same") == len(LINKED)
    assert f"=again: 0 of {CLAIMS} claims changed" in out
    # of claims on which the package has no verdict, the first scenario is what the others are compared with
    text = (folder / "results.csv").read_text("utf-8").replace("zh_36kr", "mine")
    (folder / "results.csv").write_text(text, "utf-8")
    assert {change.against for change in changes(folder)} == {"n0"}
    assert printed("compare", folder).startswith("Compared with n0:\n")


def test_csv_and_json_are_the_same_rows(rows, records, sides):
    listed, of_json = rows("compare", *sides), records("compare", *sides)
    assert [{name: number_text(cell) for name, cell in row.items()} for row in of_json] == listed
    assert (of_json[0]["before"], of_json[0]["after"]) == (40_000, 25_000)
    assert {row["id"] for row in listed} == {"h100_usd", *LINKED}


def test_a_figure_is_written_as_its_name_says(tmp_path, printed, sides):
    for name in ("what changed.svg", "what changed.PNG"):
        printed("compare", *sides, "--plot", tmp_path / name)
    alt = (
        f"8 of {CLAIMS} claims change, most of all Z50 (0.62×). Value of each claim as a multiple of that in"
    )
    assert alt in (tmp_path / "what changed.svg").read_text("utf-8")
    assert (tmp_path / "what changed.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{a}"], "holds one scenario (article); name another folder or results.csv to compare with it"),
        (["{a}", "{a}/resutls.csv"], "unknown folder or file 'resutls.csv': did you mean 'results.csv'?"),
        (["{a}", "{tmp}/empty/x"], "/x: no such file"),
        (["{a}", "{a}/.."], ": no results.csv in this folder; did you mean {a}/../a?"),
        (["{a}", "{tmp}/empty"], ": no results.csv in this folder; costcheck run --out writes one"),
        (["{a}", "{a}", "--plot", "x.pdf"], "--plot: x.pdf: the file's name must end in .svg or .png"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(arguments, message, tmp_path, refused, sides):
    (tmp_path / "empty").mkdir()
    places = {"a": sides[0], "tmp": tmp_path}
    assert message.format(**places) in refused("compare", *(word.format(**places) for word in arguments))


HEAD = ",".join(COLUMNS)
ROW = "article,Z51,zh,ticket,17,1,USD,,1,1,holds,sound,1,holds,02,"
EARLIER = (
    "scenario,id,article,printed,value,unit,recomputed,ratio,arithmetic,premise,at_your_prices,notebook,note"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{EARLIER}\n", ": written by an earlier version of costcheck; costcheck run writes it again"),
        (f"{HEAD}\n", ": no rows in it"),
        (f"{HEAD}\n{ROW}\n{ROW}\n", ", line 3, column id: duplicate 'Z51'"),
        (f"{HEAD}\n{ROW.replace('holds,sound,1', 'holds,sound,x')}\n", ", line 2, column at_your_"),
        (f"{HEAD}\n{ROW.replace('1,holds', 'nan,holds')}\n", ", line 2, column ratio: 'nan' is not"),
        (f"{HEAD}\n{ROW.replace('Z51', ' ')}\n", ", line 2, column id: empty"),
    ],
)
def test_what_is_no_results_file_is_refused_with_its_place(content, message, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(content, "utf-8", "surrogateescape")
    with pytest.raises(InputError) as refused:
        comparison.read([path, path])
    assert str(refused.value).startswith(f"{path}{message}")
