"""What the subcommands share of the command line: the parser, and the reader's prices."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from costcheck import __version__
from costcheck.errors import InputError

if TYPE_CHECKING:
    from costcheck.prices import PriceBook


class Parser(argparse.ArgumentParser):
    """A parser whose errors are ours, so that they end like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the command line."""
        raise InputError(f"{message}; see {self.prog} --help")


Commands = Any
"""Where a subcommand adds its parser; argparse does not name the type."""


def parser() -> tuple[Parser, Commands]:
    """Make the parser of the whole command, and the place for subcommands."""
    made = Parser(
        prog="costcheck",
        description="Recompute the figures two articles print on the cost of Llama 3.1 405B; say which hold.",
        epilog="A claim found wrong is a finding, not a failure: exit 0. "
        "1: something could not be executed. 2: the command line or an input file is wrong.",
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"costcheck {__version__}")
    return made, made.add_subparsers(dest="command", metavar="COMMAND")


def options_of(of: Parser) -> list[str]:
    """Return the options that a parser knows."""
    return [name for name in of._option_string_actions if name.startswith("--")]


def subcommand(
    commands: Commands, name: str, *, help: str, description: str, example: str, prices: bool = False
) -> Parser:
    """Add a subcommand: one line for the list of all, a description and an example for its own help."""
    made: Parser = commands.add_parser(
        name,
        help=help,
        description=description,
        epilog=f"Example: {example}",
        allow_abbrev=False,
    )
    if prices:
        made.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="a price of yours, as h100_usd=25000 (repeatable; costcheck prices lists the keys)",
        )
    return made


def given_prices(options: argparse.Namespace) -> PriceBook:
    """Return the price book that the options ask for."""
    from costcheck.prices import PriceBook

    return PriceBook.article().override(assignments(options.set))


def assignments(given: Sequence[str], option: str = "--set") -> dict[str, str]:
    """Take ``KEY=VALUE`` apart.

    >>> assignments(["h100_usd=25000"])
    {'h100_usd': '25000'}
    """
    values: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"{option} {text}: write KEY=VALUE, as h100_usd=25000")
        if key in values:
            raise InputError(f"{option} {text}: {key} is set twice")
        values[key] = value
    return values
