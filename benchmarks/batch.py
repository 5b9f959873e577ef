"""How fast notebooks are executed again with other prices, beside all else that executes notebooks.

    python benchmarks/batch.py [peers | growth | reuse | nbval | leaks | profile | all ...] [--rounds N]

``peers``    5 notebooks × 4 scenarios by every other way, by ``costcheck run --fresh``, and by two floors
``growth``   1 to 1,000 jobs; 1 and 2 cores; Dask with 1 and 2 workers; 100 scenarios of one changed price
``reuse``    a second run of the same 100 jobs
``nbval``    the committed notebooks under plain nbval, and as the Makefile tests them
``leaks``    1,000 jobs in one process: processes, descriptors, memory, files; before, during and after
``profile``  where a job's CPU time goes

The five notebooks (01, 02, 03, 04, 06) are those that declare prices of their own: 08 repeats them all, 05
and 07 declare none. No price is declared by all five, so each scenario changes four (h100_usd, gpu_hours,
context_tokens, rental_usd_per_gpu_hour): each notebook declares one or more, and all 20 jobs differ.

Each way is a command in a fresh interpreter, measured from its start to its end. All take turns, in an order
that moves on by one each round, so that whatever else the machine does meets all alike: read the ratios,
which are medians of each round's own. Round 0 warms the file cache and compiles bytecode; in it memory is
sampled and all ways are held to the same figures and verdicts; it is not timed. Linux only.

A round of ``peers`` takes about six times as long as papermill's command in a loop, and there are six by
default: half an hour on two quiet cores. jupyter-cache is no dependency of the project: install it with
``pip install jupyter-cache``, or it is left out.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import itertools
import json
import os
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import peers
from measure import Cost, Family, adopt_orphans, environment, measure, on_cores, rss, table

from costcheck.batch import scenarios
from costcheck.batch.runner import chosen, templates
from costcheck.results import executed

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ("02", "06", "04", "03", "01")
"""Longest first: best for whoever executes several at once in the order given."""
SCENARIOS = 4
PEERS_GOAL, COMMAND_GOAL, FLOOR_GOAL = 3.0, 9.0, 1.25
REUSE_GOAL, REUSED = 1.0, 100
NBVAL_GOAL = 3.0
FLAT = 1.1
"""Memory that grows by less is called flat, and speed that falls by less the same."""
LEAK_JOBS, LEAK_EVERY = 1000, 100
COUNTS, LONGEST = (10, 20, 100, 1000), 10_000
LONG_JOBS = 1000
ONE_PRICE = (20, 100)
"""Scenarios that change one price."""
WARM = "JUPYTER_DEFAULT_PROVISIONER_NAME=warm"
SERVER = "warmkernels.server"
STARTS_SECONDS = 30
"""How long a Dask scheduler may take to start."""


def main() -> None:
    """Measure what was asked for, and print tables."""
    sections: Mapping[str, Callable[[argparse.Namespace, Path], None]] = {
        "peers": compare_peers,
        "growth": growth,
        "reuse": reuse,
        "nbval": nbval,
        "leaks": leaks,
        "profile": profile,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", choices=[*sections, "all", []], metavar="SECTION")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed (default: 5)")
    parser.add_argument(
        "--scenarios", type=int, default=SCENARIOS, help=f"for peers (default, and of the goals: {SCENARIOS})"
    )
    parser.add_argument("--long", action="store_true", help="10,000 jobs too in growth: most of an hour")
    options = parser.parse_args()
    if options.rounds < 1 or options.scenarios < 1:
        parser.error("at least one round and one scenario")
    adopt_orphans()
    src, own = str(ROOT / "src"), str(ROOT / "benchmarks")
    with tempfile.TemporaryDirectory(prefix="costcheck-") as folder:
        compiling = [sys.executable, "-m", "compileall", "-q", src, own]
        subprocess.run(compiling, check=True, env=environment(Path(folder)))
        print(
            f"Python {sys.version.split()[0]}, {peers.CORES} cores, "
            f"load {os.getloadavg()[0]:.1f} before the start, medians of {options.rounds} interleaved rounds"
        )
        asked = list(sections) if "all" in options.sections else options.sections or ["peers"]
        for section in asked:
            print(f"\n## {section}\n", flush=True)
            with tempfile.TemporaryDirectory(prefix="costcheck-") as own:
                sections[section](options, Path(own))


def say(text: str) -> None:
    """Say on standard error how far it is: the tables come at the end."""
    print(text, file=sys.stderr, flush=True)


def goal(what: str, value: float, bound: float, *, at_most: bool) -> None:
    """Print a goal, what was measured, and whether that is enough."""
    met = value <= bound if at_most else value >= bound
    words = "at most" if at_most else "at least"
    print(f"- {what}: {value:.2f}, {words} {bound:.3g} is the goal: {'met' if met else '**not met**'}")


def interleaved(rounds: int, runs: Mapping[str, Callable[[bool], Cost]]) -> dict[str, list[Cost]]:
    """Measure each once a round, in an order that moves on; the first of each is a round that warms up."""
    found: dict[str, list[Cost]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            cost = runs[name](number == 0)
            found[name].append(cost)
            say(f"round {number} of {rounds}: {name}: {cost.wall:.2f} s")
            if cost.orphans:
                say(f"  {cost.orphans} of its processes outlived it")
    return found


def median(costs: Iterable[Cost], what: str) -> float:
    """Return the median of an attribute."""
    return statistics.median(float(getattr(cost, what)) for cost in costs)


def ratio(those: Sequence[Cost], these: Sequence[Cost]) -> float:
    """Return how many times as long those took as these: the median of each round's ratio."""
    return statistics.median(that.wall / this.wall for that, this in zip(those, these, strict=True))


