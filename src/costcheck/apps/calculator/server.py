"""The calculator in a browser: Voilà on one notebook, on the loopback address, and nothing else.

Voilà executes the notebook in a kernel that waits for its visitor, and lets no visitor execute anything. Its
handlers for files, folders, themes and extensions are left out here: what is served is the page, its three
files, a kernel for each page, and that kernel's messages.

The page and its files are the same for everybody. A kernel is for who has the token alone, which is in the
address that the reader is told. The page keeps it in its own storage, and there are no cookies: a browser
sends those to every port of an address, so that another user of this machine who listens at one could read
them.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import logging
import os
import secrets
import shutil
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costcheck.apps.browser import LOOPBACK, open_browser
from costcheck.apps.calculator import PAGE
from costcheck.data.tables import home
from costcheck.errors import RunError
from warmkernels import NAME, client

NOTEBOOK = "calculator.ipynb"
POOL = 2
"""Kernels that wait for visitors."""
IDLE_SECONDS, LOOK_SECONDS = 60, 20
"""How long a kernel lives that no page is connected to, and how often that is looked at."""
MOST, FRESH_SECONDS = 16, 10
"""How many pages may have a kernel; where so many have, how old one may be that none has looked at."""
STOP_SECONDS = 1
"""How long the kernels have to end by themselves at Ctrl-C."""
MOST_CONNECTIONS, REQUEST_SECONDS = 256, 20
"""How many requests there may be at once, of whomever; how long one may take to arrive."""
MOST_HEADERS, MOST_BODY, MOST_MESSAGE = 16 * 1024, 1024, 4 * 1024 * 1024
"""How long a request's headers, its body, and a message to a kernel may be [byte]: the last may have a link,
of which a browser takes 2 MiB, and which is then refused in words."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What the page may do: run its own script, and talk to its own server. No other page may hold it."""


def serve(port: int, link: str = "", *, wanted: bool) -> None:
    """Serve the calculator until it is told to stop.

    Args:
        port: Of the loopback address; it must be free.
        link: The settings that the address told has, as `costcheck.apps.calculator.Settings.link` gives them.
        wanted: Whether to open the reader's browser once the page can be had at once.

    Raises:
        RunError: The port has been taken meanwhile, or the notebook could not be executed.
    """
    client.prepare()  # the process that kernels are forked from imports while this one does
    if not client.unavailable():
        os.environ.setdefault(client.CHOSEN, NAME)
    # requests that are refused, and kernels that somebody has killed: who asked is told
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    asked_to_stop = threading.Event()

    def interrupted(*_: object) -> None:
        # a library may swallow the exception while it starts; that it was asked for is kept
        asked_to_stop.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        _application(port, link, wanted, asked_to_stop).start()
    finally:
        signal.signal(signal.SIGINT, before)


def question(said: str | bytes) -> str | None:
    """Take out of a message what a page may ask of its kernel, and leave the rest behind.

    Jupyter's protocol lets who is connected to a kernel execute, complete, inspect and debug code, read its
    history and end it. The calculator's page sends its widget custom messages, and nothing else.

    Args:
        said: A message as it came from a browser.

    Returns:
        The message to be passed on, or ``None`` for any other one.

    >>> question('{"channel": "shell", "header": {"msg_type": "execute_request"}, "content": {"code": "1"}}')
    >>> content = {"comm_id": "a", "data": {"method": "custom", "content": {"n": 1}}}
    >>> asked = {"channel": "shell", "header": {"msg_type": "comm_msg", "msg_id": "b"}, "content": content}
    >>> json.loads(question(json.dumps(asked)))["content"] == content
    True
    """
    with contextlib.suppress(ValueError, RecursionError):
        match json.loads(said) if isinstance(said, str) else None:
            case {
                "channel": "shell",
                "header": {"msg_type": "comm_msg", "msg_id": str(message), **header},
                "content": {"comm_id": str(comm), "data": {"method": "custom", "content": dict(content)}},
            }:
                told = {key: str(header.get(key, "")) for key in ("session", "username", "version")}
                asked = {
                    "channel": "shell",
                    "header": told | {"msg_type": "comm_msg", "msg_id": message},
                    "parent_header": {},
                    "metadata": {},
                    "content": {"comm_id": comm, "data": {"method": "custom", "content": content}},
                    "buffers": [],
                }
                # half a pair of surrogates is no letter, and could not be sent on
                return json.dumps(asked, ensure_ascii=False).encode(errors="replace").decode()
    return None


