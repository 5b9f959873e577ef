"""``costcheck report``: the report of a run, from its executed notebooks."""

from __future__ import annotations

import argparse
from pathlib import Path

from costcheck.cli.options import Commands, add_language_option, some_path, subcommand
from costcheck.cli.output import line
from costcheck.text.waiting import working


def add(commands: Commands) -> None:
    """Add the subcommand."""
    report = subcommand(
        commands,
        "report",
        help="the report of a run as one page to send",
        description="Make the report of a run again, from its executed notebooks alone: one file of HTML "
        "that opens without a network.",
        example="costcheck report out --lang zh --out report_zh.html",
    )
    report.add_argument(
        "folder",
        type=some_path,
        metavar="DIR",
        help="what costcheck run wrote: a folder with notebooks/, or one with a folder for each scenario",
    )
    add_language_option(report)
    report.add_argument(
        "--out", type=_page, metavar="FILE", help="where to write (default: report.html in DIR)"
    )
    report.set_defaults(main=main)


def _page(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"{text}: the file's name must end in .html or .htm")
    return path


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.results import report
    from costcheck.text import log

    with working("making the report"):
        path = report.write(options.folder, options.lang, out=options.out)
    if not log.quiet():
        line(path)
    return 0
