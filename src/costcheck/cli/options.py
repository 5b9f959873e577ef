"""What the subcommands share of the command line: the parser, its options, and the reader's prices."""

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

Commands = Any
"""Where a subcommand adds its parser; argparse does not name the type."""
ANYWHERE = ("--quiet", "--verbose")
"""Options that every command takes, and that may also stand before it."""


class Parser(argparse.ArgumentParser):
    """A parser that raises its errors as `InputError`."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the command line."""
        raise InputError(f"{message}; see {self.prog} --help")


def parser() -> tuple[Parser, Commands]:
    """Make the parser of the whole command, and the place for subcommands."""
    made = Parser(
        prog="costcheck",
        description="Recompute the figures that two articles print on the cost of Llama 3.1 405B, "
        "and report which hold.",
        epilog="Exit status: 0, also where claims are wrong; 1, something could not be executed or written; "
        "2, the command line or an input file is wrong.",
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"costcheck {__version__}")
    _add_log_options(made)
    return made, made.add_subparsers(dest="command", metavar="COMMAND")


def options_of(parser: Parser) -> list[str]:
    """Return the long options that a parser knows."""
    return [name for name in parser._option_string_actions if name.startswith("--")]


def subcommand(
    commands: Commands, name: str, *, help: str, description: str, example: str, prices: bool = False
) -> Parser:
    """Add a subcommand: one line for the list of all, a description and an example for its own help."""
    made: Parser = commands.add_parser(
        name, help=help, description=description, epilog=f"Example: {example}", allow_abbrev=False
    )
    _add_log_options(made)
    if prices:
        made.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="set a price, as in h100_usd=25000 (repeatable; costcheck prices lists the keys)",
        )
        add_date_options(made)
    return made


def _add_log_options(parser: Parser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print results, warnings and errors only")
    parser.add_argument(
        "--verbose", action="store_true", help="log which files are read and how long each step takes"
    )


def log_level(options: argparse.Namespace) -> int:
    """Return how much is to be logged, or refuse options that contradict one another."""
    for other in ("verbose", "log_json"):
        if options.quiet and getattr(options, other, False):
            raise InputError(f"--quiet and --{other.replace('_', '-')} do not go together")
    return log.QUIET if options.quiet else log.VERBOSE if options.verbose else log.USUAL


def add_date_options(parser: Parser) -> None:
    """Add the options that choose quotes by date and from the reader's own price book."""
    parser.add_argument(
        "--as-of", metavar="DATE", help="use the latest quotes not after a day, such as 2024-07-23"
    )
    parser.add_argument(
        "--book",
        type=some_path,
        metavar="FILE",
        help="your own price book (costcheck prices import makes one); its latest quotes replace the "
        "package's. With --as-of, the latest quote by that day wins, whichever book has it",
    )


def add_format_option(parser: Parser) -> None:
    """Add the option that chooses a table for people or rows for other programs."""
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")


def add_plot_option(parser: Parser, name: str) -> None:
    """Add the option that also draws what is printed, to a file called `name` unless another is given."""
    parser.add_argument(
        "--plot",
        nargs="?",
        type=_figure_path,
        const=Path(name),
        metavar="FILE",
        help=f"also draw it, to a .svg or .png file (default name: {name})",
    )


def add_language_option(parser: Parser) -> None:
    """Add the option that chooses the language of a report."""
    from costcheck.results.report import ENGLISH, LANGUAGES

    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=ENGLISH,
        help=f"language of the report's headings, verdicts and paraphrases (default: {ENGLISH})",
    )


def _figure_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"{text}: the file's name must end in .svg or .png")
    return path


def some_path(text: str) -> Path:
    """Read a path; an empty one would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name of a file or folder is empty")
    return Path(text)


def given_prices(options: argparse.Namespace, own: Sequence[Quote] = ()) -> PriceBook:
    """Return the price book that the options ask for; ``--set`` may name the articles' ``own`` prices."""
    chosen = chosen_prices(as_of(options), readers_quotes(options), options.book)
    return chosen.accepting(own).override(assignments(options.set))


def chosen_prices(date: str | None, more: Sequence[Quote], book: Path | None) -> PriceBook:
    """Return the price book of a day and of the quotes in a reader's file."""
    from costcheck.prices import price_book

    return price_book(date, more, log.one_line(book.name) if book else "")


def own_prices(articles: Sequence[Article]) -> list[Quote]:
    """Return the prices that articles define themselves, or refuse one that two have in different units."""
    own: dict[str, tuple[Quote, Article]] = {}
    for article in articles:
        for quote in article.own_quotes:
            other, where = own.setdefault(quote.key, (quote, article))
            if other.unit != quote.unit:
                raise InputError(
                    f"price {quote.key}: {article.article} has it in {quote.unit}, "
                    f"{where.article} in {other.unit}; check them one by one, or rename one"
                )
    return [quote for article in articles for quote in article.own_quotes]


def as_of(options: argparse.Namespace) -> str | None:
    """Return the day given with ``--as-of``, if any."""
    if options.as_of is None:
        return None
    from costcheck.prices.quotes import past_day

    try:
        return past_day(options.as_of)
    except InputError as error:
        raise InputError(f"--as-of {error}") from None


def readers_quotes(options: argparse.Namespace) -> Sequence[Quote]:
    """Return the quotes of the reader's price book, if there is one."""
    if options.book is None:
        return ()
    from costcheck.prices import own_file

    return own_file.quotes_of(options.book)


def assignments(given: Sequence[str], option: str = "--set") -> dict[str, str]:
    """Split ``KEY=VALUE`` words.

    >>> assignments(["h100_usd=25000"])
    {'h100_usd': '25000'}
    """
    values: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"{option} {text}: write KEY=VALUE, as in h100_usd=25000")
        if key in values:
            raise InputError(f"{option} {text}: {key} is set twice")
        values[key] = value
    return values
