"""The server gives browsers of this machine the page and the kernel's messages, and nobody anything else."""

import asyncio
import json
import re
import signal
import time
import urllib.error
import urllib.request
import uuid

import psutil
import pytest

from costcheck.apps.calculator.server import HEADERS, MOST, POOL

pytestmark = pytest.mark.slow


def get(app, path="/", method="GET", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{app.port}{path}", headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def asked(app, **headers):
    """Ask for a kernel, as the page does."""
    return get(app, "/kernel", "POST", **{"Authorization": f"token {app.token}"} | headers)


def kernel(app):
    return json.loads(asked(app)[2])


def message(kind, content):
    return json.dumps(
        {
            "header": {
                "msg_id": uuid.uuid4().hex,
                "msg_type": kind,
                "session": "tests",
                "username": "",
                "date": "2026-01-01T00:00:00Z",
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "channel": "shell",
            "buffers": [],
            "content": content,
        }
    )


async def talk(app, told, messages, *, until, origin=None):
    """Send messages to a kernel, and return what comes until something of a kind has come."""
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    address = (
        f"ws://127.0.0.1:{app.port}/api/kernels/{told['kernel']}/channels?session_id=tests&token={app.token}"
    )
    request = HTTPRequest(address, headers={"Origin": origin} if origin else None)
    connection = await websocket_connect(request)
    heard = []
    for each in messages:
        await connection.write_message(each)
    while True:
        said = await asyncio.wait_for(connection.read_message(), 30)
        if said is None:
            break
        heard.append(json.loads(said))
        if until(heard[-1]):
            break
    connection.close()
    while await connection.read_message() is not None:
        pass
    return heard


def ask(told, content):
    return message("comm_msg", {"comm_id": told["model"], "data": {"method": "custom", "content": content}})


def answered(said):
    return said["msg_type"] == "comm_msg" and said["content"]["data"].get("method") == "custom"


def test_it_listens_on_the_loopback_address_alone(app):
    processes = [psutil.Process(app.pid), *psutil.Process(app.pid).children(recursive=True)]
    heard = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert heard == {"127.0.0.1"}


def test_the_page_names_its_language_and_title_and_runs_no_script_but_its_own(app):
    status, headers, page = get(app)
    assert status == 200
    assert '<html lang="en">' in page
    assert "<main>" in page
    assert headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == [
        "data:,",
        "/static/widget.css",
        "/static/page.js",
    ]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/calculator.ipynb",
        "/voila/files/calculator.ipynb",
        "/voila/files/01_training_time.ipynb",
        "/voila/render/01_training_time.ipynb",
        "/voila/static/voila.js",
        "/voila/templates/lab/static/index.css",
        "/voila/tree",
        "/api/contents",
        "/api/kernels",
        "/api/sessions",
        "/api/terminals",
        "/static/../index.html.j2",
        "/static/%2e%2e/index.html.j2",
        "/static/..%2f..%2fserver.py",
        "/static//etc/passwd",
        "/static/",
        "/metrics",
    ],
)
def test_no_other_file_folder_or_interface_can_be_had(app, path):
    assert get(app, path)[0] in (403, 404)


def test_a_page_that_calls_this_machine_by_another_name_is_refused(app):
    assert get(app, "/", Host="evil.example")[0] == 403
    assert get(app, "/", Host=f"localhost:{app.port}")[0] == 200


def test_a_kernel_is_for_who_has_the_token_alone(app):
    assert asked(app)[0] == 200
    for wrong in ("", "token", "token 0", f"token {app.token}0", f"Basic {app.token}"):
        status, _, said = asked(app, Authorization=wrong)
        assert (status, said) == (403, "403: the token is missing or wrong\n")


def test_a_page_from_elsewhere_gets_no_kernel_even_with_the_token(app):
    assert asked(app, Origin=f"http://127.0.0.1:{app.port}")[0] == 200
    for origin in ("http://evil.example", f"http://127.0.0.1:{app.port + 1}", "null"):
        status, headers, _ = asked(app, Origin=origin)
        assert status == 403
        assert "Access-Control-Allow-Origin" not in headers


