"""Articles as files of claims: their schema, and reading them with every error at its line."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

from costcheck import formulas
from costcheck.claims import printed as printing
from costcheck.claims import references
from costcheck.claims.printed import Hedge
from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.formulas import signatures
from costcheck.prices.quotes import Quote, price_keys
from costcheck.units import notation


class Kind(StrEnum):
    """What kind of statement a claim is."""

    ARITHMETIC = "arithmetic"
    INPUT = "input"
    QUOTED = "quoted"
    DATE = "date"
    COMPARISON = "comparison"
    CHART = "chart"
    ASSERTION = "assertion"


CHECKED_BY = {"formula", "fact", "not_computable"}
"""The keys of which a claim has exactly one."""


ID = r"[A-Za-z][\w-]*"
OWN_NAME = r"[a-z][a-z0-9_]*"
TRUE, FALSE = (
    {form for word in words for form in (word, word.capitalize(), word.upper())}
    for words in (("true", "yes", "on"), ("false", "no", "off"))
)
"""As YAML 1.1 writes them."""
NUMBER = r"[-+]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
"""As YAML 1.2 writes numbers, and with underscores; YAML 1.1 would take 1.7e9 for text."""
STATED_NUMBERS = ("value", "low", "high")
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
TEXTS = {"unit", "as_of"}
"""Keys whose values are text, also where they look like a number: the unit 1, the year 2024."""
MOST_CLAIMS = 1000
LONGEST_PRINTED = 1000
"""Characters of a figure as printed; finding figures in a book would take long."""
MOST_PARTS = 100_000
"""Texts, lists and mappings in a file; a claim takes some 35, with variants a hundred."""
LONGEST_CIRCLE = 6
LONGEST_MESSAGE = 1600
"""A message that lists all prices is somewhat shorter."""
DEEPEST = 40
"""Lists and mappings within one another: a formula in a formula takes two."""
OWN_NOTEBOOK = "article"
"""The notebook that shows any article, and so every claim that names no other."""
OWN_FILE = "stated in the article's own file"
UNKNOWN_KEY = "unexpected_keyword_argument"
STRICT = {"extra": "forbid"}
"""How pydantic reads these classes: a key that is none of theirs is an error."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words that stand for themselves, where a string would be read as a reference."""

    __pydantic_config__: ClassVar[Any] = STRICT
    literal: list[str]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A formula and what goes into it."""

    __pydantic_config__: ClassVar[Any] = STRICT
    formula: str
    inputs: dict[str, Input] = field(default_factory=dict)
    row: str | None = None
    """A table's row, as ``models[model=Llama 3.1 405B]``: arguments not given come from its columns."""

    def filled(self) -> dict[str, Input]:
        """Return the inputs, completed from the row's columns that are named like an argument."""
        if self.row is None:
            return dict(self.inputs)
        columns = {field["name"] for field in tables.schema(self.row.partition("[")[0])}
        arguments = inspect.signature(named(self.formula)).parameters
        return {name: f"{self.row}.{name}" for name in arguments if name in columns} | self.inputs


Input = bool | float | str | Call | Words | list["bool | float | str | Call"]
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")


