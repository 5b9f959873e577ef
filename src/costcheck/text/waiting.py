"""Progress on a terminal, of what takes longer than a moment."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from costcheck.text import log

SHOWN_AFTER_SECONDS = 0.5
"""What takes less shows no progress; it would only flicker."""


@contextlib.contextmanager
def working(what: str, total: float | None = None, unit: str = "") -> Iterator[Callable[[float], object]]:
    """Show on a terminal that something is at work: a bar where the total is known.

    Nothing is shown in a pipe, or with ``--quiet`` or ``--verbose``. The unit of the total is in the plural.

    Yields:
        A function to call with how much is done.
    """
    if not sys.stderr.isatty() or not log.usual():
        with log.step(what):
            yield lambda done: None
        return
    import threading

    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = [BarColumn(bar_width=24), TextColumn("{task.fields[rate]}")] if total else [TimeElapsedColumn()]
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        *columns,
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(log.one_line(what), total=total, rate="")
    since = time.monotonic()
    waiting = threading.Timer(SHOWN_AFTER_SECONDS, bar.start)
    waiting.daemon = True

    def advance(done: float) -> None:
        seconds = time.monotonic() - since
        rate = done / seconds if seconds else 0
        left = (total - done) / rate if total and rate else 0
        text = f"{done:,.0f} of {total or 0:,.0f} {unit}, {rate:,.0f}/s, {log.clock(left)} left"
        bar.update(task, completed=done, rate=text)

    waiting.start()
    try:
        yield advance
    finally:
        waiting.cancel()
        waiting.join()
        bar.stop()
