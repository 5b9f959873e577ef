"""Execute the notebooks with papermill and take what they found out of their outputs."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from costcheck import outputs
from costcheck.batch.scenarios import Scenario
from costcheck.claims import articles
from costcheck.claims.verdicts import results_csv
from costcheck.errors import InputError, RunError, unknown
from costcheck.prices import PriceBook
from costcheck.tables import home

CELL_SECONDS = 600
"""A cell that takes longer is stopped: the notebooks' cells take a second."""
PRINT_DPI = 300

Notebook = dict[str, Any]
Executed = dict[tuple[object, ...], Path]
"""By a notebook's name and the parameters it was given, the executed notebook."""


@dataclass
class Failure:
    """A notebook that could not be executed to its end."""

    notebook: str
    cell: str
    error: str
    kept: Path

    def __str__(self) -> str:
        return f"{self.notebook}, cell {self.cell}: {self.error}\n  executed up to there: {self.kept}"


@dataclass
class Outcome:
    """What a run made."""

    rows: list[dict[str, str]] = field(default_factory=list)
    figures: list[Path] = field(default_factory=list)
    reused: int = 0
    failures: list[Failure] = field(default_factory=list)


def names() -> list[str]:
    """Return the names of the notebooks, in their order.

    >>> names()[0]
    '01_training_time'
    """
    return sorted(path.stem for path in home("notebooks").glob("*.ipynb"))


def chosen(given: Sequence[str]) -> list[str]:
    """Find the notebooks meant by names, numbers or paths; all where none is given.

    Raises:
        InputError: There is no such notebook, with the nearest name.

    >>> chosen(["1", "notebooks/02_entry_ticket.ipynb"])
    ['01_training_time', '02_entry_ticket']
    """
    found = []
    for name in given:
        stem = Path(name).name.removesuffix(".ipynb")
        fitting = [
            known for known in names() if stem == known or (stem.isdigit() and int(stem) == int(known[:2]))
        ]
        if not fitting:
            raise InputError(unknown("notebook", stem, names()))
        found += fitting
    return sorted(dict.fromkeys(found)) or names()


def declared(notebook: Notebook) -> list[str]:
    """Return the parameters a notebook declares.

    >>> "gpu_hours" in declared(source("01_training_time"))
    True
    """
    cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", ())]
    return re.findall(r"^(\w+)\s*:", cells[0]["source"], re.MULTILINE) if cells else []


def source(name: str) -> Notebook:
    """Read one of the package's notebooks."""
    return _read(home("notebooks") / f"{name}.ipynb")


def _read(path: Path) -> Notebook:
    import nbformat

    notebook: Notebook = nbformat.read(path, as_version=4)
    return notebook


def run(
    notebooks: Sequence[str],
    prices: PriceBook,
    out: Path,
    *,
    png: bool = False,
    started: Callable[[str], None] = lambda name: None,
    ended: Callable[[str, float, Failure | None], None] = lambda name, seconds, failure: None,
    executed: Executed | None = None,
) -> Outcome:
    """Execute notebooks and write what they found.

    Args:
        notebooks: Their names.
        prices: The reader's prices; each notebook is given those it declares.
        out: Folder for ``notebooks/``, ``figures/`` and ``results.csv``.
        png: Whether to write each figure as PNG at print size as well.
        started: Told the name of each notebook that starts.
        ended: Told the name, the time taken [second] and the failure, if any, of each that ends.
        executed: What was executed before; a notebook given the same parameters is taken from there.

    Returns:
        The rows of results.csv, the figures' files, and what failed.

    Raises:
        RunError: The folder cannot be written to, or two notebooks show a figure of the same name.
    """
    outcome = Outcome()
    executed = {} if executed is None else executed
    figures: dict[str, str] = {}
    rows: dict[str, dict[str, str]] = {}
    try:
        for folder in ("notebooks", "figures"):
            (out / folder).mkdir(parents=True, exist_ok=True)
        for name in notebooks:
            started(name)
            since = time.perf_counter()
            kept = out / "notebooks" / f"{name}.ipynb"
            parameters = {key: prices[key] for key in declared(source(name)) if key in prices.changed}
            job = (name, *parameters.items())
            failure = None
            if job in executed:
                notebook = _read(executed[job])
                outcome.reused += 1
            else:
                notebook, failure = _execute(name, parameters, kept)
            write(kept, _text(notebook))
            if failure:
                outcome.failures.append(failure)
            else:
                executed[job] = kept
            found = outputs.read(notebook)
            for figure, svg in found.figures.items():
                if figure in figures:
                    raise RunError(f"{name} shows a figure named {figure!r}, and so does another notebook")
                figures[figure] = svg
                outcome.figures += _draw(out / "figures" / figure, svg, png=png)
            for row in found.rows:
                # a claim's own notebook speaks for it; the last one repeats all claims
                if row["notebook"] == name or row["id"] not in rows:
                    # a notebook knows the prices that it declares, and a run has one name
                    rows[row["id"]] = row | {"scenario": prices.scenario}
            ended(name, time.perf_counter() - since, failure)
        order = [claim.id for article in articles() for claim in article.claims]
        outcome.rows = [rows[id_] for id_ in order if id_ in rows]
        write(out / "results.csv", results_csv(outcome.rows))
    except OSError as error:
        raise RunError(
            f"{error.filename or out}: cannot be written ({error.strerror}); what was finished before is kept"
        ) from error
    return outcome


