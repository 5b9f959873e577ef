"""``costcheck compare``: what changed between results."""

from __future__ import annotations

import argparse

from costcheck.cli.options import Commands, add_format_option, add_plot_option, some_path, subcommand
from costcheck.cli.output import save, write_rows
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
    add_format_option(compare)
    add_plot_option(compare, "compared.svg")
    compare.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
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
