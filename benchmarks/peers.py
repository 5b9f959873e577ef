"""Who takes part in `batch`: each way to execute the same jobs, as a command of its own.

As a program, ``python benchmarks/peers.py WAY JOBS.json OUT`` is the way of that name: what a user would
write in a script of their own. Each imports only what it needs.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPTS = Path(sysconfig.get_path("scripts"))
CORES = len(os.sched_getaffinity(0))
AT_ONCE = 4
"""Kernels where a peer does not compute itself: a kernel that starts waits at times."""


@dataclass(frozen=True)
class Work:
    """The jobs, as each way wants them."""

    file: Path
    """A JSON list of jobs: notebook, injected notebook, parameters."""
    scenarios: Path
    """The same as a file of scenarios."""
    notebooks: Sequence[str]

    def jobs(self) -> list[dict[str, Any]]:
        """Read the jobs."""
        return list(json.loads(self.file.read_text()))


@dataclass(frozen=True)
class Way:
    """A way to execute jobs: its command, given the jobs and an empty folder."""

    command: Callable[[Work, Path], list[str]]
    isolates: bool = True
    """Whether each notebook has a process of its own."""
    executed: str = "*.ipynb"
    """Where executed notebooks are in that folder."""


def _own(way: str) -> Callable[[Work, Path], list[str]]:
    return lambda work, out: [sys.executable, "-P", __file__, way, str(work.file), str(out)]


def _papermill(work: Work, out: Path) -> list[str]:
    lines = []
    for number, job in enumerate(work.jobs()):
        parameters = [word for key, value in job["parameters"].items() for word in ("-p", key, repr(value))]
        command = [SCRIPTS / "papermill", job["notebook"], out / f"{number}.ipynb", *parameters]
        lines.append(shlex.join(map(str, command)))
    return ["/bin/sh", "-ec", "\n".join(lines)]


def _jupyter_execute(work: Work, out: Path) -> list[str]:
    copies = []
    for number, job in enumerate(work.jobs()):
        copies.append(out / f"{number}.ipynb")
        copies[-1].write_bytes(Path(job["injected"]).read_bytes())
    return [str(SCRIPTS / "jupyter"), "execute", "--inplace", *map(str, copies)]


def _costcheck(work: Work, out: Path) -> list[str]:
    options = ["--fresh", "--scenarios", str(work.scenarios), "--out", str(out)]
    return [str(SCRIPTS / "costcheck"), "run", *work.notebooks, *options]


COSTCHECK = "costcheck run --fresh"
COMMAND = "papermill, the command in a loop"
NBCLIENT = f"nbclient, {AT_ONCE} kernels at once"
FORKED = "floor: forks of a warm process, as many at once as cores"
WAYS = {
    COMMAND: Way(_papermill),
    "papermill's API, one process": Way(_own("papermill_serial")),
    f"papermill's API, {CORES} processes": Way(_own("papermill_processes")),
    "jupyter execute, one call": Way(_jupyter_execute),
    NBCLIENT: Way(_own("nbclient_kernels")),
    COSTCHECK: Way(_costcheck, executed="*/notebooks/*.ipynb"),
    "floor: one warm process, one after the other": Way(_own("floor_serial"), isolates=False),
    FORKED: Way(_own("floor_forked")),
}
OTHERS = [name for name in WAYS if name != COSTCHECK and not name.startswith("floor")]


def papermill_serial(jobs: list[dict[str, Any]], out: Path) -> None:
    """Call papermill's API in this process."""
    for number, job in enumerate(jobs):
        _papermill_job(number, job, out)


