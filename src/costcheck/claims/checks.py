"""Check an article against what it refers to: formulas, prices, tables, other claims, printed figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter

from costcheck.claims import references
from costcheck.claims.article import (
    OWN_NOTEBOOK,
    Article,
    Call,
    Claim,
    Place,
    Stated,
    arguments,
    named,
    rests_on,
    variant_call,
)
from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.prices.quotes import price_keys
from costcheck.units import notation

ID = r"[A-Za-z][\w-]*"
OWN_NAME = r"[a-z][a-z0-9_]*"
FORMS = {
    "article": r"[a-z][a-z0-9_]{0,63}",  # files are named after it
    "language": r"[a-z]{2}",
    "date": r"\d{4}-\d{2}-\d{2}|unknown",
}
"""The forms of an article's own keys."""
IN_WORDS = {
    FORMS["article"]: "small letters, digits and underscores, beginning with a letter, 64 at most",
    FORMS["language"]: "two small letters, such as en",
    FORMS["date"]: "a day YYYY-MM-DD, or unknown",
    ID: "letters, digits, _ and -, beginning with a letter, such as A1",
    OWN_NAME: "small letters, digits and underscores, beginning with a letter",
}
LONGEST_PRINTED = 1000
"""Characters of a figure as printed; finding figures in a book would take long."""
CHECKED_BY = {"formula", "fact", "not_computable"}
"""The keys of which a claim has exactly one."""
STATED_NUMBERS = ("value", "low", "high")
MakeError = Callable[[Sequence[str | int], object], InputError]


def check(article: Article, error: MakeError) -> None:
    """Check claims against what they refer to: formulas, prices, tables, other claims, printed figures."""
    if not article.claims:
        raise error(("claims",), "there are no claims")
    for key, form in FORMS.items():
        _check_form(getattr(article, key), form, (key,), error)
    if article.date != "unknown" and not _is_date(article.date):
        raise error(("date",), f"{article.date!r} is no day YYYY-MM-DD; where it is unknown, say so")
    for part, own in (("inputs", article.inputs), ("prices", article.prices)):
        for name, stated in own.items():
            _check_form(name, OWN_NAME, (part, name), error)
            _check_stated(stated, (part, name), error)
    ids: set[str] = set()
    for index, claim in enumerate(article.claims):
        if claim.id in ids:
            raise error(("claims", index, "id"), f"two claims have the id {claim.id!r}")
        ids.add(claim.id)
        _check_claim(claim, ("claims", index), article, error)
    try:
        TopologicalSorter({claim.id: sorted(rests_on(claim)) for claim in article.claims}).prepare()
    except CycleError as cycle:
        circle = cycle.args[1][:0:-1]  # each rests on the next, and the last on the first
        start = min(range(len(circle)), key=lambda place: article.places[circle[place]])
        links = " on ".join([*circle[start:], *circle[: start + 1]])
        at = ("claims", article.places[circle[start]])
        raise error(at, f"it rests on its own figure, by way of other claims ({links})") from None


def _check_form(text: str, form: str, at: Place, error: MakeError) -> None:
    if not re.fullmatch(form, text):
        raise error(at, f"{text!r} is not {IN_WORDS[form]}")


def _check_claim(claim: Claim, at: Place, article: Article, error: MakeError) -> None:
    _check_form(claim.id, ID, (*at, "id"), error)
    for key in ("printed", "digits"):
        if len(getattr(claim, key) or "") > LONGEST_PRINTED:
            raise error((*at, key), f"longer than {LONGEST_PRINTED:,} characters")
    parts: list[tuple[Place, object, str | None]] = [(at, claim.value, claim.unit)]
    parts += [((*at, "variants", place), item.value, item.unit) for place, item in enumerate(claim.variants)]
    parts += [((*at, "instead", place), None, item.unit) for place, item in enumerate(claim.instead)]
    for place, value, unit in parts:
        if isinstance(value, str) and not _is_date(value):
            why = f"{value!r} is neither a number nor true or false nor a date YYYY-MM or YYYY-MM-DD"
            raise error((*place, "value"), why)
        _check_unit(unit, (*place, "unit"), error)
    ways = sum(getattr(claim, way) is not None for way in CHECKED_BY)
    if ways != 1:
        raise error(at, f"exactly one of {', '.join(sorted(CHECKED_BY))} is needed, not {ways}")
    if claim.not_computable is None and claim.value is None:
        raise error(at, "value is missing: what does the article print?")
    names = {
        "price": {*price_keys(), *article.prices},
        "notebook": {OWN_NOTEBOOK, *notebooks()},
        "figure": figures() if claim.figure else (),
    }
    for key, allowed in names.items():
        name = getattr(claim, key)
        if name is not None and name not in allowed:
            raise error((*at, key), unknown(key, name, allowed))
    if claim.figure_printed and not claim.is_printed and not claim.reading:
        raise error(
            (*at, "value"),
            f"{claim.value} is not among the figures printed in {claim.printed!r}; "
            "if it is a reading of words, say so under reading",
        )
    for dimension, offered in claim.offered_as.items():
        _check_trait(dimension, offered, (*at, "offered_as"), error)
    if claim.translates and not article.translation_of:
        raise error((*at, "translates"), "the article names none that it translates (translation_of)")
    for place, call in _calls(claim):
        _check_call(call, (*at, *place), article, error)


