"""How long a kernel takes until pandas and matplotlib are imported in it: ordinary and warm, in turns.

python benchmarks/kernel_start.py [ROUNDS]
"""

import asyncio
import os
import statistics
import sys
import time

from warmkernels import client
from warmkernels.manager import Manager

IMPORTS = ["pandas", "matplotlib.pyplot"]
KINDS = {"ordinary": "local-provisioner", "warm": None}


async def start(kind: str) -> float:
    """Start a kernel of a kind, and import in it; return how long that took [second]."""
    os.environ.pop(client.CHOSEN, None)
    if chosen := KINDS[kind]:
        os.environ[client.CHOSEN] = chosen
    manager = Manager(kernel_name="python3")
    since = time.perf_counter()
    await manager.start_kernel()
    kernel = manager.client()
    kernel.start_channels()
    await kernel.wait_for_ready(60)
    await kernel.execute_interactive(f"import {', '.join(IMPORTS)}")
    seconds = time.perf_counter() - since
    kernel.stop_channels()
    await manager.shutdown_kernel(now=True)
    return seconds


async def main() -> None:
    """Measure and print the ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    client.prepare(IMPORTS)
    for kind in KINDS:
        await start(kind)  # the first of each warms the file cache, and waits for the server's imports
    pairs = [[await start(kind) for kind in KINDS] for _ in range(rounds)]
    ratio = statistics.median(ordinary / warm for ordinary, warm in pairs)
    print(f"an ordinary kernel takes {ratio:.1f} times as long as a warm one ({rounds} rounds in turns)")


if __name__ == "__main__":
    asyncio.run(main())
    client.stop()
