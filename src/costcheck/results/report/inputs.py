"""What a claim is reckoned from, as the page shows it: values with unit, date and source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from costcheck.claims import Article
from costcheck.claims import references as named
from costcheck.claims.article import Call
from costcheck.claims.article import Words as Literal
from costcheck.claims.evaluation import quantity
from costcheck.data import tables
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import ARTICLE, GIVEN
from costcheck.results.report.words import Words
from costcheck.text.numbers import number_text

LEAST_EXPONENT = 1e15
"""From here a whole number is written with an exponent."""
MOST_VALUES = 6
"""Values of a column that are listed; of more, how many and how far they reach."""
MOST_SOURCES = 3
LONGEST_LINK = 56
"""Characters of an address that are shown; the link goes to all of it."""
LINK = re.compile(r"https?://[^\s;,()<>\"']+[^\s;,()<>\"'.]")


@dataclass(frozen=True)
class Part:
    """A piece of text, with the address it leads to, if it is one."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a price is from."""

    sources: tuple[tuple[Part, ...], ...]
    as_of: str
    unverified: bool


@dataclass(frozen=True)
class Line:
    """An input of a claim: a value with its unit, and where it is from."""

    depth: int
    name: str
    description: str
    reference: str
    value: str
    unit: str
    sources: tuple[tuple[Part, ...], ...] = ()
    as_of: str = ""
    unverified: bool = False
    claim: str = ""
    """The claim that prints it."""
    note: str = ""
    this_run: str = ""
    """Its value at the prices of the run, where that is another."""
    origin: Origin | None = None
    """Where the run has that price from."""
    is_computed: bool = False


