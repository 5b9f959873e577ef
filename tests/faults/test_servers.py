"""What `costcheck app` and `costcheck lab` give to whom: the reader, another user, somebody else's page."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import http.client
import itertools
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import psutil
import pytest

from costcheck.apps.calculator import server

pytestmark = pytest.mark.slow
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X")
PATIENCE = 240
"""Nothing here takes that long, on however busy a machine [second]."""
NOBODY = 65534
CARELESS = {
    "jupyter_config.py": "c.ServerApp.ip = c.Voila.ip = '0.0.0.0'\n",
    "jupyter_server_config.py": """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 1
c.ServerApp.sock = "/tmp/anybody"
c.ServerApp.allow_origin = "*"
c.ServerApp.allow_origin_pat = ".*"
c.ServerApp.allow_credentials = True
c.ServerApp.allow_remote_access = True
c.ServerApp.allow_unauthenticated_access = True
c.ServerApp.disable_check_xsrf = True
c.ServerApp.local_hostnames = ["localhost", "evil.example"]
c.ServerApp.trust_xheaders = True
c.ServerApp.base_url = "/"
c.ServerApp.custom_display_url = "http://evil.example/"
c.ServerApp.websocket_url = "ws://evil.example/"
c.ServerApp.tornado_settings = {
    "headers": {"Content-Security-Policy": "frame-ancestors *", "Access-Control-Allow-Origin": "*"},
    "cookie_options": {"samesite": "None"}, "xsrf_cookies": False, "allow_remote_access": True,
}
c.ServerApp.identity_provider_class = "jupyter_server.auth.identity.PasswordIdentityProvider"
c.ServerApp.token = ""
c.ServerApp.password = ""
c.IdentityProvider.token = ""
c.PasswordIdentityProvider.hashed_password = ""
c.KernelManager.ip = "0.0.0.0"
c.KernelManager.transport = "tcp"
c.MappingKernelManager.kernel_manager_class = "jupyter_client.ioloop.AsyncIOLoopKernelManager"
c.ContentsManager.allow_hidden = True
""",
    "voila.py": """
c.Voila.ip = "0.0.0.0"
c.Voila.token = ""
c.Voila.auto_token = False
c.Voila.tornado_settings = {"allow_origin": "*", "allow_remote_access": True}
c.VoilaConfiguration.file_allowlist = [".*"]
c.KernelManager.ip = "0.0.0.0"
""",
}
EVERYWHERE = {
    "JUPYTER_TOKEN": "guessed",
    "JUPYTER_PORT": "1",
    "JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS": "true",
    "JUPYTER_ALLOW_INSECURE_WRITES": "1",
    "JUPYTER_GATEWAY_URL": "http://192.0.2.1:8888",
    "JUPYTERHUB_API_TOKEN": "x",
    "JUPYTER_PREFER_ENV_PATH": "1",
}
"""What a reader's environment may have for other servers of Jupyter's."""


class Asked:
    """A server that runs, and what it answers."""

    def __init__(self, port, token, base="/"):
        self.port, self.token, self.base = port, token, base

    def __call__(self, path="/", method="GET", body=None, token=None, **headers):
        """Ask as somebody would who heeds no rule of HTTP's: status, headers, body."""
        if token is not None:
            headers["Authorization"] = f"token {token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection._validate_path = lambda path: None
        connection._encode_request = lambda request: request.encode()
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def kernel(self, **more):
        status, _, said = self("/kernel", "POST", token=self.token, **more)
        assert status == 200, said
        return json.loads(said)

    async def connect(self, kernel, token=None, **headers):
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        secret = self.token if token is None else token
        address = f"ws://127.0.0.1:{self.port}/api/kernels/{kernel}/channels?session_id=t&token={secret}"
        request = HTTPRequest(address, headers=headers, connect_timeout=PATIENCE, request_timeout=PATIENCE)
        return await websocket_connect(request)

    def heard(self, told, messages):
        """Send messages to a kernel, then a ping: all that it says until it answers that."""

        async def talk():
            connection = await self.connect(told["kernel"])
            for each in messages:
                await connection.write_message(each, binary=isinstance(each, bytes))
            await connection.write_message(ping(told))
            heard = []
            while not heard or not answered(heard[-1]):
                said = await asyncio.wait_for(connection.read_message(), PATIENCE)
                if said is None:
                    break  # it was hung up on
                heard.append(json.loads(said))
            connection.close()
            assert said is not None, heard[-1:]
            while await connection.read_message() is not None:
                pass
            return heard

        return asyncio.run(talk())


