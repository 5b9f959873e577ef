"""Which sum of those found is offered for each figure of a text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from costcheck.reading.candidates import Candidate
from costcheck.reading.figures import Quantity

LEAST, LEAST_FOR_A_SLIP, LEAST_FOR_A_NEAR_MISS = -1.5, -2.5, -1.75
"""The least odds, as logarithms, at which a sum is offered."""
FITS = {True: (True, False), False: (False,)}
"""With what a sum competes for being the result of a relation: one that does not fit only with such."""
OF_EARLIER, OF_SEVERAL = 0.0, 2.5
"""By how much a slip may be less likely than a sum that fits: one of earlier figures, or any of several."""
SHARED = 0.5
"""How far the digits of the other figures of a relation speak for a result as its own do."""
BACK = 2.0
"""What it costs to use a figure and one that it follows from."""
A_ROW, MOST_OF_ROWS = 1.5, 4.5
"""What another row in which a sum gives the same place speaks for it, and how much rows do at the most."""


@dataclass(eq=False)
class Guess:
    """A sum that may give a figure. ``what`` it is: `ranking.Allowed.evidence` says."""

    of: int
    low: Candidate
    score: float
    prior: float
    """The score without what the value says."""
    what: str
    high: Candidate | None = None
    """Of a range, the sum for its upper end."""

    @property
    def fits(self) -> bool:
        """Whether it gives the figure."""
        return self.what in ("holds", "rounding")

    @cached_property
    def figures(self) -> tuple[int, ...]:
        """The figures in it."""
        return tuple(dict.fromkeys(self.low.figures + (self.high.figures if self.high else ())))

    @cached_property
    def whole(self) -> frozenset[int]:
        """The figures of the relation: those in it, and the one that it gives."""
        return frozenset((self.of, *self.figures))


Results = dict[tuple[frozenset[int], bool], dict[int, float]]
"""For the figures of a relation, and whether it fits, the prior of each as the result."""


def raise_rows(scored: Sequence[Sequence[Guess]], figures: Sequence[Quantity]) -> None:
    """Raise the odds of sums that give the same place in several rows, of a table or a list."""
    counts, places = Counter[object](), []
    for quantity in figures:  # its unit, and how many of that are before it in its line
        place = quantity.line, quantity.figure.unit
        places.append((quantity.figure.unit, counts[place]))
        counts[place] += 1
    fitting: dict[object, set[int]] = {}
    failing: dict[object, set[int]] = {}
    every = (guess for guesses in scored for guess in guesses)
    keyed = [(guess, key) for guess in every if (key := _in_row(guess, figures, places))]
    for guess, key in keyed:
        (fitting if guess.fits else failing).setdefault(key, set()).add(figures[guess.of].line)
    for guess, key in keyed:
        rows = len(fitting.get(key, ())) - guess.fits
        if rows >= 1 and (guess.fits or rows >= max(2, len(failing[key] - fitting[key]) + 1)):
            guess.score += min(A_ROW * rows, MOST_OF_ROWS)
            guess.prior += min(A_ROW * rows, MOST_OF_ROWS)


def _in_row(guess: Guess, figures: Sequence[Quantity], places: Sequence[object]) -> object:
    """Return a sum by the places in the line of its figure; None where it has none of them."""
    line = figures[guess.of].line
    terms = [
        (places[o.figure] if is_near else o.text, o.shift, o.end, sign)
        for o, sign in guess.low.terms
        for is_near in [o.figure >= 0 and figures[o.figure].line == line]
    ]
    if not any(isinstance(place, tuple) for place, *_ in terms):
        return None
    parts = [terms[:2], terms[2:]] if guess.low.form == "products" else [terms]
    return places[guess.of], frozenset(map(frozenset, parts)), guess.low.form, guess.low.constant


def share_digits(scored: Sequence[Sequence[Guess]]) -> None:
    """Let the digits of each figure in a relation that fits speak for it, whichever is the result."""
    fitting = [guess for guesses in scored for guess in guesses if guess.fits]
    most = dict[frozenset[int], float]()
    for guess in fitting:
        most[guess.whole] = max(most.get(guess.whole, -math.inf), guess.score - guess.prior)
    for guess in fitting:
        guess.score += SHARED * (most[guess.whole] - guess.score + guess.prior)


def chosen_of(
    scored: Sequence[Sequence[Guess]], first: Sequence[int], fixed: Mapping[int, Guess] | None = None
) -> dict[int, Guess]:
    """Choose a sum for each figure that has one, the best first, behind those that are ``fixed``.

    No figure rests on itself. A figure printed again, its ``first`` elsewhere, is the same one.

    Of a relation between figures, each may be the result: the others come after the one that the words and
    the order speak for.
    """
    every = [guess for guesses in scored for guess in guesses]
    results: Results = {}
    for guess in every:
        priors = results.setdefault((guess.whole, guess.fits), {})
        priors[guess.of] = max(priors.get(guess.of, -math.inf), guess.prior)
    leads: dict[tuple[frozenset[int], bool, int], float] = {}
    for (whole, fits), priors in results.items():
        lead = max(max(results.get((whole, kind), {0: -math.inf}).values()) for kind in FITS[fits])
        leads |= {(whole, fits, of): lead - prior for of, prior in priors.items()}
    explained = {frozenset(guess.figures) for guess in every if guess.fits and guess.score >= LEAST}
    least = [_least(guesses, results, explained) for guesses in scored]
    offered = [guess for guess in every if guess.score >= least[guess.of](guess)]
    chosen: dict[int, Guess] = {}
    for _ in range(2):
        earlier, chosen = chosen, {}
        ordered = []
        for guess in offered:
            score = guess.score - _goes_back(guess, earlier)
            if score >= least[guess.of](guess):
                ordered.append((leads[guess.whole, guess.fits, guess.of] - score, guess))
        ordered.sort(key=lambda entry: (entry[0], entry[1].of))
        taken = dict[frozenset[int], int]()
        below = dict[int, set[int]]()
        for guess in [*(fixed or {}).values(), *(guess for _, guess in ordered)]:
            of, whole = first[guess.of], frozenset(first[i] for i in guess.whole)
            if guess.of not in chosen and taken.get(whole, of) == of and not _rests_on(guess, first, below):
                chosen[guess.of] = guess
                taken[whole] = of
                below.setdefault(of, set()).update(first[i] for i in guess.figures)
    return chosen


def _least(
    guesses: Sequence[Guess], results: Results, explained: Set[frozenset[int]]
) -> Callable[[Guess], float]:
    """Return the least score at which a sum for a figure is offered.

    It is that of a finding where no sum of the same figures fits, this figure or another one that they
    explain, and none is much likelier.
    """
    rivals = [guess for guess in guesses if guess.fits]
    leading = [rival for rival in rivals if rival.prior >= max(results[rival.whole, True].values())]
    earlier = [rival for rival in rivals if max(rival.figures, default=0) < rival.of]
    several = [rival for rival in rivals if len(rival.figures) > 1]
    best, of_results, of_earlier, of_several = (
        max((rival.score for rival in few), default=-math.inf) for few in (rivals, leading, earlier, several)
    )

    def least(guess: Guess) -> float:
        if guess.fits:
            return LEAST
        if guess.what == "base":  # shares of another base fit the same figures
            return max(LEAST_FOR_A_SLIP, of_results - 2.0)
        if guess.what != "slip":
            is_explained = frozenset(guess.figures) in explained
            return math.inf if is_explained else max(LEAST_FOR_A_NEAR_MISS, best - 2.0)
        same = results.get((guess.whole, True), {})
        if max(same.values(), default=-math.inf) > guess.prior - 3.0:
            return math.inf
        return max(LEAST_FOR_A_SLIP, of_results - 2.0, of_earlier - OF_EARLIER, of_several - OF_SEVERAL)

    return least


def _goes_back(guess: Guess, chosen: Mapping[int, Guess]) -> float:
    """Return a price for a sum of a figure and one that it follows from: it goes back."""
    if guess.what == "base" or (guess.low.form == "sum" and len(guess.low.terms) > 2):
        return 0.0
    return BACK * any(
        i in chosen and not {*guess.figures}.isdisjoint(chosen[i].figures) for i in guess.figures
    )


def _rests_on(guess: Guess, first: Sequence[int], below: Mapping[int, set[int]]) -> bool:
    """Say whether a figure would rest on itself; ``below`` has what figures rest on."""
    waiting, seen = [first[i] for i in guess.figures], set[int]()
    while waiting:
        figure = waiting.pop()
        if figure == first[guess.of]:
            return True
        if figure not in seen:
            seen.add(figure)
            waiting += below.get(figure, ())
    return False


def in_order(chosen: Mapping[int, Guess]) -> list[int]:
    """Return the figures that have a sum, each behind those it rests on."""
    order: dict[int, None] = {}
    waiting = sorted(chosen, reverse=True)
    while waiting:
        below = [i for i in chosen[waiting[-1]].figures if i in chosen and i not in order]
        if below:
            waiting += below
        else:
            order[waiting.pop()] = None
    return [*order]
