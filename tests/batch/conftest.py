"""Notebooks and an executor that cost nothing."""

import json
from concurrent.futures import Future

import pytest

from costcheck.batch import runner
from costcheck.batch.events import Failure
from costcheck.batch.execution import Executed
from costcheck.batch.jobs import Template
from costcheck.batch.scenarios import Scenario
from costcheck.claims.verdict import COLUMNS
from costcheck.prices.book import PriceBook


def notebook(name, parameters, padding=0):
    """An executed notebook that shows a figure and one row, both made of its parameters."""
    shown = json.dumps([name, *parameters])
    row = dict.fromkeys(COLUMNS, "") | {
        "scenario": "article",
        "id": "Z51" if name == "b" else "Z45",
        "article": "zh_36kr",
        "notebook": name,
        "note": shown,
    }
    outputs = [
        {"data": {"application/vnd.costcheck.verdicts+json": [row]}, "metadata": {}},
        {
            "data": {"image/svg+xml": f"<svg>{shown}</svg>{' ' * padding}"},
            "metadata": {"costcheck": {"figure": f"of_{name}", "alt": ""}},
        },
    ]
    assigned = {"h100_usd": 40_000.0} | dict(parameters) if name == "b" else {}
    source = "\n".join(f"{key} = {value}" for key, value in assigned.items())  # as papermill injects them
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": outputs, "source": ""},
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "outputs": [], "source": source},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


class Fake:
    """Executes at once, in the order of submission, and remembers what; ``hold`` keeps results back."""

    def __init__(self, workers=1, failing=(), raising=(), padding=0, hold=0):
        self.workers, self.failing, self.raising, self.padding = workers, failing, raising, padding
        self.jobs, self.hold, self.waiting, self.most = [], hold, [], 0

    def submit(self, job, began):
        began()
        self.jobs.append((job.name, job.parameters))
        future = Future()
        self.waiting.append((future, job))
        self.most = max(self.most, len(self.waiting))
        if len(self.waiting) > self.hold:
            self.end(*self.waiting.pop())  # the latest first: results come in any order
        return future

    def lost(self):  # is asked where nothing ends
        while self.waiting:
            self.end(*self.waiting.pop())

    def end(self, future, job):
        if job.name in self.raising:
            future.set_exception(RuntimeError("the worker died\nat length"))
            return
        failure = Failure(job.name, "2", "KeyError: 'h100'") if job.name in self.failing else None
        future.set_result(Executed(self.made(job), failure, 0.1))

    def made(self, job):
        return notebook(job.name, job.parameters, self.padding)

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0)
    return Fake


@pytest.fixture
def templates():
    return [Template("a", b"source of a", ()), Template("b", b"source of b", ("h100_usd",))]


@pytest.fixture
def scenarios():
    """Scenarios at prices of an H100: ``scenarios(2e4, 3e4)``."""

    def at(*prices):
        books = [PriceBook.article().override({"h100_usd": price}) for price in prices]
        return [Scenario(f"s{book['h100_usd']}", book.named(f"s{book['h100_usd']}")) for book in books]

    return at


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """A cache of the test's own."""
    folder = tmp_path / "cache of this test"
    monkeypatch.setenv("COSTCHECK_CACHE", str(folder))
    return folder
