"""How many mutants the tests kill, a module: ``mutmut run``, and then ``python -m tools.mutation``.

mutmut writes the code anew with one small change at a time (a sign, a border, a number, an argument left
out) and runs the tests that call it; a mutant that no test notices survives. Names of mutants, as
``"costcheck.formulas.*"``, may follow ``mutmut run``; ``mutmut show NAME`` prints one. With ``--survivors``
those that survived are named too.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

FOUND = Path("mutants/src/costcheck")
KINDS = {0: "survived", 1: "killed", 3: "killed", 24: "timed out", -24: "timed out", 36: "timed out"}
"""What an exit status of pytest, or of the process under its limit of time, says of a mutant."""


def main() -> None:
    """Print a row a module and the sum."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--survivors", action="store_true", help="name those that no test notices")
    named = options.parse_args().survivors
    every: Counter[str] = Counter()
    survivors: list[str] = []
    print("| module | mutants | killed | timed out | survived | not tried | killed of those tried |")
    print("|---|---|---|---|---|---|---|")
    for path in sorted(FOUND.rglob("*.py.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        counted = Counter(
            "not tried" if code is None else KINDS.get(code, "other") for code in codes.values()
        )
        survivors += [name for name, code in codes.items() if code == 0]
        if codes:
            print(row(str(path.relative_to(FOUND)).removesuffix(".py.meta"), counted))
        every += counted
    print(row("all", every))
    if named:
        print(*survivors, sep="\n")


def row(name: str, counted: Counter[str]) -> str:
    """Write a row of the table; a mutant that never ends is noticed too."""
    mutants = counted.total()
    tried = mutants - counted["not tried"]
    noticed = tried - counted["survived"]
    cells = (counted[kind] for kind in ("killed", "timed out", "survived", "not tried"))
    share = f"{noticed / tried:.1%}" if tried else ""
    return f"| {' | '.join([name, str(mutants), *map(str, cells), share])} |"


if __name__ == "__main__":
    main()
