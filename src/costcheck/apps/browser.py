"""What the subcommands share that serve pages to a browser: choosing a port, opening the browser."""

from __future__ import annotations

import argparse
import errno
import os
import sys

from costcheck.errors import InputError, RunError
from costcheck.text import log

LOOPBACK = "127.0.0.1"
"""Where pages are served: nobody else on the network can ask for them."""
START = "index.ipynb"
"""The notebook that leads through the others."""
TRIES = 50
"""Ports that are tried, one after the other, where none was asked for."""
LAST_PORT = 65_535


def served(to: argparse.ArgumentParser, default: int) -> None:
    """Add the options ``--port`` and ``--no-browser``.

    Args:
        to: The subcommand's parser.
        default: The port where none is asked for and this one is free.
    """
    to.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help=f"the port to listen at (default: {default}, or the next that is free)",
    )
    to.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; allowed: 1 to {LAST_PORT}")
    return int(text)


def free_port(asked: int | None, default: int) -> int:
    """Choose the port to listen at; one that was not asked for is said on standard error.

    Args:
        asked: The port that the reader asked for, if they did.
        default: The first to try where they did not.

    Returns:
        A port that was free a moment ago.

    Raises:
        InputError: The port asked for is in use, or not for this user.
        RunError: None is free.

    >>> 0 < free_port(None, 47_000) <= LAST_PORT
    True
    """
    if asked is not None:
        if why := _taken(asked):
            raise InputError(f"--port {asked}: {why}; give another one, or leave --port out")
        return asked
    last = min(default + TRIES - 1, LAST_PORT)
    for port in range(default, last + 1):
        if not _taken(port):
            if port != default:
                log.note(f"port {default} is in use; this is {port}")
            return port
    raise RunError(f"the ports {default} to {last} are all in use; name a free one with --port")


def _taken(port: int) -> str | None:
    """Say why a server cannot listen at a port, if it cannot."""
    import socket

    with socket.socket() as tried:
        if os.name != "nt":  # as servers do, lest one that has just ended is in the way
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
            tried.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "this port is in use"
            return f"nothing can listen there ({error.strerror})"
    return None


def open_browser(address: str, wanted: bool, by: str | None = None) -> None:
    """Print where a page is, and open it in the reader's browser if there is one.

    The server must be listening already.

    Args:
        address: What a reader can type or click.
        wanted: Whether to open a browser at all.
        by: What the browser is given in the address's place: a file that leads there, say, so that a token in
            the address does not show among this machine's processes.
    """
    opened = wanted and _opened(by or address)
    print(f"{'In your browser' if opened else 'Open in a browser'}: {address}", flush=True)


def _opened(address: str) -> bool:
    import webbrowser

    on_a_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform.startswith("linux") and not on_a_screen:
        return False  # all that there may be is a browser in text, which would take the terminal
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
