"""The report: what a run found, as one page that needs nothing but itself."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False  # the command line's help needs the languages, and neither typing nor pathlib
if TYPE_CHECKING:
    from pathlib import Path

REPORT = "report.html"
ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh", "ja")

Wanted = Mapping[str, Sequence[str] | None]
"""The names of scenarios (empty for a single run), and of the notebooks wanted of each; ``None`` for all."""


def prepare() -> None:
    """Do what takes no results, so that a report is written sooner; what is missing is reported then."""
    with contextlib.suppress(ImportError):
        from costcheck.results.report import page, run_folder  # noqa: F401

        page.template()


def build(folder: Path, language: str = ENGLISH, wanted: Wanted | None = None) -> str:
    """Make the report of a run, in one of `LANGUAGES`, from its executed notebooks alone.

    Raises:
        InputError: There is no such folder, no executed notebook in it, one is damaged, two were executed
            at different prices, or by another version of this package.
    """
    from costcheck.results.report.page import html
    from costcheck.results.report.run_folder import read_run

    return html(read_run(folder, wanted), language)


def write(
    folder: Path, language: str = ENGLISH, *, out: Path | None = None, wanted: Wanted | None = None
) -> Path:
    """Write the report of a run as `build` makes it, to ``report.html`` in its folder or to ``out``.

    Raises:
        RunError: It cannot be written, or another process writes to the folder in which it lies.
    """
    from costcheck.data import files, locks
    from costcheck.errors import RunError

    path = out or folder / REPORT
    inside = folder.is_dir() and path.parent.resolve() == folder.resolve()
    # a run that ends meanwhile would have its report replaced by one of notebooks that are gone
    with locks.alone(folder) if inside else contextlib.nullcontext():
        page = build(folder, language, wanted)
        try:
            files.write(path, page.encode())
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from error
    return path
