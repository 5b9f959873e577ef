"""Read the price book out of a notebook's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costcheck.errors import InputError
from costcheck.prices.book import PriceBook


def assigned(prices: str) -> dict[str, str]:
    """Take prices apart that stand in one text, as the notebook on any article is given them.

    Raises:
        InputError: A part is not KEY=VALUE, or a key stands there twice.

    >>> assigned("h100_usd=25000; usd_cny=7.1")
    {'h100_usd': '25000', 'usd_cny': '7.1'}
    """
    found: dict[str, str] = {}
    for part in prices.replace(",", ";").split(";"):
        if not part.strip():
            continue
        key, equals, value = part.strip().partition("=")
        if not equals or key in found:
            raise InputError(f"prices: {part.strip()!r}; write each once, as h100_usd=25000;usd_cny=7.1")
        found[key] = value
    return found


def parameters(variables: Mapping[str, Any]) -> PriceBook:
    """Make the price book of a notebook from the variables of its parameters cell.

    Called with ``globals()`` in the first cell after the parameters, so that a wrong price given to plain
    papermill stops there, with the same message as on the command line.

    Args:
        variables: The notebook's variables; those that are no plain values or begin with ``_`` are left out.

    Returns:
        The articles' book with those values put in.

    Raises:
        InputError: As `value_of`; a misspelt parameter is an unknown price.

    >>> parameters({"h100_usd": 25_000, "In": []}).scenario
    'h100_usd=25000'
    """
    given = {
        name: value
        for name, value in variables.items()
        if not name.startswith("_") and (value is None or isinstance(value, str | int | float))
    }
    book = PriceBook.article().override(given)
    return PriceBook.article().override(book.changed)
