"""``costcheck prices``: the price book, or the history of some of its prices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from costcheck.cli.options import Commands, as_of, chosen_prices, dated, plotted, readers_quotes, subcommand
from costcheck.cli.output import console, file_name, price_rows, print_prices, save
from costcheck.errors import InputError

if TYPE_CHECKING:
    from costcheck.prices.quotes import Quote

QUOTE = ("key", "value", "low", "high", "unit", "as_of", "source", "verification", "note")


def add(commands: Commands) -> None:
    """Add the subcommand."""
    prices = subcommand(
        commands,
        "prices",
        help="the price book; costcheck prices import adds quotes of a public feed to one of yours",
        description="List the prices with the articles' value, today's quote, its age and source, and the "
        "range that costcheck sensitivity uses; or every quote of the prices named.",
        example="costcheck prices h100_usd --plot; costcheck prices --as-of 2024-07-23",
    )
    prices.add_argument("keys", nargs="*", metavar="KEY", help="prices whose quotes to show")
    dated(prices)
    plotted(prices, "KEY.svg")
    prices.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    prices.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.data.tables import today
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import history

    more = readers_quotes(options)
    date = as_of(options)
    if options.keys:
        found = {key: history(key, more) for key in dict.fromkeys(options.keys)}
        for key, quotes in found.items():
            found[key] = [one for one in quotes if date is None or one.as_of <= date]
            if not found[key]:
                first = f"; its first is of {quotes[0].as_of}" if quotes else ""
                raise InputError(f"{key}: no quote on or before {date}{first}")
        return _print_history(found, options)
    if options.plot:
        raise InputError("--plot draws the history of one price: costcheck prices KEY --plot")
    book = PriceBook.as_of(date or today(), more)
    # without a date the other commands use the articles' prices
    rows = price_rows(book, list(book), more, chosen_prices(date, more, options.book))
    if options.format == "table":
        print_prices(rows, f"quotes of {book.date}", articles=True)
    else:
        _print_rows(rows, options.format)
    return 0


def _print_history(found: dict[str, list[Quote]], options: argparse.Namespace) -> int:
    if options.plot and len(found) > 1:
        raise InputError(f"--plot draws one price at a time, not {', '.join(found)}")
    if options.format == "table":
        for quotes in found.values():
            _print_quotes(quotes)
    else:
        from costcheck.text.numbers import number_text

        _print_rows(
            [
                {
                    name: number_text(cell) if isinstance(cell, float) else cell or ""
                    for name in QUOTE
                    for cell in (getattr(quote, name),)
                }
                for quotes in found.values()
                for quote in quotes
            ],
            options.format,
        )
    if options.plot:
        ((key, quotes),) = found.items()
        save(_drawn(key, quotes), file_name(options.plot, key))
    return 0


def _drawn(key: str, quotes: Sequence[Quote]):  # type: ignore[no-untyped-def]
    from costcheck.notebook import show
    from costcheck.notebook.plots.prices import price_history
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import price_keys
    from costcheck.text.numbers import readable

    theirs = PriceBook.article().quote(key)
    first, last = quotes[0], quotes[-1]
    described = price_keys()[key]
    meaning = described.meaning[0].upper() + described.meaning[1:]
    title = f"{meaning}: {readable(last.value, last.unit)} on {last.as_of}"
    alt = (
        f"{len(quotes)} quotes of {key} from {first.as_of} ({readable(first.value, first.unit)}) to "
        f"{last.as_of} ({readable(last.value, last.unit)}); the articles' value is "
        f"{readable(theirs.value, theirs.unit)}."
    )
    return show.show(price_history(quotes, theirs, title), key, alt)


def _print_quotes(quotes: Sequence[Quote]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from costcheck.prices.quotes import price_keys
    from costcheck.text.numbers import number_text

    described = price_keys()[quotes[0].key]
    out = console()
    out.print(Text(f"{described.key}: {described.meaning} [{described.unit}]", "bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("as of", no_wrap=True)
    for column in ("value", "low", "high"):
        table.add_column(column, justify="right", no_wrap=True)
    for column in ("source", "verification", "note"):
        table.add_column(column, overflow="fold")
    for quote in quotes:
        numbers = (number_text(number) for number in (quote.value, quote.low, quote.high))
        table.add_row(*map(Text, (quote.as_of, *numbers, quote.source, quote.verification, quote.note or "")))
    out.print(table)


def _print_rows(rows: Sequence[dict[str, str]], format: str) -> None:
    if format == "json":
        import json

        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    from costcheck.text.spreadsheets import csv_text

    sys.stdout.write(csv_text(list(rows[0]) if rows else QUOTE, rows))
