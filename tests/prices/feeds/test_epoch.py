"""Epoch AI's table: prices to buy and to rent, several rows of a day, dates."""

import csv
import datetime as dt
import io

import pytest

from costcheck.errors import InputError
from costcheck.prices import feeds

COLUMNS = (
    "Price source",
    "Price date",
    "Hardware model",
    "Manufacturer",
    "Vendor",
    "Price per chip-hour (on-demand)",
    "Price per chip-hour (1-year CUD)",
    "Price (hardware purchase)",
    "Notes",
)
H100 = "NVIDIA H100 SXM5 80GB"


def row(date: str, *, rent: str = "", buy: str = "", year: str = "", model: str = H100, **more: str):
    return [
        more.get("source", "https://example.org/a"),
        date,
        model,
        "NVIDIA",
        more.get("vendor", ""),
        rent,
        year,
        buy,
        more.get("note", ""),
    ]


def read(*rows: list[str], columns: tuple[str, ...] = COLUMNS) -> feeds.Reading:
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return feeds.read("epoch", text.getvalue().encode(), "prices.csv")


def test_a_row_to_buy_and_a_row_to_rent_are_quotes_that_keep_their_address():
    found = read(row("2024-07-31", buy="36000.5"), row("2024-07-11", rent="3.49", vendor="Somebody"))
    buy, rent = found.quotes
    assert (buy.key, buy.value, buy.as_of) == ("h100_usd", 36000.5, "2024-07-31")
    assert (buy.source, buy.note) == ("Epoch AI hardware prices, prices.csv", "https://example.org/a")
    assert (rent.key, rent.value) == ("rental_usd_per_gpu_hour", 3.49)
    assert rent.note == "Somebody; https://example.org/a"


def test_several_rows_of_a_day_are_one_quote_their_median():
    found = read(
        row("2025-03-03", buy="28000", source="https://example.org/a"),
        row("2025-03-03", buy="47000", source="https://example.org/b"),
        row("2025-03-03", buy="31000", source="https://example.org/a"),
    )
    (quote,) = found.quotes
    assert (quote.value, quote.low, quote.high) == (31000.0, 28000.0, 47000.0)
    assert quote.note == "median of 3: 28000, 47000, 31000; https://example.org/a and https://example.org/b"


def test_a_note_of_several_lines_does_not_shift_the_lines():
    found = read(
        row("2024-07-01", rent="2", note="one\ntwo"),
        row("2024-07-02", rent="cheap", note="one\ntwo"),  # it begins on line 4 and ends on line 5
    )
    assert "line 4" in found.unreadable[0]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (row("2024-07-01", rent="2", model="NVIDIA H100 PCIe"), "another variant"),
        (row("2024-07-01", rent="2", model="NVIDIA A100"), "not a price"),
        (row("2024-07-01", year="2"), "no price on demand and none to buy"),
        (row("", model=H100), "no price on demand and none to buy"),
        (row("2024-07-01", buy="0"), "a price of zero"),
    ],
)
def test_a_row_without_a_price_of_an_h100_sxm_is_skipped_with_its_reason(other, reason):
    found = read(row("2024-07-31", buy="36000"), other)
    assert len(found.quotes) == 1
    ((said, _),) = found.skipped.items()
    assert reason in said


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (row("", rent="2"), "'' is not a date"),
        (row("2024-W30-1", rent="2"), "'2024-W30-1' is not a date"),
        (row("20240722", rent="2"), "'20240722' is not a date"),
        (row("March 2024", rent="2"), "'March 2024' is not a date"),
        (row("2024-07-01", rent="$2"), "'$2' is not a number"),
        (row("2024-07-01", buy="36"), "out of bounds"),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_by_its_line(other, said):
    found = read(row("2024-07-31", buy="36000"), other)
    assert said in found.unreadable[0]
    assert "line 3" in found.unreadable[0]


def test_a_negative_price_or_a_date_ahead_refuses_the_whole_table():
    with pytest.raises(InputError, match=r"line 2, column Price .hardware purchase.: -5 is negative"):
        read(row("2024-07-31", buy="-5"))
    tomorrow = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
    with pytest.raises(InputError, match="is in the future"):
        read(row(tomorrow, buy="36000"))
    # on a row of another GPU it does not matter
    assert read(row("2024-07-31", buy="36000"), row(tomorrow, buy="1", model="NVIDIA A100")).quotes


def test_a_changed_header_is_refused():
    with pytest.raises(InputError, match="column 'Hardware model' is missing"):
        read(columns=tuple(name.replace("model", "name") for name in COLUMNS))
