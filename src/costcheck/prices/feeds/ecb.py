"""The ECB's euro reference rates: CSV, or the ZIP in which the ECB publishes it."""

from __future__ import annotations

import contextlib
import datetime as dt

from costcheck.prices.feeds.catalogue import ids
from costcheck.prices.feeds.parsing import Row, iso_date, number
from costcheck.prices.feeds.reading import Offer, Reading, SkippedError


def crosses(reading: Reading, where: str, row: Row) -> list[Offer]:
    r"""Read the rates of a day as crosses through the euro [CNY/USD, JPY/USD].

    Both currencies are quoted in units for one euro, so that units of a currency for one dollar are the
    quotient of the two rates. A currency the ECB did not quote on a day (``N/A``) has no cross for it.

    Source:
        European Central Bank, euro foreign exchange reference rates.

    >>> from costcheck.prices import feeds
    >>> quotes = feeds.read("ecb", b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n", "hist.csv").quotes
    >>> [(quote.key, round(quote.value, 7)) for quote in quotes]
    [('usd_cny', 7.2732366), ('usd_jpy', 156.8699486)]
    """
    day = row["Date"]
    with contextlib.suppress(ValueError):  # in the file of one day
        day = dt.datetime.strptime(day, "%d %B %Y").date().isoformat()
    reading.once(iso_date(day, where), where)
    dollar = number(row["USD"], where)
    if not dollar:
        raise SkippedError("no rate of the dollar")
    currencies = [pair for currency in ids("ecb") for pair in reading.prices_of(currency)]
    rates = {key: number(row[column], where) for column, key in currencies}
    if not any(rates.values()):
        raise SkippedError("no rate of a currency that costcheck uses")
    reading.gaps.update(f"{key}: no rate that day" for key, rate in rates.items() if not rate)
    return [Offer(key, day, rate / dollar) for key, rate in rates.items() if rate]
