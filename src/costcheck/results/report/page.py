"""The page: what a run found and what the package knows of each claim, as one file of HTML."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from costcheck import __version__
from costcheck.claims import Article, Verdict, articles, load, verdicts
from costcheck.claims.kinds_and_colours import LOOKS, PREMISES, UNVERIFIED, Kind, Premise
from costcheck.claims.loading import Text, example
from costcheck.claims.printed import Hedge
from costcheck.claims.translations import differences, pairs
from costcheck.claims.verdict import COLUMNS, distinct, prices_of_its_day
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.results.executed import Key
from costcheck.results.report import ENGLISH
from costcheck.results.report.chapters import Executed, visible
from costcheck.results.report.inputs import Inputs, formulas_in, parts, unit_shown
from costcheck.results.report.run_folder import OF_A_SCENARIO, Run
from costcheck.results.report.story import Story, largest_first
from costcheck.results.report.words import Phrase, Words
from costcheck.text.numbers import multiple, readable

HERE = Path(__file__).parent
SCOREBOARD = "scoreboard"
"""The figure beside the counts."""
HEADLINES = ("training_and_running", "entry_ticket", SCOREBOARD)
"""The figures of which the first in a run is at the page's head; else it is any first one."""
GROUPS = ("good", "misplaced", "bad", "fair", "unknown")
"""What claims are counted by: the tone of their verdict, with what is right but the wrong thing apart."""
ADDRESS = re.compile(r"(https?://)?([a-z0-9-]+\.)+[a-z]{2,}(/[^\s<>\"']*)?", re.IGNORECASE)
WIDTH, EDGE = 180, 6
"""Of the drawing of a spread, which the template makes [px]."""


class Claim:
    """A claim as the page shows it."""

    def __init__(self, page: _Page, key: Key) -> None:
        self.verdict, self.article = page.verdicts[key], page.articles[key[0]]
        claim, words = self.verdict.claim, page.words
        self.look = self.verdict.arithmetic.look
        self.anchor = page.anchor(key)
        self.chapter = next((name for name, own in page.own.items() if own is self.article), claim.notebook)
        self.about = words.about(claim, self.article)
        figure = claim.figure
        # of true and false the verdict says as much
        is_number = not isinstance(self.verdict.recomputed, bool)
        # brackets are around what is no figure
        self.printed = "" if claim.printed[:1] in "([" else claim.printed
        self.recomputed = words.answer(self.verdict.recomputed, self.verdict.unit) if is_number else ""
        is_named = self.verdict.kind.is_mistake and self.article.is_packaged
        self.right = words.phrase(f"right_{claim.translates or claim.id}") if is_named else None
        ends = [figure.value, figure.high] if figure and figure.high is not None else claim.stated
        # of words that are read as a figure, the remarks say how
        is_stated = claim.is_printed or isinstance(ends, str)
        self.stated = words.answer(ends, claim.figure_unit or self.verdict.unit) if is_stated else ""
        if is_stated and figure and figure.hedge is not Hedge.EXACT:
            self.stated = words(f"hedge_{figure.hedge}".replace(" ", "_"), figure=self.stated)
        is_foreign = self.article.language != words.language
        self.gloss = self.stated if is_foreign and not claim.digits else ""
        is_misplaced = self.verdict.kind.is_right and self.verdict.premise is Premise.WRONG_CATEGORY
        self.group = "misplaced" if is_misplaced else self.look.tone
        of_first = page.is_of_first(key)
        self.this_run = words.answer(self.verdict.at_your_prices, self.verdict.unit) if of_first else ""
        self.yours = self.verdict.yours if of_first else None
        self.differs = self.verdict.flips and of_first
        self.formulas = formulas_in(claim.made_of)
        self.lines = page.inputs[key[0]].lines(claim.made_of)
        self.remarks: dict[str, list[str]] = {}
        for kind, remark in self.verdict.notes:
            if kind not in ("reading of", "otherwise", "quote"):  # which are in tables
                self.remarks.setdefault(kind, []).append(remark)
        others = [other for pair in page.pairs if key in pair for other in pair[:2] if other != key]
        self.counterpart = page.anchor(others[-1]) if others else ""


