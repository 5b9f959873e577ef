"""A kernel manager whose kernels are warm, and whose clients do not wait for longer than they must."""

from __future__ import annotations

import os
import uuid
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

from costcheck.kernels.client import CHOSEN, unavailable
from costcheck.kernels.provisioner import WarmProvisioner


class Client(AsyncKernelClient):
    """A client that is ready when the kernel says welcome."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel's outputs reach this client.

        ipykernel greets whoever subscribes to its outputs. jupyter_client asks for the kernel's description,
        and then waits for a fifth of a second in which nothing comes.

        Args:
            timeout: That long at most [second].

        Raises:
            RuntimeError: The kernel has died, or has not answered in time.
        """
        until = monotonic() + (timeout or float("inf"))
        while True:
            try:
                message = await self.get_iopub_msg(timeout=1)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before it answered") from None
                if monotonic() > until:
                    raise RuntimeError(f"Kernel didn't respond in {timeout} seconds") from None
            else:
                if message["msg_type"] == "iopub_welcome":
                    return


class Manager(AsyncKernelManager):
    """A manager of a warm kernel, or of the kind that the environment names."""

    client_class = f"{Client.__module__}.{Client.__qualname__}"
    client_factory = Type(klass=Client, default_value=Client)
    warm: WarmProvisioner | None = None

    @property
    def lost(self) -> bool:
        """Whether the kernel died only because the process died that it was forked from."""
        kernel = self.warm.forked if self.warm else None
        return kernel is not None and kernel.lost

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        if self.provisioner is None and CHOSEN not in os.environ:
            if not unavailable():
                # sockets with a name, but no file: no port that somebody else takes first, nothing to remove
                self.transport, self.ip = "ipc", f"@costcheck-{uuid.uuid4()}"
            # by hand, so that a package that was unpacked but not installed has warm kernels too
            self.kernel_id = self.kernel_id or str(uuid.uuid4())
            self.provisioner = self.warm = WarmProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        return await super()._async_pre_start_kernel(**options)
