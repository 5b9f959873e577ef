"""The price book; costcheck prices import adds quotes of a public feed to your own.

List the prices with the articles' value, today's quote, its age and source, and the range that costcheck
sensitivity uses; or every quote of the prices named.

Example: costcheck prices h100_usd --plot; costcheck prices --as-of 2024-07-23
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from costcheck.cli.options import (
    Parser,
    chosen_prices,
    given_day,
    readers_quotes,
)
from costcheck.cli.output import save, write_rows
from costcheck.cli.price_table import price_rows, print_prices
from costcheck.errors import InputError

if TYPE_CHECKING:
    from costcheck.notebook.show import Shown
    from costcheck.prices.quotes import Quote

COLUMNS = ("key", "value", "low", "high", "unit", "as_of", "source", "verification", "note")


OPTIONS = ("--as-of", "--book", "--format", "--plot")


def add(parser: Parser) -> None:
    parser.add_argument("keys", nargs="*", metavar="KEY", help="prices whose quotes to list")


def main(options: argparse.Namespace) -> int:
    from costcheck.data.tables import today
    from costcheck.prices.book import PriceBook
    from costcheck.text.numbers import number_text

    keys, more, date = (
        list(dict.fromkeys(options.keys)),
        readers_quotes(options),
        given_day("--as-of", options.as_of),
    )
    if options.plot and len(keys) != 1:
        raise InputError("--plot draws the history of one price at a time: costcheck prices KEY --plot")
    if not keys:
        book = PriceBook.as_of(date or today(), more)
        # without a date the other commands use the articles' prices
        rows = price_rows(book, list(book), more, chosen_prices(options))
        if options.format == "table":
            print_prices(rows, f"quotes of {book.date}")
        else:
            write_rows(list(rows[0]), rows, options.format)
        return 0
    histories = [_history(key, more, date) for key in keys]
    if options.format == "table":
        for quotes in histories:
            _print_quotes(quotes)
    else:
        listed = (quote for quotes in histories for quote in quotes)
        rows = [{name: number_text(getattr(quote, name)) for name in COLUMNS} for quote in listed]
        write_rows(COLUMNS, rows, options.format)
    if options.plot:
        save(_drawn(keys[0], histories[0]), options.plot)
    return 0


def _history(key: str, more: Sequence[Quote], date: str | None) -> list[Quote]:
    from costcheck.prices.quotes import history

    quotes = history(key, more)
    by_then = [quote for quote in quotes if date is None or quote.as_of <= date]
    if not by_then:
        first = f"; its first is of {quotes[0].as_of}" if quotes else ""
        raise InputError(f"{key}: no quote on or before {date}{first}")
    return by_then


def _drawn(key: str, quotes: Sequence[Quote]) -> Shown:
    from costcheck.notebook import show
    from costcheck.notebook.plots.prices import price_history
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import price_keys
    from costcheck.text.numbers import readable

    theirs = PriceBook.article().quote(key)
    meaning = price_keys()[key].meaning
    values = [readable(quote.value, quote.unit) for quote in (quotes[0], quotes[-1], theirs)]
    title = f"{meaning[0].upper()}{meaning[1:]}: {values[1]} on {quotes[-1].as_of}"
    alt = (
        f"{len(quotes)} quotes of {key} from {quotes[0].as_of} ({values[0]}) to {quotes[-1].as_of} "
        f"({values[1]}); the articles' value is {values[2]}."
    )
    return show.show(price_history(quotes, theirs, title), key, alt)


def _print_quotes(quotes: Sequence[Quote]) -> None:
    from costcheck.prices.quotes import price_keys
    from costcheck.text.numbers import number_text
    from costcheck.text.terminal import Column, print_table

    described = price_keys()[quotes[0].key]
    columns = [
        Column("as of"),
        *(Column(name, right=True) for name in ("value", "low", "high")),
        *(Column(name, text=True, drop=drop) for drop, name in enumerate(COLUMNS[-3:], 1)),
    ]
    rows = []
    for quote in quotes:
        numbers = map(number_text, (quote.value, quote.low, quote.high))
        rows.append([quote.as_of, *numbers, quote.source, quote.verification, quote.note or ""])
    title = f"{described.key}: {described.meaning} [{described.unit}]"
    print_table(columns, rows, title=title)
