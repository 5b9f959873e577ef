"""Which quote was used for each price, as rows and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

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
        rows.append(
            {
                "key": key,
                "article": number_text(theirs[key]) if key in theirs else "",
                "value": number_text(quote.value),
                "low": number_text(low),
                "high": number_text(high),
                "unit": quote.unit,
                "quote_of": "" if given else quote.as_of,
                "days_old": "" if given or not book.date else str(quote.days_before(book.date)),
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
        rows.append(dict.fromkeys(rows[0], "") | blend)
    return rows


def print_prices(rows: Sequence[Mapping[str, str]], title: str) -> None:
    """Print the rows of `price_rows` as a table."""
    from rich.text import Text

    from costcheck.data.tables import is_unverified
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
        early = row["days_old"].startswith("-")
        source = row["source"].partition("://")[2] or row["source"]  # the other formats have it whole
        line = [
            row["key"],
            _grouped(row["article"]),
            _grouped(row["value"]),
            f"{_grouped(row['low'])} – {_grouped(row['high'])}" if row["low"] else "",
            row["unit"],
            row["quote_of"],
            "later" if early else f"{int(row['days_old']):,} d" if row["days_old"] else "",
            (source if len(source) <= LONGEST_SOURCE else f"{source[: LONGEST_SOURCE - 1]}…")
            + " (unverified)" * is_unverified(row["verification"]),
        ]
        cells.append([Text(cell, "yellow" * early) for cell in line])
    print_table(columns, cells, title=title)
    if any(row["days_old"].startswith("-") for row in rows):
        words = "later: no quote so early; the articles' own, or the first there is, stands in"
        console().print(Text(words, "yellow"))


def print_used(prices: PriceBook, articles: Sequence[Article], more: Sequence[Quote] = ()) -> None:
    """Print which quote was used for each price that some articles' claims rest on, and how old it is."""
    from costcheck.claims.article import prices_of

    rows: list[dict[str, str]] = []
    # articles of the same prices together, in the price book's order
    shared = [article for article in articles if not article.own_quotes]
    for group in (shared, *([article] for article in articles if article.own_quotes)):
        book = prices.extended(group[0].own_quotes) if group else prices
        used = set(prices_of(group))
        listed = price_rows(book, [key for key in book if key in used], more)
        rows += [row for row in listed if row not in rows]
    print_prices(rows, f"prices used: {prices.scenario}")


def _grouped(number: str) -> str:
    return f"{float(number):,.8g}" if number else ""
