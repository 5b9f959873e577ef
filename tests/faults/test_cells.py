"""Cells that misbehave: they end at a limit, are told apart, leave nothing behind and disturb nobody."""

from __future__ import annotations

import gc
import json
import re
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest

from costcheck import cli
from costcheck.batch import executors
from costcheck.batch.execution import GIB, Limits, execute
from costcheck.batch.jobs import Template
from costcheck.batch.limited import CUT, MOST_OUTPUT
from costcheck.batch.runner import run
from costcheck.prices.book import PriceBook
from warmkernels import client
from warmkernels.manager import beginning

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(client.unavailable() is not None, reason="no kernel is warm on this platform"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
USUAL = Limits(300, 1 * GIB)
"""Nothing here takes that long, on however busy a machine."""
SHORT = Limits(6, 1 * GIB)
MIB = 2**20


def source(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(code, id=f"cell{n}") for n, code in enumerate(cells)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})).encode()


def outputs(executed):
    """What a notebook shows: texts with their streams, results, and errors by their names."""
    shown = []
    for cell in json.loads(executed.notebook)["cells"]:
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                shown.append((output["name"], "".join(output["text"])))
            elif output["output_type"] == "error":
                shown.append(("error", output["ename"]))
            else:
                shown.append("".join(output["data"].get("text/plain", "")))
    return shown


@pytest.fixture
def job(monkeypatch, marked):
    """Execute cells; nothing that they start may be there afterwards, nor any file or descriptor."""
    monkeypatch.delenv(client.CHOSEN, raising=False)
    client.prepare(contained=True)
    for name, value in marked.environment.items():  # of the kernels, not of the process they are forked from
        monkeypatch.setenv(name, value)

    def done(*cells, limits=USUAL):
        # where this is set, ipykernel leaves file descriptors 1 and 2 alone
        monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
        before = left()
        executed = execute("n", source(*cells), {}, limits)
        assert marked.processes() == []
        assert left() == before
        return executed

    return done


def left():
    gc.collect()  # or else what an earlier test has left would be closed meanwhile
    return {
        "descriptors": psutil.Process().num_fds(),
        "files": sorted(file.name for file in client.private.folder().iterdir()),
        "children": [psutil.Process(server._process.pid).children() for server in client._servers.values()],
    }


TIME = r"time limit: not done within 6 s \(--time-limit\)"
MEMORY = r"memory limit: took more than 1 GiB \(--memory-limit\)"
ENOUGH = r"memory limit: 1 GiB \(--memory-limit\) are not enough: .*MemoryError.*"


HANGING = {
    "waiting": "import time; time.sleep(1000)",
    "in C, which holds the GIL": "import re; re.match('(a+)+$', 'a' * 64 + 'b')",
    "ignoring signals": """
import signal, time
for each in (1, 2, 15): signal.signal(each, signal.SIG_IGN)
while True:
    try: time.sleep(1)
    except BaseException: pass
""",
    "stopped": "import os; os.kill(os.getpid(), 19)",
    "at a lock": "import threading; threading.Event().wait()",
    "printing": "while True: print('again ' * 100)",
}


@pytest.mark.fault("a cell that hangs")
def test_cells_that_hang_end_at_the_time_limit_and_what_they_said_is_kept(job, marked, tries):
    tries(len(HANGING))
    job("1")

    # ipykernel has sent what it flushes by the time that it is told to flush again
    second = "import sys; print('second', flush=True); sys.stdout.flush()"

    def hang(code):
        return execute("n", source("'first'", f"{second}\n{code}", "'third'"), {}, SHORT)

    with ThreadPoolExecutor(len(HANGING)) as pool:
        all_ended = list(pool.map(hang, HANGING.values()))
    for name, executed in zip(HANGING, all_ended, strict=True):
        assert executed.failure, name
        assert re.fullmatch(TIME, executed.failure.error), name
        assert executed.failure.cell == "2", name
        assert outputs(executed)[0] == "'first'", name
        if name != "stopped":  # before it could send what it had said
            assert outputs(executed)[1:], name
            assert outputs(executed)[1][1].startswith("second\n"), name
        assert "'third'" not in outputs(executed), name
    assert marked.processes() == []


