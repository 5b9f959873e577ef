"""A real browser, Chromium, driven by Playwright; what a page complains of or asks for outside is noticed."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = re.compile(r"(file|data|blob|about|chrome-error):|(http|ws)://(127\.0\.0\.1|localhost|\[::1\])[:/]")
"""Addresses that do not leave this machine."""
RESTARTED = "Could not restore the debugger state: Canceled future"
"""What JupyterLab says where a kernel is restarted in the very moment it is asked whether it debugs."""
ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


def complains(said):
    """Whether a page's console has an error; one is JupyterLab's own, and of no consequence."""
    return said.type == "error" and not said.text.startswith(RESTARTED)


@pytest.fixture
def pages(chromium):
    """Make pages: ``pages(width, height, **more)``. At the end none may have complained or asked outside.

    A test that wants errors takes them away: ``page.complaints.clear()``.
    """
    contexts, made = [], []

    def page(width=1280, height=900, **more):
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        one = context.new_page()
        one.complaints, one.outside = [], []
        one.on("console", lambda said: complains(said) and one.complaints.append(said.text))
        one.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.on("request", lambda asked: HERE.match(asked.url) or one.outside.append(asked.url))
        one.on("websocket", lambda asked: HERE.match(asked.url) or one.outside.append(asked.url))
        made.append(one)
        return one

    yield page
    for context in contexts:
        context.close()
    for one in made:
        assert one.outside == []
        assert one.complaints == []


@pytest.fixture
def faults():
    """Say what axe-core finds amiss for people who use a screen reader or a keyboard: ``faults(page)``."""
    from axe_playwright_python.sync_playwright import Axe

    def serious(page):
        found = Axe().run(page).response["violations"]
        return [
            f"{each['id']} ({each['impact']}): {each['nodes'][0]['html']}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]

    return serious


@contextmanager
def serving(command, home):
    """Run a subcommand that serves pages, at a home without settings: its address, once it has said it.

    At the end it is stopped as by Ctrl-C: it must end well, and have said nothing else.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "costcheck", command, "--no-browser", "--port", str(port), "notebooks"],
        env={name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
        | {"HOME": str(home)},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    silent = threading.Timer(60, server.kill)
    silent.start()
    try:
        said = server.stdout.readline()
        silent.cancel()
        address = re.search(r"http://127\.0\.0\.1:\d+/\S*", said)
        assert address, said + server.stderr.read()
        yield address[0]
    finally:
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=30)
    assert (*said, server.returncode) == ("", "", 0)


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """JupyterLab on a copy of the notebooks whose outputs are taken out: what shows was executed.

    Without a browser none is started.
    """
    home = tmp_path_factory.mktemp("home")
    (home / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text("utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"execution_count": None, "outputs": []}
        (home / "notebooks" / path.name).write_text(json.dumps(notebook), "utf-8")
    with serving("lab", home) as address:
        yield Lab(address, home / "notebooks")


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
        """Wait until the kernel has nothing left to do."""
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    @staticmethod
    def menu(page, menu, entry):
        """Choose from a menu."""
        page.get_by_role("menuitem", name=menu, exact=True).click()
        page.get_by_role("menuitem", name=entry).click()

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