Value = bool | float | str


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A number that an article's file brings along, with where it is from: an input, or a price."""

    __pydantic_config__: ClassVar[Any] = STRICT
    value: float
    unit: str
    source: str
    as_of: str | None = None
    low: float | None = None
    high: float | None = None
    verification: str = OWN_FILE
    note: str | None = None
    trait: str | None = None


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The same claim reckoned in another way; what is not given is as in the claim."""

    __pydantic_config__: ClassVar[Any] = STRICT
    label: str
    formula: str | None = None
    inputs: dict[str, Input] = field(default_factory=dict)
    row: str | None = None
    fact: str | None = None
    value: Value | None = None
    hedge: Hedge | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Instead(Call):
    """The right quantity, where a claim offers another."""

    label: str
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of an article.

    Exactly one of ``formula``, ``fact`` and ``not_computable`` says how it is checked, unless it
    translates a claim of another article and is checked the same way.
    """

    __pydantic_config__: ClassVar[Any] = STRICT
    id: str
    where: str = ""
    printed: str
    about: str
    kind: Kind = Kind.ARITHMETIC
    notebook: str = OWN_NOTEBOOK
    value: Value | None = None
    unit: str | None = None
    hedge: Hedge = Hedge.EXACT
    reading: str | None = None
    repeats: str | None = None
    """``claims.ID``: the figure is one that claim prints; its value, unit and digits are taken from there."""
    digits: str | None = None
    formula: str | None = None
    inputs: dict[str, Input] = field(default_factory=dict)
    row: str | None = None
    fact: str | None = None
    not_computable: str | None = None
    price: str | None = None
    offered_as: dict[str, str] = field(default_factory=dict)
    unsupported: str | None = None
    instead: list[Instead] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    figure: str | None = None
    translates: str | None = None

    @cached_property
    def call(self) -> Call | None:
        """The formula with its inputs, where the claim has one."""
        if self.formula is None:
            return None
        return Call(formula=self.formula, inputs=self.inputs, row=self.row)

    @cached_property
    def figure_printed(self) -> printing.Printed | None:
        """The claim's value with the precision its digits show; exact where it is our reading."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return None
        found = printing.find(self.digits or self.printed, self.value, self.unit)
        return found or printing.Printed(float(self.value), 0.0)

    @property
    def is_printed(self) -> bool:
        """Whether the article prints the figure, as opposed to words that we read as one."""
        figure = self.figure_printed
        return figure is not None and figure.unit_in_last_place > 0


@dataclass(frozen=True)
class Origin:
    """Where an article was read from, and the line each part of it stands in."""

    name: str
    lines: Mapping[tuple[str | int, ...], int]
    ids: Mapping[int, str]

    def error(self, at: Sequence[str | int], message: object) -> InputError:
        """Make an error that names the file, the line, the claim and the key."""
        known = tuple(at)
        while known and known not in self.lines:
            known = known[:-1]
        where = [f"{self.name}, line {self.lines.get(known, 1)}"]
        rest = list(at)
        if len(rest) > 1 and rest[0] == "claims" and isinstance(rest[1], int):
            where.append(f"claim {yaml_nodes.shown(self.ids.get(rest[1], str(rest[1] + 1)))}")
            rest = rest[2:]
        # pydantic adds the names of the types it tried, such as "lax-or-strict[...]" and "Call"
        keys = ".".join(
            str(part) for part in rest if isinstance(part, int) or re.fullmatch(r"[a-z]\w*", part)
        )
        if keys:
            where.append(f"key {yaml_nodes.shown(keys)}")
        text = str(message)
        if len(text) > LONGEST_MESSAGE:  # what is wrong stands at its begin, what is allowed at its end
            text = f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
        return InputError(text, where=", ".join(where))


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article and its claims, in its own order."""

    __pydantic_config__: ClassVar[Any] = STRICT
    article: str
    title: str
    language: str
    publisher: str
    date: str
    address: str
    note: str | None = None
    translation_of: str | None = None
    inputs: dict[str, Stated] = field(default_factory=dict)
    prices: dict[str, Stated] = field(default_factory=dict)
    claims: list[Claim]

    origin: ClassVar[Origin | None] = None
    """Where it was read from; no part of what it says, so that two readings are equal."""

    def claim(self, id_: str) -> Claim:
        """Return a claim by its id.

        Raises:
            InputError: The article has no such claim.
        """
        try:
            return self.claims[self.places[id_]]
        except KeyError:
            raise unknown("claim", id_, self.places) from None

    def error(self, claim: Claim, message: str, *key: str | int) -> InputError:
        """Make an error about a claim, which names file, line and claim where they are known."""
        if self.origin is None:
            return InputError(f"{self.article}, claim {claim.id}: {message}")
        return self.origin.error(("claims", self.places[claim.id], *key), message)

    @cached_property
    def own_quotes(self) -> tuple[Quote, ...]:
        """The prices that the article's file brings along, as quotes of a price book."""
        return tuple(
            Quote(
                key=key,
                value=stated.value,
                low=stated.low,
                high=stated.high,
                unit=stated.unit,
                as_of=stated.as_of or self.date,
                source=stated.source,
                verification=stated.verification,
                note=stated.note,
            )
            for key, stated in self.prices.items()
        )

    @cached_property
    def traits_found(self) -> dict[str, Mapping[str, Mapping[str, str]]]:
        """The traits of the claims' printed figures by id, as far as they have been looked for."""
        return {}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each claim by its id."""
        return {claim.id: place for place, claim in enumerate(self.claims)}


@cache
def articles() -> tuple[Article, ...]:
    """Return the articles that come with the package, translations after their originals.

    >>> [(article.article, len(article.claims)) for article in articles()]
    [('zh_36kr', 59), ('ja_right_ai', 43)]
    """
    return load(sorted((tables.home("data") / "articles").glob("*.yaml"), reverse=True))


@dataclass(frozen=True)
class Text:
    """An article's file that is at hand as text, and what to call it in messages."""

    text: str
    name: str


