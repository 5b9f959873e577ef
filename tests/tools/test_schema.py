"""The published schema of an article's file: what editors complete and check by."""

import json
import re
from dataclasses import fields

import jsonschema
import pytest
import yaml
from tools.schema import DESCRIPTIONS, schema, ways

from costcheck.claims.article import Claim
from costcheck.claims.checks import CHECKED_BY
from costcheck.claims.loading import Text, load, schema_file
from costcheck.data import tables
from costcheck.errors import InputError

PUBLISHED = json.loads(schema_file().read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)


class Core(yaml.SafeLoader):
    """YAML 1.2, as editors read it today: yes and on are words, and .5 and 1e3 are numbers."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as in the class it changes


for _tag, _form, _first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), list(_first))


def errors(text):
    return list(VALIDATOR.iter_errors(yaml.load(text, Core)))


ARTICLES = [
    *(tables.home("data") / "articles").glob("*.yaml"),
    *(tables.home("data") / "examples").glob("*.yaml"),
]


def test_the_published_schema_is_one_and_what_the_reader_checks_with():
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    assert schema() == PUBLISHED, "run python -m tools.articles (make refresh does)"


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_every_article_of_the_package_fits_it(path):
    assert errors(path.read_text("utf-8")) == []


def test_every_key_is_described():
    for kind, described in DESCRIPTIONS.items():
        assert described.keys() == {field.name for field in fields(kind)}, kind
        part = PUBLISHED if kind.__name__ == "Article" else PUBLISHED["$defs"][kind.__name__]
        assert all(key["description"] for key in part["properties"].values())
        assert part["additionalProperties"] is False


def test_it_knows_the_ways_to_check():
    assert set(ways()) == CHECKED_BY <= {field.name for field in fields(Claim)}


SKELETON = (tables.home("data") / "examples" / "skeleton.yaml").read_text("utf-8")


def is_read(text):
    try:
        load([Text(text, "it.yaml")])
    except InputError:
        return False
    return True


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("publisher:", "publishr:", False),
        ("    about: cost of the training", "    abut: cost of the training", False),
        ("    is: about 400 TFLOP/s/GPU\n", "", False),
        ("    unit: year", "    unit: year\n    hedge: ober", False),
        ("language: en ", "language: english ", False),
        ("language: en ", "language: no ", True),
        ("    not_checked: an opinion\n", "", False),
        ("    not_checked: an opinion\n", "    not_checked: x\n    fact: x\n", False),
        ("    value: 1\n", "    high: a million\n    value: 1\n", False),
        ("  fleet: 512 GPU", "  FLEET: 512 GPU", False),
        ("  fleet: 512 GPU", "  fleet: {is: 512 GPU}", True),
        ("  fleet: 512 GPU", "  fleet: {source: somebody}", False),
        ("as_of: 2024-07,", "as_of: July 2024,", False),
        ("low: 1.1", "low: off", False),
        ("low: 1.1", "low: .5", True),
        ("low: 1.1", "low: ~", True),
        ("  - printed: dirt cheap", f"  - printed: {'a' * 1000}", True),
        ("  - printed: dirt cheap", f"  - printed: {'a' * 1001}", False),
        ("  - printed: dirt cheap", "  - printed: ~", False),
    ],
)
def test_reader_and_schema_allow_the_same(old, new, allowed):
    assert old in SKELETON
    text = SKELETON.replace(old, new)
    assert (is_read(text), not errors(text)) == (allowed, allowed)
