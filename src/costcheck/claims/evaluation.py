"""Evaluate sums: units fitted once, then one evaluator for numbers, the ends of intervals, and arrays."""

from __future__ import annotations

import itertools
import math
import operator
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeGuard

from costcheck import formulas
from costcheck.claims import references
from costcheck.claims.article import Article
from costcheck.claims.printed import Figure
from costcheck.claims.sums import Call, Listed, Name, Node, Number, Operation, Words, names_in
from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.units import notation, of_formulas
from costcheck.units.notation import Unit

Answer = float | bool | str
"""What a claim states or comes out as: a number, true or false, or a date."""
Traits = dict[str, str]
"""Kinds of quantity, such as ``phase=training``, each with a name of where it came from."""
PLAIN = "1"
DEEPEST = 50
"""Claims further down in the file that one rests on, each on the next."""
RESTS_ON = f"it rests on more than {DEEPEST} claims, each on the next, or on long sums; put them in order"


class Interval(NamedTuple):
    """The least and the greatest that a number may be."""

    low: Any
    high: Any


class Known(NamedTuple):
    """What is known of a name, a cell or a sum: its value, its unit, and how far it can be relied on."""

    value: Any
    """A number, true or false, a date; or several numbers, as the two ends of a range."""
    unit: str | None
    interval: Interval | None
    """What may lie behind the digits, where it is printed or rests on what is, and so rounded."""
    traits: Traits
    unverified: bool
    bound: str | None = None
    rows: tuple[Any, ...] | None = None
    """Of a sorted column, what each value is about."""


class Fitted(NamedTuple):
    """A sum whose units fit, with the factors between them; the unit of the result, the names it looks up."""

    node: Node
    unit: Unit | None
    """None where the result is no quantity: true or false, or a date."""
    keys: tuple[str, ...]


class ElsewhereError(InputError):
    """A sum rests on a number that cannot be read, or on a claim whose own sum is wrong."""


class CircleError(InputError):
    """Claims each of which rests on the next, and the last on the first."""

    def __init__(self, circle: Sequence[str], places: Mapping[str, int]) -> None:
        start = circle.index(min(circle, key=places.__getitem__))
        self.first = circle[start]
        links = " rests on ".join([*circle[start:], *circle[:start], self.first])
        super().__init__(f"it rests on its own figure: {links}")


class Names:
    """What the names in an article's sums stand for, at some prices."""

    def __init__(self, article: Article, prices: PriceBook) -> None:
        self.article, self.prices = article, prices.extended(article.own_quotes)
        self._known: dict[str, Known] = {}
        self._waiting: list[str] = []
        """The names that rest on the one looked up now."""

    def known(self, key: str) -> Known:
        """Return what a name or a cell stands for, or refuse an unknown one with the nearest."""
        if key not in self._known:
            if key in self._waiting:
                raise CircleError(self._waiting[self._waiting.index(key) :], self.article.places)
            if len(self._waiting) == DEEPEST:
                raise InputError(RESTS_ON)
            self._waiting.append(key)
            try:
                self._known[key] = _cells(key) if "[" in key else self._named(key)
            except RecursionError:  # long sums, each in the next
                raise InputError(RESTS_ON) from None
            finally:
                self._waiting.pop()
        return self._known[key]

    def _named(self, name: str) -> Known:
        article = self.article
        if name.startswith("prices."):
            own, quote = article.prices.get(name[7:]), self.prices.quote(name[7:])
            trait = own.trait if own else price_keys()[quote.key].trait
            # an article that converts without naming its rate may have taken any of those days
            is_rate = quote.key in ("usd_cny", "usd_jpy") and own is None and not article.is_packaged
            interval = Interval(quote.low, quote.high) if is_rate and quote.low else None
            traits = {trait: quote.key} if trait else {}
            return Known(quote.value, quote.unit, interval, traits, quote.unverified)
        try:
            if name in article.given:
                figure = article.given[name].figure
                trait = article.given[name].trait
                traits = {trait: name} if trait else sparse_trait(figure, name)
                unverified = tables.is_unverified(article.given[name].verification)
                return Known(figure.value, figure.unit or PLAIN, interval_of(figure), traits, unverified)
            if name in article.places:
                claim = article.claim(name)
                if printed := claim.figure:
                    unit = claim.figure_unit or PLAIN
                    if claim.made_of and not claim.figure_unit:
                        unit = str(fit(claim.made_of, self).unit or PLAIN)
                    below = [self.known(key).traits for key in names_in(claim.made_of)]
                    traits = dict.fromkeys(ChainMap(*below), name)
                    return Known(printed.value, unit, interval_of(printed), traits, False)
        except CircleError:
            raise
        except InputError as error:
            raise ElsewhereError(error) from None
        if name in article.places:
            raise InputError(f"claim {name} prints no number to compute with")
        if name in article.names:
            raise InputError(f"{name} rests on itself, or on a name below it; names may use those above them")
        names = [*article.given, *article.names, *article.places, *(f"prices.{key}" for key in self.prices)]
        raise unknown("name", name, names)


