# ruff: noqa: E501  # what a kernel is asked stands here as it is sent, one string a question
"""A warm kernel is a kernel like any other: the same is done in both kinds, and what came back is compared.

An ordinary kernel is a new Python; a warm one is forked from a Python that has imported its libraries already.

In principle, and so nowhere compared, a warm kernel differs in this:

* its parent process is the process it was forked from, not the client (``os.getppid()``), and what the operating
  system tells of how it was started is that process's (``/proc/self/cmdline``, ``/proc/self/environ``);
* modules are loaded that nobody in the notebook has imported (``sys.modules``), the memory they take is shared,
  and what numpy adds to ``warnings.filters`` when it is imported is there from the start;
* objects that were there before the fork are not looked at by the garbage collector (``gc.get_freeze_count()``);
* where PYTHONHASHSEED is not set, all kernels of one server hash strings alike, and those of two servers do not.
"""

import ast
import asyncio
import contextlib
import copy
import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
import uuid
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import nbformat
import psutil
import pytest
from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="without os.fork, as on Windows, no kernel is warm"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

ORDINARY = "local-provisioner"
# With local-provisioner here, ordinary kernels are compared with each other: what fails then is noise in a test.
WARM = os.environ.get("COSTCHECK_WARM_PROVISIONER", "costcheck-warm")
PROVISIONERS = {"ordinary": ORDINARY, "warm": WARM}
PATIENCE = 60  # seconds; an answer that takes longer does not come


# Kernels of both kinds


class _Chosen:
    """Lets a kernel manager start its kernel through the provisioner of one kind."""

    kind = "ordinary"

    @property
    def kernel_spec(self):
        spec = super().kernel_spec
        spec.metadata = spec.metadata | {"kernel_provisioner": {"provisioner_name": PROVISIONERS[self.kind]}}
        return spec


class Manager(_Chosen, KernelManager):
    pass


class AsyncManager(_Chosen, AsyncKernelManager):
    pass


def environment(**changes):
    """The environment of this process for a kernel, `None` taking a variable away."""
    # Where PYTEST_CURRENT_TEST is set, ipykernel leaves file descriptors 1 and 2 alone.
    changed = {**os.environ, "PYTEST_CURRENT_TEST": None, **changes}
    return {name: str(value) for name, value in changed.items() if value is not None}


def plain(text):
    """Take out what is bound to differ between two processes: addresses, process ids and drawn ids."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0xADDRESS", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel_PID", text)
    text = re.sub(r"Tip: .*?\\n", "Tip", text)  # IPython greets with another one each time
    text = re.sub(r"\bpid=\d+", "pid=PID", text)
    text = re.sub(r"tmp\w{8}\.json", "CONNECTION.json", text)
    text = re.sub(r"\d+\.\d\ds - ", "TIME - ", text)  # how pydevd begins its remarks
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)


def normalised(messages):
    """What a client is told, neighbouring pieces of one stream joined, without ids and times."""
    told = []
    for message in messages:
        kind, content = message["msg_type"], copy.deepcopy(message["content"])
        if kind == "stream" and told and told[-1][0] == kind and told[-1][1]["name"] == content["name"]:
            told[-1][1]["text"] += content["text"]
        else:
            told.append((kind, content))
    return json.loads(plain(json.dumps(told)))


class Kernel:
    """A kernel of one kind, and a client connected to it."""

    def __init__(self, kind, *, name="python3", transport="tcp", encryption=None, **options):
        self.kind = kind
        self.manager = Manager(kernel_name=name, transport=transport)
        if transport == "ipc":  # by default a name in the working directory, the same for every kernel
            self.manager.ip = os.path.join(os.environ["HOME"], uuid.uuid4().hex[:8])
        self.manager.kind = kind
        if encryption is not None:
            self.manager.transport_encryption = encryption
        options.setdefault("env", environment())
        self.manager.start_kernel(**options)
        self._client = None

    @property
    def client(self):
        """A client, which waits for the kernel when it is first used: so several kernels start side by side."""
        if self._client is None:
            try:
                self._client = self.connect()
            except RuntimeError:  # somebody else had taken a port between its choice and its use
                self.manager.restart_kernel(now=True, newports=True)
                self._client = self.connect()
        return self._client

    def connect(self):
        client = self.manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        return client

    def execute(self, code, *, answers=(), **options):
        """Execute code and return the messages on iopub and the content of the reply, both normalised."""
        heard, asked, answers = [], [], list(answers)
        reply = self.client.execute_interactive(
            textwrap.dedent(code),
            output_hook=heard.append,
            stdin_hook=lambda message: (asked.append(message), self.client.input(answers.pop(0))),
            allow_stdin=bool(answers),
            timeout=PATIENCE,
            **options,
        )
        # Questions come on a channel of their own: when, beside the others, is chance.
        return normalised(heard + asked), normalised([reply])[0][1]

    def streams(self, code):
        """What code writes, by stream."""
        messages, reply = self.execute(code)
        assert reply["status"] == "ok", messages
        written = {"stdout": "", "stderr": ""}
        for kind, content in messages:
            if kind == "stream":
                written[content["name"]] += content["text"]
        return written

    def values(self, expressions, code=""):
        """What expressions are worth after the code, by name, as JSON has it."""
        asked = {
            name: f"__import__('json').dumps({text}, default=repr)" for name, text in expressions.items()
        }
        messages, reply = self.execute(code, user_expressions=asked, store_history=False)
        assert reply["status"] == "ok", messages
        worth = {}
        for name, answer in reply["user_expressions"].items():
            assert answer["status"] == "ok", (name, answer)
            worth[name] = json.loads(ast.literal_eval(answer["data"]["text/plain"]))
        return worth

    def value(self, expression, code=""):
        return self.values({"it": expression}, code)["it"]

    @property
    def pid(self):
        return self.value("__import__('os').getpid()")

    def gone(self):
        """Wait until the kernel has ended; return the status that its provisioner tells."""
        until(lambda: not self.manager.is_alive())
        return run_sync(self.manager.provisioner.poll)()

    def close(self, *, now=True):
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=now)
        else:
            self.manager.cleanup_resources()


def until(condition, seconds=20):
    """Wait for a condition; fail where it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class Pair:
    """An ordinary and a warm kernel that are told the same and have to answer the same."""

    def __init__(self, **options):
        self.kernels = {kind: Kernel(kind, **options) for kind in PROVISIONERS}

    def both(self, ask):
        """Ask each kernel; return the answer, which is one."""
        ordinary, warm = (ask(self.kernels[kind]) for kind in ("ordinary", "warm"))
        assert warm == ordinary
        return ordinary

    def execute(self, code, **options):
        return self.both(lambda kernel: kernel.execute(code, **options))

    def streams(self, code):
        return self.both(lambda kernel: kernel.streams(code))

    def value(self, expression, code=""):
        return self.both(lambda kernel: kernel.value(expression, code))

    def close(self, **options):
        for kernel in self.kernels.values():
            kernel.close(**options)


@pytest.fixture(scope="module", autouse=True)
def home():
    """A home of these tests' own; its path is short, since a Unix socket's may have 107 characters."""
    fonts = mpl.get_cachedir()  # found again in every new home, which takes seconds
    with tempfile.TemporaryDirectory(prefix="k") as folder, pytest.MonkeyPatch.context() as patch:
        folder = Path(folder).resolve()
        for name in ("JUPYTER_DEFAULT_PROVISIONER_NAME", "IPYTHONDIR", "MPLBACKEND", "MATPLOTLIBRC", "TZ"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(folder))
        patch.setenv("MPLCONFIGDIR", fonts)
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "run"))
        patch.setenv("PATH", f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}")
        yield folder
        gc.collect()  # what is not closed is found here, not in somebody else's test


@pytest.fixture(scope="module")
def pair(home):
    """Two kernels, one of each kind, that stay alike as long as they are only used together."""
    kernels = Pair()
    yield kernels
    kernels.close()


@pytest.fixture(scope="module", params=list(PROVISIONERS))
def kernel(home, request):
    """A kernel that tests share, each kind in turn."""
    shared = Kernel(request.param)
    yield shared
    shared.close()


@pytest.fixture
def start(home):
    """Start kernels that nobody else uses."""
    started = []

    def start(kind, **options):
        made = Pair(**options) if kind == "both" else Kernel(kind, **options)
        started.append(made)
        return made

    yield start
    for made in started:
        made.close()


@pytest.fixture(params=list(PROVISIONERS))
def kind(request):
    return request.param


# Requests other than execution


def asked(client, request, *arguments, **options):
    """Send a request on the shell channel; the content of its reply."""
    sent = getattr(client, request)(*arguments, **options)
    return normalised([_reply(client.get_shell_msg, sent)])[0][1]


