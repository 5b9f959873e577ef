"""Executors: how many at once here, and what is asked of a Dask cluster."""

import json
import os
import pickle
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import wait
from functools import partial

import pytest

from costcheck import cli
from costcheck.batch import executors
from costcheck.batch.execution import Executed, Failure
from costcheck.batch.jobs import Job
from costcheck.errors import RunError

JOB = Job("b", b"source", (("h100_usd", 25e3),), "0" * 64)


def groups(root, lines, limits):
    """Make the files in which Linux says what a control group is allowed."""
    for name, text in {"proc/self/cgroup": lines, **limits}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


CGROUP = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("lines", "limits", "allowed"),
    [
        pytest.param("0::/\n", {f"{CGROUP}/cpu.max": "200000 100000\n"}, 2, id="two cores"),
        pytest.param("0::/\n", {f"{CGROUP}/cpu.max": "150000 100000\n"}, 2, id="rounded up"),
        pytest.param("0::/\n", {f"{CGROUP}/cpu.max": "10000 100000\n"}, 1, id="at least one"),
        pytest.param("0::/\n", {f"{CGROUP}/cpu.max": "max 100000\n"}, 64, id="no quota"),
        pytest.param("0::/a/b\n", {f"{CGROUP}/a/cpu.max": "300000 100000"}, 3, id="a parent's"),
        pytest.param("0::/gone\n", {f"{CGROUP}/cpu.max": "300000 100000"}, 3, id="a container's own root"),
        pytest.param(
            "3:cpu,cpuacct:/job\n",
            {
                f"{CGROUP}/cpu,cpuacct/job/cpu.cfs_quota_us": "400000\n",
                f"{CGROUP}/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
            },
            4,
            id="version 1",
        ),
        pytest.param(
            "1:cpu:/\n",
            {f"{CGROUP}/cpu/cpu.cfs_quota_us": "-1\n", f"{CGROUP}/cpu/cpu.cfs_period_us": "100000\n"},
            64,
            id="version 1 without quota",
        ),
        pytest.param("0::/\n", {f"{CGROUP}/cpu.max": "what\n"}, 64, id="unreadable"),
    ],
)
def test_no_more_at_once_than_the_control_group_allows(lines, limits, allowed, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)), raising=False)
    assert executors.cores(groups(tmp_path, lines, limits)) == allowed


def test_no_more_at_once_than_the_affinity_allows(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5}, raising=False)
    assert executors.cores(tmp_path) == 2