def load(sources: Sequence[Path | Text]) -> tuple[Article, ...]:
    """Read articles, each checked against the schema and everything it refers to.

    Args:
        sources: Files; a translation stands after its original, or alone with claims of its own.

    Returns:
        The articles, claims of a translation filled in from the claims they translate.

    Raises:
        InputError: A file cannot be read or breaks the schema; the message names file, line, claim and key.
    """
    found: dict[str, _Source] = {}
    for one in sources:
        source = _Source(one)
        source.article = source.read(found)
        if source.article.article in found:
            raise source.error(("article",), f"an article {source.article.article!r} was given already")
        found[source.article.article] = source
    return tuple(source.article for source in found.values())


def content_of(path: Path) -> bytes:
    """Read an article's file.

    Raises:
        InputError: It cannot be read, is no regular file, or is too large.
    """
    return tables.file_bytes(path, yaml_nodes.LARGEST)


def example(name: str) -> Path:
    """Return the file of an article that comes with the package as an example.

    Raises:
        InputError: There is no such example, with the nearest name.

    >>> load([example("deepseek_v3")])[0].claim("D8").printed
    '3.7 days'
    """
    folder = tables.home("data") / "examples"
    known = {path.stem: path for path in folder.glob("*.yaml")}
    if name not in known:
        raise unknown("example", name, known)
    return known[name]


def schema_file() -> Path:
    """Return the file with the JSON Schema of an article's file."""
    return tables.home("data") / "articles" / "article.schema.json"


def checked_before() -> dict[str, str]:
    """Return the hashes of the article files that have been checked, by file name.

    Checking takes as long as everything else that ``costcheck check`` does, and an unchanged file gives
    the same answer. ``python -m costcheck.claims`` writes the hashes down; a test holds them to the files.
    """
    path = tables.home("data") / "articles" / "checked.json"
    hashes: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return hashes


