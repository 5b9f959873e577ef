"""List the prices, or every quote of the prices named.

The list has the articles' value, today's quote, its age and source, and the range that costcheck
sensitivity uses.

Example: costcheck prices h100_usd --plot; costcheck prices --as-of 2024-07-23
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import Parser, chosen_prices, given_day, readers_quotes
from costcheck.cli.output import save, write_rows
from costcheck.errors import InputError

if TYPE_CHECKING:
    from costcheck.claims import Article
    from costcheck.notebook.show import Shown
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import Quote

LONGEST_SOURCE = 24
COLUMNS = ("key", "value", "low", "high", "unit", "as_of", "source", "verification", "note")


OPTIONS = ("--as-of", "--book", "--format", "--plot")


def add(parser: Parser) -> None:
    parser.add_argument("keys", nargs="*", metavar="KEY", help="prices whose quotes to list")


def main(options: argparse.Namespace) -> int:
    from costcheck.data.tables import today
    from costcheck.prices import listing
    from costcheck.prices.book import PriceBook

    keys, more = list(dict.fromkeys(options.keys)), readers_quotes(options)
    date = given_day("--as-of", options.as_of)
    if options.plot and len(keys) != 1:
        raise InputError("--plot draws the history of one price at a time: costcheck prices KEY --plot")
    if not keys:
        book = PriceBook.as_of(date or today(), more)
        # without a date the other commands use the articles' prices
        rows = listing.rows(book, list(book), more, chosen_prices(options))
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
        rows = [{name: getattr(quote, name) for name in COLUMNS} for quote in listed]
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
    from costcheck.text import log
    from costcheck.text.numbers import number_text
    from costcheck.text.terminal import Column, print_table

    described = price_keys()[quotes[0].key]
    columns = [
        Column("as of"),
        *(Column(name, right=True) for name in ("value", "low", "high")),
        *(Column(name, text=True, drop=drop) for drop, name in enumerate(COLUMNS[-2:], 1)),
    ]
    rows = []
    for quote in quotes:
        numbers = map(number_text, (quote.value, quote.low, quote.high))
        rows.append([quote.as_of, *numbers, quote.verification, quote.note or ""])
    title = f"{described.key}: {described.meaning} [{described.unit}]"
    print_table(columns, rows, title=title)
    # an address that a column folds cannot be opened
    sources = "\n".join(f"{quote.as_of}  {quote.source}" for quote in quotes)
    print(log.printable(sources))


def print_prices(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """Print the rows of `listing.rows` as a table."""
    from costcheck.data.tables import is_unverified
    from costcheck.text.terminal import Column, Styled, print_table, say

    columns = [
        Column("price"),
        Column("articles", right=True, drop=2),
        Column("value", right=True),
        Column("range", right=True, drop=3),
        Column("unit"),
        Column("quote of", drop=1),
        Column("age", right=True, drop=4),
        Column("source", drop=5),
    ]
    cells = []
    for row in rows:
        age = row["days_old"]
        early = age is not None and age < 0
        source = row["source"].partition("://")[2] or row["source"]  # the other formats have it whole
        line = [
            row["key"],
            _grouped(row["article"]),
            _grouped(row["value"]),
            "" if row["low"] is None else f"{_grouped(row['low'])} – {_grouped(row['high'])}",
            row["unit"],
            row["quote_of"],
            "" if age is None else "later" if early else f"{age:,} d",
            (source if len(source) <= LONGEST_SOURCE else f"{source[: LONGEST_SOURCE - 1]}…")
            + " (unverified)" * is_unverified(row["verification"]),
        ]
        cells.append([Styled(cell, "yellow" * early) for cell in line])
    print_table(columns, cells, title=title)
    if any((row["days_old"] or 0) < 0 for row in rows):
        say("later: no quote so early; the articles' own, or the first there is, stands in", "yellow")


def print_used(prices: PriceBook, articles: Sequence[Article], more: Sequence[Quote] = ()) -> None:
    """Print which quote was used for each price that some articles' claims rest on, and how old it is."""
    from costcheck.claims.article import prices_of
    from costcheck.prices import listing

    rows: list[dict[str, Any]] = []
    # articles of the same prices together, in the price book's order
    shared = [article for article in articles if not article.own_quotes]
    for group in (shared, *([article] for article in articles if article.own_quotes)):
        book = prices.extended(group[0].own_quotes) if group else prices
        used = set(prices_of(group))
        listed = listing.rows(book, [key for key in book if key in used], more)
        rows += [row for row in listed if row not in rows]
    print_prices(rows, f"prices used: {prices.scenario}")


def _grouped(number: float | None) -> str:
    return "" if number is None else f"{number:,.8g}"
