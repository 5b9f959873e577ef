"""The log: what a command reports on standard error, while its results go to standard output.

A note reports what was done besides; a detail, what was read and how long a step took: only ``--verbose``
shows it. ``--quiet`` leaves out both, never an error or a warning. ``--log-json`` writes an object a line.
"""

from __future__ import annotations

import contextlib
import sys
import time
import unicodedata
from collections.abc import Iterator
from types import SimpleNamespace

QUIET, USUAL, VERBOSE = 0, 1, 2
LONGEST_LINE, CUT = 4000, " [...] "
"""Characters of an error or a warning, which may quote a file; one that lists all prices has some 1,600."""
_asked = SimpleNamespace(level=USUAL, as_json=False)


def ask(level: int = USUAL, *, as_json: bool = False) -> None:
    """Choose how much is logged from now on (`QUIET`, `USUAL` or `VERBOSE`), and whether as JSON."""
    _asked.level, _asked.as_json = level, as_json


def quiet() -> bool:
    """Whether only results, warnings and errors are wanted."""
    return bool(_asked.level == QUIET)


def usual() -> bool:
    """Whether the level is the usual one and the log is text."""
    return _asked.level == USUAL and not _asked.as_json


def note(text: str) -> None:
    """Log what was done besides the results."""
    if _asked.level >= USUAL:
        _write("note", text)


def detail(text: str) -> None:
    """Log what is done on the way, for ``--verbose``."""
    if _asked.level >= VERBOSE:
        _write("detail", text)


def warning(text: str) -> None:
    """Log a problem that does not stop the command."""
    _write("warning", text)


def error(text: str, status: int) -> None:
    """Log in one line why a command ends, with its exit status."""
    _write("error", text, status=status)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Log how many seconds something took, for ``--verbose``."""
    since = time.monotonic()
    yield
    detail(f"{what}: {time.monotonic() - since:.2f} s")


def say_json(event: dict[str, object]) -> None:
    """Write an object as a line, in one piece because other threads write as well."""
    import json

    sys.stderr.write(json.dumps(event, ensure_ascii=False) + "\n")


def printable(text: str) -> str:
    r"""Write what a terminal would obey, or would turn the order of letters with, as an escape.

    >>> printable("\x1b[31mred\u202e 17亿\u3000b")
    '\\x1b[31mred\\u202e 17亿\u3000b'
    """
    if text.isprintable():
        return text
    kept = (sign == "\n" or unicodedata.category(sign) == "Zs" or sign.isprintable() for sign in text)
    return "".join(sign if keep else ascii(sign)[1:-1] for sign, keep in zip(text, kept, strict=True))


def one_line(text: str) -> str:
    r"""Write a text so that it is one line whatever it quotes, and not a very long one.

    >>> one_line("a\nb\x1b"), len(one_line("x" * 10**6)) <= LONGEST_LINE
    ('a\\nb\\x1b', True)
    """
    if len(text) > LONGEST_LINE:  # it begins with what is wrong and ends with what is allowed
        half = (LONGEST_LINE - len(CUT)) // 2
        text = f"{text[:half]}{CUT}{text[-half:]}"
    return printable(text).replace("\n", "\\n")


def _write(event: str, text: str, **more: object) -> None:
    text = printable(text) if event == "note" else one_line(text)
    if _asked.as_json:
        say_json({"event": event, "text" if event in ("note", "detail") else "error": text, **more})
    else:
        sys.stderr.write(f"costcheck: {'warning: ' * (event == 'warning')}{text}\n")
