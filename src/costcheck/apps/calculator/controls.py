"""The calculator's controls: which prices there are to move, in what groups, between what ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from costcheck.apps.calculator.amounts import KINDS, MODELS
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import PriceKey, history, price_keys
from costcheck.text.numbers import readable

OWNING = (
    *("rental_usd_per_gpu_hour", "value_lost_per_year", "server_markup", "interconnect_share"),
    *("electricity_usd_per_kwh", "pue", "server_overhead", "average_power"),
)
TOKENS = [f"{model}_{kind}_usd_per_mtok" for model in MODELS.values() for kind in KINDS]
GROUPS: tuple[tuple[str, Sequence[str], bool], ...] = (
    ("Training", ["gpu_hours", "days_in_month", "utilisation", "gpus", "h100_usd", "days_in_year"], True),
    ("Exchange rates", ["usd_cny", "usd_jpy"], True),
    ("A million tokens", [*TOKENS, "input_tokens_per_output_token"], True),
    ("Renting, owning and power", OWNING, False),
    ("The window", ["context_tokens", "words_per_token", "characters_per_token_zh"], False),
)
"""Headings with their prices, and whether they are open at first; each price moves something shown."""
WHOLE = ("GPU", "GPU-hour", "day", "token")  # sliders of these move in whole numbers
STEPS = 120  # about how many positions a slider has
FAR = 3.0  # without quotes that differ, a slider ends at the articles' value times and divided by this


@dataclass(frozen=True)
class Control:
    """One price with its slider."""

    described: PriceKey
    article: float
    positions: tuple[float, ...]
    """The values on the slider, rising; its ends and the articles' value among them."""
    range: tuple[float, float] | None
    """The price's range; the slider reaches every dated quote, of whatever day."""

    def nearest(self, value: float) -> int:
        """Return the index of the position nearest to a value."""
        return min(range(len(self.positions)), key=lambda place: abs(self.positions[place] - value))

    @property
    def span(self) -> str:
        """Write the price's range, or else the slider's."""
        low, high = map(readable, self.range or (self.positions[0], self.positions[-1]))
        return f"{'range' if self.range else 'slider'} {low} to {high}"


@cache
def control(key: str) -> Control:
    """Return the control of a price: from its lowest to its highest quote, or else far on both sides."""
    described, article = price_keys()[key], PriceBook.article()[key]
    known = [end for quote in history(key) for end in (quote.value, quote.low, quote.high) if end is not None]
    low, high = min(known), max(known)
    if low == high:
        low, high = (float(f"{end:.2g}") for end in (article / FAR, article * FAR))
        low, high = max(described.minimum, low), min(described.maximum, high)
    positions = _positions(low, high, article, described.unit in WHOLE)
    return Control(described, article, positions, PriceBook.article().span(key))


def _positions(low: float, high: float, article: float, whole: bool) -> tuple[float, ...]:
    """Return multiples of a round step between two ends, with the ends and the articles' value.

    >>> _positions(23_000, 41_217, 40_000, True)[:3], _positions(1, 3.3, 1.4, False)[:3]
    ((23000, 23200.0, 23400.0), (1, 1.02, 1.04))
    """
    least = (high - low) / STEPS
    power = 10.0 ** math.floor(math.log10(least))
    step = next(many * power for many in (1, 2, 5, 10) if many * power >= least * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    grid = (round(n * step, digits) for n in range(math.ceil(low / step), math.floor(high / step) + 1))
    kept = {low, high, article}
    # a grid point right beside one of the three would be hardly a step away
    return tuple(
        sorted(kept.union(point for point in grid if all(abs(point - end) >= step / 2 for end in kept)))
    )