def message(kind, content, channel="shell", **more):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "t", "username": "", "version": "5.3"}
    made = {"header": header, "parent_header": {}, "metadata": {}, "channel": channel, "content": content}
    return json.dumps({**made, "buffers": [], **more})


def ping(told):
    return message(
        "comm_msg", {"comm_id": told["model"], "data": {"method": "custom", "content": {"ping": 1}}}
    )


def answered(said):
    return said["msg_type"] == "comm_msg" and "ping" in said["content"]["data"].get("content", {})


def family(pid):
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def listened_at(pid):
    """The addresses at which a process and all that it started take connections or packets of the network."""
    found = set()
    for process in family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            for each in process.net_connections("inet"):
                if each.status == psutil.CONN_LISTEN or each.type == socket.SOCK_DGRAM:
                    found.add(each.laddr.ip)
    return found


def careless(folder):
    """A home whose settings open every server of Jupyter's to everybody, and an environment that does."""
    (config := folder / "home" / ".jupyter").mkdir(parents=True)
    for name, text in CARELESS.items():
        (config / name).write_text(text)
    (folder / "voila.json").write_text(json.dumps({"Voila": {"ip": "0.0.0.0", "token": ""}}))
    return EVERYWHERE | {"HOME": str(folder / "home")}


@contextlib.contextmanager
def running_lab(folder, environment=None, code=None):
    """``costcheck lab`` in an empty folder of its own."""
    (scratch := folder / "scratch").mkdir(mode=0o777)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
    start = ["-c", code] if code else ["-m", "costcheck"]
    process = subprocess.Popen(
        [sys.executable, *start, "lab", "--no-browser", "--port", str(port), str(folder / "notebooks")],
        env=kept | {"HOME": str(folder / "home"), "TMPDIR": str(scratch)} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    )
    silent = threading.Timer(PATIENCE, process.kill)
    silent.start()
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(
                r"http://127\.0\.0\.1:(\d+)(/\S*?)lab/tree/index\.ipynb\?token=(\w+)", line
            ):
                break
        else:
            raise AssertionError("".join(said))
        silent.cancel()
        asked = Asked(int(found[1]), found[3], found[2])
        asked.pid, asked.scratch, asked.process = process.pid, scratch, process
        yield asked
    finally:
        silent.cancel()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.stdout.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """``costcheck lab`` under settings as careless as can be."""
    folder = tmp_path_factory.mktemp("lab")
    with running_lab(folder, careless(folder)) as asked:
        yield asked


@pytest.fixture(scope="module")
def calculator(costcheck_app, free_port, tmp_path_factory):
    """``costcheck app`` under settings as careless as can be."""
    folder = tmp_path_factory.mktemp("app")
    environment = careless(folder)
    (scratch := folder / "scratch").mkdir()
    environment["TMPDIR"] = str(scratch)
    with costcheck_app("--no-browser", "--port", str(free_port()), cwd=folder, **environment) as process:
        asked = Asked(process.port, process.token)
        asked.pid, asked.scratch, asked.said = process.pid, scratch, process.said
        yield asked


# ---------------------------------------------------------------------------------- who can reach them


@pytest.mark.fault("settings and variables of Jupyter's that open a server to everybody")
def test_the_calculator_listens_on_the_loopback_address_alone_whatever_is_set(calculator):
    calculator.kernel()
    assert listened_at(calculator.pid) <= {"127.0.0.1"}
    with socket.socket(socket.AF_INET6) as six, pytest.raises(ConnectionRefusedError):
        six.connect(("::1", calculator.port))


@pytest.mark.fault("settings and variables of Jupyter's that open a server to everybody")
def test_the_lab_listens_on_the_loopback_address_alone_and_keeps_its_token_whatever_is_set(lab):
    status, _, said = lab(f"{lab.base}api/kernels", "POST", token=lab.token)
    assert status == 201, said
    assert listened_at(lab.pid) == {"127.0.0.1"}
    assert not Path("/tmp/anybody").exists()
    for token in (None, "", "guessed", "0"):
        status, headers, said = lab(f"{lab.base}api/contents", token=token)
        assert status == 403, said
        assert "Access-Control-Allow-Origin" not in headers
    status, headers, _ = lab(f"{lab.base}lab", token=lab.token)
    assert status == 200
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    evil = {"Host": "evil.example"}
    assert lab(f"{lab.base}lab", token=lab.token, **evil)[0] == 403


