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

from costcheck.cli.options import Parser, some_path
from costcheck.cli.output import remark
from costcheck.errors import InputError, RunError

LONGEST_NAME = 64  # as in costcheck.claims.article.FORMS


def add(parser: Parser) -> None:
    path = partial(some_path, suffixes=(".yaml", ".yml"))
    parser.add_argument("file", type=path, metavar="FILE.yaml", help="the file to write; it must not exist")


def main(options: argparse.Namespace) -> int:
    from costcheck.claims.loading import example, schema_file
    from costcheck.data import files

    path: Path = options.file
    text = example("skeleton").read_text("utf-8")
    text = re.sub(r"^article: \w+", f"article: {_name(path)}", text, count=1, flags=re.MULTILINE)
    text = f"# yaml-language-server: $schema={schema_file().as_uri()}\n{text}"
    try:
        with files.replacing(path, new=True, lasting=True) as file:
            file.write(text.encode())
    except FileExistsError:
        raise InputError(f"{path}: the file exists already; costcheck new overwrites nothing") from None
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error
    words = shlex.quote(str(path))
    remark(f"{path}: an article with a claim of each kind; replace them by those of yours.")
    remark(f"Then: costcheck check {words} (the verdicts), costcheck run --article {words} (its chapter)")
    return 0


def _name(path: Path) -> str:
    """Make an article's name of its file's.

    >>> _name(Path("My first-article.yaml")), _name(Path("2024.yaml"))
    ('my_first_article', 'article_2024')
    """
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    return (name if name[:1].isalpha() else f"article_{name}".strip("_"))[:LONGEST_NAME]
