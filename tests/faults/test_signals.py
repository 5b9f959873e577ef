"""Whatever signal ends a command, and whoever stops reading it: a clean end, and what is finished is kept."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

pytestmark = pytest.mark.slow
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
WHOLE = {f"results.{kind}" for kind in ("csv", "parquet", "xlsx")} | {
    *("report.html", "prices.csv", "notebooks", "figures")
}


def long_run(place):
    """A run that cannot be through before it is stopped, however busy the machine is."""
    options = ["--jobs", "2", "--log-json", "--scenarios", place.grid(60), "--out", place.out]
    return ["run", "1", "7", *options]


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP during a run")
@pytest.mark.parametrize(
    ("number", "event", "group", "second"),
    [
        pytest.param(signal.SIGINT, "started", False, None, id="Ctrl-C while a kernel starts"),
        pytest.param(signal.SIGINT, "done", True, None, id="Ctrl-C to the whole group"),
        pytest.param(signal.SIGTERM, "done", False, signal.SIGTERM, id="SIGTERM, twice"),
        pytest.param(signal.SIGHUP, "done", True, None, id="SIGHUP to the whole group"),
    ],
)
def test_a_signal_ends_a_run_with_its_status_and_keeps_what_is_finished(
    number, event, group, second, place, until
):
    with place.start(*long_run(place), start_new_session=True) as process:
        until(process, event)
        (os.killpg if group else os.kill)(process.pid, number)
        if second:
            process.send_signal(second)
        _, said = process.communicate()
    assert process.returncode == 128 + number
    events = [json.loads(line) for line in said.splitlines()]
    assert (events[-1]["event"], events[-1]["status"]) == ("error", 128 + number)
    assert [each["event"] for each in events].count("error") == 1
    by = "" if number == signal.SIGINT else rf" \({number.name}\)"
    finished = r"\d+ of \d+ notebooks are finished and kept" if event == "done" else ".*finished"
    assert re.match(rf"stopped{by}; {finished}", events[-1]["error"])
    assert place.leaves_nothing()


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP at a random moment")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "command", [["run", "7", "--fresh", "--out", "out"], ["sensitivity", "Z51", "--plot"]]
)
def test_a_signal_at_any_moment_ends_a_command_without_a_traceback(command, number, place):
    since = time.monotonic()
    assert place.run(*command).returncode == 0
    moment = random.uniform(0, time.monotonic() - since)
    with place.start(*command) as process:
        threading.Event().wait(moment)
        process.send_signal(number)
        _, said = process.communicate()
    # until it has handed over to the command, Python ends as it does: nothing of ours has begun then
    pythons_own = process.returncode in (-number, 1) and "costcheck/cli" not in said
    assert process.returncode in (0, 128 + number) or pythons_own, said
    # a destructor swallows what is raised in it, and Python shows that
    assert "Traceback" not in said or pythons_own or "Exception ignored" in said, said
    assert place.leaves_nothing()


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP while an address does not answer")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_an_import_from_an_address_that_does_not_answer(number, place):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/rates.csv"
        with place.start("prices", "import", "ecb", address, "--book", "mine.csv", "--yes") as process:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                process.send_signal(number)
                _, said = process.communicate()
    named = "" if number == signal.SIGINT else f" ({number.name})"
    assert (process.returncode, said) == (128 + number, f"costcheck: stopped{named}\n")
    assert not (place.folder / "mine.csv").exists()
    assert place.leaves_nothing()


@pytest.mark.fault("SIGTERM, SIGHUP to the calculator and the lab")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["app", "lab"])
def test_a_signal_ends_a_server_and_leaves_nothing(command, number, place, free_port):
    with place.start(command, "--no-browser", "--port", free_port()) as process:
        assert any("http:" in line for line in process.stdout)
        process.send_signal(number)
        _, said = process.communicate()
    assert "Traceback" not in said
    # to be told to stop is how a server ends; a terminal that hangs up is another matter
    assert process.returncode in (0, 128 + number)
    assert place.marked.gone()
    assert list(place.temporary.iterdir()) == []


@pytest.mark.fault("nohup")
def test_a_hangup_that_is_to_be_ignored_is(place, until):
    with place.start("run", "7", "--log-json", "--out", place.out, ignored=[signal.SIGHUP]) as process:
        until(process, "started")
        process.send_signal(signal.SIGHUP)
        _, said = process.communicate()
    assert process.returncode == 0, said
    assert {path.name for path in place.out.iterdir()} == WHOLE
    assert place.leaves_nothing()


@pytest.mark.fault("a closed pipe (head -1)")
@pytest.mark.parametrize("closed", ["stdout", "both"])
@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        pytest.param(["check"], None, id="check"),
        pytest.param(["run", "7", "--log-json", "--out", "out"], "out", id="run"),
        pytest.param(["compare", "{ran}", "{ran}", "--plot"], "compared.svg", id="compare"),
        pytest.param(["report", "{ran}", "--out", "page.html"], "page.html", id="report"),
    ],
)
def test_without_a_reader_a_command_does_what_else_it_was_asked_for(arguments, written, closed, place, ran):
    place.environment["COSTCHECK_CACHE"] = str(ran.with_name("cache"))
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "wb") as nobody:
        streams = {"stdout": nobody, **({"stderr": subprocess.STDOUT} if closed == "both" else {})}
        done = place.run(*(word.format(ran=ran) for word in arguments), **streams)
    assert done.returncode == 0
    if closed == "stdout":
        assert not re.search("Traceback|rror", done.stderr)
    assert written is None or (place.folder / written).exists()
    assert written != "out" or {path.name for path in place.out.iterdir()} == WHOLE
    assert place.leaves_nothing()


@pytest.mark.fault("standard streams closed from the start")
@pytest.mark.parametrize(
    ("closing", "status", "message"),
    [
        (">&-", 1, "costcheck: standard output: Bad file descriptor\n"),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 1, ""),
    ],
)
def test_a_stream_that_is_closed_costs_no_file(closing, status, message, place):
    line = f"{sys.executable} -m costcheck run 7 --quiet --out out {closing}"
    done = subprocess.run(["bash", "-c", line], env=place.environment, cwd=place.folder, capture_output=True)
    assert (done.returncode, done.stderr.decode()) == (status, message)
    assert {path.name for path in place.out.iterdir()} == WHOLE
    for path in place.out.rglob("*"):  # what is printed has not gone into a file that took a stream's number
        assert path.is_dir() or b"recomputed  " not in path.read_bytes()
    assert place.leaves_nothing()
