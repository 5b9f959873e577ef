"""The calculator without its face: settings in, everything that is shown out, as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from costcheck.apps.calculator import sums
from costcheck.apps.calculator.controls import GROUPS, control, short
from costcheck.apps.calculator.figures import drawn
from costcheck.apps.calculator.settings import Settings, dates, past, read_link
from costcheck.claims import Article, Claim, Verdict, articles, verdicts
from costcheck.claims.evaluation import quantity
from costcheck.claims.kinds import Premise
from costcheck.claims.printed import Hedge, holds
from costcheck.claims.verdict import results_csv
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import value_of
from costcheck.sensitivity.program import reached
from costcheck.text.numbers import number_text, readable

WIDTH = 640
"""The width figures are drawn for until the page says how wide they may be [CSS pixel]."""
NARROWEST, WIDEST = 200, 4000
"""What is taken of a width that a page asks for [CSS pixel]."""


@dataclass(frozen=True)
class Moved:
    """A claim that moves with prices."""

    claim: Claim
    article: Article

    def at(self, prices: PriceBook) -> float | bool:
        """Return what it comes out as at some prices; exactly what `costcheck.claims.verdict` finds."""
        if self.claim.price:
            return prices[self.claim.price]
        found: float | bool = quantity(self.claim.fact or self.claim.call, self.article, prices).value
        return found

    def holds(self, value: float | bool) -> bool:
        """Say whether the printed figure holds where it comes out as some value."""
        printed = self.claim.figure_printed
        return value is self.claim.value if printed is None else holds(self.claim.hedge, printed, value)


@cache
def moved() -> tuple[Moved, ...]:
    """Return the claims of the package's articles that move with prices, in the articles' order.

    >>> [one.claim.id for one in moved()][:4]
    ['Z22', 'Z31', 'Z45', 'Z46']
    """
    return tuple(
        Moved(claim, article)
        for article in articles()
        for claim in article.claims
        if claim.price or reached(claim.fact or claim.call)
    )


@cache
def found() -> Mapping[str, Verdict]:
    """Return the verdicts at the articles' prices, by the claims' ids."""
    return {verdict.claim.id: verdict for verdict in verdicts()}


def page() -> dict[str, Any]:
    """Return what stays as it is while prices move: the controls, the sets of prices, the claims."""
    movable = {one.claim.id for one in moved()}
    return {
        "groups": [
            {"heading": heading, "keys": list(keys), "open": is_open} for heading, keys, is_open in GROUPS
        ],
        "controls": {
            key: {
                "label": _capital(made.described.meaning),
                "unit": "" if made.described.unit == "1" else made.described.unit,
                "article": made.nearest(made.article),
                "last": len(made.positions) - 1,
                "positions": [number_text(position) for position in made.positions],
                "said": [_with_unit(position, made.described.unit) for position in made.positions],
                "hint": f"articles: {short(made.article)} · {made.span}",
            }
            for _, keys, _ in GROUPS
            for key in keys
            for made in [control(key)]
        },
        "dates": list(dates()),
        "claims": [
            {
                "id": id_,
                "printed": verdict.claim.printed,
                "hedge": _hedge(verdict.claim),
                "about": verdict.claim.about,
                "recomputed": readable(verdict.recomputed, verdict.claim.unit),
                "verdict": str(verdict.arithmetic),
                "kind": verdict.arithmetic.look.tone,
                "premise": "" if verdict.premise in (None, Premise.SOUND) else verdict.premise,
                "because": verdict.because,
                "moved": id_ in movable,
            }
            for id_, verdict in found().items()
        ],
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_unit(value: float, unit: str) -> str:
    return readable(value, None if unit == "1" else unit)


def _hedge(claim: Claim) -> str:
    """Return the word that softens a claim's figure, as its column in the list of claims has it."""
    return "" if claim.figure_printed is None or claim.hedge == Hedge.EXACT else str(claim.hedge)