# ------------------------------------------------------------------------ every way into the calculator

ROUTES = [
    r"/api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)/channels",
    "/kernel",
    r"/static/(page\.js|widget\.js|widget\.css)",
    "/()",
]
LIST_ROUTES = """
import json, os, threading, tornado.web
from costcheck.apps.calculator import server
def seen(self, host, handlers):
    print(json.dumps([route[0] for route in handlers]), flush=True)
    os._exit(0)
tornado.web.Application.add_handlers = seen
server._application(int(os.environ["PORT"]), "", False, threading.Event()).start()
"""
FILES = ("", "static/page.js", "static/widget.js", "static/widget.css")
"""All that everybody may have."""
UP = ("..", "%2e%2e", ".%2e", "%252e%252e", "..%00", "..;", "%c0%ae%c0%ae", "．．")
SLASH = ("/", "%2f", "%252f", "\\", "%5c", "//")
WANTED = ("index.html.j2", "server.py", "settings.py", "etc/passwd")


def paths():
    """Addresses that have led to files, folders and interfaces of this or another server."""
    yield from (f"/static/{up}{slash}{name}" for up, slash, name in itertools.product(UP, SLASH, WANTED))
    deep = "".join(f"{each}/" for each in ["%2e%2e"] * 12)
    yield from (f"/static/{deep}etc/passwd", "/static//etc/passwd", "/static/%2fetc%2fpasswd")
    yield from ("/static", "/static/", "/static/%00", "/static/page.js%00.html", "/static/page.js/", "//")
    yield from ("/static/.", "/static/..", "/..", "/../", "/%2e%2e/", "/.git/config", "/index.html", "/.")
    yield from (
        "/login",
        "/logout",
        "/lab",
        "/tree",
        "/metrics",
        "/files/x",
        "/view/x",
        "/edit/x",
        "/nbconvert",
    )
    yield from (
        f"/voila/{name}/x" for name in ("files", "render", "static", "templates", "tree", "execution")
    )
    yield from (
        "/voila/api/shutdown/x",
        "/voila/api/contents/",
        "/voila/query/a-b-c-d-e",
        "/calculator.ipynb",
    )
    yield from (
        f"/api/{name}" for name in ("", "kernels", "sessions", "contents", "terminals", "status", "spec.yaml")
    )
    yield from (
        "/api/me",
        "/api/kernelspecs",
        "/api/config/x",
        "/api/security/csp-report",
        "/api/events/subscribe",
    )
    yield from ("/kernel/", "/kernel/x", "/KERNEL", "/api/kernels/x/channels", "/api/kernels/../kernel")


@pytest.mark.fault("every route of the calculator, by every method, with tricks in the path")
def test_the_calculator_has_these_four_routes_and_no_other(free_port, tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        env={**os.environ, "PORT": str(free_port()), "TMPDIR": str(tmp_path)},
        capture_output=True,
        timeout=PATIENCE,
    )
    assert json.loads(told.stdout) == ROUTES, told.stderr


@pytest.mark.fault("every route of the calculator, by every method, with tricks in the path")
@pytest.mark.parametrize("known", [False, True], ids=["without the token", "with the token"])
def test_nothing_else_can_be_had_by_any_path_or_method(known, calculator, tries):
    token = calculator.token if known else None
    asked = 0
    for path in paths():
        status, headers, said = calculator(path, token=token)
        assert status in (400, 403, 404, 405), (path, said)
        assert not headers or "Set-Cookie" not in headers
        assert b"root:" not in said
        asked += 1
    kernel = calculator.kernel()["kernel"]
    channels = f"/api/kernels/{kernel}/channels"
    for method, path in itertools.product(
        METHODS, ("/", "/static/page.js", "/kernel", channels, "/api/kernels")
    ):
        if (method, path) == ("POST", "/kernel"):
            continue
        status, headers, said = calculator(path, method, token=token)
        allowed = path in ("/", "/static/page.js") and method in ("GET", "HEAD")
        assert (status == 200) == allowed, (method, path, status, said)
        assert status < 500 or status == 501, (method, path)
        assert "Access-Control-Allow-Origin" not in headers
        asked += 1
    tries(asked)