def write_scenarios(file: Path, count: int, prices: Sequence[str] = ()) -> None:
    """Write scenarios no two of which share a price.

    Args:
        file: CSV, to be written.
        count: How many.
        prices: Which prices change; by default those that between them change each of the five notebooks.
    """
    known: Mapping[str, Callable[[int], float]] = {
        "h100_usd": lambda number: 20_000 + 10 * number,  # 02
        "rental_usd_per_gpu_hour": lambda number: round(2 + number / 1000, 3),  # 02, 06
        "context_tokens": lambda number: 100_000 + 16 * number,  # 03, 04
        "gpu_hours": lambda number: 30_000_000 + 1000 * number,  # 01, 02
    }
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["name", *(prices or known)])
        for number in range(1, count + 1):
            writer.writerow([f"s{number}", *(known[price](number) for price in prices or known)])


def prepare(folder: Path, count: int) -> peers.Work:
    """Write the jobs for all ways: notebooks, and copies of them with the prices injected by papermill."""
    import nbformat
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    folder.mkdir()
    work = peers.Work(folder / "jobs.json", folder / "scenarios.csv", NOTEBOOKS)
    write_scenarios(work.scenarios, count)
    jobs = []
    by_number = {template.name[:2]: template for template in templates(sorted(map(str, chosen(NOTEBOOKS))))}
    for number, scenario in itertools.product(NOTEBOOKS, scenarios.read(work.scenarios)):
        template = by_number[number]
        changed = scenario.prices.changed
        parameters = {key: changed[key] for key in template.declared if key in changed}
        if not parameters:
            sys.exit(f"{template.name} takes none of the prices that change: its jobs would be the same")
        path, injected = folder / f"{template.name}.ipynb", folder / f"{scenario.name}-{template.name}.ipynb"
        path.write_bytes(template.source)
        nbformat.write(parameterize_notebook(load_notebook_node(str(path)), parameters), injected)
        jobs.append({"notebook": str(path), "injected": str(injected), "parameters": parameters})
    work.file.write_text(json.dumps(jobs))
    return work


