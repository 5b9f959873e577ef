"""The page: what a run found and what the package knows of each claim, put into one file of HTML."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from costcheck import __version__
from costcheck.claims import Article, Verdict, articles, load, verdicts
from costcheck.claims.kinds import LOOKS
from costcheck.claims.loading import Text, example
from costcheck.claims.translations import pairs
from costcheck.claims.verdict import COLUMNS, REMARKS
from costcheck.errors import InputError
from costcheck.formulas import signatures
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.results.report import ENGLISH
from costcheck.results.report.inputs import Inputs, Line, Origin, Part, parts, unit_shown
from costcheck.results.report.reading import (
    OF_A_SCENARIO,
    Executed,
    Found,
    Picture,
    Scenario,
    assigned,
    visible,
)
from costcheck.results.report.words import Said, Words, is_packaged
from costcheck.text.numbers import multiple, readable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    from costcheck.results.executed import Key

HERE = Path(__file__).parent
TEMPLATE, STYLE, SCRIPT = "report.html.jinja", "report.css", "report.js"
SCOREBOARD = "scoreboard"
"""The figure that stands at the page's head."""
GROUPS = {
    "holds": ("holds", "holds_unverified"),
    "not": ("close", "off", "wrong"),
    "unknown": ("not_computable",),
}
APART = ("holds_unverified", "close")
"""The kinds that a group's number in large type leaves out: they are said beside it."""
MARKED_PREMISES = ("wrong category", "unsupported")
MOST_SCENARIOS = 60
"""Scenarios whose values stand in a table of all."""
POINTS_TO_PIXELS = 4 / 3
POINTS = r"([0-9]{1,5}(?:\.[0-9]+)?)"
LONGEST_HEAD = 4000
"""Characters of a figure in which its size is looked for."""
SPREAD_WIDTH, SPREAD_EDGE = 180, 6
"""Of the drawing of a spread, which the template makes [px]."""


@dataclass(frozen=True)
class Shown:
    """A claim as the page shows it."""

    id: str
    anchor: str
    article: str
    chapter: str
    language: str
    printed: str
    about: Said
    kind: str
    verdict: str
    premise: str
    premise_said: str
    recomputed: str
    this_run: str
    this_run_unverified: bool
    where: str
    taken_as: str
    hedge: str
    formula: str
    summary: str
    formula_unit: str
    formula_source: tuple[Part, ...]
    lines: tuple[Line, ...]
    remarks: tuple[tuple[str, tuple[str, ...]], ...]
    counterpart: str
    row: Mapping[str, str]


@dataclass(frozen=True)
class Chapter:
    """A notebook as the page shows it."""

    anchor: str
    name: str
    title: Said
    question: Said
    finding: tuple[Markup, ...]
    pictures: tuple[Image, ...]
    has_scoreboard: bool
    claims: tuple[Shown, ...]
    failed: str


@dataclass(frozen=True)
class Image:
    """A figure as an image of HTML."""

    name: str
    address: Markup
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Pair:
    """A fact that two articles state."""

    original: Shown
    translation: Shown
    same: bool
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Price:
    """A price of the run."""

    key: str
    meaning: str
    unit: str
    value: str
    sources: tuple[tuple[Part, ...], ...]
    as_of: str
    unverified: bool
    this_run: str = ""
    origin: Origin | None = None
    """Where the run has it from, if it is not the article's."""


@dataclass(frozen=True)
class Moving:
    """A claim that is not the same in all scenarios."""

    claim: Shown
    at_articles: str
    low: str
    at_low: str
    high: str
    at_high: str
    times: str
    dots: tuple[str, ...]
    """Where each scenario lies across the drawing of the spread."""
    mark: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Scenarios:
    """How the claims move across scenarios."""

    scenarios: tuple[Scenario, ...]
    moving: tuple[Moving, ...]
    keys: tuple[str, ...]
    prices: tuple[tuple[tuple[str, bool], ...], ...]
    """Values, and whether they are unverified."""
    left_out: tuple[str, ...]
    """Those without an executed notebook."""
    lacking: tuple[tuple[str, str], ...]
    """Those that lack notebooks, and which."""


