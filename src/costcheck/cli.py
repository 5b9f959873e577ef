"""The command ``costcheck``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from costcheck import __version__
from costcheck.errors import InputError, RunError, unknown

if TYPE_CHECKING:
    from rich.console import Console

    from costcheck.claims import Verdict
    from costcheck.prices import PriceBook
    from costcheck.run import Failure

DONE, NOT_EXECUTED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


OPTIONS = {
    "run": ("--set", "--scenarios", "--out", "--png", "--help"),
    "check": ("--set", "--format", "--help"),
    "compare": ("--format", "--figure", "--help"),
}


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
    return parser


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
        status = {"run": _run, "check": _check, "compare": _compare}[options.command](options)
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
    from costcheck.batch import scenarios
    from costcheck.claims import verdicts
    from costcheck.run import chosen, declared, run, run_scenarios, source

    prices = _prices(options.set)
    several = [
        scenarios.Scenario(one.name, prices.override(one.prices.changed).named(one.name))
        for one in (scenarios.read(options.scenarios) if options.scenarios else ())
    ]
    notebooks = chosen(options.notebooks)
    known = {key for name in notebooks for key in declared(source(name))}
    for key in prices.changed:
        if key not in known:
            raise InputError(f"--set {key}: none of the notebooks to run takes it ({', '.join(notebooks)})")
    with _Progress(len(notebooks) * max(1, len(several))) as progress:
        started, ended = progress.started, progress.ended
        if several:
            outcome = run_scenarios(
                several, notebooks, options.out, png=options.png, started=started, ended=ended
            )
        else:
            outcome = run(notebooks, prices, options.out, png=options.png, started=started, ended=ended)
    if several:
        from costcheck import compare

        if len(several) > 1:
            results = compare.read([options.out])
            compare.show(results, compare.changes(results), _console())
        print(
            f"in {options.out}{os.sep}: a folder for each of {len(several)} scenarios and results.csv; "
            f"{len(notebooks) * len(several) - outcome.reused} notebooks executed, {outcome.reused} reused"
        )
    else:
        found = {row["id"] for row in outcome.rows}
        _print_table([verdict for verdict in verdicts(prices) if verdict.claim.id in found])
        print(
            f"in {options.out}{os.sep}: notebooks/ ({len(notebooks)}), figures/ ({len(outcome.figures)}) "
            f"and results.csv ({len(outcome.rows)} claims)"
        )
    for failure in outcome.failures:
        print(f"costcheck: not executed to its end: {failure}", file=sys.stderr)
    return NOT_EXECUTED if outcome.failures else DONE


class _Progress:
    """A bar on a terminal; one line a notebook anywhere else. Both on standard error."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._total, self._done = total, 0
        self._terminal = sys.stderr.isatty()
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            disable=not self._terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, rate="")

    def __enter__(self) -> _Progress:
        self._bar.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.stop()

    def started(self, name: str) -> None:
        """Show what is running."""
        self._bar.update(self._task, description=name)

    def ended(self, name: str, seconds: float, failure: Failure | None) -> None:
        """Count one more."""
        self._done += 1
        self._bar.update(self._task, advance=1, rate=f"{seconds:.1f} s each")
        if not self._terminal:
            print(
                f"{self._done}/{self._total} {name} {seconds:.1f} s" + (" FAILED" if failure else ""),
                file=sys.stderr,
                flush=True,
            )


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
