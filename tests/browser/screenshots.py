"""The README's pictures, each of the real thing: ``make screenshots`` takes them to docs/screenshots/.

Not collected with the tests, but taken under their rules: no complaint in the console, nothing asked outside.
"""

from __future__ import annotations

import io
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
COLOURS, LARGEST = 128, 200_000
"""Colours in a picture, and its bytes at most: a README loads all of them."""


def save(png, name):
    """Keep a picture, small."""
    from PIL import Image

    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(small, "png", optimize=True)
    assert small.tell() < LARGEST, f"{name}: {small.tell():,} bytes"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(small.getvalue())


def test_jupyterlab(lab, pages):
    page = pages(1280, 900)
    lab.open(page, "02_entry_ticket")
    lab.run(page, page.locator(".jp-CodeCell").count())
    figure = page.locator("img[alt^='Bars to scale. 43,000']")
    for _ in range(2):  # cells above it take their height only when they have been near
        figure.evaluate("figure => figure.scrollIntoView({block: 'end'})")
        page.wait_for_timeout(500)
    save(page.screenshot(), "lab")


def test_calculator(app, pages):
    page = pages(1280, 900)
    page.goto(app.address)
    page.locator("[data-figure=deadline] svg").wait_for()
    save(page.screenshot(), "calculator")


def test_report(pages, run):
    from costcheck.results.report import write

    page = pages(1280, 900, offline=True)
    page.goto(write(run).as_uri())
    save(page.screenshot(), "report")
