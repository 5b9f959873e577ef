"""Jobs: what is executed, and the key under which it need not be executed again."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import platform
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import costcheck
from costcheck.claims.article import Article, prices_of
from costcheck.data import tables
from costcheck.data.source import source_hash
from costcheck.errors import InputError, unknown
from costcheck.notebook.parameters import INJECTED, declared_in, prices_in, values
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import ARTICLE, Quote
from costcheck.results.executed import LARGEST_NOTEBOOK

MATTERING = (
    *("numpy", "pandas", "matplotlib", "ipython", "ipykernel", "matplotlib-inline"),
    *("nbclient", "nbformat", "papermill", "distributed"),
)
"""The distributions that make an executed notebook, and the one that carries it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A notebook to execute with some parameters."""

    name: str
    source: bytes
    """The notebook without outputs."""
    parameters: tuple[tuple[str, float | str], ...]
    key: str
    """Equal exactly when the results are."""
    folder: str | None = None
    """Where a notebook of the reader's own is executed: it may read files beside it."""


def _validate(notebook: dict[str, Any]) -> None:
    """Refuse a reader's notebook with cells that are not in Jupyter's format, before anything runs."""
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that cells have no ids: they are given some
        try:
            nbformat.validate(copy.deepcopy(notebook) | {"metadata": {}})  # which may change it
        except nbformat.ValidationError as error:
            problem = str(error).partition("\n")[0][:120]
            raise InputError(f"not a notebook in Jupyter's format 4: {problem}") from None


@dataclass(frozen=True)
class Template:
    """A notebook as it stands, before it is given prices."""

    name: str
    source: bytes
    """The notebook without outputs, which are no part of what it computes."""
    declared: tuple[str, ...]
    """The names of its parameters."""
    edited: tuple[tuple[str, float], ...] = ()
    """The prices in its cell of parameters that are not the articles'."""
    folder: str | None = None
    """The folder of a notebook of the reader's own."""
    article: str | None = None
    """The text of the article's file, in the notebook that shows any article; its prices are one text."""
    own: tuple[Quote, ...] = ()
    """That article's own prices."""

    @classmethod
    def read(cls, path: Path, *, own: bool = False) -> Template:
        """Read a notebook from its file; ``own`` is one that is the reader's, and not the package's.

        Raises:
            InputError: It cannot be read, is not a notebook in Jupyter's format 4, or the kernel of one that
                is the reader's is not installed.
        """
        where, content = str(path), tables.file_bytes(path, LARGEST_NOTEBOOK)
        try:
            notebook = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise InputError(f"not a notebook, because not JSON ({error})", where=where) from None
        try:
            if notebook["nbformat"] != 4:
                raise InputError(f"a notebook in format {notebook['nbformat']!r:.20}; expected 4")
            if own:
                _validate(notebook)
            if own and (name := kernel_of(notebook)) is not None:
                from jupyter_client.kernelspec import KernelSpecManager

                if name not in (installed := KernelSpecManager().find_kernel_specs()):
                    raise unknown("kernel", name, installed)
            declared = tuple(dict.fromkeys([*declared_in(notebook), *values(notebook)]))
            prices, article = prices_in(notebook), PriceBook.article()
            # papermill would give cells without an id, as before format 4.5, a random one
            notebook["nbformat_minor"] = max(5, notebook["nbformat_minor"])
            # what papermill put in before goes with its cell, and is given again
            notebook["cells"] = [
                {"id": f"cell-{number}"}
                | cell
                | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})
                for number, cell in enumerate(notebook["cells"])
                if INJECTED not in cell["metadata"].get("tags", ())
            ]
            source = json.dumps(notebook, ensure_ascii=False).encode()
        except InputError as error:
            raise error.placed(where) from None
        except (LookupError, TypeError, AttributeError):
            raise InputError("not a notebook in Jupyter's format 4", where=where) from None
        except (SyntaxError, ValueError, RecursionError) as error:
            reason = getattr(error, "msg", error)
            raise InputError(f"its parameters cell is not Python ({reason})", where=where) from None
        edited = tuple((key, value) for key, value in prices.items() if value != article[key])
        return cls(path.stem, source, declared, edited, str(path.resolve().parent) if own else None)

    def of(self, article: Article, text: str) -> Template:
        """Make the notebook that shows any article one of an article, whose file has a text."""
        # by its line breaks the notebook knows a text from the name of a file
        text = text if "\n" in text else f"{text}\n"
        declared, own = tuple(prices_of([article])), tuple(article.own_quotes)
        return replace(self, name=article.article, declared=declared, article=text, own=own)

    def job(self, prices: PriceBook, environment: str) -> Job:
        """Make a job of it, given those prices that it declares and that are not its articles'."""
        book = prices.extended(self.own)
        # also one that is as the articles have it, where the notebook's cell has another
        wanted = book.changed | {key: book[key] for key, _ in self.edited}
        given: dict[str, float | str] = {key: wanted[key] for key in self.declared if key in wanted}
        if self.article is not None:
            texts = ";".join(f"{key}={value!r}" for key, value in given.items())
            given = {"article": self.article, "prices": texts}
        described = json.dumps([environment, self.name, list(given.items())]).encode()
        key = hashlib.sha256(described + self.source).hexdigest()
        return Job(self.name, self.source, tuple(given.items()), key, self.folder)


def kernel_of(notebook: Mapping[str, Any]) -> str | None:
    """Return the name of a notebook's kernel, or ``None`` for Python's: it is ours, whatever it is called."""
    spec = notebook["metadata"].get("kernelspec", {})
    is_python = str(spec.get("language", "python")).lower() == "python"
    return None if is_python else str(spec.get("name", ""))


def with_edits(notebooks: Iterable[Template], prices: PriceBook) -> PriceBook:
    """Return the prices of a run: those chosen, and for the others what was written into a notebook's cell.

    Raises:
        InputError: Two notebooks say different prices.
    """
    edited: dict[str, float] = {}
    names: dict[str, str] = {}
    for notebook in notebooks:
        for key, value in notebook.edited:
            if key in prices.given or prices.origin(key) != ARTICLE:
                continue
            if (first := edited.setdefault(key, value)) != value:
                raise InputError(
                    f"{first:.15g} in {names[key]} and {value:.15g} in {notebook.name}; "
                    "write the same price in both, or give it with --set",
                    where=key,
                )
            names.setdefault(key, notebook.name)
    return prices.override(edited).named(prices.name) if edited else prices


def environment() -> str:
    """Hash what a job's result depends on besides its notebook and parameters."""
    # A folder's name has the distribution's name and version. Reading the metadata of some 150 distributions
    # would take longer than all else that a run without anything to execute does.
    names: list[str] = []
    for folder in sys.path:
        with contextlib.suppress(OSError):  # a path that is not there, or a zip file
            names += os.listdir(folder or ".")
    distributions = sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
    parts = [sys.version, platform.platform(), *distributions, source_hash()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Return what must be the same where a job is executed and where its result is used.

    >>> versions()["costcheck"] == costcheck.__version__
    True
    """
    from importlib import metadata

    installed = {
        "costcheck": costcheck.__version__,
        "costcheck's source and data": source_hash()[:12],
        "Python": ".".join(platform.python_version_tuple()[:2]),
    }
    for name in MATTERING:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed[name] = "missing"
    return installed
