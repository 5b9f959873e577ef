"""The language of sums (data/articles/README.md): quantities with units, names, + - * / ** and formulas.

A unit follows its number without blanks around its / and -; an operator between quantities has blanks around
it. A sum is data: it is parsed into nodes and never run as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple, NoReturn

from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.formulas import signatures
from costcheck.text.numerals import MAGNITUDES
from costcheck.units.in_words import CURRENCY_SIGNS

LONGEST = 5_000
DEEPEST, MOST_OPERATIONS = 40, 200
"""Brackets and calls within one another, and operators in all."""


class Number(NamedTuple):
    """A quantity in place."""

    value: float
    unit: str = "1"


class Name(NamedTuple):
    """A given number, a price (``prices.KEY``), a claim; or a cell, a column, a whole row of a table."""

    text: str


class Words(NamedTuple):
    """Words for a formula that takes names."""

    text: str
    quote: str = '"'  # so that they are equal to no name


class Listed(NamedTuple):
    """Several of these in brackets, or the two ends of a range once its units fit."""

    items: tuple[Node, ...]


class Operation(NamedTuple):
    """Two sides of ``+ - * / **``, or of a range's ``..``."""

    sign: str
    left: Node
    right: Node


class Call(NamedTuple):
    """A formula and its arguments by name, those that a table's row gives filled in."""

    formula: str
    arguments: tuple[tuple[str, Node], ...]


Node = Number | Name | Words | Listed | Operation | Call

_SAME = {"×": "*", "÷": "/", "−": "-", "^": "**"}
BINDING = {"..": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5}
"""How tightly an operator binds."""
_NEGATIVE = 4


@cache
def _tokens() -> re.Pattern[str]:
    """Return what a token looks like; compiled when it is needed."""
    table, word = r"[A-Za-z_]\w*", r"[A-Za-zμ][A-Za-z0-9]*"
    column = r"\.\w+(?:\[\*\](?: by \w+)?)?"
    return re.compile(
        rf"(?P<cell>{table}\[(?![*])[^\[\]\n]*\](?:{column})?|{table}\.\w+\[\*\](?: by \w+)?)"
        r'|"(?P<words>[^"\n]*)"'
        r"|(?P<sign>[$€£₹₩])?(?P<digits>\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)"
        r"(?P<magnitude>bn\b|[kKMBT](?![A-Za-z0-9])|[万亿億]| (?:thousand|million|billion|trillion)\b)?"
        rf"(?P<unit>%| ?{word}(?:[/-]{word})*|/{word}(?:[/-]{word})*)?"
        rf"|(?P<name>{table}(?:\.\w+)?)"
        r"|(?P<symbol>\*\*|\.\.|[-+*/×÷−^(),=\[\]])|\S",
        re.ASCII,
    )


@cache
def parse(text: str) -> Node:
    """Parse a sum.

    Raises:
        InputError: It is no sum; the message names the place.

    >>> parse("fleet / 8").right, parse("$2.50/GPU-hour").unit
    (Number(value=8.0, unit='1'), 'USD/GPU-hour')
    """
    if len(text) > LONGEST:
        raise InputError(f"a sum of more than {LONGEST:,} characters")
    parser = _Parser(text)
    node = parser.expression()
    if parser.now:
        parser.refuse()
    return node


