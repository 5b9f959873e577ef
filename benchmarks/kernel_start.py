"""How long a kernel takes until pandas and matplotlib are imported in it: ordinary and warm, in turns."""

from __future__ import annotations

import asyncio
import os
import statistics
from functools import partial
from typing import Any

from benchmarks.measure import alternating, ratio
from warmkernels import client
from warmkernels.manager import Manager

ROUNDS = 9
IMPORTS = ["pandas", "matplotlib.pyplot"]
KINDS = {"ordinary": "local-provisioner", "warm": None}


def measured(rounds: int) -> dict[str, Any]:
    """Start kernels of both kinds."""
    before = os.environ.get(client.CHOSEN)
    client.prepare(IMPORTS)
    try:
        with asyncio.Runner() as runner:
            ways = {kind: partial(_started, runner, kind) for kind in KINDS}
            seconds = alternating(rounds, ways)  # the first of each waits for the server's imports
    finally:
        client.stop()
        os.environ.pop(client.CHOSEN, None)
        os.environ |= {client.CHOSEN: before} if before is not None else {}
    rows = [{"kernel": kind, "ms": 1000 * statistics.median(each)} for kind, each in seconds.items()]
    return {"kernels": rows, "ratio": ratio(seconds["ordinary"], seconds["warm"])}


def _started(runner: asyncio.Runner, kind: str) -> None:
    os.environ.pop(client.CHOSEN, None)
    if provisioner := KINDS[kind]:
        os.environ[client.CHOSEN] = provisioner
    runner.run(_start())


async def _start() -> None:
    """Start a kernel, import in it, and end it at once."""
    manager = Manager(kernel_name="python3")
    await manager.start_kernel()
    kernel = manager.client()
    kernel.start_channels()
    await kernel.wait_for_ready(60)
    await kernel.execute_interactive(f"import {', '.join(IMPORTS)}")
    kernel.stop_channels()
    await manager.shutdown_kernel(now=True)
