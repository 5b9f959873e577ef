"""Readers of public price feeds, all giving quotes of the price book.

`read` takes a feed's bytes; `open_feed` gets them from a file or an address. Nothing is guessed: a row that
is left out is counted with the reason, one that cannot be read is listed.
"""

from __future__ import annotations

import os
from pathlib import Path

from costcheck.errors import InputError
from costcheck.prices.feeds.known import FEEDS, Feed, feed
from costcheck.prices.feeds.parsing import Reading

__all__ = ["FEEDS", "Feed", "Reading", "feed", "is_address", "open_feed", "read"]


def is_address(given: str) -> bool:
    """Tell an address, right or wrong, from a file's name.

    >>> is_address("https://example.org/rates.csv"), is_address("rates.csv"), is_address("C:/rates.csv")
    (True, False, False)
    """
    return "://" in given or given.lower().startswith(("http:", "https:"))


def open_feed(name: str, given: str) -> tuple[bytes, str]:
    """Get a feed's bytes from a file or an address that begins with ``https://`` or ``http://``.

    Returns:
        The bytes, and what they are called in a quote's source: the file's name without its folder (with the
        last folder's name for a feed that tells its files apart by it), or the address without user, password
        and query.

    Raises:
        InputError: There is no such feed, the file cannot be read, the address is
            wrong, or there is too much of it.
        RunError: The address could not be reached, or took too long.
    """
    if is_address(given):
        from costcheck.prices.feeds.fetch import download, shown

        return download(given), shown(given)
    from costcheck.data.tables import file_bytes
    from costcheck.prices.feeds.parsing import plain

    path = Path(given)
    folder = Path(os.path.abspath(path)).parent.name if feed(name).in_folders else ""
    return file_bytes(path), plain(f"{folder}/{path.name}" if folder else path.name)


def read(name: str, data: bytes, called: str, date: str | None = None) -> Reading:
    r"""Read a feed.

    Args:
        name: The feed's name, as in `FEEDS`.
        data: Its content.
        called: What the file or address is called in a quote's source.
        date: The day it is of, as an ISO date, for a feed whose rows carry none; today by default.

    Returns:
        Quotes, at most one a key and day, and what happened to every row.

    Raises:
        InputError: There is no such feed, it is in another format, a price that would be taken is negative,
            a date lies in the future, or there is nothing to take.

    >>> read("ecb", b"Date,USD,JPY,CNY\n2024-07-22,1.0888,170.8,N/A\n", "r.csv").gaps
    Counter({'usd_cny: no rate that day': 1})
    """
    from costcheck.prices.feeds import ecb, epoch, litellm, openrouter, rental

    readers = {
        "litellm": litellm.read,
        "openrouter": openrouter.read,
        "ecb": ecb.read,
        "skypilot": rental.read_skypilot,
        "gpuhunt": rental.read_gpuhunt,
        "epoch": epoch.read,
    }
    reading = readers[feed(name).name](data, called, date)
    if not reading.quotes:
        raise InputError(f"{called}: nothing to take; {_reasons(reading)}")
    return reading


def _reasons(reading: Reading) -> str:
    if not reading.rows:
        return "the file has no rows"
    reasons = [f"{count:,} × {reason}" for reason, count in reading.skipped.most_common(3)]
    if reading.unreadable:
        reasons.append(f"{len(reading.unreadable):,} unreadable (the first: {reading.unreadable[0]})")
    return f"{reading.rows:,} read: {'; '.join(reasons)}"
