"""What matters: which price moves a figure, where a verdict flips, how far a result spreads."""

from costcheck.sensitivity.influence import Swing, flips, said, tornado
from costcheck.sensitivity.program import Moving, Program, find, moving
from costcheck.sensitivity.ranges import Range, default_range, ranges, read_range
from costcheck.sensitivity.spread import Sobol, Spread, sobol, sweep

__all__ = [
    "Moving",
    "Program",
    "Range",
    "Sobol",
    "Spread",
    "Swing",
    "default_range",
    "find",
    "flips",
    "moving",
    "ranges",
    "read_range",
    "said",
    "sobol",
    "sweep",
    "tornado",
]
