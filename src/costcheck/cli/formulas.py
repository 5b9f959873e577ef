"""The formulas a claim can call, with arguments and units.

List the formulas a claim can call, by subject, with arguments, defaults and units; or describe those
named, with source and example.

Example: costcheck formulas purchase
"""

from __future__ import annotations

import argparse
from itertools import groupby
from typing import TYPE_CHECKING

from costcheck.cli.options import Parser
from costcheck.cli.output import write_rows
from costcheck.text.numbers import number_text

if TYPE_CHECKING:
    from costcheck.formulas.signatures import Argument, Described

COLUMNS = ("formula", "subject", "argument", "unit", "default", "description")


OPTIONS = ("--format",)


def add(parser: Parser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="describe this formula in full")


def main(options: argparse.Namespace) -> int:
    import dataclasses

    from costcheck.formulas import signatures

    names = [name for group in signatures.subjects().values() for name in group]
    formulas = [signatures.described(name) for name in dict.fromkeys(options.names or names)]
    if options.format == "json":
        write_rows((), [dataclasses.asdict(formula) for formula in formulas], "json")
    elif options.format == "csv":
        rows = []
        for formula in formulas:
            for argument in formula.arguments:
                cells = (argument.name, argument.unit, number_text(argument.default), argument.description)
                rows.append((formula.name, formula.subject, *cells))
            rows.append((formula.name, formula.subject, "(result)", formula.unit, "", formula.returns))
        write_rows(COLUMNS, [dict(zip(COLUMNS, row, strict=True)) for row in rows], "csv")
    elif options.names:
        _describe(formulas)
    else:
        _list(formulas)
    return 0


def _list(formulas: list[Described]) -> None:
    """Print a table for each subject."""
    from costcheck.text.terminal import Column, console, print_table

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
    console().print(
        "[A], [B], [C] are any unit, the same letter for the same; [1] is a plain number, [name] a word.\n"
        "costcheck formulas NAME describes one, with its source and an example.",
        markup=False,
    )


def _short(argument: Argument) -> str:
    default = "" if argument.default is None else f" = {number_text(argument.default)}"
    return f"{argument.name} [{argument.unit}]{default}"


def _bare(text: str) -> str:
    """Return a docstring's words without its marks around names."""
    return text.replace("``", "")


def _describe(formulas: list[Described]) -> None:
    """Print all that the docstrings have."""
    from rich.padding import Padding
    from rich.text import Text

    from costcheck.formulas import signatures
    from costcheck.text.terminal import console

    out = console()
    for place, formula in enumerate(formulas):
        if place:
            out.print()
        out.print(Text(f"{formula.name}({', '.join(each.name for each in formula.arguments)})", "bold"))
        out.print(Text(_bare(formula.summary)))
        sections: dict[str, list[str]] = {
            "Arguments": [f"{_short(argument)}: {argument.description}" for argument in formula.arguments],
            "Gives": [f"[{formula.unit}]: {formula.returns}"],
            "Refuses": [signatures.REFUSES],
            "Source": [formula.source],
            "Notes": [note for note in formula.notes.split("\n\n") if note],
            "Example": [formula.example],
        }
        for heading, lines in sections.items():
            if lines:
                out.print(Text(f"\n{heading}", "bold"))
            for line in lines:
                out.print(Padding.indent(Text(_bare(line)), 2))