def _reply(get, sent):
    while True:
        message = get(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == sent:
            return message


@pytest.mark.parametrize(
    ("request_name", "arguments"),
    [
        pytest.param("kernel_info", [], id="kernel_info"),
        pytest.param("complete", ["from json import dum"], id="completion of what a module has"),
        pytest.param("complete", ["sum(ran"], id="completion of a name"),
        pytest.param("complete", ["'a'.sta"], id="completion of an attribute"),
        pytest.param("complete", ["%mat"], id="completion of a magic"),
        pytest.param("complete", ["open('/et"], id="completion of a path"),
        pytest.param("inspect", ["len", 3], id="inspection"),
        pytest.param("inspect", ["json.loads", 10, 1], id="inspection with source"),
        pytest.param("inspect", ["no_such_name", 5], id="inspection of nothing"),
        pytest.param("is_complete", ["for n in x:"], id="an unfinished cell"),
        pytest.param("is_complete", ["x = 1"], id="a finished cell"),
        pytest.param("is_complete", ["1 +* 2"], id="an invalid cell"),
        pytest.param("comm_info", [], id="comm_info"),
    ],
)
def test_a_request_is_answered_the_same(request_name, arguments, pair):
    # on a busy machine IPython would leave out the types of what it completes [millisecond]
    pair.both(lambda kernel: kernel.execute("get_ipython().Completer.jedi_compute_type_timeout = 60_000"))
    reply = pair.both(lambda kernel: asked(kernel.client, request_name, *arguments))
    assert reply["status"] in {"ok", "complete", "incomplete", "invalid"}


def test_history_holds_the_cells_of_this_kernel(pair):
    def history(kernel):
        kernel.execute("'remembered'")
        reply = asked(
            kernel.client, "history", raw=True, output=True, hist_access_type="range", session=0, start=1
        )
        return reply["history"]

    (*_, (_, _, (source, output))) = pair.both(history)
    assert (source, output) == ("'remembered'", "'remembered'")


def test_history_has_a_tail_of_the_cells_before(start, home, tmp_path):
    kernels = []
    for kind in PROVISIONERS:
        kernels.append(start(kind, env=environment(IPYTHONDIR=tmp_path / kind)))
        for number in (1, 2, 3):
            kernels[-1].execute(f"{number}")
    tails = [
        [source for _, _, source in asked(kernel.client, "history", hist_access_type="tail", n=2)["history"]]
        for kernel in kernels
    ]
    assert tails == [["2", "3"], ["2", "3"]]


def test_a_comm_is_opened_talked_to_and_closed_from_both_sides(pair):
    code = """
        from comm import create_comm, get_comm_manager
        def opened(comm, message):
            comm.on_msg(lambda message: comm.send({"echo": message["content"]["data"]}))
            comm.on_close(lambda message: print("closed"))
        get_comm_manager().register_target("target", opened)
        ours = create_comm(target_name="client", comm_id="ours", data={"a": 1})
        ours.send({"b": 2}, buffers=[b"raw"])
        ours.close()
    """
    messages, _ = pair.execute(code)
    assert [kind for kind, _ in messages if kind.startswith("comm")] == [
        "comm_open",
        "comm_msg",
        "comm_close",
    ]

    def from_client(kernel):
        heard = []
        for kind, data in (("comm_open", {}), ("comm_msg", {"c": 3}), ("comm_close", {})):
            content = {"comm_id": "theirs", "target_name": "target", "data": data}
            message = kernel.client.session.msg(kind, content)
            kernel.client.shell_channel.send(message)
            while True:
                said = _reply(kernel.client.get_iopub_msg, message["header"]["msg_id"])
                heard.append(said)
                if said["content"].get("execution_state") == "idle":
                    break
        return normalised(heard)

    heard = pair.both(from_client)
    assert ["comm_msg", {"data": {"echo": {"c": 3}}, "comm_id": "theirs"}] in heard
    assert ["stream", {"name": "stdout", "text": "closed\n"}] in heard


@pytest.fixture
def pair_to_debug(home):
    """A pair of its own: a debugger that was there once makes remarks in every process that is started later."""
    kernels = Pair()
    yield kernels
    kernels.close()


def test_the_debugger_answers_the_same(pair_to_debug):
    def debug(kernel):
        answers = []
        for number, command in enumerate(("debugInfo", "initialize", "disconnect"), 1):
            content = {"type": "request", "seq": number, "command": command, "arguments": {"clientID": "c"}}
            for _ in range(
                5
            ):  # ipykernel answers with nothing while debugpy, on a busy machine, is not there yet
                message = kernel.client.session.msg("debug_request", content)
                kernel.client.control_channel.send(message)
                answer = _reply(kernel.client.get_control_msg, message["header"]["msg_id"])
                if answer["content"]:
                    break
            answers.append(answer)
        return [
            (content["command"], content["success"], content.get("body"))
            for _, content in normalised(answers)
        ]

    answers = pair_to_debug.both(debug)
    assert [answer[1] for answer in answers] == [True, True, True]


# What a notebook prints; what a child writes to a file descriptor comes by a thread of ipykernel's, hence the sleep


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("6 * 7", id="a result"),
        pytest.param("x = 6 * 7", id="no result"),
        pytest.param("6 * 7;", id="a silenced result"),
        pytest.param("print('out'); print('more')", id="stdout"),
        pytest.param("import sys; print('err', file=sys.stderr)", id="stderr"),
        pytest.param("sys.stdout.write('no newline'); sys.stdout.flush()", id="stdout without a newline"),
        pytest.param("print('汉字 \\N{SNOWMAN} \\r\\n')", id="characters"),
        pytest.param("1 / 0", id="an exception"),
        pytest.param("def f(n):\n    return 1 / n\n\nf(0)", id="an exception in a function"),
        pytest.param("try:\n    1 / 0\nexcept ZeroDivisionError:\n    {}['a']", id="an exception in another"),
        pytest.param("raise ValueError('said')\\\n from KeyError(1)", id="an exception with a cause"),
        pytest.param("raise ExceptionGroup('g', [ValueError(1), KeyError(2)])", id="a group of exceptions"),
        pytest.param("import json; json.loads('{')", id="an exception in the standard library"),
        pytest.param("import pandas; pandas.DataFrame()['a']", id="an exception in pandas"),
        pytest.param("for", id="a syntax error"),
        pytest.param("if True:\nprint()", id="an indentation error"),
        pytest.param("no_such_name", id="a name error"),
        pytest.param("raise SystemExit(3)", id="an exit"),
        pytest.param("!echo child", id="an exclamation mark"),
        pytest.param("held = !echo child\nheld", id="an exclamation mark held"),
        pytest.param("%%bash\necho child; echo error >&2", id="a bash cell"),
        pytest.param("import os; os.system('echo child; sleep 0.2')", id="os.system"),
        pytest.param(
            "os.write(1, b'raw\\n'); import time; time.sleep(0.2)", id="a write to file descriptor 1"
        ),
        pytest.param(
            "import subprocess; subprocess.run('echo child; sleep 0.2', shell=True).returncode",
            id="a child's stdout",
        ),
        pytest.param(
            "subprocess.run('echo error >&2; sleep 0.2; exit 3', shell=True).returncode",
            id="a child's stderr",
        ),
        pytest.param("subprocess.run(['cat'], timeout=10).returncode", id="a child reads an empty stdin"),
        pytest.param("import warnings; warnings.warn('mind')", id="a warning"),
        pytest.param("warnings.warn('old', DeprecationWarning)", id="a deprecation"),
        pytest.param("warnings.warn('soon', PendingDeprecationWarning)", id="a warning not shown"),
        pytest.param("[warnings.warn('twice') for _ in 'ab'];", id="a warning shown once"),
        pytest.param("import logging; logging.info('quiet'); logging.warning('loud')", id="logging"),
        pytest.param(
            "import threading\nt = threading.Thread(target=print, args=['thread'])\nt.start(); t.join()",
            id="a thread prints",
        ),
        pytest.param("import asyncio\nawait asyncio.sleep(0, 'awaited')", id="top-level await"),
        pytest.param("await asyncio.gather(*(asyncio.sleep(0.01, n) for n in range(3)))", id="gathering"),
        pytest.param(
            "async def f():\n    print('task')\ntask = asyncio.create_task(f()); await task", id="a task"
        ),
        pytest.param("from IPython.display import HTML, display\ndisplay(HTML('<b>b</b>'))", id="HTML"),
        pytest.param("h = display('first', display_id='d'); h.update('second')", id="a display updated"),
        pytest.param(
            "from IPython.display import clear_output\nprint(1); clear_output(wait=True); print(2)",
            id="output cleared",
        ),
        pytest.param(
            "import pandas as pd\npd.DataFrame({'a': [1, 2], '漢': [0.5, None]})", id="a data frame"
        ),
        pytest.param("pd.DataFrame({'a': range(200)})", id="a long data frame"),
        pytest.param(
            "pd.DataFrame({'a': [0.5]}).style.format(precision=2).set_uuid('u')", id="a pandas Styler"
        ),
        pytest.param("pd.Series(pd.date_range('2024-07-23', periods=3))", id="a series"),
        pytest.param("import numpy as np\nnp.arange(2000) / 3", id="an array"),
        pytest.param("np.array([1.0]) / 0", id="a warning of numpy"),
        pytest.param("import costcheck\ncostcheck.__version__", id="costcheck"),
        pytest.param("from rich.table import Table; Table('a')", id="a table of rich"),
        pytest.param("%pwd", id="a line magic"),
        pytest.param("%lsmagic", id="the list of magics"),
        pytest.param("%nosuchmagic", id="a magic that does not exist"),
        pytest.param("%who_ls str", id="the namespace"),
        pytest.param("%config ZMQInteractiveShell", id="the shell's configuration"),
        pytest.param("%matplotlib --list", id="the list of backends"),
        pytest.param("%xmode", id="a mode of tracebacks"),
        pytest.param("%xmode Context", id="the usual mode of tracebacks"),
        pytest.param("%precision 3\n0.123456", id="a precision"),
        pytest.param("_, __, _1, In[1], len(Out)", id="In and Out"),
        pytest.param("%history", id="a history"),
        pytest.param("print?", id="help on an object"),
        pytest.param(
            "from IPython import get_ipython\nget_ipython().set_next_input('typed')", id="next input"
        ),
        pytest.param("%%capture held\nprint('captured')", id="a captured cell"),
        pytest.param("held.stdout", id="what was captured"),
        pytest.param("%%writefile -a /dev/null\ntext", id="a file written"),
    ],
)
def test_a_cell_says_the_same(code, pair):
    messages, reply = pair.execute(code)
    assert messages[0] == ["status", {"execution_state": "busy"}]
    assert messages[-1] == ["status", {"execution_state": "idle"}]
    assert reply["status"] in {"ok", "error"}


