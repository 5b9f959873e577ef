"""Claims as functions of their prices: everything else computed once, the prices left open."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costcheck import formulas
from costcheck.claims.article import Article, Claim
from costcheck.claims.evaluation import Answer, Fitted, Names, applied, converted, fit, function_of
from costcheck.claims.kinds_and_colours import UNVERIFIED
from costcheck.claims.printed import band
from costcheck.claims.sums import Listed, Name, Node, Number, Words, names_in
from costcheck.errors import InputError, unknown
from costcheck.formulas._elementwise import larger, smaller
from costcheck.prices.book import PriceBook

Values = Mapping[str, Any]
"""By key, a price or an array of prices."""

PRICE = "prices."

ACROSS: Mapping[Callable[..., Any], Callable[..., Any]] = {
    formulas.lowest: lambda values: functools.reduce(smaller, values),
    formulas.highest: lambda values: functools.reduce(larger, values),
    formulas.total: lambda values: functools.reduce(operator.add, values),
    formulas.mean: lambda values: functools.reduce(operator.add, values) / len(values),
}
"""What formulas over a sequence of numbers do with arrays; a sum is rounded at every addition here."""


class _Place(str):
    """Where a price or an intermediate result is found among the values of a program."""


def _fetched(operand: Any, values: Values) -> Any:
    if isinstance(operand, _Place):
        return values[operand]
    return [_fetched(part, values) for part in operand] if isinstance(operand, list) else operand


class Program:
    """Sums of some open prices, compiled: each step once.

    >>> from costcheck.claims import articles
    >>> program, article = Program(["h100_usd"]), articles()[0]
    >>> names = Names(article, PriceBook.article())
    >>> ticket = program.add(fit(article.claim("Z51").made_of, names), names)
    >>> program({"h100_usd": 10_000.0})[ticket]
    430000000.0
    """

    def __init__(self, keys: Collection[str]) -> None:
        self.keys = tuple(keys)
        self._steps: dict[_Place, tuple[Callable[..., Any], Sequence[Any], Sequence[str]]] = {}
        self._outputs: list[Any] = []
        self.not_elementwise: list[str] = []
        """The formulas that take no arrays of scenarios."""

    def add(self, fitted: Fitted, names: Names) -> int:
        """Compile a sum, and return the number of its result among the program's."""
        operand = self._compiled(fitted.node, names)
        if operand not in self._outputs:
            self._outputs.append(operand)
        return self._outputs.index(operand)

    def _compiled(self, node: Node, names: Names) -> Any:
        match node:
            case Listed(items):
                return [self._compiled(item, names) for item in items]
            case Name(text):
                is_open = text.startswith(PRICE) and text.removeprefix(PRICE) in self.keys
                return _Place(text.removeprefix(PRICE)) if is_open else names.known(text).value
            case Number(value) | Words(value):
                return value
        function, arguments, argument_names = function_of(node)
        operands = [self._compiled(argument, names) for argument in arguments]
        if not any(_is_open(operand) for operand in operands):
            return applied(function, operands, argument_names)
        if not _is_elementwise(function, operands, argument_names):
            self.not_elementwise.append(function.__name__)
        place = _Place(f"{function.__name__}({operands})")
        self._steps.setdefault(place, (function, operands, argument_names))
        return place

    def __call__(self, values: Values) -> list[Any]:
        """Compute every output at a price for each key, or at an array for each, all of one length."""
        many = any(hasattr(value, "shape") for value in values.values())
        if many and self.not_elementwise:
            raise InputError(f"{self.not_elementwise[0]} takes no arrays of scenarios")
        known = dict(values)
        for place, (function, operands, names) in self._steps.items():
            function = ACROSS.get(function, function) if many else function
            known[place] = applied(function, [_fetched(part, known) for part in operands], names)
        return [_fetched(operand, known) for operand in self._outputs]


def _is_open(operand: Any) -> bool:
    return any(map(_is_open, operand)) if isinstance(operand, list) else isinstance(operand, _Place)


def _is_elementwise(function: Callable[..., Any], operands: Sequence[Any], names: Sequence[str]) -> bool:
    """Say whether a formula takes arrays for all that varies, and not one number or a sequence of them."""
    if not names or function in ACROSS:
        return True
    open_names = [name for name, operand in zip(names, operands, strict=True) if _is_open(operand)]
    return all("Quantity" in function.__annotations__[name] for name in open_names)


def reached(claim: Claim) -> set[str]:
    """Return the prices that a claim's sum names; those behind a printed figure do not move it.

    >>> from costcheck.claims import articles
    >>> sorted(reached(articles()[0].claim("Z51")))
    ['gpus', 'h100_usd']
    """
    return {name.removeprefix(PRICE) for name in names_in(claim.made_of) if name.startswith(PRICE)}


