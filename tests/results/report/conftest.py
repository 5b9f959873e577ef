"""Executed notebooks without a kernel: those of the package, with rows reckoned at some prices put in."""

import json
import shutil

import pytest

from costcheck.data.tables import home
from costcheck.notebook.chapter import chapter
from costcheck.notebook.show import ROWS, SVG, check
from costcheck.prices.book import PriceBook

SVG_DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">'
    '<path d="M0 0h72v36"/></svg>'
)


def injected(**parameters):
    return {
        "cell_type": "code",
        "id": "injected-parameters",
        "metadata": {"tags": ["injected-parameters"]},
        "execution_count": 1,
        "outputs": [],
        "source": "\n".join(f"{name} = {value!r}" for name, value in parameters.items()),
    }


def at(name, **prices):
    """A notebook of the package as if it had been executed at some prices."""
    notebook = json.loads((home("notebooks") / f"{name}.ipynb").read_bytes())
    notebook["cells"].insert(2, injected(**prices))
    book = PriceBook.article().override(prices)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if ROWS in output.get("data", {}):
                found = check(None if name.startswith("08") else name, book)
                output["data"][ROWS] = [verdict.row() for verdict in found]
    return json.dumps(notebook, ensure_ascii=False)


def own(text, prices=""):
    """The chapter on an article of a reader's, as if it had been executed."""
    made = chapter(text, prices)
    notebook = json.loads((home("notebooks") / "article.ipynb").read_bytes())
    notebook["cells"].insert(2, injected(article=text, prices=prices))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if ROWS in data:
                data[ROWS] = [verdict.row() for verdict in made.found]
            if SVG in data:
                data[SVG] = SVG_DRAWN
                output["metadata"]["costcheck"]["alt"] = f"\"><script>alert('{made.article.title}')</script>"
            if "text/markdown" in data:
                said = made.title() if "title()" in "".join(cell["source"]) else made.finding()
                data["text/markdown"] = said.text
    return json.dumps(notebook, ensure_ascii=False)


@pytest.fixture(scope="session")
def executed():
    """Make the text of an executed notebook: ``executed(name, h100_usd=25000)``, ``executed.own(text)``."""

    def make(name, **prices):
        return at(name, **prices)

    make.own = own
    return make


@pytest.fixture
def run(tmp_path):
    """A run at the articles' prices: the package's own notebooks as they are committed."""
    folder = tmp_path / "run"
    (folder / "notebooks").mkdir(parents=True)
    for path in sorted(home("notebooks").glob("0*.ipynb")):
        shutil.copy(path, folder / "notebooks")
    return folder


@pytest.fixture
def scenarios(tmp_path, executed):
    """A run of three scenarios, of the notebook on the entry ticket."""
    for name, price in (("b10", 25_000), ("b9", 50_000), ("a", 40_000)):
        folder = tmp_path / "several" / name / "notebooks"
        folder.mkdir(parents=True)
        (folder / "02_entry_ticket.ipynb").write_text(executed("02_entry_ticket", h100_usd=price), "utf-8")
    return tmp_path / "several"