def test_cells_that_look_at_the_clock_say_the_same_but_for_the_time(pair):
    def timed(kernel):
        written = "".join(kernel.streams("%time sum(range(10))\n%timeit -n1 -r2 sum(range(10))").values())
        # what %timeit says of runs that differ much is of the clock too
        written = re.sub(r"The slowest run took .*\n", "", written)
        return re.sub(r"CPU times:.*|\d[\d.e+]* [nuµμm]?s\b", "TIME", written)

    said = pair.both(timed)
    assert "Wall time: TIME" in said
    assert "per loop" in said


def test_arrow_works_on_threads_of_its_own(pair):
    code = """
import pyarrow as pa, pandas as pd
table = pa.table({"k": ["a", "b"] * 50_000, "v": range(100_000)})
summed = table.group_by("k").aggregate([("v", "sum")]).sort_by("k").to_pydict()
"""
    assert pair.both(lambda kernel: kernel.value("str((summed, pd.Series(['x']).dtype))", code)) == (
        "({'k': ['a', 'b'], 'v_sum': [2499950000, 2500000000]}, <StringDtype(na_value=nan)>)"
    )


def test_a_script_is_run_as_main_and_leaves_its_names_behind(pair, tmp_path):
    (tmp_path / "script.py").write_text("import sys\nprint(__name__, __file__, sys.argv)\nleft = 1\n")
    written = pair.streams(f"%run {tmp_path / 'script.py'} first\nprint(left, __name__)")
    assert written["stdout"].splitlines()[1] == "1 __main__"


def test_a_result_that_only_a_client_asked_for_is_the_same(pair):
    asked = {"good": "6 * 7", "bad": "no_such_name"}
    _, reply = pair.execute("", user_expressions=asked)
    assert reply["user_expressions"]["good"]["data"] == {"text/plain": "42"}
    assert reply["user_expressions"]["bad"]["status"] == "error"


def test_input_asks_the_client_and_gets_its_answer(pair):
    messages, _ = pair.execute(
        "import getpass\n[input('Name? '), getpass.getpass('Word? ')]", answers=["Ada", "w"]
    )
    asked = [content for kind, content in messages if kind == "input_request"]
    assert asked == [{"prompt": "Name? ", "password": False}, {"prompt": "Word? ", "password": True}]
    assert ["execute_result", "['Ada', 'w']"] in [
        [kind, content["data"]["text/plain"]] for kind, content in messages if kind == "execute_result"
    ]


def test_input_from_a_client_that_cannot_answer_is_refused(pair):
    _, reply = pair.execute("input()")
    assert reply["ename"] == "StdinNotImplementedError"


# Interrupting, restarting, dying


@pytest.mark.parametrize("mode", ["signal", "message"])
@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import time\nprint('busy', flush=True)\nwhile True: time.sleep(0.01)", id="a loop"),
        pytest.param("print('busy', flush=True)\nwhile True: pass", id="a loop that never waits"),
        pytest.param(
            "import subprocess\nsubprocess.run('echo busy; exec sleep 100', shell=True)", id="a child process"
        ),
    ],
)
def test_a_busy_cell_is_interrupted_and_its_kernel_lives_on(mode, code, kernel):
    kernel.manager.kernel_spec.interrupt_mode = mode
    # else the next request may still be one of those that an error takes with it
    sent = kernel.client.execute(code, stop_on_error=False)
    while _reply(kernel.client.get_iopub_msg, sent)["content"].get("text", "").strip() != "busy":
        pass
    began = time.monotonic()
    kernel.manager.interrupt_kernel()
    reply = _reply(kernel.client.get_shell_msg, sent)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert time.monotonic() - began < 5
    assert kernel.value("1 + 1") == 2


def test_an_idle_kernel_is_not_hurt_by_an_interrupt(kernel):
    kernel.manager.interrupt_kernel()
    # what reaches ipykernel at the very moment of the signal is lost: this asks until there is an answer
    kernel.client.wait_for_ready(timeout=PATIENCE)
    assert kernel.value("1 + 1") == 2


@pytest.mark.parametrize("now", [True, False])
def test_a_restarted_kernel_is_a_new_process_that_knows_nothing(now, start, kind):
    kernel = start(kind)
    kernel.execute("known = 1")
    before = kernel.pid
    kernel.manager.restart_kernel(now=now)
    kernel.client.wait_for_ready(timeout=PATIENCE)
    assert kernel.pid != before
    assert not psutil.pid_exists(before)
    assert kernel.value("'known' in globals()") is False
    assert kernel.execute("'works'")[1]["execution_count"] == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("import os; os._exit(3)", 3, id="os._exit(3)"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, id="SIGKILL"
        ),
        pytest.param(
            "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); ctypes.string_at(0)",
            -signal.SIGSEGV,
            id="a segmentation fault",
        ),
    ],
)
def test_a_kernel_that_dies_is_noticed_with_its_exit_status_and_can_be_started_again(
    code, status, start, kind
):
    kernel = start(kind)
    before = kernel.pid
    kernel.client.execute(code)
    assert kernel.gone() == status
    assert not psutil.pid_exists(before)
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=PATIENCE)
    assert kernel.pid != before


def test_quit_ends_a_kernel_with_status_zero(start, kind):
    kernel = start(kind)
    kernel.client.execute("quit()")
    assert kernel.gone() == 0


def test_a_terminated_kernel_has_the_status_of_its_signal(start):
    kernels = start("both")

    def terminated(kernel):
        os.kill(kernel.pid, signal.SIGTERM)
        return kernel.gone()

    kernels.both(terminated)


