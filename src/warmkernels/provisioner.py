"""The Jupyter kernel provisioner ``costcheck-warm``: kernels in a tenth of the time, otherwise as usual.

Any program that starts kernels through jupyter_client (papermill, nbclient, nbval, JupyterLab) uses it where
the environment variable ``JUPYTER_DEFAULT_PROVISIONER_NAME`` is ``costcheck-warm``, or where a kernel's
specification names it. A kernel that is not this Python's ipykernel, or that is to be started in a manner a
fork cannot, is started in the ordinary way; so are all where the platform has no safe fork.
"""

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

LAUNCHER = ["-m", "ipykernel_launcher"]
KNOWN = {"cwd", "env", "stdin", "stdout", "stderr", "independent", "kernel_id", "extra_arguments"}
"""Arguments of a launch; a caller may give others, which are for `subprocess.Popen`."""


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by fork from a process that has imported what they need."""

    forked: client.Kernel | None = None
    """The kernel that was started last, if it was by fork."""
    contained = False
    """Whether all that a kernel starts is to end with it."""

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what a kernel that has ended may have left: it may not come to remove its last socket."""
        await super().cleanup(restart)
        known = self.connection_info
        if self.forked and known.get("transport") == "ipc":
            Path(f"{known['ip']}-{known['iopub_port']}-forks").unlink(missing_ok=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel.

        Args:
            cmd: Its command line.
            **kwargs: As for `subprocess.Popen`.

        Returns:
            How to connect to it.

        Raises:
            OSError: As `subprocess.Popen`.
        """
        if not fits(cmd, kwargs):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            if why := client.unavailable():
                raise client.NoKernelError(why)
            kernel = await client.fork(cmd, kwargs, contained=self.contained)
        except client.NoKernelError as error:
            _say(str(error))
            return await super().launch_kernel(cmd, **kwargs)
        self.forked = kernel
        self.process = kernel  # type: ignore[assignment]  # it has the methods of Popen that are used
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info


def _say(why: str) -> None:
    if why not in _said:
        _said.add(why)
        logging.getLogger("costcheck").warning("costcheck: ordinary kernels are used: %s", why)


_said: set[str] = set()


def fits(cmd: list[str], options: Mapping[str, Any]) -> bool:
    """Whether a kernel is this Python's ipykernel, started as Jupyter's programs start it.

    Args:
        cmd: Its command line.
        options: The arguments of its launch.

    Returns:
        Whether a fork can stand in for it.

    >>> fits([sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"], {})
    True
    >>> fits(["R", "--slave", "-e", "IRkernel::main()"], {})
    False
    """
    if cmd[1:3] != LAUNCHER or options.get("independent") or not options.keys() <= KNOWN:
        return False
    program = shutil.which(os.path.expanduser(cmd[0]), path=options.get("env", os.environ).get("PATH"))
    if program is None or not _same(program, sys.executable):
        return False
    return os.path.isdir(options.get("cwd") or os.curdir)


def _same(program: str, other: str) -> bool:
    """Whether two names are of one Python in one environment, as ``python`` and ``python3`` are."""
    places = [os.path.dirname(os.path.abspath(name)) for name in (program, other)]
    return places[0] == places[1] and os.path.realpath(program) == os.path.realpath(other)