@cache
def _cells(text: str) -> Known:
    cells = references.parse(text)
    return Known(
        cells.values if cells.many else _value_of_cell(cells.values[0]),
        cells.unit,
        None,
        {row["trait"]: cells.table for row in cells.rows if row.get("trait")},
        any(tables.is_unverified(row.get("verification")) for row in cells.rows),
        None if cells.many else cells.rows[0].get("bound"),
        tuple(row[cells.by] for row in cells.rows) if cells.by else None,
    )


def interval_of(figure: Figure) -> Interval | None:
    """Return what may lie behind a printed number: half a unit in its last place on either side."""
    half = figure.place / 2
    return Interval(figure.value - half, figure.value + half) if half else None


def sparse_trait(figure: Figure, origin: str) -> Traits:
    """Say that a peak which is twice the dense peak of a GPU we know is the sparse one."""
    unit = notation.parse(figure.unit or PLAIN)
    factors = (notation.conversion(unit, notation.parse(f"TFLOP/s{of}")) for of in ("/GPU", ""))
    value = figure.value * next(filter(None, factors), math.nan)
    for kind, times in (("dense", 1), ("sparse", 2)):
        peaks = (row["bf16_dense_tflops"] for row in tables.rows("gpus"))
        if any(peak and math.isclose(value / times, peak, rel_tol=0.002) for peak in peaks):
            return {f"peak={kind}": origin}
    return {}


# ------------------------------------------------------------------------------------------ fitting units
def fit(node: Node, names: Names) -> Fitted:
    """Check the names and units of a sum, and put in what converts one unit to another.

    Raises:
        InputError: Something is unknown or does not fit; the message says what is allowed.
    """
    fitted: dict[Node, Fitted] = names.article.fitted
    if node not in fitted:
        fitted[node] = Fitted(*_fitted(node, names), tuple(names_in(node)))
    return fitted[node]


def converted(fitted: Fitted, wanted: str | None) -> Fitted:
    """Return a sum that comes out in another unit than its own; a `UnitMismatch` says that it cannot."""
    if wanted is None or fitted.unit is None:
        return fitted
    by = notation.factor(str(fitted.unit), wanted)
    return Fitted(_scaled(fitted.node, by), notation.parse(wanted), fitted.keys)


def _scaled(node: Node, by: float) -> Node:
    if by == 1:
        return node
    if isinstance(node, Listed):
        return Listed(tuple(_scaled(item, by) for item in node.items))
    return Number(node.value * by) if isinstance(node, Number) else Operation("*", node, Number(by))


def _fitted(node: Node, names: Names) -> tuple[Node, Unit | None]:
    match node:
        case Number(value, unit):
            try:
                return Number(value), notation.parse(unit)
            except InputError as error:
                how = "an operator between a quantity and a name has blanks around it"
                raise InputError(f"{error}; {how}") from None
        case Name(text):
            known = names.known(text)
            return node, None if known.unit is None else notation.parse(known.unit)
        case Words():
            return node, None
        case Listed(items):
            fitted = [_fitted(item, names) for item in items]
            common = next((own for _, own in fitted if own), None)
            scaled = (
                _scaled(item, notation.factor(str(own), str(common))) if own else item for item, own in fitted
            )
            return Listed(tuple(scaled)), common
        case Call(formula, arguments):
            return _called(formula, dict(arguments), names)
        case Operation(sign, left, right):
            return _joined(sign, _fitted(left, names), _fitted(right, names))


def _joined(
    sign: str, left: tuple[Node, Unit | None], right: tuple[Node, Unit | None]
) -> tuple[Node, Unit | None]:
    """Fit the two sides of an operator to each other."""
    (one, unit), (other, its) = left, right
    if unit is None or its is None or isinstance(one, Listed) or isinstance(other, Listed):
        raise InputError(f"{sign} needs a number on either side")
    if sign == "**":
        if unit.dimensions or its.dimensions:
            how = "only plain numbers have powers; divide by a quantity of that unit first"
            raise InputError(f"{unit} ** {its}: {how}")
        one, other, unit = _scaled(one, unit.scale), _scaled(other, its.scale), notation.parse(PLAIN)
    elif sign in ("*", "/"):
        unit = unit * its if sign == "*" else unit / its
    elif (by := notation.conversion(its, unit)) is None:
        joined = f"{sign} joins what is in {unit} with what is in {its}"
        raise InputError(f"{joined}: both must measure the same")
    else:
        other = _scaled(other, by)
    return Listed((one, other)) if sign == ".." else Operation(sign, one, other), unit


