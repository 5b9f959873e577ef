"""Notebooks and an executor that cost nothing."""

import json
from concurrent.futures import Future

import pytest

from costcheck.batch.execution import Executed, Failure
from costcheck.batch.jobs import Template


def notebook(name, parameters, padding=0):
    """An executed notebook that shows a figure and says one row, both made of its parameters."""
    said = json.dumps([name, *parameters])
    row = {
        "scenario": "article",
        "id": "Z51" if name == "b" else "Z45",
        "article": "zh_36kr",
        "notebook": name,
        "note": said,
    }
    outputs = [
        {"data": {"application/vnd.costcheck.verdicts+json": [row]}, "metadata": {}},
        {
            "data": {"image/svg+xml": f"<svg>{said}</svg>{' ' * padding}"},
            "metadata": {"costcheck": {"figure": f"of_{name}", "alt": ""}},
        },
    ]
    return json.dumps({"cells": [{"outputs": outputs}]}).encode()


class Fake:
    """Executes at once, in the order of submission, and remembers what; ``hold`` keeps results back."""

    def __init__(self, workers=1, failing=(), raising=(), padding=0, hold=0):
        self.workers, self.failing, self.raising, self.padding = workers, failing, raising, padding
        self.jobs, self.hold, self.held, self.most, self.looks, self.seconds = [], hold, [], 0, 0, {}

    def submit(self, job, began):
        began()
        self.jobs.append((job.name, job.parameters))
        future = Future()
        self.held.append((future, job))
        self.most = max(self.most, len(self.held))
        if len(self.held) > self.hold:
            self._end(*self.held.pop())  # the latest first: results come in any order
        return future

    def lost(self):
        self.looks += 1
        while self.held and self.looks % 3 == 0:
            self._end(*self.held.pop())

    def _end(self, future, job):
        if job.name in self.raising:
            future.set_exception(RuntimeError("the worker died\nat length"))
            return
        failure = Failure(job.name, "2", "KeyError: 'h100'") if job.name in self.failing else None
        made = notebook(job.name, job.parameters, self.padding)
        future.set_result(Executed(made, failure, self.seconds.get(job.name, 0.1)))

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass


@pytest.fixture
def fake():
    return Fake


@pytest.fixture
def templates():
    return [Template("a", b"source of a", ()), Template("b", b"source of b", ("h100_usd",))]


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """A cache of the test's own."""
    folder = tmp_path / "cache of this test"
    monkeypatch.setenv("COSTCHECK_CACHE", str(folder))
    return folder
