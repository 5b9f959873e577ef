"""Run notebooks at one or many sets of prices, and write what they found out of their outputs."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from costcheck.batch import cache
from costcheck.batch.earlier import Earlier, beside
from costcheck.batch.events import Event, Failed, Outcome
from costcheck.batch.execution import Executed, Failure
from costcheck.batch.jobs import Job, Template, environment
from costcheck.batch.local import Executor, Local
from costcheck.batch.scenarios import Scenario
from costcheck.claims import Article
from costcheck.claims.article import OWN_NOTEBOOK
from costcheck.claims.verdict import results_csv
from costcheck.data import files, locks
from costcheck.data.tables import home
from costcheck.errors import InputError, RunError, unknown
from costcheck.prices.book import PriceBook
from costcheck.results import executed, export, images
from costcheck.results.csv_files import PRICES, prices_csv, prices_used
from costcheck.results.names import refusal
from costcheck.text import log

JOBS_AHEAD = 4
"""Jobs handed to an executor for each that it executes at once: none waits, and few results are in memory."""
LOOK_SECONDS = 1.0
"""How often to see whether an executor from which nothing comes can still be reached."""
RESULTS = "results.csv"
PARQUET, WORKBOOK = "results.parquet", "results.xlsx"


def names() -> list[str]:
    """Return the names of the notebooks on the package's articles, in their order.

    >>> names()[0]
    '01_training_time'
    """
    return sorted(path.stem for path in home("notebooks").glob("[0-9]*.ipynb"))


def chosen(given: Sequence[str]) -> list[str | Path]:
    """Find the notebooks meant; all on the package's articles by default.

    Args:
        given: A name or number of a notebook of the package, or the path of any notebook: with a folder in
            it, or ending in ``.ipynb``.

    Raises:
        InputError: There is no such notebook.

    >>> chosen(["2", "01_training_time"])
    ['01_training_time', '02_entry_ticket']
    """
    known = [*names(), OWN_NOTEBOOK]
    packaged: list[str] = []
    own: dict[Path, Path] = {}
    for text in given:
        path = Path(text)
        if path.name != text or path.suffix == ".ipynb":
            if not path.is_file():
                nearest = unknown("notebook", path.stem, known).nearest
                raise InputError("no such file", where=text, nearest=nearest)
            if not path.stem.isprintable():
                raise InputError(f"{text!r}: a name that cannot be shown; rename the file")
            if path.resolve() == (home("notebooks") / path.name).resolve():
                packaged.append(path.stem)
            else:
                own[path.resolve()] = path
            continue
        fitting = [name for name in known if text in (name, name[:2], name[:2].lstrip("0"))]
        if not fitting:
            raise unknown("notebook", text, known)
        packaged += fitting
    return [*sorted(dict.fromkeys(packaged)), *own.values()] or list(names())


def templates(notebooks: Sequence[str | Path]) -> list[Template]:
    """Read notebooks: those of the package by their names, others from their files.

    Raises:
        InputError: A file is not a notebook, or two would have the same name.

    >>> "gpu_hours" in templates(["01_training_time"])[0].declared
    True
    """
    paths = [each if isinstance(each, Path) else home("notebooks") / f"{each}.ipynb" for each in notebooks]
    read = [Template.read(path, own=path in notebooks) for path in paths]
    refuse_same_names(read)
    return read


def chapters(articles: Sequence[tuple[Article, str]]) -> list[Template]:
    """Make the notebook of each of some articles, given with the texts of their files.

    Raises:
        InputError: An article translates another, whose file its notebook would not have.
    """
    (template,) = templates([OWN_NOTEBOOK])
    for article, _ in articles:
        if article.translation_of:
            raise InputError(
                f"--article: {article.article} translates {article.translation_of}, and a chapter knows one "
                "article alone; costcheck check takes both"
            )
    return [template.of(article, text) for article, text in articles]


def refuse_same_names(notebooks: Sequence[Template]) -> None:
    """Refuse notebooks that would be written to the same file.

    Raises:
        InputError: The name that two have.
    """
    for name, count in Counter(notebook.name for notebook in notebooks).items():
        if count > 1:
            raise InputError(f"two notebooks to run would be called {name!r}; rename one of them")


def run(
    notebooks: Sequence[Template],
    scenarios: Sequence[Scenario] | PriceBook,
    out: Path,
    *,
    png: bool = False,
    fresh: bool = False,
    executor: Executor | None = None,
    tell: Callable[[Event], object] = lambda event: None,
    warn: Callable[[str], object] = lambda text: None,
) -> Outcome:
    """Run notebooks at each scenario's prices, and write what they found.

    What was executed before with the same source, prices, data and versions is read from the cache; what
    several scenarios share is executed once. A notebook that fails stops no other. Notebooks of earlier runs
    in the same folder, at the same prices, count into the results.

    Args:
        notebooks: As `templates` gives them; each is given the prices it declares.
        scenarios: Names and prices, as `with_edits` gives them, or the prices of a single run.
        out: Folder for ``notebooks/``, ``figures/``, ``prices.csv`` and ``results.csv``, ``.parquet`` and
            ``.xlsx``; with scenarios, for a folder of each one's, and the results of all in their order.
        png: Whether to write each figure as PNG at print size as well.
        fresh: Whether to execute also what the cache has.
        executor: Where to execute; by default in as many threads as there are cores.
        tell: Called with what happens, at times from other threads.
        warn: Called with a sentence on each problem that does not stop the run.

    Raises:
        InputError: Two notebooks have the same name, or the folder has some that were executed at other
            prices.
        RunError: The folder cannot be written to, or another process does; two notebooks show a figure of
            the same name, or one of a name that is no file's; or the executor is lost.
    """
    refuse_same_names(notebooks)
    try:
        with alone_in(out), executor or Local() as workers:
            batch = _Batch(notebooks, scenarios, out, png, tell, warn)
            batch.run(workers, fresh)
    except OSError as error:
        raise RunError(
            f"{error.filename or out}: cannot be written ({error.strerror}); what was finished before is kept"
        ) from error
    return batch.outcome


@contextlib.contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Make a folder of results, and be the only process that writes there; `run` does so itself.

    Raises:
        RunError: Another process writes there, or there can be no such folder.
    """
    try:
        _prepare(out)
    except OSError as error:
        raise RunError(f"{error.filename or out}: cannot be written ({error.strerror})") from error
    with locks.alone(out):
        yield


