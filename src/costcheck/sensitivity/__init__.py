"""What matters: which price moves a figure, where a verdict flips, how far a result spreads."""

from costcheck.sensitivity.influence import flips, in_words, tornado
from costcheck.sensitivity.program import find, moving
from costcheck.sensitivity.ranges import ranges
from costcheck.sensitivity.spread import sobol, sweep

__all__ = ["find", "flips", "in_words", "moving", "ranges", "sobol", "sweep", "tornado"]
