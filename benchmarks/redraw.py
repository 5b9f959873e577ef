"""How long the calculator takes from a step of a slider to the figures redrawn, measured in a real browser.

``python benchmarks/redraw.py`` starts ``costcheck app``, opens it in Chromium, moves a slider by the keyboard
50 times, one step after the other has been drawn, and prints the median from the browser's input event to the
frame with the new figures, and that as a multiple of an empty request to the server. Then how long the page
takes from the start of its navigation to its first controls, each time in a new browser profile.

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


def main() -> None:
    """Measure and print."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        sys.exit("no Chromium here: install it, or name yours in CHROMIUM")
    app = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "app", "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    try:
        address = _address(app)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            visits = []
            for _ in range(VISITS):
                page = _opened(browser, address)
                visits.append(float(page.evaluate(CONTROLS)))
                page.context.close()
            page = _opened(browser, address)
            steps, pings = _steps(page), page.evaluate(PING, STEPS)
            browser.close()
    finally:
        app.send_signal(signal.SIGINT)
        app.wait()
    took = statistics.median(step["took"] for step in steps)
    empty = statistics.median(pings)
    worst = sorted(step["took"] for step in steps)[int(0.9 * STEPS)]
    print(
        f"{STEPS} slider steps, input to redrawn figures: median {took:.0f} ms, nine of ten in {worst:.0f} ms"
    )
    print(f"empty request: median {empty:.1f} ms; a step takes {took / empty:.1f} times that")
    print(
        f"navigation to first controls, {VISITS} visits: "
        f"median {statistics.median(visits):.0f} ms, longest {max(visits):.0f} ms"
    )


def _address(app: subprocess.Popen[str]) -> str:
    assert app.stdout
    for line in app.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    sys.exit("costcheck app did not start")


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
                sys.exit(f"step {step + 1} was not drawn within 10 seconds")
            time.sleep(0.002)
    found: list[dict[str, float]] = page.evaluate("window.redrawn")
    return found


if __name__ == "__main__":
    main()
