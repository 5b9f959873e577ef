"""What happens during a run, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped."""

    notebook: str
    cell: str
    error: str
    scenario: str = ""
    kept: Path | None = None
    """The notebook, executed up to there, if it was written."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a notebook of a scenario."""

    event: Literal["started", "done", "reused", "failed"]
    notebook: str
    scenario: str
    seconds: float | None = None
    """How long its execution took, if it was executed [second]."""
    failure: Failure | None = None


@dataclass
class Outcome:
    """What a run did."""

    several: bool
    executed: int = 0
    reused: int = 0
    figures: int = 0
    failed: list[Failure] = field(default_factory=list)
    earlier: dict[str, list[str]] = field(default_factory=dict)
    """By scenario, the notebooks of earlier runs that count into its results."""
