"""kill -9 of whatever executes a job: the job is done again elsewhere or reported by name, others finish."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from queue import Empty

import nbformat
import psutil
import pytest

from costcheck.batch import execution
from costcheck.batch.executors import Local
from costcheck.batch.jobs import Template
from costcheck.batch.runner import run
from costcheck.prices.book import PriceBook
from warmkernels import client, manager, private

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
PATIENCE = 120
"""Nothing here takes that long, on however busy a machine [second]."""


def source(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(code, id=f"cell{n}") for n, code in enumerate(cells)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})).encode()


def shown(executed):
    assert executed.failure is None, executed.failure
    return "".join(json.loads(executed.notebook)["cells"][-1]["outputs"][0]["data"]["text/plain"])


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found


@pytest.fixture(autouse=True)
def own_server(monkeypatch):
    """A process that kernels come from which is this test's own."""
    monkeypatch.delenv(client.CHOSEN, raising=False)
    client.stop()
    client.prepare(contained=True)
    yield
    client.stop()


def server():
    (found,) = client._servers.values()
    return found._process.pid


class Killer(threading.Thread):
    """Kills a process that a job names in a file, each time or once."""

    def __init__(self, file, times, victim=lambda kernel: kernel):
        super().__init__(daemon=True)
        self.file, self.left, self.victim, self.killed = file, times, victim, []
        self.ended = threading.Event()
        self.start()

    def run(self):
        while self.left and not self.ended.is_set():
            try:
                kernel = int(self.file.read_text())
            except (OSError, ValueError):
                time.sleep(0.01)
                continue
            self.file.unlink()
            os.kill(self.victim(kernel), signal.SIGKILL)
            self.killed.append(kernel)
            self.left -= 1


def waiting_to_be_killed(folder):
    """Cells that say who they are, and end by themselves the second time; and the file they say it in."""
    said, once = folder / "said", folder / "once"
    return said, (
        f"import os, pathlib, time\n"
        f"second = pathlib.Path({str(once)!r}).exists()\n"
        f"pathlib.Path({str(once)!r}).touch()\n"
        f"made = pathlib.Path({str(said)!r} + '.new')\n"
        f"made.write_text(str(os.getpid())); made.rename({str(said)!r})\n"
    )


@pytest.mark.fault("kill -9 of a kernel")
def test_a_kernel_that_is_killed_has_its_notebook_executed_once_more(tmp_path, caplog):
    said, code = waiting_to_be_killed(tmp_path)
    killer = Killer(said, 1)
    executed = execution.execute("n", source(f"{code}if not second: time.sleep(1000)", "'done'"), {})
    assert shown(executed) == "'done'"
    assert len(killer.killed) == 1
    (line,) = [record.getMessage() for record in caplog.records if record.name == "costcheck"]
    assert line == "n: kernel died: somebody else ended it (SIGKILL); it is executed again"


@pytest.mark.fault("kill -9 of a kernel")
def test_a_kernel_that_is_killed_twice_is_reported_by_name_and_the_others_finish(tmp_path, monkeypatch):
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "cache"))
    said, code = waiting_to_be_killed(tmp_path)
    killer = Killer(said, 2)
    cells = {"a": ("'good'",), "killed": (f"{code}time.sleep(1000)",), "z": ("'good'",)}
    ended = run(
        [Template(name, source(*each), ()) for name, each in cells.items()],
        PriceBook.article(),
        tmp_path / "out",
        executor=Local(3),
    )
    assert [failed.failure.notebook for failed in ended.failed] == ["killed"]
    assert ended.failed[0].failure.error == (
        "kernel died: somebody else ended it (SIGKILL); this was tried twice"
    )
    assert len(killer.killed) == 2
    assert ended.executed == 3
    for name in ("a", "z"):
        assert "\"'good'\"" in (tmp_path / "out" / "notebooks" / f"{name}.ipynb").read_text()


@pytest.mark.fault("kill -9 of a kernel")
def test_a_kernel_that_is_killed_while_it_starts_is_started_once_more(monkeypatch, tries):
    tries(2)
    forked, killed = client._ask, []

    async def dying(*arguments):
        kernel = await forked(*arguments)
        if kernel is not None and len(killed) < most:
            killed.append(kernel.pid)
            os.kill(kernel.pid, signal.SIGKILL)
        return kernel

    monkeypatch.setattr(client, "_ask", dying)
    most = 1
    assert shown(execution.execute("n", source("1 + 1"), {})) == "2"
    assert len(killed) == 1
    most = 99
    executed = execution.execute("n", source("1 + 1"), {})
    assert "this was tried twice" in executed.failure.error
    assert len(killed) == 3


