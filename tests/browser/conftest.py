"""A real browser, Chromium, driven by Playwright; what a page complains of or asks for outside is noticed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
HERE = re.compile(r"(file|data|blob|about|chrome-error):|(http|ws)://(127\.0\.0\.1|localhost|\[::1\])[:/]")
"""Addresses that do not leave this machine."""
HOW = "no Chromium here: install it (Debian, Ubuntu: sudo apt install chromium), or name yours in CHROMIUM"


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def chromium():
    """The browser; of a module, because Playwright's event loop would stand in the way of other tests."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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
        one.on("console", lambda said: said.type == "error" and one.complaints.append(said.text))
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
