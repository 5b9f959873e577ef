"""A Dask cluster: the same bytes, and what is asked of it before anything is executed."""

import json
import os
import re
import subprocess
import sys

import pytest

from costcheck import cli
from costcheck.batch import dask
from costcheck.batch.jobs import Job, versions
from costcheck.errors import RunError

COSTCHECK = (
    "import sys; from costcheck import cli; from costcheck.batch import dask; "
    "dask.RESTART_SECONDS = 1; sys.exit(cli.main())"
)


def test_a_worker_executes_as_it_is_asked_to_unless_it_came_later_with_other_versions(monkeypatch):
    job = Job("01_training_time", b"", (), "key")
    monkeypatch.setattr(dask, "prepare", lambda: None)
    monkeypatch.setattr(dask, "execute", lambda *given: given)
    assert dask._on_worker(versions(), job, 1, "papermill") == (job, 1, "papermill")
    with pytest.raises(RunError, match="which came later, has other versions"):
        dask._on_worker(versions() | {"costcheck": "0.0.1"}, job, 1, "papermill")


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
    assert cli.main(["run", *chosen, str(tmp_path / "local")]) == cli.DONE
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")
    with cluster.command("1", "--fresh") as running:
        assert '"started"' in running.stderr.readline()
        living.kill()
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