def forks(app):
    """The kernels' processes: they are forked from the server's one child."""
    (server,) = psutil.Process(app.pid).children()
    return server.children()


def test_there_are_never_more_kernels_than_so_many_and_who_is_refused_is_told_why(costcheck_app, tmp_path):
    with costcheck_app("--no-browser", cwd=tmp_path) as app:
        for _ in range(MOST + 6):
            status, _, said = asked(app)
            assert status in (200, 503)
            if status == 503:
                assert said.startswith("503: The calculator is open too many times. Close some of its pages")
            assert len(forks(app)) <= MOST + POOL


def test_a_visitor_whose_kernel_was_killed_while_it_waited_gets_another(costcheck_app, tmp_path):
    with costcheck_app("--no-browser", cwd=tmp_path) as app:
        until = time.monotonic() + 20
        while len(forks(app)) < POOL and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(1)
        for kernels in forks(app):
            kernels.kill()
        time.sleep(0.5)
        for _ in range(POOL + 1):
            told = kernel(app)
            heard = asyncio.run(talk(app, told, [ask(told, {"ping": 1})], until=answered))
            assert answered(heard[-1])


def test_nothing_is_said_on_the_terminal_of_requests_that_are_refused(costcheck_app, tmp_path):
    with costcheck_app("--no-browser", cwd=tmp_path) as app:
        address = f"http://127.0.0.1:{app.port}/"
        channels = f"/api/kernels/{uuid.uuid4()}/channels"
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        refused = [
            urllib.request.Request(f"{address}kernel", method="HEAD"),
            urllib.request.Request(address, data=b"x"),
            urllib.request.Request(address[:-1] + channels, headers=upgrade),
        ]
        for request in refused:
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(request, timeout=30)
            error.value.close()
            assert error.value.code in (403, 404, 405)
        assert get(app, "/", Host="evil.example")[0] == 403
        app.send_signal(signal.SIGINT)
        assert app.stdout.read() == ""


def test_a_page_from_elsewhere_cannot_talk_to_a_kernel(app):
    from tornado.httpclient import HTTPClientError

    with pytest.raises(HTTPClientError, match="403"):
        asyncio.run(talk(app, kernel(app), [], until=answered, origin="http://evil.example"))


def test_a_visitor_who_asks_the_kernel_to_execute_something_gets_nothing_executed(app, tmp_path):
    told = kernel(app)
    mark = tmp_path / "executed"
    code = {"code": f"open({str(mark)!r}, 'w')", "silent": False, "store_history": False}
    asked = [message("execute_request", code), ask(told, {"ping": 1})]
    heard = asyncio.run(talk(app, told, asked, until=answered))
    assert not mark.exists()
    assert {said["msg_type"] for said in heard} <= {"status", "comm_msg"}
    assert answered(heard[-1])  # the kernel is well, and has done what came after it


def test_two_visitors_have_kernels_of_their_own_and_settings_of_their_own(app):
    one, other = kernel(app), kernel(app)
    assert one["kernel"] != other["kernel"]
    said = []
    for told, texts in ((one, {"h100_usd": "25000"}), (other, {})):
        asked = [ask(told, {"n": 1, "texts": texts})]
        said.append(asyncio.run(talk(app, told, asked, until=answered))[-1])
    tickets = [each["content"]["data"]["content"]["state"]["tiles"][1][1] for each in said]
    assert tickets == ["1.075 billion USD", "1.72 billion USD"]


def test_there_is_a_kernel_for_every_visitor_who_comes(app):
    assert len({kernel(app)["kernel"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    "asked", ["text", 3, [1], {}, {"texts": 3}, {"texts": ["a"]}, {"n": 1, "width": "wide"}]
)
def test_a_message_that_makes_no_sense_leaves_the_kernel_well(app, asked):
    told = kernel(app)
    heard = asyncio.run(
        talk(
            app,
            told,
            [ask(told, asked), ask(told, {"ping": "after"})],
            until=lambda said: answered(said) and said["content"]["data"]["content"].get("ping") == "after",
        )
    )
    assert answered(heard[-1])
