"""What each formula takes and gives, read from its docstring: names, units, defaults, source.

The docstring is the one place where a unit is written. Its notation:

- An argument is described as ``name: What it is [unit].``, the result as ``Returns: What it is [unit].``: the
  unit is in brackets at the very end. Brackets elsewhere in the text say nothing about units.
- Units are those of ``costcheck.units``: ``[GB]``, ``[USD/GPU-hour]``, ``[1]`` for a plain number.
- ``[A]``, ``[B]`` and ``[C]`` stand for any unit, one letter for the same unit throughout a formula:
  ``ratio`` takes an ``[A]`` and an ``[A]`` and gives ``[1]``; ``convert`` takes ``[A]`` and ``[B/A]`` and
  gives ``[B]``.
- ``[bool]`` is true or false, ``[name]`` a word or words.
- ``Sum:`` is the formula in the language of claims, over its arguments: by it a claim's steps are shown.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import NamedTuple

from costcheck import formulas
from costcheck.errors import InputError, unknown

_SECTIONS = ("Args:", "Returns:", "Sum:", "Source:")
_UNIT = re.compile(r"(?P<words>.*)\s\[(?P<unit>[^\[\]]+)\]\.?", re.DOTALL)


class Argument(NamedTuple):
    """An argument of a formula; ``default`` is None where it must be given."""

    name: str
    unit: str
    default: float | bool | str | None
    description: str


class Described(NamedTuple):
    """A formula as its docstring describes it: ``subject`` is the file it is in, ``example`` its doctest."""

    name: str
    subject: str
    summary: str
    arguments: tuple[Argument, ...]
    unit: str
    returns: str
    sum: str
    source: str
    notes: str
    example: str


@cache
def names() -> tuple[str, ...]:
    """Return the names of all formulas, in order.

    >>> names()[0]
    'activation_bytes_per_layer'
    """
    return tuple(name for name in formulas.__all__ if inspect.isfunction(getattr(formulas, name)))


def subjects() -> dict[str, list[str]]:
    """Return the formulas of each subject, subjects in the order in which the package lists them.

    >>> subjects()["language"]
    ['books_from_words', 'words_from_tokens']
    """
    listed = re.findall(r"^``(\w+)``  ", _docstring(formulas), re.MULTILINE)
    by_subject: dict[str, list[str]] = {subject: [] for subject in listed}
    for name in names():
        by_subject.setdefault(described(name).subject, []).append(name)
    return by_subject


@cache
def described(name: str) -> Described:
    """Return what a formula takes and gives; the nearest name where there is none.

    >>> purchase = described("purchase")
    >>> [(argument.name, argument.unit) for argument in purchase.arguments], purchase.unit
    ([('gpus', 'GPU'), ('usd_per_gpu', 'USD/GPU')], 'USD')
    """
    if name not in names():
        error = unknown("formula", name, names())
        # there are too many for a message
        raise error if error.nearest else InputError(f"{error.what}; costcheck formulas lists them")
    function = getattr(formulas, name)
    summary, _, rest = _docstring(function).partition("\n")
    parts = _sections(rest)
    described_arguments = {
        argument: _joined(words)
        for argument, words in re.findall(r"^    (\w+): (.*(?:\n        .*)*)", parts["Args:"], re.MULTILINE)
    }
    arguments = []
    for argument in inspect.signature(function).parameters.values():
        if argument.name not in described_arguments:
            raise InputError(f"formula {name}: its docstring does not describe the argument {argument.name}")
        words, unit = _with_unit(f"{name}, argument {argument.name}", described_arguments[argument.name])
        default = None if argument.default is argument.empty else argument.default
        arguments.append(Argument(argument.name, unit, default, words))
    returns, unit = _with_unit(f"{name}, result", _joined(parts["Returns:"]))
    return Described(
        name,
        function.__module__.rpartition(".")[2],
        summary,
        tuple(arguments),
        unit,
        returns,
        _joined(parts["Sum:"]).removesuffix("."),
        _joined(parts["Source:"]),
        "\n\n".join(note for note in (_joined(parts["before"]), _joined(parts["after"])) if note),
        parts["example"].strip(),
    )


def _docstring(of: Callable[..., object] | ModuleType) -> str:
    # from the source where Python has left it out (PYTHONOPTIMIZE=2)
    if of.__doc__ is not None:
        return inspect.getdoc(of) or ""
    import ast

    module = ast.parse(inspect.getsource(of))
    (first, *_) = module.body
    return ast.get_docstring(first if isinstance(first, ast.FunctionDef) else module) or ""


def _sections(text: str) -> dict[str, str]:
    """Take a docstring apart: a section goes on in indented lines, the example begins with >>>."""
    sections = dict.fromkeys(("before", *_SECTIONS, "after", "example"), "")
    at = "before"
    for line in text.splitlines():
        heading = next((heading for heading in _SECTIONS if line.startswith(heading)), "")
        if heading:
            at = heading
        elif line.startswith(">>>"):
            at = "example"
        elif line and not line.startswith(" ") and at in _SECTIONS:
            at = "after"
        sections[at] += f"{line.removeprefix(heading)}\n"
    return sections


def _joined(text: str) -> str:
    return " ".join(text.split())


def _with_unit(where: str, text: str) -> tuple[str, str]:
    match = _UNIT.fullmatch(text)
    if not match:
        raise InputError(f"formula {where}: {text!r} does not end with a unit in brackets")
    return match["words"], match["unit"]
