"""A page of a stranger's, open in the browser that has the calculator and JupyterLab open too: a real one."""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest
from playwright.sync_api import Error, expect

pytestmark = pytest.mark.slow
PATIENCE = 120
ATTACK = """async ({ origin, paths, kernel }) => {
    const got = [];
    const note = (how, path, what) => got.push(`${how} ${path}: ${what}`);
    const ways = [{}, { method: "POST" }, { method: "POST", headers: { Authorization: "token x" } },
        { method: "POST", body: "x", headers: { "Content-Type": "text/plain" } }, { method: "DELETE" }];
    for (const path of paths)
        for (const credentials of ["include", "omit"])
            for (const how of ways) {
                try {
                    const answer = await fetch(origin + path, { credentials, ...how });
                    note("fetch", path, (await answer.text()).slice(0, 80));
                } catch { /* as it should be */ }
                try {
                    const blind = { credentials, mode: "no-cors", ...how, headers: {} };
                    const answer = await fetch(origin + path, blind);
                    if (answer.type !== "opaque") note("blind", path, answer.type);
                } catch { /* as it should be */ }
            }
    const held = [];
    for (const path of paths)
        for (const name of ["script", "img", "link", "iframe", "object"]) {
            const made = document.createElement(name);
            if (name === "link") made.rel = "stylesheet";
            held.push(new Promise((resolve) => {
                made.onload = () => {
                    if (name === "iframe") {
                        let seen = "";
                        try { seen = made.contentDocument.body.innerText; } catch { /* as it should be */ }
                        if (seen) note("read in a frame", path, seen);
                    } else note(name, path, "loaded");
                    resolve();
                };
                made.onerror = () => resolve();
                setTimeout(resolve, 3000); // what is blocked in a frame says nothing
            }));
            made[{ link: "href", object: "data" }[name] ?? "src"] = origin + path;
            document.body.append(made);
        }
    const opened = paths.map((path) => window.open(origin + path));
    await Promise.all(held);
    await Promise.all(opened.map(async (one, place) => {
        // until it has gone somewhere, a window is the stranger's own, and empty
        const own = () => !one.closed && one.location.href === "about:blank";
        try {
            for (let tries = 0; tries < 100 && own(); tries += 1)
                await new Promise((resolve) => setTimeout(resolve, 100));
            if (!one.closed && !own()) note("read in a window", paths[place], one.document.body.innerText);
        } catch { /* as it should be */ }
        one?.close();
    }));
    const socket = origin.replace("http", "ws") + kernel;
    await new Promise((resolve) => {
        const line = new WebSocket(socket);
        line.onopen = () => { note("socket", kernel, "open"); resolve(); };
        line.onerror = line.onclose = () => resolve();
    });
    return got;
}"""
FORM = """({ origin, path, method }) => {
    const form = document.createElement("form");
    Object.assign(form, { action: origin + path, method, target: "_blank", enctype: "text/plain" });
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture
def stranger():
    """A server at another port of this machine; what browsers have sent to it is in ``heard``."""
    heard = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(str(self.headers))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>stranger</title><body>stranger</body>")

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        server.heard = heard
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def context(chromium):
    made = chromium.new_context()
    yield made
    made.close()


def attacked(context, stranger, origin, paths, kernel):
    """What a page from elsewhere, in a browser in which the reader is known, could get hold of.

    It is of another port of the same address: to a browser the nearest that a stranger can be.
    """
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{stranger.server_port}/")
    return page.evaluate(ATTACK, {"origin": origin, "paths": paths, "kernel": kernel})


@pytest.mark.fault("a stranger's page in the browser of the reader")
def test_a_strangers_page_cannot_read_hold_or_drive_the_calculator(context, stranger, app):
    page = context.new_page()
    page.goto(app.address)
    expect(page.locator("[data-figure=deadline] svg")).to_be_visible(timeout=PATIENCE * 1000)
    here = f"http://127.0.0.1:{app.port}"
    got = attacked(context, stranger, here, ["/", "/answer", "/page.js", "/?token=x"], "/answer")
    for method, path in (("post", "/answer"), ("get", "/answer"), ("post", "/")):
        evil = context.new_page()
        evil.goto(f"http://127.0.0.1:{stranger.server_port}/")
        with contextlib.suppress(Error), context.expect_page(timeout=5000) as opened:
            evil.evaluate(FORM, {"origin": here, "path": path, "method": method})
            opened.value.wait_for_load_state()
            assert re.match(r"40[0-9]: ", opened.value.locator("body").inner_text())
    assert got == []
    # and the other port got no cookie, no token and no address
    assert stranger.heard
    assert all(app.token not in each and "Cookie" not in each for each in stranger.heard)
    # the page itself goes on, also after a link with a token that is none
    page.reload()
    page.locator("[data-key=h100_usd] input[type=text]").fill("25000")
    page.locator("[data-key=h100_usd] input[type=text]").press("Enter")
    expect(page.locator(".tiles dd").nth(2)).to_have_text("1.075 billion USD", timeout=PATIENCE * 1000)


@pytest.mark.fault("the token in what others can see")
def test_the_token_leaves_the_address_and_neither_links_nor_other_servers_get_it(context, stranger, app):
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.headers)))
    page.goto(f"{app.address}#h100_usd=25000")
    expect(page.locator("[data-figure=deadline] svg")).to_be_visible(timeout=PATIENCE * 1000)
    assert page.url == f"http://127.0.0.1:{app.port}/#h100_usd=25000"
    assert page.evaluate("history.length") <= 2
    assert all(app.token not in headers.get("referer", "") for _, headers in asked)
    assert context.cookies() == []
    page.evaluate("address => { location.href = address; }", f"http://127.0.0.1:{stranger.server_port}/")
    page.wait_for_url(f"**:{stranger.server_port}/")
    assert page.evaluate("localStorage.length") == 0  # that of another port is another
    assert stranger.heard
    for each in stranger.heard:
        assert app.token not in each
        assert f":{app.port}" not in each
        assert "Cookie" not in each


@pytest.mark.fault("the token in what others can see")
def test_a_link_without_the_token_opens_where_the_reader_is_known_and_says_what_to_do_where_not(
    chromium, app
):
    link = f"http://127.0.0.1:{app.port}/#h100_usd=25000"
    known, unknown = chromium.new_context(), chromium.new_context()
    try:
        page = known.new_page()
        page.goto(app.address)
        expect(page.locator(".tiles dd").first).to_be_visible(timeout=PATIENCE * 1000)  # it is known by now
        page = known.new_page()
        page.goto(link)
        expect(page.locator(".tiles dd").nth(2)).to_have_text("1.075 billion USD", timeout=PATIENCE * 1000)
        page.goto(link.replace("/#", "/?token=%E6%BC%A2%0A#"))  # no header could carry that one
        expect(page.locator(".tiles dd").nth(2)).to_have_text("1.075 billion USD", timeout=PATIENCE * 1000)
        page = unknown.new_page()
        for address in (
            *(f"http://127.0.0.1:{app.port}/?token={token}" for token in ("wrong", "%E6%BC%A2")),
            link,
        ):
            page.goto(address)
            page.reload()
            expect(page.locator(".notice:visible")).to_have_text(
                "This browser has not been let in. Open the address that costcheck app has printed in its "
                "terminal, with a token that is new at every start; then reload this page.",
                timeout=PATIENCE * 1000,
            )
        # what it says to do is enough
        unknown.new_page().goto(app.address)
        expect(unknown.pages[1].locator(".tiles dd").first).to_be_visible(timeout=PATIENCE * 1000)
        page.reload()
        expect(page.locator(".tiles dd").nth(2)).to_have_text("1.075 billion USD", timeout=PATIENCE * 1000)
    finally:
        known.close()
        unknown.close()


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """``costcheck lab``: its address, with the token in it."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "lab", "--no-browser", "--port", str(port), "notebooks"],
        env={name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
        | {"HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    )
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line):
                break
        process.address = found[0]
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.stdout.close()


@pytest.mark.fault("a stranger's page in the browser of the reader")
def test_a_strangers_page_cannot_read_hold_or_drive_the_lab(context, stranger, lab):
    origin, token = re.match(r"(http://[^/]+)/lab.*token=(\w+)", lab.address).groups()
    page = context.new_page()
    page.goto(lab.address)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE * 1000)
    kernels = lambda: page.evaluate("async () => (await (await fetch('/api/kernels')).json()).length")  # noqa: E731
    before = kernels()
    paths = ["/api/contents", "/api/kernels", "/files/index.ipynb"]
    got = attacked(context, stranger, origin, paths, "/api/kernels/a-b-c-d-e/channels")
    assert got == []
    assert kernels() == before
    assert stranger.heard
    assert all(token not in each for each in stranger.heard)
