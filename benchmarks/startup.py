"""How long a first answer takes, beside ``import pandas``: each in a fresh interpreter, in turns."""

from __future__ import annotations

import statistics
import subprocess
import sys
from functools import partial
from typing import Any

from benchmarks.measure import alternating, goal, ratio

ROUNDS = 15
PANDAS = "import pandas"
CASES = {
    "an interpreter that does nothing": ["-c", "pass"],
    PANDAS: ["-c", PANDAS],
    "import costcheck": ["-c", "import costcheck"],
    "costcheck --help": ["-m", "costcheck", "--help"],
    "costcheck check": ["-m", "costcheck", "check"],
    "costcheck check --format csv": ["-m", "costcheck", "check", "--format", "csv"],
}
GOALS = {"import costcheck": 0.03, "costcheck --help": 0.08, "costcheck check": 0.45}


def measured(rounds: int) -> dict[str, Any]:
    """Time all of them."""
    seconds = alternating(rounds, {name: partial(_start, arguments) for name, arguments in CASES.items()})
    of_pandas = {name: ratio(each, seconds[PANDAS]) for name, each in seconds.items()}
    rows = [
        {"start": name, f"of {PANDAS}": of_pandas[name], "ms": 1000 * statistics.median(each)}
        for name, each in seconds.items()
    ]
    goals = [goal(f"{name}, of {PANDAS}", of_pandas[name], at_most=most) for name, most in GOALS.items()]
    return {"starts": rows, "goals": goals}


def _start(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