@pytest.mark.fault("a cell that fills memory")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("x = bytearray(10**12)", ENOUGH, id="at once, without touching it"),
        pytest.param("import numpy as np; x = np.ones(10**9)", ENOUGH, id="at once, with NumPy"),
        pytest.param("x = []\nwhile True: x.append(bytes(1000))", MEMORY, id="a growing list"),
        pytest.param("x = []\nwhile True: x.append(' ' * 10**7)", MEMORY, id="a list growing fast"),
        pytest.param(
            "import subprocess, sys\n"
            "grow = 'x = []\\nwhile True: x.append(bytes(1000))'\n"
            "while True: subprocess.run([sys.executable, '-c', grow], start_new_session=True)",
            MEMORY,
            id="in a child",
        ),
        pytest.param(
            "import subprocess, sys, time\n"
            "each = 'import time; x = b\"a\" * (150 * 2**20); time.sleep(1000)'\n"
            "for _ in range(10): subprocess.Popen([sys.executable, '-c', each])\n"
            "time.sleep(1000)",
            MEMORY,
            id="in many children",
        ),
        pytest.param(
            "import os, time\n"
            "if not os.fork():\n"
            "    if os.fork(): os._exit(0)\n"
            "    os.setsid()\n"
            "    x = []\n"
            "    while True: x.append(bytes(1000))\n"
            "os.wait(), time.sleep(1000)",
            MEMORY,
            id="in a daemon",
        ),
    ],
)
def test_a_cell_that_fills_memory_ends_at_the_memory_limit(code, said, job):
    executed = job("'first'", code, "'third'", limits=USUAL)
    assert re.fullmatch(said, executed.failure.error)
    assert executed.failure.cell == "2"
    assert outputs(executed)[0] == "'first'"


@pytest.mark.fault("a cell that fills memory")
def test_memory_that_processes_share_counts_once(job):
    code = """
import os, time
x = b"a" * (400 * 2**20)
children = []
for _ in range(4):
    child = os.fork()
    if not child:
        time.sleep(1000)
    children.append(child)
time.sleep(0.5)
'not too much'
"""
    executed = job(code)
    assert executed.failure is None
    assert outputs(executed) == ["'not too much'"]


MUCH = 100 * 10**6


@pytest.mark.fault("a cell that prints 100 MB")
@pytest.mark.parametrize(
    ("code", "name", "begins"),
    [
        pytest.param(f"print('x' * {MUCH})", "stdout", "xxx", id="one line"),
        pytest.param(f"import sys; sys.stderr.write('x' * {MUCH})", "stderr", "xxx", id="on standard error"),
        pytest.param("for n in range(1000): print('x' * 10**5)", "stdout", "xxx", id="many lines"),
        pytest.param(
            "import os\nfor n in range(1600): os.write(1, b'x' * 62500)", "stdout", "xxx", id="by descriptor"
        ),
        pytest.param(
            "import subprocess; subprocess.run(['sh', '-c', 'yes | head -c 40000000'])",
            "stdout",
            "y\ny\n",
            id="by a child",
        ),
        pytest.param(f"display('x' * {MUCH})", "", "", id="displayed"),
        pytest.param("for n in range(100): display('x' * 10**6)", "", "'xxx", id="displayed in pieces"),
        pytest.param(f"'x' * {MUCH}", "", "", id="a result"),
        pytest.param("for n in range(6000): display(n)", "", "0", id="many little things"),
    ],
)
def test_what_a_cell_prints_too_much_is_cut_with_a_note_and_the_job_goes_on(code, name, begins, job):
    before = psutil.Process().memory_info().rss
    executed = job(code, "'the next cell'")
    assert executed.failure is None
    shown = outputs(executed)
    assert shown[-1] == "'the next cell'" or shown[-1] == (
        "stderr",
        CUT,
    )  # no result comes any more, but states
    assert shown.count(("stderr", CUT)) == 1
    if name:
        assert shown[0][0] == name
        assert shown[0][1].startswith(begins)
        assert 0.1 * MOST_OUTPUT < len(shown[0][1]) <= MOST_OUTPUT
    elif begins:
        assert shown[0].startswith(begins)
    assert len(executed.notebook) < 2 * MOST_OUTPUT
    assert psutil.Process().memory_info().rss - before < 400 * MIB


@pytest.mark.fault("a cell that prints 100 MB")
def test_what_a_cell_shows_fast_is_all_there(job):
    executed = job("for n in range(3000): display(n)", "'the end'")
    assert executed.failure is None
    assert outputs(executed) == [*map(str, range(3000)), "'the end'"]


@pytest.mark.fault("a cell that prints 100 MB")
def test_a_text_is_one_however_many_pieces_it_came_in(job):
    code = "import time\nfor n in range(5): print(n, flush=True); time.sleep(0.05)"
    assert outputs(job(code)) == [("stdout", "0\n1\n2\n3\n4\n")]


