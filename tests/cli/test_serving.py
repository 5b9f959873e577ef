"""Choosing a port and opening a browser, for the subcommands that serve pages."""

import socket
import webbrowser

import pytest

from costcheck.apps import browser
from costcheck.cli.options import parser, subcommand
from costcheck.errors import InputError, RunError


@pytest.fixture
def busy():
    """A port at which somebody listens."""
    with socket.socket() as somebody:
        somebody.bind((browser.LOOPBACK, 0))
        somebody.listen()
        yield somebody.getsockname()[1]


def test_a_port_asked_for_and_in_use_is_refused_in_one_line(busy):
    with pytest.raises(InputError, match=f"^--port {busy}: this port is in use; give another one[^\n]*$"):
        browser.free_port(busy, 8888)


def test_a_port_asked_for_and_free_is_taken_without_a_word(busy, capsys):
    with socket.socket() as other:
        other.bind((browser.LOOPBACK, 0))
        port = other.getsockname()[1]
    assert browser.free_port(port, busy) == port
    assert capsys.readouterr() == ("", "")


def test_where_the_usual_port_is_in_use_the_next_free_one_is_taken_and_said(busy, capsys):
    port = browser.free_port(None, busy)
    assert busy < port < busy + browser.TRIES
    assert capsys.readouterr().err == f"costcheck: port {busy} is in use; this is {port}\n"


def test_where_no_port_is_free_it_is_said(busy, monkeypatch):
    monkeypatch.setattr(browser, "TRIES", 1)
    with pytest.raises(RunError, match=f"the ports {busy} to {busy} are all in use"):
        browser.free_port(None, busy)


def test_a_port_whose_server_has_just_ended_is_free():
    with socket.create_server((browser.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((browser.LOOPBACK, port)):
            server.accept()[0].close()  # who hangs up first keeps the port for a minute
    assert browser.free_port(port, 8888) == port


@pytest.mark.parametrize("text", ["0", "65536", "-1", "8e3", "abc", "", "８８８８"])
def test_what_is_no_port_is_refused_with_those_that_are(text):
    made, commands = parser()
    browser.served(subcommand(commands, "lab", help="", description="", example=""), 8888)
    with pytest.raises(InputError, match=r"is not a port; allowed: 1 to 65535"):
        made.parse_args(["lab", f"--port={text}"])
    given = made.parse_args(["lab"])
    assert (given.port, given.no_browser) == (None, False)


class Opened(list):
    def __call__(self, address):
        self.append(address)
        return True


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setenv("BROWSER", "some")
    monkeypatch.setattr(webbrowser, "open", Opened())
    return webbrowser.open


def test_the_browser_is_given_the_page_and_the_reader_its_address(opened, capsys):
    browser.open_browser("http://127.0.0.1:1/?token=t", wanted=True, by="file:///leads/there.html")
    assert opened == ["file:///leads/there.html"]
    assert capsys.readouterr().out == "In your browser: http://127.0.0.1:1/?token=t\n"


def test_where_no_browser_is_wanted_the_address_is_printed_alone(opened, capsys):
    browser.open_browser("http://127.0.0.1:1/", wanted=False)
    assert opened == []
    assert capsys.readouterr().out == "Open in a browser: http://127.0.0.1:1/\n"


def test_without_a_screen_no_browser_takes_the_terminal(opened, capsys, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    browser.open_browser("http://127.0.0.1:1/", wanted=True)
    assert opened == []
    assert capsys.readouterr().out == "Open in a browser: http://127.0.0.1:1/\n"


def test_a_browser_that_cannot_be_opened_is_no_error(capsys, monkeypatch):
    def fails(address):
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setenv("BROWSER", "none")
    monkeypatch.setattr(webbrowser, "open", fails)
    browser.open_browser("http://127.0.0.1:1/", wanted=True)
    assert capsys.readouterr().out == "Open in a browser: http://127.0.0.1:1/\n"
