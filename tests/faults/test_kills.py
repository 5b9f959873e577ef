"""Whatever is killed: nothing half-written or alive is left, and the same command gives the same bytes."""

import os
import signal

import psutil
import pytest

pytestmark = pytest.mark.slow
DIED = "kernel died: somebody else ended it (SIGKILL); "


@pytest.mark.fault("kill -9 of the runner")
def test_killed_as_it_works_a_run_ends_as_if_undisturbed(place, waiting, files_of):
    command = [*place.scenarios(3, waiting.path), "--jobs", "2"]
    for event in ("done", "started"):  # it cannot end before, as one of its notebooks waits
        with place.start(*command, "--out", place.out) as process:
            place.until(process, event)
            process.kill()
        assert place.all_ended()
    kept = len(list(place.cache.glob("*/*/*")))
    assert kept >= 1
    waiting.go_on()
    process = place.start(*command, "--out", place.out)
    assert place.rest(process)[-1]["executed"] == 3 + 2 - kept
    assert process.returncode == 0
    for left in place.temporary.iterdir():  # a folder of sockets, where its owner was killed as it made it
        left.rmdir()
    assert place.leaves_nothing()
    place.environment["COSTCHECK_CACHE"] = str(place.folder / "another cache")
    waiting.go_on()
    assert place.run(*command, "--out", "undisturbed").returncode == 0
    assert files_of(place.out) == files_of(place.folder / "undisturbed")


@pytest.mark.fault("kill -9 of a kernel")
@pytest.mark.fault("kill -9 of the process that kernels come from")
@pytest.mark.parametrize("victim", ["the kernel", "the process that kernels come from"])
def test_a_notebook_whose_kernel_is_killed_is_executed_once_more(victim, place, waiting):
    process = place.start("run", waiting.path, "--log-json", "--out", place.out)
    kernel = waiting.kernel()
    os.kill(kernel if victim == "the kernel" else psutil.Process(kernel).ppid(), signal.SIGKILL)
    waiting.kernel()
    waiting.go_on()
    messages = {event.get("error") for event in place.rest(process)}
    assert process.returncode == 0
    assert victim != "the kernel" or f"waits: {DIED}it is executed again" in messages, messages
    assert place.leaves_nothing()


@pytest.mark.fault("kill -9 of a kernel")
def test_a_notebook_whose_kernel_is_killed_twice_is_reported_and_the_others_finish(place, waiting):
    quick = place.notebook("quick", "'good'")
    process = place.start("run", waiting.path, quick, "--log-json", "--out", place.out)
    for _ in range(2):
        os.kill(waiting.kernel(), signal.SIGKILL)
    (failed,) = [event for event in place.rest(process) if event["event"] == "failed"]
    assert process.returncode == 1
    assert (failed["notebook"], failed["error"]) == ("waits", f"{DIED}this was tried twice")
    assert "'good'" in (place.out / "notebooks" / "quick.ipynb").read_text()
    assert place.leaves_nothing()
