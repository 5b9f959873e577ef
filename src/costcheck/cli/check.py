"""``costcheck check``: the verdicts without notebooks."""

from __future__ import annotations

import argparse
import sys

from costcheck.cli.options import Commands, given_prices, own_prices, readers_quotes, some_path, subcommand
from costcheck.cli.output import print_table, print_used


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
        "articles", nargs="*", type=some_path, metavar="ARTICLE.yaml", help="articles of yours"
    )
    check.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    check.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.claims import articles, load, verdicts

    checked = load(options.articles) if options.articles else articles()
    prices = given_prices(options, own_prices(checked))
    found = verdicts(prices, checked)
    if options.format == "table":
        print_table(found)
    elif options.format == "json":
        import json

        print(json.dumps([verdict.row() for verdict in found], ensure_ascii=False, indent=1))
    else:
        from costcheck.claims.verdict import results_csv

        sys.stdout.write(results_csv([verdict.row() for verdict in found]))
    if options.as_of or options.book:
        print_used(prices, checked, readers_quotes(options), beside=options.format != "table")
    return 0
