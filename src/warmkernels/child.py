"""What is imported before kernels are forked, and what a fork does to be as fresh as a process of its own."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import importlib
import importlib.util
import io
import os
import pkgutil
import random
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

from warmkernels import processes, wire

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "psutil",
    "tornado.platform.asyncio",
    "sqlite3",
    "faulthandler",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.extensions.storemagic",
    "jupyter_client.session",
)
"""What ipykernel loads while it starts."""
LIBRARIES = (
    "pandas",
    "pandas.io.formats.style",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "costcheck.notebook.show",
)
"""What notebooks load. Not pandas.plotting._matplotlib: it registers converters with matplotlib."""
PR_SET_PDEATHSIG = 1
INLINE = "module://matplotlib_inline.backend_inline"
ARROW = "JE_ARROW_MALLOC_CONF"
"""Where Arrow's jemalloc looks for settings when it is loaded."""


@dataclass
class Preloaded:
    """What forks need to know of the imports that were made for them."""

    matplotlibrc: str
    """The file of settings that importing matplotlib has read."""
    environment: dict[str, str]
    """Variables that imports have set."""
    libraries: set[str]
    """The files of modules that an ordinary kernel would not have loaded when it starts."""


def preload() -> Preloaded:
    """Import what notebooks need; leave one thread, and nothing for the garbage collector to touch."""
    before = dict(os.environ)
    with _as_in_a_kernel():
        _import(KERNEL)
        of_kernel = _files()
        _import(LIBRARIES)
        for folder in ("notebook.plots", "formulas", "claims"):
            package = importlib.import_module(f"costcheck.{folder}")
            for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        _draw()
    import matplotlib as mpl

    # BLAS stops its threads before a fork and starts them when they are wanted again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    gc.collect()
    gc.freeze()
    added = {name: value for name, value in os.environ.items() if before.get(name) != value}
    return Preloaded(mpl.matplotlib_fname(), added, _files() - of_kernel)


@contextlib.contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """Let what is imported find what it would find in a kernel."""
    # an ordinary kernel imports the debugger when its standard error is captured: its remarks are not seen
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # pandas imports Arrow, whose jemalloc would start a thread; no fork is safe beside one
    quiet = ARROW not in os.environ
    if quiet:
        os.environ[ARROW] = "background_thread:false"
    # pandas prints tables less wide in a terminal, and asks the standard output for its encoding
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="UTF-8")):
        yield
    del builtins.get_ipython  # type: ignore[attr-defined]
    del os.environ["PYDEVD_DISABLE_FILE_VALIDATION"]
    if quiet:
        del os.environ[ARROW]


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):  # another version may lack it
            importlib.import_module(name)


def _files() -> set[str]:
    return {file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}


def _draw() -> None:
    """Draw a figure for nobody: fonts, mathtext and the writers are loaded when they are first used."""
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([1, 2], label="$x^2$")
    axes.legend()
    for kind in ("svg", "png"):
        figure.savefig(io.BytesIO(), format=kind)
    # fonts stay open, and forks would share their places in the files
    from matplotlib import font_manager, mathtext

    mathtext.MathTextParser._parse_cached.cache_clear()  # type: ignore[attr-defined]
    font_manager._get_font.cache_clear()  # type: ignore[attr-defined]


def become(
    request: wire.Request, connection: socket.socket, preloaded: Preloaded, *, contained: bool = False
) -> None:
    """Be the kernel that was asked for, until it is shut down.

    Args:
        request: Its command line, directory and environment.
        connection: Told this process's id, and when its sockets are bound.
        preloaded: What was imported.
        contained: Whether what it starts is to stay among its children, whatever becomes of their parents.
    """
    server = os.getppid()
    _die_with(server)
    connection.sendall(wire.FRAME.pack(wire.PID, os.getpid()))
    if contained:
        processes.adopt()
        # a machine without memory is to end a notebook rather than who executes it
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")
    _signals()
    os.environ.clear()
    os.environ.update(request.env)
    os.environ.update(preloaded.environment)
    time.tzset()
    os.umask(request.umask)
    os.chdir(request.cwd)
    _streams()
    _reseed()
    _matplotlib(preloaded.matplotlibrc)
    importlib.invalidate_caches()
    from ipykernel.kernelapp import IPKernelApp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher and launcher.origin else "ipykernel_launcher", *request.argv]
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher", *request.argv]
    # ipykernel leaves when its parent does; it took the parent from the environment when it was imported
    _without_port()
    if contained:
        _keep_all()
    app = IPKernelApp.instance(parent_handle=server)
    app.initialize()  # type: ignore[no-untyped-call]
    _unseen(app.kernel, preloaded.libraries)
    connection.sendall(wire.FRAME.pack(wire.READY, 0))
    connection.close()
    app.start()  # type: ignore[no-untyped-call]


