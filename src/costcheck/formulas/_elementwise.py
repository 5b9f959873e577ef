"""What ``math.ceil``, ``min`` and ``max`` do for a number, done for arrays and Series too."""

from __future__ import annotations

import math
from typing import Any

# A quotient of bytes that should be 8 can come out as 8.000000000000002, and rounding noise buys no GPU.
# One part in 10^12 is a byte of a terabyte.
_NOISE = 1e-12


def round_up(quotient: Any) -> Any:
    """Return the smallest whole number not below ``quotient``, but for the noise of a division."""
    ceil = math.ceil if _is_plain(quotient) else _numpy().ceil
    return ceil(quotient * (1 - _NOISE))


def smaller(a: Any, b: Any) -> Any:
    """Return the smaller of two, element by element."""
    return min(a, b) if _is_plain(a) and _is_plain(b) else _numpy().minimum(a, b)


def larger(a: Any, b: Any) -> Any:
    """Return the larger of two, element by element."""
    return max(a, b) if _is_plain(a) and _is_plain(b) else _numpy().maximum(a, b)


def everywhere(condition: Any) -> bool:
    """Tell whether a condition holds, for each element if there are many."""
    return condition if isinstance(condition, bool) else bool(condition.all())


def _is_plain(value: Any) -> bool:
    return type(value) in (int, float)


def _numpy() -> Any:
    import numpy as np

    return np
