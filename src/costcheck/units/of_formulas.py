"""The unit of what a formula gives, from the units of what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from costcheck.errors import unknown
from costcheck.formulas.signatures import described
from costcheck.units import notation
from costcheck.units.notation import Unit, UnitMismatch, made_of, split

_LETTERS = ("A", "B", "C")
NO_QUANTITY = ("bool", "name")
"""Arguments that are no quantity: true or false, and words."""
Parts = Iterable[tuple[str, int]]


def of_call(formula: str, inputs: Mapping[str, str | None]) -> tuple[str | None, dict[str, float]]:
    """Compare the units of a formula's inputs with those it asks for, and find the unit of its result.

    The unit of a bare number is None: it is in whatever is asked for. Returned are the unit of the result,
    None where the inputs do not tell it or it is no quantity, and the factors, other than 1, by which inputs
    must be multiplied to be in the units asked for. A `UnitMismatch` names formula and argument.

    >>> of_call("purchase", {"gpus": "GPU", "usd_per_gpu": "USD/GPU"})
    ('USD', {})
    >>> of_call("convert", {"amount": "USD", "rate": "CNY/USD"})
    ('CNY', {})
    >>> of_call("gpus_to_hold", {"weight_bytes": "GB", "memory_bytes_per_gpu": "GiB"})
    ('GPU', {'weight_bytes': 1000000000.0, 'memory_bytes_per_gpu': 1073741824.0})
    """
    signature = described(formula)
    asked = {argument.name: argument.unit for argument in signature.arguments}
    bound: dict[str, Unit] = {}
    factors: dict[str, float] = {}
    for name in inputs:
        if name not in asked:
            raise unknown("argument", name, asked, formula)
    given = {name: unit for name in asked if (unit := inputs.get(name)) is not None}
    # those first that stand for one unit alone: they say what the letters of the others are
    for name in sorted(given, key=lambda argument: len(_letters(asked[argument]))):
        try:
            factors[name] = _factor_for(notation.parse(given[name]), asked[name], bound)
        except UnitMismatch as error:
            raise UnitMismatch(error.given, error.wanted, error.why, formula, name) from None
    result = None
    if signature.unit not in NO_QUANTITY and _letters(signature.unit) <= bound.keys():
        number, parts = split(signature.unit, _LETTERS)
        result = notation.written(_substituted(parts, bound), number)
    return result, {name: factors[name] for name in asked if factors.get(name, 1) != 1}


def _letters(unit: str) -> set[str]:
    return set() if unit in NO_QUANTITY else {name for name, _ in split(unit, _LETTERS)[1]} & {*_LETTERS}


def _factor_for(given: Unit, asked: str, bound: dict[str, Unit]) -> float:
    """Return the factor for a unit given where a unit with letters is asked for; bind letters new to us."""
    if asked in NO_QUANTITY:
        kind = "true or false" if asked == "bool" else "a name"
        raise UnitMismatch(str(given), asked, f"{kind} is asked for, not a quantity")
    number, parts = split(asked, _LETTERS)
    free = [(name, power) for name, power in parts if name in _LETTERS and name not in bound]
    if len(free) > 1:
        # such as B/A: what stands above is the one, what stands below the other
        for name, power in free:
            bound[name] = made_of(
                tuple((part, inner * power) for part, inner in given.parts if inner * power > 0)
            )
    elif free:
        rest = made_of(tuple(_rest(given, free[0], parts, bound)))
        # a trillion of a unit is asked for: what it is of is a unit without a prefix
        bound[free[0][0]] = rest if number == 1 else made_of(rest.dimensions)
    wanted = made_of(tuple(_substituted(parts, bound)), number)
    factor = notation.conversion(given, wanted)
    if factor is None:
        raise UnitMismatch(str(given), str(wanted), notation.missing_between(given, wanted))
    return factor


def _substituted(parts: Parts, bound: Mapping[str, Unit]) -> list[tuple[str, int]]:
    return [
        (part, inner * power)
        for name, power in parts
        for part, inner in (bound[name].parts if name in bound else [(name, 1)])
    ]


def _rest(given: Unit, free: tuple[str, int], parts: Parts, bound: Mapping[str, Unit]) -> Parts:
    """Return what the one new letter of a unit stands for when another is given in its place."""
    letter, power = free
    fixed = _substituted([part for part in parts if part != free], bound)
    left = list(given.parts)
    like = {part: _like(part, left) for part in fixed}
    if fixed and not any(like.values()):
        why = f"{letter} may be any unit, but the rest has to be there"
        if any(_like(part, notation.inverse(given)) for part in fixed):
            why = f"it is the wrong way round; give it in {notation.written(notation.inverse(given))}"
        shown = "/".join(notation.written(_substituted([(name, 1)], bound)) for name, _ in parts)
        raise UnitMismatch(str(given), shown, why)
    for match in like.values():
        if match in left:
            left.remove(match)
    # what a rate says nothing about stays: USD/GPU at CNY/USD is CNY/GPU
    left += [(name, -inner) for (name, inner), match in like.items() if match is None]
    return [(name, inner * power) for name, inner in left]


def _like(part: tuple[str, int], among: Parts) -> tuple[str, int] | None:
    """Return the first factor that can be converted to another."""
    wanted = made_of((part,)).dimensions
    return next((other for other in among if made_of((other,)).dimensions == wanted), None)
