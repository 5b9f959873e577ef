"""A kernel manager whose kernels are warm, and whose clients neither wait nor take in more than they must."""

from __future__ import annotations

import json
import os
import re
import uuid
from queue import Empty
from time import monotonic
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type, default

from warmkernels import private
from warmkernels.client import CHOSEN, unavailable
from warmkernels.provisioner import WarmProvisioner

LARGEST = 16 * 2**20
"""A message of a kernel that is longer is not read, but for its beginning [byte]."""
SILENCE_SECONDS = 1
"""After that a kernel that has said nothing is asked for something."""
HEAD = 1000
"""Where what is said about a message stands that may be long [byte]."""
CONTENT = 3
"""Where a message's content stands, behind its header, its parent's and its metadata."""


class Channel(AsyncZMQSocketChannel):
    """A channel on which a message may be of any length, without taking many times that much memory here."""

    async def _recv(  # type: ignore[override]  # asynchronous, as in jupyter_client
        self, **options: Any
    ) -> dict[str, Any]:
        assert self.socket is not None  # noqa: S101 - who receives has not closed it
        frames: Any = await self.socket.recv_multipart(copy=False, **options)
        if sum(len(frame.buffer) for frame in frames) <= LARGEST:
            _, parts = self.session.feed_identities([frame.bytes for frame in frames])
            return dict(self.session.deserialize(parts))
        rest: Any = self.session.feed_identities(frames, copy=False)[1]
        # rest begins with the signature; the socket is in a folder that only its owner may enter
        message: dict[str, Any] = {
            key: json.loads(part.bytes)
            for key, part in zip(("header", "parent_header", "metadata"), rest[1 : 1 + CONTENT], strict=True)
        }
        content = rest[1 + CONTENT].buffer
        message |= {"msg_id": message["header"]["msg_id"], "msg_type": message["header"]["msg_type"]}
        return message | {"content": beginning(message["msg_type"], content), "buffers": []}


def beginning(kind: str, content: memoryview | bytes) -> dict[str, Any]:
    """Return what a client needs to know of a message that is too long to be read.

    Args:
        kind: The message's type.
        content: As it was sent.

    Returns:
        A content of that type, with ``too_long`` in it, its length [byte].

    >>> beginning("stream", b'{"name": "stdout", "text": "ab')
    {'too_long': 30, 'name': 'stdout', 'text': 'ab'}
    >>> beginning("execute_reply", b'{"status": "error", "ename": "KeyError", "evalue": "')["ename"]
    'KeyError'
    """
    told: dict[str, Any] = {"too_long": len(content)}
    head = bytes(content[: LARGEST + HEAD])
    named = dict(re.findall(rb'"(status|name|ename)": ?"(\w{1,80})"', head[:HEAD]))
    if kind == "stream":
        # what was cut in two at the end, an escape or a letter, is left out
        text = re.sub(rb"\\(u[0-9a-fA-F]{0,3})?$", b"", head.partition(b'"text": "')[2])
        told |= {"name": named.get(b"name", b"stdout").decode(), "text": _text(text)}
    elif kind in ("execute_reply", "error"):
        if not (ename := named.get(b"ename")):  # it may stand behind what is so long
            found = re.search(rb'"ename": ?"(\w{1,80})"', content)
            ename = found[1] if found else b"Error"
        told |= {"status": named.get(b"status", b"error").decode(), "ename": ename.decode()}
        told |= {"evalue": f"(a message of {len(content):,} bytes)", "traceback": []}
    else:
        told |= {"data": {}, "metadata": {}, "execution_count": None}
    return told


def _text(escaped: bytes) -> str:
    for dropped in range(12):  # a run of backslashes may end in the middle of a pair
        try:
            text = json.loads(b'"' + escaped[: len(escaped) - dropped] + b'"', strict=False)
        except ValueError:
            continue
        return str(text).encode("utf-8", "replace").decode()
    return ""


class Client(AsyncKernelClient):
    """A client that is ready when the kernel's outputs reach it."""

    shell_channel_class = Type(Channel)
    iopub_channel_class = Type(Channel)

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        context.rcvhwm = 0  # by default, what comes faster than it is read is lost without a word
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel's outputs reach this client.

        ipykernel greets whoever subscribes to its outputs. jupyter_client asks for the kernel's description,
        and then waits for a fifth of a second in which nothing comes. But ipykernel does not always notice a
        subscription at once: it may come just as something else is sent. So a kernel that is silent is asked
        for something; whatever comes then shows as well that outputs come.

        Args:
            timeout: That long at most [second].

        Raises:
            RuntimeError: The kernel has died, or has not answered in time.
        """
        until = monotonic() + (timeout or float("inf"))
        while True:
            try:
                await self.get_iopub_msg(timeout=SILENCE_SECONDS)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before it answered") from None
                if monotonic() > until:
                    raise RuntimeError(f"Kernel didn't respond in {timeout} seconds") from None
                self.kernel_info()
            else:
                return

    def subscribe_to_states_alone(self) -> None:
        """Take in no more of what a kernel prints or shows: it does not send it then."""
        socket = self.iopub_channel.socket
        socket.subscribe(b"kernel")  # how the topics of a kernel's states, results and errors begin
        socket.unsubscribe(b"")


class ThisPython(KernelSpecManager):
    """One kernel, that of the Python that runs costcheck: nothing to choose, and no wrong choice."""

    @default("kernel_dirs")
    def _none(self) -> list[str]:
        return []


class Manager(AsyncKernelManager):
    """A manager of a warm kernel, or of the kind that the environment names; it lives for one notebook.

    The kernel is this Python's, and follows no settings of the user's, be they IPython's or Jupyter's.
    """

    client_class = f"{Client.__module__}.{Client.__qualname__}"
    client_factory = Type(klass=Client, default_value=Client)
    _files = ""
    """How the paths of the kernel's files begin."""

    @default("kernel_spec_manager")
    def _this_python(self) -> ThisPython:
        return ThisPython(parent=self)

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        self._files = private.new()
        options["extra_arguments"] = [
            *(options.get("extra_arguments") or ()),
            *private.unconfigured(self._files),
        ]
        if self.provisioner is None and CHOSEN not in os.environ:
            if not unavailable():
                # no port that somebody else takes first, or connects to
                self.transport, self.ip = "ipc", self._files
                self.connection_file = f"{self.ip}.json"
            # by hand, so that a package that was unpacked but not installed has warm kernels too
            self.kernel_id = self.kernel_id or str(uuid.uuid4())
            self.provisioner = WarmProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
            self.provisioner.contained = True
        return await super()._async_pre_start_kernel(**options)

    def cleanup_ipc_files(self) -> None:
        """Remove the kernel's sockets, and its folder of IPython's."""
        super().cleanup_ipc_files()
        private.clean(self._files)
