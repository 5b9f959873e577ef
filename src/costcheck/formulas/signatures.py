"""What each formula takes and gives, read from its docstring: names, units, defaults, source.

The docstring is the one place where a unit is written. Its notation:

- An argument is described as ``name: What it is [unit].`` and the result as ``What it is [unit].``: the unit
  stands in brackets at the very end. Brackets elsewhere in the text say nothing about units.
- Units are those of ``costcheck.units.notation``: ``[GB]``, ``[USD/GPU-hour]``, ``[1]`` for a plain number.
- ``[A]``, ``[B]`` and ``[C]`` stand for any unit, one letter for the same unit throughout a formula:
  ``ratio`` takes an ``[A]`` and an ``[A]`` and gives ``[1]``; ``convert`` takes ``[A]`` and ``[B/A]`` and
  gives ``[B]``.
- ``[bool]`` is true or false, ``[name]`` a word or words.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from costcheck import formulas
from costcheck.errors import InputError, unknown

if TYPE_CHECKING:
    import ast

_SECTIONS = ("Args:", "Returns:", "Raises:", "Source:")
_UNIT = re.compile(r"(?P<words>.*)\s\[(?P<unit>[^\[\]]+)\]\.?", re.DOTALL)


@dataclass(frozen=True)
class Argument:
    """An argument of a formula; ``default`` is None where it must be given."""

    name: str
    unit: str
    default: float | bool | str | None
    description: str


@dataclass(frozen=True)
class Described:
    """A formula as its docstring describes it.

    ``subject`` is the file it stands in, ``notes`` what the docstring says beyond the summary (how it takes
    arrays, the case the example is from), ``example`` its doctest.
    """

    name: str
    subject: str
    summary: str
    arguments: tuple[Argument, ...]
    unit: str
    returns: str
    raises: str
    source: str
    notes: str
    example: str


def names() -> list[str]:
    """Return the names of all formulas, in order.

    >>> len(names()), names()[0]
    (62, 'activation_bytes_per_layer')
    """
    return [name for name in formulas.__all__ if inspect.isfunction(getattr(formulas, name))]


def _docstring(of: Callable[..., object] | ModuleType) -> str:
    """Return a docstring; from the source where Python has left it out (``PYTHONOPTIMIZE=2``)."""
    if sys.flags.optimize < 2:
        return inspect.getdoc(of) or ""
    import ast

    unwrapped = of if isinstance(of, ModuleType) else inspect.unwrap(of)
    module = _parsed(inspect.getsourcefile(unwrapped) or "")
    if isinstance(unwrapped, ModuleType):
        return ast.get_docstring(module) or ""
    defined = (node for node in module.body if isinstance(node, ast.FunctionDef))
    return next((ast.get_docstring(node) or "" for node in defined if node.name == unwrapped.__name__), "")


@cache
def _parsed(file: str) -> ast.Module:
    import ast
    from pathlib import Path

    return ast.parse(Path(file).read_bytes())


def subjects() -> dict[str, list[str]]:
    """Return the formulas of each subject, subjects in the order in which the package lists them.

    >>> subjects()["language"]
    ['books_from_words', 'words_from_tokens']
    """
    listed = re.findall(r"^``(\w+)``  ", _docstring(formulas), re.MULTILINE)
    found: dict[str, list[str]] = {subject: [] for subject in listed}
    for name in names():
        found.setdefault(described(name).subject, []).append(name)
    return found


@cache
def described(name: str) -> Described:
    """Return what a formula takes and gives.

    Args:
        name: Its name.

    Returns:
        Its description.

    Raises:
        InputError: There is no such formula, with the nearest name; or its docstring breaks the notation.

    >>> purchase = described("purchase")
    >>> [(argument.name, argument.unit) for argument in purchase.arguments], purchase.unit
    ([('gpus', 'GPU'), ('usd_per_gpu', 'USD/GPU')], 'USD')
    """
    if name not in names():
        raise unknown("formula", name, names())
    function = getattr(formulas, name)
    text = _docstring(function)
    summary, _, rest = text.partition("\n")
    parts = _sections(rest)
    said = _arguments(parts["Args:"])
    arguments = []
    for argument in inspect.signature(function).parameters.values():
        if argument.name not in said:
            raise InputError(f"formula {name}: its docstring does not describe the argument {argument.name}")
        description, unit = _with_unit(f"{name}, argument {argument.name}", said[argument.name])
        default = None if argument.default is argument.empty else argument.default
        arguments.append(Argument(argument.name, unit, default, description))
    returns, unit = _with_unit(f"{name}, result", _joined(parts["Returns:"]))
    return Described(
        name,
        function.__module__.rpartition(".")[2],
        summary,
        tuple(arguments),
        unit,
        returns,
        _joined(parts["Raises:"]),
        _joined(parts["Source:"]),
        "\n\n".join(note for note in (_joined(parts["before"]), _joined(parts["after"])) if note),
        parts["example"].strip(),
    )


def _sections(text: str) -> dict[str, str]:
    """Take a docstring apart at its headings; a heading's text is indented, the example begins with >>>."""
    found = dict.fromkeys(("before", *_SECTIONS, "after", "example"), "")
    at = "before"
    for line in text.splitlines():
        if line in _SECTIONS:
            at = line
            continue
        if line.startswith(">>>"):
            at = "example"
        elif line and not line.startswith(" ") and at in _SECTIONS:
            at = "after"
        found[at] += f"{line}\n"
    return found


def _arguments(text: str) -> dict[str, str]:
    return {
        name: _joined(words)
        for name, words in re.findall(r"^    (\w+): (.*(?:\n        .*)*)", text, re.MULTILINE)
    }


def _joined(text: str) -> str:
    return " ".join(text.split())


def _with_unit(where: str, text: str) -> tuple[str, str]:
    match = _UNIT.fullmatch(text)
    if not match:
        raise InputError(f"formula {where}: {text!r} does not end with a unit in brackets")
    return match["words"], match["unit"]
