"""The errors a user can meet, and the sentence that names the nearest valid word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST_PROBLEMS = 50
LONGEST_NAME = 200
"""Characters of a name that is compared with the known ones, which are far shorter."""


class CostcheckError(Exception):
    """Anything costcheck tells its user instead of showing a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows, in a notebook as on the command line: the reason alone."""
        return [f"costcheck: {self}"]


class InputError(CostcheckError, ValueError):
    """A command line, a parameter or a file is wrong: what, where, and the names that would do instead.

    >>> error = InputError("-1 is below 0", where="h100_usd")
    >>> str(error), error.reason
    ('h100_usd: -1 is below 0', '-1 is below 0')
    """

    given = ""
    """The unknown name, where one is."""

    def __init__(
        self, what: object = "", *, where: str = "", allowed: Sequence[str] = (), nearest: str | None = None
    ) -> None:
        self.what, self.where, self.allowed, self.nearest = str(what), where, tuple(allowed), nearest
        super().__init__(self.what)

    @property
    def reason(self) -> str:
        """The message without the place."""
        if self.nearest is not None:
            return f"{self.what}: did you mean {self.nearest!r}?"
        return f"{self.what}; allowed: {', '.join(self.allowed)}" if self.allowed else self.what

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason

    def placed(self, where: str) -> InputError:
        """Return the same error at another place.

        >>> str(InputError("-1 is below 0", where="h100_usd").placed("my.csv, line 2"))
        'my.csv, line 2: -1 is below 0'
        """
        return InputError(self.what, where=where, allowed=self.allowed, nearest=self.nearest)


class RunError(CostcheckError):
    """Something that was asked for correctly could not be executed."""


def unknown(kind: str, given: str, allowed: Iterable[str], where: str = "") -> InputError:
    """Return the error for a name of some kind that does not exist; it names the nearest one that does.

    >>> str(unknown("price", "hl00_usd", ["h100_usd", "usd_cny"]))
    "unknown price 'hl00_usd': did you mean 'h100_usd'?"
    >>> str(unknown("price", "xyz", ["h100_usd", "usd_cny"], "my.csv, line 1"))
    "my.csv, line 1: unknown price 'xyz'; allowed: h100_usd, usd_cny"
    """
    import difflib

    names = sorted(allowed)
    if len(given) > LONGEST_NAME:  # it is none of them, and to find the nearest would take long
        return InputError(f"unknown {kind} {given[:LONGEST_NAME]!r}...", where=where, allowed=names)
    same = [name for name in names if name.casefold() == given.casefold()]
    close = same or difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    begun = [name for name in names if given and name.startswith(given)]
    nearest = next(iter(close or (begun if len(begun) == 1 else [])), None)
    error = InputError(f"unknown {kind} {given!r}", where=where, allowed=names, nearest=nearest)
    error.given = given
    return error


class SeveralErrors(InputError):  # noqa: N818 - it is several
    """Several things are wrong with a file: a line for each."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


def together(errors: Sequence[InputError], most: int = MOST_PROBLEMS) -> InputError:
    """Return several errors as one, up to a number of them.

    >>> print(together([InputError("one"), InputError("two"), InputError("three")], most=2))
    3 problems
    one
    two
    and 1 more
    """
    if len(errors) == 1:
        return errors[0]
    more = [f"and {len(errors) - most} more"] if len(errors) > most else []
    return SeveralErrors([f"{len(errors)} problems", *map(str, errors[:most]), *more])
