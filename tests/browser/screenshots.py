"""The README's pictures, each of the real thing: ``make screenshots`` takes them to docs/screenshots/.

Not collected with the tests, but taken under their rules: no complaint in the console, nothing asked outside.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    figure = page.locator("img[alt^='Bars to scale']")
    for _ in range(2):  # cells above it take their height only when they have been near
        figure.evaluate("figure => figure.scrollIntoView({block: 'end'})")
        page.wait_for_timeout(500)
    save(page.screenshot(), "lab")


def test_jupyterlab_start_page(lab, pages):
    page = pages(1280, 900)
    lab.open(page, "index")
    save(page.screenshot(), "lab_start")


WIDTHS = [pytest.param(1280, "", id="wide"), pytest.param(390, "_narrow", id="narrow")]


@pytest.mark.parametrize(("width", "suffix"), WIDTHS)
def test_calculator(width, suffix, app, pages):
    page = pages(width, 900)
    page.goto(app.address)
    page.locator("[data-figure=deadline] svg").wait_for()
    save(page.screenshot(), f"calculator{suffix}")


@pytest.mark.parametrize(("width", "suffix"), WIDTHS)
def test_report(width, suffix, pages, tmp_path):
    from costcheck.data.tables import home
    from costcheck.results.report import build

    (tmp_path / "notebooks").mkdir()
    for path in home("notebooks").glob("0*.ipynb"):
        shutil.copy(path, tmp_path / "notebooks")
    (tmp_path / "report.html").write_text(build(tmp_path, "en"), "utf-8")
    page = pages(width, 900, offline=True)
    page.goto((tmp_path / "report.html").as_uri())
    save(page.screenshot(), f"report{suffix}")


@pytest.mark.parametrize(("name", "words"), [("terminal", ["check", "data/examples/deepseek_v3.yaml"])])
def test_terminal(name, words, pages, tmp_path):
    from rich.console import Console
    from rich.text import Text

    said = subprocess.run(
        [sys.executable, "-m", "costcheck", *words],
        cwd=FOLDER.parents[1],
        env=os.environ | {"FORCE_COLOR": "1", "TERM": "xterm-256color"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    console = Console(record=True, width=86, file=io.StringIO())
    console.print(Text.from_ansi(f"$ costcheck {' '.join(words)}\n{said}"))
    # its fonts would be fetched; any with letters of one width will do
    svg = re.sub(r"@font-face {.*?}", "", console.export_svg(title=""), flags=re.DOTALL)
    page = pages(1280, 900)
    file = tmp_path / "terminal.html"
    file.write_text(f"<!doctype html><title>t</title><body style='margin:0'>{svg}", "utf-8")
    page.goto(file.as_uri())
    save(page.locator("svg").first.screenshot(), name)
