"""The chapter on one article: what the notebook ``article.ipynb`` shows of any article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from costcheck.claims import Article, Verdict, load, verdicts
from costcheck.claims.article import OWN_NOTEBOOK, given_of, prices_of
from costcheck.claims.kinds_and_colours import LOOKS, UNVERIFIED, Kind, Premise
from costcheck.claims.loading import Text, example
from costcheck.claims.verdict import prices_of_its_day, shown
from costcheck.errors import InputError
from costcheck.notebook.parameters import assigned
from costcheck.notebook.show import Markdown, Shown, Verdicts, literal, say
from costcheck.prices.book import PriceBook


@dataclass(frozen=True)
class Chapter:
    """An article, the reader's prices, and the verdicts at them."""

    article: Article
    prices: PriceBook
    found: Verdicts

    def title(self) -> Markdown:
        """Name the article."""
        article = self.article
        source = ", ".join(map(literal, filter(None, (article.publisher, article.date, article.address))))
        return say(f"**{literal(article.title)}** ({source})")

    def finding(self) -> Markdown:
        """Sum up the verdicts in words."""
        counts = self.counts
        wrong = [verdict for verdict in self.found if verdict.kind.is_mistake]
        misplaced = [verdict.claim.id for verdict in self.found if verdict.premise is Premise.WRONG_CATEGORY]
        counted = ", ".join(f"{counts[look.words]} {look.counted}" for look in LOOKS if look.words in counts)
        sentences = [f"**Of {_claims(len(self.found))}, {counted}{_on_unverified(wrong)}.**"]
        for verdict in wrong:
            claim = verdict.claim
            cause = f": {verdict.cause}" if verdict.cause else ""
            figures = [shown(value, verdict.unit) for value in (claim.stated, verdict.recomputed)]
            figures[1] += UNVERIFIED * verdict.unverified
            sentence = f"{claim.id} ({claim.about}) prints {figures[0]}; it comes out as {figures[1]}{cause}."
            sentences.append(literal(sentence))
        if misplaced:
            sentences.append(f"Measuring the wrong thing: {', '.join(misplaced)}.")
        return say(" ".join(sentences))

    @property
    def counts(self) -> dict[str, int]:
        """How many claims there are of each verdict."""
        kinds = [verdict.arithmetic.look.words for verdict in self.found]
        return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}

    @property
    def figure(self) -> str:
        """The name of the chapter's figure."""
        return f"{OWN_NOTEBOOK}_{self.article.article}"

    @property
    def headline(self) -> str:
        """The figure's title."""
        holding = sum(number for kind, number in self.counts.items() if kind.startswith("holds"))
        checked = len(self.found) - sum(self.counts.get(kind, 0) for kind in (Kind.ASSUMED, Kind.NOT_CHECKED))
        return f"{holding} of {_claims(checked)} that can be checked {'holds' if holding == 1 else 'hold'}"

    def chart(self) -> Shown:
        """Draw each figure as printed against what it comes to."""
        from costcheck.notebook.plots.printed import draw

        return draw(self.found, self.headline, self.figure)

    def sources(self) -> list[dict[str, str]]:
        """List the numbers that the claims rest on, with their units and sources."""
        used = given_of(self.article)
        rows = [
            (name, stated.figure.value, stated.figure.unit, stated.as_of, stated.source, stated.verification)
            for name, stated in self.article.given.items()
            if name in used
        ]
        prices = self.prices.extended(self.article.own_quotes)
        for key in prices_of([self.article]):
            quote = prices.quote(key)
            origin = (quote.as_of, quote.source, quote.verification)
            if key in self.prices.given:  # the notebook knows the number and no more
                origin = ("", "given by the reader", "")
            rows.append((f"prices.{key}", quote.value, quote.unit, *origin))
        columns = ("number", "value", "unit", "as of", "source", "verification")
        return [
            dict(zip(columns, (name, f"{value:,.10g}", unit or "", as_of or "", *more), strict=True))
            for name, value, unit, as_of, *more in rows
        ]

    def changes(self) -> list[dict[str, str]]:
        """List the claims whose figures differ at the reader's prices."""
        return [
            {
                "claim": verdict.claim.id,
                "about": verdict.claim.about,
                "at the article's prices": f"{shown(verdict.recomputed, verdict.unit)}: {verdict.arithmetic}",
                "at yours": f"{verdict.at_your_prices_marked}: {verdict.verdict_at_your_prices}",
            }
            for verdict in self.found
            if verdict.changed
        ]


def _on_unverified(verdicts: Sequence[Verdict]) -> str:
    number = sum(verdict.unverified for verdict in verdicts)
    return f" ({number} on data that could not be verified)" if number else ""


def _claims(number: int) -> str:
    return "1 claim" if number == 1 else f"{number} claims"


def chapter(article: str, prices: str = "") -> Chapter:
    """Read and check an article, given as to `at_hand`, at a reader's prices."""
    if not isinstance(article, str) or not isinstance(prices, str):
        raise InputError("article and prices are texts: a file, and prices as h100_usd=25000;usd_cny=7.1")
    subject = at_hand(article)
    book = prices_of_its_day(subject).extended(subject.own_quotes).override(assigned(prices))
    return Chapter(subject, book, Verdicts(tuple(verdicts(book, [subject]))))


def at_hand(article: str) -> Article:
    """Read an article: from its text, from its file, or by the name of an example."""
    is_file = article.endswith((".yaml", ".yml")) or "/" in article
    source = Text(article, "article") if "\n" in article else Path(article) if is_file else example(article)
    return load([source])[0]
