"""The kernels that notebooks are executed in, and what these import beforehand."""

from costcheck.claims import articles
from costcheck.data.tables import home
from warmkernels import client

PRELOAD = (
    "pandas",
    "matplotlib.pyplot",
    "costcheck.notebook.show",
    "costcheck.notebook.plots.*",
    "costcheck.formulas.*",
    "costcheck.claims.*",
    "costcheck.batch.kernels:read_articles",
)
"""As `warmkernels.client.prepare` takes it."""


def prepare() -> None:
    """Start the process that kernels are forked from; it imports meanwhile."""
    client.prepare(PRELOAD)


def read_articles() -> list[str]:
    """Read the package's articles, as every notebook does; return the data that they rest on."""
    articles()
    return [str(path) for path in (home("data"), *home("data").rglob("*"))]
