"""The catalogs of cloud instances, of SkyPilot and of gpuhunt: a price an instance becomes one a GPU."""

from __future__ import annotations

import re

from costcheck.data.tables import today
from costcheck.prices.feeds.known import Id, feed, ids
from costcheck.prices.feeds.parsing import (
    NO_KEY,
    NO_PRICE,
    ZERO,
    Offer,
    Reading,
    UnreadableError,
    members,
    number,
    table,
    with_quotes,
    within,
)

SPOT = "a spot price, which can be taken away at any time"
NO_GPU = "no GPU"
VARIANT = "another variant of the GPU (PCIe, NVL, MEGA)"
OTHER_VARIANT = re.compile(r"pcie|nvl(?!ink)|megagpu|NC\d+\w*_H100", re.IGNORECASE)
"""H100s with less power or other memory. Azure's NC series has the NVL, and its names do not say so."""
NVL_GB = 94
"""Memory by which the NVL is told from the H100s of 80 GB where its name does not say so."""


def read_skypilot(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read what an H100 costs on demand in one cloud: the median of instances and regions [USD/GPU-hour].

    Source:
        ``catalogs/v8/CLOUD/vms.csv`` in skypilot-org/skypilot-catalog.

    >>> reading = read_skypilot(b"Region,InstanceType,AcceleratorName,AcceleratorCount,Price\n"
    ...                         b"r1,gpu_8x,H100,8.0,24.0\n", "vms.csv", "2025-01-01")
    >>> reading.quotes[0].value
    3.0
    """
    reading, known = Reading(feed("skypilot"), name), ids("skypilot")
    offers = []
    for line, row in table(data, name, reading):
        offers += _offers(
            reading,
            known,
            where=f"{name}, line {line}",
            gpu=row["AcceleratorName"],
            instance=row["InstanceType"],
            variant=row.get("GpuInfo", ""),
            count=row["AcceleratorCount"],
            price=row["Price"],  # that of a spot instance is in a column of its own, which is not read
            region=row["Region"],
        )
    return with_quotes(reading, known, date or today(), offers)


def read_gpuhunt(data: bytes, name: str, date: str | None = None) -> Reading:
    r"""Read what an H100 costs on demand: the median over instances, places and providers [USD/GPU-hour].

    Source:
        The catalogs of dstackai/gpuhunt: a provider's CSV file, or ``catalog.zip`` with those of all.

    >>> reading = read_gpuhunt(b"instance_name,location,price,gpu_count,gpu_name,spot\n"
    ...                        b"one,r1,4.0,1,H100,False\n"
    ...                        b"one,r1,1.5,1,H100,True\n", "verda.csv", "2026-01-01")
    >>> reading.quotes[0].value, dict(reading.skipped)
    (4.0, {'a spot price, which can be taken away at any time': 1})
    """
    reading, known = Reading(feed("gpuhunt"), name), ids("gpuhunt")
    offers = []
    for member, content in members(data, name):
        file = f"{name}/{member}" if member else name
        for line, row in table(content, file, reading, f"{file}, "):
            where, spot = f"{file}, line {line}", row["spot"].lower()
            if spot not in ("true", "false"):
                reading.unreadable.append(f"{where}, spot: {row['spot']!r} is neither True nor False")
                continue
            offers += _offers(
                reading,
                known,
                where=where,
                gpu=row["gpu_name"],
                instance=row["instance_name"],
                variant="nvl" if _is_nvl(row.get("gpu_memory", "")) else "",
                count=row["gpu_count"],
                price=row["price"],
                spot=spot == "true",
                region=" ".join(part for part in (member.removesuffix(".csv"), row["location"]) if part),
            )
    return with_quotes(reading, known, date or today(), offers)


def _offers(
    reading: Reading,
    known: dict[str, Id],
    *,
    where: str,
    gpu: str,
    instance: str,
    variant: str,
    count: str,
    price: str,
    region: str,
    spot: bool = False,
) -> list[tuple[str, Offer]]:
    """Return key and price a GPU [USD/GPU-hour] of a row, or nothing; count it as taken or skipped.

    ``variant`` is text in which a variant of the GPU would show, ``count`` the GPUs of the instance,
    ``price`` what all of them cost [USD/hour].
    """
    instance = " ".join(instance.split())  # a cell may have several lines
    try:
        if not gpu.strip():
            reading.skip(NO_GPU)
        elif gpu not in known:
            reading.skip(NO_KEY)
        elif not known[gpu].prices:
            reading.skip(known[gpu].note or NO_KEY)
        elif spot:
            reading.skip(SPOT)
        elif OTHER_VARIANT.search(f"{instance} {variant}"):
            reading.skip(VARIANT)
        else:
            value, gpus = number(price, f"{where}, price"), number(count, f"{where}, number of GPUs")
            if not value:
                reading.skip(NO_PRICE if value is None else ZERO, f"{where}, {instance}")
                return []
            if not gpus or gpus != int(gpus):
                raise UnreadableError(f"{where}: {count!r} GPUs; a whole number above zero is needed")
            ((_, key),) = known[gpu].prices
            per_gpu = within(key, value / gpus, where)
            reading.taken += 1
            return [(key, Offer(per_gpu, " ".join(part for part in (instance, region) if part)))]
    except UnreadableError as error:
        reading.unreadable.append(str(error))
    return []


def _is_nvl(memory: str) -> bool:
    try:
        return number(memory, "") == NVL_GB
    except ValueError:
        return False
