"""gpuhunt's catalog: CSV, a row an instance and place, on demand or spot; or the ZIP of all providers."""

from __future__ import annotations

from costcheck.data.tables import today
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.parsing import Reading, Table, members, number
from costcheck.prices.feeds.rental import finish, offer

NVL_GB = 94
"""Memory by which the NVL is told from the H100s of 80 GB where its name does not say so."""


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read what an H100 costs on demand: the median over instances, places and providers.

    Args:
        data: A provider's CSV file, or ``catalog.zip`` with those of all.
        name: What it is called.
        date: The day the catalog is of, as an ISO date; today by default.

    Returns:
        At most one quote a key [USD/GPU-hour].

    Raises:
        InputError: It is no such file, or a price that would be taken is negative.

    Source:
        The catalogs of dstackai/gpuhunt.

    >>> found = read(b"instance_name,location,price,gpu_count,gpu_name,spot\n"
    ...              b"one,r1,4.0,1,H100,False\n"
    ...              b"one,r1,1.5,1,H100,True\n", "verda.csv", "2026-01-01")
    >>> found.quotes[0].value, dict(found.skipped)
    (4.0, {'a spot price, which can be taken away at any time': 1})
    """
    reading = Reading(feed("gpuhunt"), name)
    known = ids("gpuhunt")
    offers = []
    for member, content in members(data, name):
        file = f"{name}/{member}" if member else name
        table = Table(content, file, reading.feed)
        at = table.at
        memory = at.get("gpu_memory")
        for line, cells in table:
            reading.rows += 1
            where = f"{file}, line {line}"
            if len(cells) != table.width:
                reading.unreadable.append(f"{where}: {len(cells)} cells, but the header has {table.width}")
                continue
            spot = cells[at["spot"]].lower()
            if spot not in ("true", "false"):
                reading.unreadable.append(f"{where}, spot: {cells[at['spot']]!r} is neither True nor False")
                continue
            found = offer(
                reading,
                known,
                where=where,
                gpu=cells[at["gpu_name"]],
                instance=cells[at["instance_name"]],
                variant="nvl" if memory is not None and _is_nvl(cells[memory]) else "",
                count=cells[at["gpu_count"]],
                price=cells[at["price"]],
                spot=spot == "true",
                region=" ".join(
                    part for part in (member.removesuffix(".csv"), cells[at["location"]]) if part
                ),
            )
            if found:
                offers.append(found)
    return finish(reading, date or today(), offers)


def _is_nvl(memory: str) -> bool:
    try:
        return number(memory, "") == NVL_GB
    except ValueError:
        return False
