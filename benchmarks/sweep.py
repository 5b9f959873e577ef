"""A million scenarios of every claim that moves with prices, against the same arithmetic written by hand.

    python benchmarks/sweep.py [ROUNDS] [SCENARIOS]    # the ways side by side, and memory for 1e6 and 1e8

First the formulas alone, on draws made before; then the whole of it, draws and summaries included. The ways
take turns, so that whatever else the machine does meets all alike, and must agree to 12 digits. Only ratios
of medians are worth reading. Memory is the peak of a child process, read from ``/proc``: Linux only.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measure import MIB, table

from costcheck.formulas._guard import known_between
from costcheck.sensitivity import moving, ranges, sweep
from costcheck.sensitivity.program import holding
from costcheck.sensitivity.spread import CHUNK, compiled

Arrays = Mapping[str, Any]
CLAIMS = moving()
RANGES = ranges(CLAIMS)
KEYS = sorted({key for one in CLAIMS for key in one.keys if RANGES[key].varies})
PROGRAM, OUTPUTS = compiled(CLAIMS, KEYS)


# ------------------------------------------------------------------- the arithmetic by hand
def each_claim(p: Arrays) -> dict[str, Any]:
    """Write out every claim, as an analyst would in a notebook: nothing is shared between them."""
    both = {
        ("Z22", "J13"): lambda: (
            (3 * p["llama_405b_input_usd_per_mtok"] + p["llama_405b_output_usd_per_mtok"])
            / 4
            / ((3 * 0.15 + 0.6) / 4)
        ),
        ("Z31", "J21"): lambda: p["context_tokens"] * p["words_per_token"],
        ("Z47", "J34"): lambda: 30.84e6 / (p["days_in_year"] * 24),
        ("Z49", "J35"): lambda: 30.84e6 / (p["days_in_month"] * 24 * p["utilisation"]),
        ("Z51", "J37", "Z53", "J39"): lambda: p["gpus"] * p["h100_usd"],
        ("Z52", "J38"): lambda: p["gpus"] * p["h100_usd"] * p["usd_cny"],
        ("Z55", "J41"): lambda: (
            np.minimum(
                (3 * p["gpt4o_input_usd_per_mtok"] + p["gpt4o_output_usd_per_mtok"]) / 4, (3 * 3 + 15) / 4
            )
            / ((3 * p["llama_405b_input_usd_per_mtok"] + p["llama_405b_output_usd_per_mtok"]) / 4)
        ),
    }
    return {id_: reckon() for ids, reckon in both.items() for id_ in ids}


def shared(p: Arrays) -> dict[str, Any]:
    """Write out each sum once, as whoever wants it fast would: the least there is to do."""
    hosted = (3 * p["llama_405b_input_usd_per_mtok"] + p["llama_405b_output_usd_per_mtok"]) / 4
    gpt4o = (3 * p["gpt4o_input_usd_per_mtok"] + p["gpt4o_output_usd_per_mtok"]) / 4
    ticket = p["gpus"] * p["h100_usd"]
    found = {
        "Z22": hosted / ((3 * 0.15 + 0.6) / 4),
        "Z31": p["context_tokens"] * p["words_per_token"],
        "Z47": 30.84e6 / (p["days_in_year"] * 24),
        "Z49": 30.84e6 / (p["days_in_month"] * 24 * p["utilisation"]),
        "Z51": ticket,
        "Z53": ticket,
        "Z52": ticket * p["usd_cny"],
        "Z55": np.minimum(gpt4o, (3 * 3 + 15) / 4) / hosted,
    }
    pairs = zip(
        ("Z22", "Z31", "Z47", "Z49", "Z51", "Z52", "Z53", "Z55"),
        ("J13", "J21", "J34", "J35", "J37", "J38", "J39", "J41"),
        strict=True,
    )
    return found | {theirs: found[ours] for ours, theirs in pairs}


# ------------------------------------------------------------------- ours
def by_costcheck(p: Arrays) -> dict[str, Any]:
    """Call the formulas, as `sweep` does: what is drawn lies within its range."""
    with known_between([(column, RANGES[key].least, RANGES[key].most) for key, column in p.items()]):
        return looked_through(p)


def looked_through(p: Arrays) -> dict[str, Any]:
    """Call the formulas on arrays of which nothing is known: each is looked through at each formula."""
    found = PROGRAM(p)
    return {one.claim.id: found[output] for one, output in zip(CLAIMS, OUTPUTS, strict=True)}


def in_chunks(way: Callable[[Arrays], Any], size: int) -> Callable[[Arrays], None]:
    """Do it chunk by chunk and keep nothing."""

    def run(p: Arrays) -> None:
        for first in range(0, len(p["gpus"]), size):
            way({key: column[first : first + size] for key, column in p.items()})

    return run


# ------------------------------------------------------------------- with draws and summaries
def whole_by_costcheck(count: int) -> Any:
    """Call `sweep`."""
    return [
        (one.minimum, one.mean, one.maximum, one.low, one.median, one.high, one.share_holds)
        for one in sweep(CLAIMS, RANGES, count)
        if one.id not in ("Z46", "J33")  # no price in them varies
    ]


def whole_by_hand(count: int) -> Any:
    """Draw, compute and summarise on whole arrays, each sum once."""
    p = drawn(count)
    found, known = shared(p), {}
    rows = []
    for one in CLAIMS:
        if one.claim.id in found:
            y = found[one.claim.id]
            if id(y) not in known:
                known[id(y)] = (y.min(), y.mean(), y.max(), *np.quantile(y, (0.05, 0.5, 0.95)))
            low, high = holding(one.claim.hedge, one.claim.figure_printed)
            rows.append((*known[id(y)], ((y >= low) & (y <= high)).mean()))
    return rows


def side_by_side(ways: Mapping[str, Callable[[], Any]], first: str, rounds: int) -> list[list[Any]]:
    """Let the ways take turns; return each one's median over that of the first."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            since = time.perf_counter()
            way()
            if number:  # the first round warms up
                taken[name].append(time.perf_counter() - since)
    return [
        [
            name,
            statistics.median(seconds) * 1e3,
            statistics.median(a / b for a, b in zip(seconds, taken[first], strict=True)),
        ]
        for name, seconds in taken.items()
    ]


