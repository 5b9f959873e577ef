"""The ECB's rates: crosses through the euro, days without a rate, and files that are none."""

import datetime as dt
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.errors import InputError
from costcheck.prices import feeds

HEADER = "Date,USD,JPY,BGN,CNY,\n"


def history(*rows: str, header: str = HEADER) -> bytes:
    return (header + "".join(f"{row}\n" for row in rows)).encode()


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return packed.getvalue()


def read(data: bytes) -> feeds.Reading:
    return feeds.read("ecb", data, "eurofxref-hist.csv")


def test_units_for_a_dollar_are_the_quotient_of_two_rates_for_a_euro():
    # by hand: 8 yuan and 150 yen for a euro, 1.25 dollars for a euro: 6.4 yuan and 120 yen for a dollar
    found = read(history("2024-07-22,1.25,150,N/A,8.0,"))
    assert [(quote.key, quote.value, quote.unit) for quote in found.quotes] == [
        ("usd_cny", 6.4, "CNY/USD"),
        ("usd_jpy", 120.0, "JPY/USD"),
    ]


def test_a_day_without_yuan_gives_yen_only_and_is_counted():
    found = read(history("1999-01-04,1.25,150,N/A,N/A,"))
    assert [quote.key for quote in found.quotes] == ["usd_jpy"]
    assert dict(found.gaps) == {"usd_cny: no rate that day": 1}
    assert (found.rows, found.taken) == (1, 1)


@pytest.mark.parametrize("missing", ["N/A", "", "0"])
def test_a_day_without_a_dollar_is_skipped(missing):
    found = read(history(f"2024-07-22,{missing},150,1,8,", "2024-07-23,1.25,150,1,8,"))
    assert {quote.as_of for quote in found.quotes} == {"2024-07-23"}
    assert dict(found.skipped) == {"no rate of the dollar": 1}


def test_the_days_come_out_oldest_first_whatever_their_order():
    found = read(history("2024-07-23,1.25,150,1,8,", "2024-07-22,1.25,150,1,8,"))
    assert [(quote.key, quote.as_of) for quote in found.quotes] == [
        ("usd_cny", "2024-07-22"),
        ("usd_cny", "2024-07-23"),
        ("usd_jpy", "2024-07-22"),
        ("usd_jpy", "2024-07-23"),
    ]


def test_the_zip_gives_what_its_file_gives():
    rows = history("2024-07-22,1.25,150,1,8,")
    assert read(zipped(rates=rows)).quotes == read(rows).quotes


def test_the_file_of_one_day_is_read_too():
    found = read(b"Date, USD, JPY, CNY, \n5 July 2024, 1.25, 150.00, 8.00, \n")
    assert [(quote.value, quote.as_of) for quote in found.quotes] == [
        (6.4, "2024-07-05"),
        (120.0, "2024-07-05"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2024-07-22,cheap,150,1,8,", "'cheap' is not a number"),
        ("2024-07-22,1_1,150,1,8,", "'1_1' is not a number"),
        ("2024-07-22,inf,150,1,8,", "not a finite number"),
        ("2024-13-22,1.25,150,1,8,", "not a date"),
        ("31 February 2024,1.25,150,1,8,", "not a date"),
        ("2024-07-22,1.25,150", "3 cells, but the header has 6"),
        ("2024-07-21,1.25,150,1,8,", "2024-07-21 stands in line 2 already"),
        ("2024-07-22,0.0001,150,1,8,", "usd_cny: 80,000 is out of bounds; allowed: 0.1 to 100"),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_and_the_others_are_taken(row, said):
    found = read(history("2024-07-21,1.25,150,1,8,", row))
    assert [quote.as_of for quote in found.quotes] == ["2024-07-21", "2024-07-21"]
    (listed,) = found.unreadable
    assert said in listed
    assert "line 3" in listed
    assert (found.rows, found.taken) == (2, 1)


def test_a_negative_rate_refuses_the_whole_file():
    with pytest.raises(InputError, match="line 3: -8 is negative"):
        read(history("2024-07-21,1.25,150,1,8,", "2024-07-22,1.25,150,1,-8,"))


def test_a_day_in_the_future_refuses_the_whole_file():
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    with pytest.raises(InputError, match=f"line 2: {tomorrow} is in the future"):
        read(history(f"{tomorrow},1.25,150,1,8,"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (history(header="Date,USD,JPY\n"), "column 'CNY' is missing"),
        (history(header="Date,USD,JPY,CNY,CNY\n"), "'CNY' stands there twice"),
        (history(), "the file has no rows"),
        (b"", "the file is empty"),
        (b"\xff\xfeD\x00", "not UTF-8"),
        (history('2024-07-22,"1.25,150,1,8,'), "line 2: not CSV"),
        (zipped(), "the ZIP holds no CSV file"),
        (zipped(a=b"1", b=b"2"), "the ZIP holds 2 CSV files"),
        (zipped(a=history())[:40], "cannot be unpacked"),
        (history("2024-07-22,N/A,1,1,1,"), "1 × no rate of the dollar"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(data, said):
    with pytest.raises(InputError) as raised:
        read(data)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "This looks like" not in str(raised.value)


rates = st.floats(min_value=0.5, max_value=2, allow_nan=False)


@given(st.lists(st.tuples(rates, st.one_of(st.none(), rates)), max_size=20, min_size=1))
def test_every_row_has_one_outcome(days):
    rows = [
        f"{dt.date(2020, 1, 1) + dt.timedelta(days=nth)},{dollar!r},{100 * dollar},1,{yuan or 'N/A'},"
        for nth, (dollar, yuan) in enumerate(days)
    ]
    found = read(history(*rows))
    assert found.rows == found.taken + sum(found.skipped.values()) + len(found.unreadable) == len(rows)
    assert sum(quote.key == "usd_cny" for quote in found.quotes) == sum(bool(yuan) for _, yuan in days)
