"""The command ``costcheck``: a module a subcommand, what they share in `options` and `show`."""

import os
import sys

# An interrupt while something is imported here ends in Python's own traceback: so nothing is that is not
# loaded anyway, neither typing nor __future__.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from costcheck.cli.options import Parser

__all__ = ["DONE", "INTERRUPTED", "NOT_EXECUTED", "WRONG_INPUT", "main"]

DONE, NOT_EXECUTED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; that of the process by default.

    Returns:
        The exit status: 0 where all was done, also where whoever read the output has gone; 1 where something
        could not be executed or written, 2 where the command line or a file is wrong, 128 and a signal's
        number where one has ended it.
    """
    if arguments is not None:
        return _run(list(arguments))
    try:
        from costcheck.cli import process
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    return process.run(_run)


def _parser() -> "tuple[Parser, dict[str, Parser]]":
    from costcheck.cli import (
        app,
        cache,
        check,
        compare,
        formulas,
        lab,
        new,
        prices,
        prices_import,
        report,
        run,
        sensitivity,
    )
    from costcheck.cli.options import parser

    made, commands = parser()
    for command in (
        *(run, check, report, lab, app, new, sensitivity, compare),
        *(prices, prices_import, formulas, cache),
    ):
        command.add(commands)
    return made, commands.choices


def _run(given: list[str]) -> int:
    """Do what a command line asks for, and say what went wrong."""
    import itertools

    from costcheck.cli.options import SAID, asked_level
    from costcheck.errors import InputError, RunError, unknown
    from costcheck.text import log

    # pydantic would read the metadata of every installed package, looking for plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    log.ask(as_json="--log-json" in given)
    try:
        made, commands = _parser()
        before = list(itertools.takewhile(SAID.__contains__, given))
        del given[: len(before)]
        if " ".join(given[:2]) in commands:  # a command of two words
            given[:2] = [" ".join(given[:2])]
        if given and not given[0].startswith("-") and given[0] not in commands:
            raise unknown("command", given[0], commands)
        given[1:1] = before
        options, rest = made.parse_known_args(given)
        if rest:
            raise InputError(_left_over(rest, commands.get(options.command, made)))
        if options.command is None:
            made.print_help()
            return DONE
        log.ask(asked_level(options), as_json=getattr(options, "log_json", False))
        with log.step(options.command):
            status: int = options.main(options)
        return status
    except InputError as error:
        log.error(str(error), WRONG_INPUT)
        return WRONG_INPUT
    except RunError as error:
        log.error(str(error), NOT_EXECUTED)
        return NOT_EXECUTED
    except KeyboardInterrupt as stopped:
        import signal

        from costcheck.cli import process

        by = process.told() or signal.SIGINT
        named = "" if by == signal.SIGINT else f" ({signal.Signals(by).name})"
        kept = f"; {stopped}" if str(stopped) else ""
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the terminal shows ^C
        log.error(f"stopped{named}{kept}", process.STATUS + by)
        return process.STATUS + by
    except (MemoryError, ImportError, SystemError) as error:
        if not _is_of_memory(error):
            raise
        log.error("not enough memory", NOT_EXECUTED)
        return NOT_EXECUTED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        log.error(f"{where}{error.strerror or error}", NOT_EXECUTED)
        return NOT_EXECUTED
    finally:
        log.ask()


def _is_of_memory(error: BaseException) -> bool:
    """Say whether it was for lack of memory: a library that cannot be loaded, or that forgets to say why."""
    if isinstance(error, SystemError):
        return _has_a_limit()
    said = "".join(str(each) for each in (error, error.__cause__, error.__context__))
    return isinstance(error, MemoryError) or "map segment" in said or "allocate memory" in said


def _has_a_limit() -> bool:
    try:
        import resource
    except ImportError:  # Windows has none
        return False
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_DATA)
    return any(resource.getrlimit(kind)[0] != resource.RLIM_INFINITY for kind in kinds)


def _left_over(rest: "Sequence[str]", of: "Parser") -> str:
    """Say what is wrong with words of the command line that nothing took."""
    from costcheck.cli.options import options_of
    from costcheck.errors import unknown

    for word in rest:
        if word.startswith("-"):
            return str(unknown("option", word.partition("=")[0], options_of(of)))
    return f"{rest[0]!r} is one word too many, or stands behind an option; see {of.prog} --help"
