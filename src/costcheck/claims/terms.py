"""Terms: what a sum is once its units fit; evaluated with numbers, the ends of intervals, or arrays."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from costcheck.errors import InputError

OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
}  # fmt: skip


class Interval(NamedTuple):
    """The least and the greatest that a number may be."""

    low: Any
    high: Any


class Leaf(NamedTuple):
    """A constant, or the key by which a value is looked up."""

    value: Any = None
    key: str = ""


class Applied(NamedTuple):
    """A function of other terms; ``names`` are those of its arguments, for a formula."""

    function: Callable[..., Any]
    terms: tuple[Term, ...]
    names: tuple[str, ...] = ()


Term = Leaf | Applied | list["Leaf | Applied"]


Lift = Callable[[Callable[..., Any], Sequence[Any], Sequence[str]], Any]
"""How a function is applied to arguments that are more than numbers."""


def evaluate(term: Term, values: Mapping[str, Any], lift: Lift | None = None) -> Any:
    """Compute a term from the values of its keys: numbers, arrays, or with `at_ends` intervals."""
    if isinstance(term, list):
        return [evaluate(item, values, lift) for item in term]
    if isinstance(term, Leaf):
        return values[term.key] if term.key else term.value
    arguments = [evaluate(inner, values, lift) for inner in term.terms]
    return (lift or applied)(term.function, arguments, term.names)


def applied(function: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]) -> Any:
    """Call a function with arguments by place, or by name where they have names."""
    try:
        return function(**dict(zip(names, arguments, strict=True))) if names else function(*arguments)
    except ZeroDivisionError:
        raise InputError("a division by zero") from None
    except OverflowError:
        raise InputError("a number on the way is too large, above 1e308") from None


def at_ends(function: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]) -> Any:
    """Apply a function at all combinations of its arguments' ends; what comes out lies between.

    >>> at_ends(operator.sub, [Interval(2, 3), Interval(1, 5)], ())
    Interval(low=-3, high=2)
    """
    if function is operator.truediv and isinstance(arguments[1], Interval):
        low, high = arguments[1]
        if low <= 0 <= high:
            raise InputError(f"a division by what may be zero: it lies between {low:g} and {high:g}")
    choices = [_ends(argument) for argument in arguments]
    if all(len(ends) == 1 for ends in choices):
        return applied(function, [ends[0] for ends in choices], names)
    results: list[Any] = []
    refused: Exception | None = None
    for chosen in itertools.product(*choices):
        try:
            results.append(applied(function, chosen, names))
        except ValueError as error:  # beyond what a formula takes: a share above 1
            refused = error
    if not results:
        raise refused or InputError("it comes to nothing")
    low, high = min(results), max(results)
    return low if low == high else Interval(low, high)


def _ends(argument: Any) -> list[Any]:
    if isinstance(argument, Interval):
        return list(argument)
    if isinstance(argument, list) and any(isinstance(item, Interval) for item in argument):
        # a list moves as a whole: sums, means and the like rise with all that is in it
        return [[item[end] if isinstance(item, Interval) else item for item in argument] for end in (0, 1)]
    return [argument]
