"""What the catalogs of cloud instances share: a price an instance becomes a price a GPU."""

from __future__ import annotations

import re

from costcheck.prices.feeds.known import Id
from costcheck.prices.feeds.parsing import (
    NO_KEY,
    NO_PRICE,
    ZERO,
    Offer,
    Reading,
    UnreadableError,
    number,
    quote,
    within,
)

SPOT = "a spot price, which can be taken away at any time"
NO_GPU = "no GPU"
VARIANT = "another variant of the GPU (PCIe, NVL, MEGA)"
OTHER_VARIANT = re.compile(r"pcie|nvl(?!ink)|megagpu|NC\d+\w*_H100", re.IGNORECASE)
"""H100s with less power or other memory. Azure's NC series has the NVL, and its names do not say so."""


def offer(
    reading: Reading,
    known: dict[str, Id],
    *,
    where: str,
    gpu: str,
    instance: str,
    variant: str,
    count: str,
    price: str,
    spot: bool,
    region: str,
) -> tuple[str, Offer] | None:
    """Judge one row of a catalog: count it as taken or skipped, and divide its price by its GPUs.

    Args:
        reading: Where it is counted.
        known: The catalog's GPUs, by name.
        where: File and line.
        gpu: The GPU's name in the catalog.
        instance: The instance's name.
        variant: Text in which a variant of the GPU would show.
        count: GPUs of the instance.
        price: Its price [USD/hour].
        spot: Whether that is a spot price.
        region: Where it stands.

    Returns:
        The key and the price a GPU [USD/GPU-hour], or ``None``.

    Raises:
        InputError: A price that would be taken is negative.
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
                return None
            if not gpus or gpus != int(gpus):
                raise UnreadableError(f"{where}: {count!r} GPUs; a whole number above zero is needed")
            ((_, key),) = known[gpu].prices
            found = within(key, value / gpus, where)
            reading.taken += 1
            return key, Offer(found, " ".join(part for part in (instance, region) if part))
    except UnreadableError as error:
        reading.unreadable.append(str(error))
    return None


def finish(reading: Reading, as_of: str, offers: list[tuple[str, Offer]]) -> Reading:
    """Make the quotes: for each key the median of its offers.

    Args:
        reading: What was counted.
        as_of: ISO date.
        offers: Key and price a GPU of each row that is taken.

    Returns:
        The same reading, with its quotes.
    """
    for key in dict.fromkeys(key for key, _ in offers):
        reading.quotes.append(quote(reading, key, as_of, [each for name, each in offers if name == key]))
    return reading
