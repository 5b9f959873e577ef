"""The kernels of the calculator's visitors."""

from __future__ import annotations

import sys
import uuid
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager


class VisitorsKernelManager(ServerKernelManager):
    """A server's own manager of a kernel; on Linux nobody can connect to the kernel over a port."""

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        if sys.platform == "linux" and not self.has_kernel:
            # sockets with a name, but no file: none to remove, and no folder whose path is too long for one
            self.transport, self.ip = "ipc", f"@costcheck-{uuid.uuid4()}"
        return await super()._async_pre_start_kernel(**options)
