"""Epoch AI's table of hardware prices: CSV, a row a price that was read somewhere on a day."""

from __future__ import annotations

from collections import defaultdict

from costcheck.data.tables import today
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.parsing import (
    NO_KEY,
    ZERO,
    Offer,
    Reading,
    Table,
    UnreadableError,
    iso_date,
    number,
    quote,
    within,
)
from costcheck.prices.quotes import price_keys

NOTHING = "no price on demand and none to buy"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read what an H100 SXM costs to buy and to rent on demand.

    Prices are a chip already. Several rows of one day make one quote, their median; the address that
    each row names stays in the quote's note.

    Args:
        data: The CSV file.
        name: What it is called.
        date: Not used: the rows carry their own.

    Returns:
        At most one quote a day and key [USD/GPU, USD/GPU-hour], oldest first.

    Raises:
        InputError: It is no such file, or on a row that would be taken a price is negative or the day
            lies in the future.

    Source:
        ``data/Hardware prices.csv`` in epoch-research/training-cost-trends.

    >>> found = read(
    ...     b"Price source,Price date,Hardware model,Vendor,Price per chip-hour (on-demand),"
    ...     b"Price (hardware purchase)\n"
    ...     b"https://example.org,2024-07-31,NVIDIA H100 SXM5 80GB,,,36000\n", "prices.csv")
    >>> [(quote.key, quote.value, quote.as_of) for quote in found.quotes]
    [('h100_usd', 36000.0, '2024-07-31')]
    """
    reading = Reading(feed("epoch"), name)
    table = Table(data, name, reading.feed)
    at, known = table.at, ids("epoch")
    latest = today()
    offers: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for line, cells in table:
        reading.rows += 1
        where = f"{name}, line {line}"
        if len(cells) != table.width:
            reading.unreadable.append(f"line {line}: {len(cells)} cells, but the header has {table.width}")
            continue
        model = known.get(cells[at["Hardware model"]].strip())
        if model is None or not model.prices:
            reading.skip((model.note if model else None) or NO_KEY)
            continue
        link = " ".join(cells[at["Price source"]].split()) or None
        vendor = " ".join(cells[at["Vendor"]].split())
        found: list[tuple[str, Offer]] = []
        zero = False
        try:
            for column, key in model.prices:
                value = number(cells[at[column]], f"{where}, column {column}")
                zero = zero or value == 0
                if value:
                    found.append((key, Offer(within(key, value, where), vendor, link)))
            if not found:
                reading.skip(ZERO if zero else NOTHING, where)
                continue
            day = iso_date(cells[at["Price date"]].strip(), f"{where}, column Price date", latest)
        except UnreadableError as error:
            reading.unreadable.append(str(error))
            continue
        reading.taken += 1
        for key, offer in found:
            offers[key, day].append(offer)
    order = list(price_keys())
    for key, day in sorted(offers, key=lambda each: (order.index(each[0]), each[1])):
        reading.quotes.append(quote(reading, key, day, offers[key, day]))
    return reading
