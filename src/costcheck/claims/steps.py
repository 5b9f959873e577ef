"""Sums as a reader checks them: numbers with their units, and the signs between them."""

from __future__ import annotations

from typing import Any

from costcheck.claims import references
from costcheck.claims.calls import bound
from costcheck.claims.evaluation import Names, is_number
from costcheck.claims.sums import BINDING, Call, Listed, Name, Node, Number, Operation, Words, parse
from costcheck.formulas import signatures
from costcheck.text.numbers import number_text, readable

_SHOWN = {"*": " × ", "/": " ÷ ", "+": " + ", "-": " − ", "**": " ^ ", "..": " to "}
MOST_ITEMS = 4
LARGE = 1e9


def in_steps(node: Node, names: Names, result: str) -> str:
    """Write a sum with its numbers, and what it comes to; nothing for a single number.

    >>> from costcheck.claims.loading import articles
    >>> from costcheck.prices.book import PriceBook
    >>> names = Names(articles()[0], PriceBook.article())
    >>> in_steps(parse("gpu_years(prices.gpu_hours, prices.days_in_year)"), names, "3,520.5 years")
    '30,840,000 GPU-hour ÷ 24 h/day ÷ 365 day/year = 3,520.5 years'
    """
    return "" if isinstance(node, Name | Number) else f"{written(node, names)} = {result}"


def written(node: Node, names: Names) -> str:
    """Write a sum with its numbers."""
    return _Written(names).text(node)


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


class _Written:
    def __init__(self, names: Names, arguments: dict[str, Node] | None = None) -> None:
        self.names, self.arguments = names, arguments or {}

    def text(self, node: Node, binding: int = 0) -> str:
        """Write a node, in brackets where what stands around it binds tighter."""
        match node:
            case Number(value, unit):
                return quantity(value, unit)
            case Name(name) if name in self.arguments:
                return _Written(self.names).text(self.arguments[name], binding)
            case Name(text) if references.is_row(text):
                return text
            case Name(text):
                known = self.names.known(text)
                return quantity(known.value, known.unit)
            case Words(text):
                return f"“{text}”"
            case Listed(items):
                return ", ".join(self.text(item) for item in items)
            case Operation("/", left, Number(1, unit)) if unit not in (None, "1"):
                return f"{self.text(left)}/{unit}"
            case Operation(sign, left, right):
                own = BINDING[sign]
                # what stands behind a minus or a division needs brackets where it binds alike
                sides = self.text(left, own), self.text(right, own + (sign in "-/"))
                # a formula's default, which changes nothing
                if sides[1] == "1" and sign in "*/":
                    return self.text(left, binding)
                if sides[0] == "1" and sign == "*":
                    return self.text(right, binding)
                written = _SHOWN[sign].join(sides)
                return f"({written})" if own < binding else written
            case Call(formula):
                return self.call(formula, dict(bound(node)), binding)

    def call(self, formula: str, arguments: dict[str, Node], binding: int) -> str:
        described = signatures.described(formula)
        if described.sum:
            defaults: dict[str, Node] = {
                one.name: Number(float(one.default), one.unit)
                for one in described.arguments
                if one.default is not None and is_number(one.default)
            }
            inside = {name: self.bound_to(argument) for name, argument in arguments.items()}
            return _Written(self.names, defaults | inside).text(parse(described.sum), binding)
        return f"{formula}({', '.join(self.text(argument) for argument in arguments.values())})"

    def bound_to(self, node: Node) -> Node:
        """Return an argument of a formula, or what it stands for inside another one's sum."""
        return self.arguments.get(node.text, node) if isinstance(node, Name) else node
