"""The calculator's server: one process that answers the page's questions on the loopback address.

Any browser gets the page and its scripts; answers are for whoever has the token, which is in the printed
address. The page keeps it in its own storage, as a browser sends cookies to every port of an address.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import secrets
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from costcheck.apps.browser import LOOPBACK, open_browser
from costcheck.apps.calculator import PAGE
from costcheck.apps.calculator.model import answer
from costcheck.text import log

FILES = {"/": "index.html", "/page.js": "page.js", "/widget.js": "widget.js", "/widget.css": "widget.css"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
MOST_BODY = 4 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The page may run its own scripts and ask its own server; no other page may embed it."""
STRANGER = "only this machine's own page is answered"


class Server(ThreadingHTTPServer):
    """Serves the page and answers its questions, each request in a thread."""

    request_queue_size = 128

    def __init__(self, port: int) -> None:
        self.token = secrets.token_hex(24)
        self.files = {path: (PAGE / name).read_bytes() for path, name in FILES.items()}
        super().__init__((LOOPBACK, port), Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a browser that went away before its answer."""


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    server_version, sys_version = "costcheck", ""
    timeout = 20  # seconds in which a request must arrive

    def do_GET(self) -> None:
        """Send a file of the page."""
        path = self.path.partition("?")[0]
        if not self._is_local():
            self.send_error(HTTPStatus.FORBIDDEN, STRANGER)
        elif path not in FILES:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            kind = TYPES[Path(FILES[path]).suffix]
            self._send(HTTPStatus.OK, self.server.files[path], f"{kind}; charset=utf-8")

    def do_POST(self) -> None:
        """Answer a question of the page."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(length))
        token = self.headers.get("Authorization", "").encode()
        if not self._is_local():
            self.send_error(HTTPStatus.FORBIDDEN, STRANGER)
        elif self.path != "/answer":
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not hmac.compare_digest(token, f"token {self.server.token}".encode()):
            self.send_error(HTTPStatus.FORBIDDEN, "the token is missing or wrong")
        else:
            try:
                text = json.dumps(answer(json.loads(body)))
            except Exception as error:  # in the page it must not look as if the server had ended
                why = log.one_line(f"{type(error).__name__}: {error}")
                self.send_error(HTTPStatus.BAD_REQUEST, f"the calculator cannot answer this ({why})")
            else:
                self._send(HTTPStatus.OK, text.encode(), "application/json")

    def _is_local(self) -> bool:
        """Return whether the page knows this machine by its own name, and is none of another site's."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        return host in self.server.hosts and origin in (None, f"http://{host}")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request in one line of plain text."""
        text = f"{code}: {message or HTTPStatus(code).phrase}\n"
        self._send(code, text.encode(), "text/plain; charset=utf-8")

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line a request."""


def serve(port: int, link: str = "", *, wanted: bool) -> None:
    """Serve the calculator until it is interrupted, at a free port, with a link's settings in its address."""
    with Server(port) as server:
        answer({"open": link})  # what is read once is read before the first visitor comes
        address = f"http://{LOOPBACK}:{port}/?token={server.token}" + (f"#{link}" if link else "")
        with contextlib.suppress(KeyboardInterrupt):  # whoever has read the address may end it
            # a browser in a terminal's foreground returns only when it is closed
            threading.Thread(target=open_browser, args=(address, wanted), daemon=True).start()
            server.serve_forever()
