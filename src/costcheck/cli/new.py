"""Write a commented file with a claim of each kind, for an article of yours to replace.

An editor that knows YAML schemas completes and checks it.

Example: costcheck new my_article.yaml
"""

from __future__ import annotations

import argparse
import re
import shlex
from functools import partial
from pathlib import Path

from costcheck.cli.options import ARTICLES, Parser, some_path
from costcheck.cli.output import remark, write_new


def add(parser: Parser) -> None:
    path = partial(some_path, suffixes=ARTICLES)
    parser.add_argument("file", type=path, metavar="FILE.yaml", help="the file to write; it must not exist")


def main(options: argparse.Namespace) -> int:
    from costcheck.claims.loading import article_id, example

    path: Path = options.file
    text = example("skeleton").read_text("utf-8")
    text = re.sub(r"^article: \w+", f"article: {article_id(path.stem)}", text, count=1, flags=re.MULTILINE)
    write_new(path, text)
    words = shlex.quote(str(path))
    remark(f"{path}: an article with a claim of each kind; replace them by those of yours.")
    remark(f"Then: costcheck check {words} (the verdicts), costcheck run {words} (its chapter)")
    return 0
