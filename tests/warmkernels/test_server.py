"""The process that kernels are forked from: when it dies, is out of date, or is asked nonsense."""

import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager

from costcheck.batch.execution import execute
from warmkernels import NAME, client, private, provisioner, server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """No server but those that the test starts: an environment of its own."""
    monkeypatch.delenv(client.CHOSEN, raising=False)
    monkeypatch.delenv(client.SHARED, raising=False)
    monkeypatch.setenv(
        "PYTHONPATH", str(tmp_path)
    )  # Python reads it once, so this environment is of no other
    monkeypatch.setattr(provisioner, "_said", set())
    client.stop()  # those of other tests count, and there may be only so many
    yield tmp_path
    client.stop()
    gc.collect()


def source(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(code) for code in cells]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})).encode()


def said(executed):
    assert executed.failure is None, executed.failure
    outputs = json.loads(executed.notebook)["cells"][-1]["outputs"]
    return "".join(text for output in outputs for text in output["data"]["text/plain"])


def test_kernels_are_children_of_one_server_and_each_is_new(fresh):
    seen = [said(execute("n", source("import os; x = 1", "os.getppid(), os.getpid()"), {})) for _ in range(3)]
    parents, kernels = zip(
        *(json.loads(pair.replace("(", "[").replace(")", "]")) for pair in seen), strict=True
    )
    assert len(set(parents)) == 1
    assert len(set(kernels)) == 3
    assert os.getpid() not in parents


def test_a_notebook_is_executed_again_when_the_server_dies_under_it(fresh):
    marked = fresh / "marked"
    dies = f"""
        import os, pathlib, signal, time
        first = not pathlib.Path({str(marked)!r}).exists()
        pathlib.Path({str(marked)!r}).touch()
        if first:
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
    """
    code = "\n".join(line[8:] for line in dies.splitlines())
    assert said(execute("n", source(code, "'second time'"), {})) == "'second time'"


def test_a_kernel_dies_with_its_server_and_its_manager_sees_it(fresh):
    manager = KernelManager()
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": NAME}
    manager.start_kernel()
    connected = manager.blocking_client()
    connected.start_channels()
    pid = manager.provisioner.pid
    server = psutil.Process(pid).ppid()
    assert server != os.getpid()
    try:
        os.kill(server, signal.SIGKILL)
        assert manager.provisioner.process.wait(10) == -signal.SIGKILL
        assert gone([pid])
        manager.restart_kernel(now=True)
        connected.wait_for_ready(timeout=60)
        assert manager.provisioner.pid != pid
    finally:
        connected.stop_channels()
        manager.shutdown_kernel(now=True)


def gone(pids, within=5.0):
    until = time.monotonic() + within
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_nothing_is_left_of_a_client_that_is_killed(fresh):
    code = """
import os, sys, time
from warmkernels.provisioner import WarmProvisioner
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel()
print(manager.provisioner.pid, manager.connection_file, flush=True)
client.execute("import subprocess; subprocess.run(['sleep', '100'])")
time.sleep(100)
"""
    environment = os.environ | {client.CHOSEN: NAME}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    ) as made:
        kernel, file = made.stdout.readline().split()
        kernel = int(kernel)
        assert Path(file).exists()
        server = psutil.Process(kernel).ppid()
        time.sleep(0.5)
        children = [child.pid for child in psutil.Process(kernel).children()]
        assert children
        made.kill()
    assert gone([kernel, server, *children])
    assert not Path(file).exists()


def test_a_module_that_was_changed_does_not_live_on(fresh):
    module = fresh / "sitecustomize.py"  # Python imports it in the server as it would in every kernel
    module.write_text("import builtins; builtins.edition = 1")
    assert said(execute("n", source("edition"), {})) == "1"
    module.write_text("import builtins; builtins.edition = 2")
    os.utime(module, ns=(1, 1))
    assert said(execute("n", source("edition"), {})) == "2"


def test_a_thread_that_an_import_starts_means_ordinary_kernels_and_it_is_said_once(fresh, caplog):
    (fresh / "sitecustomize.py").write_text(
        "import threading, time; threading.Thread(target=time.sleep, args=(30,), daemon=True).start()"
    )
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert said(execute("n", source("import os; os.getppid()"), {})) == str(os.getpid())
    (line,) = [record.message for record in caplog.records if record.name == "costcheck"]
    assert "ordinary kernels are used" in line


