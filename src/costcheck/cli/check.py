"""Check every claim and print the verdicts; starts no kernel and writes no file.

Example: costcheck check --as-of 2024-07-23 --set h100_usd=25000
"""

from __future__ import annotations

import argparse

from costcheck.cli.options import (
    PRICES,
    Parser,
    given_prices,
    readers_quotes,
    some_path,
)
from costcheck.cli.output import print_verdicts, write_rows
from costcheck.cli.prices import print_used

OPTIONS = (*PRICES, "--format")


def add(parser: Parser) -> None:
    parser.add_argument(
        "articles", nargs="*", type=some_path, metavar="ARTICLE.yaml", help="your own articles"
    )


def main(options: argparse.Namespace) -> int:
    from costcheck.claims import articles, load, verdicts
    from costcheck.claims.verdict import COLUMNS

    checked = load(options.articles) if options.articles else articles()
    prices = given_prices(options, checked)
    judged = verdicts(prices, checked)
    if options.format == "table":
        print_verdicts(judged)
        if options.as_of or options.book:
            print_used(prices, checked, readers_quotes(options))
    else:
        write_rows(COLUMNS, [verdict.row() for verdict in judged], options.format)
    return 0
