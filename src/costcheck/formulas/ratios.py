"""The small sums of a comparison: how many times, how much more, which place."""

from __future__ import annotations

import math

from ._guard import Column, Computed, FormulaError, Names, Quantity, finite, items, positive, sequence, single


def ratio(quantity: Quantity, reference: Quantity) -> Computed:
    """How many times the reference a quantity is.

    Args:
        quantity: What is compared [A].
        reference: What it is compared with [A].
    Returns: Ratio [1].
    Sum: quantity / reference.
    Source: Division; behind the articles' "nearly three times" are 820 GB and 280 GB.

    >>> round(ratio(820, 280), 2)
    2.93
    """
    return positive("quantity", quantity) / positive("reference", reference)


def difference(quantity: Quantity, reference: Quantity) -> Computed:
    """How much more than the reference a quantity is.

    Args:
        quantity: What is compared, of any sign [A].
        reference: What it is compared with, of any sign [A].
    Returns: Difference, negative where the quantity is the smaller [A].
    Sum: quantity - reference.
    Source: Subtraction.

    >>> difference(7, 10)
    -3
    """
    return finite("quantity", quantity) - finite("reference", reference)


def total(values: Column) -> float:
    """Sum of a sequence, rounded once.

    Args:
        values: List, array or Series of finite numbers [A].
    Returns: Sum [A].
    Source: Addition, without the error of adding one by one (Shewchuk 1997, as in ``math.fsum``).

    The GPU-hours of the three Llama 3.1 models, in millions (model card).

    >>> total([1.46, 7.0, 30.84])
    39.3
    """
    return math.fsum(sequence("values", values))


def mean(values: Column) -> float:
    """Arithmetic mean of a sequence.

    Args:
        values: List, array or Series of finite numbers [A].
    Returns: Mean [A].
    Source: Definition.

    >>> mean([1, 2, 6])
    3.0
    """
    numbers = sequence("values", values)
    return math.fsum(numbers) / len(numbers)


def median(values: Column) -> float:
    """Middle of a sequence by size; between the two middle ones where there is an even number.

    Args:
        values: List, array or Series of finite numbers [A].
    Returns: Median [A].
    Source: Definition.

    >>> median([3, 15, 7.5, 3])
    5.25
    """
    numbers = sorted(sequence("values", values))
    return (numbers[(len(numbers) - 1) // 2] + numbers[len(numbers) // 2]) / 2


def lowest(values: Column) -> float:
    """Smallest of a sequence.

    Args:
        values: List, array or Series of finite numbers [A].
    Returns: Smallest value [A].
    Source: Definition.

    >>> lowest([70, 8, 405])
    8
    """
    return min(sequence("values", values))


def highest(values: Column) -> float:
    """Largest of a sequence.

    Args:
        values: List, array or Series of finite numbers [A].
    Returns: Largest value [A].
    Source: Definition.

    >>> highest([70, 8, 405])
    405
    """
    return max(sequence("values", values))


def count(values: Names) -> int:
    """How many things a sequence holds.

    Args:
        values: List, array or Series of numbers or names [A].
    Returns: Count [1].
    Source: Definition.

    >>> count([8, 70, 405])
    3
    """
    return len(items("values", values))


def rank_from_smallest(value: float, among: Column) -> int:
    """Place of a value when the smallest comes first; equals share the better place.

    Args:
        value: One of ``among`` [A].
        among: List, array or Series of finite numbers [A].
    Returns: 1 for the smallest [1].
    Source: Definition ("standard competition ranking").

    Of Llama 3.1's three sizes, 70B is not the smallest.

    >>> rank_from_smallest(70, among=[8, 70, 405])
    2
    """
    others = _others(value, among)
    return 1 + sum(other < value for other in others)


def rank_from_largest(value: float, among: Column) -> int:
    """Place of a value when the largest comes first; equals share the better place.

    Args:
        value: One of ``among`` [A].
        among: List, array or Series of finite numbers [A].
    Returns: 1 for the largest [1].
    Source: Definition ("standard competition ranking").

    >>> rank_from_largest(405, among=[8, 70, 405])
    1
    """
    others = _others(value, among)
    return 1 + sum(other > value for other in others)


def _others(value: float, among: Column) -> list[float]:
    numbers, wanted = sequence("among", among), single("value", value)
    if wanted not in numbers:
        raise FormulaError(f"value must be one of among, but {wanted} is not in {numbers}")
    return numbers
