"""Refuse what makes no sense, and say what, what is allowed, and what was given.

A guard takes an argument's name and value and returns the value ready for arithmetic: a Python number as it
is; NumPy scalars as Python numbers; lists, tuples and arrays as arrays of float64, because 6 * 405e9 * 15e12
does not fit in an int64; a Series with its index. NumPy is imported only when an array arrives.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from ._elementwise import everywhere

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# What an elementwise formula takes.
Quantity: TypeAlias = "float | np.number[Any] | np.ndarray[Any, Any] | pd.Series[Any] | Sequence[float]"
# What a formula over many numbers takes, and the names that may stand beside them.
Column: TypeAlias = "Sequence[float] | np.ndarray[Any, Any] | pd.Series[Any]"
Names: TypeAlias = "Sequence[Any] | np.ndarray[Any, Any] | pd.Series[Any] | pd.Index[Any]"
# What an elementwise formula gives, by broadcasting all its arguments: Python's types cannot express which.
Computed: TypeAlias = Any

# Infinity is above it, and so is an int that no float can hold.
_MAX = sys.float_info.max


class FormulaError(ValueError):
    """A formula was given a value that makes no sense for it.

    The message names the argument, the values it may have, and the value it was given; for an array or a
    sequence, the first bad element and its position, counted from 0.

    >>> from costcheck.formulas import rental
    >>> rental(gpu_hours=30.84e6, usd_per_gpu_hour=0)
    Traceback (most recent call last):
    ...
    costcheck.formulas.FormulaError: usd_per_gpu_hour must be positive and finite, but is 0
    """


FormulaError.__module__ = "costcheck.formulas"  # where a reader of a traceback can import it from


# --------------------------------------------------------------------------- elementwise arguments
def _within(allowed: Callable[[Any], Any], rule: str) -> Callable[[str, Quantity], Any]:
    """Make the guard of a range: it returns a number, or many, that lie in it."""
    return lambda name, value: _checked(name, value, allowed, rule)


positive = _within(lambda v: (v > 0) & (v <= _MAX), "positive and finite")
not_negative = _within(lambda v: (v >= 0) & (v <= _MAX), "zero or positive, and finite")
finite = _within(lambda v: (v >= -_MAX) & (v <= _MAX), "finite")
fraction = _within(lambda v: (v > 0) & (v <= 1), "in (0, 1]")
share_below_one = _within(lambda v: (v >= 0) & (v < 1), "in [0, 1)")


def single(name: str, value: Any) -> float:
    """Return ``value`` if it is one finite number, not many."""
    if not _is_finite(value):
        _refuse(name, "one finite number", value)
    return float(value) if isinstance(value, float) else int(value)


def at_least(name: str, value: Quantity, minimum: float) -> Any:
    """Return ``value`` if it is finite and not below ``minimum``."""
    return _checked(name, value, lambda v: (v >= minimum) & (v <= _MAX), f"at least {minimum} and finite")


def whole(name: str, value: Quantity, *, zero: bool = False) -> Any:
    """Return ``value`` if it is a positive whole number (or many), or zero where allowed; 126.0 is whole."""
    rule = "zero or a positive whole number" if zero else "a positive whole number"
    least = 0 if zero else 0.5  # infinity % 1 would warn
    in_range = _checked(name, value, lambda v: (v >= least) & (v <= _MAX), rule)
    return _checked(name, in_range, lambda v: v % 1 == 0, rule, interval=False)


def not_above(name: str, value: Any, bound_name: str, bound: Any) -> Any:
    """Return ``value`` if it does not exceed the argument ``bound``; both have passed a guard already."""
    if not everywhere(value <= bound):
        raise FormulaError(
            f"{name} must not be above {bound_name}, "
            f"but is {_shown(value)} where {bound_name} is {_shown(bound)}"
        )
    return value


def flag(name: str, value: bool | np.ndarray[Any, Any] | pd.Series[Any]) -> Any:
    """Return ``value`` as 0 or 1 if it is a bool, or an array or Series of bools."""
    if type(value) is bool:
        return int(value)
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind != "b" or _has_gaps(value):
        _refuse(name, "True or False", value)
    many: Any = value
    return many.astype("int64") if _is_array(many) or _is_series(many) else int(many)


def one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        _refuse(name, f"one of {', '.join(map(repr, choices))}", value)
    return value


@contextlib.contextmanager
def known_between(ends: Iterable[tuple[np.ndarray[Any, Any], float, float]]) -> Iterator[None]:
    """Take arrays' least and greatest numbers as known, and look for those of any other array only once.

    ``ends`` are arrays of float64 without NaN, each with its limits. No array may be written to meanwhile.
    """
    token = _known.set({id(array): (array, low, high) for array, low, high in ends})
    try:
        yield
    finally:
        _known.reset(token)


# By id: an array, kept so that no other takes its id, and what is known of it.
_known: ContextVar[dict[int, tuple[Any, float, float]] | None] = ContextVar("known", default=None)


def _checked(
    name: str, value: Any, allowed: Callable[[Any], Any], rule: str, *, interval: bool = True
) -> Any:
    """Return ``value`` if it is allowed; of an ``interval``, all is allowed between two that are."""
    if type(value) is float or type(value) is int:
        return value if allowed(value) else _refuse(name, rule, value)
    known = _known.get()
    if known is not None and interval and id(value) in known:
        _, low, high = known[id(value)]
        if allowed(low) and allowed(high):
            return value
    numbers = _numbers(name, value, rule)
    if interval and _is_array(numbers) and numbers.size:
        # two passes that write nothing, where comparing all takes four; NaN comes out of both and is refused
        low, high = float(numbers.min()), float(numbers.max())
        if known is not None:
            known[id(numbers)] = (numbers, low, high)
        if allowed(low) and allowed(high):
            return numbers
    fine = allowed(numbers)
    if type(fine) is bool:
        return numbers if fine else _refuse(name, rule, value)
    return numbers if fine.all() else _refuse_first(name, rule, numbers, fine)


def _numbers(name: str, value: Any, rule: str) -> Any:
    """Return ``value`` as a Python number, an array of float64, or a Series of float64."""
    if _is_array(value) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (list, tuple)):
        import numpy as np

        return np.asarray(_each(name, rule, value, _is_finite), dtype="float64")
    if _is_number(value):
        return _plain(value)
    if _is_array(value) or _is_series(value):
        if value.dtype.kind not in "iuf":
            raise FormulaError(f"{name} must be {rule}, but holds {value.dtype} values, not numbers")
        if _has_gaps(value):
            _refuse_first(name, rule, value, value.notna())
        return value.astype("float64", copy=False) if _is_array(value) else value.astype("float64")
    return _refuse(name, f"{rule}: a number, an array, a Series or a list of numbers", value)


def _refuse(name: str, rule: str, value: Any, at: str | None = None) -> NoReturn:
    raise FormulaError(
        f"{name} must be {rule}, but {'' if at is None else name + at + ' '}is {_shown(value)}"
    )


def _refuse_first(name: str, rule: str, values: Any, fine: Any) -> NoReturn:
    import numpy as np

    where = tuple(int(i) for i in np.argwhere(~np.asarray(fine, dtype=bool))[0])
    element = values.iloc[where[0]] if _is_series(values) else values[where]
    label = f" (index {values.index[where[0]]!r})" if _is_series(values) else ""
    _refuse(name, rule, element, f"[{', '.join(map(str, where))}]{label}")


# --------------------------------------------------------------------------- sequences
def sequence(name: str, values: Any) -> list[float]:
    """Return ``values`` as a list if it is a sequence of finite numbers with at least one element."""
    return [_plain(number) for number in _column(name, "a sequence of finite numbers", values, _is_finite)]


def labels(name: str, values: Any) -> list[Any]:
    """Return ``values`` as a list if it is a sequence of distinct names with at least one element."""
    seen: set[Hashable] = set()

    def is_new(element: Any) -> bool:
        if not isinstance(element, Hashable) or not _is_there(element) or element in seen:
            return False
        seen.add(element)
        return True

    return _column(name, "a sequence of distinct names", values, is_new)


def items(name: str, values: Any) -> list[Any]:
    """Return ``values`` as a list if it is a sequence with at least one element and no gap."""
    return _column(name, "a sequence without gaps", values, _is_there)


def same_length(**columns: Any) -> None:
    """Refuse columns that cannot be read row by row: unequal lengths, or Series on different indexes."""
    lengths = [len(values) for values in columns.values()]
    if len(set(lengths)) > 1:
        raise FormulaError(
            f"{' and '.join(columns)} must have one length, but have {' and '.join(map(str, lengths))}"
        )
    series = [(name, values.index) for name, values in columns.items() if _is_series(values)]
    for name, index in series:
        if not index.equals(series[0][1]):
            raise FormulaError(
                f"{series[0][0]} and {name} must have one index, but their rows differ in name or order"
            )


def _column(name: str, rule: str, values: Any, fine: Callable[[Any], bool]) -> list[Any]:
    unordered_or_text = isinstance(values, (str, bytes, Mapping, Set))
    is_many = hasattr(values, "__len__") and hasattr(values, "__iter__") and getattr(values, "ndim", 1) != 0
    if unordered_or_text or not is_many:
        _refuse(name, rule, values)
    elements = list(values.tolist() if hasattr(values, "tolist") else values)
    if not elements:
        raise FormulaError(f"{name} must be {rule}, but is empty")
    return _each(name, rule, elements, fine)


def _each(name: str, rule: str, values: Sequence[Any], fine: Callable[[Any], bool]) -> list[Any]:
    for position, element in enumerate(values):
        if not fine(element):
            _refuse(name, rule, element, f"[{position}]")
    return list(values)


# --------------------------------------------------------------------------- what a thing is
def _is_number(value: Any) -> bool:
    """Whether this is one number. A bool is not: True GPUs is a slip of the pen, not a fleet of one."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return True
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.integer, numpy.floating))


def _is_finite(value: Any) -> bool:
    return _is_number(value) and bool(-_MAX <= value <= _MAX)


def _is_there(value: Any) -> bool:
    return value is not None and bool(value == value)


def _is_array(value: Any) -> bool:
    # a subclass would lose its mask or its unit
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray


def _is_series(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series)


def _has_gaps(value: Any) -> bool:
    # in an array they are NaN, which no guard lets through
    return _is_series(value) and bool(value.isna().any())


def _plain(value: Any) -> Any:
    """Return a Python number for a Python or NumPy one: products of np.int64 would wrap around."""
    return int(value) if hasattr(value, "__index__") else float(value)


def _shown(value: Any) -> str:
    if _is_number(value):
        value = _plain(value)
        if not -_MAX <= value <= _MAX:
            return "NaN" if value != value else "infinite or too large to compute with"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
