"""Run notebooks at one or many sets of prices, and write what they found out of their outputs."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from costcheck.batch import cache, earlier_runs
from costcheck.batch.events import Event, Failure, Outcome
from costcheck.batch.execution import Executed
from costcheck.batch.jobs import Job, Template, environment
from costcheck.batch.local import Executor, Local
from costcheck.batch.scenarios import Scenario
from costcheck.claims import Article
from costcheck.claims.article import OWN_NOTEBOOK
from costcheck.claims.checks import notebook_names
from costcheck.claims.verdict import COLUMNS
from costcheck.data import files, locks
from costcheck.data.tables import home
from costcheck.errors import InputError, RunError, unknown
from costcheck.prices.book import PriceBook
from costcheck.results import executed, export, images
from costcheck.results.csv_files import PRICES, RESULTS, prices_csv, prices_used
from costcheck.results.names import refusal
from costcheck.text import log
from costcheck.text.spreadsheets import csv_text

JOBS_AHEAD = 4
"""Jobs handed to an executor for each that it executes at once: none waits, and few results are in memory."""
LOOK_SECONDS = 1.0
"""How often to see whether an executor from which nothing comes can still be reached."""
PNG, PARQUET, XLSX = "png", "parquet", "xlsx"
FORMS = {PNG: "resvg_py", PARQUET: "pyarrow", XLSX: "openpyxl"}
"""What a run can write as well, each with the module that writes it."""

Rows = Sequence[Mapping[str, str]]


def chosen(given: Sequence[str]) -> list[str | Path]:
    """Find the notebooks meant; all on the package's articles by default.

    What is given is a name or number of a notebook of the package, or the path of any notebook: with a folder
    in it, or ending in ``.ipynb``.

    >>> chosen(["2", "01_training_time"])
    ['01_training_time', '02_entry_ticket']
    """
    known = [*notebook_names(), OWN_NOTEBOOK]
    packaged: set[str] = set()
    own: dict[Path, Path] = {}
    for text in given:
        path = Path(text)
        if path.name == text and path.suffix != ".ipynb":
            fitting = {name for name in known if text in (name, name[:2], name[:2].lstrip("0"))}
            if not fitting:
                raise unknown("notebook", text, known)
            packaged |= fitting
        elif not path.is_file():
            nearest = unknown("notebook", path.stem, known).nearest
            raise InputError("not a file" if path.exists() else "no such file", where=text, nearest=nearest)
        elif path.resolve() == (home("notebooks") / path.name).resolve():
            packaged.add(path.stem)
        else:
            own[path.resolve()] = path
    return [*sorted(packaged), *own.values()] or list(notebook_names())


def templates(
    notebooks: Sequence[str | Path], articles: Sequence[tuple[Article, str]] = ()
) -> list[Template]:
    """Read notebooks, and make the chapter on each of some articles, given with the texts of their files.

    Raises:
        InputError: A file is not a notebook, two would have the same name, or an article translates another,
            whose file its chapter would not have.

    >>> "gpu_hours" in templates(["01_training_time"])[0].declared
    True
    """
    folder = home("notebooks")
    paths = [name if isinstance(name, Path) else folder / f"{name}.ipynb" for name in notebooks]
    read = [Template.read(path, own=path in notebooks) for path in paths]
    for article, text in articles:
        if article.translation_of:
            raise InputError(
                f"{article.article} translates {article.translation_of}, and a chapter knows one "
                "article alone; costcheck check takes both"
            )
        read.append(Template.read(folder / f"{OWN_NOTEBOOK}.ipynb").of(article, text))
    for name, count in Counter(template.name for template in read).items():
        if count > 1:
            raise InputError(f"two notebooks to run would be called {name!r}; rename one of them")
    return read


# --------------------------------------------------------------------------------------------- a run
def run(
    notebooks: Sequence[Template],
    scenarios: Sequence[Scenario] | PriceBook,
    out: Path,
    *,
    also: Collection[str] = (),
    fresh: bool = False,
    executor: Executor | None = None,
    tell: Callable[[Event], object] = lambda event: None,
    warn: Callable[[str], object] = lambda text: None,
) -> Outcome:
    """Run notebooks at each scenario's prices, and write what they found.

    What was executed before with the same source, prices, data and versions is read from the cache; what
    several scenarios share is executed once. A notebook that fails stops no other. Notebooks of earlier runs
    in the same folder, at the same prices, count into the results.

    ``out`` gets ``notebooks/``, ``figures/``, ``prices.csv`` and ``results.csv``; with scenarios, a folder
    for each one's, and the results of all. ``also`` names further `FORMS`: results.parquet, results.xlsx, and
    a PNG beside each figure. ``tell`` is called with what happens, at times from other threads, and ``warn``
    with a sentence on each problem that does not stop the run.

    Raises:
        InputError: The folder has notebooks that were executed at other prices.
        RunError: The folder cannot be written to, or another process does; two notebooks show a figure of
            the same name, or one of a name that is no file's; or the executor is lost.
    """
    for form in also:
        import_module(FORMS[form])  # what is missing is missed before anything is executed
    if several := not isinstance(scenarios, PriceBook):
        places = [_Place(each.name, each.prices, out / each.name) for each in scenarios]
    else:
        places = [_Place(scenarios.scenario, scenarios, out)]
    try:
        with alone_in(out), executor or Local() as workers:
            batch = _Batch(notebooks, places, several, also, tell, warn)
            with log.step("notebooks read from the cache or executed"):
                batch.execute(workers, fresh)
            with log.step("results written"):
                batch.write(out)
    except OSError as error:
        raise RunError(
            f"{error.filename or out}: cannot be written ({error.strerror}); what was finished before is kept"
        ) from error
    return batch.outcome


@contextlib.contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Make a folder of results, and be the only process that writes there; `run` does so itself."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"{out}: this is a file; name a folder") from None
    except OSError as error:
        raise RunError(f"{error.filename or out}: cannot be written ({error.strerror})") from error
    with locks.alone(out):
        yield


@dataclass
class _Place:
    """A scenario, where its results go, and which notebooks of it are done."""

    name: str
    prices: PriceBook
    folder: Path
    earlier: list[Template] = field(default_factory=list)
    """Notebooks of earlier runs that count into the results."""
    rows: dict[str, Rows] = field(default_factory=dict)
    """By notebook that is done, until all are."""

    def notebook(self, name: str) -> Path:
        return self.folder / "notebooks" / f"{name}.ipynb"


class _Read(NamedTuple):
    """An executed notebook, if there is one, and what it shows."""

    content: bytes | None
    outputs: executed.Outputs


def _read(content: bytes | None) -> _Read:
    return _Read(content, executed.read(json.loads(content)) if content else executed.Outputs())


class _Batch:
    """The state of one run. Of what is finished it keeps no notebooks and no rows."""

    def __init__(
        self,
        notebooks: Sequence[Template],
        places: Sequence[_Place],
        several: bool,
        also: Collection[str],
        tell: Callable[[Event], object],
        warn: Callable[[str], object],
    ) -> None:
        self._notebooks, self._places, self._also = notebooks, places, also
        self._tell, self._warn = tell, warn
        self._several, self.outcome = several, Outcome(several)
        self._shown: dict[str, str] = {}
        """By figure, the notebook that shows it."""
        for place in places:
            names = {notebook.name for notebook in notebooks}
            for template, outputs in earlier_runs.notebooks_beside(place.folder, names, place.prices, warn):
                place.earlier.append(template)
                self._shown |= dict.fromkeys(outputs.figures, template.name)
            self.outcome.earlier[place.name] = [notebook.name for notebook in place.earlier]
        with log.step("package, data and versions hashed"):
            self._environment = environment()
        log.detail(f"cache: {cache.location()}")
        self._cache = cache.Cache(cache.location(), self._environment, warn)
        self._running: dict[str, tuple[Job, Future[Executed], list[_Place]]] = {}
        """By key, what is executed now, and the scenarios that wait for it."""
        self._ended: dict[str, tuple[Path | None, Failure | None]] = {}
        """By key, where the executed notebook is, if there is one, and how it failed."""

    # ------------------------------------------------------------------------------ cache and execution
    def execute(self, executor: Executor, fresh: bool) -> None:
        """Execute what the cache does not have; write notebooks, figures and each scenario's results."""
        for place in self._places:
            for folder in (place.folder, place.folder / "notebooks", place.folder / "figures"):
                folder.mkdir(parents=True, exist_ok=True)
                files.sweep(folder)
            # the longest first, so that none is left alone at the end
            for template in sorted(self._notebooks, key=lambda template: -len(template.source)):
                self._do(place, template.job(place.prices, self._environment), executor, fresh)
        while self._running:
            self._wait(executor)
        order = {place.name: number for number, place in enumerate(self._places)}
        self.outcome.failed.sort(key=lambda failure: (order[failure.scenario], failure.notebook))

    def _do(self, place: _Place, job: Job, executor: Executor, fresh: bool) -> None:
        """Take a notebook from the cache or from another scenario, or have it executed."""
        if job.key in self._running:
            self._running[job.key][2].append(place)
        elif job.key in self._ended:
            path, failure = self._ended[job.key]
            self._finish(place, job.name, _read(path.read_bytes() if path else None), failure, None)
        # a notebook of the reader's own may read files, which its key does not cover
        elif content := None if fresh or job.folder else self._cache.get(job.name, job.key):
            self._finish(place, job.name, _read(content), None, None)
        else:
            while len(self._running) >= JOBS_AHEAD * executor.workers:
                self._wait(executor)
            began = partial(self._tell, Event("started", job.name, place.name))
            self._running[job.key] = job, executor.submit(job, began), [place]

    def _wait(self, executor: Executor) -> None:
        """Wait until something has ended, and write it for all scenarios that wait for it."""
        futures = [future for _, future, _ in self._running.values()]
        done, _ = wait(futures, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        if not done and (lost := executor.lost()):
            raise RunError(lost)
        for job, future, places in list(self._running.values()):
            if future not in done:
                continue
            del self._running[job.key]
            notebook, failure, seconds = _read(None), None, None
            try:
                result = future.result()
                notebook, failure, seconds = _read(result.notebook), result.failure, result.seconds
            except Exception as error:  # a job whose worker died, or that could not be started at all
                if lost := executor.lost():
                    raise RunError(lost) from None
                line = next(iter(str(error).splitlines()), "")
                failure = Failure(job.name, "unknown", f"{type(error).__name__}: {line}")
            if notebook.content and not failure and not job.folder:
                self._cache.put(job.name, job.key, notebook.content)
            self.outcome.executed += 1
            self._ended[job.key] = places[0].notebook(job.name) if notebook.content else None, failure
            for place in places:
                self._finish(place, job.name, notebook, failure, seconds if place is places[0] else None)

    # -------------------------------------------------------------------------------------- what is written
    def _finish(
        self, place: _Place, name: str, notebook: _Read, failure: Failure | None, seconds: float | None
    ) -> None:
        """Write a notebook for a scenario, and the results if it is the last; an execution has seconds."""
        content, outputs = notebook
        if content:
            self._write_notebook(place, name, content, outputs.figures)
        if failure:
            kept = place.notebook(name) if content else None
            self.outcome.failed.append(replace(failure, scenario=place.name, kept=kept))
        elif seconds is None:
            self.outcome.reused += 1
        how: Any = "failed" if failure else "reused" if seconds is None else "done"
        self._tell(Event(how, name, place.name, seconds, failure))
        place.rows[name] = outputs.rows
        if len(place.rows) == len(self._notebooks):
            self._conclude(place)

    def _write_notebook(self, place: _Place, name: str, content: bytes, figures: Mapping[str, str]) -> None:
        """Write an executed notebook and its figures into a scenario's folder."""
        for figure in figures:
            if unfit := refusal(figure):  # a notebook writes no file, and names none outside its folder
                raise RunError(f"{name} shows a figure whose name no file can have: {unfit}")
            if (other := self._shown.setdefault(figure, name)) != name:
                raise RunError(
                    f"{name} shows a figure named {figure!r}, and so does {other}; "
                    "write one of them to another folder with --out"
                )
        files.write(place.notebook(name), content)
        for figure, svg in figures.items():
            path = place.folder / "figures" / f"{figure}.svg"
            files.write(path, svg.encode())
            if PNG in self._also:
                files.write(path.with_name(f"{figure}.png"), images.png(svg))
            self.outcome.figures += 1 + (PNG in self._also)

    def _conclude(self, place: _Place) -> None:
        """Write the results of a scenario all notebooks of which are done."""
        rows = [(notebook.name, place.rows[notebook.name]) for notebook in self._notebooks]
        for notebook in place.earlier:
            _, outputs = earlier_runs.read(place.notebook(notebook.name))
            rows.append((notebook.name, outputs.rows))
        rows.sort(key=lambda item: _order(item[0]))
        place.rows.clear()
        # a notebook knows the prices that it declares, and a run has one name
        named = {"scenario": place.prices.scenario}
        text = csv_text(COLUMNS, [{**row, **named} for row in executed.merged(rows).values()])
        files.write(place.folder / RESULTS, text.encode())

    def write(self, out: Path) -> None:
        """Write the results and prices of all scenarios, also in the forms asked for."""
        results = out / RESULTS
        if self._several:
            with files.replacing(results) as whole:
                for number, place in enumerate(self._places):
                    with (place.folder / RESULTS).open("rb") as of_scenario:
                        header = of_scenario.readline()
                        whole.write(b"" if number else header)
                        shutil.copyfileobj(of_scenario, whole)
        prices = [row for place in self._places for row in self._write_prices(place)]
        if self._several:
            files.write(out / PRICES, prices_csv(prices).encode())
        for form in (PARQUET, XLSX):
            path, content = results.with_suffix(f".{form}"), None
            if form in self._also:
                content = export.parquet(results) if form == PARQUET else export.xlsx(results, prices)
                if content is None:
                    self._warn(f"{path}: not written, it would have more than {export.MOST_ROWS:,} rows")
            if content is None:
                path.unlink(missing_ok=True)  # of an earlier run
            else:
                files.write(path, content)

    def _write_prices(self, place: _Place) -> list[dict[str, str | float]]:
        """Write which prices a scenario used, each once, and return the rows."""
        rows = []
        for notebook in sorted([*self._notebooks, *place.earlier], key=lambda each: _order(each.name)):
            book = place.prices.extended(notebook.own)
            # the chapter on any article takes the article too
            keys = [key for key in notebook.declared if key in book.keys_known]
            rows += [row for row in prices_used(keys, book, place.prices.scenario) if row not in rows]
        files.write(place.folder / PRICES, prices_csv(rows).encode())
        return rows


def _order(name: str) -> tuple[bool, str]:
    """Sort the package's notebooks by their numbers; others follow, in the order they have."""
    numbered = name[:2].isdecimal()
    return (not numbered, name if numbered else "")