class _Parser:
    """Precedence climbing: each operator takes what binds tighter than itself."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.operations = text, 0, 0
        self.tokens = _tokens().finditer(text)
        self.step()

    def step(self) -> None:
        self.now = next(self.tokens, None)
        symbol = self.now["symbol"] if self.now else ""
        self.symbol = _SAME.get(symbol, symbol)

    def refuse(self) -> NoReturn:
        if self.now is None:
            end = f"something is missing at the end of {self.text[-60:]!r}"
            raise InputError(end if self.text else "a sum is empty")
        at, comma = (
            self.now.start(),
            "; write a million as 1_000_000, 1e6 or 1M" * (self.symbol == "," and not self.depth),
        )
        before = " ".join(self.text[max(0, at - 30) : at].split())
        place = f"after {before!r}" if before else "at the beginning"
        form = "a sum is written as fleet * $2.50/GPU-hour or mfu(achieved, peak)"
        raise InputError(f"unexpected {self.now[0][:40]!r} {place}{comma}; {form}")

    def takes(self, symbol: str) -> bool:
        if is_next := self.symbol == symbol:
            self.step()
        return is_next

    def expression(self, binding: int = 0) -> Node:
        self.depth += 1
        node = self.atom()
        while (tighter := BINDING.get(self.symbol or "", 0)) > binding:
            sign = str(self.symbol)
            self.step()
            self.operations += 1
            # a power takes what follows it first: 2 ** 3 ** 2 is 2 ** 9
            node = Operation(sign, node, self.expression(tighter - (sign == "**")))
        self.depth -= 1
        return node

    def atom(self) -> Node:
        if self.depth > DEEPEST or self.operations > MOST_OPERATIONS:
            raise InputError(f"a sum more than {DEEPEST} brackets deep or {MOST_OPERATIONS} operations long")
        token = self.now
        if self.takes("("):
            node = self.expression()
            if not self.takes(")"):
                self.refuse()
            return node
        if self.takes("-"):
            return Operation("*", Number(-1.0), self.expression(_NEGATIVE))
        if self.takes("["):
            return Listed(tuple(node for _, node in self.several("]")))
        if token is None or token.lastgroup in (None, "symbol"):
            self.refuse()
        self.step()
        if token["digits"]:
            return _number(token)
        if token["name"] and self.takes("("):
            return Call(token["name"], tuple(_bound(token["name"], self.several(")")).items()))
        return Name(token[0]) if token["words"] is None else Words(token["words"])

    def several(self, end: str) -> Iterator[tuple[str, Node]]:
        while not self.takes(end):
            node, name = self.expression(), ""
            if isinstance(node, Name) and self.takes("="):
                name, node = node.text, self.expression()
            yield name, node
            if self.symbol != end and not self.takes(","):
                self.refuse()


def _bound(formula: str, given: Iterable[tuple[str, Node]]) -> dict[str, Node]:
    """Return the arguments of a formula by name, those that a table's row gives filled in."""
    parameters = {argument.name: argument for argument in signatures.described(formula).arguments}
    by_place = iter(parameters)
    bound: dict[str, Node] = {}
    filled: dict[str, Node] = {}
    for name, argument in given:
        if not name and isinstance(argument, Name) and re.search(r"[^*]\]$", argument.text):  # a row
            columns = {field["name"] for field in tables.schema(argument.text.partition("[")[0])}
            filled |= {
                column: Name(f"{argument.text}.{column}") for column in parameters if column in columns
            }
            continue
        if not name and (name := next((free for free in by_place if free not in bound), "")) == "":
            raise InputError(f"{formula} takes {len(parameters)} arguments: {', '.join(parameters)}")
        if name not in parameters:
            raise InputError(f"{formula}: {unknown('argument', name, parameters)}")
        if name in bound:
            raise InputError(f"{formula}: {name} is given twice")
        bound[name] = argument
    bound = filled | bound
    if missing := [name for name, one in parameters.items() if one.default is None and name not in bound]:
        raise InputError(f"{formula} needs {', '.join(missing)}")
    return bound


def _number(match: re.Match[str]) -> Number:
    digits, _, power = match["digits"].replace("_", "").lower().partition("e")
    zeros = MAGNITUDES[match["magnitude"].strip().lower()] if match["magnitude"] else 0
    # 30.84 * 1e6 is 30839999.999999996; the decimal text with an exponent is exact
    value = float(f"{digits}e{int(power or 0) + zeros}")
    unit = (match["unit"] or "").strip().replace("%", "percent")
    if match["sign"]:
        unit = CURRENCY_SIGNS[match["sign"]] + (unit if unit.startswith("/") or not unit else f"-{unit}")
    elif unit.startswith("/"):
        unit = f"1{unit}"
    return Number(value, unit or "1")


def names_in(node: Node | None) -> list[str]:
    """Return the names and cells that a sum looks up, each once."""
    parts = walk(node) if node else ()
    return list(dict.fromkeys(part.text for part in parts if isinstance(part, Name)))


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, a formula before its arguments."""
    yield node
    match node:
        case Operation(_, left, right):
            yield from walk(left)
            yield from walk(right)
        case Call(_, arguments):
            for _, argument in arguments:
                yield from walk(argument)
        case Listed(items):
            for item in items:
                yield from walk(item)
