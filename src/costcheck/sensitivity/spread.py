"""Many scenarios at once: how far results spread, and which prices they owe it to."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costcheck.errors import InputError
from costcheck.formulas._guard import known_between
from costcheck.sensitivity.program import Moving, Program
from costcheck.sensitivity.ranges import Range

if TYPE_CHECKING:
    import numpy as np

SAMPLES, SEED = 100_000, 1
CHUNK = 2**16
"""Scenarios computed at once: what is at work stays in a processor's cache, whatever their number."""
KEPT = 2**20
"""Scenarios of which quantiles are taken; of more, every second, third, ... is."""
SOBOL_POINTS = 2**12


@dataclass(frozen=True)
class Spread:
    """How a claim's result spreads: 5 % of ``of_which`` scenarios are below ``low``, 5 % above ``high``.

    The printed figure holds in ``share_holds`` of all ``count``.
    """

    id: str
    article: str
    count: int
    minimum: float
    mean: float
    maximum: float
    low: float
    median: float
    high: float
    share_holds: float
    of_which: int


class _Tally:
    """What is kept of one result while chunks go by."""

    def __init__(self, kept: int) -> None:
        import numpy as np

        self.minimum, self.maximum, self.total = math.inf, -math.inf, 0.0
        self.sample = np.empty(kept)
        self.kept = 0

    def add(self, results: np.ndarray[Any, Any], first: int, every: int) -> None:
        """Take in a chunk of results, of which the first has a place among all."""
        least, most = float(results.min()), float(results.max())
        if not (math.isfinite(least) and math.isfinite(most)):
            raise OverflowError(f"comes out as {least if not math.isfinite(least) else most}")
        self.minimum, self.maximum = min(self.minimum, least), max(self.maximum, most)
        self.total += float(results.sum())
        thinned = results[-first % every :: every]
        self.sample[self.kept : self.kept + len(thinned)] = thinned
        self.kept += len(thinned)

    @functools.cached_property
    def quantiles(self) -> tuple[float, float, float]:
        import numpy as np

        low, median, high = map(float, np.quantile(self.sample, (0.05, 0.5, 0.95)))
        return low, median, high