class _Source:
    """A YAML file, its data, and the line each part of it stands in."""

    def __init__(self, source: Path | Text) -> None:
        if isinstance(source, Path):
            self.name, content = str(source), content_of(source)
        else:
            self.name, content = source.name, source.text.encode()
        self.file = source.name
        self._lines: dict[tuple[str | int, ...], int] = {}
        self._ids: dict[int, str] = {}
        self.origin = Origin(self.name, self._lines, self._ids)
        self.filled: dict[str, Any] = {}
        self.article: Article
        self.hash = hashlib.sha256(content).hexdigest()
        try:
            tree = yaml_nodes.read(content, self.name, deepest=DEEPEST, most=MOST_CLAIMS, parts=MOST_PARTS)
        except yaml_nodes.NodeError as error:
            self._lines[error.at] = error.line
            if error.at[:1] == ("claims",) and len(error.around) > 2 and "id" in error.around[2]:
                self._ids[int(error.at[1])] = str(error.around[2]["id"].value)
            raise self.error(error.at, error.what) from None
        self.data: Any = None if tree is None else self._build(tree, ())

    def _build(self, node: yaml_nodes.Node, at: tuple[str | int, ...]) -> Any:
        self._lines[at] = node.line
        if isinstance(node.value, dict):
            built: dict[Any, Any] = {}
            for key, item in node.value.items():
                value = self._build(item, (*at, key))
                # one right quantity need not be written as a list of one
                built[key] = [value] if key == "instead" and isinstance(value, dict) else value
            return built
        if isinstance(node.value, list):
            return [self._build(item, (*at, index)) for index, item in enumerate(node.value)]
        if at[-1:] == ("id",) and len(at) == 3 and isinstance(at[1], int):
            self._ids[at[1]] = node.value
        if len(at) == 3 and at[0] in ("inputs", "prices") and at[2] in STATED_NUMBERS:
            number = _number(node.value)
            if number is None and not node.is_nothing:
                raise self.error(at, f"{yaml_nodes.shown(node.value)!r} is no number")
            return number
        # as printed means as printed: 3500 is no float, and 017 no octal
        if at[-1:] == ("printed",):
            if node.is_nothing:
                raise self.error(at, "nothing stands there; give the figure, or a few words, as printed")
            return node.value
        if at and at[-1] in TEXTS:
            return None if node.is_nothing else node.value
        return _scalar(node, at)

    def error(self, at: Sequence[str | int], message: object) -> InputError:
        """Make an error that names the file, the line, the claim and the key."""
        return self.origin.error(at, message)

    def read(self, originals: Mapping[str, _Source]) -> Article:
        """Read the article, a translation's claims filled in from those they translate.

        A file that has been checked before is read without checking it again.
        """
        if not isinstance(self.data, dict):
            raise InputError(
                f"{self.name}: not an article; expected a mapping with title, publisher, claims, ..."
            )
        before = checked_before()
        if all(before.get(source.file) == source.hash for source in (self, *originals.values())):
            self.filled = self._filled_in(originals)
            known: Article = _built(Article, self.filled)
            return self._placed(known)
        from pydantic import TypeAdapter, ValidationError

        self.filled = self._filled_in(originals)
        try:
            article = TypeAdapter(Article).validate_python(self.filled)
        except ValidationError as error:
            # where several shapes are tried, a key that none of them has says most
            found = error.errors(include_url=False)
            first = next((one for one in found if one["type"] == UNKNOWN_KEY), found[0])
            raise self.error(first["loc"], _said(first)) from None
        self._placed(article)
        self.check(article)
        return self._placed(self._converted(article))

    def _converted(self, article: Article) -> Article:
        """Hold the units of all claims to one another, and convert where they differ by a factor."""
        from costcheck.claims.conversions import converted
        from costcheck.claims.dimensions import checked

        found = checked(article)
        for index, path, error in found.mismatches:
            raise self.error(("claims", index, *path), str(error))
        return converted(article, found.factors)

    def _placed(self, article: Article) -> Article:
        # not a field: pydantic would take it for a key of the file
        object.__setattr__(article, "origin", self.origin)
        return article

    def _filled_in(self, originals: Mapping[str, _Source]) -> dict[str, Any]:
        claims = self.data.get("claims")
        if not isinstance(claims, list):
            return dict(self.data)
        translated = self._translated(claims, originals)
        by_id = {str(claim.get("id")): claim for claim in translated if isinstance(claim, dict)}
        filled: list[Any] = []
        for index, claim in enumerate(translated):
            if isinstance(claim, dict) and claim.get("repeats"):
                id_ = str(claim["repeats"]).removeprefix("claims.")
                if id_ not in by_id:
                    raise self.error(("claims", index, "repeats"), unknown("claim", id_, by_id))
                said = by_id[id_]
                if "value" not in said:
                    raise self.error(("claims", index, "repeats"), f"claim {id_} has no value of its own")
                claim = claim | {
                    "value": said["value"],
                    "unit": said.get("unit"),
                    "digits": said.get("printed"),
                }
            filled.append(claim)
        return {**self.data, "claims": filled}

    def _translated(self, claims: list[Any], originals: Mapping[str, _Source]) -> list[Any]:
        name = self.data.get("translation_of")
        if name is None:
            return claims
        if not isinstance(name, str) or name not in originals:
            raise self.error(("translation_of",), unknown("article", str(name), originals))
        theirs = {claim["id"]: claim for claim in originals[name].filled["claims"]}
        own = {
            str(claim.get("translates")): str(claim.get("id")) for claim in claims if isinstance(claim, dict)
        }
        filled = []
        for index, claim in enumerate(claims):
            if isinstance(claim, dict) and claim.get("translates"):
                id_ = str(claim["translates"])
                if id_ not in theirs:
                    raise self.error(("claims", index, "translates"), unknown("claim", id_, theirs))
                inherited = _renamed(theirs[id_], own)
                if CHECKED_BY & claim.keys():
                    for way in (
                        *CHECKED_BY,
                        "inputs",
                        "row",
                        "variants",
                        "value",
                        "unit",
                        "instead",
                        "reading",
                    ):
                        inherited.pop(way, None)
                claim = inherited | claim
            filled.append(claim)
        return filled

    def check(self, article: Article) -> None:
        """Hold the claims to what they refer to: formulas, prices, tables, other claims, printed figures."""
        if not article.claims:
            raise self.error(("claims",), "there are no claims")
        for key, form in FORMS.items():
            if not re.fullmatch(form, getattr(article, key)):
                raise self.error((key,), f"{getattr(article, key)!r} is not {IN_WORDS[form]}")
        if article.date != "unknown" and not _is_date(article.date):
            raise self.error(("date",), f"{article.date!r} is no day YYYY-MM-DD; where it is unknown, say so")
        self._check_own(article)
        ids: set[str] = set()
        for index, claim in enumerate(article.claims):
            at = ("claims", index)
            if claim.id in ids:
                raise self.error((*at, "id"), f"two claims have the id {claim.id!r}")
            ids.add(claim.id)
            if not re.fullmatch(ID, claim.id):
                raise self.error((*at, "id"), f"{claim.id!r} is not {IN_WORDS[ID]}")
            for key in ("printed", "digits"):
                if len(getattr(claim, key) or "") > LONGEST_PRINTED:
                    raise self.error((*at, key), f"longer than {LONGEST_PRINTED:,} characters")
            for place, value in (
                ((*at, "value"), claim.value),
                *(
                    ((*at, "variants", number, "value"), variant.value)
                    for number, variant in enumerate(claim.variants)
                ),
            ):
                if isinstance(value, str) and not _is_date(value):
                    raise self.error(
                        place,
                        f"{value!r} is neither a number nor true or false nor a date YYYY-MM or YYYY-MM-DD",
                    )
            ways = sum(getattr(claim, way) is not None for way in CHECKED_BY)
            if ways != 1:
                raise self.error(at, f"exactly one of {', '.join(sorted(CHECKED_BY))} is needed, not {ways}")
            if claim.not_computable is None and claim.value is None:
                raise self.error(at, "value is missing: what does the article print?")
            if claim.price is not None and claim.price not in {*price_keys(), *article.prices}:
                named_prices = {*price_keys(), *article.prices}
                raise self.error((*at, "price"), unknown("price", claim.price, named_prices))
            if claim.notebook not in (allowed := {OWN_NOTEBOOK, *notebooks()}):
                raise self.error((*at, "notebook"), unknown("notebook", claim.notebook, allowed))
            if claim.figure is not None and claim.figure not in figures():
                raise self.error((*at, "figure"), unknown("figure", claim.figure, figures()))
            if claim.figure_printed and not claim.is_printed and not claim.reading:
                raise self.error(
                    (*at, "value"),
                    f"{claim.value} is not among the figures printed in {claim.printed!r}; "
                    "if it is a reading of words, say so under reading",
                )
            known_traits = traits()
            for dimension, offered in claim.offered_as.items():
                if dimension not in known_traits:
                    raise self.error(
                        (*at, "offered_as"), unknown("kind of quantity", dimension, known_traits)
                    )
                if offered not in known_traits[dimension]:
                    raise self.error(
                        (*at, "offered_as", dimension), unknown(dimension, offered, known_traits[dimension])
                    )
            if claim.translates and not article.translation_of:
                raise self.error(
                    (*at, "translates"), "the article names none that it translates (translation_of)"
                )
            for place, call in _calls(claim):
                self._check_call(call, (*at, *place), article)
        if circle := _circle(article):
            first = min(circle, key=article.places.__getitem__)
            turned = [*circle[circle.index(first) :], *circle[: circle.index(first)]]
            if len(turned) > LONGEST_CIRCLE:
                turned[LONGEST_CIRCLE:] = ["..."]
            raise self.error(
                ("claims", article.places[first]),
                f"it rests on its own figure, by way of other claims ({' on '.join([*turned, first])})",
            )

    def _check_own(self, article: Article) -> None:
        """Hold the numbers that the file brings along to what makes sense for them."""
        known_traits = traits()
        for part, stated in (("inputs", article.inputs), ("prices", article.prices)):
            for name, one in stated.items():
                at = (part, name)
                if not re.fullmatch(OWN_NAME, name):
                    raise self.error(at, f"{name!r} is not {IN_WORDS[OWN_NAME]}")
                for key in ("unit", "source", "verification"):
                    if not getattr(one, key).strip():
                        raise self.error((*at, key), f"{key} is empty")
                try:
                    notation.parse(one.unit)
                except InputError as error:
                    raise self.error((*at, "unit"), str(error)) from None
                for key in STATED_NUMBERS:
                    number = getattr(one, key)
                    if part == "prices" and number is not None and number <= 0:
                        raise self.error((*at, key), f"a price must be positive, not {number:g} [{one.unit}]")
                if one.low is not None and one.low > one.value:
                    raise self.error((*at, "low"), f"{one.low:g} is above the value, {one.value:g}")
                if one.high is not None and one.high < one.value:
                    raise self.error((*at, "high"), f"{one.high:g} is below the value, {one.value:g}")
                if one.as_of is not None and not _is_date(one.as_of):
                    raise self.error((*at, "as_of"), f"{one.as_of!r} is no date YYYY-MM or YYYY-MM-DD")
                if one.trait is not None:
                    dimension, _, kind = one.trait.partition("=")
                    if dimension not in known_traits:
                        raise self.error((*at, "trait"), unknown("kind of quantity", dimension, known_traits))
                    if kind not in known_traits[dimension]:
                        raise self.error((*at, "trait"), unknown(dimension, kind, known_traits[dimension]))
        for name, one in article.prices.items():
            known = price_keys().get(name)
            if known is None:
                continue
            if one.unit != known.unit:
                raise self.error(
                    ("prices", name, "unit"),
                    f"{one.unit!r}, but {name} is in {known.unit}; for another price choose another name",
                )
            for key in STATED_NUMBERS:
                number = getattr(one, key)
                if number is not None and not known.minimum <= number <= known.maximum:
                    raise self.error(
                        ("prices", name, key),
                        f"{number:g} is out of bounds; "
                        f"allowed: {known.minimum:g} to {known.maximum:g} {known.unit}",
                    )

    def _check_call(self, call: Call | str, at: tuple[str | int, ...], article: Article) -> None:
        if isinstance(call, str):
            try:
                reference = references.parse(call, tuple(article.prices))
            except InputError as error:
                raise self.error(at, str(error)) from None
            if isinstance(reference, references.ClaimReference) and reference.id not in article.places:
                raise self.error(at, unknown("claim", reference.id, article.places))
            if isinstance(reference, references.InputReference) and reference.name not in article.inputs:
                if not article.inputs:
                    raise self.error(at, f"unknown input {reference.name!r}: the file has no inputs")
                raise self.error(at, unknown("input", reference.name, article.inputs))
            return
        function = named(call.formula, lambda message: self.error((*at, "formula"), message))
        arguments = inspect.signature(function).parameters
        try:
            inputs = call.filled()
        except InputError as error:
            raise self.error((*at, "row"), str(error)) from None
        for name, given in inputs.items():
            if name not in arguments:
                raise self.error(
                    (*at, "inputs", name), f"{call.formula}: {unknown('argument', name, arguments)}"
                )
            for item in given if isinstance(given, list) else [given]:
                if isinstance(item, str | Call):
                    self._check_call(item, (*at, "inputs", name), article)
        missing = [
            name
            for name, argument in arguments.items()
            if argument.default is argument.empty and name not in inputs
        ]
        if missing:
            raise self.error((*at, "inputs"), f"{call.formula} needs {', '.join(missing)}")


