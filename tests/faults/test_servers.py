"""What `costcheck lab` gives to whom: the reader, another user of the machine, a careless configuration."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import psutil
import pytest

pytestmark = pytest.mark.slow
PATIENCE = 240
"""Nothing here takes that long, on however busy a machine [second]."""
CARELESS = """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.allow_origin = "*"
c.ServerApp.allow_remote_access = True
c.ServerApp.disable_check_xsrf = True
c.IdentityProvider.token = ""
c.KernelManager.ip = "0.0.0.0"
c.KernelManager.transport = "tcp"
"""
"""Settings that a reader may have for another server of Jupyter's, in a container for example."""


class Lab:
    """A lab that runs, and its answers."""

    def __init__(self, process, port, base, token):
        self.pid, self.port, self.base, self.token = process.pid, port, base, token

    def __call__(self, path, method="GET", token=None, **headers):
        """Ask for a path below the lab's own: status, headers, body."""
        if token is not None:
            headers["Authorization"] = f"token {token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, self.base + path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()


@pytest.fixture(scope="module")
def lab(tmp_path_factory, free_port):
    """``costcheck lab`` in an empty folder, at a home with careless settings."""
    folder = tmp_path_factory.mktemp("lab")
    (config := folder / "home" / ".jupyter").mkdir(parents=True)
    (config / "jupyter_server_config.py").write_text(CARELESS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "lab", "--no-browser", "--port", str(free_port())],
        env=kept | {"HOME": str(folder / "home"), "JUPYTER_TOKEN": "guessed"},
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    silent = threading.Timer(PATIENCE, process.kill)
    silent.start()
    try:
        for line in process.stdout:
            if place := re.search(
                r"http://127\.0\.0\.1:(\d+)(/\S*?)lab/tree/index\.ipynb\?token=(\w+)", line
            ):
                break
        yield Lab(process, int(place[1]), place[2], place[3])
    finally:
        silent.cancel()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.stdout.close()


@pytest.mark.fault("settings and variables of Jupyter's that open a server to everybody")
def test_the_lab_listens_on_the_loopback_address_alone_and_keeps_its_token_whatever_is_set(lab):
    status, _, body = lab("api/kernels", "POST", lab.token)
    assert status == 201, body
    addresses = set()
    for process in [psutil.Process(lab.pid), *psutil.Process(lab.pid).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            for each in process.net_connections("inet"):
                if each.status == psutil.CONN_LISTEN or each.type == socket.SOCK_DGRAM:
                    addresses.add(each.laddr.ip)
    assert addresses == {"127.0.0.1"}
    for token in (None, "", "guessed", "0"):
        status, headers, body = lab("api/contents", token=token)
        assert status == 403, body
        assert "Access-Control-Allow-Origin" not in headers
    status, headers, _ = lab("lab", token=lab.token)
    assert status == 200
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert lab("lab", token=lab.token, Host="evil.example")[0] == 403


OTHER_USER = """
# imported before they cannot be read any more
import encodings.idna, email.generator, email.parser, http.client, json, os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
given = json.load(sys.stdin)
statuses = []
for method, path in given["asked"]:
    connection = http.client.HTTPConnection("127.0.0.1", given["port"], timeout=60)
    connection.request(method, path)
    statuses.append(connection.getresponse().status)
    connection.close()
seen = ""
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ"):
        try:
            seen += open(f"/proc/{process}/{name}", errors="replace").read()
        except OSError:
            pass
print(json.dumps([statuses, given["token"] in seen]))
"""


@pytest.mark.fault("another user of this machine who knows the port")
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)
def test_another_user_gets_neither_files_nor_kernels_of_the_lab_and_sees_no_token(lab):
    paths = ("api/contents", "api/kernels", "files/index.ipynb", "nbconvert/html/index.ipynb", "lab")
    asked = [("GET", lab.base + path) for path in paths]
    asked += [("POST", lab.base + path) for path in ("api/kernels", "api/shutdown")]
    done = subprocess.run(
        [sys.executable, "-S", "-c", OTHER_USER],
        input=json.dumps({"port": lab.port, "token": lab.token, "asked": asked}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    statuses, seen = json.loads(done.stdout)
    assert set(statuses) <= {302, 403}
    assert not seen
