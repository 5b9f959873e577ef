"""Fuzzing of everything that reads a stranger's file.

A target reads bytes as a stranger's file is read, and returns, or raises `InputError` or `RunError`. All else
is a finding, and so is what takes longer than 10 s or more than 1 GB. `test_strangers.py` replays what was
found and is kept in ``cases/``, without atheris; to look for more:

    pip install atheris                               # for this alone, so that it is no dependency
    python tests/faults/fuzz.py article --seconds 300
    python tests/faults/fuzz.py all --seconds 60      # each of them so long

Findings are minimised and written to ``out/fuzz/``, and the command ends with 1 if there are any.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = HERE / "cases"
SLOW_SECONDS, MOST_MEGABYTES = 10, 1024
DAY = "2024-12-31"
"""The day a feed without dates is said to be of."""


@dataclass(frozen=True)
class Target:
    """What reads a kind of file, and files of that kind to begin with."""

    read: Callable[[Path, bytes], object]
    """Called with an empty folder, and the file's content."""
    seeds: Callable[[], Iterable[bytes]]


def survived(name: str, content: bytes, folder: Path) -> bool:
    """Let a target read a content; say whether it was taken, ``False`` if it was refused as it should be."""
    from costcheck.errors import InputError, RunError
    from costcheck.text import log

    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            TARGETS[name].read(folder, content)
            refused = False
        except (InputError, RunError) as error:
            log.error(str(error), 2)
            refused = True
    lines = said.getvalue().splitlines()
    assert all(line.startswith("costcheck: ") for line in lines), "a line that is not ours"
    assert all(line.isprintable() for line in lines), "a line that a terminal obeys"
    assert max(map(len, lines), default=0) < 5000, "a line without an end"
    return not refused


def _written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# --------------------------------------------------------------------------------------------- articles
def read_article(folder: Path, content: bytes) -> None:
    """Check an article as ``costcheck check`` does."""
    from costcheck.claims import load, verdicts
    from costcheck.claims.verdict import results_csv
    from costcheck.cli.options import own_prices
    from costcheck.prices.book import PriceBook

    articles = load([_written(folder, "it.yaml", content)])
    prices = PriceBook.article().accepting(own_prices(articles))
    results_csv([verdict.row() for verdict in verdicts(prices, articles)])


def articles() -> list[bytes]:
    """The examples, and each kind of claim for itself."""
    found = [path.read_bytes() for path in (ROOT / "data" / "examples").glob("*.yaml")]
    text = (ROOT / "data" / "examples" / "skeleton.yaml").read_text(encoding="utf-8")
    head, _, claims = text.partition("claims:\n")
    for claim in re.split(r"(?m)^(?=  - id:)", claims)[1:]:
        found.append(f"{head}claims:\n{claim}".encode())
    return found


# -------------------------------------------------------------------------------------------- scenarios
def reader_of_scenarios(suffix: str) -> Callable[[Path, bytes], None]:
    """Make what reads scenarios of a kind, and the names of folders they become."""

    def read(folder: Path, content: bytes) -> None:
        from costcheck.batch import scenarios
        from costcheck.results import names

        if suffix == ".xlsx" and not content.startswith(b"PK"):
            content = workbook(content)
        for one in scenarios.read(_written(folder, f"mine{suffix}", content)):
            assert names.refusal(one.name) is None
            assert (folder / one.name).resolve().parent == folder.resolve(), one.name

    return read


