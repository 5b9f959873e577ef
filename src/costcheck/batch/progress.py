"""What a run shows while it goes on, on standard error: a bar, a line a job, or JSON for machines."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from costcheck.batch.events import Event, Outcome
from costcheck.text import log

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Progress:
    """Shows JSON if asked for, a bar on a terminal, lines anywhere else, and of a quiet run only what failed.

    It is called from several threads. Without scenarios a run has no name; ``kept`` is whether one that was
    stopped can go on from the cache.
    """

    def __init__(
        self, notebooks: int, scenarios: int = 0, *, log_json: bool = False, kept: bool = True
    ) -> None:
        self._total, self._several = notebooks * max(1, scenarios), bool(scenarios)
        self._log_json, self._kept = log_json, kept
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._running: list[str] = []
        self._bar: Bar | None = None
        if not log_json and log.usual() and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.add_task("", total=self._total, **self._fields)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._bar:
            self._bar.stop()
        sys.stderr.flush()

    @property
    def _fields(self) -> dict[str, Any]:
        running = f"running: {', '.join(self._running)}" if self._running else ""
        return {"running": running, "reused": self._counts["reused"], "failed": self._counts["failed"]}

    def tell(self, event: Event) -> None:
        """Count and show what happened."""
        name = f"{event.scenario}: {event.notebook}" if self._several else event.notebook
        with self._lock:
            self._counts[event.event] += 1
            if event.event == "started":
                self._running.append(name)
            elif name in self._running:
                self._running.remove(name)
            ended = self._counts.total() - self._counts["started"]
            if self._bar:
                self._bar.update(self._bar.task_ids[0], completed=ended, **self._fields)
        if self._log_json:
            fields: dict[str, object] = {"notebook": event.notebook, "scenario": event.scenario}
            if event.seconds is not None:
                fields["seconds"] = round(event.seconds, 3)
            if event.failure:
                fields |= {"cell": event.failure.cell, "error": event.failure.error}
            log.say_json({"event": event.event, **fields})
        elif event.event == "started":
            log.detail(f"started {name}")
        elif not self._bar and not log.quiet():
            seconds = "" if event.seconds is None else f" {event.seconds:.1f} s"
            how = {"done": "", "reused": " reused", "failed": " FAILED"}[event.event]
            # in one piece, as other threads write as well
            sys.stderr.write(f"{ended}/{self._total} {name}{seconds}{how}\n")

    def warn(self, text: str) -> None:
        """Report a problem that does not stop the run, such as a full cache, above the bar."""
        self._kept = False
        log.warning(text)

    def end(self, outcome: Outcome, seconds: float) -> None:
        """Report what failed; sum up for machines."""
        if self._log_json:
            counts = {"executed": outcome.executed, "reused": outcome.reused, "failed": len(outcome.failed)}
            log.say_json({"event": "summary", **counts, "seconds": round(seconds, 3)})
            return
        for failure in outcome.failed:
            kept = f"\n  executed up to there: {log.one_line(str(failure.kept))}" if failure.kept else ""
            of = f"{failure.scenario}: " * outcome.several
            print(
                f"costcheck: not executed to its end: {of}{failure.notebook}, cell {failure.cell}: "
                f"{log.printable(failure.error)}{kept}",
                file=sys.stderr,
            )

    def stopped(self, out: Path, *, fresh: bool) -> str:
        """Return what is kept of a run that was stopped in a folder, and how to go on."""
        if not (finished := self._counts["done"] + self._counts["reused"]):
            return "no notebook was finished"
        again = f"; the same command{' without --fresh' * fresh} goes on from there" * self._kept
        return f"{finished} of {self._total} notebooks are finished and kept, in {out}{again}"


def _bar() -> Bar:
    """Make a bar with how much is done, reuse and failures, the time left, and what is running."""
    from rich import progress as shown
    from rich.console import Console
    from rich.table import Column

    columns = (
        shown.BarColumn(bar_width=24),
        shown.MofNCompleteColumn(),
        shown.TextColumn("{task.fields[reused]} reused, {task.fields[failed]} failed, left:"),
        shown.TimeRemainingColumn(),
        shown.TextColumn("{task.fields[running]}", markup=False, table_column=Column(no_wrap=True)),
    )
    return shown.Progress(*columns, console=Console(stderr=True), transient=True)
