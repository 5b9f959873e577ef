"""``costcheck prices``: the price book, or the history of some of its prices."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from costcheck.cli.options import (
    Commands,
    add_date_options,
    add_format_option,
    add_plot_option,
    as_of,
    chosen_prices,
    readers_quotes,
    subcommand,
)
from costcheck.cli.output import save, write_rows
from costcheck.cli.price_table import price_rows, print_prices
from costcheck.errors import InputError

if TYPE_CHECKING:
    from costcheck.notebook.show import Shown
    from costcheck.prices.quotes import Quote

COLUMNS = ("key", "value", "low", "high", "unit", "as_of", "source", "verification", "note")


def add(commands: Commands) -> None:
    """Add the subcommand."""
    prices = subcommand(
        commands,
        "prices",
        help="the price book; costcheck prices import adds quotes of a public feed to your own",
        description="List the prices with the articles' value, today's quote, its age and source, and the "
        "range that costcheck sensitivity uses; or every quote of the prices named.",
        example="costcheck prices h100_usd --plot; costcheck prices --as-of 2024-07-23",
    )
    prices.add_argument("keys", nargs="*", metavar="KEY", help="prices whose quotes to list")
    add_date_options(prices)
    add_plot_option(prices, "KEY.svg")
    add_format_option(prices)
    prices.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.data.tables import today
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import history

    more = readers_quotes(options)
    date = as_of(options)
    if options.keys:
        quotes_by_key = {}
        for key in dict.fromkeys(options.keys):
            quotes = history(key, more)
            quotes_by_key[key] = [quote for quote in quotes if date is None or quote.as_of <= date]
            if not quotes_by_key[key]:
                first = f"; its first is of {quotes[0].as_of}" if quotes else ""
                raise InputError(f"{key}: no quote on or before {date}{first}")
        return _print_history(quotes_by_key, options)
    if options.plot:
        raise InputError("--plot draws the history of one price: costcheck prices KEY --plot")
    book = PriceBook.as_of(date or today(), more)
    # without a date the other commands use the articles' prices
    rows = price_rows(book, list(book), more, chosen_prices(date, more, options.book))
    if options.format == "table":
        print_prices(rows, f"quotes of {book.date}", articles=True)
    else:
        write_rows(list(rows[0]), rows, options.format)
    return 0


def _print_history(quotes_by_key: dict[str, list[Quote]], options: argparse.Namespace) -> int:
    from costcheck.text.numbers import number_text

    if options.plot and len(quotes_by_key) > 1:
        raise InputError(f"--plot draws one price at a time, not {', '.join(quotes_by_key)}")
    if options.format == "table":
        for quotes in quotes_by_key.values():
            _print_quotes(quotes)
    else:
        rows = [
            {name: number_text(getattr(quote, name)) for name in COLUMNS}
            for quotes in quotes_by_key.values()
            for quote in quotes
        ]
        write_rows(COLUMNS, rows, options.format)
    if options.plot:
        ((key, quotes),) = quotes_by_key.items()
        save(_drawn(key, quotes), options.plot.with_name(options.plot.name.replace("KEY", key)))
    return 0


def _drawn(key: str, quotes: Sequence[Quote]) -> Shown:
    from costcheck.notebook import show
    from costcheck.notebook.plots.prices import price_history
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import price_keys
    from costcheck.text.numbers import readable

    theirs = PriceBook.article().quote(key)
    first, last = quotes[0], quotes[-1]
    meaning = price_keys()[key].meaning
    title = f"{meaning[0].upper()}{meaning[1:]}: {readable(last.value, last.unit)} on {last.as_of}"
    alt = (
        f"{len(quotes)} quotes of {key} from {first.as_of} ({readable(first.value, first.unit)}) to "
        f"{last.as_of} ({readable(last.value, last.unit)}); the articles' value is "
        f"{readable(theirs.value, theirs.unit)}."
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
        Column("source", text=True, drop=1),
        Column("verification", text=True, drop=2),
        Column("note", text=True, drop=3),
    ]
    rows = []
    for quote in quotes:
        numbers = map(number_text, (quote.value, quote.low, quote.high))
        rows.append([quote.as_of, *numbers, quote.source, quote.verification, quote.note or ""])
    title = f"{described.key}: {described.meaning} [{described.unit}]"
    print_table(columns, rows, title=title, elsewhere="--format csv")
