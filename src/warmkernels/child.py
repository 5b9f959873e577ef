"""What is imported before kernels are forked, and how a fork becomes as fresh as a process of its own."""

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
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

from warmkernels import wire

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

KERNEL = (
    *(
        "ipykernel.kernelapp",
        "ipykernel.ipkernel",
        "ipykernel.debugger",
        "psutil",
        "tornado.platform.asyncio",
    ),
    *(
        "sqlite3",
        "faulthandler",
        "IPython.core.completer",
        "IPython.core.completerlib",
        "IPython.core.logger",
    ),
    *("IPython.core.oinspect", "IPython.core.debugger", "IPython.core.magics"),
    *("IPython.extensions.storemagic", "jupyter_client.session"),
)
"""What ipykernel loads while it starts."""
WITH = {
    "pandas": ("pandas.io.formats.style", "pandas.io.formats.html", "pandas.io.formats.string"),
    "matplotlib": ("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
}
"""What libraries load when they are first used. Not pandas.plotting._matplotlib: it registers converters with
matplotlib, which an ordinary kernel has not done."""
PR_SET_PDEATHSIG = 1
INLINE = "module://matplotlib_inline.backend_inline"
ARROW = "JE_ARROW_MALLOC_CONF"
"""Where Arrow's jemalloc looks for settings when it is loaded."""


@dataclass(frozen=True)
class Preloaded:
    """What forks need to know about the imports that were made for them."""

    matplotlibrc: str | None
    """The file of settings that importing matplotlib has read, if it was imported."""
    environment: dict[str, str]
    """Variables that imports have set."""
    libraries: set[str]
    """The files of modules that an ordinary kernel does not load when it starts."""
    read: list[str]
    """Other files that forks rest on."""


def preload(names: Iterable[str]) -> Preloaded:
    """Import what kernels need; leave one thread, and nothing for the garbage collector to touch.

    ``package.*`` is a package with its modules; ``module:NAME`` is a list of such names in a module, or a
    function to call that returns the files it has read.
    """
    gc.disable()
    before = dict(os.environ)
    with _as_in_a_kernel():
        for name in KERNEL:
            with contextlib.suppress(ImportError):  # another version may lack it
                importlib.import_module(name)
        of_kernel = _files()
        read = _import(names)
        for library, modules in WITH.items():
            if library in sys.modules:
                _import(modules)
        if "matplotlib" in sys.modules:
            _draw()
    # BLAS stops its threads before a fork, and starts them when they are needed again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    gc.collect()
    gc.freeze()
    gc.enable()
    mpl = sys.modules.get("matplotlib")
    return Preloaded(
        mpl.matplotlib_fname() if mpl else None,
        {name: value for name, value in os.environ.items() if before.get(name) != value},
        _files() - of_kernel,
        read,
    )


def _import(names: Iterable[str]) -> list[str]:
    read: list[str] = []
    for name in names:
        module, _, attribute = name.removesuffix(".*").partition(":")
        try:
            imported = importlib.import_module(module)
            if attribute:
                listed = getattr(imported, attribute)
                read += listed() if callable(listed) else _import(listed)
            elif name.endswith(".*"):
                inside = [info.name for info in pkgutil.iter_modules(imported.__path__, f"{module}.")]
                _import(name for name in inside if not name.endswith(".__main__"))
        except Exception as error:  # a kernel starts without it, too
            print(f"warmkernels: {name} is not imported beforehand: {error!r}", file=sys.stderr)
    return read


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


def _files() -> set[str]:
    return {file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}


def _draw() -> None:
    """Draw a figure for nobody: fonts, mathtext and the writers are loaded when they are first used."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["backend"] = INLINE  # matplotlib looks through all that is installed for others
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


def become(request: wire.Request, connection: socket.socket, preloaded: Preloaded) -> None:
    """Be the kernel that was asked for, until it is shut down; report on the connection when it is ready."""
    server = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:  # it died before this one could say so
        os._exit(1)
    connection.sendall(wire.FRAME.pack(wire.PID, os.getpid()))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request.env)
    os.environ.update(preloaded.environment)
    time.tzset()
    os.chdir(request.cwd)
    # Python's standard output may be connected to something else now
    stream = sys.__stdout__
    if isinstance(stream, io.TextIOWrapper) and not stream.write_through:
        stream.reconfigure(line_buffering=stream.isatty())
    _reseed()
    if preloaded.matplotlibrc:
        _matplotlib(preloaded.matplotlibrc)
    importlib.invalidate_caches()
    from ipykernel.kernelapp import IPKernelApp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher and launcher.origin else "ipykernel_launcher", *request.argv]
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher", *request.argv]
    # ipykernel ends with its parent, whose id it read from the environment when it was imported
    _keep_all()
    app = IPKernelApp.instance(parent_handle=server)
    app.initialize()  # type: ignore[no-untyped-call]
    _unseen(app.kernel, preloaded.libraries)
    connection.sendall(wire.FRAME.pack(wire.READY, 0))
    connection.close()
    app.start()  # type: ignore[no-untyped-call]


def _keep_all() -> None:
    """Drop none of what a notebook shows faster than its client reads; ipykernel keeps 1,000 messages."""
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    bind = IPKernelApp._try_bind_socket

    def unlimited(self: IPKernelApp, socket: zmq.Socket[bytes], port: int) -> int:
        if socket.type == zmq.XPUB:
            socket.sndhwm = 0
        bound: int = bind(self, socket, port)  # type: ignore[no-untyped-call]
        return bound

    IPKernelApp._try_bind_socket = unlimited  # type: ignore[method-assign]


def _reseed() -> None:
    """Give this process random numbers, temporary names and keys of its own."""
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed()
    tempfile.tempdir = None
    if process := sys.modules.get("multiprocessing.process"):
        process.current_process().authkey = os.urandom(32)
        process.ORIGINAL_DIR = os.getcwd()  # type: ignore[attr-defined]


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
    assert kernel.shell is not None  # noqa: S101  # a kernel that has started has one
    if "numpy" in sys.modules:
        import numpy as np

        kernel.shell.display_formatter.formatters["text/plain"].type_printers.pop(np.float64, None)
    if kernel.debugger:
        kernel.debugger.kernel_modules = [
            file for file in kernel.debugger.kernel_modules if file not in libraries
        ]