def formulas_alone(count: int, rounds: int) -> None:
    """Compare the ways on draws made before."""
    p = drawn(count)
    base = "by hand, each sum once, in chunks"
    ways = {
        base: in_chunks(shared, CHUNK),
        "by hand, each sum once, whole arrays": shared,
        "by hand, claim by claim, in chunks": in_chunks(each_claim, CHUNK),
        "by hand, claim by claim, whole arrays": each_claim,
        "costcheck, as in a sweep": in_chunks(by_costcheck, CHUNK),
        "costcheck, every array looked through": in_chunks(looked_through, CHUNK),
    }
    print("\nformulas alone")
    rows = side_by_side({name: partial(way, p) for name, way in ways.items()}, base, rounds)
    print(table(["way", "ms", "time / by hand"], rows))


def drawn(count: int) -> Arrays:
    """Draw scenarios as `sweep` does."""
    return {key: RANGES[key].quantile(RANGES[key].draws(1).random(count)) for key in KEYS}


def main() -> None:
    """Measure and print tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    count = int(float(sys.argv[2])) if len(sys.argv) > 2 else 10**6
    p = drawn(10**5)
    mine = looked_through(p)
    for hand in (each_claim(p), shared(p)):
        for id_, column in hand.items():
            np.testing.assert_allclose(mine[id_], column, rtol=1e-12)
    np.testing.assert_allclose(whole_by_costcheck(10**5), whole_by_hand(10**5), rtol=1e-12)
    print(
        f"{len(mine)} claims, {len(KEYS)} prices that vary, {len(PROGRAM._steps)} formulas, "
        f"{count:,} scenarios, {rounds} interleaved rounds, NumPy {np.__version__}; results equal"
    )
    formulas_alone(count, rounds)
    base = "by hand, whole arrays"
    rows = side_by_side(
        {base: lambda: whole_by_hand(count), "costcheck sweep": lambda: whole_by_costcheck(count)},
        base,
        max(3, rounds // 3),
    )
    print("\ndraws, formulas and summaries")
    print(table(["way", "ms", "time / by hand"], rows))
    print("\nmemory of costcheck's sweep, a process each")
    rows = []
    for scenarios in (1, 10**6, 10**8):
        ended = subprocess.run(
            [sys.executable, __file__, "child", str(scenarios)], check=True, capture_output=True, text=True
        )
        rows.append([scenarios, *map(float, ended.stdout.split())])
    print(table(["scenarios", "seconds", "peak MiB"], rows))


def child(count: int) -> None:
    """Sweep once, and say how long it took and the peak of this process."""
    since = time.perf_counter()
    sweep(CLAIMS, RANGES, count)
    seconds = time.perf_counter() - since
    # not ru_maxrss, which a child inherits from whoever started it
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(seconds, int(status["VmHWM"].split()[0]) * 1024 / MIB)


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(int(sys.argv[2]))
    else:
        main()
