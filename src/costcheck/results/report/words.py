"""The words of the page in three languages."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from costcheck.claims import Article, Claim
from costcheck.claims.evaluation import Answer
from costcheck.claims.kinds_and_colours import Finding
from costcheck.claims.verdict import shown
from costcheck.data import tables
from costcheck.results.report import ENGLISH
from costcheck.text.numbers import multiple, number_text, readable

COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Phrase(NamedTuple):
    """A text, with the language it is in."""

    text: str
    language: str = ENGLISH


class Words:
    """The page's words in one language.

    >>> Words("zh")("verdict_holds"), Words("ja").verdict(Finding.read("off by 9.9×"))
    ('成立', '9.9倍のずれ')
    """

    def __init__(self, language: str) -> None:
        self.language = language
        rows = _read(Path(__file__).with_name("words.csv"), "key")
        self._words = {key: row[language] for key, row in rows.items()}

    def __call__(self, key: str, **numbers: object) -> str:
        """Return the words for a key, with numbers and names put in."""
        return self._words[key].format(**numbers)

    def template(self, key: str) -> str:
        """Return the words for a key as they are, with names in braces for what is put in."""
        return self._words[key]

    def rights(self) -> list[tuple[str, str]]:
        """List claims of the packaged articles whose mistake is one of fact, with what is right instead."""
        return [(key[6:], text) for key, text in self._words.items() if key.startswith("right_")]

    def phrase(self, key: str) -> Phrase | None:
        """Return the words for a key that may not be there, such as the title of some notebook."""
        return Phrase(self._words[key], self.language) if key in self._words else None

    def verdict(self, finding: Finding) -> str:
        """Return the words of a verdict, with its mark if it is unverified."""
        words = self(f"verdict_{finding._replace(unverified=False).look.name}")
        if finding.on and self.language == ENGLISH:  # what it depends on is in English
            words = finding.words
        if finding.factor is not None:
            words = self("off_by", factor=multiple(finding.factor).replace("×", self("unit_off")))
        return self._marked(words, finding)

    def at_other_prices(self, finding: Finding) -> str:
        """Return whether a figure holds at other prices than those it was printed at, or read otherwise."""
        return self._marked(self("fails"), finding) if finding.kind.is_mistake else self.verdict(finding)

    def _marked(self, words: str, finding: Finding) -> str:
        return self("marked", verdict=words) if finding.unverified else words

    def answer(self, value: Answer | Sequence[float] | None, unit: str | None) -> str:
        """Write what a claim states or comes to, rounded and with its unit; of a range both ends."""
        return self.value(value) if isinstance(value, bool) else shown(value, unit)

    def value(self, value: Any) -> str:
        """Write an input: all digits of a whole number below 1e15, eight of another."""
        if isinstance(value, list):
            return "; ".join(map(self.value, value))
        if value is None or isinstance(value, bool | str):
            text = number_text(value)
            return self(text) if text in ("true", "false") else text
        return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.8g}"

    def number(self, value: float) -> str:
        """Write a number in a sentence, in four figures.

        >>> Words("en").number(12.5099e9), Words("zh").number(30.84e6), Words("ja").number(43_000)
        ('12.51 billion', '3084万', '43,000')
        """
        value = float(f"{value:.4g}")
        for size, key in ((1e8, "hundred_million"), (1e4, "ten_thousand")):
            if self.language != ENGLISH and value >= max(size, 1e5):
                return f"{value / size:.10g}{self(key)}"
        return readable(value)

    def count(self, number: float) -> str:
        """Write a small whole number in a sentence.

        >>> Words("en").count(0), Words("en").count(10), Words("en").count(12), Words("ja").count(3)
        ('none', 'ten', '12', '3')
        """
        if self.language == ENGLISH and number in range(len(COUNTS)):
            return COUNTS[int(number)]
        return f"{number:g}"

    def about(self, claim: Claim, article: Article) -> Phrase:
        """Paraphrase a claim, in English where there is no other paraphrase of it."""
        if self.language != ENGLISH and article.is_packaged:
            about = _read(tables.home("data") / "articles" / "about.csv", "id")
            for id_ in (claim.id, claim.translates):
                if text := about.get(id_ or "", {}).get(self.language):
                    return Phrase(text, self.language)
        return Phrase(claim.about)


@cache
def _read(path: Path, by: str) -> Mapping[str, Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[by]: row for row in csv.DictReader(file, strict=True)}
