"""Ten thousand times the first notebook, once: as `growth`."""

from __future__ import annotations

from typing import Any

from benchmarks import growth
from costcheck.claims.checks import notebook_names

ROUNDS = 1


def measured(rounds: int) -> dict[str, Any]:
    """Measure as `growth` does."""
    return growth.measured(rounds, 10_000, notebook_names()[:1])
