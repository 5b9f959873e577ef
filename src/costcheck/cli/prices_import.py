"""``costcheck prices import``: quotes from a public feed into a price book of the reader's."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import Commands, subcommand
from costcheck.cli.output import working
from costcheck.errors import InputError
from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.prices.feeds import Reading
    from costcheck.prices.own_file import Changes

LISTED = 10
"""How many of the rows left out or unreadable are listed."""
HEADER = ("key", "unit", "new", "replaced", "first", "last", "before", "after", "percent")


def add(commands: Commands) -> None:
    """Add the subcommand."""
    made = subcommand(
        commands,
        "prices import",
        help="quotes from a public price feed into a book of yours",
        description="Read a public price feed, show what it would change in a price book of yours, and "
        "write it once you agree. A row that is left out is counted with the reason; none is guessed.",
        example="costcheck prices import ecb eurofxref-hist.zip --book my_prices.csv",
    )
    plain = made.format_help
    # only once it is asked for: every command makes this parser, and none should wait for the feeds
    made.format_help = lambda: f"{plain()}\n{_feeds()}\n"  # type: ignore[method-assign]
    made.add_argument("feed", metavar="FEED", help="the feed's name, as listed below")
    made.add_argument("source", metavar="FILE_OR_ADDRESS", help="a file, or an address (https:// or http://)")
    made.add_argument(
        "--book",
        type=Path,
        default=Path("my_prices.csv"),
        metavar="FILE",
        help="your price book, made if there is none (default: my_prices.csv)",
    )
    made.add_argument(
        "--date",
        metavar="YYYY-MM-DD",
        help="the day the prices are of, for a feed whose rows carry no date "
        "(needed for a file; default for an address: today, UTC)",
    )
    made.add_argument("--yes", action="store_true", help="write without asking")
    made.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    made.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.data import files
    from costcheck.prices import feeds, own_file

    described = feeds.feed(options.feed)
    date = _date(described, options.date, feeds.is_address(options.source))
    path: Path = options.book
    _hold_book(path)
    existing = own_file.read(path) if path.exists() else []
    data, called = feeds.open_feed(described.name, options.source)
    with working(f"reading {called}"):
        found = feeds.read(described.name, data, called, date)
        changes = own_file.merged(existing, found.quotes)
    rows = _rows(existing, changes)
    written = False
    if options.format == "table":
        _show(found, changes, rows, path)
    elif options.format == "csv":
        left = sum(found.skipped.values())
        log.note(f"{_counted(found)}, {left:,} skipped, {len(found.unreadable):,} unreadable")
    unasked = False
    if changes.added or changes.replaced:
        if options.yes or (sys.stdin.isatty() and _agreed(path)):
            # a link's target, as `book.write` takes it
            with files.alone(Path(os.path.realpath(path))):
                if (own_file.read(path) if path.exists() else []) != existing:
                    raise InputError(f"{path}: changed in the meantime; nothing was written, run it again")
                own_file.write(path, changes.quotes)
            written = True
            log.note(f"wrote {path}: {len(changes.quotes):,} quotes. Use it: costcheck check --book {path}")
        elif not sys.stdin.isatty():
            log.note(f"{path} was not touched: without a terminal to ask on, say --yes to write")
            unasked = True
        else:
            log.note(f"{path} was not touched")
    else:
        log.note(f"{path} has all of it already")
    if options.format == "json":
        import json

        print(json.dumps(_summary(found, changes, rows, path, written), ensure_ascii=False, indent=1))
    elif options.format == "csv":
        import csv

        writer = csv.DictWriter(sys.stdout, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return 1 if unasked else 0


def _feeds() -> str:
    from costcheck.prices.feeds.known import FEEDS

    return "feeds, their terms and addresses:\n" + "\n".join(
        f"  {feed.name:<11}{feed.title}; terms: {feed.terms}\n{'':13}{feed.address}"
        for feed in FEEDS.values()
    )


def _date(feed: Any, given: str | None, fetched: bool) -> str | None:
    """Say for which day the prices hold."""
    from costcheck.data.tables import is_date, today

    if feed.dated:
        if given is not None:
            raise InputError(f"--date {given}: the rows of {feed.name} carry their own dates; leave it away")
        return None
    if given is None:
        if fetched:
            return today()
        raise InputError(
            f"{feed.name}: the file does not say which day its prices are of; give --date YYYY-MM-DD, "
            "the day it was fetched"
        )
    if not is_date(given):
        raise InputError(f"--date {given}: not a date YYYY-MM-DD")
    if given > today():
        raise InputError(f"--date {given}: in the future; today is {today()}")
    return given


def _hold_book(path: Path) -> None:
    from costcheck.data.tables import home

    try:
        path.stat()
    except FileNotFoundError:
        pass  # it will be made
    except OSError as error:  # such as a link that leads to itself
        raise InputError(f"--book {path}: cannot be read ({error.strerror})") from error
    if path.resolve().is_relative_to(home("data").resolve()):
        raise InputError(f"--book {path}: belongs to the package; give a file of yours")
    if path.is_dir():
        raise InputError(f"--book {path}: a folder, not a file")
    if not path.parent.is_dir():
        raise InputError(f"--book {path}: there is no folder {path.parent}")


def _agreed(path: Path) -> bool:
    print(f"Write this to {log.one_line(str(path))}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _rows(existing: Sequence[Any], changes: Changes) -> list[dict[str, Any]]:
    """Say for each key what changes: how many quotes, of which days, and the value on the last of these."""
    # the same choice as `check` makes, so that what is shown is what is used
    from costcheck.prices.quotes import latest, price_keys, quotes

    rows = []
    for key, described in price_keys().items():
        added = [quote for quote in changes.added if quote.key == key]
        replaced = [after for _, after in changes.replaced if after.key == key]
        if not added and not replaced:
            continue
        days = sorted(quote.as_of for quote in added + replaced)
        # where the reader's book has none yet, what it will be used instead of
        last = latest(existing, days[-1]).get(key) or latest(quotes(), days[-1]).get(key)
        before = last.value if last else None
        after = latest(changes.quotes, days[-1])[key].value
        rows.append(
            {
                "key": key,
                "unit": described.unit,
                "new": len(added),
                "replaced": len(replaced),
                "first": days[0],
                "last": days[-1],
                "before": before,
                "after": after,
                "percent": round((after / before - 1) * 100, 2) if before else None,
            }
        )
    return rows


def _show(found: Reading, changes: Changes, rows: Sequence[dict[str, Any]], path: Path) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from costcheck.cli.output import console
    from costcheck.prices.feeds.parsing import NO_PRICE, ZERO

    out = console()
    said = [_counted(found)]
    said += [f"  {count:>7,} skipped: {reason}" for reason, count in found.skipped.most_common()]
    said += [f"  {count:>7,} gaps: {reason}" for reason, count in found.gaps.most_common()]
    if found.unreadable:
        said.append(f"  {len(found.unreadable):>7,} unreadable")
    # a price that a known id ought to have comes first
    expected = sorted(found.left_out, key=lambda line: not line.endswith((ZERO, NO_PRICE)))
    said += _listed("Skipped where you might expect a price:", expected)
    said += _listed("Unreadable:", found.unreadable)
    out.print(Text("\n".join(said)))
    if not rows:
        return
    out.print(Text(f"What would change in {path}:"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("price", "quotes", "days", "before, after"):
        table.add_column(column, no_wrap=column == "price")
    for row in rows:
        counts = [f"{row[name]:,} {name}" for name in ("new", "replaced") if row[name]]
        days = row["first"] if row["first"] == row["last"] else f"{row['first']} to {row['last']}"
        before, after = ("–" if row[name] is None else f"{row[name]:,.6g}" for name in ("before", "after"))
        percent = "" if row["percent"] is None else f" ({row['percent']:+.1f} %)"
        table.add_row(row["key"], ", ".join(counts), days, f"{before} → {after}{percent}")
    out.print(table)
    if changes.unchanged:
        out.print(Text(f"{changes.unchanged:,} quotes are there already, unchanged."))
    out.print(Text("Before and after: as of the last day; before is the package's where your book has none."))
    out.print(Text(f"Terms of the feed: {found.feed.terms}."))


def _counted(found: Reading) -> str:
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    return f"{found.feed.title}, {found.name}: {rows} read, {found.taken:,} taken"


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - LISTED:,} more"] if len(lines) > LISTED else []
    return [title, *(f"  {line}" for line in lines[:LISTED]), *more]


def _summary(
    found: Reading, changes: Changes, rows: Sequence[dict[str, Any]], path: Path, written: bool
) -> dict[str, Any]:
    return {
        "feed": found.feed.name,
        "source": found.name,
        "read": found.rows,
        "taken": found.taken,
        "skipped": dict(found.skipped),
        "gaps": dict(found.gaps),
        "left_out": found.left_out,
        "unreadable": found.unreadable,
        "changes": list(rows),
        "unchanged": changes.unchanged,
        "book": str(path),
        "written": written,
    }
