"""Read a public price feed, show what it would change in your price book, and write it after you agree.

Rows that are skipped are counted with the reason; nothing is guessed.

Example: costcheck prices import ecb eurofxref-hist.zip --book my_prices.csv
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import Parser, given_day, some_path
from costcheck.cli.output import write_rows
from costcheck.errors import InputError
from costcheck.text import log
from costcheck.text.waiting import working

if TYPE_CHECKING:
    from costcheck.prices.feeds import Reading
    from costcheck.prices.own_file import Changes

LISTED = 10
"""How many skipped or unreadable rows are listed."""


OPTIONS = ("--format",)


def add(parser: Parser) -> None:
    parser.format_help = lambda: _help(parser)  # type: ignore[method-assign]
    parser.add_argument("feed", metavar="FEED", help="the feed's name, as listed below")
    parser.add_argument(
        "source", metavar="FILE_OR_ADDRESS", help="a file, or an address (https:// or http://)"
    )
    book, words = Path("my_prices.csv"), "your price book, created if missing (default: my_prices.csv)"
    parser.add_argument("--book", type=some_path, default=book, metavar="FILE", help=words)
    words = "the day of the prices, for a feed whose rows carry no date (default for an address: today, UTC)"
    parser.add_argument("--date", metavar="YYYY-MM-DD", help=words)
    parser.add_argument("--yes", action="store_true", help="write without asking")


def _help(parser: Parser) -> str:
    # imported where it is asked for: every command makes this parser, and none should wait for the feeds
    from costcheck.prices.feeds.catalogue import FEEDS

    lines = [type(parser).format_help(parser), "feeds, their terms and addresses:"]
    for feed in FEEDS.values():
        lines += [f"  {feed.name:<11}{feed.title}; terms: {feed.terms}", f"{'':13}{feed.address}"]
    return "\n".join([*lines, ""])


def main(options: argparse.Namespace) -> int:
    from costcheck.data import locks
    from costcheck.data.tables import home
    from costcheck.prices import feeds, listing, own_file

    feed, date = feeds.feed(options.feed), given_day("--date", options.date)
    if feed.dated and date:
        raise InputError(f"--date {date}: the rows of {feed.name} carry their own dates; leave it out")
    if not feed.dated and not date and not feeds.is_address(options.source):
        raise InputError(
            f"{feed.name}: the rows carry no date; give --date YYYY-MM-DD, the day of the prices"
        )
    path: Path = options.book
    target = Path(os.path.realpath(path))
    if target.is_relative_to(home("data").resolve()):
        raise InputError(f"--book {path}: belongs to the package; give a file of yours")
    if not target.parent.is_dir():
        raise InputError(f"--book {path}: there is no folder {path.parent}")
    existing = own_file.read(path) if os.path.lexists(path) else []
    data, called = feeds.open_feed(feed.name, options.source)
    with working(f"reading {called}"):
        reading = feeds.read(feed.name, data, called, date)
        changes = own_file.merged(existing, reading.quotes)
    rows = listing.changed(existing, changes)
    if options.format == "table":
        _show(reading, changes, rows, path)
    else:
        write_rows(listing.CHANGED, rows, options.format)
        skipped = sum(reading.skipped.values())
        log.note(f"{_counted(reading)}, {skipped:,} skipped, {len(reading.unreadable):,} unreadable")
    changed, asks = bool(changes.added or changes.replaced), sys.stdin.isatty()
    if changed and asks and not options.yes:
        print(f"Write this to {log.one_line(str(path))}? [y/N] ", end="", file=sys.stderr, flush=True)
        options.yes = sys.stdin.readline().strip().lower() in ("y", "yes")
    if written := changed and options.yes:
        with locks.alone(target):
            if (own_file.read(path) if path.exists() else []) != existing:
                raise InputError(f"{path}: changed in the meantime; nothing was written, run it again")
            own_file.write(path, changes.quotes)
        log.note(f"wrote {path}: {len(changes.quotes):,} quotes. Use it: costcheck check --book {path}")
    elif not changed:
        log.note(f"{path} is up to date")
    else:
        why = "" if asks else ": there is no terminal to ask on; give --yes to write"
        log.note(f"{path} is unchanged{why}")
    return 1 if changed and not written and not asks else 0


def _show(reading: Reading, changes: Changes, rows: Sequence[dict[str, Any]], path: Path) -> None:
    from costcheck.prices.feeds.reading import NO_PRICE, ZERO
    from costcheck.text.terminal import Column, print_table, say

    counts = [("skipped", reading.skipped), ("gaps", reading.gaps)]
    lines = [_counted(reading)]
    lines += [f"  {n:>7,} {what}: {why}" for what, reasons in counts for why, n in reasons.most_common()]
    # first the prices that a known id should have
    expected = sorted(reading.left_out, key=lambda line: not line.endswith((ZERO, NO_PRICE)))
    titles = {
        "Skipped where you might expect a price": expected,
        "Unreadable or duplicate": reading.unreadable,
    }
    for title, listed in titles.items():
        if listed:
            more = [f"and {len(listed) - LISTED:,} more"] if len(listed) > LISTED else []
            lines += [f"{title} ({len(listed):,}):", *(f"  {line}" for line in [*listed[:LISTED], *more])]
    say("\n".join(lines))
    if not rows:
        return
    cells = []
    for row in rows:
        quotes = ", ".join(f"{row[name]:,} {name}" for name in ("new", "replaced") if row[name])
        days = row["first"] if row["first"] == row["last"] else f"{row['first']} to {row['last']}"
        before, after = ("–" if row[name] is None else f"{row[name]:,.6g}" for name in ("before", "after"))
        percent = "" if row["percent"] is None else f" ({row['percent']:+.1f} %)"
        cells.append((row["key"], quotes, days, f"{before} → {after}{percent}"))
    columns = [Column("price"), Column("quotes", drop=2), Column("days", drop=1), Column("before, after")]
    print_table(columns, cells, title=f"What would change in {path}:")
    if changes.unchanged:
        say(f"{changes.unchanged:,} quotes are already there, unchanged.")
    say("Before and after: as of the last day; before is the package's where your book has none.")
    say(f"Terms of the feed: {reading.feed.terms}.")


def _counted(reading: Reading) -> str:
    rows = "1 row" if reading.rows == 1 else f"{reading.rows:,} rows"
    return f"{reading.feed.title}, {reading.name}: {rows} read, {reading.taken:,} taken"
