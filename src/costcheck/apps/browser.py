"""The port to listen at and the browser to open, for the subcommands that serve pages."""

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
    """Add the options ``--port`` and ``--no-browser`` to a subcommand's parser."""
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
    """Return the port asked for, or else the first free one from a default on, which is logged.

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
    """Return why a server cannot listen at a port, if it cannot."""
    import socket

    with socket.socket() as probe:
        if os.name != "nt":  # as servers do, so that one that has just ended is not in the way
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            return "this port is in use" if in_use else f"nothing can listen there ({error.strerror})"
    return None


def open_browser(address: str, wanted: bool, by: str | None = None) -> None:
    """Print the address of a page whose server listens, and open it in the reader's browser if there is one.

    The browser is given ``by`` in its place, such as a file that leads to the address.
    """
    opened = wanted and _opened(by or address)
    print(f"{'In your browser' if opened else 'Open in a browser'}: {address}", flush=True)


def _opened(address: str) -> bool:
    import webbrowser

    on_a_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform.startswith("linux") and not on_a_screen:
        return False  # there may be a browser in text at most, which would take the terminal
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
