"""The calculator without its page: the answer to a question of the page, as text and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from costcheck.apps.calculator import amounts
from costcheck.apps.calculator.controls import GROUPS, control
from costcheck.apps.calculator.figures import drawn
from costcheck.apps.calculator.settings import Settings, dates, past, read_link
from costcheck.claims import Claim, Verdict, verdicts
from costcheck.claims.kinds_and_colours import Finding, Premise
from costcheck.claims.printed import Hedge
from costcheck.claims.verdict import COLUMNS, shown
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import key_of, value_of
from costcheck.text.numbers import number_text, readable
from costcheck.text.spreadsheets import csv_text

WIDTH = 640  # of figures, unless the page gives one [CSS pixel]


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question of the page; equal questions have equal answers.

    Args:
        asked: ``link``, the settings so far, and either ``open``, the link the page was opened with, or
            ``texts`` by key as typed and the ``date`` of quotes; perhaps ``width`` of figures, and ``csv``.

    Returns:
        ``state``, what is shown at the new settings; ``wrong``, by key what is wrong with a typed price, in
        whose place the last good one stays; ``notice``, what is wrong with a link or a day, of which nothing
        is taken; ``csv``, results.csv; ``page``, what no price moves, in answer to ``open``.

    >>> answer({"open": "h100_usd=x"})["notice"]
    "The link is wrong, and nothing of it was taken: h100_usd: 'x' is not a number [USD/GPU]."
    >>> answer({"texts": {"h100_usd": "25000"}})["state"]["link"]
    'h100_usd=25000'
    """
    reply: dict[str, Any] = {"wrong": {}, "notice": ""}
    settings = Settings()
    try:
        settings = read_link(asked.get("link", ""))
        if "open" in asked:
            reply["page"] = page()
            settings = read_link(asked["open"])
        else:
            given: dict[str, float] = {}
            for key, text in asked.get("texts", {}).items():
                key_of(key)
                try:
                    given[key] = value_of(key, text)
                except InputError as error:
                    reply["wrong"][key] = error.reason
                    given |= {key: settings.given[key]} if key in settings.given else {}
            settings = Settings(past(asked["date"]) if asked.get("date") else None, given)
    except InputError as error:
        reply["notice"] = str(error) if str(error).endswith("?") else f"{error}."
        if "open" in asked:
            reply["notice"] = f"The link is wrong, and nothing of it was taken: {reply['notice']}"
    if asked.get("csv"):
        reply["csv"] = csv_text(COLUMNS, [verdict.row() for verdict in verdicts(settings.book())])
    return reply | {"state": state(settings, asked.get("width", WIDTH))}


@cache
def articles_verdicts() -> Mapping[str, Verdict]:
    """Return the verdicts at the articles' prices, by claim id."""
    return {verdict.claim.id: verdict for verdict in verdicts()}


def at_prices(book: PriceBook) -> dict[str, Verdict]:
    """Return the verdicts on the claims that move with prices, by claim id."""
    moving = [id_ for id_, verdict in articles_verdicts().items() if verdict.yours]
    return {verdict.claim.id: verdict for verdict in verdicts(book, ids=moving)}


@cache
def page() -> dict[str, Any]:
    """Return what no price moves: the controls, the days of dated sets, the claims with their verdicts."""
    return {
        "groups": GROUPS,
        "controls": {key: _control(key) for _, keys, _ in GROUPS for key in keys},
        "dates": list(dates()),
        "claims": [
            {
                "id": id_,
                "printed": verdict.claim.printed,
                "hedge": _hedge(verdict.claim),
                "about": verdict.claim.about,
                "recomputed": shown(verdict.recomputed, verdict.unit),
                "verdict": str(verdict.arithmetic),
                "kind": verdict.arithmetic.look.tone,
                "premise": ""
                if verdict.premise in (None, Premise.SOUND, Premise.NOT_EXAMINED)
                else verdict.premise,
                "because": verdict.because,
                "moved": verdict.yours is not None,
            }
            for id_, verdict in articles_verdicts().items()
        ],
    }


def _control(key: str) -> dict[str, Any]:
    made = control(key)
    meaning, unit = made.described.meaning, made.described.unit
    return {
        "label": meaning[:1].upper() + meaning[1:],
        "unit": "" if unit == "1" else unit,
        "article": made.nearest(made.article),
        "last": len(made.positions) - 1,
        "positions": [number_text(position) for position in made.positions],
        "words": [readable(position, unit) for position in made.positions],
        "hint": f"articles: {readable(made.article)} · {made.span}",
    }


def _hedge(claim: Claim) -> str:
    return "" if claim.figure is None or claim.figure.hedge is Hedge.EXACT else str(claim.figure.hedge)


def state(settings: Settings, width: float = WIDTH) -> dict[str, Any]:
    """Return everything shown at some settings, with figures of a width [CSS pixel]."""
    book = settings.book()
    at, yours = dict(book), at_prices(book)
    steps = amounts.chain(book, yours)
    (_, ours), *others = amounts.blended(at).items()
    rivals = ", ".join(f"{name.split()[-1]} {amounts.usd(price)}" for name, price in others[:2])
    held = {id_: verdict.yours for id_, verdict in yours.items() if verdict.yours}
    holding = f"{sum(finding.kind.is_right for finding in held.values())} of {len(held)}"
    return {
        "date": settings.date or "",
        "link": settings.link(),
        "command": settings.command(),
        "values": {key: _value(key, settings, book) for _, keys, _ in GROUPS for key in keys},
        "tiles": [
            ["GPUs for the deadline", steps[2].value, f"in {readable(at['days_in_month'], 'day')}"],
            ["The entry ticket", steps[3].value, steps[5].value],
            ["A million tokens of 405B", f"{amounts.usd(ours)} USD", rivals],
            ["Printed figures that hold", holding, "of those that prices move"],
        ],
        "chain": [[*step[:3], step.claims.split()] for step in steps],
        "serving": amounts.serving(at),
        "tokens": amounts.tokens(at),
        "window": amounts.window(at),
        "yours": {id_: _yours(yours[id_], finding) for id_, finding in held.items()},
        "figures": drawn(at, width),
    }


def _yours(verdict: Verdict, finding: Finding) -> list[str]:
    value = readable(verdict.at_your_prices, verdict.unit)
    return [value, verdict.verdict_at_your_prices, finding.look.tone]


def _value(key: str, settings: Settings, book: PriceBook) -> dict[str, Any]:
    value, quote, made = book[key], book.quote(key), control(key)
    own, origin = key in settings.given, ""
    if settings.date and not own:
        origin = f"quote of {quote.as_of}" + " (no earlier one)" * (quote.as_of > settings.date)
    if quote.unverified and not own:
        origin = f"{origin} (unverified)".strip()
    return {
        "text": number_text(value),
        "at": made.nearest(value),
        "words": readable(value, made.described.unit),
        "own": own,
        "quote": origin,
    }
