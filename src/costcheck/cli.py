"""The command ``costcheck``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from costcheck import __version__
from costcheck.errors import InputError, RunError, unknown

if TYPE_CHECKING:
    from rich.console import Console

    from costcheck.batch.executors import Executor
    from costcheck.claims import Verdict
    from costcheck.prices import PriceBook
    from costcheck.run import Outcome

DONE, NOT_EXECUTED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


OPTIONS = {
    "run": (
        "--set",
        "--scenarios",
        "--out",
        "--png",
        "--jobs",
        "--dask",
        "--fresh",
        "--log-json",
        "--help",
    ),
    "check": ("--set", "--format", "--help"),
    "compare": ("--format", "--figure", "--help"),
    "cache": ("--older-than", "--all", "--help"),
}
SIDE_BY_SIDE = 6
"""Scenarios that a run still compares in its tables; more are for `costcheck compare`."""
SLOWEST = 5
MOST_JOBS = 1024


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="costcheck",
        description="Recompute the figures two articles print on the cost of Llama 3.1 405B; say which hold.",
        epilog="A claim found wrong is a finding, not a failure: exit 0. "
        "1: something could not be executed. 2: the command line or an input file is wrong.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"costcheck {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    prices = _Parser(add_help=False)
    prices.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a price of yours, as h100_usd=25000 (repeatable; data/price_keys.csv lists the keys)",
    )

    run = commands.add_parser(
        "run",
        parents=[prices],
        help="execute the notebooks",
        description="Execute notebooks; write them, figures and results.csv to OUT; print the verdicts.",
        allow_abbrev=False,
    )
    run.add_argument(
        "notebooks", nargs="*", metavar="NOTEBOOK", help="name or number (all, if none is given)"
    )
    run.add_argument(
        "--scenarios",
        type=Path,
        metavar="FILE",
        help="run each scenario of a .csv, .yaml, .json or .xlsx file into OUT/<name>, and compare them",
    )
    run.add_argument(
        "--out", type=Path, default=Path("out"), metavar="DIR", help="where to write (default: out)"
    )
    run.add_argument(
        "--png", action="store_true", help="write each figure as PNG at print size (300 dpi) as well"
    )
    where = run.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs",
        type=_whole,
        metavar="N",
        help="notebooks executed at once (default: one more than this process has cores)",
    )
    where.add_argument(
        "--dask", metavar="ADDRESS", help="execute on a Dask cluster, such as tcp://10.0.0.1:8786"
    )
    run.add_argument(
        "--fresh", action="store_true", help="execute everything, also what the cache has from before"
    )
    run.add_argument(
        "--log-json", action="store_true", help="progress as a JSON object a line on standard error"
    )

    check = commands.add_parser(
        "check",
        parents=[prices],
        help="the same verdicts without notebooks",
        description="Check every claim and print the verdicts; starts no kernel and writes no file.",
        allow_abbrev=False,
    )
    check.add_argument("articles", nargs="*", type=Path, metavar="ARTICLE.yaml", help="articles of yours")
    check.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")

    compare = commands.add_parser(
        "compare",
        help="what changed between results",
        description="Say claim by claim what changed between results, and which prices differ.",
        allow_abbrev=False,
    )
    compare.add_argument(
        "results",
        nargs="+",
        type=Path,
        metavar="RESULTS",
        help="folders of runs or results.csv files, compared with the first; or one of several scenarios",
    )
    compare.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    compare.add_argument(
        "--figure", type=Path, metavar="FILE", help="draw it as well, to a file ending in .svg or .png"
    )

    cache = commands.add_parser(
        "cache",
        help="show or prune what earlier runs executed",
        description="Show where executed notebooks are kept for later runs, how many and how large; "
        "or remove those unused for 30 days and those of other versions.",
        allow_abbrev=False,
    )
    cache.add_argument("action", nargs="?", choices=("prune",), help="remove what is old")
    cache.add_argument(
        "--older-than", type=_days, metavar="DAYS", help="prune what was unused for so long (default: 30)"
    )
    cache.add_argument("--all", action="store_true", help="prune everything")
    return parser


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_JOBS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_JOBS}")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days, 0 or more")
    return days


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; that of the process by default.

    Returns:
        The exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # pydantic would read the metadata of every installed package, looking for plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        parser = _parser()
        if given and not given[0].startswith("-") and given[0] not in OPTIONS:
            raise InputError(unknown("command", given[0], OPTIONS))
        options, rest = parser.parse_known_args(given)
        if rest:
            raise InputError(
                unknown("option", rest[0], OPTIONS.get(options.command, ("--help", "--version")))
            )
        if options.command is None:
            parser.print_help()
            return DONE
        status = COMMANDS[options.command](options)
        sys.stdout.flush()
        return status
    except InputError as error:
        print(f"costcheck: {error}", file=sys.stderr)
        return WRONG_INPUT
    except RunError as error:
        print(f"costcheck: {error}", file=sys.stderr)
        return NOT_EXECUTED
    except KeyboardInterrupt:
        print("\ncostcheck: stopped; finished notebooks are kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has gone; Python would complain once more while closing it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _prices(given: Sequence[str]) -> PriceBook:
    from costcheck.prices import PriceBook

    values: dict[str, object] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text}: write KEY=VALUE, as h100_usd=25000")
        if key in values:
            raise InputError(f"--set {text}: {key} is set twice")
        values[key] = value
    return PriceBook.article().override(values)


def _check(options: argparse.Namespace) -> int:
    from costcheck.claims import load, verdicts

    found = verdicts(_prices(options.set), load(options.articles) if options.articles else None)
    if options.format == "table":
        _print_table(found)
    elif options.format == "json":
        import json

        print(json.dumps([verdict.row() for verdict in found], ensure_ascii=False, indent=1))
    else:
        from costcheck.claims.verdicts import results_csv

        sys.stdout.write(results_csv([verdict.row() for verdict in found]))
    return DONE


def _compare(options: argparse.Namespace) -> int:
    from costcheck import compare

    if options.figure and options.figure.suffix.lower() not in (".svg", ".png"):
        raise InputError(f"--figure {options.figure}: the file's name must end in .svg or .png")
    results = compare.read(options.results)
    found = compare.changes(results)
    if options.format == "table":
        compare.show(results, found, _console())
    elif options.format == "json":
        import json

        print(json.dumps([change.row() for change in found], ensure_ascii=False, indent=1))
    else:
        import csv

        writer = csv.DictWriter(sys.stdout, compare.HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change.row() for change in found)
    if options.figure:
        try:
            compare.save(compare.draw(results, found), options.figure)
        except OSError as error:
            raise RunError(f"{options.figure}: cannot be written ({error.strerror})") from error
    return DONE


def _run(options: argparse.Namespace) -> int:
    import time

    from costcheck.batch import scenarios
    from costcheck.batch.progress import progress
    from costcheck.run import chosen, run, templates

    since = time.monotonic()
    prices = _prices(options.set)
    several = [
        scenarios.Scenario(one.name, prices.override(one.prices.changed).named(one.name))
        for one in (scenarios.read(options.scenarios) if options.scenarios else ())
    ]
    names = chosen(options.notebooks)
    notebooks = templates(names)
    known = {key for template in notebooks for key in template.declared}
    for key in prices.changed:
        if key not in known:
            raise InputError(f"--set {key}: none of the notebooks to run takes it ({', '.join(names)})")
    executor = _executor(options)
    with progress(
        len(notebooks) * max(1, len(several)), several=bool(several), log_json=options.log_json
    ) as told:
        outcome = run(
            notebooks,
            several or prices,
            options.out,
            png=options.png,
            fresh=options.fresh,
            executor=executor,
            tell=told.tell,
            warn=told.warn,
        )
    if several:
        _print_several(len(several), options.out)
    else:
        _print_one(prices, len(notebooks), outcome, options.out)
    _print_slowest(outcome)
    print(f"{outcome.executed} notebooks executed, {outcome.reused} reused")
    sys.stdout.flush()
    told.end(outcome, time.monotonic() - since)
    return NOT_EXECUTED if outcome.failed else DONE


def _executor(options: argparse.Namespace) -> Executor:
    from costcheck.batch import executors

    if options.dask is not None:
        return executors.Dask(options.dask)
    return executors.Local(options.jobs)


def _print_several(count: int, out: Path) -> None:
    from costcheck import compare

    if 1 < count <= SIDE_BY_SIDE:
        results = compare.read([out])
        compare.show(results, compare.changes(results), _console())
    print(f"in {out}{os.sep}: a folder for each of {count} scenarios and results.csv")
    if count > SIDE_BY_SIDE:
        print(f"costcheck compare {out} --figure compared.svg says what differs between them")


def _print_one(prices: PriceBook, notebooks: int, outcome: Outcome, out: Path) -> None:
    import csv

    from costcheck.claims import verdicts

    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        found = {row["id"] for row in csv.DictReader(file)}
    _print_table([verdict for verdict in verdicts(prices) if verdict.claim.id in found])
    print(
        f"in {out}{os.sep}: notebooks/ ({notebooks}), figures/ ({outcome.figures}) "
        f"and results.csv ({len(found)} claims)"
    )


def _print_slowest(outcome: Outcome) -> None:
    """Print which notebooks took longest, of those that were executed."""
    if not outcome.seconds:
        return
    import statistics

    from rich import box
    from rich.table import Table

    table = Table("slowest", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("times executed", "median s", "longest s"):
        table.add_column(column, justify="right")
    longest_first = sorted(outcome.seconds.items(), key=lambda each: -max(each[1]))
    for name, seconds in longest_first[:SLOWEST]:
        table.add_row(name, str(len(seconds)), f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}")
    _console().print(table)


def _cache(options: argparse.Namespace) -> int:
    import math

    from costcheck.batch import cache
    from costcheck.batch.jobs import environment

    folder = cache.location()
    if options.action == "prune":
        if options.all and options.older_than is not None:
            raise InputError("cache prune: --all and --older-than do not go together")
        days = cache.UNUSED_DAYS if options.older_than is None else options.older_than
        count, size = (
            cache.prune(folder, None, -math.inf) if options.all else cache.prune(folder, environment(), days)
        )
        print(f"{folder}: {count} notebooks removed, {_megabytes(size)} freed")
        return DONE
    if options.all or options.older_than is not None:
        raise InputError(f"cache: {'--all' if options.all else '--older-than'} goes with cache prune")
    _print_cache(folder, environment())
    return DONE


def _print_cache(folder: Path, environment: str) -> None:
    """Print what is kept, notebook by notebook."""
    import datetime as dt

    from rich import box
    from rich.table import Table

    from costcheck.batch import cache

    by_notebook: dict[str, list[cache.Entry]] = {}
    for entry in cache.entries(folder):
        by_notebook.setdefault(entry.notebook, []).append(entry)
    kept = [entry for each in by_notebook.values() for entry in each]
    print(f"{folder}: {len(kept)} notebooks, {_megabytes(sum(entry.size for entry in kept))}")
    if not kept:
        return
    table = Table("notebook", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("kept", "MB", "longest unused since", "last used"):
        table.add_column(column, justify="right")
    for name, each in sorted(by_notebook.items()):
        days = [dt.datetime.fromtimestamp(entry.used).strftime("%Y-%m-%d %H:%M") for entry in each]
        size = f"{sum(entry.size for entry in each) / 1e6:.1f}"
        table.add_row(name, str(len(each)), size, min(days), max(days))
    _console().print(table)
    others = sum(entry.environment != environment[:16] for entry in kept)
    if others:
        print(f"of other versions: {others}; costcheck cache prune removes those")


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "check": _check,
    "compare": _compare,
    "cache": _cache,
}


def _console() -> Console:
    """Make a console that leaves it to `main` when whoever reads it has gone."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            raise BrokenPipeError

    return Piped(highlight=False, width=None if sys.stdout.isatty() else 150)


