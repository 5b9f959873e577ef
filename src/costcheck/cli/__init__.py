"""The command ``costcheck``: a module a subcommand; what they share is in `options` and `output`."""

import os
import sys

# An interrupt during these imports ends in Python's own traceback, so there are as few as possible: neither
# typing nor __future__.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from costcheck.cli.options import Parser

__all__ = ["DONE", "INTERRUPTED", "NOT_EXECUTED", "WRONG_INPUT", "main"]

DONE, NOT_EXECUTED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run a command line without the program's name, that of the process by default; return its exit status.

    That is 0 where all was done, also where the reader of the output has gone; 1 where something could not be
    executed or written; 2 where the command line or a file is wrong; 128 and the number of a signal.
    """
    if arguments is not None:
        return _run(list(arguments))
    try:
        from costcheck.cli import process
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    return process.run(_run)


def _run(given: list[str]) -> int:
    from costcheck.text import log

    log.ask(as_json="--log-json" in given)
    try:
        return _logged(given)
    finally:
        log.ask()


def _logged(given: list[str]) -> int:
    """Run a command line, and log what went wrong."""
    from costcheck.errors import InputError, RunError, SeveralErrors
    from costcheck.text import log

    try:
        parser, options = _parsed(given)
        if options.command is None:
            parser.print_help()
            return DONE
        as_json = getattr(options, "log_json", False)
        if options.quiet and (options.verbose or as_json):
            other = "--verbose" if options.verbose else "--log-json"
            raise InputError(f"--quiet and {other} do not go together")
        log.ask(
            log.QUIET if options.quiet else log.VERBOSE if options.verbose else log.USUAL, as_json=as_json
        )
        with log.step(options.command):
            status: int = options.main(options)
        return status
    except SeveralErrors as error:
        for line in error.lines:
            log.error(line, WRONG_INPUT)
        return WRONG_INPUT
    except InputError as error:
        message, status = str(error), WRONG_INPUT
    except RunError as error:
        message, status = str(error), NOT_EXECUTED
    except KeyboardInterrupt as interrupt:
        import signal

        from costcheck.cli import process

        number = process.received() or signal.SIGINT
        by = "" if number == signal.SIGINT else f" ({signal.Signals(number).name})"
        message, status = f"stopped{by}" + f"; {interrupt}" * bool(str(interrupt)), process.STATUS + number
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the terminal shows ^C
    except ModuleNotFoundError as error:
        if not (extra := _extra(error.name or "")):
            raise
        message, status = f"this needs more packages: pip install 'costcheck[{extra}]'", WRONG_INPUT
    except MemoryError:
        message, status = "not enough memory", NOT_EXECUTED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        message, status = f"{where}{error.strerror or error}", NOT_EXECUTED
    log.error(message, status)
    return status


def _extra(module: str) -> str | None:
    """Return the smallest extra of costcheck that brings a module, if any does."""
    from importlib.metadata import PackageNotFoundError, requires

    package = module.partition(".")[0].lower().replace("_", "-")
    try:
        lines = requires("costcheck") or []
    except PackageNotFoundError:  # a copy of src/ on Python's path
        return None
    packages: dict[str, list[str]] = {}
    for line in lines:  # such as jupyter-client>=8.6; extra == 'notebooks'
        name, _, extra = line.partition("; extra == ")
        packages.setdefault(extra.strip("'\""), []).append(name.partition(">")[0])
    extras = [extra for extra, names in packages.items() if extra and package in names]
    return min(extras, key=lambda extra: len(packages[extra]), default=None)


def _parsed(given: list[str]) -> "tuple[Parser, argparse.Namespace]":
    """Return the parser of the whole command, and what a command line asks for."""
    from itertools import takewhile

    from costcheck.cli.options import ANYWHERE, COMMANDS, options_of, parsers
    from costcheck.errors import InputError, unknown

    before = list(takewhile(ANYWHERE.__contains__, given))
    words = given[len(before) :]
    if " ".join(words[:2]) in COMMANDS:  # a command of two words
        words[:2] = [" ".join(words[:2])]
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        raise unknown("command", words[0], COMMANDS)
    made, commands = parsers(next((word for word in words if not word.startswith("-")), ""))
    options, rest = made.parse_known_args([*words[:1], *before, *words[1:]])
    if rest:
        command = commands.get(options.command, made)
        for option in (word.partition("=")[0] for word in rest if word.startswith("-")):
            if option in (known := options_of(command)):
                raise InputError(f"{option} goes after the command: {command.prog} {option}")
            raise unknown("option", option, known)
        raise InputError(f"unexpected argument {rest[0]!r}; see {command.prog} --help")
    return made, options
