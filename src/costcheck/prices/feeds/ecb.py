"""The ECB's euro reference rates: CSV, or the ZIP in which the ECB publishes it."""

from __future__ import annotations

from costcheck.data.tables import today
from costcheck.errors import InputError
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.parsing import Reading, Table, UnreadableError, iso_date, members, number, within
from costcheck.prices.quotes import Quote, price_keys

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""As the ECB writes them, whatever the language of this machine."""
NO_DOLLAR = "no rate of the dollar"
NO_RATE = "no rate of a currency that costcheck uses"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read the rates as crosses through the euro.

    Both currencies are quoted in units for one euro, so that units of a currency for one dollar are the
    quotient of the two rates. A currency the ECB did not quote on a day (``N/A``) has no cross for it.

    Args:
        data: The CSV file, of one day or of all days, or a ZIP with it.
        name: What it is called.
        date: Not used: the rows carry their own.

    Returns:
        A quote a day and currency [CNY/USD, JPY/USD], oldest first.

    Raises:
        InputError: It is no such file, a rate is negative, or a day lies in the future.

    Source:
        European Central Bank, euro foreign exchange reference rates.

    >>> found = read(b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n", "eurofxref-hist.csv")
    >>> [(quote.key, round(quote.value, 7)) for quote in found.quotes]
    [('usd_cny', 7.2732366), ('usd_jpy', 156.8699486)]
    """
    described = feed("ecb")
    found = members(data, name)
    if len(found) > 1:
        raise InputError(f"{name}: the ZIP holds {len(found)} CSV files; the ECB's holds one")
    table = Table(found[0][1], name, described)
    reading = Reading(described, name)
    crosses = [
        (table.at[column], key, price_keys()[key].unit)
        for each in ids("ecb").values()
        for column, key in each.prices
    ]
    day_at, dollar_at, latest = table.at["Date"], table.at["USD"], today()
    source, verification = " ".join(f"{described.title}, {name}".split()), described.verification
    lines: dict[str, int] = {}
    for line, cells in table:
        reading.rows += 1
        where = f"{name}, line {line}"
        made = []
        try:
            if len(cells) != table.width:
                raise UnreadableError(f"{where}: {len(cells)} cells, but the header has {table.width}")
            day = iso_date(_day(cells[day_at]), where, latest)
            if lines.setdefault(day, line) != line:
                raise UnreadableError(f"{where}: {day} stands in line {lines[day]} already")
            dollar = number(cells[dollar_at], where)
            if not dollar:
                reading.skip(NO_DOLLAR)
                continue
            for at, key, unit in crosses:
                rate = number(cells[at], where)
                if rate:
                    value = within(key, rate / dollar, where)
                    made.append(Quote(key, value, None, None, unit, day, source, verification, None))
                else:
                    reading.gaps[f"{key}: no rate that day"] += 1
        except UnreadableError as error:
            reading.unreadable.append(str(error))
            continue
        if not made:
            reading.skip(NO_RATE)
            continue
        reading.taken += 1
        reading.quotes += made
    order = {key: nth for nth, (_, key, _) in enumerate(crosses)}
    reading.quotes.sort(key=lambda quote: (order[quote.key], quote.as_of))
    return reading


def _day(cell: str) -> str:
    """Write a date of the file of one day (22 July 2024) as the history has it (2024-07-22)."""
    day, _, rest = cell.partition(" ")
    month, _, year = rest.partition(" ")
    if month not in MONTHS:
        return cell
    return f"{year}-{MONTHS.index(month) + 1:02}-{day:0>2}"
