"""Execute one notebook: source and parameters in, executed notebook out, both as bytes."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costcheck.tables import home

# papermill and nbclient would write on standard error that a kernel died, which `Failure` says
logging.getLogger("papermill").addHandler(logging.NullHandler())

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


def execute(name: str, source: bytes, parameters: Mapping[str, float]) -> Executed:
    """Execute a notebook in a kernel of its own.

    It needs no file but the installed package, so it can be called in any thread or process, and on a machine
    that shares no disk with the caller.

    Args:
        name: The notebook's name, for messages.
        source: The notebook, in nbformat 4.
        parameters: Values by the name of a parameter.

    Returns:
        The executed notebook, `cleaned`, with the time it took [second].
    """
    import nbformat
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    since = time.perf_counter()
    failure = None
    # nbclient makes an event loop for each thread and leaves it open
    with closing(ensure_event_loop()), tempfile.TemporaryDirectory(prefix="costcheck-") as folder:
        path = Path(folder) / "executed.ipynb"
        try:
            papermill.execute_notebook(
                nbformat.reads(source.decode(), as_version=4),
                str(path),
                parameters=dict(parameters),
                progress_bar=False,
                # papermill's own cwd changes that of the whole process, also for notebooks beside this one
                resources={"metadata": {"path": str(home("notebooks"))}},
                start_timeout=START_SECONDS,
                execution_timeout=CELL_SECONDS,
                # ipykernel warns at every start that loopback TCP is not encrypted
                extra_arguments=["--log-level=CRITICAL"],
            )
        except PapermillExecutionError as error:
            failure = Failure(name, str(error.exec_count), f"{error.ename}: {error.evalue}")
        except (DeadKernelError, CellTimeoutError) as error:
            failure = Failure(name, "unknown", f"{type(error).__name__}: {str(error).splitlines()[0]}")
        executed = cleaned(nbformat.read(path, as_version=4))
    text = nbformat.writes(executed) + "\n"
    return Executed(text.encode(), failure, time.perf_counter() - since)


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
