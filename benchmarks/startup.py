"""How long a user waits for a first answer: ``costcheck check``, ``import costcheck``, ``import pandas``.

    python benchmarks/startup.py [ROUNDS]

Each is a fresh interpreter; the three take turns, so that whatever else the machine does meets all alike.
Only ratios of the medians are worth reading.
"""

import statistics
import subprocess
import sys
import time

CASES = {
    "an interpreter that does nothing": ["-c", "pass"],
    "import pandas": ["-c", "import pandas"],
    "import costcheck": ["-c", "import costcheck"],
    "costcheck --help": ["-m", "costcheck", "--help"],
    "costcheck check": ["-m", "costcheck", "check"],
    "costcheck check --format csv": ["-m", "costcheck", "check", "--format", "csv"],
}


def main() -> None:
    """Measure and print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(rounds + 1):
        for name, arguments in CASES.items():
            since = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            if number:  # the first round warms the file cache
                taken[name].append(time.perf_counter() - since)
    pandas = statistics.median(taken["import pandas"])
    print(f"medians of {rounds} interleaved rounds, Python {sys.version.split()[0]}")
    print("| start | of `import pandas` |\n|---|---|")
    for name, seconds in taken.items():
        print(f"| {name} | {statistics.median(seconds) / pandas:.2f} |")


if __name__ == "__main__":
    main()
