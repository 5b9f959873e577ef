"""Prices of GPUs: Epoch AI's table, and the catalogs of cloud instances of SkyPilot and gpuhunt."""

from __future__ import annotations

import re

from costcheck.prices.feeds.catalogue import ids
from costcheck.prices.feeds.parsing import FILE, Row, UnreadableError, iso_date, number
from costcheck.prices.feeds.reading import ZERO, Offer, Reading, SkippedError, price

SPOT = "a spot price, which can be taken away at any time"
NO_HOST = "the price of GPUs without their host, which is a row of its own"
UNKNOWN = "a name of the H100 that costcheck does not know"
SXM = re.compile(r"H100[-_ ]?SXM5?([-_ ]?80GB)?", re.IGNORECASE)
"""Names that say the variant that is taken, and nothing else."""
VARIANT = "another variant of the GPU (PCIe, NVL, MEGA)"
OTHER_VARIANT = re.compile(r"pcie|nvl(?!ink)|megagpu|NC\d+\w*_H100", re.IGNORECASE)
"""H100s with less power or other memory. Azure's NC series has the NVL, and its names do not say so."""
NVL_GB = ("94", "94.0")
"""Memory by which the NVL is told from the H100s of 80 GB where its name does not say so."""


def listed(reading: Reading, where: str, row: Row) -> list[Offer]:
    r"""Read what an H100 SXM costs to buy and to rent on demand, a chip [USD/GPU, USD/GPU-hour].

    Several rows of one day make one quote, their median; the address that each row names stays in the
    quote's note.

    Source:
        ``data/Hardware prices.csv`` in epoch-research/training-cost-trends.

    >>> from costcheck.prices import feeds
    >>> quotes = feeds.read(
    ...     "epoch", b"Price source,Price date,Hardware model,Vendor,Price per chip-hour (on-demand),"
    ...     b"Price (hardware purchase)\n"
    ...     b"https://example.org,2024-07-31,NVIDIA H100 SXM5 80GB,,,36000\n", "prices.csv").quotes
    >>> [(quote.key, quote.value, quote.as_of) for quote in quotes]
    [('h100_usd', 36000.0, '2024-07-31')]
    """
    columns = _columns(reading, where, row["Hardware model"].strip())
    values = {key: number(row[column], f"{where}, column {column}") for column, key in columns}
    if not any(values.values()):
        raise SkippedError(ZERO if 0 in values.values() else "no price on demand and none to buy", where)
    day = iso_date(row["Price date"].strip(), f"{where}, column Price date")
    vendor, link = (" ".join(row[column].split()) for column in ("Vendor", "Price source"))
    return [Offer(key, day, value, vendor, link or None) for key, value in values.items() if value]


def rented(reading: Reading, where: str, row: Row) -> list[Offer]:
    r"""Read what an H100 costs on demand: the median of instances and places [USD/GPU-hour].

    The price of an instance becomes one a GPU. What SkyPilot asks for a spot instance is in a column of its
    own, which is not read. Google's GPUs are there without an instance, and their price without that of the
    host; which host goes with them the catalog does not say, so they are left out.

    Source:
        ``catalogs/v8/CLOUD/vms.csv`` in skypilot-org/skypilot-catalog; of dstackai/gpuhunt a provider's CSV
        file, or ``catalog.zip`` with those of all.

    >>> from costcheck.prices import feeds
    >>> feeds.read("skypilot", b"Region,InstanceType,AcceleratorName,AcceleratorCount,Price\n"
    ...            b"r1,gpu_8x,H100,8.0,24.0\n", "vms.csv", "2025-01-01").quotes[0].value
    3.0
    """
    gpu, count, per_hour, name, place = (row[column].strip() for column in reading.feed.columns[:5])
    if not gpu:
        raise SkippedError("no GPU")
    ((_, key),) = _columns(reading, where, "H100" if SXM.fullmatch(gpu) else gpu)
    if (spot := row.get("spot", "False").lower()) not in ("true", "false"):
        raise UnreadableError(f"{where}, spot: {row['spot']!r} is neither True nor False")
    if spot == "true":
        raise SkippedError(SPOT)
    if OTHER_VARIANT.search(" ".join(row.values())) or row.get("gpu_memory") in NVL_GB:
        raise SkippedError(VARIANT)
    if not name:
        raise SkippedError(NO_HOST, f"{where}, {gpu} in {place}")
    instance = " ".join(name.split())
    of_all = price(per_hour, f"{where}, price", f"{where}, {instance}")
    gpus = number(count, f"{where}, number of GPUs")
    if not gpus or gpus != int(gpus):
        raise UnreadableError(f"{where}: {count!r} GPUs; a whole number above zero is needed")
    return [Offer(key, reading.date, of_all / gpus, " ".join(filter(None, (instance, row[FILE], place))))]


def _columns(reading: Reading, where: str, gpu: str) -> list[tuple[str, str]]:
    """Return the columns and keys of a GPU's prices; an H100 under a name of its own is listed as skipped."""
    if "H100" in gpu.upper() and gpu not in ids(reading.feed.name):
        raise SkippedError(UNKNOWN, f"{where}, {gpu}")
    return reading.prices_of(gpu)