class Calculator:
    """Answers what a page asks; keeps the last settings that were good.

    >>> calculator = Calculator()
    >>> calculator.set({"h100_usd": "25000"})
    {}
    >>> calculator.set({"h100_usd": "abc"})
    {'h100_usd': "'abc' is not a number [USD/GPU]"}
    >>> calculator.settings.given
    {'h100_usd': 25000.0}
    """

    def __init__(self) -> None:
        self.settings = Settings()

    def set(self, texts: Mapping[str, str], date: str | None = None) -> dict[str, str]:
        """Take the prices as they stand in a page.

        Args:
            texts: By key, what the reader typed; a price that is not among them is that of the set. Where one
                is wrong, the last good one stays.
            date: The day whose quotes count; the articles' own prices if there is none.

        Returns:
            By key, what is wrong with it, in the price book's words.

        Raises:
            InputError: An unknown key, or no such day. Nothing is changed.
        """
        before = self.settings.book()
        base = Settings(date if date is None else past(date)).base()
        given: dict[str, float] = {}
        wrong: dict[str, str] = {}
        for key, text in texts.items():
            base.quote(key)  # an unknown key is not a price that is typed wrong
            try:
                given[key] = value_of(key, text)
            except InputError as error:
                wrong[key] = error.reason
                given[key] = before[key]
        self.settings = Settings(date, given)
        return wrong

    def open(self, link: str) -> str:
        """Take the prices of a link: all of them, or where anything is wrong none.

        Returns:
            What is wrong; empty if nothing is.
        """
        try:
            self.settings = read_link(link)
        except InputError as error:
            why = str(error) if str(error).endswith("?") else f"{error}."
            return (
                f"The link is wrong, and nothing of it was taken: {why} "
                "Ask for the link again, or set the prices here."
            )
        return ""

    def csv(self) -> str:
        """Return the verdicts as the text of a results.csv, as `costcheck check --format csv` prints it."""
        return results_csv([verdict.row() for verdict in verdicts(self.settings.book())])

    def state(self, width: float = WIDTH) -> dict[str, Any]:
        """Return everything that is shown at the present prices.

        Args:
            width: That figures may have [CSS pixel].
        """
        book = self.settings.book()
        at = dict(book)
        yours = {one.claim.id: one.at(book) for one in moved()}
        held = {one.claim.id: one.holds(yours[one.claim.id]) for one in moved()}
        steps = sums.chain(at)
        prices = sums.blended(at)
        (_, ours), *others = prices.items()
        against = ", ".join(f"{name.split()[-1]} {sums.usd(price)}" for name, price in others[:2])
        claims = {verdict.claim.id: verdict.claim for verdict in found().values()}
        return {
            "date": self.settings.date or "",
            "link": self.settings.link(),
            "command": self.settings.command(),
            "values": {key: self._value(key, book) for _, keys, _ in GROUPS for key in keys},
            "tiles": [
                ["GPUs for the deadline", steps[2].value, f"in {readable(at['days_in_month'], 'day')}"],
                ["The entry ticket", steps[3].value, steps[5].value],
                ["A million tokens of 405B", f"{sums.usd(ours)} USD", against],
                [
                    "Printed figures that hold",
                    f"{sum(held.values())} of {len(held)}",
                    "of those that prices move",
                ],
            ],
            "chain": [
                {
                    "name": step.name,
                    "formula": step.formula,
                    "value": step.value,
                    "printed": [
                        {
                            "id": id_,
                            "printed": claims[id_].printed,
                            "hedge": _hedge(claims[id_]),
                            "holds": held[id_],
                        }
                        for id_ in step.claims
                    ],
                }
                for step in steps
            ],
            "serving": sums.serving(at),
            "tokens": sums.tokens(at),
            "window": sums.window(at),
            "yours": {id_: [readable(value, claims[id_].unit), held[id_]] for id_, value in yours.items()},
            "figures": [
                {"name": each.name, "title": each.title, "svg": each.svg} for each in drawn(at, width)
            ],
        }

    def _value(self, key: str, book: PriceBook) -> dict[str, Any]:
        value, quote, made = book[key], book.quote(key), control(key)
        own = key in self.settings.given
        told = ""
        if self.settings.date and not own:
            late = quote.as_of > self.settings.date
            told = f"quote of {quote.as_of}" + " (no earlier one)" * late
        if not own and quote.unverified:
            told = f"{told} (unverified)".strip()
        return {
            "text": number_text(value),
            "at": made.nearest(value),
            "said": _with_unit(value, made.described.unit),
            "own": own,
            "quote": told,
        }


def answer(calculator: Calculator, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a message of the page.

    Args:
        calculator: Whose settings count and are changed.
        asked: ``n``, the message's number; ``link``, what the page was opened with, or ``texts`` and
            ``date``; ``width`` that figures may have; ``csv`` where the results are wanted as a file. Of
            another type than the page's own, each is as if it were not there.

    Returns:
        ``n``, ``state``, and where there is something: ``wrong`` by key, ``notice``, ``csv``, and ``page`` at
        the first message, which has a ``link``.

    >>> answer(Calculator(), {"n": 1, "link": "h100_usd=x"})["notice"]  # doctest: +ELLIPSIS
    "The link is wrong, and nothing of it was taken: h100_usd: 'x' is not a number [USD/GPU]. Ask for ..."
    """
    said: dict[str, Any] = {"n": asked.get("n", 0), "wrong": {}, "notice": ""}
    if "link" in asked:
        said["notice"] = calculator.open(str(asked["link"]))
        said["page"] = page()
    else:
        texts, date = asked.get("texts"), asked.get("date")
        if not isinstance(texts, Mapping):
            texts = {}
        try:
            said["wrong"] = calculator.set(
                {str(key): str(text) for key, text in texts.items()},
                date if isinstance(date, str) and date else None,
            )
        except InputError as error:
            said["notice"] = str(error)
    if asked.get("csv"):
        said["csv"] = calculator.csv()
    width = asked.get("width")
    if not isinstance(width, int | float) or width != width:  # NaN
        width = WIDTH
    said["state"] = calculator.state(min(max(width, NARROWEST), WIDEST))
    return said