def _is_date(text: str) -> bool:
    return tables.is_date(text) or tables.is_date(f"{text}-01")


def _built(kind: type[Any], data: Any) -> Any:
    """Make an article out of data that has been checked before."""
    made = dict(data)
    if kind is Article:
        made["claims"] = [_built(Claim, claim) for claim in data["claims"]]
        for key in ("inputs", "prices"):
            made[key] = {name: Stated(**one) for name, one in data.get(key, {}).items()}
    elif kind is not Words:
        made["inputs"] = {name: _input(given) for name, given in data.get("inputs", {}).items()}
        for key, enum in (("kind", Kind), ("hedge", Hedge)):
            if key in data:
                made[key] = enum(data[key])
        for key, part in (("variants", Variant), ("instead", Instead)):
            if key in data:
                made[key] = [_built(part, one) for one in data[key]]
    return kind(**made)


def _input(given: Any) -> Any:
    if isinstance(given, list):
        return [_input(one) for one in given]
    if isinstance(given, dict):
        return _built(Words if "literal" in given else Call, given)
    return given


def _circle(article: Article) -> list[str]:
    """Return the ids of claims each of which rests on the next, and the last on the first, if there are any.

    A depth-first search with a stack of its own: a chain of claims may be longer than Python's.
    """
    rests = {claim.id: sorted(rests_on(claim)) for claim in article.claims}
    done: set[str] = set()
    for start in rests:
        way, ahead = [start], [iter(rests[start])]
        on_the_way = {start}
        while way:
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                on_the_way.discard(way[-1])
                done.add(way.pop())
            elif following in on_the_way:
                return way[way.index(following) :]
            elif following not in done:
                way.append(following)
                on_the_way.add(following)
                ahead.append(iter(rests[following]))
    return []


