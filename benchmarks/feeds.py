"""How long feeds take to read, beside ``json.load`` and ``csv.reader`` over the same files.

    python benchmarks/feeds.py FEED FILE... [--rounds N]

Give full-size files: LiteLLM's ``model_prices_and_context_window.json``, the ECB's ``eurofxref-hist.zip`` or
CSV. Reading and the floor take turns in one process, both from the bytes in memory; only the ratio of the
medians is worth reading. ``with the book`` merges the quotes into an empty price book, writes it and reads it
back, which is what an import and the next check do.
"""

import argparse
import csv
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import table

from costcheck.prices import feeds, own_file
from costcheck.prices.feeds.parsing import members


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("feed", choices=feeds.FEEDS, help="the feed that the files are of")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rows = [row for path in options.files for row in measured(options.feed, path, options.rounds)]
    print(f"medians of {options.rounds} interleaved rounds, Python {sys.version.split()[0]}")
    print(table(["file", "floor", "rows", "quotes", "step", "of the floor"], rows))


def measured(name: str, path: Path, rounds: int) -> list[list[object]]:
    """Measure one file: the floor, reading it, and the way through a price book."""
    data = path.read_bytes()
    ((_, plain),) = members(data, path.name)
    is_json = plain.lstrip()[:1] in (b"{", b"[")
    floor = (
        (lambda: json.load(io.BytesIO(data))) if is_json else (lambda: _rows(members(data, path.name)[0][1]))
    )
    date = None if feeds.feed(name).dated else "2026-01-01"
    found = feeds.read(name, data, path.name, date)

    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "book.csv"

        def through_a_book() -> None:
            kept.unlink(missing_ok=True)
            own_file.write(kept, own_file.merged([], feeds.read(name, data, path.name, date).quotes).quotes)
            own_file.read(kept)

        ways: dict[str, Callable[[], object]] = {
            "floor": floor,
            "read": lambda: feeds.read(name, data, path.name, date),
            "with the book": through_a_book,
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(rounds + 1):
            for way, call in ways.items():
                since = time.perf_counter()
                call()
                if number:  # the first round imports what is needed
                    taken[way].append(time.perf_counter() - since)
    floor_seconds = statistics.median(taken["floor"])
    size = [path.name, "json.load" if is_json else "csv.reader", found.rows, len(found.quotes)]
    return [[*size, way, statistics.median(taken[way]) / floor_seconds] for way in ("read", "with the book")]


def _rows(content: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


if __name__ == "__main__":
    main()
