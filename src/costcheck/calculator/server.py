"""The calculator in a browser: Voilà on one notebook, on the loopback address, and nothing else.

Voilà executes the notebook in a kernel that waits for its visitor, and lets no visitor execute anything. Its
handlers for files, folders, themes and extensions are left out here: what is served is the page, its three
files, and the kernel's messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import threading
from typing import Any

from costcheck.calculator import PAGE
from costcheck.cli.serving import LOOPBACK, open_browser
from costcheck.errors import RunError
from costcheck.kernels import NAME, client
from costcheck.tables import home

NOTEBOOK = "calculator.ipynb"
POOL = 2
"""Kernels that wait for visitors."""
IDLE_SECONDS, LOOK_SECONDS = 60, 20
"""How long a kernel lives that no page is connected to, and how often that is looked at."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What the page may do: run its own script, and talk to its own server."""


def serve(port: int, link: str = "", *, wanted: bool) -> None:
    """Serve the calculator until it is told to stop.

    Args:
        port: Of the loopback address; it must be free.
        link: The settings that the address told has, as `costcheck.calculator.Settings.link` gives them.
        wanted: Whether to open the reader's browser once the page can be had at once.

    Raises:
        RunError: The port has been taken meanwhile, or the notebook could not be executed.
    """
    client.prepare()  # the process that kernels are forked from imports while this one does
    if not client.unavailable():
        os.environ.setdefault(client.CHOSEN, NAME)
    _application(port, link, wanted).start()


def _application(port: int, link: str, wanted: bool) -> Any:
    import tornado.ioloop
    import tornado.netutil
    import tornado.web
    from jupyter_core.utils import run_sync
    from tornado.httpserver import HTTPServer
    from traitlets.config import Config
    from voila.app import Voila
    from voila.tornado.handler import TornadoVoilaHandler
    from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

    class Channels(VoilaKernelWebsocketHandler):  # type: ignore[misc]  # Voilà has no types
        """The kernel's messages."""

        def open(self, *args: Any, **kwargs: Any) -> Any:
            # small messages follow one another: without this each waits for the last one's receipt
            self.set_nodelay(True)
            return super().open(*args, **kwargs)

    class Files(tornado.web.StaticFileHandler):
        """The page's files, asked for anew after every upgrade."""

        def set_extra_headers(self, path: str) -> None:
            for name, value in {**HEADERS, "Cache-Control": "no-cache"}.items():
                self.set_header(name, value)

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
            return [
                (kernel, Channels),
                (r"/static/(.*)", Files, {"path": str(PAGE / "static")}),
                (r"/()", TornadoVoilaHandler, page),
            ]

        def listen(self) -> None:
            server = HTTPServer(self.app)
            server.add_sockets(sockets)
            self.ioloop = tornado.ioloop.IOLoop.current()
            self.failed: RunError | None = None
            self.ioloop.add_callback(self.ready)
            # as an exception it would come up in whatever is going on, and be told of as that one's failure
            before = signal.signal(signal.SIGINT, self._handle_signal_stop)
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
                if not taken and 'id="kernel"' not in "".join(rendered):
                    self.failed = RunError("the calculator could not be started: its notebook failed")
            if self.failed:
                self.ioloop.stop()
                return
            address = f"http://{LOOPBACK}:{port}/" + (f"#{link}" if link else "")
            # a browser in the foreground of a terminal returns only when it is closed
            threading.Thread(target=open_browser, args=(address, wanted), daemon=True).start()

        def stop(self) -> None:
            with contextlib.suppress(Exception):
                run_sync(self.kernel_manager.shutdown_all)(now=True)
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
                # a page of another name that leads here is refused; Voilà alone would let it in
                "tornado_settings": {
                    "allow_remote_access": False,
                    "local_hostnames": ["localhost"],
                    "headers": HEADERS,
                    "xsrf_cookies": True,
                    "ws_ping_timeout": 30_000,  # jupyter_server's own is more than Tornado takes, which warns
                    "log_function": lambda handler: None,
                },
            },
            "VoilaConfiguration": configuration,
            "MappingKernelManager": {
                "kernel_manager_class": "costcheck.lab.Kernel",
                "cull_idle_timeout": IDLE_SECONDS,
                "cull_interval": LOOK_SECONDS,
                "cull_connected": False,
            },
        }
    )
    application = Application(config=config)
    application.initialize([])
    return application