@pytest.mark.fault("every route of the calculator, by every method, with tricks in the path")
def test_what_everybody_may_have_is_the_page_and_it_may_not_be_held_by_another(calculator):
    for name in FILES:
        status, headers, said = calculator(f"/{name}")
        assert status == 200
        assert calculator.token.encode() not in said
        for header, value in server.HEADERS.items():
            assert headers[header] == value, (name, header)
        assert "Set-Cookie" not in headers
    assert "frame-ancestors 'none'" in server.HEADERS["Content-Security-Policy"]


@pytest.mark.fault("another name for this machine (DNS rebinding)")
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "192.0.2.1", "", "[::2]"]
)
@pytest.mark.parametrize("path", ["/", "/static/page.js", "/kernel", "/nowhere"])
def test_a_request_by_another_name_is_refused_even_with_the_token(host, path, calculator):
    method = "POST" if path == "/kernel" else "GET"
    assert calculator(path, method, token=calculator.token, Host=host)[0] in (400, 403)


@pytest.mark.fault("another name for this machine (DNS rebinding)")
def test_a_connection_to_a_kernel_by_another_name_origin_or_token_is_refused(calculator):
    from tornado.httpclient import HTTPClientError

    kernel = calculator.kernel()["kernel"]
    here = f"http://127.0.0.1:{calculator.port}"
    wrong = [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": f"http://127.0.0.1:{calculator.port + 1}"},
        {"Origin": f"http://localhost:{calculator.port}"},
        {"Origin": "null"},
        {"token": ""},
        {"token": "0"},
        {"kernel": str(uuid.uuid4())},
    ]
    for each in wrong:
        with pytest.raises(HTTPClientError, match=r"40[034]"):
            asyncio.run(calculator.connect(**{"kernel": kernel, **each}))
        gc.collect()  # now, not in another test: tornado closes what was refused when it is forgotten

    async def twice():
        one = await calculator.connect(kernel, Origin=here)
        with pytest.raises(HTTPClientError, match="409"):  # nobody listens to what another page is told
            await calculator.connect(kernel, Origin=here)
        one.close()
        while await one.read_message() is not None:
            pass

    asyncio.run(twice())


# ------------------------------------------------------------------ what a page may send to its kernel

CODE = "open({mark!r}, 'w'); __import__('os')._exit(1)"
EVIL = {
    "execute_request": {
        "code": CODE,
        "silent": False,
        "store_history": True,
        "user_expressions": {"a": CODE},
    },
    "complete_request": {"code": "open.", "cursor_pos": 5},
    "inspect_request": {"code": "open", "cursor_pos": 4, "detail_level": 1},
    "is_complete_request": {"code": "1"},
    "history_request": {"hist_access_type": "tail", "n": 100, "raw": True, "output": True},
    "kernel_info_request": {},
    "comm_info_request": {},
    "debug_request": {"type": "request", "seq": 1, "command": "initialize", "arguments": {}},
    "usage_request": {},
    "create_subshell_request": {},
    "interrupt_request": {},
    "shutdown_request": {"restart": False},
    "input_reply": {"value": CODE},
    "comm_open": {
        "comm_id": "x",
        "target_name": "jupyter.widget",
        "data": {"state": {"_model_name": "Image"}},
    },
    "comm_close": {"comm_id": "MODEL", "data": {}},
    "comm_msg": {"comm_id": "MODEL", "data": {"method": "update", "state": {"_esm": "/etc/passwd"}}},
}


@pytest.mark.fault("messages to the calculator's kernel that execute, inspect, debug or end it")
def test_of_all_that_jupyters_protocol_has_a_kernel_is_only_asked_for_the_sums(calculator, tmp_path, tries):
    mark = tmp_path / "executed"
    told = calculator.kernel()
    fill = lambda content: json.loads(  # noqa: E731
        json.dumps(content).replace("MODEL", told["model"]).replace("{mark!r}", repr(str(mark)))
    )
    channels = ("shell", "control", "stdin", "iopub", "hb", None)
    sent = [
        message(kind, fill(content), on) for (kind, content), on in itertools.product(EVIL.items(), channels)
    ]
    heard = calculator.heard(told, sent)
    assert answered(heard[-1])  # the kernel lives, and nothing that came before it was answered
    assert {said["msg_type"] for said in heard} <= {"status", "comm_msg", "iopub_welcome"}
    # the kernel's own: one busy and idle a question of its server, and of the ping
    parents = {said["parent_header"].get("msg_type") for said in heard if said["msg_type"] == "status"}
    assert parents <= {"comm_msg", "kernel_info_request", None}
    assert not mark.exists()
    assert not any("_esm" in json.dumps(said["content"]) for said in heard)
    tries(len(sent))


