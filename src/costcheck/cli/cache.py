"""Show where executed notebooks are kept for later runs, how many and how large.

Or remove those unused for 30 days and those of other versions.

Example: costcheck cache prune --older-than 7
"""

from __future__ import annotations

import argparse
import math

from costcheck.cli.options import Parser, number
from costcheck.cli.output import line
from costcheck.errors import InputError
from costcheck.text.waiting import working


def add(parser: Parser) -> None:
    parser.add_argument("action", nargs="?", choices=("prune",), help="remove what is old")
    which = parser.add_mutually_exclusive_group()
    days = number("number of days", 0, 10**6, float)
    words = "prune what was unused for so long (default: 30)"
    which.add_argument("--older-than", type=days, metavar="DAYS", help=words)
    which.add_argument("--all", action="store_true", help="prune everything")


def main(options: argparse.Namespace) -> int:
    from costcheck.batch import cache
    from costcheck.batch.jobs import environment

    folder, days = cache.location(), options.older_than
    if options.action:
        days = cache.UNUSED_DAYS if days is None else days
        with working(f"pruning {folder}"):
            count, size = cache.prune(folder, *((None, -math.inf) if options.all else (environment(), days)))
        line(f"{folder}: {count} notebooks removed, {size / 1e6:,.1f} MB freed")
        return 0
    if options.all or days is not None:
        raise InputError(f"{'--all' if options.all else '--older-than'} goes with cache prune")
    kept = list(cache.entries(folder))
    size = sum(entry.size for entry in kept)
    others = sum(entry.environment != environment()[:16] for entry in kept)
    line(f"{folder}: {len(kept)} notebooks, {size / 1e6:,.1f} MB, of other versions: {others}")
    return 0
