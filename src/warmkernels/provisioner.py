"""The kernel provisioner ``warm``, which starts a kernel in the ordinary way where it cannot fork one."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from warmkernels import client

KNOWN = {"cwd", "env", "stdin", "stdout", "stderr", "independent", "kernel_id", "extra_arguments"}
"""Arguments of a launch; any other is meant for `subprocess.Popen`."""

_logged: set[str] = set()


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by forking a process that has imported what they need."""

    forked: client.Kernel | None = None
    """The kernel that was started last, if it was forked."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel with a command line and the arguments of `subprocess.Popen`."""
        self.forked = None
        if not fits(cmd, kwargs):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            kernel = await client.fork(cmd, kwargs)
        except client.NoKernelError as error:
            if str(error) not in _logged:  # once, not for each kernel
                _logged.add(str(error))
                logging.getLogger("warmkernels").warning("ordinary kernels are used: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.forked = kernel
        self.process = kernel  # type: ignore[assignment]  # it has the methods of Popen that are used
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info


def fits(cmd: list[str], options: Mapping[str, Any]) -> bool:
    """Whether a fork can stand in for a kernel: it is this Python's ipykernel, started as Jupyter starts it.

    >>> fits([sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"], {})
    True
    >>> fits(["R", "--slave", "-e", "IRkernel::main()"], {})
    False
    """
    if cmd[1:3] != ["-m", "ipykernel_launcher"] or options.get("independent") or not options.keys() <= KNOWN:
        return False
    program = shutil.which(os.path.expanduser(cmd[0]), path=options.get("env", os.environ).get("PATH"))
    if program is None or not os.path.isdir(options.get("cwd") or os.curdir):
        return False
    # python and python3 of one environment are one Python; two environments may link to the same file
    folders = {os.path.dirname(os.path.abspath(name)) for name in (program, sys.executable)}
    return len(folders) == 1 and os.path.realpath(program) == os.path.realpath(sys.executable)
