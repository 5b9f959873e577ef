"""Write report, notebooks, calculator and check to OUT, as pages that any web server can show.

The calculator and the check run in the reader's browser. To look at it: python -m http.server --directory OUT

Example: costcheck site out/site
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from costcheck.cli.options import Parser, some_path
from costcheck.cli.output import remark
from costcheck.text.waiting import working


def add(parser: Parser) -> None:
    words = "the folder to write: a new one, or an earlier site"
    parser.add_argument("out", type=some_path, metavar="OUT", help=words)
    words = "the npm package pyodide, unpacked (default: npm fetches it)"
    parser.add_argument("--pyodide", type=some_path, metavar="DIR", help=words)


def main(options: argparse.Namespace) -> int:
    from costcheck.apps.site import folder

    with working("writing the site"), tempfile.TemporaryDirectory() as scratch:
        folder.write(options.out, options.pyodide or _fetched(Path(scratch)))
    remark(f"the site: {options.out / 'index.html'}")
    remark(f"To look at it: python3 -m http.server --directory {options.out}")
    return 0


def _fetched(into: Path) -> Path:
    """Return the folder with Pyodide: beside its lock file, or fetched by npm now."""
    from costcheck.apps.site.folder import HERE, VERSION
    from costcheck.errors import InputError, RunError

    package = Path("node_modules", "pyodide")
    if (HERE / package).is_dir():
        return HERE / package
    if not (npm := shutil.which("npm")):
        where = f"--pyodide DIR, the npm package pyodide {VERSION}"
        raise InputError(f"npm is needed, to fetch Pyodide: install Node.js, or give {where}, unpacked")
    for path in HERE.glob("package*.json"):
        shutil.copy(path, into)
    command = [npm, "ci", "--silent", "--ignore-scripts", "--prefix", str(into)]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise RunError(f"npm could not fetch pyodide {VERSION}: {last}")
    return into / package
