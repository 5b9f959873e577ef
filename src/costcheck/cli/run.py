"""Execute notebooks; write them, figures, results and report.html to OUT; print the verdicts.

Example: costcheck run 1 2 --set h100_usd=25000 --out out/cheaper
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from costcheck.cli.options import (
    ARTICLES,
    PRICES,
    Parser,
    assignments,
    elsewhere,
    given_prices,
    number,
    own_prices,
    readers_quotes,
    some_path,
)
from costcheck.cli.output import print_verdicts, remark
from costcheck.cli.prices import print_used
from costcheck.errors import InputError, RunError
from costcheck.text import log
from costcheck.text.waiting import working

if TYPE_CHECKING:
    import logging
    from collections.abc import Sequence

    from costcheck.batch.events import Outcome
    from costcheck.batch.jobs import Template
    from costcheck.batch.local import Executor
    from costcheck.claims import Article
    from costcheck.prices.book import PriceBook

SIDE_BY_SIDE = 6
"""Scenarios that a run still compares in its tables; more are for `costcheck compare`."""
A_WEEK = 604_800


OPTIONS = (*PRICES, "--lang", "--open")


def add(parser: Parser) -> None:
    words = (
        "name or number, or the path of any notebook, or an article of yours, whose chapter is executed "
        "(default: all notebooks of the package)"
    )
    parser.add_argument("words", nargs="*", type=some_path, metavar="NOTEBOOK|ARTICLE.yaml", help=words)
    words = (
        "run each scenario of a .csv, .yaml, .json or .xlsx file, or of an example such as by_year, into "
        "OUT/<name>, and compare them with the articles"
    )
    parser.add_argument("--scenarios", type=some_path, metavar="FILE", help=words)
    words = "where to write (default: out)"
    parser.add_argument("--out", type=some_path, default=Path("out"), metavar="DIR", help=words)
    for form, words in (
        ("png", "each figure as PNG (300 dpi)"),
        ("xlsx", "results and prices as a workbook, results.xlsx"),
        ("parquet", "results.parquet, for programs"),
    ):
        parser.add_argument(f"--{form}", action="append_const", dest="also", const=form, help=f"also {words}")
    where = parser.add_mutually_exclusive_group()
    words = "notebooks executed at once (default: one more than this process has cores)"
    where.add_argument("--jobs", type=number("whole number", 1, 1024), metavar="N", help=words)
    words = "execute on a Dask cluster, such as tcp://10.0.0.1:8786"
    where.add_argument("--dask", metavar="ADDRESS", help=words)
    words = "papermill's engine: warm, which forks kernels (default), or papermill's own"
    parser.add_argument("--engine", choices=("warm", "papermill"), default="warm", help=words)
    seconds = number("number of seconds", 1, A_WEEK, float)
    words = "end a notebook (with --engine papermill, a cell) that takes longer (default: 600)"
    parser.add_argument("--time-limit", type=seconds, metavar="SECONDS", help=words)
    parser.add_argument("--fresh", action="store_true", help="execute everything, also what the cache has")
    words = "progress as a JSON object a line on standard error"
    parser.add_argument("--log-json", action="store_true", help=words)


def main(options: argparse.Namespace) -> int:
    import logging
    import threading
    import time

    from costcheck.batch import scenarios
    from costcheck.batch.execution import TIME_LIMIT
    from costcheck.batch.jobs import with_edits
    from costcheck.batch.local import Local
    from costcheck.batch.progress import Progress
    from costcheck.batch.runner import alone_in, run
    from costcheck.claims import articles
    from costcheck.claims.article import OWN_NOTEBOOK
    from costcheck.claims.loading import load
    from costcheck.results import report

    since = time.monotonic()
    options.article = [word for word in options.words if word.suffix.lower() in ARTICLES]
    options.notebooks = [str(word) for word in options.words if word not in options.article]
    of_yours = load(options.article)
    chosen = given_prices(options, of_yours)
    rows = scenarios.read(options.scenarios, own_prices(of_yours)) if options.scenarios else ()
    for key in assignments(options.set) if rows else ():
        setting = sum(key in row.prices.given for row in rows)
        if setting == len(rows):
            every = f"every scenario of {options.scenarios} has its own price, which goes first"
            raise InputError(f"--set {key}: {every}; leave out either")
        if setting:
            log.note(f"--set {key}: not in {setting} of {len(rows)} scenarios, which have their own price")
    notebooks = _notebooks(options, of_yours, {key for row in rows for key in row.prices.given})
    if any(template.name == OWN_NOTEBOOK and not template.folder for template in notebooks):
        log.note("article: on the example that comes with the package; costcheck run FILE.yaml is on yours")
    prices = with_edits(notebooks, chosen)
    several = [
        scenarios.Scenario(row.name, prices.override(row.prices.given).named(row.name)) for row in rows
    ]
    kept = not any(template.folder for template in notebooks)
    progressing = Progress(len(notebooks), len(several), log_json=options.log_json, kept=kept)
    for name in ("costcheck", "warmkernels"):
        logging.getLogger(name).handlers = [_shown_as_warnings()]
    # of tasks and kernels that nobody waits for any more when a run is stopped; each failure is listed anyway
    for name in ("asyncio", "papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    time_limit = options.time_limit or TIME_LIMIT
    executor: Executor = Local(options.jobs, time_limit, options.engine)
    if options.dask is not None:
        from costcheck.batch.dask import Dask

        executor = Dask(options.dask, time_limit, options.engine)
    try:
        # a cluster that cannot be had leaves no folder behind
        with executor, alone_in(options.out):
            # until the first kernels are there, nothing else is to be done
            threading.Thread(target=report.prepare, daemon=True).start()
            with progressing:
                outcome = run(
                    notebooks,
                    several or prices,
                    options.out,
                    also=options.also or (),
                    fresh=options.fresh,
                    executor=executor,
                    tell=progressing.tell,
                    warn=progressing.warn,
                )
            if several:
                _print_several(len(several), options.out)
            else:
                _print_single(prices, [*articles(), *of_yours], len(notebooks), outcome, options.out)
            if options.as_of or options.book:
                shown = articles() if options.notebooks or not of_yours else ()
                print_used(prices, [*shown, *of_yours], readers_quotes(options))
            sys.stdout.flush()
            names = [template.name for template in notebooks]
            reported = _report(options, names, [row.name for row in several] or [prices.scenario], outcome)
            what = "notebook" if outcome.executed == 1 else "notebooks"
            failed = f"{len(outcome.failed)} failed, " if outcome.failed else ""
            remark(f"{outcome.executed} {what} executed, {failed}{outcome.reused} reused")
            sys.stdout.flush()
            progressing.end(outcome, time.monotonic() - since)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(progressing.stopped(options.out, fresh=options.fresh)) from None
    return 0 if reported and not outcome.failed else 1


def _shown_as_warnings() -> logging.Handler:
    """Return a handler that shows what kernels log as every other warning is shown."""
    import logging

    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: log.warning(  # type: ignore[method-assign]
        record.getMessage().removeprefix("costcheck: ")
    )
    return handler


def _notebooks(options: argparse.Namespace, of_yours: Sequence[Article], keys: set[str]) -> list[Template]:
    """Find what is to be run, and refuse prices that none of it takes; ``keys`` are those of scenarios."""
    from costcheck.batch.runner import chosen, templates
    from costcheck.claims.checks import notebook_names
    from costcheck.data import tables, yaml_nodes

    texts = [tables.file_bytes(path, yaml_nodes.LARGEST).decode("utf-8-sig") for path in options.article]
    try:
        of_package = chosen(options.notebooks) if options.notebooks or not of_yours else []
    except InputError as error:
        known = notebook_names()
        words = [word for word in options.notebooks if not word.endswith(".ipynb") and word not in known]
        raise next(filter(None, map(elsewhere, words)), error) from None
    notebooks = templates(of_package, list(zip(of_yours, texts, strict=True)))
    declared = {key for template in notebooks for key in template.declared}
    given = [(f"--set {key}", {key}) for key in assignments(options.set)]
    given += [(str(options.scenarios), keys)] if keys else []
    for name, wanted in (("--as-of", options.as_of), ("--book", options.book)):
        given += [(name, declared)] if wanted else []
    for what, prices in given:
        if not declared & prices:
            listed = ", ".join(template.name for template in notebooks)
            raise InputError(f"{what}: none of the notebooks to run takes such a price ({listed})")
    return notebooks


def _report(
    options: argparse.Namespace, notebooks: Sequence[str], scenarios: Sequence[str], outcome: Outcome
) -> bool:
    """Write the report; what goes wrong with it takes nothing away from the results."""
    from costcheck.apps.browser import open_browser
    from costcheck.results import report
    from costcheck.results.report.run_folder import NotExecutedError

    # of these there may be a notebook of an earlier run
    missing = {(failure.scenario, failure.notebook) for failure in outcome.failed if not failure.kept}
    shown = {
        scenario: [name for name in notebooks if (scenario, name) not in missing]
        + outcome.earlier.get(scenario, [])
        for scenario in scenarios
    }
    if not any(shown.values()):
        return False
    wanted = shown if outcome.several else {"": shown[scenarios[0]]}
    try:
        with working("writing the report"):
            path = report.write(options.out, options.lang, wanted=wanted)
    except NotExecutedError:
        # each failure is listed, and a notebook of the reader's own may show nothing of ours
        return True
    except (InputError, RunError) as error:
        log.warning(f"{report.REPORT} was not written, the results were: {error}")
        return False
    remark(f"the report: {path}")
    if options.open:
        open_browser(path.resolve().as_uri())
    return True


def _print_several(count: int, out: Path) -> None:
    from costcheck.results import comparison

    if count <= SIDE_BY_SIDE:
        # where none is left to compare, each failure is listed, and that is all
        with contextlib.suppress(InputError):
            results = comparison.read([out])
            comparison.show(results, comparison.changes(results))
    remark(f"in {out}{os.sep}: a folder for each of {count} scenarios, and results.csv")
    if count > SIDE_BY_SIDE:
        remark(f"costcheck compare {out} --plot compared.svg says what differs between them")


def _print_single(
    prices: PriceBook, of: Sequence[Article], notebooks: int, outcome: Outcome, out: Path
) -> None:
    import csv

    from costcheck.claims import load, verdicts
    from costcheck.claims.loading import example

    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        ids = {(row["article"], row["id"]) for row in csv.DictReader(file)}
    for name in sorted({name for name, _ in ids} - {article.article for article in of}):
        # the chapter at its defaults is on an example; that of an earlier run may be on any article
        with contextlib.suppress(InputError):
            of = [*of, *load([example(name)])]
    if ids:
        judged = [verdict for verdict in verdicts(prices, of) if (verdict.article, verdict.claim.id) in ids]
        print_verdicts(judged, judged, of)
    earlier = sum(map(len, outcome.earlier.values()))
    of_them = f", {earlier} of earlier runs" if earlier else ""
    remark(
        f"in {out}{os.sep}: notebooks/ ({notebooks + earlier}{of_them}), figures/ ({outcome.figures}) "
        f"and results.csv ({len(ids)} claims)"
    )