@pytest.mark.fault("a cell that prints 100 MB")
@pytest.mark.parametrize("end", ["\\", "\\u", "\\u12", "\\\\", "\\\\\\", '\\\\\\"', "漢", "\\ud83d"])
def test_the_beginning_of_a_long_text_can_be_read_wherever_it_is_cut(end, monkeypatch):
    monkeypatch.setattr("warmkernels.manager.LARGEST", 40)
    monkeypatch.setattr("warmkernels.manager.HEAD", 0)
    whole = '{"name": "stdout", "text": "ab' + end
    for cut in range(len(whole.encode()) + 1):
        monkeypatch.setattr("warmkernels.manager.LARGEST", cut)
        found = beginning("stream", whole.encode())["text"]
        assert found == "" or found.startswith("ab"[: len(found)])
        found.encode()


@pytest.mark.fault("a cell that forks")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import os, time\nif not os.fork(): time.sleep(1000)", id="a fork that waits"),
        pytest.param("import os; os.fork()", id="a fork that goes on"),
        pytest.param(
            "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)",
            id="a process in a session of its own",
        ),
        pytest.param(
            "import os, time\n"
            "if not os.fork():\n"
            "    os.setsid()\n"
            "    if os.fork(): os._exit(0)\n"
            "    time.sleep(1000)\n"
            "os.wait()",
            id="a daemon",
        ),
        pytest.param(
            "import subprocess\n"
            "subprocess.Popen(['sh', '-c', 'while :; do sleep 0.01 & done'], start_new_session=True)",
            id="one that starts others all the time",
        ),
        pytest.param(
            "import threading, time; threading.Thread(target=time.sleep, args=(1000,)).start()", id="a thread"
        ),
    ],
)
def test_nothing_that_a_cell_has_started_outlives_its_job(code, job):
    executed = job(f"{code}\nNone", "'the next cell'")
    assert executed.failure is None
    assert outputs(executed) == ["'the next cell'"]


@pytest.mark.fault("a cell that forks")
def test_what_forks_print_is_kept(job):
    code = (
        "import multiprocessing\n"
        "fork = multiprocessing.get_context('fork').Process(target=lambda: print('from a fork'))\n"
        "fork.start(); fork.join()"
    )
    assert ("stdout", "from a fork\n") in outputs(job(code, "import time; time.sleep(0.5)"))


@pytest.mark.fault("a cell that calls os._exit, crashes or is no kernel any more")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os._exit(0)", "kernel ended: a cell ended its process, with status 0"),
        ("import os; os._exit(1)", "kernel ended: a cell ended its process, with status 1"),
        ("import ctypes; ctypes.string_at(0)", r"kernel died: it crashed \(SIGSEGV\)"),
        ("import os; os.abort()", r"kernel died: it crashed \(SIGABRT\)"),
        (
            "import os; os.closerange(0, 1000)\nprint(1)",
            r"kernel died: it crashed \(SIGABRT\)|time limit: .*",
        ),
        ("import os; os.execvp('true', ['true'])", "kernel ended: a cell ended its process, with status 0"),
    ],
)
def test_a_kernel_that_ends_is_told_apart_from_a_limit_and_is_not_tried_again(code, said, job, caplog):
    executed = job("'first'", code, "'third'", limits=Limits(10, GIB))
    assert re.fullmatch(said, executed.failure.error)
    assert executed.failure.cell == "2"
    assert outputs(executed)[0] == "'first'"
    assert "again" not in caplog.text


@pytest.mark.fault("a cell that closes stdout")
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import os; os.close(1)", None),
        ("import os; os.close(1); os.close(2); os.close(0)", None),
        ("import sys; sys.stdout.close()", "ValueError: I/O operation on closed file"),
    ],
)
def test_a_cell_that_closes_stdout_harms_nobody_else(code, error, job):
    executed = job(code, "print('more')", "'the end'")
    assert (executed.failure and executed.failure.error) == error
    if not error:
        assert outputs(executed)[-1] == "'the end'"


@pytest.mark.fault("a cell that raises what is no usual error")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("input()", "StdinNotImplementedError: raw_input was called, but .*"),
        ("raise ValueError('x' * 20 * 10**6)", r"ValueError: \(a message of [\d,]+ bytes\)"),
        ("raise ValueError('x' * 10**6)", r"ValueError: x{488} \.\.\."),
        (
            "raise ValueError('\\x1b]0;title\\x07\\x1b[31mred\\u202e\\r\\nsecond')",
            r"ValueError: \\x1b\]0;title\\x07\\x1b\[31mred\\u202e",
        ),
        ("class E(BaseException): pass\nraise E('x')", "E: x"),
    ],
)
def test_an_error_is_said_in_one_line_that_any_terminal_can_show(code, said, job):
    executed = job("'first'", code)
    assert re.fullmatch(said, executed.failure.error)
    assert executed.failure.error.isprintable()
    assert executed.failure.cell == "2"
    assert ("error", executed.failure.error.partition(":")[0]) in outputs(executed)


