"""Check an article against what it refers to: formulas, prices, tables, other claims, printed figures."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter

from costcheck.claims import references
from costcheck.claims.article import OWN_NOTEBOOK, Article, Call, Claim, named, rests_on, variant_call
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
LONGEST_CIRCLE = 6

CHECKED_BY = {"formula", "fact", "not_computable"}
"""The keys of which a claim has exactly one."""
STATED_NUMBERS = ("value", "low", "high")
MakeError = Callable[[Sequence[str | int], object], InputError]


def check(article: Article, error: MakeError) -> None:
    """Hold the claims to what they refer to: formulas, prices, tables, other claims, printed figures."""
    if not article.claims:
        raise error(("claims",), "there are no claims")
    for key, form in FORMS.items():
        if not re.fullmatch(form, getattr(article, key)):
            raise error((key,), f"{getattr(article, key)!r} is not {IN_WORDS[form]}")
    if article.date != "unknown" and not _is_date(article.date):
        raise error(("date",), f"{article.date!r} is no day YYYY-MM-DD; where it is unknown, say so")
    _check_own(article, error)
    ids: set[str] = set()
    for index, claim in enumerate(article.claims):
        at = ("claims", index)
        if claim.id in ids:
            raise error((*at, "id"), f"two claims have the id {claim.id!r}")
        ids.add(claim.id)
        if not re.fullmatch(ID, claim.id):
            raise error((*at, "id"), f"{claim.id!r} is not {IN_WORDS[ID]}")
        for key in ("printed", "digits"):
            if len(getattr(claim, key) or "") > LONGEST_PRINTED:
                raise error((*at, key), f"longer than {LONGEST_PRINTED:,} characters")
        values: dict[tuple[str | int, ...], object] = {(*at, "value"): claim.value}
        values |= {(*at, "variants", n, "value"): one.value for n, one in enumerate(claim.variants)}
        for place, value in values.items():
            if isinstance(value, str) and not _is_date(value):
                why = f"{value!r} is neither a number nor true or false nor a date YYYY-MM or YYYY-MM-DD"
                raise error(place, why)
        ways = sum(getattr(claim, way) is not None for way in CHECKED_BY)
        if ways != 1:
            raise error(at, f"exactly one of {', '.join(sorted(CHECKED_BY))} is needed, not {ways}")
        if claim.not_computable is None and claim.value is None:
            raise error(at, "value is missing: what does the article print?")
        if claim.price is not None and claim.price not in (prices := {*price_keys(), *article.prices}):
            raise error((*at, "price"), unknown("price", claim.price, prices))
        if claim.notebook not in (allowed := {OWN_NOTEBOOK, *notebooks()}):
            raise error((*at, "notebook"), unknown("notebook", claim.notebook, allowed))
        if claim.figure is not None and claim.figure not in figures():
            raise error((*at, "figure"), unknown("figure", claim.figure, figures()))
        if claim.figure_printed and not claim.is_printed and not claim.reading:
            raise error(
                (*at, "value"),
                f"{claim.value} is not among the figures printed in {claim.printed!r}; "
                "if it is a reading of words, say so under reading",
            )
        for dimension, offered in claim.offered_as.items():
            _check_trait(dimension, offered, (*at, "offered_as"), (*at, "offered_as", dimension), error)
        if claim.translates and not article.translation_of:
            raise error((*at, "translates"), "the article names none that it translates (translation_of)")
        for place, call in _calls(claim):
            _check_call(call, (*at, *place), article, error)
    try:
        TopologicalSorter({claim.id: sorted(rests_on(claim)) for claim in article.claims}).prepare()
    except CycleError as cycle:
        circle = cycle.args[1][:0:-1]  # each rests on the next, and the last on the first
        first = min(circle, key=article.places.__getitem__)
        turned = [*circle[circle.index(first) :], *circle[: circle.index(first)]]
        if len(turned) > LONGEST_CIRCLE:
            turned[LONGEST_CIRCLE:] = ["..."]
        raise error(
            ("claims", article.places[first]),
            f"it rests on its own figure, by way of other claims ({' on '.join([*turned, first])})",
        ) from None


def _check_own(article: Article, error: MakeError) -> None:
    """Validate the numbers that the file brings along."""
    for part, stated in (("inputs", article.inputs), ("prices", article.prices)):
        for name, one in stated.items():
            at = (part, name)
            if not re.fullmatch(OWN_NAME, name):
                raise error(at, f"{name!r} is not {IN_WORDS[OWN_NAME]}")
            for key in ("unit", "source", "verification"):
                if not getattr(one, key).strip():
                    raise error((*at, key), f"{key} is empty")
            try:
                notation.parse(one.unit)
            except InputError as wrong:
                raise error((*at, "unit"), str(wrong)) from None
            for key in STATED_NUMBERS:
                number = getattr(one, key)
                if part == "prices" and number is not None and number <= 0:
                    raise error((*at, key), f"a price must be positive, not {number:g} [{one.unit}]")
            if one.low is not None and one.low > one.value:
                raise error((*at, "low"), f"{one.low:g} is above the value, {one.value:g}")
            if one.high is not None and one.high < one.value:
                raise error((*at, "high"), f"{one.high:g} is below the value, {one.value:g}")
            if one.as_of is not None and not _is_date(one.as_of):
                raise error((*at, "as_of"), f"{one.as_of!r} is no date YYYY-MM or YYYY-MM-DD")
            if one.trait is not None:
                dimension, _, kind = one.trait.partition("=")
                _check_trait(dimension, kind, (*at, "trait"), (*at, "trait"), error)
    for name, one in article.prices.items():
        known = price_keys().get(name)
        if known is None:
            continue
        if one.unit != known.unit:
            raise error(
                ("prices", name, "unit"),
                f"{one.unit!r}, but {name} is in {known.unit}; for another price choose another name",
            )
        for key in STATED_NUMBERS:
            number = getattr(one, key)
            if number is not None and not known.minimum <= number <= known.maximum:
                raise error(
                    ("prices", name, key),
                    f"{number:g} is out of bounds; "
                    f"allowed: {known.minimum:g} to {known.maximum:g} {known.unit}",
                )


def _check_trait(
    dimension: str, kind: str, at: Sequence[str | int], at_kind: Sequence[str | int], error: MakeError
) -> None:
    known = traits()
    if dimension not in known:
        raise error(at, unknown("kind of quantity", dimension, known))
    if kind not in known[dimension]:
        raise error(at_kind, unknown(dimension, kind, known[dimension]))


def _check_call(call: Call | str, at: tuple[str | int, ...], article: Article, error: MakeError) -> None:
    if isinstance(call, str):
        try:
            reference = references.parse(call, tuple(article.prices))
        except InputError as wrong:
            raise error(at, str(wrong)) from None
        if isinstance(reference, references.ClaimReference) and reference.id not in article.places:
            raise error(at, unknown("claim", reference.id, article.places))
        if isinstance(reference, references.InputReference) and reference.name not in article.inputs:
            if not article.inputs:
                raise error(at, f"unknown input {reference.name!r}: the file has no inputs")
            raise error(at, unknown("input", reference.name, article.inputs))
        return
    function = named(call.formula, lambda message: error((*at, "formula"), message))
    arguments = inspect.signature(function).parameters
    try:
        inputs = call.filled()
    except InputError as wrong:
        raise error((*at, "row"), str(wrong)) from None
    for name, given in inputs.items():
        if name not in arguments:
            raise error((*at, "inputs", name), f"{call.formula}: {unknown('argument', name, arguments)}")
        for item in given if isinstance(given, list) else [given]:
            if isinstance(item, str | Call):
                _check_call(item, (*at, "inputs", name), article, error)
    missing = [
        name
        for name, argument in arguments.items()
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
    """Return the names of the figures that the numbered notebooks show.

    >>> "entry_ticket" in figures()
    True
    """
    shown = (tables.home("notebooks") / f"{name}.ipynb" for name in notebooks())
    return frozenset(
        name for path in shown for name in re.findall(r'"figure": "(\w+)"', path.read_text("utf-8"))
    )


@cache
def traits() -> dict[str, set[str]]:
    """Return the kinds of quantity by dimension, as they stand in the ``trait`` columns of the tables."""
    found: dict[str, set[str]] = {}
    for name in tables.names():
        if any(field["name"] == "trait" for field in tables.schema(name)):
            for row in tables.rows(name):
                if row["trait"]:
                    dimension, _, value = row["trait"].partition("=")
                    found.setdefault(dimension, set()).add(value)
    return found
