"""The report: what a run found as one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["ENGLISH", "LANGUAGES", "REPORT", "build", "refresh"]

REPORT = "report.html"
ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh", "ja")
HEAD = 4096
"""Where a report says what it was made of [byte]."""
SEAL = "<!-- "


def build(
    folder: Path,
    language: str = ENGLISH,
    *,
    notebooks: Sequence[str] | None = None,
    scenarios: Mapping[str, Sequence[str] | None] | None = None,
) -> str:
    """Make the report of a run from its executed notebooks alone.

    Args:
        folder: What ``costcheck run`` wrote: with ``notebooks/``, or with a folder for each scenario.
        language: Of headings, verdicts and paraphrases, one of `LANGUAGES`.
        notebooks: The names of those to show; all by default.
        scenarios: Those to compare, with the names of the notebooks of each (``None``: all); by default all.

    Returns:
        HTML, the same for the same notebooks.

    Raises:
        InputError: There is no such folder, no executed notebook in it, one is damaged, two were executed
            at different prices, or by another version of this package.
    """
    from costcheck.results.report.page import written
    from costcheck.results.report.reading import read, runs

    of = runs(folder, notebooks, scenarios)
    return _sealed(written(read(of), language, _made_of(of, language)))


def refresh(
    folder: Path,
    language: str = ENGLISH,
    *,
    out: Path | None = None,
    kept: bool = False,
    notebooks: Sequence[str] | None = None,
    scenarios: Mapping[str, Sequence[str] | None] | None = None,
) -> Path:
    """Write the report of a run.

    Args:
        folder: As for `build`, as is ``language``, ``notebooks`` and ``scenarios``.
        language: One of `LANGUAGES`.
        out: The file; ``report.html`` in the folder by default.
        kept: Whether one that is there already, made of the same notebooks, is left as it is. That saves time
            in a folder of one's own; a stranger's may come with a page that only says so.
        notebooks: The names of those to show.
        scenarios: Those to compare.

    Returns:
        The file.

    Raises:
        InputError: As `build`.
        RunError: It cannot be written, or it lies in the folder and another process writes there.
    """
    import os
    from contextlib import nullcontext

    from costcheck.data import files, locks, tables
    from costcheck.errors import InputError, RunError
    from costcheck.results.report.page import written
    from costcheck.results.report.reading import read, runs

    path = out or folder / REPORT
    inside = os.path.realpath(path.parent) == os.path.realpath(folder)
    # a run that ends meanwhile would have its report replaced by one of notebooks that are gone
    with locks.alone(folder) if inside and folder.is_dir() else nullcontext():
        of = runs(folder, notebooks, scenarios)
        made_of = _made_of(of, language)
        if kept:
            try:
                page = tables.file_bytes(path)
                if made_of.encode() in page[:HEAD] and _is_whole(page.decode()):
                    return path
            except (InputError, UnicodeDecodeError):
                pass  # it is not there yet, or writing says better what is wrong
        made = _sealed(written(read(of), language, made_of))
        try:
            files.write(path, made.encode())
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from error
        return path


def _sealed(page: str) -> str:
    """Add a hash of the page to its end, by which one that was cut or changed is told from it."""
    import hashlib

    return f"{page}{SEAL}{hashlib.sha256(page.encode()).hexdigest()} -->\n"


def _is_whole(page: str) -> bool:
    body, seal, _ = page.rpartition(SEAL)
    return bool(seal) and _sealed(body) == page


def _made_of(of: Sequence[tuple[str, Sequence[Path]]], language: str) -> str:
    """Hash all that the page depends on: notebooks, prices, language, and this package."""
    import hashlib

    from costcheck.data import tables
    from costcheck.data.source import source_hash
    from costcheck.results.comparison import LARGEST_NOTEBOOK
    from costcheck.results.report.reading import prices_file

    digest = hashlib.sha256(f"{language}\0{source_hash()}".encode())
    beside = [path for path in sorted(Path(__file__).parent.iterdir()) if path.suffix != ".py"]
    of = [
        (name, [*paths, *filter(Path.is_file, [prices_file(paths)])] if paths else []) for name, paths in of
    ]
    for name, paths in [*of, ("", [path for path in beside if path.is_file()])]:
        digest.update(f"{name}\0{len(paths)}\0".encode(errors="surrogatepass"))
        for path in paths:
            content = tables.file_bytes(path, LARGEST_NOTEBOOK)
            digest.update(f"{name}\0{path.name}\0{len(content)}\0".encode(errors="surrogatepass"))
            digest.update(content)
    return digest.hexdigest()
