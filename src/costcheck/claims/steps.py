"""Sums as a reader checks them: numbers with their units, and the signs between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costcheck.claims.evaluation import Names, is_number
from costcheck.claims.sums import BINDING, Call, Listed, Name, Node, Number, Operation, Words, parse
from costcheck.formulas import signatures
from costcheck.text.numbers import number_text, readable

_SHOWN = {"*": " × ", "/": " ÷ ", "+": " + ", "-": " − ", "**": " ^ ", "..": " to "}
MOST_ITEMS = 4
LARGE = 1e9


def in_steps(node: Node, names: Names, result: str) -> str:
    """Write a sum with its numbers, and what it comes to; nothing for a single number."""
    return "" if isinstance(node, Name | Number) else f"{written(node, names)} = {result}"


def written(node: Node, names: Names) -> str:
    """Write a sum with its numbers, formulas by the sums in their docstrings."""
    return _written(_spelt_out(node, {}), names)


def quantity(value: Any, unit: str | None) -> str:
    """Write a number with its unit: at full precision, but in words from a billion on.

    >>> quantity(30.84e6, "GPU-hour"), quantity(0.5, "1"), quantity(405e9, "parameter")
    ('30,840,000 GPU-hour', '0.5', '405 billion parameters')
    """
    if isinstance(value, list):
        few = len(value) <= MOST_ITEMS
        return ", ".join(quantity(item, unit) for item in value) if few else f"{len(value)} values"
    if not is_number(value):
        return number_text(value)
    if abs(value) >= LARGE:
        return readable(value, unit)
    return f"{value:,.10g}" if unit in (None, "1") else f"{value:,.10g} {unit}"


def _spelt_out(node: Node, arguments: Mapping[str, Node]) -> Node:
    """Put a formula's own sum in the place of its call, and its arguments in the place of their names."""
    match node:
        case Name(text):
            return arguments.get(text, node)
        case Operation(sign, left, right):
            return Operation(sign, _spelt_out(left, arguments), _spelt_out(right, arguments))
        case Listed(items):
            return Listed(tuple(_spelt_out(item, arguments) for item in items))
        case Call(formula, given):
            inside = {name: _spelt_out(argument, arguments) for name, argument in given}
            described = signatures.described(formula)
            if not described.sum:
                return Call(formula, tuple(inside.items()))
            defaults: dict[str, Node] = {
                argument.name: Number(float(argument.default), argument.unit)
                for argument in described.arguments
                if argument.default is not None and is_number(argument.default)
            }
            return _spelt_out(parse(described.sum), defaults | inside)
    return node


def _written(node: Node, names: Names, binding: int = 0) -> str:
    """Write a node, in brackets where what stands around it binds tighter."""
    match node:
        case Number(value, unit):
            return quantity(value, unit)
        case Name(text):
            known = names.known(text)
            return quantity(known.value, known.unit)
        case Words(text):
            return f"“{text}”"
        case Listed(items):
            return ", ".join(_written(item, names) for item in items)
        case Call(formula, arguments):
            return f"{formula}({', '.join(_written(argument, names) for _, argument in arguments)})"
        case Operation("/", Name(text), Number(1, unit)) if names.known(text).unit == unit:
            return quantity(names.known(text).value, "1")  # 80 of 80 layers
        case Operation("/", left, Number(1, unit)) if unit not in (None, "1"):
            return f"{_written(left, names)}/{unit}"
        case Operation(sign, left, right):
            own = BINDING[sign]
            # what stands behind a minus or a division needs brackets where it binds alike
            sides = _written(left, names, own), _written(right, names, own + (sign in "-/"))
            # a formula's default, which changes nothing
            if sides[1] == "1" and sign in "*/":
                return _written(left, names, binding)
            if sides[0] == "1" and sign == "*":
                return _written(right, names, binding)
            text = _SHOWN[sign].join(sides)
            return f"({text})" if own < binding else text
