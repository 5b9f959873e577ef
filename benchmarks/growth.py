"""A thousand notebooks beside twenty: their rate, what the runner has open as they go on, what stays behind.

All notebooks at sets of random prices within each key's bounds. The results of each scenario must be those of
``costcheck check`` at its prices, byte for byte.
"""

from __future__ import annotations

import csv
import json
import math
import os
import random
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks import peers
from benchmarks.measure import MIB, BenchmarkError, Family, environment, goal, measure, median, progress
from costcheck.batch.runner import templates
from costcheck.claims import articles, verdicts
from costcheck.claims.checks import notebook_names
from costcheck.claims.verdict import results_csv
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys

ROUNDS = 5
FEW, MANY = 20, 1000
SAMPLES = 100
WIDE = 100
"""A price whose bounds are that many times apart is drawn evenly among orders of magnitude."""
FLAT = 1.05
RATIO = "last / second"
SERVER = "warmkernels.server"


def measured(rounds: int, jobs: int = MANY, notebooks: Sequence[str] = ()) -> dict[str, Any]:
    """Run few jobs several times, and many once, of some notebooks or of all."""
    chosen = notebooks or notebook_names()
    few = [Run(FEW, chosen) for _ in range(rounds + 1)][1:]
    many = Run(jobs, chosen)
    rows = [
        {
            "notebooks": runs[0].executed,
            "a second": statistics.median(run.executed / run.cost.wall for run in runs),
            "seconds": median(costs, "wall"),
            "CPU seconds each": median(costs, "cpu") / runs[0].executed,
            "peak of the runner MiB": median(costs, "peak_root"),
        }
        for runs in (few, [many])
        for costs in [[run.cost for run in runs]]
    ]
    quarter = len(many.samples) // 4
    second, last = many.samples[quarter : 2 * quarter], many.samples[3 * quarter :]
    held = [
        {
            "of": what,
            "second quarter": early,
            "last quarter": late,
            "last / second": late / early if early else None,
        }
        for what in many.samples[0]
        for early, late in [[statistics.median(sample[what] for sample in part) for part in (second, last)]]
    ]
    rate = rows[1]["a second"] / rows[0]["a second"]
    return {
        "scenarios": many.scenarios,
        "runs": rows,
        "rate_ratio": rate,
        "held": held,
        "files_left": many.files_left,
        "processes_left": many.cost.orphans,
        "goals": [
            goal(f"rate of {many.executed:,} notebooks, of that of {few[0].executed}", rate, at_least=1),
            *(goal(f"{row['of']}, last quarter of the second", row[RATIO], at_most=FLAT) for row in held[:2]),
        ],
    }


class Run:
    """A run of about so many jobs, with its results checked."""

    def __init__(self, jobs: int, notebooks: Sequence[str]) -> None:
        sets = drawn(jobs, notebooks)
        self.scenarios = len(sets)
        self.samples: list[dict[str, float]] = []
        self._every = max(1, jobs // SAMPLES)
        self._done = 0
        with tempfile.TemporaryDirectory(prefix="costcheck-") as scratch:
            self._folder = Path(scratch)
            with (self._folder / "scenarios.csv").open("w", encoding="utf-8", newline="") as file:
                rows = ((name, *prices.values()) for name, prices in sets.items())
                csv.writer(file).writerows([("name", *next(iter(sets.values()))), *rows])
            env = environment(self._folder)
            options = ["--scenarios", "scenarios.csv", "--log-json"]
            command = [str(peers.SCRIPTS / "costcheck"), "run", *notebooks, *options]
            self.cost = measure(
                command, env, self._folder / "log", cwd=self._folder, peak_root=True, watch=self._watch
            )
            self.executed = self._done
            progress(f"  {self.executed} notebooks: {self.cost.wall:.1f} s")
            self.files_left = self._temporary_files()
            _compare(self._folder / "out", sets, notebooks)

    def _watch(self, family: Family, line: str) -> None:
        event = json.loads(line)
        if event["event"] in ("failed", "error"):
            raise BenchmarkError(line)
        if event["event"] == "done":
            self._done += 1
            if self._done % self._every == 0:
                self._sample(psutil.Process(family.root))
            if self._done % 100 == 0:
                progress(f"  {self._done} notebooks")

    def _sample(self, runner: psutil.Process) -> None:
        try:
            children = runner.children(recursive=True)
            # its kernels have the server's command line too, and are its children
            (server,) = [
                child for child in children if child.ppid() == runner.pid and SERVER in child.cmdline()
            ]
            self.samples.append(
                {
                    "memory of the runner [MiB]": runner.memory_info().rss / MIB,
                    "memory of the process that kernels come from [MiB]": server.memory_info().rss / MIB,
                    "file descriptors": runner.num_fds(),
                    "threads": runner.num_threads(),
                    "child processes": len(children),
                    "temporary files": self._temporary_files(),
                }
            )
        except psutil.NoSuchProcess:
            pass  # a kernel has just ended

    def _temporary_files(self) -> int:
        # os.walk passes over a folder that has just been removed
        walks = (os.walk(self._folder / place) for place in ("tmp", "runtime"))
        return sum(len(folders) + len(files) for walk in walks for _, folders, files in walk)


def drawn(jobs: int, notebooks: Sequence[str]) -> dict[str, dict[str, float]]:
    """Draw prices of as many scenarios as make up some jobs; those of a notebook without prices are one."""
    declared = [template.declared for template in templates(notebooks)]
    with_prices = sum(map(bool, declared))
    count = math.ceil((jobs - len(declared) + with_prices) / with_prices)
    rng = random.Random(1)
    sets = {}
    for nth in range(count):
        prices = {}
        for key, described in price_keys().items():
            low, high = described.minimum, described.maximum
            wide = low > 0 and high / low >= WIDE
            value = math.exp(rng.uniform(math.log(low), math.log(high))) if wide else rng.uniform(low, high)
            prices[key] = min(high, max(low, float(f"{value:.6g}")))
        sets[f"s{nth:04}"] = prices
    return sets


def _compare(out: Path, sets: Mapping[str, Mapping[str, float]], notebooks: Sequence[str]) -> None:
    """Compare the results of each scenario with those of a check at its prices."""
    differing = []
    only = notebooks[0] if len(notebooks) == 1 else None
    for name, prices in sets.items():
        book = PriceBook.article().override(prices).named(name)
        text = results_csv([verdict.row() for verdict in verdicts(book, articles(), notebook=only)])
        if (out / name / "results.csv").read_text("utf-8") != text:
            differing.append(name)
    if differing:
        raise BenchmarkError(f"not the results of a check: {len(differing)} scenarios, {differing[:5]}")