DEEP = "[" * 100_000 + "]" * 100_000
SHAPES = [
    *("", "x", "null", "1", "[]", "{}", '"comm_msg"', "{", "NaN", DEEP, b"\0" * 100, b"\xff" * 8, "\0"),
    '{"channel": "shell"}',
    '{"channel": "shell", "header": null}',
    '{"channel": "shell", "header": {"msg_type": "comm_msg"}}',
    '{"channel": ["shell"], "header": {"msg_type": "comm_msg", "msg_id": "a"}, "content": {}}',
    message("comm_msg", None),
    message("comm_msg", {"comm_id": 1, "data": {"method": "custom", "content": {}}}),
    message("comm_msg", {"comm_id": "nobody", "data": {"method": "custom", "content": {}}}),
    message("comm_msg", {"comm_id": "x", "data": []}),
]
CONTENTS = [
    {"n": [[[[]]]], "texts": {"h100_usd": "__import__('os')._exit(1)"}},
    {"n": 1, "texts": {"h100_usd": "9" * 100_000}},
    {"n": 1, "texts": {"h100_usd": "1e999"}},
    {"n": 1, "texts": {str(key): "1" for key in range(10_000)}},
    {"n": 1, "texts": [["h100_usd", "1"]]},
    {"n": 1, "texts": [1, 2]},
    {"n": 1, "texts": {"h100_usd": {"a": 1}}},
    {"n": 1, "texts": {}, "date": ["2024-07-31"]},
    {"n": 1, "texts": {}, "date": "../../../etc/passwd"},
    {"n": 1, "texts": {}, "date": "9999-99-99"},
    *(
        {"n": 1, "texts": {}, "width": width}
        for width in (0, -1, 1e308, 10**400, float("nan"), float("inf"), "1", True)
    ),
    {"n": 1, "texts": {}, "csv": "/etc/passwd"},
    {"n": 1, "link": "../../../etc/passwd"},
    {"n": 1, "link": ["h100_usd=1"]},
    {"n": 1, "link": "h100_usd=__import__('os')._exit(1)"},
    {"n": 1, "link": "a=1&" * 250_000},
    {"n": 1, "link": "%" * 1_000_000},
    {"n": 1, "link": "\0\ud800"},
]


@pytest.mark.fault("messages of a wrong shape, nonsense and a megabyte in the calculator's link")
def test_messages_of_any_shape_leave_the_kernel_well_and_are_answered_where_they_are_questions(
    calculator, tries
):
    told = calculator.kernel()
    assert answered(calculator.heard(told, SHAPES)[-1])
    ask = lambda content: message(  # noqa: E731
        "comm_msg", {"comm_id": told["model"], "data": {"method": "custom", "content": content}}
    )
    heard = calculator.heard(told, [ask(content) for content in CONTENTS])
    answers = [said for said in heard if said["msg_type"] == "comm_msg" and not answered(said)]
    errors = [said for said in heard if said["msg_type"] in ("stream", "error")]
    assert not errors, errors
    assert len(answers) == len(CONTENTS)
    assert not any("root:" in json.dumps(each) for each in answers)
    tries(len(SHAPES) + len(CONTENTS))


# -------------------------------------------------------------------------- exhausting the machine


SMALLER = """
import sys
from costcheck.apps.calculator import server
server.REQUEST_SECONDS, server.MOST = 2, 4
from costcheck import cli
sys.exit(cli.main())
"""
MOST = 4


