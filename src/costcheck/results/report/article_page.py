"""An article's text with its figures marked, what does not add up first: a page that needs only itself."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from costcheck import __version__
from costcheck.claims.kinds_and_colours import HOLDS, OFF, Look
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.reading import INPUT, UNEXPLAINED, Reading
from costcheck.reading.marked import excerpt, headline, marked_lines, summary, why

STYLE = Path(__file__).with_name("report.css")
HEADS = ("Line", "Printed", "Verdict", "Recomputed", "Likely cause")


def marked_page(reading: Reading) -> str:
    """Write the page: equal readings give equal pages."""
    document, style = reading.document, STYLE.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    title = _safe(document.title or document.name)
    wrong = {number for number, verdict in reading.verdicts.items() if verdict.kind.is_mistake}
    counts = "".join(f'<p class="quiet">{_safe(sentence)}.</p>' for sentence in summary(reading))
    lead = f"<p><strong>{headline(reading)}.</strong></p>" if reading.figures else ""
    # first only where it says that there is nothing else
    sections = {} if reading.figures else {"In numbers": counts}
    sections |= {
        "What does not add up": _table(HEADS, _sums(reading, wrong)),
        "What adds up": _table(HEADS[:4], _sums(reading, reading.verdicts.keys() - wrong)),
        "The text": "".join(_text(reading)),
        "No sum found": _table(("Line", "Printed", "Where"), _alone(reading)),
        "Passed over": _table(
            ("Line", "Number", "Because"),
            (
                [
                    str(passed.line),
                    f'<span lang="{document.language}">{_safe(passed.printed)}</span>',
                    _safe(passed.why),
                ]
                for passed in reading.passed
            ),
        ),
        "In numbers": counts,
    }
    sections = {name: content for name, content in sections.items() if content}
    contents = "".join(f'<li><a href="#s{n}">{name}</a></li>' for n, name in enumerate(sections))
    shown = "\n".join(
        f'<section id="s{n}" aria-labelledby="h{n}"><h2 id="h{n}">{name}</h2>{content}</section>'
        for n, (name, content) in enumerate(sections.items())
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="costcheck {__version__}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div class="sheet">
<nav class="contents" aria-label="Contents"><p class="nav-title">Contents</p><ol>{contents}</ol></nav>
<main>
<header><h1 lang="{document.language}">{title}</h1>{lead}</header>
{shown}
<footer><p>Made by costcheck {__version__} from {_safe(document.name)}.</p></footer>
</main>
</div>
</body>
</html>
"""


def _safe(text: str) -> str:
    """Escape what is markup, and what a page would obey instead of showing it."""
    return html.escape(CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", text))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of cells that are HTML; nothing where it has no rows."""
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(
            f'<td data-label="{head}">{cell}</td>' if cell else '<td class="empty"></td>'
            for head, cell in zip(heads[1:], rest, strict=True)
        )
        + "</tr>"
        for first, *rest in rows
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return body and f'<table class="stack sums"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _sums(reading: Reading, numbers: Iterable[int]) -> Iterator[list[str]]:
    for number in sorted(numbers):
        verdict, cause = reading.verdicts[number], reading.drafted.links[number].cause
        look = verdict.arithmetic.look
        yield [
            f'<a id="sum{number}" href="#f{number}">{reading.figures[number].line}</a>',
            f'<span class="printed" lang="{reading.document.language}">{_safe(verdict.claim.printed)}</span>',
            f'<span class="chip v-{look.name}">{_sign(look)} {_safe(str(verdict.arithmetic))}</span>',
            _safe(why(reading, number)),
            *([_safe(verdict.cause or cause)] if verdict.kind.is_mistake else []),
        ]


def _alone(reading: Reading) -> Iterator[list[str]]:
    for number in reading.unexplained:
        figure, language = reading.figures[number], reading.document.language
        yield [
            f'<a href="#f{number}">{figure.line}</a>',
            f'<span class="printed" lang="{language}">{_safe(figure.figure.printed)}</span>',
            f'<span lang="{language}">{_safe(excerpt(reading, number))}</span>',
        ]


def _text(reading: Reading) -> Iterator[str]:
    if reading.figures:
        looks = [(HOLDS, "holds"), (OFF, "does not hold"), (INPUT, "input"), (UNEXPLAINED, "unexplained")]
        marks = " ".join(f'<mark class="v-{look.name}">{words}{_sign(look)}</mark>' for look, words in looks)
        yield f'<p class="legend">{marks}</p>'
    yield f'<div class="text" lang="{reading.document.language}">'
    within = False
    for line, parts in marked_lines(reading):
        is_row = parts[0][0].startswith("|")
        if is_row != within:
            yield '<div class="wide" tabindex="0"><table>' if is_row else "</table></div>"
            within = is_row
        if is_row and re.fullmatch(r"[-:| ]+", parts[0][0]):
            continue
        shown = "".join(
            _safe(words) if number is None else _marked(reading, words, number) for words, number in parts
        )
        if is_row:
            cells = [str(line), *shown.strip("| ").split("|")]
            yield f"<tr>{''.join(f'<td>{cell.strip()}</td>' for cell in cells)}</tr>\n"
        else:
            yield f'<p><span class="at">{line}</span>{shown}</p>\n'
    yield "</table></div></div>" if within else "</div>"


def _marked(reading: Reading, words: str, number: int) -> str:
    look = reading.look(number)
    # so ordered and joined, no line begins with the sign
    spoken = f'<span class="hidden" lang="en"> ({look.words})</span>'
    mark = (
        f'<mark id="f{number}" class="v-{look.name}">{_safe(words)}&#8288;{spoken}&#8288;{_sign(look)}</mark>'
    )
    return f'<a href="#sum{number}">{mark}</a>' if number in reading.verdicts else mark


def _sign(look: Look) -> str:
    return f'<span class="sign" aria-hidden="true">{look.mark}</span>'
