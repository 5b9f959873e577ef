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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.data.tables import home
from costcheck.text.log import printable
from warmkernels import client as kernels
from warmkernels.quick import import_nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

START_SECONDS = 120
"""A kernel that takes longer to start has failed."""
TIME_LIMIT = 600.0
"""How long a notebook may take once its kernel has started: those of the package take a second or two."""
LONGEST_ERROR = 500
"""Characters of an error that are shown; the notebook has all of it."""
FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGHUP")
"""Signals by which a kernel is ended from outside: a machine without memory, an administrator."""


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped."""

    notebook: str
    cell: str
    error: str


@dataclass(frozen=True)
class Executed:
    """An executed notebook as it is written, up to where it failed if it did."""

    notebook: bytes
    failure: Failure | None
    seconds: float
    """How long it took [second]."""


def execute(
    name: str,
    source: bytes,
    parameters: Mapping[str, float | str],
    *,
    time_limit: float = TIME_LIMIT,
    folder: str | None = None,
) -> Executed:
    """Execute a notebook in a kernel of its own.

    A kernel that does not start, or is killed from outside, is not the notebook's fault: the notebook is
    executed once more, in another one. Any thread, process or machine with the package will do.

    Args:
        name: The notebook's name, for messages.
        source: The notebook, in nbformat 4, without outputs.
        parameters: Values by the name of a parameter.
        time_limit: How long it may take once its kernel has started [second].
        folder: Where it is executed, if that exists here; by default where the package's notebooks are.
    """
    import_nbformat()
    import nbformat
    from jupyter_core.utils import ensure_event_loop

    since = time.perf_counter()
    place = Path(folder) if folder and Path(folder).is_dir() else home("notebooks")
    with closing(ensure_event_loop()):  # nbclient makes one for each thread and leaves it open
        notebook, failure, blameless = _execute(name, source, parameters, time_limit, place)
        if failure and blameless:
            logging.getLogger("costcheck").warning("%s: %s; it is executed again", name, failure.error)
            notebook, failure, again = _execute(name, source, parameters, time_limit, place)
            if failure and again:
                failure = replace(failure, error=f"{failure.error}; this was tried twice")
    # the outputs were validated one by one as they came
    text = nbformat.v4.writes(cleaned(notebook)) + "\n"
    return Executed(text.encode(), failure, time.perf_counter() - since)


def _execute(
    name: str, source: bytes, parameters: Mapping[str, float | str], time_limit: float, place: Path
) -> tuple[NotebookNode, Failure | None, bool]:
    """Execute a notebook; return too whether it failed for a reason that is not its own."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill.parameterize import parameterize_notebook

    from costcheck.batch.notebook_client import TimedClient
    from warmkernels.manager import Manager

    notebook = deepcopy(_read(source))
    if parameters:
        notebook = parameterize_notebook(notebook, dict(parameters))
    client = TimedClient(
        notebook,
        time_limit,
        kernel_manager_class=Manager,
        kernel_name=_kernel_name(notebook),
        startup_timeout=START_SECONDS,
        record_timing=False,
        # a notebook writes no file: when its last cell has ended there is nothing left to do in its kernel
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(place)}},
        # ipykernel warns at every start that loopback TCP is not encrypted; nobody asks for the history
        extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
    )
    client.create_kernel_manager()
    error, blameless = "", False
    try:
        # what is no output of a cell, such as where a library has crashed, is not for whoever runs this
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except CellExecutionError as raised:
        error = _one_line(f"{raised.ename}: {raised.evalue}")
    except DeadKernelError:
        if client.timed_out:
            error = f"time limit: not done within {time_limit:g} s (--time-limit)"
        else:
            error, blameless = _death(client.exit_code)
    except RuntimeError as raised:
        error, blameless = _one_line(f"its kernel did not start: {raised}"), not kernels.stopping()
    finally:
        # where a kernel did not start, nbclient leaves this to be done once more when Python ends
        atexit.unregister(client._cleanup_kernel)
    if not error:
        return notebook, None, False
    # a kernel that ends at once has not reported that it began
    return notebook, Failure(name, str(max(1, client.code_cells_executed)), error), blameless


def _kernel_name(notebook: NotebookNode) -> str:
    """Return the kernel of a notebook: this Python, whatever a reader calls theirs."""
    spec = notebook["metadata"].get("kernelspec", {})
    return "python3" if spec.get("language", "python").lower() == "python" else str(spec.get("name"))


def _death(code: int | None) -> tuple[str, bool]:
    """Return why a kernel is gone, and whether the reason lies outside of its notebook."""
    if code is None:
        return "kernel died: cause unknown", False
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
    """Read a notebook; callers change a copy of it."""
    import nbformat

    notebook: NotebookNode = nbformat.reads(source.decode(), as_version=4)
    notebook["metadata"].setdefault("papermill", {})
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("tags", [])
    return notebook


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
