"""A Dask cluster: the same bytes, and what is asked of it before anything is executed."""

import json
import os
import re
import subprocess
import sys

import pytest

from costcheck import cli

COSTCHECK = [sys.executable, "-m", "costcheck", "run"]


def test_dask_goes_neither_with_jobs_nor_without_its_package(capsys, monkeypatch):
    command = ["run", "--dask", "tcp://127.0.0.1:8786"]
    assert cli.main([*command, "--jobs", "2"]) == cli.WRONG_INPUT
    assert "--jobs: not allowed with argument --dask" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cli.main(command) == cli.WRONG_INPUT
    assert "pip install 'costcheck[dask]'" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["nonsense", "foo://somewhere:1", "tls://127.0.0.1:1"])
def test_an_address_that_is_wrong_or_has_no_certificates_is_refused_in_one_line(address, capsys):
    assert cli.main(["run", f"--dask={address}", "7"]) == cli.WRONG_INPUT
    message = capsys.readouterr().err
    assert message.startswith(f"costcheck: --dask {address}: not an address (")
    assert message.count("\n") == 1


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

    def command(self, *arguments, **options):
        command = [*COSTCHECK, "--dask", self.address, "--log-json", *map(str, arguments)]
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder, **options
        )

    def stop(self):
        for process in reversed(self.started):
            process.kill()
            process.communicate()


@pytest.fixture
def cluster(tmp_path, free_port):
    made = Cluster(tmp_path, free_port())
    yield made
    made.stop()


@pytest.mark.slow
def test_two_workers_that_share_no_disk_give_the_same_bytes_as_this_machine(
    cluster, files_of, tmp_path, monkeypatch
):
    cluster.worker("with a nanny")
    cluster.worker("without", "--no-nanny")
    chosen = ["1", "7", "--set", "days_in_month=31", "--out"]
    with cluster.command(*chosen, "dask") as running:
        assert running.wait() == 0, running.stderr.read()
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "another cache"))
    assert cli.main(["run", *chosen, str(tmp_path / "local")]) == cli.DONE
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")
    for name in ("with a nanny", "without"):
        assert files_of(tmp_path / name) == {}


@pytest.mark.slow
def test_a_worker_that_dies_has_its_job_done_by_another(cluster, files_of, tmp_path):
    dying = cluster.worker("dying", "--no-nanny")
    with cluster.command("1", "7", "--out", "out") as running:
        assert '"started"' in running.stderr.readline()
        dying.kill()
        cluster.worker("living", "--no-nanny")
        log = running.stderr.read()
    assert running.returncode == 0, log
    assert log.count('"done"') == 2
    assert files_of(tmp_path / "out")


@pytest.mark.slow
def test_when_the_workers_are_gone_one_line_says_so(cluster, monkeypatch):
    worker = cluster.worker("worker", "--no-nanny")
    code = (
        "import sys; from costcheck import cli; from costcheck.batch import dask; "
        "dask.RESTART_SECONDS = 1; sys.exit(cli.main())"
    )
    monkeypatch.setitem(globals(), "COSTCHECK", [sys.executable, "-c", code, "run"])
    with cluster.command("1") as running:
        assert '"started"' in running.stderr.readline()
        worker.kill()
        (line,) = running.stderr.readlines()
    assert running.returncode == cli.NOT_EXECUTED
    error = json.loads(line)
    assert error["event"] == "error"
    assert re.fullmatch(
        rf"--dask {cluster.address}: all workers are gone; what was finished is kept, .*", error["error"]
    )


OLDER = 'import costcheck\ncostcheck.__version__ = "0.0.1"\n'


@pytest.mark.slow
def test_a_worker_that_would_give_something_else_is_refused_by_name(cluster, tmp_path):
    (tmp_path / "preload.py").write_text(OLDER)
    cluster.worker("other", "--no-nanny", "--preload", str(tmp_path / "preload.py"))
    with cluster.command("1", "--out", "out") as running:
        (line,) = running.stderr.readlines()
    assert running.returncode == cli.NOT_EXECUTED
    assert re.search(
        r"worker tcp://127.0.0.1:\d+ would not .*costcheck is [0-9.]+ here and 0.0.1 there", line
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_without_workers_or_a_scheduler_one_line_says_what_to_start(cluster):
    for start in (f"start one with 'dask worker {cluster.address}'", "no scheduler answers there"):
        with cluster.command("1") as running:
            (line,) = running.stderr.readlines()
        assert start in line
        assert running.returncode == cli.NOT_EXECUTED
        cluster.scheduler.kill()
        cluster.scheduler.wait()
