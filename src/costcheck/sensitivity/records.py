"""What prices do to a claim's figure, as rows and objects for other programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costcheck.sensitivity.influence import Swing
    from costcheck.sensitivity.program import Moving

COLUMNS = (
    *("claim", "article", "price", "unit", "value", "low", "high", "range", "from"),
    *("at_low", "holds_at_low", "at_high", "holds_at_high", "swing", "flips_below", "flips_above"),
    "unverified",
)
OVERVIEW = (
    *("claim", "article", "printed", "unit", "recomputed", "holds", "moves_it_most", "price_unit"),
    *("flips_below", "flips_above", "low_5", "median", "high_95", "share_holds", "samples", "seed"),
    "unverified",
)
SPREAD = ("count", "minimum", "mean", "maximum", "low", "median", "high", "share_holds", "of_which")


def row(claim: Moving, swing: Swing) -> dict[str, Any]:
    """Return what one price does to a claim's figure, by `COLUMNS`."""
    end = swing.range
    cells = (
        *(claim.claim.id, claim.article.article, end.key, swing.unit),
        *(end.value, end.low, end.high, end.kind, end.source),
        *(swing.at_low, swing.holds_at_low, swing.at_high, swing.holds_at_high, swing.swing, *swing.flips),
        claim.unverified,
    )
    return dict(zip(COLUMNS, cells, strict=True))


def described(claim: Moving, swings: Sequence[Swing]) -> dict[str, Any]:
    """Return a claim, between what results its figure holds, and what each price does to it."""
    rows = [row(claim, swing) for swing in swings]
    return {
        "claim": claim.claim.id,
        "article": claim.article.article,
        "printed": claim.claim.printed,
        "unit": claim.unit,
        # JSON has no infinity: null where there is no limit
        "holds_between": [end if math.isfinite(end) else None for end in claim.interval or ()] or None,
        "recomputed": claim.at(),
        "holds": claim.holds(),
        "unverified": claim.unverified,
        "prices": [{name: row[name] for name in COLUMNS[2:-1]} for row in rows],
    }
