"""The calculator's controls: which prices there are to move, in what groups, between what ends."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import cache

from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import PriceKey, history, price_keys
from costcheck.text.numbers import readable

GROUPS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    (
        "Training",
        ("gpu_hours", "days_in_month", "utilisation", "gpus", "h100_usd", "days_in_year"),
        True,
    ),
    ("Exchange rates", ("usd_cny", "usd_jpy"), True),
    (
        "A million tokens",
        (
            "llama_405b_input_usd_per_mtok",
            "llama_405b_output_usd_per_mtok",
            "gpt4o_input_usd_per_mtok",
            "gpt4o_output_usd_per_mtok",
            "sonnet_input_usd_per_mtok",
            "sonnet_output_usd_per_mtok",
            "gpt4o_mini_input_usd_per_mtok",
            "gpt4o_mini_output_usd_per_mtok",
            "input_tokens_per_output_token",
        ),
        True,
    ),
    (
        "Renting, owning and power",
        (
            "rental_usd_per_gpu_hour",
            "value_lost_per_year",
            "server_markup",
            "interconnect_share",
            "electricity_usd_per_kwh",
            "pue",
            "server_overhead",
            "average_power",
        ),
        False,
    ),
    ("The window", ("context_tokens", "words_per_token", "characters_per_token_zh"), False),
)
"""Headings with their prices, and whether they are open at first; each price moves something shown."""
WHOLE = ("GPU", "GPU-hour", "day", "token")
"""Units that are only had whole on a slider; any number can be typed."""
STEPS = 120
"""About how many positions a slider has: finer than a hand is, and a key a step."""
FAR = 3.0
"""Where no quotes say how far a price may move, the slider goes to this many times as much and as little."""


@dataclass(frozen=True)
class Control:
    """One price with its slider."""

    described: PriceKey
    article: float
    """The articles' value."""
    positions: tuple[float, ...]
    """What the slider can be put to, rising; the ends and the articles' value among them."""
    range: tuple[float, float] | None
    """The price's range; the slider reaches every dated quote, of whatever day."""

    @property
    def key(self) -> str:
        """The price's key."""
        return self.described.key

    def nearest(self, value: float) -> int:
        """Return the place of the position that is nearest to a value.

        >>> found = control("h100_usd")
        >>> found.positions[found.nearest(40_000.0)], found.nearest(1e6) == len(found.positions) - 1
        (40000.0, True)
        """
        above = bisect.bisect_left(self.positions, value)
        if above == 0:
            return 0
        if above == len(self.positions):
            return above - 1
        below = above - 1
        return below if value - self.positions[below] <= self.positions[above] - value else above

    @property
    def span(self) -> str:
        """Write the price's range, or else what the slider goes between.

        >>> control("h100_usd").span
        'range 23,000 to 41,217'
        """
        low, high = (short(end) for end in self.range or (self.positions[0], self.positions[-1]))
        return f"{'range' if self.range else 'slider'} {low} to {high}"


def short(value: float) -> str:
    """Write a price for people in four or five figures, without its unit.

    >>> short(40_000.0), short(7.2732366), short(30_840_000.0), short(0.0771)
    ('40,000', '7.2732', '30.84 million', '0.0771')
    """
    return readable(value)


@cache
def control(key: str) -> Control:
    """Return the control of a price: between its lowest and highest quote, or else far on both sides.

    Args:
        key: A key of the price book.

    >>> control("pue").span, control("days_in_month").positions
    ('slider 1 to 3.3', (28.0, 29.0, 30.0, 31.0))
    """
    described, article = price_keys()[key], PriceBook.article()[key]
    known = [end for quote in history(key) for end in (quote.value, quote.low, quote.high) if end is not None]
    low, high = min(known), max(known)
    if low == high:
        low, high = (float(f"{end:.2g}") for end in (article / FAR, article * FAR))
        low, high = max(described.minimum, low), min(described.maximum, high)
    positions = _positions(low, high, article, described.unit in WHOLE)
    return Control(described, article, positions, PriceBook.article().span(key))


def _positions(low: float, high: float, article: float, whole: bool) -> tuple[float, ...]:
    """Return multiples of a round step between two ends, with the ends and one value in between."""
    step = _round_step((high - low) / STEPS)
    if whole:
        step = max(step, 1.0)
    digits = max(0, -math.floor(math.log10(step)))
    first, last = math.ceil(low / step), math.floor(high / step)
    grid = [round(number * step, digits) for number in range(first, last + 1)]
    # a grid point beside one of the three would make a step that is hardly one
    kept = {low, high, article}
    grid = [point for point in grid if all(abs(point - one) >= step / 2 for one in kept)]
    return tuple(sorted(kept | {min(max(point, low), high) for point in grid}))


def _round_step(step: float) -> float:
    """Round a step up to 1, 2 or 5 times a power of ten.

    >>> _round_step(179), _round_step(0.03)
    (200.0, 0.05)
    """
    power = 10.0 ** math.floor(math.log10(step))
    return next(round(many * power, 12) for many in (1, 2, 5, 10) if many * power >= step * (1 - 1e-9))
