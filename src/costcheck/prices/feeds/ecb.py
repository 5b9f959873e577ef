"""The ECB's euro reference rates: CSV, or the ZIP in which the ECB publishes it."""

from __future__ import annotations

from costcheck.data.tables import today
from costcheck.errors import InputError
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.parsing import Reading, UnreadableError, iso_date, members, number, table, within
from costcheck.prices.quotes import Quote, price_keys

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""As the ECB writes them, whatever the language of this machine."""
NO_DOLLAR = "no rate of the dollar"
NO_RATE = "no rate of a currency that costcheck uses"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read the rates of one day or of all days as crosses through the euro [CNY/USD, JPY/USD].

    Both currencies are quoted in units for one euro, so that units of a currency for one dollar are the
    quotient of the two rates. A currency the ECB did not quote on a day (``N/A``) has no cross for it.

    Source:
        European Central Bank, euro foreign exchange reference rates.

    >>> reading = read(b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n", "eurofxref-hist.csv")
    >>> [(quote.key, round(quote.value, 7)) for quote in reading.quotes]
    [('usd_cny', 7.2732366), ('usd_jpy', 156.8699486)]
    """
    described = feed("ecb")
    files = members(data, name)
    if len(files) > 1:
        raise InputError(f"{name}: the ZIP holds {len(files)} CSV files; the ECB's holds one")
    reading = Reading(described, name)
    currencies = [pair for each in ids("ecb").values() for pair in each.prices]
    latest, source = today(), " ".join(f"{described.title}, {name}".split())
    lines: dict[str, int] = {}
    for line, row in table(files[0][1], name, reading, f"{name}, "):
        where = f"{name}, line {line}"
        crosses = []
        try:
            day = iso_date(_day(row["Date"]), where, latest)
            if lines.setdefault(day, line) != line:
                raise UnreadableError(f"{where}: {day} stands in line {lines[day]} already")
            dollar = number(row["USD"], where)
            if not dollar:
                reading.skip(NO_DOLLAR)
                continue
            for column, key in currencies:
                rate = number(row[column], where)
                if rate:
                    crosses.append((key, within(key, rate / dollar, where)))
                else:
                    reading.gaps[f"{key}: no rate that day"] += 1
        except UnreadableError as error:
            reading.unreadable.append(str(error))
            continue
        if not crosses:
            reading.skip(NO_RATE)
            continue
        reading.taken += 1
        reading.quotes += [
            Quote(key, cross, None, None, price_keys()[key].unit, day, source, described.verification, None)
            for key, cross in crosses
        ]
    order = [key for _, key in currencies]
    reading.quotes.sort(key=lambda quote: (order.index(quote.key), quote.as_of))
    return reading


def _day(cell: str) -> str:
    """Write a date of the file of one day (22 July 2024) as the history has it (2024-07-22)."""
    day, _, rest = cell.partition(" ")
    month, _, year = rest.partition(" ")
    if month not in MONTHS:
        return cell
    return f"{year}-{MONTHS.index(month) + 1:02}-{day:0>2}"
