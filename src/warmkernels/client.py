"""Asking for warm kernels: the servers that this process owns, and a kernel as it looks from here."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from functools import partialmethod
from typing import IO, Any

from warmkernels import private_folder, wire

PRELOAD = "WARMKERNELS_PRELOAD"
"""The variable that lists what servers import beforehand, separated by commas, unless `prepare` does."""
SHARED = "WARMKERNELS_SERVER"
"""The variable by which a process shares its server with the processes that it starts."""
CHOSEN = "JUPYTER_DEFAULT_PROVISIONER_NAME"
"""Jupyter's own variable; whoever sets it chooses how kernels are started."""
AT_START = (
    *("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GLIBC_"),
    *("OPENBLAS_", "OMP_", "MKL_", "NUMEXPR_", "GOTO_", "NPY_", "NUMPY_", "PANDAS_"),
    *("MPLCONFIGDIR", "HOME", "XDG_", "PYDEVD_", "DEBUGPY_", "PYDANTIC_", "ARROW_", "JE_ARROW_"),
)
"""Prefixes of variables that Python and libraries read once; kernels that agree in them share a server."""
LATER = {"MPLBACKEND", "MATPLOTLIBRC"}
"""Variables that are read at import, and that each fork applies itself."""
MOST_SERVERS = 4
"""Each takes as much memory as what it has imported."""
STOP_SECONDS = 10
"""A server that takes longer to end is killed."""
PATIENCE_SECONDS = 60
"""A server may take so long to answer, imports included."""


class NoKernelError(Exception):
    """There is no warm kernel to be had; the message says why."""


async def fork(cmd: list[str], options: Mapping[str, Any]) -> Kernel:
    """Start a kernel with a command line and the arguments of `subprocess.Popen`; clients can connect to it.

    Raises:
        NoKernelError: It has to be started in the ordinary way.
        RuntimeError: `none_more` was called.
    """
    env = dict(options.get("env") or os.environ)
    env["JPY_PARENT_PID"] = str(os.getpid())
    arguments = [os.path.expanduser(argument) for argument in cmd[3:]]
    request = wire.Request(arguments, os.path.abspath(options.get("cwd") or os.curdir), env)
    kind = _kind(env)
    if why := unavailable() or _hopeless.get(kind):
        raise NoKernelError(why)
    for last in (False, True):
        address = None
        try:
            address = start(env)
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await _ask(address, request, options)
        except (OSError, EOFError) as error:  # a TimeoutError is an OSError
            if _stopping:
                raise RuntimeError("no kernel is started any more") from None
            why = f"the process that forks warm ones has failed ({error or 'no answer'})"
            if last and isinstance(error, EOFError):
                _hopeless[kind] = why
        if address:  # the server was killed, or is out of date: once more with a new one
            _retire(address)
    raise NoKernelError(why)


async def _ask(address: str, request: wire.Request, options: Mapping[str, Any]) -> Kernel:
    loop = asyncio.get_running_loop()
    connection = socket.socket(socket.AF_UNIX)
    streams = _Streams(options)
    try:
        connection.connect(address)
        connection.setblocking(False)
        packed = request.packed()
        sent = socket.send_fds(connection, [packed[: wire.LENGTH.size]], streams.theirs)
        await loop.sock_sendall(connection, packed[sent:])
        streams.close_theirs()
        kernel = None
        while True:
            frame = b""
            while len(frame) < wire.FRAME.size:
                data = await loop.sock_recv(connection, wire.FRAME.size - len(frame))
                if not data:
                    raise EOFError("it has ended")
                frame += data
            kind, number = wire.FRAME.unpack(frame)
            if kind == wire.PID:
                kernel = Kernel(number, connection, streams)
            elif kernel is None:
                raise EOFError("a fork ended before it became a kernel")
            else:
                if kind == wire.ENDED:
                    kernel.ended(number)
                return kernel
    except BaseException:
        streams.close()
        connection.close()
        raise


class _Streams:
    """A kernel's standard streams: the ends that it gets, and the ends of pipes that stay here."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._opened: list[int] = []
        stdin, self.stdin = self._open(0, options.get("stdin") or subprocess.PIPE)
        if self.stdin and options.get("stdin") is None:
            self.stdin.close()  # as jupyter_client does: a kernel that reads finds the end of the file
        stdout, self.stdout = self._open(1, options.get("stdout"))
        err = options.get("stderr")
        stderr, self.stderr = (stdout, None) if err == subprocess.STDOUT else self._open(2, err)
        self.theirs = [stdin, stdout, stderr]

    def _open(self, number: int, given: Any) -> tuple[int, IO[bytes] | None]:
        if given is None:
            return number, None
        if given == subprocess.PIPE:
            reads, writes = os.pipe()
            theirs, ours = (reads, writes) if number == 0 else (writes, reads)
            self._opened.append(theirs)
            return theirs, os.fdopen(ours, "wb" if number == 0 else "rb", buffering=0)
        if given == subprocess.DEVNULL:
            self._opened.append(os.open(os.devnull, os.O_RDWR))
            return self._opened[-1], None
        return given if isinstance(given, int) else int(given.fileno()), None

    def close_theirs(self) -> None:
        for number in self._opened:
            os.close(number)
        self._opened.clear()

    def close(self) -> None:
        self.close_theirs()
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()


class Kernel:
    """A forked kernel, with the methods of `subprocess.Popen` that jupyter_client uses."""

    def __init__(self, pid: int, connection: socket.socket, streams: _Streams) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = streams.stdin, streams.stdout, streams.stderr
        self._connection = connection

    def ended(self, code: int) -> None:
        """Take note of the end."""
        self.returncode = code
        self._connection.close()

    def poll(self) -> int | None:
        """Return the exit code, or ``None`` while the kernel lives."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal, once the kernel has ended."""
        while self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                frame = self._connection.recv(wire.FRAME.size, socket.MSG_WAITALL)
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired("ipykernel_launcher", timeout or 0) from None
            except OSError:
                frame = b""
            if len(frame) < wire.FRAME.size:  # the server was killed, and its kernels with it
                self.ended(-signal.SIGKILL)
            elif frame[0] == wire.ENDED:
                self.ended(wire.FRAME.unpack(frame)[1])
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the kernel has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended a moment ago
                os.kill(self.pid, number)

    terminate = partialmethod(send_signal, signal.SIGTERM)
    kill = partialmethod(send_signal, signal.SIGKILL)


