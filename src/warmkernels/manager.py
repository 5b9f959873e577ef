"""Managers of one warm kernel: any, or one of this Python that ignores the user's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type, default

from warmkernels import private_folder
from warmkernels.client import CHOSEN, unavailable
from warmkernels.provisioner import WarmProvisioner

SILENCE_SECONDS = 1
"""A kernel that has been silent for so long is asked for something."""


class Client(AsyncKernelClient):
    """A client that is ready as soon as the kernel's outputs reach it, and loses none of them."""

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        context.rcvhwm = 0  # by default, messages that come faster than they are read are dropped silently
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel's outputs reach this client; a `RuntimeError` if they do not.

        jupyter_client asks for the kernel's description, then waits for a fifth of a second of silence. But
        ipykernel welcomes whoever subscribes to its outputs, so the first message is enough. A welcome may be
        lost if something else is sent at that moment, so a silent kernel is asked for something.
        """
        until = monotonic() + (timeout or float("inf"))
        while True:
            try:
                await self.get_iopub_msg(timeout=SILENCE_SECONDS)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before it answered") from None
                if monotonic() > until:
                    raise RuntimeError(f"Kernel didn't respond in {timeout} seconds") from None
                self.kernel_info()
            else:
                return


class ThisPython(KernelSpecManager):
    """Offers one kernel, that of the running Python."""

    @default("kernel_dirs")
    def _none(self) -> list[str]:
        return []


class WarmManager(AsyncKernelManager):
    """Manages a warm kernel on named sockets, unless its specification or the environment names another."""

    client_class = f"{Client.__module__}.{Client.__qualname__}"
    client_factory = Type(klass=Client, default_value=Client)
    _folder: Path | None = None

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        self._folder = self._folder or private_folder.new()
        chosen = CHOSEN in os.environ or "kernel_provisioner" in getattr(self.kernel_spec, "metadata", {})
        if self.provisioner is None and not chosen:
            if not unavailable():
                # no port that another process takes first or connects to
                self.transport, self.ip = "ipc", str(self._folder / "k")
                self.connection_file = str(self._folder / "kernel.json")
            # by hand, because a package that was unpacked but not installed has no entry point
            self.kernel_id = self.kernel_id or str(uuid.uuid4())
            self.provisioner = WarmProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        return await super()._async_pre_start_kernel(**options)

    async def _async_wait(self, pollinterval: float = 0.1) -> None:
        await super()._async_wait(min(pollinterval, 0.005))  # a killed kernel takes less than 0.1 s to end

    def cleanup_ipc_files(self) -> None:
        """Remove the kernel's sockets, and its folder."""
        super().cleanup_ipc_files()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


class Manager(WarmManager):
    """Manages a kernel of this Python, without the user's settings and silent but for its messages."""

    @default("kernel_spec_manager")
    def _this_python(self) -> ThisPython:
        return ThisPython(parent=self)

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        self._folder = private_folder.new()
        # ipykernel warns at every start that loopback TCP is not encrypted; nobody asks for the history
        quiet = ["--log-level=CRITICAL", "--HistoryManager.enabled=False"]
        # the user's IPython folder may change what a notebook shows
        (ipython := self._folder / "ipython").mkdir(mode=0o700, exist_ok=True)
        plain = [f"--ipython-dir={ipython}", "--IPKernelApp.exec_PYTHONSTARTUP=False"]
        options["extra_arguments"] = [*(options.get("extra_arguments") or ()), *quiet, *plain]
        # what is no output of a cell, such as where a library has crashed, is not for whoever runs this
        options |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return await super()._async_pre_start_kernel(**options)
