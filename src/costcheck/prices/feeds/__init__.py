"""Readers of public price feeds, all giving quotes of the price book.

Nothing is guessed: a row that is left out is counted with the reason, one that cannot be read is listed.
"""

from __future__ import annotations

import os
from pathlib import Path

from costcheck.data.tables import file_bytes, today
from costcheck.errors import InputError
from costcheck.prices.feeds.catalogue import FEEDS, Feed, feed
from costcheck.prices.feeds.parsing import plain, table
from costcheck.prices.feeds.reading import Reading

__all__ = ["FEEDS", "Feed", "Reading", "feed", "is_address", "open_feed", "read"]


def is_address(given: str) -> bool:
    """Tell an address, right or wrong, from a file's name."""
    return "://" in given or given.lower().startswith(("http:", "https:"))


def open_feed(name: str, given: str) -> tuple[bytes, str]:
    """Get a feed's bytes from a file or an address, and what they are called in a quote's source.

    That is the file's name without its folder (with the last folder's name for a feed that tells its files
    apart by it), or the address without user, password and query.

    Raises:
        InputError: The file cannot be read, the address is wrong, or there is too much of it.
        RunError: The address could not be reached, or took too long.
    """
    if is_address(given):
        from costcheck.prices.feeds.fetch import download

        return download(given)
    path = Path(given)
    folder = Path(os.path.abspath(path)).parent.name if feed(name).in_folders else ""
    return file_bytes(path), plain(f"{folder}/{path.name}" if folder else path.name)


def read(name: str, data: bytes, called: str, date: str | None = None) -> Reading:
    """Read the quotes of a feed, at most one a key and day, and what happened to every row.

    ``called`` is the file or address in a quote's source; ``date`` the day of a feed whose rows carry none,
    today by default.

    Raises:
        InputError: It is in another format, a price that would be taken is negative, a date lies in the
            future, or there is nothing to take.
    """
    from costcheck.prices.feeds import ecb, gpus, models

    reading = Reading(feed(name), called, date or today())
    of_rows = {"ecb": ecb.crosses, "epoch": gpus.listed, "skypilot": gpus.rented, "gpuhunt": gpus.rented}
    if name in of_rows:
        reading.collect(table(data, called, reading.feed), of_rows[name])
    else:
        reading.collect(models.entries(data, reading), models.offers)
    if reading.quotes:
        return reading
    reasons = [f"{count:,} × {reason}" for reason, count in reading.skipped.most_common(3)]
    if reading.unreadable:
        reasons.append(f"{len(reading.unreadable):,} unreadable (the first: {reading.unreadable[0]})")
    what = f"{reading.rows:,} read: {'; '.join(reasons)}" if reading.rows else "the file has no rows"
    raise InputError(f"{called}: nothing to take as {reading.feed.title}; {what}")
