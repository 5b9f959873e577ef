"""The tables and figures of documents, made from results.json: ``python -m benchmarks.tables``.

A document names what it shows between two marks, and nothing that was measured stands outside of them::

    <!-- bench:batch.ways way, CPU s --> a table, of these columns or of all <!-- /bench -->
    <!-- bench:batch.goals.0.measured .1f --> a number, in a format of Python's <!-- /bench -->

The first word is a section of results.json and the way to a value in it. ``sections`` is a table of all of
them: when each was measured, and on what.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENTS = (
    "README.md",
    "benchmarks/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "src/warmkernels/README.md",
    "docs/batch.md",
    "docs/kernels.md",
)
MARKED = re.compile(r"(<!-- bench:([\w.]+)(?: ([^>\n]*?))? -->)(.*?)(<!-- /bench -->)", re.DOTALL)
NOT_MEASURED = "(not measured)"


def fill(text: str, results: Mapping[str, Any]) -> str:
    """Write into a text what its marks name.

    Raises:
        LookupError: A section lacks what a mark names.
    """

    def filled(mark: re.Match[str]) -> str:
        begin, path, form, _, end = mark.groups()
        return begin + _shown(path, form, results) + end

    return MARKED.sub(filled, text)


def read() -> dict[str, Any]:
    """Read results.json; empty before anything was measured."""
    return dict(json.loads(RESULTS.read_text("utf-8"))) if RESULTS.exists() else {}


def publish(results: Mapping[str, Any]) -> None:
    """Write results.json, and all documents with what is in it; nothing if a document names what is not.

    Raises:
        LookupError: A document names what is not in a section.
    """
    filled = {ROOT / name: fill((ROOT / name).read_text("utf-8"), results) for name in DOCUMENTS}
    _write(RESULTS, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    for path, text in filled.items():
        _write(path, text)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, if its text is new."""
    if not path.exists() or path.read_text("utf-8") != text:
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, "utf-8", newline="\n")
        os.replace(beside, path)


def _shown(path: str, form: str | None, results: Mapping[str, Any]) -> str:
    section, *way = path.split(".")
    if section == "sections":
        return _table(_sections(results), form)
    if section not in results:
        return NOT_MEASURED
    value = results[section]
    for step in way:
        try:
            value = value[int(step) if isinstance(value, list) else step]
        except (LookupError, ValueError):
            raise LookupError(f"bench:{path}: {step!r} is not in results.json") from None
    return _table(value, form) if isinstance(value, list) else format(value, form or "")


def _sections(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, section in results.items():
        measured = section["measured"]
        commit = measured["commit"] + (", changed" if measured["dirty"] else "")
        day = {"day": measured["date"][:10], "commit": commit, "Python": measured["python"]}
        rows.append({"section": name, **day, "cores": measured["cores"], "rounds": measured["rounds"]})
        rows[-1] |= {"seconds to measure": round(measured["seconds"])}
    return rows


def _table(rows: Sequence[Mapping[str, Any]], columns: str | None) -> str:
    head = columns.split(", ") if columns else list(rows[0])
    lines = [head, ["---"] * len(head), *([_cell(row[name]) for name in head] for row in rows)]
    return "\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n"


def _cell(value: object) -> str:
    """Show a float with three digits that count, and a missing value as a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    publish(read())
