"""``costcheck app``: the calculator in a browser."""

from __future__ import annotations

import argparse

from costcheck.apps.browser import free_port, served
from costcheck.cli.options import Commands, as_of, assignments, subcommand
from costcheck.errors import InputError

PORT = 8866


def add(commands: Commands) -> None:
    """Add the subcommand."""
    app = subcommand(
        commands,
        "app",
        help="the calculator in your browser: move a price, see what still holds",
        description="Serve the calculator to the browsers of this machine, and open it in yours. "
        "Ctrl-C ends it.",
        example="costcheck app --set h100_usd=25000 --port 8900",
    )
    served(app, PORT)
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


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.apps.calculator.settings import Settings, past
    from costcheck.prices.quotes import value_of

    date = as_of(options)
    try:
        date = date and past(date)
    except InputError as error:
        raise InputError(f"--as-of: {error}") from None
    given = {key: value_of(key, text) for key, text in assignments(options.set).items()}
    link = Settings(date, given).link()
    port = free_port(options.port, PORT)
    from costcheck.apps.calculator.web import serve

    serve(port, link, wanted=not options.no_browser)
    return 0
