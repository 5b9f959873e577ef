"""Asking for warm kernels: the servers this process owns, and a kernel as it looks from here."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from costcheck.data import files
from costcheck.errors import RunError
from warmkernels import private, wire

AT_START = (
    *("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GLIBC_"),
    *("OPENBLAS_", "OMP_", "MKL_", "NUMEXPR_", "GOTO_", "NPY_", "NUMPY_", "PANDAS_"),
    *("MPLCONFIGDIR", "HOME", "XDG_", "PYDEVD_", "DEBUGPY_", "PYDANTIC_", "ARROW_", "JE_ARROW_"),
)
"""How the variables begin that Python and libraries read once; kernels that agree in them share a server."""
LATER = {"MPLBACKEND", "MATPLOTLIBRC"}
"""Variables that are read at import, and whose effect each fork brings about itself."""
CHOSEN = "JUPYTER_DEFAULT_PROVISIONER_NAME"
"""Jupyter's own variable; who sets it says how kernels are to be started."""
SHARED = "COSTCHECK_KERNELS"
"""The variable by which a process tells those it starts of its server."""
MOST_SERVERS = 4
STOP_SECONDS = 10
"""That long a server may take to end its kernels and itself [second]."""
PATIENCE = 60
"""That long a server may take to answer [second]."""


class _ServerEndedError(EOFError):
    """The server has hung up: it could not import, or has been killed."""


class NoKernelError(Exception):
    """There is no warm kernel to be had; the message says why."""


async def fork(cmd: list[str], options: Mapping[str, Any], *, contained: bool = False) -> Kernel:
    """Start a kernel.

    Args:
        cmd: Its command line.
        options: As for `subprocess.Popen`.
        contained: Whether all that it starts is to end with it.

    Returns:
        The kernel, once clients can connect to it.

    Raises:
        NoKernelError: It is to be started in the ordinary way.
        RuntimeError: This process is being stopped.
    """
    env = dict(options.get("env") or os.environ)
    env["JPY_PARENT_PID"] = str(os.getpid())
    request = wire.Request(
        argv=[os.path.expanduser(argument) for argument in cmd[3:]],
        cwd=os.path.abspath(options.get("cwd") or os.curdir),
        env=env,
        umask=files.umask(),
    )
    kind = _kind(env)
    if kind in _hopeless:
        raise NoKernelError(_hopeless[kind])
    why, hopeless = "what warm ones import keeps changing", False
    for _ in range(2):
        _hold_open()
        address, streams = None, _Streams(options)
        try:
            address = start(env, contained=contained)
            async with asyncio.timeout(PATIENCE):
                kernel = await _ask(address, request, streams)
        except (OSError, EOFError, TimeoutError) as error:
            why = f"the process that forks warm ones has failed ({error or 'no answer'})"
            hopeless = isinstance(error, _ServerEndedError)
        else:
            if kernel is not None:
                return kernel
        streams.close()
        if address:
            _forget(address)
    _hold_open()
    if hopeless:
        _hopeless[kind] = why
    raise NoKernelError(why)


async def _ask(address: str, request: wire.Request, streams: _Streams) -> Kernel | None:
    loop = asyncio.get_running_loop()
    connection = socket.socket(socket.AF_UNIX)
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
                    raise _ServerEndedError("it has ended")
                frame += data
            kind, number = wire.FRAME.unpack(frame)
            if kind == wire.STALE:
                connection.close()
                return None
            if kind == wire.REFUSED:
                raise OSError(number, os.strerror(number))
            if kind == wire.PID:
                kernel = Kernel(number, connection, streams)
            elif kernel is not None:
                if kind == wire.ENDED:
                    kernel.ended(number)
                return kernel
            else:
                raise EOFError("a fork has ended before it became a kernel")
    except BaseException:
        connection.close()
        raise


