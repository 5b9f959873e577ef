"""Measure how fast everything is, write results.json, and fill the documents with what came of it.

Each section is a module here, with ``ROUNDS`` and ``measured(rounds)``, which returns numbers and tables
(lists of rows). They are kept in results.json with what they were measured on. A section is replaced as soon
as it is measured; one that fails keeps what it had. Times depend on the machine: read ratios, which are
medians of each round's own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import platform
import subprocess
import sys
import time
import traceback
from importlib.metadata import version
from typing import Any

from benchmarks import tables
from benchmarks.measure import ROOT, BenchmarkError, adopt_orphans, progress

SECTIONS = (
    "startup", "kernel_start", "sweep", "reuse", "redraw", "nbval", "cpu", "growth", "batch"
)  # fmt: skip
LONG = ("growth_10000",)
"""Measured only when asked for."""
PACKAGES = (
    "ipykernel", "jupyter-client", "matplotlib", "nbclient", "nbval", "numpy", "pandas", "papermill",
    "playwright", "pyzmq",
)  # fmt: skip
MEASURED = ("src", "data", "notebooks", "requirements.lock", "pyproject.toml", "benchmarks/*.py")


def main() -> int:
    """Measure the sections asked for; the status is 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    every = ", ".join(SECTIONS + LONG)
    parser.add_argument(
        "--only", help=f"sections, separated by commas, of: {every} (default: all but the last)"
    )
    parser.add_argument("--rounds", type=int, help="how often each is timed (default: the section's own)")
    parser.add_argument("--quick", action="store_true", help="a round of batch, small, that writes nothing")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(SECTIONS)
    for name in names:
        if name not in SECTIONS + LONG:
            parser.error(f"--only: no section {name!r}; there are {every}")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds: at least 1")
    adopt_orphans()
    subprocess.run([sys.executable, "-m", "compileall", "-q", "src", "benchmarks"], cwd=ROOT, check=True)
    if options.quick:
        return _quick()
    commit = _git("rev-parse", "--short=12", "HEAD")
    of = {"commit": commit, "dirty": bool(_git("status", "--porcelain", "--", *MEASURED))}
    failed = []
    for number, name in enumerate(names, 1):
        progress(f"{number} of {len(names)}: {name}")
        try:
            _replace(name, _measure(name, options.rounds, of))
        except BenchmarkError as error:
            failed.append(name)
            progress(f"{name} FAILED: {error}")
        except Exception:
            failed.append(name)
            progress(f"{name} FAILED:\n{traceback.format_exc()}")
        except KeyboardInterrupt:
            progress(f"stopped in {name}; what was measured before is kept")
            return 130
    if failed:
        progress(f"not measured, and what results.json had of them is kept: {', '.join(failed)}")
    return int(bool(failed))


def _measure(name: str, rounds: int | None, of: dict[str, Any]) -> dict[str, Any]:
    """Measure a section; return its numbers beside what they were measured on."""
    section = importlib.import_module(f"benchmarks.{name}")
    rounds = rounds or section.ROUNDS
    load, since = os.getloadavg()[0], time.monotonic()
    numbers = section.measured(rounds)
    about = {
        **of,
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(load, 2),
        "rounds": rounds,
        "seconds": round(time.monotonic() - since, 1),
    }
    for row in numbers.get("goals", ()):
        progress(f"  {row['goal']}: {row['measured']:.3g}, goal {row['bound']}, met: {row['met']}")
    return {"measured": about, **numbers}


def _replace(name: str, section: dict[str, Any]) -> None:
    """Put a section in its place in results.json, and fill the documents."""
    results = tables.read() | {name: _rounded(section)}
    tables.publish({each: results[each] for each in SECTIONS + LONG if each in results})


def _rounded(value: Any) -> Any:
    """Keep four digits that count: a machine gives no more."""
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _quick() -> int:
    """Print how fast a run is beside the fastest peer, and hold the two to the same results."""
    from benchmarks import batch, peers

    try:
        few = batch.measured(1, 2, (peers.NBCLIENT, peers.COSTCHECK, peers.FORKED))
    except BenchmarkError as error:
        progress(f"FAILED: {error}")
        return 1
    print(f"one round of {few['jobs']} jobs, time / that of {peers.COSTCHECK}, the same results:")
    for row in few["ways"]:
        print(f"  {row['way']}: {row['time / costcheck run']:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
