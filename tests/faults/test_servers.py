"""What the lab and the calculator give to whom: another user, a stranger's page, a careless configuration."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import socket

import psutil
import pytest

pytestmark = pytest.mark.slow
PATIENCE = 240
"""Nothing here takes that long, on however busy a machine [second]."""
# settings that a reader may have for another server of Jupyter's, in a container for example
CARELESS = """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.allow_origin = "*"
c.ServerApp.allow_remote_access = True
c.ServerApp.disable_check_xsrf = True
c.IdentityProvider.token = ""
c.KernelManager.ip = "0.0.0.0"
c.KernelManager.transport = "tcp"
"""


@pytest.fixture
def lab(place, serving):
    """``costcheck lab``, running at a home with careless settings."""
    (config := place.folder / "home" / ".jupyter").mkdir(parents=True)
    (config / "jupyter_server_config.py").write_text(CARELESS)
    (place.folder / "mine").mkdir()
    kept = {
        name: value for name, value in place.environment.items() if not name.startswith(("JUPYTER", "XDG_"))
    }
    own = {"HOME": str(place.folder / "home"), "JUPYTER_TOKEN": "guessed"}
    with serving("lab", "mine", cwd=place.folder, env=kept | own) as process:
        yield process


@pytest.mark.fault("settings and variables of Jupyter's that open a server to everybody")
@pytest.mark.fault("another user of this machine who knows the port")
@pytest.mark.fault("the token in what others can see")
def test_the_lab_listens_on_the_loopback_address_alone_and_keeps_its_token_from_everybody(lab):
    base, token = lab.url.path.partition("lab/tree/")[0], lab.url.query.removeprefix("token=")

    def ask(path, method="GET", with_token=None, **headers):
        if with_token is not None:
            headers["Authorization"] = f"token {with_token}"
        with contextlib.closing(http.client.HTTPConnection(lab.url.netloc, timeout=PATIENCE)) as connection:
            connection.request(method, base + path, headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status, response.headers

    assert ask("api/kernels", "POST", token)[0] == 201
    addresses = set()
    for each in [psutil.Process(lab.pid), *psutil.Process(lab.pid).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            for connection in each.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN or connection.type == socket.SOCK_DGRAM:
                    addresses.add(connection.laddr.ip)
    assert addresses == {"127.0.0.1"}
    paths = ("api/contents", "api/kernels", "files/index.ipynb", "nbconvert/html/index.ipynb", "lab")
    asked = [("GET", path) for path in paths] + [("POST", path) for path in ("api/kernels", "api/shutdown")]
    for wrong in (None, "", "guessed", "0"):
        for method, path in asked:
            status, headers = ask(path, method, wrong)
            assert status in (302, 403)
            assert "Access-Control-Allow-Origin" not in headers
    status, headers = ask("lab", with_token=token)
    assert status == 200
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert ask("lab", with_token=token, Host="evil.example")[0] == 403
    for each in psutil.process_iter():  # what anybody can list, unlike the environment of another's process
        with contextlib.suppress(psutil.Error):
            assert token not in " ".join(each.cmdline())
