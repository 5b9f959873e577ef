"""`costcheck app`: what it says, refuses, and leaves behind."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from costcheck.cli import main


def refused(arguments, capsys):
    assert main(["app", "--no-browser", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def wait_for(port):
    """Wait until somebody listens at a port, at most a minute."""
    for _ in range(600):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError(f"nobody listens at {port}")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc", "80.5", "８８６６", ""])
def test_what_is_no_port_is_refused(port, capsys):
    assert f"argument --port: {port!r} is not a port; allowed: 1 to 65535" in refused(
        [f"--port={port}"], capsys
    )


def test_a_port_in_use_that_was_asked_for_is_refused_at_once(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port {port}: this port is in use" in refused(["--port", str(port)], capsys)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "hl00_usd=1"], "unknown price 'hl00_usd': did you mean 'h100_usd'?"),
        (["--set", "h100_usd=-1"], "h100_usd: -1 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        (["--set", "h100_usd"], "--set h100_usd: write KEY=VALUE"),
        (["--as-of", "2024-02-30"], "--as-of '2024-02-30' is not a date YYYY-MM-DD"),
        (["--as-of", "2999-01-01"], "--as-of 2999-01-01: this day is in the future"),
        (["--as-of", "2000-01-01"], "--as-of: no quote on or before 2000-01-01"),
        (["--prt", "1"], "unknown option '--prt': did you mean '--port'?"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_starts(arguments, said, capsys):
    assert said in refused(arguments, capsys)


@pytest.mark.slow
def test_the_prices_to_begin_with_are_in_the_address(costcheck_app, free_port, tmp_path):
    arguments = ["--set", "h100_usd=25000", "--as-of", "2024-07-31", "--port", str(free_port())]
    with costcheck_app("--no-browser", *arguments, cwd=tmp_path) as app:
        assert app.link == "#as-of=2024-07-31&h100_usd=25000"


@pytest.mark.slow
def test_where_the_usual_port_is_in_use_the_next_is_taken_and_said(costcheck_app, tmp_path):
    with socket.socket() as taken:
        # as the program does: a connection that somebody has just closed there does not count
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8866))
            taken.listen()
        except OSError:
            pass  # somebody else has it
        with costcheck_app("--no-browser", cwd=tmp_path) as app:
            assert app.port > 8866
            assert f"costcheck: port 8866 is in use; this is {app.port}\n" in app.said


@pytest.mark.slow
def test_a_visitor_who_comes_while_it_starts_waits_and_is_served(free_port, tmp_path):
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "costcheck", "app", "--no-browser", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        try:
            assert "starting" in process.stderr.readline()
            wait_for(port)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                assert "calculator" in answer.read().decode()
            told = re.fullmatch(
                rf"Open in a browser: (http://127\.0\.0\.1:{port}/)\?token=(\w{{48}})\n",
                process.stdout.readline(),
            )
            ask = {"Authorization": f"token {told[2]}"}
            asked = urllib.request.Request(f"{told[1]}kernel", headers=ask, method="POST")
            with urllib.request.urlopen(asked, timeout=60) as answer:
                assert set(json.load(answer)) == {"kernel", "model"}
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_no_process_and_no_file(kind, costcheck_app, free_port, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    arguments = ["--no-browser", "--port", str(free_port())]
    with costcheck_app(*arguments, cwd=tmp_path, TMPDIR=str(temporary)) as app:
        children = psutil.Process(app.pid).children(recursive=True)
        assert children
        begun = time.monotonic()
        app.send_signal(kind)
        assert app.wait(20) == 0
        assert time.monotonic() - begun < 10
        assert "Traceback" not in app.stdout.read()
    assert psutil.wait_procs(children, 5)[1] == []
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_interrupted_while_it_starts_it_leaves_no_process(free_port, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "app", "--no-browser", "--port", str(free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert "starting" in process.stderr.readline()
    time.sleep(0.7)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=20)
    assert "Traceback" not in error
    assert psutil.wait_procs(children, 5)[1] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "browser",
    [
        {"BROWSER": "no-such-browser", "PATH": "", "DISPLAY": ""},
        {"BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
    ],
    ids=["one that is not there", "no screen"],
)
def test_where_there_is_no_browser_the_address_is_said_and_it_goes_on(
    browser, costcheck_app, free_port, tmp_path
):
    arguments = ["--port", str(free_port())]
    with costcheck_app(*arguments, cwd=tmp_path, **browser) as app:
        assert app.said.endswith(f"Open in a browser: {app.address}\n")
        assert app.poll() is None
