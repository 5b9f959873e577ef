"""``costcheck lab``: JupyterLab on the notebooks."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from costcheck.apps.browser import START, free_port, served
from costcheck.cli.options import Commands, some_path, subcommand
from costcheck.cli.output import line
from costcheck.errors import InputError, RunError
from costcheck.text import log

PORT = 8888
COPY = "my_notebooks"
"""Where a clone has the reader's copy; git ignores it."""


def add(commands: Commands) -> None:
    """Add the subcommand."""
    lab = subcommand(
        commands,
        "lab",
        help="open the notebooks in JupyterLab",
        description="Open JupyterLab on a copy of the notebooks that is yours to change, at a page that "
        "leads through them. The copy is made once, and used as it is from then on. Ctrl-C ends it.",
        example="costcheck lab --no-browser my_notebooks",
    )
    lab.add_argument(
        "folder",
        nargs="?",
        type=some_path,
        metavar="DIR",
        help="a folder with the notebooks; one that is missing or empty is filled with a copy of them, "
        "any other is left as it is (default: my_notebooks in a clone, ./notebooks elsewhere)",
    )
    served(lab, PORT)
    lab.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    port = free_port(options.port, PORT)
    folder = prepare(options.folder)
    from costcheck.apps.lab import serve

    serve(folder, port, wanted=not options.no_browser)
    return 0


def prepare(asked: Path | None) -> Path:
    """Return the folder to open; fill it with a copy of the notebooks if it is missing or empty.

    Args:
        asked: The folder that the reader named, if any; ``my_notebooks`` of a clone, or else ``notebooks``.

    Raises:
        InputError: It has other things in it, and no start page.
        RunError: It cannot be written.
    """
    clone = None if asked else _clone(Path.cwd())
    folder = asked or (clone / COPY if clone else Path("notebooks"))
    there = (folder / START).is_file()
    if not there:
        _fill(folder)
    if log.quiet() or (there and not clone):
        return folder
    words = "your copy of the notebooks" if there else "a copy of the notebooks, yours to change"
    own = f"; costcheck lab {os.path.relpath(clone / 'notebooks')} opens the project's own" if clone else ""
    line(f"{os.path.relpath(folder) if clone else folder}: {words}{own}")
    return folder


def _clone(folder: Path) -> Path | None:
    """Return the clone of this project that a folder is in: there its notebooks are under version control."""
    for parent in (folder, *folder.parents):
        if (parent / "src" / "costcheck").is_dir() and (parent / "notebooks" / START).is_file():
            return parent
    return None


def _fill(folder: Path) -> None:
    """Fill a folder with the notebooks, whole or not at all."""
    import shutil
    import tempfile

    from costcheck.data.tables import home

    try:
        if folder.exists() and any(folder.iterdir()):
            raise InputError(
                f"{folder}: no {START} in it, so these are not costcheck's notebooks; "
                "name a folder that has it, or one that is empty or missing, to be filled with them"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".costcheck-") as scratch:
            (copy := Path(scratch, "notebooks")).mkdir()
            for notebook in home("notebooks").glob("*.ipynb"):
                shutil.copyfile(notebook, copy / notebook.name)
            if folder.exists():
                folder.rmdir()
            os.rename(copy, folder)
    except NotADirectoryError:
        raise InputError(f"{folder}: this is a file; name a folder") from None
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror})") from error
