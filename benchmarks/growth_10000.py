"""Ten thousand notebooks, once: as `growth`."""

from __future__ import annotations

from typing import Any

from benchmarks import growth

ROUNDS = 1


def measured(rounds: int) -> dict[str, Any]:
    """Measure as `growth` does."""
    return growth.measured(rounds, 10_000)
