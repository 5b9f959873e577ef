"""Which figures of a text follow from which."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from costcheck.claims import sums
from costcheck.claims.article import Article
from costcheck.claims.evaluation import PLAIN, Known, Names, fit, interval_of, result_of
from costcheck.claims.judgement import SHARE_LEFT_OVER, kind_of
from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.printed import Figure, Hedge
from costcheck.claims.verdict import prices_of_its_day
from costcheck.errors import InputError
from costcheck.reading import candidates, ranking
from costcheck.reading.candidates import signature, unpacked
from costcheck.reading.choice import LEAST, Guess, chosen_of, in_order, raise_rows, share_digits
from costcheck.reading.context import ONE_GPU
from costcheck.reading.documents import Document, date_of
from costcheck.reading.figures import Quantity
from costcheck.reading.search import Search
from costcheck.units import notation, slips

SURE = 1.0
"""From here on no sum with a number is looked for that is a quantity only if it belongs to one."""
MORE_THAN_SURE = 2.0
"""By how much a sum with such a number has to be likelier than one without."""
LEAST_SLIP = -0.7
"""The least score of a finding with such a number."""
DAYS = {"day", "day/month"}
RIVALS = 4
FAR = 12
"""How many figures before one another is looked for that its sum lacks."""


@dataclass(frozen=True)
class Link:
    """A sum that gives a figure, or should.

    ``sum`` is an expression of the language of claims in which ``f3`` is the figure number 3 of the text
    (from 0), such as ``f0 * f1 * 24 hour/day``; ``inputs`` are the figures in it. ``recomputed`` is in the
    unit of the figure. ``kind`` is a verdict (holds, holds within rounding, off, wrong), ``cause`` the factor
    that explains one that is off. ``chance`` is how likely such a sum is found where figures are shuffled.
    """

    of: int
    sum: str
    inputs: tuple[int, ...]
    recomputed: float
    kind: Kind
    cause: str = ""
    chance: float = 0.0
    rivals: tuple[Link, ...] = ()
    score: float = 0.0
    """The odds that it is the right sum, as a logarithm."""


def links(document: Document, figures: Sequence[Quantity]) -> list[Link]:
    """Find the sum that most likely gives each figure that follows from others, its rivals beside it."""
    names = _Printed(document, figures)
    search = Search(document.text, figures, names.rates)

    def best(guesses: Iterable[Guess]) -> list[Guess]:
        return sorted(guesses, key=lambda guess: -guess.score)[: 8 * RIVALS]

    scored = [list(search.scored(at)) for at in range(len(figures))]
    raise_rows(scored, figures)
    scored = [best(guesses) for guesses in scored]
    share_digits(scored)
    scored = [best(guesses) for guesses in scored]
    for scores in search.by_chance.values():
        scores.sort()
    chosen = chosen_of(scored, search.first)
    if search.doubtful:
        unsure = [at not in chosen or chosen[at].score < SURE for at in range(len(figures))]
        again = [
            list(search.scored(at, with_doubtful=True)) if unsure[at] and search.may_need_doubtful(at) else []
            for at in range(len(figures))
        ]
        raise_rows(again, figures)
        for at, guesses in enumerate(again):
            least = chosen[at].score + MORE_THAN_SURE if at in chosen else -math.inf
            if better := best(
                guess for guess in guesses if guess.score > (least if guess.fits else max(least, LEAST_SLIP))
            ):
                chosen.pop(at, None)
                scored[at] = better + scored[at]
        chosen = chosen_of(scored, search.first, chosen)
    judge, made = _Judge(search, names), dict[int, Link]()
    for at in in_order(chosen):
        for guess in [chosen[at], *scored[at]]:
            rests_on_made = all(i in made or i not in chosen for i in guess.figures)
            is_offered = guess is chosen[at] or (guess.fits and guess.score > LEAST and rests_on_made)
            if is_offered and (link := judge.link(guess, scored[at], made)):
                made[at] = link
                break
    return [made[at] for at in sorted(made)]


def renumbered(links: Sequence[Link], kept: Sequence[int]) -> Iterator[Link]:
    """Yield links of the figures that are kept, by their new numbers."""
    new = {i: place for place, i in enumerate(kept)}
    for link in links:
        rivals = tuple(renumbered([r for r in link.rivals if {*r.inputs} <= new.keys()], kept))
        text = re.sub(r"\bf(\d+)\b", lambda name: f"f{new[int(name[1])]}", link.sum)
        inputs = tuple(new[i] for i in link.inputs)
        yield replace(link, of=new[link.of], sum=text, inputs=inputs, rivals=rivals)


class _Judge:
    """Makes links of sums, as claims are judged."""

    def __init__(self, search: Search, names: _Printed) -> None:
        self.search, self.names = search, names

    def link(self, best: Guess, others: Sequence[Guess], made: Mapping[int, Link]) -> Link | None:
        """Make a link of a sum and its rivals."""
        link = self.judged(best, made)
        if link is None or (link.kind.is_mistake and best.fits and {*link.inputs} == {*best.figures}):
            return None  # wrong by other figures alone: those of a mistake passed on, or of what it lacks
        is_exact = self.search.figures[best.of].figure.hedge is Hedge.EXACT
        if link.kind.is_mistake and best.what == "hedge" and is_exact:
            return None
        rivals = {frozenset(link.inputs): link}
        for other in others:
            if len(rivals) <= RIVALS and (rival := self.judged(other, made)):
                rivals.setdefault(frozenset(rival.inputs), rival)
        return replace(link, rivals=tuple(rivals.values())[1:])

    def judged(self, scored: Guess, made: Mapping[int, Link]) -> Link | None:
        """Judge a sum as a claim is judged; None where its units do not fit after all."""
        figure, inputs = self.search.figures[scored.of].figure, scored.figures
        texts = [str(candidate) for candidate in (scored.low, scored.high) if candidate]
        if (mistaken := _passed_on(scored, made)) is not None:
            texts = [re.sub(rf"\bf{mistaken.of}\b", f"({mistaken.sum})", text) for text in texts]
            inputs = tuple(
                dict.fromkeys(j for i in inputs for j in (mistaken.inputs if i == mistaken.of else [i]))
            )
        if (factor := self.left_out(scored, made)) is not None:
            texts, inputs = [f"{texts[0]} * f{factor}"], (*inputs, factor)
        try:
            whole = " .. ".join(self.fitting(text, figure) for text in texts)
            fitted = fit(sums.parse(whole), self.names)
            unit = figure.unit or (PLAIN if fitted.unit is None or not fitted.unit.dimensions else None)
            result = result_of(fitted, unit, self.names)
            kind = kind_of(figure, figure.value, result)
        except InputError:
            return None
        recomputed, cause = result.value[0] if isinstance(result.value, list) else result.value, ""
        if kind is Kind.WRONG:
            within = max(SHARE_LEFT_OVER, figure.place / 2 / figure.value)
            in_english = self.names.article.language == "en"
            likely = slips.likely_causes(
                figure.value, recomputed, figure.unit, self.names.rates, within, in_english=in_english
            )
            cause = self.taken(scored, recomputed / figure.value) or str(likely or "")
            kind = Kind.OFF if cause else kind
        if kind.is_mistake and factor is not None:
            kind, cause = Kind.OFF, f"{self.search.figures[factor].figure.printed} left out"
        elif scored.what == "base":  # up to 4400% less would hold
            kind, cause = Kind.OFF, "a share of the wrong figure, or what goes taken for what remains"
        shuffled = self.search.by_chance[scored.what == "slip"]
        chance = (len(shuffled) - bisect_left(shuffled, scored.score) + 0.5) / (len(shuffled) + 1)
        return Link(scored.of, whole, inputs, float(recomputed), kind, cause, chance, score=scored.score)

    def taken(self, scored: Guess, ratio: float) -> str:
        """Return what a figure that is off by so much was reckoned with: 1 year taken for 3 years."""
        if abs(ratio - 2) < 0.06 and scored.low.form == "product":  # 328 KB are 320 KiB
            if self.search.is_utilisation[scored.of]:
                return "the peak of sparse matrices taken for that of dense ones"
            if any(operand is self.search.two for operand, _ in scored.low.terms):
                return "keys or values left out"
        for operand, sign in scored.low.terms:
            by = ranking.instead_of(operand.unit, operand.value)
            if by and math.isclose(ratio, math.exp(sign * by), rel_tol=SHARE_LEFT_OVER):
                printed = self.search.figures[operand.figure].figure.printed
                return f"{ranking.USUAL_TIMES[operand.unit or ''][1]} taken for {printed}"
        return ""

    def left_out(self, scored: Guess, made: Mapping[int, Link]) -> int | None:
        """Return the figure that a sum which fits should be multiplied by but is not."""
        if not scored.fits or scored.high or scored.low.form != "product":
            return None
        unit = self.search.figures[scored.of].figure.unit or ""
        soft = unpacked(sum(o.of.soft * s for o, s in scored.low.terms) - signature(unit).soft)
        if unit[:3] in notation.CURRENCIES and soft.get("GPU") == -1:
            count, is_known = self._gpus(scored, is_of_servers=len(soft) > 1)
            if is_known:
                return count
        pue = self._pue(scored, made) if re.search("(?:Wh|[kMGT]?J)\\b", unit) else None
        return self._hours(scored) if pue is None else pue

    def _gpus(self, scored: Guess, *, is_of_servers: bool) -> tuple[int | None, bool]:
        """Return the GPUs of a server, or in the words before an amount of one GPU, and if there is any."""
        figures, text, at = self.search.figures, self.search.text, scored.of
        quantity = figures[at]
        is_of_servers = is_of_servers or ranking.is_of_server(quantity, text)
        for i in range(at - 1, max(-1, at - FAR), -1):
            other, is_near = figures[i], figures[i].sentence == quantity.sentence and i > at - 5
            if other.figure.value <= 1 or i in scored.figures:
                continue
            if other.figure.unit in ("GPU/server", "GPU/node") and is_of_servers:
                return i, True
            if is_near and other.figure.unit in ("GPU", "GPU/server", "GPU/node"):
                is_one = ONE_GPU.search(text[other.end : quantity.end + 16])
                return None if is_one or ranking.is_each(quantity, text) else i, True
        return None, False

    def _pue(self, scored: Guess, made: Mapping[int, Link]) -> int | None:
        """Return the PUE between a power and the energy of a whole site."""
        figures, at = self.search.figures, scored.of
        powers = [o.figure for o, _ in scored.low.terms if o.figure >= 0 and o.of.hard == signature("W").hard]
        if any(ranking.is_pue(figures[i]) for i in scored.figures):
            return None
        for i in range(at - 1, max(powers[0], at - FAR), -1) if powers else ():
            used = {j for k in (i, *range(powers[0], at)) if k in made for j in made[k].inputs}
            if i not in {*scored.figures, *used} and ranking.is_pue(figures[i]):
                return i if ranking.has_all(figures[at], self.search.text) else None
        return None

    def _hours(self, scored: Guess) -> int | None:
        """Return the hours of a day, where days are multiplied as if they ran round the clock."""
        figures, at = self.search.figures, scored.of
        units = {figures[i].figure.unit or "" for i in scored.figures}
        is_daily = any(u == "hour" or "hour/" in u or re.search("./day$", u) for u in units - DAYS)
        if not DAYS & units or is_daily or scored.low.constant:
            return None
        for i in range(min(scored.figures) + 1, at):
            is_duty = figures[i].figure.unit == "hour/day" and figures[i].sentence == figures[at].sentence
            if is_duty and i not in scored.figures:
                return i
        return None

    def fitting(self, text: str, figure: Figure) -> str:
        """Put in the things counted that words left out, so that the unit of a sum is that of its figure."""
        ours = fit(sums.parse(text), self.names).unit
        theirs = notation.parse(figure.unit or "1")
        if not figure.unit or ours is None or notation.conversion(ours, theirs) is not None:
            return text
        text = f"({text})" if " + " in text or " - " in text else text
        named = {name for unit in (ours, theirs) for name, _ in unit.dimensions}
        for name, power in unpacked(signature(figure.unit).soft - signature(str(ours)).soft).items():
            if name == "person":
                name = next((people for people in candidates.PEOPLE if people in named), name)
            text += f" {'*/'[power < 0]} 1 {name}" * abs(power)
        return text


class _Printed(Names):
    """The figures of a text as names of sums: f0, f1 and so on."""

    def __init__(self, document: Document, figures: Sequence[Quantity]) -> None:
        date = date_of(document.text) or Article.date
        article = Article(article="text", title="", language=document.language, date=date, claims=[])
        super().__init__(article, prices_of_its_day(article))
        self.rates = {f"{name[-3:].upper()}/USD": self.prices[name] for name in ("usd_cny", "usd_jpy")}
        for i, quantity in enumerate(figures):
            figure = quantity.figure
            self._known[f"f{i}"] = Known(figure.value, figure.unit or PLAIN, interval_of(figure), {}, False)


def _passed_on(scored: Guess, made: Mapping[int, Link]) -> Link | None:
    """Return the mistaken link whose figure a sum only scales, by a share or a rate: the mistake goes on."""
    if not scored.fits or scored.high or scored.low.form != "product":
        return None
    rest = [o for o, _ in scored.low.terms if not (o.of.is_plain or o.text.startswith("prices."))]
    link = made.get(rest[0].figure) if len(rest) == 1 and len(scored.low.terms) == 2 else None
    return link if link and link.kind.is_mistake else None
