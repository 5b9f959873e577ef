"""A million scenarios of every claim that moves with prices, against the same arithmetic by hand in NumPy.

Both draw prices, compute and summarise, and must agree to 12 digits. Memory is the peak of a process of its
own, for which this module is a program as well: ``python -m benchmarks.sweep SCENARIOS``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import MIB, ROOT, alternating, ratio
from costcheck.sensitivity import moving, ranges, sweep

ROUNDS = 5
COUNT, MOST = 10**6, 10**7
CLAIMS = moving()
RANGES = ranges(CLAIMS)
KEYS = sorted({key for claim in CLAIMS for key in claim.keys if RANGES[key].varies})
SAME = {
    "J13": "Z22",
    "J21": "Z31",
    "J34": "Z47",
    "J35": "Z49",
    "J37": "Z51",
    "J38": "Z52",
    "J39": "Z53",
    "J41": "Z55",
}
"""Claims of the Japanese article, each with the Chinese article's of the same sum."""

HOSTS = [(2.7, 2.7), (3, 3), (3, 3), (5, 15), (5.33, 16), (10, 30)]
"""What six hosts took for Llama 3.1 405B by August 2024, input and output [USD/Mtok]."""


def by_costcheck(count: int) -> list[tuple[float, ...]]:
    """Call `sweep`."""
    return [
        (
            spread.minimum,
            spread.mean,
            spread.maximum,
            spread.low,
            spread.median,
            spread.high,
            spread.share_holds,
        )
        for spread in sweep(CLAIMS, RANGES, count)
        if spread.id not in ("Z46", "J33")  # no price in them varies
    ]


def by_hand(count: int) -> list[tuple[float, ...]]:
    """Draw, compute and summarise on whole arrays, each sum once: as whoever wants it fast would."""
    p: Mapping[str, Any] = {key: RANGES[key].quantile(RANGES[key].draws(1).random(count)) for key in KEYS}
    hosted = (3 * p["llama_405b_input_usd_per_mtok"] + p["llama_405b_output_usd_per_mtok"]) / 4
    gpt4o = (3 * p["gpt4o_input_usd_per_mtok"] + p["gpt4o_output_usd_per_mtok"]) / 4
    ticket = p["gpus"] * p["h100_usd"]
    results = {
        "Z22": hosted / ((3 * 0.15 + 0.6) / 4),
        "Z31": p["context_tokens"] * p["words_per_token"],
        "Z47": 30.84e6 / (p["days_in_year"] * 24),
        "Z49": 30.84e6 / (p["days_in_month"] * 24 * p["utilisation"]),
        "Z51": ticket,
        "Z53": ticket,
        "Z52": ticket * p["usd_cny"],
        "Z55": np.minimum(gpt4o, (3 * 3 + 15) / 4) / np.median([(3 * i + o) / 4 for i, o in HOSTS]),
    }
    summaries: dict[int, tuple[float, ...]] = {}
    rows = []
    for claim in CLAIMS:
        id_ = SAME.get(claim.claim.id, claim.claim.id)
        if id_ in results:
            y = results[id_]
            if id(y) not in summaries:
                summaries[id(y)] = (y.min(), y.mean(), y.max(), *np.quantile(y, (0.05, 0.5, 0.95)))
            low, high = claim.interval or (np.inf, -np.inf)
            rows.append((*summaries[id(y)], ((y >= low) & (y <= high)).mean()))
    return rows


def measured(rounds: int) -> dict[str, Any]:
    """Let the two take turns; then sweep in processes of their own for their memory."""
    np.testing.assert_allclose(by_costcheck(10**5), by_hand(10**5), rtol=1e-12)
    ways = {"by hand, on whole arrays": lambda: by_hand(COUNT), "costcheck": lambda: by_costcheck(COUNT)}
    seconds = alternating(rounds, ways)
    by_way = list(seconds.values())
    command = [sys.executable, "-m", "benchmarks.sweep"]
    peaks = {
        count: float(subprocess.run([*command, str(count)], check=True, capture_output=True, cwd=ROOT).stdout)
        for count in (COUNT, MOST)
    }
    return {
        "claims": len(by_hand(10)),
        "prices": len(KEYS),
        "ways": [{"way": way, "ms": 1000 * statistics.median(each)} for way, each in seconds.items()],
        "ratio": ratio(by_way[1], by_way[0]),
        "memory": [{"scenarios": count, "peak MiB": peak} for count, peak in peaks.items()],
    }


if __name__ == "__main__":
    sweep(CLAIMS, RANGES, int(sys.argv[1]))
    # not ru_maxrss, which a child inherits from whoever started it
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) * 1024 / MIB)