@pytest.mark.fault("kill -9 of the process that kernels come from")
def test_when_the_process_that_kernels_come_from_is_killed_all_its_jobs_are_done_again(tmp_path):
    said, code = waiting_to_be_killed(tmp_path)
    killer = Killer(said, 1, victim=lambda kernel: psutil.Process(kernel).ppid())
    before = server()
    one_more = (
        f"import pathlib, time\nif not pathlib.Path({str(tmp_path / 'again')!r}).exists(): time.sleep(3)"
    )
    jobs = {"a": (f"{code}if not second: time.sleep(1000)", "'a'"), "b": (one_more, "'b'"), "c": ("'c'",)}
    found = {}

    def do(name):
        found[name] = execution.execute(name, source(*jobs[name]), {})

    threads = [threading.Thread(target=do, args=(name,)) for name in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert {name: shown(executed) for name, executed in found.items()} == {"a": "'a'", "b": "'b'", "c": "'c'"}
    assert len(killer.killed) == 1
    assert server() != before


@pytest.mark.fault("kill -9 of the process that kernels come from")
def test_kills_at_any_moment_fail_nobody_without_saying_so(tries):
    tries(5)
    ended, failed = threading.Event(), []

    def kill():
        # a job takes a tenth of a second or many, as busy as the machine is; some start, some run, some end
        for delay in (0.1, 0.4, 0.7, 0.2, 1.1):
            if ended.wait(delay):
                return
            os.kill(server(), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()

    def work():
        for _ in range(4):
            executed = execution.execute("n", source("1 + 1", "2 + 2"), {})
            if executed.failure:
                failed.append(executed.failure.error)
            else:
                assert shown(executed) == "4"

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    ended.set()
    killer.join(PATIENCE)
    assert not any(worker.is_alive() for worker in workers)
    assert all("tried twice" in error for error in failed), failed


@pytest.mark.fault("kill -9 of the process that kernels come from")
def test_a_process_that_kernels_come_from_which_is_stopped_does_not_keep_its_owner_from_ending():
    assert shown(execution.execute("n", source("1 + 1"), {})) == "2"
    stopped = server()
    os.kill(stopped, signal.SIGSTOP)
    client.stop()
    assert not psutil.pid_exists(stopped)


@pytest.mark.fault("kill -9 of a kernel")
def test_a_kernel_whose_welcome_is_lost_is_heard_all_the_same(monkeypatch):
    hear, lost = manager.Client.get_iopub_msg, []

    async def deaf(self, *arguments, **options):
        message = await hear(self, *arguments, **options)
        if not lost:
            lost.append(message["msg_type"])
            raise Empty
        return message

    monkeypatch.setattr(manager.Client, "get_iopub_msg", deaf)
    monkeypatch.setattr(execution, "START_SECONDS", PATIENCE)
    assert shown(execution.execute("n", source("1 + 1"), {})) == "2"
    assert lost


OWNER = """
import sys
from warmkernels import client, private
from costcheck.batch.execution import execute
client.prepare(contained=True)
print(private.folder(), flush=True)
execute("n", sys.stdin.buffer.read(), {})
"""


@pytest.mark.fault("kill -9 of the runner")
def test_nothing_is_left_of_a_runner_that_is_killed_nor_of_what_its_cells_have_started(tmp_path, marked):
    begun = tmp_path / "begun"
    cells = source(
        "import subprocess, time, pathlib\n"
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        f"pathlib.Path({str(begun)!r}).touch(); time.sleep(1000)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=marked.environment,
    ) as owner:
        owner.stdin.write(cells)
        owner.stdin.close()
        folder = private.Path(owner.stdout.readline().decode().strip())
        until(begun.exists)
        assert len(marked.processes()) >= 4
        owner.kill()
    assert marked.gone()
    until(lambda: not folder.exists())


@pytest.mark.fault("kill -9 of the runner")
def test_what_runner_and_server_leave_that_are_killed_at_once_the_next_one_removes(tmp_path, monkeypatch):
    monkeypatch.setattr(private, "YOUNG_SECONDS", -1)
    left = tmp_path / f"{private.PREFIX}left"
    left.mkdir()
    (left / "abc-1").touch()
    held = tmp_path / f"{private.PREFIX}held"
    held.mkdir()
    descriptor = os.open(held, os.O_RDONLY)
    private._lock(descriptor)
    (tmp_path / "somebody").mkdir()
    (tmp_path / f"{private.PREFIX}link").symlink_to(tmp_path / "somebody")
    try:
        private.sweep(tmp_path)
    finally:
        os.close(descriptor)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{private.PREFIX}held",
        f"{private.PREFIX}link",
        "somebody",
    ]


# ------------------------------------------------------------------------------------ Dask


@pytest.fixture
def cluster(tmp_path, free_port, marked):
    """A scheduler, and what starts workers."""
    pytest.importorskip("distributed", reason="without distributed there is no cluster")
    address = f"tcp://127.0.0.1:{free_port()}"

    def start(name, *arguments):
        with (tmp_path / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"distributed.cli.dask_{arguments[0]}",
                    *arguments[1:],
                    "--no-dashboard",
                ],
                cwd=tmp_path,
                env=marked.environment,
                stdout=log,
                stderr=log,
            )

    class Cluster:
        def __init__(self):
            self.address = address
            self.scheduler = start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", address[16:])

        def worker(self, name, *arguments):
            return start(name, "worker", address, "--nthreads", "1", "--nworkers", "1", *arguments)

    return Cluster()