def workbook(sheet: bytes) -> bytes:
    """Put a sheet's XML into a workbook, so that a change of it is one of what is read."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook())) as parts, zipfile.ZipFile(made, "w") as out:
        for name in parts.namelist():
            out.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else parts.read(name))
    return made.getvalue()


@cache
def _workbook() -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook()
    for row in (["name", "h100_usd", "usd_cny"], ["cheap", 25000, 7.1], ["dear", "40000", None]):
        workbook.active.append(row)
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def sheets() -> list[bytes]:
    """The workbook, and its sheet alone."""
    with zipfile.ZipFile(io.BytesIO(_workbook())) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    inline = sheet.replace(b't="n"><v>25000</v>', b't="inlineStr"><is><t>25000</t></is>')
    dated = sheet.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>')
    return [_workbook(), sheet, inline, dated, sheet.replace(b"<v>7.1</v>", b"<f>7+1</f>")]


def of_scenarios(suffix: str) -> list[bytes]:
    """The examples of a kind."""
    return [path.read_bytes() for path in (ROOT / "scenarios").glob(f"*{suffix}")]


def json_scenarios() -> list[bytes]:
    """A list and a grid."""
    rows = [{"name": "cheap", "h100_usd": 25000, "usd_cny": "7.1"}, {"name": 2023, "pue": None}]
    return [json.dumps(one).encode() for one in (rows, {"grid": {"h100_usd": [2e4, 3e4], "pue": 1.2}})]


# ------------------------------------------------------------------------------------------------ prices
def read_book(folder: Path, content: bytes) -> None:
    """Read a price book, use it and write it again: it must say the same."""
    from costcheck.prices import own_file
    from costcheck.prices.book import PriceBook

    quotes = own_file.read(_written(folder, "mine.csv", content))
    if quotes:
        PriceBook.article().with_quotes(quotes, "mine")
        PriceBook.as_of("2025-01-01", quotes)
    own_file.write(folder / "again.csv", quotes)
    again = own_file.read(folder / "again.csv")
    assert {(q.key, q.value, q.as_of) for q in again} == {(q.key, q.value, q.as_of) for q in quotes}


def books() -> list[bytes]:
    """A few quotes of the package's, as of a reader."""
    lines = (ROOT / "data" / "prices.csv").read_bytes().splitlines(keepends=True)
    theirs = [line for line in lines[1:] if b",article," not in line]
    return [lines[0] + b"".join(theirs[:6]), lines[0] + theirs[7]]


def reader_of_feed(name: str) -> Callable[[Path, bytes], None]:
    """Make what imports a feed into an empty price book."""

    def read(folder: Path, content: bytes) -> None:
        from costcheck.prices import feeds, own_file

        found = feeds.read(name, content, "feed", DAY)
        assert found.rows >= found.taken
        own_file.write(folder / "mine.csv", own_file.merged([], found.quotes).quotes)
        for said in (*found.unreadable, *found.left_out):
            assert not set(said) & set("\x1b\x9b\u202e\x00\r\n"), "what a terminal obeys"

    return read


FEEDS = {
    "ecb": [
        b"Date,USD,JPY,CNY,\n2024-07-22,1.0888,170.8,7.9191,\n2024-07-19,1.0890,171.2,N/A,\n",
        b"Date, USD, JPY, CNY, \n22 July 2024, 1.0888, 170.80, 7.9191, \n",
    ],
    "epoch": [
        b"Price source,Price date,Hardware model,Vendor,Price per chip-hour (on-demand),"
        b"Price (hardware purchase)\nhttps://example.org,2024-07-31,NVIDIA H100 SXM5 80GB,A,2.5,36000\n"
        b"https://example.org/b,2024-07-31,NVIDIA H100 SXM5 80GB,B,,30000\n"
    ],
    "gpuhunt": [
        b"instance_name,location,price,gpu_count,gpu_name,spot,gpu_memory\n"
        b"one,r1,4.0,1,H100,False,80\ntwo,r1,1.5,1,H100,True,80\nthree,r2,24,8,H100,False,94\n"
    ],
    "skypilot": [
        b"Region,InstanceType,AcceleratorName,AcceleratorCount,Price,GpuInfo\n"
        b"r1,gpu_8x,H100,8.0,24.0,{}\nr2,gpu_1x,H100,1,2.49,\n"
    ],
    "litellm": [
        b'{"sample_spec": {"input_cost_per_token": 0}, "gpt-4o": {"litellm_provider": "openai", '
        b'"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, '
        b'"deprecation_date": "2027-01-01"}, '
        b'"gpt-4o-2024-05-13": {"input_cost_per_token": "5e-06"}, "other": {"mode": "chat"}}'
    ],
    "openrouter": [
        b'{"data": [{"id": "openai/gpt-4o-mini", "pricing": {"prompt": "0.00000015", '
        b'"completion": "0.0000006"}}, {"id": "openai/gpt-4o:free", "pricing": {"prompt": "0", '
        b'"completion": "-1"}}]}'
    ],
}


