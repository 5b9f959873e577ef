"""The folder of a site: its pages, and Pyodide with this package's modules for the reader's browser."""

from __future__ import annotations

import importlib.metadata
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from costcheck import __version__
from costcheck.apps.calculator import PAGE
from costcheck.apps.calculator.model import answer
from costcheck.claims import articles, verdicts
from costcheck.claims.kinds_and_colours import LOOKS
from costcheck.claims.verdict import shown
from costcheck.data.tables import home
from costcheck.errors import InputError
from costcheck.results import report

HERE = Path(__file__).parent
VERSION = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]["pyodide"]
PYODIDE = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"),
    *("package.json", "README.md"),
)
"""The files of Pyodide that a site needs."""
HEADLINES = ("Z47", "Z49", "Z51", "J37", "J38", "Z01")
"""The claims on the first page."""
CREDITS = """\
Pyodide: Mozilla Public License 2.0, https://github.com/pyodide/pyodide. It contains CPython: Python Software
Foundation License 2, https://docs.python.org/3/license.html.
"""


def write(out: Path, pyodide: Path) -> None:
    """Write the site into a folder, with the npm package of Pyodide in another.

    Raises:
        InputError: The one has other files than a site's, or the other lacks some.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: not a folder")
    others = [] if (out / "engine").is_dir() else sorted(path.name for path in out.glob("[!.]*"))
    if others:
        raise InputError(f"{out}: has other files than a site's ({others[0]}); name a new folder")
    for name in PYODIDE:
        if not (pyodide / name).is_file():
            raise InputError(f"{pyodide}: {name} is missing; expected the npm package pyodide {VERSION}")
    for name, content in _files().items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in PYODIDE:
        shutil.copyfile(pyodide / name, out / "engine" / name)


def _files() -> Mapping[str, str | bytes]:
    """Make every file of a site but Pyodide's own."""
    judged = verdicts()
    by_id = {verdict.claim.id: verdict for verdict in judged}
    notebooks = {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(home("notebooks").glob("*.ipynb"))
    }
    del notebooks["calculator"]  # which is a page of its own
    given = {
        "version": __version__,
        "titles": {
            name: notebook["cells"][0]["source"][0].strip("# \n") for name, notebook in notebooks.items()
        },
        "first": answer({"open": ""}),
        "counts": [(look, sum(verdict.arithmetic.look is look for verdict in judged)) for look in LOOKS],
        "headlines": [by_id[id_] for id_ in HEADLINES],
        "articles": articles(),
        "shown": shown,
    }
    files: dict[str, str | bytes] = {
        f"{name}.html": _page(name, given) for name in ("index", "calculator", "check")
    }
    for name, notebook in notebooks.items():
        page = _page("notebook", given | {"name": name, "cells": notebook["cells"]})
        page = page.replace('href="calculator.ipynb"', 'href="../calculator.html"')
        files[f"notebooks/{name}.html"] = re.sub(r'href="(\w+)\.ipynb"', r'href="\1.html"', page)
    files[report.REPORT] = _report()
    scripts = [
        *(PAGE / name for name in ("widget.js", "widget.css")),
        *HERE.glob("page/*.js"),
        HERE / "page/site.css",
    ]
    files |= {f"page/{path.name}": path.read_bytes() for path in scripts}
    return files | {"engine/costcheck.zip": _packed(), "engine/licences.txt": _licences()}


@cache
def _templates() -> Any:
    import jinja2
    from markdown_it import MarkdownIt

    loader = jinja2.FileSystemLoader(HERE / "page")
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.undefined = jinja2.StrictUndefined
    made.filters["markdown"] = MarkdownIt("commonmark").enable("table").render
    return made


def _page(name: str, given: Mapping[str, Any]) -> str:
    return str(_templates().get_template(f"{name}.html.jinja").render(given))


def _report() -> str:
    """Make the report on the package's own notebooks, with a way back to the first page."""
    with tempfile.TemporaryDirectory() as folder:
        (into := Path(folder, "notebooks")).mkdir()
        for path in home("notebooks").glob("[0-9]*.ipynb"):
            shutil.copy(path, into)
        page = report.build(Path(folder))
    return page.replace("</header>", '<p><a href="index.html">All pages of this site</a></p>\n</header>', 1)


def _packed() -> bytes:
    """Pack what Python needs in the browser: equal packages give equal bytes."""
    import yaml

    folders = {
        "costcheck": HERE.parents[1],
        "costcheck/shipped/data": home("data"),
        "yaml": Path(yaml.__file__).parent,
    }
    contents = {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for name, folder in folders.items()
        for path in folder.rglob("*.*" if folder == home("data") else "*.py")
    }
    for path in home("notebooks").glob("[0-9]*.ipynb"):
        # a claim names its notebook and its figure, and both must exist
        figures = re.findall(rb'"figure": "\w+"', path.read_bytes())
        contents[f"costcheck/shipped/notebooks/{path.name}"] = b"\n".join(figures)
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name), contents[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _licences() -> str:
    """Return the licences of what a site contains."""
    files = [
        (name, path) for name in ("costcheck", "pyyaml") for path in importlib.metadata.files(name) or []
    ]
    texts = [f"{name}\n\n{path.read_text('utf-8')}" for name, path in files if path.name.startswith("LICEN")]
    return "\n\n".join([CREDITS, *texts])
