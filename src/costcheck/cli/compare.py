"""``costcheck compare``: what changed between results."""

from __future__ import annotations

import argparse
import sys

from costcheck.cli.options import Commands, add_plot_option, some_path, subcommand
from costcheck.cli.output import save
from costcheck.text.waiting import working


def add(commands: Commands) -> None:
    """Add the subcommand."""
    compare = subcommand(
        commands,
        "compare",
        help="what changed between results",
        description="Say claim by claim what changed between results, and which prices differ.",
        example="costcheck compare out out/cheaper --plot compared.svg",
    )
    compare.add_argument(
        "results",
        nargs="+",
        type=some_path,
        metavar="RESULTS",
        help="folders of runs or results.csv files, compared with the first; or one of several scenarios",
    )
    compare.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    add_plot_option(compare, "compared.svg")
    compare.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.results import comparison

    with working("reading and comparing results"):
        results = comparison.read(options.results)
        found = comparison.changes(results)
    if options.format == "table":
        comparison.show(results, found)
    elif options.format == "json":
        import json

        print(json.dumps([change.row() for change in found], ensure_ascii=False, indent=1))
    else:
        from costcheck.text.spreadsheets import csv_text

        sys.stdout.write(csv_text(comparison.HEADER, (change.row() for change in found)))
    if options.plot:
        save(comparison.draw(results, found), options.plot)
    return 0