def compare_peers(options: argparse.Namespace, folder: Path) -> None:
    """Execute the same jobs in every way there is."""
    work = prepare(folder / "jobs", options.scenarios)
    ways = peers.available()
    results = {}
    failed: list[str] = []

    def run(name: str, first: bool) -> Cost:
        way, out = ways[name], folder / "out"
        out.mkdir()
        command = way.command(work, out)
        try:
            cost = measure(command, environment(folder), folder / "log", cwd=folder, peak=first)
        except SystemExit:
            # several kernels started by threads of one process may be given the same port
            if name == peers.COSTCHECK or name.startswith("floor") or name in failed:
                raise
            failed.append(name)
            say(f"{name} failed and is tried once more")
            shutil.rmtree(out)
            return run(name, first)
        if first:
            results[name] = found_in(out.glob(way.executed))
        shutil.rmtree(out)
        return cost

    found = interleaved(options.rounds, {name: partial(run, name) for name in ways})
    count = len(work.jobs())
    for name in ways:
        if len(results[name]) != count or results[name] != results[peers.COSTCHECK]:
            sys.exit(
                f"{name} did not find what costcheck found: {len(results[name])} jobs, not {count} alike"
            )
    print(f"{count} jobs: all ways found the same figures, byte for byte, and the same verdicts.\n")
    timed = {name: costs[1:] for name, costs in found.items()}
    ours, floor = timed[peers.COSTCHECK], timed[peers.FORKED]
    rows = [
        [
            name,
            ratio(costs, ours),
            ratio(costs, floor),
            median(costs, "wall"),
            median(costs, "cpu"),
            found[name][0].peak,
            count / median(costs, "wall"),
            "yes" if ways[name].isolates else "no",
        ]
        for name, costs in timed.items()
    ]
    head = ["way", "wall / costcheck", "wall / forked floor", "wall s", "CPU s", "peak MiB", "jobs/s"]
    print(
        table([*head, "each notebook its own process"], sorted(rows, key=lambda row: -float(row[3]))) + "\n"
    )
    if failed:
        print(f"failed once, and was tried again: {', '.join(failed)}\n")
    others = {name: ratio(costs, ours) for name, costs in timed.items() if not name.startswith("floor")}
    del others[peers.COSTCHECK]
    fastest = min(others, key=others.__getitem__)
    goal(f"times as fast as {peers.COMMAND}", others[peers.COMMAND], COMMAND_GOAL, at_most=False)
    goal(f"times as fast as the fastest peer ({fastest})", others[fastest], PEERS_GOAL, at_most=False)
    goal("times the wall of the forked floor", ratio(ours, floor), FLOOR_GOAL, at_most=True)


def found_in(notebooks: Iterable[Path]) -> list[str]:
    """Read the figures and verdicts out of executed notebooks, in an order that is the same for all ways."""
    read = (executed.read(json.loads(path.read_bytes())) for path in notebooks)
    return sorted(json.dumps([results.figures, results.rows], sort_keys=True) for results in read)


def costcheck(file: Path, out: Path, *more: str, notebooks: Sequence[str] = NOTEBOOKS) -> list[str]:
    """Return the command that runs scenarios."""
    command = [
        str(peers.SCRIPTS / "costcheck"),
        "run",
        *notebooks,
        "--scenarios",
        str(file),
        "--out",
        str(out),
    ]
    return [*command, *more]


def executed_in(log: Path) -> int:
    """Return how many jobs a run with ``--log-json`` says that it executed."""
    summary = next(line for line in log.read_text().splitlines() if line.startswith('{"event": "summary"'))
    said = json.loads(summary)
    if said["failed"]:
        sys.exit(f"{said['failed']} jobs failed:\n{log.read_text()[-3000:]}")
    return int(said["executed"])


@dataclass(frozen=True)
class Case:
    """A run of costcheck in `growth`."""

    scenarios: int
    notebooks: Sequence[str] = NOTEBOOKS
    price: str = ""
    """The only one that changes, or all that the five notebooks need."""
    cores: int = peers.CORES
    workers: int = 0
    """Of a Dask cluster."""


