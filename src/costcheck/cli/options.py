"""What the subcommands share of the command line: the parser, its options, and the reader's prices."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module

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
    "run": "execute the notebooks: figures, results and the report",
    "check": "the same verdicts at once, of these articles or of yours",
    "read": "what follows in an article's text, and what does not add up; a draft of its claims",
    "app": "the calculator in your browser: move a price, see what still holds",
    "lab": "open the notebooks in JupyterLab",
    "report": "the report of a run as one page to send",
    "site": "report, notebooks, calculator and check as pages for any web server",
    "sensitivity": "which price moves a figure most, and where its verdict flips",
    "compare": "what changed between results",
    "prices": "the price book",
    "prices import": "quotes from a public price feed into your own book",
    "new": "begin a file for an article of yours",
    "formulas": "the formulas a claim can call, with arguments and units",
    "cache": "show or prune what earlier runs executed",
    "completion": "make your shell complete commands and options",
}
"""Each is a module, whose docstring is its own help."""
FIRST = ("run", "check", "read", "app", "lab")
"""Those that a newcomer needs; `overview` has the others below them."""


ARTICLES = (".yaml", ".yml")
"""How the name of an article's file ends."""


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


def key_and_value(text: str) -> str:
    """Let a word through that is of the form ``KEY=VALUE``."""
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text}: write KEY=VALUE, as in h100_usd=25000")
    return text


SHARED: Mapping[str, Mapping[str, Any]] = {
    "--quiet": {"action": "store_true", "help": "print results, warnings and errors only"},
    "--verbose": {"action": "store_true", "help": "log which files are read and how long each step takes"},
    "--set": {
        "action": "append",
        "default": [],
        "type": key_and_value,
        "metavar": "KEY=VALUE",
        "help": "set a price; h100_usd=25000 alone does so too (repeatable; costcheck prices lists the keys)",
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
    "--open": {"action": "store_true", "help": "open the report in your browser"},
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


def overview() -> str:
    """Return what ``costcheck`` prints without a command: what it is, and its commands."""
    lines = {name: f"  {name:<15}{what}" for name, what in COMMANDS.items()}
    return "\n".join(
        [
            "usage: costcheck COMMAND ...",
            "\nRecompute the figures that articles print on the cost of LLMs, and report which hold.\n",
            *(line for name, line in lines.items() if name in FIRST),
            "\nmore:",
            *(line for name, line in lines.items() if name not in FIRST),
            "\nExample: costcheck check Z51 --set h100_usd=25000",
            "costcheck COMMAND --help describes a command, and has an example of it.",
            "\nExit status: 0, also where claims are wrong; 1, something could not be executed or written;",
            "2, the command line or an input file is wrong.",
        ]
    )


def parser_of(name: str) -> Parser:
    """Make the parser of a command."""
    return fill(Parser(f"costcheck {name}", allow_abbrev=False, formatter_class=_formatter), name)


def fill(parser: Parser, name: str) -> Parser:
    """Add a command's description and options to a parser."""
    module = import_module(f"costcheck.cli.{name.replace(' ', '_')}")
    parser.description, _, parser.epilog = (module.__doc__ or "").rpartition("\n\n")
    add_options(parser, "--quiet", "--verbose", *getattr(module, "OPTIONS", ()))
    if hasattr(module, "add"):
        module.add(parser)
    parser.set_defaults(main=module.main)
    return parser


def with_set(parser: Parser, words: Sequence[str]) -> list[str]:
    """Put ``--set`` before each price that stands alone, as in ``check h100_usd=25000``.

    >>> with_set(parser_of("check"), ["Z51", "pue=1.2", "--set", "gpus=8", "usd_cny=7"])
    ['Z51', '--set', 'pue=1.2', '--set', 'gpus=8', '--set', 'usd_cny=7']
    """
    options, made = parser._option_string_actions, [""]
    for word in words if "--set" in options else ():
        key, equals, _ = word.partition("=")
        value = made[-1] in options and options[made[-1]].nargs != 0
        price = equals and key.isidentifier() and not value and not os.path.exists(word)
        made += ["--set", word] if price else [word]
    return made[1:] or list(words)


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
    files = [word for word in words if word not in ids]
    for file in files:
        if file.suffix.lower() not in ARTICLES and (error := elsewhere(file)):
            raise error
    return list(map(str, ids)), files


def elsewhere(word: str | Path) -> InputError | None:
    """Return the error that says what takes a word given in the wrong place: a claim, a price, a file."""
    from costcheck.claims import articles
    from costcheck.data.tables import home
    from costcheck.prices.quotes import price_keys

    name = str(word)
    if any(claim.id == name for article in articles() for claim in article.claims):
        return InputError(f"{name} is a claim: costcheck check {name} has its verdict")
    if name in price_keys():
        return InputError(f"{name} is a price: costcheck prices {name} has its quotes, {name}=... sets it")
    if name.endswith(".ipynb") or (home("notebooks") / f"{name}.ipynb").is_file():
        return InputError(f"{name} is a notebook: costcheck run {name} executes it")
    if os.path.isdir(name):
        return InputError(f"{name}: a folder; name a file")
    if os.path.isfile(name) or name.startswith(("http:", "https:")):
        return InputError(f"{name}: no article file (.yaml); costcheck read drafts one from a text")
    return None


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
        return None if text is None else past_day(text)
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
        key, _, value = text.partition("=")
        if key in values:
            raise InputError(f"--set {text}: {key} is set twice")
        values[key] = value
    return values
