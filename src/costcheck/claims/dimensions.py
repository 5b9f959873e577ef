"""Hold the units of claims to those of the formulas, prices and tables they are reckoned from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from costcheck.claims import references
from costcheck.claims.article import Article, Call, Claim, variant_call
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices import quotes
from costcheck.units import notation, of_formulas

Path = tuple[str | int, ...]
"""The keys that lead to a part of a claim, such as ``("variants", 0, "inputs", "rate")``."""


@dataclass
class Checked:
    """What was found: units that do not fit, and factors by which values must be multiplied so that they do.

    Keys of ``factors`` are a claim's index and the path to an input; or a path that ends with ``formula`` or
    ``fact``, where it is the result that must be multiplied, to be in the claim's unit. In a variant that
    leaves inputs to its claim, those are listed again: what they are multiplied by may differ.
    """

    mismatches: list[tuple[int, Path, InputError]] = field(default_factory=list)
    factors: dict[tuple[int, Path], float] = field(default_factory=dict)


def checked(article: Article) -> Checked:
    """Find where units do not fit, and the factors where they fit only once converted.

    >>> from costcheck.claims import articles
    >>> [checked(article).mismatches for article in articles()]
    [[], []]
    """
    found = Checked()
    for index, claim in enumerate(article.claims):
        _Walk(article, index, found).claim(claim)
    return found


@dataclass
class _Walk:
    """One claim, its place in the article, and what is found on the way through it."""

    article: Article
    index: int
    found: Checked

    def claim(self, claim: Claim) -> None:
        if claim.unit is not None and not self._is_unit(claim.unit, ("unit",)):
            return
        if claim.call:
            self._result(self.call(claim.call, ()), claim.unit, ("formula",))
        if claim.fact:
            self._held(self.reference(claim.fact, ("fact",)), claim.unit, ("fact",))
        if claim.price:
            self._price(claim.price, claim.unit)
        for number, variant in enumerate(claim.variants):
            at: Path = ("variants", number)
            unit = variant.unit or claim.unit
            if variant.unit and not self._is_unit(variant.unit, (*at, "unit")):
                continue
            if variant.fact:
                self._held(self.reference(variant.fact, (*at, "fact")), unit, (*at, "fact"))
            elif call := variant_call(claim, variant):
                self._held(self.call(call, at), unit, (*at, "formula"))
        for number, instead in enumerate(claim.instead):
            at = ("instead", number)
            if instead.unit and not self._is_unit(instead.unit, (*at, "unit")):
                continue
            self._held(self.call(instead, at), instead.unit or claim.unit, (*at, "formula"))

    def call(self, call: Call, at: Path) -> str | None:
        """Return the unit of a call's result; note what does not fit and what must be multiplied."""
        given = {name: self.input(value, (*at, "inputs", name)) for name, value in call.filled().items()}
        while True:
            try:
                unit, factors = of_formulas.of_call(call.formula, given)
                break
            except notation.UnitMismatch as error:
                self._note((*at, "inputs", error.argument), error)
                # taken for a bare number from here on: one wrong unit is said once and hides no other
                given[error.argument] = None
        for name, by in factors.items():
            self.found.factors[self.index, (*at, "inputs", name)] = by
        return unit

    def input(self, value: Any, at: Path) -> str | None:
        """Return the unit of an input, None for a bare number."""
        if isinstance(value, Call):
            return self.call(value, at)
        if isinstance(value, str):
            return self.reference(value, at)
        if not isinstance(value, list):
            return None
        among = [self.input(item, (*at, place)) for place, item in enumerate(value)]
        first = next((unit for unit in among if unit is not None), None)
        for place, unit in enumerate(among):
            self._held(unit, first, (*at, place))
            if first is not None and isinstance(value[place], int | float):
                self._counts(value[place], first, (*at, place))
        return first

    def reference(self, text: str, at: Path) -> str | None:
        """Return the unit of what is referred to, None if it has none that can be read."""
        reference = references.parse(text, tuple(self.article.prices))
        if isinstance(reference, references.PriceReference):
            return _readable(self.price_unit(reference.key))
        if isinstance(reference, references.ClaimReference):
            return _readable(self.article.claim(reference.id).unit)
        if isinstance(reference, references.InputReference):
            return _readable(self.article.inputs[reference.name].unit)
        first, *others = _of_cells(reference)
        for other in others:
            if other != first:
                self._note(at, notation.UnitMismatch(str(other), str(first), "the rows are in several units"))
                return None
        return first

    def price_unit(self, key: str) -> str:
        """Return the unit of a price: the article's own, or the price book's."""
        own = self.article.prices.get(key)
        return own.unit if own else quotes.price_keys()[key].unit

    def _result(self, given: str | None, wanted: str | None, at: Path) -> None:
        """Hold the unit of a formula's result to the claim's; a quantity needs one."""
        if wanted is None and given is not None and not notation.parse(given).is_plain:
            self._note(at, InputError(f"the formula gives {given}; give the claim a unit"))
            return
        self._held(given, wanted, at)

    def _held(self, given: str | None, wanted: str | None, at: Path) -> None:
        """Hold one unit to another; what has none is taken to be right."""
        if given is None or wanted is None:
            return
        try:
            by = notation.factor(given, wanted)
        except notation.UnitMismatch as error:
            self._note(at, error)
            return
        if by != 1:
            self.found.factors[self.index, at] = by

    def _counts(self, number: float, beside: str, at: Path) -> None:
        """Refuse a bare number beside what has a unit, unless that is a count and so is the number."""
        try:
            is_one = notation.factor("1", beside) == 1
        except notation.UnitMismatch:
            is_one = False
        if not is_one:
            said = f"{number:g} has no unit, but others in the list are in {beside}; give it one under inputs"
            self._note(at, InputError(said))

    def _price(self, key: str, unit: str | None) -> None:
        """Hold a claim to the price it states: its figure stands in for that price as it is, unconverted."""
        asked = self.price_unit(key)
        self._held(asked, unit, ("price",))
        by = self.found.factors.pop((self.index, ("price",)), 1)
        if unit is not None and by != 1:
            why = f"the claim states the price {key}; give its value in {asked}"
            self._note(("price",), notation.UnitMismatch(unit, asked, why))

    def _is_unit(self, text: str, at: Path) -> bool:
        try:
            notation.parse(text)
        except InputError as error:
            self._note(at, error)
            return False
        return True

    def _note(self, at: Path, error: InputError) -> None:
        """Note what is wrong; not again in a variant that takes it over from its claim."""
        inherited = at[2:] if at[:1] == ("variants",) else None
        for index, place, noted in reversed(self.found.mismatches):
            if inherited is None or index != self.index:  # those of this claim stand at the end
                break
            if place == inherited and str(noted) == str(error):
                return
        self.found.mismatches.append((self.index, at, error))


def _readable(unit: str | None) -> str | None:
    """Return a unit that can be read; what is wrong with another is said where it stands."""
    try:
        return None if unit is None else str(notation.parse(unit))
    except InputError:
        return None


def _of_cells(reference: references.CellReference) -> list[str | None]:
    """Return the unit of each cell of a table, where the table's description or the row says one."""
    described = next(one for one in tables.schema(reference.table) if one["name"] == reference.column)
    if described.get("unit") == tables.SEE_COLUMN:
        return [row["unit"] for row in references.fitting(reference)]
    return [described.get("unit")]
