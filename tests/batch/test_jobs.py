"""Jobs: what makes two of them the same."""

import json
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


def test_what_was_stored_or_put_in_is_no_part_of_a_job_and_cells_of_an_old_format_get_the_same_ids(tmp_path):
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["pue: float = 1.1  # 1\n"]}
    put_in = cell | {"metadata": {"tags": ["injected-parameters"]}, "source": "pue = 1.2\n", "outputs": []}
    read = []
    for outputs, count, more in (([], None, []), ([{"output_type": "stream", "text": "12"}], 3, [put_in])):
        cells = [cell | {"outputs": outputs, "execution_count": count}, *more]
        path = tmp_path / "b.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}))
        read.append(Template.read(path))
    assert read[0].source == read[1].source
    assert json.loads(read[0].source)["nbformat_minor"] == 5
    assert [cell["id"] for cell in json.loads(read[0].source)["cells"]] == ["cell-0"]
    assert read[0].declared == ("pue",)


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
