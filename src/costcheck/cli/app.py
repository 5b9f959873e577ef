"""``costcheck app``: the calculator in a browser."""

from __future__ import annotations

import argparse

from costcheck.cli.options import Commands, as_of, assignments, subcommand
from costcheck.errors import InputError

LAST_PORT = 65_535


def add(commands: Commands) -> None:
    """Add the subcommand."""
    app = subcommand(
        commands,
        "app",
        help="the calculator in your browser: move a price, see what still holds",
        description="Serve the calculator to the browsers of this machine, and open it in yours. Every "
        "visitor has a kernel of their own; nobody can execute code or read files. Ctrl-C ends it.",
        example="costcheck app --set h100_usd=25000 --port 8900",
    )
    app.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help="the port to listen on (default: 8866, or the next that is free)",
    )
    app.add_argument("--no-browser", action="store_true", help="say the address, and open no browser")
    app.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a price to begin with, as h100_usd=25000 (repeatable; costcheck prices lists the keys)",
    )
    app.add_argument(
        "--as-of", metavar="DATE", help="the day of the quotes to begin with, such as 2024-07-31"
    )
    app.set_defaults(main=main)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to {LAST_PORT}")
    return int(text)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.calculator.settings import Settings, past
    from costcheck.prices import value_of

    date = as_of(options)
    try:
        date = date and past(date)
    except InputError as error:
        raise InputError(f"--as-of: {error}") from None
    given = {key: value_of(key, text) for key, text in assignments(options.set).items()}
    link = Settings(date, given).link()
    from costcheck.calculator import server

    bound, port = server.listening(options.port)
    if options.port is None and port != server.PORT:
        print(f"Port {server.PORT} is in use: {port} is taken instead.")
    print("Starting the calculator ...", flush=True)
    server.serve(bound, port, link, browser=not options.no_browser)
    return 0
