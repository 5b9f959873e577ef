"""Fetching: what is refused, what is given up on, and what never ends."""

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


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with contextlib.suppress(ConnectionError):
            getattr(self, self.path.partition("?")[0].strip("/"))()

    def answer(self, status=200, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def good(self):
        self.answer(body=b"rates", Content_Type="text/csv")

    def packed(self):
        self.answer(body=gzip.compress(b"rates" * 100), Content_Encoding="gzip")

    def missing(self):
        self.answer(404)

    def busy(self):
        self.answer(503)

    def page(self):
        self.answer(body=b"<html>", Content_Type="text/html; charset=utf-8")

    def moved(self):
        self.answer(302, Location="/good")

    def circle(self):
        self.server.circles += 1
        self.answer(302, Location="/circle")

    def elsewhere(self):
        self.answer(302, Location="ftp://example.org/rates.csv")

    def large(self):
        self.answer(body=b"", Content_Length=str(10**9))

    def cut(self):
        self.answer(body=b"half", Content_Length="8")

    def endless(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.ended.is_set():
            self.wfile.write(b"0" * 1000)

    def dripping(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.ended.wait(0.05):
            self.wfile.write(b"0")

    def silent(self):
        self.server.ended.wait(5)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.ended = threading.Event()
        made.circles = 0
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
    port = address.rpartition(":")[2]
    data, called = feeds.open_feed("ecb", f"http://me:secret@127.0.0.1:{port}/good?token=secret")
    assert data == b"rates"
    assert called == f"{address}/good"


def test_a_redirect_in_circles_is_followed_five_times(server, address):
    server.circles = 0
    with pytest.raises(InputError):
        download(f"{address}/circle")
    assert server.circles == 6


def test_what_comes_compressed_is_unpacked_and_a_redirect_followed(address):
    assert download(f"{address}/packed") == b"rates" * 100
    assert download(f"{address}/moved") == b"rates"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing", "the server answers 404"),
        ("page", r"a web page \(text/html\)"),
        ("circle", "redirected more than 5 times"),
        ("elsewhere", "not an address that can be fetched"),
        ("large", "larger than 64 MiB"),
    ],
)
def test_a_wrong_address_is_the_users_mistake(address, path, said):
    with pytest.raises(InputError, match=said):
        download(f"{address}/{path}")


@pytest.mark.parametrize(
    ("path", "said"),
    [("busy", "answers 503 .*try again later"), ("cut", "could not be fetched")],
)
def test_a_server_that_fails_is_not_the_users_mistake(address, path, said):
    with pytest.raises(RunError, match=said):
        download(f"{address}/{path}")


def test_an_answer_without_end_is_left_at_the_limit(address, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 2**20)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        download(f"{address}/endless")


def test_a_server_that_says_nothing_is_given_up_on(address, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.1)
    with pytest.raises(RunError, match=r"no answer for 0\.1 seconds"):
        download(f"{address}/silent")


def test_a_server_that_drips_is_given_up_on(address, monkeypatch):
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.3)
    with pytest.raises(RunError, match=r"not complete after 0\.3 seconds"):
        download(f"{address}/dripping")


def test_where_nobody_listens_it_says_so(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(RunError, match="could not be fetched"):
        download(f"http://127.0.0.1:{port}/rates.csv")


@pytest.mark.parametrize(
    "wrong", ["ftp://example.org/a", "file:///etc/passwd", "http://", "https://[", "http://a b/"]
)
def test_what_is_no_address_is_refused_without_asking_anybody(wrong, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it asked"))
    with pytest.raises(InputError):
        feeds.open_feed("ecb", wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        "https://me:se/cret@example.org/a",
        "https://me:se#cret@example.org/a",
        "https://me:se?cret@example.org/a",
        "https://me:se cret@example.org/a",
        "https://me:se\x01cret@example.org/a",
        "https://me:secret@[example.org/a",
        "https://me:secret@example.org:port/a",
        "https://me:secret@/a",
        "https:/me:secret@example.org/a",
        "https:me:secret@example.org/a",
        "ftp://me:secret@example.org/a",
        "ftp://me:se/cret@example.org/a",
        "ftp://example.org/a?token=secret",
        "https://[?token=secret",
    ],
)
def test_a_wrong_address_is_refused_without_showing_the_password_in_it(wrong):
    with pytest.raises(InputError) as raised:
        feeds.open_feed("ecb", wrong)
    assert not any(part in str(raised.value) for part in ("cret", "'se'", "'p"))
    assert str(raised.value).startswith(wrong[:5].rstrip(":"))
    assert str(raised.value).isprintable()
