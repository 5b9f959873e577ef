"""What the subcommands share of the command line: the parser, and the reader's prices."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from costcheck import __version__
from costcheck.errors import InputError
from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.claims import Article
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import Quote


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
    _said(made)
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
    _said(made)
    if prices:
        made.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="a price of yours, as h100_usd=25000 (repeatable; costcheck prices lists the keys)",
        )
        dated(made)
    return made


SAID = ("--quiet", "--verbose")
"""The options of every command; they may stand before it too."""


def _said(to: Parser) -> None:
    """Add the options that choose how much is said on standard error."""
    to.add_argument("--quiet", action="store_true", help="only results and errors: no notes, no progress")
    to.add_argument("--verbose", action="store_true", help="say what is read and how long each step takes")


def asked_level(options: argparse.Namespace) -> int:
    """Return how much is to be said.

    Raises:
        InputError: The options contradict one another.
    """
    if options.quiet and options.verbose:
        raise InputError("--quiet and --verbose do not go together")
    if options.quiet and getattr(options, "log_json", False):
        raise InputError("--quiet and --log-json do not go together")
    return log.QUIET if options.quiet else log.VERBOSE if options.verbose else log.USUAL


def dated(to: Parser) -> None:
    """Add the options that choose quotes by date and from a price book of the reader's."""
    to.add_argument(
        "--as-of", metavar="DATE", help="the latest quotes that are not after a day, such as 2024-07-23"
    )
    to.add_argument(
        "--book",
        type=some_path,
        metavar="FILE",
        help="a price book of yours (costcheck prices import makes one): its latest quotes go "
        "before the package's; with --as-of the latest quote by that day counts, whichever has it",
    )


def plotted(to: Parser, name: str) -> None:
    """Add the option that draws what is printed.

    Args:
        to: The subcommand's parser.
        name: The file that is written where none is named.
    """
    to.add_argument(
        "--plot",
        nargs="?",
        type=_drawing,
        const=Path(name),
        metavar="FILE",
        help=f"draw it as well, to a file ending in .svg or .png (if none is named: {name})",
    )


def in_language(to: Parser) -> None:
    """Add the option that chooses the language of a report."""
    from costcheck.results.report import ENGLISH, LANGUAGES

    to.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=ENGLISH,
        help=f"language of the report's headings, verdicts and paraphrases (default: {ENGLISH})",
    )


def _drawing(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"{text}: the file's name must end in .svg or .png")
    return path


def given_prices(options: argparse.Namespace, own: Sequence[Quote] = ()) -> PriceBook:
    """Return the price book that the options ask for.

    Args:
        options: With ``set``, ``as_of`` and ``book``.
        own: Prices of the articles given, which ``--set`` may name too.
    """
    chosen = chosen_prices(as_of(options), readers_quotes(options), options.book)
    return chosen.accepting(own).override(assignments(options.set))


def chosen_prices(date: str | None, more: Sequence[Quote], book: Path | None) -> PriceBook:
    """Return the price book of a day and of the quotes in a reader's file."""
    from costcheck.prices import price_book

    return price_book(date, more, log.one_line(book.name) if book else "")


def own_prices(articles: Sequence[Article]) -> list[Quote]:
    """Return the prices that articles bring along, so that ``--set`` may name them.

    Raises:
        InputError: Two of them have a price of the same name in different units.
    """
    own: dict[str, tuple[Quote, Article]] = {}
    for article in articles:
        for quote in article.own_quotes:
            other, of = own.setdefault(quote.key, (quote, article))
            if other.unit != quote.unit:
                raise InputError(
                    f"price {quote.key}: {article.article} has it in {quote.unit}, "
                    f"{of.article} in {other.unit}; check them one by one, or rename one"
                )
    return [quote for article in articles for quote in article.own_quotes]


def as_of(options: argparse.Namespace) -> str | None:
    """Return the day of which prices are asked for, if one is.

    Raises:
        InputError: It is no date, or in the future.
    """
    if options.as_of is None:
        return None
    from costcheck.prices.quotes import past_day

    try:
        return past_day(options.as_of)
    except InputError as error:
        raise InputError(f"--as-of {error}") from None


def some_path(text: str) -> Path:
    """Read a path of the command line; an empty one would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name of a file or folder is empty")
    return Path(text)


def readers_quotes(options: argparse.Namespace) -> Sequence[Quote]:
    """Return the quotes of the reader's price book, if there is one."""
    if options.book is None:
        return ()
    from costcheck.prices import own_file

    return own_file.quotes_of(options.book)


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
