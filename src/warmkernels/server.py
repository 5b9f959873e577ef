"""The process that has imported everything, and forks a kernel for whoever asks.

It is started by `warmkernels.provisioner` as ``python -m warmkernels.server LISTENING LIFELINE
FOLDER CONTAINED`` with two file descriptors: a socket that listens, and a pipe that closes when its owner is
gone, which ends the server and its kernels. It has one thread, no event loop and no ZeroMQ context, so that
its children start clean.

``FOLDER`` is its owner's, which it removes if its owner no longer can. Where ``CONTAINED`` is 1, nothing
that a kernel has started outlives the kernel, as is right for a kernel that executes one notebook; 0 leaves
it alive, as an ordinary kernel does.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from warmkernels import private, processes, wire

BREATH_SECONDS = 0.05
"""How long to wait before another try where this process has no file descriptor left."""
ROUNDS = 100
"""How often to look for what orphans have started meanwhile."""


@dataclass
class Forked:
    """A kernel, as long as it lives."""

    connection: socket.socket | None
    """To its client, if that has not left."""
    file: str
    """Where the client has written how to connect to the kernel."""


class Server:
    """Waits for requests and for the ends of kernels."""

    def __init__(self, listening: socket.socket, lifeline: int, *, contained: bool = False) -> None:
        self._listening = listening
        self._contained = contained
        self._lifeline = lifeline
        self._selector = selectors.DefaultSelector()
        self._incoming: dict[socket.socket, wire.Incoming] = {}
        self._kernels: dict[int, Forked] = {}
        self._woken, self._wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._imported = _stamps()
        self._stale = False

    def serve(self) -> tuple[wire.Request, socket.socket] | None:
        """Serve until the owner is gone.

        Returns:
            Nothing in the server, at its end. In each child its request, and the connection on which to say
            that it is ready.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the terminal is for its owner
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        for file in (self._listening, self._lifeline, self._woken):
            self._selector.register(file, selectors.EVENT_READ)
        while not (self._stale and not self._kernels):
            for key, _ in self._selector.select():
                if key.fileobj == self._lifeline:
                    self._leave()
                    return None
                if key.fileobj == self._woken:
                    self._reap()
                elif key.fileobj is self._listening:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and (child := self._hear(key.fileobj)):
                    return child
        return None

    def _accept(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except OSError:  # whoever asks has gone, or there is no descriptor left until a kernel ends
            time.sleep(BREATH_SECONDS)
            return
        _pid, uid, _gid = struct.unpack(
            "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        )
        if uid != os.getuid():  # the folder keeps others out; on some systems it may be mounted without
            connection.close()
            return
        self._incoming[connection] = wire.Incoming(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> tuple[wire.Request, socket.socket] | None:
        """Read from a client: a part of its request, or that it has left."""
        incoming = self._incoming.get(connection)
        try:
            if incoming is None:
                if connection.recv(1):
                    return None
                raise EOFError("hung up")
            request = incoming.read()
        except (OSError, EOFError, ValueError, TypeError):
            self._forget(connection)
            return None
        if request is None or incoming is None:
            return None
        del self._incoming[connection]
        try:
            return self._fork(request, connection, incoming.streams)
        finally:
            incoming.close()

    def _fork(
        self, request: wire.Request, connection: socket.socket, streams: list[int]
    ) -> tuple[wire.Request, socket.socket] | None:
        if _stamps() != self._imported:
            self._stale = True  # it leaves when its last kernel has ended
            self._tell(connection, wire.STALE, 0)
            return None
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(connection, wire.REFUSED, error.errno or errno.EAGAIN)
            return None
        if pid:
            self._kernels[pid] = Forked(connection, request.connection_file)
            return None
        # the child: nothing of the server's stays open in it
        signal.set_wakeup_fd(-1)
        os.setsid()
        for other, unread in self._incoming.items():
            other.close()
            unread.close()
        for kernel in self._kernels.values():
            if kernel.connection is not None:
                kernel.connection.close()
        self._selector.close()
        self._listening.close()
        for number in (self._lifeline, self._woken, self._wakes):
            os.close(number)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        return request, connection

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._woken, 4096):
                pass
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                kernel = self._kernels.pop(pid, None)
                if kernel and self._contained:
                    self._end_orphans()
                if kernel and kernel.connection:
                    self._tell(kernel.connection, wire.ENDED, os.waitstatus_to_exitcode(status))
                    self._forget(kernel.connection)

    def _end_orphans(self) -> None:
        """End what kernels have started that have ended: it is this process's children now."""
        for _ in range(ROUNDS):
            orphans = [pid for pid in processes.children(os.getpid()) if pid not in self._kernels]
            if not orphans:
                return
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                    _wait(pid)  # not for one that became another user's, which may not be ended

    def _tell(self, connection: socket.socket, kind: int, number: int) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(wire.FRAME.pack(kind, number))

    def _forget(self, connection: socket.socket) -> None:
        """Close a connection; a kernel that is still there was its client's, and goes with it."""
        if incoming := self._incoming.pop(connection, None):
            incoming.close()
        for pid, kernel in self._kernels.items():
            if kernel.connection is connection:
                _end(pid, kernel)
                kernel.connection = None
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()

    def _leave(self) -> None:
        for pid, kernel in self._kernels.items():
            _end(pid, kernel)
        for pid in self._kernels:
            _wait(pid)
        self._kernels.clear()
        if self._contained:
            self._end_orphans()


def _wait(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _end(pid: int, kernel: Forked) -> None:
    """End a kernel whose client has left, and tidy up what a client does that ends its kernel."""
    with contextlib.suppress(OSError):
        os.unlink(kernel.file)
    private.clean(os.path.splitext(kernel.file)[0])
    for kill in (os.killpg, os.kill):  # it may not have become the leader of its group yet
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
            return


def _stamps() -> dict[str, int]:
    """Say when each imported file was changed last: an edited or upgraded module must not live on here."""
    found = {}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file:
            with contextlib.suppress(OSError):
                found[file] = os.stat(file).st_mtime_ns
    return found


def threads() -> int:
    """Count this process's threads, those of libraries too."""
    return len(os.listdir("/proc/self/task"))


def main() -> None:
    """Import, serve, and become a kernel where this process is a child."""
    listening, lifeline, contained = (int(sys.argv[place]) for place in (1, 2, 4))
    os.set_inheritable(listening, False)
    os.set_inheritable(lifeline, False)
    from warmkernels import child

    preloaded = child.preload()
    with socket.socket(fileno=listening) as accepts:
        if threads() > 1:
            # whoever waits is hung up on, and takes ordinary kernels
            sys.exit("costcheck: a library has started a thread while it was imported; no fork is safe then")
        if contained:  # what a kernel leaves behind comes to this process, instead of to the system's first
            processes.adopt()
        asked = Server(accepts, lifeline, contained=bool(contained)).serve()
    if asked:
        child.become(*asked, preloaded, contained=bool(contained))
    else:
        private.remove(Path(sys.argv[3]))


if __name__ == "__main__":
    # as ipykernel's launcher does: what lies in the directory is not to be imported by accident
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]
    main()
