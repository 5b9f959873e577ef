"""``costcheck cache``: show or prune what earlier runs executed."""

from __future__ import annotations

import argparse
from pathlib import Path

from costcheck.cli.options import Commands, subcommand
from costcheck.cli.output import line
from costcheck.errors import InputError
from costcheck.text.waiting import working


def add(commands: Commands) -> None:
    """Add the subcommand."""
    cache = subcommand(
        commands,
        "cache",
        help="show or prune what earlier runs executed",
        description="Show where executed notebooks are kept for later runs, how many and how large; "
        "or remove those unused for 30 days and those of other versions.",
        example="costcheck cache prune --older-than 7",
    )
    cache.add_argument("action", nargs="?", choices=("prune",), help="remove what is old")
    cache.add_argument(
        "--older-than", type=_days, metavar="DAYS", help="prune what was unused for so long (default: 30)"
    )
    cache.add_argument("--all", action="store_true", help="prune everything")
    cache.set_defaults(main=main)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days, 0 or more")
    return days


def main(options: argparse.Namespace) -> int:
    """Run it."""
    import math

    from costcheck.batch import cache
    from costcheck.batch.jobs import environment

    folder = cache.location()
    if options.action == "prune":
        if options.all and options.older_than is not None:
            raise InputError("cache prune: --all and --older-than do not go together")
        days = cache.UNUSED_DAYS if options.older_than is None else options.older_than
        with working(f"pruning {folder}"):
            kept = (None, -math.inf) if options.all else (environment(), days)
            count, size = cache.prune(folder, *kept)
        line(f"{folder}: {count} notebooks removed, {_megabytes(size)} freed")
        return 0
    if options.all or options.older_than is not None:
        raise InputError(f"cache: {'--all' if options.all else '--older-than'} goes with cache prune")
    _print_cache(folder, environment())
    return 0


def _print_cache(folder: Path, environment: str) -> None:
    """Print what is kept, notebook by notebook."""
    from costcheck.batch import cache
    from costcheck.text.terminal import Column, print_table

    by_notebook: dict[str, list[cache.Entry]] = {}
    for entry in cache.entries(folder):
        by_notebook.setdefault(entry.notebook, []).append(entry)
    kept = [entry for each in by_notebook.values() for entry in each]
    line(f"{folder}: {len(kept)} notebooks, {_megabytes(sum(entry.size for entry in kept))}")
    if not kept:
        return
    rows = []
    for name, each in sorted(by_notebook.items()):
        used = [entry.used for entry in each]
        size = f"{sum(entry.size for entry in each) / 1e6:.1f}"
        rows.append((name, str(len(each)), size, _minute(min(used)), _minute(max(used))))
    headings = ("kept", "MB", "longest unused since", "last used")
    print_table([Column("notebook"), *(Column(heading, right=True) for heading in headings)], rows)
    others = sum(entry.environment != environment[:16] for entry in kept)
    if others:
        print(f"of other versions: {others}; costcheck cache prune removes those")


def _minute(seconds: float) -> str:
    import datetime as dt

    return dt.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"
