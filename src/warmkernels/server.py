"""The process that has imported everything, and forks a kernel for each request.

`warmkernels.client` starts it as ``python -m warmkernels.server LISTENING LIFELINE FOLDER PRELOAD`` with two
file descriptors, a socket that listens and a pipe from its owner, and with modules, separated by commas. It
ends, with its kernels, at `wire.LEAVE` on the pipe, or when the owner is gone, whose ``FOLDER`` it then
removes.

It has one thread, no event loop and no ZeroMQ context, so that its forks start clean.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from warmkernels import wire

PATIENCE_SECONDS = 30
"""A client that has connected has sent its request by then."""


@dataclass(frozen=True)
class Forked:
    """A kernel that lives, and what belongs to it."""

    pid: int
    connection: socket.socket
    argv: list[str]

    def end(self) -> None:
        """End the kernel and all that it has started, and remove its connection file: its client is gone."""
        from warmkernels.processes import kill_tree  # imports psutil

        kill_tree(self.pid)
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.unlink(self.argv[self.argv.index("-f") + 1])


class Server:
    """Waits for requests and for the ends of kernels."""

    def __init__(self, listening: socket.socket, lifeline: int, read: list[str]) -> None:
        self._listening, self._lifeline = listening, lifeline
        self._selector = selectors.DefaultSelector()
        self._kernels: dict[int, Forked] = {}
        self._woken, self._wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        self._files = [file for file in {*modules, *read} if file]
        self._loaded = _stamps(self._files)
        self._stale = False
        self.orphaned = False
        """Whether the owner was killed."""

    def serve(self) -> tuple[wire.Request, socket.socket] | None:
        """Serve until the owner leaves; in a fork, return its request and where to report to."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        for file in (self._listening, self._lifeline, self._woken):
            self._selector.register(file, selectors.EVENT_READ)
        while not (self._stale and not self._kernels):
            for key, _ in self._selector.select():
                if key.fileobj == self._lifeline:
                    self.orphaned = os.read(self._lifeline, 1) != wire.LEAVE
                    self._leave()
                    return None
                if key.fileobj == self._woken:
                    self._reap()
                elif key.fileobj is self._listening:
                    if fork := self._answer():
                        return fork
                elif key.data.connection.fileno() >= 0:
                    # clients send nothing after their request, so this one has hung up
                    key.data.end()
                    self._hang_up(key.data.connection)
        return None

    def _answer(self) -> tuple[wire.Request, socket.socket] | None:
        """Take a request and fork."""
        try:
            connection, _ = self._listening.accept()
        except OSError:  # the client is gone already
            return None
        connection.settimeout(PATIENCE_SECONDS)
        pid, streams = -1, list[int]()
        try:
            request, streams = wire.receive(connection)
            self._stale = _stamps(self._files) != self._loaded
            if not self._stale:  # else it leaves when its last kernel has ended
                pid = os.fork()
        except (EOFError, OSError):  # or no process more is allowed
            pass
        if pid > 0:
            kernel = self._kernels[pid] = Forked(pid, connection, request.argv)
            self._selector.register(connection, selectors.EVENT_READ, kernel)
        elif pid:
            connection.close()
        else:
            self._become_a_fork(streams)
        for stream in streams:
            os.close(stream)
        return None if pid else (request, connection)

    def _become_a_fork(self, streams: list[int]) -> None:
        """Leave nothing of the server's open."""
        signal.set_wakeup_fd(-1)
        os.setsid()
        for kernel in self._kernels.values():
            kernel.connection.close()
        self._selector.close()
        self._listening.close()
        for number in (self._lifeline, self._woken, self._wakes):
            os.close(number)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._woken, 4096):
                pass
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if kernel := self._kernels.pop(ended[0], None):
                    with contextlib.suppress(OSError):  # its client is gone
                        frame = wire.FRAME.pack(wire.ENDED, os.waitstatus_to_exitcode(ended[1]))
                        kernel.connection.sendall(frame)
                    self._hang_up(kernel.connection)

    def _hang_up(self, connection: socket.socket) -> None:
        if connection.fileno() >= 0:
            self._selector.unregister(connection)
            connection.close()

    def _leave(self) -> None:
        for kernel in self._kernels.values():
            kernel.end()
        for pid in self._kernels:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _stamps(files: list[str]) -> dict[str, int]:
    """Return when each file was last changed: an edited module or other file must not live on here."""
    stamps = {}
    for file in files:
        with contextlib.suppress(OSError):
            stamps[file] = os.stat(file).st_mtime_ns
    return stamps


def main() -> None:
    """Import, serve, and become a kernel where this process is a fork."""
    listening, lifeline = int(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(listening, False)
    os.set_inheritable(lifeline, False)
    from warmkernels import child

    preloaded = child.preload(filter(None, sys.argv[4].split(",")))
    if len(os.listdir("/proc/self/task")) > 1:  # it may hold a lock that no fork could ever get
        sys.exit("warmkernels: an imported library has started a thread, so kernels cannot be forked")
    with socket.socket(fileno=listening) as accepts:
        server = Server(accepts, lifeline, preloaded.read)
        fork = server.serve()
    if fork:
        child.become(*fork, preloaded)
    elif server.orphaned:
        shutil.rmtree(sys.argv[3], ignore_errors=True)


if __name__ == "__main__":
    # like ipykernel's launcher: no module in the working directory is imported by accident
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]
    main()
