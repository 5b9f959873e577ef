"""What the site's pages ask Python in the browser of a dropped file: the commands of the command line."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

from costcheck.claims.kinds_and_colours import Finding
from costcheck.claims.verdict import shown


def command(main: Callable[[list[str]], int], *words: str) -> dict[str, Any]:
    """Run a command; return what it prints, and what it logs without the program's name before each line."""
    printed, log = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(log):
        main(list(words))
    lines = (line.removeprefix("costcheck: ") for line in log.getvalue().splitlines())
    return {"printed": printed.getvalue(), "log": "\n".join(lines)}


def checked(main: Callable[[list[str]], int], name: str) -> dict[str, Any]:
    """Run ``costcheck check`` on a file.

    Returns:
        ``log``, and ``rows``, each with ``shown``, what was recomputed, for people; ``tone``, the colour of
        its verdict; and ``counted``, what it is after a number of claims.
    """
    done = command(main, "check", name, "--format", "json")
    rows = json.loads(done["printed"] or "[]")
    for row in rows:
        look = Finding.read(row["arithmetic"]).look
        row |= {"shown": shown(row["recomputed"], row["unit"]), "tone": look.tone, "counted": look.counted}
    return {"log": done["log"], "rows": rows}
