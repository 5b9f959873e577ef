"""Kernels of both kinds, ordinary and warm, in a home and a runtime folder of each module's own."""

import ast
import copy
import gc
import json
import os
import re
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import pytest
from jupyter_client import KernelManager

from warmkernels import NAME, client

# WARM_PROVISIONER=local-provisioner compares ordinary kernels with each other: what fails then is noise.
KINDS = {"ordinary": "local-provisioner", "warm": os.environ.get("WARM_PROVISIONER", NAME)}
PATIENCE = 120  # seconds; an answer that takes longer does not come


def environment(**changes):
    """The environment of this process for a kernel, `None` taking a variable away."""
    # Where PYTEST_CURRENT_TEST is set, ipykernel leaves file descriptors 1 and 2 alone.
    changed = {**os.environ, "PYTEST_CURRENT_TEST": None, **changes}
    return {name: str(value) for name, value in changed.items() if value is not None}


def normalised(messages):
    """What a client receives, pieces of one stream joined, without what differs in any two processes."""
    received = []
    for message in messages:
        kind, content = message["msg_type"], copy.deepcopy(message["content"])
        last = received[-1] if received else [None]
        if kind == "stream" == last[0] and last[1]["name"] == content["name"]:
            last[1]["text"] += content["text"]
        else:
            received.append([kind, content])
    text = json.dumps(received)
    for pattern, name in (
        (r"0x[0-9a-f]{6,}", "0xADDRESS"),
        (r"ipykernel_\d+", "ipykernel_PID"),
        (r"Tip: .*?\\n", "Tip"),  # IPython greets with another one each time
        (r"\bpid=\d+", "pid=PID"),
        (r"tmp\w{8}\.json", "CONNECTION.json"),
        (r"\d+\.\d\ds - ", "TIME - "),  # how pydevd begins its remarks
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    ):
        text = re.sub(pattern, name, text)
    return json.loads(text)


def until(condition):
    """Wait for a condition; fail where it does not come true."""
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return result


class _Chosen(KernelManager):
    """Starts its kernel through the provisioner of one kind."""

    kind = "warm"

    @property
    def kernel_spec(self):
        spec = super().kernel_spec
        spec.metadata = spec.metadata | {"kernel_provisioner": {"provisioner_name": KINDS[self.kind]}}
        return spec


class Kernel:
    """A kernel of one kind, and a client connected to it."""

    def __init__(self, kind="warm", *, name="python3", **options):
        self.manager = _Chosen(kernel_name=name)
        self.manager.kind = kind
        options.setdefault("env", environment())
        self.manager.start_kernel(**options)
        self._client = None

    @property
    def client(self):
        """A client, which waits for the kernel when it is first used, so that several start side by side."""
        if self._client is None:
            self._client = self.manager.blocking_client()
            self._client.start_channels()
            self._client.wait_for_ready(timeout=PATIENCE)
        return self._client

    def execute(self, code, *, answers=(), **options):
        """Execute code and return the messages on iopub and the content of the reply, both normalised."""
        messages, asked, answers = [], [], list(answers)
        reply = self.client.execute_interactive(
            textwrap.dedent(code),
            output_hook=messages.append,
            stdin_hook=lambda message: (asked.append(message), self.client.input(answers.pop(0))),
            allow_stdin=bool(answers),
            timeout=PATIENCE,
            **options,
        )
        # Questions come on a channel of their own: when, beside the others, is chance.
        return normalised(messages + asked), normalised([reply])[0][1]

    def values(self, expressions, code=""):
        """What expressions are worth after the code, by name, as JSON has it."""
        asked = {
            name: f"__import__('json').dumps({text}, default=repr)" for name, text in expressions.items()
        }
        messages, reply = self.execute(code, user_expressions=asked, store_history=False)
        assert reply["status"] == "ok", messages
        answers = reply["user_expressions"]
        assert {answer["status"] for answer in answers.values()} == {"ok"}, answers
        return {
            name: json.loads(ast.literal_eval(answer["data"]["text/plain"]))
            for name, answer in answers.items()
        }

    def value(self, expression, code=""):
        return self.values({"it": expression}, code)["it"]

    @property
    def pid(self):
        return self.value("__import__('os').getpid()")

    def reply(self, get, sent):
        """The next message of a channel that answers a message."""
        while True:
            message = get(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == sent:
                return message

    def restart(self, *, now=True):
        self.manager.restart_kernel(now=now)
        self.client.wait_for_ready(timeout=PATIENCE)

    def close(self, *, now=True):
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=now)
        else:
            self.manager.cleanup_resources()


class Pair:
    """An ordinary and a warm kernel that are asked the same and have to answer the same."""

    def __init__(self, **options):
        self.kernels = {kind: Kernel(kind, **options) for kind in KINDS}

    def both(self, ask):
        """Ask each kernel; return the answer, which is one."""
        ordinary, warm = (ask(self.kernels[kind]) for kind in ("ordinary", "warm"))
        assert warm == ordinary
        return ordinary

    def close(self):
        for kernel in self.kernels.values():
            kernel.close()


@pytest.fixture(scope="module", autouse=True)
def home():
    """A home of these tests' own; its path is short, since a Unix socket's may have 107 characters."""
    fonts = mpl.get_cachedir()  # found again in every new home, which takes seconds
    with tempfile.TemporaryDirectory(prefix="k") as folder, pytest.MonkeyPatch.context() as patch:
        folder = Path(folder).resolve()
        for name in (client.CHOSEN, client.SHARED, "IPYTHONDIR", "MPLBACKEND", "MATPLOTLIBRC", "TZ"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(folder))
        patch.setenv("MPLCONFIGDIR", fonts)
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "run"))
        patch.setenv("PATH", f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}")
        patch.setenv(client.PRELOAD, "pandas,matplotlib.pyplot")
        client.stop()  # the servers of other tests count, and there may be only so many
        yield folder
        client.stop()
        gc.collect()  # what is not closed is found here, not in another module's test


@pytest.fixture
def start(home):
    """Start kernels that nobody else uses: ``start()``, or a pair: ``start("both", cwd=...)``."""
    started = []

    def start(kind="warm", **options):
        started.append(Pair(**options) if kind == "both" else Kernel(kind, **options))
        return started[-1]

    yield start
    for kernel in started:
        kernel.close()


@pytest.fixture
def tools():
    """What tests need besides."""
    return SimpleNamespace(environment=environment, until=until)
