"""Where the CPU time of ``costcheck run`` goes, and what the forked floor takes for the same jobs.

The program of `profiled_run` tells processes and threads apart.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.batch import NOTEBOOKS, SCENARIOS, prepare
from benchmarks.measure import ROOT, environment, measure, progress

ROUNDS = 3


def measured(rounds: int) -> dict[str, Any]:
    """Run both in turns."""
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="costcheck-") as scratch:
        folder = Path(scratch)
        work, env = prepare(folder / "jobs", SCENARIOS), environment(folder)
        out, result, log = folder / "out", folder / "result.json", folder / "log"
        program = [sys.executable, "-P", str(ROOT / "benchmarks" / "profiled_run.py"), str(work.scenarios)]
        for number in range(rounds + 1):
            measure([*program, *NOTEBOOKS, str(out), str(result)], env, log, cwd=folder)
            seconds = json.loads(result.read_text())
            shutil.rmtree(out)
            out.mkdir()
            measure(peers.WAYS[peers.FORKED].command(work, out), env, log, cwd=folder)
            seconds["floor"] = float(log.read_text().split()[-1]) / len(work.jobs())
            shutil.rmtree(out)
            progress(f"  round {number} of {rounds}: {seconds['wall']:.2f} s a notebook")
            for what, each in seconds.items() if number else ():
                taken.setdefault(what, []).append(each)
    medians = {what: statistics.median(each) for what, each in taken.items()}
    of_job, once = (
        {what.removeprefix(kind): each for what, each in medians.items() if what.startswith(kind)}
        for kind in ("job: ", "once: ")
    )
    whole = sum(of_job.values())
    lines = of_job | {"all": whole, peers.FORKED: medians["floor"]}
    return {
        "a_job": [
            {"CPU time of a notebook": what, "of all": each / whole, "ms": 1000 * each}
            for what, each in lines.items()
        ],
        "once": [{"CPU time once a run": what, "ms": 1000 * each} for what, each in once.items()],
        "cores_busy": whole / medians["wall"] / peers.CORES,
    }
