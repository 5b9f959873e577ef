"""The command ``costcheck``: a module a subcommand; what they share is in `options` and `output`."""

import os
import sys

# An interrupt during these imports ends in Python's own traceback, so there are as few as possible: neither
# typing nor __future__.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

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
        options = _parsed(given)
        if options is None:
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


def _parsed(given: list[str]) -> "argparse.Namespace | None":
    """Return what a command line asks for; none where that is help or the version, which is printed."""
    from costcheck.cli.options import COMMANDS, elsewhere, options_of, overview, parser_of, with_set
    from costcheck.errors import InputError, unknown

    if given[:1] == ["help"] and given[1:]:
        given = [*given[1:], "--help"]
    at = next((place for place, word in enumerate(given) if word in COMMANDS), len(given))
    before, words = given[:at], given[at:]  # options may stand before the command
    if not given or (given[0] in ("-h", "--help", "help") and not words):
        print(overview())
        return None
    if given[0] == "--version":
        from costcheck import __version__

        print(f"costcheck {__version__}")
        return None
    named = [word for word in before if not word.startswith("-") and "=" not in word]
    if named and (not words or named[0] == given[0]):
        raise unknown("command", named[0], COMMANDS)
    if not words:
        raise unknown("option", given[0], ("--help", "--version"), "without a command")
    name = " ".join(words[:2])
    name = name if name in COMMANDS else words[0]
    parser = parser_of(name)
    words = with_set(parser, [*before, *words[len(name.split()) :]])
    options, rest = parser.parse_known_intermixed_args(words)
    for option in (word.partition("=")[0] for word in rest if word.startswith("-")):
        word = option.lstrip("-")
        price = None if os.path.exists(word) else elsewhere(word)
        raise price or unknown("option", option, options_of(parser))
    if rest:
        raise InputError(f"unexpected argument {rest[0]!r}; see {parser.prog} --help")
    options.command = name
    return options
