"""JupyterLab on the notebooks: this Python alone, warm kernels, nothing asked outside this machine.

How it differs from ``jupyter lab`` is said here to the server, and no setting of the reader's is changed.
Their own settings of the interface, such as the theme, stay in force.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import signal
import tempfile
import warnings
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from jupyter_server.utils import JupyterServerAuthWarning, ensure_async, url_path_join
from traitlets.config import Config

from costcheck.apps.browser import LOOPBACK, START, open_browser
from warmkernels import NAME, client, private
from warmkernels.manager import ThisPython

SCRATCH = "costcheck-lab-"
"""How the folder of a lab's temporary files begins; the process id follows."""
SETTINGS = "settings"
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
"""Settings of JupyterLab that are other than its own by default."""
EXTENSIONS = {"jupyterlab": True, "notebook_shim": False}  # the second serves the old Notebook, and warns


KERNEL_CLASS = "warmkernels.constant.ConstantKernel"  # by its name: it is the kernels that import it


class Unchanging(ThisPython):
    """One kernel, which changes no notebook that is merely opened."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Describe the kernel."""
        spec = super().get_kernel_spec(kernel_name)
        spec.argv = [*spec.argv, f"--IPKernelApp.kernel_class={KERNEL_CLASS}"]
        return spec


class Kernel(ServerKernelManager):
    """A kernel that is talked to without a port, through sockets that only their owner can reach."""

    def __init__(self, **options: Any) -> None:
        """Take no other address from a reader's settings: it could be one that a whole network can reach."""
        super().__init__(**options)
        self.transport = "tcp" if client.unavailable() else "ipc"
        self.ip = LOOPBACK if self.transport == "tcp" else private.new()

    def cleanup_ipc_files(self) -> None:
        """Remove the kernel's sockets."""
        super().cleanup_ipc_files()
        if self.transport == "ipc":
            private.clean(self.ip)


class Unconfigured(Kernel):
    """The calculator's kernel: this Python's, and it follows no settings of the reader's."""

    def __init__(self, **options: Any) -> None:
        """Take no kernel of another Python that a reader may have given this one's name."""
        super().__init__(**options)
        self.kernel_spec_manager = ThisPython(parent=self)
        self._files = private.new() if self.transport == "tcp" else self.ip

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        given = options.pop("extra_arguments", None) or ()
        return await super()._async_pre_start_kernel(
            extra_arguments=[*given, *private.unconfigured(self._files)], **options
        )

    def cleanup_ipc_files(self) -> None:
        """Remove the kernel's sockets, and its folder of IPython's."""
        super().cleanup_ipc_files()
        private.clean(self._files)


class Server(ServerApp):
    """The server of JupyterLab: our configuration goes before any file of the reader's, Ctrl-C ends it."""

    ours: Config
    wanted: bool
    """Whether a browser is to be opened."""

    def load_config_file(self, suppress_errors: bool = True) -> None:  # type: ignore[override]  # as its parent's
        """Read the reader's configuration, then take ours."""
        super().load_config_file(suppress_errors)
        self.update_config(self.ours)

    def init_signal(self) -> None:
        """Stop on Ctrl-C without a question: what is not saved, the page still has."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop(from_signal=True))

    def launch_browser(self) -> None:
        """Say where the page is, and open it, as soon as the server listens."""
        self.io_loop.add_callback(self._announce)  # it listens in a callback too, which was added before

    def _announce(self) -> None:
        page = url_path_join(self.connection_url, "lab", "tree", START)
        token = self.identity_provider.token
        leads_there = Path(self.browser_open_file).as_uri()
        open_browser(f"{page}?token={token}", self.wanted, leads_there)

    async def cleanup_kernels(self) -> None:
        """End the kernels at once: one that computes would be waited for."""
        if getattr(self, "kernel_manager", None):
            await ensure_async(self.kernel_manager.shutdown_all(now=True))


def serve(folder: Path, port: int, *, wanted: bool) -> None:
    """Serve JupyterLab on a folder of notebooks until it is told to stop.

    Args:
        folder: With the notebooks, and the start page ``index.ipynb``.
        port: Of the loopback address; it must be free.
        wanted: Whether to open the reader's browser.
    """
    client.prepare()  # it imports while the server does
    os.environ.setdefault(client.CHOSEN, NAME)
    sweep(Path(tempfile.gettempdir()))
    # extensions that do not say themselves what is for everybody: here nothing of theirs is
    warnings.filterwarnings("ignore", category=JupyterServerAuthWarning)
    # of what was still to be sent to a page that was closed as the server ended
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-") as scratch:
        (settings := Path(scratch, SETTINGS)).mkdir()
        (settings / "overrides.json").write_text(json.dumps(QUIET), "utf-8")
        runtime = str(Path(scratch, "runtime"))  # who is at which address, and the sockets of kernels
        server = Server.instance(jpserver_extensions=EXTENSIONS, runtime_dir=runtime)
        server.ours = _configuration(folder.resolve(), port, Path(scratch))
        server.wanted = wanted
        server.initialize(argv=[], starter_extension="lab")
        server.start()


def sweep(folder: Path) -> None:
    """Remove what a lab that was killed has left in the folder of temporary files.

    Args:
        folder: Whose folders named ``costcheck-lab-``, a process id and more are looked at.
    """
    import psutil

    for left in folder.glob(f"{SCRATCH}*"):
        named = re.match(rf"{SCRATCH}(\d{{1,9}})-", left.name)
        if named and not psutil.pid_exists(int(named[1])):
            shutil.rmtree(left, ignore_errors=True)  # another user's stays


def _configuration(folder: Path, port: int, scratch: Path) -> Config:
    made: dict[str, dict[str, Any]] = {
        "ServerApp": {
            "ip": LOOPBACK,
            "port": port,
            "port_retries": 0,
            "sock": "",
            # A browser sends the cookies of an address to all of its ports, so that another user of this
            # machine who listens at one could read them: unless they are for a path that nobody else knows.
            "base_url": f"/{secrets.token_urlsafe(16)}/",
            "custom_display_url": "",
            "websocket_url": "",
            "root_dir": str(folder),
            "default_url": f"/lab/tree/{START}",
            "allow_remote_access": False,
            "allow_unauthenticated_access": False,
            "allow_origin": "",
            "allow_origin_pat": "",
            "allow_credentials": False,
            "disable_check_xsrf": False,
            "local_hostnames": ["localhost"],
            "trust_xheaders": False,
            "identity_provider_class": IdentityProvider,
            "allow_root": True,  # in a container; who asks needs the token all the same
            "open_browser": True,  # by our own launch_browser
            "kernel_spec_manager_class": Unchanging,
            "tornado_settings": {"page_config_data": {"buildAvailable": False, "buildCheck": False}},
        },
        "MappingKernelManager": {"kernel_manager_class": f"{Kernel.__module__}.{Kernel.__qualname__}"},
        "Application": {"log_level": logging.ERROR},
        "FileCheckpoints": {"checkpoint_dir": str(scratch / "checkpoints")},
        "IdentityProvider": {"token": secrets.token_hex(24), "cookie_options": {"samesite": "Strict"}},
        "GatewayClient": {"url": None},  # kernels of this machine
        "LabApp": {
            "app_settings_dir": str(scratch / SETTINGS),
            "workspaces_dir": str(scratch / "workspaces"),  # tabs of other projects are not opened here
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "default_url": f"/lab/tree/{START}",
        },
    }
    return Config(made)
