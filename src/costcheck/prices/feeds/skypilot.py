"""SkyPilot's catalog: CSV, a row an instance and region, with the price of the whole instance."""

from __future__ import annotations

from costcheck.data.tables import today
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.parsing import Reading, Table
from costcheck.prices.feeds.rental import finish, offer


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read what an H100 costs on demand in one cloud: the median over its instances and regions.

    The order of the columns differs from cloud to cloud, so they are found by name.

    Args:
        data: A cloud's ``vms.csv``.
        name: What it is called.
        date: The day the catalog is of, as an ISO date; today by default.

    Returns:
        At most one quote a key [USD/GPU-hour].

    Raises:
        InputError: It is no such file, or a price that would be taken is negative.

    Source:
        ``catalogs/v8/CLOUD/vms.csv`` in skypilot-org/skypilot-catalog.

    >>> found = read(b"Region,InstanceType,AcceleratorName,AcceleratorCount,Price\n"
    ...              b"r1,gpu_8x,H100,8.0,24.0\n", "vms.csv", "2025-01-01")
    >>> found.quotes[0].value
    3.0
    """
    reading = Reading(feed("skypilot"), name)
    table = Table(data, name, reading.feed)
    at, known = table.at, ids("skypilot")
    details = at.get("GpuInfo")
    offers = []
    for line, cells in table:
        reading.rows += 1
        if len(cells) != table.width:
            reading.unreadable.append(f"line {line}: {len(cells)} cells, but the header has {table.width}")
            continue
        found = offer(
            reading,
            known,
            where=f"{name}, line {line}",
            gpu=cells[at["AcceleratorName"]],
            instance=cells[at["InstanceType"]],
            variant=cells[details] if details is not None else "",
            count=cells[at["AcceleratorCount"]],
            price=cells[at["Price"]],
            spot=False,  # it stands in a column of its own, SpotPrice, which is not read
            region=cells[at["Region"]],
        )
        if found:
            offers.append(found)
    return finish(reading, date or today(), offers)