def sweep(
    claims: Sequence[Moving],
    ranges: Mapping[str, Range],
    count: int = SAMPLES,
    seed: int = SEED,
    chunk: int = CHUNK,
    tell: Callable[[int], object] = lambda done: None,
) -> list[Spread]:
    """Draw scenarios and compute all claims in each of them, in one pass over arrays.

    A price has a stream of draws of its own, so that neither the size of a chunk nor what else varies
    changes its draws. Quantiles are those of at most 2^20 evenly spaced scenarios, all else of all. Memory
    grows with ``chunk``, the scenarios computed at once; ``tell`` gets the number computed after each.

    >>> from costcheck.sensitivity import find, moving, ranges
    >>> ticket = find("Z51", moving())
    >>> (spread,) = sweep([ticket], ranges([ticket]), count=1000)
    >>> spread.count, 43_000 * 23_000 * 0.95 < spread.minimum < spread.mean < spread.maximum < 45_893 * 41_217
    (1000, True)
    """
    import numpy as np

    for name, number, least in (("samples", count, 1), ("seed", seed, 0), ("chunk", chunk, 1)):
        if number < least:
            raise InputError(f"{name} must be {least} or more, not {number}")
    keys = sorted({key for claim in claims for key in claim.keys if ranges[key].varies})
    program, outputs = compiled(claims, keys)
    every = -(-count // KEPT)
    tallies = {output: _Tally(-(-count // every)) for output in outputs}
    within = [0] * len(claims)
    streams = {key: ranges[key].draws(seed) for key in keys}
    for first in range(0, count, chunk):
        size = min(chunk, count - first)
        drawn = {key: ranges[key].quantile(stream.random(size)) for key, stream in streams.items()}
        # the guards need not look for what a range says
        with known_between([(column, ranges[key].least, ranges[key].most) for key, column in drawn.items()]):
            computed = [np.broadcast_to(each, size) for each in _computed(program, drawn, claims, outputs)]
        for output, tally in tallies.items():
            try:
                tally.add(computed[output], first, every)
            except OverflowError as error:
                raise _refused(claims[outputs.index(output)], error) from None
        for place, (claim, output) in enumerate(zip(claims, outputs, strict=True)):
            low, high = claim.interval or (math.inf, -math.inf)
            within[place] += int(np.count_nonzero((computed[output] >= low) & (computed[output] <= high)))
        tell(first + size)
    return [
        Spread(
            claim.claim.id,
            claim.article.article,
            count,
            tally.minimum,
            tally.total / count,
            tally.maximum,
            *tally.quantiles,
            share_holds=held / count,
            of_which=len(tally.sample),
        )
        for claim, tally, held in zip(claims, map(tallies.__getitem__, outputs), within, strict=True)
    ]


def compiled(claims: Sequence[Moving], keys: Sequence[str]) -> tuple[Program, list[int]]:
    """Compile several claims into one program; return it and for each claim the number of its result."""
    program = Program(keys)
    outputs = [program.add(claim.made_of, claim.article, claim.prices) for claim in claims]
    for claim, output in zip(claims, outputs, strict=True):
        if output in program.not_elementwise:
            raise InputError(
                f"claim {claim.claim.id}: {program.not_elementwise[output]} compares single numbers: "
                "it cannot be computed for many scenarios at once"
            )
    return program, outputs


def sweepable(claim: Moving) -> bool:
    """Say whether a claim's formulas take arrays of scenarios."""
    return not claim.program.not_elementwise


def _computed(
    program: Program, drawn: Mapping[str, Any], claims: Sequence[Moving], outputs: Sequence[int]
) -> list[Any]:
    try:
        return program(drawn)
    except (ValueError, ArithmeticError) as error:
        if len(claims) == 1:
            raise _refused(claims[0], error) from None
        for claim in claims:  # say whose formula it was
            alone, _ = compiled([claim], program.keys)
            _computed(alone, drawn, [claim], [0])
        raise


def _refused(claim: Moving, error: Exception) -> InputError:
    return InputError(
        f"{claim.article.article}, claim {claim.claim.id}: {error} in a scenario drawn; narrow a range"
    )


@dataclass(frozen=True)
class Sobol:
    """Which share of a result's variance a price accounts for: alone, and with what it does beside others."""

    key: str
    first_order: float
    total: float


def sobol(claim: Moving, ranges: Mapping[str, Range], seed: int = SEED) -> list[Sobol]:
    """Compute the Sobol indices of the prices that vary; none where fewer than two do.

    Source:
        Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018, and Jansen's estimator of total indices, as
        SALib computes them.
    """
    keys = [key for key in claim.keys if ranges[key].varies]
    if len(keys) < 2:
        return []
    import warnings

    import numpy as np

    with warnings.catch_warnings():  # SALib's own use of what other packages are about to change
        warnings.simplefilter("ignore")
        from SALib.analyze.sobol import analyze
        from SALib.sample.sobol import sample

        program, outputs = compiled([claim], keys)
        problem = {"num_vars": len(keys), "names": keys, "bounds": [[0.0, 1.0]] * len(keys)}
        points = sample(problem, SOBOL_POINTS, calc_second_order=False, seed=seed)
        drawn = {key: ranges[key].quantile(points[:, place]) for place, key in enumerate(keys)}
        (results,) = _computed(program, drawn, [claim], outputs)
        results = np.asarray(results, dtype="float64")
        if results.min() == results.max():
            return []  # prices vary, and the result does not
        # without resampling: its confidence intervals are not shown
        indices = analyze(problem, results, calc_second_order=False, num_resamples=2, seed=seed)
    return [
        Sobol(key, float(first), float(total))
        for key, first, total in zip(keys, indices["S1"], indices["ST"], strict=True)
    ]


def interaction(indices: Sequence[Sobol]) -> float:
    """Return the share of the variance that no price accounts for alone.

    >>> interaction([Sobol("gpus", 0.25, 0.25), Sobol("h100_usd", 0.625, 0.75)])
    0.125
    """
    return max(0.0, 1 - sum(index.first_order for index in indices))
