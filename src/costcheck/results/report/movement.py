"""How claims move across the scenarios of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from costcheck.text.numbers import multiple, readable

WIDTH, EDGE = 180, 6
"""Of the drawing of a spread, which the template makes [px]."""


def moving(texts: Mapping[str, str], unit: str | None, at_articles: float | None) -> dict[str, Any] | None:
    """Describe how a claim moves, by its value in each scenario, if any; ``None`` where it does not.

    Returns:
        For the template: texts of the lowest, highest and all values, and where they lie in the drawing.
    """
    if len({*texts.values()} - {""}) < 2:
        return None
    values = {name: float(text) for name, text in texts.items() if text}
    at_low, at_high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    low, high = values[at_low], values[at_high]
    points = [*values.values(), *([] if at_articles is None else [at_articles])]
    scale: Callable[[float], float] = math.log if min(points) > 0 else float
    least, span = scale(min(points)), (scale(max(points)) - scale(min(points))) or 1.0
    places = [f"{EDGE + (WIDTH - 2 * EDGE) * (scale(point) - least) / span:.1f}" for point in points]
    return {
        "at_articles": readable(at_articles, unit),
        **{"low": readable(low, unit), "at_low": at_low, "high": readable(high, unit), "at_high": at_high},
        "times": multiple(high / low) if low > 0 else "",
        "dots": list(dict.fromkeys(places[: len(values)])),
        "mark": "" if at_articles is None else places[-1],
        "by_scenario": [readable(values.get(name), unit) for name in texts],
    }
