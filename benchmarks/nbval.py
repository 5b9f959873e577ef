"""The notebooks under plain nbval, and as ``make test`` tests them: in processes, on warm kernels."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, Cost, environment, goal, interleaved, measure, median, ratio, walls

ROUNDS = 3


def measured(rounds: int) -> dict[str, Any]:
    """Test the notebooks by both commands."""
    line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "--nbval" in line)
    python = shlex.quote(sys.executable)
    ours = line.strip().lstrip("@").replace("$(RUN)", f"{python} -m")
    plain = f"{python} -m pytest --nbval --nbval-current-env -p no:cacheprovider notebooks"
    commands = {"pytest --nbval": plain, "make test": ours}
    with tempfile.TemporaryDirectory(prefix="costcheck-") as scratch:
        costs = interleaved(rounds, {name: partial(_run, commands[name], Path(scratch)) for name in commands})
        parts = _parts(ours.replace("-n 3 --dist loadscope", ""), Path(scratch))
    timed = {name: walls(each[1:]) for name, each in costs.items()}
    rows = [
        {
            "command": name,
            "time / make test's": ratio(timed[name], timed["make test"]),
            "seconds": median(each[1:], "wall"),
            "CPU seconds": median(each[1:], "cpu"),
            "peak MiB": each[0].peak,
        }
        for name, each in costs.items()
    ]
    times = ratio(timed["pytest --nbval"], timed["make test"])
    return {
        "commands": rows,
        "parts": parts,
        "goals": [goal("times as fast as plain pytest --nbval", times, at_least=3)],
    }


def _run(command: str, folder: Path, first: bool) -> Cost:
    return measure(["/bin/sh", "-ec", command], environment(folder), folder / "log", cwd=ROOT, peak=first)


def _parts(command: str, folder: Path) -> list[dict[str, Any]]:
    """Run the second command in one process, and return where its time goes."""
    whole = _run(f"{command} --durations=0 --durations-min=0", folder, first=False).wall
    lines = re.findall(r"^([\d.]+)s (setup|call|teardown) ", (folder / "log").read_text(), re.MULTILINE)
    names = {"setup": "kernels start", "call": "cells run and are compared", "teardown": "kernels end"}
    seconds = {name: sum(float(each) for each, of in lines if of == part) for part, name in names.items()}
    seconds["pytest starts, collects and ends"] = whole - sum(seconds.values())
    return [
        {"in one process": part, "of all": each / whole, "seconds": each} for part, each in seconds.items()
    ]
