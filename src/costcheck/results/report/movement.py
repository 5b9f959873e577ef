"""How claims move across the scenarios of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    dots: tuple[str, ...]
    mark: str
    values: tuple[str, ...]


def moving(texts: Mapping[str, str], unit: str | None, at_articles: float | None) -> Moving | None:
    """Describe how a claim moves; ``None`` where it does not.

    Args:
        texts: By scenario, its value at full precision; empty where there is none.
        unit: Of the value.
        at_articles: Its value at the articles' own prices.
    """
    values = {name: float(text) for name, text in texts.items() if text}
    if len({text for text in texts.values() if text}) < 2:
        return None
    lowest, highest = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    low, high = values[lowest], values[highest]
    places = _positions([*values.values(), *([] if at_articles is None else [at_articles])])
    return Moving(
        readable(at_articles, unit),
        readable(low, unit),
        lowest,
        readable(high, unit),
        highest,
        multiple(high / low) if low > 0 else "",
        tuple(dict.fromkeys(places[: len(values)])),
        "" if at_articles is None else places[-1],
        tuple(readable(float(text), unit) if text else "" for text in texts.values()),
    )


def _positions(values: Sequence[float]) -> list[str]:
    """Return where values lie between the lowest and the highest, logarithmic if all are positive."""
    scaled = [math.log(value) for value in values] if min(values) > 0 else list(values)
    low, span = min(scaled), (max(scaled) - min(scaled)) or 1.0
    room = SPREAD_WIDTH - 2 * SPREAD_EDGE
    return [f"{SPREAD_EDGE + room * (value - low) / span:.1f}" for value in scaled]
