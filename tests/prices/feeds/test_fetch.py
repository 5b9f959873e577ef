"""Fetching: what is refused, what is given up on, and what never ends."""

import gzip
import itertools
from functools import partial

import httpx
import pytest

from costcheck.errors import InputError, RunError
from costcheck.prices import feeds
from costcheck.prices.feeds import fetch as module
from costcheck.prices.feeds.fetch import download

HOST = "https://example.org"


ANSWERS = {
    "/good": lambda: httpx.Response(200, content=b"rates"),
    "/packed": lambda: httpx.Response(
        200, content=gzip.compress(b"rates" * 100), headers={"Content-Encoding": "gzip"}
    ),
    "/missing": lambda: httpx.Response(404),
    "/busy": lambda: httpx.Response(503),
    "/often": lambda: httpx.Response(429),
    "/page": lambda: httpx.Response(200, html="<html>"),
    "/moved": lambda: httpx.Response(302, headers={"Location": "/good"}),
    "/circle": lambda: httpx.Response(302, headers={"Location": "/circle"}),
    "/elsewhere": lambda: httpx.Response(302, headers={"Location": "ftp://example.org/rates.csv"}),
    "/endless": lambda: httpx.Response(200, content=itertools.repeat(b"0" * 2**20)),
}


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Answer without a network; the addresses that were asked for."""
    addresses = []

    def answer(request):
        addresses.append(request)
        if request.url.path not in ANSWERS:
            raise httpx.UnsupportedProtocol("") if request.url.scheme == "ftp" else httpx.ConnectTimeout("")
        return ANSWERS[request.url.path]()

    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=httpx.MockTransport(answer)))
    return addresses


def test_an_address_is_fetched_within_limits_and_named_without_what_is_secret(asked):
    secret = "https://me:secret@example.org/good?token=secret"
    assert feeds.open_feed("ecb", secret) == (b"rates", f"{HOST}/good")
    limits = {"connect": module.CONNECT_SECONDS, "read": module.READ_SECONDS}
    assert asked[0].extensions["timeout"].items() >= limits.items()


def test_what_comes_compressed_is_unpacked_and_a_redirect_followed():
    assert download(f"{HOST}/packed")[0] == b"rates" * 100
    assert download(f"{HOST}/moved")[0] == b"rates"


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("missing", InputError, "the server answers 404 Not Found; is the address right"),
        ("page", InputError, r"a web page \(text/html\)"),
        ("circle", InputError, "not an address that can be fetched"),
        ("elsewhere", InputError, "not an address that can be fetched"),
        ("endless", InputError, "larger than 64 MiB"),
        ("busy", RunError, "answers 503 .*try again later"),
        ("often", RunError, "answers 429 .*try again later"),
        ("nobody", RunError, r"could not be fetched \(ConnectTimeout\)"),
    ],
)
def test_a_wrong_address_is_the_users_mistake_and_a_server_that_fails_is_not(asked, path, error, message):
    with pytest.raises(error, match=f"^{HOST}/{path}: .*{message}"):
        download(f"{HOST}/{path}")
    assert len(asked) == {"circle": 6, "elsewhere": 2}.get(path, 1)  # five times redirected


def test_a_web_page_is_fetched_for_who_reads_articles(asked):
    assert download(f"{HOST}/page", pages=True)[0] == b"<html>"


def test_an_answer_that_drips_is_given_up_on(monkeypatch):
    monkeypatch.setattr(module, "TOTAL_SECONDS", -1)
    with pytest.raises(RunError, match="not complete after"):
        download(f"{HOST}/endless")


@pytest.mark.parametrize(
    "wrong",
    [
        "http://",
        "file:///etc/passwd",
        "https://me:se/cret@example.org/a",
        "https://me:se cret@example.org/a",
        "https://me:se\x01cret@example.org/a",
        "https://me:secret@[example.org/a",
        "https://me:secret@example.org:port/a",
        "ftp://me:secret@example.org/a",
    ],
)
def test_a_wrong_address_is_refused_without_asking_anybody_or_showing_the_password_in_it(wrong, asked):
    with pytest.raises(InputError, match=f"^{wrong.partition(':')[0]}:") as refused:
        feeds.open_feed("ecb", wrong)
    assert not any(part in str(refused.value) for part in ("cret", "'se'", "'p"))
    assert str(refused.value).isprintable()
    assert not asked
