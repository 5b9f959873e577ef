"""How claims move across the scenarios of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costcheck.text.numbers import multiple, readable

if TYPE_CHECKING:
    from costcheck.results.report.page import Claim
    from costcheck.results.report.run_folder import Scenario

SPREAD_WIDTH, SPREAD_EDGE = 180, 6
"""Of the drawing of a spread, which the template makes [px]."""


@dataclass(frozen=True)
class Moving:
    """A claim that is not the same in all scenarios."""

    claim: Claim
    at_articles: str
    low: str
    at_low: str
    high: str
    at_high: str
    times: str
    dots: tuple[str, ...]
    """Where each scenario lies across the drawing of the spread."""
    mark: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Movement:
    """The scenarios, and the claims that move across them."""

    scenarios: Sequence[Scenario]
    moving: Sequence[Moving]
    keys: Sequence[str]
    prices: Sequence[Sequence[tuple[str, bool]]]
    """Values, and whether they are unverified."""
    left_out: Sequence[str]
    """Those without an executed notebook."""
    lacking: Sequence[tuple[str, str]]
    """Those that lack notebooks, and which."""


def moving(claim: Claim, texts: Mapping[str, str], at_articles: float | None) -> Moving | None:
    """Describe how a claim moves; ``None`` where it does not.

    Args:
        claim: The claim.
        texts: By scenario, its value at full precision; empty where there is none.
        at_articles: At the articles' own prices.
    """
    values = {name: float(text) for name, text in texts.items() if text}
    if len({text for text in texts.values() if text}) < 2:
        return None
    unit = claim.verdict.claim.unit
    lowest, highest = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    low, high = values[lowest], values[highest]
    places = _positions([*values.values(), *([] if at_articles is None else [at_articles])])
    return Moving(
        claim,
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
