"""The kernels that notebooks are executed in, and what these import beforehand."""

from __future__ import annotations

import contextlib

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
OPEN_FILES = 4096
"""Enough for a hundred notebooks at once; macOS allows 256 unless it is asked for more."""


def prepare() -> None:
    """Start the process that kernels are forked from; it imports meanwhile."""
    with contextlib.suppress(
        ImportError, OSError, ValueError
    ):  # Windows has no such limit, macOS another one
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
            most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    client.prepare(PRELOAD)
