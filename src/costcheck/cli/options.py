"""What the subcommands share of the command line: the parser, its options, and the reader's prices."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module

from costcheck import __version__
from costcheck.errors import InputError
from costcheck.results.report import ENGLISH, LANGUAGES
from costcheck.text import log

TYPE_CHECKING = False  # neither typing nor pathlib is loaded for --help
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, NoReturn

    from costcheck.claims import Article
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import Quote

COMMANDS = {
    "run": "execute the notebooks",
    "check": "the same verdicts without notebooks",
    "read": "what follows and what does not add up in an article's text; a draft of its claims",
    "report": "the report of a run as one page to send",
    "lab": "open the notebooks in JupyterLab",
    "app": "the calculator in your browser: move a price, see what still holds",
    "new": "begin a file for an article of yours",
    "sensitivity": "which price moves a figure most, and where its verdict flips",
    "compare": "what changed between results",
    "prices": "the price book; costcheck prices import adds quotes of a public feed to your own",
    "prices import": "quotes from a public price feed into your own book",
    "formulas": "the formulas a claim can call, with arguments and units",
    "cache": "show or prune what earlier runs executed",
}
"""Each is a module, whose docstring is its own help."""
ANYWHERE = ("--quiet", "--verbose")
"""Options that every command takes, and that may also stand before it."""


class Parser(argparse.ArgumentParser):
    """A parser that raises its errors as `InputError`."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the command line."""
        raise InputError(f"{message}; see {self.prog} --help")


def some_path(text: str, suffixes: Sequence[str] = ()) -> Path:
    """Read a path, with one of some suffixes; an empty one would mean the current folder."""
    from pathlib import Path

    if not text:
        raise argparse.ArgumentTypeError("the name of a file or folder is empty")
    if suffixes and Path(text).suffix.lower() not in suffixes:
        raise argparse.ArgumentTypeError(f"{text}: the file's name must end in {' or '.join(suffixes)}")
    return Path(text)


def number(what: str, low: float, high: float, kind: Callable[[str], float] = int) -> Callable[[str], float]:
    """Return what reads a number between two ends, a whole one unless ``kind`` is ``float``."""

    def read(text: str) -> float:
        with contextlib.suppress(ValueError):
            if text.isascii() and low <= (value := kind(text)) <= high:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not a {what} from {low:,} to {high:,}")

    return read


SHARED: Mapping[str, Mapping[str, Any]] = {
    "--quiet": {"action": "store_true", "help": "print results, warnings and errors only"},
    "--verbose": {"action": "store_true", "help": "log which files are read and how long each step takes"},
    "--set": {
        "action": "append",
        "default": [],
        "metavar": "KEY=VALUE",
        "help": "set a price, as in h100_usd=25000 (repeatable; costcheck prices lists the keys)",
    },
    "--as-of": {"metavar": "DATE", "help": "use the latest quotes not after a day, such as 2024-07-23"},
    "--book": {
        "type": some_path,
        "metavar": "FILE",
        "help": "your own price book (costcheck prices import makes one); its latest quotes replace the "
        "package's. With --as-of, the latest quote by that day wins, whichever book has it",
    },
    "--format": {"choices": ("table", "csv", "json"), "default": "table", "help": "default: table"},
    "--plot": {
        "nargs": "?",
        "type": partial(some_path, suffixes=(".svg", ".png")),
        "const": True,
        "metavar": "FILE",
        "help": "also draw it, to a .svg or .png file (it has a name by default)",
    },
    "--lang": {
        "choices": LANGUAGES,
        "default": ENGLISH,
        "help": f"language of the report's headings, verdicts and paraphrases (default: {ENGLISH})",
    },
    "--port": {
        "type": number("port", 1, 65_535),
        "metavar": "N",
        "help": "the port to listen at (default: one that is free)",
    },
    "--no-browser": {"action": "store_true", "help": "print the address, and open no browser"},
}
"""Options that several commands have."""
PRICES = ("--set", "--as-of", "--book")


def add_options(parser: Parser, *names: str) -> None:
    """Add some of the options that commands share."""
    for name in names:
        parser.add_argument(name, **SHARED[name])


def options_of(parser: Parser) -> list[str]:
    """Return the long options that a parser knows."""
    return [name for name in parser._option_string_actions if name.startswith("--")]


