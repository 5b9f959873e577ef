"""``costcheck compare``: what changed between results."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from costcheck.cli.options import Commands, subcommand
from costcheck.cli.show import console
from costcheck.errors import InputError, RunError


def add(commands: Commands) -> None:
    """Add the subcommand."""
    compare = subcommand(
        commands,
        "compare",
        help="what changed between results",
        description="Say claim by claim what changed between results, and which prices differ.",
        example="costcheck compare out out/cheaper --figure compared.svg",
    )
    compare.add_argument(
        "results",
        nargs="+",
        type=Path,
        metavar="RESULTS",
        help="folders of runs or results.csv files, compared with the first; or one of several scenarios",
    )
    compare.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    compare.add_argument(
        "--figure", type=Path, metavar="FILE", help="draw it as well, to a file ending in .svg or .png"
    )
    compare.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck import compare

    if options.figure and options.figure.suffix.lower() not in (".svg", ".png"):
        raise InputError(f"--figure {options.figure}: the file's name must end in .svg or .png")
    results = compare.read(options.results)
    found = compare.changes(results)
    if options.format == "table":
        compare.show(results, found, console())
    elif options.format == "json":
        import json

        print(json.dumps([change.row() for change in found], ensure_ascii=False, indent=1))
    else:
        import csv

        writer = csv.DictWriter(sys.stdout, compare.HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change.row() for change in found)
    if options.figure:
        try:
            compare.save(compare.draw(results, found), options.figure)
        except OSError as error:
            raise RunError(f"{options.figure}: cannot be written ({error.strerror})") from error
    return 0
