"""Read articles from their files, with every error at its line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from costcheck.claims.article import Article, Claim, Origin, Place, PlacedError, Stated, Way
from costcheck.claims.checks import CHECKED_BY, check
from costcheck.claims.printed import Hedge
from costcheck.claims.sums import LONGEST
from costcheck.data import tables, yaml_nodes
from costcheck.data.yaml_nodes import Node
from costcheck.errors import InputError, together, unknown

NUMBER = r"[-+]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
"""As YAML 1.2 writes numbers, and with underscores; YAML 1.1 would take 1.7e9 for text."""
CLASSES = {kind.__name__: kind for kind in (Article, Claim, Stated, Way)}
OF_A_CHECK = {"readings", "variants", "value", "unit", "instead", "reading"}
"""What a translation that is checked in its own way does not take from its original."""
ALIASES = {"is": "printed"}
_NAME = re.compile(r'(?<=\w)\[[^\]]*\]|"[^"]*"|(?<![\w.])[A-Za-z]\w*(?![\w.(\[=])')
MOST_CLAIMS = 1000
MOST_PARTS = 100_000
"""Texts, lists and mappings in a file; a claim takes some 15, with variants fifty."""
DEEPEST = 40


@cache
def articles() -> tuple[Article, ...]:
    """Return the articles that come with the package, translations after their originals.

    >>> [(article.article, len(article.claims)) for article in articles()]
    [('zh_36kr', 64), ('ja_right_ai', 45)]
    """
    return load(sorted((tables.home("data") / "articles").glob("*.yaml"), reverse=True))


class Text(NamedTuple):
    """An article's file that is at hand as text, and what to call it in messages."""

    text: str
    name: str


def load(sources: Sequence[Path | Text]) -> tuple[Article, ...]:
    """Read articles, each checked against everything it refers to.

    A translation's claims are filled in from those they translate, so its original has to be among the
    articles, and comes before it in the result.

    Raises:
        InputError: A file cannot be read, or things in it are wrong; the message has a line for each, which
            names file, line, claim and key.
    """
    read: dict[str, tuple[Article, list[Node]]] = {}
    for reader in sorted(map(_Reader, sources), key=lambda reader: "translation_of" in reader.keys):
        article, claims = reader.article({name: claims for name, (_, claims) in read.items()})
        if article.article in read:
            raise reader.origin.error(("article",), f"an article {article.article!r} was given already")
        read[article.article] = (article, claims)
    return tuple(article for article, _ in read.values())


