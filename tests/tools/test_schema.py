"""The published schema of an article's file: what editors complete and check by."""

import json
import re
from dataclasses import fields

import jsonschema
import pytest
import yaml
from tools.schema import DESCRIPTIONS, schema, ways

from costcheck import formulas
from costcheck.claims.article import Claim
from costcheck.claims.checks import CHECKED_BY
from costcheck.claims.loading import Text, load, schema_file
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.formulas.signatures import names

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


def test_it_knows_the_formulas_and_the_ways_to_check():
    assert set(names()) == set(formulas.__all__) - {"FormulaError"}
    assert set(ways()) == CHECKED_BY <= {field.name for field in fields(Claim)}


SKELETON = (tables.home("data") / "examples" / "skeleton.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("publisher:", "publishr:", id="misspelt key of the article"),
        pytest.param("    about: cost of the training", "    abut: cost of the training", id="of a claim"),
        pytest.param("    source: example.org/prices", "    sorce: example.org/prices", id="of a price"),
        pytest.param("    source: the article, third paragraph\n", "", id="no source"),
        pytest.param("formula: rental", "formula: rentall", id="unknown formula"),
        pytest.param("hedge: over", "hedge: ober", id="unknown hedge"),
        pytest.param("language: en ", "language: english ", id="a language by its name"),
        pytest.param("    not_computable: an opinion\n", "", id="no way to check"),
        pytest.param("    not_computable: an opinion\n", "    not_computable: x\n    fact: x\n", id="two"),
        pytest.param("    value: 1.2e6", "    value: 1.2 million", id="a number in words"),
        pytest.param("  gpu_hours:", "  GPU-hours:", id="a name in capitals"),
        pytest.param("    as_of: 2024-07", "    as_of: July 2024", id="a date in words"),
    ],
)
def test_what_the_reader_refuses_by_form_does_not_fit_it(old, new):
    assert errors(SKELETON) == []
    assert old in SKELETON
    assert errors(SKELETON.replace(old, new))


@pytest.mark.parametrize("number", ["2", "2.5", "1.7e9", "1e3", "3_500", "-1.5E-3"])
def test_a_number_in_any_form_the_reader_takes_fits_it(number):
    assert errors(SKELETON.replace("    value: 1.5", f"    value: {number}")) == []


def is_read(text):
    try:
        load([Text(text, "it.yaml")])
    except InputError:
        return False
    return True


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("    value: 1.2e6", "    value: true", False),
        ("    value: 1.2e6", "    value: yes", False),
        ("    value: 1.2e6", "    value: ' 80 '", False),
        ("    value: 1.2e6", "    value: ~", False),
        ("    value: 1.2e6", "    value: .5", True),
        ("    value: 1.2e6", "    value: '1.2e6'", True),
        ("    low: 1.1", "    low: off", False),
        ("    low: 1.1", "    low: .5", True),
        ("    low: 1.1", "    low: ~", True),
        ("    printed: dirt cheap", f"    printed: {'a' * 1000}", True),
        ("    printed: dirt cheap", f"    printed: {'a' * 1001}", False),
        ("    printed: dirt cheap", "    printed: ~", False),
        ("    printed: dirt cheap", "    printed:", False),
        ("    printed: dirt cheap", "    printed: true", True),
        ("language: en ", "language: no ", True),
        ("language: en ", "language: true ", False),
        ("language: en ", "note: on\nlanguage: en ", True),
        ("    where: title", "    where: Off", True),
        ("    unit: parameter", "    unit: 1", True),
        ("    unit: parameter", "    unit: 2", False),
        ("    printed: twice as much\n    value: 2", "    printed: half as much\n    value: .5", True),
        ("article: my_article ", f"article: {'a' * 64} ", True),
        ("article: my_article ", f"article: {'a' * 65} ", False),
    ],
)
def test_reader_and_schema_allow_the_same(old, new, allowed):
    assert old in SKELETON
    text = SKELETON.replace(old, new)
    assert (is_read(text), not errors(text)) == (allowed, allowed)
