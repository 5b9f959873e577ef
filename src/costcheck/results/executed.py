"""Read an executed notebook: its figures, its result rows and its parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costcheck.claims import articles
from costcheck.notebook.show import ROWS, SVG

if TYPE_CHECKING:
    pass

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


def parameters(notebook: Mapping[str, Any]) -> dict[str, float | str]:
    """Read a notebook's own parameters, and over them those that were put in.

    Args:
        notebook: In nbformat 4.

    Returns:
        Numbers and texts by name; anything else that stands in those cells is left out.

    Raises:
        SyntaxError: Such a cell is no Python.
    """
    found: dict[str, float | str] = {}
    for name, value in _assigned(notebook):
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, int | float):
            found[name] = float(value)
    return found


def expressions(notebook: Mapping[str, Any]) -> set[str]:
    r"""Return the parameters of a notebook that are no literals but have to be computed.

    Args:
        notebook: In nbformat 4.

    Raises:
        SyntaxError: A cell of parameters is no Python.

    >>> cell = {"metadata": {"tags": ["parameters"]}, "source": "a = 1\nb = -2\nc = 3 * 4"}
    >>> expressions({"cells": [cell]}), parameters({"cells": [cell]})
    ({'c'}, {'a': 1.0, 'b': -2.0})
    """
    last = dict(_assigned(notebook))
    return {name for name, value in last.items() if isinstance(value, ast.expr)}


def _assigned(notebook: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """List what is assigned in the cells of parameters: literals as their values."""
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook["cells"]:
            if tag not in cell["metadata"].get("tags", ()):
                continue
            for statement in ast.parse("".join(cell["source"])).body:
                match statement:
                    case (
                        ast.Assign(targets=[ast.Name(name)], value=value)
                        | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
                    ):
                        yield name, _literal(value)


def _literal(value: ast.expr) -> object:
    match value:
        case ast.Constant(constant):
            return constant
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
            return -number
    return value


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
