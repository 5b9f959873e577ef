"""``costcheck prices import``: quotes from a public feed into the reader's own price book."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import Commands, add_format_option, some_path, subcommand
from costcheck.cli.output import write_rows
from costcheck.errors import InputError
from costcheck.text import log
from costcheck.text.waiting import working

if TYPE_CHECKING:
    from costcheck.prices.feeds import Feed, Reading
    from costcheck.prices.own_file import Changes
    from costcheck.prices.quotes import Quote

LISTED = 10
"""How many skipped or unreadable rows are listed."""
HEADER = ("key", "unit", "new", "replaced", "first", "last", "before", "after", "percent")


def add(commands: Commands) -> None:
    """Add the subcommand."""
    made = subcommand(
        commands,
        "prices import",
        help="quotes from a public price feed into your own book",
        description="Read a public price feed, show what it would change in your price book, and write it "
        "after you agree. Rows that are skipped are counted with the reason; nothing is guessed.",
        example="costcheck prices import ecb eurofxref-hist.zip --book my_prices.csv",
    )
    format_help = made.format_help
    # only when it is asked for: every command makes this parser, and none should wait for the feeds
    made.format_help = lambda: f"{format_help()}\n{_feeds()}\n"  # type: ignore[method-assign]
    made.add_argument("feed", metavar="FEED", help="the feed's name, as listed below")
    made.add_argument("source", metavar="FILE_OR_ADDRESS", help="a file, or an address (https:// or http://)")
    made.add_argument(
        "--book",
        type=some_path,
        default=Path("my_prices.csv"),
        metavar="FILE",
        help="your price book, created if missing (default: my_prices.csv)",
    )
    made.add_argument(
        "--date",
        metavar="YYYY-MM-DD",
        help="the day of the prices, for a feed whose rows carry no date "
        "(needed for a file; default for an address: today, UTC)",
    )
    made.add_argument("--yes", action="store_true", help="write without asking")
    add_format_option(made)
    made.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.prices import feeds, own_file

    feed = feeds.feed(options.feed)
    date = _date(feed, options.date, feeds.is_address(options.source))
    path: Path = options.book
    _validate_book(path)
    existing = own_file.read(path) if path.exists() else []
    data, called = feeds.open_feed(feed.name, options.source)
    with working(f"reading {called}"):
        reading = feeds.read(feed.name, data, called, date)
        changes = own_file.merged(existing, reading.quotes)
    rows = _rows(existing, changes)
    if options.format == "table":
        _show(reading, changes, rows, path)
    elif options.format == "csv":
        skipped = sum(reading.skipped.values())
        log.note(f"{_counted(reading)}, {skipped:,} skipped, {len(reading.unreadable):,} unreadable")
    changed, asks = bool(changes.added or changes.replaced), sys.stdin.isatty()
    written = changed and (options.yes or (asks and _agreed(path)))
    if written:
        _write(path, existing, changes)
        log.note(f"wrote {path}: {len(changes.quotes):,} quotes. Use it: costcheck check --book {path}")
    elif not changed:
        log.note(f"{path} is up to date")
    else:
        why = "" if asks else ": there is no terminal to ask on; give --yes to write"
        log.note(f"{path} is unchanged{why}")
    if options.format == "json":
        import json

        print(json.dumps(_summary(reading, changes, rows, path, written), ensure_ascii=False, indent=1))
    elif options.format == "csv":
        write_rows(HEADER, rows, "csv")
    return 1 if changed and not written and not asks else 0


def _write(path: Path, existing: Sequence[Quote], changes: Changes) -> None:
    from costcheck.data import locks
    from costcheck.prices import own_file

    with locks.alone(Path(os.path.realpath(path))):  # own_file writes to a link's target too
        if (own_file.read(path) if path.exists() else []) != existing:
            raise InputError(f"{path}: changed in the meantime; nothing was written, run it again")
        own_file.write(path, changes.quotes)


def _feeds() -> str:
    from costcheck.prices.feeds.known import FEEDS

    return "feeds, their terms and addresses:\n" + "\n".join(
        f"  {feed.name:<11}{feed.title}; terms: {feed.terms}\n{'':13}{feed.address}"
        for feed in FEEDS.values()
    )


def _date(feed: Feed, given: str | None, fetched: bool) -> str | None:
    """Return the day that the prices are of, where the feed's rows have none."""
    from costcheck.data.tables import is_date, today

    if feed.dated and given is not None:
        raise InputError(f"--date {given}: the rows of {feed.name} carry their own dates; leave it out")
    if given is None:
        if feed.dated or fetched:
            return None  # today, where rows have no date
        raise InputError(
            f"{feed.name}: the file does not say which day its prices are of; give --date YYYY-MM-DD, "
            "the day it was fetched"
        )
    if not is_date(given):
        raise InputError(f"--date {given}: not a date YYYY-MM-DD")
    if given > today():
        raise InputError(f"--date {given}: in the future; today is {today()}")
    return given


