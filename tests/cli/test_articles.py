"""Articles of one's own on the command line: new, check, run, and whose prices count where."""

import csv
import json
import webbrowser

import pytest

from costcheck import cli
from costcheck.claims.loading import example, schema_file
from costcheck.results.executed import read

DEEPSEEK = example("deepseek_v3")
HEAD = "title: T\nlanguage: en\npublisher: p\ndate: 2024-12-01\naddress: x\n"
GUESSED = f"""\
article: guessed
{HEAD}given:
  guess: {{is: 3 GPU, source: a friend, verification: "unverified: hearsay"}}
claims:
  - {{printed: 3 GPUs, sum: 1 GPU + 2 GPU}}
  - {{printed: 3 GPUs, sum: guess}}
  - {{printed: 4 GPUs, sum: guess}}
  - {{printed: 30 GPUs, sum: guess}}
  - {{printed: 7 GPUs, sum: guess, readings: [{{label: both, sum: guess + 4 GPU}}]}}
  - {{printed: many, not_checked: no number}}
"""


@pytest.fixture
def article(tmp_path):
    """Write an article with a price of its own and one claim on it."""

    def write(name, key, value, unit="USD/GPU"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(
            f"article: {name}\n{HEAD}"
            f"prices:\n  {key}: {{is: {value} {unit}, source: r, as_of: 2024-12-01}}\n"
            f"claims:\n  - {{printed: {value} {unit[:3]}, sum: 1 GPU * prices.{key}}}\n"
        )
        return str(path)

    return write


@pytest.fixture
def checked(records):
    return lambda *words: {(row["article"], row["id"]): row for row in records("check", *words)}


def test_a_new_file_is_a_valid_article_with_a_claim_of_each_kind(tmp_path, printed, checked):
    path = tmp_path / "My first-article.yaml"
    assert "costcheck check" in printed("new", path)
    text = path.read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={schema_file().as_uri()}\n")
    assert "\narticle: my_first_article\n" in text
    rows = checked(path).values()
    assert {row["arithmetic"] for row in rows} == {"holds", "not checked"}
    assert {row["premise"] for row in rows} == {"not examined", "wrong category", None}
    assert all(key in text for key in ("given:", "sum:", "fact:", "not_checked:", "reading:", "offered_as:"))
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("there.yaml", cli.WRONG_INPUT, "the file exists already"),
        ("article.txt", cli.WRONG_INPUT, "the file's name must end in .yaml or .yml"),
        ("none/a.yaml", cli.NOT_EXECUTED, "cannot be written (No such file or directory)"),
    ],
)
def test_new_refuses_to_overwrite_and_names_that_would_not_be_read(tmp_path, refused, name, status, message):
    (tmp_path / "there.yaml").write_text("mine")
    assert message in refused("new", tmp_path / name, status=status)
    assert (tmp_path / "there.yaml").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_given_number_cannot_be_set_and_the_message_says_what_the_article_gives(tmp_path, refused):
    file = tmp_path / "a.yaml"
    file.write_text("article: a\ntitle: t\nlanguage: en\ngiven: {fleet: 4 GPU}\n"
                    "claims: [{printed: 8 GPU, sum: fleet * 2}]\n")  # fmt: skip
    message = "--set fleet: the article gives 4 GPU, and only prices can be set; move it to prices"
    assert message in refused("check", file, "--set", "fleet=8")


def test_two_articles_may_have_one_price_each_of_their_own(article, checked, refused):
    files = [article("p1", "w", 1), article("p2", "w", 2)]
    for given, values in ([], [1, 2]), (["--set", "w=2"], [2, 2]):
        rows = checked(*files, *given)
        assert [rows[name, "A1"]["at_your_prices"] for name in ("p1", "p2")] == values
    assert "w is one price in one article and another in another" in refused("sensitivity", *files)
    yuan = article("p3", "w", 2, unit="CNY/GPU")
    assert "price w: USD/GPU in one article, CNY/GPU in another" in refused("check", files[0], yuan)


def test_the_summary_counts_every_verdict_and_marks_what_rests_on_unverified_data(tmp_path, printed):
    path = tmp_path / "guessed.yaml"
    path.write_text(GUESSED)
    summary = printed("check", path).rpartition("6 claims")[2]
    assert " ".join(summary.split()) == (
        ": 1 hold, 1 more hold on unverified data, 1 depend on the reading (1 on unverified data), 1 off by "
        "a factor (1 on unverified data), 1 wrong (1 on unverified data), 1 not checked; 0 of all are in the "
        "wrong category"
    )


def test_a_wrong_article_is_refused_before_anything_runs(tmp_path, refused, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    text = DEEPSEEK.read_text("utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("sum: D3 + D4", "sum: D3 + D44"), "utf-8")
    translation = "article: german\ntranslation_of: deepseek_v3"
    (tmp_path / "t.yaml").write_text(text.replace("article: deepseek_v3", translation), "utf-8")
    named = article("article", "w", 1)
    for arguments, message in (
        ("mine.yaml", "mine.yaml, line 34, claim D6, key variants.0.sum: unknown name 'D44'"),
        (
            f"{DEEPSEEK} --set h100_usd=25000",
            "none of the notebooks to run takes such a price (deepseek",
        ),
        (f"{DEEPSEEK} t.yaml", "german translates deepseek_v3, and a chapter knows one"),
        (f"article {named}", "two notebooks to run would be called 'article'"),
    ):
        assert message in refused("run", *arguments.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_run_writes_a_chapter_a_figure_and_rows_for_each_article(tmp_path, printed, monkeypatch):
    opened = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    mine, out = tmp_path / "mine.yaml", tmp_path / "out"
    printed("new", mine)
    command = ["run", DEEPSEEK, mine, "--out", out, "--open", "--set"]
    assert "results.csv (21 claims)" in printed(*command, "h800_usd_per_gpu_hour=3")
    assert opened == [(out / "report.html").as_uri()]
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == {
        *("report.html", "prices.csv", "results.csv"),
        *("figures/article_deepseek_v3.svg", "figures/article_mine.svg"),
        *("notebooks/deepseek_v3.ipynb", "notebooks/mine.ipynb"),
    }
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["article"], row["id"]) for row in rows][12:14] == [("deepseek_v3", "D13"), ("mine", "A1")]
    assert {row["id"]: row["at_your_prices"] for row in rows}["D6"] == "8364000"
    chapter = (out / "notebooks" / "deepseek_v3.ipynb").read_bytes()
    assert str(DEEPSEEK.parent).encode() not in chapter
    assert len(read(json.loads(chapter)).rows) == 13
    # with another price, only the chapter that takes it is executed again
    assert "1 notebook executed, 1 reused" in printed(*command, "h800_usd_per_gpu_hour=4")
