"""The ECB's euro reference rates: CSV, or the ZIP in which the ECB publishes it."""

from __future__ import annotations

import csv
import datetime as dt

from costcheck.errors import InputError
from costcheck.feeds.known import feed, ids
from costcheck.feeds.reading import (
    MISSING,
    Reading,
    Table,
    UnreadableError,
    iso_date,
    members,
    number,
    within,
)
from costcheck.prices import Quote, price_keys

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
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
    crosses = [(table.at[column], key, price_keys()[key]) for each in ids("ecb").values()
               for column, key in each.prices]  # fmt: skip
    day_at, dollar_at, width = table.at["Date"], table.at["USD"], table.width
    source, verification = f"{described.title}, {name}", described.verification
    lines: dict[str, int] = {}
    # By hand rather than with Table's own loop: this is the one feed with thousands of rows that are taken.
    rows = table.rows
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            raise InputError(f"{name}, line {rows.line_num}: not CSV from here on ({error})") from error
        if not cells:
            continue
        reading.rows += 1
        line = rows.line_num
        try:
            if len(cells) != width:
                raise UnreadableError(f"line {line}: {len(cells)} cells, but the header has {width}")
            day = _day(cells[day_at], f"{name}, line {line}, column Date")
            if lines.setdefault(day, line) != line:
                raise UnreadableError(f"line {line}: {day} stands in line {lines[day]} already")
            dollar = _rate(cells[dollar_at], name, line, "USD")
            if not dollar:
                reading.skip(NO_DOLLAR)
                continue
            made = []
            for at, key, bounds in crosses:
                rate = _rate(cells[at], name, line, key)
                if not rate:
                    reading.gaps[f"{key}: no rate that day"] += 1
                    continue
                value = within(key, rate / dollar, f"{name}, line {line}")
                made.append(
                    Quote(key, value, None, None, bounds.unit, day, source, verification, None)
                )  # positional: half the time of a call with keywords, fourteen thousand times
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


def _rate(cell: str, name: str, line: int, column: str) -> float | None:
    """Read a rate, in the usual case without building the words of a message."""
    if cell in MISSING:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if 0 < value < 1e12 and "_" not in cell:
        return value
    return number(cell, f"{name}, line {line}, {column}")


def _day(cell: str, where: str) -> str:
    """Read a date as the history has it (2024-07-22) or as the file of one day has it (22 July 2024)."""
    words = cell.split()
    if len(words) == 3 and words[1] in MONTHS:
        try:
            cell = dt.date(int(words[2]), MONTHS.index(words[1]) + 1, int(words[0])).isoformat()
        except ValueError:
            raise UnreadableError(f"{where}: {cell!r} is not a date") from None
    return iso_date(cell, where)