def parsers(wanted: str = "") -> tuple[Parser, Mapping[str, Parser]]:
    """Make the parser of the whole command, and those of its subcommands; only the one wanted is complete."""
    made = Parser(
        prog="costcheck",
        description="Recompute the figures that two articles print on the cost of Llama 3.1 405B, "
        "and report which hold.",
        epilog="Exit status: 0, also where claims are wrong; 1, something could not be executed or written; "
        "2, the command line or an input file is wrong.",
        allow_abbrev=False,
        formatter_class=_formatter,
    )
    made.add_argument("--version", action="version", version=f"costcheck {__version__}")
    add_options(made, *ANYWHERE)
    commands = made.add_subparsers(dest="command", metavar="COMMAND")
    for name, help in COMMANDS.items():
        parser = commands.add_parser(name, help=help, allow_abbrev=False, formatter_class=_formatter)
        if name == wanted:
            module = import_module(f"costcheck.cli.{name.replace(' ', '_')}")
            description, _, parser.epilog = (module.__doc__ or "").rpartition("\n\n")
            parser.description = description
            add_options(parser, *ANYWHERE, *getattr(module, "OPTIONS", ()))
            if hasattr(module, "add"):
                module.add(parser)
            parser.set_defaults(main=module.main)
    return made, commands.choices


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Lay help out as wide as argparse does, which asks for the width by a module that is slow to load."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns)
    except (ValueError, OSError):
        columns = 0
    return argparse.HelpFormatter(prog, width=(columns or 80) - 2)


def ids_and_files(words: Sequence[Path]) -> tuple[list[str], list[Path]]:
    """Tell ids of claims from files of articles: an id has no point and no slash."""
    ids = [word for word in words if not word.suffix and len(word.parts) == 1 and not word.is_file()]
    return [str(word) for word in ids], [word for word in words if word not in ids]


def chosen_prices(options: argparse.Namespace) -> PriceBook:
    """Return the price book of the day and of the reader's file that the options name."""
    from costcheck.prices import price_book

    name = log.one_line(options.book.name) if options.book else ""
    return price_book(given_day("--as-of", options.as_of), readers_quotes(options), name)


def given_prices(options: argparse.Namespace, articles: Sequence[Article]) -> PriceBook:
    """Return the price book that the options ask for; ``--set`` may name the articles' own prices."""
    book = chosen_prices(options).accepting(own_prices(articles))
    values = assignments(options.set)
    for article in articles:
        if given := next((key for key in values if key in article.given and key not in book.keys_known), ""):
            what = f"the article gives {article.given[given].printed}, and only prices can be set"
            how = f"move it to prices in the article's file, and write prices.{given} in its sums"
            raise InputError(f"--set {given}: {what}; {how}")
    return book.override(values)


def own_prices(articles: Sequence[Article]) -> list[Quote]:
    """Return the prices that articles define themselves, or refuse one that two have in different units."""
    own = [quote for article in articles for quote in article.own_quotes]
    units = {quote.key: quote.unit for quote in reversed(own)}
    for quote in own:
        if quote.unit != units[quote.key]:
            either = f"{units[quote.key]} in one article, {quote.unit} in another"
            raise InputError(f"price {quote.key}: {either}; check them one by one, or rename one")
    return own


def given_day(option: str, text: str | None) -> str | None:
    """Return the day given with an option, if any; one to come is refused."""
    from costcheck.prices.quotes import past_day

    try:
        return text and past_day(text)
    except InputError as error:
        raise InputError(f"{option} {error}") from None


def readers_quotes(options: argparse.Namespace) -> Sequence[Quote]:
    """Return the quotes of the reader's price book, if there is one."""
    if not options.book:
        return ()
    from costcheck.prices import own_file

    return own_file.quotes_of(options.book)


def assignments(given: Sequence[str]) -> dict[str, str]:
    """Split ``KEY=VALUE`` words.

    >>> assignments(["h100_usd=25000"])
    {'h100_usd': '25000'}
    """
    values: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text}: write KEY=VALUE, as in h100_usd=25000")
        if key in values:
            raise InputError(f"--set {text}: {key} is set twice")
        values[key] = value
    return values
