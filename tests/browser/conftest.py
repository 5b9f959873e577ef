"""A real browser, Chromium, driven by Playwright; a page that complains or asks outside fails its test."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

HERE = re.compile(r"(file|data|blob|about|chrome-error):|(http|ws)://(127\.0\.0\.1|localhost|\[::1\])[:/]")
"""Addresses that do not leave this machine."""
RESTARTED = "Could not restore the debugger state: Canceled future"
"""JupyterLab's own complaint where a kernel is restarted as it is asked whether it debugs."""
ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def pages(chromium):
    """Make pages: ``pages(width, height, **more)``. At the end none may have complained or asked outside.

    A test that wants errors takes them away: ``page.complaints.clear()``.
    """
    contexts, made = [], []

    def page(width=1280, height=900, **more):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **more))
        page = contexts[-1].new_page()
        page.complaints, page.outside = [], []

        def noted(message):
            if message.type == "error" and not message.text.startswith(RESTARTED):
                page.complaints.append(message.text)

        page.on("console", noted)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        for kind in ("request", "websocket"):
            page.on(kind, lambda asked: HERE.match(asked.url) or page.outside.append(asked.url))
        made.append(page)
        return page

    yield page
    for context in contexts:
        context.close()
    assert [(page.outside, page.complaints) for page in made] == [([], [])] * len(made)


@pytest.fixture
def faults():
    """List what axe-core finds that hinders people with a screen reader or a keyboard: ``faults(page)``."""
    from axe_playwright_python.sync_playwright import Axe

    def serious(page):
        violations = Axe().run(page).response["violations"]
        serious = [fault for fault in violations if fault["impact"] in ("serious", "critical")]
        return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in serious]

    return serious


@pytest.fixture(scope="module")
def lab(chromium, serving, tmp_path_factory):
    """JupyterLab on a copy of the notebooks without outputs, at a home without settings."""
    home = tmp_path_factory.mktemp("home")
    (home / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text("utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"execution_count": None, "outputs": []}
        (home / "notebooks" / path.name).write_text(json.dumps(notebook), "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
    with serving("lab", "notebooks", cwd=home, env=kept | {"HOME": str(home)}) as server:
        yield Lab(server.address, home / "notebooks")


class Lab:
    """JupyterLab in a browser."""

    def __init__(self, address, folder):
        self.address, self.folder = address, folder

    def open(self, page, name):
        """Open a notebook by its name, alone; wait until its kernel can be asked."""
        page.goto(self.address.replace("index", name) + "&reset")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        # the last thing that is asked of a new kernel is what it has to debug: a restart in that moment would
        # cut the answer off, of which the page complains, and nothing on the page says that it has come
        page.locator(".jp-DebuggerBugButton[aria-disabled=false]").wait_for()
        page.wait_for_timeout(500)
        self.idle(page)

    @staticmethod
    def idle(page):
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    @staticmethod
    def menu(page, menu, entry):
        page.get_by_role("menuitem", name=menu, exact=True).click()
        page.get_by_role("menuitem", name=entry).first.click()

    def run(self, page, cells):
        """Restart the kernel, run all cells, and wait for the last of so many."""
        self.menu(page, "Kernel", "Restart Kernel and Run All Cells")
        page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.executed(page, cells)

    def executed(self, page, cells):
        """Wait until so many code cells have been executed, or one has failed."""
        page.wait_for_function(
            """cells => document.querySelector("[data-mime-type='application/vnd.jupyter.stderr']")
                || document.querySelectorAll(".jp-CodeCell").length == cells
                && [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].every(
                    prompt => /\\d/.test(prompt.textContent))""",
            arg=cells,
        )
        self.idle(page)
