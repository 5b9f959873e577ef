"""A page of a stranger's, open in the browser that has the calculator open too: a real one."""

from __future__ import annotations

import http.server
import threading

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow
PATIENCE = 120
ATTACK = """async ({ origin, paths }) => {
    const got = [];
    const ways = [{}, { method: "POST" }, { method: "POST", headers: { Authorization: "token x" } },
        { method: "POST", body: "x", headers: { "Content-Type": "text/plain" } }, { method: "DELETE" }];
    for (const path of paths)
        for (const credentials of ["include", "omit"])
            for (const how of ways)
                await fetch(origin + path, { credentials, ...how }).then(
                    async (answer) => got.push(`fetch ${path}: ${await answer.text()}`), () => {});
    for (const path of paths) {
        await new Promise((resolve) => {
            const script = document.createElement("script");
            script.onload = () => { got.push(`script ${path}`); resolve(); };
            script.onerror = resolve;
            script.src = origin + path;
            document.body.append(script);
        });
        await new Promise((resolve) => {
            const line = new WebSocket(origin.replace("http", "ws") + path);
            line.onopen = () => { got.push(`socket ${path}`); resolve(); };
            line.onerror = line.onclose = resolve;
        });
    }
    return got;
}"""


@pytest.fixture
def attack(chromium):
    """Open the reader's page in a browser, then one of another port that tries to get hold of it."""
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

    context = chromium.new_context()

    def attack(address, seen, origin, paths, secret):
        page = context.new_page()
        page.goto(address)
        expect(page.locator(seen).first).to_be_visible(timeout=PATIENCE * 1000)
        evil = context.new_page()
        evil.goto(f"http://127.0.0.1:{server.server_port}/")
        assert evil.evaluate(ATTACK, {"origin": origin, "paths": paths}) == []
        page.evaluate("address => { location.href = address; }", evil.url)
        page.wait_for_url(evil.url)
        # neither the cookie nor the token, nor an address with it, reaches the other port
        assert heard
        assert not [headers for headers in heard if secret in headers or "Cookie" in headers]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield attack
        server.shutdown()
    context.close()


@pytest.mark.fault("a stranger's page in the browser of the reader")
@pytest.mark.fault("the token in what others can see")
def test_a_strangers_page_cannot_read_or_drive_the_calculator(attack, app):
    paths = ["/", "/answer", "/page.js", "/?token=x"]
    attack(app.address, ".tiles dd", f"http://127.0.0.1:{app.port}", paths, app.token)
