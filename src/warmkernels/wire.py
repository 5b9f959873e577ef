"""What the client, the server and its forks send each other over a Unix socket.

A client opens a connection for each kernel and sends one request with the kernel's standard streams. It gets
frames of one size: the process id, that the kernel's sockets are bound, and how the kernel ended. A server
that cannot fork, or is out of date, hangs up; it kills the kernel of a client that hangs up.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass

PID, READY, ENDED = b"pre"
"""Kinds of frames, and the number in each: the process id, 0, the exit code as `subprocess` counts it."""
LEAVE = b"x"
"""What an owner that lives on sends through the lifeline to end its server."""
FRAME = struct.Struct("!Bi")
LENGTH = struct.Struct("!I")
STREAMS = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What an ordinary kernel would get from `subprocess.Popen`, except for its standard streams."""

    argv: list[str]
    cwd: str
    env: Mapping[str, str]

    def packed(self) -> bytes:
        """Return the bytes to send; the streams' descriptors go with the first of them."""
        body = json.dumps(asdict(self)).encode()
        return LENGTH.pack(len(body)) + body


def receive(connection: socket.socket) -> tuple[Request, list[int]]:
    """Wait for a request and the descriptors of its streams; an `EOFError` if the client hangs up first."""
    head, streams, _flags, _address = socket.recv_fds(connection, LENGTH.size, STREAMS)
    try:
        with connection.makefile("rb") as file:
            (length,) = LENGTH.unpack(head + file.read(LENGTH.size - len(head)))
            return Request(**json.loads(file.read(length))), streams
    except (OSError, ValueError, TypeError, struct.error) as error:
        for stream in streams:
            os.close(stream)
        raise EOFError(f"no request ({error})") from None
