"""Read an executed notebook: its figures and its result rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from costcheck.claims import articles
from costcheck.notebook.show import ROWS, SVG

Key = tuple[str, str]
"""An article and the id of one of its claims."""


@dataclass
class Found:
    """What stands in an executed notebook's outputs."""

    figures: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)


def read(notebook: Mapping[str, Any]) -> Found:
    """Take figures and result rows out of an executed notebook.

    Args:
        notebook: In nbformat 4.

    Returns:
        SVGs by name, and rows as in results.csv.
    """
    found = Found()
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data, metadata = output.get("data", {}), output.get("metadata", {})
            if SVG in data and "costcheck" in metadata:
                svg = data[SVG]
                found.figures[metadata["costcheck"]["figure"]] = svg if isinstance(svg, str) else "".join(svg)
            found.rows += data.get(ROWS, [])
    return found


def merged(found: Iterable[tuple[str, Iterable[Mapping[str, str]]]]) -> dict[Key, Mapping[str, str]]:
    """Put the rows of several notebooks together, each claim once.

    Args:
        found: Names of notebooks, and their rows.

    Returns:
        Rows by article and id, in the order of the package's articles and then as they come. A claim's own
        notebook speaks for it: the last one repeats all claims.
    """
    rows: dict[Key, Mapping[str, str]] = {}
    for name, of_notebook in found:
        for row in of_notebook:
            key = (row["article"], row["id"])
            if row["notebook"] == name or key not in rows:
                rows[key] = row
    known = [(article.article, claim.id) for article in articles() for claim in article.claims]
    return {key: rows[key] for key in known if key in rows} | rows
