"""What the readers share: sizes, archives, names, and files that are no feed."""

import io
import zipfile

import pytest

from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices import feeds
from costcheck.prices.feeds import parsing
from costcheck.prices.feeds.catalogue import FEEDS
from costcheck.prices.quotes import price_keys


def test_an_id_is_a_key_of_the_price_book_once_or_says_why_it_is_not_taken():
    rows = tables.rows("feed_ids")
    for row in rows:
        if row["key"] is None:
            assert row["note"], row
            assert row["column"] is None
        else:
            assert row["key"] in price_keys()
            assert row["column"] in (FEEDS[row["feed"]].columns or [row["column"]])
    assert len({(row["feed"], row["id"], row["column"]) for row in rows}) == len(rows)
    assert {row["feed"] for row in rows if row["key"]} == set(FEEDS)


@pytest.mark.parametrize("given", ["aws/vms.csv", "lambda/../aws/vms.csv"])
def test_a_catalog_is_called_by_its_cloud_too_since_all_have_one_name(given, tmp_path, monkeypatch):
    (tmp_path / "lambda").mkdir()
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws" / "vms.csv").write_bytes(b"aws")
    monkeypatch.chdir(tmp_path)
    assert feeds.open_feed("skypilot", given) == (b"aws", "aws/vms.csv")
    monkeypatch.chdir(tmp_path / "aws")
    assert feeds.open_feed("skypilot", "vms.csv") == (b"aws", "aws/vms.csv")


def zipped(content: bytes, name: str = "rates.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def test_a_zip_that_unpacks_to_too_much_is_refused_before_unpacking(monkeypatch):
    data = zipped(b"0" * 2000)
    monkeypatch.setattr(parsing, "LIMIT", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match="the ZIP unpacks to more than"):
        parsing.members(data, "bomb.zip")


def test_a_zip_that_lies_about_its_size_or_has_a_password_is_refused():
    data = zipped(b"0" * 100_000)
    # the size stands in the directory at the end, four bytes
    lying = data.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    locked = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[data.index(mark) + at] |= 1  # the bit that says so
    for wrong in (lying, bytes(locked)):
        with pytest.raises(InputError, match=r"bomb\.zip: the ZIP cannot be unpacked"):
            parsing.members(wrong, "bomb.zip")


ESCAPE, BIDI, HALF = "\x1b[2J\x9b31m", "\u202egnp", "\\r\\ud800"
CATALOG = ",".join(FEEDS["skypilot"].columns)
COSTS = '"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("skypilot", f'{CATALOG}\nH100,1,3,a{ESCAPE},r{BIDI}\nH100,1,,"a\r{ESCAPE}{BIDI}\n",r\n'),
        ("litellm", f'{{"gpt-4o": {{{COSTS}}}, "{HALF}\\u001b{BIDI}": 3}}'),
        (
            "openrouter",
            '{"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": "1e-6", "completion": "1e-6"}},'
            f' {{"id": "openai/gpt-4o-2024-05-13:{HALF}\\u001b{BIDI}", "pricing": {{}}}}]}}',
        ),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_replaced_and_half_characters_too(name, data):
    reading = feeds.read(name, data.encode(), "file", None)
    notes = [f"{quote.source}{quote.note}" for quote in reading.quotes]
    for line in (*reading.left_out, *reading.unreadable, *notes):
        assert line.encode().decode().isprintable()
    assert name != "skypilot" or "\ufffd" in notes[0]


def test_a_name_inside_a_zip_or_of_a_file_is_made_plain_too(tmp_path):
    assert parsing.members(zipped(b"x", "a\x1b.csv"), "a.zip") == [("a\ufffd.csv", b"x")]
    path = tmp_path / "a\x1b\u202e\n.csv"
    path.write_bytes(b"x")
    assert feeds.open_feed("ecb", str(path)) == (b"x", "a\ufffd\ufffd .csv")
