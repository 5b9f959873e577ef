"""Evaluate sums: units fitted once, then one evaluator for numbers, the ends of intervals, and arrays."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeGuard

from costcheck import formulas
from costcheck.claims import references
from costcheck.claims.article import Article
from costcheck.claims.printed import Figure
from costcheck.claims.sums import Call, Listed, Name, Node, Number, Operation, Words
from costcheck.claims.terms import OPERATIONS, Applied, Interval, Leaf, Term, at_ends, evaluate
from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.formulas import signatures
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
RESTS_ON = f"it rests on more than {DEEPEST} claims, each on the next"


class Known(NamedTuple):
    """What is known about a name or a cell: its value, its unit, and how far it can be relied on."""

    value: Any
    unit: str | None
    interval: Interval | None
    """Where it is printed, and so rounded: what may lie behind the digits."""
    traits: Traits
    unverified: bool
    bound: str | None = None
    rows: tuple[Any, ...] | None = None
    """Of a sorted column, what each value is about."""


class Fitted(NamedTuple):
    """A sum whose units fit: what to evaluate, the unit of the result, and the names it looks up."""

    term: Term
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
                raise InputError(f"{RESTS_ON}; put them in order, or break their circle")
            self._waiting.append(key)
            try:
                self._known[key] = _cells(key) if "[" in key else self._named(key)
            except RecursionError:  # long sums, each in the next
                raise InputError(f"{RESTS_ON}, or on fewer with long sums; put them in order") from None
            finally:
                self._waiting.pop()
        return self._known[key]

    def _named(self, name: str) -> Known:
        article = self.article
        if name.startswith("prices."):
            own, quote = article.prices.get(name[7:]), self.prices.quote(name[7:])
            trait = own.trait if own else price_keys()[quote.key].trait
            # an article that converts without naming its rate may have taken any of those days
            is_rate = {*quote.unit.split("/")} <= {*notation.CURRENCIES} and own is None
            several = is_rate and not article.is_packaged and quote.low is not None
            interval = Interval(quote.low, quote.high) if several else None
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
                    unit = claim.figure_unit or (
                        str(fit(claim.made_of, self).unit or PLAIN) if claim.made_of else PLAIN
                    )
                    below = [self.known(key).traits for key in keys_in(claim.made_of)]
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
        raise unknown("name", yaml_nodes.shown(name), names)


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
    unit = figure.unit or PLAIN
    each, all_of = (
        notation.conversion(notation.parse(unit), notation.parse(f"TFLOP/s{of}")) for of in ("/GPU", "")
    )
    peaks = [row["bf16_dense_tflops"] for row in tables.rows("gpus")] if "FLOP" in unit else []
    for kind, times in (("dense", 1), ("sparse", 2)):
        value = figure.value * (each or all_of or math.nan) / times
        if any(peak and math.isclose(value, peak, rel_tol=0.002) for peak in peaks):
            return {f"peak={kind}": origin}
    return {}


def keys_in(node: Node | None) -> list[str]:
    """Return the names and cells that a sum looks up, each once."""
    below: Iterable[Node] = ()
    match node:
        case Name(text):
            return [text]
        case Operation(_, left, right):
            below = (left, right)
        case Listed(items):
            below = items
        case Call():
            below = [argument for _, argument in bound(node)]
    return list(dict.fromkeys(key for part in below for key in keys_in(part)))


# ---------------------------------------------------------------------------------------- calls of formulas
def named(name: str) -> Callable[..., Any]:
    """Return the formula of a name; the nearest one in the error where there is none."""
    if name not in (known := signatures.names()):
        error = unknown("formula", yaml_nodes.shown(name), known)
        # there are too many for a message
        raise error if error.nearest else InputError(f"{error.what}; costcheck formulas lists them")
    function: Callable[..., Any] = getattr(formulas, name)
    return function


def bound(node: Call) -> list[tuple[str, Node]]:
    """Return the arguments of a call by name, those that a table's row gives filled in."""
    named(node.formula)
    parameters = {argument.name: argument for argument in signatures.described(node.formula).arguments}
    by_place = iter(parameters)
    given: dict[str, Node] = {}
    rows: list[str] = []
    for name, argument in node.arguments:
        if not name and isinstance(argument, Name) and references.is_row(argument.text):
            rows.append(argument.text)
            continue
        if not name and (name := next((free for free in by_place if free not in given), "")) == "":
            raise InputError(f"{node.formula} takes {len(parameters)} arguments: {', '.join(parameters)}")
        if name not in parameters:
            raise InputError(f"{node.formula}: {unknown('argument', name, parameters)}")
        if name in given:
            raise InputError(f"{node.formula}: {name} is given twice")
        given[name] = argument
    filled: dict[str, Node] = {}
    for row in rows:
        columns = references.columns_of(row)
        filled |= {name: Name(f"{row}.{name}") for name in parameters if name in columns}
    filled |= given
    if missing := [name for name, one in parameters.items() if one.default is None and name not in filled]:
        raise InputError(f"{node.formula} needs {', '.join(missing)}")
    return list(filled.items())


