"""The quotes of a price book as rows of a table, with their age, their range and the blends of both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcheck import formulas
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import GIVEN, Quote

INPUT, OUTPUT, WEIGHT = "_input_usd_per_mtok", "_output_usd_per_mtok", "input_tokens_per_output_token"


def rows(
    book: PriceBook, keys: Sequence[str], more: Sequence[Quote] = (), ranges: PriceBook | None = None
) -> list[dict[str, Any]]:
    """Describe the quotes that a book has for some prices; ages are in days before the book's date.

    Where both sides of a model's price are among them, their blend follows. The reader's quotes (``more``)
    count for the range, which is that of another book where ``ranges`` is one.

    >>> (row,) = rows(PriceBook.article(), ["h100_usd"])
    >>> row["value"], row["low"], row["high"], row["quote_of"]
    (40000.0, 23000.0, 41217.0, '2024-07-22')
    """
    theirs = dict(PriceBook.article())
    listed = []
    for key in keys:
        quote = book.quote(key)
        low, high = (ranges or book).span(key, more) or (None, None)
        given = quote.source == GIVEN
        listed.append(
            {
                "key": key,
                "article": theirs.get(key),
                "value": quote.value,
                "low": low,
                "high": high,
                "unit": quote.unit,
                "quote_of": "" if given else quote.as_of,
                "days_old": None if given or not book.date else quote.days_before(book.date),
                "source": quote.source,
                "verification": "" if given else quote.verification,
            }
        )
    for model in [key.removesuffix(INPUT) for key in keys if key.endswith(INPUT)]:
        parts = (f"{model}{INPUT}", f"{model}{OUTPUT}", WEIGHT)
        blend = {
            "key": f"{model} blended {book[WEIGHT]:g}:1",
            "article": formulas.blended_price(*(theirs[key] for key in parts)),
            "value": formulas.blended_price(*(book[key] for key in parts)),
            "unit": "USD/Mtok",
            "quote_of": min(book.quote(key).as_of for key in parts[:2]),
            "source": "computed: blended_price",
        }
        listed.append(dict.fromkeys(listed[0]) | {"verification": ""} | blend)
    return listed
