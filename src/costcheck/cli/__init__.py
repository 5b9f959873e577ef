"""The command ``costcheck``: a module a subcommand, what they share in `options` and `show`."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import sys
from collections.abc import Sequence

from costcheck import notes
from costcheck.cli.options import SAID, Parser, asked_level, options_of, parser
from costcheck.errors import InputError, RunError, unknown

__all__ = ["DONE", "INTERRUPTED", "NOT_EXECUTED", "WRONG_INPUT", "main"]

DONE, NOT_EXECUTED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def _parser() -> tuple[Parser, dict[str, Parser]]:
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

    made, commands = parser()
    for command in (
        *(run, check, report, lab, app, new, sensitivity, compare),
        *(prices, prices_import, formulas, cache),
    ):
        command.add(commands)
    return made, commands.choices


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; that of the process by default.

    Returns:
        The exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # pydantic would read the metadata of every installed package, looking for plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # what the terminal's encoding lacks is escaped, and no error
            stream.reconfigure(errors="backslashreplace")
    notes.ask(as_json="--log-json" in given)
    try:
        made, commands = _parser()
        before = list(itertools.takewhile(SAID.__contains__, given))
        del given[: len(before)]
        if " ".join(given[:2]) in commands:  # a command of two words
            given[:2] = [" ".join(given[:2])]
        if given and not given[0].startswith("-") and given[0] not in commands:
            raise InputError(unknown("command", given[0], commands))
        given[1:1] = before
        options, rest = made.parse_known_args(given)
        if rest:
            raise InputError(_left_over(rest, commands.get(options.command, made)))
        if options.command is None:
            made.print_help()
            return DONE
        notes.ask(asked_level(options), as_json=getattr(options, "log_json", False))
        with notes.step(options.command):
            status: int = options.main(options)
        sys.stdout.flush()
        return status
    except InputError as error:
        notes.error(str(error), WRONG_INPUT)
        return WRONG_INPUT
    except RunError as error:
        notes.error(str(error), NOT_EXECUTED)
        return NOT_EXECUTED
    except KeyboardInterrupt as stopped:
        kept = f"; {stopped}" if str(stopped) else ""
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the terminal shows ^C
        notes.error(f"stopped{kept}", INTERRUPTED)
        if arguments is None:
            # at once: Python would wait for threads, and kernels end when their owner has
            with contextlib.suppress(OSError):
                sys.stdout.flush()
            os._exit(INTERRUPTED)
        return INTERRUPTED
    except BrokenPipeError:
        _close()  # whoever read our output has gone
        return DONE
    except OSError as error:
        _close()
        notes.error(f"{error.filename or 'standard output'}: {error.strerror}", NOT_EXECUTED)
        return NOT_EXECUTED
    finally:
        notes.ask()


def _close() -> None:
    """Write no more; Python would complain once again while closing it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _left_over(rest: Sequence[str], of: Parser) -> str:
    """Say what is wrong with words of the command line that nothing took."""
    for word in rest:
        if word.startswith("-"):
            return unknown("option", word.partition("=")[0], options_of(of))
    return f"{rest[0]!r} is one word too many, or stands behind an option; see {of.prog} --help"
