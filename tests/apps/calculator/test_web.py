"""The server gives browsers of this machine the page, and whoever has the token answers."""

import http.client
import json
import re
import threading

import pytest

from costcheck.apps.calculator import web
from costcheck.apps.calculator.model import answer


@pytest.fixture(scope="module")
def calculator():
    with web.Server(0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def ask(calculator, path="/", method="GET", body=None, **headers):
    """Send a request as it stands, also one that a browser would not: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", calculator.server_port, timeout=60)
    connection._validate_path = lambda path: None
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers, text


def post(calculator, question, path="/answer", **headers):
    body = question if isinstance(question, str | bytes) else json.dumps(question)
    return ask(calculator, path, "POST", body, **({"Authorization": f"token {calculator.token}"} | headers))


def test_an_answer_is_the_models_own_and_no_visitor_sees_another_ones_settings(calculator):
    assert calculator.socket.getsockname() == ("127.0.0.1", calculator.server_port)
    for question in ({"texts": {"h100_usd": "25000"}, "width": 500, "csv": True}, {"open": ""}, {}):
        status, headers, text = post(calculator, question)
        assert (status, headers["Content-Type"]) == (200, "application/json")
        assert json.loads(text) == json.loads(json.dumps(answer(question)))


def test_the_page_names_its_language_and_runs_no_script_but_its_own(calculator):
    status, headers, page = ask(calculator)
    assert status == 200
    assert '<html lang="en">' in page
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["data:,", "widget.css", "page.js"]
    assert "default-src 'none'; script-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"  # the address has the token
    for path in ("/?token=x", "/page.js", "/widget.js", "/widget.css", "/nothing"):
        _, headers, text = ask(calculator, path)
        assert web.HEADERS.items() <= dict(headers).items()
        assert "Set-Cookie" not in headers
        assert calculator.token not in text


def test_there_is_no_other_file_interface_or_method(calculator):
    paths = ("/web.py", "/../web.py", "/%2e%2e/web.py", "//etc/passwd", "/page.js%00", "/api/contents", "*")
    assert {ask(calculator, path)[0] for path in (*paths, "/answer")} == {404}
    assert {post(calculator, {}, path)[0] for path in (*paths, "/", "/page.js")} == {404}
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "X"):
        status, headers, _ = ask(calculator, "/answer", method)
        assert status == 501
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "[::1]", ""])
def test_a_page_that_calls_this_machine_by_another_name_is_refused_even_with_the_token(host, calculator):
    for path in ("/", "/page.js"):
        assert ask(calculator, path, Host=host)[0] == 403
    assert post(calculator, {}, Host=host)[0] == 403
    assert ask(calculator, Host=f"localhost:{calculator.server_port}")[0] == 200


def test_another_sites_page_is_refused_even_with_the_token(calculator):
    port = calculator.server_port
    assert post(calculator, {}, Origin=f"http://127.0.0.1:{port}")[0] == 200
    for origin in ("http://evil.example", f"http://127.0.0.1:{port + 1}", f"http://localhost:{port}", "null"):
        status, headers, _ = post(calculator, {}, Origin=origin)
        assert status == 403
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("wrong", ["", "token", "token 0", "token {}0", "Basic {}", "{}", "token \xe4"])
def test_without_the_token_there_is_no_answer(wrong, calculator):
    status, _, text = post(calculator, {}, Authorization=wrong.format(calculator.token))
    assert (status, text) == (403, "403: the token is missing or wrong\n")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        pytest.param("[" * 100_000, id="deep"),
        b"\xff\0",
        {"texts": 3},
        {"open": 3},
        '{"width": NaN}',
    ],
)
def test_what_is_no_question_is_refused_in_one_line_and_the_server_goes_on(body, calculator, capsys):
    status, _, text = post(calculator, body)
    assert (status, text.count("\n")) == (400, 1)
    assert text.startswith("400: the calculator cannot answer this (")
    assert post(calculator, {"width": 10**400})[0] == 200
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("length", ["", "-1", "x", str(web.MOST_BODY + 1)])
def test_what_is_too_long_or_has_no_length_is_refused_unread(length, calculator):
    assert ask(calculator, "/answer", "POST", **{"Content-Length": length})[0] == 413
