"""What the readers share: sizes, archives, files that are none, feeds taken for another."""

import io
import zipfile

import pytest

from costcheck.errors import InputError
from costcheck.prices import feeds
from costcheck.prices.feeds import parsing
from costcheck.prices.feeds.known import FEEDS


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rates.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize("given", ["aws/vms.csv", "lambda/../aws/vms.csv"])
def test_a_catalog_is_called_by_its_cloud_too_since_all_have_one_name(given, tmp_path, monkeypatch):
    for cloud in ("aws", "lambda"):
        (tmp_path / cloud).mkdir()
        (tmp_path / cloud / "vms.csv").write_bytes(cloud.encode())
    monkeypatch.chdir(tmp_path)
    assert feeds.open_feed("skypilot", given) == (b"aws", "aws/vms.csv")
    monkeypatch.chdir(tmp_path / "lambda")
    assert feeds.open_feed("skypilot", "vms.csv") == (b"lambda", "lambda/vms.csv")


def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)  # a hole of 2 GiB, which takes no room
    with pytest.raises(InputError, match=r"huge\.json: larger than 64 MiB"):
        feeds.open_feed("ecb", str(path))


def test_a_zip_that_unpacks_to_too_much_is_refused_before_unpacking(monkeypatch):
    data = zipped(b"0" * 2000)
    monkeypatch.setattr(parsing, "LIMIT", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match="the ZIP unpacks to more than"):
        parsing.members(data, "bomb.zip")


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_says():
    data = zipped(b"0" * 100_000)
    # the size stands in the directory at the end, four bytes
    lying = data.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(InputError, match=r"bomb\.zip: "):
        parsing.members(lying, "bomb.zip")


def test_a_zip_with_a_password_is_refused():
    data = bytearray(zipped(b"Date"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1  # the bit that says so
    with pytest.raises(InputError, match="cannot be unpacked"):
        parsing.members(bytes(data), "secret.zip")


ESCAPE, BIDI, HALF = "\x1b[2J\x9b31m", "\u202egnp", "\\r\\ud800"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "skypilot",
            "InstanceType,AcceleratorName,AcceleratorCount,Price,Region\n"
            f"a{ESCAPE},H100,1,3,r{BIDI}\n"
            f'"a\r{ESCAPE}{BIDI}\n",H100,1,,r\n',
        ),
        (
            "litellm",
            '{"gpt-4o": {"litellm_provider": "", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6}'
            f', "{HALF}\\u001b{BIDI}": 3}}',
        ),
        (
            "openrouter",
            '{"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": "1e-6", "completion": "1e-6"}},'
            f' {{"id": "openai/gpt-4o:{HALF}\\u001b{BIDI}", "pricing": {{}}}}]}}',
        ),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_replaced_and_half_characters_too(name, data):
    reading = feeds.read(name, data.encode(), "file", None)
    lines = [
        *reading.left_out,
        *reading.unreadable,
        *(f"{quote.source}{quote.note}" for quote in reading.quotes),
    ]
    assert "\ufffd" in "".join(lines)
    for line in lines:
        assert line.encode().decode().isprintable()


def test_a_name_inside_a_zip_or_of_a_file_is_made_plain_too(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a\x1b.csv", b"x")
    assert parsing.members(packed.getvalue(), "a.zip") == [("a\ufffd.csv", b"x")]
    path = tmp_path / "a\x1b.csv"
    path.write_bytes(b"x")
    assert feeds.open_feed("ecb", str(path)) == (b"x", "a\ufffd.csv")


SAMPLES = {
    "litellm": b'{"m": {"litellm_provider": "x"}}',
    "openrouter": b'{"data": [{"id": "m", "pricing": {}}]}',
} | {name: ",".join(feed.columns).encode() + b"\n" for name, feed in FEEDS.items() if feed.columns}


@pytest.mark.parametrize("asked", FEEDS)
@pytest.mark.parametrize("given", FEEDS)
def test_a_file_of_another_feed_is_refused_by_the_name_of_that_feed(given, asked):
    with pytest.raises(InputError) as raised:
        feeds.read(asked, SAMPLES[given], "file")
    named = f"costcheck prices import {given}" in str(raised.value)
    assert named == (given != asked)


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize(
    "data", b'|\n\n|\xff\xff|<html>|{|[]|a,b\n1,2\n|"|PK\x03\x04|\0\0\0|null'.split(b"|")
)
def test_nothing_but_an_input_error_comes_of_what_is_no_feed(name, data):
    with pytest.raises(InputError) as raised:
        feeds.read(name, data, "file")
    assert str(raised.value).startswith("file")
    assert "\n" not in str(raised.value)
