"""papermill's client and engine, with kernels that are forked, and a time limit for a whole notebook."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from jupyter_client.client import KernelClient
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger

from warmkernels.manager import WarmManager
from warmkernels.processes import kill_tree

FOREVER = 1_000_000
"""Outputs that are on their way when a cell has ended are waited for: within the time limit [second]."""


class KernelEndedError(DeadKernelError):
    """A kernel ended before its notebook; ``code`` is how, as `subprocess` counts it, or ``None``."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        signals = {-number: number.name for number in signal.Signals}
        super().__init__(f"the kernel ended: {signals.get(code or 0, f'status {code}')}")


class TimeLimitError(DeadKernelError):
    """A notebook took longer than its limit, and its kernel was killed."""


class WarmClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no annotations
    """papermill's client; a limit [second] but 0 is for all of a notebook once its kernel has started."""

    def __init__(self, execution: NotebookExecutionManager, time_limit: float, **options: Any) -> None:
        defaults = {"kernel_manager_class": WarmManager, "iopub_timeout": FOREVER}
        super().__init__(execution, **defaults | options)
        self._time_limit = time_limit
        self._timed_out = False
        self._alarm: asyncio.TimerHandle | None = None
        self._provisioner: Any = None

    def execute(self, **options: Any) -> NotebookNode:
        """Execute the notebook; a cell that fails ends it, and papermill reports that.

        Raises:
            TimeLimitError: It took too long.
            KernelEndedError: The kernel ended.
            RuntimeError: The kernel did not start.
        """
        try:
            notebook: NotebookNode = super().execute(**options)
            return notebook
        except DeadKernelError:
            if self._timed_out:
                raise TimeLimitError(f"not done within {self._time_limit:g} s") from None
            process = getattr(self._provisioner, "process", None)
            raise KernelEndedError(process and process.poll()) from None
        finally:
            run_sync(self._settle)()

    async def async_start_new_kernel_client(self) -> KernelClient:
        """Start the clock as soon as the kernel answers."""
        client: KernelClient = await super().async_start_new_kernel_client()
        self._provisioner = getattr(self.km, "provisioner", None)
        if self._time_limit:
            self._alarm = asyncio.get_running_loop().call_later(self._time_limit, self._stop)
        return client

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    def _stop(self) -> None:
        self._timed_out = True
        if (pid := getattr(self._provisioner, "pid", None)) is not None:
            kill_tree(pid)

    async def _settle(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        # nbclient forgets some of its tasks where a kernel has died; this loop has no others
        forgotten = asyncio.all_tasks() - {asyncio.current_task()}
        for task in forgotten:
            task.cancel()
        await asyncio.gather(*forgotten, return_exceptions=True)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Append an output; text that continues the last output is joined with it.

        The number of pieces in which text arrives depends on how busy the machine is.
        """
        content = msg["content"]
        if msg["msg_type"] == "stream" and outs and not self.clear_before_next_output:
            last = outs[-1]
            if last["output_type"] == "stream" and last["name"] == content["name"]:
                last["text"] += content["text"]
                return last
        output: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
        return output


class Engine(NBClientEngine):  # type: ignore[misc]
    """Executes notebooks as papermill's own engine does, in kernels that are forked."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        start_timeout: float = 60,
        execution_timeout: float | None = None,
        time_limit: float = 0,
        input_path: str | None = None,
        **options: Any,
    ) -> NotebookNode:
        """Execute a notebook; ``time_limit`` is for all of it, other options are nbclient's."""
        options |= {"timeout": execution_timeout or options.get("timeout"), "startup_timeout": start_timeout}
        return WarmClient(nb_man, time_limit, kernel_name=kernel_name, log=logger, **options).execute()
