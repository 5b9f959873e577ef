"""How claims move across the scenarios of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from costcheck.text.numbers import multiple, readable

SPREAD_WIDTH, SPREAD_EDGE = 180, 6
"""Of the drawing of a spread, which the template makes [px]."""


@dataclass(frozen=True)
class Moving:
    """How a claim moves: its values as text, and where they lie in the drawing of the spread."""

    at_articles: str
    low: str
    at_low: str
    high: str
    at_high: str
    times: str
    dots: Sequence[str]
    mark: str
    values: Sequence[str]


def moving(
    scenarios: Sequence[str], texts: Sequence[str], unit: str | None, at_articles: float | None
) -> Moving | None:
    """Describe how a claim moves, by its value in each scenario, if any; ``None`` where it does not."""
    if len({*texts} - {""}) < 2:
        return None
    values = {name: float(text) for name, text in zip(scenarios, texts, strict=True) if text}
    at_low, at_high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    low, high = values[at_low], values[at_high]
    places = _positions([*values.values(), *([] if at_articles is None else [at_articles])])
    return Moving(
        readable(at_articles, unit),
        readable(low, unit),
        at_low,
        readable(high, unit),
        at_high,
        multiple(high / low) if low > 0 else "",
        list(dict.fromkeys(places[: len(values)])),
        "" if at_articles is None else places[-1],
        [readable(float(text), unit) if text else "" for text in texts],
    )


def _positions(values: Sequence[float]) -> list[str]:
    """Return where values lie between the lowest and the highest, logarithmic if all are positive."""
    scaled = [math.log(value) for value in values] if min(values) > 0 else list(values)
    low, span = min(scaled), (max(scaled) - min(scaled)) or 1.0
    room = SPREAD_WIDTH - 2 * SPREAD_EDGE
    return [f"{SPREAD_EDGE + room * (value - low) / span:.1f}" for value in scaled]
