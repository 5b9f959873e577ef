"""The same notebooks at other prices, by ``costcheck run``, by whatever else executes them, and by floors.

The five notebooks (01, 02, 03, 04, 06) are those that declare prices of their own: 08 repeats them all, 05
and 07 declare none. No price is declared by all five, so each scenario changes four (h100_usd, gpu_hours,
context_tokens, rental_usd_per_gpu_hour): each notebook declares one or more, and all jobs differ.

Each way is a command in a fresh interpreter, measured from its start to its end. In the round that warms up
memory is sampled and all ways must give the same figures and verdicts.
"""

from __future__ import annotations

import csv
import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measure import (
    BenchmarkError,
    Cost,
    environment,
    goal,
    interleaved,
    measure,
    median,
    progress,
    ratio,
    walls,
)
from costcheck.batch import scenarios
from costcheck.batch.runner import chosen, templates
from costcheck.results import executed

ROUNDS = 5
NOTEBOOKS = ("02", "06", "04", "03", "01")
"""Longest first: best for whoever executes several at once in the order given."""
SCENARIOS = 4
LIMIT = 300
"""How long a way may take for all jobs [second]."""
OURS = "time / costcheck run"


def measured(rounds: int, count: int = SCENARIOS, ways: Sequence[str] = tuple(peers.WAYS)) -> dict[str, Any]:
    """Execute the same jobs in every way there is."""
    with tempfile.TemporaryDirectory(prefix="costcheck-") as scratch:
        folder = Path(scratch)
        work = prepare(folder / "jobs", count)
        jobs, results = len(work.jobs()), dict[str, list[str]]()
        costs = interleaved(rounds, {name: partial(_run, name, work, folder, results) for name in ways})
    for name, figures in results.items():
        if len(figures) != jobs or figures != results[peers.COSTCHECK]:
            raise BenchmarkError(
                f"{name}: {len(figures)} results of {jobs}, or not those of {peers.COSTCHECK}"
            )
    timed = {name: walls(each[1:]) for name, each in costs.items()}
    ours, floor = timed[peers.COSTCHECK], timed[peers.FORKED]
    rows = [
        {
            "way": name,
            OURS: ratio(timed[name], ours),
            "time / forked floor": ratio(timed[name], floor),
            "seconds": median(each[1:], "wall"),
            "CPU seconds": median(each[1:], "cpu"),
            "peak MiB": each[0].peak,
            "each notebook its own process": "yes" if peers.WAYS[name].isolates else "no",
        }
        for name, each in costs.items()
    ]
    rows.sort(key=lambda row: -float(row[OURS]))
    fastest = next(row for row in reversed(rows) if row["way"] in peers.OTHERS)
    goals = [
        goal("times as fast as the fastest that isolates", fastest[OURS], at_least=3),
        goal("times the forked floor's time", ratio(ours, floor), at_most=1.25),
    ]
    by_command = [row[OURS] for row in rows if row["way"] == peers.COMMAND]
    goals += [goal("times as fast as papermill's command", value, at_least=9) for value in by_command]
    return {"jobs": jobs, "scenarios": count, "ways": rows, "fastest": fastest["way"], "goals": goals[::-1]}


def _run(name: str, work: peers.Work, folder: Path, results: dict[str, list[str]], first: bool) -> Cost:
    way, out = peers.WAYS[name], folder / "out"

    def once() -> Cost:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        return measure(
            way.command(work, out), environment(folder), folder / "log", cwd=folder, peak=first, limit=LIMIT
        )

    try:
        cost = once()
    except BenchmarkError as error:
        if name not in peers.OTHERS:
            raise
        # kernels that start at once may be given the same port, and fail or wait for ever
        progress(f"  {name} failed and is tried once more: {error}")
        cost = once()
    if first:
        results[name] = _results(out.glob(way.executed))
    shutil.rmtree(out)
    return cost


def _results(notebooks: Iterable[Path]) -> list[str]:
    """Read the figures and verdicts out of executed notebooks, in an order that is the same for all ways."""
    read = (executed.read(json.loads(path.read_bytes())) for path in notebooks)
    return sorted(json.dumps([results.figures, results.rows], sort_keys=True) for results in read)


def write_scenarios(file: Path, count: int) -> None:
    """Write scenarios no two of which share a price, and which change each of the five notebooks."""
    prices: Mapping[str, Callable[[int], float]] = {
        "h100_usd": lambda number: 20_000 + 10 * number,  # 02
        "rental_usd_per_gpu_hour": lambda number: round(2 + number / 1000, 3),  # 02, 06
        "context_tokens": lambda number: 100_000 + 16 * number,  # 03, 04
        "gpu_hours": lambda number: 30_000_000 + 1000 * number,  # 01, 02
    }
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["name", *prices])
        for number in range(1, count + 1):
            writer.writerow([f"s{number}", *(price(number) for price in prices.values())])


def prepare(folder: Path, count: int) -> peers.Work:
    """Write the jobs for all ways: notebooks, and copies of them with the prices injected by papermill."""
    import nbformat
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    folder.mkdir()
    work = peers.Work(folder / "jobs.json", folder / "scenarios.csv", NOTEBOOKS)
    write_scenarios(work.scenarios, count)
    jobs = []
    by_number = {template.name[:2]: template for template in templates(chosen(NOTEBOOKS))}
    for number, scenario in itertools.product(NOTEBOOKS, scenarios.read(work.scenarios)):
        template = by_number[number]
        changed = scenario.prices.changed
        parameters = {key: changed[key] for key in template.declared if key in changed}
        if not parameters:
            raise BenchmarkError(
                f"{template.name} takes none of the prices that change: its jobs would be the same"
            )
        path, injected = folder / f"{template.name}.ipynb", folder / f"{scenario.name}-{template.name}.ipynb"
        path.write_bytes(template.source)
        nbformat.write(parameterize_notebook(load_notebook_node(str(path)), parameters), injected)
        jobs.append({"notebook": str(path), "injected": str(injected), "parameters": parameters})
    work.file.write_text(json.dumps(jobs))
    return work
