"""A clean end on any signal, and output that may fail; imported first, so it imports hardly anything."""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows lacks the last
STATUS = 128  # and the signal's number, as in a shell
PATIENCE_SECONDS = 2.0
"""How long a second signal is ignored, as they often come in pairs; later it ends the process at once."""
_first: list[tuple[int, float]] = []
"""The first signal that this process has received, and when."""


class Output(io.FileIO):
    """A standard stream that outlives its reader and a full disk: the command goes on without it."""

    failure: OSError | None = None
    """Why not all of it could be written; none where its reader has gone."""

    def write(self, data: Any, /) -> int:
        """Write, or pretend to."""
        try:
            return super().write(data) or 0
        except OSError as error:
            if error.errno != errno.EPIPE:
                self.failure = self.failure or error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(data)


def received() -> int | None:
    """Return the number of the signal that told this process to stop, if any."""
    return _first[0][0] if _first else None


def run(command: Callable[[list[str]], int]) -> int:
    """Run a command as the whole of this process, and return its exit status; after a signal it ends here."""
    gc.set_threshold(50_000)  # looking for cycles every 700 objects takes a tenth of a short command
    try:
        for name in SIGNALS:
            number = getattr(signal, name, None)
            # one that is ignored stays so, as under nohup
            if number and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _stop)
        outputs = _open_streams()
        try:
            status = command(sys.argv[1:])
        except SystemExit as ended:  # argparse ends so after --help
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        for name, output in outputs.items():
            if output.failure:
                from costcheck.text import log

                status = status or 1
                log.error(f"{name}: {output.failure.strerror}", status)
    except KeyboardInterrupt:  # before the command began, or after it ended
        _end()
    if _first and status:
        # at once: Python would wait for threads, and kernels end with their owner
        if private := sys.modules.get("warmkernels.private_folder"):
            private.forget()
        os._exit(status)
    gc.freeze()  # Python would look through all that there is, several times, before it ends
    return status


def _end() -> NoReturn:
    with contextlib.suppress(OSError):
        os.write(2, b"costcheck: stopped\n")
    os._exit(STATUS + (received() or signal.SIGINT))


def _stop(number: int, frame: FrameType | None) -> None:
    if not _first:
        _first.append((number, time.monotonic()))
        raise KeyboardInterrupt
    if time.monotonic() - _first[0][1] > PATIENCE_SECONDS:
        _end()


def _open_streams() -> dict[str, Output]:
    """Replace the standard streams by ones that may fail, and return these by what they are called."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # it is closed, and the next file that is opened would take its place
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
            os.set_inheritable(number, True)
    outputs = {}
    for number, name, called in ((1, "stdout", "standard output"), (2, "stderr", "standard error")):
        before = getattr(sys, name)
        if os.name == "nt" and before and before.isatty():
            # Windows shows a console's bytes in its code page; what Python writes there is UTF-16
            before.reconfigure(errors="backslashreplace")
            continue
        outputs[called] = Output(number, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(outputs[called]),
            encoding=before.encoding if before else "utf-8",
            errors="backslashreplace",  # a terminal's encoding may lack characters
            line_buffering=number == 2 or os.isatty(number),
            write_through=before.write_through if before else False,
        )
        setattr(sys, name, stream)
    return outputs
