"""How long the calculator takes from a step of a slider to the figures redrawn, measured in a real browser.

``costcheck app`` is opened in Chromium and a slider is moved by the keyboard, one step after the other has
been drawn: from the browser's input event to the frame with the new figures, beside an empty request to the
server. Then from the start of the page's navigation to its first controls, each in a new browser profile.

It needs Chromium; the environment variable CHROMIUM names one that is not found by itself.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.measure import BenchmarkError, goal, progress

ROUNDS = 1
STEPS, VISITS = 50, 10
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CONTROLS = "performance.getEntriesByName('costcheck:controls')[0].startTime"
LISTEN = """() => {
    window.redrawn = [];
    document.addEventListener("costcheck:redrawn", (event) => window.redrawn.push(event.detail));
}"""
PING = """async (times) => {
    const took = [];
    for (let turn = 0; turn < times; turn += 1) {
        const begun = performance.now();
        await (await fetch("/nothing")).text();
        took.push(performance.now() - begun);
    }
    return took;
}"""


def measured(rounds: int) -> dict[str, Any]:
    """Move the slider as often in each round, and open the page anew."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        raise BenchmarkError("no Chromium here: install it, or name yours in CHROMIUM")
    command = [sys.executable, "-m", "costcheck", "app", "--no-browser"]
    app = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = _address(app)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            visits, steps, pings = [], [], []
            for number in range(rounds):
                for _ in range(VISITS):
                    page = _opened(browser, address)
                    visits.append(float(page.evaluate(CONTROLS)))
                    page.context.close()
                page = _opened(browser, address)
                steps += [float(step["took"]) for step in _steps(page)]
                pings += page.evaluate(PING, STEPS)
                page.context.close()
                progress(f"  round {number + 1} of {rounds}")
            browser.close()
    finally:
        app.send_signal(signal.SIGINT)
        app.wait()
    step, empty = statistics.median(steps), statistics.median(pings)
    return {
        "times": [
            {"what": f"a step of a slider, of {len(steps)}", "ms": step},
            {"what": "nine of ten steps, at most", "ms": sorted(steps)[int(0.9 * len(steps))]},
            {"what": "an empty request", "ms": empty},
            {"what": f"first controls of a page, of {len(visits)}", "ms": statistics.median(visits)},
        ],
        "ratio": step / empty,
        "goals": [
            goal("ms of a step of a slider", step, at_most=150),
            goal("ms to a page's first controls", statistics.median(visits), at_most=1000),
        ],
    }


def _address(app: subprocess.Popen[str]) -> str:
    assert app.stdout
    for line in app.stdout:
        if address := re.search(r"http://\S+", line):
            return address[0]
    raise BenchmarkError("costcheck app did not start")


def _opened(browser: Any, address: str) -> Page:
    page: Page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address)
    page.wait_for_selector("[data-figure=deadline] svg")
    page.wait_for_timeout(500)
    return page


def _steps(page: Page) -> list[dict[str, float]]:
    page.evaluate(LISTEN)
    page.locator("[data-key=h100_usd] input[type=range]").focus()
    for step in range(STEPS):
        page.keyboard.press("ArrowLeft" if step % 2 < 1 or step < STEPS / 2 else "ArrowRight")
        until = time.monotonic() + 10
        while page.evaluate("window.redrawn.length") <= step:
            if time.monotonic() > until:
                raise BenchmarkError(f"step {step + 1} was not drawn within 10 seconds")
            time.sleep(0.002)
    drawn: list[dict[str, float]] = page.evaluate("window.redrawn")
    return drawn
