"""Read articles from their files, with every error at its line."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from costcheck.claims.article import Article, Call, Claim, Instead, Origin, Stated, Statement, Variant, Words
from costcheck.claims.checks import CHECKED_BY, STATED_NUMBERS, check
from costcheck.claims.conversions import converted
from costcheck.claims.dimensions import checked
from costcheck.claims.printed import Hedge
from costcheck.data import tables, yaml_nodes
from costcheck.errors import InputError, unknown

TRUE, FALSE = (
    {form for word in words for form in (word, word.capitalize(), word.upper())}
    for words in (("true", "yes", "on"), ("false", "no", "off"))
)
"""As YAML 1.1 writes them."""
NUMBER = r"[-+]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
"""As YAML 1.2 writes numbers, and with underscores; YAML 1.1 would take 1.7e9 for text."""
TEXTS = {"unit", "as_of"}
"""Keys whose values are text, also where they look like a number: the unit 1, the year 2024."""
OF_A_CHECK = {"inputs", "row", "variants", "value", "unit", "instead", "reading"}
"""What a translation that is checked in its own way does not take from its original."""
MOST_CLAIMS = 1000
MOST_PARTS = 100_000
"""Texts, lists and mappings in a file; a claim takes some 35, with variants a hundred."""
DEEPEST = 40
"""Lists and mappings within one another: a formula in a formula takes two."""
UNKNOWN_KEY = "unexpected_keyword_argument"


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

    A translation stands after its original, or alone with claims of its own; its claims are filled in from
    those they translate.

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
    """Read an article's file; `costcheck.data.tables.file_bytes` says what is refused."""
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
    the same answer. ``python -m tools.articles`` writes the hashes down; a test compares them with the files.
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
        check(article, self.error)
        return self._placed(self._converted(article))

    def _converted(self, article: Article) -> Article:
        """Hold the units of all claims to one another, and convert where they differ by a factor."""
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
                figure = {"value": said["value"], "unit": said.get("unit"), "digits": said.get("printed")}
                claim = claim | figure
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
                    for way in CHECKED_BY | OF_A_CHECK:
                        inherited.pop(way, None)
                claim = inherited | claim
            filled.append(claim)
        return filled


def _built(kind: type[Any], data: Any) -> Any:
    """Make an article out of data that has been checked before."""
    made = dict(data)
    if kind is Article:
        made["claims"] = [_built(Claim, claim) for claim in data["claims"]]
        for key in ("inputs", "prices"):
            made[key] = {name: Stated(**one) for name, one in data.get(key, {}).items()}
    elif kind is not Words:
        made["inputs"] = {name: _input(given) for name, given in data.get("inputs", {}).items()}
        for key, enum in (("kind", Statement), ("hedge", Hedge)):
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
            allowed = [str(one) for one in (Hedge if last == "hedge" else Statement)]
            return str(unknown(last, str(error["input"]), allowed))
    return f"{error['msg']}, not {error['input']!r}"