def test_functions_registered_for_the_exit_are_called_and_those_of_others_are_not(start, tmp_path):
    kernels = start("both")
    for kind, kernel in kernels.kernels.items():
        kernel.execute(
            f"import atexit, pathlib\natexit.register(pathlib.Path({str(tmp_path / kind)!r}).touch)"
        )
    kernels.close(now=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ordinary", "warm"]


def test_a_kernel_that_does_not_want_to_end_is_killed(start, kind):
    kernel = start(kind)
    kernel.manager.shutdown_wait_time = 0.5
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\n"
    pid = kernel.pid
    sent = kernel.client.execute(
        code + "while True:\n    try: time.sleep(9)\n    except KeyboardInterrupt: pass"
    )
    while _reply(kernel.client.get_iopub_msg, sent)["content"].get("text") != "deaf\n":
        pass
    kernel.manager.shutdown_kernel()
    assert not psutil.pid_exists(pid)


def test_a_kernel_ends_with_its_client(kind):
    """A client that is killed has no time to shut its kernel down."""
    code = """
        import sys, time
        from jupyter_client.manager import start_new_kernel
        manager, client = start_new_kernel()
        client.execute("import os; print(os.getpid())")
        while True:
            message = client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "stream":
                print(message["content"]["text"], flush=True)
                time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    chosen = environment(JUPYTER_DEFAULT_PROVISIONER_NAME=PROVISIONERS[kind])
    with subprocess.Popen(command, env=chosen, stdout=subprocess.PIPE, text=True) as client:
        pid = int(client.stdout.readline())
        assert psutil.pid_exists(pid)
        client.kill()
    until(lambda: not psutil.pid_exists(pid))


# Notebooks


def executed(kind, *cells, **options):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    chosen = type("Chosen", (AsyncManager,), {"kind": kind})
    NotebookClient(notebook, kernel_name="python3", kernel_manager_class=chosen, **options).execute()
    return notebook


def test_nbclient_says_that_a_kernel_died(kind):
    with pytest.raises(DeadKernelError):
        executed(kind, "import os; os._exit(3)")


def test_nbclient_keeps_its_time_limit(kind):
    with pytest.raises(CellTimeoutError):
        executed(kind, "import time; time.sleep(60)", timeout=1)


def test_nbclient_interrupts_a_cell_at_its_time_limit_and_goes_on():
    made = [
        executed(
            kind,
            "import time; time.sleep(60)",
            "1 + 1",
            timeout=1,
            interrupt_on_timeout=True,
            allow_errors=True,
        )
        for kind in PROVISIONERS
    ]
    for notebook in made:
        assert notebook.cells[0].outputs[0].ename == "KeyboardInterrupt"
        assert notebook.cells[1].outputs[0].data["text/plain"] == "2"


def test_nbclient_writes_the_same_notebook():
    def outputs(kind):
        cells = ["print(1)", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "1 / 0"]
        return json.loads(
            plain(json.dumps([cell.outputs for cell in executed(kind, *cells, allow_errors=True).cells]))
        )

    assert outputs("warm") == outputs("ordinary")


# Figures


PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('$x^2$');"


def shown(kernel, code):
    """The kinds of data that the code displays."""
    messages, reply = kernel.execute(code)
    assert reply["status"] == "ok", messages
    return [sorted(content["data"]) for kind, content in messages if kind == "display_data"]


def test_a_figure_is_shown_as_png_without_being_asked_and_its_bytes_are_the_same(pair):
    def png(kernel):
        messages, _ = kernel.execute(PLOT)
        return [content["data"].get("image/png") for kind, content in messages if kind == "display_data"]

    (image,) = pair.both(png)
    assert image


def test_the_inline_backend_takes_its_configuration_in_any_order(start):
    """`%config` before matplotlib is imported is not the way it is used most."""
    kernels = start("both")
    svg = "%config InlineBackend.figure_formats = ['svg']\n"
    assert kernels.both(lambda kernel: shown(kernel, svg + PLOT)) == [["image/svg+xml", "text/plain"]]
    both = "%config InlineBackend.figure_formats = ['svg', 'png']\n"
    assert kernels.both(lambda kernel: shown(kernel, both + PLOT)) == [
        ["image/png", "image/svg+xml", "text/plain"]
    ]
    kept = "%config InlineBackend.close_figures = False\n%matplotlib inline\n"
    kernels.both(lambda kernel: shown(kernel, kept + PLOT))
    assert kernels.value("plt.get_fignums()") == [1]


def test_matplotlib_inline_is_not_needed_and_does_no_harm(start):
    kernels = start("both")
    assert kernels.both(lambda kernel: shown(kernel, "%matplotlib inline")) == []
    assert kernels.both(lambda kernel: shown(kernel, PLOT)) == [["image/png", "text/plain"]]
    assert kernels.both(lambda kernel: shown(kernel, "plt.plot([1]); plt.show()")) == [
        ["image/png", "text/plain"]
    ]
    assert kernels.both(lambda kernel: shown(kernel, "plt.ioff()\nplt.figure()")) == []
    kernels.execute("%matplotlib agg\nplt.get_backend()")
    assert kernels.both(lambda kernel: shown(kernel, PLOT)) == []


def test_matplotlib_can_be_given_another_backend_by_the_environment(start):
    kernels = start("both", env=environment(MPLBACKEND="svg"))
    assert kernels.both(lambda kernel: shown(kernel, PLOT)) == []
    assert kernels.value("plt.get_backend()").lower() == "svg"


def test_matplotlib_can_be_given_another_backend_by_the_notebook(start):
    kernels = start("both")
    assert (
        kernels.value("plt.get_backend()", f"import matplotlib\nmatplotlib.use('pdf')\n{PLOT}").lower()
        == "pdf"
    )


@pytest.mark.parametrize("where", ["working directory", "MATPLOTLIBRC", "MPLCONFIGDIR"])
def test_a_matplotlibrc_is_found_where_matplotlib_looks_for_it(where, start, tmp_path):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7.5\nbackend: pdf\n")
    fonts = next(Path(mpl.get_cachedir()).glob("fontlist*.json"), None)
    if where == "MPLCONFIGDIR" and fonts:
        (tmp_path / fonts.name).symlink_to(fonts)
    options = {
        "working directory": {"cwd": tmp_path},
        "MATPLOTLIBRC": {"env": environment(MATPLOTLIBRC=tmp_path / "matplotlibrc")},
        "MPLCONFIGDIR": {"env": environment(MPLCONFIGDIR=tmp_path)},
    }
    kernels = start("both", **options[where])
    code = "import matplotlib as m, matplotlib.pyplot as plt"
    read = kernels.value(
        "[m.rcParams['lines.linewidth'], m.rcParamsOrig['lines.linewidth'] if hasattr(m, 'rcParamsOrig') else 0,"
        " m.rcParamsDefault['lines.linewidth'], m.matplotlib_fname(), m.get_configdir(), plt.get_backend()]",
        code,
    )
    assert read[0] == 7.5
    assert tmp_path / read[3] == tmp_path / "matplotlibrc"


# State of a kernel in which nothing has happened

NAMED = """
def named(thing):
    kind = type(thing)
    name = getattr(thing, "__qualname__", None) or f"{kind.__module__}.{kind.__qualname__}"
    return f"{getattr(thing, '__module__', '')}.{name}"

def kept(setting, change):
    found = setting(change)
    setting(found)
    return found

def loggers(names):
    found = {name: logging.getLogger(name) for name in names}
    found[""] = logging.getLogger()
    return {
        name: [logger.level, logger.disabled, logger.propagate, [named(h) for h in logger.handlers], logger.filters]
        for name, logger in found.items()
    }

def lines(path, *starts):
    try:
        text = open(path).read()
    except OSError:
        return []
    return [line for line in text.splitlines() if line.startswith(starts)]

def descriptors():
    found = []
    folder = "/proc/self/fd" if os.path.exists("/proc/self/fd") else "/dev/fd"
    for number in os.listdir(folder):
        with contextlib.suppress(OSError):
            mode = os.fstat(int(number)).st_mode
            kind = stat.S_IFMT(mode)
            named = folder == "/proc/self/fd" and kind in (0, stat.S_IFREG, stat.S_IFCHR)
            found.append(f"{kind:o} " + (os.readlink(f"{folder}/{number}") if named else ""))
    # ZeroMQ opens some for each thread that has written, as one has that caught the debugger's remarks
    return sorted(name for name in found if not name.startswith(("0 anon_inode", "140000")))
"""

PREPARED = (
    """
import asyncio, atexit, builtins, contextlib, contextvars, decimal, faulthandler, gc, getpass, locale, logging
import multiprocessing.spawn, os, platform, resource, select, signal, socket, stat, sys, tempfile, threading, time
import tracemalloc, warnings
"""
    + NAMED
)

NOTHING_DONE = {
    "sys.argv": "sys.argv",
    "sys.orig_argv": "sys.orig_argv",
    "sys.path": "sys.path",
    "sys.executable": "[sys.executable, sys._base_executable, sys.prefix, sys.base_prefix]",
    "sys.flags": "[str(sys.flags), sys._xoptions, sys.warnoptions, sys.dont_write_bytecode, sys.pycache_prefix]",
    "limits of the interpreter": "[sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits(),"
    " threading.stack_size()]",
    "hooks": "[named(getattr(sys, hook)) for hook in ('excepthook', 'displayhook', 'unraisablehook',"
    " 'breakpointhook', 'audit', 'getprofile', 'gettrace')] + [named(threading.excepthook), sys.gettrace(),"
    " sys.getprofile(), tracemalloc.is_tracing(), list(sys.get_asyncgen_hooks())]",
    "import system": "[list(map(named, sys.meta_path)), list(map(named, sys.path_hooks))]",
    "builtins": "sorted(vars(builtins))",
    "__main__": "[__name__, '__file__' in globals(), __spec__, __doc__, __package__, named(__builtin__),"
    " vars(sys.modules['__main__']) is globals(), sys.modules['__main__'].__name__, named(sys.modules['__main__'])]",
    "names in __main__": "sorted(globals())",
    "the way back into a spawned process": "{k: v for k, v in multiprocessing.spawn.get_preparation_data('p').items()"
    " if k != 'authkey'}",
    "multiprocessing": "[multiprocessing.current_process().name, multiprocessing.parent_process(),"
    " multiprocessing.active_children(), multiprocessing.get_start_method(allow_none=True)]",
    "warnings": "[[action, getattr(text, 'pattern', text), named(kind), getattr(module, 'pattern', module), line]"
    " for action, text, kind, module, line in warnings.filters] + [named(warnings.showwarning),"
    " named(warnings.formatwarning), warnings.defaultaction, warnings.onceregistry]",
    "locale": "[locale.setlocale(locale.LC_ALL), locale.getlocale(), locale.getpreferredencoding(),"
    " locale.getencoding(), locale.localeconv()]",
    "encodings": "[sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()]",
    "standard streams": "[[named(s), s.encoding, s.errors, s.line_buffering, s.isatty(), s.closed, s.fileno()] for s in"
    " (sys.__stdin__, sys.__stdout__, sys.__stderr__)] + [[named(s), s.encoding, s.isatty(), s.closed] for s in"
    " (sys.stdin, sys.stdout, sys.stderr)]",
    "stdin is at its end": "[bool(select.select([0], [], [], 0)[0]), select.select([0], [], [], 0)[0] and"
    " len(os.read(0, 9))]",
    "decimal": "[repr(decimal.getcontext()), repr(decimal.DefaultContext)]",
    "garbage collection": "[gc.isenabled(), gc.get_threshold(), gc.get_debug(), list(map(named, gc.callbacks))]",
    "signal handlers": "{s.name: named(signal.getsignal(s)) + repr(signal.getsignal(s))[:9] for s in"
    " sorted(signal.valid_signals()) if isinstance(s, signal.Signals)}",
    "signals of the operating system": "[sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),"
    " sorted(signal.sigpending()), lines('/proc/self/status', 'Sig', 'Shd')[1:]]",
    "wakeup file descriptor": "kept(lambda fd: signal.set_wakeup_fd(fd, warn_on_full_buffer=False), -1) >= 0",
    "timers": "[signal.getitimer(timer) for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF)]",
    "process group and session": "[os.getpgid(0) == os.getpid(), os.getpgrp() == os.getpid(),"
    " os.getsid(0) == os.getpid()]",
    "terminal": "[os.isatty(0), os.isatty(1), os.isatty(2), lines('/proc/self/stat', 'x')]",
    "umask": "kept(os.umask, 0o77)",
    "resource limits": "{name: resource.getrlimit(getattr(resource, name)) for name in sorted(vars(resource)) if"
    " name.startswith('RLIMIT')}",
    "priority": "[os.nice(0), os.getpriority(os.PRIO_PROCESS, 0), sorted(getattr(os, 'sched_getaffinity', lambda n: [])"
    "(0)), lines('/proc/self/oom_score_adj', '')]",
    "user and groups": "[os.getuid(), os.geteuid(), os.getgid(), sorted(os.getgroups()), getpass.getuser()]",
    "rights": "lines('/proc/self/status', 'Cap', 'Seccomp', 'NoNewPrivs', 'THP', 'Umask', 'CoreDumping')",
    "working directory": "[os.getcwd(), os.path.realpath('.')]",
    "environment": "{k: v for k, v in os.environ.items() if k != 'JPY_SESSION_NAME'}",
    "environment of a child": "sorted(os.popen('env').read().splitlines())",
    "time zone": "[time.tzname, time.timezone, time.daylight, time.strftime('%z')]",
    "folder for temporary files": "[tempfile.gettempdir(), tempfile.template, os.path.expanduser('~')]",
    "open files": "descriptors()",
    "threads": "sorted(re.sub(r'\\d+', 'N', thread.name) + str(thread.daemon) for thread in threading.enumerate())",
    "threads of the operating system": "[len(os.listdir('/proc/self/task')) if os.path.exists('/proc/self/task') else 0]",
    "main thread": "[threading.current_thread() is threading.main_thread(), threading.current_thread().name,"
    " threading.get_native_id() == os.getpid(), threading.main_thread().ident == threading.get_ident()]",
    "faulthandler": "[faulthandler.is_enabled(), named(faulthandler.enable)]",
    "logging": "loggers(['traitlets', 'tornado', 'asyncio', 'tornado.general', 'IPKernelApp', 'py.warnings',"
    " 'matplotlib', 'concurrent.futures', 'parso', 'prompt_toolkit', 'Comm'])",
    "ways of logging": "[logging.raiseExceptions, named(logging.getLoggerClass()), named(logging.lastResort),"
    " logging.root.manager.disable, named(logging.getLogRecordFactory())]",
    "asyncio": "[named(asyncio.get_event_loop_policy()), named(asyncio.get_event_loop()),"
    " asyncio.get_event_loop().get_debug()]",
    "context": "sorted(str(v.name) for v in contextvars.copy_context())",
    "sockets": "socket.getdefaulttimeout()",
    "platform": "[platform.platform(), platform.python_version(), platform.node()]",
    "configuration of IPython": "get_ipython().config",
    "settings of the shell": "{name: repr(value) for name, value in get_ipython().trait_values(config=True).items()}",
    "configurable parts": "sorted({named(part) for part in get_ipython().configurables})",
    "events of the shell": "{name: sorted(map(named, called)) for name, called in get_ipython().events.callbacks.items()}",
    "formatters": "{name: [sorted(map(named, f.type_printers)), sorted(map(str, f.deferred_printers)), f.enabled]"
    " for name, f in get_ipython().display_formatter.formatters.items()}",
    "magics": "{kind: sorted(found) for kind, found in get_ipython().magics_manager.magics.items()}",
    "transformers": "[list(map(named, get_ipython().input_transformers_post)),"
    " list(map(named, get_ipython().ast_transformers)),"
    " list(map(named, get_ipython().input_transformer_manager.line_transforms))]",
    "folders of IPython": "[get_ipython().ipython_dir, get_ipython().profile_dir.location,"
    " str(get_ipython().history_manager.hist_file), get_ipython().history_manager.enabled]",
    "settings of the kernel": "{name: repr(value) for name, value in get_ipython().kernel.trait_values(config=True)"
    ".items()}",
    "settings of the application": "{name: repr(value) for name, value in get_ipython().kernel.parent.trait_values("
    "config=True).items() if not name.endswith(('_port', 'parent_handle'))}",
    "what looks after the parent": "named(get_ipython().kernel.parent.poller)",
    "aliases and hooks of IPython": "[sorted(get_ipython().alias_manager.aliases), sorted(get_ipython().hooks)]",
    "pdb": "[named(__import__('pdb').Pdb), named(__import__('pdb').set_trace), named(get_ipython().debugger_cls)]",
}

LIBRARIES = (
    PREPARED + "import costcheck, numpy as np, pandas as pd, matplotlib as mpl, matplotlib.pyplot as plt\n"
)

LIBRARIES_IMPORTED = {
    "rcParams": "{name: repr(value) for name, value in mpl.rcParams.items()}",
    "default rcParams": "{name: repr(value) for name, value in mpl.rcParamsDefault.items()}",
    "original rcParams": "{name: repr(value) for name, value in getattr(mpl, 'rcParamsOrig', {}).items()}",
    "rcParams are one object": "plt.rcParams is mpl.rcParams",
    "backend": "[mpl.get_backend(auto_select=False), mpl.is_interactive(), plt.get_fignums(), named(plt.switch_backend)]",
    "folders of matplotlib": "[mpl.get_configdir(), mpl.get_cachedir(), mpl.matplotlib_fname()]",
    "units registry": "sorted(f'{named(k)} {named(v)}' for k, v in __import__('matplotlib.units').units.registry.items())",
    "styles": "[plt.style.available, sorted(mpl.colormaps), sorted(mpl.color_sequences)]",
    "scales": "[__import__('matplotlib.scale').scale.get_scale_names(),"
    " __import__('matplotlib.projections').projections.get_projection_names()]",
    "fonts": "len(__import__('matplotlib.font_manager').font_manager.fontManager.ttflist)",
    "options of pandas": "{name: repr(pd.get_option(name)) for name in sorted(pd._config.config._registered_options)}",
    "accessors of pandas": "[sorted(pd.DataFrame._accessors), sorted(pd.Series._accessors)]",
    "errors of numpy": "[np.geterr(), np.geterrcall(), np.getbufsize()]",
    "printing of numpy": "{name: repr(value) for name, value in np.get_printoptions().items()}",
    "warnings": NOTHING_DONE["warnings"],
    "decimal": NOTHING_DONE["decimal"],
    "locale": NOTHING_DONE["locale"],
    "signal handlers": NOTHING_DONE["signal handlers"],
    "signals of the operating system": NOTHING_DONE["signals of the operating system"],
    "threads": NOTHING_DONE["threads"],
    "logging": NOTHING_DONE["logging"],
    "open files": NOTHING_DONE["open files"],
    "garbage collection": NOTHING_DONE["garbage collection"],
    "environment": NOTHING_DONE["environment"],
    "formatters": NOTHING_DONE["formatters"],
    "events of the shell": NOTHING_DONE["events of the shell"],
    "import system": NOTHING_DONE["import system"],
    "context": NOTHING_DONE["context"],
    "already warned": "sorted(name for name, module in list(sys.modules.items()) if"
    " [key for key in getattr(module, '__warningregistry__', ()) if key != 'version'])",
}

FIGURE_SHOWN = {
    name: LIBRARIES_IMPORTED[name]
    for name in (
        "rcParams",
        "original rcParams",
        "backend",
        "units registry",
        "formatters",
        "events of the shell",
        "warnings",
        "signal handlers",
        "already warned",
    )
} | {"configurable parts": NOTHING_DONE["configurable parts"]}

FIGURES = """
with warnings.catch_warnings():
    pd.DataFrame({'a': [1, 2]}).plot()
    pd.Series([1, 2], pd.date_range('2024-07-23', periods=2)).plot()
plt.show()
"""


@pytest.fixture(scope="module")
def untouched(home):
    """What two new kernels say of themselves: at first, with libraries imported, and after a figure."""
    kernels = Pair()

    def told(kernel):
        first = kernel.values({**NOTHING_DONE, "modules": "sorted(sys.modules)"}, "import re\n" + PREPARED)
        then = kernel.values({**LIBRARIES_IMPORTED, "modules": "sorted(sys.modules)"}, LIBRARIES)
        return first, then, kernel.values(FIGURE_SHOWN, FIGURES)

    try:
        yield {kind: told(kernel) for kind, kernel in kernels.kernels.items()}
    finally:
        kernels.close()


def but_numpys(state, what):
    """A part of a kernel's state; of the warnings' filters those that importing numpy does not add."""
    if what != "warnings":
        return state[what]
    return [entry for entry in state[what] if not re.search("numpy|RankWarning", str(entry))]


@pytest.mark.parametrize("what", NOTHING_DONE)
def test_a_new_kernel_is_in_the_same_state(what, untouched):
    assert but_numpys(untouched["warm"][0], what) == but_numpys(untouched["ordinary"][0], what)


@pytest.mark.parametrize("what", LIBRARIES_IMPORTED)
def test_the_state_is_the_same_once_libraries_are_imported(what, untouched):
    assert but_numpys(untouched["warm"][1], what) == but_numpys(untouched["ordinary"][1], what)


@pytest.mark.parametrize("what", FIGURE_SHOWN)
def test_the_state_is_the_same_after_a_figure(what, untouched):
    assert but_numpys(untouched["warm"][2], what) == but_numpys(untouched["ordinary"][2], what)


@pytest.mark.parametrize("stage", [0, 1], ids=["new", "libraries imported"])
def test_every_module_of_an_ordinary_kernel_is_loaded_in_a_warm_one(stage, untouched):
    missing = set(untouched["ordinary"][stage]["modules"]) - set(untouched["warm"][stage]["modules"])
    assert missing == set()


@pytest.mark.skipif(WARM == ORDINARY, reason="both kinds are ordinary")
def test_a_warm_kernel_has_its_libraries_loaded(untouched):
    assert {"pandas", "matplotlib.pyplot", "costcheck"} <= set(untouched["warm"][0]["modules"])
    assert "pandas" not in untouched["ordinary"][0]["modules"]


# What the client decides: environment, working directory, configuration


@pytest.fixture(scope="module")
def given(home):
    """Two kernels with an environment, a working directory and a configuration of the client's."""
    ipython = home / "ipython"
    (ipython / "profile_default" / "startup").mkdir(parents=True)
    (ipython / "profile_default" / "startup" / "10-first.py").write_text("started = 'started'\n")
    (ipython / "profile_default" / "ipython_kernel_config.py").write_text(
        "c.InteractiveShellApp.exec_lines = ['lines = 1']\nc.InlineBackend.figure_formats = {'svg'}\n"
    )
    (ipython / "profile_default" / "ipython_config.py").write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    )
    for name in ("work", "library", "tmp"):
        (home / name).mkdir()
    (home / "library" / "found_on_the_path.py").write_text("found = True\n")
    (home / "work" / "found_here.py").write_text("found = True\n")
    kernels = Pair(
        cwd=home / "work",
        env=environment(
            IPYTHONDIR=ipython,
            TZ="Asia/Tokyo",
            HOME=home / "work",
            PYTHONPATH=home / "library",
            TMPDIR=home / "tmp",
            GIVEN="漢字 and = signs",
            EMPTY="",
            USER="somebody",
            LC_ALL="C.UTF-8",
            COLUMNS="61",
            NO_COLOR="1",
            LANG=None,
        ),
        extra_arguments=["--IPKernelApp.exec_lines=argued = 1", "--InteractiveShell.history_length=77"],
    )
    yield kernels
    kernels.close()


