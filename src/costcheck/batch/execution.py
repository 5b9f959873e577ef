"""Execute one notebook: source and parameters in, executed notebook out, both as bytes."""

from __future__ import annotations

import atexit
import logging
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from costcheck.data.tables import home
from costcheck.text.log import printable
from warmkernels import client as kernels
from warmkernels.quick import import_nbformat

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

START_SECONDS = 120
"""A kernel that takes longer to start has failed."""
LONGEST_ERROR = 500
"""What is said of an error at most [character]; all of it stands in the notebook."""
GIB = 2**30
FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGHUP")
"""How a kernel is ended by who is not its notebook: a system without memory, an administrator."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take; no part of its result, which is the same under any limits that it keeps."""

    seconds: float = 600.0
    """From when its kernel has started: the notebooks take a second or two."""
    memory: int = 2 * GIB
    """Of its kernel and all that this starts, together [byte]: the notebooks take a fifth of a GiB."""


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped that could not be executed to its end."""

    notebook: str
    cell: str
    error: str


@dataclass(frozen=True)
class Executed:
    """An executed notebook as it is written, up to where it failed if it did."""

    notebook: bytes
    failure: Failure | None
    seconds: float


def execute(
    name: str, source: bytes, parameters: Mapping[str, float | str], limits: Limits | None = None
) -> Executed:
    """Execute a notebook in a kernel of its own, which ends with all that it has started.

    A kernel that does not start, or that somebody else kills, is not the notebook's fault: the notebook is
    executed once more, in another one.

    It needs no file but the installed package, so it can be called in any thread or process, and on a machine
    that shares no disk with the caller.

    Args:
        name: The notebook's name, for messages.
        source: The notebook, in nbformat 4, without outputs.
        parameters: Values by the name of a parameter.
        limits: What it may take.

    Returns:
        The executed notebook, `cleaned`, with the time it took [second].
    """
    import_nbformat()
    import nbformat
    from jupyter_core.utils import ensure_event_loop

    since = time.perf_counter()
    with closing(ensure_event_loop()):  # nbclient makes one for each thread and leaves it open
        notebook, failure, blameless = _execute(name, source, parameters, limits or Limits())
        if failure and blameless:
            logging.getLogger("costcheck").warning("%s: %s; it is executed again", name, failure.error)
            notebook, failure, again = _execute(name, source, parameters, limits or Limits())
            if failure and again:
                failure = replace(failure, error=f"{failure.error}; this was tried twice")
    # the outputs were validated one by one as they came
    text = nbformat.v4.writes(cleaned(notebook)) + "\n"
    return Executed(text.encode(), failure, time.perf_counter() - since)


def _execute(
    name: str, source: bytes, parameters: Mapping[str, float | str], limits: Limits
) -> tuple[NotebookNode, Failure | None, bool]:
    """Execute a notebook; say too whether it failed for no reason that lies in it."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill.parameterize import parameterize_notebook

    from costcheck.batch.limited import Limited
    from warmkernels.manager import Manager

    notebook = deepcopy(_read(source))
    if parameters:
        notebook = parameterize_notebook(notebook, dict(parameters))
    client = Limited(
        notebook,
        limits,
        kernel_manager_class=Manager,
        startup_timeout=START_SECONDS,
        record_timing=False,
        # a notebook writes no file: when its last cell has ended there is nothing left to do in its kernel
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(home("notebooks"))}},
        # ipykernel warns at every start that loopback TCP is not encrypted; nobody asks for the history
        extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
    )
    client.create_kernel_manager()
    try:
        # what is no output of a cell, such as where a library has crashed, is not for whoever runs this
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        said = f"{error.ename}: {error.evalue}"
        if error.ename.endswith("MemoryError"):
            said = f"memory limit: {limits.memory / GIB:g} GiB (--memory-limit) are not enough: {said}"
        return notebook, Failure(name, _stopped(client), _one_line(said)), False
    except DeadKernelError:
        said, blameless = _died(client.reached, client.exit_code, limits)
        return notebook, Failure(name, _stopped(client), said), blameless
    except RuntimeError as error:  # the kernel did not start
        said = _one_line(f"its kernel did not start: {error}")
        return notebook, Failure(name, _stopped(client), said), not kernels.stopping()
    finally:
        # where a kernel did not start, nbclient leaves this to be done once more when Python ends
        atexit.unregister(client._cleanup_kernel)
    return notebook, None, False


def _died(reached: str | None, code: int | None, limits: Limits) -> tuple[str, bool]:
    """Say why a kernel is gone, and whether that was for no reason that lies in its notebook."""
    if reached == "time":
        return f"time limit: not done within {limits.seconds:g} s (--time-limit)", False
    if reached == "memory":
        return f"memory limit: took more than {limits.memory / GIB:g} GiB (--memory-limit)", False
    if code is None:
        return "kernel died: nobody knows of what", False
    if code >= 0:
        return f"kernel ended: a cell ended its process, with status {code}", False
    number = -code
    called = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    if called in FROM_OUTSIDE:
        return f"kernel died: somebody else ended it ({called})", not kernels.stopping()
    return f"kernel died: it crashed ({called})", False


def _one_line(text: str) -> str:
    r"""Return the beginning of an error, as it can be shown anywhere.

    >>> _one_line("ValueError: \x1b[31mno\nand more")
    'ValueError: \\x1b[31mno'
    """
    first = text[: 2 * LONGEST_ERROR].splitlines()[0] if text else ""
    return printable(first if len(first) <= LONGEST_ERROR else f"{first[:LONGEST_ERROR]} ...")


@lru_cache(maxsize=64)
def _read(source: bytes) -> NotebookNode:
    """Read a notebook; what is given to it changes a copy."""
    import nbformat

    notebook: NotebookNode = nbformat.reads(source.decode(), as_version=4)
    notebook["metadata"].setdefault("papermill", {})
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("tags", [])
    return notebook


def _stopped(client: NotebookClient) -> str:
    """Return the number of the cell at which an execution stopped."""
    # a kernel that ends at once has not said that it has begun
    return str(max(1, client.code_cells_executed))


def cleaned(notebook: dict[str, Any]) -> dict[str, Any]:
    """Strip what differs from run to run: times, random ids and versions.

    >>> import nbformat
    >>> notebook = nbformat.v4.new_notebook(metadata={"papermill": {"duration": 1.2}})
    >>> cleaned(notebook)["metadata"]
    {'language_info': {'name': 'python'}}
    """
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        for stamp in ("papermill", "execution", "ExecuteTime"):
            cell["metadata"].pop(stamp, None)
        tags = cell["metadata"].get("tags", [])
        if not tags:
            cell["metadata"].pop("tags", None)
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
    return notebook
