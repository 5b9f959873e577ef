"""The catalogs of cloud instances, of SkyPilot and of gpuhunt: a price an instance becomes one a GPU."""

from __future__ import annotations

import re
from functools import partial

from costcheck.prices.feeds.known import Id, ids
from costcheck.prices.feeds.offers import Offer, Reading, SkippedError, price, taken, within
from costcheck.prices.feeds.parsing import Row, UnreadableError, members, number, table

SPOT = "a spot price, which can be taken away at any time"
VARIANT = "another variant of the GPU (PCIe, NVL, MEGA)"
OTHER_VARIANT = re.compile(r"pcie|nvl(?!ink)|megagpu|NC\d+\w*_H100", re.IGNORECASE)
"""H100s with less power or other memory. Azure's NC series has the NVL, and its names do not say so."""
NVL_GB = 94
"""Memory by which the NVL is told from the H100s of 80 GB where its name does not say so."""


def read_skypilot(data: bytes, reading: Reading, date: str) -> None:
    r"""Read what an H100 costs on demand in one cloud: the median of instances and regions [USD/GPU-hour].

    Source:
        ``catalogs/v8/CLOUD/vms.csv`` in skypilot-org/skypilot-catalog.

    >>> from costcheck.prices import feeds
    >>> feeds.read("skypilot", b"Region,InstanceType,AcceleratorName,AcceleratorCount,Price\n"
    ...            b"r1,gpu_8x,H100,8.0,24.0\n", "vms.csv", "2025-01-01").quotes[0].value
    3.0
    """
    known = ids("skypilot")

    def offers(where: str, row: Row) -> list[Offer]:
        gpu, instance = row["AcceleratorName"], " ".join(row["InstanceType"].split())
        key = _key(known, gpu, f"{instance} {row.get('GpuInfo', '')}")
        # the price of a spot instance is in a column of its own, which is not read
        per_gpu = _per_gpu(key, row["Price"], row["AcceleratorCount"], where, instance)
        return [Offer(key, date, per_gpu, f"{instance} {row['Region']}".strip())]

    reading.collect(table(data, reading.name, reading.feed), offers)


def read_gpuhunt(data: bytes, reading: Reading, date: str) -> None:
    r"""Read what an H100 costs on demand: the median over instances, places and providers [USD/GPU-hour].

    Source:
        The catalogs of dstackai/gpuhunt: a provider's CSV file, or ``catalog.zip`` with those of all.

    >>> from costcheck.prices import feeds
    >>> reading = feeds.read("gpuhunt", b"instance_name,location,price,gpu_count,gpu_name,spot\n"
    ...                      b"one,r1,4.0,1,H100,False\n"
    ...                      b"one,r1,1.5,1,H100,True\n", "verda.csv", "2026-01-01")
    >>> reading.quotes[0].value, dict(reading.skipped)
    (4.0, {'a spot price, which can be taken away at any time': 1})
    """
    known = ids("gpuhunt")

    def offers(provider: str, where: str, row: Row) -> list[Offer]:
        instance = " ".join(row["instance_name"].split())
        if (spot := row["spot"].lower()) not in ("true", "false"):
            raise UnreadableError(f"{where}, spot: {row['spot']!r} is neither True nor False")
        variant = "nvl" if _is_nvl(row.get("gpu_memory", "")) else ""
        key = _key(known, row["gpu_name"], f"{instance} {variant}", spot=spot == "true")
        per_gpu = _per_gpu(key, row["price"], row["gpu_count"], where, instance)
        return [Offer(key, date, per_gpu, " ".join(filter(None, (instance, provider, row["location"]))))]

    for member, content in members(data, reading.name):
        file = f"{reading.name}/{member}" if member else reading.name
        reading.collect(table(content, file, reading.feed), partial(offers, member.removesuffix(".csv")))


def _key(known: dict[str, Id], gpu: str, variant: str, *, spot: bool = False) -> str:
    """Return the key of a GPU's price; ``variant`` is text in which a variant of the GPU would show."""
    if not gpu.strip():
        raise SkippedError("no GPU")
    ((_, key),) = taken(known, gpu).prices
    if spot:
        raise SkippedError(SPOT)
    if OTHER_VARIANT.search(variant):
        raise SkippedError(VARIANT)
    return key


def _per_gpu(key: str, per_hour: str, count: str, where: str, instance: str) -> float:
    """Return the price a GPU [USD/GPU-hour] of an instance of so many."""
    of_all = price(per_hour, f"{where}, price", f"{where}, {instance}")
    gpus = number(count, f"{where}, number of GPUs")
    if not gpus or gpus != int(gpus):
        raise UnreadableError(f"{where}: {count!r} GPUs; a whole number above zero is needed")
    return within(key, of_all / gpus, where)


def _is_nvl(memory: str) -> bool:
    try:
        return number(memory, "") == NVL_GB
    except ValueError:
        return False
