"""Formulas as sums call them: by name, with arguments by place or by name, or out of a table's row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costcheck import formulas
from costcheck.claims import references
from costcheck.claims.sums import Call, Name, Node
from costcheck.data import yaml_nodes
from costcheck.errors import InputError, unknown
from costcheck.formulas import signatures


def named(name: str) -> Callable[..., Any]:
    """Return the formula of a name; the nearest one in the error where there is none."""
    if name not in (known := signatures.names()):
        error = unknown("formula", yaml_nodes.shown(name), known)
        # there are too many for a message
        raise error if error.nearest else InputError(f"{error.what}; costcheck formulas lists them")
    function: Callable[..., Any] = getattr(formulas, name)
    return function


def bound(node: Call) -> list[tuple[str, Node]]:
    """Return the arguments of a call by name, those that a table's row gives filled in."""
    named(node.formula)
    parameters = {argument.name: argument for argument in signatures.described(node.formula).arguments}
    by_place = iter(parameters)
    given: dict[str, Node] = {}
    rows: list[str] = []
    for name, argument in node.arguments:
        if not name and isinstance(argument, Name) and references.is_row(argument.text):
            rows.append(argument.text)
            continue
        if not name and (name := next((free for free in by_place if free not in given), "")) == "":
            raise InputError(f"{node.formula} takes {len(parameters)} arguments: {', '.join(parameters)}")
        if name not in parameters:
            raise InputError(f"{node.formula}: {unknown('argument', name, parameters)}")
        if name in given:
            raise InputError(f"{node.formula}: {name} is given twice")
        given[name] = argument
    filled: dict[str, Node] = {}
    for row in rows:
        columns = references.columns_of(row)
        filled |= {name: Name(f"{row}.{name}") for name in parameters if name in columns}
    filled |= given
    if missing := [name for name, one in parameters.items() if one.default is None and name not in filled]:
        raise InputError(f"{node.formula} needs {', '.join(missing)}")
    return list(filled.items())
