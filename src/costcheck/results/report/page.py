"""The page: what a run found and what the package knows of each claim, as one file of HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from costcheck import __version__
from costcheck.claims import Article, Verdict, articles, load, verdicts
from costcheck.claims.kinds import LOOKS, Premise
from costcheck.claims.loading import Text, example
from costcheck.claims.translations import pairs
from costcheck.claims.verdict import COLUMNS
from costcheck.errors import InputError
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook
from costcheck.results.report import ENGLISH
from costcheck.results.report.chapters import Executed, visible
from costcheck.results.report.inline_svg import Image, image
from costcheck.results.report.inputs import Inputs, Line, Price, parts, unit_shown
from costcheck.results.report.movement import Moving, moving
from costcheck.results.report.run_folder import OF_A_SCENARIO, Run, Scenario
from costcheck.results.report.words import Phrase, Words, is_packaged
from costcheck.text.numbers import readable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    from costcheck.results.executed import Key

HERE = Path(__file__).parent
TEMPLATE, STYLE, SCRIPT = "report.html.jinja", "report.css", "report.js"
SCOREBOARD = "scoreboard"
"""The figure at the page's head."""
GROUPS = {
    "holds": ("holds", "holds_unverified"),
    "not": ("close", "off", "wrong"),
    "unknown": ("not_computable",),
}
APART = ("holds_unverified", "close")
"""The kinds that a group's number in large type leaves out: they are counted beside it."""
MOST_SCENARIOS = 60
"""Scenarios whose values are in a table of all."""


@dataclass(frozen=True)
class Claim:
    """A claim as the page shows it."""

    anchor: str
    article: Article
    chapter: str
    verdict: Verdict
    about: Phrase
    recomputed: str
    this_run: str
    formula: signatures.Described | None
    lines: Sequence[Line]
    remarks: Mapping[str, Sequence[str]]
    counterpart: str

    @property
    def kind(self) -> str:
        """The name of its verdict's look."""
        return self.verdict.arithmetic.look.name


@dataclass(frozen=True)
class Chapter:
    """A notebook as the page shows it."""

    anchor: str
    name: str
    title: Phrase
    question: Phrase
    finding: Sequence[Markup]
    images: Sequence[Image]
    has_scoreboard: bool
    claims: Sequence[Claim]
    failed: str


@dataclass(frozen=True)
class Pair:
    """A fact that two articles state."""

    original: Claim
    translation: Claim
    differences: Sequence[str]