def written(found: Found, language: str, made_of: str) -> str:
    """Write the page.

    Args:
        found: As `costcheck.results.report.reading.read` gives it.
        language: One of `costcheck.results.report.LANGUAGES`.
        made_of: A hash of all that the page depends on, which it says at its head.

    Returns:
        HTML, the same for the same notebooks.

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
    page = _Page(found, Words(language))
    template = environment.get_template(TEMPLATE)
    # both are files of this package, and the policy names their hashes
    return template.render(
        page=page,
        t=page.words,
        language=language,
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
        made_of=made_of,
        english=ENGLISH,
        kinds=[look.name for look in LOOKS],
        groups=GROUPS,
        apart=APART,
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Page:
    """What the template asks for."""

    def __init__(self, found: Found, words: Words) -> None:
        self.words, self._found = words, found
        self._packaged = {article.article: article for article in articles()}
        self._own = {one.name: _own(one) for one in found.notebooks if one.article is not None}
        self._books = self._read_books()
        self._verdicts = self._computed()
        self._articles = {article.article: article for article in (*articles(), *self._own.values())}
        self._chapter_of = {article.article: name for name, article in self._own.items()}
        self._inputs = {name: self._inputs_of(article) for name, article in self._articles.items()}
        self._counterparts = self._paired()
        self.claims = [self._shown(key, row) for key, row in found.rows.items()]
        self._by_key = dict(zip(found.rows, self.claims, strict=True))
        self._markdown: MarkdownIt | None = None
        self.chapters = [self._chapter(place, one) for place, one in enumerate(found.notebooks, 1)]

    # ------------------------------------------------------------------------- what is known
    def _read_books(self) -> dict[str, PriceBook]:
        """By article, its prices in this run."""
        article = PriceBook.article()
        given = {key: value for key, value in self._found.prices.items() if value != article[key]}
        books = dict.fromkeys(self._packaged, self._with(article, given))
        for one in self._found.notebooks:
            if one.name in self._own:
                own = self._own[one.name]
                extended = article.extended(own.own_quotes)
                books[own.article] = self._with(extended, assigned(one))
        return books

    def _with(self, book: PriceBook, given: Mapping[str, float]) -> PriceBook:
        """Put the prices of this run into a book: as quotes, if it is known where they are from."""
        quotes = [self._found.used[key] for key in given if key in self._found.used]
        known = {quote.key for quote in quotes}
        return book.with_quotes(quotes, "").override(
            {key: value for key, value in given.items() if key not in known}
        )

    def _computed(self) -> dict[Key, Verdict]:
        """Compute every claim again, and hold what the notebooks say to it."""
        wanted = {article for article, _ in self._found.rows}
        of = [list(self._packaged.values())] if wanted & self._packaged.keys() else []
        of += [[own] for own in self._own.values()]
        computed = {
            (one.article, one.claim.id): one
            for some in of
            for one in verdicts(self._books[some[0].article], some)
        }
        for key, row in self._found.rows.items():
            now = computed[key].row() if key in computed else None
            apart = ("scenario",) if self._is_of_first(key) else OF_A_SCENARIO
            differs = next(
                (column for column in COLUMNS if now and column not in apart and now[column] != row[column]),
                "",
            )
            if now is None or differs:
                then = (
                    f"{differs}: then {row[differs][:60]!r}, now {now[differs][:60]!r}"
                    if now
                    else "unknown now"
                )
                raise InputError(
                    f"{row['notebook']}.ipynb: executed with another version of costcheck or of its data "
                    f"({row['id']}, {then}); costcheck run executes it again"
                )
        return {key: computed[key] for key in self._found.rows}

    def _is_of_first(self, key: Key) -> bool:
        """Say whether a claim is in the scenario that is shown, if there are several."""
        return not self._found.scenarios or key in self._found.scenarios[0].at_your_prices

    def _paired(self) -> dict[Key, tuple[Key, bool]]:
        """By claim, the one that says the same in another article."""
        found: dict[Key, tuple[Key, bool]] = {}
        for original, translation, paired in pairs(list(self._articles.values())):
            for one, other in paired:
                if one and other:
                    keys = (original.article, one.id), (translation.article, other.id)
                    if all(key in self._verdicts for key in keys):
                        found[keys[0]], found[keys[1]] = (keys[1], True), (keys[0], False)
        return found

    # ------------------------------------------------------------------------- claims
    def _anchor(self, key: Key) -> str:
        # ids of articles of one's own may be those of others: a full stop stands in no id and no name
        return key[1] if is_packaged(self._articles[key[0]]) else f"{key[0]}.{key[1]}"

    def _shown(self, key: Key, row: Mapping[str, str]) -> Shown:
        verdict, article = self._verdicts[key], self._articles[key[0]]
        claim, inputs = verdict.claim, self._inputs[key[0]]
        described = signatures.described(claim.formula) if claim.formula else None
        call = claim.call
        unit = claim.unit
        this_run = self.number(verdict.at_your_prices, unit) if self._is_of_first(key) else ""
        arguments = ", ".join(call.filled()) if call else ""
        is_hedged = claim.value is not None and claim.hedge != "exact"
        return Shown(
            id=claim.id,
            anchor=self._anchor(key),
            article=key[0],
            chapter=self._chapter_of.get(key[0], claim.notebook),
            language=article.language,
            printed=claim.printed,
            about=self.words.about(claim, article),
            kind=verdict.arithmetic.look.name,
            verdict=self.words.verdict(verdict.arithmetic),
            premise=verdict.premise or "",
            premise_said=self.words.premise(verdict.premise),
            recomputed=self.number(verdict.recomputed, unit),
            this_run=this_run,
            this_run_unverified=verdict.yours_unverified,
            where=claim.where,
            taken_as=self.number(claim.value, unit),
            hedge=self.words("hedge_" + str(claim.hedge).replace(" ", "_")) if is_hedged else "",
            formula=f"{claim.formula}({arguments})" if call else "",
            summary=described.summary if described else "",
            formula_unit=described.unit if described and described.unit not in ("A", "B", "C") else "",
            formula_source=parts(described.source) if described else (),
            lines=tuple(inputs.lines(claim.call or claim.fact)),
            remarks=_by_kind(verdict.notes),
            counterpart=self._anchor(self._counterparts[key][0]) if key in self._counterparts else "",
            row=row,
        )

    def _inputs_of(self, article: Article) -> Inputs:
        ids = (id_ for name, id_ in self._verdicts if name == article.article)
        anchors = {id_: self._anchor((article.article, id_)) for id_ in ids}
        yours = self._books[article.article]
        return Inputs(article, _theirs(article), yours, anchors, self.words)

    def number(self, value: float | bool | str | None, unit: str | None = None) -> str:
        """Write an answer for people."""
        if isinstance(value, bool):
            return self.words("true" if value else "false")
        return readable(value, unit)

    def remark(self, kind: str) -> str:
        """Name a kind of remark."""
        assert kind in REMARKS  # noqa: S101 - a kind without a name would be a fault of ours
        return self.words("remark_" + kind.replace(" ", "_"))

    # ------------------------------------------------------------------------- sections
    @property
    def title(self) -> str:
        """What the page is about."""
        return self.words("title_of_both" if self.of_package else "title_of_others")

    @property
    def of_package(self) -> bool:
        """Whether the page is of the package's articles alone."""
        return not self._own and all(key[0] in self._packaged for key in self._found.rows)

    @property
    def prices(self) -> list[Price]:
        """The prices the notebooks take, with those that an article brings along."""
        book, inputs = PriceBook.article(), self._inputs[articles()[0].article]
        found = [
            self._price(inputs, key, price_keys()[key].meaning, book, value)
            for key, value in self._found.prices.items()
        ]
        for one in self._found.notebooks:
            if one.name in self._own:
                own = self._own[one.name]
                theirs, yours = _theirs(own), self._books[own.article]
                keys = dict.fromkeys([*own.prices, *assigned(one)])
                known = {price.key for price in found}
                inputs = self._inputs[own.article]
                found += [
                    self._price(inputs, key, theirs.keys_known[key].meaning, theirs, yours[key])
                    for key in keys
                    if key not in known or key in own.prices
                ]
        return found

    def _price(self, inputs: Inputs, key: str, meaning: str, book: PriceBook, value: float) -> Price:
        quote = book.quote(key)
        return Price(
            key,
            meaning,
            unit_shown(quote.unit),
            inputs.value(quote.value),
            (inputs.source(quote.source),),
            quote.as_of,
            quote.unverified,
            inputs.value(value) if value != quote.value else "",
            inputs.origin(key) if value != quote.value else None,
        )

    @property
    def scoreboard(self) -> Image | None:
        """The figure at the head."""
        shown = (one for chapter in self._found.notebooks for one in chapter.pictures)
        return next((image(one) for one in shown if one.name == SCOREBOARD), None)

    def count(self, kinds: Sequence[str], apart: Sequence[str]) -> int:
        """Count the claims of some verdicts, but for those that are said apart."""
        return sum(len(self.of_kind(kind)) for kind in kinds if kind not in apart)

    def of_kind(self, kind: str) -> list[Shown]:
        """Return the claims of a verdict."""
        return [claim for claim in self.claims if claim.kind == kind]

    @property
    def premises(self) -> list[tuple[str, list[Shown]]]:
        """The claims whose premise is marked, by what it is marked as."""
        found = [
            (premise, [claim for claim in self.claims if claim.premise == premise])
            for premise in MARKED_PREMISES
        ]
        return [(premise, claims) for premise, claims in found if claims]

    def _chapter(self, place: int, one: Executed) -> Chapter:
        own = self._own.get(one.name)
        title = self.words.known(f"chapter_{one.name}") or Said(
            re.sub(r"^\d+\.\s*", "", own.title if own else one.title), own.language if own else ENGLISH
        )
        asked = self.words.known(f"question_{'article' if own else one.name}")
        return Chapter(
            # the name of a file may be anything; a mere number is a place
            anchor=f"chapter.{one.name if re.fullmatch('[A-Za-z0-9]+_[A-Za-z0-9_]+', one.name) else place}",
            name=one.name,
            title=title,
            question=asked or Said(self.prose(one.question), ENGLISH),
            finding=tuple(self.prose(text) for text in one.finding),
            pictures=tuple(image(picture) for picture in one.pictures if picture.name != SCOREBOARD),
            has_scoreboard=any(picture.name == SCOREBOARD for picture in one.pictures),
            claims=tuple(claim for claim in self.claims if claim.chapter == one.name),
            failed=one.failed,
        )

    def prose(self, text: str) -> Markup:
        """Make HTML of a notebook's Markdown, in which HTML is text and images are none."""
        from markupsafe import Markup

        if self._markdown is None:
            from markdown_it import MarkdownIt

            self._markdown = MarkdownIt("commonmark", {"html": False}).disable("image")
            # what stands for itself: //host would be another machine's share for a page opened from disk
            self._markdown.validateLink = _is_web  # type: ignore[assignment, method-assign]
        # a control may stand there as an entity as well
        return Markup(visible(self._markdown.render(text)))  # noqa: S704 - it escapes what it is given

    @property
    def used_chapters(self) -> list[tuple[str, Said]]:
        """The chapters that claims belong to, in their order."""
        titles = {chapter.name: chapter.title for chapter in self.chapters}
        names = dict.fromkeys(sorted(claim.chapter for claim in self.claims if claim.chapter not in titles))
        of_run = [name for name in titles if any(claim.chapter == name for claim in self.claims)]
        return [
            (name, titles.get(name) or self.words.known(f"chapter_{name}") or Said(name, ENGLISH))
            for name in [*names, *of_run]
        ]

    @property
    def used_articles(self) -> list[tuple[str, Said]]:
        """The articles of the claims."""
        return [(name, self.article(name)) for name in dict.fromkeys(claim.article for claim in self.claims)]

    def article(self, name: str, *, short: bool = False) -> Said:
        """Name an article."""
        article = self._articles[name]
        known = self.words.known(f"{'short' if short else 'name'}_{name}") if is_packaged(article) else None
        return known or Said(article.title, article.language)

    def details_of(self, name: str) -> str:
        """Say who published an article, when and where."""
        article = self._articles[name]
        known = (article.publisher, article.date, article.address)
        return ", ".join(said for said in known if said != "unknown")

    @property
    def pairs(self) -> list[Pair]:
        """The facts that two articles state."""
        return [
            Pair(
                self._by_key[key],
                self._by_key[other],
                not self._differences(key),
                tuple(self._differences(key)),
            )
            for key, (other, is_original) in self._counterparts.items()
            if is_original
        ]

    def _differences(self, key: Key) -> list[str]:
        other = self._counterparts[key][0][1]
        return [said for said in self._verdicts[key].differences if said.startswith(f"{other} ")]

    @property
    def alone(self) -> list[Shown]:
        """The claims of articles that are compared, which only one of them has."""
        compared = {article for article, _ in self._counterparts}
        return [
            claim
            for key, claim in self._by_key.items()
            if key[0] in compared and key not in self._counterparts
        ]

    # ------------------------------------------------------------------------- scenarios
    @property
    def scenarios(self) -> Scenarios | None:
        """How the claims move, where there are several scenarios."""
        several = self._found.scenarios
        if not several:
            return None
        keys = tuple(dict.fromkeys(key for one in several for key in one.prices))
        value = self._inputs[articles()[0].article].value
        moving = []
        for key, claim in self._by_key.items():
            texts = [one.at_your_prices.get(key, "") for one in several]
            if len({text for text in texts if text}) > 1:
                moving.append(self._moving(key, claim, texts))
        prices = tuple(
            tuple(
                (value(one.prices[key]), key in one.used and one.used[key].unverified)
                if key in one.prices
                else ("", False)
                for key in keys
            )
            for one in several
        )
        lacking = tuple((name, ", ".join(names)) for name, names in self._found.lacking.items())
        return Scenarios(several, tuple(moving), keys, prices, self._found.left_out, lacking)

    def _moving(self, key: Key, claim: Shown, texts: Sequence[str]) -> Moving:
        unit = self._verdicts[key].claim.unit
        values = {
            one.name: float(text) for one, text in zip(self._found.scenarios, texts, strict=True) if text
        }
        lowest, highest = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
        low, high = values[lowest], values[highest]
        base = self._at_articles[key]
        known = [*values.values(), *([base] if base is not None else [])]
        at = _positions(known)
        return Moving(
            claim,
            readable(base, unit),
            readable(low, unit),
            lowest,
            readable(high, unit),
            highest,
            multiple(high / low) if low > 0 else "",
            tuple(dict.fromkeys(at[: len(values)])),
            at[-1] if base is not None else "",
            tuple(readable(float(text), unit) if text else "" for text in texts),
        )

    @cached_property
    def _at_articles(self) -> dict[Key, float | None]:
        """What each claim is at the articles' own prices."""
        found = verdicts(PriceBook.article(), list(self._articles.values()))
        return {(one.article, one.claim.id): one.at_your_prices for one in found}

    @property
    def this_run(self) -> str:
        """How to call the prices of the notebooks that are shown."""
        if self._found.scenarios:
            return self.words("in_scenario", name=self._found.scenarios[0].name)
        return self.words("this_run")

    @property
    def this_run_short(self) -> str:
        """The same in a word or two."""
        return self.words("in_scenario_short" if self._found.scenarios else "this_run_short")

    @property
    def many_scenarios(self) -> bool:
        """Whether there are too many scenarios for a table of all values."""
        return len(self._found.scenarios) > MOST_SCENARIOS

    @property
    def changed(self) -> list[Price]:
        """The prices of the run that are not the articles'."""
        return [price for price in self.prices if price.this_run]