@pytest.mark.parametrize(
    ("expression", "worth"),
    [
        ("time.tzname[0]", "JST"),
        ("time.localtime(0).tm_hour", 9),
        ("time.strftime('%z', time.localtime(0))", "+0900"),
        ("str(datetime.datetime.fromtimestamp(0))", "1970-01-01 09:00:00"),
        ("os.environ['GIVEN']", "漢字 and = signs"),
        ("os.environ['EMPTY']", ""),
        ("'LANG' in os.environ", False),
        ("os.popen('echo $GIVEN').read()", "漢字 and = signs\n"),
        ("os.path.basename(os.path.expanduser('~'))", "work"),
        ("str(pathlib.Path.home()) == os.environ['HOME']", True),
        ("os.path.basename(os.getcwd())", "work"),
        ("os.path.basename(tempfile.gettempdir())", "tmp"),
        ("__import__('found_on_the_path').found", True),
        ("__import__('found_here').found", True),
        ("getpass.getuser()", "somebody"),
        ("shutil.get_terminal_size().columns", 61),
        ("locale.setlocale(locale.LC_CTYPE)", "C.UTF-8"),
        ("started", "started"),
        ("argued", 1),
        ("get_ipython().history_length", 77),
        ("get_ipython().ast_node_interactivity", "all"),
        ("os.path.basename(get_ipython().ipython_dir)", "ipython"),
    ],
)
def test_what_the_client_gives_is_honoured(expression, worth, given):
    code = "import datetime, getpass, locale, os, pathlib, shutil, tempfile, time"
    assert given.value(expression, code) == worth