def test_where_there_is_no_affinity_all_cores_are_used(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert executors.cores(tmp_path) == 7


def test_as_many_jobs_as_asked_for_run_at_once(monkeypatch):
    running, most = [], []

    def execute(name, source, parameters, limits):
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()
        return Executed(b"", None, 0.05)

    monkeypatch.setattr(executors, "execute", execute)
    began = []
    with executors.Local(3) as local:
        wait([local.submit(JOB, lambda: began.append(1)) for _ in range(9)])
    assert max(most) == 3
    assert len(began) == 9


def test_what_waits_is_dropped_when_a_run_is_interrupted(monkeypatch):
    done = []

    def execute(name, source, parameters, limits):
        time.sleep(0.2)
        done.append(name)

    monkeypatch.setattr(executors, "execute", execute)

    def interrupted():
        with executors.Local(1) as local:
            for _ in range(50):
                local.submit(JOB, lambda: None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(done) == 1


def test_what_travels_can_be_pickled():
    executed = Executed(b"{}", Failure("b", "2", "KeyError: 'h100'"), 0.5)
    assert pickle.loads(pickle.dumps((JOB, executed))) == (JOB, executed)


@pytest.mark.parametrize("jobs", ["0", "-1", "x", "1.5", "", "٣", "100000"])
def test_a_wrong_number_of_jobs_is_refused(jobs, capsys):
    assert cli.main(["run", f"--jobs={jobs}"]) == cli.WRONG_INPUT
    assert f"{jobs!r} is not a whole number from 1" in capsys.readouterr().err


def test_jobs_and_dask_do_not_go_together(capsys):
    assert cli.main(["run", "--jobs", "2", "--dask", "tcp://127.0.0.1:8786"]) == cli.WRONG_INPUT
    assert "--dask: not allowed with argument --jobs" in capsys.readouterr().err


def test_without_distributed_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cli.main(["run", "--dask", "tcp://127.0.0.1:8786"]) == cli.WRONG_INPUT
    assert "pip install 'costcheck[dask]'" in capsys.readouterr().err


# ------------------------------------------------------------------------------------ Dask clusters


COSTCHECK = [sys.executable, "-m", "costcheck", "run"]
DASK = {name: [sys.executable, "-m", f"distributed.cli.dask_{name}"] for name in ("scheduler", "worker")}


def free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


class Cluster:
    """A scheduler, and workers that are processes of their own in directories of their own."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = self.start(
            "scheduler", ["scheduler", "--host", "127.0.0.1", "--port", self.address.rsplit(":")[-1]]
        )

    def start(self, name, arguments, environment=None):
        (self.folder / name).mkdir()
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "distributed.cli.dask_" + arguments[0],
                    *arguments[1:],
                    "--no-dashboard",
                ],
                cwd=self.folder / name,
                env={key: text for key, text in os.environ.items() if key != "COSTCHECK_CACHE"}
                | (environment or {}),
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        return process

    def worker(self, name, *arguments, **options):
        return self.start(name, ["worker", self.address, "--nthreads", "1", *arguments], **options)

    def run(self, *arguments, cwd=None):
        return subprocess.run(
            [*COSTCHECK, "--dask", self.address, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
        )

    def stop(self):
        for process in reversed(self.started):
            process.terminate()
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.stop()


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_two_workers_that_share_no_disk_give_the_same_bytes_as_this_machine(cluster, tmp_path, monkeypatch):
    cluster.worker("with a nanny")
    cluster.worker("without", "--no-nanny")
    ended = cluster.run("1", "7", "--set", "days_in_month=31", "--out", tmp_path / "dask")
    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(r"(\d/2 \w+ [\d.]+ s\n){2}", ended.stderr)
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "another cache"))
    local = ["run", "1", "7", "--set", "days_in_month=31", "--out", str(tmp_path / "local")]
    assert cli.main(local) == cli.DONE
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")
    for name in ("with a nanny", "without"):
        assert files_of(tmp_path / name) == {}


@pytest.mark.slow
def test_a_worker_that_dies_has_its_job_done_by_another(cluster, tmp_path):
    dying = cluster.worker("dying", "--no-nanny")
    out = tmp_path / "out"
    running = subprocess.Popen(
        [*COSTCHECK, "1", "7", "--dask", cluster.address, "--log-json", "--out", out],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    with running:
        assert '"started"' in running.stderr.readline()
        time.sleep(1)
        dying.kill()
        cluster.worker("living", "--no-nanny")
        said = running.stderr.read()
    assert running.returncode == 0, said
    assert said.count('"done"') == 2
    assert files_of(out)


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["all workers are gone", "the scheduler is gone"])
def test_when_the_cluster_goes_it_says_so_and_what_is_finished_is_kept(gone, cluster, tmp_path):
    worker = cluster.worker("worker", "--no-nanny")
    code = (
        "import sys; from costcheck import cli; from costcheck.batch import executors; "
        "executors.RESTART_SECONDS = 1; sys.exit(cli.main())"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, "run", "1", "--log-json", "--dask", cluster.address],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    with running:
        assert '"started"' in running.stderr.readline()
        (worker if gone.startswith("all") else cluster.scheduler).kill()
        said = running.stderr.read()
    assert running.returncode == cli.NOT_EXECUTED
    (told,) = map(json.loads, said.splitlines())
    assert told["event"] == "error"
    assert re.fullmatch(rf"--dask {cluster.address}: {gone}; what was finished is kept, .*", told["error"])


@pytest.mark.slow
def test_a_cluster_that_has_gone_is_named_whatever_is_asked_of_it_next(cluster):
    cluster.worker("worker", "--no-nanny")
    dask = executors.Dask(cluster.address)
    dask.submit(JOB, lambda: None)
    cluster.scheduler.kill()
    end = time.monotonic() + 120
    while dask._client.status != "closed":
        assert time.monotonic() < end
        time.sleep(0.05)
    for ask in (dask._count, partial(dask.submit, JOB, lambda: None)):
        with pytest.raises(RunError, match="the scheduler is gone; what was finished is kept"):
            ask()
    dask.__exit__(RunError, None, None)


BLOCKED = """
import sys
for name in [name for name in sys.modules if name.split(".")[0] == "costcheck"]:
    del sys.modules[name]
sys.modules["costcheck"] = None
"""
OLDER = """
import costcheck
costcheck.__version__ = "0.0.1"
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preload", "said"),
    [
        pytest.param(OLDER, "costcheck is [0-9.]+ here and 0.0.1 there", id="another version"),
        pytest.param(BLOCKED, "cannot import costcheck", id="not installed"),
    ],
)
def test_a_worker_that_would_give_something_else_is_refused_by_name(preload, said, cluster, tmp_path):
    (tmp_path / "preload.py").write_text(preload)
    cluster.worker("other", "--no-nanny", "--preload", str(tmp_path / "preload.py"))
    ended = cluster.run("1", "--out", tmp_path / "out")
    assert ended.returncode == cli.NOT_EXECUTED
    assert re.search(rf"worker tcp://127.0.0.1:\d+ .*{said}", ended.stderr)
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_address_that_does_not_answer_is_said_soon(tmp_path):
    ended = subprocess.run(
        [*COSTCHECK, "--dask", f"tcp://127.0.0.1:{free_port()}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert ended.returncode == cli.NOT_EXECUTED
    assert "no scheduler answers there" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_cluster_without_workers_is_said_with_what_to_do(cluster, tmp_path):
    ended = cluster.run("1", cwd=tmp_path)
    assert ended.returncode == cli.NOT_EXECUTED
    assert f"start one with 'dask worker {cluster.address}'" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("address", ["nonsense", "foo://somewhere:1", ""])
def test_what_is_no_address_is_refused(address, tmp_path):
    ended = subprocess.run(
        [*COSTCHECK, f"--dask={address}", "7"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ended.returncode == cli.WRONG_INPUT
    assert "not an address" in ended.stderr
