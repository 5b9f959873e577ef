"""Whatever signal ends a command, and whoever stops reading it: a clean end, and what is finished is kept."""

import os
import re
import signal
import socket
import subprocess

import pytest

pytestmark = pytest.mark.slow
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
FILES = {"results.csv", "prices.csv", "notebooks", "figures"}


@pytest.mark.fault("Ctrl-C, SIGTERM, SIGHUP during a run")
@pytest.mark.parametrize(
    ("number", "event", "group", "times"),
    [
        pytest.param(signal.SIGINT, "started", False, 1, id="Ctrl-C while a kernel starts"),
        pytest.param(signal.SIGINT, "done", True, 1, id="Ctrl-C to the whole group"),
        pytest.param(signal.SIGTERM, "done", False, 2, id="SIGTERM, twice"),
        pytest.param(signal.SIGHUP, "done", True, 1, id="SIGHUP to the whole group"),
    ],
)
def test_a_signal_ends_a_run_with_its_status_and_keeps_what_is_finished(
    number, event, group, times, place, waiting
):
    notebooks = [waiting.path, *([place.notebook("quick", "1")] if event == "done" else [])]
    options = ["--jobs", "2", "--log-json", "--out", place.out]
    process = place.start("run", *notebooks, *options, start_new_session=True)
    place.until(process, event)
    for _ in range(times):
        (os.killpg if group else os.kill)(process.pid, number)
    events = place.rest(process)
    assert process.returncode == 128 + number
    assert (events[-1]["event"], events[-1]["status"]) == ("error", 128 + number)
    assert [event["event"] for event in events].count("error") == 1
    by = "" if number == signal.SIGINT else f" ({number.name})"
    finished = "1 of 2 notebooks are finished and kept" if event == "done" else ""
    assert events[-1]["error"].startswith(f"stopped{by}; {finished}")
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
                _, err = process.communicate()
    named = "" if number == signal.SIGINT else f" ({number.name})"
    assert (process.returncode, err) == (128 + number, f"costcheck: stopped{named}\n")
    assert not (place.folder / "mine.csv").exists()
    assert place.leaves_nothing()


@pytest.mark.fault("SIGTERM, SIGHUP to the calculator and the lab")
@pytest.mark.parametrize(
    ("command", "number"), [("app", signal.SIGTERM), ("app", signal.SIGHUP), ("lab", signal.SIGTERM)]
)
def test_a_signal_ends_a_server_and_leaves_nothing(command, number, place, free_port):
    with place.start(command, "--no-browser", "--port", free_port()) as process:
        assert any("http:" in line for line in process.stdout)
        process.send_signal(number)
        _, err = process.communicate()
    assert "Traceback" not in err
    # SIGTERM is how a server ends; a terminal that hangs up is another matter
    assert process.returncode in (0, 128 + number)
    assert place.all_ended()
    assert list(place.temporary.iterdir()) == []


@pytest.mark.fault("nohup")
def test_a_hangup_that_is_to_be_ignored_is(place, waiting):
    process = place.start("run", waiting.path, "--log-json", "--out", place.out, ignored=[signal.SIGHUP])
    waiting.kernel()
    process.send_signal(signal.SIGHUP)
    waiting.go_on()
    place.rest(process)
    assert process.returncode == 0
    assert {path.name for path in place.out.iterdir()} == FILES
    assert place.leaves_nothing()


@pytest.mark.fault("a closed pipe (head -1)")
@pytest.mark.parametrize(
    ("arguments", "written", "closed"),
    [
        ("run 2 --png --set h100_usd=25000 --log-json --out page", "page/report.html", "stdout"),
        ("compare {ran} {ran}/results.csv --plot", "compared.svg", "both"),
        ("report {ran} --out page.html", "page.html", "stdout"),
    ],
)
def test_without_a_reader_a_command_does_what_else_it_was_asked_for(arguments, written, closed, reused, ran):
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "wb") as nobody:
        streams = {"stdout": nobody, **({"stderr": subprocess.STDOUT} if closed == "both" else {})}
        done = reused.run(*arguments.format(ran=ran).split(), **streams)
    assert done.returncode == 0
    assert not re.search("Traceback|rror", done.stderr or "")
    assert (reused.folder / written).exists()
    assert reused.leaves_nothing()


@pytest.mark.fault("standard streams closed from the start")
@pytest.mark.parametrize(
    ("closing", "fresh", "status", "message"),
    [
        (">&-", [], 1, "costcheck: standard output: Bad file descriptor\n"),
        ("2>&-", [], 0, ""),
        ("<&- >&- 2>&-", ["--fresh"], 1, ""),
    ],
)
def test_a_stream_that_is_closed_costs_no_file(closing, fresh, status, message, reused):
    options = ["--set", "h100_usd=25000", "--quiet", "--out", "out", *fresh]
    done = reused.run("run", "2", *options, prefix=["sh", "-c", f'exec "$0" "$@" {closing}'])
    assert (done.returncode, done.stderr) == (status, message)
    assert {path.name for path in reused.out.iterdir()} == {*FILES, "report.html"}
    for path in reused.out.rglob("*"):  # what is printed has not gone into a file that took a stream's number
        assert path.is_dir() or b"recomputed  " not in path.read_bytes()
    assert reused.leaves_nothing()