def test_a_platform_without_a_safe_fork_has_ordinary_kernels(fresh, monkeypatch, caplog):
    monkeypatch.setattr(client.sys, "platform", "darwin")
    with caplog.at_level(logging.WARNING):
        assert said(execute("n", source("import os; os.getppid()"), {})) == str(os.getpid())
    assert "ordinary kernels are used" in caplog.text


def test_who_asks_for_too_many_environments_has_ordinary_kernels_for_the_last(fresh, monkeypatch):
    monkeypatch.setattr(client, "MOST_SERVERS", 1)
    client.stop()
    first = said(execute("n", source("import os; os.getppid()"), {}))
    assert first != str(os.getpid())
    monkeypatch.setenv("PYTHONPATH", f"{fresh}{os.pathsep}{fresh / 'other'}")
    assert said(execute("n", source("import os; os.getppid()"), {})) == str(os.getpid())


def test_processes_that_are_told_of_a_server_share_it(fresh):
    client.share()
    try:
        code = "from warmkernels import client; print(client.start())"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == client.start()
        environment = os.environ | {"PYTHONPATH": ""}
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
        )
        assert other.stdout.strip() != client.start()
    finally:
        os.environ.pop(client.SHARED)


@pytest.mark.parametrize("nonsense", [b"", b"\0\0\0\2{}", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n"])
def test_nonsense_does_not_end_the_server(nonsense, fresh):
    address = client.start()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(nonsense)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(30)
        assert connection.recv(1) == b""
    assert said(execute("n", source("1 + 1"), {})) == "2"
    assert client.start() == address


def test_many_kernels_leave_no_process_and_no_descriptor_behind(fresh, monkeypatch):
    runtime = fresh / "runtime"  # of no other test that runs meanwhile
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))

    def counted():
        me = psutil.Process()
        (server,) = [child for child in me.children() if "warmkernels.server" in child.cmdline()]
        return server.num_fds(), len(server.children()), me.num_fds(), len(os.listdir(runtime))

    for _ in range(3):
        execute("n", source("1"), {})
    gc.collect()
    before = counted()
    for _ in range(20):
        execute("n", source("1"), {})
    gc.collect()
    assert counted() == before


def test_a_signal_to_a_kernel_that_has_ended_a_moment_ago_is_no_error():
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    ours, theirs = socket.socketpair()
    with ours, theirs, open(os.devnull) as nothing:
        kernel = client.Kernel(gone.pid, ours, SimpleNamespace(stdin=nothing, stdout=nothing, stderr=nothing))
        assert kernel.poll() is None  # its server has not said so yet
        kernel.send_signal(signal.SIGINT)
        kernel.kill()


def test_what_may_not_be_ended_is_not_waited_for(monkeypatch):
    def refused(pid, number):
        raise PermissionError

    serving = object.__new__(server.Server)
    serving._kernels = {}
    with subprocess.Popen(["sleep", "1000"]) as stubborn, monkeypatch.context() as patch:
        patch.setattr(server.processes, "children", lambda pid: [stubborn.pid])
        patch.setattr(server.os, "kill", refused)
        ending = threading.Thread(target=serving._end_orphans, daemon=True)
        ending.start()
        ending.join(60)
        waits = ending.is_alive()
        patch.undo()
        stubborn.kill()
    assert not waits


def test_threads_that_ask_at_once_for_the_first_time_share_a_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(private, "_made", {})
    monkeypatch.setattr(private, "_places", lambda: [tmp_path])
    monkeypatch.setattr(private, "sweep", lambda place: time.sleep(0.2))
    threads = [threading.Thread(target=private.new) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(tmp_path.iterdir())) == 1
    private.forget()


@pytest.mark.parametrize(("soft", "hard", "jobs"), [(1024, 8192, 200), (1024, 1024, 31), (64, 64, 1)])
def test_as_many_jobs_are_had_as_open_files_may_be_asked_for(soft, hard, jobs):
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, "
        f"({soft}, {hard})); from warmkernels import needs; print(needs.most_jobs(200))"
    )
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(asked.stdout) == jobs