class Server:
    """A process of `warmkernels.server` that this one owns."""

    def __init__(self, kind: str, env: Mapping[str, str]) -> None:
        self.kind = kind
        self.retired = False
        self._owner = os.getpid()
        folder = private_folder.new()
        self.address = str(folder / "server")
        reads, self._lifeline = os.pipe()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self.address)
            listening.listen(socket.SOMAXCONN)
            numbers = (listening.fileno(), reads)
            command = [sys.executable, "-m", "warmkernels.server", *map(str, numbers)]
            try:
                self._process = subprocess.Popen(  # noqa: S603  # this Python
                    [*command, folder.parent, _wanted(env)],
                    cwd="/",
                    env={name: value for name, value in env.items() if name not in LATER},
                    pass_fds=numbers,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
            finally:
                os.close(reads)

    @property
    def gone(self) -> bool:
        """Whether it has ended, or is the server of a process that this one was forked from."""
        return self._owner != os.getpid() or self._process.poll() is not None

    def stop(self) -> None:
        """End it, and the kernels it still has."""
        if self._owner == os.getpid():
            with contextlib.suppress(OSError):
                os.write(self._lifeline, wire.LEAVE)
            os.close(self._lifeline)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:  # it was suspended, for example; its kernels die with it
                self._process.kill()
                self._process.wait()
            shutil.rmtree(os.path.dirname(self.address), ignore_errors=True)


_preload: str | None = None
_servers: list[Server] = []
_hopeless: dict[str, str] = {}
"""By kind of environment, why no server for it gives kernels: one after the other has ended."""
_lock = threading.Lock()
_stopping = False


def unavailable() -> str | None:
    """Return why there are no warm kernels on this platform, or ``None`` where there are."""
    why = "warm ones need a fork that is safe after imports, which this platform does not have"
    return None if sys.platform == "linux" else why


def start(env: Mapping[str, str] | None = None) -> str:
    """Find or start the server for kernels with an environment, by default ours; return its socket."""
    env = os.environ if env is None else env
    if _stopping:
        raise ConnectionAbortedError
    kind = _kind(env)
    if (shared := os.environ.get(SHARED, "")).startswith(kind):
        return shared.removeprefix(kind)
    with _lock:
        for server in [server for server in _servers if server.gone]:
            server.stop()
            _servers.remove(server)
        for server in _servers:
            if server.kind == kind and not server.retired:
                return server.address
        if len(_servers) >= MOST_SERVERS:
            raise NoKernelError(f"more than {MOST_SERVERS} different environments were asked for")
        _servers.append(Server(kind, env))
        return _servers[-1].address


def prepare(preload: Iterable[str] | None = None) -> None:
    """Start the server that this process's kernels are forked from; it imports meanwhile.

    Modules to import beforehand are by default those of the variable ``WARMKERNELS_PRELOAD``. Kernels may be
    started again from now on if `none_more` was called.
    """
    global _preload, _stopping
    _stopping = False
    if preload is not None:
        _preload = ",".join(preload)
    if CHOSEN not in os.environ and not unavailable():
        with contextlib.suppress(NoKernelError, OSError):  # logged when a kernel is asked for
            start()


def share() -> None:
    """Start a server that also serves the processes that this one starts."""
    os.environ[SHARED] = f"{_kind(os.environ)}{start()}"


def stop() -> None:
    """End the servers of this process, and the kernels they still have."""
    with _lock:
        while _servers:
            _servers.pop().stop()


def none_more() -> None:
    """Have every start of a warm kernel fail from now on until `prepare` is called."""
    global _stopping
    _stopping = True


def stopping() -> bool:
    """Whether `none_more` was called."""
    return _stopping


def _retire(address: str) -> None:
    """Take no more kernels from a server; one that is out of date ends when its last kernel has."""
    with _lock:
        for server in _servers:
            server.retired |= server.address == address
    if os.environ.get(SHARED, "").endswith(address):
        del os.environ[SHARED]


def _wanted(env: Mapping[str, str]) -> str:
    """Return what to import beforehand."""
    return env.get(PRELOAD, "") if _preload is None else _preload


def _kind(env: Mapping[str, str]) -> str:
    """Return what kernels have in common that can share a server."""
    read_once = sorted((name, value) for name, value in env.items() if name.startswith(AT_START))
    return hashlib.sha256(repr((_wanted(env), read_once)).encode()).hexdigest() + "/"


atexit.register(stop)
