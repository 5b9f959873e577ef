"""The JSON Schema of an article's file, by which editors complete and check it.

It is made from the classes that the reader checks with, so that it allows what the reader allows; that
references exist, figures are printed and units fit is for the reader alone.
"""

from __future__ import annotations

from typing import Any

from costcheck.claims.article import DATE, Article, Claim, Stated, Way
from costcheck.claims.checks import CHECKED_BY, FORMS, LONGEST_PRINTED, notebook_names, traits
from costcheck.claims.loading import MOST_CLAIMS, NUMBER
from costcheck.prices.quotes import price_keys

_SUM = (
    "an expression: + - * / **, quantities with units, names under given, prices.KEY, ids of claims, cells "
    "of tables, formulas (costcheck formulas lists them)"
)
_FACT = "held against a sourced value: a cell of a table, or another claim"
_HEDGE = "the word that softens the figure, if printed does not say"
_UNIT = "unit of the value, as USD/GPU-hour, if printed does not say"
_VALUE = "what is printed, if it cannot be read there: a number, true or false, YYYY-MM or YYYY-MM-DD"
_WAY = {"sum": _SUM, "fact": _FACT, "value": _VALUE, "hedge": _HEDGE, "unit": "its unit, if another"}
DESCRIPTIONS: dict[type[Any], dict[str, str]] = {
    Article: {
        "article": "a name for the article: small letters, digits, underscores; 64 at most",
        "title": "what it is about",
        "language": "its language in two letters",
        "publisher": "who published it",
        "date": "the day of publication, or unknown; prices that it does not state are of that day",
        "address": "where it can be read",
        "note": "anything a reader should know about it",
        "translation_of": "the article that it translates, which must be given before it",
        "given": "what the article computes with, by name: as printed, or with source and more",
        "names": "short names for parts of sums",
        "prices": "prices by name, which --set can replace: prices.NAME in sums; a name of the price book "
        "puts this article's own value in its place",
        "claims": f"the claims in the article's order, {MOST_CLAIMS:,} at most",
    },
    Stated: {
        "printed": "the number as printed, with its unit; also written is",
        "value": "the number, if it cannot be read there",
        "unit": _UNIT,
        "source": "where it is from, if not from the article",
        "as_of": "the month or day it is of",
        "low": "the lowest value that sources give",
        "high": "the highest value that sources give",
        "verification": "how it was verified; begin with unverified where it could not be, and verdicts that "
        "rest on it are marked",
        "note": "anything a reader should know about it",
        "trait": "what kind of quantity it is, as phase=training",
    },
    Claim: {
        "id": "a name, unique in the article; A1, A2 and so on if left out",
        "printed": "the figure as printed, or a few words: value, unit, precision and hedge are read from it",
        "about": "what is claimed, in your own words",
        "where": "where in the article it stands",
        "notebook": "the notebook that shows it",
        "value": _VALUE,
        "high": "the upper end of a range, if value is given",
        "unit": _UNIT,
        "hedge": _HEDGE,
        "reading": "what words are read as, where no figure is printed",
        "digits": "the figure as text, where printed has none, or one that is not understood",
        "same_as": "the id of an earlier claim that says the same: what is left out is as there",
        "label": "the name of its own reading, where there are others",
        "sum": _SUM,
        "fact": _FACT,
        "assumed": "what the article assumes: not judged, but placed among the quotes of its day",
        "not_checked": "why it cannot be checked",
        "price": "the price that this figure is",
        "offered_as": "what the article offers the figure as; inputs that are something else put it in the "
        "wrong category",
        "unsupported": "why nothing found bears it out",
        "instead": "the right quantity, where the claim offers another",
        "readings": "other fair readings and sources: where they disagree, the verdict depends on them",
        "depends_on": "what the verdict then depends on, such as the host",
        "variants": "the same claim computed in another way, for information",
        "note": "anything a reader should know about the verdict",
        "translates": "the id of the claim that it translates; what is left out is as there",
    },
    Way: {"label": "what is different", **_WAY},
}


def schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of an article's file.

    >>> schema()["$defs"]["Claim"]["additionalProperties"]
    False
    """
    from pydantic import TypeAdapter

    for kind in DESCRIPTIONS:
        kind.__pydantic_config__ = {"extra": "forbid"}
    made: dict[str, Any] = TypeAdapter(Article).json_schema()
    parts = made.pop("$defs")
    for kind, descriptions in DESCRIPTIONS.items():
        part = made if kind is Article else parts[kind.__name__]
        for name, described in part["properties"].items():
            described.pop("title", None)
            described["description"] = descriptions[name]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An article as claims that costcheck checks",
        **_readable({key: value for key, value in made.items() if key != "title"}),
        "$defs": {name: _readable(part) for name, part in sorted(parts.items())},
    }
    definitions = whole["$defs"]
    for key in ("article", "language", "date"):
        whole["properties"][key]["pattern"] = f"^({FORMS[key][0]})$"
    for part in ("given", "prices"):
        whole["properties"][part]["propertyNames"] = {"pattern": f"^{FORMS['name'][0]}$"}
        stated = whole["properties"][part]["additionalProperties"]
        whole["properties"][part]["additionalProperties"] = {"anyOf": [{"type": "string"}, stated]}
    stated = definitions["Stated"]
    stated["properties"]["is"] = stated["properties"]["printed"]
    stated["anyOf"] = [{"required": [key]} for key in ("is", "printed")]
    del stated["required"]
    whole["properties"]["claims"] |= {"minItems": 1, "maxItems": MOST_CLAIMS}
    claim = definitions["Claim"]
    claim["properties"]["id"]["pattern"] = f"^{FORMS['id'][0]}$"
    claim["properties"]["notebook"]["enum"] = ["article", *notebook_names()]
    claim["properties"]["printed"] = {
        **claim["properties"]["printed"],
        "type": ["string", "number", "boolean"],  # as printed: 3500 is read as text
        "maxLength": LONGEST_PRINTED,
    }
    _narrow(claim, "digits", {"maxLength": LONGEST_PRINTED})
    claim["properties"]["price"]["examples"] = list(price_keys())
    offered: dict[str, Any] = {}
    claim["properties"]["offered_as"]["properties"] = offered
    for dimension, _, offer in (trait.partition("=") for trait in traits()):
        offered.setdefault(dimension, {"enum": []})["enum"].append(offer)
    claim["properties"]["offered_as"]["additionalProperties"] = False
    right = claim["properties"]["instead"]
    right["anyOf"] = [{"$ref": "#/$defs/Way"}, {"type": "array", "items": right.pop("items")}]
    del right["type"]
    # what is left out of a translated claim is as in the claim it translates
    claim["required"] = ["printed"]
    claim["anyOf"] = [
        {
            "oneOf": [{"required": [way], "properties": {way: {"not": {"type": "null"}}}} for way in ways()],
        },
        {"required": ["translates"]},
        {"required": ["same_as"]},
    ]
    for definition in definitions.values():
        if unit := definition.get("properties", {}).get("unit"):
            _or_one(unit)
    _narrow(definitions["Stated"], "as_of", {"pattern": f"^{DATE.pattern}$"})
    _narrow(definitions["Stated"], "trait", {"enum": list(traits())})
    return whole


def ways() -> list[str]:
    """Return the keys of which a claim has exactly one, in a settled order."""
    return sorted(CHECKED_BY)


def _narrow(part: dict[str, Any], key: str, to: dict[str, Any]) -> None:
    """Allow less for a key's text, and nothing where that was allowed."""
    described = part["properties"][key]
    for option in described.get("anyOf", [described]):
        if option.get("type") == "string":
            option |= to


def _or_one(unit: dict[str, Any]) -> None:
    """Allow the unit 1 without quotes, as the reader does."""
    options = unit.pop("anyOf", None) or [{"type": unit.pop("type")}]
    unit["anyOf"] = [*options, {"const": 1}]


def _readable(part: Any) -> Any:
    """Leave out what says nothing to an editor, and allow numbers as the reader takes them."""
    if isinstance(part, list):
        return [_readable(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "number":
        rest = {key: value for key, value in part.items() if key != "type"}
        # as text too: some YAML libraries take 1.7e9 for one
        return {**rest, "anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^({NUMBER})$"}]}
    left_out = {"title"} if isinstance(part.get("title"), str) else set()
    if part.get("default", "") is None:
        left_out.add("default")
    return {key: _readable(value) for key, value in part.items() if key not in left_out}