def _application(port: int, link: str, wanted: bool, asked_to_stop: threading.Event) -> Any:
    import psutil
    import tornado.ioloop
    import tornado.netutil
    import tornado.web
    from jupyter_core.utils import run_sync
    from jupyter_server.auth.identity import IdentityProvider, User
    from jupyter_server.base.handlers import JupyterHandler
    from tornado.httpserver import HTTPServer
    from traitlets.config import Config
    from voila.app import Voila
    from voila.tornado.handler import TornadoVoilaHandler
    from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

    visits = asyncio.Lock()
    """Held by the visitor who is being given a kernel: so that nobody comes between counting and starting."""
    arrived: set[Any] = set()
    """Him, and those who wait for the same."""

    class TokenAlone(IdentityProvider):
        """Knows who has the token; sets no cookie, and takes none."""

        def get_user(self, handler: tornado.web.RequestHandler) -> User | None:
            given = self.get_token(handler) or ""
            if not secrets.compare_digest(given.encode(), self.token.encode()):
                return None
            handler._token_authenticated = True  # type: ignore[attr-defined]  # as Jupyter's own does
            return User("visitor")

    class Refused(tornado.web.RequestHandler):
        """Says in plain text why a request is refused: for pages of errors there are no templates here."""

        def write_error(self, status_code: int, **kwargs: Any) -> None:
            error = kwargs.get("exc_info", (None, None))[1]
            why = getattr(error, "log_message", None)
            why = why % error.args if why else self._reason
            for name, value in HEADERS.items():
                self.set_header(name, value)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{status_code}: {why}\n")

        def skip_check_origin(self) -> bool:
            """Look where a request comes from also where it has the token, other than Jupyter."""
            return False

        def set_cors_headers(self) -> None:
            """Let no other origin read an answer, other than Jupyter, which does to who has the token."""

    class Channels(Refused, VoilaKernelWebsocketHandler):  # type: ignore[misc]  # Voilà has no types
        """The kernel's messages."""

        async def pre_get(self) -> None:
            if self.kernel_manager._kernel_connections.get(self.kernel_id):
                raise tornado.web.HTTPError(409, "this kernel has its page")
            await super().pre_get()

        def select_subprotocol(self, subprotocols: list[str]) -> None:
            """Talk in text alone: that is what `question` reads."""

        def open(self, *args: Any, **kwargs: Any) -> Any:
            # small messages follow one another: without this each waits for the last one's receipt
            self.set_nodelay(True)
            return super().open(*args, **kwargs)

        def on_message(self, ws_message: str | bytes) -> None:
            if asked := question(ws_message):
                super().on_message(asked)

    class Kernels(Refused, TornadoVoilaHandler):  # type: ignore[misc]
        """A kernel for a page."""

        SUPPORTED_METHODS = ("POST",)

        def check_xsrf_cookie(self) -> None:
            """Ask for the token: no other page can send it along."""
            # Tornado asks before it is known who it is, and Jupyter once more
            if hasattr(self, "_jupyter_current_user") and not self.token_authenticated:
                raise tornado.web.HTTPError(403, "the token is missing or wrong")

        async def prepare(self) -> None:
            await super().prepare()  # type: ignore[misc]  # that of Jupyter always has something to await
            if not self.check_origin():
                raise tornado.web.HTTPError(403, "another site's page gets no kernel")
            # Voilà would read a template's name out of them
            if self.request.query or self.request.body:
                raise tornado.web.HTTPError(400, "nothing but the token may be given")

        async def post(self) -> None:
            if len(arrived) >= MOST:
                raise self._too_many()
            arrived.add(self)
            try:
                async with visits:
                    await self._make_room()
                    told = "".join([piece async for piece in self.get_generator()])
            finally:
                arrived.discard(self)
            self.set_header("Content-Type", "application/json")
            self.set_header("Cache-Control", "no-store")
            await self.finish(told.strip())

        async def _make_room(self) -> None:
            await self._leave_out_the_dead()
            if len(self._taken()) >= MOST:
                await self._end_the_forsaken()
            if len(self._taken()) >= MOST:
                raise self._too_many()

        def _too_many(self) -> Exception:
            return tornado.web.HTTPError(
                503, "The calculator is open too many times. Close some of its pages, then reload this one."
            )

        def _pool(self) -> list[Any]:
            pool: list[Any] = self.kernel_manager._pools.get(self.notebook_path, [])
            return pool

        def _taken(self) -> set[str]:
            """Return the kernels that were given to a page, by their names."""
            waiting = {
                each.result()["kernel_id"]
                for each in self._pool()
                if each.done() and not each.cancelled() and not each.exception()
            }
            return set(self.kernel_manager.list_kernel_ids()) - waiting

        async def _leave_out_the_dead(self) -> None:
            """Take kernels that have ended, or never came, out of those that wait."""
            pool, manager = self._pool(), self.kernel_manager
            before = len(pool)
            for waiting in [each for each in pool if each.done()]:
                failed = waiting.cancelled() or waiting.exception()
                name = None if failed else waiting.result()["kernel_id"]
                if name in manager and await manager.get_kernel(name).is_alive():
                    continue
                if waiting in pool:  # another visitor may have come meanwhile
                    pool.remove(waiting)
            if len(pool) < before:
                manager.fill_if_needed(delay=0, notebook_name=self.notebook_path)

        async def _end_the_forsaken(self) -> None:
            """End the kernels whose pages have gone, or were never looked at."""
            manager, now = self.kernel_manager, datetime.now(UTC)
            for name in self._taken():
                with contextlib.suppress(Exception):  # it may end at this moment
                    kernel = manager.get_kernel(name)
                    old = (now - kernel.last_activity).total_seconds() > FRESH_SECONDS
                    if old and not manager._kernel_connections.get(name):
                        await manager.shutdown_kernel(name, now=True)

    class Nothing(Refused):
        """All other addresses."""

        check_host, log = JupyterHandler.check_host, JupyterHandler.log

        def prepare(self) -> None:
            if not self.check_host():  # type: ignore[misc]  # it is that of a handler of Jupyter's
                raise tornado.web.HTTPError(403)
            self.found()

        def found(self) -> None:
            raise tornado.web.HTTPError(404)

    class Files(Nothing, tornado.web.StaticFileHandler):
        """The page and its files, asked for anew after every upgrade."""

        def found(self) -> None:
            """Go on: what there is, is for everybody."""

        def set_extra_headers(self, path: str) -> None:
            for name, value in {**HEADERS, "Cache-Control": "no-cache"}.items():
                self.set_header(name, value)

    class Server(HTTPServer):
        """One that nobody can make hold more connections than so many."""

        def handle_stream(self, stream: Any, address: Any) -> None:
            if len(self._connections) >= MOST_CONNECTIONS:
                stream.close()
            else:
                super().handle_stream(stream, address)

    class Application(Voila):  # type: ignore[misc]
        """Voilà with one page."""

        def setup_template_dirs(self) -> None:
            self.template_paths = [str(PAGE)]

        def init_handlers(self) -> list[Any]:
            kernel = r"/api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)/channels"
            page = {
                "notebook_path": os.path.relpath(self.notebook_path, self.root_dir),
                "template_paths": self.template_paths,
                "config": self.config,
                "voila_configuration": self.voila_configuration,
            }
            files = {"path": str(PAGE / "static")}
            return [
                (kernel, Channels),
                (r"/kernel", Kernels, page),
                # by their names, so that no trick in a path has to be seen through
                (r"/static/(page\.js|widget\.js|widget\.css)", Files, files),
                (r"/()", Files, {**files, "default_filename": "index.html"}),
            ]

        def listen(self) -> None:
            server = Server(
                self.app,
                idle_connection_timeout=REQUEST_SECONDS,
                body_timeout=REQUEST_SECONDS,
                max_header_size=MOST_HEADERS,
                max_body_size=MOST_BODY,
            )
            server.add_sockets(sockets)
            self.ioloop = tornado.ioloop.IOLoop.current()
            self.failed: RunError | None = None
            self.ioloop.add_callback(self.ready)
            # as an exception it would come up in whatever is going on, and be told of as that one's failure
            before = signal.signal(signal.SIGINT, self._handle_signal_stop)
            if asked_to_stop.is_set():
                self.ioloop.add_callback(self.ioloop.stop)
            try:
                self.ioloop.start()
            finally:
                signal.signal(signal.SIGINT, before)
                server.stop()
                self.stop()
            if self.failed:
                raise self.failed

        async def ready(self) -> None:
            """Wait for the first kernel to have executed the notebook, and say where the page is."""
            try:
                pool = self.kernel_manager._pools[os.path.relpath(self.notebook_path, self.root_dir)]
                first = await asyncio.shield(pool[0])
                rendered, _ = await asyncio.shield(first["task"])
            except Exception as error:
                self.failed = RunError(f"the calculator could not be started: {error}")
            else:
                # to a visitor who came so early the rest is rendered in the answer
                taken = first["renderer"].stop_generator
                if not taken and '"model"' not in "".join(rendered):
                    self.failed = RunError("the calculator could not be started: its notebook failed")
            if self.failed:
                self.ioloop.stop()
                return
            address = f"http://{LOOPBACK}:{port}/?token={self.token}" + (f"#{link}" if link else "")
            by = None
            if wanted:
                # everybody on this machine sees the command line that a browser is started with
                leads_there = Path(self.connection_dir, "calculator.html")  # the reader's alone
                leads_there.write_text(
                    f'<!doctype html><meta http-equiv="refresh" content="0; url={html.escape(address)}">',
                    "utf-8",
                )
                by = leads_there.as_uri()
            # a browser in the foreground of a terminal returns only when it is closed
            threading.Thread(target=open_browser, args=(address, wanted, by), daemon=True).start()

        async def end_kernels(self) -> None:
            async with asyncio.timeout(STOP_SECONDS):
                await self.kernel_manager.shutdown_all(now=True)

        def stop(self) -> None:
            with contextlib.suppress(Exception):
                run_sync(self.end_kernels)()
            # those that have not ended in time, or were about to start
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    process.kill()
            shutil.rmtree(self.connection_dir, ignore_errors=True)

    try:
        sockets = tornado.netutil.bind_sockets(port, LOOPBACK)
    except OSError as error:
        raise RunError(f"port {port}: nothing can listen there ({error.strerror})") from error
    path = home("notebooks") / NOTEBOOK
    if not path.is_file():
        raise RunError(f"{path}: this notebook is missing from the package")
    configuration = {
        "template": "costcheck",
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "preheat_kernel": True,
        "default_pool_size": POOL,
        "attempt_fix_notebook": True,
        "http_keep_alive_timeout": 3600,  # Voilà would put a script between the parts of an answer
    }
    config = Config(
        {
            "Voila": {
                "notebook_path": str(path),
                "ip": LOOPBACK,
                "port": port,
                "open_browser": False,
                "log_level": "CRITICAL",
                "config_file_paths": [],  # nothing of the folder that it is started in
                "token": secrets.token_hex(24),
                "identity_provider_class": TokenAlone,
                # a page of another name that leads here is refused; Voilà alone would let it in
                "tornado_settings": {
                    "allow_remote_access": False,
                    "local_hostnames": ["localhost"],
                    "headers": HEADERS,
                    "xsrf_cookies": True,
                    "default_handler_class": Nothing,
                    "websocket_max_message_size": MOST_MESSAGE,
                    # to a browser on the same machine no connection goes unnoticed; with jupyter_server's own
                    # times Tornado warns, and with shorter ones the first ping would end the connection
                    "ws_ping_interval": 0,
                    "log_function": lambda handler: None,
                },
            },
            "VoilaConfiguration": configuration,
            # a kernel that is started anew has not executed the notebook: the page says so instead
            "KernelRestarter": {"restart_limit": 0, "time_to_dead": 1.0},
            "MappingKernelManager": {
                "kernel_manager_class": "costcheck.apps.lab.Unconfigured",
                "cull_idle_timeout": IDLE_SECONDS,
                "cull_interval": LOOK_SECONDS,
                "cull_connected": False,
            },
        }
    )
    application = Application(config=config)
    application.initialize([])
    return application
