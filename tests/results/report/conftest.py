"""Executed notebooks without a kernel: those of the package, with rows reckoned at some prices put in."""

import json

import pytest

from costcheck.data.tables import home
from costcheck.notebook.chapter import chapter
from costcheck.notebook.show import ROWS, SVG, check
from costcheck.prices.book import PriceBook


def notebook_of(name, **parameters):
    """A notebook of the package with parameters put in, and the data of its outputs."""
    notebook = json.loads((home("notebooks") / f"{name}.ipynb").read_bytes())
    injected = {
        "cell_type": "code",
        "metadata": {"tags": ["injected-parameters"]},
        "execution_count": 1,
        "outputs": [],
        "source": "\n".join(f"{key} = {value!r}" for key, value in parameters.items()),
    }
    notebook["cells"].insert(2, injected)
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    return notebook, [(output, output.get("data", {})) for output in outputs]


def at(name, **prices):
    """The text of a notebook of the package as if it had been executed at some prices."""
    notebook, outputs = notebook_of(name, **prices)
    rows = [verdict.row() for verdict in check(name, PriceBook.article().override(prices))]
    for _, data in outputs:
        if ROWS in data:
            data[ROWS] = rows
    return json.dumps(notebook, ensure_ascii=False)


def of_article(text, prices=""):
    made = chapter(text, prices)
    notebook, outputs = notebook_of("article", article=text, prices=prices)
    for output, data in outputs:
        if ROWS in data:
            data[ROWS] = [verdict.row() for verdict in made.found]
        if SVG in data:
            output["metadata"]["costcheck"]["alt"] = f"\"><script>alert('{made.article.title}')</script>"
    return json.dumps(notebook, ensure_ascii=False)


@pytest.fixture
def chapter_of():
    """Make the text of the chapter on an article of a reader's, as if it had been executed."""
    return of_article


@pytest.fixture
def put(tmp_path):
    """Put notebooks into folders of runs: ``put("out/b9", "02_entry_ticket", h100_usd=50_000)``."""

    def write(run, name, text=None, **prices):
        folder = tmp_path / run
        (folder / "notebooks").mkdir(parents=True, exist_ok=True)
        (folder / "notebooks" / f"{name}.ipynb").write_text(text or at(name, **prices), "utf-8")
        return folder

    return write


@pytest.fixture
def scenarios(put):
    """A run of three scenarios, of the notebook on the entry ticket."""
    for name, price in (("b10", 25_000), ("b9", 50_000), ("a", 40_000)):
        folder = put(f"several/{name}", "02_entry_ticket", h100_usd=price)
    return folder.parent


@pytest.fixture
def edit():
    """Change a notebook by a function of its cells: ``edit(path, change)``."""

    def written(path, change):
        notebook = json.loads(path.read_bytes())
        change(notebook["cells"])
        path.write_text(json.dumps(notebook))

    return written