class _Streams:
    """A kernel's standard streams: the ends that it gets, and the ends of pipes that stay here."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._opened: list[int] = []
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        given = options.get("stdin")
        if given in (None, subprocess.PIPE):
            reads, writes = os.pipe()
            self._opened.append(reads)
            stdin = reads
            self.stdin = os.fdopen(writes, "wb", buffering=0)
            if given is None:  # as jupyter_client does: a kernel that reads finds the end of the file
                self.stdin.close()
        else:
            stdin = self._theirs(given, os.O_RDONLY)
        out, err = options.get("stdout"), options.get("stderr")
        if out == subprocess.PIPE:
            stdout, self.stdout = self._pipe()
        else:
            stdout = 1 if out is None else self._theirs(out, os.O_WRONLY)
        if err == subprocess.PIPE:
            stderr, self.stderr = self._pipe()
        elif err == subprocess.STDOUT:
            stderr = stdout
        else:
            stderr = 2 if err is None else self._theirs(err, os.O_WRONLY)
        self.theirs = [stdin, stdout, stderr]

    def _pipe(self) -> tuple[int, IO[bytes]]:
        reads, writes = os.pipe()
        self._opened.append(writes)
        return writes, os.fdopen(reads, "rb", buffering=0)

    def _theirs(self, given: Any, mode: int) -> int:
        if given == subprocess.DEVNULL:
            self._opened.append(os.open(os.devnull, mode))
            return self._opened[-1]
        return given if isinstance(given, int) else int(given.fileno())

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
    """A forked kernel, with what jupyter_client uses of `subprocess.Popen`."""

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
        return self._hear(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end.

        Args:
            timeout: That long at most [second].

        Returns:
            The exit code; negative for a signal.

        Raises:
            subprocess.TimeoutExpired: It lives on.
        """
        code = self._hear(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("ipykernel_launcher", timeout or 0)
        return code

    def _hear(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                frame = self._connection.recv(wire.FRAME.size, socket.MSG_WAITALL)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                frame = b""
            if len(frame) < wire.FRAME.size:
                self.ended(-signal.SIGKILL)
            else:
                kind, number = wire.FRAME.unpack(frame)
                if kind != wire.ENDED:
                    return self._hear(timeout)
                self.ended(number)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the kernel has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # since a moment ago, as `subprocess.Popen` does
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


class Server:
    """A process of `warmkernels.server` that this one owns, or that it was told of."""

    def __init__(self, env: Mapping[str, str], *, contained: bool = False) -> None:
        self.owner = os.getpid()
        self.retired = False
        folder = private.folder()
        self.address = private.new()
        reads, self._lifeline = os.pipe()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self.address)
            listening.listen(socket.SOMAXCONN)
            try:
                self._process = subprocess.Popen(  # noqa: S603  # this Python, and numbers
                    [
                        *(sys.executable, "-m", "warmkernels.server"),
                        *(str(listening.fileno()), str(reads), str(folder), str(int(contained))),
                    ],
                    cwd="/",
                    env={name: value for name, value in env.items() if name not in LATER},
                    pass_fds=(listening.fileno(), reads),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
            finally:
                os.close(reads)

    @property
    def alive(self) -> bool:
        """Whether it takes kernels; a process that was forked from its owner needs one of its own."""
        return self.owner == os.getpid() and not self.retired and self._process.poll() is None

    @property
    def gone(self) -> bool:
        """Whether there is nothing left to stop."""
        return self.owner != os.getpid() or self._process.poll() is not None

    def stop(self) -> None:
        """End it, and what kernels it still has."""
        if self.owner == os.getpid() and self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:  # somebody has stopped it, say; its kernels end with it
                self._process.kill()
                self._process.wait()
            private.clean(self.address)


_servers: dict[str, Server] = {}
_retired: list[Server] = []
_hopeless: dict[str, str] = {}
"""By kind of environment, why no server of it gives kernels: one after the other has ended."""
_lock = threading.Lock()
_stopping = False


def unavailable() -> str | None:
    """Say why there are no warm kernels here.

    Returns:
        The reason, or ``None`` where there are.
    """
    if sys.platform != "linux":
        return "warm ones need a fork that is safe after imports, which this platform does not have"
    return None


def start(env: Mapping[str, str] | None = None, *, contained: bool = False) -> str:
    """Find or start the server for kernels with an environment; it may still be importing.

    Args:
        env: The environment; this process's by default.
        contained: Whether all that a kernel of it starts is to end with the kernel.

    Returns:
        Its address: the path of a socket in a folder that its owner alone may enter.

    Raises:
        NoKernelError: There are too many servers already.
    """
    env = os.environ if env is None else env
    kind = _kind(env)
    if not contained and (told := os.environ.get(SHARED, "")).startswith(kind):
        return told.removeprefix(kind)
    kind += "contained" * contained
    with _lock:
        server = _servers.get(kind)
        if server is None or not server.alive:
            # one that is out of date ends by itself when its last kernel has
            _retired[:] = [old for old in (*_retired, *([server] if server else ())) if not old.gone]
            if len(_servers) >= MOST_SERVERS and kind not in _servers:
                raise NoKernelError(f"more than {MOST_SERVERS} different environments were asked for")
            server = _servers[kind] = Server(env, contained=contained)
    return server.address


def prepare(*, contained: bool = False) -> None:
    """Start the server that this process's kernels will be forked from; it imports meanwhile.

    Kernels may be started again from now on, if `none_more` were to be.

    Args:
        contained: As for `start`.
    """
    global _stopping
    _stopping = False
    if CHOSEN not in os.environ and not unavailable():
        with contextlib.suppress(NoKernelError, OSError, RunError):  # who asks for a kernel is told
            start(contained=contained)


def share() -> None:
    """Start a server whose kernels the processes that this one starts are to have as well."""
    os.environ[SHARED] = f"{_kind(os.environ)}{start()}"


def stop() -> None:
    """End the servers of this process, and what kernels they still have."""
    with _lock:
        for server in (*_servers.values(), *_retired):
            server.stop()
        _servers.clear()
        _retired.clear()


def none_more() -> None:
    """Start no kernel, of whatever kind, for who asks from now on, until `prepare` is called."""
    global _stopping
    _stopping = True


def stopping() -> bool:
    """Say whether no kernel is started any more."""
    return _stopping


def _hold_open() -> None:
    if _stopping:
        raise RuntimeError("no kernel is started any more")


def _forget(address: str) -> None:
    """Take no more kernels from a server."""
    with _lock:
        for server in _servers.values():
            if server.address == address:
                server.retired = True
    if os.environ.get(SHARED, "").endswith(address):
        del os.environ[SHARED]


def _kind(env: Mapping[str, str]) -> str:
    """Return what environments have in common that can share a server."""
    read_once = sorted((name, value) for name, value in env.items() if name.startswith(AT_START))
    return hashlib.sha256(repr(read_once).encode()).hexdigest() + "/"


atexit.register(stop)
