"""What a process owes its surroundings: an end that is clean on any signal, and output that may fail.

It is imported before all else of the command, so it imports next to nothing itself.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, NoReturn

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""What ends a command cleanly; the last one Windows does not have."""
STATUS = 128
"""A process that a signal has ended has this status and the signal's number, as a shell counts."""
PATIENCE_SECONDS = 2.0
"""So long a command that was told to stop tidies up undisturbed: signals often come in pairs."""
AGAIN_SECONDS = 0.05
"""After that time it is told again, if what runs at the moment cannot be stopped."""
STANDARD = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}
"""How the null device takes the place of a closed standard stream: to write results to it is an error."""


class Output(io.FileIO):
    """A standard stream that outlives its reader and its disk: a command goes on with what else it does.

    Args:
        number: Of the file descriptor.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._terminal = os.isatty(number)
        self.failed: OSError | None = None
        """Why not all of it could be written, unless whoever read it has gone."""

    def write(self, data: Any, /) -> int:
        """Write, or do as if."""
        try:
            # whoever shares the stream may have made it one that does not wait
            while (count := super().write(data)) is None:
                select.select([], [self.fileno()], [])
            return count
        except OSError as error:
            # a pipe that nobody reads any more, and a terminal that was closed
            if not (error.errno == errno.EPIPE or (self._terminal and error.errno == errno.EIO)):
                self.failed = self.failed or error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(data)


class _Told:
    """Which signal has told this process to stop, and when."""

    number: int | None = None
    since = 0.0
    status: int | None = None
    """The exit status, once there is nothing left to stop."""


def told() -> int | None:
    """Return the number of the signal that told this process to stop, if one did."""
    return _Told.number


def run(command: Callable[[list[str]], int]) -> int:
    """Run a command as the whole of this process.

    Args:
        command: Takes the command line without the program's name, gives the exit status, and says itself
            that it was interrupted.

    Returns:
        The exit status; a command that was told to stop ends here.
    """
    try:
        _listen()
        streams = _open_streams()
        try:
            status = command(sys.argv[1:])
        except SystemExit as ended:  # argparse ends so after --help
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        for name, output in streams.items():
            if output.failed:
                from costcheck.text import log

                status = status or 1
                log.error(f"{name}: {output.failed.strerror}", status)
        _Told.status = status
        _disarm()
    except KeyboardInterrupt:
        # so early, or so late, that there is nothing to say of it
        _end()
    if _Told.number is not None and status:
        # at once: Python would wait for threads, and kernels end when their owner has
        if private := sys.modules.get("warmkernels.private"):
            private.forget()
        os._exit(status)
    return status


def _end() -> NoReturn:
    """End at once, by the signal that this process was told to stop with."""
    with contextlib.suppress(OSError):
        os.write(2, b"costcheck: stopped\n")
    os._exit(STATUS + (_Told.number or signal.SIGINT))


def _listen() -> None:
    """Have signals raise `KeyboardInterrupt`, but for those that are to be ignored, as under nohup."""
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _stop)
    sys.unraisablehook = _unraisable
    sys.excepthook = _uncaught


def _stop(number: int, frame: FrameType | None) -> None:
    if _Told.status is not None:
        os._exit(_Told.status)
    if _Told.number is None:
        _Told.number, _Told.since = number, time.monotonic()
        raise KeyboardInterrupt
    if time.monotonic() - _Told.since > PATIENCE_SECONDS:
        _end()


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    """Tell again, a moment later, where Python had to swallow it: in a destructor, for example."""
    number = _Told.number
    if number is None or not issubclass(what.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(what)
        return

    def again(*_: object) -> None:
        _Told.number = None
        _stop(number, None)

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)


def _disarm() -> None:
    """Tell nothing again: as Python ends, an alarm would find no handler any more, and end it first."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Say nothing where compiled code shows what it had to swallow: it is told again."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)


def _open_streams() -> dict[str, Output]:
    """Make the standard streams ones that may fail; those that are closed are opened, to no avail."""
    for number, mode in STANDARD.items():
        try:
            os.fstat(number)
        except OSError:
            # or else the next file that is opened would take its place, and what children print
            nowhere = os.open(os.devnull, mode)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            os.set_inheritable(number, True)
    made = {}
    for number, name, called in ((1, "stdout", "standard output"), (2, "stderr", "standard error")):
        before = getattr(sys, name)
        if os.name == "nt" and before and before.isatty():
            # Windows shows a console's bytes in its code page; what Python writes there is UTF-16
            before.reconfigure(errors="backslashreplace")
            continue
        output = made[called] = Output(number)
        stream = io.TextIOWrapper(
            io.BufferedWriter(output),
            encoding=before.encoding if before else "utf-8",
            # what the terminal's encoding lacks is escaped, and no error
            errors="backslashreplace",
            line_buffering=number == 2 or os.isatty(number),
            write_through=before.write_through if before else False,
        )
        setattr(sys, name, stream)
    return made
