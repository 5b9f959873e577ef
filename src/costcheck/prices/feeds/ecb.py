"""The ECB's euro reference rates: CSV, or the ZIP in which the ECB publishes it."""

from __future__ import annotations

from costcheck.errors import InputError
from costcheck.prices.feeds.known import ids
from costcheck.prices.feeds.offers import Offer, Reading, SkippedError, within
from costcheck.prices.feeds.parsing import Row, UnreadableError, iso_date, members, number, table

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""As the ECB writes them, whatever the language of this machine."""


def read(data: bytes, reading: Reading, _date: str) -> None:
    r"""Read the rates of one day or of all days as crosses through the euro [CNY/USD, JPY/USD].

    Both currencies are quoted in units for one euro, so that units of a currency for one dollar are the
    quotient of the two rates. A currency the ECB did not quote on a day (``N/A``) has no cross for it.

    Source:
        European Central Bank, euro foreign exchange reference rates.

    >>> from costcheck.prices import feeds
    >>> quotes = feeds.read("ecb", b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n", "hist.csv").quotes
    >>> [(quote.key, round(quote.value, 7)) for quote in quotes]
    [('usd_cny', 7.2732366), ('usd_jpy', 156.8699486)]
    """
    files = members(data, reading.name)
    if len(files) > 1:
        raise InputError(f"{reading.name}: the ZIP holds {len(files)} CSV files; the ECB's holds one")
    currencies = [pair for currency in ids("ecb").values() for pair in currency.prices]
    first: dict[str, str] = {}

    def crosses(where: str, row: Row) -> list[Offer]:
        line = where.rpartition(", ")[2]
        day = iso_date(_day(row["Date"]), where)
        if first.setdefault(day, line) != line:
            raise UnreadableError(f"{where}: {day} stands in {first[day]} already")
        dollar = number(row["USD"], where)
        if not dollar:
            raise SkippedError("no rate of the dollar")
        rates = {key: number(row[column], where) for column, key in currencies}
        offers = [Offer(key, day, within(key, rate / dollar, where)) for key, rate in rates.items() if rate]
        reading.gaps.update(f"{key}: no rate that day" for key, rate in rates.items() if not rate)
        if not offers:
            raise SkippedError("no rate of a currency that costcheck uses")
        return offers

    reading.collect(table(files[0][1], reading.name, reading.feed), crosses)


def _day(cell: str) -> str:
    """Write a date of the file of one day (22 July 2024) as the history has it (2024-07-22)."""
    day, _, rest = cell.partition(" ")
    month, _, year = rest.partition(" ")
    return f"{year}-{MONTHS.index(month) + 1:02}-{day:0>2}" if month in MONTHS else cell