def last(keeps: Callable[[float], bool], inside: float, outside: float) -> tuple[float, float]:
    """Return the last number that keeps a condition, and the next, on the way from one inside to one outside.

    >>> last(lambda x: x < 2, 0, 10)
    (1.9999999999999998, 2.0)
    """
    while True:
        middle = inside + (outside - inside) / 2
        if middle in (inside, outside):
            return float(inside), float(outside)
        if keeps(middle):
            inside = middle
        else:
            outside = middle


@dataclass(frozen=True)
class Moving:
    """A claim that moves with prices, at some prices."""

    claim: Claim
    article: Article
    prices: PriceBook
    keys: tuple[str, ...]
    unit: str | None
    unverified: bool
    """Whether it rests on data, prices included, that nobody could verify."""
    fitted: Fitted = field(repr=False)
    names: Names = field(repr=False)
    program: Program = field(repr=False)

    def at(self, **prices: float) -> Answer:
        """Compute it where some prices are others."""
        (answer,) = self.program({key: self.prices[key] for key in self.keys} | prices)
        if isinstance(answer, float) and not math.isfinite(answer):
            raise OverflowError(f"claim {self.claim.id} comes out as {answer}")
        return answer  # type: ignore[no-any-return]

    @functools.cached_property
    def interval(self) -> tuple[float, float]:
        """The least and the greatest number at which the figure holds; of a yes or no, the number it is."""
        figure = self.claim.figure
        if figure is None:
            return float(bool(self.claim.value)), float(bool(self.claim.value))
        return band(figure).ends

    def side(self, answer: Answer) -> int:
        """Say whether an answer is below (-1), within (0) or above (1) what makes the figure hold."""
        low, high = self.interval
        return -1 if float(answer) < low else int(float(answer) > high)

    def holds(self, **prices: float) -> bool:
        """Say whether the printed figure holds where some prices are others."""
        return self.side(self.at(**prices)) == 0

    @property
    def verdict(self) -> str:
        """Whether it holds, in words, marked where it rests on unverified data."""
        return ("holds" if self.holds() else "does not hold") + UNVERIFIED * self.unverified


def moving(of: Sequence[Article] | None = None, prices: PriceBook | None = None) -> list[Moving]:
    """Return the claims that move with prices, of both of the package's articles by default.

    A price behind another claim's printed figure does not move a claim: that figure stays printed. A sum
    that is a range is left out.
    """
    from costcheck.claims import articles
    from costcheck.claims.verdict import prices_of_its_day

    claims = []
    for article in articles() if of is None else of:
        names = Names(article, (prices or PriceBook.article()).over(prices_of_its_day(article)))
        for claim in article.claims:
            if claim.made_of is None or not (touched := reached(claim)):
                continue
            program = Program([key for key in names.prices if key in touched])
            try:
                fitted = fit(claim.made_of, names)
                if isinstance(fitted.node, Listed):
                    continue  # the two ends of a range are no number to follow
                unit = claim.figure_unit or (str(fitted.unit) if fitted.unit else None)
                fitted = converted(fitted, unit)
                program.add(fitted, names)
                unverified = any(names.known(key).unverified for key in fitted.keys)
                moved = Moving(
                    claim, article, names.prices, program.keys, unit, unverified, fitted, names, program
                )
                moved.at()
            except (ValueError, TypeError, ArithmeticError) as error:
                raise InputError(f"{article.article}, claim {claim.id}: {error}") from error
            claims.append(moved)
    return claims


def find(id_: str, among: Sequence[Moving], of: Sequence[Article] | None = None) -> Moving:
    """Return the claim of an id, or refuse one that is unknown, in two articles, or moved by no price."""
    from costcheck.claims import articles

    named_so = [moved for moved in among if moved.claim.id == id_]
    if len(named_so) > 1:
        in_both = " and ".join(moved.article.article for moved in named_so)
        raise InputError(f"claim {id_} is in {in_both}: give one file")
    if named_so:
        return named_so[0]
    known = {claim.id: claim for article in (articles() if of is None else of) for claim in article.claims}
    if id_ not in known:
        raise unknown("claim", id_, known)
    movable = ", ".join(moved.claim.id for moved in among)
    others = f"; prices move {movable}" if movable else ", nor any other claim"
    why = "comes out as a range" if reached(known[id_]) else "rests on no price"
    raise InputError(f"claim {id_} {why}: nothing here moves it{others}")
