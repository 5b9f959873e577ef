"""JupyterLab on the notebooks: warm kernels, no pop-ups, nothing asked outside this machine.

The server is configured here alone; the reader's settings of the interface, such as the theme, stay in force.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from jupyter_server.utils import ensure_async, url_path_join
from traitlets.config import Config

from costcheck.apps.browser import LOOPBACK, START, open_browser
from costcheck.batch import kernels
from warmkernels import NAME, client, private_folder
from warmkernels.manager import ThisPython

QUIET = {  # settings of JupyterLab that differ from its own defaults
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
EXTENSIONS = {"jupyterlab": True, "notebook_shim": False}  # the second serves the old Notebook, and warns
KERNEL_CLASS = "costcheck.apps.kernel.ConstantKernel"  # by its name: kernels import it


class Unchanging(ThisPython):
    """Offers this Python's kernel, which changes no notebook that is merely opened."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Describe the kernel."""
        spec = super().get_kernel_spec(kernel_name)
        spec.argv = [*spec.argv, f"--IPKernelApp.kernel_class={KERNEL_CLASS}"]
        return spec


class Kernel(ServerKernelManager):
    """A kernel without a port, behind sockets that only their owner can reach."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not client.unavailable():
            # the folder stays when a kernel is restarted, and goes with this process
            self.transport, self.ip = "ipc", str(private_folder.new() / "k")


class Server(ServerApp):
    """The server of JupyterLab, with this module's configuration; Ctrl-C ends it."""

    ours: Config
    wanted: bool  # whether a browser is to be opened

    def load_config_file(self, suppress_errors: bool = True) -> None:  # type: ignore[override]  # as its parent's
        """Take this module's configuration in place of the reader's files."""
        self.update_config(self.ours)

    def init_signal(self) -> None:
        """Stop on Ctrl-C without a question: the page still has what is not saved."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop(from_signal=True))

    def launch_browser(self) -> None:
        """Print where the page is, and open it, as soon as the server listens."""
        self.io_loop.add_callback(self._announce)  # it listens in a callback that was added before

    def _announce(self) -> None:
        page = url_path_join(self.connection_url, "lab", "tree", START)
        leads_there = Path(self.browser_open_file).as_uri()  # so that no process list shows the token
        open_browser(f"{page}?token={self.identity_provider.token}", self.wanted, leads_there)

    async def cleanup_kernels(self) -> None:
        """End the kernels at once, rather than wait for one that computes."""
        if getattr(self, "kernel_manager", None):
            await ensure_async(self.kernel_manager.shutdown_all(now=True))


def serve(folder: Path, port: int, *, wanted: bool) -> None:
    """Serve JupyterLab on a folder of notebooks with a start page, at a free port, until interrupted."""
    kernels.prepare()  # it imports while the server does
    os.environ.setdefault(client.CHOSEN, NAME)
    # about messages to pages that closed as the server ended
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    for name in ("tornado.application", "tornado.general"):
        logging.getLogger(name).addFilter(concerns_the_reader)
    with tempfile.TemporaryDirectory(prefix="costcheck-lab-") as scratch:
        (settings := Path(scratch, "settings")).mkdir()
        (settings / "overrides.json").write_text(json.dumps(QUIET), "utf-8")
        server = Server.instance(jpserver_extensions=EXTENSIONS, runtime_dir=str(Path(scratch, "runtime")))
        server.ours = _configuration(folder.resolve(), port, settings)
        server.wanted = wanted
        server.initialize(argv=[], starter_extension="lab")
        server.start()


def concerns_the_reader(record: logging.LogRecord) -> bool:
    """Tell whether to log a record: not that a page was closed as its kernel answered."""
    return not (record.exc_info and type(record.exc_info[1]).__name__ == "WebSocketClosedError")


def _configuration(folder: Path, port: int, settings: Path) -> Config:
    start = f"/lab/tree/{START}"
    made: dict[str, dict[str, Any]] = {
        "ServerApp": {
            "ip": LOOPBACK,
            "port": port,
            "port_retries": 0,
            "root_dir": str(folder),
            "default_url": start,
            "allow_root": True,  # in a container; whoever asks needs the token all the same
            "open_browser": True,  # by launch_browser above
            "kernel_spec_manager_class": Unchanging,
            "tornado_settings": {"page_config_data": {"buildAvailable": False, "buildCheck": False}},
        },
        "MappingKernelManager": {"kernel_manager_class": f"{Kernel.__module__}.{Kernel.__qualname__}"},
        "Application": {"log_level": logging.ERROR},
        "IdentityProvider": {"token": secrets.token_hex(24)},
        "LabApp": {
            "app_settings_dir": str(settings),
            "workspaces_dir": str(settings.parent / "workspaces"),  # tabs of other projects stay closed
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "default_url": start,
        },
    }
    return Config(made)
