"""Executing a notebook within limits: of time, of memory, and of how much it may print."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from time import monotonic
from typing import Any, Literal

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output

from costcheck.batch.execution import Limits
from warmkernels import processes
from warmkernels.manager import Client

MOST_OUTPUT = 16 * 2**20
"""What a notebook prints and shows beyond that is left out [character, or byte of what is no text]."""
LINE = 12
"""What a line takes besides its text, in a notebook [byte]."""
OVERHEAD = 4000
"""What an output takes besides its text: thousands of empty ones are too many as well [byte]."""
BRIEF = 1000
"""What is kept of an error's text where no more is [character]."""
FOREVER = 1_000_000
"""Outputs that are on their way when a cell has ended are waited for: within the time limit [second]."""
LOOK_SECONDS = 0.1
"""How often to look at a kernel's memory."""
GRACE_SECONDS, DRAIN_SECONDS = 0.2, 10
"""What a kernel has said before it ended may still arrive, and be much."""
SLACK = 1.25
"""So many times the limit may be asked for at once before the kernel itself is refused memory."""
OUTPUTS = {"stream", "display_data", "execute_result", "update_display_data", "error"}
CUT = f"costcheck: the output is cut here: a notebook may print and show {MOST_OUTPUT // 2**20} MiB\n"


class Limited(NotebookClient):
    """nbclient's own, which ends the kernel with all that it has started, at the latest at a limit."""

    def __init__(self, notebook: NotebookNode, limits: Limits, **options: Any) -> None:
        super().__init__(
            notebook,
            on_notebook_start=self._begin,
            on_notebook_complete=self._end,
            timeout=None,
            iopub_timeout=FOREVER,
            **options,
        )
        self._limits = limits
        self._printed = 0
        self._cut = False
        self._watching: asyncio.Task[None] | None = None
        """Held here, since a loop does not hold its tasks."""
        self._started: dict[int, object] = {}
        """What the kernel was seen to have started, itself included, as `processes.tree` gives it."""
        self._process: Any = None
        self.reached: Literal["time", "memory"] | None = None
        """The limit at which the kernel was ended."""

    @property
    def exit_code(self) -> int | None:
        """How the kernel has ended, as `subprocess` counts it; `None` if it never began."""
        return None if self._process is None else self._process.poll()

    async def _begin(self, notebook: NotebookNode) -> None:
        """Watch the kernel from here: it has started."""
        provisioner = getattr(self.km, "provisioner", None)
        self._process, pid = getattr(provisioner, "process", None), getattr(provisioner, "pid", None)
        if pid is not None:
            processes.allow_data(pid, int(self._limits.memory * SLACK))
            self._watching = asyncio.ensure_future(self._watch(pid))

    async def _watch(self, pid: int) -> None:
        until = monotonic() + self._limits.seconds
        while self._process.poll() is None:
            running = processes.tree(pid)
            self._started |= running
            if monotonic() > until:
                self.reached = "time"
            elif processes.memory(running, self._limits.memory) > self._limits.memory:
                self.reached = "memory"
            if self.reached:
                processes.kill(self._started)
                break
            await asyncio.sleep(LOOK_SECONDS)
        # what it has said before it ended may not have been taken in yet
        until = monotonic() + DRAIN_SECONDS
        await asyncio.sleep(GRACE_SECONDS)
        while self.kc is not None and monotonic() < until and await self.kc.iopub_channel.msg_ready():
            await asyncio.sleep(GRACE_SECONDS)
        while True:  # also if it ended between two cells
            if self.task_poll_for_reply is not None:
                self.task_poll_for_reply.cancel()  # as nbclient itself does
            await asyncio.sleep(LOOK_SECONDS)

    async def _async_poll_kernel_alive(self) -> None:
        """Leave it to `_watch` to see that the kernel has died."""
        await asyncio.Event().wait()

    async def _end(self, notebook: NotebookNode) -> None:
        """Leave nothing behind: the kernel has been ended by now."""
        # nbclient forgets some of its own where a kernel has died; this loop has no others
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        processes.kill(self._started)

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take an output into the notebook, or leave it out where there were enough."""
        kind, content = msg["msg_type"], msg["content"]
        if kind in OUTPUTS:
            room = MOST_OUTPUT - self._printed
            self._printed += _size(content)
            if self._printed > MOST_OUTPUT or "too_long" in content:
                if kind == "error":  # why a cell failed is always said
                    msg["content"] = content | {"evalue": content["evalue"][:BRIEF], "traceback": []}
                elif kind == "stream" and not self._cut:
                    content["text"] = _beginning(content["text"], room)
                    self.output(cell.outputs, msg, None, cell_index)
                if not self._cut:
                    self._say_cut(cell)
                if kind != "error":
                    return None
        return super().process_message(msg, cell, cell_index)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Append an output; a text that goes on where the last one ended is one with it.

        In how many pieces a text comes depends on how busy the machine is.
        """
        content = msg["content"]
        if msg["msg_type"] == "stream" and outs and not self.clear_before_next_output:
            last = outs[-1]
            if last["output_type"] == "stream" and last["name"] == content["name"]:
                last["text"] += content["text"]
                return last
        return super().output(outs, msg, display_id, cell_index)

    def _say_cut(self, cell: NotebookNode) -> None:
        self._cut = True
        cell.outputs.append(new_output("stream", name="stderr", text=CUT))
        if isinstance(self.kc, Client):
            self.kc.subscribe_to_states_alone()


def _beginning(text: str, room: int) -> str:
    r"""Return as much of a text as there is room for.

    >>> _beginning("a\n" * 100, 3 * (2 + LINE) + 1)
    'a\na\na\na'
    """
    kept, lines = text[:room], 0
    for found in re.finditer("\n", kept):
        if found.end() + LINE * (lines + 1) > room:
            break
        lines += 1
    return kept[: max(0, room - LINE * lines)] if lines == kept.count("\n") else kept[: found.start()]


def _size(content: Mapping[str, Any]) -> int:
    """Return how much an output says; of a text, whatever the number of pieces in which it came."""
    if "text" in content:
        text: str = content["text"]
        return len(text) + LINE * text.count("\n")
    shown = {**content, **content.get("data", {})}
    shown.pop("data", None)
    texts = [value if isinstance(value, str) else json.dumps(value) for value in shown.values()]
    return OVERHEAD + sum(map(len, texts))
