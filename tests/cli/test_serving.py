"""Choosing a port and opening a browser, for the subcommands that serve pages."""

import socket
import webbrowser

import pytest

from costcheck import cli
from costcheck.apps import browser
from costcheck.errors import InputError, RunError

ADDRESS, FILE = "http://127.0.0.1:1/?token=t", "file:///there.html"


@pytest.fixture
def busy():
    """A port at which somebody listens."""
    with socket.create_server((browser.LOOPBACK, 0)) as somebody:
        yield somebody.getsockname()[1]


def test_a_port_asked_for_is_taken_unless_in_use_also_where_its_server_has_just_ended(busy, capsys):
    with pytest.raises(InputError, match=f"^--port {busy}: nothing can listen there [^\n]*$"):
        browser.free_port(busy, 8888)
    with socket.create_server((browser.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((browser.LOOPBACK, port)):
            server.accept()[0].close()  # whoever hangs up first keeps the port for a minute
    assert browser.free_port(port, busy) == port
    assert capsys.readouterr() == ("", "")


def test_where_the_usual_port_is_in_use_the_next_free_one_is_taken(busy, monkeypatch):
    assert busy < browser.free_port(None, busy) < busy + browser.TRIES
    monkeypatch.setattr(browser, "TRIES", 1)
    with pytest.raises(RunError, match=f"the ports from {busy} on are in use"):
        browser.free_port(None, busy)


@pytest.mark.parametrize("text", ["0", "65536", "8e3", "８８８８"])
def test_what_is_no_port_is_refused_with_those_that_are(text, capsys):
    assert cli.main(["lab", f"--port={text}"]) == cli.WRONG_INPUT
    assert f"{text!r} is not a port from 1 to 65,535" in capsys.readouterr().err


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