def papermill_processes(jobs: list[dict[str, Any]], out: Path) -> None:
    """Call papermill's API in as many processes as there are cores, forked once papermill is imported."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    import papermill  # noqa: F401

    with ProcessPoolExecutor(CORES, get_context("fork")) as pool:
        list(pool.map(_papermill_job, range(len(jobs)), jobs, [out] * len(jobs)))


def _papermill_job(number: int, job: dict[str, Any], out: Path) -> None:
    import papermill

    papermill.execute_notebook(
        job["notebook"], out / f"{number}.ipynb", job["parameters"], progress_bar=False
    )


def nbclient_kernels(jobs: list[dict[str, Any]], out: Path) -> None:
    """Use nbclient's own asynchronous API, several kernels from one event loop."""
    import asyncio

    import nbformat
    from nbclient import NotebookClient

    async def execute(number: int, job: dict[str, Any], free: asyncio.Semaphore) -> None:
        async with free:
            notebook = nbformat.read(job["injected"], as_version=4)
            await NotebookClient(notebook).async_execute()
            nbformat.write(notebook, out / f"{number}.ipynb")

    async def all_jobs() -> None:
        free = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(execute(number, job, free) for number, job in enumerate(jobs)))

    asyncio.run(all_jobs())


def floor_serial(jobs: list[dict[str, Any]], out: Path) -> None:
    """Run the notebooks' code in this process, one notebook after the other."""
    shell = _warm_shell()
    for number, job in enumerate(jobs):
        _run_cells(shell, number, job, out)
        shell.reset()


def floor_forked(jobs: list[dict[str, Any]], out: Path) -> None:
    """Run each notebook's code in a fork of this process."""
    shell = _warm_shell()
    running: set[int] = set()

    def reap() -> None:
        pid, status = os.wait()
        running.discard(pid)
        if status:
            sys.exit("a notebook failed; its error stands above")

    for number, job in enumerate(jobs):
        if len(running) == CORES:
            reap()
        pid = os.fork()
        if not pid:
            status = 1
            try:
                _run_cells(shell, number, job, out)
                status = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stderr.flush()
                os._exit(status)
        running.add(pid)
    while running:
        reap()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("CPU seconds of the forks:", used.ru_utime + used.ru_stime)  # for `profile`


def _warm_shell() -> Any:
    """Import and read what all notebooks do, draw a figure for nobody, and make IPython's shell.

    Nothing of Jupyter is imported, and no messages are sent: nobody who executes cells and shows what they
    return can take less.
    """
    import gc
    import importlib
    import io
    import pkgutil

    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Hook(DisplayHook):
        """Renders what a cell returns and keeps it, as a kernel renders and sends it."""

        def start_displayhook(self) -> None:
            """Say nothing."""

        def write_output_prompt(self) -> None:
            """Say nothing."""

        def write_format_data(self, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
            """Keep it among what the cell displays."""
            self.shell.display_pub.publish(data, metadata or {})  # type: ignore[union-attr]

        def finish_displayhook(self) -> None:
            """Say nothing."""

    class Shell(InteractiveShell):
        displayhook_class = Hook
        display_pub_class = CapturingDisplayPublisher

    gc.disable()
    # without history: its thread would not live on in a fork
    shell = Shell.instance(config=Config(HistoryManager={"enabled": False}))
    for name in ("pandas", "pandas.io.formats.style", "pandas.io.formats.html", "pandas.io.formats.string"):
        importlib.import_module(name)
    for folder in ("notebook.plots", "formulas", "claims"):
        package = importlib.import_module(f"costcheck.{folder}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    importlib.import_module("costcheck.notebook.show")
    importlib.import_module("costcheck.claims").articles()
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([1, 2], label="$x^2$")
    figure.legend()
    figure.savefig(io.BytesIO(), format="svg")
    gc.collect()
    gc.freeze()
    gc.enable()
    return shell


def _run_cells(shell: Any, number: int, job: dict[str, Any], out: Path) -> None:
    """Run a notebook's cells, the injected one among them, and write it with what they displayed."""
    notebook = json.loads(Path(job["injected"]).read_bytes())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            shell.display_pub.outputs.clear()
            shell.run_cell("".join(cell["source"]), store_history=True).raise_error()
            cell["outputs"] = list(_as_outputs(shell.display_pub.outputs))
    (out / f"{number}.ipynb").write_text(json.dumps(notebook, ensure_ascii=False, indent=1))


def _as_outputs(displayed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in displayed:
        yield {"output_type": "display_data", "data": each["data"], "metadata": each["metadata"]}


if __name__ == "__main__":
    way, file, folder = sys.argv[1:]
    globals()[way](json.loads(Path(file).read_text()), Path(folder))