class Inputs:
    """The inputs of an article's claims.

    Args:
        article: The article.
        theirs: Its own prices.
        yours: The prices of the run.
        anchors: Where each of its claims stands in the page, by id.
        words: The page's.
    """

    def __init__(
        self,
        article: Article,
        theirs: PriceBook,
        yours: PriceBook,
        anchors: Mapping[str, str],
        words: Words,
    ) -> None:
        self._article, self._theirs, self._yours = article, theirs, yours
        self._anchors, self._words = anchors, words

    def lines(self, item: Call | str | None, depth: int = 0) -> Iterable[Line]:
        """List what goes into a formula, each of which may be a formula too, or the one fact held against.

        Args:
            item: The call of a formula, or a reference.
            depth: How many formulas it stands in.
        """
        if isinstance(item, str):
            yield self._line("", "", item, depth)
        if not isinstance(item, Call):
            return
        described = {one.name: one for one in signatures.described(item.formula).arguments}
        for name, given in item.filled().items():
            argument = described[name]
            for place, one in enumerate(given if isinstance(given, list) else [given]):
                said = (name, argument.description) if not place else ("", "")
                if isinstance(one, Call):
                    value, this_run = (
                        quantity(one, self._article, book).value for book in (self._theirs, self._yours)
                    )
                    arguments = ", ".join(one.filled())
                    told = signatures.described(one.formula)
                    yield Line(
                        depth,
                        *said,
                        f"{one.formula}({arguments})",
                        self.value(value),
                        unit_shown(told.unit),
                        note=self._words("computed"),
                        this_run=self.value(this_run) if this_run != value else "",
                        is_computed=True,
                    )
                    yield from self.lines(one, depth + 1)
                else:
                    yield self._line(*said, one, depth, unit_shown(argument.unit))

    def _line(self, name: str, description: str, item: Any, depth: int, unit: str = "") -> Line:
        if isinstance(item, Literal):
            words = ", ".join(item.literal)
            return Line(depth, name, description, "", words, "", note=self._words("literal"))
        if not isinstance(item, str):
            return Line(depth, name, description, "", self.value(item), unit, note=self._words("literal"))
        match named.parse(item, tuple(self._article.prices)):
            case named.PriceReference(key):
                quote = self._theirs.quote(key)
                this_run = self._yours[key]
                return Line(
                    depth,
                    name,
                    description,
                    item,
                    self.value(quote.value),
                    quote.unit,
                    (self.source(quote.source),),
                    quote.as_of,
                    quote.unverified,
                    this_run=self.value(this_run) if this_run != quote.value else "",
                    origin=self.origin(key) if this_run != quote.value else None,
                )
            case named.InputReference(own):
                stated = self._article.inputs[own]
                return Line(
                    depth,
                    name,
                    description,
                    item,
                    self.value(stated.value),
                    stated.unit,
                    (self.source(stated.source),),
                    stated.as_of or "",
                    tables.is_unverified(stated.verification),
                )
            case named.ClaimReference(id_):
                claim = self._article.claim(id_)
                return Line(
                    depth,
                    name,
                    description,
                    "",
                    self.value(claim.value),
                    unit_shown(claim.unit or unit),
                    claim=self._anchors.get(id_, ""),
                    note=self._words("printed_in", id=id_),
                )
            case named.CellReference() as reference:
                return self._cells(name, description, item, reference, depth, unit)

    def _cells(
        self, name: str, description: str, item: str, reference: named.CellReference, depth: int, unit: str
    ) -> Line:
        rows = named.fitting(reference)
        values = [row[reference.column] for row in rows]
        of_column = next(
            one.get("unit") for one in tables.schema(reference.table) if one["name"] == reference.column
        )
        if of_column == tables.SEE_COLUMN:
            of_column = rows[0].get("unit")
        numbers = [value for value in values if isinstance(value, int | float)]
        if len(values) <= MOST_VALUES or len(numbers) < len(values):
            shown = "; ".join(self.value(value) for value in values[:MOST_VALUES])
            if len(values) > MOST_VALUES:
                shown += "; " + self._words("more_sources", count=len(values) - MOST_VALUES)
        else:
            shown = self._words(
                "values", count=len(values), low=self.value(min(numbers)), high=self.value(max(numbers))
            )
        sources = list(dict.fromkeys(row["source"] for row in rows if row.get("source")))
        told = [self.source(source) for source in sources[:MOST_SOURCES]]
        if len(sources) > MOST_SOURCES:
            told.append((Part(self._words("more_sources", count=len(sources) - MOST_SOURCES)),))
        dates = sorted({row["as_of"] for row in rows if row.get("as_of")})
        return Line(
            depth,
            name,
            description,
            item,
            shown,
            unit_shown(of_column or unit),
            tuple(told),
            dates[0] if len(dates) == 1 else f"{dates[0]} – {dates[-1]}" if dates else "",
            any(tables.is_unverified(row.get("verification")) for row in rows),
        )

    def value(self, value: Any) -> str:
        """Write an input: all of a whole number, eight figures of another."""
        if isinstance(value, bool) or value in ("true", "false"):
            return self._words("true" if value in (True, "true") else "false")
        if isinstance(value, list):
            return "; ".join(self.value(one) for one in value)
        if not isinstance(value, int | float):
            return number_text(value)
        if float(value).is_integer() and abs(value) < LEAST_EXPONENT:
            return f"{value:,.0f}"
        return f"{value:,.8g}"

    def origin(self, key: str) -> Origin:
        """Say where the run has a price from that is not the article's."""
        quote = self._yours.quote(key)
        if quote.source == GIVEN:
            return Origin((self.source(GIVEN),), "", unverified=False)
        return Origin((self.source(quote.source),), quote.as_of, quote.unverified)

    def source(self, text: str) -> tuple[Part, ...]:
        """Say where a number is from."""
        if text == ARTICLE:
            return (Part(self._words("from_article")),)
        return (Part(self._words("given")),) if text == GIVEN else parts(text)


def unit_shown(unit: str | None) -> str:
    """Write a unit that says something: not that of a plain number, and no letter for any unit."""
    return "" if unit in (None, "1", "A", "B", "C", "bool", "name") else str(unit)


def parts(text: str) -> tuple[Part, ...]:
    """Take a source apart into text and addresses of web pages.

    >>> parts("model card, https://example.org/card.md; a friend")[1]
    Part(text='example.org/card.md', address='https://example.org/card.md')
    >>> parts("javascript:alert(1)")
    (Part(text='javascript:alert(1)', address=''),)
    """
    found: list[Part] = []
    at = 0
    for match in LINK.finditer(text):
        if match.start() > at:
            found.append(Part(text[at : match.start()]))
        shown = match[0].partition("://")[2]
        if len(shown) > LONGEST_LINK:
            # its end says most; a name is not cut in two unless it is too long alone
            host, _, rest = shown.partition("/")
            end = rest[-(LONGEST_LINK - len(host) - 2) :]
            shown = f"{host}/…{end[max(0, end[:-1].find('/')) :]}"
        found.append(Part(shown, match[0]))
        at = match.end()
    return tuple([*found, Part(text[at:])] if at < len(text) else found)