def rests_on(claim: Claim) -> set[str]:
    """Return the ids of the claims whose printed figures a claim is reckoned from."""
    found: set[str] = set()

    def follow(item: object) -> None:
        if isinstance(item, str) and item.startswith("claims."):
            found.add(item.removeprefix("claims."))
        elif isinstance(item, Call):
            follow(list(item.inputs.values()))
        elif isinstance(item, list):
            for part in item:
                follow(part)

    follow(claim.call)
    follow(claim.fact)
    return found


def named(name: str, error: Callable[[str], Exception] = InputError) -> Callable[..., Any]:
    """Return the formula of a name.

    Raises:
        InputError: There is none, with the nearest name.
    """
    if name not in (known := signatures.names()):
        wrong = unknown("formula", yaml_nodes.shown(name), known)
        # there are too many for a message
        raise error(str(wrong) if wrong.nearest else f"{wrong.what}; costcheck formulas lists them")
    function: Callable[..., Any] = getattr(formulas, name)
    return function


def variant_call(claim: Claim, variant: Variant) -> Call | None:
    """Return what a variant computes: its own formula, or the claim's with other inputs."""
    if variant.fact is not None:
        return None
    if variant.formula is not None:
        return Call(formula=variant.formula, inputs=variant.inputs, row=variant.row)
    if claim.formula is None:
        return None
    return Call(formula=claim.formula, inputs=claim.inputs | variant.inputs, row=variant.row or claim.row)


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


