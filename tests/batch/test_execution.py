"""One notebook executed: what it shows, where it stops, and what ends with it."""

import json
import re
from unittest.mock import Mock

import nbformat
import papermill.execute
import psutil
import pytest
from papermill.execute import execute_notebook

from costcheck.batch.execution import ENGINES, execute
from costcheck.batch.jobs import Job
from warmkernels import client
from warmkernels.notebook_client import WarmClient

pytestmark = [
    pytest.mark.slow,
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(autouse=True)
def _own_kernels(monkeypatch):
    monkeypatch.delenv(client.CHOSEN, raising=False)
    yield
    client.stop()


def job(*cells, **parameters):
    """A job whose first cell declares the parameters."""
    cells = [nbformat.v4.new_code_cell(code, id=f"cell{n}") for n, code in enumerate(cells)]
    cells[0].metadata["tags"] = ["parameters"]
    source = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    return Job("n", source, tuple(parameters.items()), "")


def outputs(executed):
    """What a notebook shows: texts with their streams, results, and errors by their names."""
    shown = []
    for cell in json.loads(executed.notebook)["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "stream":
                shown.append((output["name"], "".join(output["text"])))
            elif output["output_type"] == "error":
                shown.append(("error", output["ename"]))
            else:
                shown.append("".join(output["data"].get("text/plain", "")))
    return shown


def test_papermill_executes_each_job_and_its_engines_give_the_same_bytes(monkeypatch, capfd):
    recorded = Mock(wraps=execute_notebook)
    monkeypatch.setattr(papermill.execute, "execute_notebook", recorded)
    asked = job("price = 1", "print(price)\nprice * 21", "1 / 0", price=2)
    warm, plain = (execute(asked, engine=engine) for engine in ENGINES)
    calls = [call.args[2:] for call in recorded.call_args_list]
    assert calls == [({"price": 2}, "warm"), ({"price": 2}, None)]
    assert outputs(warm) == [("stdout", "2\n"), "42", ("error", "ZeroDivisionError")]
    assert re.sub(rb"ipykernel_\d+", b"", warm.notebook) == re.sub(rb"ipykernel_\d+", b"", plain.notebook)
    assert warm.failure == plain.failure
    assert capfd.readouterr().err == ""


def test_at_the_time_limit_a_notebook_ends_with_all_that_it_has_started_and_keeps_what_it_showed(
    tmp_path, monkeypatch
):
    shown = WarmClient.output

    def output(self, outs, message, *rest):
        output = shown(self, outs, message, *rest)
        if "second" in str(message["content"]):
            self._stop()  # as the clock would
        return output

    monkeypatch.setattr(WarmClient, "output", output)
    pids = tmp_path / "pids"
    hang = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "print('second', flush=True)\n"
        "while True: time.sleep(1000)"
    )
    executed = execute(job("'first'", hang, "'third'"), time_limit=500)
    assert executed.failure.error == "time limit: not done within 500 s (--time-limit)"
    assert executed.failure.cell == "2"
    assert outputs(executed) == ["'first'", ("stdout", "second\n")]
    for pid in map(int, pids.read_text().split()):
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import os; os._exit(1)", "kernel ended: a cell ended its process, with status 1"),
        ("import os; os.abort()", r"kernel died: it crashed \(SIGABRT\)"),
        ("raise ValueError('x' * 10**6)", r"ValueError: x{488}"),
        (
            "raise ValueError('\\x1b]0;title\\x07\\x1b[31mred\\u202e\\r\\nsecond')",
            r"ValueError: \\x1b\]0;title\\x07\\x1b\[31mred\\u202e",
        ),
    ],
)
def test_a_failure_is_one_line_that_any_terminal_can_show_and_is_not_tried_again(code, message, caplog):
    executed = execute(job("'first'", code, "'third'"))
    assert re.fullmatch(message, executed.failure.error)
    assert executed.failure.error.isprintable()
    assert executed.failure.cell == "2"
    assert outputs(executed)[0] == "'first'"
    assert "'third'" not in outputs(executed)
    assert "again" not in caplog.text


def test_what_a_cell_shows_is_all_there_however_fast_and_in_how_many_pieces_it_came():
    pieces = "import time\nfor n in range(5): print(n, flush=True); time.sleep(0.01)"
    executed = execute(job("for n in range(1000): display(n)", pieces, "'the end'"))
    assert executed.failure is None
    assert outputs(executed) == [*map(str, range(1000)), ("stdout", "0\n1\n2\n3\n4\n"), "'the end'"]
