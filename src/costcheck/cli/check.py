"""``costcheck check``: the verdicts without notebooks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from costcheck.cli.options import Commands, given_prices, subcommand
from costcheck.cli.show import print_table


def add(commands: Commands) -> None:
    """Add the subcommand."""
    check = subcommand(
        commands,
        "check",
        help="the same verdicts without notebooks",
        description="Check every claim and print the verdicts; starts no kernel and writes no file.",
        example="costcheck check --set h100_usd=25000",
        prices=True,
    )
    check.add_argument("articles", nargs="*", type=Path, metavar="ARTICLE.yaml", help="articles of yours")
    check.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    check.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.claims import load, verdicts

    found = verdicts(given_prices(options), load(options.articles) if options.articles else None)
    if options.format == "table":
        print_table(found)
    elif options.format == "json":
        import json

        print(json.dumps([verdict.row() for verdict in found], ensure_ascii=False, indent=1))
    else:
        from costcheck.claims.verdicts import results_csv

        sys.stdout.write(results_csv([verdict.row() for verdict in found]))
    return 0
