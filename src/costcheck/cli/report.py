"""Make the report of a run again, from its executed notebooks alone.

It is one file of HTML, which opens without a network.

Example: costcheck report out --lang zh --out report_zh.html
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from costcheck.cli.options import Parser, some_path
from costcheck.cli.output import remark
from costcheck.text.waiting import working

OPTIONS = ("--lang", "--open")


def add(parser: Parser) -> None:
    parser.add_argument(
        "folder",
        nargs="?",
        type=some_path,
        default=Path("out"),
        metavar="DIR",
        help="what costcheck run wrote: a folder with notebooks/, or one with a folder for each scenario "
        "(default: out)",
    )
    page = partial(some_path, suffixes=(".html", ".htm"))
    words = "where to write (default: report.html in DIR)"
    parser.add_argument("--out", type=page, metavar="FILE", help=words)


def main(options: argparse.Namespace) -> int:
    from costcheck.apps.browser import open_browser
    from costcheck.results import report

    with working("making the report"):
        path = report.write(options.folder, options.lang, out=options.out)
    remark(path)
    if options.open:
        open_browser(path.resolve().as_uri())
    return 0
