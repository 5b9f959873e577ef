"""The report: what a run found as one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from costcheck.report.words import ENGLISH, LANGUAGES

__all__ = ["ENGLISH", "LANGUAGES", "REPORT", "build", "write"]

REPORT = "report.html"


def build(
    folder: Path,
    language: str = ENGLISH,
    *,
    notebooks: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
) -> str:
    """Make the report of a run from its executed notebooks alone.

    Args:
        folder: What ``costcheck run`` wrote: with ``notebooks/``, or with a folder for each scenario.
        language: Of headings, verdicts and paraphrases, one of `LANGUAGES`.
        notebooks: The names of those to show; all by default.
        scenarios: The names of those to compare; all by default.

    Returns:
        HTML, the same for the same notebooks.

    Raises:
        InputError: There is no such folder, no executed notebook in it, one is damaged, two were executed
            at different prices, or by another version of this package.
    """
    from costcheck.report.page import written
    from costcheck.report.reading import read

    return written(read(folder, notebooks, scenarios), folder, language)


def write(path: Path, page: str) -> None:
    """Write a report, whole or not at all.

    Raises:
        RunError: It cannot be written.
    """
    from costcheck import files
    from costcheck.errors import RunError

    try:
        files.write(path, page.encode())
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error
