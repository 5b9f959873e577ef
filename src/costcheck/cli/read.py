"""Find the figures in an article's text, which follows from which, and what does not add up.

FILE is plain text, Markdown, HTML, DOCX or PDF, an address, or - for standard input.

Example: costcheck read article.md --out my_article.yaml
"""

from __future__ import annotations

import argparse
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from costcheck.cli.options import ARTICLES, Parser, some_path
from costcheck.cli.output import remark, write_new, write_rows
from costcheck.results.report import LANGUAGES
from costcheck.text import log

if TYPE_CHECKING:
    from costcheck.reading import Reading

OPTIONS = ("--format",)
PAGES = (".html", ".htm")


def add(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE|ADDRESS|-", help="the article")
    words = "the article's language (default: found by itself); the reading is in English in any case"
    parser.add_argument("--lang", choices=LANGUAGES, help=words)
    path = partial(some_path, suffixes=(*ARTICLES, *PAGES))
    words = "write a draft of its claims (.yaml), or its text with the figures marked (.html); must not exist"
    parser.add_argument("--out", type=path, metavar="FILE", help=words)


def main(options: argparse.Namespace) -> int:
    from costcheck.reading import marked

    reading = _read(options.file, options.lang)
    if options.out and not reading.figures:
        log.warning(f"{options.out}: not written, because {reading.document.name} has no figures")
        options.out = None
    if options.out:
        _write(reading, options.out)
    if options.format != "table":
        write_rows(marked.COLUMNS, marked.rows(reading), options.format)
        return 0
    print_reading(reading, whole=not options.out)
    if options.out:
        words = shlex.quote(str(options.out))
        if options.out.suffix.lower() in PAGES:
            remark(f"{options.out}: the text with its figures marked")
        else:
            remark(f"{options.out}: a draft of the claims; correct it.")
            remark(f"Then: costcheck check {words} (the verdicts), costcheck run {words} (its chapter)")
    return 0


def _read(source: str, language: str | None) -> Reading:
    from costcheck.reading import read_document, read_figures

    if source == "-":
        return read_figures(read_document(sys.stdin.buffer.read(), language, "standard input"))
    if "://" in source:
        from costcheck.prices.feeds.fetch import shown

        shown(source)  # refuses what is no address
        return read_figures(read_document(source, language))
    return read_figures(read_document(Path(source), language))


def _write(reading: Reading, path: Path) -> None:
    if path.suffix.lower() in PAGES:
        from costcheck.results.report import article_page

        write_new(path, article_page.marked_page(reading))
    else:
        from costcheck.claims.loading import article_id

        write_new(path, reading.draft(article_id(path.stem)))


def print_reading(reading: Reading, *, whole: bool) -> None:
    """Print what does not add up; if the ``whole`` is wanted, what follows and what is unexplained too."""
    from costcheck.reading import marked
    from costcheck.text.log import printable
    from costcheck.text.terminal import Column, Styled, coloured, print_table, say

    if reading.figures:
        say(marked.headline(reading), "bold")
    for number, verdict in reading.verdicts.items():
        if verdict.kind.is_mistake:
            where, words = f"{verdict.claim.where}: ", ""
            if reading.document.has_own_lines:
                where, words = "", f" ({marked.excerpt(reading, number)})"
            say(f"  {where}{verdict.claim.printed}, {verdict.arithmetic}{words}", "red")
            say(f"    {marked.why(reading, number)}")
            if cause := verdict.cause or reading.drafted.links[number].cause:
                say(f"    likely cause: {cause}")
    if whole and reading.figures:
        say("")
    # the number of a line that is not the file's says nothing
    first = int(reading.document.has_own_lines)
    line = [Column("line", right=True), Column("printed", text=True)][first:]
    holding = [pair for pair in reading.verdicts.items() if not pair[1].kind.is_mistake]
    if whole and holding:
        columns = [*line, Column("verdict", text=True), Column("because", text=True)]
        rows: list[list[str | Styled]] = [
            [
                verdict.claim.where.partition(" ")[2],
                verdict.claim.printed,
                Styled(str(verdict.arithmetic), verdict.arithmetic.look.terminal),
                marked.why(reading, number),
            ]
            for number, verdict in holding
        ]
        print_table(columns, [row[first:] for row in rows], title="What adds up")
    if whole and reading.unexplained:
        places = [(reading.figures[number], number) for number in reading.unexplained]
        rows = [
            [str(figure.line), figure.figure.printed, marked.excerpt(reading, number)]
            for figure, number in places
        ]
        columns = [*line, Column("where", text=True, drop=1)]
        print_table(columns, [row[first:] for row in rows], title="No sum found")
    if whole and reading.figures and sys.stdout.isatty():
        say("The figures in the text (✓ holds, ✗ does not, → input, ? unexplained)", "bold")
        for place, parts in marked.marked_lines(reading):
            if any(number is not None for _, number in parts):
                looks = [(words, None if n is None else reading.look(n)) for words, n in parts]
                shown = [
                    coloured(printable(w) + look.mark, look.terminal) if look else printable(w)
                    for w, look in looks
                ]
                print(f"{'' if first else place:>6}  {''.join(shown)}")
        say("")
    for sentence in marked.summary(reading):
        say(sentence)