def run_scenarios(
    scenarios: Sequence[Scenario],
    notebooks: Sequence[str],
    out: Path,
    *,
    png: bool = False,
    started: Callable[[str], None] = lambda name: None,
    ended: Callable[[str, float, Failure | None], None] = lambda name, seconds, failure: None,
) -> Outcome:
    """Run each scenario into a folder of its name, and write the results of all.

    A notebook that declares none of the prices a scenario changes is executed once for all of them. A
    scenario that fails does not stop the others.

    Args:
        scenarios: Names and prices, as `costcheck.batch.scenarios.read` gives them.
        notebooks: Their names.
        out: Folder for a folder a scenario and ``results.csv``.
        png: As for `run`.
        started: Told the scenario and the notebook that starts.
        ended: As for `run`.

    Returns:
        What all scenarios made.

    Raises:
        RunError: As `run`.
    """
    made = Outcome()
    executed: Executed = {}
    for scenario in scenarios:
        name = scenario.name

        def starts(notebook: str, of: str = name) -> None:
            started(f"{of}: {notebook}")

        def ends(notebook: str, seconds: float, failure: Failure | None, of: str = name) -> None:
            ended(f"{of}: {notebook}", seconds, failure)

        folder = out / name
        one = run(notebooks, scenario.prices, folder, png=png, started=starts, ended=ends, executed=executed)
        made.rows += one.rows
        made.figures += one.figures
        made.failures += one.failures
        made.reused += one.reused
    try:
        write(out / "results.csv", results_csv(made.rows))
    except OSError as error:
        raise RunError(f"{out / 'results.csv'}: cannot be written ({error.strerror})") from error
    return made


def _execute(name: str, parameters: Mapping[str, float], kept: Path) -> tuple[Notebook, Failure | None]:
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    failure = None
    with tempfile.TemporaryDirectory(prefix="costcheck-") as folder:
        executed = Path(folder) / "executed.ipynb"
        try:
            papermill.execute_notebook(
                str(home("notebooks") / f"{name}.ipynb"),
                str(executed),
                parameters=dict(parameters),
                progress_bar=False,
                cwd=str(home("notebooks")),
                start_timeout=120,
                execution_timeout=CELL_SECONDS,
                # ipykernel warns at every start that loopback TCP is not encrypted
                extra_arguments=["--log-level=CRITICAL"],
            )
        except PapermillExecutionError as error:
            failure = Failure(name, str(error.exec_count), f"{error.ename}: {error.evalue}", kept)
        except (DeadKernelError, CellTimeoutError) as error:
            failure = Failure(name, "unknown", f"{type(error).__name__}: {str(error).splitlines()[0]}", kept)
        notebook: Notebook = nbformat.read(executed, as_version=4)
    return cleaned(notebook), failure


def cleaned(notebook: Notebook) -> Notebook:
    """Strip what differs from run to run: times, random ids and versions.

    >>> import nbformat
    >>> notebook = nbformat.v4.new_notebook(metadata={"papermill": {"duration": 1.2}})
    >>> cleaned(notebook)["metadata"]
    {'language_info': {'name': 'python'}}
    """
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        for stamp in ("papermill", "execution", "ExecuteTime"):
            cell["metadata"].pop(stamp, None)
        tags = cell["metadata"].get("tags", [])
        if not tags:
            cell["metadata"].pop("tags", None)
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
    return notebook


def _text(notebook: Notebook) -> str:
    import nbformat

    text: str = nbformat.writes(notebook)
    return text + "\n"


def _draw(path: Path, svg: str, *, png: bool) -> Iterator[Path]:
    write(path.with_suffix(".svg"), svg)
    yield path.with_suffix(".svg")
    if png:
        import resvg_py

        write(
            path.with_suffix(".png"), resvg_py.svg_to_bytes(svg_string=svg, dpi=PRINT_DPI, background="white")
        )
        yield path.with_suffix(".png")


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: under a temporary name beside it, then renamed.

    Raises:
        OSError: It cannot be written.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content.encode() if isinstance(content, str) else content)
            file.close()
            os.chmod(file.name, 0o666 & ~_umask())
            os.replace(file.name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(file.name)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
