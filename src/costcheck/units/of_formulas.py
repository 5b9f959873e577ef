"""The unit of what a formula gives, from the units of what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from costcheck.errors import unknown
from costcheck.formulas.signatures import described
from costcheck.units.notation import Unit, UnitMismatch, conversion, made_of, missing_between, parse

LETTERS = ("A", "B", "C")
NO_QUANTITY = ("bool", "name")
"""Arguments that are no quantity: true or false, and words."""


@cache
def of_call(
    formula: str, inputs: tuple[tuple[str, Unit | None], ...]
) -> tuple[Unit | None, dict[str, float]]:
    """Compare the units of a formula's inputs, by name, with those it asks for, and find that of its result.

    The unit of what is no quantity is None. Returned are the unit of the result, None where the inputs do not
    tell it or it is no quantity, and the factors, other than 1, by which inputs must be multiplied to be in
    the units asked for. A `UnitMismatch` names formula and argument.

    >>> unit, factors = of_call("purchase", (("gpus", parse("GPU")), ("usd_per_gpu", parse("USD"))))
    Traceback (most recent call last):
    costcheck.units.notation.UnitMismatch: purchase, argument usd_per_gpu: USD does not fit USD/GPU: ...
    """
    signature = described(formula)
    asked = {argument.name: argument.unit for argument in signature.arguments}
    if strange := [name for name, _ in inputs if name not in asked]:
        raise unknown("argument", strange[0], asked, formula)
    given = {name: unit for name, unit in inputs if unit is not None}
    bound: dict[str, Unit] = {}
    factors: dict[str, float] = {}
    # those first that stand for one unit alone: they say what the letters of the others are
    for name in sorted(given, key=lambda argument: len(_letters(asked[argument]))):
        try:
            factors[name] = _factor_for(given[name], asked[name], bound)
        except UnitMismatch as error:
            raise UnitMismatch(error.given, error.wanted, error.why, formula, name) from None
    is_known = signature.unit not in NO_QUANTITY and _letters(signature.unit) <= bound.keys()
    result = _filled(signature.unit, bound) if is_known else None
    return result, {name: factors[name] for name in asked if factors.get(name, 1) != 1}


def _letters(unit: str) -> set[str]:
    return set() if unit in NO_QUANTITY else dict(parse(unit, LETTERS).parts).keys() & {*LETTERS}


def _filled(unit: str, bound: Mapping[str, Unit]) -> Unit:
    filled = parse(unit, LETTERS)
    for letter, power in filled.parts:
        if letter in bound:
            filled *= (bound[letter] / parse(letter, LETTERS)) ** power
    return filled


def _factor_for(given: Unit, asked: str, bound: dict[str, Unit]) -> float:
    """Return the factor for a unit given where a unit with letters is asked for; bind letters new to us."""
    if asked in NO_QUANTITY:
        kind = "true or false" if asked == "bool" else "a name"
        raise UnitMismatch(str(given), asked, f"{kind} is asked for, not a quantity")
    wanted = _filled(asked, bound)
    free = [(name, power) for name, power in wanted.parts if name in LETTERS]
    for letter, power in free:
        fixed = wanted / parse(letter, LETTERS) ** power
        rest = (given / fixed) ** power
        if len(free) > 1:  # such as B/A: what stands above is the one, what stands below the other
            bound[letter] = made_of(tuple((name, n * power) for name, n in given.parts if n * power > 0))
        elif not fixed.dimensions:  # a trillion of a unit is asked for: the unit is one without a prefix
            bound[letter] = made_of(rest.dimensions) if fixed.parts else rest
        elif _kinds(given) & _kinds(fixed):
            bound[letter] = rest.lowest()[1]
        else:
            why = f"{letter} may be any unit, but the rest has to be there"
            if _kinds(given**-1) & _kinds(fixed):
                why = f"it is the wrong way round; give it in {given**-1}"
            raise UnitMismatch(str(given), str(wanted), why)
    wanted = _filled(asked, bound)
    if (by := conversion(given, wanted)) is None:
        raise UnitMismatch(str(given), str(wanted), missing_between(given, wanted))
    return by


def _kinds(unit: Unit) -> set[object]:
    return {made_of((part,)).dimensions for part in unit.parts}
