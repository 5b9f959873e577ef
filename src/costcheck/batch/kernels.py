"""The kernels that notebooks are executed in, and what these import beforehand."""

from warmkernels import client

PRELOAD = (
    "pandas",
    "matplotlib.pyplot",
    "costcheck.notebook.show",
    "costcheck.notebook.plots.*",
    "costcheck.formulas.*",
    "costcheck.claims.*",
)
"""As `warmkernels.client.prepare` takes it."""


def prepare() -> None:
    """Start the process that kernels are forked from; it imports meanwhile."""
    client.prepare(PRELOAD)
