"""List the formulas a claim can call, by subject, with arguments, defaults and units.

Those named are described in full, with source and example.

Example: costcheck formulas purchase
"""

from __future__ import annotations

import argparse
from itertools import groupby
from typing import TYPE_CHECKING

from costcheck.cli.options import Parser
from costcheck.cli.output import write_rows

if TYPE_CHECKING:
    from costcheck.formulas.signatures import Argument, Described

COLUMNS = ("formula", "subject", "argument", "unit", "default", "description")


OPTIONS = ("--format",)


def add(parser: Parser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="describe this formula in full")


def main(options: argparse.Namespace) -> int:
    import inspect

    from costcheck import formulas as functions
    from costcheck.formulas import signatures
    from costcheck.text.numbers import number_text

    names = [name for group in signatures.subjects().values() for name in group]
    formulas = [signatures.described(name) for name in dict.fromkeys(options.names or names)]
    if options.format == "json":
        described = [
            formula._asdict() | {"arguments": [argument._asdict() for argument in formula.arguments]}
            for formula in formulas
        ]
        write_rows((), described, "json")
    elif options.format == "csv":
        rows = []
        for formula in formulas:
            listed = [(a.name, a.unit, number_text(a.default), a.description) for a in formula.arguments]
            listed.append(("(result)", formula.unit, "", formula.returns))
            rows += [(formula.name, formula.subject, *cells) for cells in listed]
        write_rows(COLUMNS, [dict(zip(COLUMNS, row, strict=True)) for row in rows], "csv")
    elif options.names:
        for formula in formulas:
            given = {argument.name: number_text(argument.default) for argument in formula.arguments}
            arguments = ", ".join(f"{name}={value}" if value else name for name, value in given.items())
            text = inspect.getdoc(getattr(functions, formula.name)) or ""
            print(f"{formula.name}({arguments})\n{_bare(text)}\n")
    else:
        _list(formulas)
    return 0


def _list(formulas: list[Described]) -> None:
    """Print a table for each subject."""
    from costcheck.text.terminal import Column, print_table, say

    columns = [
        Column("formula"),
        Column("argument [unit] = default"),
        Column("gives"),
        Column("what it is", text=True, drop=1),
    ]
    for subject, group in groupby(formulas, lambda formula: formula.subject):
        rows = []
        for formula in group:
            arguments = "\n".join(map(_short, formula.arguments))
            rows.append((formula.name, arguments, f"[{formula.unit}]", _bare(formula.summary)))
        print_table(columns, rows, title=subject)
    say(
        "[A], [B], [C] are any unit, the same letter for the same; [1] is a plain number, [name] a word.\n"
        "A quantity must be within its range, or else positive and finite.\n"
        "costcheck formulas NAME describes one, with its source and an example."
    )


def _short(argument: Argument) -> str:
    from costcheck.text.numbers import number_text

    default = "" if argument.default is None else f" = {number_text(argument.default)}"
    return f"{argument.name} [{argument.unit}]{default}"


def _bare(text: str) -> str:
    """Return a docstring's words without its marks around names."""
    return text.replace("``", "")
