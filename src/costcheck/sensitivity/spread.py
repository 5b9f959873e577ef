"""Many scenarios at once: how far results spread, and which prices they owe it to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    """What the results of one sum are, which several claims may print: summed up once for all of them."""

    def __init__(self, claim: Moving, count: int) -> None:
        self.claim, self.count = claim, count
        self.minimum, self.maximum, self.total = math.inf, -math.inf, 0.0
        self.every = -(-count // KEPT)
        self.sample: list[np.ndarray[Any, Any]] = []

    def add(self, results: np.ndarray[Any, Any], first: int) -> None:
        least, most = float(results.min()), float(results.max())
        if not (math.isfinite(least) and math.isfinite(most)):
            raise _refused(self.claim, f"comes out as {most if math.isfinite(least) else least}")
        self.minimum, self.maximum = min(self.minimum, least), max(self.maximum, most)
        self.total += float(results.sum())
        self.sample.append(results[-first % self.every :: self.every].copy())

    @cached_property
    def quantiles(self) -> tuple[float, float, float]:
        import numpy as np

        low, median, high = np.quantile(np.concatenate(self.sample), (0.05, 0.5, 0.95))
        return float(low), float(median), float(high)

    def spread(self, claim: Moving, within: int) -> Spread:
        return Spread(
            claim.claim.id,
            claim.article.article,
            self.count,
            self.minimum,
            self.total / self.count,
            self.maximum,
            *self.quantiles,
            within / self.count,
            sum(map(len, self.sample)),
        )


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
    changes its draws. Memory grows with ``chunk``, the scenarios computed at once, and not with ``count``;
    ``tell`` gets the number computed after each.

    Raises:
        InputError: A number is invalid; a formula refuses a scenario, or takes no arrays of scenarios.
    """
    import numpy as np

    for name, number, least in (("samples", count, 1), ("seed", seed, 0), ("chunk", chunk, 1)):
        if number < least:
            raise InputError(f"{name} must be {least} or more, not {number}")
    keys = sorted({key for claim in claims for key in claim.keys if ranges[key].varies})
    program, outputs = _compiled(claims, keys)
    tallies = {output: _Tally(claim, count) for claim, output in zip(claims, outputs, strict=True)}
    within = [0] * len(claims)
    streams = {key: ranges[key].draws(seed) for key in keys}
    for first in range(0, count, chunk):
        size = min(chunk, count - first)
        drawn = {key: ranges[key].quantile(stream.random(size)) for key, stream in streams.items()}
        # the guards need not look for what a range says
        with known_between([(column, *ranges[key].limits) for key, column in drawn.items()]):
            computed = _computed(program, drawn, claims)
        results = [np.broadcast_to(output, size) for output in computed]
        for output, tally in tallies.items():
            tally.add(results[output], first)
        for place, (claim, output) in enumerate(zip(claims, outputs, strict=True)):
            low, high = claim.interval
            within[place] += int(((results[output] >= low) & (results[output] <= high)).sum())
        tell(first + size)
    placed = zip(claims, outputs, within, strict=True)
    return [tallies[output].spread(claim, count_within) for claim, output, count_within in placed]


def _compiled(claims: Sequence[Moving], keys: Sequence[str]) -> tuple[Program, list[int]]:
    """Compile several claims into one program; return it and for each claim the number of its result."""
    for claim in claims:
        if not sweepable(claim):
            formula = claim.program.not_elementwise[0]
            message = f"{formula} compares single numbers, and not those of many scenarios at once"
            raise InputError(message, where=f"claim {claim.claim.id}")
    program = Program(keys)
    return program, [program.add(claim.fitted, claim.names) for claim in claims]


def sweepable(claim: Moving) -> bool:
    """Say whether a claim's formulas take arrays of scenarios."""
    return not claim.program.not_elementwise


def _computed(program: Program, drawn: Mapping[str, Any], claims: Sequence[Moving]) -> list[Any]:
    try:
        return program(drawn)
    except (ValueError, ArithmeticError):
        for claim in claims:  # whose formula was it?
            try:
                claim.program({key: drawn.get(key, claim.prices[key]) for key in claim.keys})
            except (ValueError, ArithmeticError) as error:
                raise _refused(claim, error) from None
        raise


def _refused(claim: Moving, error: object) -> InputError:
    where = f"{claim.article.article}, claim {claim.claim.id}"
    return InputError(f"{error} in a scenario drawn; narrow a range", where=where)


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

        program, _ = _compiled([claim], keys)
        problem = {"num_vars": len(keys), "names": keys, "bounds": [[0.0, 1.0]] * len(keys)}
        points = sample(problem, SOBOL_POINTS, calc_second_order=False, seed=seed)
        drawn = {key: ranges[key].quantile(points[:, place]) for place, key in enumerate(keys)}
        results = np.asarray(_computed(program, drawn, [claim])[0], dtype="float64")
        if results.min() == results.max():
            return []  # prices vary, and the result does not
        # without resampling: its confidence intervals are not shown
        indices = analyze(problem, results, calc_second_order=False, num_resamples=2, seed=seed)
    return [
        Sobol(key, float(first), float(total))
        for key, first, total in zip(keys, indices["S1"], indices["ST"], strict=True)
    ]


def interaction(indices: Sequence[Sobol]) -> float:
    """Return the share of the variance that no price accounts for alone."""
    return max(0.0, 1 - sum(index.first_order for index in indices))