# ------------------------------------------------------------------------------------------ fitting units
def fit(node: Node, names: Names) -> Fitted:
    """Check the names, formulas and units of a sum, and put in what converts one unit to another.

    Raises:
        InputError: Something is unknown or does not fit; the message says what is allowed.
    """
    fitted: dict[Node, Fitted] = names.article.fitted
    if node not in fitted:
        fitted[node] = Fitted(*_fitted(node, names), tuple(keys_in(node)))
    return fitted[node]


def converted(fitted: Fitted, wanted: str | None) -> Fitted:
    """Return a sum that comes out in another unit than its own; a `UnitMismatch` says that it cannot."""
    if wanted is None or fitted.unit is None:
        return fitted
    unit = notation.parse(wanted)
    return Fitted(_scaled(fitted.term, _factor(fitted.unit, unit)), unit, fitted.keys)


def _factor(given: Unit, wanted: Unit) -> float:
    if (by := notation.conversion(given, wanted)) is None:
        raise notation.UnitMismatch(str(given), str(wanted), notation.missing_between(given, wanted))
    return by


def _scaled(term: Term, by: float) -> Term:
    if by == 1:
        return term
    if isinstance(term, list):
        return [_scaled(item, by) for item in term]  # type: ignore[misc]
    constant = isinstance(term, Leaf) and not term.key
    return Leaf(term.value * by) if constant else Applied(_times, (term, Leaf(by)))  # type: ignore[union-attr]


def _times(quantity: Any, by: Any) -> Any:
    return [value * by for value in quantity] if isinstance(quantity, list) else quantity * by


def _fitted(node: Node, names: Names) -> tuple[Term, Unit | None]:
    match node:
        case Number(value, unit):
            try:
                return Leaf(value), notation.parse(unit)
            except InputError as error:
                spaced = unit.replace("/", " / ") if "/" in unit else f"* {unit}"
                how = f"for a name of the article write {value:.15g} {spaced}"
                raise InputError(f"{error}; {how}") from None
        case Name(text):
            known = names.known(text)
            return Leaf(key=text), None if known.unit is None else notation.parse(known.unit)
        case Words(text):
            return Leaf(text), None
        case Listed(items):
            fitted = [_fitted(item, names) for item in items]
            common = next((own for _, own in fitted if own), None)
            terms: list[Any] = [
                _scaled(term, _factor(own, common)) if own and common else term for term, own in fitted
            ]
            return terms, common
        case Call():
            return _called(node, names)
        case Operation(sign, left, right):
            return _joined(sign, _fitted(left, names), _fitted(right, names))


def _joined(
    sign: str, left: tuple[Term, Unit | None], right: tuple[Term, Unit | None]
) -> tuple[Term, Unit | None]:
    """Fit the two sides of an operator to each other."""
    (one, unit), (other, its) = left, right
    if unit is None or its is None or isinstance(one, list) or isinstance(other, list):
        raise InputError(f"{sign} needs a number on either side")
    if sign == "**":
        for side, what in ((unit, "what is raised to a power"), (its, "the power")):
            if side.dimensions:
                how = "only plain numbers have powers; divide by a quantity of that unit first"
                raise InputError(f"{what} is in {side}: {how}")
        one, other, unit = _scaled(one, unit.scale), _scaled(other, its.scale), notation.parse(PLAIN)
    elif sign in ("*", "/"):
        unit = unit * its if sign == "*" else unit / its
    elif (by := notation.conversion(its, unit)) is None:
        joined = f"{sign} joins what is in {unit} with what is in {its}"
        raise InputError(f"{joined}: both must measure the same")
    else:
        other = _scaled(other, by)
    if sign == "..":
        return [one, other], unit  # type: ignore[list-item]
    return Applied(OPERATIONS[sign], (one, other)), unit


def _called(node: Call, names: Names) -> tuple[Term, Unit | None]:
    """Fit the arguments of a formula to the units that it asks for."""
    fitted = {name: _fitted(argument, names) for name, argument in bound(node)}
    keys = [term.key for term, _ in fitted.values() if isinstance(term, Leaf) and term.key]
    if len({rows for key in keys if (rows := names.known(key).rows) is not None}) > 1:
        raise InputError(f"{node.formula}: its columns are not about the same rows")
    units = tuple((name, unit) for name, (_, unit) in fitted.items())
    result, factors = of_formulas.of_call(node.formula, units)
    scaled = tuple(_scaled(term, factors.get(name, 1.0)) for name, (term, _) in fitted.items())
    return Applied(named(node.formula), scaled, tuple(fitted)), result


def value_of(fitted: Fitted, names: Names) -> Any:
    """Compute a sum at the values that its names stand for."""
    value = evaluate(fitted.term, {key: names.known(key).value for key in fitted.keys})
    for end in value if isinstance(value, list) else [value]:
        if isinstance(end, complex):
            raise InputError("a root of a negative number")
        if isinstance(end, float) and not math.isfinite(end):
            raise InputError(f"it comes out as {end}")
    return value


def interval_behind(fitted: Fitted, names: Names) -> Any:
    """Compute a sum with an interval for each printed number: the `Interval` of its result, or one value."""
    known = {key: names.known(key) for key in fitted.keys}
    return evaluate(fitted.term, {key: one.interval or one.value for key, one in known.items()}, at_ends)


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
