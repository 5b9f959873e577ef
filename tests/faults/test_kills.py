"""Whatever is killed: nothing half-written or alive is left, and the same command gives the same bytes."""

from __future__ import annotations

import json
import os
import random
import signal
import threading

import nbformat
import psutil
import pytest

from costcheck.batch import execution
from costcheck.batch.jobs import Job, Template
from costcheck.batch.local import Local
from costcheck.batch.runner import run
from costcheck.prices.book import PriceBook
from warmkernels import client

pytestmark = [
    pytest.mark.slow,
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
SCENARIOS = 8


@pytest.mark.fault("kill -9 of the runner")
def test_killed_at_random_moments_a_run_ends_as_if_undisturbed(place, files_of, until):
    command = ["run", "1", "7", "--jobs", "2", "--log-json", "--scenarios", place.grid(SCENARIOS)]
    for event in ("started", "done", "done"):
        with place.start(*command, "--out", place.out) as process:
            until(process, event)
            threading.Event().wait(random.uniform(0, 0.5))  # any moment will do
            process.kill()
            process.communicate()
        assert place.marked.gone()
    kept = len(list(place.cache.glob("*/*/*")))
    with place.start(*command, "--out", place.out) as process:
        events = [json.loads(line) for line in process.communicate()[1].splitlines()]
    assert process.returncode == 0
    assert events[-1]["executed"] == SCENARIOS + 1 - kept
    assert kept >= 2
    for left in place.temporary.iterdir():  # a folder of sockets, where its owner was killed as it made it
        left.rmdir()
    assert place.leaves_nothing()
    undisturbed = place.folder / "undisturbed"
    place.environment["COSTCHECK_CACHE"] = str(place.folder / "another cache")
    assert place.run(*command, "--out", undisturbed).returncode == 0
    assert files_of(place.out) == files_of(undisturbed)


def source(*cells):
    cells = [nbformat.v4.new_code_cell(code, id=f"cell{n}") for n, code in enumerate(cells)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def shown(executed):
    assert executed.failure is None, executed.failure
    return "".join(json.loads(executed.notebook)["cells"][-1]["outputs"][0]["data"]["text/plain"])


@pytest.fixture
def killing(tmp_path, monkeypatch):
    """Cells that wait to be killed, and what kills them: ``killing(times, victim)``."""
    monkeypatch.delenv(client.CHOSEN, raising=False)
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "cache"))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def begin(times, victim=lambda kernel: kernel):
        """Return a cell that says who it is, and waits; after so many kills it goes on."""
        counted = tmp_path / "counted"
        counted.write_text("")
        killed = []

        def kill():
            for _ in range(times):
                kernel = int(pipe.read_text())
                counted.write_text(counted.read_text() + "x")
                os.kill(victim(kernel), signal.SIGKILL)
                killed.append(kernel)

        threading.Thread(target=kill, daemon=True).start()
        code = (
            "import os, pathlib, time\n"
            f"if len(pathlib.Path({str(counted)!r}).read_text()) < {times}:\n"
            f"    pathlib.Path({str(pipe)!r}).write_text(str(os.getpid()))\n"
            "    time.sleep(1000)\n"
        )
        return code, killed

    yield begin
    client.stop()


@pytest.mark.fault("kill -9 of a kernel")
def test_a_kernel_that_is_killed_has_its_notebook_executed_once_more(killing, caplog):
    code, killed = killing(1)
    assert shown(execution.execute(Job("n", source(code, "'done'"), (), ""))) == "'done'"
    assert len(killed) == 1
    (line,) = [record.getMessage() for record in caplog.records if record.name == "costcheck"]
    assert line == "n: kernel died: somebody else ended it (SIGKILL); it is executed again"


@pytest.mark.fault("kill -9 of a kernel")
def test_a_kernel_that_is_killed_twice_is_reported_by_name_and_the_others_finish(killing, tmp_path):
    code, _ = killing(2)
    cells = {"a": ("'good'",), "killed": (code,), "z": ("'good'",)}
    outcome = run(
        [Template(name, source(*each), ()) for name, each in cells.items()],
        PriceBook.article(),
        tmp_path / "out",
        executor=Local(3),
    )
    (failed,) = outcome.failed
    assert failed.notebook == "killed"
    assert failed.error == "kernel died: somebody else ended it (SIGKILL); this was tried twice"
    for name in ("a", "z"):
        assert "\"'good'\"" in (tmp_path / "out" / "notebooks" / f"{name}.ipynb").read_text()


@pytest.mark.fault("kill -9 of the process that kernels come from")
@pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform")
def test_when_the_process_that_kernels_come_from_is_killed_its_jobs_are_done_again(killing):
    client.prepare()
    code, killed = killing(1, victim=lambda kernel: psutil.Process(kernel).ppid())
    assert shown(execution.execute(Job("n", source(code, "'done'"), (), ""))) == "'done'"
    assert len(killed) == 1
