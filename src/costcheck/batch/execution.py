"""Execute one job: source and parameters in, executed notebook out."""

from __future__ import annotations

import logging
import signal
import time
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.batch.events import Failure
from costcheck.batch.jobs import Job, kernel_of
from costcheck.data.tables import home
from costcheck.text.log import printable
from warmkernels import client as kernels
from warmkernels.nbformat_import import import_nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

START_SECONDS = 120
"""A kernel that takes longer to start has failed."""
TIME_LIMIT = 600.0
"""How long a notebook may take once its kernel has started: far longer than those of the package do."""
ENGINE, PAPERMILL = "warm", "papermill"
ENGINES = {ENGINE: "warm", PAPERMILL: None}
"""By what a run calls them, the names of papermill's engines: of warm kernels, and papermill's own."""
MADE_BY_PAPERMILL = ("injected-parameters", "papermill-error-cell-tag")
"""Tags of cells that papermill makes, with random ids."""
LONGEST_ERROR = 500
"""Characters of an error that are shown; the notebook has all of it."""


@dataclass(frozen=True)
class Executed:
    """An executed notebook as it is written, up to where it failed if it did."""

    notebook: bytes
    failure: Failure | None
    seconds: float
    """How long it took [second]."""


def execute(job: Job, time_limit: float = TIME_LIMIT, engine: str = ENGINE) -> Executed:
    """Execute a job by papermill, in a kernel of its own.

    A kernel that does not start, or is killed from outside, is not the notebook's fault: the notebook is
    executed once more, in another one. Any thread, process or machine with the package will do.

    Args:
        engine: The name of one of `ENGINES`.
    """
    import_nbformat()
    import nbformat
    from jupyter_core.utils import ensure_event_loop

    since = time.perf_counter()
    with closing(ensure_event_loop()):  # nbclient makes one for each thread and leaves it open
        notebook, failure, blameless = _execute(job, time_limit, engine)
        if failure and blameless:
            logging.getLogger("costcheck").warning("%s: %s; it is executed again", job.name, failure.error)
            notebook, failure, again = _execute(job, time_limit, engine)
            if failure and again:
                failure = replace(failure, error=f"{failure.error}; this was tried twice")
    # the outputs were validated one by one as they came
    text = nbformat.v4.writes(cleaned(notebook)) + "\n"
    return Executed(text.encode(), failure, time.perf_counter() - since)


def _execute(job: Job, time_limit: float, engine: str) -> tuple[NotebookNode, Failure | None, bool]:
    """Execute a notebook; return too whether it failed for a reason that is not its own."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    from warmkernels.manager import Manager
    from warmkernels.notebook_client import KernelEndedError, TimeLimitError

    # papermill reads a copy of it, and returns that only where nothing fails
    notebook = _read(job.source)
    executed = [notebook]
    kernel = kernel_of(notebook)
    own_folder = job.folder and Path(job.folder).is_dir()  # a worker may lack it
    # of a Python kernel: it warns at every start that loopback TCP is not encrypted
    quiet = [] if kernel else ["--log-level=CRITICAL"]
    options: dict[str, Any] = {"execution_timeout": time_limit, "extra_arguments": quiet}
    if kernel is not None:
        engine = PAPERMILL
    if engine == ENGINE:
        # a notebook writes no file: when its last cell has ended there is nothing left to do in its kernel
        options = {"time_limit": time_limit, "kernel_manager_class": Manager, "shutdown_kernel": "immediate"}
    error, blameless, cell = "", False, None
    try:
        execute_notebook(
            notebook,
            None,
            dict(job.parameters),
            ENGINES[engine],
            kernel_name=kernel or "python3",
            language=None if kernel else "python",
            progress_bar=False,
            start_timeout=START_SECONDS,
            autosave_cell_every=0,
            resources={"metadata": {"path": job.folder if own_folder else str(home("notebooks"))}},
            on_notebook_start=lambda notebook: executed.append(notebook),
            **options,
        )
    except PapermillExecutionError as raised:
        error, cell = f"{raised.ename}: {raised.evalue}", raised.exec_count
    except (TimeLimitError, CellTimeoutError):
        error = f"time limit: not done within {time_limit:g} s (--time-limit)"
    except KernelEndedError as raised:
        error, blameless = _death(raised.code)
    except DeadKernelError:
        error, blameless = _death(None)
    except RuntimeError as raised:
        error, blameless = f"its kernel did not start: {raised}", True
    notebook = executed[-1]
    if not error:
        return notebook, None, False
    begun = [cell for cell in notebook["cells"] if cell["metadata"].get("papermill", {}).get("start_time")]
    count = sum(cell["cell_type"] == "code" and bool(cell["source"].strip()) for cell in begun)
    line = printable(error.splitlines()[0][:LONGEST_ERROR])
    # a kernel that ends at once has not reported that it began
    failure = Failure(job.name, str(cell or max(1, count)), line)
    return notebook, failure, blameless and not kernels.stopping()


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
    """Read a notebook, which callers do not change."""
    import nbformat

    return nbformat.reads(source.decode(), as_version=4)  # type: ignore[no-any-return]


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
        elif made := next((tag for tag in MADE_BY_PAPERMILL if tag in tags), None):
            number = sum(other["id"].startswith(made) for other in notebook["cells"])
            cell["id"] = f"{made}-{number}" if number else made
    return notebook
