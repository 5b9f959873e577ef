"""The quotes of a price book, and what changes in a reader's, as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcheck import formulas
from costcheck.prices.book import PriceBook
from costcheck.prices.own_file import Changes
from costcheck.prices.quotes import GIVEN, Quote, latest, packaged_quotes, price_keys

INPUT, OUTPUT, WEIGHT = "_input_usd_per_mtok", "_output_usd_per_mtok", "input_tokens_per_output_token"
CHANGED = ("key", "unit", "new", "replaced", "first", "last", "before", "after", "percent")


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


def changed(existing: Sequence[Quote], changes: Changes) -> list[dict[str, Any]]:
    """Describe what changes for each key: how many quotes, of which days, and the value on the last day."""
    new, replaced = changes.added, changes.replaced
    listed = []
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
        listed.append(dict(zip(CHANGED, cells, strict=True)))
    return listed