# --------------------------------------------------------------------------------------------- results
def read_notebook(folder: Path, content: bytes) -> None:
    """Read a run whose one notebook this is."""
    from costcheck.results import comparison
    from costcheck.results.report import reading

    path = _written(folder, "run/notebooks/mine.ipynb", content)
    comparison._executed_with([path])
    reading.read(reading.runs(folder / "run"))


def read_page(folder: Path, content: bytes) -> None:
    """Make the report of such a run, which takes thirty times as long."""
    from costcheck.results import report

    _written(folder, "run/notebooks/mine.ipynb", content)
    page = report.build(folder / "run", "en")
    assert page.count("<script") == 1, "a script of the notebook's"
    assert not re.search(r"<(?!/?[a-z0-9]+[ >]|!)", page)


def notebooks() -> list[bytes]:
    """Executed notebooks, cut down to what is read of them."""
    found = []
    for name in ("01_training_time", "article"):
        notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_bytes())
        for cell in notebook["cells"]:
            for output in cell.get("outputs", ()):
                data = output.get("data", {})
                for kind in ("text/html", "text/plain"):
                    data.pop(kind, None)
                if "image/svg+xml" in data:
                    data["image/svg+xml"] = '<svg width="72pt" height="36pt"><path d="M0 0h72v36"/></svg>'
        found.append(json.dumps(notebook, ensure_ascii=False).encode())
    least = {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "# A title\n\n**A question?**"},
            {"cell_type": "markdown", "metadata": {}, "source": "## A finding"},
            {
                "cell_type": "code",
                "execution_count": 1,
                "metadata": {"tags": ["parameters"]},
                "source": "h100_usd: float = 40_000  # USD per GPU",
                "outputs": [
                    {"output_type": "display_data", "data": {"text/markdown": "It **costs** [x](a:b)."}},
                    {
                        "output_type": "display_data",
                        "data": {"image/svg+xml": ["<svg>", "</svg>"]},
                        "metadata": {"costcheck": {"figure": "one", "alt": "a figure"}},
                    },
                    {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []},
                ],
            },
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return [*found, json.dumps(least).encode()]


def read_results(folder: Path, content: bytes) -> None:
    """Compare results with those of the package, and show, write and draw what changed."""
    from costcheck.results import comparison
    from costcheck.text.spreadsheets import csv_text

    theirs = _written(folder, "run/results.csv", content)
    for order in ([ROOT / "figures" / "results.csv", theirs], [theirs, ROOT / "figures" / "results.csv"]):
        results = comparison.read(order)
        found = comparison.changes(results)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            comparison.show(results, found)
        csv_text(comparison.HEADER, (change.row() for change in found))
        shown = printed.getvalue()
        assert not set(shown) & set("\x1b\x9b\u202e\x00\r"), "what a terminal obeys"


def results() -> list[bytes]:
    """The head of the package's own, at two scenarios too."""
    lines = (ROOT / "figures" / "results.csv").read_bytes().splitlines(keepends=True)
    head = lines[0] + b"".join(lines[1:6])
    other = [line.replace(b"article", b"h100_usd=25000", 1) for line in lines[1:4]]
    return [head, head + b"".join(other), lines[0] + b"".join(other)]


def read_link(folder: Path, content: bytes) -> None:
    """Follow a link of the calculator's, and make the link again."""
    from costcheck.apps.calculator.settings import read_link as read

    settings = read(content.decode("utf-8", "replace"))
    settings.book()
    settings.command()
    assert read(settings.link()) == settings


LINKS = [b"#h100_usd=25000&usd_cny=7.1", b"as-of=2024-07-31&pue=1.2", b"h100_usd=25000+USD%2FGPU", b"#"]


