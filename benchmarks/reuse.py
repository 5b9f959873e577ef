"""A second run of the same scenarios, in which nothing is executed again."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.batch import NOTEBOOKS, write_scenarios
from benchmarks.measure import ROOT, BenchmarkError, environment, goal, measure, median, progress

ROUNDS = 5
JOBS = 100


def measured(rounds: int) -> dict[str, Any]:
    """Run scenarios, and run them again."""
    with tempfile.TemporaryDirectory(prefix="costcheck-") as scratch:
        folder = Path(scratch)
        log, env, file = folder / "log", environment(folder), folder / "scenarios.csv"
        write_scenarios(file, JOBS // len(NOTEBOOKS))
        options = ["--scenarios", str(file), "--out", str(folder / "out"), "--log-json"]
        command = [str(peers.SCRIPTS / "costcheck"), "run", *NOTEBOOKS, *options]
        first = measure(command, env, log, cwd=folder)
        progress(f"  first run: {first.wall:.2f} s")
        again = []
        for _ in range(rounds + 1):
            again.append(measure(command, env, log, cwd=folder, peak_root=True))
            summary = json.loads(log.read_text().splitlines()[-1])
            if (summary["executed"], summary["reused"]) != (0, JOBS):
                raise BenchmarkError(f"a second run of the same has executed something: {summary}")
        parts = [_parts(folder, env, options) for _ in range(rounds)]
    wall = median(again[1:], "wall")
    medians = {part: statistics.median(each[part] for each in parts) for part in parts[0]}
    whole = sum(medians.values())
    return {
        "jobs": JOBS,
        "runs": [
            {"run": "first", "seconds": first.wall, "CPU seconds": first.cpu},
            {"run": "second, all reused", "seconds": wall, "CPU seconds": median(again[1:], "cpu")},
        ],
        "peak_mib": median(again[1:], "peak_root"),
        "parts": [
            {"CPU time of the second run": part, "of all": seconds / whole, "ms": 1000 * seconds}
            for part, seconds in medians.items()
        ],
        "goals": [goal(f"seconds for {JOBS} reused jobs", wall, at_most=0.5)],
    }


def _parts(folder: Path, env: Mapping[str, str], options: Sequence[str]) -> dict[str, float]:
    """Run it once more, and return what each part of it takes [CPU second]."""
    program, result = ROOT / "benchmarks" / "profiled_reuse.py", folder / "parts.json"
    command = [sys.executable, "-P", str(program), str(result), *NOTEBOOKS, *options]
    measure(command, env, folder / "log", cwd=folder)
    return dict(json.loads(result.read_text()))
