"""Jobs: what makes two of them the same."""

import sys

import pytest

from costcheck.batch import jobs
from costcheck.batch.jobs import Template
from costcheck.data import source
from costcheck.prices.book import PriceBook

ENVIRONMENT = "e" * 64


def job(name="b", source=b"source", declared=("h100_usd",), environment=ENVIRONMENT, **prices):
    book = PriceBook.article().override(prices or {"h100_usd": 25e3, "usd_cny": 7.0})
    return Template(name, source, declared).job(book, environment)


@pytest.mark.parametrize(
    "different",
    [
        *({"source": b"Source"}, {"name": "a"}, {"h100_usd": 26e3}, {"usd_cny": 9.0}),
        *({"declared": ("usd_cny",)}, {"environment": "f" * 64}),
    ],
    ids=str,
)
def test_whatever_a_result_depends_on_changes_the_key(different):
    assert job(**different).key != job().key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("package/run.py", "package/run.py"),
        ("data/prices.csv", "data/prices.csv"),
        ("data/articles/zh.yaml", "data/articles/ja.yaml"),
        ("site/numpy-2.0.dist-info", "site/numpy-2.1.dist-info"),
    ],
)
def test_source_data_and_versions_change_the_environment(old, new, tmp_path, monkeypatch):
    path = tmp_path / old / "METADATA" if "site" in old else tmp_path / old
    path.parent.mkdir(parents=True)
    path.write_text("same")
    monkeypatch.setattr(source, "__file__", str(tmp_path / "package" / "data" / "source.py"))
    monkeypatch.setattr(source, "home", lambda name: tmp_path / name)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), str(tmp_path / "not there")])
    before = jobs.environment()
    assert jobs.environment() == before
    if old == new:
        path.write_text("other")
    (tmp_path / old).rename(tmp_path / new)
    assert jobs.environment() != before


def test_another_python_or_platform_changes_the_environment(monkeypatch):
    environments = {jobs.environment()}
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")
    environments.add(jobs.environment())
    monkeypatch.setattr(jobs.platform, "platform", lambda: "Other-1.0")
    environments.add(jobs.environment())
    assert len(environments) == 3