def _print_table(found: Sequence[Verdict]) -> None:
    """Print the verdicts, and how many there are of each."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from costcheck.claims.show import readable

    console = _console()
    yours = any(verdict.scenario != "article" for verdict in found)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("claim", "printed", "recomputed", "arithmetic", "premise", *(["at your prices"] * yours)):
        table.add_column(column, overflow="fold", no_wrap=column in ("claim", "arithmetic", "premise"))
    for verdict in found:
        unit = verdict.claim.unit
        cells = [
            verdict.claim.id,
            verdict.claim.printed,
            readable(verdict.recomputed, unit),
            verdict.arithmetic_marked,
            verdict.premise,
            *([readable(verdict.at_your_prices, unit)] * yours),
        ]
        colour = COLOURS.get(verdict.arithmetic, "red")
        styles = ["bold", "", "", colour, COLOURS.get(verdict.premise, ""), ""]
        table.add_row(*(Text(text, style) for text, style in zip(cells, styles, strict=False)))
    console.print(table)
    console.print(Text(_counts(found)))


COLOURS: Mapping[str, str] = {
    "holds": "green",
    "close": "yellow",
    "not computable": "dim",
    "wrong category": "red",
    "unsupported": "yellow",
}


def _counts(found: Sequence[Verdict]) -> str:
    kinds = [
        "off by" if verdict.arithmetic.startswith("off by") else verdict.arithmetic_marked
        for verdict in found
    ]
    said = {
        "holds": "hold",
        "holds (unverified data)": "more hold on unverified data",
        "close": "close",
        "off by": "off by a factor",
        "wrong": "wrong",
        "not computable": "not computable",
    }
    listed = ", ".join(f"{kinds.count(kind)} {words}" for kind, words in said.items() if kind in kinds)
    misplaced = sum(verdict.premise == "wrong category" for verdict in found)
    claims = "claim" if len(found) == 1 else "claims"
    return f"{len(found)} {claims}: {listed}; {misplaced} of all are in the wrong category"
