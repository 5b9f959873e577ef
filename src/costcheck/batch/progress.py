"""What a run shows while it goes on, on standard error: a bar, a line a job, or JSON for machines."""

from __future__ import annotations

import sys
import threading
import time
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
        self._each, self._several = notebooks, scenarios
        self._total = notebooks * max(1, scenarios)
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        """By scenario, how many of its notebooks have ended well."""
        self._running: list[str] = []
        self._can_keep = kept

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        sys.stderr.flush()

    def tell(self, event: Event) -> None:
        """Count what happened."""
        with self._lock:
            self._counts[event.event] += 1
            name = self._name(event)
            if event.event == "started":
                self._running.append(name)
                return
            if event.first:
                self._running.remove(name)
            if event.event != "failed":
                self._ended[event.scenario] += 1

    def _name(self, event: Event) -> str:
        return f"{event.scenario}: " * bool(self._several) + event.notebook

    @property
    def _done(self) -> int:
        return self._counts["done"] + self._counts["reused"] + self._counts["failed"]

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
        finished = sum(self._ended.values())
        if not finished:
            return "no notebook was finished"
        if self._several:
            whole = [name for name, count in self._ended.items() if count == self._each]
            named = ", ".join(whole[:NAMED]) + f" and {len(whole) - NAMED} more" * (len(whole) > NAMED)
            scenarios = f"; scenarios complete: {named or 'none'}"
        else:
            scenarios = ""
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
        words = [f"{self._done}/{self._total}", self._name(event)]
        if event.seconds is not None:
            words.append(f"{event.seconds:.1f} s")
        if event.event != "done":
            words.append({"reused": "reused", "failed": "FAILED"}[event.event])
        sys.stderr.write(" ".join(words) + "\n")  # in one piece, as other threads write as well


class Bar(Plain):
    """A bar with how much is done, the rate, the time left and failures, and below it what is running."""

    def __init__(self, notebooks: int, scenarios: int = 0, kept: bool = True) -> None:
        super().__init__(notebooks, scenarios, kept)
        from rich.console import Console, Group
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.text import Text

        of_run = self

        class TwoLines(Progress):
            def get_renderable(self) -> Group:
                with of_run._lock:
                    names = ", ".join(of_run._running)
                below = Text(f"running: {names}" if names else "", "dim", no_wrap=True, overflow="ellipsis")
                return Group(*self.get_renderables(), below)

        self._since: float | None = None
        """When the first notebook was started."""
        self._before = 0
        """How many had been read from the cache by then."""
        self._bar = TwoLines(
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}{task.description}", markup=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=self._total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.stop()

    def tell(self, event: Event) -> None:
        """Count what happened."""
        super().tell(event)
        with self._lock:
            if self._since is None and event.event == "started":
                self._since, self._before = time.monotonic(), self._done
            self._bar.update(self._task, completed=self._done, description=self._words())

    def _words(self) -> str:
        words = [""]
        executed = self._counts["done"] + self._counts["failed"]
        if self._since is not None and executed:
            seconds = max(time.monotonic() - self._since, 1e-9)
            left = (self._total - self._done) * seconds / (self._done - self._before)
            words += [f"{executed / seconds:.1f}/s", f"{log.clock(left)} left"]
        words += [f"{self._counts['reused']} reused"] * bool(self._counts["reused"])
        words += [f"[red]{self._counts['failed']} failed[/red]"] * bool(self._counts["failed"])
        return "  ".join(words)

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

    def warn(self, text: str) -> None:
        """Report a problem that does not stop the run."""
        self._can_keep = False
        log.say_json({"event": "warning", "error": text})

    def end(self, outcome: Outcome, seconds: float) -> None:
        """Sum up."""
        log.say_json(
            {
                "event": "summary",
                "executed": outcome.executed,
                "reused": outcome.reused,
                "failed": len(outcome.failed),
                "seconds": round(seconds, 3),
            }
        )
