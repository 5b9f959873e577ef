"""The project's own files agree with one another."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import costcheck

ROOT = Path(__file__).resolve().parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_conda_and_pip_ask_for_the_same_python():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert f"python{PROJECT['requires-python']}" in environment["dependencies"]


def test_every_dependency_is_pinned_with_hashes():
    lock = (ROOT / "requirements.lock").read_text("utf-8").lower()
    dependencies = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    for dependency in dependencies:
        name = re.match(r"[\w.-]+", dependency)[0].lower()
        assert re.search(rf"^{name}==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE), name


def test_the_lock_names_no_host():
    assert "://" not in (ROOT / "requirements.lock").read_text("utf-8")


def test_one_version_stands_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == costcheck.__version__
    assert f"## {costcheck.__version__} (" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("dependency", PROJECT["dependencies"])
def test_the_choice_of_each_dependency_is_explained(dependency):
    name = re.match(r"[\w-]+", dependency)[0]
    assert re.search(
        rf"^\| {name} ", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE | re.IGNORECASE
    )
