"""Open JupyterLab on a copy of the notebooks that is yours to change, at a page that leads through them.

The copy is made once, and used as it is from then on. Ctrl-C ends it.

Example: costcheck lab --no-browser my_notebooks
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from costcheck.apps.browser import START, free_port
from costcheck.cli.options import Parser, some_path
from costcheck.cli.output import remark
from costcheck.errors import InputError, RunError

PORT = 8888


OPTIONS = ("--port", "--no-browser")


def add(parser: Parser) -> None:
    words = (
        "a folder with the notebooks; one that is missing or empty is filled with a copy of them, "
        "any other is left as it is (default: my_notebooks in a clone, ./notebooks elsewhere)"
    )
    parser.add_argument("folder", nargs="?", type=some_path, metavar="DIR", help=words)


def main(options: argparse.Namespace) -> int:
    from importlib.util import find_spec

    if find_spec("jupyterlab") is None:  # before anything is copied
        raise ModuleNotFoundError(name="jupyterlab")
    port = free_port(options.port, PORT)
    folder = prepare(options.folder)
    from costcheck.apps.lab import serve

    serve(folder, port, wanted=not options.no_browser)
    return 0


def prepare(asked: Path | None) -> Path:
    """Return the folder to open: the one named, or else ``my_notebooks`` of a clone, or else ``notebooks``.

    One that is missing or empty is filled with a copy of the notebooks; one with other things is refused.
    """
    # in a clone of this project the notebooks are under version control
    parents = () if asked else (here := Path.cwd(), *here.parents)
    clones = (p for p in parents if (p / "src/costcheck").is_dir() and (p / "notebooks" / START).is_file())
    clone = next(clones, None)
    folder = asked or (Path(os.path.relpath(clone / "my_notebooks")) if clone else Path("notebooks"))
    if not (folder / START).is_file():
        _fill(folder)
    if not asked:
        own = (
            f"; costcheck lab {os.path.relpath(clone / 'notebooks')} opens the project's own" if clone else ""
        )
        remark(f"{folder}: your copy of the notebooks{own}")
    return folder


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
