"""Bytes in two units often taken for one another (a GiB is 7.4 % more than a GB), prefixes."""

from __future__ import annotations

from ._guard import Computed, Quantity, positive

BYTES_PER_GB = 1e9
BYTES_PER_GIB = 2**30


def bytes_to_gb(size_bytes: Quantity) -> Computed:
    """Gigabytes, the unit of disks, of downloads and of a GPU's data sheet.

    Args:
        size_bytes: Size [byte].
    Returns: Size, a GB being 1e9 byte [GB].
    Source: IEC 80000-13.

    >>> bytes_to_gb(820_162_494_464)
    820.162494464
    """
    return positive("size_bytes", size_bytes) / BYTES_PER_GB


def bytes_to_gib(size_bytes: Quantity) -> Computed:
    """Gibibytes, the unit in which operating systems and many tools count memory, often printed as GB.

    Args:
        size_bytes: Size [byte].
    Returns: Size, a GiB being 2^30 byte [GiB].
    Source: IEC 80000-13.

    The leaked Llama 3.1 405B, which was posted as "764GiB (~820GB)".

    >>> round(bytes_to_gib(820_162_494_464), 2)
    763.84
    """
    return positive("size_bytes", size_bytes) / BYTES_PER_GIB


def gb_to_bytes(size_gb: Quantity) -> Computed:
    """Bytes of a size in gigabytes.

    Args:
        size_gb: Size, a GB being 1e9 byte [GB].
    Returns: Size [byte].
    Source: IEC 80000-13.

    >>> gb_to_bytes(80)
    80000000000.0
    """
    return positive("size_gb", size_gb) * BYTES_PER_GB


def tera(amount: Quantity) -> Computed:
    """Units of an amount in trillions of them, as TFLOP/s and TB/s are.

    Args:
        amount: Amount [1e12 A].
    Returns: Amount [A].
    Source: The SI prefix tera.

    >>> tera(989)
    989000000000000.0
    """
    return positive("amount", amount) * 1e12


def percent(share: Quantity) -> Computed:
    """Percent of a share of one.

    Args:
        share: Share [1].
    Returns: The same [percent].
    Source: Definition.

    >>> percent(0.25)
    25.0
    """
    return positive("share", share) * 100