@pytest.mark.fault("a cell that changes what its kernel stands on")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import os; os.chdir('/')", id="its directory"),
        pytest.param("import os, ipykernel; os.unlink(ipykernel.get_connection_file())", id="its file"),
        pytest.param("import signal; signal.signal(15, signal.SIG_IGN)", id="its signals"),
        pytest.param("import os; os.environ.clear()", id="its environment"),
        pytest.param("import os; os.umask(0o777)", id="its umask"),
        pytest.param(
            "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))", id="its limits"
        ),
    ],
)
def test_a_cell_that_changes_its_surroundings_changes_no_other_jobs(code, job):
    plain = job("'first'", "import os; os.getcwd(), len(os.environ) > 3, os.umask(0o22)")
    assert job(f"{code}\nNone", "'the next cell'").failure is None
    again = job("'first'", "import os; os.getcwd(), len(os.environ) > 3, os.umask(0o22)")
    assert again.notebook == plain.notebook


@pytest.mark.fault("a cell that changes what its kernel stands on")
def test_a_cell_that_removes_the_folder_of_all_sockets_does_not_stop_the_next_job(job, marked):
    remove = "import os, shutil, ipykernel; shutil.rmtree(os.path.dirname(ipykernel.get_connection_file()))"
    executed = execute("n", source(remove, "'the next cell'"), {}, USUAL)
    assert executed.failure is None
    assert outputs(execute("n", source("1 + 1"), {}, USUAL)) == ["2"]
    client.stop()  # the process they are forked from is another one by now, which is this test's


def test_limits_are_no_part_of_a_result(job):
    code = ("import pandas as pd\npd.DataFrame({'a': [1, 2]})", "print('said'); 'shown'")
    results = {job(*code, limits=limits).notebook for limits in (USUAL, Limits(60, 4 * GIB))}
    assert len(results) == 1


@pytest.mark.fault("a cell that hangs")
@pytest.mark.fault("a cell that fills memory")
def test_one_batch_of_all_kinds_goes_on_and_the_others_are_untouched(job, tmp_path, monkeypatch):
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "cache"))
    cells = {
        "a_hangs": ("'kept'", "import time; time.sleep(1000)"),
        "b_good": ("import os; 'good b'",),
        "c_fills": ("'kept'", "x = []\nwhile True: x.append(' ' * 10**7)"),
        "d_exits": ("'kept'", "import os; os._exit(0)"),
        "e_prints": ("print('x' * 10**8)",),
        "f_good": ("'good f'",),
    }
    alone = {name: execute(name, source(*cells[name]), {}).notebook for name in ("b_good", "f_good")}
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    ended = run(
        [Template(name, source(*each), ()) for name, each in cells.items()],
        PriceBook.article(),
        tmp_path / "out",
        executor=executors.Local(3, Limits(8, GIB)),
    )
    said = {failed.failure.notebook: failed.failure.error for failed in ended.failed}
    assert {name: error.split(":")[0] for name, error in said.items()} == {
        "a_hangs": "time limit",
        "c_fills": "memory limit",
        "d_exits": "kernel ended",
    }
    for failed in ended.failed:
        assert "\"'kept'\"" in failed.kept.read_text()
    for name, notebook in alone.items():
        assert (tmp_path / "out" / "notebooks" / f"{name}.ipynb").read_bytes() == notebook
    assert "the output is cut here" in (tmp_path / "out" / "notebooks" / "e_prints.ipynb").read_text()


@pytest.mark.parametrize(
    ("option", "least", "most"), [("--time-limit", "1", "604,800"), ("--memory-limit", "0.25", "65,536")]
)
@pytest.mark.parametrize("given", ["0", "-1", "x", "", "nan", "inf", "1e99", "٣", "10 s"])
def test_a_limit_that_makes_no_sense_is_refused(option, least, most, given, capsys):
    assert cli.main(["run", f"{option}={given}"]) == cli.WRONG_INPUT
    said = capsys.readouterr().err
    assert f"{given!r} is not a number of" in said
    assert f"from {least} to {most}" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("where", [[], ["--dask", "tcp://127.0.0.1:8786"]])
@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ([], Limits(600, 2 * GIB)),
        (["--time-limit", "30.5"], Limits(30.5, 2 * GIB)),
        (["--memory-limit", "0.5", "--time-limit", "7"], Limits(7, GIB // 2)),
    ],
)
def test_limits_reach_the_executor(where, given, limits, monkeypatch):
    class SeenError(Exception):
        pass

    def seen(*arguments):
        raise SeenError(arguments[-1])

    monkeypatch.setattr(executors, "Local", seen)
    monkeypatch.setattr(executors, "Dask", seen)
    with pytest.raises(SeenError) as raised:
        cli.main(["run", *where, *given])
    assert raised.value.args == (limits,)
