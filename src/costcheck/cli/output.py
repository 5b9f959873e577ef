"""What the subcommands print and write: verdicts, rows for other programs, figures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.claims import Verdict
    from costcheck.notebook.show import Shown


def line(text: object) -> None:
    """Print a line that names a file.

    On a terminal control characters in the name are shown as escapes; a pipe gets the name as it is.
    """
    print(log.one_line(str(text)) if sys.stdout.isatty() else text)


def remark(text: object) -> None:
    """Print a line beside the results, unless with ``--quiet``."""
    if not log.quiet():
        line(text)


def write_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], format: str) -> None:
    """Print rows for another program, as ``csv`` or ``json``."""
    if format == "json":
        import json

        print(json.dumps(list(rows), ensure_ascii=False, indent=1))
        return
    from costcheck.text.numbers import number_text
    from costcheck.text.spreadsheets import csv_text

    texts = ({name: number_text(cell) for name, cell in row.items()} for row in rows)
    sys.stdout.write(csv_text(columns, texts))


def save(figure: Shown, named: Path | bool) -> None:
    """Write a figure as SVG or PNG, as the file's name says, which is the figure's if none is given."""
    from costcheck.data import files
    from costcheck.errors import RunError
    from costcheck.results import images

    path = Path(f"{figure.name}.svg" if isinstance(named, bool) else named)
    try:
        content = images.png(figure.svg) if path.suffix.lower() == ".png" else figure.svg.encode()
        files.write(path, content)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error
    log.note(f"drawn: {path}")


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print the verdicts, likely causes, and how many verdicts there are of each kind."""
    from rich.text import Text

    from costcheck.claims.kinds_and_colours import PREMISES
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
    rows: list[list[str | Text]] = [
        [
            Text(verdict.claim.id, "bold"),
            verdict.claim.printed,
            readable(verdict.recomputed, verdict.claim.unit),
            Text(str(verdict.arithmetic), verdict.arithmetic.look.terminal),
            Text(verdict.premise or "", PREMISES[verdict.premise].terminal if verdict.premise else ""),
            verdict.at_your_prices_marked,
        ]
        for verdict in verdicts
    ]
    if all(verdict.scenario == "article" for verdict in verdicts):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    print_table(columns, rows)
    causes: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.cause:
            causes.setdefault(verdict.cause, []).append(verdict.claim.id)
    for cause, ids in causes.items():
        console().print(Text(f"{', '.join(ids)}, likely cause: {cause}"))
    console().print(Text(_counts(verdicts)))


def _counts(verdicts: Sequence[Verdict]) -> str:
    from costcheck.claims.kinds_and_colours import HOLDS, HOLDS_UNVERIFIED, LOOKS, Premise

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
