"""The project's own files agree with one another."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import costcheck
from costcheck.claims import verdicts
from costcheck.text.numbers import readable

ROOT = Path(__file__).resolve().parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def test_conda_and_pip_ask_for_the_same_python_and_the_same_versions_and_the_lock_has_them():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, *asked, pip, rest = environment["dependencies"]
    assert (python, pip, rest) == (f"python{PROJECT['requires-python']}", "pip", {"pip": ["-e .[all]"]})
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([^ ;]+)", lock, re.MULTILINE))
    for requirement in map(Requirement, asked):
        assert str(requirement) in {each for extra in EXTRAS.values() for each in extra}
        assert requirement.specifier.contains(locked[requirement.name])
    names = {Requirement(each).name for each in asked}
    assert names == {"jupyterlab", "papermill", "pandas", "matplotlib", "nbval"}


def test_the_workflow_runs_ci_on_every_python_that_is_supported():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    _, python, run = workflow["jobs"]["ci"]["steps"]
    classifiers = [line.rpartition(" :: ")[2] for line in PROJECT["classifiers"] if " :: 3." in line]
    assert sorted(python["with"]["python-version"].split()) == sorted(classifiers)
    assert os.access(ROOT / run["run"], os.X_OK)


def test_one_version_stands_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == costcheck.__version__
    heading = f"## {costcheck.__version__} ({citation['date-released']})"
    assert heading in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()


def test_the_choice_of_each_dependency_is_explained():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    of_extras = (each for extra in EXTRAS if extra != "dev" for each in EXTRAS[extra])
    chosen = {*PROJECT["dependencies"], *of_extras}
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