@pytest.mark.parametrize(
    "what", ["environment", "environment of a child", "sys.path", "sys.argv", "locale", "folders of IPython",
             "time zone", "encodings", "standard streams", "configuration of IPython", "settings of the shell",
             "the way back into a spawned process", "names in __main__"]
)  # fmt: skip
def test_what_the_client_gives_leads_to_the_same_state(what, given):
    assert given.value(NOTHING_DONE[what], PREPARED)


def test_a_configuration_of_the_inline_backend_is_honoured(given):
    assert given.both(lambda kernel: shown(kernel, PLOT)) == [["image/svg+xml", "text/plain"]]


@pytest.mark.parametrize(
    ("variable", "expression"),
    [
        pytest.param({"PYTHONHASHSEED": "7"}, "[hash('a'), list({'a', 'b', 'c', 'd'})]", id="PYTHONHASHSEED"),
        pytest.param({"PYTHONOPTIMIZE": "1"}, "[sys.flags.optimize, __debug__]", id="PYTHONOPTIMIZE"),
        pytest.param(
            {"PYTHONWARNINGS": "error::UserWarning"},
            "[sys.warnoptions, str(warnings.filters[0]), str(sys.flags)]",
            id="PYTHONWARNINGS",
        ),
        pytest.param(
            {"PYTHONINTMAXSTRDIGITS": "5000", "PYTHONFAULTHANDLER": "1"},
            "[sys.get_int_max_str_digits(), __import__('faulthandler').is_enabled()]",
            id="PYTHONINTMAXSTRDIGITS",
        ),
        pytest.param(
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            "[__import__('locale').setlocale(0), sys.flags.utf8_mode, sys.__stdout__.encoding, sys.__stdout__.errors,"
            " sys.getfilesystemencoding(), os.environ.get('LC_CTYPE'), __import__('locale').getencoding()]",
            id="LC_ALL",
        ),
    ],
)
def test_variables_that_python_reads_as_it_starts_are_honoured(variable, expression, start):
    kernels = start("both", env=environment(**variable))
    assert kernels.value(expression, "import os, sys, warnings")


def test_a_folder_that_is_missing_is_refused_alike(kind, tmp_path):
    manager = Manager()
    manager.kind = kind
    with pytest.raises(FileNotFoundError):
        manager.start_kernel(cwd=tmp_path / "missing", env=environment())
    manager.cleanup_resources()


def test_a_kernel_writes_to_the_files_its_client_gives(start, tmp_path):
    """What the interpreter itself has to say, before and after a notebook is connected, goes to the client."""

    def written(kind):
        out, err = tmp_path / f"{kind}.out", tmp_path / f"{kind}.err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            kernel = start(kind, stdout=stdout, stderr=stderr)
        kernel.execute("import os, sys\nfor n, s in enumerate([sys.stdout, sys.stderr]):\n"
                       "    os.write(s._original_stdstream_copy, b'%d' % n)")  # fmt: skip
        kernel.close(now=False)
        return re.sub(r"\[IPKernelApp\].*\n?", "", plain(err.read_text())), out.read_text()

    assert written("warm") == written("ordinary")


# Children of a kernel


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore")
def test_multiprocessing_works(method, pair):
    code = f"""
        import math, multiprocessing, operator
        context = multiprocessing.get_context({method!r})
        with context.Pool(2) as pool:
            found = pool.map(math.factorial, range(5))
        queue = context.Queue()
        child = context.Process(target=queue.put, args=[42])
        child.start(); got = queue.get(timeout=30); child.join()
        print(found, got, child.exitcode)
    """
    assert pair.streams(code)["stdout"] == "[1, 1, 2, 6, 24] 42 0\n"


def test_executors_of_threads_and_processes_work(pair):
    code = """
        import math, multiprocessing
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as processes:
            print(list(threads.map(math.factorial, range(5))), list(processes.map(math.factorial, range(5))))
    """
    assert pair.streams(code)["stdout"] == "[1, 1, 2, 6, 24] [1, 1, 2, 6, 24]\n"


