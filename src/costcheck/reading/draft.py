"""A draft of an article's claims, made of its figures and of what follows from what."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from costcheck.claims.article import Article, Claim, Stated
from costcheck.claims.checks import check
from costcheck.claims.loading import MOST_CLAIMS, article_id
from costcheck.claims.verdict import Verdict, shown, verdicts
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError
from costcheck.reading.derivations import Link
from costcheck.reading.documents import Document, date_of
from costcheck.reading.figures import Quantity

NO_SUM = "no sum found"
KEYS = (
    "id", "printed", "about", "where", "digits", "value", "high", "unit", "hedge", "reading", "sum",
    "not_checked",
)  # fmt: skip
"""Of a claim, as a draft writes them."""
LIKELY_CHANCE = 0.1
"""From here on a draft says that a sum may fit by chance."""
MOST_RIVALS = 2
LONGEST_TEXT = 120
"""Characters of a title, or of the headers of a cell."""
_SCALES = ("", " thousand", " million", " billion", " trillion", "万")
"""What a header may say that a figure is in."""
_FIGURE = re.compile(r"(?<![\w.])f(\d+)(?![\w(\[])")


@dataclass(frozen=True)
class Draft:
    """An article's claims as they were drafted; figures go by their number in the text, from 0.

    ``names`` are the ids of their claims, or the names by which they are given; ``again`` has the first of
    those that are printed again, ``lines`` where each is printed. Of the claims' ``order`` those with a sum,
    the ``links``, come first, and ``verdicts`` has what becomes of them.
    """

    article: Article
    links: Mapping[int, Link]
    names: Mapping[int, str]
    again: Mapping[int, int]
    lines: Mapping[int, str]
    order: Sequence[int]
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)


def drafted(document: Document, figures: Sequence[Quantity], links: Iterable[Link]) -> Draft:
    """Make claims of the figures of a text; a sum that `costcheck check` would refuse is left out."""
    chosen = {link.of: link for link in sorted(links, key=lambda link: link.of)}
    while True:
        draft = _drafted(document, figures, chosen)
        places = [at[1] for at, _ in check(draft.article) if at[0] == "claims" and len(at) > 1]
        refused = {draft.order[int(place)] for place in places} & draft.links.keys()
        if not refused:
            try:
                judged = verdicts(of=[draft.article])[: len(draft.links)]
                return replace(draft, verdicts=dict(zip(draft.order, judged, strict=False)))
            except InputError:  # such as a division by zero
                refused = {number for number in draft.links if _is_refused(draft, number)} or {*draft.links}
        chosen = {number: link for number, link in draft.links.items() if number not in refused}


def _is_refused(draft: Draft, number: int) -> bool:
    with contextlib.suppress(InputError):
        verdicts(of=[draft.article], ids={draft.names[number]})
        return False
    return True


def _drafted(document: Document, figures: Sequence[Quantity], chosen: Mapping[int, Link]) -> Draft:
    links: dict[int, Link] = {}
    given: dict[str, Stated] = {}
    names: dict[int, str] = {}
    again = _repeated(figures, chosen)
    for number, link in list(chosen.items())[:MOST_CLAIMS]:
        inputs = {again.get(place, place) for place in link.inputs} - chosen.keys() - names.keys()
        if number not in again and len(given) + len(inputs) <= MOST_CLAIMS:
            links[number] = link
            for place in sorted(inputs):
                name = names[place] = next(n for n in _names(document, figures[place]) if n not in given)
                given[name] = Stated(**_keys(figures[place], Stated))
    named, every = [*links, *names], range(len(figures))
    first = {_said(figures[number]): number for number in [*named, *every][::-1]}
    for number in sorted({*every} - {*named} - {*first.values()}):
        of = first[_said(figures[number])]
        again.setdefault(number, again.get(of, of))
    order = [*links, *sorted({*every} - {*named} - {*again})][:MOST_CLAIMS]
    names |= {number: f"A{place}" for place, number in enumerate(order, 1)}
    names |= {number: names[of] for number, of in again.items() if of in names}
    lines: dict[int, dict[str, None]] = {}
    for number, figure in enumerate(figures):
        lines.setdefault(again.get(number, number), {})[str(figure.line)] = None
    of_the_text = " of the text" * document.has_own_lines
    where = {
        number: f"line{'s' * (len(those) > 1)} {', '.join(those)}{of_the_text}"
        for number, those in lines.items()
    }
    claims = []
    for number in order:
        checked: dict[str, Any] = {"printed": _clean(figures[number].figure.printed), "not_checked": NO_SUM}
        if number in links:
            checked = _keys(figures[number], Claim) | {"sum": renamed(links[number].sum, names)}
        headers = ": ".join(filter(None, (_clean(figures[number].row), _clean(figures[number].column))))
        checked |= {"about": headers[:LONGEST_TEXT].strip(), "where": where[number]}
        claims.append(Claim(id=names[number], **checked))
    scheme, _, address = document.name.rpartition("://")
    article = Article(
        article=article_id(re.sub(r"\.\w{1,5}$", "", document.name.rpartition("/")[2]) or "draft"),
        title=_clean(document.title)[:LONGEST_TEXT] or _clean(document.name) or "untitled",
        language=document.language,
        date=date_of(document.text) or Article.date,
        address=_clean(address) if scheme else "",
        given=given,
        claims=claims,
    )
    return Draft(article, links, names, again, where, order)


def _repeated(figures: Sequence[Quantity], chosen: Mapping[int, Link]) -> dict[int, int]:
    """Return what only repeats a figure: its sum is that figure, the same, or wrong where that one holds."""
    again: dict[int, int] = {}
    first: dict[tuple[Any, ...], int] = {}
    right = {_said(figures[of]): of for of, link in [*chosen.items()][::-1] if not link.kind.is_mistake}
    same = {number: _FIGURE.fullmatch(link.sum) for number, link in chosen.items()}
    for number, match in same.items():
        said, is_mistake = _said(figures[number]), chosen[number].kind.is_mistake
        of = int(match[1]) if match else first.setdefault((said, chosen[number].sum), number)
        if is_mistake and said in right:
            of = right[said]
        elif match and (of >= len(figures) or _said(figures[of])[:2] != said[:2]):
            continue
        if of < number or not same.get(of):
            again[number] = of
    return {number: again.get(of, of) for number, of in again.items() if of != number}


def renamed(text: str, names: Mapping[int, str]) -> str:
    """Write a sum of figures as one of names.

    >>> renamed("f0 * f12 / 2", {0: "gpus", 12: "A1"})
    'gpus * A1 / 2'
    """
    return _FIGURE.sub(lambda number: names.get(int(number[1]), number[0]), text)


def _said(figure: Quantity) -> tuple[Any, ...]:
    """Return what is the same of two figures where one is the other printed again."""
    read = figure.figure
    return read.value, read.high, read.unit, "" if read.unit else _clean(read.printed)


def _clean(text: str) -> str:
    return " ".join(CONTROLS.sub("", text).split())


def _keys(quantity: Quantity, kind: type[Claim] | type[Stated]) -> dict[str, Any]:
    """Return the words, and what is needed beside them to be read as this figure, which mostly is nothing."""
    figure, is_claim, printed = quantity.figure, kind is Claim, _clean(quantity.figure.printed)
    keys: dict[str, Any]
    every = {"unit": figure.unit, "value": figure.value, "hedge": figure.hedge, "high": figure.high}
    for scale in _SCALES:
        words = {"printed": printed + scale}
        if is_claim and scale:
            words = {"printed": printed, "digits": printed + scale}
        for count in range(5 if is_claim else 2):
            keys = words | {key: value for key, value in list(every.items())[:count] if value is not None}
            with contextlib.suppress(InputError, ValueError):
                made = kind(**keys)
                read = made.figure
                fits = read and math.isclose(read.value, figure.value) and read.unit == figure.unit
                if read and fits and isinstance(made, Claim):
                    fits = (read.high, read.hedge) == (figure.high, figure.hedge) and made.is_printed
                if fits:
                    return keys
    keys = {"printed": printed, "unit": figure.unit, "value": figure.value}
    of_words = {"high": figure.high, "hedge": figure.hedge, "reading": "as the text has it"}
    return keys | of_words if is_claim else keys


def _names(document: Document, quantity: Quantity) -> Iterator[str]:
    """Propose names for a figure: its unit, with its row; of a mere number or share its row or its noun."""
    unit = quantity.figure.unit or "1"
    name, row = "" if unit in ("1", "percent", "times") else _slug(unit), _slug(quantity.row)
    if not name and document.language == "en":
        behind = document.text[quantity.end : quantity.end + 60]
        noun = re.match(r"[\s-]*(?:of (?:the |its |their )?)?([A-Za-z]{4,20})\b", behind)
        name = row or (_slug(noun[1]) if noun else "")
    yield from filter(None, (name, row and f"{row}_{name}".strip("_")))
    name = name or {"percent": "share", "times": "multiple"}.get(unit, "number")
    yield name
    yield from (f"{name}_{place}" for place in itertools.count(2))


def _slug(text: str) -> str:
    """Return a unit, or words, as a name.

    >>> _slug("USD/GPU-hour"), _slug("GPU"), _slug("token/s/GPU"), _slug("2 weeks"), _slug("每小时")
    ('usd_per_gpu_hour', 'gpus', 'tokens_per_s_per_gpu', 'n_2_weeks', '')
    """
    text = re.sub(r"^(GPU|GPU-hour|token|hour|day|year|parameter|request)(?=/|$)", r"\1s", text)
    name = re.sub(r"[^a-z0-9]+", "_", text.replace("/", " per ").lower()).strip("_")
    return "_".join((f"n_{name}" if name[:1].isdigit() else name).split("_")[:6])


def written(draft: Draft, name: str) -> str:
    """Write a draft as a file of claims."""
    made, derived = draft.article, len(draft.links)
    head = {key: getattr(made, key) for key in ("article", "title", "language", "address")}
    lines = [
        f"# A draft of the claims in {_clean(name)}. With a sum: {derived}; what they follow from: "
        f"{len(made.given)}; without a sum: {len(made.claims) - derived}.",
        "# Correct it: costcheck check gives the verdicts, costcheck new an example of what can stand here",
        *_yaml({key: text for key, text in head.items() if text}),
        f"date: {made.date}    # the first day that the text names",
    ]
    if made.date == Article.date:
        lines[-1] = "# date: YYYY-MM-DD    # of the article; without it, prices are those of July 2024"
    lines += ["given:    # what the article computes with"] * bool(made.given)
    for number, key in draft.names.items():
        if stated := made.given.get(key) if number not in draft.again else None:
            parts = {"is": stated.printed, "value": stated.value, "unit": stated.unit}
            parts = {part: value for part, value in parts.items() if value is not None}
            text = _yaml({key: parts}, flow=None) if len(parts) > 1 else _yaml({key: stated.printed})
            lines.append(f"  {text[0]}    # {draft.lines[number]}")
    lines.append("claims:")
    for number, claim in zip(draft.order, made.claims, strict=True):
        parts = {key: part for key in KEYS if (part := getattr(claim, key)) not in (None, "")}
        if claim.hedge:
            parts["hedge"] = str(claim.hedge)
        if claim.sum:
            lines += ["  " + line for line in _yaml([parts])]
            lines += [f"    # {_clean(doubt)}" for doubt in _doubts(draft, number)]
            continue
        if number == draft.order[derived]:
            lines.append("  # These have no sum: write one, move what is an input to given, or delete it.")
        lines.append("  - " + _yaml(parts, flow=True)[0])
    return "\n".join([*lines, ""])


def _doubts(draft: Draft, number: int) -> Iterator[str]:
    """Yield what speaks against a sum: the figure is not what it comes to, chance explains it, rivals."""
    link, verdict = draft.links[number], draft.verdicts[number]
    if verdict.kind.is_mistake:
        cause = verdict.cause or link.cause
        steps = verdict.steps or shown(verdict.recomputed, verdict.unit)
        yield f"{verdict.arithmetic}: {steps}" + f"; likely cause: {cause}" * bool(cause)
    if link.chance >= LIKELY_CHANCE:
        yield f"{link.chance:.0%} of such sums fit by chance"
    if fitting := [rival for rival in link.rivals if rival.kind.is_right]:
        rivals = (renamed(rival.sum, draft.names) for rival in fitting[:MOST_RIVALS])
        yield f"or sum: {' or '.join(rivals)}"


def _yaml(value: object, *, flow: bool | None = False) -> list[str]:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    options: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 10**6}
    text: str = yaml.dump(value, Dumper=dumper, default_flow_style=flow, **options)
    return text.rstrip("\n").split("\n")
