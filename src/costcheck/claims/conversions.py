"""Fit the units of claims to those of the formulas, prices and tables they are reckoned from.

Where two differ by a factor, it is put in as a call of the formula ``scaled``. So a claim in MWh may be
reckoned by a formula that gives kWh, and whatever follows a claim's formula needs to know nothing of units.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from costcheck.claims import references
from costcheck.claims.article import Article, Call, Claim, Place, variant_call
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices import quotes
from costcheck.units import notation, of_formulas

Part = Any
"""A formula, a reference, a number, or a list of these."""


def converted(article: Article) -> Article:
    """Return an article in whose claims all units fit.

    Raises:
        InputError: Two units do not fit; the message names the claim and the key.

    >>> from costcheck.claims import articles
    >>> [converted(article) == article for article in articles()]
    [True, True]
    """
    return replace(article, claims=[_Fitting(article, claim).claim() for claim in article.claims])


class _Fitting:
    """One claim, on the way through it."""

    def __init__(self, article: Article, claim: Claim) -> None:
        self.article, self.before = article, claim

    def claim(self) -> Claim:
        claim = self.before
        if claim.price and self.factor(asked := self.price_unit(claim.price), claim.unit, ("price",)) != 1:
            why = f"the claim states the price {claim.price}; give its value in {asked}"
            raise self.error(("price",), notation.UnitMismatch(str(claim.unit), asked, why))
        way: Part = claim.call or claim.fact
        changed = replace(claim, **self.way(way, None, ())) if way else claim
        variants, instead = [], []
        for place, variant in enumerate(claim.variants):
            # a variant that takes inputs over starts from what the claim was before
            way = variant.fact or variant_call(claim, variant)
            keys = self.way(way, variant.unit, ("variants", place)) if way else {}
            if keys and (changed != claim or keys != _keys(way)):
                variant = replace(variant, **keys)
            variants.append(variant)
        for place, right in enumerate(claim.instead):
            call = Call(formula=right.formula, inputs=right.inputs, row=right.row)
            keys = self.way(call, right.unit, ("instead", place))
            instead.append(replace(right, formula=keys["formula"], inputs=keys["inputs"], row=keys["row"]))
        return replace(changed, variants=variants, instead=instead)

    def way(self, way: Part, own_unit: str | None, at: Place) -> dict[str, Any]:
        """Fit a way of reckoning the claim to its own unit, or the claim's; return the keys that say it."""
        key = "fact" if isinstance(way, str) else "formula"
        fitting, unit = self.part(way, (*at, "fact") if key == "fact" else at)
        wanted = own_unit or self.before.unit
        if key == "formula" and wanted is None and unit is not None and not notation.parse(unit).is_plain:
            raise self.error((*at, key), f"the formula gives {unit}; give the claim a unit")
        return _keys(self.fitted(fitting, unit, wanted, (*at, key)))

    def call(self, call: Call, at: Place) -> tuple[Call, str | None]:
        """Convert what goes into a call; return it with the unit of its result."""
        inputs, units = dict(call.inputs), {}
        filled = call.filled()
        for name, value in filled.items():
            part, units[name] = self.part(value, (*at, "inputs", name))
            if part is not value:
                inputs[name] = part
        try:
            unit, factors = of_formulas.of_call(call.formula, units)
        except notation.UnitMismatch as error:
            raise self.error((*at, "inputs", error.argument), error) from None
        for name, by in factors.items():
            inputs[name] = _scaled(inputs.get(name, filled[name]), by)
        return Call(formula=call.formula, inputs=inputs, row=call.row), unit

    def part(self, value: Part, at: Place) -> tuple[Part, str | None]:
        """Convert a part of a claim; return it with its unit, None for a bare number."""
        if isinstance(value, Call):
            return self.call(value, at)
        if isinstance(value, str):
            return value, self.unit_of(value, at)
        if not isinstance(value, list):
            return value, None
        among = [self.part(item, (*at, place)) for place, item in enumerate(value)]
        first = next((unit for _, unit in among if unit is not None), None)
        fitting = []
        for place, (part, unit) in enumerate(among):
            # a bare number beside a quantity is in no unit, but beside counts it is one
            if unit is None and first is not None and isinstance(part, int | float) and not _counts(first):
                raise self.error(
                    (*at, place),
                    f"{part:g} has no unit, but others in the list are in {first}; give it one under inputs",
                )
            fitting.append(self.fitted(part, unit, first, (*at, place)))
        return (value if fitting == value else fitting), first

    def unit_of(self, text: str, at: Place) -> str | None:
        """Return the unit of what is referred to, None if it has none."""
        match references.parse(text, tuple(self.article.prices)):
            case references.Named("prices", key):
                return self.price_unit(key)
            case references.Named("claims", id_):
                return self.article.claim(id_).unit
            case references.Named(_, name):
                return self.article.inputs[name].unit
            case references.CellReference() as cells:
                described = next(
                    field for field in tables.schema(cells.table) if field["name"] == cells.column
                )
                unit: str | None = described.get("unit")
                if unit == tables.SEE_COLUMN:
                    unit, *others = dict.fromkeys(row["unit"] for row in references.fitting(cells))
                    if others:
                        mismatch = notation.UnitMismatch(
                            others[0], str(unit), "the rows are in several units"
                        )
                        raise self.error(at, mismatch)
                return unit

    def price_unit(self, key: str) -> str:
        own = self.article.prices.get(key)
        return own.unit if own else quotes.price_keys()[key].unit

    def fitted(self, part: Part, given: str | None, wanted: str | None, at: Place) -> Part:
        """Return a part in another unit than its own."""
        by = self.factor(given, wanted, at)
        return part if by == 1 else _scaled(part, by)

    def factor(self, given: str | None, wanted: str | None, at: Place) -> float:
        """Return the factor between two units; what has none is taken to be right."""
        try:
            return 1 if given is None or wanted is None else notation.factor(given, wanted)
        except notation.UnitMismatch as error:
            raise self.error(at, error) from None

    def error(self, at: Place, problem: object) -> InputError:
        return self.article.error(self.before, str(problem), *at)


def _counts(unit: str) -> bool:
    try:
        return notation.factor("1", unit) == 1
    except notation.UnitMismatch:
        return False


def _scaled(part: Part, by: float) -> Call:
    return Call(formula="scaled", inputs={"quantity": part, "factor": by})


def _keys(way: Part) -> dict[str, Any]:
    if isinstance(way, str):
        return {"fact": way}
    return {"fact": None, "formula": way.formula, "inputs": way.inputs, "row": way.row}