def _check_unit(unit: str | None, at: Place, error: MakeError) -> None:
    try:
        if unit is not None:
            notation.parse(unit)
    except InputError as wrong:
        raise error(at, wrong) from None


def _check_stated(stated: Stated, at: Place, error: MakeError) -> None:
    """Check a number that the file brings along."""
    for key in ("unit", "source", "verification"):
        if not getattr(stated, key).strip():
            raise error((*at, key), f"{key} is empty")
    _check_unit(stated.unit, (*at, "unit"), error)
    known = price_keys().get(str(at[1])) if at[0] == "prices" else None
    if known and stated.unit != known.unit:
        why = f"{stated.unit!r}, but {at[1]} is in {known.unit}; for another price choose another name"
        raise error((*at, "unit"), why)
    for key in STATED_NUMBERS if at[0] == "prices" else ():
        number = getattr(stated, key)
        if number is not None and number <= 0:
            raise error((*at, key), f"a price must be positive, not {number:g} [{stated.unit}]")
        if number is not None and known and not known.minimum <= number <= known.maximum:
            allowed = f"{known.minimum:g} to {known.maximum:g} {known.unit}"
            raise error((*at, key), f"{number:g} is out of bounds; allowed: {allowed}")
    if stated.low is not None and stated.low > stated.value:
        raise error((*at, "low"), f"{stated.low:g} is above the value, {stated.value:g}")
    if stated.high is not None and stated.high < stated.value:
        raise error((*at, "high"), f"{stated.high:g} is below the value, {stated.value:g}")
    if stated.as_of is not None and not _is_date(stated.as_of):
        raise error((*at, "as_of"), f"{stated.as_of!r} is no date YYYY-MM or YYYY-MM-DD")
    if stated.trait is not None:
        dimension, _, kind = stated.trait.partition("=")
        _check_trait(dimension, kind, (*at, "trait"), error)


def _check_trait(dimension: str, kind: str, at: Place, error: MakeError) -> None:
    known = traits()
    if dimension not in known:
        raise error(at, unknown("kind of quantity", dimension, known))
    if kind not in known[dimension]:
        raise error(at, unknown(dimension, kind, known[dimension]))


def _check_call(call: Call | str, at: Place, article: Article, error: MakeError) -> None:
    if isinstance(call, str):
        try:
            reference = references.parse(call, tuple(article.prices))
            if isinstance(reference, references.Named) and reference.of != "prices":
                known: Mapping[str, object] = article.places if reference.of == "claims" else article.inputs
                if reference.name not in known:
                    error_ = unknown(reference.of.removesuffix("s"), reference.name, known)
                    raise error_ if known else InputError(f"{error_.what}: the file has no {reference.of}")
        except InputError as wrong:
            raise error(at, wrong) from None
        return
    try:
        named(call.formula)
    except InputError as wrong:
        raise error((*at, "formula"), wrong) from None
    try:
        inputs = call.filled()
    except InputError as wrong:
        raise error((*at, "row"), wrong) from None
    parameters = arguments(call.formula)
    for name, given in inputs.items():
        if name not in parameters:
            raise error((*at, "inputs", name), f"{call.formula}: {unknown('argument', name, parameters)}")
        for item in given if isinstance(given, list) else [given]:
            if isinstance(item, str | Call):
                _check_call(item, (*at, "inputs", name), article, error)
    missing = [
        name
        for name, argument in parameters.items()
        if argument.default is argument.empty and name not in inputs
    ]
    if missing:
        raise error((*at, "inputs"), f"{call.formula} needs {', '.join(missing)}")


def _is_date(text: str) -> bool:
    return tables.is_date(text) or tables.is_date(f"{text}-01")


def _calls(claim: Claim) -> Iterator[tuple[tuple[str | int, ...], Call | str]]:
    if claim.call is not None:
        yield (), claim.call
    if claim.fact is not None:
        yield ("fact",), claim.fact
    for index, instead in enumerate(claim.instead):
        yield ("instead", index), instead
    for index, variant in enumerate(claim.variants):
        at = ("variants", index)
        call = variant_call(claim, variant)
        if call is not None:
            yield at, call
        elif variant.fact is not None:
            yield (*at, "fact"), variant.fact


@cache
def notebooks() -> tuple[str, ...]:
    """Return the names of the package's numbered notebooks, each of which shows claims of its own.

    >>> notebooks()[0]
    '01_training_time'
    """
    return tuple(sorted(path.stem for path in tables.home("notebooks").glob("[0-9]*.ipynb")))


@cache
def figures() -> frozenset[str]:
    """Return the names of the figures that the numbered notebooks show."""
    shown = [tables.home("notebooks") / f"{name}.ipynb" for name in notebooks()]
    return frozenset(
        name.decode() for path in shown for name in re.findall(rb'"figure": "(\w+)"', path.read_bytes())
    )


@cache
def traits() -> dict[str, set[str]]:
    """Return the kinds of quantity by dimension, as they stand in the ``trait`` columns of the tables."""
    kinds: dict[str, set[str]] = {}
    for name in tables.names():
        if any(field["name"] == "trait" for field in tables.schema(name)):
            for dimension, _, kind in (
                row["trait"].partition("=") for row in tables.rows(name) if row["trait"]
            ):
                kinds.setdefault(dimension, set()).add(kind)
    return kinds
