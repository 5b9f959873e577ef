"""``costcheck check``: the verdicts without notebooks."""

from __future__ import annotations

import argparse

from costcheck.cli.options import (
    Commands,
    add_format_option,
    given_prices,
    own_prices,
    readers_quotes,
    some_path,
    subcommand,
)
from costcheck.cli.output import print_verdicts, write_rows
from costcheck.cli.price_table import print_used


def add(commands: Commands) -> None:
    """Add the subcommand."""
    check = subcommand(
        commands,
        "check",
        help="the same verdicts without notebooks",
        description="Check every claim and print the verdicts; starts no kernel and writes no file.",
        example="costcheck check --as-of 2024-07-23 --set h100_usd=25000",
        prices=True,
    )
    check.add_argument(
        "articles", nargs="*", type=some_path, metavar="ARTICLE.yaml", help="your own articles"
    )
    add_format_option(check)
    check.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.claims import articles, load, verdicts
    from costcheck.claims.verdict import COLUMNS

    checked = load(options.articles) if options.articles else articles()
    prices = given_prices(options, own_prices(checked))
    found = verdicts(prices, checked)
    if options.format == "table":
        print_verdicts(found)
    else:
        write_rows(COLUMNS, [verdict.row() for verdict in found], options.format)
    if options.as_of or options.book:
        print_used(prices, checked, readers_quotes(options), beside=options.format != "table")
    return 0