def _validate_book(path: Path) -> None:
    from costcheck.data.tables import home

    try:
        path.stat()
    except FileNotFoundError:
        pass  # it will be created
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


def _rows(existing: Sequence[Quote], changes: Changes) -> list[dict[str, Any]]:
    """Describe what changes for each key: how many quotes, of which days, and the value on the last day."""
    # the same choice as `check` makes, so that what is shown is what is used
    from costcheck.prices.quotes import latest, packaged_quotes, price_keys

    new, replaced = changes.added, [after for _, after in changes.replaced]
    rows = []
    for key, described in price_keys().items():
        days = sorted(quote.as_of for quote in (*new, *replaced) if quote.key == key)
        if not days:
            continue
        counts = [sum(quote.key == key for quote in quotes) for quotes in (new, replaced)]
        # where the reader's book has none yet, the package's is what it replaces
        last = latest(existing, days[-1]).get(key) or latest(packaged_quotes(), days[-1]).get(key)
        before = last.value if last else None
        after = latest(changes.quotes, days[-1])[key].value
        percent = round((after / before - 1) * 100, 2) if before else None
        cells = (key, described.unit, *counts, days[0], days[-1], before, after, percent)
        rows.append(dict(zip(HEADER, cells, strict=True)))
    return rows


def _show(reading: Reading, changes: Changes, rows: Sequence[dict[str, Any]], path: Path) -> None:
    from rich.text import Text

    from costcheck.prices.feeds.offers import NO_PRICE, ZERO
    from costcheck.text.terminal import Column, console, print_table

    out = console()
    lines = [_counted(reading)]
    lines += [f"  {count:>7,} skipped: {reason}" for reason, count in reading.skipped.most_common()]
    lines += [f"  {count:>7,} gaps: {reason}" for reason, count in reading.gaps.most_common()]
    if reading.unreadable:
        lines.append(f"  {len(reading.unreadable):>7,} unreadable")
    # first the prices that a known id should have
    expected = sorted(reading.left_out, key=lambda line: not line.endswith((ZERO, NO_PRICE)))
    lines += _listed("Skipped where you might expect a price:", expected)
    lines += _listed("Unreadable:", reading.unreadable)
    out.print(Text("\n".join(lines)))
    if not rows:
        return
    cells = []
    for row in rows:
        counts = ", ".join(f"{row[name]:,} {name}" for name in ("new", "replaced") if row[name])
        days = row["first"] if row["first"] == row["last"] else f"{row['first']} to {row['last']}"
        before, after = ("–" if row[name] is None else f"{row[name]:,.6g}" for name in ("before", "after"))
        percent = "" if row["percent"] is None else f" ({row['percent']:+.1f} %)"
        cells.append((row["key"], counts, days, f"{before} → {after}{percent}"))
    columns = [Column("price"), Column("quotes", drop=2), Column("days", drop=1), Column("before, after")]
    print_table(columns, cells, title=f"What would change in {path}:", elsewhere="--format csv")
    if changes.unchanged:
        out.print(Text(f"{changes.unchanged:,} quotes are already there, unchanged."))
    out.print(Text("Before and after: as of the last day; before is the package's where your book has none."))
    out.print(Text(f"Terms of the feed: {reading.feed.terms}."))


def _counted(reading: Reading) -> str:
    rows = "1 row" if reading.rows == 1 else f"{reading.rows:,} rows"
    return f"{reading.feed.title}, {reading.name}: {rows} read, {reading.taken:,} taken"


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - LISTED:,} more"] if len(lines) > LISTED else []
    return [title, *(f"  {line}" for line in lines[:LISTED]), *more] if lines else []


def _summary(
    reading: Reading, changes: Changes, rows: Sequence[dict[str, Any]], path: Path, written: bool
) -> dict[str, Any]:
    return {
        "feed": reading.feed.name,
        "source": reading.name,
        "read": reading.rows,
        **{name: getattr(reading, name) for name in ("taken", "skipped", "gaps", "left_out", "unreadable")},
        "changes": list(rows),
        "unchanged": changes.unchanged,
        "book": str(path),
        "written": written,
    }
