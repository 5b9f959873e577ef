"""papermill's engine ``warm``: forked kernels, a time limit, and why a kernel ended."""

import signal

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill.execute import execute_notebook

from warmkernels.notebook_client import KernelEndedError, TimeLimitError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:papermill")]


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Execute a cell, return the notebook as papermill wrote it, and what was raised."""
    monkeypatch.chdir(tmp_path)

    def execute(cell, **options):
        kernel = {"name": "python3", "display_name": "Python", "language": "python"}
        notebook = new_notebook(cells=[new_code_cell(cell)], metadata={"kernelspec": kernel})
        raised = None
        try:
            execute_notebook(notebook, "out.ipynb", engine_name="warm", progress_bar=False, **options)
        except (KernelEndedError, TimeLimitError) as error:
            raised = error
        return nbformat.read("out.ipynb", 4), raised

    return execute


def test_its_kernels_are_forked_with_what_was_imported_beforehand(executed):
    notebook, _ = executed("import sys; 'pandas' in sys.modules")
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "True"


def test_a_notebook_past_its_time_limit_is_ended(executed):
    _, raised = executed("import time; time.sleep(600)", time_limit=0.5)
    assert isinstance(raised, TimeLimitError)
    assert str(raised) == "not done within 0.5 s"


def test_a_kernel_that_ends_is_reported_with_its_cause(executed):
    assert executed("import os; os._exit(3)")[1].code == 3
    error = executed("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")[1]
    assert error.code == -signal.SIGSEGV
    assert str(error) == "the kernel ended: SIGSEGV"
