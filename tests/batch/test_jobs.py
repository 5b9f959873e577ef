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


def test_a_job_is_given_the_changed_prices_that_its_notebook_declares_and_others_leave_its_key():
    assert job().parameters == (("h100_usd", 25_000.0),)
    assert job() == job(h100_usd=25e3, usd_cny=9.0)


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


def test_stored_outputs_are_no_part_of_a_job(tmp_path):
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["pue: float = 1.1  # 1\n"]}
    read = []
    for outputs, count in (([], None), ([{"output_type": "stream", "text": "12"}], 3)):
        path = tmp_path / "b.ipynb"
        cells = [cell | {"outputs": outputs, "execution_count": count}]
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
        read.append(Template.read(path))
    assert read[0] == read[1]
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
