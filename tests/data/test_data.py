"""What stands in ``data/``: described, sourced, dated, and no more certain than it is."""

import csv
import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from tools.codebook import codebook

from costcheck.claims import articles

DATA = Path(__file__).resolve().parents[2] / "data"
PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {each["name"]: each for each in PACKAGE["resources"]}
# These grow with every new price or article, so no test holds them to a number.
GROWING = {"prices", "price_keys", "facts", "languages", "statements"}
VERIFICATION = r"(primary|corroborated|single source|computed|measured|unverified)(: .+)?"
AS_OF = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"


def rows(name):
    """Every cell as it is written: these tests look at the files, not at what the package makes of them."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def word(row):
    return row["verification"].split(":")[0]


def test_frictionless_finds_the_package_valid_and_every_csv_file_described():
    from frictionless import validate

    report = validate(str(DATA / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])
    assert {task.name for task in report.tasks} == set(RESOURCES)
    assert {path.name for path in DATA.glob("*.csv")} == {each["path"] for each in RESOURCES.values()}


@pytest.mark.parametrize("name", RESOURCES)
def test_every_column_has_a_meaning_and_unit_and_every_row_its_source_date_and_how_far_it_was_checked(name):
    for field in RESOURCES[name]["schema"]["fields"]:
        assert field["description"]
        assert field["type"] not in {"integer", "number"} or field["unit"]
    for row in rows(name) if name not in ("price_keys", "statements") else ():
        assert row["source"], row
        assert re.fullmatch(AS_OF, row["as_of"]), row
        assert re.fullmatch(VERIFICATION, row["verification"]), row


@pytest.mark.parametrize("name", RESOURCES)
def test_a_file_is_plain(name):
    """UTF-8 without a mark, LF, no stray blanks, no thousands separators in numbers, no sentences."""
    raw = (DATA / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    numeric = [f["name"] for f in RESOURCES[name]["schema"]["fields"] if f["type"] in {"integer", "number"}]
    for row in rows(name):
        assert all(cell == cell.strip() for cell in row.values())
        assert all(re.fullmatch(r"(-?\d+(\.\d+)?(e-?\d+)?)?", row[column]) for column in numeric)
    # no sentence of an article, and no path of the machine it was made on
    assert re.findall(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]|/tmp/|/home/", raw.decode()) == []


def test_the_list_of_what_is_not_verified_and_the_readme_agree_with_the_rows_and_the_description():
    listed = {each["resource"]: each["rows"] for each in PACKAGE["not_verified"]}
    counted = Counter(
        name for name in set(RESOURCES) - GROWING for row in rows(name) if word(row) == "unverified"
    )
    assert listed == dict(counted)
    assert (DATA / "README.md").read_text(encoding="utf-8") == codebook(PACKAGE)


def test_a_leaked_score_that_was_read_is_a_whole_number_of_questions_and_as_in_azures_own_table():
    own = {(row["benchmark"], row["model"]): row["score"] for row in rows("azure_scores")}
    leaked = rows("leaked_scores")
    assert Counter(map(word, leaked)) == {"unverified": 38, "primary": 39, "single source": 1}
    for row in leaked:
        if word(row) == "unverified":
            assert (row["score_exact"], row["model"][:15]) == ("", "Meta-Llama-3.1-")
            continue
        right = float(row["score_exact"]) * int(row["n_items"])
        assert right == pytest.approx(round(right), abs=1e-6)
        assert f"{float(row['score_exact']):.3f}" == row["score"]
        if word(row) == "primary" and row["model"] != "gpt-4o":
            assert row["score_exact"] == own[row["benchmark"], row["model"]]


@pytest.mark.parametrize(
    ("family", "column", "missing"),
    [
        pytest.param("Llama 3.1", "gpu_hours", 0, id="1.46M + 7.0M + 30.84M = 39.3M"),
        pytest.param("Llama 3.1", "emissions_tco2e", 0, id="420 + 2040 + 8930 = 11390"),
        pytest.param("Llama 3", "gpu_hours", 0, id="1.3M + 6.4M = 7.7M"),
        pytest.param("Llama 2", "gpu_hours", 1_038_336, id="Llama 2 prints a total with the 34B model in it"),
    ],
)
def test_the_rows_of_a_model_card_add_up_to_its_printed_total(family, column, missing):
    runs = [row for row in rows("training_runs") if row["family"] == family]
    total = sum(float(row[column]) for row in runs if row["row_role"] == "model")
    (printed,) = (float(row[column]) for row in runs if row["row_role"] == "total")
    assert printed - total == pytest.approx(missing)


def test_quotients_are_those_of_their_own_row():
    for row in rows("exchange_rates"):
        for cross, euro in (("usd_cny", "eur_cny"), ("usd_jpy", "eur_jpy")):
            assert float(row[cross]) == pytest.approx(float(row[euro]) / float(row["eur_usd"]), abs=1e-7)
    for row in rows("tokens_per_word"):
        if row["kind"] == "measured":
            words_per_token = int(row["words"]) / int(row["tokens"])
            assert float(row["words_per_token"]) == pytest.approx(words_per_token, abs=1e-6)


def test_the_time_of_a_post_follows_from_its_id():
    """An id holds the milliseconds since 2010-11-04T01:42:54.657Z in all but its last 22 bits."""
    decoded = 0
    for row in rows("timeline"):
        if row["how"] == "stated":
            assert row["time_utc"] == ""
            continue
        (post,) = re.findall(r"/status/(\d+)", row["source"])
        moment = dt.datetime.fromtimestamp(((int(post) >> 22) + 1_288_834_974_657) // 1000, tz=dt.UTC)
        assert row["time_utc"] == f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        assert row["date_utc"] == f"{moment:%Y-%m-%d}"
        # All these posts are of July: Pacific daylight time, seven hours behind.
        assert row["date_pacific"] == f"{moment - dt.timedelta(hours=7):%Y-%m-%d}"
        decoded += 1
    assert decoded == 14


def test_every_claim_is_paraphrased_in_the_articles_languages():
    paraphrased = rows("articles/about")
    assert all(row[language].strip() for row in paraphrased for language in ("id", "zh", "ja"))
    claims = {claim.id: claim for article in articles() for claim in article.claims}
    # one that translates another and says the same has the other's row
    assert [row["id"] for row in paraphrased] == [
        id_
        for id_, claim in claims.items()
        if not claim.translates or claim.about != claims[claim.translates].about
    ]