@pytest.fixture
def small(free_port, tmp_path):
    """A calculator for four visitors, who have two seconds for a request."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", SMALLER, "app", "--no-browser", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
    ) as process:
        try:
            asked = Asked(port, re.search(r"token=(\w+)", process.stdout.readline())[1])
            asked.pid = process.pid
            yield asked
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


@pytest.mark.fault("200 visits of the calculator at once")
def test_of_200_visits_at_once_so_many_are_given_a_kernel_and_the_others_are_told(small):
    async def visits():
        from tornado.httpclient import AsyncHTTPClient

        client = AsyncHTTPClient(max_clients=200, force_instance=True)
        ask = {"method": "POST", "body": "", "headers": {"Authorization": f"token {small.token}"}}
        ask |= {"raise_error": False, "connect_timeout": PATIENCE, "request_timeout": PATIENCE}
        address = f"http://127.0.0.1:{small.port}/kernel"
        got = await asyncio.gather(*(client.fetch(address, **ask) for _ in range(200)))
        client.close()
        return got

    answers = asyncio.run(visits())
    codes = [answer.code for answer in answers]
    assert set(codes) == {200, 503}
    kernels = {json.loads(answer.body)["kernel"] for answer in answers if answer.code == 200}
    assert server.POOL <= len(kernels) == codes.count(200) <= MOST
    (forked_from,) = psutil.Process(small.pid).children()
    assert len(forked_from.children()) <= MOST + server.POOL
    assert small("/")[0] == 200


@pytest.mark.fault("requests that never end, and more connections than a server has room for")
def test_half_requests_are_hung_up_on_and_never_more_than_so_many_are_held(small):
    before = psutil.Process(small.pid).num_fds()
    halves = (
        "GET / HT",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
        "POST /kernel HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: token {small.token}\r\nContent-Length: 1000\r\n\r\nx",
        "",
    )
    opened = []
    for half in itertools.islice(itertools.cycle(halves), 2 * server.MOST_CONNECTIONS):
        one = socket.create_connection(("127.0.0.1", small.port))
        with contextlib.suppress(OSError):  # hung up on at once
            one.sendall(half.encode())
        opened.append(one)
    assert psutil.Process(small.pid).num_fds() <= before + server.MOST_CONNECTIONS + 20
    for one in opened:
        one.settimeout(PATIENCE)
        with contextlib.suppress(ConnectionError):
            while one.recv(4096):
                pass  # what it says before it hangs up
        one.close()
    assert small("/")[0] == 200
    assert "model" in small.kernel()


@pytest.mark.fault("requests and messages as large as can be")
def test_what_is_too_large_is_refused_before_it_is_held(calculator):
    memory = psutil.Process(calculator.pid).memory_info().rss
    with contextlib.suppress(ConnectionError, http.client.HTTPException):
        assert calculator("/", X="x" * 10_000_000)[0] == 400
    with contextlib.suppress(ConnectionError, http.client.HTTPException):
        assert calculator("/" + "x" * 1_000_000)[0] == 400
    for token in (None, calculator.token):
        with contextlib.suppress(ConnectionError, http.client.HTTPException):
            assert calculator("/kernel", "POST", body=b"x" * 50_000_000, token=token)[0] in (400, 403)
    told = calculator.kernel()

    async def large():
        connection = await calculator.connect(told["kernel"])
        with contextlib.suppress(Exception):
            await connection.write_message("x" * 50_000_000)
        while await asyncio.wait_for(connection.read_message(), PATIENCE) is not None:
            pass
        connection.close()
        return connection.close_code

    assert asyncio.run(large()) in (1009, None)
    assert answered(calculator.heard(told, [])[-1])
    assert psutil.Process(calculator.pid).memory_info().rss < memory + 60_000_000


# ------------------------------------------------------------------------------ other users, and traces

OTHER_USER = """
# imported before they cannot be read any more
import encodings.idna, email.generator, email.parser, http.client, json, os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
told = json.load(sys.stdin)
found = {}
for method, path in told["asked"]:
    connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=60)
    connection.request(method, path, headers={"Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "eA=="} if "channels" in path else {})
    answer = connection.getresponse()
    found[f"{method} {path}"] = [answer.status, answer.read().decode("latin-1"), str(answer.headers)]
    connection.close()
read = []
for folder in told["folders"]:
    try:
        read += os.listdir(folder)
    except PermissionError:
        pass
seen = ""
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ"):
        try:
            seen += open(f"/proc/{process}/{name}", errors="replace").read()
        except OSError:
            pass
print(json.dumps({"answers": found, "read": read, "token": told["token"] in seen}))
"""


def as_another_user(asked, what, folders):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    told = {"port": asked.port, "token": asked.token, "asked": what, "folders": list(map(str, folders))}
    done = subprocess.run(
        [sys.executable, "-S", "-c", OTHER_USER],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.fault("another user of this machine who knows the port")
def test_another_user_gets_the_empty_page_of_the_calculator_and_no_kernel_file_or_token(calculator):
    kernel = calculator.kernel()["kernel"]
    own = [path for path in calculator.scratch.rglob("*") if path.is_dir()]
    assert own
    what = [("GET", "/"), ("POST", "/kernel"), ("GET", f"/api/kernels/{kernel}/channels?session_id=t")]
    found = as_another_user(calculator, what, own)
    assert [answer[0] for answer in found["answers"].values()] == [200, 403, 403]
    assert calculator.token not in json.dumps(found["answers"])
    assert found["read"] == []
    assert not found["token"]


@pytest.mark.fault("another user of this machine who knows the port")
def test_another_user_gets_nothing_of_the_lab(lab):
    own = [path for path in lab.scratch.rglob("*") if path.is_dir()]
    assert own
    base = lab.base
    what = [
        ("GET", f"{base}api/contents"),
        ("GET", f"{base}api/kernels"),
        ("GET", f"{base}files/index.ipynb"),
        ("GET", f"{base}nbconvert/html/index.ipynb"),
        ("POST", f"{base}api/kernels"),
        ("POST", f"{base}api/shutdown"),
        ("GET", f"{base}api/terminals"),
        ("GET", f"{base}lab"),
        ("GET", "/lab"),
    ]
    found = as_another_user(lab, what, own)
    assert {answer[0] for answer in found["answers"].values()} <= {302, 403, 404, 405}
    assert not any("username-" in answer[2] for answer in found["answers"].values())  # no cookie that lets in
    assert found["read"] == []
    assert not found["token"]
    # and this is root's view of the same
    for path in [*lab.scratch.rglob("*"), *lab.scratch.glob("*")]:
        inside = [parent for parent in [path, *path.parents] if lab.scratch in parent.parents]
        assert any(not stat.S_IMODE(parent.stat().st_mode) & 0o077 for parent in inside), path


@pytest.mark.fault("the token in what others can see")
def test_the_token_stands_in_no_process_list_log_or_cookie_and_the_browser_gets_it_by_a_file(
    free_port, tmp_path
):
    (bin_ := tmp_path / "bin").mkdir()
    (bin_ / "opener").write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/given.tmp; cp "${{1#file://}}" {tmp_path}/page;'
        f' stat -c %a "$(dirname "${{1#file://}}")" > {tmp_path}/mode;'
        f" mv {tmp_path}/given.tmp {tmp_path}/given\n"
    )
    (bin_ / "opener").chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-m", "costcheck", "app", "--verbose", "--port", str(free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "BROWSER": f"{bin_}/opener %s", "TMPDIR": str(tmp_path)},
    ) as process:
        try:
            said = process.stdout.readline()
            token = re.search(r"token=(\w+)", said)[1]
            until = time.monotonic() + PATIENCE
            while not (tmp_path / "given").exists() and time.monotonic() < until:
                time.sleep(0.05)
            given = (tmp_path / "given").read_text()
            assert given.startswith("file:///")
            assert token not in given
            assert token in (tmp_path / "page").read_text()
            assert (tmp_path / "mode").read_text().strip() in ("700", "1700")
            for each in family(process.pid):
                assert token not in " ".join([*each.cmdline(), *each.environ().values()])
            port = int(re.search(r":(\d+)/", said)[1])
            assert Asked(port, token)("/nowhere", token=token)[0] == 404
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=PATIENCE)
    assert token not in "".join(rest)
    assert not list(tmp_path.glob("voila*"))


@pytest.mark.fault("cookies, which a browser sends to every port of this machine")
def test_the_labs_cookies_are_for_a_path_that_no_other_server_has(lab):
    assert re.fullmatch(r"/[\w-]{16,}/", lab.base)
    status, headers, _ = lab(f"{lab.base}lab?token={lab.token}")
    assert status == 200
    cookies = headers.get_all("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert f"Path={lab.base}" in cookie
    (login,) = [cookie for cookie in cookies if cookie.startswith("username-")]
    assert "HttpOnly" in login
    assert "SameSite=Strict" in login
    assert lab("/lab", token=lab.token)[0] == 404
