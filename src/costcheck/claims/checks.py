"""Check an article against what it refers to: formulas, prices, tables, other claims, printed figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from costcheck.claims import sums
from costcheck.claims.article import OWN_NOTEBOOK, Article, Claim, Place, Stated
from costcheck.claims.evaluation import CircleError, ElsewhereError, Names, converted, fit
from costcheck.claims.printed import unit_not_read
from costcheck.data import tables
from costcheck.errors import InputError, unknown
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import own_keys, price_keys, validate
from costcheck.units import notation

FORMS = {
    "article": (r"[a-z][a-z0-9_]{0,63}", "at most 64 small letters, digits and _, beginning with a letter"),
    "language": (r"[a-z]{2}", "two small letters, such as en"),
    "date": (r"\d{4}-\d{2}-\d{2}|unknown", "a day YYYY-MM-DD, or unknown"),
    "id": (r"[A-Za-z]\w*", "letters, digits and _, beginning with a letter, such as A1"),
    "name": (r"[a-z][a-z0-9_]*", "small letters, digits and _, beginning with a letter"),
}
"""Names and days, and how to describe them; files are named after an article."""
LONGEST_PRINTED = 1000
"""Characters of a figure as printed; finding figures in a book would take long."""
CHECKED_BY = {"sum", "fact", "assumed", "not_checked"}
"""The keys of which a claim has exactly one."""
Problem = tuple[Place, object]


def check(article: Article) -> Iterator[Problem]:
    """Yield what is wrong with an article, with the place of each."""
    if not article.claims:
        yield ("claims",), "there are no claims; costcheck new writes an example"
    for key in ("article", "language", "date"):
        yield from _form(getattr(article, key), key, (key,))
    for name, text in article.names.items():
        yield from _form(name, "name", ("names", name))
        try:
            sums.parse(text)
        except InputError as error:
            yield ("names", name), error
    for part, own in (("given", article.given), ("prices", article.prices)):
        for name, stated in own.items():
            yield from _form(name, "name", (part, name))
            yield from _stated(stated, name, part, article)
    taken = dict.fromkeys(signatures.names(), "a formula") | dict.fromkeys(article.given, "a given number")
    for index, claim in enumerate(article.claims):
        at: Place = ("claims", index)
        yield from _form(claim.id, "id", (*at, "id"))
        if claim.id in taken:
            yield (*at, "id"), f"{claim.id} is the name of {taken[claim.id]} already"
        taken[claim.id] = "a claim"
        if claim.printed:  # what is missing is reported by the reader
            yield from _keys(claim, at, article)
    try:
        names = Names(article, PriceBook.article())
    except InputError:
        return  # a price that cannot be read, or is out of bounds: reported above
    for index, claim in enumerate(article.claims):
        if claim.printed:
            yield from _sums(claim, ("claims", index), names)


def _form(text: str, form: str, at: Place) -> Iterator[Problem]:
    pattern, words = FORMS[form]
    is_none = not re.fullmatch(pattern, text, re.ASCII)
    if is_none or (form == "date" and text != "unknown" and not tables.is_date(text)):
        yield at, f"{text!r} is not {words}"


def _keys(claim: Claim, at: Place, article: Article) -> Iterator[Problem]:
    for key in ("printed", "digits"):
        if len(getattr(claim, key) or "") > LONGEST_PRINTED:
            yield (*at, key), f"longer than {LONGEST_PRINTED:,} characters"
            return
    for place, way in claim.ways():
        if isinstance(way.value, str) and not _is_date(way.value):
            what = "neither a number nor true or false nor a date YYYY-MM or YYYY-MM-DD"
            yield (*at, *place, "value"), f"{way.value!r} is {what}"
        try:
            notation.parse(way.unit or "1")
        except InputError as error:
            yield (*at, *place, "unit"), error
        keys = ("fact", "sum") if place else sorted(CHECKED_BY)
        if (count := sum(getattr(way, key) is not None for key in keys)) != 1:
            how = "; write sum: fleet * prices.h100_usd, or not_checked: why" * (not count and not place)
            yield (*at, *place), f"exactly one of {', '.join(keys)} is needed, not {count}{how}"
    named = [("offered_as", trait, traits()) for trait in map("=".join, claim.offered_as.items())]
    named += [("price", claim.price, (*price_keys(), *article.prices))] if claim.price else []
    for key, name, allowed in (*named, ("notebook", claim.notebook, (OWN_NOTEBOOK, *notebook_names()))):
        if name not in allowed:
            yield (*at, key), unknown(key, name, allowed)
    try:
        if claim.figure is None and claim.value is None and (claim.sum or claim.fact):
            yield (*at, "value"), "value is missing: what does the article print?"
        if claim.figure and claim.value is not None and not claim.reading and not claim.is_printed:
            why = f"{claim.value:.15g} is not among the figures in {claim.digits or claim.printed!r}"
            yield (*at, "value"), f"{why}; if it is a reading of words, say so under reading"
    except InputError as error:
        yield (*at, "printed"), error
    if claim.translates and not article.translation_of:
        yield (*at, "translates"), "the article names none that it translates (translation_of)"


def _sums(claim: Claim, at: Place, names: Names) -> Iterator[Problem]:
    """Yield what is wrong with the sums of a claim: names, formulas, units."""
    try:
        unit = claim.figure_unit
    except InputError:
        return  # reported with the words that cannot be read
    for inner, way in claim.ways():
        wanted, text = way.unit or unit, way.sum or way.fact
        place = (*at, *inner, "sum" if way.sum else "fact")
        if text is None or (way.sum and way.fact):
            continue
        try:
            node = sums.parse(text)
            if isinstance(node, sums.Listed) or (isinstance(node, sums.Name) and "[*]" in node.text):
                raise InputError(f"several numbers are no figure; write {place[-1]}: mean({text})")
            own = converted(fit(node, names), wanted).unit
            has_unit = own is not None and own.quantity.keys() - {*notation.COUNTED}
            word = unit_not_read(claim.digits or claim.printed) if has_unit and not wanted else ""
            if word and not inner:
                what = f"{word!r} is no unit that costcheck knows, and the sum is in {own}"
                yield (*at, "printed"), f"{what}; give the unit of the figure"
        except ElsewhereError:
            pass  # reported where it stands
        except CircleError as circle:
            yield ("claims", names.article.places[circle.first], "sum"), circle
        except (InputError, ValueError) as error:
            right = ""
            if isinstance(error, InputError) and error.nearest and error.given:
                right = f"; write {place[-1]}: {text.replace(error.given, error.nearest)}"
            yield place, f"{error}{right}"
    if claim.price and claim.price in {*price_keys(), *names.article.prices}:  # else reported as a key
        asked = names.known(f"prices.{claim.price}").unit or "1"
        if notation.factor(asked, unit or asked) != 1:
            yield (*at, "price"), f"the claim states the price {claim.price}; give its figure in {asked}"


def _stated(stated: Stated, name: str, part: str, article: Article) -> Iterator[Problem]:
    """Yield what is wrong with a number that the file brings along."""
    at = (part, name)
    try:
        _ = stated.figure
    except InputError as error:
        how = "a number with its unit, as in 512 GPU, 11 days, $2.10/GPU-hour or 1.3 kW/GPU"
        yield at, f"{error}; write {name}: {how}"
        return
    if part == "prices":
        quote = article.own_quote(name)
        try:
            validate(quote, "", price_keys() | own_keys([quote]))
        except InputError as error:
            yield at, error.reason
    if stated.as_of is not None and not _is_date(stated.as_of):
        yield (*at, "as_of"), f"{stated.as_of!r} is no date YYYY-MM or YYYY-MM-DD"
    if stated.trait is not None and stated.trait not in traits():
        yield (*at, "trait"), unknown("kind of quantity", stated.trait, traits())


def _is_date(text: str) -> bool:
    return tables.is_date(text) or tables.is_date(f"{text}-01")


@cache
def notebook_names() -> tuple[str, ...]:
    """Return the names of the package's numbered notebooks, each of which shows claims of its own."""
    return tuple(sorted(path.stem for path in tables.home("notebooks").glob("[0-9]*.ipynb")))


@cache
def traits() -> tuple[str, ...]:
    """Return the kinds of quantity, such as phase=training, in the ``trait`` columns of the tables."""
    fields = ((name, field["name"]) for name in tables.names() for field in tables.schema(name))
    kinds = {row["trait"] for name, field in fields if field == "trait" for row in tables.rows(name)}
    return tuple(sorted({"peak=dense", "peak=sparse", *kinds} - {None}))