def _is_web(address: str) -> bool:
    return address.lower().startswith(("https://", "http://", "#"))


def _theirs(article: Article) -> PriceBook:
    return PriceBook.article().extended(article.own_quotes)


def _by_kind(notes: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    grouped: dict[str, list[str]] = {}
    for kind, said in notes:
        grouped.setdefault(kind, []).append(said)
    return tuple((kind, tuple(said)) for kind, said in grouped.items())


def _positions(values: Sequence[float]) -> list[str]:
    """Return where values lie between the lowest and the highest, on a logarithmic scale if there is one."""
    scaled = [math.log(value) for value in values] if min(values) > 0 else list(values)
    low, span = min(scaled), (max(scaled) - min(scaled)) or 1.0
    room = SPREAD_WIDTH - 2 * SPREAD_EDGE
    return [f"{SPREAD_EDGE + room * (value - low) / span:.1f}" for value in scaled]


def _own(notebook: Executed) -> Article:
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


def image(picture: Picture) -> Image:
    """Make an image of HTML of a figure: its address is the figure itself."""
    head = picture.svg[:LONGEST_HEAD].partition(">")[0]
    size = re.match(rf'<svg\b.*?\bwidth="{POINTS}pt" height="{POINTS}pt"', head, re.DOTALL)
    width, height = (round(float(each) * POINTS_TO_PIXELS) for each in size.groups()) if size else (0, 0)
    return Image(picture.name, _address(picture.svg), picture.alt, width, height)


QUOTED = {"%": "%25", "#": "%23", "'": "%27", "&": "%26", "\n": " "}
"""What cannot stand in an address between single quotation marks. Base64 would take half as much again."""


def _address(svg: str) -> Markup:
    from markupsafe import Markup

    for character, quoted in QUOTED.items():  # in a tenth of the time of str.translate
        svg = svg.replace(character, quoted)
    return Markup("data:image/svg+xml," + svg)  # noqa: S704 - it can end no attribute