def html(run: Run, language: str) -> str:
    """Write the page in one of `costcheck.results.report.LANGUAGES`: equal runs give equal pages.

    Raises:
        InputError: The notebooks were executed with another version of this package.
    """
    import jinja2
    from markupsafe import Markup

    style, script = ((HERE / name).read_text(encoding="utf-8") for name in (STYLE, SCRIPT))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = _Page(run, Words(language))
    # style and script are files of this package, and the page's policy names their hashes
    return environment.get_template(TEMPLATE).render(
        page=page,
        t=page.words,
        language=language,
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
        english=ENGLISH,
        looks=LOOKS,
        marks={look.name: look.mark for look in LOOKS},
        source_parts=parts,
        unit_shown=unit_shown,
        groups=GROUPS,
        apart=APART,
        many_scenarios=len(run.scenarios) > MOST_SCENARIOS,
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Page:
    """What the template asks for."""

    def __init__(self, run: Run, words: Words) -> None:
        self.words, self.run = words, run
        self._own = {book.name: _own_article(book) for book in run.notebooks if book.article is not None}
        self._articles = {article.article: article for article in (*articles(), *self._own.values())}
        self._books = self._read_books()
        self._verdicts = self._recomputed()
        self._chapter_of = {article.article: name for name, article in self._own.items()}
        self._inputs = {name: self._inputs_of(article) for name, article in self._articles.items()}
        self._counterparts = self._paired()
        self._by_key = {key: self._claim(key) for key in run.rows}
        self.claims = list(self._by_key.values())
        self.chapters = [self._chapter(place, notebook) for place, notebook in enumerate(run.notebooks, 1)]

    # ------------------------------------------------------------------------- what is known
    def _read_books(self) -> dict[str, PriceBook]:
        """By article, its prices in this run."""
        article = PriceBook.article()
        given = {key: value for key, value in self.run.prices.items() if value != article[key]}
        books = {packaged.article: self._with(article, given) for packaged in articles()}
        for notebook in self.run.notebooks:
            if own := self._own.get(notebook.name):
                books[own.article] = self._with(_theirs(own), notebook.assigned)
        return books

    def _with(self, book: PriceBook, given: Mapping[str, float]) -> PriceBook:
        """Put the prices of this run into a book: as quotes, where prices.csv has their source."""
        quotes = [self.run.quotes[key] for key in given if key in self.run.quotes]
        without = {key: value for key, value in given.items() if key not in self.run.quotes}
        return book.with_quotes(quotes, "").override(without)

    def _recomputed(self) -> dict[Key, Verdict]:
        """Compute every claim again, and compare it with what the notebooks show."""
        rows = self.run.rows
        computed = {
            (verdict.article, verdict.claim.id): verdict
            for together in (list(articles()), *([own] for own in self._own.values()))
            for verdict in verdicts(self._books[together[0].article], together)
        }
        for key, row in rows.items():
            problem = "unknown now"
            if key in computed:
                now = computed[key].row()
                ignored = ("scenario",) if self._is_of_first(key) else OF_A_SCENARIO
                differ = [name for name in COLUMNS if name not in ignored and now[name] != row[name]]
                if not differ:
                    continue
                problem = f"{differ[0]}: then {row[differ[0]][:60]!r}, now {now[differ[0]][:60]!r}"
            raise InputError(
                f"{row['notebook']}.ipynb: executed with another version of costcheck or of its data "
                f"({row['id']}, {problem}); costcheck run executes it again"
            )
        return {key: computed[key] for key in rows}

    def _is_of_first(self, key: Key) -> bool:
        """Return whether a claim is in the scenario that is shown, if there are several."""
        return not self.run.scenarios or key in self.run.scenarios[0].at_your_prices

    def _paired(self) -> dict[Key, tuple[Key, bool]]:
        """By claim, the same one in another article, and whether this one is the original."""
        counterparts: dict[Key, tuple[Key, bool]] = {}
        for original, translation, paired in pairs(list(self._articles.values())):
            for here, there in paired:
                if here and there:
                    keys = (original.article, here.id), (translation.article, there.id)
                    if all(key in self._verdicts for key in keys):
                        counterparts[keys[0]], counterparts[keys[1]] = (keys[1], True), (keys[0], False)
        return counterparts

    # ------------------------------------------------------------------------- claims
    def _anchor(self, key: Key) -> str:
        # ids of articles of one's own may be those of others: no id and no name has a full stop
        return key[1] if is_packaged(self._articles[key[0]]) else f"{key[0]}.{key[1]}"

    def _claim(self, key: Key) -> Claim:
        verdict, article = self._verdicts[key], self._articles[key[0]]
        claim, unit = verdict.claim, verdict.claim.unit
        remarks: dict[str, list[str]] = {}
        for kind, remark in verdict.notes:
            remarks.setdefault(kind, []).append(remark)
        return Claim(
            anchor=self._anchor(key),
            article=article,
            chapter=self._chapter_of.get(key[0], claim.notebook),
            verdict=verdict,
            about=self.words.about(claim, article),
            recomputed=self.number(verdict.recomputed, unit),
            this_run=self.number(verdict.at_your_prices, unit) if self._is_of_first(key) else "",
            formula=signatures.described(claim.formula) if claim.formula else None,
            lines=tuple(self._inputs[key[0]].lines(claim.call or claim.fact)),
            remarks=remarks,
            counterpart=self._anchor(self._counterparts[key][0]) if key in self._counterparts else "",
        )

    def _inputs_of(self, article: Article) -> Inputs:
        ids = (id_ for name, id_ in self._verdicts if name == article.article)
        anchors = {id_: self._anchor((article.article, id_)) for id_ in ids}
        return Inputs(article, _theirs(article), self._books[article.article], anchors, self.words)

    def number(self, value: float | bool | str | None, unit: str | None) -> str:
        if isinstance(value, bool):
            return self.words("true" if value else "false")
        return readable(value, unit)

    # ------------------------------------------------------------------------- sections
    @property
    def of_package(self) -> bool:
        return not self._own

    @cached_property
    def prices(self) -> list[Price]:
        """The prices the notebooks take, then those that an article brings along or was given."""
        prices = [self._inputs[articles()[0].article].price(key) for key in self.run.prices]
        for notebook in self.run.notebooks:
            if own := self._own.get(notebook.name):
                listed = {price.key for price in prices}
                keys = dict.fromkeys([*own.prices, *notebook.assigned])
                prices += [
                    self._inputs[own.article].price(key)
                    for key in keys
                    if key in own.prices or key not in listed
                ]
        return prices

    @property
    def changed(self) -> list[Price]:
        return [price for price in self.prices if price.this_run]

    @property
    def scoreboard(self) -> Image | None:
        figures = (figure for notebook in self.run.notebooks for figure in notebook.figures)
        return next((image(figure) for figure in figures if figure.name == SCOREBOARD), None)

    def of_kind(self, *kinds: str) -> list[Claim]:
        return [claim for claim in self.claims if claim.kind in kinds]

    @property
    def premises(self) -> list[tuple[str, list[Claim]]]:
        """The claims whose premise is marked, by what it is marked as."""
        marked = [
            (premise, [claim for claim in self.claims if claim.verdict.premise == premise])
            for premise in (Premise.WRONG_CATEGORY, Premise.UNSUPPORTED)
        ]
        return [(premise, claims) for premise, claims in marked if claims]

    def _chapter(self, place: int, notebook: Executed) -> Chapter:
        own = self._own.get(notebook.name)
        title = re.sub(r"^\d+\.\s*", "", own.title if own else notebook.title)
        question = self.words.phrase(f"question_{'article' if own else notebook.name}")
        # the name of a file may be anything; a mere number is a place
        is_name = re.fullmatch("[A-Za-z0-9]+_[A-Za-z0-9_]+", notebook.name)
        return Chapter(
            anchor=f"chapter.{notebook.name if is_name else place}",
            name=notebook.name,
            title=self.words.phrase(f"chapter_{notebook.name}")
            or Phrase(title, own.language if own else ENGLISH),
            question=question or Phrase(self._prose(notebook.question), ENGLISH),
            finding=[self._prose(text) for text in notebook.finding],
            images=[image(figure) for figure in notebook.figures if figure.name != SCOREBOARD],
            has_scoreboard=any(figure.name == SCOREBOARD for figure in notebook.figures),
            claims=[claim for claim in self.claims if claim.chapter == notebook.name],
            failed=notebook.failed,
        )

    @cached_property
    def _markdown(self) -> MarkdownIt:
        from markdown_it import MarkdownIt

        markdown = MarkdownIt("commonmark", {"html": False}).disable("image")
        markdown.validateLink = _is_web  # type: ignore[assignment, method-assign]
        return markdown

    def _prose(self, text: str) -> Markup:
        """Make HTML of a notebook's Markdown, in which HTML is text and images are none."""
        from markupsafe import Markup

        # an entity may be a control character
        return Markup(visible(self._markdown.render(text)))  # noqa: S704 - it escapes what it is given

    @property
    def used_chapters(self) -> list[tuple[str, Phrase]]:
        """The chapters that claims belong to, in their order."""
        titles = {chapter.name: chapter.title for chapter in self.chapters}
        used = {claim.chapter for claim in self.claims}
        return [
            (name, titles.get(name) or self.words.phrase(f"chapter_{name}") or Phrase(name, ENGLISH))
            for name in [*sorted(used - titles.keys()), *(name for name in titles if name in used)]
        ]

    @property
    def used_articles(self) -> list[Article]:
        return list({claim.article.article: claim.article for claim in self.claims}.values())

    def article(self, article: Article, kind: str = "name") -> Phrase:
        """Name an article: by its ``name`` or ``short``."""
        known = self.words.phrase(f"{kind}_{article.article}") if is_packaged(article) else None
        return known or Phrase(article.title, article.language)

    @cached_property
    def pairs(self) -> list[Pair]:
        return [
            Pair(
                self._by_key[key],
                self._by_key[other],
                [what for what in self._verdicts[key].differences if what.startswith(f"{other[1]} ")],
            )
            for key, (other, is_original) in self._counterparts.items()
            if is_original
        ]

    @property
    def alone(self) -> list[Claim]:
        """The claims of articles that are compared, which only one of them has."""
        compared = {article for article, _ in self._counterparts}
        return [
            claim
            for key, claim in self._by_key.items()
            if key[0] in compared and key not in self._counterparts
        ]

    # ------------------------------------------------------------------------- scenarios
    @cached_property
    def moving(self) -> list[tuple[Claim, Moving]]:
        """The claims that move across the scenarios."""
        at_articles = {
            (verdict.article, verdict.claim.id): verdict.at_your_prices
            for verdict in verdicts(PriceBook.article(), list(self._articles.values()))
        }
        moved = []
        for key, claim in self._by_key.items():
            texts = [scenario.at_your_prices.get(key, "") for scenario in self.run.scenarios]
            names = [scenario.name for scenario in self.run.scenarios]
            unit = claim.verdict.claim.unit
            if (movement := moving(names, texts, unit, at_articles[key])) is not None:
                moved.append((claim, movement))
        return moved

    @property
    def changed_keys(self) -> list[str]:
        """The prices that are not the articles' in some scenario."""
        return list(dict.fromkeys(key for scenario in self.run.scenarios for key in scenario.prices))

    def scenario_price(self, scenario: Scenario, key: str) -> tuple[str, bool]:
        """Return a price of a scenario, empty where it is the articles', and whether it is unverified."""
        if key not in scenario.prices:
            return "", False
        value = self._inputs[articles()[0].article].value(scenario.prices[key])
        return value, key in scenario.quotes and scenario.quotes[key].unverified

    @property
    def this_run(self) -> str:
        """What to call the prices of the notebooks that are shown."""
        if self.run.scenarios:
            return self.words("in_scenario", name=self.run.scenarios[0].name)
        return self.words("this_run")


def _is_web(address: str) -> bool:
    # //host would be another machine's share for a page opened from disk
    return address.lower().startswith(("https://", "http://", "#"))


def _theirs(article: Article) -> PriceBook:
    return PriceBook.article().extended(article.own_quotes)


def _own_article(notebook: Executed) -> Article:
    """Read the article that a notebook shows: its text, or an example of the package."""
    text = notebook.article or ""
    if "\n" in text:
        return load([Text(text, f"{notebook.name}.ipynb, parameter article")])[0]
    try:
        return load([example(text)])[0]
    except InputError:
        raise InputError(
            f"{notebook.name}.ipynb: its article is in a file ({text[:80]!r}), and a report is made from "
            "notebooks alone; costcheck run --article puts the text into the notebook"
        ) from None
