"""Claims as formulas of their prices: everything else reckoned once, the prices left open."""

from __future__ import annotations

import functools
import inspect
import math
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costcheck.claims.article import Article, Call, Claim, named
from costcheck.claims.evaluation import Answer, quantity
from costcheck.claims.kinds_and_colours import UNVERIFIED
from costcheck.claims.printed import Hedge, holds
from costcheck.errors import InputError, unknown
from costcheck.formulas._elementwise import larger, smaller
from costcheck.prices.book import PriceBook
from costcheck.text.numbers import Printed

Values = Mapping[str, Any]
"""By key, a price or an array of prices."""

PRICE = "prices."

ACROSS: Mapping[str, Callable[..., Any]] = {
    "lowest": lambda values: functools.reduce(smaller, values),
    "highest": lambda values: functools.reduce(larger, values),
    "total": lambda values: functools.reduce(operator.add, values),
    "mean": lambda values: functools.reduce(operator.add, values) / len(values),
}
"""What formulas over a sequence of numbers do with arrays; a sum is rounded at every addition here."""


class _Place(str):
    """Where a price or an intermediate result is found among the values of a program."""


def _fetched(operand: Any, values: Values) -> Any:
    if isinstance(operand, _Place):
        return values[operand]
    return [_fetched(part, values) for part in operand] if isinstance(operand, list) else operand


class Program:
    """Formulas of some open prices, compiled: each step once.

    >>> from costcheck.claims import articles
    >>> program, article = Program(["h100_usd"]), articles()[0]
    >>> ticket = program.add(article.claim("Z51").call, article, PriceBook.article())
    >>> program({"h100_usd": 10_000.0})[ticket]
    430000000.0
    """

    def __init__(self, keys: Collection[str]) -> None:
        self.keys = tuple(keys)
        self._steps: dict[_Place, tuple[str, Mapping[str, Any]]] = {}
        self._outputs: list[Any] = []
        self.not_elementwise: list[str] = []
        """The formulas that take no arrays of scenarios."""

    def add(self, item: Any, article: Article, prices: PriceBook) -> int:
        """Compile what a claim is reckoned from, and return the number of its result among the program's."""
        operand = self._compiled(item, article, prices)
        if operand not in self._outputs:
            self._outputs.append(operand)
        return self._outputs.index(operand)

    def _compiled(self, item: Any, article: Article, prices: PriceBook) -> Any:
        if not reached(item) & set(self.keys):
            return quantity(item, article, prices).value
        if isinstance(item, str):
            return _Place(item.removeprefix(PRICE))
        if isinstance(item, list):
            return [self._compiled(part, article, prices) for part in item]
        inputs = {name: self._compiled(given, article, prices) for name, given in item.filled().items()}
        if not _is_elementwise(item.formula, inputs):
            self.not_elementwise.append(item.formula)
        place = _Place(f"{item.formula}({inputs})")
        self._steps.setdefault(place, (item.formula, inputs))
        return place

    def __call__(self, values: Values) -> list[Any]:
        """Compute every output at a price for each key, or at an array for each, all of one length."""
        many = any(hasattr(value, "shape") for value in values.values())
        if many and self.not_elementwise:
            raise InputError(f"{self.not_elementwise[0]} takes no arrays of scenarios")
        known = dict(values)
        for place, (formula, operands) in self._steps.items():
            function = ACROSS[formula] if many and formula in ACROSS else named(formula)
            known[place] = function(**{name: _fetched(part, known) for name, part in operands.items()})
        return [_fetched(operand, known) for operand in self._outputs]


def _is_elementwise(formula: str, inputs: Mapping[str, Any]) -> bool:
    """Say whether a formula takes arrays for all that varies, and not one number or a sequence of them."""
    arguments = inspect.signature(named(formula)).parameters
    return formula in ACROSS or not any(
        isinstance(part, _Place) and "Quantity" not in str(arguments[name].annotation)
        for name, operand in inputs.items()
        for part in (operand if isinstance(operand, list) else [operand])
    )


def reached(item: Any) -> set[str]:
    """Return the prices that something names; those behind a printed figure do not move it.

    >>> inputs = {"gpus": "claims.Z49", "usd_per_gpu": "prices.h100_usd"}
    >>> reached(Call(formula="purchase", inputs=inputs))
    {'h100_usd'}
    """
    if isinstance(item, Call):
        return set().union(*(reached(given) for given in item.filled().values()))
    if isinstance(item, list):
        return set().union(*map(reached, item))
    return {item.removeprefix(PRICE)} if isinstance(item, str) and item.startswith(PRICE) else set()


@functools.cache
def holding(hedge: Hedge, printed: Printed) -> tuple[float, float] | None:
    """Return the least and the greatest number at which a printed figure holds.

    Both are inclusive, taken from `costcheck.claims.printed.holds` itself to the last bit, and infinite where
    there is no limit; ``None`` where no number makes it hold. 17亿 stands for 1.65 to 1.75 billion.
    """

    def inside(at: float) -> bool:
        return holds(hedge, printed, at)

    def end(start: float, direction: float) -> float:
        step = max(size, printed.unit_in_last_place)
        while inside(start + direction * step):
            step *= 2
            if math.isinf(step):
                return direction * math.inf
        return last(inside, start, start + direction * step)[0]

    value, size = printed.value, float(abs(printed.value) + 1)
    for at in (value, value - printed.unit_in_last_place / 8, value + size, value - size):
        if inside(at):
            return end(at, -1.0), end(at, 1.0)
    return None


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
    program: Program = field(repr=False)

    @property
    def made_of(self) -> Any:
        """What it is reckoned from."""
        return self.claim.fact or self.claim.call

    @functools.cached_property
    def unverified(self) -> bool:
        """Whether it rests on data, prices included, that nobody could verify."""
        return quantity(self.made_of, self.article, self.prices).unverified

    def at(self, **prices: float) -> Answer:
        """Compute it where some prices are others."""
        (answer,) = self.program({key: self.prices[key] for key in self.keys} | prices)
        if isinstance(answer, float) and not math.isfinite(answer):
            raise OverflowError(f"claim {self.claim.id} comes out as {answer}")
        return answer  # type: ignore[no-any-return]

    @functools.cached_property
    def interval(self) -> tuple[float, float] | None:
        """The least and the greatest number at which the figure holds; of a yes or no, the number it is."""
        printed = self.claim.figure_printed
        if printed is None:
            return float(bool(self.claim.value)), float(bool(self.claim.value))
        return holding(self.claim.hedge, printed)

    def side(self, answer: Answer) -> int:
        """Say whether an answer is below (-1), within (0) or above (1) what makes the figure hold."""
        if self.interval is None:
            return 1
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

    A price behind another claim's printed figure does not move a claim: that figure stays printed.
    """
    from costcheck.claims import articles

    claims = []
    prices = prices or PriceBook.article()
    for article in articles() if of is None else of:
        book = prices.extended(article.own_quotes)
        for claim in article.claims:
            made_of = claim.fact or claim.call
            if not (touched := reached(made_of)):
                continue
            program = Program([key for key in book if key in touched])
            try:
                program.add(made_of, article, book)
                moved = Moving(claim, article, book, program.keys, program)
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
    known = [claim.id for article in (articles() if of is None else of) for claim in article.claims]
    if id_ not in known:
        raise unknown("claim", id_, known)
    movable = ", ".join(moved.claim.id for moved in among) or "none"
    raise InputError(f"claim {id_} rests on no price: nothing here moves it; {movable} do")