def test_a_forked_child_of_a_cell_ends_alone(pair):
    code = """
        import os
        child = os.fork()
        if not child:
            os._exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert pair.streams(code)["stdout"] == "7\n"


def test_a_background_thread_goes_on_between_cells(kernel):
    kernel.execute(
        "import threading, time\nbeats = []\ndef beat():\n    while True:\n        beats.append(1); time.sleep(0.01)\n"
        "threading.Thread(target=beat, daemon=True).start()"
    )
    first = kernel.value("len(beats)")
    time.sleep(0.1)
    assert kernel.value("len(beats)") > first


def test_linear_algebra_uses_its_threads_after_the_start(pair):
    code = "import numpy as np\na = np.arange(250_000.0).reshape(500, 500) % 7\n"
    assert pair.value(
        "[float((a @ a).sum()), float(np.linalg.norm(np.linalg.svd(a + np.eye(500))[1]).round(6))]", code
    )


@pytest.mark.parametrize("now", [True, False], ids=["killed", "shut down"])
def test_what_becomes_of_the_processes_of_a_kernel_that_ends(now, start):
    code = """
        import os, subprocess
        os.system("sleep 1000 & echo $! > background.pid")
        started = {
            "child": subprocess.Popen(["sleep", "1000"]).pid,
            "child with a session": subprocess.Popen(["sleep", "1000"], start_new_session=True).pid,
            "deaf child": subprocess.Popen(["sh", "-c", "trap '' TERM INT; while :; do sleep 1; done"]).pid,
            "background": int(open("background.pid").read()),
            "daemon": int(os.popen("setsid sleep 1000 >&- 2>&- & echo $!").read()),
        }
        os.remove("background.pid")
    """
    kernels = start("both")
    pids = {kind: kernel.value("started", code) for kind, kernel in kernels.kernels.items()}
    kernels.close(now=now)
    time.sleep(0.3)

    def left(kind):
        found = {}
        for name, pid in pids[kind].items():
            found[name] = psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        return found

    try:
        assert left("warm") == left("ordinary")
    finally:
        for pid in (pid for kind in pids for pid in pids[kind].values()):
            with contextlib.suppress(psutil.NoSuchProcess):
                if psutil.Process(pid).name() in {"sleep", "sh"}:
                    psutil.Process(pid).kill()


# Chance

DRAWS = {
    "random": "random.random()",
    "numpy's legacy generator": "np.random.rand()",
    "state of numpy's legacy generator": "np.random.get_state()[1][:3].tolist()",
    "numpy's default_rng": "np.random.default_rng().random()",
    "a sample of pandas": "pd.Series(range(10**6)).sample(3).tolist()",
    "uuid1": "uuid.uuid1().hex",
    "uuid4": "uuid.uuid4().hex",
    "secrets": "secrets.token_hex()",
    "SystemRandom": "random.SystemRandom().random()",
    "os.urandom": "os.urandom(8).hex()",
    "names of temporary files": "tempfile.mktemp()",
    "key between processes": "bytes(multiprocessing.current_process().authkey).hex()",
    "session of the kernel": "get_ipython().kernel.session.session.replace('-', '')",
    "identity of the kernel": "str(get_ipython().kernel.ident).replace('-', '')",
    "debugger's seed": "time.perf_counter_ns()",
}
CHANCE = (
    "import multiprocessing, os, random, secrets, tempfile, time, uuid\nimport numpy as np, pandas as pd\n"
)


def test_no_two_kernels_draw_the_same(start, kind):
    first, second = start(kind), start(kind)
    drawn = [first.values(DRAWS, CHANCE), second.values(DRAWS, CHANCE)]
    first.manager.restart_kernel(now=True)
    first.client.wait_for_ready(timeout=PATIENCE)
    drawn.append(first.values(DRAWS, CHANCE))
    for name in DRAWS:
        assert len({json.dumps(each[name]) for each in drawn}) == 3, name


def test_a_seed_makes_the_same_numbers_in_every_kernel(pair):
    code = CHANCE + "random.seed(1); np.random.seed(1)"
    expression = "[random.random(), np.random.rand(), np.random.default_rng(1).random()]"
    drawn = pair.value(expression, code)
    assert drawn[0] == 0.13436424411240122  # random.seed(1); random.random() of every Python since 3.2
    assert drawn[1] == 0.417022004702574  # MT19937 seeded with 1, as in numpy's tests


# One kernel beside another

CHANGES = """
    import builtins, decimal, gc, json, locale, math, os, signal, sys, warnings
    import matplotlib, numpy as np, pandas as pd
    variable = 1
    matplotlib.rcParams["lines.linewidth"] = 9
    matplotlib.use("pdf")
    warnings.simplefilter("error")
    locale.setlocale(locale.LC_ALL, "C")
    os.chdir("/")
    opened = open("/dev/null")
    math.pi = 3
    json.planted = 1
    builtins.planted = 1
    os.environ["PLANTED"] = "1"
    os.umask(0)
    np.seterr(all="raise")
    np.random.seed(1)
    pd.set_option("display.max_rows", 3)
    decimal.getcontext().prec = 3
    gc.disable()
    sys.setrecursionlimit(999)
    sys.path.append("/planted")
    sys.modules["planted"] = sys
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
"""
CHANGED = {
    "variable": "'variable' in globals()",
    "rcParams": "matplotlib.rcParams['lines.linewidth']",
    "backend": "matplotlib.get_backend()",
    "warnings": "len(warnings.filters)",
    "locale": "locale.setlocale(locale.LC_ALL)",
    "working directory": "os.getcwd()",
    "open files": "len(os.listdir('/dev/fd'))",
    "math": "math.pi",
    "json": "hasattr(json, 'planted')",
    "builtins": "hasattr(__import__('builtins'), 'planted')",
    "environment": "'PLANTED' in os.environ",
    "umask": "(lambda mask: [mask, os.umask(mask)][0])(os.umask(0))",
    "numpy": "np.geterr()",
    "pandas": "pd.get_option('display.max_rows')",
    "decimal": "decimal.getcontext().prec",
    "garbage collection": "gc.isenabled()",
    "recursion": "sys.getrecursionlimit()",
    "path": "sys.path",
    "modules": "'planted' in sys.modules",
    "signals": "str(signal.getsignal(signal.SIGUSR1))",
}
SEEN = "import decimal, gc, json, locale, math, os, signal, sys, warnings\nimport matplotlib, numpy as np, pandas as pd"


def test_what_one_notebook_changes_no_other_sees(start, kind):
    before, changing = start(kind), start(kind)
    clean = before.values(CHANGED, SEEN)
    changing.streams(CHANGES)
    after = start(kind)
    assert after.values(CHANGED, SEEN) == clean
    assert before.values(CHANGED, SEEN) == clean
    changing.manager.restart_kernel(now=True)
    changing.client.wait_for_ready(timeout=PATIENCE)
    assert changing.values(CHANGED, SEEN) == clean


def test_six_kernels_run_at_once(start, kind):
    kernels = [start(kind) for _ in range(6)]
    assert len({kernel.pid for kernel in kernels}) == 6
    sent = [kernel.client.execute(f"import pandas; {n} * {n}") for n, kernel in enumerate(kernels)]
    for n, (kernel, message) in enumerate(zip(kernels, sent, strict=True)):
        while (said := _reply(kernel.client.get_iopub_msg, message))["msg_type"] != "execute_result":
            pass
        assert said["content"]["data"]["text/plain"] == str(n * n)


def test_notebooks_run_side_by_side_in_threads(kind):
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda n: executed(kind, f"import pandas; {n} * {n}"), range(6)))
    assert [notebook.cells[0].outputs[0].data["text/plain"] for notebook in made] == [
        str(n * n) for n in range(6)
    ]


def test_two_clients_of_one_kernel_hear_each_other(kernel):
    second = kernel.connect()
    try:
        second.execute_interactive(
            "shared = 'by the second'", timeout=PATIENCE, output_hook=lambda message: None
        )
        assert kernel.value("shared") == "by the second"
        sent = kernel.client.execute("print('to all')")
        assert _reply(second.get_iopub_msg, sent)["msg_type"] == "status"
    finally:
        second.stop_channels()


def test_a_client_in_another_process_connects_by_the_connection_file(kernel):
    code = """
        import sys
        from jupyter_client import BlockingKernelClient
        client = BlockingKernelClient(connection_file=sys.argv[1])
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.execute_interactive("print('heard'); left = 'by another process'", timeout=60)
        client.stop_channels()
    """
    command = [sys.executable, "-c", textwrap.dedent(code), kernel.manager.connection_file]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.stdout == "heard\n", ended.stderr
    assert kernel.value("left") == "by another process"


@pytest.mark.parametrize(
    ("transport", "encryption"),
    [("ipc", None), ("tcp", "required"), ("ipc", "required")],
    ids=["ipc", "tcp encrypted", "ipc encrypted"],
)
def test_every_transport_works(transport, encryption, start, kind):
    kernel = start(kind, transport=transport, encryption=encryption)
    assert kernel.streams("print('heard')")["stdout"] == "heard\n"


def test_the_process_that_a_provisioner_names_is_the_kernel(kernel):
    assert kernel.manager.provisioner.pid == kernel.pid
    assert kernel.manager.provisioner.pgid == kernel.pid


# Kernels that are not this Python's


@pytest.fixture
def specs(tmp_path, monkeypatch):
    """Write kernelspecs where Jupyter looks for them."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def write(name, **spec):
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps({"display_name": name, "language": "python", **spec}))

    return write


