"""nbclient's client with a time limit for the whole notebook."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

FOREVER = 1_000_000
"""Outputs that are on their way when a cell has ended are waited for: within the time limit [second]."""


class TimedClient(NotebookClient):
    """nbclient's own, which kills its kernel, with all that this has started, after so many seconds."""

    def __init__(self, notebook: NotebookNode, seconds: float, **options: Any) -> None:
        super().__init__(notebook, timeout=None, iopub_timeout=FOREVER, **options)
        self.on_notebook_start, self.on_notebook_complete = self._begin, self._end
        self._seconds = seconds
        self._alarm: asyncio.TimerHandle | None = None
        self._provisioner: Any = None
        self.timed_out = False

    @property
    def exit_code(self) -> int | None:
        """How the kernel has ended, as `subprocess` counts it; ``None`` if that is unknown."""
        process = getattr(self._provisioner, "process", None)
        return None if process is None else process.poll()

    async def _begin(self, notebook: NotebookNode) -> None:
        self._provisioner = getattr(self.km, "provisioner", None)
        self._alarm = asyncio.get_running_loop().call_later(self._seconds, self._stop)

    def _stop(self) -> None:
        self.timed_out = True
        if (pid := getattr(self._provisioner, "pid", None)) is not None:
            kill_tree(pid)

    async def _end(self, notebook: NotebookNode) -> None:
        if self._alarm:
            self._alarm.cancel()
        # nbclient forgets some of its tasks where a kernel has died; this loop has no others
        forgotten = asyncio.all_tasks() - {asyncio.current_task()}
        for task in forgotten:
            task.cancel()
        await asyncio.gather(*forgotten, return_exceptions=True)

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], *place: Any) -> NotebookNode | None:
        """Append an output; text that continues the last output is joined with it.

        The number of pieces in which text arrives depends on how busy the machine is.
        """
        content = msg["content"]
        if msg["msg_type"] == "stream" and outs and not self.clear_before_next_output:
            last = outs[-1]
            if last["output_type"] == "stream" and last["name"] == content["name"]:
                last["text"] += content["text"]
                return last
        return super().output(outs, msg, *place)


def kill_tree(pid: int, *, itself: bool = True) -> None:
    """Kill all processes that a process has started, and by default the process."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for victim in [*process.children(recursive=True), *[process] * itself]:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