TARGETS: dict[str, Target] = {
    "article": Target(read_article, articles),
    "scenarios_csv": Target(reader_of_scenarios(".csv"), lambda: of_scenarios(".csv")),
    "scenarios_yaml": Target(reader_of_scenarios(".yaml"), lambda: of_scenarios(".yaml")),
    "scenarios_json": Target(reader_of_scenarios(".json"), json_scenarios),
    "scenarios_xlsx": Target(reader_of_scenarios(".xlsx"), sheets),
    "book": Target(read_book, books),
    **{
        f"feed_{name}": Target(reader_of_feed(name), lambda seeds=seeds: seeds)
        for name, seeds in FEEDS.items()
    },
    "notebook": Target(read_notebook, notebooks),
    "page": Target(read_page, notebooks),
    "results": Target(read_results, results),
    "link": Target(read_link, lambda: LINKS),
}


# ---------------------------------------------------------------------------------------------- fuzzing
NASTY = [
    b"", b"0", b"-1", b"1e999", b"1e308", b"1e-320", b"nan", b"inf", b"9" * 400, b"0x10", b"1_0",
    b"\xef\xbc\x91",
    b"true", b"null", b"~", b"None", b"[]", b"{}", b'""', b"'", b'"', b"\n", b"\r", b"\r\n", b"\t", b"\x00",
    b"\x1b[31m", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xe2\x80\xa8", b"\xc2\x85", b"\xed\xa0\x80", b"\xff",
    b"=1+1", b"../", b"NUL", b"2024-02-30", b"9999-12-31", b"article", b"given", b"&a ", b"*a",
    b"!!python/name:os",
    b"<script>", b"[x](javascript:1)", b"<!DOCTYPE x>", b"\\ud800", b"inputs.", b"claims.", b"prices.",
    "一".encode(), "万".encode(), "亿".encode(), b"%", b"%00", b"&", b";", b"#", b"x" * 5000,
]  # fmt: skip
TOKEN = re.compile(rb"[A-Za-z_]+|[0-9.]+|[^A-Za-z0-9_.]")


def mutated(content: bytes, words: list[bytes], rng: random.Random) -> bytes:
    """Change a file by its words and numbers: most changed bytes would only make it unreadable."""
    with contextlib.suppress(ValueError, RecursionError):
        if content[:1] in b"{[" and rng.random() < 0.7:
            return json.dumps(_changed(json.loads(content), rng), ensure_ascii=False).encode(
                "utf-8", "surrogatepass"
            )
    tokens = TOKEN.findall(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(tokens) + 1)
        to = min(len(tokens), at + rng.choice((0, 1, 1, 1, 2, 8, 30)))
        here = rng.randrange(len(tokens) + 1)
        new = rng.choice(
            (
                [rng.choice(NASTY)],
                [rng.choice(NASTY)],
                [rng.choice(words)] if words else [],
                [],
                tokens[at:to] * 2,
                tokens[here : here + rng.choice((1, 3, 20))],
                [
                    str(
                        rng.choice((rng.uniform(-9, 9), rng.randrange(10**9), 10 ** rng.uniform(-30, 30)))
                    ).encode()
                ],
            )
        )
        tokens[at:to] = new
    return b"".join(tokens)


def _changed(tree: Any, rng: random.Random) -> Any:
    """Change a tree of JSON in one place."""
    places: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        keys = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        for key in list(keys):
            places.append((part, key))
            walk(part[key])

    walk(tree)
    if not places:
        return rng.choice((None, 1, "x", [], {}, True, [tree]))
    for _ in range(rng.choice((1, 1, 2, 3))):
        part, key = rng.choice(places)
        other, there = rng.choice(places)
        try:
            what = rng.randrange(8)
            if what == 0:
                del part[key]
            elif what == 1:
                part[key] = json.loads(json.dumps(other[there]))
            elif what == 2 and isinstance(part, list):
                part.append(json.loads(json.dumps(part[key])))
            elif what == 3 and isinstance(part[key], str):
                text = mutated(part[key].encode("utf-8", "surrogatepass"), [], rng)
                part[key] = text.decode("utf-8", "replace")
            elif what == 4:
                part[key] = rng.choice(NASTY).decode("utf-8", "replace")
            else:
                numbers = (0, -1, 1e308, -1e-320, 10**30, float("nan"), float("inf"))
                part[key] = rng.choice(
                    (None, True, False, [], {}, "", [part[key]], {"a": part[key]}, *numbers)
                )
        except (LookupError, TypeError):
            continue
    return tree


