"""Choosing a port, opening a browser, and `costcheck app`; the pages are in tests/browser."""

import json
import socket
import urllib.request
import webbrowser

import pytest

from costcheck.apps import browser
from costcheck.errors import InputError, RunError

ADDRESS, FILE = "http://127.0.0.1:1/?token=t", "file:///there.html"


@pytest.fixture
def busy():
    """A port at which somebody listens."""
    with socket.create_server((browser.LOOPBACK, 0)) as somebody:
        yield somebody.getsockname()[1]


def test_a_port_asked_for_is_taken_unless_in_use(busy, free_port, capsys):
    with pytest.raises(InputError, match=f"^--port {busy}: nothing can listen there [^\n]*$"):
        browser.free_port(busy, 8888)
    port = free_port()
    assert browser.free_port(port, busy) == port
    assert capsys.readouterr() == ("", "")


def test_where_the_usual_port_is_in_use_the_next_free_one_is_taken(busy, monkeypatch):
    assert busy < browser.free_port(None, busy) < busy + browser.TRIES
    monkeypatch.setattr(browser, "TRIES", 1)
    with pytest.raises(RunError, match=f"the ports from {busy} on are in use"):
        browser.free_port(None, busy)


def fails(address):
    raise webbrowser.Error("could not locate runnable browser")


@pytest.mark.parametrize(
    ("screen", "wanted", "by", "opens", "printed"),
    [
        pytest.param("some", True, FILE, FILE, "In your browser", id="by a file"),
        pytest.param("some", False, None, None, "Open in a browser", id="not wanted"),
        pytest.param("", True, None, None, "Open in a browser", id="no screen"),
        pytest.param("none", True, None, fails, "Open in a browser", id="cannot be opened"),
    ],
)
def test_the_address_is_printed_whether_or_not_a_browser_opens(
    screen, wanted, by, opens, printed, monkeypatch, capsys
):
    opened = []
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BROWSER", screen)
    monkeypatch.setattr(
        webbrowser, "open", fails if opens is fails else lambda url: opened.append(url) or True
    )
    browser.open_browser(ADDRESS, wanted, by)
    assert opened == ([opens] if isinstance(opens, str) else [])
    assert capsys.readouterr().out == f"{printed}: {ADDRESS}\n"


def test_the_address_carries_the_prices_to_begin_with_and_its_token_gets_answers(serving, tmp_path):
    prices = ["--set", "h100_usd=25000", "--as-of", "2024-07-31"]
    with serving("app", *prices, cwd=tmp_path) as app:
        assert app.url.fragment == "as-of=2024-07-31&h100_usd=25000"
        request = urllib.request.Request(
            f"http://{app.url.netloc}/answer",
            json.dumps({"open": app.url.fragment}).encode(),
            {"Authorization": app.url.query.replace("=", " ")},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            assert json.load(response)["state"]["command"].endswith("--as-of 2024-07-31 --set h100_usd=25000")
