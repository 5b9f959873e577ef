"""What a run says while it goes on, on standard error: a bar, a line a job, or JSON for machines."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Protocol, Self

from costcheck.run import Event, Outcome


class Progress(Protocol):
    """Told what happens, at times from other threads."""

    def tell(self, event: Event) -> None:
        """Say what happened."""

    def warn(self, text: str) -> None:
        """Say what is amiss."""

    def end(self, outcome: Outcome, seconds: float) -> None:
        """Say what a run that took so many seconds did."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...


def progress(total: int, *, several: bool, log_json: bool) -> Progress:
    """Choose what fits: JSON if asked for, a bar on a terminal, lines anywhere else.

    Args:
        total: How many notebooks of scenarios there are.
        several: Whether to name the scenarios.
        log_json: Whether it is a machine that reads.
    """
    if log_json:
        return Json()
    return Bar(total) if sys.stderr.isatty() else Lines(total, several=several)


class _Plain:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        sys.stderr.flush()

    def warn(self, text: str) -> None:
        print(f"costcheck: warning: {text}", file=sys.stderr)

    def end(self, outcome: Outcome, seconds: float) -> None:
        for failed in outcome.failed:
            kept = f"\n  executed up to there: {failed.kept}" if failed.kept else ""
            of, failure = f"{failed.scenario}: " * outcome.several, failed.failure
            print(
                f"costcheck: not executed to its end: {of}{failure.notebook}, cell {failure.cell}: "
                f"{failure.error}{kept}",
                file=sys.stderr,
            )


class Lines(_Plain):
    """A line for each notebook that is done."""

    def __init__(self, total: int, *, several: bool) -> None:
        self._total, self._several, self._done = total, several, 0

    def tell(self, event: Event) -> None:
        """Say what ended."""
        if event.event == "started":
            return
        self._done += 1
        words = [f"{self._done}/{self._total}", f"{event.scenario}: " * self._several + event.notebook]
        if event.seconds is not None:
            words.append(f"{event.seconds:.1f} s")
        if event.event != "done":
            words.append({"reused": "reused", "failed": "FAILED"}[event.event])
        print(*words, file=sys.stderr)


class Bar(_Plain):
    """A bar with what is done, reused, running and failed, the rate and the time left."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._lock = threading.Lock()
        self._counts = dict.fromkeys(("started", "done", "reused", "failed"), 0)
        self._running, self._since = 0, time.monotonic()
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TextColumn("time left"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.stop()

    def tell(self, event: Event) -> None:
        """Count what happened."""
        with self._lock:
            self._counts[event.event] += 1
            if event.event == "started":
                self._running += 1
            elif event.first:
                self._running -= 1
            ended = self._counts["done"] + self._counts["reused"] + self._counts["failed"]
            executed = self._counts["done"] + self._counts["failed"]
            said = ", ".join(f"{self._counts[what]} {what}" for what in ("done", "reused", "failed"))
            rate = executed / max(time.monotonic() - self._since, 1e-9)
            self._bar.update(
                self._task, completed=ended, description=f"{said}, {self._running} running, {rate:.1f} jobs/s"
            )

    def warn(self, text: str) -> None:
        """Say it above the bar."""
        self._bar.console.print(f"costcheck: warning: {text}", highlight=False, markup=False, soft_wrap=True)


class Json:
    """A JSON object a line."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        sys.stderr.flush()

    def tell(self, event: Event) -> None:
        """Say what happened."""
        told: dict[str, object] = {
            "event": event.event,
            "notebook": event.notebook,
            "scenario": event.scenario,
        }
        if event.seconds is not None:
            told["seconds"] = round(event.seconds, 3)
        if event.failure:
            told |= {"cell": event.failure.cell, "error": event.failure.error}
        self._say(told)

    def warn(self, text: str) -> None:
        """Say what is amiss."""
        self._say({"event": "warning", "error": text})

    def end(self, outcome: Outcome, seconds: float) -> None:
        """Sum up."""
        self._say(
            {
                "event": "summary",
                "executed": outcome.executed,
                "reused": outcome.reused,
                "failed": len(outcome.failed),
                "seconds": round(seconds, 3),
            }
        )

    @staticmethod
    def _say(told: dict[str, object]) -> None:
        # in one piece, because other threads write as well
        sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
