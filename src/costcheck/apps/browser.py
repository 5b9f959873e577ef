"""The port to listen at and the browser to open, for the subcommands that serve pages."""

from __future__ import annotations

import os
import sys

from costcheck.errors import InputError, RunError

LOOPBACK = "127.0.0.1"
"""Where pages are served: nobody else on the network can ask for them."""
START = "index.ipynb"
"""The notebook that leads through the others."""
TRIES = 50
"""Ports that are tried, one after the other, where none was asked for."""


def free_port(asked: int | None, default: int) -> int:
    """Return the port asked for, or else the first free one from a default on; refuse one that is in use.

    >>> 0 < free_port(None, 47_000) < 47_050
    True
    """
    import socket

    for port in [asked] if asked else range(default, default + TRIES):
        with socket.socket() as probe:
            if os.name != "nt":  # as servers do, so that one that has just ended is not in the way
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
                probe.listen()
            except OSError as error:
                if asked:
                    raise InputError(
                        f"--port {asked}: nothing can listen there ({error.strerror})"
                    ) from error
            else:
                return port
    raise RunError(f"the ports from {default} on are in use; name a free one with --port")


def open_browser(address: str, wanted: bool = True, by: str | None = None) -> None:
    """Print the address of a page that can be had, and open it in the reader's browser if there is one.

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
