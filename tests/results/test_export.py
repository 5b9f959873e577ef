"""Results as Parquet and as a workbook: the same as results.csv, in types and for people."""

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from costcheck.claims.kinds_and_colours import HOLDS
from costcheck.claims.verdict import COLUMNS
from costcheck.prices.book import PriceBook
from costcheck.results import export
from costcheck.results.csv_files import PRICE_COLUMNS, prices_used
from costcheck.text.numbers import number_text
from costcheck.text.spreadsheets import csv_text

RESULTS = Path(__file__).resolve().parents[2] / "figures" / "results.csv"
PRICES = prices_used(["h100_usd", "usd_cny"], PriceBook.article(), "article")
PLACES = {name: place for place, name in enumerate(COLUMNS)}
FORMULAS = ("=1+1", '=HYPERLINK("http://example.org")', "+1+1", "@SUM(A1)", "\t=1", "'=1", "＝1+1", "\n=1")


@pytest.fixture
def written(tmp_path):
    """Write rows, of which only some columns are given, as a results.csv."""

    def write(*rows):
        path = tmp_path / "results.csv"
        full = [dict.fromkeys(COLUMNS, "") | {"scenario": "article", "id": "A1"} | row for row in rows]
        path.write_text(csv_text(COLUMNS, full), "utf-8", newline="")
        return path

    return write


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(path):
    return pq.read_table(io.BytesIO(export.parquet(path)))


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_parquet_has_numbers_as_numbers_and_the_rest_as_text_to_the_last_digit():
    table = read(RESULTS)
    numbers = {field.name for field in table.schema if field.type == pa.float64()}
    assert numbers == {"value", "recomputed", "ratio", "at_your_prices"}
    assert all(field.type == pa.string() for field in table.schema if field.name not in numbers)
    for row, as_text in zip(table.to_pylist(), rows_of(RESULTS), strict=True):
        for name in COLUMNS:
            cell = row[name] if row[name] is not None else row.get(f"{name}_text")
            assert number_text(cell) == as_text[name]

    rows = {row["id"]: row for row in table.to_pylist()}
    # a plan on which nothing can be found
    assert (rows["Z02"]["recomputed"], rows["Z02"]["recomputed_text"]) == (None, None)
    assert (rows["Z03"]["value"], rows["Z03"]["value_text"]) == (None, "2024-07-23")
    assert (rows["Z05"]["value"], rows["Z05"]["value_text"]) == (None, "true")


def test_the_same_results_are_the_same_bytes_which_say_nothing_of_when_they_were_written():
    assert export.parquet(RESULTS) == export.parquet(RESULTS)
    made = export.xlsx(RESULTS, PRICES)
    assert export.xlsx(RESULTS, PRICES) == made
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {info.date_time for info in archive.infolist()} == {export.WRITTEN.timetuple()[:6]}
        dates = re.findall(rb"\d{4}-\d\d-\d\dT[^<]*", archive.read("docProps/core.xml"))
    assert dates == [b"2000-01-01T00:00:00Z"] * 2


@pytest.fixture(scope="module")
def book():
    return opened(export.xlsx(RESULTS, PRICES))


def test_a_workbook_has_results_and_prices_with_numbers_whole_and_shown_rounded(book):
    head, *rows = book["results"].iter_rows(values_only=True)
    assert list(head) == [name.replace("_", " ") for name in COLUMNS]
    read = [dict(zip(COLUMNS, map(number_text, row), strict=True)) for row in rows]
    assert read == rows_of(RESULTS)
    ticket = next(row for row in rows if row[1] == "Z51")
    assert ticket[PLACES["printed"] : PLACES["unit"] + 1] == ("17亿美金", 1.7e9, "USD")
    assert (ticket[PLACES["recomputed"]], ticket[PLACES["at_your_prices"]]) == (1.72e9, 1.72e9)
    cell = next(row[PLACES["recomputed"]] for row in book["results"].iter_rows() if row[1].value == "Z47")
    assert cell.value == pytest.approx(30.84e6 / (24 * 365), rel=1e-3)
    assert (len(repr(cell.value)) > 8, cell.number_format) == (True, "#,##0.0")
    head, first, *_ = book["prices"].iter_rows(values_only=True)
    assert head == PRICE_COLUMNS
    assert first[:5] == ("article", "h100_usd", 40_000, "USD/GPU", "2024-07-22")


def test_verdicts_have_colours_behind_their_words_and_sheets_can_be_filtered(book):
    colours = {}
    for row in book["results"].iter_rows(min_row=2):
        for name in export.JUDGED:
            cell = row[PLACES[name]]
            colours.setdefault(cell.value, set()).add(cell.fill.fgColor.rgb)
    assert colours["holds"] == {"00" + HOLDS.fill}
    assert colours["off by 10×"] == colours["wrong"] != colours["holds"]
    assert colours["holds (unverified data)"] != colours["holds"]
    assert (book["results"].auto_filter.ref, book["results"].freeze_panes) == (
        f"A1:P{len(rows_of(RESULTS)) + 1}",
        "D2",
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_is_text_in_every_column(text, written):
    columns = [
        *("scenario", "id", "article", "about", "printed", "unit", "holds_for", "premise", "notebook", "note")
    ]
    price = dict(PRICES[0]) | {"source": text}
    book = opened(export.xlsx(written(dict.fromkeys(columns, text)), [price]))
    cells = [cell for cell in book["results"][2] if cell.value is not None] + [book["prices"]["F2"]]
    assert [(cell.data_type, cell.value) for cell in cells] == [("s", text)] * (len(columns) + 1)
    assert all(cell.quotePrefix for cell in cells)


@pytest.mark.parametrize(("text", "shown"), [("\0a", "\ufffda"), ("a" * 40_000, f"{'a' * 32_766}…")])
def test_what_a_cell_cannot_hold_is_replaced_by_a_sign(text, shown, written):
    assert opened(export.xlsx(written({"note": text}), []))["results"]["P2"].value == shown