def _called(formula: str, arguments: Mapping[str, Node], names: Names) -> tuple[Node, Unit | None]:
    """Fit the arguments of a formula to the units that it asks for."""
    fitted = {name: _fitted(argument, names) for name, argument in arguments.items()}
    columns = [names.known(node.text).rows for node, _ in fitted.values() if isinstance(node, Name)]
    if len({*columns} - {None}) > 1:
        raise InputError(f"{formula}: its columns are not about the same rows")
    units = tuple((name, unit) for name, (_, unit) in fitted.items())
    result, factors = of_formulas.of_call(formula, units)
    scaled = ((name, _scaled(node, factors.get(name, 1.0))) for name, (node, _) in fitted.items())
    return Call(formula, tuple(scaled)), result


# --------------------------------------------------------------------------------------------- evaluating
def _times(one: Any, other: Any) -> Any:
    return [value * other for value in one] if isinstance(one, list) else one * other


OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": _times, "/": operator.truediv, "**": operator.pow,
}  # fmt: skip


def function_of(node: Operation | Call) -> tuple[Callable[..., Any], Sequence[Node], Sequence[str]]:
    """Return what a sign or a call computes, of what, and the names of a formula's arguments."""
    if isinstance(node, Operation):
        return OPERATIONS[node.sign], (node.left, node.right), ()
    names, arguments = zip(*node.arguments, strict=True) if node.arguments else ((), ())
    return getattr(formulas, node.formula), arguments, names


def applied(function: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]) -> Any:
    """Call a function with arguments by place, or by name where they have names."""
    try:
        return function(**dict(zip(names, arguments, strict=True))) if names else function(*arguments)
    except ZeroDivisionError:
        raise InputError("a division by zero") from None
    except OverflowError:
        raise InputError("a number on the way is too large, above 1e308") from None


def evaluate(node: Node, values: Mapping[str, Any], lift: Callable[..., Any] = applied) -> Any:
    """Compute a sum from the values of its names: numbers, arrays, or with `at_ends` intervals."""
    match node:
        case Name(text):
            return values[text]
        case Number(value):
            return value
        case Words(text):
            return text
        case Listed(items):
            return [evaluate(item, values, lift) for item in items]
    function, arguments, names = function_of(node)
    return lift(function, [evaluate(argument, values, lift) for argument in arguments], names)


def at_ends(function: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]) -> Any:
    """Apply a function at all combinations of its arguments' ends; what comes out lies between."""
    if function is operator.truediv and isinstance(arguments[1], Interval):
        low, high = arguments[1]
        if low <= 0 <= high:
            raise InputError(f"a division by what may be zero: it lies between {low:g} and {high:g}")
    results: list[Any] = []
    refused: Exception | None = None
    for chosen in itertools.product(*map(_ends, arguments)):
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


def result_of(fitted: Fitted, unit: str | None, names: Names) -> Known:
    """Compute a sum in a unit, with the interval that its rounded inputs leave."""
    fitted = converted(fitted, unit)
    known = {key: names.known(key) for key in fitted.keys}
    value = evaluate(fitted.node, {key: one.value for key, one in known.items()})
    for end in value if isinstance(value, list) else [value]:
        if isinstance(end, complex):
            raise InputError("a root of a negative number")
        if isinstance(end, float) and not math.isfinite(end):
            raise InputError(f"it comes out as {end}")
    behind = None
    if any(one.interval for one in known.values()):
        behind = evaluate(
            fitted.node, {key: one.interval or one.value for key, one in known.items()}, at_ends
        )
        if isinstance(behind, list):  # of a range, all that lies between its ends
            ends = [number for end in behind for number in (end if isinstance(end, Interval) else [end])]
            behind = Interval(min(ends), max(ends))
    return Known(
        value,
        str(fitted.unit) if fitted.unit else None,
        behind if isinstance(behind, Interval) else None,
        dict(ChainMap(*(one.traits for one in known.values()))),  # of each the first origin
        any(one.unverified for one in known.values()),
        next((one.bound for one in known.values() if one.bound), None),
    )


def _value_of_cell(cell: Any) -> Any:
    if cell in ("true", "false"):
        return cell == "true"
    try:
        return float(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell


def is_number(value: object) -> TypeGuard[float]:
    """Say whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
