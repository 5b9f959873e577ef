"""What the subcommands print and write: verdicts, rows for other programs, figures, progress."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.claims import Verdict
    from costcheck.notebook.show import Shown

SHOWN_AFTER_SECONDS = 0.5
"""What takes less shows no progress; it would only flicker."""


def line(text: object) -> None:
    """Print a line that names a file.

    On a terminal control characters in the name are shown as escapes; a pipe gets the name as it is.
    """
    print(log.one_line(str(text)) if sys.stdout.isatty() else text)


def write_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], format: str) -> None:
    """Print rows for another program, as ``csv`` or ``json``."""
    if format == "json":
        print(json.dumps(list(rows), ensure_ascii=False, indent=1))
        return
    from costcheck.text.numbers import number_text
    from costcheck.text.spreadsheets import csv_text

    texts = ({name: number_text(cell) for name, cell in row.items()} for row in rows)
    sys.stdout.write(csv_text(columns, texts))


@contextlib.contextmanager
def working(what: str, total: float | None = None, unit: str = "") -> Iterator[Callable[[float], object]]:
    """Show on a terminal that something is at work: a bar where the total is known.

    Nothing is shown in a pipe, or with ``--quiet`` or ``--verbose``.

    Args:
        what: What is done.
        total: How much there is of it.
        unit: Of the total, in the plural.

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


def save(figure: Shown, path: Path) -> None:
    """Write a figure as SVG, or as PNG at print size, as the file's name says.

    Raises:
        RunError: It cannot be written.
    """
    from costcheck.data import files
    from costcheck.errors import RunError
    from costcheck.results import images

    try:
        content = images.png(figure.svg) if path.suffix.lower() == ".png" else figure.svg.encode()
        files.write(path, content)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error
    log.note(f"drawn: {path}")


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print the verdicts, likely causes, and how many verdicts there are of each kind."""
    from rich.text import Text

    from costcheck.claims.kinds import PREMISES
    from costcheck.text.numbers import readable
    from costcheck.text.terminal import Column, console, print_table

    columns = [
        Column("claim"),
        Column("printed", text=True),
        Column("recomputed", drop=1),
        Column("arithmetic", words=True),
        Column("premise", words=True, drop=2),
        Column("at your prices"),
    ]
    rows: list[list[str | Text]] = []
    for verdict in verdicts:
        unit = verdict.claim.unit
        premise = PREMISES[verdict.premise].terminal if verdict.premise else ""
        rows.append(
            [
                Text(verdict.claim.id, "bold"),
                verdict.claim.printed,
                readable(verdict.recomputed, unit),
                Text(str(verdict.arithmetic), verdict.arithmetic.look.terminal),
                Text(verdict.premise or "", premise),
                verdict.at_your_prices_marked,
            ]
        )
    if all(verdict.scenario == "article" for verdict in verdicts):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    print_table(columns, rows, elsewhere="--format csv")
    causes: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.cause:
            causes.setdefault(verdict.cause, []).append(verdict.claim.id)
    for cause, ids in causes.items():
        console().print(Text(f"{', '.join(ids)}, likely cause: {cause}"))
    console().print(Text(_counts(verdicts)))


def _counts(verdicts: Sequence[Verdict]) -> str:
    from costcheck.claims.kinds import HOLDS, HOLDS_UNVERIFIED, LOOKS, Premise

    counted: list[str] = []
    for look in LOOKS:
        same = [verdict for verdict in verdicts if verdict.arithmetic.look is look]
        if not same:
            continue
        more = "more " if look is HOLDS_UNVERIFIED and counted else ""
        text = f"{len(same)} {more}{look.counted}"
        unverified = sum(verdict.unverified for verdict in same)
        if unverified and look not in (HOLDS, HOLDS_UNVERIFIED):
            text += f" ({unverified} on unverified data)"
        counted.append(text)
    misplaced = sum(verdict.premise is Premise.WRONG_CATEGORY for verdict in verdicts)
    claims = "claim" if len(verdicts) == 1 else "claims"
    return f"{len(verdicts)} {claims}: {', '.join(counted)}; {misplaced} of all are in the wrong category"
