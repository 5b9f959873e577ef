"""Sums of like figures, rests, shares of change, and sums of products."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from costcheck.reading.candidates import TIME, Candidate, Operand, Target, Use, like, made, signature

MOST_PAIRS = 10
"""Sums and differences of two figures that are multiplied and divided."""
LEAST_SHARE = math.log(200)
"""What is added to a figure is neither so much more than it nor so much less, as a logarithm."""
LEFT_OUT = 0.7
"""What it costs that an amount is that of a day in words alone."""
PAIR = 1.6
"""What one costs of which no words speak."""
PRICED, BLENDED = {2: -1.5, 3: -6.0}, -0.5
"""What is gained where two or three amounts of tokens meet their prices in order, or one price is paid for a
share of them."""
MOST_PRICES, MOST_SHARES = 3, 2
"""Prices near enough to be blended, and shares."""


def totals(
    uses: Sequence[Use],
    runs: Sequence[tuple[Sequence[Operand], float]],
    has_word: bool,
    has_rest: bool = False,
) -> Iterator[Candidate]:
    """Yield sums and differences of like figures; words may speak of a total, or of a rest.

    ``uses`` measure what the target does, ``runs`` are such figures in a row, nearest first, with a price.
    """
    whole = [use for use in uses if use.operand.end != 2 and not use.operand.shift]
    for (first, cost, late), (second, more, later) in itertools.permutations(whole[:7], 2):
        if first.figure == second.figure or abs(first.logs[0] - second.logs[0]) > LEAST_SHARE:
            continue
        price = cost + more + max(late, later)
        if first.figure < second.figure:
            yield Candidate(((first, 1), (second, 1)), price + (0.3 if has_word else 1.6), form="sum")
        yield Candidate(((first, 1), (second, -1)), price + (0.3 if has_rest else 1.6), form="sum")
    for size in (3, 4):
        for some in itertools.combinations(whole[:7], size):
            if not _are_some([use.operand for use in some]):
                continue
            price = sum(use.cost for use in some) + max(use.late for use in some)
            terms = tuple((use.operand, 1) for use in some)
            yield Candidate(terms, price + (0.3 if has_word else 1.6), form="sum")
    for run, price in runs:
        for size in range(2, len(run) + 1):
            if not _are_some(run[:size]):
                break
            cost = price + 0.3 * size + (0.0 if has_word else 1.2)
            yield Candidate(tuple((o, 1) for o in run[:size]), cost, form="sum")
            if size > 2:  # what is left of the largest
                largest = max(run[:size], key=lambda operand: operand.logs[0])
                terms = tuple((operand, 1 if operand is largest else -1) for operand in run[:size])
                yield Candidate(terms, cost + (0.3 if has_rest else 1.6), form="sum")


def _are_some(operands: Sequence[Operand]) -> bool:
    """Say whether none of like figures is nothing beside another."""
    logs = [operand.logs[0] for operand in operands]
    return max(logs) - min(logs) < LEAST_SHARE


WRONG_WAY = 4.0
"""What it costs to take a share of the other base than words say."""


def changes(uses: Sequence[Use], has_word: bool, way: int = 0) -> Iterator[Candidate]:
    """Yield the shares by which one of two like figures is below (``way`` -1) or above (1) the other."""
    whole = [use for use in uses if not (use.operand.end or use.operand.shift)]
    whole = [use for use in whole if not use.operand.of.is_plain or use.operand.unit == "times"]
    for (above, cost, late), (below, more, later) in itertools.permutations(whole[:12], 2):
        is_plain = above.of.is_plain and below.of.is_plain
        other = below if is_plain else like(below, above.of)
        if other and above.figure >= 0 and below.figure >= 0:
            below = other
            price = cost + more + max(late, later) + (0.0 if has_word else 1.6)
            for form, its_way in (("drop", -1), ("rise", 1)):
                more = WRONG_WAY * (its_way == -way)
                yield Candidate(((above, 1), (below, -1)), price + more, form=form)


def ratios(uses: Sequence[Use]) -> Iterator[Candidate]:
    """Yield the ratios of two amounts of which one is that of a day, a month or a year in words alone."""
    for (above, cost, late), (below, more, later) in itertools.permutations(uses[:16], 2):
        other = like(below, above.of) if above.of.hard != below.of.hard else None
        if other and above.figure >= 0:
            yield Candidate(((above, 1), (other, -1)), cost + more + max(late, later) + LEFT_OUT)


def two_products(products_: Sequence[Candidate], has_word: bool) -> Iterator[Candidate]:
    """Yield sums of two products of like figures: input tokens at their price, output tokens at theirs.

    The two may share a figure, such as a PUE, which counts once.
    """
    kinds: dict[tuple[object, ...], list[Candidate]] = {}
    for candidate in products_:
        if len(candidate.terms) == 2:
            kind = sorted((o.of.hard, o.of.soft, o.of.months, s) for o, s in candidate.terms)
            kinds.setdefault((*kind, candidate.constant), []).append(candidate)
    for alike in kinds.values():
        few = [(candidate, {*candidate.figures}) for candidate in alike[:8]]
        for (first, ours), (second, theirs) in itertools.combinations(few, 2):
            both = ours | theirs
            shared = {*first.terms} & {*second.terms}
            if len(both) == 4 or (len(both) == 3 and shared):
                cost = first.cost + second.cost + (0.5 if has_word else 1.5)
                cost -= sum(sign for _, sign in shared)
                yield Candidate((*first.terms, *second.terms), cost, first.constant, first.shift, "products")


def with_more(products_: Sequence[Candidate], uses: Sequence[Use], has_word: bool) -> Iterator[Candidate]:
    """Yield sums of a product and a like figure: eight cards at their price, and a chassis."""
    pairs = [one for one in products_ if one.form == "product" and len(one.terms) == 2 and not one.constant]
    few = [(product, product.log(0), product.figures) for product in pairs[:12]]
    for (product, log, figures), use in itertools.product(few, uses[:6]):
        is_some = abs(use.operand.logs[0] - log) < LEAST_SHARE
        if is_some and use.operand.figure >= 0 and use.operand.figure not in figures:
            price = product.cost + use.cost + use.late + (1.2 if has_word else 2.2)
            terms = _counted(product.terms, use.operand.of.soft)
            yield Candidate((*terms, (use.operand, 1)), price, form="products")


def _counted(terms: tuple[tuple[Operand, int], ...], soft: int) -> tuple[tuple[Operand, int], ...]:
    """Return the terms of a product with a count as a mere number: of 4 GPUs at 250 W the 4, to get watts."""
    more = sum(operand.of.soft * sign for operand, sign in terms) - soft
    for i, (operand, sign) in enumerate(terms):
        if sign > 0 and more and operand.of.soft == more and not operand.of.hard and operand.text.isalnum():
            text = f"({operand.text} / 1 {operand.unit})"
            return (*terms[:i], (operand._replace(text=text, of=signature("1")), sign), *terms[i + 1 :])
    return terms


def of_pairs(target: Target, uses: Sequence[Use], has_word: bool) -> Iterator[Candidate]:
    """Yield products and quotients of a sum or difference of two like figures and another figure."""
    amounts = [use for use in uses if use.operand.of.hard or use.operand.unit == "times"]
    amounts = [use for use in amounts if not (use.operand.end or use.operand.shift)]
    pairs = list[Use]()
    for (first, cost, late), (second, more, later) in itertools.permutations(amounts[:12], 2):
        second = like(second, first.of) or second
        signs = (-1,) if first.of.is_plain else (1, -1)
        is_alike = first.of[:2] == second.of[:2] and first.of.months == second.of.months
        for sign in signs if is_alike and second.figure >= 0 else ():
            ratios = [math.exp(a - b) + sign for a, b in zip(first.logs, second.logs, strict=True)]
            is_some = abs(first.logs[0] - second.logs[0]) < LEAST_SHARE
            if is_some and ratios[0] > 0.01 and (sign < 0 or first.figure < second.figure):
                logs = (math.log(max(ratio, 1e-9)) + b for ratio, b in zip(ratios, second.logs, strict=True))
                text = f"({first.text} {'-+'[sign > 0]} {second.text})"
                spread = (first.spread + second.spread) / ratios[0]
                pair = first._replace(text=text, logs=tuple(logs), spread=spread, also=(second.figure,))
                pairs.append(Use(pair, cost + more + (0.6 if has_word else PAIR), max(late, later)))
    pairs.sort(key=lambda use: use.cost + use.late)
    bills = [*priced(uses)]
    for bill, cost, late in bills:
        gap = target.of.hard - bill.of.hard
        if not gap or (abs(gap) == TIME and target.spans):
            yield from made(target, ((bill, 1),), gap, cost + late)
    pairs = [*pairs[:MOST_PAIRS], *bills]
    by_hard: dict[int, list[Use]] = {}
    for use in uses:
        by_hard.setdefault(use.operand.of.hard, []).append(use)
    gaps = (0, TIME, -TIME) if target.spans else (0,)
    for (pair, cost, late), (s, z), gap in itertools.product(pairs, ((1, 1), (1, -1), (-1, 1)), gaps):
        for other, more, later in by_hard.get((target.of.hard - gap - pair.of.hard * s) * z, ()):
            if other.figure not in (pair.figure, *pair.also):
                yield from made(target, ((pair, s), (other, z)), gap, cost + more + max(late, later))


MOST_SIZES, MOST_TOKENS, COMPUTE = 3, 4, -1.5
"""How many sizes of models meet how many numbers of tokens, and what their compute costs besides."""


def compute(uses: Sequence[Use]) -> Iterator[Use]:
    """Yield the compute that training takes: 6 FLOP for each parameter and token."""
    for six in (use for use in uses if use.operand.text.startswith("6 FLOP")):
        sizes = [use for use in uses if use.operand.unit == "parameter"][:MOST_SIZES]
        tokens = [use for use in uses if use.operand.unit in ("token", "token/s", "token/s/GPU")][
            :MOST_TOKENS
        ]
        for size, few in itertools.product(sizes, tokens):
            parts = [use.operand for use in (six, size, few)]
            if few.operand.figure < 0:
                continue
            logs = tuple(map(sum, zip(*(part.logs for part in parts), strict=True)))
            of = parts[2].of._replace(hard=sum(part.of.hard for part in parts), is_plain=False)
            also = tuple(part.figure for part in parts[1:2] if part.figure >= 0)
            text = f"({' * '.join(part.text for part in parts)})"
            operand = parts[2]._replace(
                text=text,
                of=of,
                logs=logs,
                spread=sum(part.spread for part in parts),
                also=also,
                unit=(few.operand.unit or "").replace("token", "FLOP"),
            )
            yield Use(operand, size.cost + few.cost + six.cost + COMPUTE, max(size.late, few.late))


_PRICE, _TOKENS = re.compile(r"[A-Z]{3}/[kM]?tok(?:en)?"), re.compile(r"[kM]?tok(?:en)?(?:/.*)?")


def priced(uses: Sequence[Use]) -> Iterator[Use]:
    """Yield what two or three amounts of tokens cost, at prices printed in the same order.

    Of three, the second may be the part of the first that comes from the cache.
    """
    prices, amounts = (
        sorted(
            (use for use in uses if of.fullmatch(use.operand.unit or "") and not use.operand.also),
            key=lambda use: use.operand.figure,
        )
        for of in (_PRICE, _TOKENS)
    )
    for size, gain in PRICED.items():
        for some, at in itertools.product(_runs(amounts, size), _runs(prices, size)):
            few, rates = [use.operand for use in some], [use.operand for use in at]
            if len({o.of[:2] for o in few}) > 1 or len({o.of[:2] for o in rates}) > 1:
                continue
            cost = sum(use.cost for use in (*some, *at)) + gain
            late = max(use.late for use in (*some, *at))
            yield Use(_in_all(few, rates), cost, late)
            if size == 3 and few[0].value > few[1].value:
                rest = _less(few[0], few[1])
                yield Use(_in_all([few[1], rest, few[2]], rates), cost, late)


def blended(uses: Sequence[Use]) -> Iterator[Use]:
    """Yield the mean of two prices of tokens, of which one is paid for a share: 85% come from the cache."""
    prices = [use for use in uses if _PRICE.fullmatch(use.operand.unit or "")][:MOST_PRICES]
    shares = [use for use in uses if use.operand.unit == "percent" and not use.operand.shift]
    for share in shares[:MOST_SHARES] if len(prices) > 1 else ():
        of = share.operand.figure
        rest = [use.operand for use in uses if use.operand.figure == of and use.operand.shift < 0][:1]
        for one, other in itertools.permutations(prices, 2) if rest else ():
            if one.operand.of[:2] == other.operand.of[:2]:
                cost = share.cost + one.cost + other.cost + BLENDED
                mean = _in_all([one.operand, other.operand], [share.operand, *rest])
                yield Use(mean, cost, max(use.late for use in (share, one, other)))


def _runs(uses: Sequence[Use], size: int) -> Iterator[Sequence[Use]]:
    """Yield so many in a row."""
    return (uses[i : i + size] for i in range(len(uses) - size + 1))


def _less(first: Operand, second: Operand) -> Operand:
    """Return the difference of two amounts."""
    pairs = zip(first.logs, second.logs, strict=True)
    logs = tuple(math.log(max(math.exp(a) - math.exp(b), 1e-9)) for a, b in pairs)
    return first._replace(text=f"({first.text} - {second.text})", logs=logs, also=(second.figure,))


def _in_all(first: Sequence[Operand], second: Sequence[Operand]) -> Operand:
    """Return the sum of the products of operands, in pairs."""
    pairs, lead = [*zip(first, second, strict=True)], first[0]
    sums = (sum(math.exp(a.logs[k] + b.logs[k]) for a, b in pairs) for k in range(len(lead.logs)))
    figures = [i for o in (*first, *second) for i in (o.figure, *o.also) if i != lead.figure]
    return lead._replace(
        text="(" + " + ".join(f"{a.text} * {b.text}" for a, b in pairs) + ")",
        of=lead.of._replace(
            hard=lead.of.hard + second[0].of.hard, soft=lead.of.soft + second[0].of.soft, is_plain=False
        ),
        logs=tuple(map(math.log, sums)),
        spread=max(o.spread for o in first) + max(o.spread for o in second),
        also=tuple(dict.fromkeys(figures)),
    )
