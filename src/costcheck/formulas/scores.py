"""Two models on the same benchmarks, or one model before and after.

Scores come in sequences of equal length, read row by row: lists, NumPy arrays or pandas Series. Two Series
must have the same index in the same order: scores of different benchmarks are not subtracted because they
stand in one place.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from ._guard import (
    Column,
    FormulaError,
    Names,
    labels,
    not_above,
    positive,
    same_length,
    sequence,
    single,
    whole,
)


def wins(ours: Column, theirs: Column) -> int:
    """Benchmarks on which we score higher; a draw is nobody's win.

    Args:
        ours: Our scores [A].
        theirs: Their scores on the same benchmarks [A].
    Returns: Benchmarks won [1].
    Source: Counting.

    >>> wins([0.9, 0.8, 0.7], [0.8, 0.8, 0.8])
    1
    """
    return sum(a > b for a, b in _pairs(ours=ours, theirs=theirs))


def share_won(ours: Column, theirs: Column) -> float:
    """Share of the benchmarks on which we score higher; a draw is nobody's win.

    Args:
        ours: Our scores [A].
        theirs: Their scores on the same benchmarks [A].
    Returns: Share, 0 to 1 [1].
    Source: Counting.

    >>> share_won([0.9, 0.8, 0.7, 0.6], [0.8, 0.8, 0.8, 0.5])
    0.5
    """
    return wins(ours, theirs) / len(ours)


def mean_difference(ours: Column, theirs: Column) -> float:
    """Mean of our lead over the benchmarks, which is also the lead of our mean.

    Args:
        ours: Our scores [A].
        theirs: Their scores on the same benchmarks [A].
    Returns: Mean lead, negative where they are ahead [A].
    Source: Arithmetic mean.

    >>> mean_difference([3, 5], [1, 4])
    1.5
    """
    pairs = _pairs(ours=ours, theirs=theirs)
    return math.fsum(a - b for a, b in pairs) / len(pairs)


def standard_errors_apart(ours: Column, theirs: Column) -> float:
    """Mean lead over its own standard error, without its sign: how clearly two models differ.

    Args:
        ours: Our scores [A].
        theirs: Their scores on the same benchmarks, two or more, with leads that vary [A].
    Returns: The t of a paired t-test, as an absolute value [1].
    Source: Student's paired t-test (1908). On 13 benchmarks, equal models stay below 2.18 in 95 % of cases.

    The leads 1, 2 and 3 have the mean 2 and the standard error 1 / sqrt(3).

    >>> round(standard_errors_apart([2, 4, 6], [1, 2, 3]), 3)
    3.464
    """
    leads = [a - b for a, b in _pairs(ours=ours, theirs=theirs)]
    count, scaled = len(leads), [int(math.ldexp(lead, 60)) for lead in leads]
    # in whole numbers, so that the mean is not rounded first
    squares = sum((count * lead - sum(scaled)) ** 2 for lead in scaled)
    if squares <= 0:
        raise FormulaError("ours and theirs must differ by more than one amount, over two benchmarks or more")
    spread = math.ldexp(math.sqrt(squares / (count**2 * (count - 1))), -60)
    return abs(math.fsum(leads) / count) * math.sqrt(count) / spread


def mean_ratio(ours: Column, theirs: Column) -> float:
    """Our mean score over theirs: the ratio of the means, not the mean of the ratios.

    Args:
        ours: Our scores [A].
        theirs: Their scores on the same benchmarks, their mean positive [A].
    Returns: Ratio [1].
    Source: Arithmetic means.

    >>> mean_ratio([3, 6], [2, 4])
    1.5
    """
    pairs = _pairs(ours=ours, theirs=theirs)
    their_sum = math.fsum(b for _, b in pairs)
    if their_sum <= 0:
        raise FormulaError(f"theirs must have a positive mean, but it is {their_sum / len(pairs)}")
    return math.fsum(a for a, _ in pairs) / their_sum


def within_interval(value: float, centre: float, half_width: float) -> bool:
    """Whether a score lies in the interval that a source gives as centre and half width.

    Args:
        value: The score [A].
        centre: The score of the source [A].
        half_width: Half the width of its interval, such as of a 95 % confidence interval [A].
    Returns: True where ``centre - half_width <= value <= centre + half_width`` [bool].
    Source: Llama 3 paper (2407.21783), section 5.1.1: scores with 95 % confidence intervals.

    HumanEval of the base model of Llama 3.1 405B is 61.0 +- 7.5 in Table 10.

    >>> within_interval(85.4, centre=61.0, half_width=7.5), within_interval(66, centre=61.0, half_width=7.5)
    (False, True)
    """
    apart = abs(_printed(single("value", value)) - _printed(single("centre", centre)))
    return apart <= _printed(positive("half_width", single("half_width", half_width)))


def biggest_gains(after: Column, before: Column, names: Names, count: int) -> list[Any]:
    """Benchmarks that rose most, the largest gain first; equal gains stay in the order given.

    Args:
        after: Scores after the change [A].
        before: Scores on the same benchmarks before it [A].
        names: Their names, each once [name].
        count: How many to name, 1 to all of them [1].
    Returns: ``count`` names [name].
    Source: Sorting.

    >>> biggest_gains([9, 5, 7], [1, 4, 2], names=["a", "b", "c"], count=2)
    ['a', 'c']
    """
    benchmarks = labels("names", names)
    pairs = _pairs(after=after, before=before, names=names)
    wanted = int(not_above("count", whole("count", count), "the number of benchmarks", len(pairs)))
    gains = [_printed(a) - _printed(b) for a, b in pairs]
    by_gain = sorted(range(len(gains)), key=gains.__getitem__, reverse=True)
    return [benchmarks[i] for i in by_gain[:wanted]]


def named_in_top_gains(after: Column, before: Column, names: Names, named: Names) -> int:
    """How many of the benchmarks somebody named as the biggest gains are among just as many biggest gains.

    Args:
        after: Scores after the change [A].
        before: Scores on the same benchmarks before it [A].
        names: Their names, each once [name].
        named: Those said to have gained most, each once and each in ``names`` [name].
    Returns: Names that are right; all of them are when it equals ``len(named)`` [1].
    Source: Counting.

    >>> named_in_top_gains([9, 5, 7], [1, 4, 2], names=["a", "b", "c"], named=["a", "b"])
    1
    """
    claimed = labels("named", named)
    known = labels("names", names)
    for position, name in enumerate(claimed):
        if name not in known:
            raise FormulaError(f"named must be among names, but named[{position}] is {name!r}")
    return len(set(claimed).intersection(biggest_gains(after, before, names, len(claimed))))


def _printed(score: float) -> Decimal:
    # as floats 61.1 - 61.0 is more than 0.1, and 0.3 - 0.2 less than 0.2 - 0.1
    return Decimal(repr(score))


def _pairs(**columns: Any) -> list[tuple[float, float]]:
    """Return the first two columns row by row, once all columns have proved to be rows of one table."""
    first, second = (sequence(name, values) for name, values in list(columns.items())[:2])
    same_length(**columns)
    return list(zip(first, second, strict=True))
