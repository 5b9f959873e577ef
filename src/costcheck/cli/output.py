"""What the subcommands print and write: verdicts, rows for other programs, figures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import ARTICLES
from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.claims import Article, Verdict
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


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist; one of claims names their schema first, for an editor."""
    from costcheck.claims.loading import schema_file
    from costcheck.data import files
    from costcheck.errors import InputError, RunError

    if path.suffix.lower() in ARTICLES:
        text = f"# yaml-language-server: $schema={schema_file().as_uri()}\n{text}"
    try:
        with files.replacing(path, new=True, lasting=True) as file:
            file.write(text.encode())
    except FileExistsError:
        raise InputError(f"{path}: the file exists already, and is not overwritten") from None
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error


def print_verdict(verdict: Verdict) -> None:
    """Print all that is known of one claim."""
    from costcheck.claims.verdict import REMARKS

    notes = (f"  - {REMARKS.get(kind, '')}{remark}" for kind, remark in verdict.notes if kind != "cause")
    print(log.printable("\n".join([repr(verdict), *notes])))


def print_verdicts(shown: Sequence[Verdict], judged: Sequence[Verdict], of: Sequence[Article]) -> None:
    """Print verdicts, those that your prices change first, and how many of each kind there are in all."""
    from costcheck.claims.kinds_and_colours import PREMISES
    from costcheck.claims.verdict import shown as written
    from costcheck.text.terminal import Column, Styled, print_table, say

    columns = [
        Column("claim"),
        Column("what it says", text=True, drop=2),
        Column("printed", text=True),
        Column("recomputed", drop=1),
        Column("arithmetic", text=True),
        Column("premise", text=True, drop=3),
        Column("at your prices", text=True),
    ]
    rows: list[list[str | Styled]] = []
    for verdict in sorted(shown, key=lambda verdict: not verdict.changed):
        premise = PREMISES[verdict.premise] if verdict.premise else None
        yours = (
            f"{verdict.at_your_prices_marked}: {verdict.verdict_at_your_prices}" if verdict.changed else ""
        )
        rows.append(
            [
                Styled(verdict.claim.id, "bold"),
                verdict.claim.about,
                verdict.claim.printed,
                written(verdict.recomputed, verdict.unit),
                Styled(str(verdict.arithmetic), verdict.arithmetic.look.terminal),
                Styled(premise.words, premise.terminal) if premise else "",
                Styled(yours, verdict.yours.look.terminal if verdict.yours else ""),
            ]
        )
    filled = [
        any(cell if isinstance(cell, str) else cell.text for cell in cells)
        for cells in zip(*rows, strict=True)
    ]
    if rows:
        print_table(list(compress(columns, filled)), [list(compress(row, filled)) for row in rows])
    causes: dict[str, list[str]] = {}
    for verdict in shown:
        if verdict.cause:
            causes.setdefault(verdict.cause, []).append(verdict.claim.id)
    for cause, ids in causes.items():
        say(f"{', '.join(ids)}, likely cause: {cause}")
    say(_counts(judged, of))
    if any(verdict.scenario != "article" for verdict in judged):
        flipped = sum(verdict.flips for verdict in judged)
        moved = sum(verdict.changed for verdict in judged)
        say(f"at your prices, figures that come out otherwise: {moved}; verdicts that change: {flipped}")


def _counts(verdicts: Sequence[Verdict], of: Sequence[Article]) -> str:
    from costcheck.claims.kinds_and_colours import HOLDS, HOLDS_UNVERIFIED, LOOKS, Premise
    from costcheck.claims.verdict import distinct

    different = distinct(verdicts, of)
    counted: list[str] = []
    for look in LOOKS:
        same = [verdict for verdict in different if verdict.arithmetic.look is look]
        if not same:
            continue
        more = "more " if look is HOLDS_UNVERIFIED and counted else ""
        text = f"{len(same)} {more}{look.counted}"
        unverified = sum(verdict.unverified for verdict in same)
        if unverified and look not in (HOLDS, HOLDS_UNVERIFIED):
            text += f" ({unverified} on unverified data)"
        counted.append(text)
    misplaced = sum(verdict.premise is Premise.WRONG_CATEGORY for verdict in different)
    claims = "claim" if len(verdicts) == 1 else "claims"
    statements = f", {len(different)} different statements" if len(different) < len(verdicts) else ""
    in_all = f"{len(verdicts)} {claims}{statements}"
    return f"{in_all}: {', '.join(counted)}; {misplaced} of all are in the wrong category"
