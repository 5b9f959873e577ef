"""Execute one notebook: source and parameters in, executed notebook out, both as bytes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from costcheck.kernels.quick import import_nbformat
from costcheck.tables import home

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 600
"""A cell that takes longer is stopped: the notebooks' cells take a second."""
START_SECONDS = 120
"""A kernel that takes longer to start has failed."""


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


def execute(name: str, source: bytes, parameters: Mapping[str, float | str]) -> Executed:
    """Execute a notebook in a kernel of its own.

    It needs no file but the installed package, so it can be called in any thread or process, and on a machine
    that shares no disk with the caller.

    Args:
        name: The notebook's name, for messages.
        source: The notebook, in nbformat 4, without outputs.
        parameters: Values by the name of a parameter.

    Returns:
        The executed notebook, `cleaned`, with the time it took [second].
    """
    import_nbformat()
    import nbformat
    from jupyter_core.utils import ensure_event_loop

    since = time.perf_counter()
    with closing(ensure_event_loop()):  # nbclient makes one for each thread and leaves it open
        notebook, failure, lost = _execute(name, source, parameters)
        if lost:
            notebook, failure, _ = _execute(name, source, parameters)
    # the outputs were validated one by one as they came
    text = nbformat.v4.writes(cleaned(notebook)) + "\n"
    return Executed(text.encode(), failure, time.perf_counter() - since)


def _execute(
    name: str, source: bytes, parameters: Mapping[str, float | str]
) -> tuple[NotebookNode, Failure | None, bool]:
    """Execute a notebook; say too whether it failed only because what its kernel was forked from died."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from papermill.parameterize import parameterize_notebook

    from costcheck.kernels.manager import Manager

    notebook = deepcopy(_read(source))
    if parameters:
        notebook = parameterize_notebook(notebook, dict(parameters))
    client = NotebookClient(
        notebook,
        kernel_manager_class=Manager,
        timeout=CELL_SECONDS,
        startup_timeout=START_SECONDS,
        record_timing=False,
        # a notebook writes no file: when its last cell has ended there is nothing left to do in its kernel
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(home("notebooks"))}},
        # ipykernel warns at every start that loopback TCP is not encrypted; nobody asks for the history
        extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
    )
    manager = client.create_kernel_manager()
    assert isinstance(manager, Manager)  # noqa: S101 - it was told to make one
    failure = None
    try:
        client.execute()
    except CellExecutionError as error:
        failure = Failure(name, _stopped(notebook), f"{error.ename}: {error.evalue}")
    except (RuntimeError, CellTimeoutError) as error:  # the former is a kernel that has died
        first = str(error).splitlines()[0]
        failure = Failure(name, _stopped(notebook), f"{type(error).__name__}: {first}")
    return notebook, failure, failure is not None and manager.lost


@lru_cache(maxsize=64)
def _read(source: bytes) -> NotebookNode:
    """Read a notebook; what is given to it changes a copy."""
    import nbformat

    notebook: NotebookNode = nbformat.reads(source.decode(), as_version=4)
    notebook["metadata"].setdefault("papermill", {})
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("tags", [])
    return notebook


def _stopped(notebook: Mapping[str, Any]) -> str:
    """Return the number of the cell at which an execution stopped."""
    begun = [cell for cell in notebook["cells"] if cell.get("execution_count")]
    return str(begun[-1]["execution_count"]) if begun else "1"


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
