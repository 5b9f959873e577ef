"""Fetching a feed from its address, within a time and a size."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from costcheck import __version__
from costcheck.data.tables import LIMIT
from costcheck.errors import InputError, RunError
from costcheck.prices.feeds.parsing import plain
from costcheck.text import log
from costcheck.text.waiting import working

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
"""Longest silence between two pieces of an answer."""
TOTAL_SECONDS = 300.0
REDIRECTS = 5


def download(address: str, *, pages: bool = False) -> tuple[bytes, str]:
    """Return what an address answers, unpacked if it came compressed, and the address as it may be shown.

    Args:
        address: Where to fetch it.
        pages: Accept a web page.

    Raises:
        InputError: It is not an address, leads nowhere (404), in circles or to a web page, or the answer is
            larger than 64 MiB.
        RunError: The server could not be reached, failed, or took too long.
    """
    import httpx

    where = shown(address)
    log.detail(f"fetches {where}")
    until = time.monotonic() + TOTAL_SECONDS
    client = httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=True,
        max_redirects=REDIRECTS,
        headers={"User-Agent": f"costcheck/{__version__}"},
    )
    name = where.rpartition("/")[2] or where
    try:
        with client, client.stream("GET", address) as answer, working(f"fetching {name}"):
            _refuse(answer, where, pages)
            data = bytearray()
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > LIMIT:
                    raise InputError(f"{where}: larger than {LIMIT // 2**20} MiB, which is too large")
                if time.monotonic() > until:
                    raise RunError(f"{where}: not complete after {TOTAL_SECONDS:g} seconds")
            return bytes(data), where
    except (httpx.TooManyRedirects, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise InputError(f"{where}: not an address that can be fetched ({error})") from error
    except httpx.HTTPError as error:
        raise RunError(f"{where}: could not be fetched ({str(error) or type(error).__name__})") from error


def shown(address: str) -> str:
    """Return an address without user, password, query and fragment; one that is wrong is refused.

    >>> shown("https://me:secret@example.org/rates.csv?token=secret#top")
    'https://example.org/rates.csv'
    """
    scheme = address.partition(":")[0]
    try:
        parts = urlsplit(address)
        right = scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or not address.isprintable() or " " in address:
        # where a password begins in it, and where it ends, nobody knows
        what = "not an address; allowed: https://HOST/PATH or http://HOST/PATH, without blanks"
        raise InputError(f"{plain(scheme)}:...: {what}")
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _refuse(answer: httpx.Response, where: str, pages: bool) -> None:
    status = answer.status_code
    message = f"{where}: the server answers {status} {answer.reason_phrase}".rstrip()
    if status in (408, 429) or status >= 500:
        raise RunError(f"{message}; try again later")
    if status != 200:
        raise InputError(f"{message}; is the address right?")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not pages and kind in ("text/html", "application/xhtml+xml"):
        raise InputError(f"{where}: a web page ({kind}), not the data; give the address of the file itself")
