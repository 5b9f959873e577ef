"""``costcheck new``: begin an article's file."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

from costcheck.cli.options import Commands, subcommand
from costcheck.cli.output import line
from costcheck.errors import InputError, RunError
from costcheck.text import log

SUFFIXES = (".yaml", ".yml")
LONGEST_NAME = 64
"""As an article's name may be (`costcheck.claims.article.FORMS`)."""


def add(commands: Commands) -> None:
    """Add the subcommand."""
    new = subcommand(
        commands,
        "new",
        help="begin a file for an article of yours",
        description="Write a commented file with a claim of each kind, for an article of yours to replace; "
        "an editor that knows YAML schemas completes and checks it.",
        example='costcheck new my_article.yaml --title "What the training cost"',
    )
    new.add_argument("file", type=Path, metavar="FILE.yaml", help="the file to write; it must not exist")
    new.add_argument("--title", default=None, help="the article's title")
    new.set_defaults(main=main)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    import json

    from costcheck.claims.loading import example, schema_file
    from costcheck.data import files

    path: Path = options.file
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: the file's name must end in {' or '.join(SUFFIXES)}")
    exists = f"{path}: the file exists already; costcheck new overwrites nothing"
    if path.exists():
        raise InputError(exists)
    if options.title is not None and not options.title.strip():
        raise InputError("--title: it is empty")
    title = " ".join((options.title or "").split())
    if not title.isprintable():
        raise InputError(f"--title: {title!a} has a character that cannot be printed")
    text = example("skeleton").read_text("utf-8")
    text = re.sub(r"^article: \w+", lambda _: f"article: {_name(path)}", text, count=1, flags=re.MULTILINE)
    if options.title is not None:
        # a string of JSON is one of YAML
        quoted = json.dumps(title, ensure_ascii=False)
        text = re.sub(r"^title: .*", lambda _: f"title: {quoted}", text, count=1, flags=re.MULTILINE)
    schema = schema_file().as_uri()
    try:
        with files.replacing(path, new=True, lasting=True) as file:
            file.write(f"# yaml-language-server: $schema={schema}\n{text}".encode())
    except FileExistsError:  # since a moment ago, or a link that leads nowhere
        raise InputError(exists) from None
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error
    if log.quiet():
        return 0
    line(f"{path}: an article with a claim of each kind; replace them by those of yours.")
    quoted = shlex.quote(str(path))
    line(f"Then: costcheck check {quoted} (the verdicts), costcheck run --article {quoted} (its chapter)")
    return 0


def _name(path: Path) -> str:
    """Make an article's name of its file's.

    >>> _name(Path("My first-article.yaml")), _name(Path("2024.yaml"))
    ('my_first_article', 'article_2024')
    """
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    return (name if name[:1].isalpha() else f"article_{name}".strip("_"))[:LONGEST_NAME]