def tried(name: str, content: bytes) -> str:
    """Let a target read a content in a folder of its own; say what is wrong with that, or nothing."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    since = time.process_time()
    try:
        survived(name, content, folder)
    except Exception as error:
        ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "costcheck" in frame.filename]
        at = ours[-1] if ours else traceback.extract_tb(error.__traceback__)[-1]
        said = str(error) if isinstance(error, AssertionError) else ""
        return f"{type(error).__name__} {Path(at.filename).name}:{at.lineno} {said}".strip()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.process_time() - since
    return f"slow: more than {SLOW_SECONDS} s" if seconds > SLOW_SECONDS else ""


def minimised(name: str, content: bytes, wrong: str, tries: int = 400) -> bytes:
    """Leave out all that is not needed for the same fault."""
    size = len(content) // 2
    while size and tries > 0:
        at = 0
        while at < len(content) and tries > 0:
            shorter = content[:at] + content[at + size :]
            tries -= 1
            if tried(name, shorter) == wrong:
                content = shorter
            else:
                at += size
        size //= 2
    return content


def fuzz(name: str, seconds: int, out: Path) -> None:
    """Fuzz one target; libFuzzer ends the process."""
    import atheris

    with (
        atheris.instrument_imports(include=["costcheck"], enable_loader_override=False),
        contextlib.suppress(AssertionError),  # atheris says what it instruments
    ):
        survived(name, b"", Path(tempfile.mkdtemp(prefix="fuzz")))
    seeds = list(TARGETS[name].seeds())
    words = sorted({word for seed in seeds for word in TOKEN.findall(seed) if len(word) > 1})
    rng = random.Random(time.time_ns())
    corpus, found = out / "corpus" / name, out / "found" / name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        assert not (wrong := tried(name, seed)), wrong
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    known: set[str] = set()

    def one(content: bytes) -> None:
        wrong = tried(name, content)
        if not wrong or wrong in known:
            return
        known.add(wrong)
        slow = wrong.startswith("slow")
        least = content if slow else minimised(name, content, wrong)
        path = found / hashlib.sha256(wrong.encode()).hexdigest()[:8]
        path.write_bytes(least)
        print(f"FOUND {name}: {wrong}: {path}", flush=True)

    def mutator(content: bytes, most: int, seed: int) -> bytes:
        if rng.random() < 0.25:
            return atheris.Mutate(content, most)
        return mutated(content, words, rng)[:most]

    given = [
        sys.argv[0], f"-max_total_time={seconds}", "-timeout=60", f"-rss_limit_mb={MOST_MEGABYTES + 300}",
        "-max_len=600000", f"-artifact_prefix={found}/", "-print_final_stats=1", str(corpus),
    ]  # fmt: skip
    atheris.Setup(given, one, custom_mutator=mutator)
    atheris.Fuzz()


def main() -> int:
    """Fuzz one target in this process, or all in one process each."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("target", choices=("all", *TARGETS))
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--out", type=Path, default=ROOT / "out" / "fuzz")
    options = asked.parse_args()
    if options.target != "all":
        fuzz(options.target, options.seconds, options.out)
    for name in TARGETS if options.target == "all" else ():
        command = [
            sys.executable,
            __file__,
            name,
            "--seconds",
            str(options.seconds),
            "--out",
            str(options.out),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        counted = re.search(r"number_of_executed_units: (\d+)", done.stderr)
        print(f"{name}: {int(counted[1]) if counted else 0:,} executions", flush=True)
        print(*(line for line in done.stdout.splitlines() if line.startswith("FOUND")), sep="\n", flush=True)
        if not counted or done.returncode:
            print(done.stderr[-3000:], flush=True)
    found = [path for path in (options.out / "found").rglob("*") if path.is_file()]
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
