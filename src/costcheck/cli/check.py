"""Check every claim and print the verdicts, or all that is known of one; starts no kernel, writes no file.

Example: costcheck check Z51 --set h100_usd=25000
"""

from __future__ import annotations

import argparse

from costcheck.cli.options import (
    PRICES,
    Parser,
    elsewhere,
    given_prices,
    ids_and_files,
    readers_quotes,
    some_path,
)
from costcheck.cli.output import print_verdict, print_verdicts, write_rows
from costcheck.cli.prices import print_used

OPTIONS = (*PRICES, "--format")


def add(parser: Parser) -> None:
    parser.add_argument(
        "articles",
        nargs="*",
        type=some_path,
        metavar="ARTICLE.yaml|ID",
        help="your own articles, or ids of claims, such as Z51",
    )
    parser.add_argument(
        "--changed", action="store_true", help="only the claims that come out otherwise at your prices"
    )


def main(options: argparse.Namespace) -> int:
    from costcheck.claims import articles, load, verdicts
    from costcheck.claims.verdict import COLUMNS
    from costcheck.errors import unknown

    ids, files = ids_and_files(options.articles)
    checked = load(files) if files else articles()
    known = [claim.id for article in checked for claim in article.claims]
    for id_ in ids:
        if id_ not in known:
            raise elsewhere(id_) or unknown("claim", id_, known)
    prices = given_prices(options, checked)
    judged = verdicts(prices, checked)
    shown = [
        verdict
        for verdict in judged
        if (not ids or verdict.claim.id in ids) and (verdict.changed or not options.changed)
    ]
    if options.format != "table":
        rows = [verdict.record() for verdict in shown]
        if options.format == "json":
            for row, verdict in zip(rows, shown, strict=True):
                row |= {"sum": verdict.claim.sum or verdict.claim.fact, "steps": verdict.steps or None}
        write_rows(COLUMNS, rows, options.format)
    elif ids:
        for verdict in shown:
            print_verdict(verdict)
    else:
        print_verdicts(shown, judged, checked)
    if options.format == "table" and (options.as_of or options.book):
        print_used(prices, checked, readers_quotes(options))
    return 0
