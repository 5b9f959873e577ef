"""What the client, the server and its children say to each other over a Unix socket.

A client opens a connection for each kernel, sends one request with the kernel's standard streams, and is told
in frames of one size: the process id, that the kernel's sockets are bound, and how it ended; or that the
server refuses. Whoever hangs up first is gone: a server kills the kernel of a client that has left.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise

PID, READY, ENDED, REFUSED, STALE = b"prexs"
"""Kinds of frames. A number goes with them: the process id, nothing, the exit code as `subprocess` counts it,
an ``errno``, nothing."""
FRAME = struct.Struct("!Bi")
LENGTH = struct.Struct("!I")
STREAMS = 3
LONGEST = 64 * 2**20
"""A request [byte]; Linux allows an environment of a few MiB at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an ordinary kernel would get from `subprocess.Popen`, but for its standard streams."""

    argv: list[str]
    cwd: str
    env: Mapping[str, str]
    umask: int

    @property
    def connection_file(self) -> str:
        """The file named on the command line, or nothing."""
        return "".join(after for option, after in pairwise(self.argv) if option == "-f")

    def packed(self) -> bytes:
        """Return the bytes to send; the streams' descriptors go with the first of them."""
        body = json.dumps(asdict(self)).encode()
        return LENGTH.pack(len(body)) + body


class Incoming:
    """A request on its way, read without waiting for the rest of it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._bytes = bytearray()
        self.streams: list[int] = []

    def read(self) -> Request | None:
        """Read what is there.

        Returns:
            The request once it is complete.

        Raises:
            EOFError: The client has hung up, or sends something else.
        """
        space = socket.CMSG_SPACE(STREAMS * array.array("i").itemsize)
        data, ancillary, _flags, _address = self._connection.recvmsg(2**18, space)
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors = array.array("i")
                descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
                self.streams += descriptors
        if not data:
            raise EOFError("hung up")
        if len(self.streams) > STREAMS:  # each would stay open in the server
            raise EOFError("not a request")
        self._bytes += data
        if len(self._bytes) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._bytes)
        if length > LONGEST or len(self.streams) != STREAMS:
            raise EOFError("not a request")
        if len(self._bytes) < LENGTH.size + length:
            return None
        return Request(**json.loads(self._bytes[LENGTH.size :]))

    def close(self) -> None:
        """Close the streams; a kernel has copies."""
        for stream in self.streams:
            os.close(stream)
        self.streams.clear()
