"""``costcheck formulas``: what a claim can call, with arguments and units."""

from __future__ import annotations

import argparse
from itertools import groupby
from typing import TYPE_CHECKING

from costcheck.cli.options import Commands, add_format_option, subcommand
from costcheck.cli.output import write_rows

if TYPE_CHECKING:
    from costcheck.formulas.signatures import Argument, Described

COLUMNS = ("formula", "subject", "argument", "unit", "default", "description")


def add(commands: Commands) -> None:
    """Add the subcommand."""
    formulas = subcommand(
        commands,
        "formulas",
        help="the formulas a claim can call, with arguments and units",
        description="List the formulas a claim can call, by subject, with arguments, defaults and units; "
        "or describe those named, with source and example.",
        example="costcheck formulas purchase",
    )
    formulas.add_argument("names", nargs="*", metavar="NAME", help="describe this formula in full")
    add_format_option(formulas)
    formulas.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
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
                cells = (argument.name, argument.unit, _default(argument), argument.description)
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
        print_table(columns, rows, title=subject, elsewhere="costcheck formulas NAME")
    console().print(
        "[A], [B], [C] are any unit, the same letter for the same; [1] is a plain number, [name] a word.\n"
        "costcheck formulas NAME describes one, with its source and an example.",
        markup=False,
    )


def _short(argument: Argument) -> str:
    default = "" if argument.default is None else f" = {_default(argument)}"
    return f"{argument.name} [{argument.unit}]{default}"


def _default(argument: Argument) -> str:
    """Write a default as it would stand in an article's file."""
    default = argument.default
    if default is None or isinstance(default, bool):
        return {None: "", True: "true", False: "false"}[default]
    return f"{default:g}" if isinstance(default, int | float) else str(default)


def _bare(text: str) -> str:
    """Return a docstring's words without its marks around names."""
    return text.replace("``", "")


def _describe(formulas: list[Described]) -> None:
    """Print all that the docstrings have."""
    import textwrap

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
        }
        for heading, lines in sections.items():
            if lines:
                out.print(Text(f"\n{heading}", "bold"))
            for line in lines:
                wrapped = textwrap.wrap(_bare(line), out.width - 2, subsequent_indent="    ")
                out.print(Text(textwrap.indent("\n".join(wrapped), "  ")))
        out.print(Text("\nExample", "bold"))
        out.print(Text(textwrap.indent(formula.example, "  ")))