def article_id(name: str) -> str:
    """Make an article's id of a file's name.

    >>> article_id("My first-article"), article_id("2024")
    ('my_first_article', 'article_2024')
    """
    name = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return (name if name[:1].isalpha() else f"article_{name}".strip("_"))[:64]


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
            name, content = str(source), tables.file_bytes(source, yaml_nodes.LARGEST)
        else:
            name, content = source.name, source.text.encode()
        self.problems: list[PlacedError] = []
        tree = yaml_nodes.read(content, name, deepest=DEEPEST, most=MOST_CLAIMS, parts=MOST_PARTS)
        if tree is None or not isinstance(tree.value, dict):
            raise InputError(f"{name}: not an article; expected a mapping with article, title, claims, ...")
        self.origin, self.keys = Origin(name, tree), tree.value

    def report(self, at: Place, problem: object) -> None:
        """Note a problem, with the place where it stands."""
        placed = problem if isinstance(problem, PlacedError) else self.origin.error(at, problem)
        self.problems.append(placed)

    def article(self, originals: Mapping[str, list[Node]]) -> tuple[Article, list[Node]]:
        """Return the article, and its claims as they stand in the file, for a translation to take over."""
        node, claims = self.keys.get("claims"), list[Node]()
        if node and isinstance(node.value, list):
            claims = self._filled(self._named(node.value), originals)
            self.origin = self.origin._replace(tree=Node(1, self.keys | {"claims": Node(node.line, claims)}))
        made = self._object(Article, self.origin.tree, ())
        if made is not None:
            object.__setattr__(made, "origin", self.origin)  # not a field: no key of the file
            for at, problem in check(made):
                self.report(at, problem)
        if self.problems:
            in_order = sorted(self.problems, key=lambda problem: problem.line)
            raise together(list({str(problem): problem for problem in in_order}.values()))
        return made, claims

    def _make(self, form: str, node: Node, at: Place) -> Any:
        """Make what a key of this type may hold."""
        if node.is_nothing:
            if "None" in form:
                return None
            raise self.origin.error(at, f"{at[-1]} is empty")
        form = form.removesuffix(" | None")
        value = node.value
        if at[-1] == "instead" and isinstance(value, dict):  # need not be written as a list of one
            value = [node]
        if form.startswith("list"):
            if not isinstance(value, list):
                raise self.origin.error(at, "a list is needed, each item behind a -")
            item = form.removeprefix("list[").removesuffix("]")
            made = [self._make(item, part, (*at, place)) for place, part in enumerate(value)]
            return [part for part in made if part is not None]
        if form.startswith("dict"):
            item = form.removeprefix("dict[str, ").removesuffix("]")
            parts = {key: self._make(item, part, (*at, key)) for key, part in self._mapping(node, at).items()}
            return {key: part for key, part in parts.items() if part is not None}
        if form == "Stated" and isinstance(value, str):  # fleet: 4 GPU
            return Stated(printed=value)
        if form in CLASSES:
            return self._object(CLASSES[form], node, at)
        if not isinstance(value, str):
            raise self.origin.error(
                at, "a number is needed" if form == "float" else "a text is needed, in one line"
            )
        if form == "Hedge":
            if value not in [*Hedge]:
                raise self.origin.error(at, unknown("hedge", value, map(str, Hedge)))
            return Hedge(value)
        if form == "str":
            return value
        number = float(value) if re.fullmatch(NUMBER, value, re.ASCII) else math.inf
        if form == "float" and math.isinf(number):
            raise self.origin.error(at, f"{yaml_nodes.shown(value)!r} is no number")
        if form != "float" and node.plain and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return value if math.isinf(number) or (form != "float" and not node.plain) else number

    def _mapping(self, node: Node, at: Place) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            raise self.origin.error(at, "a mapping is needed, such as {key: value}")
        return node.value

    def _object(self, kind: type[Any], node: Node, at: Place) -> Any:
        """Make an object without the keys that are wrong, which are reported; None where one is needed."""
        given = {ALIASES.get(key, key): part for key, part in self._mapping(node, at).items()}
        known = {field.name: field for field in fields(kind)}
        made: dict[str, Any] = {}
        for key, part in given.items():
            try:
                if key not in known and key.isdecimal():  # {printed: $147,000}
                    raise self.origin.error(at, "put the figure in quotes: it has a comma")
                if key not in known:
                    raise self.origin.error((*at, key), unknown("key", yaml_nodes.shown(key), known))
                made[key] = self._make(str(known[key].type), part, (*at, key))
            except InputError as error:
                self.report((*at, key), error)
        needed = [name for name, field in known.items() if field.default is field.default_factory is MISSING]
        for name in (name for name in needed if name not in given):
            key = "is" if (kind, name) == (Stated, "printed") else name
            self.report((*at, key), f"{key} is missing; costcheck new writes an example")
        if kind is Claim:
            made.setdefault("id", self.origin.id_of(int(at[1])))
            if "printed" not in made:  # stands for what cannot be read, so that the others keep their place
                made["printed"] = ""
        return kind(**made) if {*needed} <= made.keys() else None

    def _named(self, claims: list[Node]) -> list[Node]:
        """Put the parts of sums that the article names in the place of their names."""
        named: dict[str, str] = {}
        for name, part in self.keys.get("names", Node(1, "")).parts.items():
            if isinstance(part.value, str):
                named[name] = f"({_renamed(part, named, part.line, 'sum').value})"
        return [_renamed(claim, named, claim.line) for claim in claims] if named else claims

    def _filled(self, claims: list[Node], originals: Mapping[str, list[Node]]) -> list[Node]:
        """Fill in the claims that say the same as an earlier one, or translate one of another article."""
        known: dict[str, dict[str, Node]] = {"same_as": {}}
        if original := self.origin.tree.text("translation_of"):
            if original in originals:
                theirs = enumerate(originals[original], 1)
                known["translates"] = {claim.text("id") or f"A{place}": claim for place, claim in theirs}
            else:
                how = f"{unknown('article', original, originals)}; its file is needed too"
                self.report(("translation_of",), how)
        names = {claim.text("translates"): self.origin.id_of(index) for index, claim in enumerate(claims)}
        filled = []
        for index, claim in enumerate(claims):
            parts = dict(claim.parts)
            for key, among in known.items():
                if not (id_ := claim.text(key)):
                    continue
                if id_ not in among:
                    kind = "earlier claim" if key == "same_as" else "claim"
                    self.report(("claims", index, key), unknown(kind, id_, among))
                    # nothing else is missed in it
                    parts = dict.fromkeys(("printed", "not_checked"), Node(claim.line, "?"))
                    break
                inherited, without = among[id_], {"id"}
                if key == "translates":
                    without |= set() if inherited.text("same_as") in names else {"same_as"}
                    without |= CHECKED_BY | OF_A_CHECK if CHECKED_BY & parts.keys() else set()
                    inherited = _renamed(inherited, names, claim.line)
                parts = {key: part for key, part in inherited.parts.items() if key not in without} | parts
            filled.append(claim._replace(value=parts) if parts else claim)
            known["same_as"][self.origin.id_of(index)] = filled[-1]
        return filled


def _renamed(node: Node, own: Mapping[str, str], line: int, key: str = "") -> Node:
    """Put other words in the place of names in sums, but not within cells of tables or quoted words."""
    value = node.value
    if isinstance(value, dict):
        value = {name: _renamed(part, own, line, name) for name, part in value.items()}
    elif isinstance(value, list):
        value = [_renamed(part, own, line, key) for part in value]
    elif key in ("sum", "fact", "same_as") and isinstance(value, str):
        value = _NAME.sub(lambda name: own.get(name[0], name[0]), value[: LONGEST + 1])[: LONGEST + 1]
    return Node(line, value, node.plain)
