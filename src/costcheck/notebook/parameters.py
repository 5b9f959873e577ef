"""The parameters of a notebook: read from its cells, and made into its price book."""

from __future__ import annotations

import ast
import contextlib
import difflib
import numbers
from collections.abc import Iterator, Mapping
from typing import Any

from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys, value_of

OWN, INJECTED = "parameters", "injected-parameters"
"""The tags of a notebook's own parameters, and of those that papermill puts in after them."""
PLAIN = str | numbers.Real | None
"""What a parameters cell or papermill can assign, and a session's own objects are not."""
NEAR = 0.8
"""From this likeness on a variable is a misspelt price: ``h100usd``, ``hl00_usd``, ``gpu_hour``."""


def values(notebook: Mapping[str, Any]) -> dict[str, float | str]:
    """Read the numbers and texts of a notebook's own parameters, and over them of those that were put in."""
    return {
        name: value if isinstance(value, str) else float(value)
        for name, value in _assigned(notebook).items()
        if isinstance(value, str | int | float)
    }


def expressions(notebook: Mapping[str, Any]) -> set[str]:
    """Return the parameters of a notebook that are not literals but have to be computed."""
    return {name for name, value in _assigned(notebook).items() if isinstance(value, ast.expr)}


def declared_in(notebook: Mapping[str, Any]) -> list[str]:
    """Return the names that a notebook's own parameters cell assigns, in their order."""
    return list(_assigned(notebook, (OWN,)))


def prices_in(notebook: Mapping[str, Any]) -> dict[str, float]:
    """Return the prices that a notebook's parameters assign; what it will refuse is left out."""
    prices = {}
    for name, value in _assigned(notebook).items():
        if name in price_keys() and not isinstance(value, str):
            with contextlib.suppress(InputError):
                prices[name] = value_of(name, value)
    return prices


def _assigned(notebook: Mapping[str, Any], tags: tuple[str, ...] = (OWN, INJECTED)) -> dict[str, object]:
    return {
        name: value
        for tag in tags
        for cell in notebook["cells"]
        if tag in cell["metadata"].get("tags", ())
        for name, value in _assignments("".join(cell["source"]))
    }


def _assignments(source: str) -> Iterator[tuple[str, object]]:
    """List what some code assigns: literals as their values, anything else as it is parsed."""
    for statement in ast.parse(source).body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
            ):
                match value:
                    case ast.Constant(constant):
                        yield name, constant
                    case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
                        yield name, -number
                    case _:
                        yield name, value


def parameters(variables: Mapping[str, Any]) -> PriceBook:
    """Make the price book of a notebook from its variables: the articles' with those of the prices put in.

    Called with ``globals()`` in the first cell after the parameters, so that a wrong or misspelt price given
    to plain papermill stops there. Variables that are unlike any price are left alone.

    >>> parameters({"h100_usd": 25_000, "budget": 1_000_000, "In": []}).scenario
    'h100_usd=25000'
    >>> parameters({"h100usd": 25_000})
    Traceback (most recent call last):
    costcheck.errors.InputError: unknown price 'h100usd': did you mean 'h100_usd'?
    """
    keys, injected = price_keys(), _injected(variables.get("In"))
    for name, value in variables.items():
        if name not in keys and (name in injected or _is_misspelt(name, value)):
            raise unknown("price", name, keys)
    # any other object is the session's own, under a price's name
    given = {
        key: _number(key, variables[key])
        for key in keys
        if key in variables and isinstance(variables[key], PLAIN | list | tuple | dict | set)
    }
    return PriceBook.article().override(PriceBook.article().override(given).changed)


def _injected(history: object) -> set[str]:
    """Return the names that papermill put in, out of the code that the session ran before this cell."""
    before = history[-2] if isinstance(history, list) and len(history) > 1 else ""
    if not isinstance(before, str) or not before.startswith("# Parameters\n"):
        return set()
    # papermill --inject-paths adds names of its own
    return {name for name, _ in _assignments(before) if not name.startswith("PAPERMILL_")}


def _is_misspelt(name: str, value: object) -> bool:
    near = isinstance(value, PLAIN) and difflib.get_close_matches(name, price_keys(), 1, NEAR)
    return bool(near) and not name.startswith("_")


def _number(key: str, value: object) -> float:
    """Validate the value of a price, which the notebook's cells use as it is."""
    if isinstance(value, str):
        number = value_of(key, value)
        raise InputError(f"{value!r} is text; write {number:.15g} without quotes", where=key)
    if isinstance(value, list | tuple | dict | set):
        unit, kind = price_keys()[key].unit, type(value).__name__
        raise InputError(f"a {kind}, but a price is one number [{unit}], such as 25000", where=key)
    return value_of(key, value)


def assigned(prices: str) -> dict[str, str]:
    """Split the prices in one text, as the notebook on any article is given them."""
    given: dict[str, str] = {}
    for part in prices.replace(",", ";").split(";"):
        if not part.strip():
            continue
        key, equals, value = part.strip().partition("=")
        if not equals or key in given:
            raise InputError(f"prices: {part.strip()!r}; write each once, as h100_usd=25000;usd_cny=7.1")
        given[key] = value
    return given
