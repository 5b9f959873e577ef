"""The errors a user can meet, and the sentence that names the nearest valid word."""

from collections.abc import Iterable


class CostcheckError(Exception):
    """Anything costcheck tells its user instead of showing a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows, in a notebook as on the command line: the reason alone."""
        return [f"costcheck: {self}"]


class InputError(CostcheckError, ValueError):
    """A command line, a parameter or a file is wrong: what, where, and what is allowed."""


class RunError(CostcheckError):
    """Something that was asked for correctly could not be executed."""


LONGEST_NAME = 200
"""Characters of a name that is looked for; ours are far shorter."""


def unknown(what: str, given: str, allowed: Iterable[str]) -> str:
    """Say that a name is not known, and which one was probably meant.

    Args:
        what: The kind of name, such as ``"price"``.
        given: The name as given.
        allowed: The names that exist.

    Returns:
        One sentence.

    >>> unknown("price", "hl00_usd", ["h100_usd", "usd_cny"])
    "unknown price 'hl00_usd': did you mean 'h100_usd'?"
    >>> unknown("price", "h1", ["h100_usd", "usd_cny"])
    "unknown price 'h1': did you mean 'h100_usd'?"
    >>> unknown("price", "xyz", ["h100_usd", "usd_cny"])
    "unknown price 'xyz'; allowed: h100_usd, usd_cny"
    """
    import difflib

    names = sorted(allowed)
    if len(given) > LONGEST_NAME:  # it is none of them, and to find the nearest would take long
        return f"unknown {what} {given[:LONGEST_NAME]!r}...; allowed: {', '.join(names)}"
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    begun = [name for name in names if given and name.startswith(given)]
    near = near or (begun if len(begun) == 1 else [])
    if near:
        return f"unknown {what} {given!r}: did you mean {near[0]!r}?"
    return f"unknown {what} {given!r}; allowed: {', '.join(names)}"