def _die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before this one could say so
        os._exit(1)


def _signals() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _without_port() -> None:
    """Let a kernel whose sockets are files have no port for the output of its forks either."""
    import zmq
    from ipykernel import kernelapp
    from zmq.eventloop.zmqstream import ZMQStream

    class IOPubThread(kernelapp.IOPubThread):  # type: ignore[misc,name-defined]
        """ipykernel's own, which takes a port of the loopback address whatever the transport is."""

        def _setup_pipe_in(self) -> None:
            self._place = ""
            if hasattr(self.socket, "getsockopt"):
                self._place = self.socket.getsockopt(zmq.LAST_ENDPOINT).decode()
            if not self._place.startswith("ipc:///"):
                super()._setup_pipe_in()
                return
            self._place += "-forks"
            self._pipe_uuid = os.urandom(16)
            pipe = self.socket.context.socket(zmq.PULL)
            pipe.linger = 0
            pipe.bind(self._place)
            self._pipe_in = ZMQStream(pipe, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> tuple[zmq.Context[zmq.Socket[bytes]], zmq.Socket[bytes]]:
            if not self._place.startswith("ipc:///"):
                made: tuple[zmq.Context[zmq.Socket[bytes]], zmq.Socket[bytes]] = super()._setup_pipe_out()
                return made
            context = zmq.Context()  # one of the fork's own
            pipe = context.socket(zmq.PUSH)
            pipe.linger = 3000
            pipe.connect(self._place)
            return context, pipe

    kernelapp.IOPubThread = IOPubThread  # type: ignore[attr-defined]


def _keep_all() -> None:
    """Drop nothing of what a notebook shows faster than its client takes it in; ipykernel would at 1,000."""
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    bind = IPKernelApp._try_bind_socket

    def unlimited(self: IPKernelApp, socket: zmq.Socket[bytes], port: int) -> int:
        if socket.type == zmq.XPUB:
            socket.sndhwm = 0
        bound: int = bind(self, socket, port)  # type: ignore[no-untyped-call]
        return bound

    IPKernelApp._try_bind_socket = unlimited  # type: ignore[method-assign]


def _streams() -> None:
    """Let Python's standard output know what it is connected to now."""
    stream = sys.__stdout__
    if isinstance(stream, io.TextIOWrapper) and not stream.write_through:
        stream.reconfigure(line_buffering=stream.isatty())


def _reseed() -> None:
    """Give this process random numbers, temporary names and keys of its own."""
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed()
    if "tempfile" in sys.modules:
        import tempfile

        tempfile.tempdir = None
    if "multiprocessing.process" in sys.modules:
        import multiprocessing

        multiprocessing.current_process().authkey = os.urandom(32)


def _matplotlib(matplotlibrc: str) -> None:
    """Do what importing matplotlib would do in this directory and this environment."""
    import matplotlib as mpl

    file = mpl.matplotlib_fname()
    if file != matplotlibrc:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
            fresh = mpl.rc_params_from_file(file)
            for params in (mpl.rcParams, mpl.rcParamsOrig):
                params.update(fresh)
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND") or INLINE


def _unseen(kernel: IPythonKernel, libraries: set[str]) -> None:
    """Take back what ipykernel does because it finds libraries loaded that nobody has imported yet."""
    import numpy as np

    assert kernel.shell is not None  # noqa: S101 - a kernel that has started has one
    kernel.shell.display_formatter.formatters["text/plain"].type_printers.pop(np.float64, None)
    if kernel.debugger:
        kernel.debugger.kernel_modules = [
            file for file in kernel.debugger.kernel_modules if file not in libraries
        ]
