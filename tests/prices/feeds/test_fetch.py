"""Fetching: what is refused, what is given up on, and what never ends."""

import collections
import contextlib
import gzip
import http.server
import socket
import threading

import pytest

from costcheck.errors import InputError, RunError
from costcheck.prices import feeds
from costcheck.prices.feeds import fetch as module
from costcheck.prices.feeds.fetch import download

ANSWERS = {
    "/good": (200, b"rates", {"Content-Type": "text/csv"}),
    "/packed": (200, gzip.compress(b"rates" * 100), {"Content-Encoding": "gzip"}),
    "/missing": (404, b"", {}),
    "/busy": (503, b"", {}),
    "/page": (200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
    "/moved": (302, b"", {"Location": "/good"}),
    "/circle": (302, b"", {"Location": "/circle"}),
    "/elsewhere": (302, b"", {"Location": "ftp://example.org/rates.csv"}),
    "/cut": (200, b"half", {"Content-Length": "8"}),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        self.server.asked[path] += 1
        with contextlib.suppress(ConnectionError):
            if path == "/silent":
                self.server.ended.wait(5)
                return
            status, body, headers = ANSWERS.get(path, (200, b"", {}))
            self.send_response(status)
            sized = {"Content-Length": str(len(body))} if path in ANSWERS else {}
            for name, value in (sized | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            while path in ("/endless", "/dripping") and not self.server.ended.wait(
                0.05 * (path == "/dripping")
            ):
                self.wfile.write(b"0" * (1000 if path == "/endless" else 1))

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.ended = threading.Event()
        made.asked = collections.Counter()
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.ended.set()
        made.shutdown()
        thread.join()


@pytest.fixture
def address(server, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    return f"http://127.0.0.1:{server.server_port}"


def test_an_address_is_fetched_and_named_without_what_is_secret(address):
    secret = f"{address.replace('//', '//me:secret@')}/good?token=secret"
    assert feeds.open_feed("ecb", secret) == (b"rates", f"{address}/good")


def test_what_comes_compressed_is_unpacked_and_a_redirect_followed(address):
    assert download(f"{address}/packed")[0] == b"rates" * 100
    assert download(f"{address}/moved")[0] == b"rates"


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("missing", InputError, "the server answers 404"),
        ("page", InputError, r"a web page \(text/html\)"),
        ("circle", InputError, "not an address that can be fetched"),
        ("elsewhere", InputError, "not an address that can be fetched"),
        ("busy", RunError, "answers 503 .*try again later"),
        ("cut", RunError, "could not be fetched"),
    ],
)
def test_a_wrong_address_is_the_users_mistake_and_a_server_that_fails_is_not(
    server, address, path, error, message
):
    before = server.asked["/circle"]
    with pytest.raises(error, match=message):
        download(f"{address}/{path}")
    assert server.asked["/circle"] - before == 6 * (path == "circle")  # five times redirected


@pytest.mark.parametrize(
    ("path", "limit", "value", "message"),
    [
        ("endless", "LIMIT", 2**20, "larger than 1 MiB"),
        ("silent", "READ_SECONDS", 0.1, "could not be fetched"),
        ("dripping", "TOTAL_SECONDS", 0.3, r"not complete after 0\.3 seconds"),
    ],
)
def test_an_answer_without_end_or_without_words_is_given_up_on(
    address, path, limit, value, message, monkeypatch
):
    monkeypatch.setattr(module, limit, value)
    with pytest.raises(InputError if limit == "LIMIT" else RunError, match=message):
        download(f"{address}/{path}")


def test_where_nobody_listens_it_says_so(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(RunError, match="could not be fetched"):
        download(f"http://127.0.0.1:{port}/rates.csv")


@pytest.mark.parametrize(
    "wrong",
    [
        "http://",
        "http://a b/",
        "file:///etc/passwd",
        "https://me:se/cret@example.org/a",
        "https://me:se#cret@example.org/a",
        "https://me:se?cret@example.org/a",
        "https://me:se cret@example.org/a",
        "https://me:se\x01cret@example.org/a",
        "https://me:secret@[example.org/a",
        "https://me:secret@example.org:port/a",
        "https://me:secret@/a",
        "https:me:secret@example.org/a",
        "ftp://me:secret@example.org/a",
        "https://[?token=secret",
    ],
)
def test_a_wrong_address_is_refused_without_asking_anybody_or_showing_the_password_in_it(wrong, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it asked"))
    with pytest.raises(InputError, match=f"^{wrong.partition(':')[0]}:") as refused:
        feeds.open_feed("ecb", wrong)
    assert not any(part in str(refused.value) for part in ("cret", "'se'", "'p"))
    assert str(refused.value).isprintable()