class Chapter:
    """A notebook as the page shows it."""

    def __init__(self, page: _Page, place: int, notebook: Executed) -> None:
        own, phrase = page.own.get(notebook.name), page.words.phrase
        self.name, self.failed = notebook.name, notebook.failed
        # the name of a file may be anything; a mere number is a place
        is_name = re.fullmatch("[A-Za-z0-9]+_[A-Za-z0-9_]+", self.name)
        self.anchor = f"chapter.{self.name if is_name else place}"
        title = re.sub(r"^\d+\.\s*", "", own.title if own else notebook.title)
        self.title = phrase(f"chapter_{self.name}") or Phrase(title, own.language if own else ENGLISH)
        question = phrase(f"question_{'article' if own else self.name}")
        self.question = question or Phrase(_prose(notebook.question))
        self.finding = list(map(_prose, notebook.finding))
        above = {id(page.headline): "top", id(page.scoreboard): "scoreboard"}
        self.images = [figure for figure in notebook.figures if id(figure) not in above]
        self.elsewhere = [above[id(figure)] for figure in notebook.figures if id(figure) in above]
        self.claims = [claim for claim in page.claims if claim.chapter == self.name]


@cache
def template() -> jinja2.Template:
    """Compile the page's template."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.undefined = jinja2.StrictUndefined
    return environment.get_template("report.html.jinja")


def html(run: Run, language: str) -> str:
    """Write the page in one of `costcheck.results.report.LANGUAGES`: equal runs give equal pages."""
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    page = _Page(run, Words(language))
    return template().render(
        page=page,
        t=page.words,
        language=language,
        style=style,
        script=script,
        digest=lambda text: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
        version=__version__,
        english=ENGLISH,
        looks=LOOKS,
        groups=GROUPS,
        premises=[str(premise) for premise in PREMISES],
        source_parts=parts,
        unit_shown=unit_shown,
    )


class _Page:
    """What the template asks for."""

    def __init__(self, run: Run, words: Words) -> None:
        self.words, self.run = words, run
        of_articles = [notebook for notebook in run.notebooks if notebook.article is not None]
        self.own = {notebook.name: _own_article(notebook) for notebook in of_articles}
        self.articles = {article.article: article for article in (*articles(), *self.own.values())}
        self._books = {article.article: self._at(article, run.prices) for article in articles()}
        for notebook in of_articles:
            own = self.own[notebook.name]
            self._books[own.article] = self._at(own, notebook.assigned)
        self.verdicts = self._recomputed()
        self.pairs = self._paired()
        self.inputs = {name: self._inputs_of(article) for name, article in self.articles.items()}
        self.by_key = {key: Claim(self, key) for key in run.rows}
        self.claims = list(self.by_key.values())
        every = distinct([claim.verdict for claim in self.claims], list(self.articles.values()))
        once = set(map(id, every))
        self.different = [claim for claim in self.claims if id(claim.verdict) in once]
        self.mistakes = largest_first(self.different)
        figures = [figure for notebook in run.notebooks for figure in notebook.figures]
        named = {figure.name: figure for figure in figures}
        wanted = HEADLINES[bool(run.scenarios) :]  # no price moves the first
        self.headline = next((named[name] for name in wanted if name in named), next(iter(figures), None))
        self.scoreboard = None if self.headline is named.get(SCOREBOARD) else named.get(SCOREBOARD)
        self.chapters = [Chapter(self, place, notebook) for place, notebook in enumerate(run.notebooks, 1)]
        self.prices = [self.inputs[articles()[0].article].price(key) for key in run.prices]
        for notebook in of_articles:
            own = self.own[notebook.name]
            listed = {price.name for price in self.prices} - own.prices.keys()
            keys = dict.fromkeys([*own.prices, *notebook.assigned])
            self.prices += [self.inputs[own.article].price(key) for key in keys if key not in listed]
        self.changed_keys = list(dict.fromkeys(key for scenario in run.scenarios for key in scenario.prices))
        self.moving = self._moving() if run.scenarios else []
        first = run.scenarios[0].name if run.scenarios else ""
        self.this_run = words("in_scenario", name=first) if first else words("this_run")
        alone = len(self.own) == len(self.chapters) == 1
        title = "title_of_own" if alone else "title_of_others" if self.own else "title_of_both"
        self.title = words(title, title=next((own.title for own in self.own.values()), ""))
        self.story = self._story()

    def _story(self) -> list[Markup]:
        story = Story(self.words, {claim.anchor: claim for claim in self.claims}, self.different)
        if self.run.scenarios:
            return story.of_scenarios(len(self.run.scenarios), self.moving)
        return (not self.own and story.of_the_two()) or (story.of_any() if self.claims else [])

    # ------------------------------------------------------------------------- what is known
    def _at(self, article: Article, given: Mapping[str, float]) -> PriceBook:
        """Return an article's book at prices of this run: as quotes, where prices.csv has their source."""
        quotes = self.run.quotes
        book = _theirs(article).with_quotes([quotes[key] for key in given if key in quotes], "")
        return book.override({key: value for key, value in given.items() if key not in quotes})

    def _recomputed(self) -> dict[Key, Verdict]:
        """Compute every claim again, and compare it with what the notebooks show."""
        computed = {
            (verdict.article, verdict.claim.id): verdict
            for together in (list(articles()), *([own] for own in self.own.values()))
            for verdict in verdicts(self._books[together[0].article], together)
        }
        for key, row in self.run.rows.items():
            now = computed[key].row() if key in computed else dict.fromkeys(COLUMNS, "")
            ignored = ("scenario",) if self.is_of_first(key) else OF_A_SCENARIO
            for name in COLUMNS[:-1]:  # remarks may be worded anew
                if name not in ignored and _comparable(name, now) != _comparable(name, row):
                    raise InputError(
                        f"{row['notebook']}.ipynb: executed with another version of costcheck or of its data "
                        f"({row['id']}, {name}: then {row[name][:60]!r}, now {now[name][:60]!r}); "
                        "costcheck run executes it again"
                    )
        return {key: computed[key] for key in self.run.rows}

    def is_of_first(self, key: Key) -> bool:
        """Return whether a claim is in the scenario that is shown, if there are several."""
        return not self.run.scenarios or key in self.run.scenarios[0].at_your_prices

    def _paired(self) -> list[tuple[Key, Key, list[str]]]:
        """List the claims of originals with those of translations, and what differs."""
        paired = []
        for original, here, translation, there in pairs(list(self.articles.values())):
            if here and there:
                keys = (original.article, here.id), (translation.article, there.id)
                if all(key in self.verdicts for key in keys):
                    paired.append((*keys, differences(here, there)))
        return paired

    def _inputs_of(self, article: Article) -> Inputs:
        anchors = {key[1]: self.anchor(key) for key in self.verdicts if key[0] == article.article}
        return Inputs(article, _theirs(article), self._books[article.article], anchors, self.words)

    # ------------------------------------------------------------------------- claims
    def anchor(self, key: Key) -> str:
        # ids of articles of one's own may be those of others: no id and no name has a full stop
        return key[1] if self.articles[key[0]].is_packaged else f"{key[0]}.{key[1]}"

    def of_group(self, group: str) -> list[Claim]:
        return [claim for claim in self.claims if claim.group == group]

    @staticmethod
    def address(article: Article) -> str:
        """Return what leads to an article on the web; nothing where its address is none."""
        known = ADDRESS.fullmatch(article.address)
        return f"{'' if known[1] else 'https://'}{article.address}" if known else ""

    def article(self, article: Article, kind: str = "name") -> Phrase:
        """Name an article: by its ``name`` or ``short``."""
        known = self.words.phrase(f"{kind}_{article.article}") if article.is_packaged else None
        return known or Phrase(article.title, article.language)

    def alone(self) -> list[Claim]:
        """List the claims of articles that are compared, which only one of them has."""
        paired = {key for pair in self.pairs for key in pair[:2]}
        compared = {article for article, _ in paired}
        return [claim for key, claim in self.by_key.items() if key[0] in compared and key not in paired]

    # ------------------------------------------------------------------------- scenarios
    def _moving(self) -> list[tuple[Claim, dict[str, Any]]]:
        """List the claims that move across the scenarios."""
        at_articles = {
            (verdict.article, verdict.claim.id): verdict.at_your_prices
            for verdict in verdicts(PriceBook.article(), list(self.articles.values()))
        }
        moved = []
        for key, claim in self.by_key.items():
            values = {scenario.name: scenario.at_your_prices.get(key, "") for scenario in self.run.scenarios}
            if movement := _movement(values, claim.verdict.unit, at_articles[key]):
                judged = [scenario.verdicts[key] for scenario in self.run.scenarios if values[scenario.name]]
                movement["holding"] = sum(text.startswith(Kind.HOLDS) for text in judged)
                movement["count"] = len(judged)
                moved.append((claim, movement))
        return moved


