"""Execute one job: source and parameters in, executed notebook out."""

from __future__ import annotations

import atexit
import logging
import signal
import subprocess
import time
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.batch.events import Failure
from costcheck.batch.jobs import Job
from costcheck.data.tables import home
from costcheck.text.log import printable
from warmkernels import client as kernels
from warmkernels.nbformat_import import import_nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

START_SECONDS = 120
"""A kernel that takes longer to start has failed."""
TIME_LIMIT = 600.0
"""How long a notebook may take once its kernel has started: those of the package take a second or two."""
LONGEST_ERROR = 500
"""Characters of an error that are shown; the notebook has all of it."""


@dataclass(frozen=True)
class Executed:
    """An executed notebook as it is written, up to where it failed if it did."""

    notebook: bytes
    failure: Failure | None
    seconds: float
    """How long it took [second]."""


def execute(job: Job, time_limit: float = TIME_LIMIT) -> Executed:
    """Execute a job in a kernel of its own.

    A kernel that does not start, or is killed from outside, is not the notebook's fault: the notebook is
    executed once more, in another one. Any thread, process or machine with the package will do.
    """
    import_nbformat()
    import nbformat
    from jupyter_core.utils import ensure_event_loop

    since = time.perf_counter()
    with closing(ensure_event_loop()):  # nbclient makes one for each thread and leaves it open
        notebook, failure, blameless = _execute(job, time_limit)
        if failure and blameless:
            logging.getLogger("costcheck").warning("%s: %s; it is executed again", job.name, failure.error)
            notebook, failure, again = _execute(job, time_limit)
            if failure and again:
                failure = replace(failure, error=f"{failure.error}; this was tried twice")
    # the outputs were validated one by one as they came
    text = nbformat.v4.writes(cleaned(notebook)) + "\n"
    return Executed(text.encode(), failure, time.perf_counter() - since)


def _execute(job: Job, time_limit: float) -> tuple[NotebookNode, Failure | None, bool]:
    """Execute a notebook; return too whether it failed for a reason that is not its own."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill.parameterize import parameterize_notebook

    from costcheck.batch.notebook_client import TimedClient
    from warmkernels.manager import Manager

    notebook = deepcopy(_read(job.source))
    if job.parameters:
        notebook = parameterize_notebook(notebook, dict(job.parameters))
    # this Python, whatever a reader calls theirs
    spec = notebook["metadata"].get("kernelspec", {})
    is_python = spec.get("language", "python").lower() == "python"
    own_folder = job.folder and Path(job.folder).is_dir()  # a worker may lack it
    client = TimedClient(
        notebook,
        time_limit,
        kernel_manager_class=Manager,
        kernel_name="python3" if is_python else str(spec.get("name")),
        startup_timeout=START_SECONDS,
        record_timing=False,
        # a notebook writes no file: when its last cell has ended there is nothing left to do in its kernel
        shutdown_kernel="immediate",
        resources={"metadata": {"path": job.folder if own_folder else str(home("notebooks"))}},
        # ipykernel warns at every start that loopback TCP is not encrypted; nobody asks for the history
        extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
    )
    client.create_kernel_manager()
    error, blameless = "", False
    try:
        # what is no output of a cell, such as where a library has crashed, is not for whoever runs this
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except CellExecutionError as raised:
        error = f"{raised.ename}: {raised.evalue}"
    except DeadKernelError:
        error = f"time limit: not done within {time_limit:g} s (--time-limit)"
        if not client.timed_out:
            error, blameless = _death(client.exit_code)
    except RuntimeError as raised:
        error, blameless = f"its kernel did not start: {raised}", True
    finally:
        # where a kernel did not start, nbclient leaves this to be done once more when Python ends
        atexit.unregister(client._cleanup_kernel)
    if not error:
        return notebook, None, False
    # a kernel that ends at once has not reported that it began
    cell = str(max(1, client.code_cells_executed))
    line = printable(error.splitlines()[0][:LONGEST_ERROR])
    return notebook, Failure(job.name, cell, line), blameless and not kernels.stopping()


def _death(code: int | None) -> tuple[str, bool]:
    """Return why a kernel is gone, and whether the reason lies outside of its notebook."""
    if code is None:
        return "kernel died: cause unknown", False
    if code >= 0:
        return f"kernel ended: a cell ended its process, with status {code}", False
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    # a machine without memory, an administrator
    if name in ("SIGKILL", "SIGTERM", "SIGHUP"):
        return f"kernel died: somebody else ended it ({name})", True
    return f"kernel died: it crashed ({name})", False


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
        if not (tags := cell["metadata"].get("tags")):
            cell["metadata"].pop("tags", None)
        elif "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
    return notebook
