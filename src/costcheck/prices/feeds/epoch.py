"""Epoch AI's table of hardware prices: CSV, a row a price that was read somewhere on a day."""

from __future__ import annotations

from costcheck.prices.feeds.known import ids
from costcheck.prices.feeds.offers import ZERO, Offer, Reading, SkippedError, taken, within
from costcheck.prices.feeds.parsing import Row, iso_date, number, table

NOTHING = "no price on demand and none to buy"


def read(data: bytes, reading: Reading, _date: str) -> None:
    r"""Read what an H100 SXM costs to buy and to rent on demand, a chip [USD/GPU, USD/GPU-hour].

    Several rows of one day make one quote, their median; the address that each row names stays in the
    quote's note.

    Source:
        ``data/Hardware prices.csv`` in epoch-research/training-cost-trends.

    >>> from costcheck.prices import feeds
    >>> quotes = feeds.read(
    ...     "epoch", b"Price source,Price date,Hardware model,Vendor,Price per chip-hour (on-demand),"
    ...     b"Price (hardware purchase)\n"
    ...     b"https://example.org,2024-07-31,NVIDIA H100 SXM5 80GB,,,36000\n", "prices.csv").quotes
    >>> [(quote.key, quote.value, quote.as_of) for quote in quotes]
    [('h100_usd', 36000.0, '2024-07-31')]
    """
    known = ids("epoch")

    def offers(where: str, row: Row) -> list[Offer]:
        columns = taken(known, row["Hardware model"].strip()).prices
        vendor, link = (" ".join(row[column].split()) for column in ("Vendor", "Price source"))
        values = {key: number(row[column], f"{where}, column {column}") for column, key in columns}
        priced = {key: within(key, value, where) for key, value in values.items() if value}
        if not priced:
            raise SkippedError(ZERO if 0 in values.values() else NOTHING, where)
        day = iso_date(row["Price date"].strip(), f"{where}, column Price date")
        return [Offer(key, day, value, vendor, link or None) for key, value in priced.items()]

    reading.collect(table(data, reading.name, reading.feed), offers)
