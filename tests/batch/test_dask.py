"""A Dask cluster: the same bytes, and what is asked of it before anything is executed."""

import json
import os
import re
import subprocess
import sys
from unittest.mock import Mock

import pytest
from papermill import execute

from costcheck import cli
from costcheck.batch import dask
from costcheck.batch.execution import ENGINES
from costcheck.batch.jobs import Job, versions
from costcheck.errors import RunError

COSTCHECK = (
    "import sys; from costcheck import cli; from costcheck.batch import dask; "
    "dask.RESTART_SECONDS = 1; sys.exit(cli.main())"
)


def test_a_worker_that_comes_later_and_has_other_versions_executes_nothing():
    job = Job("01_training_time", b"", (), "key")
    with pytest.raises(RunError, match="which came later, has other versions"):
        dask._on_worker(versions() | {"costcheck": "0.0.1"}, job, 1, "warm")


TRACE = """
from papermill import execute
def traced(*given, call=execute.execute_notebook, **options):
    with open({!r}, "a") as file:
        print(given[3], file=file)
    return call(*given, **options)
if execute.execute_notebook.__name__ != "traced":  # Dask loads this more than once
    execute.execute_notebook = traced
"""
"""Has a worker write down the engine of each call."""


class Cluster:
    """A scheduler, and workers that are processes of their own in folders of their own."""

    def __init__(self, folder, port):
        self.folder, self.started, self.address = folder, [], f"tcp://127.0.0.1:{port}"
        self.scheduler = self.start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", str(port))

    def start(self, name, role, *arguments):
        """Start a process, and wait until it says that it is ready."""
        (self.folder / name).mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{role}", *arguments, "--no-dashboard"],
            cwd=self.folder / name,
            env={key: text for key, text in os.environ.items() if key != "COSTCHECK_CACHE"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        for line in process.stderr:
            if "Registered to" in line or "Scheduler at" in line:
                return process
        raise AssertionError(f"{role} ended")

    def worker(self, name, *arguments):
        return self.start(name, "worker", self.address, "--nthreads", "1", *arguments)

    def command(self, *arguments):
        command = [sys.executable, "-c", COSTCHECK, "run", "--dask", self.address, "--log-json", *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder
        )

    def refusal(self):
        """The one line of a run that executes nothing."""
        with self.command("1") as running:
            (line,) = running.stderr.readlines()
        assert running.returncode == cli.NOT_EXECUTED
        return json.loads(line)["error"]


@pytest.fixture
def cluster(tmp_path, free_port):
    made = Cluster(tmp_path, free_port())
    yield made
    for process in reversed(made.started):
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_another_worker_does_what_a_dead_one_began_with_the_same_bytes_and_one_line_says_when_all_are_gone(
    cluster, files_of, tmp_path, monkeypatch
):
    chosen = ["1", "7", "--set", "days_in_month=31", "--out"]
    dying, living = (cluster.worker(name, "--no-nanny") for name in ("dying", "living"))
    with cluster.command(*chosen, "dask") as running:
        assert '"started"' in running.stderr.readline()
        dying.kill()
        log = running.stderr.read()
    assert running.returncode == 0, log
    assert log.count('"done"') == 2
    assert files_of(tmp_path / "living") == {}  # no disk is shared
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "another cache"))
    papermill = Mock(wraps=execute.execute_notebook)
    monkeypatch.setattr(execute, "execute_notebook", papermill)
    assert cli.main(["run", *chosen, str(tmp_path / "local")]) == cli.DONE
    assert [call.args[3] for call in papermill.call_args_list] == ["warm", "warm"]
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")
    trace = tmp_path / "trace"
    (tmp_path / "trace.py").write_text(TRACE.format(str(trace)))
    traced = cluster.worker("traced", "--no-nanny", "--preload", str(tmp_path / "trace.py"))
    living.kill()
    for engine, name in ENGINES.items():
        trace.write_text("")
        with cluster.command(*chosen, engine, "--fresh", "--engine", engine) as running:
            running.stderr.read()
        assert trace.read_text().splitlines() == [str(name)] * 2
        assert files_of(tmp_path / engine) == files_of(tmp_path / "local")
    with cluster.command("1", "--fresh") as running:
        assert '"started"' in running.stderr.readline()
        traced.kill()
        (line,) = running.stderr.readlines()
    assert running.returncode == cli.NOT_EXECUTED
    gone = rf"--dask {cluster.address}: all workers are gone; what was finished is kept, .*"
    assert re.fullmatch(gone, json.loads(line)["error"])


@pytest.mark.slow
def test_without_a_scheduler_or_workers_that_give_the_same_one_line_says_what_to_do(cluster, tmp_path):
    assert f"start one with 'dask worker {cluster.address}'" in cluster.refusal()
    (tmp_path / "preload.py").write_text('import costcheck\ncostcheck.__version__ = "0.0.1"\n')
    cluster.worker("other", "--no-nanny", "--preload", str(tmp_path / "preload.py"))
    other = r"worker tcp://127.0.0.1:\d+ would not .*costcheck is [0-9.]+ here and 0.0.1 there"
    assert re.search(other, cluster.refusal())
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    assert "no scheduler answers there" in cluster.refusal()
    assert not (tmp_path / "out").exists()
