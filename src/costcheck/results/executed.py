"""Read an executed notebook: its figures and its result rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from costcheck.claims import articles
from costcheck.claims.verdict import COLUMNS
from costcheck.errors import InputError
from costcheck.notebook.show import ROWS, SVG

Key = tuple[str, str]
"""An article and the id of one of its claims."""
LARGEST_NOTEBOOK = 16 * 2**20
"""The package's take up to 1.5 MB [byte]."""


@dataclass
class Outputs:
    """What a notebook has shown: figures as SVG by name, rows as in results.csv."""

    figures: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)
    alts: dict[str, str] = field(default_factory=dict, compare=False)
    """Alternative texts of the figures, which the cache does not keep."""


def validate_rows(rows: Iterable[Mapping[str, Any]], where: str) -> None:
    """Refuse rows of verdicts in other columns than those of results.csv."""
    if any(row.keys() != {*COLUMNS} for row in rows):
        problem = "executed by another version of costcheck; costcheck run executes it again"
        raise InputError(problem, where=where)


def read(notebook: Mapping[str, Any]) -> Outputs:
    """Take figures and result rows out of an executed notebook of nbformat 4."""
    outputs = Outputs()
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data, metadata = output.get("data", {}), output.get("metadata", {})
            if SVG in data and "costcheck" in metadata:
                name = metadata["costcheck"]["figure"]
                outputs.figures[name] = "".join(data[SVG])
                outputs.alts[name] = metadata["costcheck"].get("alt", "")
            outputs.rows += data.get(ROWS, [])
    return outputs


def merged(by_notebook: Iterable[tuple[str, Iterable[Mapping[str, str]]]]) -> dict[Key, Mapping[str, str]]:
    """Put the rows of several notebooks together, each claim once, in the order of the package's articles.

    A claim's own notebook goes before others: the last one repeats all claims.

    >>> row = {"article": "a", "id": "1", "notebook": "02", "note": "of 02"}
    >>> merged([("08", [row | {"note": "of 08"}]), ("02", [row])])["a", "1"]["note"]
    'of 02'
    """
    rows: dict[Key, Mapping[str, str]] = {}
    for name, of_notebook in by_notebook:
        for row in of_notebook:
            key = (row["article"], row["id"])
            if row["notebook"] == name or key not in rows:
                rows[key] = row
    known = [(article.article, claim.id) for article in articles() for claim in article.claims]
    return {key: rows[key] for key in known if key in rows} | rows
