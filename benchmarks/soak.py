"""Many jobs with random prices on warm kernels: nothing may grow, and every result must be that of a check.

``python benchmarks/soak.py [--jobs 1000]`` runs all notebooks at so many random sets of prices, drawn within
each key's bounds, that there are about that many jobs. Meanwhile it counts what the runner holds: memory,
file descriptors, threads, child processes, files in the folders for temporary ones. Growth is the last
quarter of the jobs against the second. In the end the results of each scenario are compared with those of
``costcheck check --set`` at the same prices: of all, byte for byte, by the function that the command calls;
of some by the command itself. Linux only. The status is 1 if anything grew or differed.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import measure
import psutil

SAMPLE_SECONDS = 0.5
COMMANDS = 20
"""Scenarios whose results are compared with those of the command itself."""
WIDE = 100
"""A price whose bounds are that many times apart is drawn evenly among orders of magnitude."""
SLACK = {"runner MiB": 1.02, "server MiB": 1.02}
"""How many times as much the last quarter may take of what is never given back to the last byte."""
SERVER = "warmkernels.server"
SHARED = Path("/dev/shm")


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000, help="notebooks to execute, about (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the prices (default: 1)")
    parser.add_argument(
        "--at-once", type=int, default=None, help="notebooks at once (as costcheck run --jobs)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="costcheck-soak-") as scratch:
        return soak(Path(scratch), options.jobs, options.seed, options.at_once)


def soak(folder: Path, jobs: int, seed: int, at_once: int | None) -> int:
    """Run so many jobs in a folder, and print what came of it."""
    sets = draw(jobs, seed)
    keys = list(next(iter(sets.values())))
    with (folder / "scenarios.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("name", *keys), *((name, *prices.values()) for name, prices in sets.items())]
        )
    env = measure.environment(folder)
    shared = set(SHARED.iterdir()) if SHARED.is_dir() else set()
    command = [sys.executable, "-m", "costcheck", "run", "--scenarios", "scenarios.csv", "--out", "out"]
    command += ["--log-json", *(["--jobs", str(at_once)] if at_once else [])]
    since = time.monotonic()
    runner = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    samples = Samples(runner.pid, folder)
    failed, summary = [], {}
    assert runner.stderr is not None
    for line in runner.stderr:
        told = json.loads(line)
        if told["event"] == "done":
            samples.done += 1
        elif told["event"] == "summary":
            summary = told
        elif told["event"] not in ("started", "reused"):
            failed.append(line.strip())
    status = runner.wait()
    samples.stop()
    seconds = time.monotonic() - since
    print(f"{summary.get('executed', samples.done):,} notebooks executed in {seconds:,.0f} s, ", end="")
    print(f"{summary.get('reused', 0):,} shared, status {status}; {len(sets)} scenarios, seed {seed}")
    print(*failed, sep="\n", end="\n" if failed else "")
    grew = samples.show()
    left = [
        str(path.relative_to(folder))
        for place in ("tmp", "runtime")
        for path in (folder / place).rglob("*")
        if path.is_file() or path.is_socket()
    ]
    orphans = [process.pid for process in samples.seen.values() if process.is_running()]
    print(f"\nleft behind: {', '.join(left) or 'no temporary file'}; {len(orphans)} processes")
    new = set(SHARED.iterdir()) - shared if SHARED.is_dir() else set()
    print(f"new in {SHARED}, of whatever program: {len(new)}")
    differing = compare(folder / "out", sets, seed)
    return int(bool(status or failed or grew or left or orphans or differing))


def draw(jobs: int, seed: int) -> dict[str, dict[str, str]]:
    """Draw prices of as many scenarios as make up some jobs; those of a notebook without prices are one."""
    from costcheck.batch.runner import names, templates
    from costcheck.prices.quotes import price_keys

    declared = [template.declared for template in templates(names())]
    count = math.ceil(jobs / sum(bool(each) for each in declared))
    rng = random.Random(seed)
    sets = {}
    for nth in range(count):
        prices = {}
        for key, described in price_keys().items():
            low, high = described.minimum, described.maximum
            wide = low > 0 and high / low >= WIDE
            value = math.exp(rng.uniform(math.log(low), math.log(high))) if wide else rng.uniform(low, high)
            prices[key] = repr(min(high, max(low, float(f"{value:.6g}"))))
        sets[f"soak{nth:04}"] = prices
    return sets


class Samples:
    """What a process holds while it goes on, looked at from a thread."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.done = 0
        """How many jobs were said to be done."""
        self.seen: dict[int, psutil.Process] = {}
        self._root, self._folder = psutil.Process(pid), folder
        self._taken: list[tuple[int, dict[str, float]]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def _go_on(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            done = self.done
            try:
                children = self._root.children(recursive=True)
                self.seen |= {child.pid: child for child in children}
                # the first of its kind: its kernels have its command line too
                servers = [child for child in children if child.ppid() == self._root.pid]
                servers = [child for child in servers if SERVER in child.cmdline()]
                taken = {
                    "runner MiB": self._root.memory_info().rss / measure.MIB,
                    "server MiB": sum(child.memory_info().rss for child in servers) / measure.MIB,
                    "descriptors": self._root.num_fds(),
                    "threads": self._root.num_threads(),
                    "children": len(children),
                }
            except psutil.Error:
                continue  # one of them has just ended
            taken["temporary files"] = sum(
                1 for place in ("tmp", "runtime") for _ in (self._folder / place).rglob("*")
            )
            if done:
                self._taken.append((done, taken))

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def show(self) -> bool:
        """Print what was held in the second and the last quarter of all jobs; say whether it grew."""
        quarters: list[list[tuple[int, dict[str, float]]]] = [[], [], [], []]
        for done, taken in self._taken:
            if done < self.done:  # afterwards results are written, by libraries that were not loaded before
                quarters[4 * done // self.done].append((done, taken))
        if not (quarters[1] and quarters[3]):
            print("too few jobs to say what grows")
            return True
        rows, any_grew = [], False
        for what in quarters[1][0][1]:
            second, last = (statistics.median(taken[what] for _, taken in quarters[nth]) for nth in (1, 3))
            highest = [max(taken[what] for _, taken in quarters[nth]) for nth in (1, 3)]
            later = [*quarters[1], *quarters[2], *quarters[3]]
            slope = _slope([done for done, _ in later], [taken[what] for _, taken in later])
            grew = last > second * SLACK.get(what, 1) + (0 if what in SLACK else 1)
            any_grew |= grew
            rows.append((what, second, last, *highest, 1000 * slope, "grew" if grew else "no growth"))
        head = ("", "second quarter", "last quarter", "most, second", "most, last", "a 1,000 jobs", "")
        print(f"\n{len(self._taken):,} samples, medians:\n{measure.table(head, rows)}")
        return any_grew


def _slope(places: Sequence[float], values: Sequence[float]) -> float:
    if len(set(places)) < 2:
        return 0.0
    return statistics.linear_regression(places, values).slope


def compare(out: Path, sets: dict[str, dict[str, str]], seed: int) -> bool:
    """Hold the results of each scenario to those of a check at the same prices; say whether any differs."""
    from costcheck.claims import articles, verdicts
    from costcheck.claims.verdict import results_csv
    from costcheck.prices.book import PriceBook

    differing = []
    rows: dict[str, list[dict[str, str]]] = {}
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["scenario"], []).append(row)
    for name, prices in sets.items():
        book = PriceBook.article().override({key: float(value) for key, value in prices.items()}).named(name)
        text = results_csv([verdict.row() for verdict in verdicts(book, articles())])
        alone = (out / name / "results.csv").read_text("utf-8")
        if alone != text or rows.get(name) != list(csv.DictReader(io.StringIO(text, newline=""))):
            differing.append(name)
    print(f"equal to the check's function: {len(sets) - len(differing)} of {len(sets)} scenarios")
    some = random.Random(seed).sample(sorted(sets), min(COMMANDS, len(sets)))
    unequal = []
    for name in some:
        given = [word for key, value in sets[name].items() for word in ("--set", f"{key}={value}")]
        said = subprocess.run(
            [sys.executable, "-m", "costcheck", "check", "--format", "csv", *given],
            capture_output=True,
            check=True,
        ).stdout.decode()
        checked = list(csv.DictReader(io.StringIO(said, newline="")))
        for row in checked:
            row["scenario"] = name  # here it is called by its prices
        if rows.get(name) != checked:
            unequal.append(name)
    print(f"equal to the command's output: {len(some) - len(unequal)} of {len(some)}")
    print(*(f"differs: {name}: {sets[name]}" for name in dict.fromkeys([*differing, *unequal])), sep="\n")
    return bool(differing or unequal)


if __name__ == "__main__":
    sys.exit(main())