def growth(options: argparse.Namespace, folder: Path) -> None:
    """Execute more and fewer jobs, on more and fewer cores and workers."""
    counts = [*COUNTS, *([LONGEST] if options.long else [])]
    cases = {"1 job": Case(1, NOTEBOOKS[:1])}
    cases |= {f"{count} jobs": Case(count // len(NOTEBOOKS)) for count in counts}
    middle = COUNTS[-2]
    if peers.CORES > 1:
        cases[f"{middle} jobs, 1 core"] = Case(middle // len(NOTEBOOKS), cores=1)
    if importlib.util.find_spec("distributed"):
        for workers in (1, 2):
            name = f"{middle} jobs, {workers} Dask worker{'s' * (workers > 1)} of 1 thread"
            cases[name] = Case(middle // len(NOTEBOOKS), workers=workers)
    else:
        print("distributed is not installed: Dask is left out\n")
    few, many = (f"{count} scenarios of h100_usd, all notebooks" for count in ONE_PRICE)
    cases |= {few: Case(ONE_PRICE[0], (), "h100_usd"), many: Case(ONE_PRICE[1], (), "h100_usd")}

    counts_executed = {}
    found: dict[str, list[Cost]] = {name: [] for name in cases}
    _grow(Case(1), folder)  # warms up
    for number, (name, case) in itertools.product(range(options.rounds), cases.items()):
        if case.scenarios * len(case.notebooks) < LONG_JOBS or not number:
            cost, counts_executed[name] = _grow(case, folder)
            found[name].append(cost)
            say(f"round {number + 1} of {options.rounds}: {name}: {cost.wall:.2f} s")
    rows = [
        [
            name,
            counts_executed[name],
            counts_executed[name] / median(costs, "wall"),
            median(costs, "wall"),
            None if cases[name].workers else median(costs, "cpu") / counts_executed[name],
            median(costs, "peak_root"),
        ]
        for name, costs in found.items()
    ]
    print(
        table(["run", "executed", "jobs/s", "wall s", "CPU s a job", "peak of costcheck's process MiB"], rows)
    )
    print(f"\nRuns of {LONG_JOBS:,} jobs and more are timed once. Dask's workers are not in the CPU time.\n")
    speed = {row[0]: float(str(row[2])) for row in rows}
    memory = {row[0]: float(str(row[5])) for row in rows}
    most, fewer, fewest = (f"{count} jobs" for count in (counts[-1], middle, COUNTS[-3]))
    goal(f"memory of {most}, of that of {fewer}", memory[most] / memory[fewer], FLAT, at_most=True)
    goal(f"memory of {many}, of that of {few}", memory[many] / memory[few], FLAT, at_most=True)
    goal(f"jobs/s of {most}, of those of {fewest}", speed[most] / speed[fewest], 1 / FLAT, at_most=False)
    goal(f"jobs/s of {many}, of those of {few}", speed[many] / speed[few], 1 / FLAT, at_most=False)


def _grow(case: Case, folder: Path) -> tuple[Cost, int]:
    file, out, log = folder / "scenarios.csv", folder / "out", folder / "log"
    write_scenarios(file, case.scenarios, [case.price] if case.price else ())
    env = environment(folder)
    with ExitStack() as stack:
        more = ["--fresh", "--log-json"]
        if case.workers:
            more += ["--dask", stack.enter_context(dask_cluster(case.workers, folder / "dask", env))]
        else:
            more += ["--jobs", str(case.cores)]
        stack.enter_context(on_cores(sorted(os.sched_getaffinity(0))[: case.cores]))
        command = costcheck(file, out, *more, notebooks=case.notebooks)
        cost = measure(command, env, log, cwd=folder, peak_root=True)
    shutil.rmtree(out)
    return cost, executed_in(log)


@contextmanager
def dask_cluster(workers: int, folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Run a scheduler and workers of one thread, each as a user starts it; give the address."""
    folder.mkdir()
    said, program = folder / "scheduler.json", str(peers.SCRIPTS / "dask")
    address = ["--scheduler-file", str(said)]
    commands = [[program, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *address]]
    commands += [[program, "worker", "--nthreads", "1", "--no-dashboard", *address]] * workers
    running = []
    try:
        for number, command in enumerate(commands):
            place = folder / str(number)
            place.mkdir()
            with (folder / f"{number}.log").open("wb") as log:
                running.append(subprocess.Popen(command, env=env, cwd=place, stdout=log, stderr=log))
            until = time.monotonic() + STARTS_SECONDS
            while not said.exists():
                if time.monotonic() > until:
                    sys.exit(f"no Dask scheduler:\n{(folder / '0.log').read_text()}")
                time.sleep(0.1)
        where = json.loads(said.read_text())["address"]
        _wait_for(where, workers)
        yield where
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGINT)
        for process in running:
            process.wait(STARTS_SECONDS)
        shutil.rmtree(folder)


def _wait_for(address: str, workers: int) -> None:
    import distributed

    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=STARTS_SECONDS)


def reuse(options: argparse.Namespace, folder: Path) -> None:
    """Run the same scenarios again: nothing is executed."""
    file, log, env = folder / "scenarios.csv", folder / "log", environment(folder)
    write_scenarios(file, REUSED // len(NOTEBOOKS))
    command = costcheck(file, folder / "out", "--log-json")
    first = measure(command, env, log, cwd=folder)
    say(f"executed {executed_in(log)}: {first.wall:.2f} s")
    costs = []
    for _ in range(options.rounds + 1):
        costs.append(measure(command, env, log, cwd=folder, peak_root=True))
        if executed_in(log):
            sys.exit("a second run of the same has executed something")
    again = costs[1:]
    rows = [
        [f"{REUSED} jobs, all reused", median(again, "wall") / first.wall]
        + [median(again, what) for what in ("wall", "cpu", "peak_root")]
    ]
    print(table(["run", "wall / the first", "wall s", "CPU s", "peak MiB"], rows) + "\n")
    goal(f"seconds for {REUSED} jobs", median(again, "wall"), REUSE_GOAL, at_most=True)


def nbval(options: argparse.Namespace, folder: Path) -> None:
    """Test the committed notebooks plainly, and by the Makefile's command."""
    line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "--nbval" in line)
    python = shlex.quote(sys.executable)
    warm = line.strip().lstrip("@").replace("$(RUN)", f"{python} -m")
    if WARM not in warm:
        warm = f"{WARM} {warm}"
    plain = f"{python} -m pytest --nbval --nbval-current-env -p no:cacheprovider notebooks"
    commands = {"plain pytest --nbval": plain, "as make test does": warm}

    def run(name: str, first: bool) -> Cost:
        command = ["/bin/sh", "-ec", commands[name]]
        return measure(command, environment(folder), folder / "log", cwd=ROOT, peak=first)

    found = interleaved(options.rounds, {name: partial(run, name) for name in commands})
    ours = found["as make test does"][1:]
    rows = [
        [name, ratio(costs[1:], ours), median(costs[1:], "wall"), median(costs[1:], "cpu"), costs[0].peak]
        for name, costs in found.items()
    ]
    print(table(["command", "wall / make test's", "wall s", "CPU s", "peak MiB"], rows) + "\n")
    times = ratio(found["plain pytest --nbval"][1:], ours)
    goal("times as fast as plain nbval", times, NBVAL_GOAL, at_most=False)


def leaks(options: argparse.Namespace, folder: Path) -> None:
    """Execute many jobs in one process, and look at what it holds from time to time."""
    file, env = folder / "scenarios.csv", environment(folder)
    write_scenarios(file, LEAK_JOBS // len(NOTEBOOKS))
    command = costcheck(file, folder / "out", "--fresh", "--log-json")
    before = _files(folder)
    rows: list[list[object]] = []
    ended = 0

    def watch(family: Family, line: str) -> None:
        nonlocal ended
        told = json.loads(line)
        ended += told["event"] in ("done", "reused", "failed")
        if told["event"] == "failed":
            sys.exit(f"a job failed: {line}")
        if told["event"] == "done" and ended % LEAK_EVERY == 0 and ended < LEAK_JOBS:
            rows.append([ended, *_held(family), *_files(folder)])
            say(f"{ended} of {LEAK_JOBS} jobs")

    cost = measure(command, env, folder / "log", cwd=folder, watch=watch)
    after = _files(folder)
    head = ["jobs", "processes", "its descriptors", "the fork server's", "its MiB", "the fork server's MiB"]
    both: list[list[object]] = [
        ["before", 0, *[None] * 4, *before],
        *rows,
        ["after", cost.orphans, *[None] * 4, *after],
    ]
    print(table([*head, "temporary files", "files in Jupyter's runtime folder"], both) + "\n")
    found = []
    if cost.orphans:
        found.append(f"{cost.orphans} processes outlived it")
    if after != before:
        found.append(f"files stay: {sum(after) - sum(before)}")
    # the first jobs fill what is kept; of the rest the first half is held against the last
    middle = (len(rows) + 1) // 2
    for column, (what, slack) in enumerate(zip(head[1:], (2, 8, 8, 2.0, 2.0), strict=True), start=1):
        early, late = (
            statistics.median(float(str(row[column])) for row in half)
            for half in (rows[1:middle], rows[middle:])
        )
        if late > early * FLAT + slack:
            found.append(f"{what}: {early:.0f} at first, {late:.0f} at last")
    jobs, ours, servers = (float(str(rows[-1][at])) - float(str(rows[0][at])) for at in (0, 4, 5))
    print(
        f"From {rows[0][0]} jobs to {rows[-1][0]} it grew by {1024 * ours / jobs:.1f} KiB a job, "
        f"its fork server by {1024 * servers / jobs:.1f}.\n"
    )
    print(f"Leaks: {'; '.join(found)}" if found else f"No leak in {LEAK_JOBS:,} jobs.")


def _held(family: Family) -> list[object]:
    """Count processes, and the descriptors and memory of those two that live as long as the run."""
    pids = family.pids()
    lasting = [
        family.root,
        *(pid for pid in pids if SERVER in _command(pid) and _parent(pid) == family.root),
    ][:2]
    opened = [len(os.listdir(f"/proc/{pid}/fd")) for pid in lasting]
    return [len(pids), *opened, *map(rss, lasting)]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _files(folder: Path) -> list[int]:
    """Count temporary files and those in Jupyter's runtime folder."""
    return [sum(1 for _ in (folder / place).rglob("*")) for place in ("tmp", "runtime")]


def profile(options: argparse.Namespace, folder: Path) -> None:
    """Say where a job's CPU time goes, and what the forked floor takes for the same."""
    work, env = prepare(folder / "jobs", options.scenarios), environment(folder)
    program = [sys.executable, str(ROOT / "benchmarks" / "job_profile.py"), str(work.scenarios), *NOTEBOOKS]
    out, result, log = folder / "out", folder / "profile.json", folder / "log"
    taken: dict[str, list[float]] = {}
    for number in range(options.rounds + 1):
        measure([*program, str(out), str(result)], env, log, cwd=folder)
        told = json.loads(result.read_text())
        shutil.rmtree(out)
        out.mkdir()
        measure(peers.WAYS[peers.FORKED].command(work, out), env, log, cwd=folder)
        forks = float(log.read_text().split()[-1])
        shutil.rmtree(out)
        if number:
            for what, seconds in (told | {"floor": forks / len(work.jobs())}).items():
                taken.setdefault(what, []).append(seconds)
    medians = {what: statistics.median(each) for what, each in taken.items()}
    of_job, of_run = (
        {what.removeprefix(kind): seconds for what, seconds in medians.items() if what.startswith(kind)}
        for kind in ("job: ", "once: ")
    )
    all_of_job = sum(of_job.values())
    lines = of_job | {"all": all_of_job, peers.FORKED: medians["floor"]}
    rows = [[what, seconds / all_of_job, 1000 * seconds] for what, seconds in lines.items()]
    print(table(["CPU time of a job", "of all", "ms"], rows) + "\n")
    print(table(["CPU time once a run", "s"], list(of_run.items())) + "\n")
    busy = all_of_job / medians["wall"] / peers.CORES
    print(f"A job took {1000 * medians['wall']:.0f} ms of wall time: the cores were busy {busy:.0%} of it.")


if __name__ == "__main__":
    main()
