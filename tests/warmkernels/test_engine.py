"""papermill's engine ``warm``: forked kernels, a time limit, and why a kernel ended."""

import signal

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill.execute import execute_notebook

from warmkernels.notebook_client import KernelEndedError, TimeLimitError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:papermill")]


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Execute a cell, and return it as papermill does."""
    monkeypatch.chdir(tmp_path)

    def execute(cell, **options):
        kernel = {"name": "python3", "display_name": "Python", "language": "python"}
        notebook = new_notebook(cells=[new_code_cell(cell)], metadata={"kernelspec": kernel})
        return execute_notebook(notebook, None, engine_name="warm", progress_bar=False, **options).cells[-1]

    return execute


def test_its_kernels_are_forked_with_what_was_imported_beforehand(executed):
    cell = executed("import sys; 'pandas' in sys.modules")
    assert cell.outputs[0].data["text/plain"] == "True"


def test_a_notebook_past_its_time_limit_is_ended(executed):
    with pytest.raises(TimeLimitError, match=r"^not done within 0\.5 s$"):
        executed("import time; time.sleep(600)", time_limit=0.5)


def test_a_kernel_that_ends_is_reported_with_its_cause(executed):
    with pytest.raises(KernelEndedError, match="the kernel ended: SIGSEGV") as raised:
        executed("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert raised.value.code == -signal.SIGSEGV
