"""The folder of a site: its pages, and Pyodide with this package's modules for the reader's browser."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
import zlib
from pathlib import Path

from costcheck import __version__
from costcheck.apps.calculator import PAGE
from costcheck.apps.calculator.model import answer
from costcheck.claims import articles, verdicts
from costcheck.claims.kinds_and_colours import LOOKS
from costcheck.claims.verdict import distinct, shown
from costcheck.data.tables import home
from costcheck.errors import InputError
from costcheck.results import report

HERE = Path(__file__).parent
VERSION = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]["pyodide"]
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "python_stdlib.zip", "pyodide-lock.json", "package.json")
WASM = "pyodide.asm.wasm"
"""The files of Pyodide that a site needs; the last one is compressed there, and `worker.js` unpacks it."""
HEADLINES = ("Z47", "Z49", "Z51", "J37", "J38", "Z05")
"""The claims on the first page."""


def write(out: Path, pyodide: Path) -> None:
    """Write the site into a folder that has no other files, with the npm package of Pyodide in another."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: not a folder")
    others = [] if (out / "engine").is_dir() else sorted(path.name for path in out.glob("[!.]*"))
    if others:
        raise InputError(f"{out}: has other files than a site's ({others[0]}); name a new folder")
    for name in (*PYODIDE, WASM):
        if not (pyodide / name).is_file():
            raise InputError(f"{pyodide}: {name} is missing; expected the npm package pyodide {VERSION}")
    loaded = [PAGE / "widget.js", PAGE / "widget.css", *HERE.glob("page/*.js"), HERE / "page/site.css"]
    files = {name: text.encode() for name, text in _pages().items()} | {"engine/costcheck.zip": _packed()}
    files |= {f"page/{path.name}": path.read_bytes() for path in loaded}
    files[f"engine/{WASM}.deflate"] = zlib.compress((pyodide / WASM).read_bytes(), 9)
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    for path in [*(pyodide / name for name in PYODIDE), HERE / "licences.txt"]:
        shutil.copyfile(path, out / "engine" / path.name)


def _pages() -> dict[str, str]:
    """Write every page, by its address."""
    import jinja2
    from markdown_it import MarkdownIt

    by_id = {verdict.claim.id: verdict for verdict in verdicts()}
    paths = [path for path in sorted(home("notebooks").glob("*.ipynb")) if path.stem != "calculator"]
    notebooks = {path.stem: json.loads(path.read_text("utf-8"))["cells"] for path in paths}
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "page"), autoescape=True)
    templates.trim_blocks = templates.lstrip_blocks = True
    templates.undefined = jinja2.StrictUndefined
    templates.filters["markdown"] = MarkdownIt("commonmark").enable("table").render
    templates.globals |= {
        "version": __version__,
        "titles": {name: cells[0]["source"][0].strip("# \n") for name, cells in notebooks.items()},
        "first": answer({"open": ""}),
        "looks": LOOKS,
        "verdicts": distinct(list(by_id.values())),
        "claims": len(by_id),
        "headlines": [by_id[id_] for id_ in HEADLINES],
        "articles": articles(),
        "shown": shown,
    }
    names = ("index", "calculator", "check")
    pages = {f"{name}.html": templates.get_template(f"{name}.html.jinja").render() for name in names}
    for name, cells in notebooks.items():
        page = templates.get_template("notebook.html.jinja").render(name=name, cells=cells)
        page = page.replace('href="calculator.ipynb"', 'href="../calculator.html"')
        pages[f"notebooks/{name}.html"] = re.sub(r'href="(\w+)\.ipynb"', r'href="\1.html"', page)
    page = report.build(
        home("notebooks").parent, wanted={"": [name for name in notebooks if name[0].isdigit()]}
    )
    back = '<p><a href="index.html">All pages of this site</a></p>\n</header>'
    return pages | {report.REPORT: page.replace("</header>", back, 1)}


def _packed() -> bytes:
    """Pack what Python needs in the browser: equal packages give equal bytes."""
    import yaml

    package, data, library = HERE.parents[1], home("data"), Path(yaml.__file__).parent
    files = {f"costcheck/{path.relative_to(package).as_posix()}": path for path in package.rglob("*.py")}
    files |= {
        f"costcheck/shipped/data/{path.relative_to(data).as_posix()}": path for path in data.rglob("*.*")
    }
    files |= {f"yaml/{path.name}": path for path in library.glob("*.py")}
    contents = {name: path.read_bytes() for name, path in files.items()}
    for path in home("notebooks").glob("[0-9]*.ipynb"):
        contents[f"costcheck/shipped/notebooks/{path.name}"] = b""  # claims name it
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name), contents[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()
