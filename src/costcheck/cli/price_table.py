"""Which quote was used for each price, as rows and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.claims import Article
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import Quote

INPUT, OUTPUT, WEIGHT = "_input_usd_per_mtok", "_output_usd_per_mtok", "input_tokens_per_output_token"
LONGEST_SOURCE = 24


def price_rows(
    book: PriceBook, keys: Sequence[str], more: Sequence[Quote] = (), ranges: PriceBook | None = None
) -> list[dict[str, str]]:
    """Describe the quotes that a book has for some prices, as text; ages are in days before the book's date.

    Where both sides of a model's price are among them, their blend follows. The reader's quotes (``more``)
    count for the range, which is that of another book where ``ranges`` is one.
    """
    from costcheck import formulas
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import GIVEN
    from costcheck.text.numbers import number_text

    theirs = PriceBook.article()
    rows = []
    for key in keys:
        quote = book.quote(key)
        low, high = (ranges or book).span(key, more) or (None, None)
        given = quote.source == GIVEN
        age = quote.days_before(book.date) if book.date and not given else None
        rows.append(
            {
                "key": key,
                "article": number_text(theirs[key]) if key in theirs else "",
                "value": number_text(quote.value),
                "low": number_text(low),
                "high": number_text(high),
                "unit": quote.unit,
                "quote_of": "" if given else quote.as_of,
                "days_old": number_text(age),
                "source": quote.source,
                "verification": "" if given else quote.verification,
            }
        )
    for model in [key.removesuffix(INPUT) for key in keys if key.endswith(INPUT)]:
        parts = (f"{model}{INPUT}", f"{model}{OUTPUT}", WEIGHT)
        blend = {
            "key": f"{model} blended {book[WEIGHT]:g}:1",
            "article": number_text(formulas.blended_price(*(theirs[key] for key in parts))),
            "value": number_text(formulas.blended_price(*(book[key] for key in parts))),
            "unit": "USD/Mtok",
            "quote_of": min(book.quote(key).as_of for key in parts[:2]),
            "source": "computed: blended_price",
        }
        rows.append({column: blend.get(column, "") for column in rows[0]})
    return rows


def print_prices(rows: Sequence[Mapping[str, str]], title: str, *, articles: bool = False) -> None:
    """Print the rows of `price_rows` as a table, with the articles' values beside them if wanted."""
    from rich.text import Text

    from costcheck.text.terminal import Column, console, print_table

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
        days = int(row["days_old"] or 0)
        line = [
            row["key"],
            _grouped(row["article"]),
            _grouped(row["value"]),
            f"{_grouped(row['low'])} – {_grouped(row['high'])}" if row["low"] else "",
            row["unit"],
            row["quote_of"],
            "" if not row["days_old"] else "later" if days < 0 else f"{days:,} d",
            _shortened(row["source"]) + _mark(row),
        ]
        cells.append([Text(cell, "yellow" if days < 0 else "") for cell in line])
    if not articles:
        columns, cells = columns[:1] + columns[2:], [line[:1] + line[2:] for line in cells]
    print_table(columns, cells, title=title, elsewhere="costcheck prices --format csv")
    if any(row["days_old"].startswith("-") for row in rows):
        console().print(
            Text("later: no quote so early; the articles' own, or the first there is, stands in", "yellow")
        )


def print_used(
    prices: PriceBook, articles: Sequence[Article], more: Sequence[Quote] = (), *, beside: bool = False
) -> None:
    """Print which quote was used for each price that some articles' claims rest on, and how old it is.

    With ``beside``, standard output is for another program, and this is logged instead.
    """
    from costcheck.claims.article import prices_of

    rows: list[dict[str, str]] = []
    # articles of the same prices together, in the price book's order
    shared = [article for article in articles if not article.own_quotes]
    for group in (shared, *([article] for article in articles if article.own_quotes)):
        book = prices.extended(group[0].own_quotes) if group else prices
        used = set(prices_of(group))
        rows += [
            row for row in price_rows(book, [key for key in book if key in used], more) if row not in rows
        ]
    title = f"prices used: {prices.scenario}"
    if not beside:
        print_prices(rows, title)
        return
    log.note(title)
    for row in rows:
        age = f", {row['days_old']} days old" if row["days_old"] else ""
        log.note(f"{row['key']}={row['value']} {row['unit']} (quote of {row['quote_of']}{age}){_mark(row)}")


def _mark(row: Mapping[str, str]) -> str:
    from costcheck.data.tables import is_unverified

    return " (unverified)" if is_unverified(row["verification"]) else ""


def _grouped(number: str) -> str:
    return f"{float(number):,.8g}" if number else ""


def _shortened(source: str) -> str:
    """Shorten an address in a table; the other formats have it whole."""
    text = source.partition("://")[2] or source
    return text if len(text) <= LONGEST_SOURCE else f"{text[: LONGEST_SOURCE - 1]}…"
