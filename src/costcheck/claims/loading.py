"""Read articles from their files, with every error at its line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from costcheck.claims.article import (
    Article,
    Call,
    Claim,
    Instead,
    Origin,
    Place,
    Stated,
    Statement,
    Variant,
    Words,
)
from costcheck.claims.checks import CHECKED_BY, check
from costcheck.claims.conversions import converted
from costcheck.claims.printed import Hedge
from costcheck.data import tables, yaml_nodes
from costcheck.data.yaml_nodes import Node
from costcheck.errors import InputError, unknown

TRUE, FALSE = (
    {form for word in words for form in (word, word.capitalize(), word.upper())}
    for words in (("true", "yes", "on"), ("false", "no", "off"))
)
"""As YAML 1.1 writes them."""
NUMBER = r"[-+]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
"""As YAML 1.2 writes numbers, and with underscores; YAML 1.1 would take 1.7e9 for text."""
CLASSES = {kind.__name__: kind for kind in (Article, Claim, Instead, Stated, Variant)}
ENUMS = {kind.__name__: kind for kind in (Hedge, Statement)}
OF_A_CHECK = {"inputs", "row", "variants", "value", "unit", "instead", "reading"}
"""What a translation that is checked in its own way does not take from its original."""
MOST_CLAIMS = 1000
MOST_PARTS = 100_000
"""Texts, lists and mappings in a file; a claim takes some 35, with variants a hundred."""
DEEPEST = 40
"""Lists and mappings within one another: a formula in a formula takes two."""


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
    """Read articles, each checked against everything it refers to, with its units converted.

    A translation stands after its original, or alone with claims of its own; its claims are filled in from
    those they translate.

    Raises:
        InputError: A file cannot be read or something in it is wrong; the message names file, line and claim.
    """
    read: dict[str, tuple[Article, list[Node]]] = {}
    for source in sources:
        reader = _Reader(source)
        article, claims = reader.article({name: claims for name, (_, claims) in read.items()})
        if article.article in read:
            raise reader.error(("article",), f"an article {article.article!r} was given already")
        read[article.article] = (article, claims)
    return tuple(article for article, _ in read.values())


def content_of(path: Path) -> bytes:
    """Read an article's file; `costcheck.data.tables.file_bytes` says what is refused."""
    return tables.file_bytes(path, yaml_nodes.LARGEST)


def example(name: str) -> Path:
    """Return the file of an article that comes with the package as an example.

    >>> load([example("deepseek_v3")])[0].claim("D8").printed
    '3.7 days'
    """
    known = {path.stem: path for path in (tables.home("data") / "examples").glob("*.yaml")}
    if name not in known:
        raise unknown("example", name, known)
    return known[name]


def schema_file() -> Path:
    """Return the file with the JSON Schema of an article's file."""
    return tables.home("data") / "articles" / "article.schema.json"


