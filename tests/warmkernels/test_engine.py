"""papermill's engine ``warm``: the same notebooks as papermill's own engine makes, from forked kernels."""

import json
import re
import signal

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from warmkernels.engine import WarmEngine
from warmkernels.notebook_client import KernelEndedError, TimeLimitError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:papermill")]


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Execute cells, return the notebook as papermill wrote it, or what was raised."""
    monkeypatch.chdir(tmp_path)

    def execute(*cells, engine="warm", **options):
        first = new_code_cell("price = 1  # USD", metadata={"tags": ["parameters"]}, id="first")
        rest = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
        notebook = new_notebook(cells=[new_markdown_cell("# Title", id="title"), first, *rest])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
        raised = None
        try:
            execute_notebook(notebook, "out.ipynb", {"price": 2}, engine, progress_bar=False, **options)
        except (PapermillExecutionError, KernelEndedError, TimeLimitError) as error:
            raised = error
        return nbformat.read("out.ipynb", 4), raised

    return execute


def comparable(notebook):
    """Return a notebook as text, without times, random ids and numbers of processes."""
    del notebook.metadata["papermill"]
    for cell in notebook.cells:
        for stamp in ("papermill", "execution"):
            cell.metadata.pop(stamp, None)
        del cell["id"]
    return re.sub(r"ipykernel_\d+/\d+", "PROCESS", json.dumps(notebook))


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_papermill_finds_it_by_its_name():
    assert papermill_engines.get_engine("warm") is WarmEngine


@pytest.mark.parametrize("last", ["price * 21", "print('a'); 1 / 0", "import sys; sys.exit(3)"])
def test_it_writes_what_papermills_own_engine_writes(last, executed):
    cells = ["print('one'); print('two')", last]
    (plain, raised), (warm, raised_warm) = executed(*cells, engine=None), executed(*cells)
    assert comparable(warm) == comparable(plain)
    assert type(raised_warm) is type(raised)
    assert warm.cells[-1].outputs


def test_its_kernels_are_forked_with_what_was_imported_beforehand(executed):
    notebook, _ = executed("import sys; 'pandas' in sys.modules")
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "True"


def test_a_notebook_past_its_time_limit_ends_with_all_that_it_started(executed):
    cell = (
        "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    )
    notebook, raised = executed(cell, time_limit=0.5)
    assert str(raised) == "not done within 0.5 s"
    assert isinstance(raised, TimeLimitError)
    for output in notebook.cells[-1].outputs:  # where it came as far as that
        assert is_gone(int(output.text))


def test_a_kernel_that_ends_is_reported_with_its_cause(executed):
    assert executed("import os; os._exit(3)")[1].code == 3
    error = executed("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")[1]
    assert error.code == -signal.SIGSEGV
    assert str(error) == "the kernel ended: SIGSEGV"
