"""Progress on a terminal, of what takes longer than a moment."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from costcheck.text import log


@contextlib.contextmanager
def working(what: str, total: float | None = None, unit: str = "") -> Iterator[Callable[[float], object]]:
    """Show on a terminal that something is at work, and yield a function to call with how much is done.

    Nothing is shown in a pipe, with ``--quiet`` or ``--verbose``, or without rich. The total's unit is in the
    plural.
    """
    try:
        if not sys.stderr.isatty() or not log.usual():
            raise ImportError
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
    except ImportError:
        with log.step(what):
            yield lambda done: None
        return

    done = TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit)
    columns = [BarColumn(bar_width=24), done, TimeRemainingColumn()] if total else []
    words = TextColumn("{task.description}", markup=False)
    with Progress(SpinnerColumn(), words, *columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(log.one_line(what), total=total)
        yield lambda completed: bar.update(task, completed=completed)
