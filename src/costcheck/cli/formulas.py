"""``costcheck formulas``: what a claim can call, with arguments and units."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import Commands, subcommand
from costcheck.cli.output import console

if TYPE_CHECKING:
    from costcheck.formulas.signatures import Argument, Described


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
    formulas.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="default: table"
    )
    formulas.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.formulas import signatures

    names = [name for group in signatures.subjects().values() for name in group]
    found = [signatures.described(name) for name in dict.fromkeys(options.names or names)]
    if options.format == "json":
        import json

        print(json.dumps([_row(formula) for formula in found], ensure_ascii=False, indent=1))
    elif options.format == "csv":
        _write_csv(found)
    elif options.names:
        _print_whole(found)
    else:
        _print_list(found)
    return 0


def _row(formula: Described) -> dict[str, Any]:
    import dataclasses

    return dataclasses.asdict(formula)


def _write_csv(found: list[Described]) -> None:
    """Write a row an argument, and one for the result."""
    import csv

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("formula", "subject", "argument", "unit", "default", "description"))
    for formula in found:
        for one in formula.arguments:
            default = "" if one.default is None else _written(one)
            out.writerow((formula.name, formula.subject, one.name, one.unit, default, one.description))
        out.writerow((formula.name, formula.subject, "(result)", formula.unit, "", formula.returns))


def _print_list(found: list[Described]) -> None:
    """Print a table for each subject."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    by_subject: dict[str, list[Described]] = {}
    for formula in found:
        by_subject.setdefault(formula.subject, []).append(formula)
    for subject, formulas in by_subject.items():
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=Text(subject, "bold"), title_justify="left")
        table.add_column("formula", no_wrap=True)
        table.add_column(Text("argument [unit] = default"))
        table.add_column("gives", no_wrap=True)
        table.add_column("what it is")
        for formula in formulas:
            arguments = "\n".join(_short(one) for one in formula.arguments)
            cells = (formula.name, arguments, f"[{formula.unit}]", _bare(formula.summary))
            table.add_row(*(Text(text) for text in cells))
        out.print(table)
    out.print(
        "[A], [B], [C] are any unit, the same letter for the same; [1] is a plain number, [name] a word.\n"
        "costcheck formulas NAME describes one, with its source and an example.",
        markup=False,
    )


def _short(argument: Argument) -> str:
    default = "" if argument.default is None else f" = {_written(argument)}"
    return f"{argument.name} [{argument.unit}]{default}"


def _written(argument: Argument) -> str:
    """Write a default as it would stand in an article's file."""
    default = argument.default
    if isinstance(default, bool):
        return "true" if default else "false"
    return f"{default:g}" if isinstance(default, int | float) else str(default)


def _bare(text: str) -> str:
    """Return a docstring's words without its marks around names."""
    return text.replace("``", "")


def _print_whole(found: list[Described]) -> None:
    """Print all that the docstrings say."""
    import textwrap

    from rich.text import Text

    from costcheck.formulas import signatures

    out = console()
    for place, formula in enumerate(found):
        if place:
            out.print()
        out.print(Text(f"{formula.name}({', '.join(one.name for one in formula.arguments)})", "bold"))
        out.print(Text(_bare(formula.summary)))
        sections: list[tuple[str, list[str]]] = [
            ("Arguments", [f"{_short(one)}: {one.description}" for one in formula.arguments]),
            ("Gives", [f"[{formula.unit}]: {formula.returns}"]),
            ("Refuses", [signatures.REFUSES]),
            ("Source", [formula.source]),
            ("Notes", [note for note in formula.notes.split("\n\n") if note]),
        ]
        for heading, lines in sections:
            if lines:
                out.print(Text(f"\n{heading}", "bold"))
            for line in lines:
                wrapped = textwrap.wrap(_bare(line), out.width - 2, subsequent_indent="    ")
                out.print(Text(textwrap.indent("\n".join(wrapped), "  ")))
        out.print(Text("\nExample", "bold"))
        out.print(Text(textwrap.indent(formula.example, "  ")))
