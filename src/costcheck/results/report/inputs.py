"""What a claim is computed from, as the page shows it: values with unit, date and source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from costcheck.claims import Article, references, sums
from costcheck.claims.article import AS_PRINTED
from costcheck.data import tables
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import ARTICLE, GIVEN
from costcheck.results.report.words import Words

MOST_VALUES, MOST_SOURCES = 6, 3
"""Values of a column that are listed; of more, their number and range."""
LONGEST_LINK = 56
"""Characters of an address that are shown; the link goes to all of it."""
LINK = re.compile(r"https?://[^\s;,()<>\"']+[^\s;,()<>\"'.]")
NO_UNIT = (None, "1", "A", "B", "C", "bool", "name")
"""What is not shown as a unit: that of a plain number, letters for any unit."""


class Part(NamedTuple):
    """A piece of text, with the address it leads to, if it is one."""

    text: str
    address: str = ""


class Line(NamedTuple):
    """An input of a claim, or a price: a value with its unit and where it is from."""

    name: str = ""
    description: str = ""
    unit: str = ""
    value: str = ""
    reference: str = ""
    as_of: str = ""
    sources: Sequence[Sequence[Part]] = ()
    unverified: bool = False
    note: str = ""
    claim: str = ""
    """The anchor of the claim that prints it."""
    this_run: Line | None = None
    """The same at the prices of the run, where that is another value."""


class Inputs:
    """The inputs of an article's claims, at its own prices and at those of the run.

    Claims that another one prints are linked by their ``anchors`` in the page.
    """

    def __init__(
        self, article: Article, theirs: PriceBook, yours: PriceBook, anchors: Mapping[str, str], words: Words
    ) -> None:
        self._article, self._theirs, self._yours = article, theirs, yours
        self._anchors, self._words = anchors, words

    def price(self, key: str) -> Line:
        """Describe a price."""
        described = self._theirs.keys_known[key]
        line = Line(name=key, description=described.meaning, unit=unit_shown(described.unit))
        return self._price(line, key)

    def lines(self, node: sums.Node | None) -> list[Line]:
        """List what a sum is computed from, or the fact a claim is compared with; sources of one row once."""
        lines: list[Line] = []
        above: Sequence[Sequence[Part]] = ()
        for line in map(self._line, sums.names_in(node)):
            same = "[" in line.reference and line.sources == above and above
            above = line.sources
            lines.append(line._replace(sources=((Part(self._words("as_above")),),)) if same else line)
        return lines

    def _line(self, key: str) -> Line:
        """Describe what a name or a cell stands for."""
        words, line = self._words, Line(reference=key)
        if "[" in key:
            return self._cells(line, references.parse(key))
        if key.startswith("prices."):
            return self.price(key.removeprefix("prices."))._replace(name="", reference=key)
        if key in self._article.given:
            stated = self._article.given[key]
            value = words.value(stated.figure.value)
            line = line._replace(unit=unit_shown(stated.figure.unit), value=value)
            return self._from(line, stated.source, stated.as_of, tables.is_unverified(stated.verification))
        claim = self._article.claim(key)
        note = words("printed_in", id=key)
        line = line._replace(value=words.value(claim.stated), claim=self._anchors.get(key, ""), note=note)
        return line._replace(unit=unit_shown(claim.figure_unit))

    def _price(self, line: Line, key: str) -> Line:
        here, there = self._theirs.quote(key), self._yours.quote(key)
        line, this_run = (
            self._from(to, of.source, of.as_of, of.unverified)._replace(value=self._words.value(of.value))
            for to, of in ((line, here), (Line(), there))
        )
        return line._replace(this_run=None if here.value == there.value else this_run)

    def _from(self, line: Line, source: str, as_of: str | None, unverified: bool) -> Line:
        as_of = "" if source == GIVEN else as_of or ""  # the reader's number has no day
        return line._replace(sources=(self._source(source),), as_of=as_of, unverified=unverified)

    def _source(self, text: str) -> Sequence[Part]:
        known = {ARTICLE: "from_article", AS_PRINTED: "from_article", GIVEN: "given"}
        return (Part(self._words(known[text])),) if text in known else parts(text)

    def _cells(self, line: Line, cells: references.Cells) -> Line:
        rows, values = cells.rows, cells.values
        if len(values) > MOST_VALUES and all(isinstance(value, int | float) for value in values):
            low, high = self._words.value(min(values)), self._words.value(max(values))
            shown = self._words("values", count=len(values), low=low, high=high)
        else:
            shown = self._words.value(values[:MOST_VALUES])
            if len(values) > MOST_VALUES:
                shown += "; " + self._words("more_sources", count=len(values) - MOST_VALUES)
        sources = list(dict.fromkeys(row["source"] for row in rows if row.get("source")))
        listed = [self._source(source) for source in sources[:MOST_SOURCES]]
        if len(sources) > MOST_SOURCES:
            listed.append((Part(self._words("more_sources", count=len(sources) - MOST_SOURCES)),))
        dates = sorted({row["as_of"] for row in rows if row.get("as_of")})
        return line._replace(
            value=shown,
            unit=unit_shown(cells.unit),
            sources=listed,
            as_of=" – ".join(dict.fromkeys([*dates[:1], *dates[-1:]])),
            unverified=any(tables.is_unverified(row.get("verification")) for row in rows),
        )


def formulas_in(node: sums.Node | None) -> list[signatures.Described]:
    """Return the formulas that a sum calls, each once."""
    names = [part.formula for part in sums.walk(node) if isinstance(part, sums.Call)] if node else []
    return [signatures.described(name) for name in dict.fromkeys(names)]


def unit_shown(unit: str | None) -> str:
    """Return a unit to show."""
    return "" if unit in NO_UNIT else str(unit)


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
        shown = match[0].partition("://")[2]
        if len(shown) > LONGEST_LINK:
            # its end says most; a name is not cut in two unless it is too long alone
            host, _, rest = shown.partition("/")
            end = rest[-(LONGEST_LINK - len(host) - 2) :]
            shown = f"{host}/…{end[max(0, end[:-1].find('/')) :]}"
        split += [Part(text[at : match.start()]), Part(shown, match[0])]
        at = match.end()
    return tuple(part for part in (*split, Part(text[at:])) if part.text)
