"""Another user of the machine can neither connect to a kernel nor read how to."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from warmkernels import client, private
from warmkernels.manager import Manager

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
    pytest.mark.fault("another local user at a warm kernel"),
]


@pytest.fixture
def kernel(monkeypatch):
    """The manager of a kernel as a job has it."""
    monkeypatch.delenv(client.CHOSEN, raising=False)
    made = Manager(kernel_name="python3")
    asyncio.run(made.start_kernel())
    yield made
    asyncio.run(made.shutdown_kernel(now=True))


def test_a_kernel_has_no_port_and_its_files_are_its_owners_alone(kernel):
    assert not psutil.Process(kernel.provisioner.pid).net_connections("inet")
    folder = private.folder()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert folder.stat().st_uid == os.getuid()
    assert Path(kernel.connection_file).parent == folder
    assert f"@{kernel.ip}" not in Path("/proc/net/unix").read_text()  # names without a file are for everybody


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_cannot_connect_to_the_process_that_kernels_come_from():
    address = client.start(contained=True)
    ask = (
        "import os, socket; os.setgroups([]); os.setuid(65534); s = socket.socket(socket.AF_UNIX);"
        f"s.connect({address!r})"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert "PermissionError" in done.stderr
