"""The unit of what a formula gives, from the units of what it is given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from costcheck.errors import unknown
from costcheck.formulas.signatures import described
from costcheck.units import notation
from costcheck.units.notation import Unit, UnitMismatch, made_of, split

_VARIABLES = ("A", "B", "C")
NO_QUANTITY = ("bool", "name")
"""Arguments that are no quantity: true or false, and words."""


def of_call(formula: str, inputs: Mapping[str, str | None]) -> tuple[str | None, dict[str, float]]:
    """Compare the units of a formula's inputs with those it asks for, and find the unit of its result.

    Args:
        formula: Its name.
        inputs: The unit of each input; None for a bare number, which is taken to be in whatever is asked for.

    Returns:
        The unit of the result, None where the inputs do not tell it or it is no quantity; and the factors by
        which inputs must be multiplied to be in the units asked for, where that is not 1.

    Raises:
        InputError: There is no such formula or argument, or a unit is none.
        UnitMismatch: An input does not fit; the message names formula and argument.

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
    given = {name: inputs[name] for name in asked if inputs.get(name) is not None}
    # those first that stand for one unit alone: they say what the letters of the others are
    for name in sorted(given, key=lambda argument: len(_letters(asked[argument]))):
        try:
            factor = _factor_for(notation.parse(str(given[name])), asked[name], bound)
        except UnitMismatch as error:
            raise UnitMismatch(error.given, error.wanted, error.why, formula, name) from None
        if factor != 1:
            factors[name] = factor
    return _resolved(signature.unit, bound), {name: factors[name] for name in asked if name in factors}


def _letters(unit: str) -> set[str]:
    if unit in NO_QUANTITY:
        return set()
    return {name for name, _ in split(unit, _VARIABLES)[1] if name in _VARIABLES}


def _factor_for(given: Unit, asked: str, bound: dict[str, Unit]) -> float:
    """Return the factor for a unit given where a unit with letters is asked for; bind letters new to us."""
    if asked in NO_QUANTITY:
        kind = "true or false" if asked == "bool" else "a name"
        raise UnitMismatch(str(given), asked, f"{kind} is asked for, not a quantity")
    number, parts = split(asked, _VARIABLES)
    free = [name for name in _letters(asked) if name not in bound]
    if free:
        _bind(given, asked, number, parts, bound)
    resolved = [part for name, power in parts for part in _substituted(name, power, bound)]
    wanted = made_of(tuple(resolved), number)
    factor = notation.conversion(given, wanted)
    if factor is None:
        raise UnitMismatch(str(given), str(wanted), notation.missing_between(given, wanted))
    return factor


def _substituted(name: str, power: int, bound: Mapping[str, Unit]) -> list[tuple[str, int]]:
    if name not in bound:
        return [(name, power)]
    return [(part, inner * power) for part, inner in bound[name].parts]


def _bind(
    given: Unit, asked: str, number: float, parts: tuple[tuple[str, int], ...], bound: dict[str, Unit]
) -> None:
    """Find what the letters of a unit stand for when another is given in its place."""
    free = [(name, power) for name, power in parts if name in _VARIABLES and name not in bound]
    letters = dict(free)
    fixed = [
        part for name, power in parts if name not in letters for part in _substituted(name, power, bound)
    ]
    if len(free) > 1:
        # such as B/A: what stands above is the one, what stands below the other
        for name, power in free:
            side = tuple((part, inner * power) for part, inner in given.parts if inner * power > 0)
            bound[name] = made_of(side)
        return
    ((letter, power),) = free
    left = list(given.parts)
    like = {part: _like(part, left) for part in fixed}
    if fixed and not any(like.values()):
        shown = "/".join(notation.written(_substituted(name, 1, bound)) for name, _ in parts)
        why = f"{letter} may be any unit, but the rest has to be there"
        if any(_like(part, notation.inverse(given)) for part in fixed):
            why = f"it is the wrong way round; give it in {notation.written(notation.inverse(given))}"
        raise UnitMismatch(str(given), shown, why)
    for match in like.values():
        if match in left:
            left.remove(match)
    # what a rate says nothing about stays: USD/GPU at CNY/USD is CNY/GPU
    left += [(name, -inner) for (name, inner), match in like.items() if match is None]
    rest = tuple((name, inner * power) for name, inner in left)
    bound[letter] = made_of(rest) if number == 1 else _smaller(made_of(rest), number)


def _like(part: tuple[str, int], among: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    """Return the first factor that can be converted to another."""
    wanted = made_of((part,)).dimensions
    return next((other for other in among if made_of((other,)).dimensions == wanted), None)


def _smaller(unit: Unit, by: float) -> Unit:
    """Return the unit of which so many make this one: FLOP/s for TFLOP/s, where 1e12 is asked for."""
    for place, (_, power) in enumerate(unit.parts):
        if power != 1:
            continue
        for other in notation.definitions():
            parts = (*unit.parts[:place], (other, 1), *unit.parts[place + 1 :])
            made = made_of(parts)
            if made.dimensions == unit.dimensions and math.isclose(
                made.scale * by, unit.scale, rel_tol=1e-12
            ):
                return made
    raise UnitMismatch(
        str(unit), f"{by:g} of a unit", "an amount in trillions is asked for, such as TFLOP/s or TB/s"
    )


def _resolved(unit: str, bound: Mapping[str, Unit]) -> str | None:
    if unit in NO_QUANTITY or not _letters(unit) <= bound.keys():
        return None
    number, parts = split(unit, _VARIABLES)
    return notation.written(
        [part for name, power in parts for part in _substituted(name, power, bound)], number
    )