Rows = Sequence[Mapping[str, str]]


class _Execution(NamedTuple):
    """A job that is being executed, and the scenarios that wait for it."""

    job: Job
    future: Future[Executed]
    places: list[int]


class _Batch:
    """The state of one run. Of what is finished it keeps no notebooks and no rows."""

    def __init__(
        self,
        notebooks: Sequence[Template],
        scenarios: Sequence[Scenario] | PriceBook,
        out: Path,
        png: bool,
        tell: Callable[[Event], object],
        warn: Callable[[str], object],
    ) -> None:
        self._notebooks, self._out, self._png, self._tell, self._warn = notebooks, out, png, tell, warn
        self._several = not isinstance(scenarios, PriceBook)
        if isinstance(scenarios, PriceBook):
            scenarios = [Scenario(scenarios.scenario, scenarios)]
        self._scenarios = scenarios
        self.outcome = Outcome(self._several)
        names = {notebook.name for notebook in notebooks}
        self._earlier: list[list[Earlier]] = []
        """For each scenario, the notebooks of earlier runs that count into its results."""
        for place, scenario in enumerate(scenarios):
            for folder in self._folders(place):
                if files.leads_out(folder, out):
                    raise RunError(
                        f"{folder}: a link that leads out of {out}, where nothing is written; "
                        "remove it, or write to another folder with --out"
                    )
            self._earlier.append(beside(self._folder(place), names, scenario.prices, warn))
            self.outcome.earlier[scenario.name] = [notebook.name for notebook in self._earlier[place]]
        with log.step("package, data and versions hashed"):
            self._environment = environment()
        log.detail(f"cache: {cache.location()}")
        self._cache = cache.Cache(cache.location(), self._environment, warn)
        self._running: dict[str, _Execution] = {}
        """By key, what is executed now."""
        self._ended: dict[str, tuple[int, Failure | None, bool]] = {}
        """By key, the scenario for which it was executed, how it failed, and whether there is a notebook."""
        self._rows: dict[int, dict[str, Rows]] = {}
        """For each scenario that has begun and is not complete, the rows of its notebooks that are done."""
        shown = [
            (figure, each.name) for earlier in self._earlier for each in earlier for figure in each.figures
        ]
        self._shown = dict(shown)
        """By figure, the notebook that shows it."""

    def run(self, executor: Executor, fresh: bool) -> None:
        with log.step("notebooks read from the cache or executed"):
            for place, scenario in enumerate(self._scenarios):
                for folder in self._folders(place):
                    _prepare(folder)
                for template in self._notebooks:
                    self._do(place, template.job(scenario.prices, self._environment), executor, fresh)
            while self._running:
                self._wait(executor)
        order = {scenario.name: place for place, scenario in enumerate(self._scenarios)}
        self.outcome.failed.sort(key=lambda failed: (order[failed.scenario], failed.failure.notebook))
        with log.step("results written"):
            if self._several:
                self._write_results_of_all()
            self._write_exports(self._write_prices())

    def _folder(self, place: int) -> Path:
        return self._out / self._scenarios[place].name if self._several else self._out

    def _folders(self, place: int) -> list[Path]:
        folder = self._folder(place)
        return [folder, folder / "notebooks", folder / "figures"]

    # ------------------------------------------------------------------------------ cache and execution
    def _do(self, place: int, job: Job, executor: Executor, fresh: bool) -> None:
        """Take a notebook from the cache or from another scenario, or have it executed."""
        if job.key in self._running:
            self._running[job.key].places.append(place)
        elif job.key in self._ended:
            first, failure, is_kept = self._ended[job.key]
            self._finish(place, job.name, "reused", self._read(first, job.name) if is_kept else None, failure)
        elif kept := None if fresh or job.folder else self._cache.get(job.name, job.key):
            self._finish(place, job.name, "reused", kept)
        else:
            while len(self._running) >= JOBS_AHEAD * executor.workers:
                self._wait(executor)
            began = Event("started", job.name, self._scenarios[place].name)
            self._running[job.key] = _Execution(
                job, executor.submit(job, partial(self._tell, began)), [place]
            )

    def _wait(self, executor: Executor) -> None:
        """Wait until something has ended, and write it for all scenarios that wait for it."""
        futures = [execution.future for execution in self._running.values()]
        done, _ = wait(futures, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        if not done:
            _refuse_lost(executor)
        for job, future, places in [each for each in self._running.values() if each.future in done]:
            del self._running[job.key]
            failure, kept, seconds = None, None, None
            try:
                made = future.result()
                kept = cache.Kept(made.notebook, executed.read(json.loads(made.notebook)))
                failure, seconds = made.failure, made.seconds
            except Exception as error:  # a job whose worker died, or that could not be started at all
                _refuse_lost(executor)
                failure = Failure(job.name, "unknown", _message(error))
            else:
                self.outcome.seconds.setdefault(job.name, []).append(seconds)
            # a notebook of the reader's own may read files, which its key does not cover
            if kept and not failure and not job.folder:
                self._cache.put(job.name, job.key, kept)
            self.outcome.executed += 1
            self._ended[job.key] = places[0], failure, kept is not None
            self._finish(places[0], job.name, "done", kept, failure, seconds)
            for place in places[1:]:
                self._finish(place, job.name, "reused", kept, failure)

    def _read(self, place: int, name: str) -> cache.Kept:
        content = (self._folder(place) / "notebooks" / f"{name}.ipynb").read_bytes()
        return cache.Kept(content, executed.read(json.loads(content)))

    # -------------------------------------------------------------------------------------- what is written
    def _finish(
        self,
        place: int,
        name: str,
        how: Literal["done", "reused"],
        kept: cache.Kept | None,
        failure: Failure | None = None,
        seconds: float | None = None,
    ) -> None:
        """Write a notebook for a scenario, and the results if it is the last."""
        scenario = self._scenarios[place].name
        path = self._place(place, name, kept) if kept else None
        if failure:
            self.outcome.failed.append(Failed(scenario, failure, path))
        elif how == "reused":
            self.outcome.reused += 1
        self._tell(Event("failed" if failure else how, name, scenario, seconds, failure))
        rows = self._rows.setdefault(place, {})
        rows[name] = kept.found.rows if kept else []
        if len(rows) == len(self._notebooks):
            self._conclude(place, self._rows.pop(place))

    def _place(self, place: int, name: str, kept: cache.Kept) -> Path:
        """Write an executed notebook and its figures into a scenario's folder."""
        folder = self._folder(place)
        for figure in kept.found.figures:
            if unfit := refusal(figure):  # a notebook writes no file, and names none outside its folder
                raise RunError(f"{name} shows a figure whose name no file can have: {unfit}")
            if (other := self._shown.setdefault(figure, name)) != name:
                raise RunError(
                    f"{name} shows a figure named {figure!r}, and so does {other}; "
                    "write one of them to another folder with --out"
                )
        path = folder / "notebooks" / f"{name}.ipynb"
        files.write(path, kept.notebook)
        for figure, svg in kept.found.figures.items():
            files.write(folder / "figures" / f"{figure}.svg", svg.encode())
            if self._png:
                files.write(folder / "figures" / f"{figure}.png", images.png(svg))
            self.outcome.figures += 1 + self._png
        return path

    def _conclude(self, place: int, rows: Mapping[str, Rows]) -> None:
        """Write the results of a scenario all notebooks of which are done."""
        of_all = [(notebook.name, rows[notebook.name]) for notebook in self._notebooks]
        of_all += [(notebook.name, notebook.rows()) for notebook in self._earlier[place]]
        of_all.sort(key=lambda of_one: _order(of_one[0]))
        # a notebook knows the prices that it declares, and a run has one name
        named = {"scenario": self._scenarios[place].prices.scenario}
        text = results_csv([{**row, **named} for row in executed.merged(of_all).values()])
        files.write(self._folder(place) / RESULTS, text.encode())

    def _write_results_of_all(self) -> None:
        with files.replacing(self._out / RESULTS) as whole:
            for place in range(len(self._scenarios)):
                with (self._folder(place) / RESULTS).open("rb") as of_scenario:
                    header = of_scenario.readline()
                    whole.write(b"" if place else header)
                    shutil.copyfileobj(of_scenario, whole)

    def _write_prices(self) -> list[dict[str, str | float]]:
        """Write which prices each scenario used, and return the rows of all."""
        prices = []
        for place, scenario in enumerate(self._scenarios):
            rows = []
            notebooks: list[Template | Earlier] = [*self._notebooks, *self._earlier[place]]
            for notebook in sorted(notebooks, key=lambda notebook: _order(notebook.name)):
                book = scenario.prices.extended(notebook.own)
                # the chapter on any article takes the article too
                keys = [key for key in notebook.declared if key in book.keys_known]
                rows += prices_used(keys, book, scenario.prices.scenario)
            each_once = list({tuple(row.items()): row for row in rows}.values())
            files.write(self._folder(place) / PRICES, prices_csv(each_once).encode())
            prices += each_once
        if self._several:
            files.write(self._out / PRICES, prices_csv(prices).encode())
        return prices

    def _write_exports(self, prices: Sequence[dict[str, str | float]]) -> None:
        """Write the results as Parquet and as a workbook too."""
        results, parquet, workbook = (self._out / name for name in (RESULTS, PARQUET, WORKBOOK))
        files.write(parquet, export.parquet(results))
        with results.open("rb") as file:
            count = sum(1 for _ in file) - 1
        longest = max(count, len(prices))
        if longest > export.MOST_ROWS:
            workbook.unlink(missing_ok=True)  # of an earlier run
            self._warn(
                f"{workbook}: not written, {longest:,} rows are more than its {export.MOST_ROWS:,}; "
                f"{RESULTS} and {PARQUET} have them all"
            )
        else:
            files.write(workbook, export.xlsx(results, prices))


def _order(name: str) -> tuple[bool, str]:
    """Sort the package's notebooks by their numbers; others follow, in the order they have."""
    numbered = name[:2].isdecimal()
    return (not numbered, name if numbered else "")


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        files.sweep(folder)


def _refuse_lost(executor: Executor) -> None:
    if lost := executor.lost():
        raise RunError(lost) from None


def _message(error: Exception) -> str:
    if isinstance(error, RunError):
        return str(error)
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