def test_a_kernel_of_another_language_is_started_as_ever(specs, start, tmp_path):
    code = """
        from ipykernel.kernelapp import IPKernelApp
        from ipykernel.kernelbase import Kernel
        class Echo(Kernel):
            implementation = implementation_version = banner = "echo"
            language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}
            def do_execute(self, code, silent, *arguments, **options):
                self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code})
                return {"status": "ok", "execution_count": self.execution_count, "user_expressions": {}}
        IPKernelApp.launch_instance(kernel_class=Echo)
    """
    (tmp_path / "echo.py").write_text(textwrap.dedent(code))
    argv = [sys.executable, str(tmp_path / "echo.py"), "-f", "{connection_file}"]
    specs("echo", argv=argv, language="echo")
    assert start("both", name="echo").streams("hello")["stdout"] == "hello"


def test_a_kernel_of_another_environment_gets_its_python(specs, start, tmp_path):
    venv.create(tmp_path / "other", symlinks=True)
    (library,) = (tmp_path / "other").glob("lib/python*/site-packages")
    (library / "ours.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    python = str(tmp_path / "other" / "bin" / "python")
    specs("other", argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    assert start("both", name="other").value("sys.executable", "import sys") == python


def test_a_kernelspec_may_add_variables_and_options_of_python(specs, start):
    argv = [
        sys.executable,
        "-X",
        "dev",
        "-W",
        "ignore",
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    ]
    specs("developing", argv=argv, env={"PLANTED": "1", "JOINED": "${HOME}/joined"}, interrupt_mode="message")
    kernels = start("both", name="developing")
    found = kernels.value(
        "[str(sys.flags), sys.warnoptions, sys._xoptions, os.environ['PLANTED'], os.environ['JOINED']]",
        "import os, sys",
    )
    assert "dev_mode=True" in found[0]


def test_python_named_without_a_path_is_the_clients(specs, start):
    specs("named", argv=["python3", "-m", "ipykernel", "-f", "{connection_file}"])
    assert start("both", name="named").value("sys.executable", "import sys") == sys.executable


# Programs that start kernels

CELLS = [
    "import os, sys\nwith open('proof', 'a') as file:\n    print('pandas' in sys.modules, file=file)",
    "a = 1",
    "import matplotlib.pyplot as plt, pandas as pd\nprint(a); pd.DataFrame({'a': [a]})",
    "plt.plot([1, 2]);",
    "os.system('echo child; sleep 0.2')",
]


def write(path, cells=CELLS):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = [nbformat.v4.new_code_cell(source, id=str(number)) for number, source in enumerate(cells)]
    made[1].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)


def outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    return [(cell.source, cell.execution_count, cell.outputs) for cell in cells]


def in_both(command, tmp_path, notebook=None):
    """Run a program with each kind as the default; its folder by kind."""
    running, folders = {}, {}
    for kind, provisioner in PROVISIONERS.items():
        folders[kind] = tmp_path / kind
        folders[kind].mkdir()
        if notebook is None:
            write(folders[kind] / "in.ipynb")
        else:
            nbformat.write(notebook, folders[kind] / "in.ipynb")
        running[kind] = subprocess.Popen(
            command,
            cwd=folders[kind],
            env=environment(JUPYTER_DEFAULT_PROVISIONER_NAME=provisioner),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    for kind, process in running.items():
        told, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, told
        proof = (folders[kind] / "proof").read_text()
        assert proof == f"{kind == 'warm' and WARM != ORDINARY}\n"
    return folders


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["papermill", "in.ipynb", "out.ipynb", "-p", "a", "2"], id="papermill"),
        pytest.param(["jupyter", "execute", "in.ipynb", "--output=out.ipynb"], id="jupyter execute"),
        pytest.param(
            ["jupyter", "nbconvert", "--to=notebook", "--execute", "--output=out.ipynb", "in.ipynb"],
            id="nbconvert",
        ),
    ],
)
def test_programs_that_execute_notebooks_write_the_same(command, tmp_path):
    folders = in_both(command, tmp_path)
    assert outputs(folders["warm"] / "out.ipynb") == outputs(folders["ordinary"] / "out.ipynb")


def test_nbval_finds_the_outputs_of_an_ordinary_kernel(tmp_path):
    stored = executed("ordinary", *CELLS[1:3])
    stored.cells.insert(0, nbformat.v4.new_code_cell(CELLS[0], execution_count=1, id="proof"))
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", "in.ipynb"]
    in_both(command, tmp_path, notebook=stored)


def _http(method, url, token, body=None):
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Authorization": f"token {token}"}, method=method)
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or b"null")


async def _told(url, token, code):
    """Execute code through a server's websocket, as JupyterLab does."""
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    asked = HTTPRequest(url.replace("http", "ws", 1), headers={"Authorization": f"token {token}"})
    connection = await websocket_connect(asked)
    sent = uuid.uuid4().hex
    header = {"msg_id": sent, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3"}
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "allow_stdin": False,
        "stop_on_error": True,
    }
    await connection.write_message(
        json.dumps(
            {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        )
    )
    heard = []
    while not heard or heard[-1]["content"].get("execution_state") != "idle":
        message = json.loads(await asyncio.wait_for(connection.read_message(), PATIENCE))
        if message["channel"] == "iopub" and message["parent_header"].get("msg_id") == sent:
            heard.append(message)
    connection.close()
    while await connection.read_message() is not None:
        pass
    return normalised(heard)


def _served(kind, folder):
    """What JupyterLab's server answers, from the start of a kernel to its end."""
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    token = uuid.uuid4().hex
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", f"--port={port}", "--allow-root"]
    command += [f"--IdentityProvider.token={token}", "--ServerApp.jpserver_extensions={}"]
    chosen = environment(JUPYTER_DEFAULT_PROVISIONER_NAME=PROVISIONERS[kind], JUPYTER_TOKEN=None)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=chosen, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}/api"

    def ready():
        with contextlib.suppress(OSError):
            return bool(_http("GET", f"{base}/status", token))
        return False

    try:
        until(ready, PATIENCE)
        kernel = _http("POST", f"{base}/kernels", token, {"name": "python3"})["id"]
        channels = f"{base}/kernels/{kernel}/channels"
        told = [
            asyncio.run(_told(channels, token, code)) for code in ("x = 1\nprint(x); 6 * 7", PLOT, "1 / 0")
        ]
        _http("POST", f"{base}/kernels/{kernel}/interrupt", token, {})
        restarted = _http("POST", f"{base}/kernels/{kernel}/restart", token, {})["id"] == kernel
        told += [asyncio.run(_told(channels, token, code)) for code in ("x", "import os; os.getpid()")]
        pid = int(told.pop()[-2][1]["data"]["text/plain"])
        _http("DELETE", f"{base}/kernels/{kernel}", token)
        return told, restarted, psutil.pid_exists(pid), _http("GET", f"{base}/kernels", token)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def test_the_server_of_jupyterlab_starts_restarts_and_ends_kernels(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        ordinary, warm = pool.map(lambda kind: _served(kind, tmp_path / kind), PROVISIONERS)
    assert warm == ordinary
    told, restarted, alive, kernels = ordinary
    assert restarted
    assert not alive
    assert kernels == []
    assert ["stream", {"name": "stdout", "text": "1\n"}] in told[0]


# What is left


def test_nothing_is_left_after_kernels_were_shut_down(kind, tmp_path, home):
    """Neither a process, the server of warm kernels with it, nor a file where Jupyter or Python put theirs."""
    code = """
        from jupyter_client.manager import KernelManager
        for transport in ("tcp", "ipc"):
            manager = KernelManager(transport=transport)
            manager.start_kernel()
            client = manager.blocking_client()
            client.start_channels()
            client.wait_for_ready(timeout=60)
            client.execute_interactive("import tempfile; tempfile.gettempdir()", timeout=60)
            client.stop_channels()
            manager.shutdown_kernel()
    """
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        places = {}
        for name in ("TMPDIR", "JUPYTER_RUNTIME_DIR", "XDG_RUNTIME_DIR", "HOME"):
            places[name] = Path(folder).resolve() / name[0]
            places[name].mkdir(mode=0o700)
        chosen = environment(**places, JUPYTER_DEFAULT_PROVISIONER_NAME=PROVISIONERS[kind], MARK=mark)
        ended = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            env=chosen,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ended.returncode == 0, ended.stderr

        def running():
            found = []
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.Error):
                    if process.environ().get("MARK") == mark:
                        found.append(process.cmdline())
            return found

        until(lambda: not running())
        left = [
            path.relative_to(folder)
            for path in Path(folder).rglob("*")
            if not path.is_dir() and ".ipython" not in path.parts and ".cache" not in path.parts
        ]
        assert left == []


def test_a_kernel_that_was_shut_down_leaves_no_connection_file_and_no_socket(start, kind):
    kernel = start(kind, transport="ipc")
    kernel.execute("1")
    connection = Path(kernel.manager.connection_file)

    def files():
        sockets = Path(kernel.manager.ip)
        return [*connection.parent.glob(connection.name), *sockets.parent.glob(f"{sockets.name}-*")]

    assert len(files()) >= 6  # the connection file and a socket for each of five channels
    kernel.close(now=False)
    assert files() == []
