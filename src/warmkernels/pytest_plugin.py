"""Notebooks under pytest on warm kernels: ``pytest -p warmkernels.pytest_plugin --nbval notebooks``.

One server serves all processes of a run, also those that pytest-xdist starts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from warmkernels import NAME, client
from warmkernels.nbformat_import import import_nbformat

if TYPE_CHECKING:
    import pytest

import_nbformat()


def pytest_configure(config: pytest.Config) -> None:
    """Start the server, and have every kernel forked from it."""
    os.environ.setdefault(client.CHOSEN, NAME)
    if os.environ[client.CHOSEN] == NAME and not client.unavailable() and client.SHARED not in os.environ:
        client.share()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server."""
    client.stop()
