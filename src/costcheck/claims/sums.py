"""The language of sums (data/articles/README.md): quantities with units, names, + - * / ** and formulas.

A unit follows its number without blanks around its / and -; an operator between quantities has blanks around
it. A sum is data: it is parsed into nodes and never run as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, NoReturn

from costcheck.errors import InputError
from costcheck.text.numerals import MAGNITUDES
from costcheck.units.in_words import CURRENCY_SIGNS

LONGEST = 5_000
DEEPEST, MOST_OPERATIONS = 40, 200
"""Brackets and calls within one another, and operators in all."""


class Number(NamedTuple):
    """A quantity in place."""

    value: float
    unit: str


class Name(NamedTuple):
    """A given number, a price (``prices.KEY``), a claim; or a cell, a column, a whole row of a table."""

    text: str


class Words(NamedTuple):
    """Words for a formula that takes names."""

    text: str
    quote: str = '"'  # so that they are equal to no name


class Listed(NamedTuple):
    """Several of these in brackets."""

    items: tuple[Node, ...]


class Operation(NamedTuple):
    """Two sides of ``+ - * / **``, or of a range's ``..``."""

    sign: str
    left: Node
    right: Node


class Call(NamedTuple):
    """A formula and its arguments: a name, empty where given by place, and a node for each."""

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
        r"|(?P<symbol>\*\*|\.\.|[-+*/×÷−^(),=\[\]])",
        re.ASCII,
    )


@cache
def parse(text: str) -> Node:
    """Parse a sum.

    Raises:
        InputError: It is no sum; the message names the place.

    >>> parse("fleet / 8").right
    Number(value=8.0, unit='1')
    >>> parse("$2.50/GPU-hour").unit, parse("30.84M GPU-hour").value
    ('USD/GPU-hour', 30840000.0)
    """
    if len(text) > LONGEST:
        raise InputError(f"a sum of more than {LONGEST:,} characters")
    return _Parser(text).whole()


class _Token(NamedTuple):
    kind: str
    text: str
    at: int
    match: Any = None


class _Parser:
    """Precedence climbing: each operator takes what binds tighter than itself."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.operations = text, 0, 0
        self.tokens = self.read()
        self.now = next(self.tokens)

    def read(self) -> Iterator[_Token]:
        at, text = 0, self.text
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            match = _tokens().match(text, at)
            if match is None:
                self.refuse(at, f"unexpected {text[at]!r}")
            kind = "number" if match["digits"] else str(match.lastgroup)
            yield _Token(kind, _SAME.get(match[0], match[0]), at, match)
            at = match.end()
        yield _Token("end", "", at)

    def refuse(self, at: int, why: str) -> NoReturn:
        before = " ".join(self.text[max(0, at - 30) : at].split())
        place = f"after {before!r}" if before else "at the beginning"
        raise InputError(f"{why} {place}; a sum is written as fleet * $2.50/GPU-hour or mfu(achieved, peak)")

    def step(self) -> _Token:
        token, self.now = self.now, next(self.tokens, self.now)
        return token

    def takes(self, symbol: str) -> bool:
        if self.now.kind == "symbol" and self.now.text == symbol:
            self.step()
            return True
        return False

    def whole(self) -> Node:
        node = self.expression(0)
        if self.now.kind != "end":
            comma = "; write a million as 1_000_000, 1e6 or 1M" if self.now.text == "," else ""
            self.refuse(self.now.at, f"unexpected {self.now.text[:40]!r}{comma}")
        return node

    def expression(self, binding: int) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise InputError(f"brackets and formulas more than {DEEPEST} deep")
        node = self.atom()
        while self.now.kind == "symbol" and (tighter := BINDING.get(self.now.text, 0)) > binding:
            token = self.step()
            self.operations += 1
            if self.operations > MOST_OPERATIONS:
                raise InputError(f"more than {MOST_OPERATIONS} operations in one sum")
            # a power takes what follows it first: 2 ** 3 ** 2 is 2 ** 9
            node = Operation(token.text, node, self.expression(tighter - (token.text == "**")))
        self.depth -= 1
        return node

    def atom(self) -> Node:  # noqa: RET503 - what is left is refused
        token = self.step()
        match token.kind:
            case "number":
                return _number(token.match)
            case "cell":
                return Name(token.text)
            case "words":
                return Words(token.text[1:-1])
            case "name" if self.takes("("):
                return Call(token.text, tuple(self.several(")")))
            case "name":
                return Name(token.text)
            case "symbol" if token.text == "(":
                node = self.expression(0)
                self.closed(")")
                return node
            case "symbol" if token.text == "-":
                return Operation("*", Number(-1.0, "1"), self.expression(_NEGATIVE))
            case "symbol" if token.text == "[":
                return Listed(tuple(node for _, node in self.several("]")))
            case "end":
                end = f"something is missing at the end of {self.text[-60:]!r}"
                raise InputError(end if self.text else "a sum is empty")
            case _:
                self.refuse(token.at, f"unexpected {token.text!r}")

    def several(self, end: str) -> Iterator[tuple[str, Node]]:
        while not self.takes(end):
            node, name = self.expression(0), ""
            if isinstance(node, Name) and self.takes("="):
                name, node = node.text, self.expression(0)
            yield name, node
            if not self.takes(","):
                self.closed(end)
                return

    def closed(self, end: str) -> None:
        if not self.takes(end):
            if self.now.kind == "end":
                raise InputError(f"a {end} is missing at the end of {self.text[-60:]!r}")
            self.refuse(self.now.at, f"a {end} is missing before {self.now.text[:40]!r}")


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


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, a formula before its arguments.

    >>> [type(part).__name__ for part in walk(parse("a + f(b)"))]
    ['Operation', 'Name', 'Call', 'Name']
    """
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