class _Reader:
    """Makes an article out of a file: each part by the type that the classes of `article` give its key."""

    def __init__(self, source: Path | Text) -> None:
        if isinstance(source, Path):
            name, content = str(source), content_of(source)
        else:
            name, content = source.name, source.text.encode()
        self.origin = Origin(name)
        self.error = self.origin.error
        tree = yaml_nodes.read(content, name, deepest=DEEPEST, most=MOST_CLAIMS, parts=MOST_PARTS)
        if tree is None or not isinstance(tree.value, dict):
            raise InputError(f"{name}: not an article; expected a mapping with title, publisher, claims, ...")
        self.keys = tree.value

    def article(self, originals: Mapping[str, list[Node]]) -> tuple[Article, list[Node]]:
        """Return the article, and its claims as they stand in the file, for a translation to take over."""
        node = self.keys.get("claims")
        claims = node.value if node and isinstance(node.value, list) else []
        self.origin.lines.update({(key,): part.line for key, part in self.keys.items()})
        for index, claim in enumerate(claims):
            self.origin.lines["claims", index] = claim.line
            for key, part in _parts(claim).items():
                self.origin.lines["claims", index, key] = part.line
            if id_ := _text(claim, "id"):
                self.origin.ids[index] = id_
        claims = self._repeated(self._translated(claims, originals))
        filled = dict(self.keys)
        if node and isinstance(node.value, list):
            filled["claims"] = Node(node.line, claims)
        article = self._placed(self._object(Article, Node(1, filled), ()))
        check(article, self.error)
        return self._placed(converted(article)), claims

    def _placed(self, article: Article) -> Article:
        object.__setattr__(article, "origin", self.origin)  # not a field: no key of the file
        return article

    def _make(self, form: str, node: Node, at: Place) -> Any:
        """Make what a key of this type may hold."""
        if node.is_nothing:
            if "None" in form:
                return None
            raise self.error(at, f"{at[-1]} is empty")
        form = form.removesuffix(" | None")
        value = node.value
        if at[-1] == "instead" and isinstance(value, dict):  # need not be written as a list of one
            value = [node]
        if form.startswith("list") or (form == "Input" and isinstance(value, list)):
            if not isinstance(value, list):
                raise self.error(at, "a list is needed")
            item = form.removeprefix("list[").removesuffix("]")
            return [self._make(item, part, (*at, place)) for place, part in enumerate(value)]
        if form.startswith("dict"):
            item = form.removeprefix("dict[str, ").removesuffix("]")
            return {key: self._make(item, part, (*at, key)) for key, part in self._mapping(node, at).items()}
        if form == "Input" and isinstance(value, dict):
            return self._object(Words if "literal" in value else Call, node, at)
        if form in CLASSES:
            return self._object(CLASSES[form], node, at)
        if not isinstance(value, str):
            raise self.error(at, "a number is needed" if form == "float" else "a text is needed")
        if form in ENUMS:
            if value not in (allowed := [*map(str, ENUMS[form])]):
                raise self.error(at, unknown(str(at[-1]), value, allowed))
            return ENUMS[form](value)
        if form == "str":
            return value
        number = float(value) if re.fullmatch(NUMBER, value, re.ASCII) else math.inf
        if form == "float" and math.isinf(number):
            raise self.error(at, f"{yaml_nodes.shown(value)!r} is no number")
        if form != "float" and (not node.plain or value in TRUE | FALSE):
            return value in TRUE if node.plain else value
        return value if math.isinf(number) else number

    def _mapping(self, node: Node, at: Place) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            raise self.error(at, "a mapping is needed, such as {key: value}")
        self.origin.lines.update({(*at, key): part.line for key, part in node.value.items()})
        return node.value

    def _object(self, kind: type[Any], node: Node, at: Place) -> Any:
        given = self._mapping(node, at)
        known = {field.name: field for field in fields(kind)}
        for key in given:
            if key not in known:
                raise self.error((*at, key), unknown("key", key, known))
        for name, field in known.items():
            if name not in given and field.default is field.default_factory is MISSING:
                raise self.error((*at, name), f"{name} is missing")
        return kind(
            **{key: self._make(str(known[key].type), part, (*at, key)) for key, part in given.items()}
        )

    def _translated(self, claims: list[Node], originals: Mapping[str, list[Node]]) -> list[Node]:
        """Fill in a translation's claims from those they translate."""
        if not (name := _text(Node(1, self.keys), "translation_of")):
            return claims
        if name not in originals:
            problem = unknown("article", name, originals)
            how = problem if originals else f"{problem.what}; give its file before this one"
            raise self.error(("translation_of",), how)
        theirs = {_text(claim, "id"): claim for claim in originals[name]}
        own = {_text(claim, "translates"): _text(claim, "id") for claim in claims}
        filled = []
        for index, claim in enumerate(claims):
            if id_ := _text(claim, "translates"):
                if id_ not in theirs:
                    raise self.error(("claims", index, "translates"), unknown("claim", id_, theirs))
                inherited = _parts(_renamed(theirs[id_], own, claim.line))
                if CHECKED_BY & _parts(claim).keys():
                    for key in (CHECKED_BY | OF_A_CHECK) & inherited.keys():
                        del inherited[key]
                claim = Node(claim.line, inherited | _parts(claim))
            filled.append(claim)
        return filled

    def _repeated(self, claims: list[Node]) -> list[Node]:
        """Give a claim that repeats another that one's figure."""
        by_id = {_text(claim, "id"): claim for claim in claims}
        filled = []
        for index, claim in enumerate(claims):
            if repeated := _text(claim, "repeats"):
                id_ = repeated.removeprefix("claims.")
                if id_ not in by_id:
                    raise self.error(("claims", index, "repeats"), unknown("claim", id_, by_id))
                first = _parts(by_id[id_])
                if "value" not in first:
                    raise self.error(("claims", index, "repeats"), f"claim {id_} has no value of its own")
                keys = {"value": "value", "unit": "unit", "digits": "printed"}
                figure = {key: first[source] for key, source in keys.items() if source in first}
                claim = Node(claim.line, _parts(claim) | figure)
            filled.append(claim)
        return filled


def _parts(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


def _text(claim: Node, key: str) -> str:
    part = _parts(claim).get(key)
    return part.value if part and isinstance(part.value, str) and not part.is_nothing else ""


def _renamed(node: Node, own: Mapping[str, str], line: int) -> Node:
    """Point references to the original's claims at the translation's own."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _renamed(part, own, line) for key, part in value.items()}
    elif isinstance(value, list):
        value = [_renamed(part, own, line) for part in value]
    elif value.startswith("claims."):
        id_ = value.removeprefix("claims.")
        value = f"claims.{own.get(id_, id_)}"
    return Node(line, value, node.plain)
