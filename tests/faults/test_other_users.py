"""Another user of the machine can neither connect to a kernel, nor read how to, nor ask for one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import stat
import struct
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from costcheck.data import files
from costcheck.errors import RunError
from warmkernels import client, private, wire
from warmkernels.manager import Manager

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
as_another = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
TRY = """
import json, os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder, ours, inodes = sys.argv[1], sys.argv[2], sys.argv[3:]
reached = []
for line in open("/proc/net/unix").read().splitlines()[1:]:
    name = (line.split(maxsplit=7) + [""])[7]
    if ours not in name:
        continue
    with socket.socket(socket.AF_UNIX) as tried:
        try:
            tried.connect("\\0" + name[1:] if name.startswith("@") else name)
        except OSError:
            continue
        reached.append(name)
for table in ("/proc/net/tcp", "/proc/net/tcp6"):
    for line in open(table).read().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[9] in inodes:
            reached.append(fields[1])
try:
    reached += os.listdir(folder)
except OSError:
    pass
print(json.dumps(reached))
"""


def another_user(folder, name, *inodes):
    """What somebody else reaches of a folder, of all sockets with such a name, and of ports."""
    told = subprocess.run(
        [sys.executable, "-c", TRY, str(folder), name, *inodes],
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def sockets_of(pid):
    """The inodes of a process's sockets."""
    links = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()]
    return [link[8:-1] for link in links if link.startswith("socket:[")]


@pytest.fixture
def kernel(monkeypatch):
    """The manager of a kernel as a job has it."""
    monkeypatch.delenv(client.CHOSEN, raising=False)
    made = Manager(kernel_name="python3")
    asyncio.run(made.start_kernel())
    yield made
    asyncio.run(made.shutdown_kernel(now=True))


@as_another
@pytest.mark.fault("another local user at a warm kernel")
def test_another_user_reaches_neither_a_kernels_sockets_nor_its_file_nor_a_port_of_it(kernel):
    assert kernel.transport == "ipc"
    names = Path("/proc/net/unix").read_text()
    assert names.count(kernel.ip) >= 5
    assert f"@{kernel.ip}" not in names  # names without a file are for everybody
    inodes = sockets_of(kernel.provisioner.pid)
    with socket.socket(socket.AF_UNIX) as named, socket.socket() as port:  # what could be reached, is
        ours = kernel.ip.removeprefix("@")
        named.bind(f"\0{ours}-seen")
        named.listen()
        port.bind(("127.0.0.1", 0))
        port.listen()
        inodes.append(str(os.fstat(port.fileno()).st_ino))
        address = f"0100007F:{port.getsockname()[1]:04X}"
        assert another_user(private.folder(), ours, *inodes) == [f"@{ours}-seen", address]


@pytest.mark.fault("another local user at a warm kernel")
def test_a_kernel_has_no_port_and_its_files_are_its_owners_alone(kernel):
    assert not psutil.Process(kernel.provisioner.pid).net_connections("inet")
    folder = private.folder()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert folder.stat().st_uid == os.getuid()
    assert Path(kernel.connection_file).parent == folder
    assert stat.S_IMODE(Path(kernel.connection_file).stat().st_mode) == 0o600


@pytest.mark.fault("another local user at a warm kernel")
def test_the_files_of_a_kernel_go_with_it(monkeypatch):
    monkeypatch.delenv(client.CHOSEN, raising=False)
    client.prepare(contained=True)
    before = sorted(private.folder().iterdir())
    made = Manager(kernel_name="python3")
    asyncio.run(made.start_kernel())
    assert len(sorted(private.folder().iterdir())) > len(before)
    asyncio.run(made.shutdown_kernel(now=True))
    assert sorted(private.folder().iterdir()) == before


@pytest.mark.fault("another local user at a warm kernel")
def test_kernels_of_lab_and_app_lie_in_the_folder_too():
    from costcheck.apps import lab

    made = lab.Kernel()
    assert made.transport == "ipc"
    assert Path(made.ip).parent == private.folder()


