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
from types import SimpleNamespace

from costcheck.kernels import wire

MODULES = (
    # what ipykernel loads while it starts
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
    # what notebooks load; pandas.plotting._matplotlib is left out: it registers converters with matplotlib
    "pandas",
    "pandas.io.formats.style",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
)
PR_SET_PDEATHSIG = 1
INLINE = "module://matplotlib_inline.backend_inline"

matplotlibrc = ""
"""The file of settings that importing matplotlib has read."""


def preload() -> None:
    """Import what notebooks need; leave one thread, and nothing for the garbage collector to touch."""
    global matplotlibrc
    # an ordinary kernel imports the debugger when its standard error is captured: its remarks are not seen
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # pandas looks for a kernel around it when it is imported, and prints tables less wide in a terminal
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del builtins.get_ipython  # type: ignore[attr-defined]
    for folder in ("plots", "formulas", "claims"):
        package = importlib.import_module(f"costcheck.{folder}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    importlib.import_module("costcheck.outputs")
    import matplotlib as mpl

    matplotlibrc = mpl.matplotlib_fname()
    _draw()
    # BLAS stops its threads before a fork and starts them when they are wanted again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    gc.collect()
    gc.freeze()


def _draw() -> None:
    """Draw a figure for nobody: fonts, mathtext and the writers are loaded when they are first used."""
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([1, 2], label="$x^2$")
    axes.legend()
    for kind in ("svg", "png"):
        figure.savefig(io.BytesIO(), format=kind)


def become(request: wire.Request, connection: socket.socket) -> None:
    """Be the kernel that was asked for, until it is shut down.

    Args:
        request: Its command line, directory and environment.
        connection: Told this process's id, and when its sockets are bound.
    """
    server = os.getppid()
    _die_with(server)
    connection.sendall(wire.FRAME.pack(wire.PID, os.getpid()))
    _signals()
    os.environ.clear()
    os.environ.update(request.env)
    time.tzset()
    os.umask(request.umask)
    os.chdir(request.cwd)
    _streams()
    _reseed()
    _matplotlib()
    importlib.invalidate_caches()
    from ipykernel.kernelapp import IPKernelApp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher and launcher.origin else "ipykernel_launcher", *request.argv]
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher", *request.argv]
    # ipykernel leaves when its parent does; it took the parent from the environment when it was imported
    app = IPKernelApp.instance(parent_handle=server)
    app.initialize()  # type: ignore[no-untyped-call]
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


def _streams() -> None:
    """Let Python's streams know what they are connected to now."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=stream is sys.__stderr__ or stream.isatty())


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


def _matplotlib() -> None:
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