def _renamed(data: Any, own: dict[str, str]) -> Any:
    """Point references to the original's claims at the translation's own."""
    if isinstance(data, dict):
        return {key: value if key == "translates" else _renamed(value, own) for key, value in data.items()}
    if isinstance(data, list):
        return [_renamed(item, own) for item in data]
    if isinstance(data, str) and data.startswith("claims."):
        return "claims." + own.get(data.removeprefix("claims."), data.removeprefix("claims."))
    return data


def _scalar(node: yaml_nodes.Node, at: tuple[str | int, ...]) -> Any:
    text = str(node.value)
    if not node.plain:
        return text
    if node.is_nothing:
        return None
    # the language no is Norwegian: yes, no, on and off are words unless a formula or a value may be true
    if text.lower() in ("true", "false") or (text in TRUE | FALSE and _may_be_true(at)):
        return text in TRUE
    number = _number(text)
    return text if number is None else number


def _may_be_true(at: tuple[str | int, ...]) -> bool:
    return at[:1] == ("claims",) and (at[-1] == "value" or "inputs" in at) and "literal" not in at


def _number(text: str) -> float | None:
    if re.fullmatch(NUMBER, text, re.ASCII) and math.isfinite(float(text)):
        return float(text)
    return None


def _said(error: Any) -> str:
    last = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "unexpected_keyword_argument":
            within: Any = Article
            if "claims" in error["loc"]:
                kinds = {"Call": Call, "variants": Variant, "instead": Instead, "claims": Claim}
                within = next(kind for part, kind in kinds.items() if part in error["loc"])
            elif error["loc"][0] in ("inputs", "prices"):
                within = Stated
            return str(unknown("key", last, [one.name for one in fields(within)]))
        case "missing":
            return f"{last} is missing"
        case "string_type" if error["input"] is None:
            return f"{last} is empty"
        case "string_type" if isinstance(error["input"], float):
            return f"{last} is text: put {error['input']:g} in quotes"
        case "enum":
            allowed = [str(one) for one in (Hedge if last == "hedge" else Kind)]
            return str(unknown(last, str(error["input"]), allowed))
    return f"{error['msg']}, not {error['input']!r}"
