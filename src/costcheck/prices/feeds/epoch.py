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
    UnreadableError,
    iso_date,
    number,
    quote,
    table,
    within,
)
from costcheck.prices.quotes import price_keys

NOTHING = "no price on demand and none to buy"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read what an H100 SXM costs to buy and to rent on demand, a chip [USD/GPU, USD/GPU-hour].

    Several rows of one day make one quote, their median; the address that each row names stays in the
    quote's note.

    Source:
        ``data/Hardware prices.csv`` in epoch-research/training-cost-trends.

    >>> reading = read(
    ...     b"Price source,Price date,Hardware model,Vendor,Price per chip-hour (on-demand),"
    ...     b"Price (hardware purchase)\n"
    ...     b"https://example.org,2024-07-31,NVIDIA H100 SXM5 80GB,,,36000\n", "prices.csv")
    >>> [(quote.key, quote.value, quote.as_of) for quote in reading.quotes]
    [('h100_usd', 36000.0, '2024-07-31')]
    """
    reading, known, latest = Reading(feed("epoch"), name), ids("epoch"), today()
    offers: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for line, row in table(data, name, reading):
        where = f"{name}, line {line}"
        model = known.get(row["Hardware model"].strip())
        if model is None or not model.prices:
            reading.skip((model.note if model else None) or NO_KEY)
            continue
        vendor, link = (" ".join(row[column].split()) for column in ("Vendor", "Price source"))
        try:
            values = {key: number(row[column], f"{where}, column {column}") for column, key in model.prices}
            priced = {
                key: Offer(within(key, value, where), vendor, link or None)
                for key, value in values.items()
                if value
            }
            if not priced:
                reading.skip(ZERO if 0 in values.values() else NOTHING, where)
                continue
            day = iso_date(row["Price date"].strip(), f"{where}, column Price date", latest)
        except UnreadableError as error:
            reading.unreadable.append(str(error))
            continue
        reading.taken += 1
        for key, offer in priced.items():
            offers[key, day].append(offer)
    order = list(price_keys())
    for key, day in sorted(offers, key=lambda pair: (order.index(pair[0]), pair[1])):
        reading.quotes.append(quote(reading, key, day, offers[key, day]))
    return reading