CLUSTERED = """
import json, sys
from pathlib import Path
import distributed
from costcheck.batch.execution import GIB, Limits
from costcheck.batch.executors import Dask
from costcheck.batch.jobs import Template
from costcheck.prices.book import PriceBook
from costcheck.batch.runner import run
address, out, told = sys.argv[1:]
with distributed.Client(address) as waits:  # a run gives the first worker four seconds
    waits.wait_for_workers(1, timeout=100)
cells = json.loads(sys.stdin.read())
ended = run(
    [Template(name, source.encode(), ()) for name, source in cells.items()], PriceBook.article(), Path(out),
    executor=Dask(address, Limits(15, GIB)),
)
Path(told).write_text(json.dumps({each.failure.notebook: each.failure.error for each in ended.failed}))
"""


def batch(cluster, folder, cells):
    """Begin to execute notebooks on a cluster; what failed comes to stand in a file."""
    environment = {**os.environ, "COSTCHECK_CACHE": str(folder / "cache of the run")}
    process = subprocess.Popen(
        [sys.executable, "-c", CLUSTERED, cluster.address, str(folder / "out"), str(folder / "told")],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    process.stdin.write(json.dumps({name: source(*each).decode() for name, each in cells.items()}))
    process.stdin.close()
    return process


@pytest.mark.fault("kill -9 of a Dask worker")
@pytest.mark.parametrize("nanny", [True, False], ids=["with a nanny", "without"])
def test_a_job_whose_dask_worker_is_killed_is_done_again_and_limits_hold_there(
    nanny, cluster, tmp_path, marked
):
    worker = cluster.worker("first", *([] if nanny else ["--no-nanny"]))
    said, code = waiting_to_be_killed(tmp_path)
    cells = {
        "a": ("'good'",),
        "fills": ("x = []\nwhile True: x.append(' ' * 10**7)",),
        "hangs": ("import time; time.sleep(1000)",),
        "killed": (f"{code}if not second: time.sleep(1000)", "'done'"),
    }

    def of_kernel(kernel):
        """The worker: the kernel's parent is the process kernels come from, and its parent the worker."""
        found = psutil.Process(kernel).parent().parent().pid
        if not nanny:
            assert found == worker.pid
            cluster.worker("second", "--no-nanny")
        return found

    killer = Killer(said, 1, of_kernel)
    running = batch(cluster, tmp_path, cells)
    assert running.wait(PATIENCE) == 0, running.stderr.read()
    running.stderr.close()
    assert len(killer.killed) == 1
    told = json.loads((tmp_path / "told").read_text())
    assert {name: error.split(":")[0] for name, error in told.items()} == {
        "fills": "memory limit",
        "hangs": "time limit",
    }
    for name, text in (("a", "'good'"), ("killed", "'done'")):
        assert f'"{text}"' in (tmp_path / "out" / "notebooks" / f"{name}.ipynb").read_text()


@pytest.mark.fault("kill -9 of the Dask scheduler")
def test_when_the_dask_scheduler_is_killed_it_says_so_and_no_kernel_stays(cluster, tmp_path, marked):
    worker = cluster.worker("worker", "--no-nanny")
    said, code = waiting_to_be_killed(tmp_path)
    running = batch(cluster, tmp_path, {"a": ("'good'",), "hangs": (f"{code}time.sleep(1000)",)})
    until(said.exists)
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    assert running.wait(PATIENCE) != 0
    assert "the scheduler is gone; what was finished is kept" in running.stderr.read()
    running.stderr.close()
    worker.kill()
    worker.wait()
    assert marked.gone()
