"""Say claim by claim what changed between results, and which prices differ.

Example: costcheck compare out out/cheaper --plot compared.svg
"""

from __future__ import annotations

import argparse

from costcheck.cli.options import Parser, some_path
from costcheck.cli.output import save, write_rows
from costcheck.text.waiting import working

OPTIONS = ("--format", "--plot")


def add(parser: Parser) -> None:
    parser.add_argument(
        "results",
        nargs="+",
        type=some_path,
        metavar="RESULTS",
        help="folders of runs or results.csv files, compared with the first; one alone, with the articles",
    )


def main(options: argparse.Namespace) -> int:
    from costcheck.results import comparison

    with working("reading and comparing results"):
        results = comparison.read(options.results)
        changes = comparison.changes(results)
    if options.format == "table":
        comparison.show(results, changes)
    else:
        write_rows(comparison.HEADER, [change.row() for change in changes], options.format)
    if options.plot:
        save(comparison.draw(results, changes), options.plot)
    return 0