@as_another
@pytest.mark.fault("another local user at the process that kernels come from")
def test_another_user_cannot_connect_and_is_hung_up_on_even_where_that_is_possible(monkeypatch):
    address = client.start(contained=True)
    assert Path(address).parent == private.folder()
    ask = (
        "import os, socket; os.setgroups([]); os.setuid(65534); s = socket.socket(socket.AF_UNIX);"
        f"s.settimeout(60); s.connect({address!r}); print(s.recv(1))"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert "PermissionError" in told.stderr
    folder = private.folder()
    os.chmod(folder, 0o711)
    os.chmod(address, 0o777)
    try:
        told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    finally:
        os.chmod(folder, 0o700)
    assert told.stdout.strip() == "b''"


def connected(address):
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(60)
    made.connect(address)
    return made


@pytest.mark.fault("half a request, garbage and descriptors at the process that kernels come from")
def test_what_is_sent_there_keeps_no_other_waiting_and_holds_no_descriptors(monkeypatch, tries):
    monkeypatch.delenv(client.CHOSEN, raising=False)
    address = client.start(contained=True)
    (server,) = [each._process.pid for each in client._servers.values() if each.address == address]
    first = Manager(kernel_name="python3")  # by then it has imported
    asyncio.run(first.start_kernel())
    asyncio.run(first.shutdown_kernel(now=True))
    before = psutil.Process(server).num_fds()
    null = os.open(os.devnull, os.O_RDWR)
    slow = []
    try:
        for _ in range(50):  # half requests, never ended
            slow.append(connected(address))
            socket.send_fds(slow[-1], [struct.pack("!I", 1000)], [null] * wire.STREAMS)
        big = connected(address)
        slow.append(big)
        socket.send_fds(big, [struct.pack("!I", wire.LONGEST)], [null] * wire.STREAMS)
        sending = threading.Thread(target=lambda: big.sendall(b" " * (wire.LONGEST - 1)))
        sending.start()
        hoarding = connected(address)
        slow.append(hoarding)
        for _ in range(10_000):  # it hangs up before it has no descriptors left
            try:
                socket.send_fds(hoarding, [b"\0"], [null] * wire.STREAMS)
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            raise AssertionError("all were taken")
        for nonsense in (b"\xff" * 4, b"\0\0\0\2{}", b"GET / HTTP/1.1\r\n\r\n"):
            with connected(address) as one:
                socket.send_fds(one, [nonsense], [null] * wire.STREAMS)
                assert one.recv(1) == b""
        second = Manager(kernel_name="python3")
        asyncio.run(second.start_kernel())
        assert second.provisioner.pid
        asyncio.run(second.shutdown_kernel(now=True))
        sending.join(60)
        assert not sending.is_alive()
    finally:
        for one in slow:
            one.close()
        os.close(null)
    for _ in range(600):
        if psutil.Process(server).num_fds() <= before:
            break
        threading.Event().wait(0.1)
    assert psutil.Process(server).num_fds() <= before
    assert client.start(contained=True) == address


@pytest.mark.fault("no room for sockets where temporary files go")
@pytest.mark.parametrize("name", ["x" * 100, "漢" * 40])
def test_a_long_name_of_the_folder_of_temporary_files_is_no_obstacle(name, tmp_path, monkeypatch):
    (tmp_path / name).mkdir()
    monkeypatch.setattr(private, "_made", {})
    monkeypatch.setattr(private.tempfile, "tempdir", str(tmp_path / name))
    path = private.folder()
    try:
        assert len(os.fsencode(private.new())) + len("-forks-12") <= private.LONGEST
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(private.new())
    finally:
        private.forget()
    assert not path.exists()


@pytest.mark.fault("no room for sockets where temporary files go")
def test_where_there_is_no_such_folder_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setattr(private, "_made", {})
    monkeypatch.setattr(private, "_places", lambda: [Path("/proc")])
    with pytest.raises(RunError, match=r"set TMPDIR to one that can be written to \(tried: /proc\)"):
        private.folder()


@pytest.mark.fault("another local user at a warm kernel")
def test_threads_that_start_kernels_leave_the_umask_as_it_is():
    before, seen, ended = os.umask(0o027), set(), threading.Event()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        workers = [threading.Thread(target=lambda: [files.umask() for _ in range(300)]) for _ in range(4)]
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            status = Path("/proc/self/status").read_text()
            seen.add(re.search(r"^Umask:\s+(\d+)", status, re.MULTILINE)[1])
        ended.set()
    finally:
        sys.setswitchinterval(interval)
        after = os.umask(before)
    assert (seen, after) == ({"0027"}, 0o027)
