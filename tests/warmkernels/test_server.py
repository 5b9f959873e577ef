"""The process that kernels are forked from: what it imports, when it ends or is out of date, what is left."""

import asyncio
import gc
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from warmkernels import NAME, client, private_folder, provisioner
from warmkernels.manager import Manager

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A folder on Python's path, by which the environment, and so the server, is of this test alone.

    Nothing is left of what other tests of this process asked for.
    """
    client.stop()
    private_folder.forget()
    monkeypatch.setattr(client, "_preload", None)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv(client.PRELOAD, "")
    monkeypatch.setattr(provisioner, "_logged", set())
    yield tmp_path
    client.stop()
    gc.collect()


def in_a_kernel(*expressions, **options):
    """What expressions are worth in a kernel as `Manager` starts it, which is shut down at the end."""

    async def ask():
        manager = Manager()
        await manager.start_kernel(**options)
        connected = manager.client()
        connected.start_channels()
        try:
            await connected.wait_for_ready(timeout=120)
            asked = {text: f"__import__('json').dumps({text})" for text in expressions}
            reply = await connected.execute_interactive("import os, sys", user_expressions=asked, timeout=120)
            answers = [
                reply["content"]["user_expressions"][text]["data"]["text/plain"] for text in expressions
            ]
            return [json.loads(answer[1:-1]) for answer in answers]
        finally:
            connected.stop_channels()
            await manager.shutdown_kernel(now=True)

    return asyncio.run(ask())


def server():
    (owned,) = client._servers
    return owned._process.pid


def alive(pids):
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


def test_kernels_are_children_of_one_server_and_each_is_new_without_a_port_and_for_its_owner_alone(fresh):
    code = "[c.laddr.port for c in __import__('psutil').Process().net_connections('inet') if c.raddr == ()]"
    file = "__import__('ipykernel').get_connection_file()"
    asked = [in_a_kernel("os.getppid()", "os.getpid()", file, code) for _ in range(3)]
    assert {parent for parent, *_ in asked} == {server()}
    assert len({pid for _, pid, *_ in asked}) == 3
    assert {Path(connection).parent.parent for *_, connection, _ in asked} == {private_folder.folder()}
    assert stat.S_IMODE(private_folder.folder().stat().st_mode) == 0o700
    assert [path.name for path in private_folder.folder().iterdir()] == [Path(client.start()).parent.name]


def test_what_is_imported_beforehand_is_a_setting_of_the_caller(fresh, monkeypatch, capfd):
    (fresh / "listed.py").write_text("NAMES = ['wave', 'chunk']\n")
    names = ["colorsys", "xml.sax", "listed", "wave"]
    asked = f"[name in sys.modules for name in {names}]"
    monkeypatch.setenv(client.PRELOAD, "colorsys,xml.*,listed:NAMES,no_such_module")
    assert in_a_kernel(asked) == [[True] * 4]
    assert "no_such_module is not imported beforehand" in capfd.readouterr().err
    client.prepare(["colorsys"])
    assert in_a_kernel(asked) == [[True, False, False, False]]


def test_a_module_that_was_changed_does_not_live_on(fresh):
    module = fresh / "sitecustomize.py"  # Python imports it in the server as it would in every kernel
    module.write_text("import builtins; builtins.edition = 1")
    assert in_a_kernel("edition") == [1]
    module.write_text("import builtins; builtins.edition = 2")
    os.utime(module, ns=(1, 1))
    assert in_a_kernel("edition") == [2]


def test_what_was_read_beforehand_does_not_outlive_a_change_of_its_file(fresh, monkeypatch):
    (fresh / "data").write_text("old")
    code = f"text = ''\ndef read():\n    global text\n    text = open({str(fresh / 'data')!r}).read()\n"
    (fresh / "reading.py").write_text(f"{code}    return [{str(fresh / 'data')!r}]\n")
    monkeypatch.setenv(client.PRELOAD, "reading:read")
    assert in_a_kernel("__import__('reading').text") == ["old"]
    (fresh / "data").write_text("new")
    os.utime(fresh / "data", (1, 1))
    assert in_a_kernel("__import__('reading').text") == ["new"]


def test_a_kernel_dies_with_its_server_and_the_next_comes_from_another(fresh, start, tools):
    kernel = start("warm")
    parent, pid = psutil.Process(kernel.pid).ppid(), kernel.pid
    os.kill(parent, signal.SIGKILL)
    assert kernel.manager.provisioner.process.wait(120) == -signal.SIGKILL
    tools.until(lambda: not alive([pid]))
    kernel.restart()
    assert psutil.Process(kernel.pid).ppid() not in (parent, os.getpid())


def test_a_suspended_server_does_not_keep_its_owner_from_ending(fresh, monkeypatch):
    monkeypatch.setattr(client, "STOP_SECONDS", 0.1)
    in_a_kernel()
    suspended = server()
    os.kill(suspended, signal.SIGSTOP)
    client.stop()
    assert not psutil.pid_exists(suspended)


THREAD = "import threading, time; threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"


@pytest.mark.parametrize("why", ["a thread", "too many servers"])
def test_where_a_fork_is_not_safe_ordinary_kernels_are_used_and_it_is_logged_once(
    why, fresh, monkeypatch, caplog
):
    if why == "a thread":  # that an import starts
        (fresh / "sitecustomize.py").write_text(THREAD)
    else:
        monkeypatch.setattr(client, "MOST_SERVERS", 0)
    with caplog.at_level(logging.WARNING, "warmkernels"):
        assert [in_a_kernel("os.getppid()") for _ in range(2)] == [[os.getpid()]] * 2
    (line,) = [record.getMessage() for record in caplog.records if record.name == "warmkernels"]
    assert line.startswith("ordinary kernels are used: ")


def test_on_another_platform_no_kernel_is_warm(monkeypatch):
    monkeypatch.setattr(client.sys, "platform", "darwin")
    assert "which this platform does not have" in client.unavailable()


def test_no_kernel_is_started_between_none_more_and_prepare(fresh):
    client.none_more()
    try:
        with pytest.raises(RuntimeError, match="no kernel is started any more"):
            in_a_kernel()
    finally:
        client.prepare()
    assert in_a_kernel("1") == [1]


def test_a_process_that_shares_its_server_has_it_serve_its_children_of_the_same_environment(
    fresh, monkeypatch
):
    monkeypatch.setenv(client.SHARED, "")
    client.share()
    code = "from warmkernels import client; print(client.start())"
    for path, same in ((str(fresh), True), ("", False)):
        environment = os.environ | {"PYTHONPATH": path}
        child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        assert (child.stdout.strip() == client.start()) is same, child.stderr


def test_many_kernels_leave_no_process_no_descriptor_and_no_file_behind(fresh):
    def counted():
        gc.collect()
        me, forking = psutil.Process(), psutil.Process(server())
        files = [*private_folder.folder().rglob("*"), *fresh.rglob("runtime/*")]
        return forking.num_fds(), len(forking.children()), me.num_fds(), len(files)

    for _ in range(2):
        in_a_kernel()
    before = counted()
    for _ in range(4):
        in_a_kernel()
    assert counted() == before


OWNER = """
import os, sys, time
from warmkernels import private_folder
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel()
client.execute_interactive(
    "import os, subprocess; daemon = subprocess.Popen(['sleep', '1000'], start_new_session=True)"
)
reply = client.execute_interactive("", user_expressions={"pids": "os.getppid(), os.getpid(), daemon.pid"})
print(reply["content"]["user_expressions"]["pids"]["data"]["text/plain"], manager.connection_file, flush=True)
client.execute("import time; time.sleep(1000)")
time.sleep(1000)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_of_a_process_that_is_killed_nor_of_what_its_kernels_have_started(
    number, fresh, tools
):
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        environment = os.environ | {client.CHOSEN: NAME, "TMPDIR": folder}
        with subprocess.Popen(
            [sys.executable, "-c", OWNER],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as owner:
            pids, _, file = owner.stdout.readline().strip().rpartition(" ")
            pids = [int(pid) for pid in pids.strip("()").split(",")]
            assert alive(pids) == pids
            assert Path(file).exists()
            assert os.listdir(folder)
            owner.send_signal(number)
        tools.until(lambda: not alive(pids) and not Path(file).exists() and not os.listdir(folder))


def test_a_deep_folder_for_temporary_files_leaves_room_for_the_path_of_a_socket(monkeypatch, tmp_path):
    (deep := tmp_path / ("x" * 100)).mkdir()
    monkeypatch.setattr(private_folder, "_made", {})
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    private_folder.new()
    (made,) = private_folder._made.values()
    assert len(f"{made}/tmp12345678/k-65535") <= private_folder.LONGEST
    private_folder.forget()
    assert not made.exists()
