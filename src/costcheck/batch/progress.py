"""What a run shows while it goes on, on standard error: a bar, a line a job, or JSON for machines."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Self

from costcheck.batch.events import Event, Outcome
from costcheck.text import log

NAMED = 5
"""How many scenarios are named that were finished before a run was stopped."""


def progress(notebooks: int, scenarios: int = 0, *, log_json: bool = False, kept: bool = True) -> Plain:
    """Choose what fits: JSON if asked for, a bar on a terminal, lines anywhere else, nothing if quiet.

    Args:
        notebooks: How many are run.
        scenarios: At how many prices each; 0 for a run that has no name.
        log_json: Whether a machine reads it.
        kept: Whether the cache keeps what is executed, so that a run that was stopped can go on.
    """
    kind: type[Plain] = Bar if sys.stderr.isatty() and log.usual() else Lines
    if log.quiet():
        kind = Plain
    return (Json if log_json else kind)(notebooks, scenarios, kept)


class Plain:
    """Shows nothing until the end, and then what failed; counts for those that show more.

    It is called from several threads.
    """

    def __init__(self, notebooks: int, scenarios: int = 0, kept: bool = True) -> None:
        self._each, self._several = notebooks, bool(scenarios)
        self._total = notebooks * max(1, scenarios)
        self._can_keep = kept
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._succeeded: Counter[str] = Counter()
        """By scenario, how many of its notebooks."""
        self._running: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        sys.stderr.flush()

    def tell(self, event: Event) -> None:
        """Count what happened."""
        name = self._name(event)
        with self._lock:
            self._counts[event.event] += 1
            if event.event == "started":
                self._running.append(name)
            elif name in self._running:
                self._running.remove(name)
            self._succeeded[event.scenario] += event.event in ("done", "reused")

    def _name(self, event: Event) -> str:
        return f"{event.scenario}: {event.notebook}" if self._several else event.notebook

    @property
    def _ended(self) -> int:
        return self._counts.total() - self._counts["started"]

    def warn(self, text: str) -> None:
        """Report a problem that does not stop the run."""
        self._can_keep = False
        log.warning(text)

    def end(self, outcome: Outcome, seconds: float) -> None:
        """Report what failed."""
        for failed in outcome.failed:
            kept = f"\n  executed up to there: {log.one_line(str(failed.kept))}" if failed.kept else ""
            of, failure = f"{failed.scenario}: " * outcome.several, failed.failure
            print(
                f"costcheck: not executed to its end: {of}{failure.notebook}, cell {failure.cell}: "
                f"{log.printable(failure.error)}{kept}",
                file=sys.stderr,
            )

    def stopped(self, out: Path, *, fresh: bool) -> str:
        """Return what is kept of a run that was stopped, and how to go on.

        Args:
            out: Where it wrote.
            fresh: Whether it was asked to execute everything again, which the next one should not be.
        """
        finished = self._succeeded.total()
        if not finished:
            return "no notebook was finished"
        scenarios = ""
        if self._several:
            whole = [name for name, count in self._succeeded.items() if count == self._each]
            named = ", ".join(whole[:NAMED]) + f" and {len(whole) - NAMED} more" * (len(whole) > NAMED)
            scenarios = f"; scenarios complete: {named or 'none'}"
        again = "the same command without --fresh" if fresh else "the same command"
        on = f"; {again} goes on from there and executes none of them again" * self._can_keep
        are = "is" if finished == 1 else "are"
        return f"{finished} of {self._total} notebooks {are} finished and kept, in {out}{scenarios}{on}"


class Lines(Plain):
    """A line for each notebook that is done; with ``--verbose``, one for each that begins."""

    def tell(self, event: Event) -> None:
        """Report what ended."""
        super().tell(event)
        if event.event == "started":
            log.detail(f"started {self._name(event)}")
            return
        seconds = "" if event.seconds is None else f" {event.seconds:.1f} s"
        how = {"done": "", "reused": " reused", "failed": " FAILED"}[event.event]
        # in one piece, as other threads write as well
        sys.stderr.write(f"{self._ended}/{self._total} {self._name(event)}{seconds}{how}\n")


class Bar(Plain):
    """A bar with how much is done, the time left, reuse and failures, and below it what is running."""

    def __init__(self, notebooks: int, scenarios: int = 0, kept: bool = True) -> None:
        super().__init__(notebooks, scenarios, kept)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        counts = "{task.fields[reused]} reused, {task.fields[failed]} failed, left:"
        running = TextColumn("{task.fields[running]}", markup=False, table_column=Column(no_wrap=True))
        columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn(counts), TimeRemainingColumn())
        self._bar = Progress(*columns, running, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=self._total, reused=0, failed=0, running="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.stop()

    def tell(self, event: Event) -> None:
        """Count what happened."""
        super().tell(event)
        with self._lock:
            self._bar.update(
                self._task,
                completed=self._ended,
                reused=self._counts["reused"],
                failed=self._counts["failed"],
                running=f"running: {', '.join(self._running)}" if self._running else "",
            )

    def warn(self, text: str) -> None:
        """Report a problem above the bar."""
        self._can_keep = False
        message = f"costcheck: warning: {log.one_line(text)}"
        self._bar.console.print(message, highlight=False, markup=False, soft_wrap=True)


class Json(Plain):
    """A JSON object a line."""

    def tell(self, event: Event) -> None:
        """Report what happened."""
        super().tell(event)
        fields: dict[str, object] = {"notebook": event.notebook, "scenario": event.scenario}
        if event.seconds is not None:
            fields["seconds"] = round(event.seconds, 3)
        if event.failure:
            fields |= {"cell": event.failure.cell, "error": event.failure.error}
        log.say_json({"event": event.event, **fields})

    def end(self, outcome: Outcome, seconds: float) -> None:
        """Sum up."""
        counts = {"executed": outcome.executed, "reused": outcome.reused, "failed": len(outcome.failed)}
        log.say_json({"event": "summary", **counts, "seconds": round(seconds, 3)})