def _comparable(name: str, row: Mapping[str, str]) -> str:
    """Return a cell without what only prices.csv tells, and no notebook: that a price is unverified."""
    return row[name].removesuffix(UNVERIFIED) if name == OF_A_SCENARIO[-1] else row[name]


def _movement(texts: Mapping[str, str], unit: str | None, at_articles: float | None) -> dict[str, Any] | None:
    """Describe how a claim moves, by its value in each scenario: in words, and where its spread is drawn."""
    if len({*texts.values()} - {""}) < 2:
        return None
    values = {name: float(text) for name, text in texts.items() if text}
    at_low, at_high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    low, high = values[at_low], values[at_high]
    points = [*values.values(), *([] if at_articles is None else [at_articles])]
    scale: Callable[[float], float] = math.log if min(points) > 0 else float
    least, span = scale(min(points)), (scale(max(points)) - scale(min(points))) or 1.0
    places = [f"{EDGE + (WIDTH - 2 * EDGE) * (scale(point) - least) / span:.1f}" for point in points]
    return {
        "at_articles": readable(at_articles, unit),
        **{"low": readable(low, unit), "at_low": at_low, "high": readable(high, unit), "at_high": at_high},
        "times": multiple(high / low) if low > 0 else "",
        "spread": high / low if low > 0 else 0.0,
        "dots": list(dict.fromkeys(places[: len(values)])),
        "mark": "" if at_articles is None else places[-1],
        "by_scenario": [readable(values.get(name), unit) for name in texts],
    }


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).disable("image")
    # //host would be another machine's share for a page opened from disk
    web = ("https://", "http://", "#")
    markdown.validateLink = lambda url: url.lower().startswith(web)  # type: ignore[method-assign]
    return markdown


def _prose(text: str) -> Markup:
    """Make HTML of a notebook's Markdown, in which HTML is text and images are none."""
    # an entity may be a control character
    return Markup(visible(_markdown().render(text)))  # noqa: S704 - it escapes what it is given


def _theirs(article: Article) -> PriceBook:
    return prices_of_its_day(article).extended(article.own_quotes)


def _own_article(notebook: Executed) -> Article:
    """Read the article that a notebook shows: its text, or an example of the package."""
    text = notebook.article or ""
    if "\n" in text:
        return load([Text(text, f"{notebook.name}.ipynb, parameter article")])[0]
    try:
        return load([example(text)])[0]  # never a file that a notebook of somebody's names
    except InputError as error:
        raise InputError(
            f"{notebook.name}.ipynb: {error}; costcheck run ARTICLE.yaml puts in a text"
        ) from None
