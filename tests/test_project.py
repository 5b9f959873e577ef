"""The project's own files agree with one another."""

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import costcheck
from costcheck.claims import verdicts
from costcheck.text.numbers import readable

ROOT = Path(__file__).resolve().parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_conda_and_pip_ask_for_the_same_python():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert f"python{PROJECT['requires-python']}" in environment["dependencies"]


def test_one_version_stands_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == costcheck.__version__
    heading = f"## {costcheck.__version__} ({citation['date-released']})"
    assert heading in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()


def test_the_citation_has_what_the_citation_file_format_asks_for():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "version", "authors"} <= set(citation)
    assert (citation["cff-version"], citation["type"]) == ("1.2.0", "software")
    assert citation["license"] == PROJECT["license"]
    assert type(citation["date-released"]) is dt.date
    assert citation["authors"] == [{"name": author["name"]} for author in PROJECT["authors"]]


def test_the_choice_of_each_dependency_is_explained():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    extras = PROJECT["optional-dependencies"]
    chosen = {
        *PROJECT["dependencies"],
        *(each for extra in extras if extra != "dev" for each in extras[extra]),
    }
    for name in {re.match(r"[\w-]+", each)[0] for each in chosen} - {"costcheck"}:
        assert re.search(rf"^\| {name} ", text, re.MULTILINE | re.IGNORECASE), name


@pytest.mark.parametrize(("document", "count"), [("README.md", 6), ("docs/verdicts.md", 11)])
def test_the_table_of_verdicts_says_what_check_says(document, count):
    by_id = {verdict.claim.id: verdict for verdict in verdicts()}
    rows = re.findall(r"^\| ([ZJ]\d+b?) \|(.*)\|$", (ROOT / document).read_text("utf-8"), re.MULTILINE)
    assert len(rows) == count
    for id_, rest in rows:
        verdict = by_id[id_]
        assert [cell.strip() for cell in rest.split("|")] == [
            verdict.claim.printed,
            verdict.claim.about,
            readable(verdict.recomputed, verdict.unit),
            str(verdict.arithmetic),
            verdict.premise,
        ]


def test_every_file_the_documents_point_to_is_there():
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "benchmarks/README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_readme_can_be_read_in_one_go():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
