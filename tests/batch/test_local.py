"""Threads of this process: how many jobs at once, and what waits when a run is stopped."""

import os
import threading

import pytest

from costcheck import cli
from costcheck.batch import local
from costcheck.batch.jobs import Job

JOB = Job("b", b"source", (("h100_usd", 25e3),), "0" * 64)


@pytest.mark.parametrize(
    ("limit", "allowed"), [("150000 100000\n", 2), ("10000 100000\n", 1), ("max 100000\n", 7), (None, 7)]
)
def test_no_more_at_once_than_the_container_and_the_affinity_allow(limit, allowed, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(7)), raising=False)
    if limit:
        (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
        (tmp_path / "sys/fs/cgroup/cpu.max").write_text(limit)
    assert local.cores(tmp_path) == allowed
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert local.cores(tmp_path) == allowed


def test_what_waits_is_dropped_when_a_run_is_interrupted(monkeypatch):
    done, started, end = [], threading.Event(), threading.Event()

    def execute(job, time_limit, engine):
        started.set()
        end.wait(60)
        done.append(job)

    monkeypatch.setattr(local, "execute", execute)
    monkeypatch.setattr(local.kernels, "none_more", end.set)

    def interrupted():
        with local.Local(1) as threads:
            for _ in range(50):
                threads.submit(JOB, lambda: None)
            started.wait(60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(done) <= 1


@pytest.mark.parametrize("where", [[], ["--dask", "tcp://127.0.0.1:8786"]])
@pytest.mark.parametrize(
    ("given", "how"),
    [([], (600.0, "warm")), (["--time-limit", "30.5", "--engine", "papermill"], (30.5, "papermill"))],
)
def test_time_limit_and_engine_reach_the_executor(where, given, how, monkeypatch):
    class SeenError(Exception):
        pass

    def seen(*arguments):
        raise SeenError(*arguments[-2:])

    monkeypatch.setattr("costcheck.batch.local.Local", seen)
    monkeypatch.setattr("costcheck.batch.dask.Dask", seen)
    with pytest.raises(SeenError) as raised:
        cli.main(["run", *where, *given])
    assert raised.value.args == how
