"""What a claim is computed from, as the page shows it: values with unit, date and source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from costcheck.claims import Article, references
from costcheck.claims.article import Call
from costcheck.claims.article import Words as Literal
from costcheck.claims.evaluation import quantity
from costcheck.data import tables
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import ARTICLE, GIVEN, Quote
from costcheck.results.report.words import Words
from costcheck.text.numbers import number_text

LEAST_EXPONENT = 1e15
"""From here a whole number is written with an exponent."""
MOST_VALUES, MOST_SOURCES = 6, 3
"""Values of a column that are listed; of more, their number and range."""
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
    """Where a value is from."""

    sources: Sequence[Sequence[Part]] = ()
    as_of: str = ""
    unverified: bool = False


@dataclass(frozen=True)
class Line:
    """An input of a claim: a value with its unit, and where it is from."""

    depth: int
    name: str = ""
    description: str = ""
    unit: str = ""
    value: str = ""
    reference: str = ""
    origin: Origin = Origin()
    note: str = ""
    claim: str = ""
    """The anchor of the claim that prints it."""
    this_run: str = ""
    """Its value at the prices of the run, where that is another."""
    this_run_origin: Origin | None = None
    """Where the run has that price from; ``None`` where it is computed."""


@dataclass(frozen=True)
class Price:
    """A price, as the article has it and, where that is another, as the run does."""

    key: str
    meaning: str
    unit: str
    value: str
    this_run: str
    origin: Origin
    """Where the run has it from."""


class Inputs:
    """The inputs of an article's claims: at its own prices, at those of the run, as the page shows them.

    Claims that another one prints are linked by their anchors in the page.
    """

    def __init__(
        self, article: Article, theirs: PriceBook, yours: PriceBook, anchors: Mapping[str, str], words: Words
    ) -> None:
        self._article, self._theirs, self._yours = article, theirs, yours
        self._anchors, self._words = anchors, words

    def price(self, key: str) -> Price:
        """Describe a price."""
        quote, value = self._theirs.quote(key), self._yours[key]
        changed = value != quote.value
        return Price(
            key,
            self._theirs.keys_known[key].meaning,
            unit_shown(quote.unit),
            self.value(quote.value),
            self.value(value) if changed else "",
            self._origin(self._yours.quote(key) if changed else quote),
        )

    def lines(self, item: Call | str | None, depth: int = 0) -> Iterable[Line]:
        """List the inputs of a formula, nested ones too, or the fact a claim is compared with."""
        if isinstance(item, str):
            yield self._line(Line(depth), item)
        if not isinstance(item, Call):
            return
        arguments = {argument.name: argument for argument in signatures.described(item.formula).arguments}
        for name, given in item.filled().items():
            argument = arguments[name]
            line = Line(depth, name, argument.description, unit_shown(argument.unit))
            for part in given if isinstance(given, list) else [given]:
                if isinstance(part, Call):
                    yield self._computed(line, part)
                    yield from self.lines(part, depth + 1)
                else:
                    yield self._line(line, part)
                line = Line(depth, unit=line.unit)

    def _computed(self, line: Line, call: Call) -> Line:
        value, this_run = (quantity(call, self._article, book).value for book in (self._theirs, self._yours))
        return replace(
            line,
            reference=f"{call.formula}({', '.join(call.filled())})",
            value=self.value(value),
            unit=unit_shown(signatures.described(call.formula).unit),
            note=self._words("computed"),
            this_run=self.value(this_run) if this_run != value else "",
        )

    def _line(self, line: Line, item: Any) -> Line:
        if isinstance(item, Literal):
            return replace(line, value=", ".join(item.literal), unit="", note=self._words("literal"))
        if not isinstance(item, str):
            return replace(line, value=self.value(item), note=self._words("literal"))
        match references.parse(item, tuple(self._article.prices)):
            case references.PriceReference(key):
                quote, this_run = self._theirs.quote(key), self._yours.quote(key)
                line = replace(line, value=self.value(quote.value), unit=quote.unit, reference=item)
                line = replace(line, origin=self._origin(quote))
                if this_run.value == quote.value:
                    return line
                origin = self._origin(this_run)
                return replace(line, this_run=self.value(this_run.value), this_run_origin=origin)
            case references.InputReference(own):
                stated = self._article.inputs[own]
                unverified = tables.is_unverified(stated.verification)
                origin = Origin((self._source(stated.source),), stated.as_of or "", unverified)
                value = self.value(stated.value)
                return replace(line, unit=stated.unit, value=value, reference=item, origin=origin)
            case references.ClaimReference(id_):
                claim = self._article.claim(id_)
                return replace(
                    line,
                    value=self.value(claim.value),
                    unit=unit_shown(claim.unit) or line.unit,
                    claim=self._anchors.get(id_, ""),
                    note=self._words("printed_in", id=id_),
                )
            case references.CellReference() as reference:
                return replace(self._cells(line, reference), reference=item)

    def _cells(self, line: Line, reference: references.CellReference) -> Line:
        rows = references.fitting(reference)
        values = [row[reference.column] for row in rows]
        fields = tables.schema(reference.table)
        unit = next(field.get("unit") for field in fields if field["name"] == reference.column)
        if unit == tables.SEE_COLUMN:
            unit = rows[0].get("unit")
        numbers = [value for value in values if isinstance(value, int | float)]
        if len(values) > MOST_VALUES and len(numbers) == len(values):
            low, high = self.value(min(numbers)), self.value(max(numbers))
            shown = self._words("values", count=len(values), low=low, high=high)
        else:
            shown = "; ".join(self.value(value) for value in values[:MOST_VALUES])
            if len(values) > MOST_VALUES:
                shown += "; " + self._words("more_sources", count=len(values) - MOST_VALUES)
        sources = list(dict.fromkeys(row["source"] for row in rows if row.get("source")))
        listed = [self._source(source) for source in sources[:MOST_SOURCES]]
        if len(sources) > MOST_SOURCES:
            listed.append((Part(self._words("more_sources", count=len(sources) - MOST_SOURCES)),))
        dates = sorted({row["as_of"] for row in rows if row.get("as_of")})
        as_of = dates[0] if len(dates) == 1 else f"{dates[0]} – {dates[-1]}" if dates else ""
        unverified = any(tables.is_unverified(row.get("verification")) for row in rows)
        return replace(
            line,
            value=shown,
            unit=unit_shown(unit) if unit else line.unit,
            origin=Origin(listed, as_of, unverified),
        )

    def value(self, value: Any) -> str:
        """Write an input: all digits of a whole number, eight of another."""
        if isinstance(value, list):
            return "; ".join(self.value(part) for part in value)
        if value is None or isinstance(value, bool | str):
            text = number_text(value)
            return self._words(text) if text in ("true", "false") else text
        if float(value).is_integer() and abs(value) < LEAST_EXPONENT:
            return f"{value:,.0f}"
        return f"{value:,.8g}"

    def _origin(self, quote: Quote) -> Origin:
        """Return where a quote is from; a value that the reader gave has neither day nor verification."""
        source = (self._source(quote.source),)
        return Origin(source) if quote.source == GIVEN else Origin(source, quote.as_of, quote.unverified)

    def _source(self, text: str) -> Sequence[Part]:
        known = {ARTICLE: "from_article", GIVEN: "given"}
        return (Part(self._words(known[text])),) if text in known else parts(text)


def unit_shown(unit: str | None) -> str:
    """Return a unit to show: not that of a plain number, and no letter for any unit."""
    return "" if unit in (None, "1", "A", "B", "C", "bool", "name") else str(unit)


def parts(text: str) -> tuple[Part, ...]:
    """Split a source into text and addresses of web pages.

    >>> parts("model card, https://example.org/card.md; a friend")[1]
    Part(text='example.org/card.md', address='https://example.org/card.md')
    >>> parts("javascript:alert(1)")
    (Part(text='javascript:alert(1)', address=''),)
    """
    split: list[Part] = []
    at = 0
    for match in LINK.finditer(text):
        if match.start() > at:
            split.append(Part(text[at : match.start()]))
        shown = match[0].partition("://")[2]
        if len(shown) > LONGEST_LINK:
            # its end says most; a name is not cut in two unless it is too long alone
            host, _, rest = shown.partition("/")
            end = rest[-(LONGEST_LINK - len(host) - 2) :]
            shown = f"{host}/…{end[max(0, end[:-1].find('/')) :]}"
        split.append(Part(shown, match[0]))
        at = match.end()
    return tuple([*split, Part(text[at:])] if at < len(text) else split)
