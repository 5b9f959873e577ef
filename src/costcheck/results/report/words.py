"""The words of the page in three languages."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from costcheck.claims import Article, Claim, articles
from costcheck.claims.kinds import Finding
from costcheck.data import tables
from costcheck.results.report import ENGLISH, LANGUAGES
from costcheck.text.numbers import multiple

WORDS = "words.csv"


@dataclass(frozen=True)
class Phrase:
    """A text, with the language it is in."""

    text: str
    language: str


class Words:
    """The page's words in one language.

    >>> Words("zh")("verdict_holds"), Words("ja").verdict(Finding.read("off by 9.9×"))
    ('成立', '9.9倍の誤り')
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = _words()[language]

    def __call__(self, key: str, **numbers: object) -> str:
        """Return the words for a key, with numbers and names put in."""
        return self._words[key].format(**numbers)

    def phrase(self, key: str) -> Phrase | None:
        """Return the words for a key that may not be there, such as the title of some notebook."""
        return Phrase(self._words[key], self.language) if key in self._words else None

    def verdict(self, finding: Finding) -> str:
        """Return the words of a verdict, with its mark if it is unverified."""
        look = replace(finding, unverified=False).look
        words = self(f"verdict_{look.name}")
        if finding.factor is not None:
            words = self("off_by", factor=multiple(finding.factor).replace("×", self("unit_off")))
        return self("marked", verdict=words) if finding.unverified else words

    def premise(self, premise: str | None) -> str:
        """Return the words of a premise, none where there is none."""
        return self("premise_" + premise.replace(" ", "_")) if premise else ""

    def about(self, claim: Claim, article: Article) -> Phrase:
        """Paraphrase a claim, in English where there is no other paraphrase of it."""
        if self.language != ENGLISH and is_packaged(article):
            for id_ in (claim.id, claim.translates):
                if text := _about().get(id_ or "", {}).get(self.language):
                    return Phrase(text, self.language)
        return Phrase(claim.about, ENGLISH)


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    with (Path(__file__).parent / WORDS).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            for language in LANGUAGES:
                words[language][row["key"]] = row[language]
    return words


@cache
def _about() -> Mapping[str, Mapping[str, str]]:
    """Read the paraphrases in the articles' own languages, by a claim's id."""
    with (tables.home("data") / "articles" / "about.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file, strict=True)}


def is_packaged(article: Article) -> bool:
    """Return whether an article is the package's own, not one that has its id."""
    return any(article is packaged for packaged in articles())
