"""The same scenarios, written as CSV, YAML, JSON and XLSX, are the same scenarios."""

import csv
import json
import math
import unicodedata

import openpyxl
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costcheck.batch.scenarios import read
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys

# A workbook holds fifteen figures of a number, so these have no more.
PRICES = {
    key: st.floats(described.minimum, described.maximum)
    .map(lambda value: float(f"{value:.15g}"))
    .filter(lambda value, described=described: described.minimum <= value <= described.maximum)
    for key, described in price_keys().items()
}
NAME = (
    st.from_regex(r"[A-Za-z漢é][A-Za-z0-9_.,=+() -]{0,12}[a-z0-9]", fullmatch=True)
    | st.text(st.characters(categories=["L", "N"], include_characters=" -_.,=+()"), min_size=1, max_size=9)
    | st.sampled_from(
        ["yes", "null", "1e3", "0x1F", "2024-07-22", "1_000", "~", ".5", "=1+1", "+1", "-x", "007"]
    )
)


@st.composite
def tables(draw):
    """Rows of one table: names, and for each key a number or nothing."""
    keys = draw(st.lists(st.sampled_from(sorted(PRICES)), min_size=1, max_size=4, unique=True))
    row = st.fixed_dictionaries({"name": NAME, **{key: PRICES[key] | st.none() for key in keys}})
    made = draw(st.lists(row, min_size=1, max_size=4))
    return [{name: row[name] for name in ("name", *keys)} for row in made]


def as_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def as_json(path, rows):
    path.write_text(json.dumps(rows), encoding="utf-8")


def as_yaml(path, rows):
    path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")


def as_xlsx(path, rows):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
        sheet.cell(sheet.max_row, 1).data_type = "s"  # a name is text, also where it begins with =
    book.save(path)


KINDS = {".csv": as_csv, ".json": as_json, ".yaml": as_yaml, ".xlsx": as_xlsx}


def found(path):
    """What a file means, or that it is refused."""
    try:
        return [(one.name, dict(one.prices), one.prices.given) for one in read(path)]
    except InputError:
        return "refused"


@settings(max_examples=60, deadline=None)
@given(tables())
def test_a_table_means_the_same_in_every_kind_of_file(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("kinds")
    meant = {}
    for suffix, write in KINDS.items():
        write(folder / f"mine{suffix}", rows)
        meant[suffix] = found(folder / f"mine{suffix}")
    assert all(other == meant[".csv"] for other in meant.values()), meant
    if meant[".csv"] != "refused":
        for row, (name, prices, given_) in zip(rows, meant[".csv"], strict=True):
            assert unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", row["name"].strip())
            wanted = {key: value for key, value in row.items() if key != "name" and value is not None}
            assert given_ == wanted
            assert prices == dict(PriceBook.article()) | wanted


@settings(max_examples=30, deadline=None)
@given(tables(), st.sampled_from([math.nan, math.inf, -1.0, 1e300]), st.sampled_from(sorted(KINDS)))
def test_one_wrong_price_refuses_the_file_in_every_kind(tmp_path_factory, rows, wrong, suffix):
    key = list(rows[0])[1]
    assume(not price_keys()[key].minimum <= wrong <= price_keys()[key].maximum)
    assume(suffix != ".xlsx" or math.isfinite(wrong))  # a workbook has no other numbers
    rows[-1][key] = wrong
    path = tmp_path_factory.mktemp("kinds") / f"mine{suffix}"
    KINDS[suffix](path, rows)
    assert found(path) == "refused"
