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


def add(commands: Commands) -> None:
    """Add the subcommand."""
    lab = subcommand(
        commands,
        "lab",
        help="open the notebooks in JupyterLab",
        description="Open JupyterLab on the notebooks, at a page that leads through them. In a clone these "
        "are its own; elsewhere they are copied to DIR, which is used as it is from then on. Ctrl-C ends it.",
        example="costcheck lab --no-browser my_notebooks",
    )
    lab.add_argument(
        "folder",
        nargs="?",
        type=some_path,
        metavar="DIR",
        help="a folder with the notebooks; one that is missing or empty is filled with a copy of them, "
        "any other is left as it is (default: the clone's notebooks, or ./notebooks)",
    )
    served(lab, PORT)
    lab.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from warmkernels import needs

    port = free_port(options.port, PORT)
    needs.hold()
    folder = prepare(options.folder)
    from costcheck.apps.lab import serve

    serve(folder, port, wanted=not options.no_browser)
    return 0


def prepare(asked: Path | None) -> Path:
    """Find the folder to open, and fill it with a copy of the notebooks if it is missing or empty.

    Args:
        asked: The folder that the reader named, if they did.

    Returns:
        A folder with the start page in it.

    Raises:
        InputError: It has other things in it, and no start page.
        RunError: It cannot be written.
    """
    from costcheck.data.tables import home

    ours = home("notebooks")
    if asked is None and not ours.is_relative_to(Path(__file__).resolve().parents[1]):
        return ours  # a clone, or an editable install of one
    folder = asked or Path("notebooks")
    if (folder / START).is_file():
        return folder
    try:
        if folder.exists() and any(folder.iterdir()):
            raise InputError(
                f"{folder}: no {START} in it, so these are not costcheck's notebooks; "
                "name a folder that has it, or one that is empty or missing, to be filled with them"
            )
        _copy(ours, folder)
    except NotADirectoryError:
        raise InputError(f"{folder}: this is a file; name a folder") from None
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror})") from error
    if not log.quiet():
        line(f"{folder}: the notebooks, copied")
    return folder


def _copy(ours: Path, folder: Path) -> None:
    """Fill a folder whole or not at all."""
    import shutil
    import tempfile

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".costcheck-") as scratch:
        made = Path(scratch, "notebooks")
        made.mkdir()
        for notebook in sorted(ours.glob("*.ipynb")):
            shutil.copyfile(notebook, made / notebook.name)
        if folder.exists():
            folder.rmdir()
        os.rename(made, folder)
