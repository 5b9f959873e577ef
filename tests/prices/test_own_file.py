"""A reader's own price book: read, merged, written whole or not at all."""

import datetime as dt
import itertools

import pytest

from costcheck.errors import InputError, RunError
from costcheck.prices import own_file
from costcheck.prices.quotes import Quote

HEADER = "key,value,low,high,unit,as_of,source,verification,note"
GOOD = "h100_usd,25000,24000,26000,USD/GPU,2025-03-03,an offer,primary: read in it,"
QUOTE = Quote("h100_usd", 25e3, 24e3, 26e3, "USD/GPU", "2025-03-03", "an offer", "primary: read in it", None)
TODAY = dt.datetime.now(dt.UTC).date()
TOMORROW = (TODAY + dt.timedelta(days=1)).isoformat()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "my_prices.csv"


def test_the_columns_may_stand_in_any_order_and_the_file_may_come_from_excel(path):
    path.write_bytes(
        b"\xef\xbb\xbfvalue,key,low,high,unit,as_of,source,verification,note\r\n"
        b"25000,h100_usd,24000,26000,USD/GPU,2025-03,an offer,primary: read in it,\r\n"
    )
    assert own_file.read(path) == [QUOTE._replace(as_of="2025-03")]  # a month is a date
    path.write_text(  # where a comma stands before decimals, which it does not in a text
        "key;value;low;high;unit;as_of;source;verification;note\n;;;;;;;;\n"
        "h100_usd;25.000,50;24000;26000;USD/GPU;2025-03-03;1,5;primary: read in it;;\n"
    )
    assert own_file.read(path) == [QUOTE._replace(value=25_000.5, source="1,5")]


def test_the_apostrophe_that_keeps_a_spreadsheet_from_computing_a_text_is_no_part_of_it(path):
    own_file.write(path, [QUOTE._replace(note="=1+1")])
    assert ",'=1+1" in path.read_text()
    assert own_file.read(path) == [QUOTE._replace(note="=1+1")]


def row(**changed: str) -> str:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changed
    return ",".join(cells.values())


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (row(key="hl00_usd"), ": unknown price 'hl00_usd': did you mean 'h100_usd'?"),
        (row(unit="CNY/GPU"), "column unit: 'CNY/GPU', but h100_usd is in USD/GPU"),
        (row(low="1"), "column low: 1 is out of bounds"),
        (row(low="25500"), "outside its own range 25500.0 to 26000.0"),
        (row(as_of="03.03.2025"), "column as_of: '03.03.2025' is not a date such as 2024-07-23 or 2024-07"),
        (row(as_of=TOMORROW), "is in the future; today is"),
        (row(source="article"), "column source: 'article' is not a source of yours"),
        (row(source="a\x1bb"), "column source: control characters"),
        (row(verification="sure"), "column verification: 'sure' is not one of primary, corroborated, "),
    ],
)
def test_a_wrong_row_is_refused_by_file_line_and_column(wrong, reason, path):
    path.write_text(f"{HEADER}\n{row(source='another')}\n{wrong}\n")
    with pytest.raises(InputError) as raised:
        own_file.read(path)
    assert str(raised.value).startswith(f"{path}, line 3")
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{HEADER}\n{GOOD}\n{GOOD}\n".encode(), "line 3: a quote of h100_usd for 2025-03-03"),
        # two sources that differ by blanks alone are one
        (f"{HEADER}\n{GOOD}\n{row(source='an  offer')}\n".encode(), "is already in line 2"),
        (f"{HEADER}\n".encode(), "no quotes in it"),
    ],
)
def test_what_is_no_book_is_refused(content, reason, path):
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        own_file.quotes_of(path)
    assert reason in str(raised.value)


def test_a_book_is_written_in_the_order_of_keys_dates_and_sources_with_numbers_as_a_reader_would(path):
    first = Quote("gpu_hours", 1e6, None, None, "GPU-hour", "2025-01-01", "s", "primary", None)
    before, half = QUOTE._replace(as_of="2024-01-01"), QUOTE._replace(value=25_000.5, source="a")
    ordered = [first, before, half, QUOTE._replace(source="b")]
    for order in itertools.permutations(ordered):
        own_file.write(path, order)
        assert own_file.read(path) == ordered
    assert path.read_text().splitlines()[3].startswith("h100_usd,25000.5,24000,26000,USD/GPU")


def test_a_wrong_quote_leaves_the_book_as_it_was(path):
    own_file.write(path, [QUOTE])
    before = path.read_bytes()
    for wrong in ({"value": float("nan")}, {"source": " "}, {"source": "article "}, {"source": "given"}):
        with pytest.raises(InputError, match=r"column (value|source)"):
            own_file.write(path, [QUOTE, QUOTE._replace(as_of="2025-01", **wrong)])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_followed_when_writing_and_a_folder_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "kept").mkdir()
    link, real = tmp_path / "link.csv", tmp_path / "kept" / "real.csv"
    link.symlink_to(real)
    own_file.write(link, [QUOTE])
    assert link.is_symlink()
    assert own_file.read(real) == [QUOTE]
    with pytest.raises(RunError, match="cannot be written"):
        own_file.write(tmp_path / "no" / "book.csv", [QUOTE])


@pytest.mark.parametrize("odd", ["an offer ", " an  offer", "an\roffer", "an\r\noffer", "an\u2028offer"])
def test_blanks_and_line_ends_in_a_source_make_no_second_quote_of_it(odd, path):
    for _ in range(3):
        existing = own_file.read(path) if path.exists() else []
        own_file.write(path, own_file.merged(existing, [QUOTE._replace(source=odd, note="a\rnote ")]).quotes)
    assert own_file.read(path) == [QUOTE._replace(note="a note")]


def test_another_value_for_the_same_key_date_and_source_replaces_and_anything_else_adds():
    changed, later = QUOTE._replace(value=25_500.0), QUOTE._replace(as_of="2025-03-04")
    changes = own_file.merged([QUOTE], [changed, later, QUOTE._replace(source="another")])
    assert changes.replaced == [changed]
    assert [quote.source for quote in changes.added] == ["an offer", "another"]
    assert (changes.unchanged, len(changes.quotes)) == (0, 3)
    assert QUOTE not in changes.quotes
    # a range counts as much as the value
    for end in ({"low": 23e3}, {"high": 27e3}):
        assert own_file.merged([QUOTE], [QUOTE._replace(**end)]).replaced == [QUOTE._replace(**end)]
    # a quote that is there already keeps its reader's note
    noted = QUOTE._replace(note="mine")
    assert own_file.merged([noted], [QUOTE]) == own_file.Changes([], [], 1, [noted])
