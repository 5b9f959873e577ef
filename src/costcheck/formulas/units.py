"""Bytes in the two units that are often taken for one another: a GiB is 7.4 % more than a GB."""

from __future__ import annotations

from ._guard import Computed, Quantity, positive

BYTES_PER_GB = 1e9
BYTES_PER_GIB = 2**30


def bytes_to_gb(size_bytes: Quantity) -> Computed:
    """Gigabytes, the unit of disks, of downloads and of a GPU's data sheet.

    Elementwise; ``size_bytes`` is a number or an array.

    Args:
        size_bytes: Size [byte].

    Returns:
        Size [GB = 1e9 byte].

    Raises:
        FormulaError: ``size_bytes`` is not positive and finite.

    Source:
        IEC 80000-13.

    >>> bytes_to_gb(820_162_494_464)
    820.162494464
    """
    return positive("size_bytes", size_bytes) / BYTES_PER_GB


def bytes_to_gib(size_bytes: Quantity) -> Computed:
    """Gibibytes, the unit in which operating systems and many tools count memory, often printed as GB.

    Elementwise; ``size_bytes`` is a number or an array.

    Args:
        size_bytes: Size [byte].

    Returns:
        Size [GiB = 2^30 byte].

    Raises:
        FormulaError: ``size_bytes`` is not positive and finite.

    Source:
        IEC 80000-13.

    The leaked Llama 3.1 405B, which was posted as "764GiB (~820GB)".

    >>> round(bytes_to_gib(820_162_494_464), 2)
    763.84
    """
    return positive("size_bytes", size_bytes) / BYTES_PER_GIB
